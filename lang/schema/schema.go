// Package schema describes tables and entities of both sides as their metadata
// endpoints give them, and the snapshot file that is committed beside the maps.
package schema

import (
	"slices"

	"github.com/dualwrite/dw/lang/value"
)

// Catalog is the metadata of just the tables and entities that a configuration
// names, of both sides.
type Catalog struct {
	FnO       []Table   `json:"fno"`               // sorted by Set
	Dataverse []Table   `json:"dataverse"`         // sorted by Set
	Enums     []Enum    `json:"enums"`             // F&O enum types, sorted by Name
	Unknown   []Unknown `json:"unknown,omitempty"` // names that a side does not have

	// Registered is what else reacts to the rows of Dataverse tables, sorted by
	// table; none where nothing does, or it is not known.
	Registered []Registered `json:"registered,omitempty"`

	// Companies are the codes of F&O's legal entities, sorted; none where they
	// are not known.
	Companies []string `json:"companies,omitempty"`
}

// Unknown is a set that the configuration names and a side does not have.
type Unknown struct {
	Side    value.Side `json:"side"`
	Name    string     `json:"name"`
	Similar string     `json:"similar,omitempty"` // the existing set most like it
}

// Registered is what is registered on a Dataverse table beside dw.
type Registered struct {
	Table          string   `json:"table"`                     // logical name
	DuplicateRules []string `json:"duplicate_rules,omitempty"` // names of published duplicate detection rules, sorted
	Steps          []Step   `json:"steps,omitempty"`           // enabled synchronous plug-in steps of others than Microsoft, sorted by name
}

// Step is a plug-in that runs inside the writes of rows.
type Step struct {
	Name    string   `json:"name"`
	Message string   `json:"message"`           // "Create", "Update", "Delete"
	Columns []string `json:"columns,omitempty"` // whose update runs it, sorted; none: any
	Tag     bool     `json:"tag,omitempty"`     // its registration speaks of the tag that dw's writes carry
}

// Table is one F&O entity or Dataverse table.
type Table struct {
	Side                  value.Side `json:"side"`
	Set                   string     `json:"set"`              // entity set: "CustomersV3", "accounts"
	Name                  string     `json:"name"`             // "CustomerV3"; logical name "account"
	SchemaName            string     `json:"schema,omitempty"` // Dataverse: "Account"
	AOT                   string     `json:"aot,omitempty"`    // F&O: name of the entity in the application, "CustCustomerV3Entity"; events use it
	Label                 string     `json:"label,omitempty"`
	Kind                  TableKind  `json:"kind,omitempty"`         // Dataverse: how rows are kept; "" in tables of its own database
	PrimaryID             string     `json:"primary_id,omitempty"`   // Dataverse: "accountid"
	PrimaryName           string     `json:"primary_name,omitempty"` // Dataverse
	Ownership             string     `json:"ownership,omitempty"`    // Dataverse: "UserOwned", "OrganizationOwned", ...
	Key                   []string   `json:"key,omitempty"`          // F&O: all key fields, dataAreaId included
	Keys                  []Key      `json:"keys,omitempty"`         // Dataverse: alternate keys
	CompanySpecific       bool       `json:"company_specific,omitempty"`
	ReadOnly              bool       `json:"read_only,omitempty"`
	NoPackages            bool       `json:"no_packages,omitempty"` // F&O: data management does not offer the entity
	ChangeTracking        bool       `json:"change_tracking,omitempty"`
	OptimisticConcurrency bool       `json:"optimistic_concurrency,omitempty"`
	Messages              []string   `json:"messages,omitempty"` // Dataverse: bulk messages offered
	Fields                []*Field   `json:"fields"`             // sorted by Name; tables share those that are equal, so that nobody writes to one
}

// TableKind says how a Dataverse table keeps its rows.
type TableKind string

// The kinds of tables that have no row versions.
const (
	KindVirtual TableKind = "virtual" // rows lie in another system
	KindElastic TableKind = "elastic" // rows lie in a store beside the database
)

// Key is an alternate key of a Dataverse table.
type Key struct {
	Name    string   `json:"name"`
	Columns []string `json:"columns"`
	Status  string   `json:"status"` // "Active", "Pending", "InProgress", "Failed"
}

