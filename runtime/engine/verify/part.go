package verify

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"hash/fnv"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/engine/capture"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

// narrow has Dataverse send the rows of the one company only that is compared,
// where a column of the rows themselves names it.
func (c *comparison) narrow(ctx context.Context) error {
	k := c.m.Compiled
	if c.Company == "" || k.Company < 0 {
		return nil
	}
	slot := &k.Slots[k.Company]
	switch {
	case slot.Lookup == nil && k.CompanyLookup() == nil:
		c.reader.Equal = &connect.Equal{Column: k.Column(slot, value.Dataverse), Value: value.NewText(c.Company)}
	case slot.Lookup != nil:
		ref, ok, err := c.refs.CompanyRow(ctx, c.Company)
		if err != nil || !ok {
			return err
		}
		c.reader.Equal = &connect.Equal{Column: k.Column(slot, value.Dataverse), Value: ref}
	}
	return nil
}

// part compares some keys of which not all rows are at hand.
func (c *comparison) part(ctx context.Context, works []store.Work) error {
	found, err := c.look(ctx, works, true)
	if err != nil {
		return err
	}
	found = slices.DeleteFunc(found, func(w store.Work) bool {
		lost := c.unfindable(w, value.FnO) || c.unfindable(w, value.Dataverse)
		if lost {
			c.out.Unlooked++
		}
		return lost
	})
	return c.batch(ctx, found)
}

// unfindable tells whether a key has no row on a side only because none can be
// looked for there.
func (c *comparison) unfindable(w store.Work, side value.Side) bool {
	p := pairOf(w)
	return len(*rowsOf(&w, side)) == 0 && !c.reader.Finds(side) && (p == nil || p.End(side).ID == "")
}

// sample compares the keys that the seed chooses.
func (c *comparison) sample(ctx context.Context) error {
	chosen := &choice{size: c.Sample, seed: c.Seed}
	var err error
	if c.State != nil {
		err = c.choosePairs(ctx, chosen)
	} else {
		err = c.chooseRows(ctx, chosen)
	}
	if err != nil {
		return err
	}
	for part := range slices.Chunk(chosen.names(), c.Env.BatchSize()) {
		works := make([]store.Work, len(part))
		for i, key := range part {
			works[i].Key = key
		}
		if err := c.part(ctx, works); err != nil {
			return err
		}
	}
	return nil
}

// choosePairs chooses among the pairs that ought to be on both sides.
func (c *comparison) choosePairs(ctx context.Context, chosen *choice) error {
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
		for _, p := range pairs {
			if linked(p) && (c.Company == "" || p.Company == c.Company) {
				chosen.offer(p.Key, connect.RowID{})
			}
		}
	}
}

// chooseRows chooses among the keys of the records of both sides: of each side
// as many rows as the sample is to have, and of their keys so many.
func (c *comparison) chooseRows(ctx context.Context, chosen *choice) error {
	for _, side := range []value.Side{value.FnO, value.Dataverse} {
		rows := &choice{size: c.Sample, seed: c.Seed}
		q := c.reader.Query(side)
		table := *q.Projection.Table
		table.ChangeTracking = false // nothing is to go on from here
		q.Projection = capture.KeysOf(&table)
		for {
			if err := c.Env.Stopped(ctx); err != nil {
				return err
			}
			page, err := c.Env.Connector(side).Page(ctx, q)
			if err != nil {
				return err
			}
			for _, row := range page.Rows {
				rows.offer(row.ID, connect.RowID{ID: row.ID, Key: row.Values})
			}
			if q.Resume = page.Next; q.Resume == "" {
				break
			}
		}
		var ends []*record.Pair
		for _, r := range rows.chosen {
			p := &record.Pair{}
			*p.End(side) = record.End{ID: r.id.ID, Key: r.id.Key}
			ends = append(ends, p)
		}
		for some := range slices.Chunk(ends, c.Env.BatchSize()) {
			obs, err := c.reader.Read(ctx, side, some)
			if err != nil {
				return err
			}
			for _, o := range admitted(obs) {
				chosen.offer(o.Key, connect.RowID{})
			}
		}
	}
	return nil
}

// choice keeps those of all that it is offered whose numbers are smallest; what
// number a name has the seed decides.
type choice struct {
	size   int
	seed   uint64
	chosen []chosenOne // sorted by number
}

type chosenOne struct {
	number uint64
	name   string
	id     connect.RowID
}

func (c *choice) offer(name string, id connect.RowID) {
	h := fnv.New64a()
	var seed [8]byte
	binary.LittleEndian.PutUint64(seed[:], c.seed)
	_, _ = h.Write(seed[:])
	_, _ = h.Write([]byte(name))
	one := chosenOne{number: spread(h.Sum64()), name: name, id: id}
	at, have := slices.BinarySearchFunc(c.chosen, one, func(a, b chosenOne) int {
		return cmp.Or(cmp.Compare(a.number, b.number), strings.Compare(a.name, b.name))
	})
	if have || at >= c.size {
		return
	}
	c.chosen = slices.Insert(c.chosen, at, one)
	if len(c.chosen) > c.size {
		c.chosen = c.chosen[:c.size]
	}
}

