// Package report holds what commands say, as data: the terminal's view and the
// JSON output are made from the same structs.
package report

import (
	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
)

// FormatVersion of the JSON forms.
const FormatVersion = "1.0"

// Sides is one number a side.
type Sides struct {
	FnO       int64 `json:"fno"`
	Dataverse int64 `json:"dataverse"`
}

// Add adds n to one side.
func (s *Sides) Add(side value.Side, n int64) {
	if side == value.FnO {
		s.FnO += n
	} else {
		s.Dataverse += n
	}
}

// MapSummary is what apply did to one map.
type MapSummary struct {
	Map     string `json:"map"`
	Wave    int    `json:"wave"`
	Rows    Sides  `json:"rows"` // in scope, afterwards
	Created Sides  `json:"created"`
	Updated Sides  `json:"updated"`
	Filled  Sides  `json:"references_filled"` // in the second pass, for references that had to wait
	Equal   int64  `json:"equal"`

	// How records that were there before were found: by their key on both sides
	// (Equal and Differing), by match or by the crosswalk.
	Differing   int64 `json:"differing"`
	ByMatch     int64 `json:"by_match"`
	ByCrosswalk int64 `json:"by_crosswalk"`
	// Gate is what was looked at when the map was done; nil before.
	Gate *Gate `json:"gate,omitempty"`

	Tolerated  int64   `json:"tolerated"`
	Failed     int64   `json:"failed"`
	Parked     int64   `json:"parked"`
	Held       int64   `json:"held"`
	Owed       int64   `json:"owed"`
	RowsPerSec float64 `json:"rows_per_second"` // pairs handled
	Seconds    float64 `json:"seconds"`
}

// Gate is what the gate at the end of a map's initial sync saw.
type Gate struct {
	Rows      Sides `json:"rows"`      // as the services count now; -1: they do not count exactly
	Known     Sides `json:"known"`     // read by dw or created by it
	Sampled   int64 `json:"sampled"`   // pairs that were read again on both sides
	Moved     int64 `json:"moved"`     // of them: edited since, so that nothing follows
	Differing int64 `json:"differing"` // of them: not equal though nobody has edited them
}

// Apply is the end of an apply.
type Apply struct {
	FormatVersion string       `json:"format_version"`
	Link          string       `json:"link"`
	Nothing       bool         `json:"nothing_to_do"`
	Maps          []MapSummary `json:"maps"`
	Seconds       float64      `json:"seconds"`
	Complete      bool         `json:"complete"` // every step done

	// Resting are maps that an operator has paused or stopped: they are joined
	// when they are resumed.
	Resting []string `json:"resting,omitempty"`

	// Diagnostics say what ended it before that; none where it was interrupted.
	Diagnostics diag.List `json:"diagnostics,omitempty"`
}

// Progress is one step of long work, for people and pipelines.
type Progress struct {
	Map string `json:"map"`
	// "read", "keys" and "export" (its own) of F&O where it is read by exports,
	// "match", "write", "confirm", "deferred", "done", "stopped" (by a gate), "live";
	// of commands "retry", "drop", "approve".
	Phase  string     `json:"phase"`
	Side   value.Side `json:"side,omitempty"`
	Done   int64      `json:"done"`
	Total  int64      `json:"total"` // 0 unknown
	Failed int64      `json:"failed"`
	Live   *Live      `json:"live,omitempty"` // of phase "live"
	Note   string     `json:"note,omitempty"` // to be told to people once

	// Where the map has several companies: the one that is being handled, and how
	// far each is, in the order in which they are handled. "" and nil: nothing new.
	Company   string            `json:"company,omitempty"`
	Companies []CompanyProgress `json:"companies,omitempty"`
}

// CompanyProgress says how far the records of one company are.
type CompanyProgress struct {
	Company string `json:"company"`
	Done    int64  `json:"done"` // records that were handled
	Total   int64  `json:"total"`
	Failed  int64  `json:"failed"` // of them
}

