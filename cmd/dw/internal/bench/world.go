package bench

import (
	"bufio"
	"context"
	"database/sql"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	_ "modernc.org/sqlite" // the twins' data are SQLite files

	"github.com/dualwrite/dw/runtime/sandbox"
)

//go:embed folder
var folderFiles embed.FS

// profile is what the twins do to requests.
type profile struct {
	name              string
	call, row         time.Duration // server time of a request, and of each row that it writes
	start             time.Duration // until a job of data management begins
	window            time.Duration // of the service protection limits; 0: no limits
	requests, seconds float64       // that the limits allow, a second
}

// link gives the file that makes twins of a profile.
func (p profile) link() string {
	limits := `"off"`
	if p.window > 0 {
		limits = fmt.Sprintf("\"published\"\n    limits_window     = %q", p.window)
	}
	return fmt.Sprintf(`link "bench" {
  sandbox {
    seed              = 1
    records           = 150
    latency           = %q
    latency_per_write = %q
    job_start         = %q
    limits            = %s
  }
  companies = ["USMF", "DEMF", "GBSI"]
}
`, p.call, p.row, p.start, limits)
}

const linkFile = "link.dw.hcl"

// world is a folder of customers that are in F&O only, and the twins that
// serve them in a process of their own.
type world struct {
	program string
	dir     string
	twins   *exec.Cmd
	at      sandbox.Addresses
}

// prepare makes a folder: what customers refer to is equal already, the
// customers themselves are not in Dataverse and unknown to the state.
func prepare(ctx context.Context, program, dir string, rows int) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, linkFile), []byte(profile{}.link()), 0o600); err != nil {
		return err
	}
	for _, name := range []string{setupFile, customersFile} {
		text, err := folderFiles.ReadFile("folder/" + name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			return err
		}
		if name != setupFile {
			continue
		}
		if _, err := once(ctx, program, dir, []string{"apply", "-auto-approve"}); err != nil {
			return err
		}
	}
	data := filepath.Join(dir, ".dw", "sandbox")
	if err := os.Remove(filepath.Join(data, "requests.jsonl")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := multiply(ctx, filepath.Join(data, "fno.db"), rows); err != nil {
		return fmt.Errorf("multiply the customers: %w", err)
	}
	return change(ctx, filepath.Join(data, "dataverse.db"), "DELETE FROM accounts", "DELETE FROM deleted")
}

const (
	setupFile     = "setup.dw.hcl"
	customersFile = "customers.dw.hcl"
)

// change runs statements on a twin's data, which nobody serves at that time.
func change(ctx context.Context, path string, statements ...string) error {
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	for _, s := range statements {
		if _, err := db.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("%.60s: %w", s, err)
		}
	}
	return nil
}

