package write_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/engine/capture"
	"github.com/dualwrite/dw/runtime/engine/enginetest"
	"github.com/dualwrite/dw/runtime/engine/handle"
	"github.com/dualwrite/dw/runtime/engine/refs"
	"github.com/dualwrite/dw/runtime/engine/write"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

// live handles and writes one customer as live synchronisation does.
type live struct {
	*enginetest.World
	*write.Writer
	handler *handle.Handler
}

// newLive gives a customer that both sides hold, and its ids.
func newLive(t *testing.T, settings string) (l *live, fno, dataverse string) {
	t.Helper()
	l = attachLive(enginetest.New(t, enginetest.Edit(t, `  mastering {
    dataverse`, settings+`  mastering {
    dataverse`)))
	fno, dataverse = l.Customer("USMF", "US-1", nil), l.Account("USMF", "US-1", nil)
	for _, s := range []value.Side{value.FnO, value.Dataverse} {
		if err := l.Reader.Scan(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	l.settle()
	if len(l.Pairs("customers")) != 1 || len(l.Listed("customers")) != 0 {
		t.Fatalf("not equal at the start: %q", l.Listed("customers"))
	}
	l.Dataverse.Requests()
	return l, fno, dataverse
}

// attachLive makes a writer as a new process would.
func attachLive(w *enginetest.World) *live {
	m := w.Map("customers")
	r := refs.New(w.Env)
	reader := &capture.Reader{Env: w.Env, Map: m, Refs: r}
	return &live{World: w, Writer: &write.Writer{Env: w.Env, Map: m, Reader: reader, Live: true},
		handler: &handle.Handler{Env: w.Env, Map: m, Reader: reader, Refs: r}}
}

// gone deletes a record and says that this is certain.
func (l *live) gone(side value.Side, set, id string) {
	l.Helper()
	system := l.FnO
	if side == value.Dataverse {
		system = l.Dataverse
	}
	system.Delete(set, id)
	l.certain(side, id)
}

func (l *live) certain(side value.Side, id string) {
	l.Helper()
	l.World.Update(func(tx store.Tx) error {
		pairs, err := tx.PairsByEnd("customers", side, []string{id})
		if err != nil {
			return err
		}
		seq, err := tx.Seq()
		if err != nil || len(pairs) == 0 {
			return err
		}
		p := pairs[0]
		return tx.AddObservations([]record.Observation{{AsOf: seq, Map: "customers", Side: side, Key: p.Key, Company: p.Company, ID: id, Deleted: true}})
	})
}

// sees stores what a side of the customer is like now.
func (l *live) sees(side value.Side, id string) {
	l.Helper()
	end := &record.Pair{}
	*end.End(side) = record.End{ID: id}
	if side == value.FnO {
		end.FnO.Key = []value.Value{text("usmf"), text("US-1")}
	}
	obs, err := l.Reader.Read(l.Context(), side, []*record.Pair{end})
	if err != nil {
		l.Fatal(err)
	}
	l.World.Update(func(tx store.Tx) error { return tx.AddObservations(obs) })
}

// handle handles what is queued and gives the writes.
func (l *live) handle() []*record.Intent {
	l.Helper()
	var work []store.Work
	l.View(func(tx store.Tx) (err error) {
		work, err = tx.Work("customers", "", 0)
		return err
	})
	out, err := l.handler.Work(l.Context(), work)
	if err != nil {
		l.Fatal(err)
	}
	return out.Intents
}

// settle goes on until nothing is queued and gives the number of writes.
func (l *live) settle() (n int) {
	l.Helper()
	for range 8 {
		if err := l.Confirm(l.Context()); err != nil {
			l.Fatal(err)
		}
		if l.Queued("customers") == 0 {
			return n
		}
		in := l.handle()
		n += len(in)
		if err := l.Send(l.Context(), in); err != nil {
			l.Fatal(err)
		}
	}
	l.Fatalf("no end: %d observations are queued", l.Queued("customers"))
	return n
}

func (l *live) lists(want ...string) {
	l.Helper()
	slices.Sort(want)
	if got := l.Listed("customers"); !slices.EqualFunc(got, want, strings.EqualFold) {
		l.Errorf("listed %q, want %q", got, want)
	}
}

// history gives the record's lines: "delete fno deleted state".
func (l *live) history() (lines []string) {
	l.Helper()
	l.View(func(tx store.Tx) error {
		changes, err := tx.Changes("customers", "usmf\x1fus-1")
		for _, c := range changes {
			if c.At == "" {
				l.Error("a line without time")
			}
			lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s %s %s", c.Op, c.Side, c.Rule, c.Note)))
		}
		return err
	})
	return lines
}

const propagates = "  deletes = { to_dataverse = \"propagate\", to_fno = \"propagate\" }\n"

func TestDeletes(t *testing.T) {
	for _, gone := range []value.Side{value.FnO, value.Dataverse} {
		l, fno, dataverse := newLive(t, propagates)
		if gone == value.FnO {
			l.gone(gone, "CustomersV3", fno)
		} else {
			l.gone(gone, "accounts", dataverse)
		}
		if n := l.settle(); n != 1 {
			t.Errorf("%d writes", n)
		}
		if len(l.FnO.Rows("CustomersV3"))+len(l.Dataverse.Rows("accounts"))+len(l.Pairs("customers")) != 0 {
			t.Error("something is left")
		}
		if h := l.history(); !slices.Equal(h, []string{"delete " + string(gone.Other()) + " deleted"}) {
			t.Errorf("history %q", h)
		}
		l.lists()
	}
}

// TestDeactivates and activates: each is a write of its own, and what came back
// is merged.
func TestDeactivates(t *testing.T) {
	l, fno, _ := newLive(t, "")
	state := func() value.Value { return l.Dataverse.Get("accounts", "accountnumber", "US-1", "statecode") }
	l.gone(value.FnO, "CustomersV3", fno)
	if n := l.settle(); n != 1 || state() != value.NewOption(1) || l.Pairs("customers")[0].Life != record.Deactivated {
		t.Fatalf("%d writes, state %v, pair %+v", n, state(), l.Pairs("customers")[0])
	}
	l.lists("tolerated DW655 usmf / us-1")
	l.sees(value.Dataverse, l.Dataverse.Rows("accounts")[0].ID) // the echo
	if n := l.settle(); n != 0 {
		t.Errorf("%d writes for an echo", n)
	}
	fresh := l.Customer("USMF", "US-1", values{"OrganizationName": text("Another")})
	l.sees(value.FnO, fresh)
	if n := l.settle(); n != 2 || state() != value.NewOption(0) {
		t.Errorf("%d writes, state %v", n, state())
	}
	if p := l.Pairs("customers")[0]; p.Life != record.Linked || p.FnO.ID != fresh || len(l.Pairs("customers")) != 1 {
		t.Errorf("pair %+v", p)
	}
	if name := l.Dataverse.Get("accounts", "accountnumber", "US-1", "name"); name != text("Another") {
		t.Errorf("name %v", name)
	}
	if h := l.history(); !slices.Equal(h, []string{"deactivate dataverse deleted state", "activate dataverse back state", "update dataverse master"}) {
		t.Errorf("history %q", h)
	}
	l.lists()
}

// TestEndsOfDeletesAndStates: whatever the service answers, and wherever the
// process ends, the write comes about once.
func TestEndsOfDeletesAndStates(t *testing.T) {
	type end struct {
		name   string
		answer func(*schema.Table, connect.Write) (connect.Result, bool, bool)
		kill   bool // another process confirms
		unsent bool // it is killed before it sends
	}
	unresolved := connect.Result{Outcome: connect.Unresolved}
	ends := []end{
		{name: "done"},
		{name: "done, killed", kill: true},
		{name: "killed before it was sent", kill: true, unsent: true},
		{name: "answer lost after the write", answer: outcomes(true, unresolved)},
		{name: "killed while it was sent", answer: outcomes(true, unresolved), kill: true},
		{name: "answer lost before the write", answer: outcomes(false, unresolved)},
		{name: "killed before it came", answer: outcomes(false, unresolved), kill: true},
		{name: "not sent", answer: outcomes(false, connect.Result{})},
		{name: "conflict without a change", answer: outcomes(false, connect.Result{Outcome: connect.Conflict})},
	}
	for _, op := range []record.Op{record.Delete, record.Deactivate, record.Activate} {
		for _, silent := range []bool{false, true} {
			for _, e := range ends {
				t.Run(fmt.Sprintf("%s/silent %v/%s", op, silent, e.name), func(t *testing.T) {
					settings := ""
					if op == record.Delete {
						settings = propagates
					}
					l, fno, _ := newLive(t, settings)
					l.Dataverse.Silent = silent
					l.gone(value.FnO, "CustomersV3", fno)
					if op == record.Activate {
						l.settle()
						l.sees(value.FnO, l.Customer("USMF", "US-1", nil))
					}
					in := l.handle()
					if len(in) != 1 || in[0].Op != op {
						t.Fatalf("writes %+v", in)
					}
					before := versionOf(l)
					l.Dataverse.OnWrite = e.answer
					if !e.unsent {
						if err := l.Send(t.Context(), in); err != nil {
							t.Fatal(err)
						}
					}
					if e.kill {
						l = attachLive(l.World)
					}
					l.settle()
					l.settle() // a batch that is repeated changes nothing
					l.Dataverse.OnWrite = nil
					if n := len(l.Intents("customers")); n != 0 {
						t.Errorf("%d writes are open", n)
					}
					rows := l.Dataverse.Rows("accounts")
					switch {
					case op == record.Delete:
						if len(rows) != 0 || len(l.Pairs("customers")) != 0 {
							t.Errorf("rows %v, pairs %v", rows, l.Pairs("customers"))
						}
						l.lists()
					case op == record.Deactivate:
						if v := rows[0].Values["statecode"]; v != value.NewOption(1) || rows[0].Version != before+1 {
							t.Errorf("state %v, %d writes", v, rows[0].Version-before)
						}
						l.lists("tolerated DW655 usmf / us-1")
					default:
						if v := rows[0].Values["statecode"]; v != value.NewOption(0) || rows[0].Version != before+1 {
							t.Errorf("state %v, %d writes", v, rows[0].Version-before)
						}
						l.lists()
					}
					if h := l.history(); !strings.HasPrefix(h[len(h)-1], string(op)) {
						t.Errorf("history %q", h)
					}
				})
			}
		}
	}
}

func versionOf(l *live) int {
	rows := l.Dataverse.Rows("accounts")
	if len(rows) == 0 {
		return 0
	}
	return rows[0].Version
}

// TestRefusedDelete: the service still needs the record. It is listed, and the
// pair stays so that the delete can be tried again.
func TestRefusedDelete(t *testing.T) {
	l, fno, _ := newLive(t, propagates)
	l.Dataverse.OnWrite = outcomes(false, connect.Result{Outcome: connect.Refused, Message: "It is referenced."})
	l.gone(value.FnO, "CustomersV3", fno)
	l.settle()
	l.lists("failed " + diag.CodeDeleteRefused + " usmf / us-1")
	if len(l.Pairs("customers")) != 1 || len(l.history()) != 0 {
		t.Errorf("pairs %v, history %q", l.Pairs("customers"), l.history())
	}
	l.Dataverse.OnWrite = nil
	l.certain(value.FnO, fno)
	l.settle()
	if l.lists(); len(l.Dataverse.Rows("accounts")) != 0 || len(l.Pairs("customers")) != 0 {
		t.Error("the second attempt deleted nothing")
	}
}

// TestDeleteOfAnEditedRow: the row moves before its delete comes. The delete is
// judged again against the edit.
func TestDeleteOfAnEditedRow(t *testing.T) {
	l, fno, dataverse := newLive(t, propagates+"  conflict = \"hold\"\n")
	l.gone(value.FnO, "CustomersV3", fno)
	in := l.handle()
	l.Dataverse.Change("accounts", dataverse, values{"name": text("Edited")})
	if err := l.Send(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	if len(l.Dataverse.Rows("accounts")) != 1 {
		t.Fatal("an edit that was not seen is deleted")
	}
	l.handler.Absent = sure
	l.settle()
	l.lists("held DW650 USMF / US-1")
	if len(l.Dataverse.Rows("accounts")) != 1 {
		t.Error("the row is deleted")
	}
}

// TestRowGoneBeforeItsWrite is a delete like any other in live
// synchronisation.
func TestRowGoneBeforeItsWrite(t *testing.T) {
	l, fno, dataverse := newLive(t, propagates)
	l.FnO.Change("CustomersV3", fno, values{"OrganizationName": text("New")})
	l.sees(value.FnO, fno)
	in := l.handle()
	l.Dataverse.Delete("accounts", dataverse)
	if err := l.Send(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	l.handler.Absent = sure
	l.settle()
	// F&O, the master, has edited it: it is there again.
	if rows := l.Dataverse.Rows("accounts"); len(rows) != 1 || rows[0].ID == dataverse || rows[0].Values["name"] != text("New") {
		t.Errorf("rows %+v", rows)
	}
	l.lists()
}

// TestDeletedTwice: somebody deletes the row that dw is about to delete.
func TestDeletedTwice(t *testing.T) {
	l, fno, dataverse := newLive(t, propagates)
	l.gone(value.FnO, "CustomersV3", fno)
	in := l.handle()
	l.Dataverse.Delete("accounts", dataverse)
	if err := l.Send(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	l.certain(value.Dataverse, dataverse)
	if n := l.settle(); n != 0 || len(l.Pairs("customers")) != 0 {
		t.Errorf("%d writes, pairs %v", n, l.Pairs("customers"))
	}
	l.lists()
}

// TestLiveWritesAreReadBack by id, without the changes that somebody else
// follows.
func TestLiveWritesAreReadBack(t *testing.T) {
	l, fno, _ := newLive(t, "")
	l.Dataverse.Silent = true
	cursor := func() (c store.Cursor) {
		l.View(func(tx store.Tx) (err error) {
			c, err = tx.Cursor("customers", value.Dataverse)
			return err
		})
		return c
	}
	before := cursor()
	l.FnO.Change("CustomersV3", fno, values{"OrganizationName": text("New")})
	l.sees(value.FnO, fno)
	l.settle()
	if q := l.Dataverse.Requests(); slices.ContainsFunc(q, func(s string) bool { return strings.HasPrefix(s, "Changes") }) {
		t.Errorf("requests %q", q)
	}
	if cursor() != before {
		t.Errorf("the token moved to %+v", cursor())
	}
	if h := l.history(); !slices.Equal(h, []string{"update dataverse moved"}) {
		t.Errorf("history %q", h)
	}
}

// TestNeverSettling: a service that makes something else of every value is
// answered three times, and then listed with the trail.
func TestNeverSettling(t *testing.T) {
	l, fno, dataverse := newLive(t, "")
	n := 0
	rewrite := func(system *enginetest.System, column string) {
		system.OnWrite = func(_ *schema.Table, w connect.Write) (connect.Result, bool, bool) {
			for i, v := range w.Values {
				if v.Field.Name == column {
					n++
					w.Values[i].Value = text(fmt.Sprintf("rewritten %d", n))
				}
			}
			return connect.Result{}, false, false
		}
	}
	rewrite(l.FnO, "OrganizationName")
	rewrite(l.Dataverse, "name")
	l.FnO.Change("CustomersV3", fno, values{"OrganizationName": text("New")})
	l.sees(value.FnO, fno)
	if n := l.settle(); n != 3 {
		t.Errorf("%d writes", n)
	}
	l.lists("failed DW652 USMF / US-1")
	l.View(func(tx store.Tx) error {
		all, err := tx.Listed(store.ListedQuery{Map: "customers"}, 0, 0)
		if err == nil && !strings.Contains(all[0].Reason, `from "rewritten 1" to "rewritten 2"`) {
			t.Errorf("no trail: %s", all[0].Reason)
		}
		return err
	})
	// The echoes of all that change nothing.
	for range 2 {
		l.sees(value.FnO, fno)
		l.sees(value.Dataverse, dataverse)
		if n := l.settle(); n != 0 {
			t.Errorf("%d writes more", n)
		}
	}
	l.FnO.OnWrite, l.Dataverse.OnWrite = nil, nil
	l.FnO.Change("CustomersV3", fno, values{"OrganizationName": text("Newer")})
	l.sees(value.FnO, fno)
	if n := l.settle(); n != 1 {
		t.Errorf("%d writes", n)
	}
	l.lists()
}

// sure takes every record that is not found for deleted.
func sure(_ context.Context, _ value.Side, pairs []*record.Pair) (map[int64]bool, error) {
	gone := map[int64]bool{}
	for _, p := range pairs {
		gone[p.ID] = true
	}
	return gone, nil
}
