package merge

import (
	"testing"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
)

func deletes(toDataverse, toFnO string) func(*model.Map) {
	return func(m *model.Map) { m.Deletes = model.Deletes{ToDataverse: toDataverse, ToFnO: toFnO} }
}

// wantOp checks that one write of an operation is made.
func wantOp(t *testing.T, r Result, side value.Side, op record.Op) record.Intent {
	t.Helper()
	if len(r.Intents) != 1 || r.Intents[0].Side != side || r.Intents[0].Op != op {
		t.Fatalf("intents %+v, want %s in %s; listed %+v", r.Intents, op, side, r.Listed)
	}
	return r.Intents[0]
}

func (w *world) wantPair(t *testing.T, life record.Life) {
	t.Helper()
	if w.pair == nil || w.pair.Life != life {
		t.Fatalf("pair %+v, want it %q", w.pair, life)
	}
}

func TestDeletePropagates(t *testing.T) {
	for _, gone := range []value.Side{value.FnO, value.Dataverse} {
		w := agreed(t, deletes("propagate", "propagate"))
		w.remove(gone)
		in := wantOp(t, w.round(), gone.Other(), record.Delete)
		if in.TargetID == "" || in.IfMatch == "" || in.Note != "" || in.Bulk || len(in.Fields) > 0 || in.Rules[0] != string(RuleDeleted) {
			t.Errorf("intent %+v", in)
		}
		if (in.Side == value.FnO) != (len(in.TargetKey) == 2) {
			t.Errorf("key %v", in.TargetKey)
		}
		if w.pair != nil || w.rows[gone.Other()] != nil {
			t.Errorf("pair %+v", w.pair)
		}
		if l := w.history; len(l) != 1 || l[0].Op != record.Delete || l[0].Side != gone.Other() || l[0].From != gone || l[0].Rule != string(RuleDeleted) {
			t.Errorf("history %+v", l)
		}
		if r := w.round(); len(r.Intents)+len(r.Listed) > 0 {
			t.Errorf("afterwards: %+v", r)
		}
	}
}

func TestDeleteDeactivates(t *testing.T) {
	w := agreed(t, nil) // the default where the table has a state
	w.remove(value.FnO)
	in := wantOp(t, w.round(), value.Dataverse, record.Deactivate)
	if got := writesOf(in); got[0] != "statecode=1" || got[1] != "statuscode=2" || in.Note != NoteState || in.IfMatch == "" {
		t.Errorf("intent %+v", in)
	}
	w.wantPair(t, record.Deactivated)
	if w.active {
		t.Fatal("the row is active")
	}
	for range 2 {
		r := w.round()
		wantListed(t, r, "tolerated DW655 ")
		if len(r.Intents) > 0 {
			t.Fatalf("intents %+v", r.Intents)
		}
	}
	// It comes back with other values: first the state, then its master's values.
	w.put(value.FnO, vals{"Name": text("New"), "Note": text("n")})
	wantOp(t, w.round(), value.Dataverse, record.Activate)
	w.wantPair(t, record.Linked)
	r := w.round()
	if len(r.Intents) != 2 || !w.active {
		t.Fatalf("intents %+v; listed %+v", r.Intents, r.Listed)
	}
	if n, e := w.get(value.Dataverse, "name"), w.get(value.FnO, "Email"); n != text("New") || e != text("a@x") {
		t.Errorf("name %v, email %v: each from its master", n, e)
	}
	if p := w.get(value.Dataverse, "telephone1"); !p.IsNull() {
		t.Errorf("telephone %v: the record that came back has none", p)
	}
	wantQuiet(t, w.round())
}

func TestDeactivatedRowGoesToo(t *testing.T) {
	w := agreed(t, nil)
	w.remove(value.FnO)
	w.round()
	w.remove(value.Dataverse)
	if r := w.round(); !r.Unlink || len(r.Intents) > 0 || w.pair != nil {
		t.Errorf("%+v", r)
	}
	// And the record is created there again when it comes back.
	w.put(value.FnO, vals{"Name": text("New")})
	wantOp(t, w.round(), value.Dataverse, record.Create)
	wantQuiet(t, w.round())

	w = agreed(t, nil)
	w.remove(value.FnO)
	w.round()
	w.remove(value.Dataverse)
	w.put(value.FnO, vals{"Name": text("New")}) // before anybody looked
	wantOp(t, w.round(), value.Dataverse, record.Create)
	w.wantPair(t, record.Linked)
	wantQuiet(t, w.round())
}

