// Package capture reads the pages of one side of a map and turns rows into
// observations with their canonical key, company and scope.
package capture

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/refs"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/store"
)

// Reader reads one map.
type Reader struct {
	Env  *engine.Env
	Map  *engine.Map
	Refs *refs.Resolver
	// Outside is told of the rows, with full values, that Observe leaves out
	// since they have no company, or none of the map's; nil: nobody asks.
	Outside func(ctx context.Context, side value.Side, rows []connect.Row) error
	// Keyless says that Scan stores rows of Dataverse that lack the key under
	// KeylessKey, for whoever finds their records by other means; else it lists
	// them.
	Keyless bool
	// Missing is what Afresh did not find so far; nil: each call is for itself.
	Missing *Missing
	// Export lets Scan read F&O by exports; nil: page by page.
	Export *Export
	// Equal reads only the rows of Dataverse whose column has a value, without
	// tracking; nil reads all.
	Equal *connect.Equal
}

// Query is what to ask a side for.
func (r *Reader) Query(side value.Side) connect.Query {
	c := r.Map.Compiled
	if side == value.Dataverse {
		return connect.Query{Projection: &c.Dataverse, Equal: r.Equal}
	}
	q := connect.Query{Projection: &c.FnO, Filter: c.ServiceFilter()}
	if c.Company >= 0 {
		q.Companies = r.Map.Def.Companies
	}
	return q
}

// Scan reads all rows of a side, page by page, and stores each page together
// with the cursor behind it. It goes on where an earlier Scan was cut off and
// does nothing where the scan is complete.
func (r *Reader) Scan(ctx context.Context, side value.Side) error {
	st := r.Env.Store
	var cur store.Cursor
	err := st.View(ctx, func(tx store.Tx) (err error) {
		cur, err = tx.Cursor(r.Map.Name, side)
		return err
	})
	switch {
	case err != nil || cur.Phase == phaseDone:
	case side == value.FnO && r.Export.leads(cur):
		err = r.byExport(ctx, cur)
	default:
		err = r.pages(ctx, side, cur)
	}
	if err != nil && !errors.Is(err, engine.ErrStopped) {
		return fmt.Errorf("read %s of map %s: %w", side.Title(), r.Map.Name, err)
	}
	return err
}

// The phases of a scan; see store.Cursor.
const (
	phaseScan = "scan" // page by page
	phaseDone = "done"
)

// spot is where a page begins: in one of the companies of a scan by companies,
// at what the connector called connect.Page.Next.
type spot struct {
	company int
	next    string
}

// fetched is a page of a scan that is not stored yet.
type fetched struct {
	connect.Page
	asOf int64
	took time.Duration
	at   spot
	next spot // where the next one begins
	last bool // there is none
}

// through goes through pages from a spot on until keep says that it is enough. The
// next page is asked for while one is stored.
func (r *Reader) through(ctx context.Context, from spot, ask func(context.Context, spot) (fetched, error), keep func(context.Context, fetched) (more bool, err error)) error {
	next, err := ask(ctx, from)
	for err == nil {
		if err := r.Env.Stopped(ctx); err != nil {
			return err
		}
		page := next
		asking, enough := context.WithCancel(ctx)
		beside := r.Env.Host.Scheduler.Beside(asking, 1)
		if !page.last {
			err = beside.Go(func(ctx context.Context) (err error) {
				next, err = ask(ctx, page.next)
				return err
			})
		}
		more, stored := false, error(nil)
		if err == nil {
			if more, stored = keep(ctx, page); !more {
				enough() // the page that is asked for is of no use
			}
		}
		waited := beside.Wait()
		enough()
		switch {
		case stored != nil:
			return stored
		case !more:
			return err
		case err == nil:
			err = waited
		}
	}
	return err
}

