package write_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/plan"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/engine/capture"
	"github.com/dualwrite/dw/runtime/engine/enginetest"
	"github.com/dualwrite/dw/runtime/engine/handle"
	"github.com/dualwrite/dw/runtime/engine/refs"
	"github.com/dualwrite/dw/runtime/engine/write"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/store"
)

type values = enginetest.Values

var text = enginetest.Text

// rig reads, handles, sends and confirms the groups of a world.
type rig struct {
	*enginetest.World
	*write.Writer
	handler *handle.Handler
}

func newRig(t *testing.T) *rig {
	t.Helper()
	w := enginetest.New(t, enginetest.Config)
	return attach(w)
}

// attach makes a writer as a new process would.
func attach(w *enginetest.World) *rig {
	m := w.Map("groups")
	r := refs.New(w.Env)
	reader := &capture.Reader{Env: w.Env, Map: m, Refs: r}
	return &rig{
		World: w, Writer: &write.Writer{Env: w.Env, Map: m, Reader: reader},
		handler: &handle.Handler{Env: w.Env, Map: m, Reader: reader, Refs: r},
	}
}

func (r *rig) scan() {
	r.Helper()
	for _, s := range []value.Side{value.FnO, value.Dataverse} {
		if err := r.Reader.Scan(r.Context(), s); err != nil {
			r.Fatal(err)
		}
	}
}

// handle handles what is queued and gives the writes.
func (r *rig) handle() []*record.Intent {
	r.Helper()
	var work []store.Work
	r.View(func(tx store.Tx) (err error) {
		work, err = tx.Work("groups", "", 0)
		return err
	})
	out, err := r.handler.Work(r.Context(), work)
	if err != nil {
		r.Fatal(err)
	}
	return out.Intents
}

func (r *rig) send(in []*record.Intent) {
	r.Helper()
	if err := r.Send(r.Context(), in); err != nil {
		r.Fatal(err)
	}
}

func (r *rig) confirm() {
	r.Helper()
	if err := r.Confirm(r.Context()); err != nil {
		r.Fatal(err)
	}
}

// drain goes on until nothing is queued.
func (r *rig) drain() {
	r.Helper()
	for range 10 {
		if r.Queued("groups") == 0 {
			return
		}
		r.send(r.handle())
		r.confirm()
	}
	r.Fatalf("no end: %d observations are queued", r.Queued("groups"))
}

// accounted checks that no record was lost: each of the keys is agreed, listed
// or an open write.
func (r *rig) accounted(keys ...string) {
	r.Helper()
	known := map[string]bool{}
	for _, p := range r.Pairs("groups") {
		known[p.Key] = p.FnO.Version != "" && p.Dataverse.Version != ""
	}
	for _, in := range r.Intents("groups") {
		known[in.Key] = true
	}
	r.View(func(tx store.Tx) error {
		listed, err := tx.Listed(store.ListedQuery{Map: "groups"}, 0, 0)
		for _, l := range listed {
			known[l.Key] = true
		}
		return err
	})
	for _, k := range keys {
		if !known[k] {
			r.Errorf("%q is neither agreed nor listed nor about to be written", k)
		}
	}
}

func (r *rig) lists(want ...string) {
	r.Helper()
	got := r.Listed("groups")
	if !slices.EqualFunc(got, want, strings.HasPrefix) {
		r.Errorf("listed %q, want %q", got, want)
	}
}

// agreed checks that both sides hold a description and the pair's base does.
func (r *rig) agreed(group, description string) {
	r.Helper()
	if v := r.FnO.Get("CustomerGroups", "CustomerGroupId", group, "Description"); v != text(description) {
		r.Errorf("F&O has %v for %s, want %s", v, group, description)
	}
	if v := r.Dataverse.Get("msdyn_customergroups", "msdyn_groupid", group, "msdyn_description"); v != text(description) {
		r.Errorf("Dataverse has %v for %s, want %s", v, group, description)
	}
	for _, p := range r.Pairs("groups") {
		for i, s := range r.World.Map("groups").Compiled.Slots {
			b := p.Base[i]
			if strings.HasSuffix(p.Key, group) && s.Name == "msdyn_description" && (b.State != record.Known || b.FnO != text(description) || b.Dataverse != text(description)) {
				r.Errorf("agreed for %s: %+v, want %s", group, b, description)
			}
		}
	}
	if n := len(r.Intents("groups")); n != 0 {
		r.Errorf("%d writes are left open", n)
	}
}