func TestDeleteIgnored(t *testing.T) {
	w := agreed(t, nil)
	w.remove(value.Dataverse)
	wantListed(t, w.round(), "tolerated DW610 ")
	w.wantPair(t, record.Ignored)
	// Edits of what remains create nothing.
	w.put(value.FnO, vals{"Name": text("Bea")})
	r := w.round()
	wantListed(t, r, "tolerated DW610 ")
	if len(r.Intents) > 0 {
		t.Fatalf("created again: %+v", r.Intents)
	}
	// A row with its key is a new one.
	w.put(value.Dataverse, vals{"name": text("Ida")})
	if r = w.round(); len(r.Intents) != 2 || w.get(value.Dataverse, "name") != text("Bea") {
		t.Errorf("intents %+v", r.Intents)
	}
	wantQuiet(t, w.round())

	w.remove(value.Dataverse)
	w.round()
	w.retry = true
	wantOp(t, w.round(), value.Dataverse, record.Create)
	w.retry = false
	w.wantPair(t, record.Linked)
	wantQuiet(t, w.round())

	w.remove(value.Dataverse)
	w.round()
	w.remove(value.FnO)
	if r := w.round(); !r.Unlink || w.pair != nil {
		t.Errorf("a pair of nothing: %+v", r)
	}
}

func TestDeleteAgainstEdit(t *testing.T) {
	all := deletes("propagate", "propagate")
	// The master's delete wins over an edit.
	w := agreed(t, all)
	w.remove(value.FnO)
	w.put(value.Dataverse, vals{"telephone1": text("9")})
	wantOp(t, w.round(), value.Dataverse, record.Delete)
	// The master's edit wins over a delete.
	w = agreed(t, all)
	w.remove(value.Dataverse)
	w.put(value.FnO, vals{"Phone": text("9")})
	wantOp(t, w.round(), value.Dataverse, record.Create)
	if w.get(value.Dataverse, "telephone1") != text("9") {
		t.Error("the edit is lost")
	}
	wantQuiet(t, w.round())
	w = agreed(t, func(m *model.Map) { all(m); m.Mastering.Master = value.Dataverse })
	w.remove(value.FnO)
	w.put(value.Dataverse, vals{"telephone1": text("9")})
	wantOp(t, w.round(), value.FnO, record.Create)
	// A person decides.
	w = agreed(t, func(m *model.Map) { all(m); m.Conflict = "hold" })
	w.remove(value.FnO)
	w.put(value.Dataverse, vals{"telephone1": text("9")})
	for range 2 {
		r := w.round()
		wantListed(t, r, "held DW650 ")
		if len(r.Intents) > 0 {
			t.Fatalf("intents %+v", r.Intents)
		}
	}
	w.retry = true
	wantOp(t, w.round(), value.Dataverse, record.Delete)
}

// TestAbsenceIsNoDelete: what a read did not find is only listed.
func TestAbsenceIsNoDelete(t *testing.T) {
	for _, gone := range []value.Side{value.FnO, value.Dataverse} {
		w := agreed(t, deletes("propagate", "propagate"))
		rows := w.rows[gone]
		w.rows[gone] = nil
		w.put(gone.Other(), vals{map[value.Side]string{value.FnO: "Phone", value.Dataverse: "telephone1"}[gone.Other()]: text("9")})
		r := w.round()
		wantListed(t, r, "held DW610 ")
		if len(r.Intents) > 0 || r.Unlink {
			t.Fatalf("%+v", r)
		}
		w.rows[gone] = rows // it is seen again
		wantWrites(t, w.round(), gone, map[value.Side]string{value.FnO: `Phone="9"`, value.Dataverse: `telephone1="9"`}[gone])
		wantQuiet(t, w.round())
	}
}

func TestRowOfSeveralMaps(t *testing.T) {
	for _, how := range []string{"propagate", "deactivate"} {
		w := agreed(t, deletes(how, ""))
		w.shared = map[value.Side]bool{value.Dataverse: true}
		w.remove(value.FnO)
		wantListed(t, w.round(), "tolerated DW658 ")
		w.wantPair(t, record.Ignored)
		if r := w.round(); len(r.Intents) > 0 {
			t.Errorf("intents %+v", r.Intents)
		}
	}
}

func TestTablesThatCannot(t *testing.T) {
	w := agreed(t, nil)
	states := w.c.Dataverse.Table.Field("statecode")
	states.Options = append(states.Options, schema.Option{Value: 2}) // an order's
	w.remove(value.FnO)
	wantListed(t, w.round(), "tolerated DW659 ")
	w.wantPair(t, record.Ignored)

	w = agreed(t, deletes("propagate", ""))
	w.c.Dataverse.Table.ReadOnly = true
	w.remove(value.FnO)
	wantListed(t, w.round(), "tolerated DW660 ")

	w = agreed(t, nil)
	w.c.Dataverse.Table.Field("statuscode").Options = []schema.Option{{Value: 10}, {Value: 20}}
	w.remove(value.FnO)
	if in := wantOp(t, w.round(), value.Dataverse, record.Deactivate); len(in.Fields) != 1 {
		t.Errorf("a status that the table does not have: %+v", in.Fields)
	}
}

