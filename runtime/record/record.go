// Package record holds the words of the engine as types.
package record

import (
	"github.com/dualwrite/dw/lang/value"
)

// Observation is how a record was seen on one side at one time.
type Observation struct {
	Seq     int64  // the store's number of it; 0 until stored
	AsOf    int64  // the store's sequence before the request that saw it was sent
	Map     string // name of the map
	Side    value.Side
	Key     string        // canonical key; see transform.Compiled.KeyOf
	Company string        // company code; "" for global maps
	ID      string        // Dataverse: guid. F&O: RecId
	Version string        // ETag
	Values  []value.Value // by the projection of the map version
	InScope bool          // company and filter of this side admit it
	Deleted bool          // the side says that the row of this ID is gone; no values
	Own     bool          // read because of a write of dw, not because somebody may have changed it
	At      string        // RFC 3339: when it was asked for
}

// End is what a pair knows of one side.
type End struct {
	ID      string        `json:"id,omitempty"`      // Dataverse: guid. F&O: RecId. "": not there
	Version string        `json:"version,omitempty"` // ETag under which the base was agreed; "": not known
	Key     []value.Value `json:"key,omitempty"`     // F&O: values of the entity key, in its order
}

// FieldState says whether a field's base means anything.
type FieldState uint8

// The states of a field in a base. Unknown is not null.
const (
	Unknown FieldState = iota // never agreed: the first comparison decides
	Known
	Owed // a reference whose target is not there yet; out of the merge
	// OwedEdit is agreed before and moved since, to a reference whose target is
	// not there yet: the base is still what was agreed.
	OwedEdit
	// Void was agreed with a record that is gone: its delete was seen, or another
	// one has its key. The first comparison decides, and nothing on the deciding
	// side is as good as a value.
	Void
)

// FieldBase is the last agreed values of one field, one a side: each side is
// compared only with its own.
type FieldBase struct {
	State     FieldState
	FnO       value.Value
	Dataverse value.Value
}

// On gives the base value of one side.
func (b FieldBase) On(s value.Side) value.Value {
	if s == value.FnO {
		return b.FnO
	}
	return b.Dataverse
}

// At gives the place of the base value of one side.
func (b *FieldBase) At(s value.Side) *value.Value {
	if s == value.FnO {
		return &b.FnO
	}
	return &b.Dataverse
}

// Pair is one F&O record and one Dataverse row that belong together.
type Pair struct {
	ID         int64 // the store's; 0 until stored
	Map        string
	MapVersion int // deployed version under which Base was agreed
	Key        string
	Company    string
	FnO        End
	Dataverse  End
	Base       []FieldBase // by slot of MapVersion
	Written    int64       // store sequence of the last write of dw to it

	// Life is "" while both records are linked and live; see the constants.
	Life Life
	// Rounds counts the writes in a row that dw made only because of what its
	// own writes came back as: a value that never settles ends at a limit.
	Rounds int
	// SeenAt is when both sides were last seen as the base says, RFC 3339.
	SeenAt string
}

// Life says what became of a pair one of whose records has gone.
type Life string

// The lives. Deactivated: the Dataverse row was deactivated since its F&O
// record went; it is activated again when that comes back. Left: the F&O
// record has left the scope and the Dataverse row was deactivated for it.
// Unlinked: a record has left the scope on one side, and nothing is carried
// over until it comes back. Matched: the Dataverse row was found by initial_sync's
// match or crosswalk and does not have the record's key yet. Ignored: one record was deleted and the map leaves
// the other alone; it is not created again. The end of a record that is gone is
// empty in Deactivated and Ignored pairs.
const (
	Linked      Life = ""
	Deactivated Life = "deactivated"
	Left        Life = "left"
	Unlinked    Life = "unlinked"
	Ignored     Life = "ignored"
	Matched     Life = "matched"
)

// End gives one side's end.
func (p *Pair) End(s value.Side) *End {
	if s == value.FnO {
		return &p.FnO
	}
	return &p.Dataverse
}

// Owes tells whether any field is owed.
func (p *Pair) Owes() bool {
	for _, b := range p.Base {
		if b.State == Owed || b.State == OwedEdit {
			return true
		}
	}
	return false
}

