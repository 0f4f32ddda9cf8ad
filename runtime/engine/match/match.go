// Package match finds the records of rows in Dataverse that lack the key of
// their map: by values that only one record and only one row have, and by a
// crosswalk file. It works on what a scan of both sides has stored, before
// anything of it is handled, and sorts on disk: memory does not grow with rows.
package match

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/dualwrite/dw/lang/crosswalk"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/capture"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

// Wanted tells whether a map says how to find the records of rows without key.
func Wanted(m *engine.Map) bool {
	i := m.Compiled.Map.Initial
	return len(i.Match) > 0 || i.Crosswalk != nil
}

// Options of a run.
type Options struct {
	Env *engine.Env // its Store has what was read of both sides, rows without key included: see capture.Reader.Keyless
	Map *engine.Map
	// Scratch is an empty store of the run's own.
	Scratch store.Store
	// Crosswalk is the content of the map's file; nil where it has none.
	Crosswalk []byte
	// Keyless lists rows for which nothing was found.
	Keyless func([]record.Observation) []record.Listed
	// Companyless looks for the records of rows that have no company, stored as
	// Companyless says, and of no others; then the key alone may tell a record,
	// and the records of Company alone count where it is given.
	Companyless bool
	Company     string
	// Stored is called in the transaction that stores what was found.
	Stored func(store.Tx) error
}

// Outcome counts rows of Dataverse, but for Failed.
type Outcome struct {
	ByMatch     int64
	ByCrosswalk int64
	Failed      int64 // records and rows of which there is no telling
	Keyless     int64 // for which nothing was found
}

// Run finds what belongs together and stores it: the rows' observations get the
// key of their records, and pairs with the life Matched say that the rows have
// yet to get it. Observations of records and rows of which there is no telling
// go, and are listed as failed; so are rows for which nothing was found. Either
// everything is stored or nothing: a run that is cut off begins again.
//
// A way of the map's match finds a pair where exactly one record in scope and
// exactly one row of a company have its values, those that were found by the key
// included.
func Run(ctx context.Context, o Options) (Outcome, error) {
	f, err := find(ctx, o)
	if err != nil {
		return Outcome{}, err
	}
	return f.store(ctx)
}

// find decides about all records and rows, in the scratch store.
func find(ctx context.Context, o Options) (*finder, error) {
	f := &finder{Options: o, c: o.Map.Compiled}
	if o.Crosswalk != nil {
		reader, problems := crosswalk.Open(o.Crosswalk, f.c.Crosswalk(o.Map.Def.Companies))
		if reader == nil {
			return nil, f.broken(&problems[0])
		}
		f.crosswalk, f.byID = reader, reader.ByID()
	}
	if err := f.collect(ctx); err != nil {
		return nil, err
	}
	if o.Companyless {
		if err := f.way(ctx, byKey); err != nil {
			return nil, err
		}
	}
	for way := range f.c.Match {
		if err := f.way(ctx, way); err != nil {
			return nil, err
		}
	}
	if f.crosswalk != nil {
		return f, f.lines(ctx)
	}
	return f, nil
}

// byKey is the way of the key alone, for rows without company.
const byKey = -1

// The maps of the scratch store. Of an entry there, Key is what is joined by, of
// those of a way what placeIn makes of it, ID the id of its row or record,
// InScope that it is free to be matched, AsOf the number of its observation and
// Values what entry.values gives.
const (
	linesMap   = "lines"   // records and lines of the crosswalk, by the records' keys
	targetsMap = "targets" // rows and lines of the crosswalk, by what the lines say of the rows
	idleMap    = "idle"    // lines of the crosswalk that find nothing, listed
	decided    = "decided" // pairs: what was found, and records and rows of which there is no telling
)

func wayMap(way int) string { return fmt.Sprintf("way/%d", way) }

// The lives of pairs in decided.
const (
	lifeMatched record.Life = "matched"
	lifeFailed  record.Life = "failed"
	// lifeContradicted is failed, and no line of the crosswalk mends it: what
	// becomes of a line must not depend on which was read first.
	lifeContradicted record.Life = "contradicted"
)