// TestRefusedDelete: the pair stays as it was, and the delete is tried again.
func TestRefusedDelete(t *testing.T) {
	w := agreed(t, deletes("propagate", ""))
	w.remove(value.FnO)
	for range 2 {
		r := Merge(w.input())
		wantOp(t, r, value.Dataverse, record.Delete)
		w.store(r)
		w.wantPair(t, record.Linked)
	}
	// The row moved before the write came: it is merged again.
	r := Merge(w.input())
	w.put(value.Dataverse, vals{"telephone1": text("9")})
	if s := w.settle(r.Intents[0], false, false); !s.Again || s.Ended || len(s.Changes) > 0 {
		t.Errorf("%+v", s)
	}
	wantOp(t, w.round(), value.Dataverse, record.Delete)
}

// TestStateThatDidNotComeAbout is merged again, and says nothing in between.
func TestStateThatDidNotComeAbout(t *testing.T) {
	w := agreed(t, nil)
	w.remove(value.FnO)
	r := Merge(w.input())
	w.store(r)
	if s := w.settle(r.Intents[0], false, false); !s.Again || len(s.Listed)+len(s.Changes) > 0 {
		t.Errorf("%+v", s)
	}
	w.wantPair(t, record.Linked)
	wantOp(t, w.round(), value.Dataverse, record.Deactivate)
	w.wantPair(t, record.Deactivated)
}

// TestTargetDeleted: a lookup that Dataverse emptied since its row was deleted
// is owed, not taken over to F&O.
func TestTargetDeleted(t *testing.T) {
	w := agreed(t, func(m *model.Map) { m.Fields[7].Missing = "defer" })
	delete(w.refs.ids, "msdyn_customergroup/10")
	w.put(value.Dataverse, vals{"msdyn_group": {}})
	for range 2 {
		r := w.round()
		wantListed(t, r, "owed DW602 msdyn_group.msdyn_groupid")
		if len(r.Intents) > 0 || w.get(value.FnO, "GroupId") != text("10") || !w.pair.Owes() {
			t.Fatalf("%+v", r)
		}
	}
	// The group comes back as another row.
	fresh := value.NewReference("msdyn_customergroup", guid(77))
	w.refs.ids["msdyn_customergroup/10"] = fresh
	r := w.round()
	wantWrites(t, r, value.Dataverse, "msdyn_group="+show(fresh))
	if r.Intents[0].Note != NoteOwed {
		t.Errorf("note %q", r.Intents[0].Note)
	}
	wantQuiet(t, w.round())
	// A person who empties it while the row is there means it.
	w.put(value.Dataverse, vals{"msdyn_group": {}})
	wantWrites(t, w.round(), value.FnO, "GroupId=nothing")
}

// TestOwedEdit: an agreed reference that moves to a target that is not there
// yet is owed, and what moved is not forgotten.
func TestOwedEdit(t *testing.T) {
	w := agreed(t, func(m *model.Map) { m.Fields[7].Missing = "defer" })
	w.put(value.FnO, vals{"GroupId": text("30")})
	for range 2 {
		r := w.round()
		wantListed(t, r, "owed DW602 msdyn_group.msdyn_groupid")
		if l := r.Listed[0]; l.WaitMap != "groups" || len(r.Intents) > 0 || !w.pair.Owes() || w.base("msdyn_group.msdyn_groupid").State != record.OwedEdit {
			t.Fatalf("%+v, pair %+v", r, w.pair)
		}
	}
	ref := value.NewReference("msdyn_customergroup", guid(70))
	w.refs.ids["msdyn_customergroup/30"] = ref
	r := w.round()
	wantWrites(t, r, value.Dataverse, "msdyn_group="+show(ref))
	if in := r.Intents[0]; in.Note != NoteOwed || in.Rules[0] != string(RuleOwed) {
		t.Errorf("intent %+v", in)
	}
	if w.pair.Owes() {
		t.Error("still owed")
	}
	wantQuiet(t, w.round())

	// Taken back before the target came.
	w.put(value.FnO, vals{"GroupId": text("40")})
	w.round()
	w.put(value.FnO, vals{"GroupId": text("30")})
	wantQuiet(t, w.round())
	if w.pair.Owes() {
		t.Error("owed though it was taken back")
	}

	// The other side edits it meanwhile: its edit goes over, since the master's
	// is of no use yet... unless the master's moved too.
	w.put(value.FnO, vals{"GroupId": text("40")})
	w.round()
	w.put(value.Dataverse, vals{"msdyn_group": w.refs.ids["msdyn_customergroup/20"]})
	r = w.round()
	wantListed(t, r, "owed DW602 msdyn_group.msdyn_groupid")
	if len(r.Intents) > 0 {
		t.Errorf("intents %+v", r.Intents)
	}
}
