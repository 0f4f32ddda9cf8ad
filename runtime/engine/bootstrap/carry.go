package bootstrap

import (
	"context"
	"errors"
	"fmt"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/store"
)

// Carry writes what Plan has planned for a map, and counts in out what became
// of it; samples is how many refused rows it names, 0 names all. A row that has
// moved since it was read is left as it is.
func Carry(ctx context.Context, env *engine.Env, m *engine.Map, planned store.Store, samples int, out *report.BootstrapMap) error {
	c := carrier{env: env, m: m, samples: samples, out: out}
	for after := int64(0); ; {
		var batch []*record.Intent
		err := planned.View(ctx, func(tx store.Tx) (err error) {
			batch, err = tx.Intents(m.Name, value.Dataverse, after, env.BatchSize())
			return err
		})
		if err != nil {
			return err
		}
		if len(batch) == 0 {
			c.report("done")
			return nil
		}
		after = batch[len(batch)-1].ID
		if err := env.Stopped(ctx); err != nil {
			return err
		}
		if err := c.send(ctx, batch); err != nil {
			return err
		}
	}
}

type carrier struct {
	env     *engine.Env
	m       *engine.Map
	samples int
	out     *report.BootstrapMap
}

func (c *carrier) report(phase string) {
	c.env.Report(report.Progress{
		Map: c.m.Name, Phase: phase, Side: value.Dataverse, Done: c.out.Written, Total: c.out.Writes(), Failed: c.out.Refused,
	})
}

// send sends a batch. What was not done for certain is looked at: an answer may
// have been lost after the row was written.
func (c *carrier) send(ctx context.Context, batch []*record.Intent) error {
	table := c.m.Compiled.Dataverse.Table
	writes := make([]connect.Write, len(batch))
	for i, in := range batch {
		writes[i] = connect.Write{Row: connect.RowID{ID: in.TargetID}, IfMatch: in.IfMatch}
		for _, f := range in.Fields {
			writes[i].Values = append(writes[i].Values, connect.ColumnValue{Field: table.Field(f.Column), Value: f.New})
		}
	}
	var unsure []*record.Intent
	_, err := c.env.Dataverse.Write(ctx, table, writes, func(indexes []int, results []connect.Result) {
		for i, at := range indexes {
			switch r := results[i]; r.Outcome {
			case connect.Done:
				c.out.Written++
			case connect.Conflict, connect.Unresolved:
				unsure = append(unsure, batch[at])
			case connect.Gone, connect.NotSent:
				c.out.Again++
			default:
				if c.out.Refused++; c.samples == 0 || len(c.out.Refusals) < c.samples {
					c.out.Refusals = append(c.out.Refusals, report.BootstrapRow{Row: batch[at].TargetID, Reason: "Dataverse refuses it: " + r.Message})
				}
			}
		}
		c.report("write")
	})
	if err == nil {
		err = c.look(ctx, unsure)
	}
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case err != nil:
		return fmt.Errorf("write %s of map %s: %w", value.Dataverse.Title(), c.m.Name, err)
	}
	c.report("write")
	return nil
}

// look reads rows again and counts those as written that have what they were to
// get, whoever gave it to them.
func (c *carrier) look(ctx context.Context, unsure []*record.Intent) error {
	if len(unsure) == 0 {
		return nil
	}
	ids := make([]connect.RowID, len(unsure))
	for i, in := range unsure {
		ids[i].ID = in.TargetID
	}
	rows, err := c.env.Dataverse.Read(ctx, &c.m.Compiled.Dataverse, ids)
	if err != nil {
		return err
	}
	now := map[string][]value.Value{}
	for _, r := range rows {
		now[r.ID] = c.m.Compiled.Widen(value.Dataverse, r.Values, nil)
	}
	for _, in := range unsure {
		if has(now[in.TargetID], in.Fields, c.m) {
			c.out.Written++
		} else {
			c.out.Again++
		}
	}
	return nil
}

// has tells whether a row, nil where it is gone, has the values of a write.
func has(row []value.Value, fields []record.FieldWrite, m *engine.Map) bool {
	for _, f := range fields {
		if row == nil || row[m.Compiled.Slots[f.Slot].Dataverse] != f.New {
			return false
		}
	}
	return true
}
