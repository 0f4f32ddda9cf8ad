package write_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/enginetest"
	"github.com/dualwrite/dw/runtime/engine/write"
	"github.com/dualwrite/dw/runtime/store"
)

// depot is an F&O that takes packages: job says what becomes of the next one,
// whose rows are keys of groups.
type depot struct {
	*enginetest.System
	rows int
	jobs [][]string
	job  func(p *parcel, started func() error) (connect.Job, error)
}

type parcel struct {
	d      *depot
	t      *schema.Table
	writes []connect.Write
}

func (p *parcel) Add(w *connect.Write) (bool, error) {
	p.writes = append(p.writes, *w)
	return true, nil
}
func (p *parcel) Rows() int { return len(p.writes) }
func (p *parcel) Size() int { return 0 }

// carry carries the first rows out.
func (p *parcel) carry(ctx context.Context, n int) error {
	_, err := p.d.System.Write(ctx, p.t, p.writes[:n], func([]int, []connect.Result) {})
	return err
}

func (d *depot) Capabilities(t *schema.Table) connect.Capabilities {
	c := d.System.Capabilities(t)
	c.Package = connect.PackageRoute{Rows: d.rows, Start: time.Second, PerRow: time.Millisecond, PerWrite: time.Second}
	return c
}

func (d *depot) PackagesReady(context.Context, []*schema.Table) error { return nil }

func (d *depot) NewPackage(_ context.Context, t *schema.Table, _ []*schema.Field) (connect.Package, error) {
	return &parcel{d: d, t: t}, nil
}

func (d *depot) PackageKey(_ context.Context, _ *schema.Table, key []value.Value) (string, error) {
	return key[len(key)-1].String(), nil
}

func (d *depot) Upload(context.Context, connect.Package, string) error { return nil }

func (d *depot) Import(ctx context.Context, p connect.Package, _, _ string, started func() error) (connect.Job, error) {
	pack := p.(*parcel)
	var keys []string
	for _, w := range pack.writes {
		keys = append(keys, w.Row.Key[len(w.Row.Key)-1].String())
	}
	d.jobs = append(d.jobs, keys)
	if d.job != nil {
		return d.job(pack, started)
	}
	if err := started(); err != nil {
		return connect.Job{}, err
	}
	return connect.Job{State: connect.JobDone}, pack.carry(ctx, len(pack.writes))
}

func (d *depot) Follow(context.Context, *schema.Table, string, time.Time) (connect.Job, error) {
	return connect.Job{State: connect.JobUnknown}, nil
}

// newDepot has groups that F&O lacks, handled and held for packages.
func newDepot(t *testing.T, groups, rows int) (*rig, *depot) {
	t.Helper()
	r := newRig(t)
	d := &depot{System: r.FnO, rows: rows}
	r.World.Env.FnO = d
	for i := range groups {
		r.Group(value.Dataverse, "USMF", fmt.Sprint(10+i), "Wholesale")
	}
	r.scan()
	var err error
	if r.Packages, err = write.NewPackages(t.Context(), r.World.Env, r.World.Map("groups"), true); err != nil {
		t.Fatal(err)
	}
	r.send(r.handle())
	if len(d.jobs) != 0 || len(r.Intents("groups")) != groups {
		t.Fatalf("%d jobs, %d writes open", len(d.jobs), len(r.Intents("groups")))
	}
	return r, d
}

func TestPackagesOfALimitedSize(t *testing.T) {
	r, d := newDepot(t, 5, 2)
	r.confirm()
	if want := [][]string{{"10", "11"}, {"12", "13"}, {"14"}}; !slices.EqualFunc(d.jobs, want, slices.Equal) {
		t.Errorf("jobs %q, want %q", d.jobs, want)
	}
	if n := len(r.FnO.Rows("CustomerGroups")); n != 5 || len(r.Intents("groups")) != 0 {
		t.Errorf("%d groups, %d writes open", n, len(r.Intents("groups")))
	}
	r.lists()
}

// TestJobThatWasCutOff: rows of which the job says nothing are looked at and sent
// again; none is taken for accepted and lost.
func TestJobThatWasCutOff(t *testing.T) {
	r, d := newDepot(t, 5, 10)
	d.job = func(p *parcel, started func() error) (connect.Job, error) {
		d.job = nil
		if err := started(); err != nil {
			return connect.Job{}, err
		}
		return connect.Job{State: connect.JobPartly, Open: true, Failed: []connect.FailedRow{{Key: "14"}}}, p.carry(t.Context(), 2)
	}
	r.confirm()
	if want := [][]string{{"10", "11", "12", "13", "14"}, {"12", "13"}}; !slices.EqualFunc(d.jobs, want, slices.Equal) {
		t.Errorf("jobs %q, want %q", d.jobs, want)
	}
	if n := len(r.FnO.Rows("CustomerGroups")); n != 5 || len(r.Intents("groups")) != 0 {
		t.Errorf("%d groups, %d writes open", n, len(r.Intents("groups")))
	}
	r.lists()
}

// TestStopBeforeAPackageBegins: it may have waited long for the job of another
// map; no further one begins, and nothing is lost.
func TestStopBeforeAPackageBegins(t *testing.T) {
	r, d := newDepot(t, 3, 10)
	d.job = func(p *parcel, started func() error) (connect.Job, error) {
		r.World.Env.Stopping = func() bool { return true }
		if err := started(); err != nil {
			return connect.Job{}, err
		}
		return connect.Job{State: connect.JobDone}, p.carry(t.Context(), len(p.writes))
	}
	if err := r.Confirm(t.Context()); !errors.Is(err, engine.ErrStopped) {
		t.Errorf("error %v", err)
	}
	if n := len(r.FnO.Rows("CustomerGroups")); n != 0 || len(r.Intents("groups")) != 3 {
		t.Errorf("%d groups, %d writes open", n, len(r.Intents("groups")))
	}
	r.World.Env.Stopping, d.job = nil, nil
	again := attach(r.World)
	again.confirm()
	if n := len(r.FnO.Rows("CustomerGroups")); n != 3 {
		t.Errorf("%d groups after another run", n)
	}
}

// TestJobIsWaitedForUntilItsEndIsKnown: the job of an earlier run cannot be asked
// about at first. Nothing of its rows is sent beside it.
func TestJobIsWaitedForUntilItsEndIsKnown(t *testing.T) {
	r, _ := newDepot(t, 2, 10)
	r.World.Update(func(tx store.Tx) error {
		return tx.SetMeta(write.JobMeta("groups"), `{"id":"dw-1","begun":"2026-01-05T08:00:00Z"}`)
	})
	slow := &slowDepot{depot: &depot{System: r.FnO, rows: 10}, fails: 1}
	r.World.Env.FnO = slow
	again := attach(r.World)
	if err := again.Confirm(t.Context()); !errors.Is(err, errDown) {
		t.Errorf("error %v", err)
	}
	if err := again.Confirm(t.Context()); err != nil || slow.asked != 2 {
		t.Errorf("error %v, asked %d times for the job", err, slow.asked)
	}
	if n := len(r.FnO.Rows("CustomerGroups")); n != 2 {
		t.Errorf("%d groups", n)
	}
}

var errDown = errors.New("the service is down")

type slowDepot struct {
	*depot
	fails, asked int
}

func (s *slowDepot) Follow(context.Context, *schema.Table, string, time.Time) (connect.Job, error) {
	if s.asked++; s.asked <= s.fails {
		return connect.Job{}, errDown
	}
	return connect.Job{State: connect.JobUnknown}, nil
}