// ProgressEvent is one line of -progress=json: how the initial sync of a map
// gets on. A map's last event has the phase "done" or "stopped".
type ProgressEvent struct {
	FormatVersion string  `json:"format_version"`
	Event         string  `json:"event"` // "progress"
	At            string  `json:"at"`    // RFC 3339
	Map           string  `json:"map"`
	Phase         string  `json:"phase"`           // as Progress
	Done          int64   `json:"done"`            // rows, both sides together
	Total         int64   `json:"total"`           // -1: not known
	Failed        int64   `json:"failed"`          // records, so far
	RowsPerSecond float64 `json:"rows_per_second"` // 0: too early to say
	SecondsLeft   int64   `json:"seconds_left"`    // -1: not known

	Company   string            `json:"company,omitempty"`   // as Progress
	Companies []CompanyProgress `json:"companies,omitempty"` // as Progress
}

// NoteEvent is a line of -progress=json that says something to people.
type NoteEvent struct {
	FormatVersion string `json:"format_version"`
	Event         string `json:"event"` // "note"
	At            string `json:"at"`    // RFC 3339
	Note          string `json:"note"`
}

// MapStatus is one line of dw status.
type MapStatus struct {
	Map      string                `json:"map"`
	Version  int                   `json:"version"`         // deployed; 0: not deployed
	Label    string                `json:"label,omitempty"` // the author's version text
	Status   string                `json:"status"`
	Initial  string                `json:"initial_sync"`
	Wave     int                   `json:"wave"`
	Pairs    int64                 `json:"pairs"`
	Open     int64                 `json:"open_writes"` // intents not yet confirmed
	Queued   Sides                 `json:"queued"`      // observations not yet handled
	Listed   map[record.Kind]int64 `json:"listed"`
	Deployed string                `json:"deployed_at,omitempty"`
	By       string                `json:"deployed_by,omitempty"`

	// Since when the status holds, and why the map does not do better; both ""
	// before the first run.
	Since  string `json:"since,omitempty"`
	Reason string `json:"reason,omitempty"`

	Batch    *Batch    `json:"batch_window,omitempty"`
	Contents *Contents `json:"contents,omitempty"` // the rolling comparison of dw run; none before its first slice
}

// Contents is how far dw run has come with comparing all contents of a map.
// Times are RFC 3339.
type Contents struct {
	Looked int64  `json:"looked"`          // pairs in the round that goes on
	Found  int64  `json:"found"`           // rows in it that were not as agreed, and were read again
	Ended  string `json:"ended,omitempty"` // the last complete round; "" none yet
	Last   int64  `json:"last_looked,omitempty"`
	Differ int64  `json:"last_found,omitempty"`
}

// Status is the answer of dw status.
type Status struct {
	FormatVersion string       `json:"format_version"`
	Link          string       `json:"link"`
	Lineage       string       `json:"state_lineage"`
	Serial        int64        `json:"state_serial"`
	Environments  Environments `json:"environments"`
	Engine        string       `json:"engine,omitempty"` // the process that has the engine's role: "dw run (process 4711)"
	Lock          *Lock        `json:"lock,omitempty"`   // of the state, where it is held or was not given back
	Maps          []MapStatus  `json:"maps"`
}

// Lock says who may change the state.
type Lock struct {
	Owner   string `json:"owner"`   // "ada@laptop"
	Purpose string `json:"purpose"` // "apply", "run", "rollback"
	Process int    `json:"process,omitempty"`
	Run     string `json:"run,omitempty"` // address of the pipeline's run
	Since   string `json:"since"`         // RFC 3339
	Until   string `json:"lease_until"`   // RFC 3339: when the lease ends unless it is renewed
	// Left says that its process has ended without giving the lock back, or that
	// its lease is over: the next command that writes takes it over.
	Left bool `json:"left,omitempty"`
}

// Environments that the state is bound to.
type Environments struct {
	FnO       string `json:"fno,omitempty"`
	Dataverse string `json:"dataverse,omitempty"`
}

