package match

import (
	"context"
	"fmt"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/engine/capture"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

// store stores what was found in one transaction: of half of it another run
// would make something else.
func (f *finder) store(ctx context.Context) (Outcome, error) {
	var out Outcome
	err := f.Env.Store.Update(ctx, func(tx store.Tx) error {
		out = Outcome{}
		return f.Scratch.View(ctx, func(found store.Tx) error {
			s := storing{finder: f, tx: tx, found: found, out: &out}
			if err := s.keyless(ctx); err != nil {
				return err
			}
			if err := s.others(ctx); err != nil {
				return err
			}
			if err := s.idle(ctx); err != nil {
				return err
			}
			if err := tx.AddTally(f.Map.Name, store.Tally{ByMatch: out.ByMatch, ByCrosswalk: out.ByCrosswalk}); err != nil {
				return err
			}
			if f.Stored == nil {
				return nil
			}
			return f.Stored(tx)
		})
	})
	if err != nil {
		return out, fmt.Errorf("store what was matched of map %s: %w", f.Map.Name, err)
	}
	return out, nil
}

// storing is the transaction at the end.
type storing struct {
	*finder
	tx, found store.Tx
	out       *Outcome
}

// keyless goes over the rows without key, which come first.
func (s *storing) keyless(ctx context.Context) error {
	after := ""
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		work, err := s.tx.Work(s.Map.Name, after, s.Env.BatchSize())
		if err != nil || len(work) == 0 {
			return err
		}
		after = work[len(work)-1].Key
		var rows []record.Observation
		paired := map[string]*record.Pair{}
		for _, w := range work {
			if !capture.IsKeyless(w.Key) {
				continue
			}
			rows = append(rows, w.Dataverse...)
			for _, p := range w.Pairs {
				paired[p.Dataverse.ID] = p
			}
		}
		if len(rows) == 0 {
			return nil // and none follows
		}
		if err := s.rows(rows, paired); err != nil {
			return err
		}
	}
}

// rows stores what was found about some rows without key.
func (s *storing) rows(rows []record.Observation, paired map[string]*record.Pair) error {
	ids := make([]string, len(rows))
	for i, o := range rows {
		ids[i] = o.ID
	}
	pairs, err := s.found.PairsByEnd(decided, value.Dataverse, ids)
	if err != nil {
		return err
	}
	byID := map[string]*record.Pair{}
	for _, p := range pairs {
		byID[p.Dataverse.ID] = p
	}
	var left []record.Observation
	var seqs []int64
	for _, o := range rows {
		p, old := byID[o.ID], paired[o.ID]
		switch {
		case old != nil && old.Life == record.Matched: // by a run before, and it has not got its key yet
			o.Key = old.Key
			if err := s.tx.AddObservations([]record.Observation{o}); err != nil {
				return err
			}
		case p != nil && p.Life == lifeMatched:
			if err := s.pair(p, o); err != nil {
				return err
			}
		default:
			seqs = append(seqs, o.Seq)
			if p == nil {
				left = append(left, o)
			}
		}
	}
	s.out.Keyless += int64(len(left))
	if len(left) > 0 {
		for i := range left {
			left[i].Key = ""
			left[i].Values = s.c.Widen(value.Dataverse, left[i].Values, nil)
		}
		if err := s.tx.PutListed(s.Keyless(left)); err != nil {
			return err
		}
	}
	return s.tx.DropObservations(s.Map.Name, seqs)
}

// pair stores that a row belongs to a record, whose key it is yet to get.
func (s *storing) pair(p *record.Pair, o record.Observation) error {
	o.Key = p.Key
	if err := s.tx.AddObservations([]record.Observation{o}); err != nil {
		return err
	}
	if p.SeenAt == "" {
		s.out.ByCrosswalk++
	} else {
		s.out.ByMatch++
	}
	return s.tx.PutPairs([]*record.Pair{{
		Map: s.Map.Name, MapVersion: s.Map.Version, Key: p.Key, Company: p.Company, Life: record.Matched, Base: make([]record.FieldBase, len(s.c.Slots)),
		FnO: record.End{ID: p.FnO.ID, Key: p.FnO.Key}, Dataverse: record.End{ID: p.Dataverse.ID},
	}})
}

// others goes over all that was decided: records of which there is no telling,
// and rows that have a key and get another one.
func (s *storing) others(ctx context.Context) error {
	after := int64(0)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		pairs, err := s.found.Pairs(decided, after, s.Env.BatchSize(), false)
		if err != nil || len(pairs) == 0 {
			return err
		}
		after = pairs[len(pairs)-1].ID
		var failed []string
		var seqs []int64
		for _, p := range pairs {
			switch {
			case p.Life != lifeMatched:
				failed = append(failed, p.Key)
				seqs = append(seqs, p.Written)
			case !capture.IsKeyless(p.Dataverse.Version):
				o, err := observed(s.tx, s.Map.Name, p.Dataverse.Version, p.Dataverse.ID)
				if err != nil {
					return err
				}
				if err := s.pair(p, o); err != nil {
					return err
				}
			}
		}
		if err := s.failed(failed); err != nil {
			return err
		}
		if err := s.tx.DropObservations(s.Map.Name, seqs); err != nil {
			return err
		}
	}
}

// idle takes over the lines of the crosswalk that find nothing.
func (s *storing) idle(ctx context.Context) error {
	after := int64(0)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		lines, err := s.found.Listed(store.ListedQuery{Map: idleMap}, after, s.Env.BatchSize())
		if err != nil || len(lines) == 0 {
			return err
		}
		after = lines[len(lines)-1].ID
		for i := range lines {
			lines[i].Map, lines[i].ID = s.Map.Name, 0
		}
		if err := s.tx.PutListed(lines); err != nil {
			return err
		}
	}
}

// observed gives the observation of a record or row by its key and id.
func observed(tx store.Tx, mapName, key, id string) (record.Observation, error) {
	w, err := store.WorkOf(tx, mapName, key)
	if err != nil {
		return record.Observation{}, err
	}
	for _, o := range append(w.Dataverse, w.FnO...) {
		if o.ID == id {
			return o, nil
		}
	}
	return record.Observation{}, fmt.Errorf("%s is not where it was read", id)
}

// failed takes the lists of failures over from the scratch store.
func (s *storing) failed(keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	listed, err := s.found.Listed(store.ListedQuery{Map: decided, Keys: keys}, 0, 0)
	if err != nil {
		return err
	}
	for i := range listed {
		listed[i].Map, listed[i].ID = s.Map.Name, 0
	}
	s.out.Failed += int64(len(listed))
	return s.tx.PutListed(listed)
}

// keep stores what a page came to, and the lines of it that find nothing, in the
// scratch store.
func (f *finder) keep(ctx context.Context, out []record.Observation) error {
	idle := f.unused
	f.unused = nil
	if len(out)+len(idle) == 0 {
		return nil
	}
	return f.Scratch.Update(ctx, func(tx store.Tx) error {
		if err := tx.AddObservations(out); err != nil {
			return err
		}
		return tx.PutListed(idle)
	})
}
