package control_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/control"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/store"
)

// pages measures the lists of entries that a store gives.
type pages struct {
	store.Store
	longest int
}

func (p *pages) View(ctx context.Context, f func(store.Tx) error) error {
	return p.Store.View(ctx, func(tx store.Tx) error { return f(pagesTx{tx, p}) })
}

func (p *pages) Update(ctx context.Context, f func(store.Tx) error) error {
	return p.Store.Update(ctx, func(tx store.Tx) error { return f(pagesTx{tx, p}) })
}

type pagesTx struct {
	store.Tx
	p *pages
}

func (t pagesTx) Listed(q store.ListedQuery, after int64, limit int) ([]record.Listed, error) {
	l, err := t.Tx.Listed(q, after, limit)
	t.p.longest = max(t.p.longest, len(l))
	return l, err
}

const (
	many  = 53
	batch = 5
)

// crowd is a desk with many customers that failed, and that can be written by
// now. The first of them is listed a second time, after all others.
func crowd(t *testing.T) (*desk, *pages) {
	d := newDesk(t, many)
	d.World.Update(func(tx store.Tx) error {
		for i := range many {
			name := fmt.Sprint("us-", i)
			if err := tx.PutListed([]record.Listed{{
				Kind: record.Failed, Map: "customers", Key: "usmf\x1f" + name, Record: name, Company: "USMF", Side: value.Dataverse, Code: diag.CodeServiceRefused,
			}}); err != nil {
				return err
			}
		}
		return tx.PutListed([]record.Listed{{
			Kind: record.Held, Map: "customers", Key: "usmf\x1fus-0", Record: "us-0", Company: "USMF", Side: value.Dataverse, Field: "name", Code: diag.CodeBothMoved,
		}})
	})
	for _, r := range d.FnO.Rows("CustomersV3") {
		d.FnO.Change("CustomersV3", r.ID, values{"OrganizationName": text("Mended")})
	}
	p := &pages{Store: d.Env.Store}
	d.Env.Store, d.Env.Batch = p, batch
	return d, p
}

func (d *desk) mended() (n int) {
	for _, r := range d.Dataverse.Rows("accounts") {
		if r.Values["name"] == text("Mended") {
			n++
		}
	}
	return n
}

// TestRetryOfAnyNumber: entries are never held in memory all at once, each record
// is counted once, and who waits is told how far it is.
func TestRetryOfAnyNumber(t *testing.T) {
	d, p := crowd(t)
	var told []report.Progress
	d.Env.Progress = func(r report.Progress) { told = append(told, r) }
	want := fmt.Sprintf("Map customers: %d records retried, %d settled, 0 still listed.", many, many)
	if got := d.does(control.Retry, "", "all"); got != want {
		t.Errorf("answer %q, want %q", got, want)
	}
	if d.lists(); d.mended() != many {
		t.Errorf("%d are mended", d.mended())
	}
	if p.longest > 2*batch {
		t.Errorf("%d entries were read at once, in batches of %d", p.longest, batch)
	}
	if len(told) < many/batch || told[0].Total != many+1 || told[0].Phase != control.Retry || told[len(told)-1].Phase != "done" {
		t.Errorf("told of %d steps: %+v", len(told), told)
	}
	for i := range told[1:] {
		if told[i+1].Phase == control.Retry && told[i+1].Done <= told[i].Done {
			t.Errorf("progress %+v after %+v", told[i+1], told[i])
		}
	}
}

// TestRetryThatSettlesNothingEnds: what is listed anew is not met again.
func TestRetryThatSettlesNothingEnds(t *testing.T) {
	d, _ := crowd(t)
	for _, r := range d.FnO.Rows("CustomersV3") {
		d.FnO.Change("CustomersV3", r.ID, values{"CustomerGroupId": text("none")})
	}
	want := fmt.Sprintf("Map customers: %d records retried, 0 settled, %d still listed.", many, many)
	for range 2 {
		if got := d.does(control.Retry, "customers"); got != want {
			t.Errorf("answer %q, want %q", got, want)
		}
	}
}

// TestDropOfAnyNumber likewise.
func TestDropOfAnyNumber(t *testing.T) {
	d, p := crowd(t)
	want := fmt.Sprintf("%d records dropped: both sides stay as they are until the next edit.", many)
	if got := d.does(control.Drop, "", "all"); got != want {
		t.Errorf("answer %q, want %q", got, want)
	}
	if l := d.Listed("customers"); len(l) != many || p.longest > 2*batch && p.longest < many {
		t.Errorf("%d listed; %d read at once", len(l), p.longest)
	}
	if d.mended() != 0 {
		t.Errorf("%d were carried over", d.mended())
	}
}

// TestRetryThatIsStopped leaves the rest listed, and the next run does that alone.
func TestRetryThatIsStopped(t *testing.T) {
	d, _ := crowd(t)
	d.Env.Stopping = func() bool { return d.mended() >= 3*batch }
	answer, err := control.Execute(t.Context(), d.Env, store.Command{Name: control.Retry, Args: []string{"all"}})
	if !errors.Is(err, engine.ErrStopped) || !strings.Contains(answer, "records retried") {
		t.Fatalf("answer %q, %v", answer, err)
	}
	d.Env.Stopping = nil
	done := d.mended()
	if left := len(d.Listed("customers")); done >= many || left == 0 {
		t.Fatalf("%d done, %d left", done, left)
	}
	d.Dataverse.Requests()
	d.does(control.Retry, "", "all")
	if d.lists(); d.mended() != many {
		t.Errorf("%d are mended", d.mended())
	}
	updates := slices.DeleteFunc(d.Dataverse.Requests(), func(r string) bool { return r != "update accounts" })
	if len(updates) > many-done {
		t.Errorf("%d updates for %d records that were left", len(updates), many-done)
	}
}

// TestPauseEndsARetry: who pauses a map wants nothing more written, though the
// retry was asked for before.
func TestPauseEndsARetry(t *testing.T) {
	d, _ := crowd(t)
	w := control.Begin(d.Env, store.Command{Name: control.Retry, Map: "customers"})
	for range 3 {
		if done, _, err := w.Step(t.Context()); done || err != nil {
			t.Fatal(done, err)
		}
	}
	if w.Progress() != fmt.Sprintf("retry: %d of %d entries", 3*batch, many+1) {
		t.Errorf("progress %q", w.Progress())
	}
	d.does(control.Pause, "customers")
	before := d.mended()
	for done := false; !done; {
		var answer string
		var err error
		if done, answer, err = w.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
		if done && !strings.Contains(answer, "paused or stopped meanwhile: the rest stays listed") {
			t.Errorf("answer %q", answer)
		}
	}
	if d.mended() != before || len(d.Listed("customers")) != many+1-3*batch-1 {
		t.Errorf("%d of %d are mended, %d listed", d.mended(), before, len(d.Listed("customers")))
	}
	// Of a map that was paused before, what is asked for is done.
	d.does(control.Retry, "customers")
	if d.mended() != many {
		t.Errorf("%d are mended", d.mended())
	}
}
