package initial_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/enginetest"
	"github.com/dualwrite/dw/runtime/host"
)

// packer is F&O with packages of a few rows, which pay from three rows on.
type packer struct {
	*enginetest.System
	ready error
	ends  func(job int, p *parcel) connect.Job // nil: all is done
	jobs  []string                             // "usmf 3 rows"

	uploaded func()
}

type parcel struct {
	table *schema.Table
	rows  []connect.Write
}

func (p *packer) Capabilities(t *schema.Table) connect.Capabilities {
	c := p.System.Capabilities(t)
	c.Package = connect.PackageRoute{Rows: 4, Start: 2 * time.Second, PerRow: time.Second, PerWrite: 2 * time.Second}
	return c
}

func (p *packer) PackagesReady(context.Context, []*schema.Table) error { return p.ready }

func (p *packer) NewPackage(_ context.Context, t *schema.Table, columns []*schema.Field) (connect.Package, error) {
	for _, f := range columns {
		if f.Name == schema.CompanyField {
			return nil, errors.New("the company is no column")
		}
	}
	return &parcel{table: t}, nil
}

func (p *parcel) Add(w *connect.Write) (bool, error) {
	for _, v := range w.Values {
		if strings.Contains(v.Value.Text(), "\r") {
			return false, nil
		}
	}
	p.rows = append(p.rows, *w)
	return true, nil
}

func (p *parcel) Rows() int { return len(p.rows) }
func (p *parcel) Size() int { return len(p.rows) }

func (p *packer) PackageKey(_ context.Context, _ *schema.Table, key []value.Value) (string, error) {
	return key[1].Text(), nil
}

func (p *packer) Upload(context.Context, connect.Package, string) error {
	if p.uploaded != nil {
		p.uploaded()
	}
	return nil
}

func (p *packer) Import(ctx context.Context, pack connect.Package, id, company string, started func() error) (connect.Job, error) {
	own := pack.(*parcel)
	if err := started(); err != nil {
		return connect.Job{}, err
	}
	p.jobs = append(p.jobs, fmt.Sprintf("%s %d rows", company, len(own.rows)))
	job := connect.Job{State: connect.JobDone}
	if p.ends != nil {
		job = p.ends(len(p.jobs), own)
	}
	if job.State == connect.JobUnknown || job.State == connect.JobFailed {
		return job, nil
	}
	failed := map[string]bool{}
	for _, f := range job.Failed {
		failed[f.Key] = true
	}
	for _, w := range own.rows {
		if !failed[w.Row.Key[1].Text()] {
			if _, err := p.System.Write(ctx, own.table, []connect.Write{w}, func([]int, []connect.Result) {}); err != nil {
				return job, err
			}
		}
	}
	return job, nil
}

func (p *packer) Follow(context.Context, *schema.Table, string, time.Time) (connect.Job, error) {
	return connect.Job{State: connect.JobUnknown}, nil
}

// newPacker has some accounts of USMF and one of DEMF that F&O lacks.
func newPacker(t *testing.T, usmf int, via string) (*enginetest.World, *packer) {
	t.Helper()
	w := enginetest.New(t, enginetest.Config)
	p := &packer{System: w.FnO}
	w.Env.FnO = p
	for i := range usmf {
		w.Account("USMF", fmt.Sprintf("US-%d", i), nil)
	}
	w.Account("DEMF", "DE-1", nil)
	w.Map("customers").Def.Map.Initial.Via = via
	return w, p
}

func TestRoutes(t *testing.T) {
	for _, c := range []struct {
		what string
		usmf int
		via  string
		want string
	}{
		{"few rows", 1, "", ""},
		{"many rows", 6, "", "usmf 4 rows"}, // two are left, and DEMF's: single writes take less time
		{"full packages", 8, "", "usmf 4 rows, usmf 4 rows"},
		{"demanded", 1, "package", "demf 1 rows, usmf 1 rows"},
		{"forbidden", 9, "odata", ""},
	} {
		t.Run(c.what, func(t *testing.T) {
			w, p := newPacker(t, c.usmf, c.via)
			mustJoin(w, "customers")
			if got := strings.Join(p.jobs, ", "); got != c.want {
				t.Errorf("jobs %q, want %q", got, c.want)
			}
			if n := len(w.FnO.Rows("CustomersV3")); n != c.usmf+1 || len(w.Intents("customers")) != 0 || len(w.Listed("customers")) != 0 {
				t.Errorf("%d customers, open %v, listed %q", n, w.Intents("customers"), w.Listed("customers"))
			}
		})
	}
}

// TestNextPackageMeanwhile: while a job runs the next package is uploaded, and
// what the one before did is confirmed; never do two jobs run.
func TestNextPackageMeanwhile(t *testing.T) {
	w, p := newPacker(t, 12, "package")
	w.Env.Host.Scheduler = host.Real(t.TempDir()).Scheduler
	const jobs = 4
	uploads := make(chan bool, jobs)
	p.uploaded = func() { uploads <- true }
	var running atomic.Int32
	waitFor := func(what string, done func() bool) {
		for end := time.Now().Add(time.Minute); !done(); time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Errorf("%s does not come beside the job", what)
				return
			}
		}
	}
	var sizes []int
	p.ends = func(job int, own *parcel) connect.Job {
		sizes = append(sizes, len(own.rows))
		if running.Add(1) > 1 {
			t.Error("two jobs run at a time")
		}
		defer running.Add(-1)
		waitFor(fmt.Sprintf("the upload of package %d", min(job+1, jobs)), func() bool { return len(uploads) > min(job, jobs-1) })
		// Rows of the job before last are confirmed at the latest.
		if open := 13; job > 2 {
			for _, n := range sizes[:job-2] {
				open -= n
			}
			waitFor(fmt.Sprintf("job %d, to be confirmed,", job-2), func() bool { return len(w.Intents("customers")) <= open })
		}
		return connect.Job{State: connect.JobDone}
	}
	mustJoin(w, "customers")
	if n := len(w.FnO.Rows("CustomersV3")); n != 13 || len(p.jobs) != jobs || len(w.Intents("customers")) != 0 {
		t.Errorf("%d customers by jobs %q", n, p.jobs)
	}
}

