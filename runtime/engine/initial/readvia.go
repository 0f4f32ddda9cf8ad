package initial

import (
	"context"
	"fmt"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/capture"
	"github.com/dualwrite/dw/runtime/store"
)

// readVia chooses how F&O is read. What is demanded and cannot be is an error;
// what nobody has demanded is decided while it is read. A read that an earlier
// run has begun goes on as it was.
func (j *run) readVia(ctx context.Context) error {
	route, ok := j.Env.FnO.(connect.Exports)
	cost := j.Env.FnO.Capabilities(j.Map.Compiled.FnO.Table).Export
	x := &capture.Export{Route: route, Cost: cost, Companies: exported(j.Map), Way: j.Map.Def.Map.Initial.ReadVia}
	if ok {
		j.Reader.Export = x
	}
	begun, err := j.begun(ctx)
	if err != nil {
		return err
	}
	if x.Way == capture.ByExports && !begun {
		if err := j.demanded(ctx, x); err != nil {
			return err
		}
	}
	if cost.Start == 0 {
		x.Way = capture.ByPages
	}
	return nil
}

// demanded tells whether exports that somebody demands can be had.
func (j *run) demanded(ctx context.Context, x *capture.Export) error {
	t := j.Map.Compiled.FnO.Table
	switch {
	case x.Cost.Start == 0:
		return j.noExports(fmt.Sprintf("F&O's data management does not offer the entity %s", t.Set), "Exports need an entity that is enabled for data management.")
	case len(x.Companies) == 0:
		return j.noExports("exports need the companies to be known",
			fmt.Sprintf("The records of %s belong to companies and the map is for all of them. An export has the records of one company.", t.Set))
	}
	return x.Route.ExportsReady(ctx, []*schema.Table{t})
}

// begun tells whether the read of F&O has begun in an earlier run.
func (j *run) begun(ctx context.Context) (begun bool, err error) {
	err = j.Env.Store.View(ctx, func(tx store.Tx) error {
		cur, err := tx.Cursor(j.Map.Name, value.FnO)
		begun = cur != (store.Cursor{})
		return err
	})
	return begun, err
}

// exported gives the companies of which there is an export each, "" alone where
// the entity has none; nil where they are not known.
func exported(m *engine.Map) []string {
	c := m.Compiled
	switch {
	case !c.FnO.Table.CompanySpecific:
		return []string{""}
	case c.Company < 0:
		return nil
	}
	return m.Def.Companies
}

func (j *run) noExports(summary, detail string) error {
	return diag.Fail(diag.Diagnostic{
		Code: diag.CodeNoPackages, Severity: diag.Error, Address: j.Map.Def.Map.Address(), Summary: summary, Detail: detail,
		Hint: `Write read_via = "odata" or read_via = "auto" in initial_sync of the map.`,
	})
}
