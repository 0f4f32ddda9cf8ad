package match

import (
	"context"
	"strings"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

// endOfKey ends what the entries of a group are joined by in their keys.
const endOfKey = "\x00\x00"

// placeIn gives the key of an entry in the order of a way: after what it is
// joined by, which no other group's begins with, its side and id. So each is
// alone under its key, and a group is read a page at a time however many have
// the same values.
func placeIn(joined string, e *entry) string {
	return strings.ReplaceAll(joined, "\x00", "\x00\xff") + endOfKey + string(e.side) + e.id
}

// groupOf gives what the keys of a group begin with.
func groupOf(key string) string { return key[:strings.Index(key, endOfKey)+len(endOfKey)] }

// group is the records and rows that have the same values, as far as they were
// met. It holds some of them at most.
type group struct {
	key           string // what their keys begin with
	records, rows int
	record        *entry // one of them
	open          []*entry
	openRecords   int // that are still to be decided about
	openRows      int
	long          bool // there are more of these than open holds
}

func (g *group) add(e *entry, open bool, most int) {
	if e.side == value.FnO {
		g.records++
		g.record = e
	} else {
		g.rows++
	}
	if !open {
		return
	}
	if e.side == value.FnO {
		g.openRecords++
	} else {
		g.openRows++
	}
	if len(g.open) == most {
		g.long = true
		return
	}
	g.open = append(g.open, e)
}

// only gives the first entry of a side that is to be decided about.
func (g *group) only(side value.Side) *entry {
	for _, e := range g.open {
		if e.side == side {
			return e
		}
	}
	return nil
}

// way decides about what one way of the map's match finds.
func (f *finder) way(ctx context.Context, way int) error {
	title := "key"
	if way != byKey {
		title = f.c.MatchTitle(way)
	}
	var g group
	most := max(2, f.Env.BatchSize())
	err := walk(ctx, f.Env, f.Scratch, wayMap(way), func(work []store.Work) error {
		var d decisions
		if err := d.read(ctx, f.Scratch, work); err != nil {
			return err
		}
		for _, w := range work {
			if key := groupOf(w.Key); key != g.key {
				if err := f.decide(ctx, &d, &g, way, title); err != nil {
					return err
				}
				g = group{key: key}
			}
			for _, e := range entriesOf(w) {
				g.add(e, e.free && d.of(e) == nil, most)
			}
		}
		return d.save(ctx, f.Scratch)
	})
	if err != nil {
		return err
	}
	var d decisions
	if err := d.read(ctx, f.Scratch, nil); err != nil {
		return err
	}
	if err := f.decide(ctx, &d, &g, way, title); err != nil {
		return err
	}
	return d.save(ctx, f.Scratch)
}

func entriesOf(w store.Work) (out []*entry) {
	for i := range w.FnO {
		out = append(out, entryOf(&w.FnO[i]))
	}
	for i := range w.Dataverse {
		out = append(out, entryOf(&w.Dataverse[i]))
	}
	return out
}

// decide decides about the records and rows of a group that is complete.
func (f *finder) decide(ctx context.Context, d *decisions, g *group, way int, title string) error {
	told := g.openRecords == 1 && g.openRows == 1 && (way == byKey || g.records == 1 && g.rows == 1) // by the key: records of other companies have their rows
	switch {
	case g.openRows == 0 || g.records == 0: // nothing to find
		return nil
	case told:
		d.match(g.only(value.FnO), g.only(value.Dataverse), title)
		return nil
	case g.records == 1 && g.openRecords == 0:
		return f.failAll(ctx, d, g, way, func(row *entry) record.Listed { return f.taken(row, g.record, title) })
	}
	reason := ambiguity(g.records, g.rows, title)
	return f.failAll(ctx, d, g, way, func(e *entry) record.Listed { return f.ambiguous(e, reason) })
}

// failAll lists what is still to be decided about of a group.
func (f *finder) failAll(ctx context.Context, d *decisions, g *group, way int, why func(*entry) record.Listed) error {
	if !g.long {
		for _, e := range g.open {
			d.fail(e, why(e))
		}
		return nil
	}
	return walkFrom(ctx, f.Env, f.Scratch, wayMap(way), g.key, func(work []store.Work) (more bool, err error) {
		var d decisions
		if err := d.read(ctx, f.Scratch, work); err != nil {
			return false, err
		}
		more = true
		for _, w := range work {
			if more = groupOf(w.Key) == g.key; !more {
				break
			}
			for _, e := range entriesOf(w) {
				if e.free && d.of(e) == nil {
					d.fail(e, why(e))
				}
			}
		}
		return more, d.save(ctx, f.Scratch)
	})
}
