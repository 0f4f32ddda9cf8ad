// Package store is the engine's durable state behind one interface: what is
// deployed, what was observed, what is about to be written, what was agreed
// and what could not be.
package store

import (
	"context"
	"errors"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/plan"
	"github.com/dualwrite/dw/runtime/record"
)

// ErrReadOnly is the error of a method that writes when it is called in a View,
// and of Update on a store that was opened for reading.
var ErrReadOnly = errors.New("store: this transaction only reads")

// ErrEnded is the error of a method of a Tx whose transaction has ended.
var ErrEnded = errors.New("store: the transaction has ended")

// ErrClosed is the error of View and Update after Close.
var ErrClosed = errors.New("store: closed")

// ErrInvalid is wrapped by the errors of arguments that break a rule of a
// method. Part of a batch may be stored by then, so that the Update should end
// with the error.
var ErrInvalid = errors.New("store: invalid argument")

// Store is durable state. View and Update run f in one transaction; Update's
// is committed durably when f returns nil, else rolled back. Many Views run
// beside one Update, each on the state as it was committed when it began. An
// Update waits for the one before it; one Update inside another never ends. A
// Tx must not be used after f returned, nor by two goroutines at once.
//
// Look is a View of a few records that an Update has just written or is about
// to write: it may take turns with Updates, for whose pages are at hand. So f is
// short, and begins no Update and no other Look.
//
// Lists that a method returns belong to the caller. A limit of 0 or less means
// no limit. All numbers that the store gives (sequence, ids) come from one
// sequence, so that none is used twice.
type Store interface {
	View(ctx context.Context, f func(Tx) error) error
	Look(ctx context.Context, f func(Tx) error) error
	Update(ctx context.Context, f func(Tx) error) error
	Close() error
}