// Field is a column of a table or a property of an entity.
type Field struct {
	Name      string   `json:"name"`
	Type      Type     `json:"type"`
	Enum      string   `json:"enum,omitempty"`       // F&O: enum type of Type Enum
	MaxLength int      `json:"max_length,omitempty"` // characters; 0 unknown or none
	Scale     *int     `json:"scale,omitempty"`      // decimals kept; nil unknown
	Min       string   `json:"min,omitempty"`        // decimal text
	Max       string   `json:"max,omitempty"`
	DateOnly  bool     `json:"date_only,omitempty"` // a Time field that carries a day, not a moment
	Zoneless  bool     `json:"zoneless,omitempty"`  // Dataverse: a Time field that shows every reader the same hour, whatever their time zone
	Money     bool     `json:"money,omitempty"`     // Dataverse: an amount in a currency, of at most MoneyScale decimals
	Source    Source   `json:"source,omitempty"`    // Dataverse: what makes the value where people and programs do not; "" unknown or nothing
	Options   []Option `json:"options,omitempty"`   // Dataverse choices
	Targets   []Target `json:"targets,omitempty"`   // Dataverse lookups
	Required  bool     `json:"required,omitempty"`  // the server refuses a record without it
	OnCreate  bool     `json:"on_create"`           // may be written on create
	OnUpdate  bool     `json:"on_update"`           // may be written on update
	Readable  bool     `json:"readable"`
	IsKey     bool     `json:"is_key,omitempty"`
}

// MoneyScale is the number of decimals that a column of money keeps at most
// (Dataverse column documentation, currency columns).
const MoneyScale = 4

// Source is what makes the values of a Dataverse column.
type Source string

// The sources of values that the server makes.
const (
	SourceCalculated Source = "calculated" // from other columns, when the row is read
	SourceRollup     Source = "rollup"     // from other rows, by a job every few hours
	SourceFormula    Source = "formula"    // from other columns and rows, when the row is read
	SourcePrompt     Source = "prompt"     // by a language model
	SourceCurrency   Source = "currency"   // another column in the currency of the organisation
	SourceNumber     Source = "number"     // the next number of a sequence, where a new row comes without
)

// Type is the type of a field as its system knows it.
type Type string

// The types of both sides.
const (
	TypeText    Type = "text"
	TypeInteger Type = "integer"
	TypeDecimal Type = "decimal" // F&O real; Dataverse decimal, money and double
	TypeBool    Type = "bool"
	TypeTime    Type = "time"    // a moment, or a day where DateOnly
	TypeEnum    Type = "enum"    // F&O
	TypeChoice  Type = "choice"  // Dataverse choice, state, status
	TypeChoices Type = "choices" // Dataverse multi-select
	TypeLookup  Type = "lookup"  // Dataverse
	TypeGuid    Type = "guid"
	TypeOther   Type = "other" // file, image, container: cannot be mapped
)

// Option is one value of a choice.
type Option struct {
	Value int64  `json:"value"`
	Label string `json:"label,omitempty"`
}

// Target is a table that a lookup may point at.
type Target struct {
	Table      string `json:"table"`             // logical name
	Set        string `json:"set"`               // entity set of that table
	Navigation string `json:"navigation"`        // navigation property, in its own case
	Cascade    bool   `json:"cascade,omitempty"` // a row is deleted with the row that it refers to
}

// Enum is an F&O enum type.
type Enum struct {
	Name    string   `json:"name"` // without namespace: "NoYes"
	Members []Member `json:"members"`
}

// Member is a symbol of an F&O enum. Value 0 is what F&O uses for nothing.
type Member struct {
	Name  string `json:"name"`
	Value int64  `json:"value"`
}

// Within gives the part of a catalog that another one covers too: its tables
// and enums. Names that a side does not have are left out.
func (c Catalog) Within(other Catalog) Catalog {
	out := Catalog{Companies: c.Companies}
	for _, r := range c.Registered {
		if slices.ContainsFunc(other.Dataverse, func(t Table) bool { return t.Name == r.Table }) {
			out.Registered = append(out.Registered, r)
		}
	}
	for _, t := range c.FnO {
		if hasTable(other.FnO, t.Set) {
			out.FnO = append(out.FnO, t)
		}
	}
	for _, t := range c.Dataverse {
		if hasTable(other.Dataverse, t.Set) {
			out.Dataverse = append(out.Dataverse, t)
		}
	}
	for _, e := range c.Enums {
		if slices.ContainsFunc(other.Enums, func(x Enum) bool { return x.Name == e.Name }) {
			out.Enums = append(out.Enums, e)
		}
	}
	return out
}

// Lacking names the tables of a catalog that another one does not have.
func (c Catalog) Lacking(other Catalog) []string {
	var out []string
	for _, t := range c.FnO {
		if !hasTable(other.FnO, t.Set) {
			out = append(out, t.Set)
		}
	}
	for _, t := range c.Dataverse {
		if !hasTable(other.Dataverse, t.Set) {
			out = append(out, t.Set)
		}
	}
	return out
}

func hasTable(tables []Table, set string) bool {
	return slices.ContainsFunc(tables, func(t Table) bool { return t.Set == set })
}