// pages goes through the pages of a scan from where the cursor stands.
func (r *Reader) pages(ctx context.Context, side value.Side, cur store.Cursor) error {
	ask := func(ctx context.Context, at spot) (fetched, error) {
		f, err := r.ask(ctx, side, r.Query(side), at)
		f.last = f.Next == ""
		return f, err
	}
	return r.through(ctx, spot{next: cur.Next}, ask, func(ctx context.Context, page fetched) (bool, error) {
		next := store.Cursor{Phase: phaseScan, Next: page.Next, Rows: cur.Rows + int64(len(page.Rows))}
		if page.last {
			next = store.Cursor{Phase: phaseDone, Token: page.Token, Rows: next.Rows}
		}
		seen, err := r.sights(ctx, side, page.Rows, page.asOf)
		if err == nil {
			err = r.Env.Store.Update(ctx, func(tx store.Tx) error {
				if err := r.keep(tx, seen); err != nil {
					return err
				}
				return tx.PutCursor(r.Map.Name, side, next)
			})
		}
		if err != nil {
			return false, err
		}
		r.reached(next, engine.MarkPageStored)
		cur = next
		r.Env.Report(report.Progress{Map: r.Map.Name, Phase: "read", Side: side, Done: cur.Rows})
		return !page.last, nil
	})
}

// reached tells that a cursor is stored.
func (r *Reader) reached(cur store.Cursor, marker string) {
	if cur.Phase == phaseDone {
		marker = engine.MarkScanStored
	}
	r.Env.Host.Markers.Reached(marker)
}

// ask reads a page of a scan; it does not say whether it is the last.
func (r *Reader) ask(ctx context.Context, side value.Side, q connect.Query, at spot) (fetched, error) {
	asOf, err := r.asOf(ctx)
	if err != nil {
		return fetched{}, err
	}
	q.Resume = at.next
	since := r.Env.Host.Clock.Now()
	page, err := r.Env.Connector(side).Page(ctx, q)
	return fetched{Page: page, asOf: asOf, took: r.Env.Host.Clock.Now().Sub(since), at: at, next: spot{at.company, page.Next}}, err
}

// sights is what a scan stores of some rows.
type sights struct {
	keyed   []record.Observation
	keyless []record.Observation
	tally   store.Tally
}

// sights turns rows of a scan into what is stored of them.
func (r *Reader) sights(ctx context.Context, side value.Side, rows []connect.Row, asOf int64) (sights, error) {
	obs, err := r.Observe(ctx, side, rows, asOf)
	if err != nil {
		return sights{}, err
	}
	var s sights
	s.keyed, s.keyless = split(obs)
	if r.Keyless && side == value.Dataverse {
		for _, o := range s.keyless {
			o.Key = KeylessKey(side, o.ID)
			s.keyed = append(s.keyed, o)
		}
		s.keyless = nil
	}
	s.tally = store.Tally{
		Read:    map[value.Side]int64{side: int64(len(rows))},
		InScope: map[value.Side]int64{side: inScope(obs)},
	}
	return s, nil
}

// keep stores sights.
func (r *Reader) keep(tx store.Tx, s sights) error {
	if err := tx.AddObservations(s.keyed); err != nil {
		return err
	}
	if err := tx.PutListed(r.ListKeyless(s.keyless)); err != nil {
		return err
	}
	return tx.AddTally(r.Map.Name, s.tally)
}

