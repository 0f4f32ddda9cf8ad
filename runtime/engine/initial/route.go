package initial

import (
	"context"
	"errors"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/engine/write"
	"github.com/dualwrite/dw/runtime/store"
)

// The ways to write to F&O that a map may demand; see model.InitialSync.Via.
const (
	viaOData   = "odata"
	viaPackage = "package"
)

// route chooses how rows go to F&O. What is demanded and cannot be is an error;
// what nobody has demanded is left.
func (j *run) route(ctx context.Context) error {
	via := j.Map.Def.Map.Initial.Via
	least := j.Env.FnO.Capabilities(j.Map.Compiled.FnO.Table).Package.Least()
	if via == viaOData || via == "" && least == 0 {
		return nil
	}
	// No more rows are written to F&O than Dataverse has.
	var rows, open int64
	err := j.Env.Store.View(ctx, func(tx store.Tx) error {
		n, err := tx.CountObservations(j.Map.Name)
		if err != nil {
			return err
		}
		rows = n[value.Dataverse]
		open, err = tx.CountIntents(j.Map.Name)
		return err
	})
	if err != nil || rows+open == 0 || via == "" && rows+open < int64(least) {
		return err
	}
	packages, err := write.NewPackages(ctx, j.Env, j.Map, via == viaPackage)
	if failed := (*diag.Failure)(nil); via == "" && errors.As(err, &failed) && failed.Only(diag.CodeNoPackages, diag.CodeProjectMissing) {
		return nil // the plan has said so
	}
	j.Writer.Packages = packages
	return err
}