// finder is one run.
type finder struct {
	Options
	c         *transform.Compiled
	crosswalk *crosswalk.Reader
	byID      bool            // lines tell rows by id, else by key
	unused    []record.Listed // lines that find nothing, of the page at hand
}

// entry is a record or a row on its way through the scratch store.
type entry struct {
	side     value.Side
	id       string
	key      string // canonical, or KeylessKey
	company  string
	readable string
	free     bool // may be matched
	seq      int64
	entity   []value.Value // F&O: its entity key
}

func (e *entry) values() []value.Value {
	return append([]value.Value{value.NewText(e.key), value.NewText(e.readable)}, e.entity...)
}

// at gives the entry as it is stored under a key to join by.
func (e *entry) at(mapName, key string) record.Observation {
	return record.Observation{Map: mapName, Side: e.side, Key: key, ID: e.id, Company: e.company, InScope: e.free, AsOf: e.seq, Values: e.values()}
}

func entryOf(o *record.Observation) *entry {
	return &entry{
		side: o.Side, id: o.ID, company: o.Company, free: o.InScope, seq: o.AsOf,
		key: o.Values[0].String(), readable: o.Values[1].String(), entity: o.Values[2:],
	}
}

// walk goes over a map of a store, a page at a time.
func walk(ctx context.Context, env *engine.Env, st store.Store, mapName string, page func([]store.Work) error) error {
	return walkFrom(ctx, env, st, mapName, "", func(work []store.Work) (bool, error) { return true, page(work) })
}

// walkFrom is walk of what follows after a key, as long as page wants more.
func walkFrom(ctx context.Context, env *engine.Env, st store.Store, mapName, after string, page func([]store.Work) (more bool, err error)) error {
	for {
		if err := env.Stopped(ctx); err != nil {
			return err
		}
		var work []store.Work
		err := st.View(ctx, func(tx store.Tx) (err error) {
			work, err = tx.Work(mapName, after, env.BatchSize())
			return err
		})
		if err != nil || len(work) == 0 {
			return err
		}
		after = work[len(work)-1].Key
		if more, err := page(work); err != nil || !more {
			return err
		}
	}
}

// collect sorts what was read by everything that it may be joined by.
func (f *finder) collect(ctx context.Context) error {
	return walk(ctx, f.Env, f.Env.Store, f.Map.Name, func(work []store.Work) error {
		var out []record.Observation
		for _, w := range work {
			out = append(out, f.entries(w)...)
		}
		return f.Scratch.Update(ctx, func(tx store.Tx) error { return tx.AddObservations(out) })
	})
}

// entries gives the places of the records and rows of one key.
func (f *finder) entries(w store.Work) (out []record.Observation) {
	records, rows := there(w.FnO), there(w.Dataverse)
	keyless := capture.IsKeyless(w.Key)
	paired := map[string]bool{}
	own := false
	for _, p := range w.Pairs {
		paired[string(value.FnO)+p.FnO.ID], paired[string(value.Dataverse)+p.Dataverse.ID] = true, true
		own = own || p.Key == w.Key
	}
	inScope := 0
	for _, o := range records {
		if o.InScope {
			inScope++
		}
	}
	for i := range records {
		o := &records[i]
		if !o.InScope || f.Company != "" && o.Company != f.Company {
			continue
		}
		vals := f.c.Widen(o.Side, o.Values, nil)
		e := &entry{
			side: o.Side, id: o.ID, key: w.Key, company: o.Company, seq: o.Seq, readable: f.c.ReadableKey(o.Side, vals, o.Company), entity: f.c.EntityKey(vals),
			free: !own && !paired[string(o.Side)+o.ID] && inScope == 1 && len(rows) == 0,
		}
		out = f.ways(out, e, vals)
		if f.crosswalk != nil {
			out = append(out, e.at(linesMap, w.Key))
		}
	}
	for i := range rows {
		o := &rows[i]
		if !o.InScope {
			continue
		}
		vals := f.c.Widen(o.Side, o.Values, nil)
		e := &entry{side: o.Side, id: o.ID, key: w.Key, company: o.Company, seq: o.Seq, readable: o.ID}
		e.free = keyless && !paired[string(o.Side)+o.ID] && !(f.Companyless && o.Company != "")
		out = f.ways(out, e, vals)
		if f.crosswalk == nil {
			continue
		}
		// A line may also give another key to a row whose own leads nowhere.
		e.free = e.free || !f.Companyless && !keyless && !own && !paired[string(o.Side)+o.ID] && len(records) == 0 && len(rows) == 1
		switch {
		case f.byID:
			out = append(out, e.at(targetsMap, "id/"+o.ID))
		case f.Companyless && o.Company == "":
			if key, ok := f.keyAlone(o.Side, vals); ok {
				out = append(out, e.at(targetsMap, "key/"+key))
			}
		case !keyless:
			out = append(out, e.at(targetsMap, "key/"+f.target(w.Key)))
		}
	}
	return out
}

