package initial

import (
	"cmp"
	"context"

	"github.com/dualwrite/dw/planner/plan"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/store"
)

// Pending gives those of maps whose initial sync is not done, in their order.
func Pending(d plan.Deployed, maps []*engine.Map) []*engine.Map {
	waits := map[string]bool{}
	for _, m := range d.Maps {
		waits[m.Definition.Map.Name] = m.Initial == "pending"
	}
	var pending []*engine.Map
	for _, m := range maps {
		if waits[m.Name] {
			pending = append(pending, m)
		}
	}
	return pending
}

// Join joins maps, which lie in the order of their waves, wave by wave and
// records each that is done. The last wave is done when nothing that is parked
// in the swept maps (none given: those of the last wave) can go on: a run that
// is cut off before then has something left to do.
func (r *Runner) Join(ctx context.Context, maps, swept []*engine.Map) error {
	later := func(context.Context, *engine.Map) error { return nil }
	for len(maps) > 0 {
		n := 1
		for n < len(maps) && maps[n].Def.Wave == maps[0].Def.Wave {
			n++
		}
		wave := maps[:n]
		maps = maps[n:]
		if len(maps) > 0 {
			if err := r.Wave(ctx, wave, r.finish); err != nil {
				return err
			}
			continue
		}
		if err := r.Wave(ctx, wave, later); err != nil {
			return err
		}
		if len(swept) == 0 {
			swept = wave
		}
		if err := r.Sweep(ctx, swept); err != nil {
			return err
		}
		for _, m := range wave {
			if err := r.finish(ctx, m); err != nil {
				return err
			}
		}
	}
	return nil
}

// finish records that a map's initial sync is done.
func (r *Runner) finish(ctx context.Context, m *engine.Map) error {
	err := r.Env.Store.Update(ctx, func(tx store.Tx) error {
		dm, err := tx.DeployedMap(r.Env.Link, m.Name)
		if err != nil || dm == nil {
			return err
		}
		dm.Initial, dm.Status = "done", Desired(*dm)
		return tx.PutDeployed(r.Env.Link, *dm)
	})
	if err != nil || r.Done == nil {
		return err
	}
	return r.Done(ctx, m)
}

// Desired gives the status that a map's definition asks for.
func Desired(m plan.DeployedMap) string {
	return cmp.Or(m.Definition.Map.Status, store.StatusRunning)
}
