package refs

import (
	"context"
	"fmt"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/engine"
)

// Lost gives those of some references of Dataverse whose rows are not there any
// more.
func Lost(ctx context.Context, env *engine.Env, refs []value.Value) (map[value.Value]bool, error) {
	asked := map[string][]value.Value{} // ids by logical name of their table
	lost := make(map[value.Value]bool, len(refs))
	for _, ref := range refs {
		if !lost[ref] {
			table, id := ref.Ref()
			asked[table], lost[ref] = append(asked[table], value.NewText(id)), true
		}
	}
	for table, ids := range asked {
		t := env.Target(table)
		if t == nil {
			return nil, fmt.Errorf("the schema of %s, which a lookup refers to, is not part of the deployment", table)
		}
		rows, err := env.Dataverse.Find(ctx, connect.FindQuery{Table: t, Values: ids})
		if err != nil {
			return nil, fmt.Errorf("look whether rows of %s are still there: %w", t.Set, err)
		}
		for _, r := range rows {
			delete(lost, value.NewReference(table, r.ID))
		}
	}
	return lost, nil
}
