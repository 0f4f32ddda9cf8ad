package session

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/planner/plan"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/preflight"
	"github.com/dualwrite/dw/runtime/report"
)

// PreflightOptions say what to judge before a go-live.
type PreflightOptions struct {
	Maps      []string // empty: all
	Companies []string // empty: all of each map
	Samples   int
	CSV       string // file, or folder that gets a file for each map; "" none
	Progress  func(report.Progress)
}

// Preflight judges all existing data by the maps of the files, as an initial
// sync would, and writes to neither side nor the state.
func (s *Session) Preflight(ctx context.Context, o PreflightOptions) (report.Preflight, diag.List, error) {
	maps, l, err := s.toPreflight(ctx, o)
	if err != nil || l.HasErrors() {
		return report.Preflight{}, l, err
	}
	only, err := selected(maps, o.Maps)
	if err != nil {
		return report.Preflight{}, nil, err
	}
	sys, err := s.connect(ctx)
	if err != nil {
		return report.Preflight{}, nil, err
	}
	fno, dataverse, err := sys.connectors("")
	if err != nil {
		return report.Preflight{}, nil, err
	}
	scratch, err := s.scratch(ctx, "dw preflight")
	if err != nil {
		return report.Preflight{}, nil, err
	}
	rows := newRowFiles(s.Path(o.CSV), o.CSV != "")
	if err := rows.check(); err != nil {
		return report.Preflight{}, nil, err
	}
	defer rows.discard()
	env := &engine.Env{Host: s.Host, Store: scratch, FnO: fno, Dataverse: dataverse, Link: s.Link.Name, Maps: maps, Stopping: s.o.Stopping,
		Batch: s.batchSize(), Progress: o.Progress, Scratch: s.tempStore, Crosswalk: s.crosswalk}
	opts := preflight.Options{Env: env, Maps: only, Samples: o.Samples}
	if o.CSV != "" {
		opts.Row = rows.add
	}
	r, err := preflight.Run(ctx, opts)
	if err == nil {
		err = rows.keep(only)
	}
	return r, nil, err
}

// PreflightOfPlan judges the data that a plan would send.
func (s *Session) PreflightOfPlan(ctx context.Context, p *plan.Plan, o PreflightOptions) (report.Preflight, diag.List, error) {
	for _, a := range p.Actions {
		if a.Kind.SendsRows() && a.Definition != nil {
			o.Maps = append(o.Maps, a.Map)
		}
	}
	if len(o.Maps) == 0 {
		return report.Preflight{FormatVersion: report.FormatVersion, Link: p.Link, Clean: true, Maps: []report.MapPreflight{}}, nil, nil
	}
	return s.Preflight(ctx, o)
}

// toPreflight gives the maps of the files, ready to run, as if nothing were
// deployed yet.
func (s *Session) toPreflight(ctx context.Context, o PreflightOptions) ([]*engine.Map, diag.List, error) {
	all, l, err := s.asIfDeployed(ctx)
	if err != nil || l.HasErrors() {
		return nil, l, err
	}
	var deployed []plan.DeployedMap
	known := map[string]bool{}
	for _, d := range all {
		def, all := d.Definition, d.Definition.Companies
		for _, c := range all {
			known[strings.ToUpper(c)] = true
		}
		if len(o.Companies) > 0 {
			def.Companies = slices.DeleteFunc(slices.Clone(def.Companies), func(c string) bool {
				return !slices.ContainsFunc(o.Companies, func(x string) bool { return strings.EqualFold(x, c) })
			})
			if len(def.Companies) == 0 && len(all) > 0 {
				continue // a map of other companies
			}
		}
		deployed = append(deployed, plan.DeployedMap{Definition: def, Version: 1})
	}
	for _, c := range o.Companies {
		if !known[strings.ToUpper(c)] {
			x := diag.Diagnostic{Code: diag.CodeUsage, Severity: diag.Error, Summary: fmt.Sprintf("no map is for the company %q", c)}
			var names []string
			for n := range known {
				names = append(names, n)
			}
			slices.Sort(names)
			x.Hint = "The maps are for " + strings.Join(names, ", ") + "."
			return nil, nil, diag.Fail(x)
		}
	}
	maps, err := engine.Compile(deployed)
	return maps, nil, err
}