const key10 = "usmf\x1f10"

// outcomes answers writes with results in turn; the last stays.
func outcomes(carry bool, results ...connect.Result) func(*schema.Table, connect.Write) (connect.Result, bool, bool) {
	n := 0
	return func(*schema.Table, connect.Write) (connect.Result, bool, bool) {
		if n == len(results) {
			return connect.Result{}, false, false
		}
		n++
		return results[n-1], carry, true
	}
}

// TestWritesEnd: whatever a service answers, the record comes to its end.
func TestWritesEnd(t *testing.T) {
	refused := connect.Result{Outcome: connect.Refused, Code: "0x1", Message: "No."}
	for _, side := range []value.Side{value.FnO, value.Dataverse} {
		for _, silent := range []bool{false, true} {
			for _, op := range []record.Op{record.Create, record.Update} {
				for _, c := range []struct {
					name   string
					answer func(*schema.Table, connect.Write) (connect.Result, bool, bool)
					listed []string
				}{
					{"done", nil, nil},
					{"refused", outcomes(false, refused), []string{"failed DW644"}},
					{"answer lost after the write", outcomes(true, connect.Result{Outcome: connect.Unresolved}), nil},
					{"answer lost before the write", outcomes(false, connect.Result{Outcome: connect.Unresolved}), nil},
					{"not sent", outcomes(false, connect.Result{}), nil},
					{"conflict without a change", outcomes(false, connect.Result{Outcome: connect.Conflict}), nil},
					{"duplicate of itself", outcomes(true, connect.Result{Outcome: connect.Duplicate, Message: "there"}), nil},
					{"lost twice", outcomes(false, connect.Result{Outcome: connect.Unresolved}, connect.Result{}), nil},
				} {
					name := fmt.Sprintf("%s/%s/silent %v/%s", side, op, silent, c.name)
					t.Run(name, func(t *testing.T) {
						r := newRig(t)
						system := r.Dataverse
						if side == value.FnO {
							system = r.FnO
						}
						if op == record.Create {
							r.Group(side.Other(), "USMF", "10", "Wholesale")
						} else {
							fno, dv := r.Group(value.FnO, "USMF", "10", "Retail"), r.Group(value.Dataverse, "USMF", "10", "Retail")
							r.scan()
							r.drain()
							if side == value.FnO {
								r.Dataverse.Change("msdyn_customergroups", dv, values{"msdyn_description": text("Wholesale")})
							} else {
								r.FnO.Change("CustomerGroups", fno, values{"Description": text("Wholesale")})
							}
							r.World.Update(func(tx store.Tx) error {
								for _, s := range []value.Side{value.FnO, value.Dataverse} {
									if err := tx.PutCursor("groups", s, store.Cursor{}); err != nil {
										return err
									}
								}
								return nil
							})
						}
						system.Silent, system.OnWrite = silent, c.answer
						r.scan()
						in := r.handle()
						if len(in) != 1 || in[0].Side != side || in[0].Op != op {
							t.Fatalf("writes %+v", in)
						}
						r.send(in)
						r.accounted(key10)
						r.confirm()
						r.drain()
						r.accounted(key10)
						r.lists(c.listed...)
						if c.listed == nil {
							r.agreed("10", "Wholesale")
						}
						creates := 0
						for _, q := range system.Requests() {
							if q == "create CustomerGroups" || q == "create msdyn_customergroups" {
								creates++
							}
						}
						if op == record.Update && creates > 0 {
							t.Error("an update created a row")
						}
						if n := len(r.Dataverse.Rows("msdyn_customergroups")); n > 1 {
							t.Errorf("%d rows of one group", n)
						}
					})
				}
			}
		}
	}
}