// Read looks at one side of pairs afresh. Rows that are no longer there are
// left out.
func (r *Reader) Read(ctx context.Context, side value.Side, pairs []*record.Pair) ([]record.Observation, error) {
	var ids []connect.RowID
	for _, p := range pairs {
		if end := p.End(side); end.ID != "" {
			ids = append(ids, connect.RowID{ID: end.ID, Key: end.Key})
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	var asOf int64
	err := r.Env.Store.View(ctx, func(tx store.Tx) (err error) {
		asOf, err = tx.Seq()
		return err
	})
	if err != nil {
		return nil, err
	}
	rows, err := r.Env.Connector(side).Read(ctx, r.Query(side).Projection, ids)
	if err != nil {
		return nil, fmt.Errorf("read records of map %s in %s: %w", r.Map.Name, side.Title(), err)
	}
	obs, err := r.Observe(ctx, side, rows, asOf)
	keyed, _ := split(obs)
	return keyed, err
}

// Observe turns rows into observations, whose values are full. Rows of other
// companies and rows without company are not ours: they are left out. Rows that
// a filter does not admit stay, out of scope, since they hold their key.
func (r *Reader) Observe(ctx context.Context, side value.Side, rows []connect.Row, asOf int64) ([]record.Observation, error) {
	c := r.Map.Compiled
	rows, err := r.Widen(ctx, side, rows)
	if err != nil {
		return nil, err
	}
	companies, err := r.companies(ctx, side, rows)
	if err != nil {
		return nil, err
	}
	obs := make([]record.Observation, 0, len(rows))
	var outside []connect.Row
	for i, row := range rows {
		o := record.Observation{AsOf: asOf, Map: r.Map.Name, Side: side, ID: row.ID, Version: row.Version, Values: row.Values, Deleted: row.Deleted}
		if row.Deleted {
			obs = append(obs, o)
			continue
		}
		if c.Company >= 0 && companies[i] == "" {
			if side == value.Dataverse && r.lost(row) {
				o.InScope = true // nobody can say that it is not
				obs = append(obs, o)
			} else if r.Outside != nil {
				outside = append(outside, row)
			}
			continue
		}
		o.Company = companies[i]
		o.Key, _ = c.KeyOf(side, row.Values, o.Company)
		o.InScope = c.InScope(side, row.Values, o.Company)
		if !o.InScope && o.Key == "" {
			continue
		}
		obs = append(obs, o)
	}
	if len(outside) > 0 {
		return obs, r.Outside(ctx, side, outside)
	}
	return obs, nil
}

// lost tells whether a Dataverse row has no company because the row that would
// say it cannot be found: it refers to one that tells neither company nor key.
func (r *Reader) lost(row connect.Row) bool {
	c := r.Map.Compiled
	if c.Slots[c.Company].Lookup != nil {
		return false
	}
	_, _, ok := c.Unresolved(row.Values)
	return ok
}

// Widen gives rows as a connector reads them, or as they came back from a
// write, with full values: see transform.Compiled.Widen. The rows that it is
// given stay as they are.
func (r *Reader) Widen(ctx context.Context, side value.Side, rows []connect.Row) ([]connect.Row, error) {
	c := r.Map.Compiled
	virtual := c.FnO.Virtual
	if side == value.Dataverse {
		virtual = c.Dataverse.Virtual
	}
	if len(virtual) == 0 {
		return rows, nil
	}
	var needs []refs.Need
	out := slices.Clone(rows)
	for i, row := range rows {
		if row.Deleted {
			continue
		}
		out[i].Values = c.Widen(side, row.Values, nil)
		c.WidenNeeds(side, out[i].Values, func(l *transform.Lookup, ref value.Value) {
			needs = append(needs, refs.Need{Lookup: l, Ref: ref})
		})
	}
	if len(needs) == 0 {
		return out, nil
	}
	answers, err := r.Refs.Resolve(ctx, needs, refs.Options{Pairs: true, Any: true})
	if err != nil {
		return nil, err
	}
	for i := range out {
		if !out[i].Deleted {
			out[i].Values = c.Widen(side, out[i].Values, answers)
		}
	}
	return out, nil
}

// companies gives the link's spelling of each row's company; "" where the row
// has none or another one. Rows are full.
func (r *Reader) companies(ctx context.Context, side value.Side, rows []connect.Row) ([]string, error) {
	c := r.Map.Compiled
	out := make([]string, len(rows))
	if c.Company < 0 {
		return out, nil
	}
	slot := c.Slots[c.Company]
	code := func(row connect.Row) string { return row.Values[slot.FnO].String() }
	switch {
	case side == value.FnO:
	case slot.Lookup == nil: // the code itself, from the row that says it
		code = func(row connect.Row) string { return row.Values[slot.Dataverse].String() }
	default:
		found := make([]value.Value, 0, len(rows))
		for _, row := range rows {
			if !row.Deleted {
				found = append(found, row.Values[slot.Dataverse])
			}
		}
		codes, err := r.Refs.Companies(ctx, found)
		if err != nil {
			return nil, err
		}
		code = func(row connect.Row) string { return codes[row.Values[slot.Dataverse]] }
	}
	for i, row := range rows {
		if !row.Deleted {
			out[i] = spelling(r.Map.Def.Companies, code(row))
		}
	}
	return out, nil
}

// spelling finds a company code among those in scope without regard to case.
func spelling(companies []string, code string) string {
	for _, c := range companies {
		if strings.EqualFold(c, strings.TrimRight(code, " ")) {
			return c
		}
	}
	return ""
}

// split sets rows in scope apart that have no complete key.
func split(obs []record.Observation) (keyed, keyless []record.Observation) {
	for _, o := range obs {
		switch {
		case o.Deleted: // only reads of changes have them
		case o.Key == "":
			keyless = append(keyless, o)
		default:
			keyed = append(keyed, o)
		}
	}
	return keyed, keyless
}

func inScope(obs []record.Observation) int64 {
	n := int64(0)
	for _, o := range obs {
		if o.InScope {
			n++
		}
	}
	return n
}

// KeylessKey is what stands in the place of the canonical key of a row that has
// none. It comes before all keys in byte order.
func KeylessKey(side value.Side, id string) string { return "\x00" + string(side) + "\x00" + id }

// IsKeyless tells whether a key is one of KeylessKey.
func IsKeyless(key string) bool {
	return strings.HasPrefix(key, KeylessKey(value.Dataverse, "")) || strings.HasPrefix(key, KeylessKey(value.FnO, ""))
}

// matched completes the observation of a row of a pair that lacks no more than
// its key: initial_sync has found it by other means.
func (r *Reader) matched(o *record.Observation, p *record.Pair) {
	if p.Life == record.Matched {
		o.Company, o.InScope = p.Company, r.Map.Compiled.InScope(o.Side, o.Values, p.Company)
	}
}

// ListKeyless lists rows that no record of the other side can be found for.
func (r *Reader) ListKeyless(obs []record.Observation) []record.Listed {
	var l []record.Listed
	for _, o := range obs {
		reason, hint := r.whyKeyless(o)
		l = append(l, record.Listed{
			Kind: record.Failed, Map: r.Map.Name, Key: KeylessKey(o.Side, o.ID),
			Record:  fmt.Sprintf("%s %s", side(o), o.ID),
			Company: o.Company, Side: o.Side.Other(), Code: diag.CodeNoKey, Reason: reason, Hint: hint,
			At: r.Env.Host.Clock.Now().UTC().Format("2006-01-02T15:04:05Z"),
		})
	}
	return l
}

// whyKeyless says why a row has no key and what to do about it.
func (r *Reader) whyKeyless(o record.Observation) (reason, hint string) {
	c := r.Map.Compiled
	if o.Side == value.Dataverse {
		if s, ref, ok := c.Unresolved(o.Values); ok {
			return fmt.Sprintf("The row in Dataverse refers by %s, a part of the integration key, to %s, which is not there or has no value in %s.",
					c.Column(s, value.Dataverse).Name, ref, whatTells(s)),
				"Give the row that it refers to its key, or let it refer to another one."
		}
	}
	return fmt.Sprintf("The row in %s has no value in a column of the integration key (%s).", o.Side.Title(), keyColumns(c, o.Side)),
		"Give the row its key, or keep it out with a filter."
}

// whatTells names the columns that tell a row of a lookup.
func whatTells(s *transform.Slot) string {
	var titles []string
	for _, l := range s.Lookups {
		titles = append(titles, l.Title())
	}
	return strings.Join(titles, ", or ")
}

func side(o record.Observation) string {
	if o.Side == value.FnO {
		return "RecId"
	}
	return "row"
}

func keyColumns(c *transform.Compiled, s value.Side) string {
	var names []string
	for _, k := range c.Key {
		names = append(names, c.Column(&c.Slots[k], s).Name)
	}
	return strings.Join(names, ", ")
}
