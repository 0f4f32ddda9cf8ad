package verify

import (
	"context"
	"slices"
	"time"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

// While an engine keeps both sides equal, a difference may only be a change on
// its way: it is looked at again at once, and what still differs a few times
// more, as long as the engine has something to do for the map.
const (
	looks     = 6
	lookAfter = time.Second
	// mostWaiting is how many records are kept for a later look; more than that
	// are not on their way.
	mostWaiting = 10_000
)

// again looks at differing records afresh; those that still differ wait.
func (c *comparison) again(ctx context.Context, differing []different) error {
	works := make([]store.Work, len(differing))
	for i, d := range differing {
		works[i] = d.work
	}
	c.out.Compared -= int64(len(works))
	still, err := c.lookAndCompare(ctx, works)
	if err != nil {
		return err
	}
	for i, d := range still {
		if len(c.waiting) >= mostWaiting {
			return c.tell(ctx, still[i:])
		}
		c.out.Compared--
		c.waiting = append(c.waiting, d.work.Key)
	}
	return nil
}

// lookAndCompare reads keys afresh and compares them.
func (c *comparison) lookAndCompare(ctx context.Context, works []store.Work) ([]different, error) {
	c.refs.Forget() // what references lead to may have come meanwhile
	fresh, err := c.look(ctx, works, false)
	if err != nil {
		return nil, err
	}
	equal := c.out.Equal
	still, err := c.compareAll(ctx, fresh)
	c.out.Settled += c.out.Equal - equal
	return still, err
}

// settle looks at the records that wait until they agree or nothing is on its
// way any more, and tells of those that are left.
func (c *comparison) settle(ctx context.Context) error {
	for n := 1; len(c.waiting) > 0; n++ {
		moving, err := c.inFlight(ctx)
		if err != nil {
			return err
		}
		if err := c.Env.Host.Clock.Sleep(ctx, lookAfter); err != nil {
			return err
		}
		last := n == looks || !moving && n > 1
		keys := c.waiting
		c.waiting = nil
		for part := range slices.Chunk(keys, c.Env.BatchSize()) {
			works := make([]store.Work, len(part))
			for i, key := range part {
				works[i].Key = key
			}
			still, err := c.lookAndCompare(ctx, works)
			if err != nil {
				return err
			}
			if last {
				if err := c.tell(ctx, still); err != nil {
					return err
				}
				continue
			}
			for _, d := range still {
				c.out.Compared--
				c.waiting = append(c.waiting, d.work.Key)
			}
		}
	}
	return nil
}

// look reads the rows of some keys afresh on both sides: by the rows that were
// seen and those of the pairs that the state has, and by the key where there
// are none, or, with rivals, in any case. It puts the pairs in place.
func (c *comparison) look(ctx context.Context, works []store.Work, rivals bool) ([]store.Work, error) {
	if err := c.know(ctx, works); err != nil {
		return nil, err
	}
	out := make([]store.Work, len(works))
	at := make(map[string]int, len(works))
	for i, w := range works {
		out[i] = store.Work{Key: w.Key}
		at[w.Key] = i
	}
	for _, side := range []value.Side{value.FnO, value.Dataverse} {
		obs, err := c.reader.Read(ctx, side, c.ends(side, works))
		if err != nil {
			return nil, err
		}
		place(out, at, side, obs)
		var keys []string
		for i := range out {
			if rivals || len(*rowsOf(&out[i], side)) == 0 {
				keys = append(keys, out[i].Key)
			}
		}
		held, err := c.reader.Holders(ctx, side, keys)
		if err != nil {
			return nil, err
		}
		place(out, at, side, held)
	}
	return out, c.know(ctx, out)
}

// ends gives the rows of a side by which keys are known, as a reader asks for
// them, each once.
func (c *comparison) ends(side value.Side, works []store.Work) (ends []*record.Pair) {
	had := map[string]bool{}
	add := func(p *record.Pair) {
		if id := p.End(side).ID; id != "" && !had[id] {
			had[id], ends = true, append(ends, p)
		}
	}
	for i := range works {
		for _, o := range *rowsOf(&works[i], side) {
			p := &record.Pair{Key: o.Key}
			*p.End(side) = record.End{ID: o.ID}
			if side == value.FnO {
				if len(o.Values) == 0 {
					continue
				}
				p.FnO.Key = c.m.Compiled.EntityKey(o.Values)
			}
			add(p)
		}
		for _, p := range works[i].Pairs {
			add(p)
		}
	}
	return ends
}

func rowsOf(w *store.Work, side value.Side) *[]record.Observation {
	if side == value.FnO {
		return &w.FnO
	}
	return &w.Dataverse
}

// place adds observations to their keys, each row once.
func place(out []store.Work, at map[string]int, side value.Side, obs []record.Observation) {
	for _, o := range obs {
		i, ok := at[o.Key]
		if !ok {
			continue // it has another key by now
		}
		rows := rowsOf(&out[i], side)
		if !slices.ContainsFunc(*rows, func(x record.Observation) bool { return x.ID == o.ID }) {
			*rows = append(*rows, o)
		}
	}
}