// Tx is one transaction. In a View, methods that write fail.
type Tx interface {
	// Meta is a small set of named texts: bound environments and the like.
	Meta(name string) (string, error) // "" where absent
	SetMeta(name, text string) error

	// Lock gives who may change the state, or held that right last; the zero Lock
	// where nobody ever did. PutLock puts another in its place; package lease says
	// when.
	Lock() (Lock, error)
	PutLock(l Lock) error

	// Deployed gives what runs for a link; an empty Deployed with lineage and
	// serial where nothing does. The lineage is made when the store is.
	Deployed(link string) (plan.Deployed, error)
	// DeployedKnowing is Deployed for who has most of the definitions already, by
	// their digests: what is stored under one of these is not read, and shares what
	// the given definition holds.
	DeployedKnowing(link string, known map[string]*plan.Definition) (plan.Deployed, error)
	// DeployedMap gives one map of a link; nil where it is not deployed.
	DeployedMap(link, mapName string) (*plan.DeployedMap, error)
	// PutDeployed adds a version of a map (Version = newest of History + 1,
	// also kept in the history) or, when Version is the current one, changes
	// its status and initial and leaves the rest; it raises the serial. A map
	// that another link deploys is refused.
	PutDeployed(link string, m plan.DeployedMap) error
	// RemoveDeployed ends a map: its pairs, observations, cursors, intents and
	// listed records go, its history stays and says when and by whom. It raises
	// the serial.
	RemoveDeployed(link, mapName string, end plan.Removal) error
	// RenameMap gives everything that is stored of a map another name, what waits
	// for its records included; the text of its definitions stays, and PutDeployed
	// is to follow. Where a map of the new name has a history, the versions of the
	// renamed one follow after it, and shift says by how much they were raised. A
	// name that is deployed is refused; what is left of one that is not goes. It
	// raises the serial.
	RenameMap(link, from, to string) (shift int, err error)
	// History gives all versions of a map, oldest first. The definition of one
	// that was deployed under another name has that name.
	History(link, mapName string) ([]plan.DeployedMap, error)
	// HistoryNames gives the maps of a link that have a history, sorted; those
	// that were removed too.
	HistoryNames(link string) ([]string, error)

	// Seq gives the store's current sequence: every observation stored later
	// has a higher number. In an Update it draws a new number first, so that
	// what was asked for before this Update has a lower AsOf, and what is asked
	// for after it an equal or higher one.
	Seq() (int64, error)

	// Cursor is where a read of one side of a map goes on.
	Cursor(mapName string, side value.Side) (Cursor, error) // zero where absent
	PutCursor(mapName string, side value.Side, c Cursor) error

	// AddObservations stores what was seen; it replaces earlier unhandled
	// observations of the same map, side and ID. Map, side, key and ID must not
	// be empty. Seq is set in place.
	AddObservations(obs []record.Observation) error
	// Work gives the next canonical keys after `after` (in byte order of key)
	// that have unhandled observations, with all observations of both sides
	// that have the key and the pairs that have it or one of the observed IDs.
	Work(mapName, after string, limit int) ([]Work, error)
	// Unhandled gives the unhandled observations of rows of a side by their IDs,
	// ordered by Seq, without values.
	Unhandled(mapName string, side value.Side, ids []string) ([]record.Observation, error)
	// DropObservations removes handled observations.
	DropObservations(mapName string, seqs []int64) error
	// CountObservations counts unhandled ones by side.
	CountObservations(mapName string) (map[value.Side]int64, error)
	// CountKeys counts the canonical keys with unhandled observations that lie
	// from one text on and before another, in byte order.
	CountKeys(mapName, from, until string) (int64, error)

	// PutHeads notes heads of records of a map, one per key text and ID: a newer
	// one replaces the older. Records that are looked for by key texts must not
	// have an empty one, nor an empty ID. One key text may have several heads.
	PutHeads(mapName string, heads []Head) error
	// HeadsByKey gives the heads of a map that have one of some key texts, by key
	// text, then ID, in byte order.
	HeadsByKey(mapName string, keys []string) ([]Head, error)
	// Heads walks the heads of a map in the same order: all heads of the next key
	// texts after `after`, so many key texts as limit says.
	Heads(mapName, after string, limit int) ([]Head, error)
	// DropHeads removes all heads of some key texts.
	DropHeads(mapName string, keys []string) error
	// ClearHeads removes all heads of a map.
	ClearHeads(mapName string) error
	CountHeads(mapName string) (int64, error)

	// PutPairs stores pairs, new ones (ID 0) get their ID set in place, which
	// is undone when the transaction is. An ID of one side belongs to at most
	// one pair of a map; a pair with an ID of its own must be stored. The
	// methods that find pairs give each once, by ID.
	PutPairs(pairs []*record.Pair) error
	PairsByID(ids []int64) ([]*record.Pair, error)
	// PairsByEnd finds pairs of a map by the ids of one side.
	PairsByEnd(mapName string, side value.Side, ids []string) ([]*record.Pair, error)
	// PairsByKey finds pairs of a map by canonical keys.
	PairsByKey(mapName string, keys []string) ([]*record.Pair, error)
	// Pairs walks pairs of a map by ID after `after`; owing limits it to those
	// that owe a reference.
	Pairs(mapName string, after int64, limit int, owing bool) ([]*record.Pair, error)
	CountPairs(mapName string) (int64, error)
	DeletePairs(ids []int64) error

	// PutIntents stores intents, new ones get their ID set in place, which is
	// undone when the transaction is.
	PutIntents(in []*record.Intent) error
	// Intents gives open intents of a map by ID after `after`, in the order of
	// storing; side "" means both.
	Intents(mapName string, side value.Side, after int64, limit int) ([]*record.Intent, error)
	// IntentsByTarget finds open intents of a map by the ids of the written side.
	IntentsByTarget(mapName string, side value.Side, ids []string) ([]*record.Intent, error)
	// SetIntentState changes the state of those of the intents that are stored.
	SetIntentState(ids []int64, s record.IntentState) error
	DeleteIntents(ids []int64) error
	CountIntents(mapName string) (int64, error)

	// PutListed lists records; one per map, key, kind, side and field: a newer one
	// replaces the older and keeps its ID. ID is set in place.
	PutListed(l []record.Listed) error
	// Listed walks the list by ID after `after`. Empty filters mean all.
	Listed(q ListedQuery, after int64, limit int) ([]record.Listed, error)
	// Unlist removes what is listed for the keys of a map, of the given kinds
	// (none: all).
	Unlist(mapName string, keys []string, kinds ...record.Kind) error
	CountListed(mapName string) (map[record.Kind]int64, error)

	// AddTally adds to the counters that summarise a map's initial sync; they
	// survive restarts.
	AddTally(mapName string, t Tally) error
	Tally(mapName string) (Tally, error)
	ResetTally(mapName string) error

	// AddChanges adds lines to the histories of records; IDs are set in place.
	// Of one record the newest ChangesKept lines stay.
	AddChanges(c []record.Change) error
	// Changes gives the history of a record of a map, oldest first.
	Changes(mapName, key string) ([]record.Change, error)

	// AddCommand leaves a wish for the process that has the engine's role; ID
	// is set in place. An Operator may write this and nothing else.
	AddCommand(c *Command) error
	// Commands gives commands by ID after `after`; waiting limits it to those
	// without an answer.
	Commands(after int64, limit int, waiting bool) ([]Command, error)
	// AnswerCommand says what became of a command. Of the answered ones the
	// newest hundred stay.
	AnswerCommand(id int64, state CommandState, answer string) error
}

