package preflight

import (
	"context"
	"fmt"
	"slices"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/engine/handle"
	"github.com/dualwrite/dw/runtime/engine/refs"
	"github.com/dualwrite/dw/runtime/merge"
	"github.com/dualwrite/dw/runtime/store"
)

// target is a record of another map for which one waits.
type target struct{ mapName, key string }

// forever takes in records that wait for others that never come. Where a record
// that is waited for fails itself, it is the cause.
func (c *check) forever(ctx context.Context, waiting []*handle.Verdict) error {
	if len(waiting) == 0 {
		return nil
	}
	var needs []refs.Need
	for _, v := range waiting {
		for _, w := range v.Result.Waits {
			if w.Key == "" && !w.Ref.IsNull() && len(w.Lookup.Maps) > 0 {
				needs = append(needs, refs.Need{Lookup: w.Lookup, Ref: w.Ref})
			}
		}
	}
	keys, err := c.refs.Resolve(ctx, needs, refs.Options{Pairs: true, Any: true})
	if err != nil {
		return err
	}
	failing, err := c.failing(ctx, waiting, keys)
	if err != nil {
		return err
	}
	for _, v := range waiting {
		if err := c.waits(v, keys, failing); err != nil {
			return err
		}
	}
	return nil
}

// targets gives the records that a wait may be for.
func (c *check) targets(v *handle.Verdict, w *merge.Wait, keys refs.Answers) (out []target) {
	company, text := w.Company, w.Key
	if text == "" {
		text, _ = keys.Key(w.Lookup, w.Ref)
		if v.Dataverse != nil {
			company = v.Dataverse.Company
		}
	}
	if text == "" {
		return nil
	}
	for _, name := range w.Lookup.Maps {
		if m := c.Env.Map(name); m != nil {
			if key, ok := m.Compiled.KeyFor(w.Lookup, company, text); ok {
				out = append(out, target{name, key})
			}
		}
	}
	for _, other := range w.Others {
		for _, name := range other.Lookup.Maps {
			if m := c.Env.Map(name); m != nil {
				if key, ok := m.Compiled.KeyFor(other.Lookup, company, other.Key); ok {
					out = append(out, target{name, key})
				}
			}
		}
	}
	return out
}

// failing gives those of the records that are waited for that fail themselves.
func (c *check) failing(ctx context.Context, waiting []*handle.Verdict, keys refs.Answers) (map[target]bool, error) {
	asked := map[string][]string{}
	for _, v := range waiting {
		for i := range v.Result.Waits {
			for _, t := range c.targets(v, &v.Result.Waits[i], keys) {
				asked[t.mapName] = append(asked[t.mapName], t.key)
			}
		}
	}
	found := map[target]bool{}
	err := c.Env.Store.View(ctx, func(tx store.Tx) error {
		for name, list := range asked {
			slices.Sort(list)
			marks, err := tx.Listed(store.ListedQuery{Map: name, Keys: slices.Compact(list)}, 0, 0)
			if err != nil {
				return err
			}
			for _, l := range marks {
				found[target{name, l.Key}] = true
			}
		}
		return nil
	})
	return found, err
}

// waits takes in one record that waits for ever.
func (c *check) waits(v *handle.Verdict, keys refs.Answers, failing map[target]bool) error {
	told := map[string]bool{}
	for i := range v.Result.Waits {
		w := &v.Result.Waits[i]
		if !w.Missing || told[w.Slot] {
			continue
		}
		all := c.targets(v, w, keys)
		if slices.Contains(all, target{c.m.Name, v.Key}) {
			continue // itself: it is there once it gets over
		}
		told[w.Slot] = true
		from := value.FnO
		if w.Key == "" {
			from = value.Dataverse
		}
		x := trouble{code: diag.CodeReferenceMissing, side: from, field: w.Slot, record: c.readable(v), rows: []row{c.at(v, from, w.Slot)},
			mend: "Create the record that it refers to, or let it refer to another one."}
		if w.Key != "" {
			x.reason = fmt.Sprintf("No %s on either side, and no map would create it.", w.Lookup.Asks(w.Key))
		} else {
			x.reason = fmt.Sprintf("F&O has no record for %s, and no map would create it.", w.Ref)
		}
		for _, t := range all {
			if failing[t] {
				x.code, x.behind = diag.CodeFollowsFailure, t.mapName
				x.reason = fmt.Sprintf("It refers to a record of %s that would not get over itself.", model.MapAddress(t.mapName))
				x.mend = "Nothing here: it goes on by itself once that record is mended."
				x.rows = nil
				break
			}
		}
		if _, err := c.add(x); err != nil {
			return err
		}
	}
	if len(told) > 0 {
		c.out.Failing++
	}
	return nil
}
