package bench

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/dualwrite/dw/runtime/connect/fno"
	"github.com/dualwrite/dw/runtime/sandbox/blob"
)

// The server times of packages. What is published comes to 18 ms a row (200,000
// records an hour) and to a minute until a job begins, beside which a full
// package takes six. The packages that are measured are smaller, and the minute
// with them.
const (
	jobPerRow      = 18 * time.Millisecond
	fullStart      = time.Minute
	fullRows       = 20_000
	benchCompanies = 2 // of the customers, each of them a package
)

// packages compares writing to F&O by packages with a loop that sends the same
// packages and does nothing else.
func (b *initialBench) packages(ctx context.Context) error {
	rows := b.Packaged
	served := profile{name: "packages", call: 60 * time.Millisecond, row: jobPerRow}
	served.start = fullStart * time.Duration(rows/benchCompanies) / fullRows
	for _, p := range b.bothProfiles(served) {
		b.Progress(fmt.Sprintf("%s: %d customers", p.name, rows))
		sent := filepath.Join(b.root, p.name)
		var got packed
		err := b.withAccounts(ctx, rows, p, func(w *world) (err error) {
			if got, err = w.pack(ctx, rows); err != nil {
				return err
			}
			return w.keepPackages(ctx, sent)
		})
		if err != nil {
			return err
		}
		var loops [2]packed
		for i := range loops {
			b.Progress(p.name + ": the bare loop")
			err := b.withAccounts(ctx, rows, p, func(w *world) (err error) {
				loops[i], err = w.packed(ctx, rows, "bench", "packages", w.at.FnO, sent)
				return err
			})
			if err != nil {
				return err
			}
		}
		target := 0.85
		if p.start == 0 {
			target = 0
		}
		loop := (loops[0].sending + loops[1].sending) / 2
		b.add(p.name, "rows/s", got.whole, loop, target)
		b.add(p.name+"/sending", "rows/s", got.sending, loop, 0)
		b.add(p.name+"/control", "rows/s", loops[1].sending, loops[0].sending, 0)
		b.add(p.name+"/cpu", "s/1000 rows", b.per(got.CPU, rows), b.per((loops[0].CPU+loops[1].CPU)/2, rows), 0)
		b.add(p.name+"/wall", "s/1000 rows", b.per(got.Wall, rows), b.per((loops[0].Wall+loops[1].Wall)/2, rows), 0)
		b.add(p.name+"/rows-a-job", "rows", float64(rows)/float64(got.jobs), 0, 0)
	}
	return nil
}

// withAccounts serves the twins of a folder of so many customers that are in
// Dataverse only, and whose map writes to F&O by packages.
func (b *initialBench) withAccounts(ctx context.Context, rows int, p profile, f func(*world) error) error {
	if b.accounts == "" {
		dir := filepath.Join(b.root, "accounts")
		if err := b.makeAccounts(ctx, dir, rows); err != nil {
			return fmt.Errorf("make the customers in Dataverse: %w", err)
		}
		b.accounts = dir
	}
	return b.serve(ctx, b.accounts, p, f)
}

// makeAccounts has the bare loop create customers in Dataverse and takes those
// of F&O away.
func (b *initialBench) makeAccounts(ctx context.Context, dir string, rows int) error {
	err := b.with(ctx, patternRows, profile{}, func(w *world) error {
		if _, _, err := b.loop(ctx, w, Loop{Rows: rows, Each: patternRows / 2, Parallel: 2}); err != nil {
			return err
		}
		return w.leave(dir)
	})
	if err != nil {
		return err
	}
	if err := change(ctx, filepath.Join(dir, ".dw", "sandbox", "fno.db"), "DELETE FROM CustomersV3"); err != nil {
		return err
	}
	if err := says(dir, "via", "package"); err != nil {
		return err
	}
	_, err = once(ctx, b.Program, dir, []string{"sandbox", "project", fno.ImportProject})
	return err
}