// Op is what an intent does.
type Op string

// The operations.
const (
	Create     Op = "create"
	Update     Op = "update"
	Delete     Op = "delete"
	Deactivate Op = "deactivate" // Dataverse: state and status, a write of their own
	Activate   Op = "activate"
)

// IntentState says how far a write has come.
type IntentState string

// The states of an intent. A bare success does not close one: it stays
// answered until a representation or a later read confirms it.
const (
	Intended IntentState = "intended"
	Answered IntentState = "answered"
)

// Intent is a write that is about to be sent, stored before it is.
type Intent struct {
	ID         int64 // the store's; 0 until stored
	Pair       int64
	Map        string
	MapVersion int
	Key        string
	Company    string
	Side       value.Side // that is written
	Op         Op
	TargetID   string        // Dataverse: guid, chosen by dw for a create
	TargetKey  []value.Value // F&O: values of the entity key
	IfMatch    string        // version that was merged; "" for a create
	Fields     []FieldWrite
	State      IntentState
	Bulk       bool     // may go by a route without conditions
	Note       string   // why dw writes beyond what an edit asks for; "" for the edit's own write
	Rules      []string // why each of Fields is written (merge.Rule), in their order; may be shorter
	After      string   // RFC 3339: the edit behind it came after this time; "" unknown
}

// FieldWrite is one column of an intent.
type FieldWrite struct {
	Column string      // schema's spelling
	Slot   int         // -1 for constants, owner and other columns without a slot
	Old    value.Value // of the written side, as merged
	New    value.Value
	From   value.Value // of the other side: what New was made from
}

// Kind of a listed record.
type Kind string

// Why a record is listed.
const (
	Failed    Kind = "failed"    // waits for a person
	Parked    Kind = "parked"    // waits for another record
	Held      Kind = "held"      // a conflict that a person decides
	OwedField Kind = "owed"      // one reference field waits
	Tolerated Kind = "tolerated" // a difference that the rules accept
)

// Listed is a record, or one field of it, that does not agree on both sides
// and why: nothing is dropped without one.
type Listed struct {
	ID      int64      `json:"id"`
	Kind    Kind       `json:"kind"`
	Map     string     `json:"map"`
	Key     string     `json:"-"`      // canonical
	Record  string     `json:"record"` // key as people read it: "USMF / US-001"
	Company string     `json:"company,omitempty"`
	Side    value.Side `json:"side"` // the side that could not be written, or whose value is tolerated
	Field   string     `json:"field,omitempty"`
	Code    string     `json:"code"` // stable: "DW601"
	Reason  string     `json:"reason"`
	Hint    string     `json:"hint,omitempty"`
	Waits   string     `json:"waits_for,omitempty"` // parked, owed: "accounts accountnumber=US-002"
	Payload string     `json:"payload,omitempty"`   // what would have been written, shortened

	// What a parked record or an owed field waits for, where a map delivers it.
	WaitMap string `json:"-"`
	WaitKey string `json:"-"`  // canonical key there
	At      string `json:"at"` // RFC 3339
}

// Change is one line of a record's history: what dw wrote, or found written,
// and by which rule. It explains a value.
type Change struct {
	ID         int64       `json:"id"` // the store's; 0 until stored
	Map        string      `json:"map"`
	MapVersion int         `json:"map_version"`
	Key        string      `json:"-"`               // canonical
	Record     string      `json:"record"`          // key as people read it
	At         string      `json:"at"`              // RFC 3339: when dw stored it
	After      string      `json:"after,omitempty"` // the edit came after this time, "" unknown; RFC 3339
	Side       value.Side  `json:"side"`            // that is written
	From       value.Side  `json:"from,omitempty"`  // whose value it is; "": the map's
	Op         Op          `json:"op"`
	Field      string      `json:"field,omitempty"` // name of the slot; "" for the record as a whole
	Column     string      `json:"column,omitempty"`
	Rule       string      `json:"rule"`         // merge.Rule
	Old        value.Value `json:"old,omitzero"` // of the written side
	New        value.Value `json:"new,omitzero"`
	Note       string      `json:"note,omitempty"` // why it was written beyond what an edit asks for
}