func TestRefusedCreateLeavesNoPair(t *testing.T) {
	r := newRig(t)
	r.Group(value.FnO, "USMF", "10", "Wholesale")
	r.Group(value.FnO, "USMF", "20", "Retail")
	r.Dataverse.OnWrite = func(_ *schema.Table, w connect.Write) (connect.Result, bool, bool) {
		for _, v := range w.Values {
			if v.Value == text("10") {
				return connect.Result{Outcome: connect.Refused, Message: "A plug-in does not like it."}, false, true
			}
		}
		return connect.Result{}, false, false
	}
	r.scan()
	r.send(r.handle())
	r.confirm()
	if pairs := r.Pairs("groups"); len(pairs) != 1 || pairs[0].Key != "usmf\x1f20" {
		t.Errorf("pairs %+v", pairs)
	}
	r.lists("failed DW644 usmf / 10")
	r.accounted(key10, "usmf\x1f20")
	r.View(func(tx store.Tx) error {
		l, err := tx.Listed(store.ListedQuery{Map: "groups"}, 0, 0)
		if err == nil && (!strings.Contains(l[0].Reason, "plug-in") || !strings.Contains(l[0].Payload, "msdyn_groupid=10") || l[0].Hint == "" || l[0].At == "") {
			t.Errorf("listed %+v", l[0])
		}
		return err
	})
}

// TestKeyTakenByAnotherRow: the service says duplicate, and the row with the
// chosen id is not there.
func TestKeyTakenByAnotherRow(t *testing.T) {
	r := newRig(t)
	r.Group(value.FnO, "USMF", "10", "Wholesale")
	r.Dataverse.OnWrite = func(*schema.Table, connect.Write) (connect.Result, bool, bool) {
		return connect.Result{Outcome: connect.Duplicate, Message: "A record with matching key values already exists."}, false, true
	}
	r.scan()
	r.send(r.handle())
	r.accounted(key10)
	// The process ends here; the next one asks again and hears the same.
	again := attach(r.World)
	again.confirm()
	again.lists("failed DW645")
	again.accounted(key10)
	if len(again.Pairs("groups"))+len(again.Intents("groups")) != 0 {
		t.Error("something is left of the create")
	}
}

// TestConflictIsMergedAgain: somebody edits the row between reading and
// writing it. Neither edit is lost.
func TestConflictIsMergedAgain(t *testing.T) {
	r := newRig(t)
	fno, dv := r.Group(value.FnO, "USMF", "10", "Old"), r.Group(value.Dataverse, "USMF", "10", "Old")
	r.scan()
	r.drain()
	r.FnO.Change("CustomerGroups", fno, values{"Description": text("New")})
	r.World.Update(func(tx store.Tx) error { return tx.PutCursor("groups", value.FnO, store.Cursor{}) })
	r.scan()
	in := r.handle()
	r.Dataverse.Change("msdyn_customergroups", dv, values{"msdyn_description": text("Edited meanwhile")})
	r.send(in)
	if v := r.Dataverse.Get("msdyn_customergroups", "msdyn_groupid", "10", "msdyn_description"); v != text("Edited meanwhile") {
		t.Fatalf("the write overwrote an edit that it had not seen: %v", v)
	}
	r.confirm()
	r.drain()
	// Both sides moved: the master, F&O, wins.
	r.agreed("10", "New")
	r.lists()
}

