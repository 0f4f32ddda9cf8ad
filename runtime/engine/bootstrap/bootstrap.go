// Package bootstrap gives rows of Dataverse that were there before any
// synchronisation the company that they belong to, and the key where they lack
// it. It keeps no state: what was written is found written by the next run.
package bootstrap

import (
	"context"
	"errors"
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

// Options of a run over one map.
type Options struct {
	// Env has, as its Store, an empty scratch store for what is read.
	Env       *engine.Env
	Map       *engine.Map
	Scratch   store.Store // another one, for what is found
	Crosswalk []byte      // see match.Options
	// Company is given to rows for which no record is found, and the records of
	// no other company count; "" gives none.
	Company string
	// Write writes; else it is only told what would be written.
	Write bool
	// Samples is how many rows of each kind are named.
	Samples int
}

// Fits tells whether a map's rows have a company of their own that can be
// written.
func Fits(m *engine.Map) bool {
	c := m.Compiled
	return c.Company >= 0 && c.Slots[c.Company].Lookup != nil && c.Column(&c.Slots[c.Company], value.Dataverse).OnUpdate
}

// Run looks for rows without company and finds their records: by the key, then
// by the map's match and crosswalk.
func Run(ctx context.Context, o Options) (report.BootstrapMap, error) {
	b := &bootstrap{Options: o, c: o.Map.Compiled, refs: refs.New(o.Env)}
	b.column = b.c.Column(&b.c.Slots[b.c.Company], value.Dataverse)
	b.out = report.BootstrapMap{Map: o.Map.Name, Table: b.c.Dataverse.Table.Set, Column: b.column.Name, Samples: []report.BootstrapRow{}, Problems: []report.BootstrapRow{}}
	if err := b.read(ctx); err != nil || b.out.Rows == 0 {
		return b.out, err
	}
	err := match.Companyless(ctx, match.Options{
		Env: o.Env, Map: o.Map, Scratch: o.Scratch, Crosswalk: o.Crosswalk, Company: o.Company,
	}, match.Visit{Found: b.found, Untold: b.untold, Left: b.left})
	return b.out, err
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
	reader.Outside = func(_ context.Context, side value.Side, found []connect.Row) error {
		for _, row := range found {
			if side != value.Dataverse || !row.Values[at].IsNull() || !b.c.InScope(side, row.Values, b.Map.Def.Companies[0]) {
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
	var writes []connect.Write
	for _, f := range all {
		values, keyed, err := b.values(f, answers)
		if err != nil {
			b.out.Blocked++
			b.problem(f.Row.ID, f.Record.Company, err.Error())
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
		writes = append(writes, b.write(f.Row, values))
	}
	return b.send(ctx, writes)
}

func way(w string) string {
	if w == "" {
		return "crosswalk"
	}
	return w
}

// values gives the columns that a row lacks.
func (b *bootstrap) values(f match.Found, answers transform.Refs) (out []connect.ColumnValue, keyed bool, err error) {
	rec := &transform.Record{Side: value.FnO, Values: f.Record.Values, Company: f.Record.Company}
	row := b.c.Widen(value.Dataverse, f.Row.Values, nil)
	for _, k := range b.c.Key {
		s := &b.c.Slots[k]
		column := b.c.Column(s, value.Dataverse)
		v, err := b.c.Translate(s, rec, answers)
		switch {
		case err != nil:
			return nil, false, err
		case v == row[s.Dataverse]:
			continue
		case k == b.c.Company:
		case f.Way == "key":
			continue // it has the key but for case and blanks
		case !s.Direction.Sends(value.Dataverse) || !column.OnUpdate:
			return nil, false, fmt.Errorf("%s, a column of the key, cannot be written", column.Name)
		default:
			keyed = true
		}
		out = append(out, connect.ColumnValue{Field: column, Value: v})
	}
	return out, keyed, nil
}

// left deals with rows without record.
func (b *bootstrap) left(ctx context.Context, rows []record.Observation) error {
	if len(rows) == 0 {
		return nil
	}
	if b.Company == "" {
		b.out.NoRecord += int64(len(rows))
		for _, o := range rows {
			b.problem(o.ID, "", "no record in F&O has its key, nor what match and crosswalk compare")
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
	var writes []connect.Write
	for _, o := range rows {
		b.out.ByCompany++
		b.sample(report.BootstrapRow{Row: o.ID, Company: b.Company, By: "-company"})
		writes = append(writes, b.write(o, []connect.ColumnValue{{Field: b.column, Value: company}}))
	}
	return b.send(ctx, writes)
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
func (b *bootstrap) write(o record.Observation, values []connect.ColumnValue) connect.Write {
	return connect.Write{Row: connect.RowID{ID: o.ID}, IfMatch: o.Version, Values: values}
}

func (b *bootstrap) send(ctx context.Context, writes []connect.Write) error {
	if !b.Write || len(writes) == 0 {
		return nil
	}
	if err := b.Env.Stopped(ctx); err != nil {
		return err
	}
	_, err := b.Env.Dataverse.Write(ctx, b.c.Dataverse.Table, writes, func(indexes []int, results []connect.Result) {
		for i, at := range indexes {
			switch r := results[i]; r.Outcome {
			case connect.Done:
				b.out.Written++
			case connect.Conflict, connect.Gone, connect.NotSent, connect.Unresolved:
				b.out.Again++
			default:
				b.out.Refused++
				b.problem(writes[at].Row.ID, "", "Dataverse refuses it: "+r.Message)
			}
		}
		b.Env.Report(report.Progress{Map: b.Map.Name, Phase: "write", Side: value.Dataverse, Done: b.out.Written, Total: b.out.Rows, Failed: b.out.Refused})
	})
	if err != nil && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("write %s of map %s: %w", value.Dataverse.Title(), b.Map.Name, err)
	}
	return err
}

func (b *bootstrap) sample(r report.BootstrapRow) {
	if len(b.out.Samples) < b.Samples {
		b.out.Samples = append(b.out.Samples, r)
	}
}

func (b *bootstrap) problem(row, company, reason string) {
	if len(b.out.Problems) < b.Samples {
		b.out.Problems = append(b.out.Problems, report.BootstrapRow{Row: row, Company: company, Reason: reason})
	}
}