// CommandsKept is how many answered commands are kept.
const CommandsKept = 100

// ChangesKept is how many lines of a record's history are kept.
const ChangesKept = 50

// Command is what an operator wants of a running engine.
type Command struct {
	ID     int64        `json:"id"`
	Name   string       `json:"name"` // "pause", "resume", "stop", "retry", "drop", "approve"
	Map    string       `json:"map,omitempty"`
	Args   []string     `json:"args,omitempty"`
	At     string       `json:"at"` // RFC 3339
	By     string       `json:"by,omitempty"`
	State  CommandState `json:"state"`
	Answer string       `json:"answer,omitempty"` // what was done, or why not
}

// CommandState says how far a command has come.
type CommandState string

// The states of a command.
const (
	CommandWaits   CommandState = "waits"
	CommandDone    CommandState = "done"
	CommandRefused CommandState = "refused"
)

// Cursor is the position of a read. Next goes on inside a scan, Token is where
// changes go on after it.
type Cursor struct {
	Phase string // "": not begun, "done": scan complete, others: inside ("scan", and those of capture's scan by export)
	Next  string
	Token string
	Rows  int64 // read so far
}

// Head is all that was read of a record of F&O so far: what addresses it and in
// which version it was. A scan by export reads heads first, and keeps each until
// it has seen the record.
type Head struct {
	Key     string        // text of the entity key, in a form in which texts that are one key to F&O are equal
	ID      string        // RecId
	Version string        // ETag
	Values  []value.Value // of the entity key, in its order
}

// Work is one canonical key with everything unhandled about it.
type Work struct {
	Key       string
	FnO       []record.Observation
	Dataverse []record.Observation
	Pairs     []*record.Pair
}

// ListedQuery selects listed records.
type ListedQuery struct {
	Map     string
	Kind    record.Kind
	Keys    []string // canonical; of what is waited for, where WaitMap is set
	IDs     []int64
	WaitMap string // what waits for records of this map
}

// Tally counts what an initial sync did, a map.
type Tally struct {
	Read    map[value.Side]int64 `json:"read,omitempty"`
	InScope map[value.Side]int64 `json:"in_scope,omitempty"`
	Created map[value.Side]int64 `json:"created,omitempty"`
	Updated map[value.Side]int64 `json:"updated,omitempty"`
	Filled  map[value.Side]int64 `json:"filled,omitempty"` // owed references that were filled in
	Equal   int64                `json:"equal,omitempty"`
	Differ  int64                `json:"differ,omitempty"` // records that both sides had and that were not equal

	// Rows of Dataverse whose record was found by other means than the key.
	ByMatch     int64 `json:"by_match,omitempty"`
	ByCrosswalk int64 `json:"by_crosswalk,omitempty"`

	Millis int64 `json:"millis,omitempty"` // time spent, all runs together
}

// Add adds the counts of o to t.
func (t *Tally) Add(o Tally) {
	t.Read = added(t.Read, o.Read)
	t.InScope = added(t.InScope, o.InScope)
	t.Created = added(t.Created, o.Created)
	t.Updated = added(t.Updated, o.Updated)
	t.Filled = added(t.Filled, o.Filled)
	t.Equal += o.Equal
	t.Differ += o.Differ
	t.ByMatch += o.ByMatch
	t.ByCrosswalk += o.ByCrosswalk
	t.Millis += o.Millis
}

// added gives the sum of two counts by side in a map of its own.
func added(a, b map[value.Side]int64) map[value.Side]int64 {
	if len(a)+len(b) == 0 {
		return nil
	}
	sum := make(map[value.Side]int64, 2)
	for s, n := range a {
		sum[s] += n
	}
	for s, n := range b {
		sum[s] += n
	}
	return sum
}
