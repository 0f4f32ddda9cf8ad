// Package bootstrap gives rows of Dataverse that were there before any
// synchronisation the company that they belong to, and the key where they lack
// it: Plan says what would be written, Carry writes exactly that. It keeps no
// state: what was written is found written by the next plan.
package bootstrap

import (
	"context"
	"fmt"
	"slices"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/capture"
	"github.com/dualwrite/dw/runtime/engine/handle"
	"github.com/dualwrite/dw/runtime/engine/match"
	"github.com/dualwrite/dw/runtime/engine/refs"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/store"
)

// Options of a plan for one map.
type Options struct {
	// Env has, as its Store, an empty scratch store for what is read.
	Env       *engine.Env
	Map       *engine.Map
	Scratch   store.Store // another one, for what is found
	Planned   store.Store // of all maps: gets the writes, for Carry
	Crosswalk []byte      // see match.Options
	// Company is given to rows for which no record is found, and the records of
	// no other company count; "" gives none.
	Company string
	// Samples is how many rows of each kind are named; 0 names all.
	Samples int
}

// Fits tells whether a map's rows have a company of their own that can be
// written.
func Fits(m *engine.Map) bool {
	c := m.Compiled
	return c.Company >= 0 && c.Slots[c.Company].Lookup != nil && c.Column(&c.Slots[c.Company], value.Dataverse).OnUpdate
}

// Plan looks for rows without company and finds their records: by the key, then
// by the map's match and crosswalk. Rows that a map before has planned to write
// are that map's.
func Plan(ctx context.Context, o Options) (report.BootstrapMap, error) {
	b := &bootstrap{Options: o, c: o.Map.Compiled, refs: refs.New(o.Env)}
	b.column = b.c.Column(&b.c.Slots[b.c.Company], value.Dataverse)
	b.out = report.BootstrapMap{Map: o.Map.Name, Table: b.c.Dataverse.Table.Set, Column: b.column.Name, Samples: []report.BootstrapRow{}, Problems: []report.BootstrapRow{}, Refusals: []report.BootstrapRow{}}
	if err := b.read(ctx); err != nil || b.out.Rows == 0 {
		return b.out, err
	}
	err := match.Companyless(ctx, match.Options{
		Env: o.Env, Map: o.Map, Scratch: o.Scratch, Crosswalk: o.Crosswalk, Company: o.Company,
	}, match.Visit{Found: b.found, Untold: b.untold, Left: b.left})
	return b.out, err
}

// before gives the names of the maps over the same table that come before.
func (b *bootstrap) before() (names []string) {
	for _, m := range b.Env.Maps {
		if m == b.Map {
			break
		}
		if m.Compiled.Dataverse.Table.Set == b.c.Dataverse.Table.Set {
			names = append(names, m.Name)
		}
	}
	return names
}

type bootstrap struct {
	Options
	c      *transform.Compiled
	column *schema.Field // of the company
	refs   *refs.Resolver
	out    report.BootstrapMap
}

// read stores both sides, rows without company under the key of rows without
// key.
func (b *bootstrap) read(ctx context.Context) error {
	var rows []record.Observation
	var failed error
	flush := func() {
		if failed == nil && len(rows) > 0 {
			failed = b.Env.Store.Update(ctx, func(tx store.Tx) error { return tx.AddObservations(rows) })
		}
		rows = rows[:0]
	}
	reader := &capture.Reader{Env: b.Env, Map: b.Map, Refs: b.refs, Keyless: true}
	at := b.c.Slots[b.c.Company].Dataverse
	reader.Outside = func(ctx context.Context, side value.Side, found []connect.Row) error {
		taken, err := b.taken(ctx, side, found)
		if err != nil {
			return err
		}
		for _, row := range found {
			if side != value.Dataverse || taken[row.ID] || !row.Values[at].IsNull() || !b.c.InScope(side, row.Values, b.Map.Def.Companies[0]) {
				continue
			}
			b.out.Rows++
			rows = append(rows, record.Observation{
				Map: b.Map.Name, Side: side, Key: capture.KeylessKey(side, row.ID), ID: row.ID, Version: row.Version, Values: slices.Clone(row.Values), InScope: true,
			})
			if len(rows) >= b.Env.BatchSize() {
				flush()
			}
		}
		return failed
	}
	// One side after the other: Outside is called by the scan of one.
	for _, side := range []value.Side{value.Dataverse, value.FnO} {
		if err := reader.Scan(ctx, side); err != nil {
			return err
		}
		if flush(); failed != nil {
			return failed
		}
		if side == value.Dataverse && b.out.Rows == 0 {
			return nil
		}
	}
	return nil
}

// taken gives the rows that a map before has planned to write.
func (b *bootstrap) taken(ctx context.Context, side value.Side, rows []connect.Row) (map[string]bool, error) {
	before := b.before()
	if side != value.Dataverse || len(before) == 0 {
		return nil, nil
	}
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	taken := map[string]bool{}
	err := b.Planned.View(ctx, func(tx store.Tx) error {
		for _, name := range before {
			planned, err := tx.IntentsByTarget(name, side, ids)
			if err != nil {
				return err
			}
			for _, in := range planned {
				taken[in.TargetID] = true
			}
		}
		return nil
	})
	return taken, err
}

