package live_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/engine/control"
	"github.com/dualwrite/dw/runtime/engine/enginetest"
	"github.com/dualwrite/dw/runtime/engine/live"
	"github.com/dualwrite/dw/runtime/host"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/store"
)

// batchOffice has n customers on both sides, of which a job will change many.
func batchOffice(t *testing.T, n int) *office {
	o := newOffice(t, enginetest.Edit(t, `  constant "customertypecode"`, `  deletes = { to_dataverse = "propagate", to_fno = "propagate" }
  constant "customertypecode"`), 1)
	for i := range n {
		o.Customer("USMF", fmt.Sprintf("US-%d", i), nil)
	}
	return o.joined()
}

// job is what runs at night: edits, new and deleted records in F&O, some of them
// several times, and a few edits in Dataverse.
func (o *office) job(n int, round string) {
	for i := range n {
		o.FnO.Change("CustomersV3", idOf(o.TB, o.FnO, "CustomersV3", "CustomerAccount", fmt.Sprintf("US-%d", i)), values{"OrganizationName": text(round)})
	}
	o.Customer("USMF", "NEW-"+round, nil)
	o.Dataverse.Change("accounts", idOf(o.TB, o.Dataverse, "accounts", "accountnumber", fmt.Sprintf("US-%d", n)), values{"name": text("D " + round)})
}

// TestBatchWindow: nothing is captured in a window; its end moves what changed,
// each record once, and the map is live again.
func TestBatchWindow(t *testing.T) {
	o := batchOffice(t, 30)
	begin := o.command(control.BatchBegin, "customers", "nightly  prices")
	o.obeyed(begin, store.CommandDone, "is in a batch window")
	o.writes()
	o.FnO.Requests()
	o.job(20, "one")
	o.job(20, "two")
	o.FnO.Delete("CustomersV3", idOf(t, o.FnO, "CustomersV3", "CustomerAccount", "US-29"))
	// Another run, so that the window outlives one; reports of changes are let be.
	var r *live.Runner
	o.at(time.Second, func() {
		if err := r.Notices(t.Context(), []connect.Notice{notice("update", "CustomersV3", "usmf", "CustomerAccount", "US-1", "")}); err != nil {
			t.Error(err)
		}
	})
	r = live.New(o.Env, o.o)
	if err := o.runs(r, 30*time.Second); err != nil {
		t.Fatal(err)
	}
	if w := o.writes(); len(w) > 0 || o.Queued("customers") > 0 {
		t.Errorf("in a window was written %q, %d wait", w, o.Queued("customers"))
	}
	s := o.state("customers")
	if s.Batch == "" || s.Status != store.StatusPaused || !strings.Contains(s.Reason, "(nightly prices)") {
		t.Errorf("%+v", s)
	}
	for _, q := range o.FnO.Requests() {
		if strings.Contains(q, "CustomersV3") {
			t.Errorf("in a window F&O was asked: %s", q)
			break
		}
	}
	end := o.command(control.BatchEnd, "customers")
	o.obeyed(end, store.CommandDone, "leaves its batch window")
	s = o.state("customers")
	if s.Batch != "" || s.Bulk || s.Status != store.StatusRunning || s.Reason != "" {
		t.Errorf("%+v", s)
	}
	o.same("an edit of F&O", o.account("US-3", "name"), text("two"))
	o.same("an edit of Dataverse", o.customer("US-20", "OrganizationName"), text("D two"))
	o.same("accounts", len(o.Dataverse.Rows("accounts")), 31)
	counts := map[string]int{}
	for _, w := range o.writes() {
		counts[w]++
	}
	if counts["dataverse update accounts"] != 20 || counts["dataverse create accounts"] != 2 || counts["dataverse delete accounts"] != 1 || counts["fno update CustomersV3"] != 1 {
		t.Errorf("writes %v", counts)
	}
	// It is live.
	o.rename("US-5", "live")
	o.run(20 * time.Second)
	o.same("a later edit", o.account("US-5", "name"), text("live"))
	o.listed("customers")
}

