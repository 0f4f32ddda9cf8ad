package merge

import (
	"testing"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
)

// leaving is a map with a filter on both sides.
func leaving(policy string) func(*model.Map) {
	return func(m *model.Map) {
		m.Filter = model.Filter{FnO: model.Named{Name: "Phone ne 'out'"}, Dataverse: model.Named{Name: "customertypecode eq 3"}, OnLeave: policy}
	}
}

var (
	outFnO       = vals{"Phone": text("out")}
	outDataverse = vals{"customertypecode": value.NewOption(4)}
	inFnO        = vals{"Phone": text("1")}
	inDataverse  = vals{"customertypecode": value.NewOption(3)}
)

func TestLeaveUnlinks(t *testing.T) {
	for _, policy := range []string{"", "unlink"} {
		w := agreed(t, leaving(policy))
		w.put(value.FnO, outFnO)
		for range 2 {
			r := w.round()
			wantListed(t, r, "tolerated DW651 ")
			if len(r.Intents) > 0 {
				t.Fatalf("intents %+v", r.Intents)
			}
			w.wantPair(t, record.Unlinked)
		}
		// Edits wait until it is back, with the base that they began from.
		w.put(value.Dataverse, vals{"name": text("Dan")})
		wantListed(t, w.round(), "tolerated DW651 ")
		w.put(value.FnO, inFnO)
		wantWrites(t, w.round(), value.FnO, `Name="Dan"`)
		w.wantPair(t, record.Linked)
		wantQuiet(t, w.round())
		// Out on both sides it is nobody's business.
		w.put(value.FnO, outFnO)
		w.round()
		w.put(value.Dataverse, outDataverse)
		if r := w.round(); !r.Unlink || len(r.Listed) > 0 {
			t.Errorf("%+v", r)
		}
	}
}

func TestLeaveDeactivates(t *testing.T) {
	w := agreed(t, leaving("deactivate"))
	w.put(value.FnO, outFnO)
	in := wantOp(t, w.round(), value.Dataverse, record.Deactivate)
	if in.Rules[0] != string(RuleLeft) || in.Note != NoteState {
		t.Errorf("intent %+v", in)
	}
	w.wantPair(t, record.Left)
	wantListed(t, w.round(), "tolerated DW651 ")
	w.put(value.FnO, vals{"Phone": text("1"), "Name": text("Bea")})
	wantOp(t, w.round(), value.Dataverse, record.Activate)
	wantWrites(t, w.round(), value.Dataverse, `name="Bea"`)
	wantQuiet(t, w.round())
	// F&O has no state.
	w.put(value.Dataverse, outDataverse)
	wantListed(t, w.round(), "tolerated DW651 ")
	w.wantPair(t, record.Unlinked)
}

func TestLeaveDeletes(t *testing.T) {
	w := agreed(t, leaving("delete"))
	w.put(value.FnO, outFnO)
	if in := wantOp(t, w.round(), value.Dataverse, record.Delete); in.Note != NoteLeft {
		t.Errorf("note %q", in.Note)
	}
	if r := w.round(); w.pair != nil || len(r.Intents)+len(r.Listed) > 0 {
		t.Errorf("%+v", r)
	}
	w = agreed(t, leaving("delete"))
	w.put(value.Dataverse, outDataverse)
	wantOp(t, w.round(), value.FnO, record.Delete)
}

func TestLeaveReverts(t *testing.T) {
	w := agreed(t, leaving("revert"))
	w.put(value.FnO, vals{"Phone": text("out"), "Name": text("Bea")})
	r := w.round()
	wantWrites(t, r, value.FnO, `Phone="1"`) // what is edited besides stays
	if in := r.Intents[0]; in.Note != NoteRevert || in.IfMatch == "" || len(in.TargetKey) != 2 {
		t.Errorf("intent %+v", in)
	}
	wantWrites(t, w.round(), value.Dataverse, `name="Bea"`)
	wantQuiet(t, w.round())
	// A constant of the map is put back.
	w.put(value.Dataverse, outDataverse)
	wantWrites(t, w.round(), value.Dataverse, "customertypecode=3")
	wantQuiet(t, w.round())

	// Nothing that is mapped keeps it out.
	w = agreed(t, func(m *model.Map) {
		leaving("revert")(m)
		m.Filter.FnO = model.Named{Name: "Origin eq ''"}
	})
	w.put(value.FnO, vals{"Origin": text("x")})
	for range 2 {
		wantListed(t, w.round(), "held DW657 ")
		w.wantPair(t, record.Linked)
	}
	w.put(value.FnO, vals{"Origin": text("")})
	wantQuiet(t, w.round())
}

