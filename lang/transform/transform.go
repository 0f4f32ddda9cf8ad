// Package transform compiles a map and the schema of its two tables into
// functions over slot-indexed records.
package transform

import (
	"fmt"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

// Projection is the columns of one table that a compiled map reads, in the
// order in which a record's values lie.
type Projection struct {
	Table   *schema.Table
	Columns []*schema.Field
}

// Index gives the place of a column by its name in any case, or -1.
func (p *Projection) Index(name string) int { return p.index(name) }

// Compiled is a map ready to run. It is immutable and safe for use by many
// goroutines. Build one with Compile.
type Compiled struct {
	Map       *model.Map
	FnO       Projection // every mapped, key, company and filter field
	Dataverse Projection
	Slots     []Slot
	Key       []int // slots of the integration key, the company's first where there is one
	Company   int   // slot of the company; -1 for a global map
	Constants map[value.Side][]Constant
	// CreatesOn tells on which sides dw may create records.
	CreatesOn map[value.Side]bool

	filters   filters
	lookups   []int           // slots with a Lookup
	companies map[string]bool // in scope, as written and folded
	writes    [4]writes       // by writesIndex
}

// Slot is one mapped field: one F&O field and one Dataverse column.
type Slot struct {
	Name      string // model.Field.Name; the company's is the company path
	Field     *model.Field
	FnO       int // index into Compiled.FnO.Columns
	Dataverse int // index into Compiled.Dataverse.Columns
	Direction model.Direction
	Master    value.Side
	OnCreate  bool // written only when the record is created
	IsKey     bool
	Lookup    *Lookup // nil where the Dataverse column is no reference

	forward, backward step
	key               func(r *Record, v value.Value) (string, error) // lookups: the key that F&O's value stands for
	plain             bool                                           // text to text, nothing to translate
	zero              string                                         // symbol that means nothing; "" where none does
	storedZero        string                                         // symbol that F&O stores for nothing
	emptyNamed        bool                                           // the value map names the empty text
	zeroIsNothing     bool                                           // the number 0 means nothing
	noIsNothing       bool                                           // No equals a truth value that was never set
}

// Constant is a value that one side gets from the map.
type Constant struct {
	Field    *schema.Field
	Value    value.Value
	OnCreate bool // never written again after the create
}

// Lookup says how a reference is resolved.
type Lookup struct {
	Table         string   // logical name of the target
	Set           string   // its entity set
	PrimaryID     string   // its id column
	KeyColumn     string   // the column that holds the key as F&O knows it
	CompanyColumn string   // the target's company lookup; "" where the target is global
	Map           string   // the first map of this configuration that delivers the target; "" where none does
	Maps          []string // all of them
	Missing       string   // "park", "fail", "null", "defer"
}

// RefState says what is known of a reference.
type RefState uint8

// The states of a reference. RefUnknown: nobody has asked yet. RefMissing: it
// was looked for and is not there.
const (
	RefUnknown RefState = iota
	RefKnown
	RefMissing
)

// Refs answers references from what was resolved beforehand; it does no IO.
type Refs interface {
	// ID gives the Reference of the target row with this key. Company is the
	// record's own company code, used where the target is company-specific.
	ID(l *Lookup, company, key string) (value.Value, RefState)
	// Key gives the key text of the target row.
	Key(l *Lookup, ref value.Value) (string, RefState)
}

// Record is one record of one side with what its transforms may see.
type Record struct {
	Side    value.Side
	Values  []value.Value // by Projection.Columns
	Company string        // company code in the spelling of the link; "" for global maps
}

// ValueError says why a value cannot be carried over. Code is stable.
type ValueError struct {
	Code   string // "DW5xx"
	Slot   string // field name
	Detail string
	Hint   string
}

// Error gives one line without the hint.
func (e *ValueError) Error() string { return fmt.Sprintf("%s: %s", e.Slot, e.Detail) }

// RefError says that a reference has no target (Missing) or that nobody has
// asked for it yet (not Missing).
type RefError struct {
	Slot    string
	Lookup  *Lookup
	Company string      // "" where the target is global
	Key     string      // towards Dataverse
	Ref     value.Value // towards F&O
	Missing bool
}

// Error gives one line.
func (e *RefError) Error() string {
	if e.Key != "" {
		return fmt.Sprintf("%s: no %s has %s = %q", e.Slot, e.Lookup.Set, e.Lookup.KeyColumn, e.Key)
	}
	return fmt.Sprintf("%s: %s is not known", e.Slot, e.Ref)
}