// Difference that verify found.
type Difference struct {
	Map       string     `json:"map"`
	Record    string     `json:"record"`         // key as people read it
	Kind      string     `json:"kind"`           // see the Kinds of differences
	Side      value.Side `json:"side,omitempty"` // missing: where it is missing; unreadable: where the row is; orphan: where what it refers to is missing, "" where the record itself is gone on both
	Field     string     `json:"field,omitempty"`
	FnO       string     `json:"fno,omitempty"`
	Dataverse string     `json:"dataverse,omitempty"`
	Explained string     `json:"explained,omitempty"` // why the state expects it; "" is a finding

	// What the state knows: which side has moved since both agreed, with what
	// they agreed on, and whether a missing record was there before.
	Moved  Movement `json:"moved,omitempty"` // "" not known
	Base   *Agreed  `json:"base,omitempty"`
	Paired bool     `json:"paired,omitempty"`
}

// Kinds of differences.
const (
	KindField      = "field"      // both sides have it and differ
	KindMissing    = "missing"    // one side does not have it
	KindDuplicate  = "duplicate"  // several rows of a side have its key
	KindUnreadable = "unreadable" // a row without a key
	KindOrphan     = "orphan"     // it refers to what is not there; or both records of a known pair are gone
	KindOwed       = "owed"       // a deferred reference that is still empty
)

// Kinds lists them.
func Kinds() []string {
	return []string{KindMissing, KindField, KindDuplicate, KindOrphan, KindOwed, KindUnreadable}
}

// Movement says which side has changed a field since both agreed on it.
type Movement string

// The movements. Neither: what both sides agreed on differs.
const (
	MovedFnO       Movement = "fno"
	MovedDataverse Movement = "dataverse"
	MovedBoth      Movement = "both"
	MovedNeither   Movement = "neither"
)

// Agreed are the values of a field that both sides last agreed on.
type Agreed struct {
	FnO       string `json:"fno"`
	Dataverse string `json:"dataverse"`
}

// MapVerify is one map's part of verify.
type MapVerify struct {
	Map       string       `json:"map"`
	Rows      Sides        `json:"rows"`     // in scope
	Compared  int64        `json:"compared"` // distinct keys in scope on either side
	Equal     int64        `json:"equal"`
	Explained int64        `json:"explained"` // records that differ for a listed reason
	Findings  int64        `json:"findings"`  // records that differ without one
	Details   []Difference `json:"differences"`
	Truncated bool         `json:"truncated,omitempty"` // more than the limit were found

	Kinds    map[string]int64 `json:"findings_by_kind,omitempty"` // findings, each by its first difference
	Owed     int64            `json:"owed,omitempty"`             // records with a deferred reference that is still empty
	Settled  int64            `json:"settled,omitempty"`          // differed at first and agreed when they were looked at again
	Unlooked int64            `json:"unlooked,omitempty"`         // keys that cannot be looked for on the other side
	Notes    []string         `json:"notes,omitempty"`            // what could not be compared, and why

	// DeletesUnseen are the sides whose deletes were not looked for, where only
	// what was edited since a time was compared.
	DeletesUnseen []value.Side `json:"deletes_unseen,omitempty"`
}

// Verify is the answer of dw verify.
type Verify struct {
	FormatVersion string      `json:"format_version"`
	Link          string      `json:"link"`
	Company       string      `json:"company,omitempty"` // only this one was compared
	Sample        *Sample     `json:"sample,omitempty"`  // only this many keys of each map were
	Since         string      `json:"since,omitempty"`   // only what was edited since was; RFC 3339
	Maps          []MapVerify `json:"maps"`
	Seconds       float64     `json:"seconds"`
}

// Sample says which keys were chosen: the same seed chooses the same of the
// same records.
type Sample struct {
	Size int    `json:"size"`
	Seed uint64 `json:"seed"`
}

// Diagnostics is the answer of dw validate and of any command that stops at
// mistakes.
type Diagnostics struct {
	FormatVersion string    `json:"format_version"`
	Valid         bool      `json:"valid"`
	Errors        int       `json:"error_count"`
	Warnings      int       `json:"warning_count"`
	Diagnostics   diag.List `json:"diagnostics"`
}