// ways adds the places of an entry by the ways of the map's match.
func (f *finder) ways(out []record.Observation, e *entry, vals []value.Value) []record.Observation {
	company := e.company
	if f.Companyless {
		company = ""
		switch {
		case e.side == value.FnO:
			out = append(out, e.at(wayMap(byKey), placeIn(f.target(e.key), e)))
		case e.company == "":
			if key, ok := f.keyAlone(e.side, vals); ok {
				out = append(out, e.at(wayMap(byKey), placeIn(key, e)))
			}
		}
	}
	for way := range f.c.Match {
		if key, ok := f.c.MatchKey(way, e.side, vals, company); ok {
			out = append(out, e.at(wayMap(way), placeIn(key, e)))
		}
	}
	return out
}

// keyAlone gives the canonical key of a row without its company.
func (f *finder) keyAlone(side value.Side, vals []value.Value) (string, bool) {
	const any = "x"
	key, ok := f.c.KeyOf(side, vals, any)
	return strings.TrimPrefix(key, any+transform.RefKeySeparator), ok
}

// target gives a canonical key as rows are told by: without the company where
// they have none.
func (f *finder) target(key string) string {
	if !f.Companyless {
		return key
	}
	_, alone, _ := strings.Cut(key, transform.RefKeySeparator)
	return alone
}

func there(obs []record.Observation) []record.Observation {
	out := obs[:0:0]
	for _, o := range obs {
		if !o.Deleted {
			out = append(out, o)
		}
	}
	return out
}

// lines decides about what the crosswalk says.
func (f *finder) lines(ctx context.Context) error {
	if err := f.readLines(ctx); err != nil {
		return err
	}
	// The records of the lines.
	err := walk(ctx, f.Env, f.Scratch, linesMap, func(work []store.Work) error {
		var out []record.Observation
		for _, w := range work {
			for i, line := range w.Dataverse {
				if i > 0 || len(w.FnO) != 1 {
					f.idle(line.AsOf, line.Company, fmt.Sprintf("there is no record %s in scope", line.Values[1]), w.Key)
					continue
				}
				e := entryOf(&w.FnO[0])
				o := e.at(targetsMap, line.Values[0].String())
				o.ID = fmt.Sprintf("%d", line.AsOf)
				o.Values = append(o.Values[:2:2], append([]value.Value{value.NewText(e.id)}, e.entity...)...)
				out = append(out, o)
			}
		}
		return f.keep(ctx, out)
	})
	if err != nil {
		return err
	}
	// Their rows.
	return walk(ctx, f.Env, f.Scratch, targetsMap, func(work []store.Work) error {
		for _, w := range work {
			for i := range w.FnO { // the line, with its record
				w.FnO[i].ID, w.FnO[i].Version = w.FnO[i].Values[2].String(), w.FnO[i].ID
				w.FnO[i].Values = append(w.FnO[i].Values[:2:2], w.FnO[i].Values[3:]...)
			}
		}
		var d decisions
		if err := d.read(ctx, f.Scratch, work); err != nil {
			return err
		}
		for _, w := range work {
			for i := range w.FnO {
				f.line(&d, entryOf(&w.FnO[i]), w.FnO[i].Version, w.Dataverse)
			}
		}
		if err := d.save(ctx, f.Scratch); err != nil {
			return err
		}
		return f.keep(ctx, nil)
	})
}