// TestBatchMistakes: windows are begun and ended once, and other commands say so.
func TestBatchMistakes(t *testing.T) {
	o := batchOffice(t, 3)
	o.obey(control.BatchEnd, "customers", store.CommandRefused, "is in no batch window")
	o.obey(control.BatchEnd, "", store.CommandDone, "no map is in a batch window")
	o.obey(control.BatchBegin, "customers", store.CommandDone, "is in a batch window")
	o.obey(control.BatchBegin, "customers", store.CommandRefused, "already")
	o.obey(control.Resume, "customers", store.CommandRefused, "dw batch end")
	o.obey(control.Pause, "customers", store.CommandDone, "Nothing to do")
	o.obey(control.Resume, "", store.CommandDone, "Nothing to do")
	if s := o.state("customers"); s.Batch == "" {
		t.Errorf("%+v", s)
	}
	o.obey(control.Stop, "customers", store.CommandDone, "is stopped")
	o.obey(control.BatchBegin, "customers", store.CommandRefused, "is stopped")
	o.obey(control.Resume, "customers", store.CommandDone, "reads both sides")
	o.run(20 * time.Second)
	o.obey(control.BatchBegin, "", store.CommandDone, "Map groups is in a batch window")
	o.obey(control.BatchEnd, "", store.CommandDone, "Map groups leaves")
}

// obey gives a command and looks at its answer.
func (o *office) obey(name, mapName string, state store.CommandState, says string) {
	o.Helper()
	id := o.command(name, mapName)
	o.obeyed(id, state, says)
}

// TestBatchEndIsCutOff: at whatever transaction the end of a window is cut off,
// with an engine or without one, the next one goes on.
func TestBatchEndIsCutOff(t *testing.T) {
	for _, running := range []bool{false, true} {
		for after := 0; after < 12; after++ {
			o := batchOffice(t, 12)
			o.Env.Batch = 3
			o.obey(control.BatchBegin, "customers", store.CommandDone, "is in a batch window")
			o.job(9, "x")
			if _, err := control.Execute(t.Context(), o.Env, store.Command{Name: control.BatchEnd, Map: "customers"}); err != nil {
				t.Fatal(err)
			}
			whole := o.Env.Store
			dead, n := &mortal{Store: whole}, 0
			dead.fails = func() bool { n++; dead.dead = n > after; return dead.dead }
			cut := *o.Env
			cut.Store = dead
			var err error
			if running {
				broken := &office{World: &enginetest.World{TB: o.TB, FnO: o.FnO, Dataverse: o.Dataverse, Store: whole, Env: &cut}, o: o.o}
				err = broken.runs(live.New(&cut, o.o), 20*time.Second)
			} else {
				_, err = control.CatchUp(t.Context(), &cut, cut.Map("customers"))
			}
			if err != nil && !errors.Is(err, store.ErrClosed) && !strings.Contains(err.Error(), "the disk is full") {
				t.Fatal(err)
			}
			o.Env.Host = host.Simulated(2)
			if _, err := control.CatchUp(t.Context(), o.Env, o.Map("customers")); err != nil {
				t.Fatal(err)
			}
			o.run(20 * time.Second)
			o.same("an edit", o.account("US-3", "name"), text("x"))
			o.same("an edit back", o.customer("US-9", "OrganizationName"), text("D x"))
			o.same("accounts", len(o.Dataverse.Rows("accounts")), 13)
			if s := o.state("customers"); s.Bulk || s.Status != store.StatusRunning {
				t.Errorf("after %d: %+v", after, s)
			}
		}
	}
}

// TestBacklogTakesTheBulkPath: where more waits than the threshold, the engine
// chooses the bulk path by itself and says so; deletes go on as ever.
func TestBacklogTakesTheBulkPath(t *testing.T) {
	for _, threshold := range []int{10, 1000, -1} {
		o := batchOffice(t, 40)
		o.o.Bulk = threshold
		o.Dataverse.Silent = true
		var said []string
		o.Env.Progress = func(p report.Progress) {
			if p.Live != nil && p.Live.Reason != "" && !slices.Contains(said, p.Live.Reason) {
				said = append(said, p.Live.Reason)
			}
		}
		o.job(30, "bulk")
		o.Dataverse.Delete("accounts", idOf(t, o.Dataverse, "accounts", "accountnumber", "US-35"))
		r := o.run(40 * time.Second)
		bulk := int64(0)
		for _, l := range r.Status() {
			if l.Map == "customers" {
				bulk = l.Bulk
			}
		}
		if (bulk > 0) != (threshold == 10) || (len(said) > 0) != (threshold == 10) {
			t.Errorf("threshold %d: %d bulk passes, said %q", threshold, bulk, said)
		}
		o.same("an edit", o.account("US-7", "name"), text("bulk"))
		o.same("customers", len(o.FnO.Rows("CustomersV3")), 40)
		o.listed("customers")
	}
}