// rowFiles writes the rows that have to be mended, to one file or to one for
// each map. Nothing stands under its name before all of it is there.
type rowFiles struct {
	path   string
	folder bool
	wanted bool

	mu   sync.Mutex
	open map[string]*rowFile // by map; "" is the one of all
}

type rowFile struct {
	f *os.File
	w *csv.Writer
}

// rowHead names the columns of a file of rows.
var rowHead = []string{"map", "side", "key", "id", "field", "value", "cause", "severity", "code", "reason", "mend"}

func newRowFiles(path string, wanted bool) *rowFiles {
	r := &rowFiles{path: path, wanted: wanted, open: map[string]*rowFile{}}
	info, err := os.Stat(path)
	r.folder = err == nil && info.IsDir() || !strings.EqualFold(filepath.Ext(path), ".csv")
	return r
}

// name gives the file for a map.
func (r *rowFiles) name(mapName string) string {
	if !r.folder {
		return r.path
	}
	return filepath.Join(r.path, strings.Map(func(c rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, c) || c < ' ' {
			return '_'
		}
		return c
	}, mapName)+".csv")
}

// check tells before anything is read whether the files can be written.
func (r *rowFiles) check() error {
	if !r.wanted {
		return nil
	}
	f, err := r.create(r.name("any"))
	if err != nil {
		return err
	}
	if err := errors.Join(f.Close(), os.Remove(f.Name())); err != nil {
		return unwritable(r.path, err)
	}
	return nil
}

// create makes a file that is to get a name later.
func (r *rowFiles) create(name string) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return nil, unwritable(r.path, err)
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".preflight-*")
	if err != nil {
		return nil, unwritable(r.path, err)
	}
	return f, nil
}

func (r *rowFiles) file(mapName string) (*rowFile, error) {
	if !r.folder {
		mapName = ""
	}
	if f := r.open[mapName]; f != nil {
		return f, nil
	}
	f, err := r.create(r.name(mapName))
	if err != nil {
		return nil, err
	}
	file := &rowFile{f: f, w: csv.NewWriter(f)}
	r.open[mapName] = file
	return file, file.w.Write(rowHead)
}

func unwritable(path string, err error) error {
	return diag.Fail(diag.Diagnostic{
		Code: diag.CodeUnreadable, Severity: diag.Error, Summary: fmt.Sprintf("the rows cannot be written to %s", path),
		Detail: err.Error(), Hint: "Name a file that ends in .csv, or a folder.",
	})
}

func (r *rowFiles) add(x report.PreflightRow) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	f, err := r.file(x.Map)
	if err != nil {
		return err
	}
	return f.w.Write([]string{x.Map, string(x.Side), x.Record, x.ID, x.Field, x.Value, x.Cause, x.Severity.String(), x.Code, x.Reason, x.Mend})
}

// keep gives the files their names. Files of an earlier preflight of maps that
// have nothing to mend now are removed.
func (r *rowFiles) keep(maps []*engine.Map) error {
	if !r.wanted {
		return nil
	}
	if !r.folder {
		if _, err := r.file(""); err != nil {
			return err
		}
	}
	for mapName, f := range r.open {
		f.w.Flush()
		err := f.w.Error()
		if err == nil {
			err = f.f.Chmod(0o644)
		}
		if closing := f.f.Close(); err == nil {
			err = closing
		}
		if err == nil {
			err = os.Rename(f.f.Name(), r.name(mapName))
		}
		if err != nil {
			return unwritable(r.path, err)
		}
	}
	for _, m := range maps {
		if r.folder && r.open[m.Name] == nil {
			if err := os.Remove(r.name(m.Name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return unwritable(r.path, err)
			}
		}
	}
	clear(r.open)
	return nil
}

// discard removes what was not kept.
func (r *rowFiles) discard() {
	for _, f := range r.open {
		_ = f.f.Close()
		_ = os.Remove(f.f.Name())
	}
	clear(r.open)
}
