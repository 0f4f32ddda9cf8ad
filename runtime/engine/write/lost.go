package write

import (
	"context"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/engine/refs"
	"github.com/dualwrite/dw/runtime/record"
)

// outcome is a write with its row as it was found later.
type outcome struct {
	in  *record.Intent
	row connect.Row
}

// lost gives those references that were sent to Dataverse and are not in their
// rows since what they refer to is gone: a service empties the lookups of a row
// that it deletes.
func (w *Writer) lost(ctx context.Context, sent []outcome) (map[value.Value]bool, error) {
	var emptied []value.Value
	slots := w.Map.Compiled.Slots
	for _, o := range sent {
		if o.in.Side != value.Dataverse || o.in.MapVersion != w.Map.Version {
			continue
		}
		for _, f := range o.in.Fields {
			if f.Slot >= 0 && f.New.Kind() == value.Reference && o.row.Values[slots[f.Slot].Dataverse].IsNull() {
				emptied = append(emptied, f.New)
			}
		}
	}
	return refs.Lost(ctx, w.Env, emptied)
}
