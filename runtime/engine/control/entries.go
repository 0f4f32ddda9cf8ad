package control

import (
	"context"
	"maps"
	"slices"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/capture"
	"github.com/dualwrite/dw/runtime/engine/drain"
	"github.com/dualwrite/dw/runtime/engine/refs"
	"github.com/dualwrite/dw/runtime/engine/write"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

// retry reads the records of entries of one map again and handles them.
func (e *executor) retry(ctx context.Context, m *engine.Map, listed []record.Listed) (c tally, err error) {
	wanted := map[string]bool{}
	err = e.env.Store.Update(ctx, func(tx store.Tx) error {
		clear(wanted)
		c.approved = 0
		for _, l := range listed {
			switch ok, err := capture.Approve(tx, l); {
			case err != nil:
				return err
			case ok:
				c.approved++
			case !capture.IsFinding(l):
				wanted[l.Key] = true
			}
		}
		return reopen(tx, m, listed)
	})
	if err != nil {
		return c, err
	}
	keys := slices.Sorted(maps.Keys(wanted))
	d := drain.New(e.env, m)
	d.Writer.Live = true
	if err := d.Writer.Confirm(ctx); err != nil && !write.Waits(err) {
		return c, err
	}
	found := map[string]bool{}
	some, err := d.Reader.Keyed(ctx, slices.DeleteFunc(slices.Clone(keys), func(key string) bool { return !capture.IsKeyless(key) }))
	if err != nil {
		return c, err
	}
	for _, key := range some {
		wanted[key], found[key] = true, true
	}
	again, err := d.Reader.Again(ctx, keys)
	if err != nil {
		return c, err
	}
	maps.Copy(found, again)
	pass := func() error {
		h := d.Handler(false)
		h.Retry = true
		_, err := d.Named(ctx, h, slices.Sorted(maps.Keys(wanted)), nil)
		if write.Waits(err) {
			return nil // of another record, perhaps; it stays open
		}
		return err
	}
	if err := pass(); err != nil {
		return c, err
	}
	if err := e.oweAgain(ctx, d, keys); err != nil {
		return c, err
	}
	// Confirming may have shown more of these records.
	if err := pass(); err != nil {
		return c, err
	}
	gone, err := d.Reader.Nowhere(ctx, keys, found)
	if err == nil && len(gone) > 0 {
		err = e.env.Store.Update(ctx, func(tx store.Tx) error { return tx.Unlist(m.Name, gone) })
	}
	if err != nil {
		return c, err
	}
	c.records = len(keys)
	return c, e.left(ctx, m, keys, found, &c)
}

// reopen takes back what was agreed about differences that were accepted, by a
// person or because a service keeps its own value: the next merge decides about
// them as about new ones.
func reopen(tx store.Tx, m *engine.Map, listed []record.Listed) error {
	fields := map[string]map[string]bool{} // by key; the field "" means all
	for _, l := range listed {
		all := l.Code == diag.CodeDropped || l.Code == diag.CodeDiscarded
		if !all && l.Code != diag.CodeAccepted {
			continue
		}
		if fields[l.Key] == nil {
			fields[l.Key] = map[string]bool{}
		}
		if all {
			l.Field = ""
		}
		fields[l.Key][l.Field] = true
	}
	if len(fields) == 0 {
		return nil
	}
	pairs, err := tx.PairsByKey(m.Name, slices.Sorted(maps.Keys(fields)))
	if err != nil {
		return err
	}
	for _, p := range pairs {
		for i := range p.Base {
			if fields[p.Key][""] || len(p.Base) == len(m.Compiled.Slots) && fields[p.Key][m.Compiled.Slots[i].Name] {
				p.Base[i] = record.FieldBase{}
			}
		}
	}
	return tx.PutPairs(pairs)
}

// oweAgain tries to fill the references that records owe.
func (e *executor) oweAgain(ctx context.Context, d *drain.Drain, keys []string) error {
	var pairs []*record.Pair
	err := e.env.Store.View(ctx, func(tx store.Tx) error {
		found, err := tx.PairsByKey(d.Map.Name, keys)
		pairs = slices.DeleteFunc(found, func(p *record.Pair) bool { return !p.Owes() })
		return err
	})
	if err != nil {
		return err
	}
	_, err = d.Owed(ctx, pairs)
	return err
}

// left counts what a retry did not settle.
func (e *executor) left(ctx context.Context, m *engine.Map, keys []string, found map[string]bool, c *tally) error {
	if len(keys) == 0 {
		return nil
	}
	var left []record.Listed
	err := e.env.Store.View(ctx, func(tx store.Tx) (err error) {
		left, err = tx.Listed(store.ListedQuery{Map: m.Name, Keys: keys}, 0, 0)
		return err
	})
	if err != nil {
		return err
	}
	open := map[string]bool{}
	for _, l := range left {
		if l.Kind != record.Tolerated {
			open[l.Key] = true
		}
	}
	c.open = len(open)
	for key := range open {
		if !found[key] {
			c.unseen++
		}
	}
	return nil
}

// drop accepts what the records of entries of one map are like.
func (e *executor) drop(ctx context.Context, m *engine.Map, listed []record.Listed) (c tally, err error) {
	keys := map[string]bool{}
	var findings []string
	for _, l := range listed {
		if capture.IsFinding(l) {
			findings = append(findings, l.Key)
		} else {
			keys[l.Key] = true
		}
	}
	if len(findings) > 0 {
		err := e.env.Store.Update(ctx, func(tx store.Tx) error { return tx.Unlist(m.Name, findings) })
		if err != nil {
			return c, err
		}
	}
	c.records = len(keys) + len(findings)
	if len(keys) == 0 {
		return c, nil
	}
	return c, e.accept(ctx, m, slices.Sorted(maps.Keys(keys)), diag.CodeDropped, "It was dropped")
}

// approve lets those of the entries pass that are findings.
func (e *executor) approve(ctx context.Context, listed []record.Listed) (c tally, err error) {
	return c, e.env.Store.Update(ctx, func(tx store.Tx) error {
		c.approved = 0
		for _, l := range listed {
			ok, err := capture.Approve(tx, l)
			if err != nil {
				return err
			}
			if ok {
				c.approved++
			}
		}
		return nil
	})
}

// accept makes what both sides have now the agreed values of records, and lists
// each as tolerated: the next edit is carried over again.
func (e *executor) accept(ctx context.Context, m *engine.Map, keys []string, code, why string) error {
	reader := &capture.Reader{Env: e.env, Map: m, Refs: refs.New(e.env)}
	seen, err := reader.Sights(ctx, keys)
	if err != nil {
		return err
	}
	return e.env.Store.Update(ctx, func(tx store.Tx) error {
		known, err := tx.PairsByKey(m.Name, keys)
		if err != nil {
			return err
		}
		pairs := map[string]*record.Pair{}
		for _, p := range known {
			pairs[p.Key] = p
		}
		before, err := tx.Listed(store.ListedQuery{Map: m.Name, Keys: keys}, 0, 0)
		if err != nil {
			return err
		}
		if err := tx.Unlist(m.Name, keys); err != nil {
			return err
		}
		var stored []*record.Pair
		var listed []record.Listed
		for _, key := range keys {
			s := seen[key]
			if p := accepted(m, pairs[key], key, s); p != nil {
				stored = append(stored, p)
			}
			listed = append(listed, e.tolerated(m, key, s, before, code, why))
		}
		if err := e.unqueue(tx, m, keys); err != nil {
			return err
		}
		if err := tx.PutPairs(stored); err != nil {
			return err
		}
		return tx.PutListed(listed)
	})
}

// unqueue removes what waits of records. Of the queue it reads the part in which
// their keys, which are sorted, may lie.
func (e *executor) unqueue(tx store.Tx, m *engine.Map, keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	wanted := map[string]bool{}
	for _, key := range keys {
		wanted[key] = true
	}
	var seqs []int64
	last := keys[len(keys)-1]
	for after := keys[0][:max(len(keys[0])-1, 0)]; after < last; {
		work, err := tx.Work(m.Name, after, e.env.BatchSize())
		if err != nil {
			return err
		}
		if len(work) == 0 {
			break
		}
		after = work[len(work)-1].Key
		for _, w := range work {
			if !wanted[w.Key] {
				continue
			}
			for _, o := range append(w.FnO[:len(w.FnO):len(w.FnO)], w.Dataverse...) {
				seqs = append(seqs, o.Seq)
			}
		}
	}
	return tx.DropObservations(m.Name, seqs)
}

// accepted gives the pair of a record as it is on both sides, of one end where
// it is on one side only; nil where there is nothing to remember.
func accepted(m *engine.Map, p *record.Pair, key string, s capture.Sight) *record.Pair {
	if s.FnO == nil && s.Dataverse == nil {
		return nil
	}
	if p == nil {
		p = &record.Pair{Map: m.Name, Key: key}
	}
	c := m.Compiled
	p.MapVersion, p.Rounds, p.Life = m.Version, 0, record.Linked
	p.Base = make([]record.FieldBase, len(c.Slots))
	p.FnO, p.Dataverse = record.End{}, record.End{}
	for _, o := range []*record.Observation{s.FnO, s.Dataverse} {
		if o != nil {
			one := oneEnded(m, o)
			p.Company, *p.End(o.Side) = o.Company, *one.End(o.Side)
		}
	}
	if s.FnO != nil && s.Dataverse != nil {
		for i := range c.Slots {
			slot := &c.Slots[i]
			p.Base[i] = record.FieldBase{State: record.Known, FnO: s.FnO.Values[slot.FnO], Dataverse: s.Dataverse.Values[slot.Dataverse]}
		}
	}
	return p
}

// tolerated lists a record whose difference is accepted.
func (e *executor) tolerated(m *engine.Map, key string, s capture.Sight, before []record.Listed, code, why string) record.Listed {
	l := record.Listed{
		Kind: record.Tolerated, Map: m.Name, Key: key, Record: transform.ReadableCanonical(key), Side: value.Dataverse, Code: code, At: e.now(),
		Hint: "Edit the record on either side, or retry the entry, to carry it over again.",
	}
	for _, o := range []*record.Observation{s.Dataverse, s.FnO} {
		if o != nil {
			l.Company, l.Record = o.Company, m.Compiled.ReadableKey(o.Side, o.Values, o.Company)
		}
	}
	if e.cmd.By != "" {
		why += " by " + e.cmd.By
	}
	l.Reason = why + "."
	for _, b := range before {
		if b.Key == key {
			l.Record, l.Company, l.Side = b.Record, b.Company, b.Side
			if b.Code == diag.CodeDropped || b.Code == diag.CodeDiscarded {
				l.Reason = b.Reason // it was accepted before; why it was is what matters
				continue
			}
			l.Reason = why + "; before, it was listed as " + string(b.Kind) + ": " + b.Reason
		}
	}
	return l
}
