// Package store is the engine's durable state behind one interface: what is
// deployed, what was observed, what is about to be written, what was agreed
// and what could not be.
package store

import (
	"context"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/plan"
	"github.com/dualwrite/dw/runtime/record"
)

// Store is durable state. View and Update run f in one transaction; Update's
// is committed durably when f returns nil, else rolled back. Many Views run
// beside one Update. A Tx must not be used after f returned.
type Store interface {
	View(ctx context.Context, f func(Tx) error) error
	Update(ctx context.Context, f func(Tx) error) error
	Close() error
}

// Tx is one transaction. In a View, methods that write fail.
type Tx interface {
	// Meta is a small set of named texts: bound environments and the like.
	Meta(name string) (string, error) // "" where absent
	SetMeta(name, text string) error

	// Deployed gives what runs for a link; an empty Deployed with lineage and
	// serial where nothing does. The lineage is made when the store is.
	Deployed(link string) (plan.Deployed, error)
	// PutDeployed adds a version of a map (Version = previous + 1, also kept
	// in the history) or changes status and initial of the current version
	// when Version is the current one; it raises the serial.
	PutDeployed(link string, m plan.DeployedMap) error
	// RemoveDeployed ends a map: its pairs, observations, cursors, intents and
	// listed records go, its history stays. It raises the serial.
	RemoveDeployed(link, mapName string) error
	// History gives all versions of a map, oldest first.
	History(link, mapName string) ([]plan.DeployedMap, error)

	// Seq gives the store's current sequence: every observation stored later
	// has a higher number.
	Seq() (int64, error)

	// Cursor is where a read of one side of a map goes on.
	Cursor(mapName string, side value.Side) (Cursor, error) // zero where absent
	PutCursor(mapName string, side value.Side, c Cursor) error

	// AddObservations stores what was seen; it replaces earlier unhandled
	// observations of the same map, side and ID.
	AddObservations(obs []record.Observation) error
	// Work gives the next canonical keys after `after` (in byte order of key)
	// that have unhandled observations, with all observations of both sides
	// that have the key and the pairs that have it or one of the observed IDs.
	Work(mapName, after string, limit int) ([]Work, error)
	// DropObservations removes handled observations.
	DropObservations(mapName string, seqs []int64) error
	// CountObservations counts unhandled ones by side.
	CountObservations(mapName string) (map[value.Side]int64, error)

	// PutPairs stores pairs, new ones (ID 0) get their ID set in place.
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

	// PutIntents stores intents, new ones get their ID set in place.
	PutIntents(in []*record.Intent) error
	// Intents gives open intents of a map by ID after `after`, in the order of
	// storing; side "" means both.
	Intents(mapName string, side value.Side, after int64, limit int) ([]*record.Intent, error)
	// IntentsByTarget finds open intents of a map by the ids of the written side.
	IntentsByTarget(mapName string, side value.Side, ids []string) ([]*record.Intent, error)
	SetIntentState(ids []int64, s record.IntentState) error
	DeleteIntents(ids []int64) error
	CountIntents(mapName string) (int64, error)

	// PutListed lists records; one per map, key, kind, side and field: a newer one
	// replaces the older and keeps its ID.
	PutListed(l []record.Listed) error
	// Listed walks the list by ID after `after`. Empty filters mean all.
	Listed(q ListedQuery, after int64, limit int) ([]record.Listed, error)
	// Unlist removes what is listed for the keys of a map, of the given kinds
	// (none: all).
	Unlist(mapName string, keys []string, kinds ...record.Kind) error
	CountListed(mapName string) (map[record.Kind]int64, error)

	// Tally adds to the counters that summarise a map's initial sync; they
	// survive restarts. Tallies reads them.
	AddTally(mapName string, t Tally) error
	Tally(mapName string) (Tally, error)
	ResetTally(mapName string) error
}

// Cursor is the position of a read. Next goes on inside a scan, Token is where
// changes go on after it.
type Cursor struct {
	Phase string // "": not begun, "scan": inside, "done": scan complete
	Next  string
	Token string
	Rows  int64 // read so far
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
	Map  string
	Kind record.Kind
	Keys []string // canonical
}

// Tally counts what an initial sync did, a map.
type Tally struct {
	Read    map[value.Side]int64 `json:"read,omitempty"`
	InScope map[value.Side]int64 `json:"in_scope,omitempty"`
	Created map[value.Side]int64 `json:"created,omitempty"`
	Updated map[value.Side]int64 `json:"updated,omitempty"`
	Equal   int64                `json:"equal,omitempty"`
	Millis  int64                `json:"millis,omitempty"` // time spent, all runs together
}
