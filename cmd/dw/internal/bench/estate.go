// Package bench measures dw's own commands on estates that it writes: how long
// they take, how much memory they need, and how both grow.
package bench

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/dualwrite/dw/lang"
	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/source"
	"github.com/dualwrite/dw/planner"
	"github.com/dualwrite/dw/planner/estate"
	"github.com/dualwrite/dw/planner/plan"
	"github.com/dualwrite/dw/runtime/host"
	"github.com/dualwrite/dw/runtime/store"
	"github.com/dualwrite/dw/runtime/store/sqlite"
)

// Write writes an estate and its schema into an empty folder. Deployed adds a
// state in which all its maps run, as after an apply, so that a plan finds
// nothing to do.
func Write(ctx context.Context, h *host.Host, dir string, o estate.Options, deployed bool, tool string) error {
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return diag.Fail(diag.Diagnostic{
			Code: diag.CodeFileExists, Severity: diag.Error, Summary: dir + " is not empty",
			Hint: "Name a folder that is empty or not there yet.",
		})
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make the folder of the estate: %w", err)
	}
	e := estate.New(o)
	for _, name := range slices.Sorted(maps.Keys(e.Files)) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(e.Files[name]), 0o644); err != nil {
			return fmt.Errorf("write the estate: %w", err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, schema.FileName), schema.Encode(e.Schema), 0o644); err != nil {
		return fmt.Errorf("write the estate's schema: %w", err)
	}
	if !deployed {
		return nil
	}
	return deploy(ctx, h, dir, &e.Schema, tool)
}

// deploy puts the definitions of all maps into a new state, as if apply had
// carried them out and joined their data.
func deploy(ctx context.Context, h *host.Host, dir string, cat *schema.Catalog, tool string) (err error) {
	cfg, found := lang.Load(os.DirFS(dir), lang.Options{Version: tool})
	if found.HasErrors() {
		return &diag.Failure{List: found}
	}
	p, found := planner.Build(planner.Input{Config: cfg, Link: estate.Link, Catalog: cat, ToolVersion: tool})
	if found.HasErrors() {
		return &diag.Failure{List: found}
	}
	st, err := sqlite.Open(ctx, sqlite.Options{
		Path: filepath.Join(dir, cfg.State.Path), Role: sqlite.Engine, NewID: h.Random.NewID,
		Holder: sqlite.Holder{PID: os.Getpid(), Command: "dw bench"},
	})
	if err != nil {
		return err
	}
	defer func() {
		if closed := st.Close(); err == nil {
			err = closed
		}
	}()
	return st.Update(ctx, func(tx store.Tx) error {
		at := h.Clock.Now().UTC().Format(time.RFC3339)
		for _, a := range p.Actions {
			err := tx.PutDeployed(estate.Link, plan.DeployedMap{
				Definition: *a.Definition, Version: 1, Status: "running", Initial: "done", At: at, By: "dw bench",
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Parse parses the files of a folder in native syntax and does nothing else.
func Parse(dir string) error {
	folder := os.DirFS(dir)
	entries, err := fs.ReadDir(folder, ".")
	if err != nil {
		return fmt.Errorf("read the folder: %w", err)
	}
	for _, e := range entries {
		if e.IsDir() || !strings.HasSuffix(e.Name(), source.NativeSuffix) {
			continue
		}
		src, err := fs.ReadFile(folder, e.Name())
		if err != nil {
			return fmt.Errorf("read a file: %w", err)
		}
		if err := source.BareParse(src, e.Name()); err != nil {
			return err
		}
	}
	return nil
}
