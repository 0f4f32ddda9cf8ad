package drain_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/drain"
	"github.com/dualwrite/dw/runtime/engine/enginetest"
	"github.com/dualwrite/dw/runtime/engine/initial"
	"github.com/dualwrite/dw/runtime/store"
)

type values = enginetest.Values

var text = enginetest.Text

// sink is a joined link, with what was captured since and not handled.
type sink struct {
	*enginetest.World
	*drain.Drain
}

func newSink(t *testing.T) *sink {
	w := enginetest.New(t, enginetest.Config)
	w.Env.Batch = 2
	runner := initial.Runner{Env: w.Env}
	if err := runner.Join(t.Context(), w.Env.Maps, w.Env.Maps); err != nil {
		t.Fatal(err)
	}
	s := &sink{w, drain.New(w.Env, w.Map("customers"))}
	s.Writer.Live = true
	return s
}

// customer puts one into F&O and captures it.
func (s *sink) customer(account string, more values) {
	s.Helper()
	s.Customer("USMF", account, more)
	s.see(account)
}

func (s *sink) see(account string) {
	s.Helper()
	key := fmt.Sprintf("usmf\x1f%s", account)
	if _, err := s.Reader.Again(s.Context(), []string{key}); err != nil {
		s.Fatal(err)
	}
}

func (s *sink) pass(take func(store.Work) bool) drain.Passed {
	s.Helper()
	p, err := s.Pass(s.Context(), s.Handler(false), take)
	if err != nil {
		s.Fatal(err)
	}
	return p
}

// TestPassGoesOverAllBatches: what has to wait stays, the rest is confirmed.
func TestPassGoesOverAllBatches(t *testing.T) {
	s := newSink(t)
	for i := range 7 {
		s.customer(fmt.Sprint("us-", i), nil)
	}
	s.customer("us-3x", values{"CustomerGroupId": text("none")})
	p := s.pass(nil)
	if p.Handled != 8 || p.Parked != 1 || p.Written.Dataverse != 7 || p.Written.FnO != 0 || !p.Rows {
		t.Errorf("%+v", p)
	}
	if !slices.IsSorted(p.Keys) || len(p.Keys) != 8 {
		t.Errorf("keys %q", p.Keys)
	}
	if n, open := s.Queued("customers"), len(s.Intents("customers")); n != 1 || open != 0 || len(s.Dataverse.Rows("accounts")) != 7 {
		t.Errorf("%d wait, %d writes are open", n, open)
	}
	if p := s.pass(nil); p.Handled != 1 || p.Parked != 1 || p.Rows {
		t.Errorf("again: %+v", p)
	}
}

func TestPassTakesWhatItIsToldTo(t *testing.T) {
	s := newSink(t)
	for i := range 5 {
		s.customer(fmt.Sprint("us-", i), nil)
	}
	p := s.pass(func(w store.Work) bool { return w.Key == "usmf\x1fus-3" })
	if p.Handled != 1 || s.Queued("customers") != 4 || len(s.Dataverse.Rows("accounts")) != 1 {
		t.Errorf("%+v, %d wait", p, s.Queued("customers"))
	}
}

// TestPassStopsBetweenBatches and goes on where it was.
func TestPassStopsBetweenBatches(t *testing.T) {
	s := newSink(t)
	for i := range 6 {
		s.customer(fmt.Sprint("us-", i), nil)
	}
	looks := 0
	s.Drain.Env.Stopping = func() bool { looks++; return looks > 2 }
	p, err := s.Pass(t.Context(), s.Handler(false), nil)
	if !errors.Is(err, engine.ErrStopped) || p.Handled != 4 || s.Queued("customers") != 2 {
		t.Errorf("%+v, %v, %d wait", p, err, s.Queued("customers"))
	}
	s.Drain.Env.Stopping = nil
	s.pass(nil)
	if n := len(s.Dataverse.Rows("accounts")); n != 6 || len(s.Intents("customers")) != 0 {
		t.Errorf("%d accounts", n)
	}
}

