package refs

import (
	"context"
	"fmt"

	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

// fromPairs answers from confirmed pairs of the maps that deliver the target
// and gives back what it could not answer and the target may.
func (r *Resolver) fromPairs(ctx context.Context, needs []Need, o Options) ([]Need, error) {
	l := needs[0].Lookup
	var maps []*engine.Map
	for _, name := range l.Maps {
		if m := r.env.Map(name); m != nil {
			maps = append(maps, m)
		}
	}
	if len(maps) == 0 {
		return needs, nil
	}
	found := make([][]*record.Pair, len(maps))
	err := r.env.Store.Look(ctx, func(tx store.Tx) (err error) {
		for i, m := range maps {
			if needs[0].Ref.IsNull() {
				found[i], err = tx.PairsByKey(m.Name, canonicalKeys(m, needs))
			} else {
				ids := make([]string, len(needs))
				for n, need := range needs {
					ids[n] = need.id()
				}
				found[i], err = tx.PairsByEnd(m.Name, value.Dataverse, ids)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look up references to %s in the pair table: %w", l.Set, err)
	}
	if needs[0].Ref.IsNull() {
		return r.idsFromPairs(maps, found, needs, o), nil
	}
	return r.keysFromPairs(maps, found, needs, o), nil
}

// canonicalKeys gives the keys under which a map has the rows of needs.
func canonicalKeys(m *engine.Map, needs []Need) []string {
	keys := make([]string, 0, len(needs))
	for _, n := range needs {
		if key, ok := m.Compiled.KeyFor(n.Lookup, n.Company, n.Key); ok {
			keys = append(keys, key)
		}
	}
	return keys
}

// idsFromPairs answers which rows have keys. Where two maps know two rows of
// the same key, neither is the answer.
func (r *Resolver) idsFromPairs(maps []*engine.Map, found [][]*record.Pair, needs []Need, o Options) (rest []Need) {
	byKey := make([]map[string]string, len(maps)) // canonical key -> id of a confirmed row
	for i, pairs := range found {
		byKey[i] = make(map[string]string, len(pairs))
		for _, p := range pairs {
			if p.Dataverse.Version != "" {
				byKey[i][p.Key] = p.Dataverse.ID
			}
		}
	}
	for _, n := range needs {
		id, several := "", false
		for i, m := range maps {
			key, ok := m.Compiled.KeyFor(n.Lookup, n.Company, n.Key)
			if other := byKey[i][key]; ok && other != "" {
				several = several || id != "" && id != other
				id = other
			}
		}
		if id == "" || several {
			rest = append(rest, n)
			continue
		}
		r.learn(n, o, answer{ref: value.NewReference(n.Lookup.Table, id)})
	}
	return rest
}

// keysFromPairs answers which keys rows have.
func (r *Resolver) keysFromPairs(maps []*engine.Map, found [][]*record.Pair, needs []Need, o Options) (rest []Need) {
	shared := map[string]bool{} // ids of rows whose record F&O has
	keys := map[string]string{} // id -> key
	for i, pairs := range found {
		m := maps[i]
		for _, p := range pairs {
			id := p.Dataverse.ID
			if p.FnO.Version != "" {
				shared[id] = true
			} else if o.strict() {
				continue
			}
			if _, ok := keys[id]; ok || p.MapVersion != m.Version || len(p.Base) != len(m.Compiled.Slots) {
				continue
			}
			key, ok := m.Compiled.KeyFrom(needs[0].Lookup, p.Company, func(slot int) (fno, dataverse value.Value, ok bool) {
				b := p.Base[slot]
				return b.FnO, b.Dataverse, b.State == record.Known
			})
			if ok {
				keys[id] = key
			}
		}
	}
	writes := o.strict() && r.writesTarget(needs[0].Lookup)
	for _, n := range needs {
		id := n.id()
		switch key, ok := keys[id]; {
		case ok:
			r.learn(n, o, answer{key: key})
		case writes && !shared[id]:
			// The row exists in Dataverse, but its F&O record does not yet: F&O
			// would refuse the key.
		default:
			rest = append(rest, n)
		}
	}
	return rest
}

// writesTarget tells whether a map of this link creates the F&O records that
// the lookup's rows stand for.
func (r *Resolver) writesTarget(l *transform.Lookup) bool {
	for _, name := range l.Maps {
		if m := r.env.Map(name); m != nil && m.Compiled.CreatesOn[value.FnO] {
			return true
		}
	}
	return false
}
