package memory

import (
	"context"
	"maps"
	"slices"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/plan"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

// state is everything that is stored. A committed one is never changed: an
// Update replaces the tables that it touches by copies.
type state struct {
	lineage  string
	seq      int64
	lock     store.Lock
	meta     map[string]string
	commands []store.Command // by ID
	serials  map[string]int64
	deployed []deployed // in the order of deploying
	maps     map[string]*mapState
}

// deployed is one version of a map, as JSON: what comes out has gone through
// the same codec as in the durable stores.
type deployed struct {
	link, name string
	version    int
	current    bool
	definition []byte
	status     string
	initial    string
	at, by     string
	origin     []byte // JSON
	removed    *plan.Removal
}

// mapState is what is stored of one map.
type mapState struct {
	cursors      map[value.Side]store.Cursor
	observations map[int64]record.Observation // by Seq
	pairs        map[int64]*record.Pair
	intents      map[int64]*record.Intent
	listed       map[int64]record.Listed
	changes      map[string][]record.Change // by key, oldest first
	heads        map[headID]store.Head
	tally        store.Tally
}

// headID is what a head is one of a kind by.
type headID struct{ key, id string }

// owned tells which tables of a map an Update has copied.
type owned struct{ cursors, observations, pairs, intents, listed, changes, heads bool }

// tx is one transaction.
type tx struct {
	ctx    context.Context
	st     state
	writes bool
	ended  bool
	top    bool              // st.maps is a copy
	own    map[string]*owned // by map
	fresh  []*int64          // ids set in place, undone with the transaction
}

func (t *tx) rollback() {
	if t.ended {
		return
	}
	t.ended = true
	for _, id := range t.fresh {
		*id = 0
	}
}

func (t *tx) usable(toWrite bool) error {
	switch {
	case t.ended:
		return store.ErrEnded
	case toWrite && !t.writes:
		return store.ErrReadOnly
	}
	return t.ctx.Err()
}

func (t *tx) draw() int64 {
	t.st.seq++
	return t.st.seq
}

func (t *tx) number(id *int64) {
	*id = t.draw()
	t.fresh = append(t.fresh, id)
}

// of gives what is stored of a map, for reading.
func (t *tx) of(name string) *mapState {
	if m := t.st.maps[name]; m != nil {
		return m
	}
	return &mapState{}
}

// ownMap gives a map's state that may be changed, and which of its tables may.
func (t *tx) ownMap(name string) (*mapState, *owned) {
	if o := t.own[name]; o != nil {
		return t.st.maps[name], o
	}
	if !t.top {
		t.st.maps = maps.Clone(t.st.maps)
		t.top = true
	}
	m := *t.of(name)
	t.st.maps[name] = &m
	t.own[name] = &owned{}
	return &m, t.own[name]
}

// forget ends a map's state.
func (t *tx) forget(name string) {
	m, _ := t.ownMap(name)
	*m = mapState{}
	t.own[name] = &owned{}
}

// table gives a table that may be changed: a copy, once a transaction.
func table[K comparable, V any](at *map[K]V, copied *bool) map[K]V {
	if !*copied {
		*copied = true
		if *at = maps.Clone(*at); *at == nil {
			*at = map[K]V{}
		}
	}
	return *at
}

func (t *tx) observations(name string) map[int64]record.Observation {
	m, o := t.ownMap(name)
	return table(&m.observations, &o.observations)
}

func (t *tx) pairs(name string) map[int64]*record.Pair {
	m, o := t.ownMap(name)
	return table(&m.pairs, &o.pairs)
}

func (t *tx) intents(name string) map[int64]*record.Intent {
	m, o := t.ownMap(name)
	return table(&m.intents, &o.intents)
}

func (t *tx) listed(name string) map[int64]record.Listed {
	m, o := t.ownMap(name)
	return table(&m.listed, &o.listed)
}

func (t *tx) changes(name string) map[string][]record.Change {
	m, o := t.ownMap(name)
	return table(&m.changes, &o.changes)
}

func (t *tx) headsOf(name string) map[headID]store.Head {
	m, o := t.ownMap(name)
	return table(&m.heads, &o.heads)
}

// mapNames gives the names of maps that have something stored, sorted.
func (t *tx) mapNames() []string { return slices.Sorted(maps.Keys(t.st.maps)) }

// Empty lists come back nil from every store.
func values(v []value.Value) []value.Value {
	if len(v) == 0 {
		return nil
	}
	return slices.Clone(v)
}

func copyObservation(o record.Observation) record.Observation {
	o.Values = values(o.Values)
	return o
}

func copyPair(p *record.Pair) *record.Pair {
	c := *p
	c.FnO.Key, c.Dataverse.Key = values(p.FnO.Key), values(p.Dataverse.Key)
	c.Base = nil
	if len(p.Base) > 0 {
		c.Base = slices.Clone(p.Base)
	}
	return &c
}

func copyIntent(in *record.Intent) *record.Intent {
	c := *in
	c.TargetKey = values(in.TargetKey)
	c.Fields = nil
	if len(in.Fields) > 0 {
		c.Fields = slices.Clone(in.Fields)
	}
	c.Rules = nil
	if len(in.Rules) > 0 {
		c.Rules = slices.Clone(in.Rules)
	}
	return &c
}

// cut cuts a list at a limit of the interface.
func cut[T any](list []T, limit int) []T {
	if limit > 0 && len(list) > limit {
		list = list[:limit]
	}
	if len(list) == 0 {
		return nil
	}
	return list
}