// spread makes neighbours of a hash lie apart (the finaliser of splitmix64).
func spread(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

// names gives what was chosen, sorted.
func (c *choice) names() []string {
	names := make([]string, len(c.chosen))
	for i, one := range c.chosen {
		names[i] = one.name
	}
	slices.Sort(names)
	return names
}

// since compares what was edited since a time.
func (c *comparison) since(ctx context.Context) error {
	if err := c.handledSince(ctx); err != nil {
		return err
	}
	for _, side := range []value.Side{value.FnO, value.Dataverse} {
		var column *schema.Field
		if c.Modified != nil {
			column = c.Modified(c.m, side)
		}
		if column == nil {
			c.note("%s does not say when a record of this map was edited: what was edited there alone is compared only as far as dw has handled it.", side.Title())
			continue
		}
		if err := c.editedSince(ctx, side, column); err != nil {
			return err
		}
	}
	if err := c.deletedSince(ctx); err != nil {
		return err
	}
	return c.each(ctx, func(work []store.Work) error { return c.part(ctx, work) })
}

// deletedSince takes in the pairs whose rows of Dataverse are gone, as far as
// change tracking says so: all that the engine has not taken in yet, also where
// that was before the time. F&O does not say what was deleted.
func (c *comparison) deletedSince(ctx context.Context) error {
	c.out.DeletesUnseen = []value.Side{value.FnO}
	q := c.reader.Query(value.Dataverse)
	q.Equal = nil
	if c.State != nil {
		err := c.State.View(ctx, func(tx store.Tx) error {
			cur, err := tx.Cursor(c.m.Name, value.Dataverse)
			q.Resume = cur.Token
			return err
		})
		if err != nil {
			return err
		}
	}
	for q.Resume != "" {
		if err := c.Env.Stopped(ctx); err != nil {
			return err
		}
		page, err := c.Env.Dataverse.Changes(ctx, q)
		if errors.Is(err, connect.ErrTokenExpired) {
			break
		}
		if err != nil {
			return err
		}
		if err := c.deleted(ctx, page.Rows); err != nil {
			return err
		}
		if q.Resume = page.Next; q.Resume == "" {
			return nil
		}
	}
	c.out.DeletesUnseen = append(c.out.DeletesUnseen, value.Dataverse)
	return nil
}

// deleted takes in the pairs of rows of Dataverse that are gone.
func (c *comparison) deleted(ctx context.Context, rows []connect.Row) error {
	var gone []string
	for _, row := range rows {
		if row.Deleted {
			gone = append(gone, row.ID)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	var pairs []*record.Pair
	err := c.State.View(ctx, func(tx store.Tx) (err error) {
		pairs, err = tx.PairsByEnd(c.m.Name, value.Dataverse, gone)
		return err
	})
	if err != nil {
		return err
	}
	return c.take(ctx, slices.DeleteFunc(pairs, func(p *record.Pair) bool { return !linked(p) }))
}

// take has the records of pairs compared.
func (c *comparison) take(ctx context.Context, pairs []*record.Pair) error {
	var keys []record.Observation
	for _, p := range pairs {
		if c.Company == "" || p.Company == c.Company {
			// What is read of it later takes its place.
			keys = append(keys, record.Observation{Map: c.m.Name, Side: value.Dataverse, Key: p.Key, Company: p.Company, ID: p.Dataverse.ID})
		}
	}
	return c.Env.Store.Update(ctx, func(tx store.Tx) error { return tx.AddObservations(keys) })
}

// handledSince takes in the pairs that dw has seen agree since.
func (c *comparison) handledSince(ctx context.Context) error {
	if c.State == nil {
		return nil
	}
	from := c.Since.UTC().Format("2006-01-02T15:04:05Z")
	after := int64(0)
	for {
		var pairs []*record.Pair
		err := c.State.View(ctx, func(tx store.Tx) (err error) {
			pairs, err = tx.Pairs(c.m.Name, after, c.Env.BatchSize(), false)
			return err
		})
		if err != nil || len(pairs) == 0 {
			return err
		}
		after = pairs[len(pairs)-1].ID
		if err := c.take(ctx, slices.DeleteFunc(pairs, func(p *record.Pair) bool { return !linked(p) || p.SeenAt < from })); err != nil {
			return err
		}
	}
}

// editedSince reads the rows of a side that were edited since.
func (c *comparison) editedSince(ctx context.Context, side value.Side, column *schema.Field) error {
	q := c.reader.Query(side)
	q.Since = &connect.Since{Column: column, Time: c.Since}
	for {
		if err := c.Env.Stopped(ctx); err != nil {
			return err
		}
		page, err := c.Env.Connector(side).Page(ctx, q)
		if err != nil {
			return err
		}
		obs, err := c.reader.Observe(ctx, side, page.Rows, 0)
		if err != nil {
			return err
		}
		obs = slices.DeleteFunc(obs, func(o record.Observation) bool { return o.Key == "" })
		err = c.Env.Store.Update(ctx, func(tx store.Tx) error { return tx.AddObservations(obs) })
		if err != nil {
			return err
		}
		if q.Resume = page.Next; q.Resume == "" {
			return nil
		}
	}
}