// TestLeaveAndGo: what left the scope is deleted there. It is neither created
// again nor taken for a delete.
func TestLeaveAndGo(t *testing.T) {
	w := agreed(t, leaving("unlink"))
	w.put(value.FnO, outFnO)
	w.round()
	w.remove(value.FnO)
	wantListed(t, w.round(), "tolerated DW610 ")
	w.wantPair(t, record.Ignored)
	w.put(value.Dataverse, vals{"name": text("Dan")})
	if r := w.round(); len(r.Intents) > 0 {
		t.Errorf("intents %+v", r.Intents)
	}
	// It comes back outside of the scope, and then inside.
	w.put(value.FnO, outFnO)
	wantListed(t, w.round(), "tolerated DW651 ")
	w.put(value.FnO, inFnO)
	w.round()
	w.wantPair(t, record.Linked)
	wantQuiet(t, w.round())
}

func TestKeyLost(t *testing.T) {
	for _, lost := range []vals{{"accountnumber": {}}, {"msdyn_company": {}}} {
		w := agreed(t, func(m *model.Map) { leaving("delete")(m); deletes("propagate", "propagate")(m) })
		w.put(value.Dataverse, lost)
		w.put(value.FnO, vals{"Name": text("Bea")})
		in := w.input()
		in.Dataverse.Key, in.Dataverse.InScope = w.pair.Key, false
		if lost["msdyn_company"] == (value.Value{}) && len(lost) == 1 {
			if _, company := lost["msdyn_company"]; company {
				in.Dataverse.Company = ""
			}
		}
		r := Merge(in)
		wantListed(t, r, "failed "+diag.CodeKeyLost+" ")
		if len(r.Intents) > 0 || r.Unlink || r.Pair.Life != record.Linked || r.Listed[0].Record != "USMF / US-1" {
			t.Errorf("%+v", r)
		}
		w.store(r)
		w.put(value.Dataverse, vals{"accountnumber": text("US-1"), "msdyn_company": w.refs.ids["cdm_company/usmf"]})
		wantWrites(t, w.round(), value.Dataverse, `name="Bea"`)
		wantQuiet(t, w.round())
	}
}

// TestRename: a key that is changed on one side is listed under the key of the
// pair, and goes on once the other side has it too.
func TestRename(t *testing.T) {
	w := agreed(t, nil)
	old := w.pair.Key
	w.put(value.FnO, vals{"CustomerAccount": text("US-9"), "Name": text("Bea")})
	for range 2 {
		r := w.round()
		wantListed(t, r, "failed DW609 ")
		if r.Listed[0].Key != old || w.pair.Key != old || w.pair.FnO.Key[1] != text("US-9") {
			t.Errorf("listed %+v, pair %+v", r.Listed[0], w.pair)
		}
	}
	w.put(value.Dataverse, vals{"accountnumber": text("us-9")})
	wantWrites(t, w.round(), value.Dataverse, `name="Bea"`)
	if w.pair.Key == old {
		t.Error("the pair has its old key")
	}
	wantQuiet(t, w.round())
}

// A filter on the state does not keep new rows out: Dataverse makes them active.
func TestNewRowsAreActive(t *testing.T) {
	for filter, want := range map[string]int{"statecode eq 0": 1, "statecode eq 1": 0} {
		w := newWorld(customers(t, func(m *model.Map) {
			m.Filter = model.Filter{Dataverse: model.Named{Name: filter + " and customertypecode eq 3"}}
		}), newRefs("msdyn_customergroup/10"))
		w.put(value.FnO, vals{"Name": text("Ann"), "Phone": text("1"), "GroupId": text("10")})
		r := Merge(w.input())
		if len(r.Intents) != want {
			t.Errorf("%s: %d creates, want %d; listed %+v", filter, len(r.Intents), want, r.Listed)
		}
		if want == 0 && len(r.Listed) == 0 {
			t.Errorf("%s: a create that the filter does not admit is not listed", filter)
		}
	}
}