// multiply makes as many organisations of the generated ones, each with an
// account, number and name of its own.
func multiply(ctx context.Context, path string, rows int) error {
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro")
	if err != nil {
		return err
	}
	defer db.Close()
	found, err := db.QueryContext(ctx, "SELECT name FROM pragma_table_info('CustomersV3') WHERE name <> 'rec_id'")
	if err != nil {
		return err
	}
	defer found.Close()
	var columns, values []string
	for found.Next() {
		var name string
		if err := found.Scan(&name); err != nil {
			return err
		}
		columns = append(columns, `"`+name+`"`)
		switch name {
		case "CustomerAccount", "InvoiceAccount":
			values = append(values, "printf('B-%08d', n.i)")
		case "PartyNumber":
			values = append(values, "printf('%09d', 500000000 + n.i)")
		case "OrganizationName":
			values = append(values, `printf('%s %d', t."OrganizationName", n.i)`)
		default:
			values = append(values, `t."`+name+`"`)
		}
	}
	if err := found.Err(); err != nil {
		return err
	}
	return change(ctx, path,
		"CREATE TEMP TABLE pattern AS SELECT * FROM CustomersV3 WHERE PartyType = 'Organization' AND dataAreaId IN ('usmf', 'demf', 'gbsi') AND SalesCurrencyCode IN ('USD', 'EUR') LIMIT 40",
		"DELETE FROM CustomersV3",
		fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
INSERT INTO CustomersV3 (%s) SELECT %s FROM n CROSS JOIN pattern t ON t.rowid = n.i %% (SELECT count(*) FROM pattern) + 1`,
			rows, strings.Join(columns, ", "), strings.Join(values, ", ")),
		"ANALYZE CustomersV3")
}

// start copies a prepared folder and serves its twins with a profile.
func start(ctx context.Context, program, from, dir string, p profile) (*world, error) {
	if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, linkFile), []byte(p.link()), 0o600); err != nil {
		return nil, err
	}
	w := &world{program: program, dir: dir}
	w.twins = exec.CommandContext(ctx, program, "sandbox", "serve", "-no-auth")
	w.twins.Dir = dir
	w.twins.Cancel = func() error { return w.twins.Process.Signal(os.Interrupt) }
	w.twins.WaitDelay = 10 * time.Second
	said, err := w.twins.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := w.twins.Start(); err != nil {
		return nil, err
	}
	if _, err := bufio.NewReader(said).ReadString('\n'); err != nil {
		return nil, errors.Join(fmt.Errorf("the twins did not start: %w", err), w.stop())
	}
	if w.at, err = sandbox.Read(filepath.Join(dir, ".dw", "sandbox.json")); err != nil {
		return nil, errors.Join(err, w.stop())
	}
	return w, nil
}

// halt ends the twins.
func (w *world) halt() error {
	if w.twins.ProcessState != nil {
		return nil
	}
	_ = w.twins.Process.Signal(os.Interrupt) // it may have ended already
	err := w.twins.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		err = nil // interrupted, as asked
	}
	return err
}

// stop ends the twins and removes the folder.
func (w *world) stop() error { return errors.Join(w.halt(), os.RemoveAll(w.dir)) }

// count asks a twin's own file for a number.
func (w *world) count(ctx context.Context, file, query string) (n int, err error) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(w.dir, ".dw", "sandbox", file)+"?mode=ro")
	if err != nil {
		return 0, err
	}
	defer db.Close()
	err = db.QueryRowContext(ctx, query).Scan(&n)
	return n, err
}

// arrived checks how many customers are in Dataverse, in the twin's own file.
func (w *world) arrived(ctx context.Context, rows int) error {
	n, err := w.count(ctx, "dataverse.db", "SELECT count(*) FROM accounts")
	if err == nil && n != rows {
		err = fmt.Errorf("%d rows arrived in Dataverse, want %d", n, rows)
	}
	return err
}

// sent is a request that wrote customers, as the twins logged it.
type sent struct {
	begin, end time.Time
	rows       int
}

// confirmed counts the rows with which the twins answered what changed, since
// the log was read up to from.
func (w *world) confirmed(from, to int64) (rows int, err error) {
	f, err := os.Open(filepath.Join(w.dir, ".dw", "sandbox", "requests.jsonl"))
	if err != nil {
		return 0, err
	}
	defer f.Close()
	for in := bufio.NewReaderSize(io.NewSectionReader(f, from, to-from), 1<<20); ; {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return rows, nil
		}
		var e struct {
			URL  string
			Rows int
		}
		if strings.Contains(string(line), "deltatoken") && json.Unmarshal(line, &e) == nil && strings.Contains(e.URL, "/accounts?") {
			rows += e.Rows
		}
	}
}

// entry is a line of the twins' log, as far as it is looked at.
type entry struct {
	Time   time.Time
	Method string
	URL    string
	MS     float64
	Rows   int
	Writes []struct{ Table string }
}

func (e *entry) end() time.Time { return e.Time.Add(time.Duration(e.MS * float64(time.Millisecond))) }

// entries gives the lines of the twins' log from a place on, and says where the
// next read goes on.
func (w *world) entries(from int64, each func(entry)) (next int64, err error) {
	f, err := os.Open(filepath.Join(w.dir, ".dw", "sandbox", "requests.jsonl"))
	if err != nil {
		return from, err
	}
	defer f.Close()
	if _, err := f.Seek(from, io.SeekStart); err != nil {
		return from, err
	}
	next = from
	for in := bufio.NewReaderSize(f, 1<<20); ; {
		line, err := in.ReadBytes('\n')
		if err != nil { // what is incomplete is read the next time
			return next, nil
		}
		next += int64(len(line))
		var e entry
		if err := json.Unmarshal(line, &e); err != nil {
			return next, fmt.Errorf("the twins' log: %w", err)
		}
		each(e)
	}
}

// log reads the twins' log: when the records of the map were first asked for,
// and what was written. From says where to go on reading, and next where the
// next read goes on.
func (w *world) log(from int64) (read time.Time, writes []sent, next int64, err error) {
	next, err = w.entries(from, func(e entry) {
		switch {
		case e.Method == "GET" && read.IsZero() && e.Rows > 0 && strings.Contains(e.URL, "CustomersV3"):
			read = e.Time
		case len(e.Writes) > 0 && e.Writes[0].Table == "accounts":
			writes = append(writes, sent{e.Time, e.end(), len(e.Writes)})
		}
	})
	return read, writes, next, err
}

// rate gives rows a second from the first request of writes to the end of the
// last, and rows a request.
func rate(writes []sent) (perSecond, perCall float64) {
	if len(writes) == 0 {
		return 0, 0
	}
	begin, end, n := writes[0].begin, writes[0].end, 0
	for _, s := range writes {
		if s.begin.Before(begin) {
			begin = s.begin
		}
		if s.end.After(end) {
			end = s.end
		}
		n += s.rows
	}
	return float64(n) / end.Sub(begin).Seconds(), float64(n) / float64(len(writes))
}

// process is a command of dw that runs beside the measurement.
type process struct {
	cmd  *exec.Cmd
	said *strings.Builder
	from time.Time
}

func (w *world) command(ctx context.Context, args ...string) *process {
	p := &process{cmd: exec.CommandContext(ctx, w.program, args...), said: &strings.Builder{}}
	p.cmd.Dir = w.dir
	p.cmd.Env = append(os.Environ(), "NO_COLOR=1")
	p.cmd.Stderr = p.said
	return p
}

func (w *world) run(ctx context.Context, args ...string) (*process, error) {
	p := w.command(ctx, args...)
	return p, p.start()
}

func (p *process) start() error {
	p.from = time.Now()
	return p.cmd.Start()
}

// wait gives what it cost.
func (p *process) wait() (Figures, error) {
	if err := p.cmd.Wait(); err != nil {
		return Figures{}, fmt.Errorf("dw %v: %w\n%s", p.cmd.Args[1:], err, p.said)
	}
	s := p.cmd.ProcessState
	return Figures{CPU: s.UserTime() + s.SystemTime(), Wall: time.Since(p.from), Peak: peak(s)}, nil
}

// kill ends it at once.
func (p *process) kill() {
	_ = p.cmd.Process.Signal(syscall.SIGKILL) // it may have ended already
	_ = p.cmd.Wait()                          // killed, as asked
}

// apply runs the initial sync of the customers to its end.
func (w *world) apply(ctx context.Context) (Figures, error) {
	p, err := w.run(ctx, "apply", "-auto-approve")
	if err != nil {
		return Figures{}, err
	}
	return p.wait()
}