// TestFullPackagesLeave while other records are still to be handled, and a job
// that fails ends the rest.
func TestFullPackagesLeave(t *testing.T) {
	early := false
	for seed := range uint64(4) { // which decides when the tasks beside run
		w, p := newPacker(t, 20, "package")
		w.Env.Host, w.Env.Batch = host.Simulated(seed), 2
		p.ends = func(int, *parcel) connect.Job {
			early = early || w.Queued("customers") > 0
			return connect.Job{State: connect.JobDone}
		}
		mustJoin(w, "customers")
		if n := len(w.FnO.Rows("CustomersV3")); n != 21 || len(w.Intents("customers")) != 0 {
			t.Errorf("%d customers", n)
		}

		w, p = newPacker(t, 20, "package")
		w.Env.Host, w.Env.Batch = host.Simulated(seed), 2
		p.ends = func(int, *parcel) connect.Job { return connect.Job{State: connect.JobFailed, Message: "Out of order."} }
		err := join(t.Context(), w, "customers")
		if failed, ok := errors.AsType[*diag.Failure](err); !ok || failed.List[0].Code != diag.CodePackageFailed || len(p.jobs) != 1 {
			t.Fatalf("%v after jobs %q", err, p.jobs)
		}
	}
	if !early {
		t.Error("no job begins before everything is handled")
	}
}

// TestStoppedBetweenPackages: the job in flight is brought to its end, the next
// is not begun.
func TestStoppedBetweenPackages(t *testing.T) {
	w, p := newPacker(t, 12, "package")
	stopping := false
	w.Env.Stopping = func() bool { return stopping }
	p.ends = func(int, *parcel) connect.Job {
		stopping = true
		return connect.Job{State: connect.JobDone}
	}
	if err := join(t.Context(), w, "customers"); !errors.Is(err, engine.ErrStopped) {
		t.Fatalf("%v", err)
	}
	if n := len(w.FnO.Rows("CustomersV3")); n == 0 || n > 4 || len(p.jobs) != 1 {
		t.Errorf("%d customers by jobs %q", n, p.jobs)
	}
	stopping, p.ends = false, nil
	mustJoin(w, "customers")
	if n := len(w.FnO.Rows("CustomersV3")); n != 13 || len(w.Intents("customers")) != 0 {
		t.Errorf("%d customers", n)
	}
}

// TestJobEnds: whatever a job comes to, each record is there once or listed.
func TestJobEnds(t *testing.T) {
	refuse := func(_ *schema.Table, w connect.Write) (connect.Result, bool, bool) {
		if len(w.Row.Key) > 1 && w.Row.Key[1].Text() == "US-2" {
			return connect.Result{Outcome: connect.Refused, Message: "No."}, false, true
		}
		return connect.Result{}, false, false
	}
	w, p := newPacker(t, 4, "package")
	p.OnWrite = refuse
	p.ends = func(_ int, own *parcel) connect.Job {
		if len(own.rows) < 4 {
			return connect.Job{State: connect.JobDone}
		}
		return connect.Job{State: connect.JobPartly, Failed: []connect.FailedRow{{Key: "US-2"}, {Key: "US-3", Message: "It comes later."}}}
	}
	mustJoin(w, "customers")
	same(w, "customers", "failed DW644 usmf / us-2")
	if n := len(w.FnO.Rows("CustomersV3")); n != 4 || len(w.Intents("customers")) != 0 {
		t.Errorf("%d customers", n)
	}

	w, p = newPacker(t, 4, "package")
	p.ends = func(job int, _ *parcel) connect.Job {
		if job == 1 { // nobody knows it
			return connect.Job{State: connect.JobUnknown}
		}
		return connect.Job{State: connect.JobDone}
	}
	mustJoin(w, "customers")
	if n := len(w.FnO.Rows("CustomersV3")); n != 5 || len(p.jobs) != 3 {
		t.Errorf("%d customers by jobs %q", n, p.jobs)
	}

	w, p = newPacker(t, 4, "package")
	p.ends = func(int, *parcel) connect.Job { return connect.Job{State: connect.JobFailed, Message: "Out of order."} }
	err := join(t.Context(), w, "customers")
	if failed, ok := errors.AsType[*diag.Failure](err); !ok || failed.List[0].Code != diag.CodePackageFailed || failed.List[0].Detail != "Out of order." {
		t.Fatalf("%v", err)
	}
	p.ends = nil
	mustJoin(w, "customers")
	if n := len(w.FnO.Rows("CustomersV3")); n != 5 || len(w.Intents("customers")) != 0 {
		t.Errorf("%d customers", n)
	}
}

// TestNotReady: what nobody demands is left, what is demanded is an error.
func TestNotReady(t *testing.T) {
	for _, via := range []string{"", "package"} {
		w, p := newPacker(t, 6, via)
		p.ready = diag.Fail(diag.Diagnostic{Code: diag.CodeProjectMissing, Summary: "no project"})
		err := join(t.Context(), w, "customers")
		if (err != nil) != (via == "package") || len(p.jobs) > 0 {
			t.Errorf("via %q: %v, jobs %q", via, err, p.jobs)
		}
	}
}