// line decides about one line: a record and the rows that it may mean.
func (f *finder) line(d *decisions, rec *entry, line string, rows []record.Observation) {
	if len(rows) != 1 {
		n := int64(0)
		fmt.Sscan(line, &n)
		what := "the row that it names is not there, is not in scope or has no company"
		if len(rows) > 1 {
			what = fmt.Sprintf("%d rows have the key that it names", len(rows))
		}
		f.idle(n, rec.company, what, rec.key)
		return
	}
	row := entryOf(&rows[0])
	if row.key == rec.key {
		return // the key says the same
	}
	before, of := d.of(rec), d.of(row)
	switch {
	case before != nil && before.Life == lifeMatched && before.Dataverse.ID == row.id:
		// match says the same
	case row.company != rec.company && !(f.Companyless && row.company == ""), !rec.free, !row.free, settled(before), settled(of):
		why := f.contradiction(rec, row, line, before, of)
		for _, p := range []*record.Pair{before, of} {
			if p != nil && p.Life == lifeMatched {
				f.part(d, p, why)
			}
		}
		if rec.free {
			d.contradict(rec, f.contradicted(rec, why))
		}
		if row.free {
			d.contradict(row, f.contradicted(row, why))
		}
	default:
		d.match(rec, row, "")
	}
}

// part makes failures of a record and a row that were matched.
func (f *finder) part(d *decisions, p *record.Pair, why string) {
	rec := &entry{side: value.FnO, id: p.FnO.ID, key: p.Key, company: p.Company, readable: p.FnO.Version, seq: p.Written, entity: p.FnO.Key}
	row := &entry{side: value.Dataverse, id: p.Dataverse.ID, key: p.Dataverse.Version, company: p.Company, readable: p.Dataverse.ID}
	d.contradict(rec, f.contradicted(rec, why))
	d.contradict(row, f.contradicted(row, why))
}

// settled tells whether what was decided stands against a line.
func settled(p *record.Pair) bool { return p != nil && p.Life != lifeFailed }

// readLines stores the lines of the file by the keys of their records.
func (f *finder) readLines(ctx context.Context) error {
	for more := true; more; {
		if err := f.Env.Stopped(ctx); err != nil {
			return err
		}
		var out []record.Observation
		for len(out)+len(f.unused) < f.Env.BatchSize() {
			row, err := f.crosswalk.Next()
			var bad *crosswalk.Problem
			switch {
			case errors.As(err, &bad):
				return f.broken(bad)
			case err != nil:
				more = false
			}
			if !more {
				break
			}
			shown := strings.Join(row.FnO, " / ")
			key, err := f.c.KeyOfTexts(value.FnO, row.Company, row.FnO)
			target := "id/" + row.ID
			if err == nil && row.ID == "" {
				var k string
				k, err = f.c.KeyOfTexts(value.Dataverse, row.Company, row.Dataverse)
				target = "key/" + f.target(k)
			}
			if err != nil {
				f.idle(int64(row.Line), row.Company, err.Error(), "")
				continue
			}
			out = append(out, record.Observation{
				Map: linesMap, Side: value.Dataverse, Key: key, ID: fmt.Sprintf("%d", row.Line), Company: row.Company, AsOf: int64(row.Line),
				Values: []value.Value{value.NewText(target), value.NewText(shown)},
			})
		}
		if err := f.keep(ctx, out); err != nil {
			return err
		}
	}
	return nil
}