// leave ends the twins and keeps a copy of the folder as it is, from which they
// can be served anew.
func (w *world) leave(dir string) error {
	if err := w.halt(); err != nil {
		return err
	}
	if err := os.CopyFS(dir, os.DirFS(w.dir)); err != nil {
		return err
	}
	for _, path := range []string{filepath.Join("sandbox", "requests.jsonl"), "sandbox.json"} {
		if err := os.Remove(filepath.Join(dir, ".dw", path)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// says writes an attribute of initial_sync into the map of the customers.
func says(dir, attribute, value string) error {
	path := filepath.Join(dir, customersFile)
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	const before = "  initial_sync {\n"
	if strings.Count(string(text), before) != 1 {
		return fmt.Errorf("%s has no block initial_sync", customersFile)
	}
	return os.WriteFile(path, []byte(strings.Replace(string(text), before, fmt.Sprintf("%s    %s = %q\n", before, attribute, value), 1)), 0o600)
}

// packed is what writing by packages came to.
type packed struct {
	Figures
	whole   float64 // rows a second from the first read of a record to the end of the last job
	sending float64 // rows a second from the first address for a package on
	jobs    int
}

// pack runs the initial sync.
func (w *world) pack(ctx context.Context, rows int) (packed, error) {
	return w.packed(ctx, rows, "apply", "-auto-approve")
}

// packed runs a command of dw that sends customers by packages.
func (w *world) packed(ctx context.Context, rows int, args ...string) (out packed, err error) {
	p, err := w.run(ctx, args...)
	if err != nil {
		return out, err
	}
	if out.Figures, err = p.wait(); err != nil {
		return out, err
	}
	if n, err := w.count(ctx, "fno.db", "SELECT count(*) FROM CustomersV3"); err != nil {
		return out, err
	} else if n != rows {
		return out, fmt.Errorf("%d rows arrived in F&O, want %d", n, rows)
	}
	if out.jobs, err = w.count(ctx, "fno.db", `SELECT count(*) FROM "_executions" WHERE status = 'Succeeded'`); err != nil {
		return out, err
	}
	var read, first, last time.Time
	_, err = w.entries(0, func(e entry) {
		switch {
		case read.IsZero() && e.Method == "GET" && e.Rows > 0 && strings.Contains(e.URL, "/accounts?"):
			read = e.Time
		case first.IsZero() && strings.HasSuffix(e.URL, "GetAzureWriteUrl"):
			first = e.Time
		case strings.HasSuffix(e.URL, "GetExecutionSummaryStatus"):
			last = e.end()
		}
	})
	if err == nil && !last.After(first) {
		err = errors.New("no package was sent")
	}
	out.sending = float64(rows) / last.Sub(first).Seconds()
	if !read.IsZero() {
		out.whole = float64(rows) / last.Sub(read).Seconds()
	}
	return out, err
}

// keepPackages copies the packages that the twin was sent, in their order,
// each as a file that is named after its company.
func (w *world) keepPackages(ctx context.Context, to string) error {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(w.dir, ".dw", "sandbox", "fno.db")+"?mode=ro")
	if err != nil {
		return err
	}
	defer db.Close()
	blobs, err := blob.Open(blob.Options{Dir: filepath.Join(w.dir, ".dw", "sandbox", "blobs"), Now: time.Now, Random: rand.Reader})
	if err != nil {
		return err
	}
	rows, err := db.QueryContext(ctx, `SELECT company, package FROM "_executions" ORDER BY rowid`)
	if err != nil {
		return err
	}
	defer rows.Close()
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	for n := 1; rows.Next(); n++ {
		var company, name string
		if err := rows.Scan(&company, &name); err != nil {
			return err
		}
		if err := keep(blobs, name, filepath.Join(to, fmt.Sprintf("%04d-%s.zip", n, company))); err != nil {
			return err
		}
	}
	return rows.Err()
}

func keep(blobs *blob.Store, name, path string) error {
	from, err := blobs.Open(name)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	return errors.Join(err, to.Close())
}
