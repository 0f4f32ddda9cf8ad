package preflight

import (
	"context"
	"fmt"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

// nobody is how a key is shown that lacks its company.
const nobody = "(empty) / "

// outside looks at the rows that reading has left out for their company: those
// that have none, or one that cannot be told, are not somebody else's.
func (c *check) outside(ctx context.Context, at value.Side, rows []connect.Row) error {
	k := c.m.Compiled
	if k.Company < 0 || at != value.Dataverse || len(c.m.Def.Companies) == 0 {
		return nil
	}
	slot := &k.Slots[k.Company]
	codes := map[value.Value]string{}
	if slot.Lookup != nil {
		asked := make([]value.Value, len(rows))
		for i, r := range rows {
			asked[i] = r.Values[slot.Dataverse]
		}
		var err error
		if codes, err = c.companies.Companies(ctx, asked); err != nil {
			return err
		}
	}
	column := k.Column(slot, value.Dataverse).Name
	for _, r := range rows {
		company := r.Values[slot.Dataverse]
		// The filter judges the row as if it had a company of the map.
		if codes[company] != "" || slot.Lookup == nil && !company.IsNull() || !k.InScope(value.Dataverse, r.Values, c.m.Def.Companies[0]) {
			continue
		}
		x := trouble{code: diag.CodeNoCompany, side: value.Dataverse, record: strings.TrimPrefix(k.ReadableKey(value.Dataverse, r.Values, ""), nobody), rows: []row{{id: r.ID, column: column}},
			reason: fmt.Sprintf("The row has no company in %s, so that no map touches it.", column),
			mend:   "Give the row its company (`dw bootstrap` does so for rows that have a counterpart), or keep it out with a filter."}
		if !company.IsNull() {
			x.code, x.rows[0].value = diag.CodeUnknownCode, company.String()
			x.reason = fmt.Sprintf("The company that the row names in %s is not there or has no code.", column)
		}
		if _, err := c.add(x); err != nil {
			return err
		}
	}
	return nil
}

// keyless takes in the rows without a complete key, which reading has listed.
func (c *check) keyless(ctx context.Context) error {
	after := int64(0)
	for {
		var listed []record.Listed
		err := c.Env.Store.View(ctx, func(tx store.Tx) (err error) {
			listed, err = tx.Listed(store.ListedQuery{Map: c.m.Name}, after, c.Env.BatchSize())
			return err
		})
		if err != nil || len(listed) == 0 {
			return err
		}
		for _, l := range listed {
			after = l.ID
			from := l.Side.Other()
			c.out.Records++
			c.out.Rows.Add(from, 1)
			c.out.Failing++
			_, err := c.add(trouble{code: l.Code, side: from, reason: l.Reason, mend: l.Hint, record: l.Record, rows: []row{{id: rowID(l.Key)}}})
			if err != nil {
				return err
			}
		}
	}
}

// rowID gives the id in the key under which a row without key is listed.
func rowID(key string) string {
	for i := len(key) - 1; i >= 0; i-- {
		if key[i] == 0 {
			return key[i+1:]
		}
	}
	return key
}