// TestEditBeforeTheAnswer: somebody edits the row after it was written, and the
// changes of Dataverse are read, before the answer to the write arrives. What
// the answer shows is out of date by then, and nobody is told of the edit again.
func TestEditBeforeTheAnswer(t *testing.T) {
	r := newRig(t)
	fno, dv := r.Group(value.FnO, "USMF", "10", "Old"), r.Group(value.Dataverse, "USMF", "10", "Old")
	r.scan()
	r.drain()
	r.FnO.Change("CustomerGroups", fno, values{"Description": text("New")})
	r.World.Update(func(tx store.Tx) error { return tx.PutCursor("groups", value.FnO, store.Cursor{}) })
	r.scan()
	in := r.handle()
	r.Dataverse.OnAnswer = func(*schema.Table, connect.Write) {
		r.Dataverse.OnAnswer = nil
		r.Dataverse.Change("msdyn_customergroups", dv, values{"msdyn_description": text("Edited meanwhile")})
		if err := r.ConfirmSome(r.Context()); err != nil {
			t.Error(err)
		}
	}
	r.send(in)
	r.confirm()
	r.drain()
	r.agreed("10", "Edited meanwhile")
	r.lists()
}

func TestRowGoneBeforeItsUpdate(t *testing.T) {
	r := newRig(t)
	fno, dv := r.Group(value.FnO, "USMF", "10", "Old"), r.Group(value.Dataverse, "USMF", "10", "Old")
	r.scan()
	r.drain()
	r.FnO.Change("CustomerGroups", fno, values{"Description": text("New")})
	r.World.Update(func(tx store.Tx) error { return tx.PutCursor("groups", value.FnO, store.Cursor{}) })
	r.scan()
	in := r.handle()
	r.Dataverse.Delete("msdyn_customergroups", dv)
	r.send(in)
	r.confirm()
	r.drain()
	r.accounted(key10)
	l := r.Listed("groups")
	if len(l) == 0 || len(r.Dataverse.Rows("msdyn_customergroups")) != 0 {
		t.Errorf("listed %q; the deleted row was made again: %v", l, r.Dataverse.Rows("msdyn_customergroups"))
	}
}

func TestAcceptedRowThatVanishes(t *testing.T) {
	r := newRig(t)
	r.Group(value.FnO, "USMF", "10", "Wholesale")
	r.Dataverse.OnWrite = outcomes(false, connect.Result{Outcome: connect.Done})
	r.scan()
	r.send(r.handle())
	if in := r.Intents("groups"); len(in) != 1 || in[0].State != record.Answered {
		t.Fatalf("a bare success ended the write: %+v", in)
	}
	r.confirm()
	r.lists("failed DW647")
	r.accounted(key10)
}

// TestNeverConfirmed: a service that keeps giving no answer ends the run with
// an error and loses nothing.
func TestNeverConfirmed(t *testing.T) {
	r := newRig(t)
	r.Group(value.FnO, "USMF", "10", "Wholesale")
	r.Dataverse.OnWrite = func(*schema.Table, connect.Write) (connect.Result, bool, bool) {
		return connect.Result{Outcome: connect.Unresolved}, false, true
	}
	r.scan()
	r.send(r.handle())
	if err := r.Confirm(t.Context()); err == nil {
		t.Error("no error though nothing was written")
	}
	r.accounted(key10)
	first := r.Intents("groups")[0].TargetID
	r.Dataverse.OnWrite = nil
	again := attach(r.World)
	again.confirm()
	again.agreed("10", "Wholesale")
	if id := again.Pairs("groups")[0].Dataverse.ID; id != first {
		t.Errorf("created under %s, chosen was %s", id, first)
	}
}

// TestRecordThatIsNeverTaken: a service that turns one record away each time, for
// a reason that may pass, does not hold up the others. It is listed, and goes on
// when it is retried.
func TestRecordThatIsNeverTaken(t *testing.T) {
	r := newRig(t)
	for i := range 3 {
		r.Group(value.Dataverse, "USMF", fmt.Sprint(10+i), "Wholesale")
	}
	r.FnO.OnWrite = func(_ *schema.Table, w connect.Write) (connect.Result, bool, bool) {
		return connect.Result{Outcome: connect.Conflict, Message: "An error has occurred."}, false, w.Row.Key[1] == text("11")
	}
	r.scan()
	r.send(r.handle())
	r.confirm()
	r.drain()
	r.agreed("10", "Wholesale")
	r.agreed("12", "Wholesale")
	r.accounted("usmf\x1f11")
	r.lists("failed DW644 usmf / 11")
	if len(r.Intents("groups")) != 0 {
		t.Errorf("%d writes are open", len(r.Intents("groups")))
	}
}

