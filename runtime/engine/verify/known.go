package verify

import (
	"context"
	"fmt"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

// begin notes what the state says before anything is read.
func (c *comparison) begin(ctx context.Context) error {
	if c.State == nil {
		return nil
	}
	return c.State.View(ctx, func(tx store.Tx) (err error) {
		if c.began, err = tx.Seq(); err != nil {
			return err
		}
		s, err := store.RunStateOf(tx, c.m.Name)
		if err != nil || s.Status != store.StatusPaused && s.Status != store.StatusStopped {
			return err
		}
		queued, err := tx.CountObservations(c.m.Name)
		c.out.Notes = append(c.out.Notes, resting(c.m.Name, s, queued[value.FnO]+queued[value.Dataverse]))
		return err
	})
}

// resting says why a map carries nothing over, and what goes on with it.
func resting(name string, s store.RunState, waiting int64) string {
	name = model.MapArgument(name)
	switch {
	case s.Batch != "":
		return fmt.Sprintf("The map is in a batch window: `dw batch end %s` moves what changed in it.", name)
	case s.Status == store.StatusStopped:
		return fmt.Sprintf("The map is stopped: `dw resume %s` reads both sides anew.", name)
	case waiting == 0:
		return fmt.Sprintf("The map is paused: `dw resume %s` carries over what changes meanwhile.", name)
	}
	return fmt.Sprintf("The map is paused: `dw resume %s` carries over what changes meanwhile. Waiting: %d.", name, waiting)
}

// pairOf gives the pair of a key; nil where the state knows none.
func pairOf(w store.Work) *record.Pair {
	for _, p := range w.Pairs {
		if p.Key == w.Key {
			return p
		}
	}
	if len(w.Pairs) > 0 {
		return w.Pairs[0]
	}
	return nil
}

// linked tells whether both records of a pair ought to be there.
func linked(p *record.Pair) bool {
	return p != nil && p.Life == record.Linked && p.FnO.ID != "" && p.Dataverse.ID != ""
}

// agreed tells whether the base of a pair means anything here.
func (c *comparison) agreed(p *record.Pair) bool {
	return p != nil && p.MapVersion == c.m.Version && len(p.Base) == len(c.m.Compiled.Slots)
}

// know puts the pairs that the state has of keys and their rows in place, and
// notes those of which a row was seen.
func (c *comparison) know(ctx context.Context, work []store.Work) error {
	if c.State == nil || len(work) == 0 {
		return nil
	}
	rows := map[value.Side][]string{}
	of := map[string]int{} // key, or side and id
	keys := make([]string, len(work))
	for i := range work {
		w := &work[i]
		keys[i], w.Pairs = w.Key, nil
		of[w.Key] = i
		for _, obs := range [][]record.Observation{w.FnO, w.Dataverse} {
			for _, o := range obs {
				rows[o.Side] = append(rows[o.Side], o.ID)
				of[string(o.Side)+"\x00"+o.ID] = i
			}
		}
	}
	return c.State.View(ctx, func(tx store.Tx) error {
		pairs, err := tx.PairsByKey(c.m.Name, keys)
		if err != nil {
			return err
		}
		for _, p := range pairs {
			work[of[p.Key]].Pairs = append(work[of[p.Key]].Pairs, p)
		}
		for _, side := range []value.Side{value.FnO, value.Dataverse} {
			if len(rows[side]) == 0 {
				continue
			}
			pairs, err := tx.PairsByEnd(c.m.Name, side, rows[side])
			if err != nil {
				return err
			}
			for _, p := range pairs {
				c.seen.Add(p.ID)
				w := &work[of[string(side)+"\x00"+p.End(side).ID]]
				w.Pairs = append(w.Pairs, p)
			}
		}
		return nil
	})
}

// explanation is why the state expects a difference.
type explanation struct {
	kind record.Kind
	text string
}

// explain gives what the state lists for a key, by field; "" is the record.
func (c *comparison) explain(ctx context.Context, key string) (map[string]explanation, error) {
	if c.State == nil {
		return nil, nil
	}
	why := map[string]explanation{}
	err := c.State.View(ctx, func(tx store.Tx) error {
		l, err := tx.Listed(store.ListedQuery{Map: c.m.Name, Keys: []string{key}}, 0, c.Env.BatchSize())
		for _, r := range l {
			e := explanation{r.Kind, fmt.Sprintf("%s: %s", r.Kind, r.Reason)}
			why[r.Field] = e
			if r.Kind == record.Failed || r.Kind == record.Parked {
				why[""] = e // the whole record waits, whichever field is the reason
			}
		}
		return err
	})
	return why, err
}

// orphans names known pairs both of whose records are gone. What a scan did not
// see is looked for by id and key first: it may have left what the scan reads.
func (c *comparison) orphans(ctx context.Context) error {
	if c.State == nil {
		return nil
	}
	after := int64(0)
	for {
		if err := c.Env.Stopped(ctx); err != nil {
			return err
		}
		var pairs []*record.Pair
		err := c.State.View(ctx, func(tx store.Tx) (err error) {
			pairs, err = tx.Pairs(c.m.Name, after, c.Env.BatchSize(), false)
			return err
		})
		if err != nil || len(pairs) == 0 {
			return err
		}
		after = pairs[len(pairs)-1].ID
		var unseen []store.Work
		for _, p := range pairs {
			if linked(p) && !c.seen.Has(p.ID) && p.ID <= c.began && p.Written <= c.began && (c.Company == "" || p.Company == c.Company) {
				unseen = append(unseen, store.Work{Key: p.Key, Pairs: []*record.Pair{p}})
			}
		}
		if len(unseen) == 0 {
			continue
		}
		found, err := c.look(ctx, unseen, false)
		if err != nil {
			return err
		}
		for _, w := range found {
			if len(w.FnO)+len(w.Dataverse) > 0 {
				continue
			}
			c.out.Compared++
			d := c.compare(w, nil, nil, nil)
			if err := c.differ(ctx, w.Key, d); err != nil {
				return err
			}
		}
	}
}

// inFlight tells whether the engine has something on its way for the map.
func (c *comparison) inFlight(ctx context.Context) (bool, error) {
	if c.State == nil {
		return true, nil // nobody can tell
	}
	n := int64(0)
	err := c.State.View(ctx, func(tx store.Tx) error {
		s, err := store.RunStateOf(tx, c.m.Name)
		if err != nil || s.Status == store.StatusPaused || s.Status == store.StatusStopped {
			return err
		}
		queued, err := tx.CountObservations(c.m.Name)
		if err != nil {
			return err
		}
		open, err := tx.CountIntents(c.m.Name)
		n = queued[value.FnO] + queued[value.Dataverse] + open
		return err
	})
	return n > 0, err
}

// moving tells whether a running engine has a change of a key at hand that it has
// not handled, or a write of it that is not confirmed: behind a long queue that
// may take longer than anybody waits here.
func (c *comparison) moving(ctx context.Context, key string) (moving bool, err error) {
	if !c.Running || c.State == nil {
		return false, nil
	}
	err = c.State.View(ctx, func(tx store.Tx) error {
		s, err := store.RunStateOf(tx, c.m.Name)
		if err != nil || s.Status == store.StatusPaused || s.Status == store.StatusStopped {
			return err
		}
		work, err := store.WorkOf(tx, c.m.Name, key)
		if moving = work.Key != ""; err != nil || moving {
			return err
		}
		pairs, err := tx.PairsByKey(c.m.Name, []string{key})
		for _, p := range pairs {
			for _, side := range []value.Side{value.FnO, value.Dataverse} {
				if id := p.End(side).ID; id != "" && err == nil {
					var open []*record.Intent
					open, err = tx.IntentsByTarget(c.m.Name, side, []string{id})
					moving = moving || len(open) > 0
				}
			}
		}
		return err
	})
	return moving, err
}

// note adds a sentence about what could not be compared.
func (c *comparison) note(format string, args ...any) {
	c.out.Notes = append(c.out.Notes, fmt.Sprintf(format, args...))
}
