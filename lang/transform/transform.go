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
// order in which a record's values lie. Connectors read Columns; the Virtual
// ones follow them in a record's values and are computed by dw (see Widen): the
// fields of a lookup taken as one value in F&O, the key of a referenced row and
// the company of a parent in Dataverse.
type Projection struct {
	Table   *schema.Table
	Columns []*schema.Field
	Virtual []*schema.Field // made up: they have a name and a type, no column has them
}

// Width is the number of values of a full record: columns and virtual ones.
func (p *Projection) Width() int { return len(p.Columns) + len(p.Virtual) }

// Index gives the place of a column, virtual ones left out, by its name in any
// case, or -1.
func (p *Projection) Index(name string) int { return p.index(name) }

// Compiled is a map ready to run. It is immutable and safe for use by many
// goroutines. Build one with Compile.
type Compiled struct {
	Map       *model.Map
	FnO       Projection // every mapped, key, company and filter field
	Dataverse Projection
	Slots     []Slot
	Key       []int   // slots of the integration key, the company's first where there is one
	Match     [][]int // slots of each way of a first match
	Company   int     // slot of the company; -1 for a global map. Its value in Dataverse is a reference, or the code as text where it comes by a path
	Constants map[value.Side][]Constant
	// CreatesOn tells on which sides dw may create records.
	CreatesOn map[value.Side]bool

	filters   filters
	modified  [2]int          // places of the times of the last edits, F&O's first; -1 where the map does not ask for them
	lookups   []int           // slots with a Lookup
	derived   []derived       // by Dataverse.Virtual
	tuples    []int           // slots with a tuple, by FnO.Virtual
	companies map[string]bool // in scope, as written and folded
	writes    [4]writes       // by writesIndex
	overlaps  [2]bool         // by half of writesIndex
	state     int             // place of stateColumn in a Dataverse record; -1 where the map does not read it
}

// Slot is one mapped field: one F&O field, or several of a lookup taken as one
// value, and one Dataverse column.
type Slot struct {
	Name      string // model.Field.Name; the company's is the company path
	Field     *model.Field
	FnO       int // place of its value in a full record of F&O
	Dataverse int // place of its value in a full record of Dataverse
	Direction model.Direction
	Master    value.Side
	OnCreate  bool // written only when the record is created
	IsKey     bool
	Lookup    *Lookup   // Lookups[0]; nil where the Dataverse column is no reference
	Lookups   []*Lookup // one for each table that the column may refer to, in order of precedence

	tuple   *tuple  // nil where the slot has one F&O field
	reaches []reach // by Lookups
	keyText int     // place in Dataverse values of the referenced row's key; -1 where there is none

	forward, backward step
	key               func(r *Record, v value.Value) (string, error)      // lookups towards Dataverse: the text by which rows are found, a tuple's in the order of its fields
	asFnO             func(r *Record, v value.Value) (value.Value, error) // lookups that only go to F&O: what the key of a row becomes there
	plain             bool                                                // text to text, nothing to translate
	zero              string                                              // symbol that means nothing; "" where none does
	storedZero        string                                              // symbol that F&O stores for nothing
	emptyNamed        bool                                                // the value map names the empty text
	zeroIsNothing     bool                                                // the number 0 means nothing
	noIsNothing       bool                                                // No equals a truth value that was never set
}

// Constant is a value that one side gets from the map.
type Constant struct {
	Field    *schema.Field
	Value    value.Value
	OnCreate bool // never written again after the create
	At       int  // place of the field in a record of its side; -1 where the map does not read it
}

// Lookup says how a reference to one table is resolved.
type Lookup struct {
	Table         string       // logical name of the target
	Set           string       // its entity set
	PrimaryID     string       // its id column
	Parts         []LookupPart // the columns that find a row together, at least one
	KeyColumn     string       // the first part's column
	CompanyColumn string       // the target's company lookup; "" where the target is global or a part says the company
	Map           string       // the first map of this configuration that delivers the target; "" where none does
	Maps          []string     // all of them
	Missing       string       // "park", "fail", "null", "defer"; "" of a lookup on the way to another

	title string
}

// LookupPart is a column of a lookup's target.
type LookupPart struct {
	Column string
	Type   schema.Type
	Via    *Lookup // of a lookup column: how the row that it refers to is found; else nil
}

// RefKeySeparator stands between the texts of a key of several parts as Refs
// takes and gives it.
const RefKeySeparator = keySeparator

// Title names the lookup for people: "msdyn_name + msdyn_hierarchy.msdyn_name
// of msdyn_productcategories". Lookups of one title find the same rows.
func (l *Lookup) Title() string {
	if l.title != "" {
		return l.title
	}
	return l.makeTitle()
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
//
// The key of a row is the text of the lookup's column. Where the lookup has
// several, it is the texts of all parts in the order of Parts, each as the
// column has it but without trailing blanks, with RefKeySeparator between them;
// a part with Via stands there with the key of Via. Letter case does not count.
type Refs interface {
	// ID gives the Reference of the target row with this key. Company is the
	// record's own company code, used where the target, or a row on the way to
	// it, is company-specific.
	ID(l *Lookup, company, key string) (value.Value, RefState)
	// Key gives the key text of the target row.
	Key(l *Lookup, ref value.Value) (string, RefState)
}

// Record is one record of one side with what its transforms may see.
type Record struct {
	Side    value.Side
	Values  []value.Value // full, by Projection.Columns and Virtual
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
	Lookup  *Lookup     // Missing: the first of the tables that the column may refer to
	Company string      // "" where the target is global
	Key     string      // towards Dataverse
	Ref     value.Value // towards F&O
	Missing bool
	Others  []RefTry // Missing: further tables in which it was looked for in vain
}

// RefTry is a table in which a key was looked for.
type RefTry struct {
	Lookup *Lookup
	Key    string
}

// Error gives one line.
func (e *RefError) Error() string {
	if e.Key == "" {
		return fmt.Sprintf("%s: %s is not known", e.Slot, e.Ref)
	}
	text := fmt.Sprintf("%s: no %s", e.Slot, e.Lookup.Asks(e.Key))
	for _, o := range e.Others {
		text += ", and no " + o.Lookup.Asks(o.Key)
	}
	return text
}
