package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/dualwrite/dw/runtime/connect/fno"
)

// exportCompanies is how many companies the customers are in, each of them an
// export.
const exportCompanies = 3

// exports compares reading customers of F&O by exports with reading them over
// OData, where both sides are equal and nothing is sent. It is without server
// time: what F&O takes for a page or a job differs from entity to entity.
func (b *initialBench) exports(ctx context.Context) error {
	rows := b.Rows
	dir := filepath.Join(b.root, "equal")
	b.Progress(fmt.Sprintf("export: %d customers on both sides", rows))
	err := b.with(ctx, rows, profile{}, func(w *world) error {
		if _, err := w.apply(ctx); err != nil {
			return err
		}
		return w.leave(dir)
	})
	if err != nil {
		return err
	}
	if _, err := once(ctx, b.Program, dir, []string{"sandbox", "project", "-export", "CustomersV3", fno.ExportProject("CustomersV3")}); err != nil {
		return err
	}
	var got [2]reading
	for i, via := range []string{"package", "odata"} {
		b.Progress(fmt.Sprintf("export: read_via = %q", via))
		err := b.serve(ctx, dir, profile{}, func(w *world) (err error) {
			if err := says(w.dir, "read_via", via); err != nil {
				return err
			}
			got[i], err = w.read(ctx, rows, via == "package")
			return err
		})
		if err != nil {
			return err
		}
	}
	export, odata := got[0], got[1]
	b.add("export", "rows/s", export.perSecond, odata.perSecond, 0)
	b.add("export/cpu", "s/1000 rows", b.per(export.CPU, rows), b.per(odata.CPU, rows), 0)
	b.add("export/wall", "s/1000 rows", b.per(export.Wall, rows), b.per(odata.Wall, rows), 0)
	return nil
}

// reading is what an apply came to that reads customers and sends nothing.
type reading struct {
	Figures
	perSecond float64 // from the first request for a record of F&O until all are stored
}

// read runs the initial sync of equal customers again.
func (w *world) read(ctx context.Context, rows int, byExport bool) (out reading, err error) {
	p := w.command(ctx, "apply", "-auto-approve", "-again", "customers", "-progress=json")
	seen := &phaseWatch{process: p}
	p.cmd.Stderr = seen
	if err := p.start(); err != nil {
		return out, err
	}
	if out.Figures, err = p.wait(); err != nil {
		return out, err
	}
	first, writes, _, err := w.log(0)
	if err != nil {
		return out, err
	}
	if len(writes) > 0 {
		return out, fmt.Errorf("%d requests wrote customers that were equal", len(writes))
	}
	jobs, err := w.count(ctx, "fno.db", `SELECT count(*) FROM "_executions" WHERE status = 'Succeeded'`)
	if err != nil {
		return out, err
	}
	if want := exportCompanies; byExport && jobs != want || !byExport && jobs != 0 {
		return out, fmt.Errorf("F&O has carried out %d exports", jobs)
	}
	if first.IsZero() || !seen.ended.After(first) {
		return out, errors.New("no customer was read")
	}
	out.perSecond = float64(rows) / seen.ended.Sub(first).Seconds()
	return out, nil
}

// phaseWatch takes what a command says of its progress and notes when the
// customers were read.
type phaseWatch struct {
	*process
	line  []byte
	began bool
	ended time.Time
}

func (w *phaseWatch) Write(text []byte) (int, error) {
	w.said.Write(text)
	w.line = append(w.line, text...)
	for {
		line, rest, whole := bytes.Cut(w.line, []byte("\n"))
		if !whole {
			return len(text), nil
		}
		w.line = rest
		var e struct{ Event, Map, Phase string }
		if json.Unmarshal(line, &e) != nil || e.Event != "progress" || e.Map != "customers" {
			continue
		}
		reads := slices.Contains([]string{"read", "keys", "export"}, e.Phase)
		w.began = w.began || reads
		if w.began && !reads && w.ended.IsZero() {
			w.ended = time.Now()
		}
	}
}