// TestPassThatIsCutOff at every request: the next one brings everything to its
// end, and nothing is written twice.
func TestPassThatIsCutOff(t *testing.T) {
	for at := range 40 {
		s := newSink(t)
		for i := range 3 {
			s.customer(fmt.Sprint("us-", i), nil)
		}
		s.pass(nil)
		for i := range 3 {
			account := fmt.Sprint("us-", i)
			for _, r := range s.FnO.Rows("CustomersV3") {
				if r.Values["CustomerAccount"] == text(account) {
					s.FnO.Change("CustomersV3", r.ID, values{"OrganizationName": text("New " + account)})
				}
			}
			s.see(account)
		}
		s.Dataverse.Requests()
		ctx, cancel := context.WithCancel(t.Context())
		n := 0
		step := func() {
			if n++; n > at {
				cancel()
			}
		}
		read := func(string, string) error { step(); return ctx.Err() }
		s.FnO.OnRead, s.Dataverse.OnRead = read, read
		s.Dataverse.OnWrite = func(*schema.Table, connect.Write) (connect.Result, bool, bool) {
			step()
			return connect.Result{Outcome: connect.Unresolved}, n%2 == 0, ctx.Err() != nil
		}
		_, err := s.Pass(ctx, s.Handler(false), nil)
		done := n <= at
		cancel()
		if done != (err == nil) {
			t.Fatalf("cut off at %d: %v", at, err)
		}
		s.FnO.OnRead, s.Dataverse.OnRead, s.Dataverse.OnWrite = nil, nil, nil
		fresh := &sink{s.World, drain.New(s.World.Env, s.World.Map("customers"))}
		fresh.Writer.Live = true
		if err := fresh.Writer.Confirm(t.Context()); err != nil {
			t.Fatal(err)
		}
		fresh.pass(nil)
		fresh.pass(nil)
		for _, r := range s.Dataverse.Rows("accounts") {
			if want := "New " + r.Values["accountnumber"].String(); r.Values["name"] != text(want) || r.Version != 2 {
				t.Errorf("cut off at %d: %s in version %d, want %s", at, r.Values["name"], r.Version, want)
			}
		}
		if s.Queued("customers") != 0 || len(s.Intents("customers")) != 0 || len(s.Listed("customers")) != 0 {
			t.Errorf("cut off at %d: %d wait, %d writes open, listed %q", at, s.Queued("customers"), len(s.Intents("customers")), s.Listed("customers"))
		}
		if done {
			return
		}
	}
	t.Error("it never gets to its end")
}

// TestOwedReferencesAreFilled as their targets come.
func TestOwedReferencesAreFilled(t *testing.T) {
	s := newSink(t)
	s.customer("us-1", values{"InvoiceAccount": text("us-2")})
	s.customer("us-5", values{"InvoiceAccount": text("us-6")})
	if p := s.pass(nil); p.Written.Dataverse != 2 || p.Parked != 0 {
		t.Errorf("%+v", p)
	}
	s.customer("us-2", nil)
	s.pass(nil)
	p, err := s.Deferred(t.Context())
	if err != nil || p.Handled != 2 || p.Written.Dataverse != 1 {
		t.Errorf("%+v, %v", p, err)
	}
	if got := s.Dataverse.Get("accounts", "accountnumber", "us-1", "msdyn_billingaccount"); got != s.Ref("accounts", "account", "accountnumber", "us-2") {
		t.Errorf("reference %v", got)
	}
	if got := s.Listed("customers"); len(got) != 1 || s.pass(nil).Handled != 0 {
		t.Errorf("listed %q", got)
	}
	if p, err := s.Owed(t.Context(), nil); err != nil || p.Handled != 0 {
		t.Errorf("%+v, %v", p, err)
	}
}
