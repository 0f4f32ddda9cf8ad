// Package contract renders what Dynamics posts about a change: values of the
// RemoteExecutionContext in DataContract JSON (Dataverse developer
// documentation, "Use webhooks" and its samples).
package contract

import (
	"fmt"
	"time"
)

const namespace = ":http://schemas.microsoft.com/xrm/2011/Contracts"

// Attribute is a key with a value. The value is nil, a string, bool, number, or
// one of this package's types.
type Attribute struct {
	Key   string `json:"key"`
	Value any    `json:"value"`
}

// Typed is a choice or an amount of money.
type Typed struct {
	Type  string `json:"__type"`
	Value any    `json:"Value"`
}

// Choice makes the value of a choice column.
func Choice(n int64) Typed { return Typed{"OptionSetValue" + namespace, n} }

// Money makes an amount of a money column.
func Money(amount any) Typed { return Typed{"Money" + namespace, amount} }

// Reference is a lookup, or the target of a deletion.
type Reference struct {
	Type          string      `json:"__type,omitempty"`
	ID            string      `json:"Id"`
	KeyAttributes []Attribute `json:"KeyAttributes"`
	LogicalName   string      `json:"LogicalName"`
	Name          *string     `json:"Name"`
	RowVersion    *string     `json:"RowVersion"`
}

// NewReference makes a reference to a row.
func NewReference(table, id string) Reference {
	return Reference{Type: "EntityReference" + namespace, ID: id, KeyAttributes: []Attribute{}, LogicalName: table}
}

// EntityType is the "__type" of a record.
const EntityType = "Entity" + namespace

// Date renders a moment as DataContract JSON does.
func Date(t time.Time) string { return fmt.Sprintf("/Date(%d)/", t.UnixMilli()) }