// found deals with rows whose records were found.
func (b *bootstrap) found(ctx context.Context, all []match.Found) error {
	var needs []refs.Need
	for i := range all {
		all[i].Record.Values = b.c.Widen(value.FnO, all[i].Record.Values, nil)
		needs = handle.AppendNeeds(needs, b.c, all[i].Record)
	}
	answers, err := b.refs.Resolve(ctx, needs, refs.Options{})
	if err != nil {
		return err
	}
	var writes []*record.Intent
	for _, f := range all {
		fields, keyed, blocked := b.fields(f, answers)
		if blocked != "" {
			b.out.Blocked++
			b.problem(f.Row.ID, f.Record.Company, blocked)
			continue
		}
		switch f.Way {
		case "key":
			b.out.ByKey++
		case "":
			b.out.ByCrosswalk++
		default:
			b.out.ByMatch++
		}
		if keyed {
			b.out.Keys++
		}
		b.sample(report.BootstrapRow{Row: f.Row.ID, Company: f.Record.Company, Record: b.c.ReadableKey(value.FnO, f.Record.Values, f.Record.Company), By: way(f.Way), Key: keyed})
		writes = append(writes, b.write(f.Row, fields))
	}
	return b.keep(ctx, writes)
}

func way(w string) string {
	if w == "" {
		return "crosswalk"
	}
	return w
}

// fields gives the columns that a row lacks, or why they cannot be written.
func (b *bootstrap) fields(f match.Found, answers transform.Refs) (out []record.FieldWrite, keyed bool, blocked string) {
	rec := &transform.Record{Side: value.FnO, Values: f.Record.Values, Company: f.Record.Company}
	row := b.c.Widen(value.Dataverse, f.Row.Values, nil)
	for _, k := range b.c.Key {
		s := &b.c.Slots[k]
		column := b.c.Column(s, value.Dataverse)
		v, err := b.c.Translate(s, rec, answers)
		switch {
		case err != nil && k == b.c.Company:
			return nil, false, fmt.Sprintf("Its company %s is not in Dataverse: create it there, or apply the map of companies first.", f.Record.Company)
		case err != nil:
			return nil, false, fmt.Sprintf("Its key cannot be written: %v.", err)
		case v == row[s.Dataverse]:
			continue
		case k == b.c.Company:
		case f.Way == "key":
			continue // it has the key but for case and blanks
		case !s.Direction.Sends(value.Dataverse) || !column.OnUpdate:
			return nil, false, fmt.Sprintf("Its key cannot be written: Dataverse does not let %s be changed.", column.Name)
		default:
			keyed = true
		}
		out = append(out, record.FieldWrite{Column: column.Name, Slot: k, New: v})
	}
	return out, keyed, ""
}

// left deals with rows without record.
func (b *bootstrap) left(ctx context.Context, rows []record.Observation) error {
	if len(rows) == 0 {
		return nil
	}
	if b.Company == "" {
		b.out.NoRecord += int64(len(rows))
		for _, o := range rows {
			b.problem(o.ID, "", "No record in F&O has its key, nor what match and crosswalk compare.")
		}
		return nil
	}
	l := b.c.Slots[b.c.Company].Lookup
	answers, err := b.refs.Resolve(ctx, []refs.Need{{Lookup: l, Key: b.Company}}, refs.Options{})
	if err != nil {
		return err
	}
	company, state := answers.ID(l, "", b.Company)
	if state != transform.RefKnown {
		return diag.Fail(diag.Diagnostic{
			Code: diag.CodeReferenceMissing, Severity: diag.Error, Address: b.Map.Def.Map.Address(),
			Summary: fmt.Sprintf("the company %s is not in Dataverse", b.Company),
			Detail:  "Rows refer to the row of their company in cdm_companies.",
			Hint:    "Apply the map of companies first.",
		})
	}
	var writes []*record.Intent
	for _, o := range rows {
		b.out.ByCompany++
		b.sample(report.BootstrapRow{Row: o.ID, Company: b.Company, By: "-company"})
		writes = append(writes, b.write(o, []record.FieldWrite{{Column: b.column.Name, Slot: b.c.Company, New: company}}))
	}
	return b.keep(ctx, writes)
}

func (b *bootstrap) untold(all []match.Untold) error {
	b.out.Ambiguous += int64(len(all))
	for _, u := range all {
		b.problem(u.Row, u.Listed.Company, u.Listed.Reason)
	}
	return nil
}

// write is conditional on the row as it was read: who edits it meanwhile is not
// overwritten, and a write that is repeated changes nothing.
func (b *bootstrap) write(o record.Observation, fields []record.FieldWrite) *record.Intent {
	return &record.Intent{
		Map: b.Map.Name, Side: value.Dataverse, Op: record.Update, TargetID: o.ID, IfMatch: o.Version, Fields: fields, State: record.Intended,
	}
}

// keep stores what would be written.
func (b *bootstrap) keep(ctx context.Context, writes []*record.Intent) error {
	if len(writes) == 0 {
		return nil
	}
	return b.Planned.Update(ctx, func(tx store.Tx) error { return tx.PutIntents(writes) })
}

func (b *bootstrap) sample(r report.BootstrapRow) {
	if b.Samples == 0 || len(b.out.Samples) < b.Samples {
		b.out.Samples = append(b.out.Samples, r)
	}
}

func (b *bootstrap) problem(row, company, reason string) {
	if b.Samples == 0 || len(b.out.Problems) < b.Samples {
		b.out.Problems = append(b.out.Problems, report.BootstrapRow{Row: row, Company: company, Reason: reason})
	}
}