// TestNothingIsTaken: where all are turned away it is not the records' fault.
func TestNothingIsTaken(t *testing.T) {
	r := newRig(t)
	for i := range 30 {
		r.Group(value.Dataverse, "USMF", fmt.Sprint(10+i), "Wholesale")
	}
	r.FnO.OnWrite = func(*schema.Table, connect.Write) (connect.Result, bool, bool) {
		return connect.Result{Outcome: connect.Conflict}, false, true
	}
	r.scan()
	r.send(r.handle())
	if err := r.Confirm(t.Context()); err == nil || len(r.Intents("groups")) != 30 {
		t.Errorf("%v; %d writes are open", err, len(r.Intents("groups")))
	}
	r.lists()
	r.FnO.OnWrite = nil
	again := attach(r.World)
	again.confirm()
	again.agreed("39", "Wholesale")
}

// TestManyAreConfirmedByOneRead: after silent writes one read of the changes
// closes them all.
func TestManyAreConfirmedByOneRead(t *testing.T) {
	r := newRig(t)
	for i := range 50 {
		r.Group(value.FnO, "USMF", fmt.Sprint(i), "Wholesale")
	}
	r.Dataverse.Silent = true
	r.scan()
	r.send(r.handle())
	r.Dataverse.Requests()
	r.confirm()
	if got := r.Dataverse.Requests(); !slices.Equal(got, []string{"Changes msdyn_customergroups"}) {
		t.Errorf("requests %v", got)
	}
	if n := len(r.Pairs("groups")); n != 50 || len(r.Intents("groups")) != 0 {
		t.Errorf("%d pairs, %d writes open", n, len(r.Intents("groups")))
	}
}

// TestChangesInPages: the process ends between two pages of changes; the next
// one goes on behind what is stored.
func TestChangesInPages(t *testing.T) {
	r := newRig(t)
	for i := range 10 {
		r.Group(value.FnO, "USMF", fmt.Sprint(i), "Wholesale")
	}
	r.Dataverse.Silent = true
	r.scan()
	r.send(r.handle())
	r.Dataverse.PageSize = 3
	ctx, cancel := context.WithCancel(t.Context())
	pages := 0
	r.World.Env.Progress = func(p report.Progress) {
		if pages++; p.Phase == "confirm" && pages == 2 {
			cancel()
		}
	}
	if err := r.Confirm(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v", err)
	}
	if n := len(r.Intents("groups")); n != 4 {
		t.Fatalf("%d writes are open after two pages of three", n)
	}
	r.World.Env.Progress = nil
	r.Dataverse.Requests()
	again := attach(r.World)
	again.confirm()
	if n := len(r.Intents("groups")); n != 0 {
		t.Errorf("%d writes are open", n)
	}
	want := []string{"Changes msdyn_customergroups", "Changes msdyn_customergroups"}
	if got := r.Dataverse.Requests(); !slices.Equal(got, want) {
		t.Errorf("requests %v, want %v", got, want)
	}
}

// TestExpiredTokenIsNoDeadEnd: rows are read one by one instead.
func TestExpiredTokenIsNoDeadEnd(t *testing.T) {
	r := newRig(t)
	r.Group(value.FnO, "USMF", "10", "Wholesale")
	r.Dataverse.Silent, r.Dataverse.Expired = true, true
	r.scan()
	r.send(r.handle())
	r.confirm()
	r.agreed("10", "Wholesale")
	r.View(func(tx store.Tx) error {
		cur, err := tx.Cursor("groups", value.Dataverse)
		if err == nil && (cur.Token != "" || cur.Phase != "done") {
			t.Errorf("cursor %+v still has the token", cur)
		}
		return err
	})
}

