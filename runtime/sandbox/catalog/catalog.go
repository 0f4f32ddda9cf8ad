// Package catalog holds the definitions of the tables and entities that the
// twins serve: what a real environment would answer on its metadata endpoints.
//
// The types are the twins' own. They are deliberately not those of lang/schema,
// so that a misreading of the protocol cannot hide on both ends of the wire.
package catalog

import (
	"fmt"
	"slices"
)

// Catalog is everything that the two twins know about their schemas.
type Catalog struct {
	Tables   []Table  // Dataverse
	Entities []Entity // F&O
	Enums    []Enum   // F&O enum types
}

// Table is a Dataverse table as EntityDefinitions describes it.
type Table struct {
	LogicalName           string // "account"
	SchemaName            string // "Account"
	EntitySet             string // "accounts"
	PrimaryID             string // "accountid"
	PrimaryName           string // "name"
	Ownership             string // "UserOwned", "OrganizationOwned", "BusinessOwned", "None"
	ChangeTracking        bool
	OptimisticConcurrency bool
	Messages              []string // bulk messages the table offers: "CreateMultiple", "UpdateMultiple"
	Columns               []Column
	Keys                  []Key
}

// Column is an attribute of a Dataverse table.
type Column struct {
	LogicalName      string
	SchemaName       string
	Type             string // AttributeTypeName.Value: "StringType", "MoneyType", "LookupType", ...
	MaxLength        int    // characters; 0 where the type has none
	Precision        int    // decimals of DecimalType, MoneyType, DoubleType
	Min, Max         string // decimal text, "" where unbounded
	DateTimeBehavior string // "UserLocal", "DateOnly", "TimeZoneIndependent"
	Required         string // "None", "Recommended", "ApplicationRequired", "SystemRequired"
	Create           bool   // valid for create
	Update           bool   // valid for update
	Read             bool   // valid for read
	Options          []Option
	Targets          []Target // of lookups; more than one makes it polymorphic
	Cascade          bool     // of lookups: a row goes when its target is deleted; else the lookup is cleared
	Assumed          string   // "" where a fact gives the column, else what a probe would ask
}

// Option is one value of a choice, state, status or two-option column.
type Option struct {
	Value int
	Label string
	State int // of status options: the state it belongs to
}

// Target is one table that a lookup column may point at.
type Target struct {
	Table              string // logical name
	NavigationProperty string // as written before "@odata.bind"
}

// Key is an alternate key of a Dataverse table.
type Key struct {
	LogicalName string
	Columns     []string
	Status      string // "Active", "Pending", "InProgress", "Failed"
	Assumed     string
}

// Entity is an F&O public data entity.
type Entity struct {
	Name            string   // public entity name: "CustomerV3"
	EntitySet       string   // public collection name: "CustomersV3"
	AOT             string   // "CustCustomerV3Entity"
	Label           string   // "Customers V3"
	Key             []string // key properties in order; dataAreaId first where company-specific
	CompanySpecific bool
	Sources         int  // number of data sources: pairs in the ETag
	NoPackages      bool // not offered by data management
	Properties      []Property
}

// Property is a field of an F&O entity.
type Property struct {
	Name              string
	Type              string // "Edm.String", "Edm.Int32", "Edm.Int64", "Edm.Decimal", "Edm.DateTimeOffset", "Edm.Guid", or the name of an Enum
	Date              bool   // DateTimeOffset that is an X++ date: always noon UTC
	MaxLength         int    // 0 unknown
	Mandatory         bool
	AllowEdit         bool
	AllowEditOnCreate bool
	Modified          bool      // the service keeps the time of the last write in it
	Related           *Relation // foreign key checked on write
	Assumed           string    // "" where a fact gives the property, else what a probe would ask
}

// Relation says in which entity a foreign key value must exist. Where both
// entities are company-specific the row of the same company is meant.
type Relation struct {
	EntitySet string
	Property  string
	Label     string // of the related table, as it stands in the infolog
	Cascade   bool   // a row goes when its target is deleted; else the target cannot be
}

// ModifiedDateTime is the field of F&O's tables that says when a record was
// last written. An entity shows it where its maker has added it.
const ModifiedDateTime = "ModifiedDateTime"

// WithModifiedTimes extends entity sets by the field ModifiedDateTime, as
// people do in F&O. It fails for a set that the catalog does not have.
func (c *Catalog) WithModifiedTimes(sets []string) error {
	for _, name := range sets {
		at := slices.IndexFunc(c.Entities, func(e Entity) bool { return e.EntitySet == name })
		if at < 0 {
			return fmt.Errorf("F&O has no entity set %q to show modified times of", name)
		}
		e := &c.Entities[at]
		if !slices.ContainsFunc(e.Properties, func(p Property) bool { return p.Name == ModifiedDateTime }) {
			e.Properties = append(slices.Clone(e.Properties), Property{Name: ModifiedDateTime, Type: "Edm.DateTimeOffset", Modified: true})
		}
	}
	return nil
}

// Enum is an F&O enum type.
type Enum struct {
	Name    string
	Members []Member
}

// Member is one symbol of an enum.
type Member struct {
	Name  string
	Value int
}
