package capture

import (
	"context"
	"fmt"
	"strings"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

// Keyed reads rows that are listed as having no key again. Those that have one
// by now, and those that are gone, are unlisted; the former are captured under
// their keys, which it gives. A record of F&O without its key cannot be asked
// for: it stays listed until the next scan.
func (r *Reader) Keyed(ctx context.Context, listed []string) (keys []string, err error) {
	prefix := KeylessKey(value.Dataverse, "")
	byID := map[string]string{} // key in the list by id
	var ids []connect.RowID
	for _, key := range listed {
		if id, ok := strings.CutPrefix(key, prefix); ok {
			byID[id] = key
			ids = append(ids, connect.RowID{ID: id})
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	asOf, err := r.asOf(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := r.Env.Connector(value.Dataverse).Read(ctx, r.Query(value.Dataverse).Projection, ids)
	if err != nil {
		return nil, fmt.Errorf("read rows of map %s in Dataverse: %w", r.Map.Name, err)
	}
	obs, err := r.Observe(ctx, value.Dataverse, rows, asOf)
	if err != nil {
		return nil, err
	}
	var keyed []record.Observation
	over := map[string]bool{} // keys in the list that nothing holds for any more
	for _, key := range byID {
		over[key] = true
	}
	for _, o := range obs {
		if o.Key == "" {
			over[byID[o.ID]] = false
			continue
		}
		keyed, keys = append(keyed, o), append(keys, o.Key)
	}
	return keys, r.Env.Store.Update(ctx, func(tx store.Tx) error {
		if err := tx.AddObservations(keyed); err != nil {
			return err
		}
		var gone []string
		for _, key := range listed {
			if over[key] {
				gone = append(gone, key)
			}
		}
		return tx.Unlist(r.Map.Name, gone)
	})
}