// TestEditsOfOthersAreSeen: what else changed since the token is handled too,
// and deletions are listed.
func TestEditsOfOthersAreSeen(t *testing.T) {
	r := newRig(t)
	r.Group(value.FnO, "USMF", "20", "Old")
	edited := r.Group(value.Dataverse, "USMF", "20", "Old")
	r.Group(value.FnO, "USMF", "30", "Old")
	deleted := r.Group(value.Dataverse, "USMF", "30", "Old")
	r.scan()
	r.drain()
	r.Group(value.FnO, "USMF", "10", "Wholesale")
	r.World.Update(func(tx store.Tx) error { return tx.PutCursor("groups", value.FnO, store.Cursor{}) })
	r.Dataverse.Silent = true
	r.scan()
	in := r.handle()
	r.Dataverse.Change("msdyn_customergroups", edited, values{"msdyn_description": text("Edited meanwhile")})
	r.Dataverse.Delete("msdyn_customergroups", deleted)
	r.send(in)
	r.confirm()
	r.drain()
	r.agreed("20", "Edited meanwhile")
	r.agreed("10", "Wholesale")
	r.lists("failed DW643 usmf / 30")
	r.accounted(key10, "usmf\x1f20", "usmf\x1f30")
}

// TestDeletedAfterAnEdit: an edit that waits to be handled does not hide that its
// row was deleted since.
func TestDeletedAfterAnEdit(t *testing.T) {
	r := newRig(t)
	r.Group(value.FnO, "USMF", "30", "Old")
	row := r.Group(value.Dataverse, "USMF", "30", "Old")
	r.scan()
	r.drain()
	r.Dataverse.Silent = true // what was written is confirmed by asking for changes
	created := func(group string) []*record.Intent {
		r.Group(value.FnO, "USMF", group, "New")
		r.World.Update(func(tx store.Tx) error { return tx.PutCursor("groups", value.FnO, store.Cursor{}) })
		r.scan()
		var w store.Work
		r.View(func(tx store.Tx) (err error) {
			w, err = store.WorkOf(tx, "groups", "usmf\x1f"+group)
			return err
		})
		out, err := r.handler.Work(r.Context(), []store.Work{w})
		if err != nil {
			t.Fatal(err)
		}
		return out.Intents
	}
	in := created("10")
	r.Dataverse.Change("msdyn_customergroups", row, values{"msdyn_description": text("Edited")})
	r.send(in)
	r.confirm()
	in = created("20")
	if n := r.Queued("groups"); n < 1 {
		t.Fatal("the edit does not wait")
	}
	r.Dataverse.Delete("msdyn_customergroups", row)
	r.send(in)
	r.confirm()
	r.drain()
	r.lists("tolerated DW610 USMF / 30")
	if got := r.FnO.Get("CustomerGroups", "CustomerGroupId", "30", "Description"); got != text("Old") {
		t.Errorf("F&O has %v", got)
	}
}

func TestRemovedMapEndsItsWrites(t *testing.T) {
	r := newRig(t)
	r.Group(value.FnO, "USMF", "10", "Wholesale")
	r.scan()
	in := r.handle()
	r.World.Update(func(tx store.Tx) error { return tx.RemoveDeployed(enginetest.Link, "groups", plan.Removal{}) })
	r.send(in)
	r.confirm()
	if len(r.Intents("groups"))+len(r.Pairs("groups")) != 0 {
		t.Error("the removed map has state again")
	}
}

func TestUnknownColumnIsAnError(t *testing.T) {
	r := newRig(t)
	in := &record.Intent{Map: "groups", Side: value.Dataverse, Fields: []record.FieldWrite{{Column: "nonsense"}}}
	if err := r.Send(t.Context(), []*record.Intent{in}); err == nil || !strings.Contains(err.Error(), "nonsense") {
		t.Errorf("error %v", err)
	}
}

func TestStoreThatFailsStopsSending(t *testing.T) {
	r := newRig(t)
	r.Group(value.FnO, "USMF", "10", "Wholesale")
	r.scan()
	in := r.handle()
	if err := r.Store.Close(); err != nil {
		t.Fatal(err)
	}
	if err := r.Send(t.Context(), in); !errors.Is(err, store.ErrClosed) {
		t.Errorf("error %v", err)
	}
}
