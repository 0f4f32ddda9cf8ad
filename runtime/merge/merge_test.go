package merge

import (
	"slices"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
)

type vals = map[string]value.Value

func wantWrites(t *testing.T, r Result, side value.Side, want ...string) {
	t.Helper()
	if len(r.Intents) != 1 || r.Intents[0].Side != side {
		t.Fatalf("intents %+v, want one for %s; listed %+v", r.Intents, side, r.Listed)
	}
	if got := writesOf(r.Intents[0]); !slices.Equal(got, want) {
		t.Errorf("written: %v\n   want: %v", got, want)
	}
}

func wantQuiet(t *testing.T, r Result) {
	t.Helper()
	if len(r.Intents)+len(r.Listed)+len(r.Waits) > 0 || !r.Equal {
		t.Errorf("want silence, got %+v", r)
	}
}

func wantListed(t *testing.T, r Result, want ...string) {
	t.Helper()
	if got := listedCodes(r); !slices.Equal(got, want) {
		t.Errorf("listed %v, want %v", got, want)
	}
	for _, l := range r.Listed {
		if l.Map != "customers" || l.Key == "" || l.Record == "" || l.Reason == "" || l.At != "" {
			t.Errorf("listed without what every entry has: %+v", l)
		}
		if _, ok := diag.Lookup(l.Code); !ok {
			t.Errorf("%s is not in the catalogue of codes", l.Code)
		}
	}
}

// agreed gives a world in which both sides hold the same.
func agreed(t *testing.T, change func(*model.Map)) *world {
	t.Helper()
	w := newWorld(customers(t, change), newRefs("msdyn_customergroup/10", "msdyn_customergroup/20"))
	w.put(value.FnO, vals{"Name": text("Ann"), "Email": text("a@x"), "Phone": text("1"), "Street": text("S"), "City": text("C"),
		"Note": text("n"), "GroupId": text("10"), "Limit": value.NewInteger(5)})
	w.put(value.Dataverse, vals{"name": text("Ann"), "emailaddress1": text("a@x"), "telephone1": text("1"), "address1_line1": text("S"),
		"address1_city": text("C"), "description": text("n"), "msdyn_group": w.refs.ids["msdyn_customergroup/10"], "creditlimit": value.NewInteger(5)})
	if r := w.round(); !r.Equal {
		t.Fatalf("the first match is not equal: %+v", r)
	}
	return w
}

func TestFirstMatchEqual(t *testing.T) {
	w := agreed(t, nil)
	for i, b := range w.pair.Base {
		if b.State != record.Known {
			t.Errorf("%s is not known after an equal first match", w.c.Slots[i].Name)
		}
	}
	if w.pair.FnO.ID == "" || w.pair.Dataverse.ID == "" || len(w.pair.FnO.Key) != 2 || w.pair.FnO.Key[0] != text("usmf") || w.pair.Key == "" {
		t.Errorf("pair %+v", w.pair)
	}
	wantQuiet(t, w.round())
}

func TestOneSideMoves(t *testing.T) {
	w := agreed(t, nil)
	w.put(value.FnO, vals{"Name": text("Bea"), "GroupId": text("20")})
	r := w.round()
	wantWrites(t, r, value.Dataverse, "msdyn_group="+show(w.refs.ids["msdyn_customergroup/20"]), `name="Bea"`)
	in := r.Intents[0]
	if in.Op != record.Update || in.TargetID != w.ids[value.Dataverse] || in.IfMatch != `W/"1"` || in.Bulk || in.State != record.Intended {
		t.Errorf("intent %+v", in)
	}
	wantQuiet(t, w.round())

	w.put(value.Dataverse, vals{"telephone1": text("2"), "emailaddress1": text("b@x")})
	r = w.round()
	wantWrites(t, r, value.FnO, `Email="b@x"`, `Phone="2"`)
	if in := r.Intents[0]; len(in.TargetKey) != 2 || in.TargetKey[1] != text("US-1") || in.IfMatch != `W/"2"` {
		t.Errorf("intent %+v", in)
	}
	wantQuiet(t, w.round())
}

func TestBothMove(t *testing.T) {
	w := agreed(t, nil)
	w.put(value.FnO, vals{"Name": text("Bea"), "Phone": text("7")})
	w.put(value.Dataverse, vals{"name": text("Cid"), "creditlimit": value.NewInteger(9)})
	r := w.round()
	if len(r.Intents) != 2 {
		t.Fatalf("intents %+v, want one a side", r.Intents)
	}
	if got := writesOf(r.Intents[1]); !slices.Equal(got, []string{`name="Bea"`, `telephone1="7"`}) {
		t.Errorf("to Dataverse: %v", got)
	}
	if got := writesOf(r.Intents[0]); !slices.Equal(got, []string{"Limit=9"}) {
		t.Errorf("to F&O: %v", got)
	}
	for reason := range r.Reasons() {
		if want := reason.Field == "name"; reason.Conflict != want || (reason.Rule == RuleMaster) != want {
			t.Errorf("reason %+v", reason)
		}
	}
	wantQuiet(t, w.round())

	w.put(value.FnO, vals{"Name": text("Dot")})
	w.put(value.Dataverse, vals{"name": text("Dot")})
	wantQuiet(t, w.round())
}

func TestConflictHold(t *testing.T) {
	w := agreed(t, func(m *model.Map) { m.Conflict = "hold" })
	w.put(value.FnO, vals{"Name": text("Bea"), "Phone": text("7")})
	w.put(value.Dataverse, vals{"name": text("Cid")})
	r := w.round()
	wantWrites(t, r, value.Dataverse, `telephone1="7"`)
	wantListed(t, r, "held DW607 name")
	r = w.round()
	wantListed(t, r, "held DW607 name")
	if len(r.Intents) > 0 {
		t.Errorf("a held field is written: %+v", r.Intents)
	}
	w.put(value.Dataverse, vals{"name": text("Bea")})
	wantQuiet(t, w.round())
}

func TestWrongSide(t *testing.T) {
	for violation, listed := range map[string][]string{
		"":       nil,
		"revert": nil,
		"ignore": {"tolerated DW608 emailaddress1", "tolerated DW608 description"},
		"report": {"held DW608 emailaddress1", "held DW608 description"},
	} {
		t.Run(violation, func(t *testing.T) {
			w := agreed(t, func(m *model.Map) { m.Mastering.Violation = violation })
			w.put(value.FnO, vals{"Email": text("wrong@x")})
			w.put(value.Dataverse, vals{"description": text("wrong")})
			r := w.round()
			wantListed(t, r, listed...)
			if listed == nil {
				if w.get(value.FnO, "Email") != text("a@x") || w.get(value.Dataverse, "description") != text("n") || slices.Collect(r.Reasons())[0].Rule != RuleRevert {
					t.Errorf("not reverted: %v", slices.Collect(r.Reasons()))
				}
				wantQuiet(t, w.round())
				return
			}
			if len(r.Intents) > 0 {
				t.Errorf("written: %+v", r.Intents)
			}
			wantListed(t, w.round(), listed...)
			w.put(value.Dataverse, vals{"emailaddress1": text("new@x")}) // the master speaks
			wantWrites(t, w.round(), value.FnO, `Email="new@x"`)
		})
	}
}

func TestTogether(t *testing.T) {
	w := agreed(t, nil)
	w.put(value.FnO, vals{"Street": text("S2")})
	w.put(value.Dataverse, vals{"address1_city": text("C2")})
	r := w.round()
	// F&O's whole address wins; a mix of both would be nobody's address.
	wantWrites(t, r, value.Dataverse, `address1_city="C"`, `address1_line1="S2"`)
	wantQuiet(t, w.round())
	w.put(value.Dataverse, vals{"address1_city": text("C3")})
	wantWrites(t, w.round(), value.FnO, `City="C3"`)
}

func TestFirstMatchDiffers(t *testing.T) {
	setup := func(change func(*model.Map)) *world {
		w := newWorld(customers(t, change), newRefs("msdyn_customergroup/10"))
		w.put(value.FnO, vals{"Name": text("Ann"), "Email": text("f@x"), "Note": text("n")})
		w.put(value.Dataverse, vals{"name": text("Bob"), "emailaddress1": text("d@x"), "telephone1": text("1"), "description": text("other")})
		return w
	}
	t.Run("masters", func(t *testing.T) {
		w := setup(func(m *model.Map) { m.Mastering.Master = value.FnO; m.Initial.Winner = value.Dataverse })
		r := w.round()
		wantListed(t, r, "held DW606 telephone1")
		if len(r.Intents) != 2 || w.get(value.Dataverse, "name") != text("Ann") || w.get(value.FnO, "Email") != text("d@x") ||
			w.get(value.Dataverse, "description") != text("n") || w.get(value.Dataverse, "telephone1") != text("1") {
			t.Errorf("intents %+v", r.Intents)
		}
		wantListed(t, w.round(), "held DW606 telephone1") // and no further write
		if w.writes[value.FnO] != 1 || w.writes[value.Dataverse] != 1 {
			t.Errorf("writes %v", w.writes)
		}
	})
	t.Run("winner", func(t *testing.T) {
		w := setup(func(m *model.Map) { m.Initial.Winner = value.Dataverse })
		r := w.round()
		wantListed(t, r)
		if w.get(value.FnO, "Name") != text("Bob") || w.get(value.FnO, "Phone") != text("1") || w.get(value.Dataverse, "description") != text("n") {
			t.Errorf("intents %+v", r.Intents)
		}
		why := slices.Collect(r.Reasons())
		if i := slices.IndexFunc(why, func(r Reason) bool { return r.Field == "name" }); why[i].Rule != RuleWinner {
			t.Errorf("reasons %+v", slices.Collect(r.Reasons()))
		}
		wantQuiet(t, w.round())
	})
	t.Run("blanks allowed", func(t *testing.T) {
		w := setup(func(m *model.Map) { m.Initial.AllowBlank = true })
		wantListed(t, w.round())
		if !w.get(value.Dataverse, "telephone1").IsNull() {
			t.Error("the blank did not win")
		}
		wantQuiet(t, w.round())
	})
}

func TestCreate(t *testing.T) {
	w := newWorld(customers(t, nil), newRefs("msdyn_customergroup/10"))
	w.put(value.FnO, vals{"Name": text("Ann"), "Email": text("a@x"), "GroupId": text("10"), "Note": text("n")})
	in := w.input()
	in.Extra = []record.FieldWrite{{Column: "ownerid", New: value.NewReference("team", guid(5))}}
	r := Merge(in)
	wantWrites(t, r, value.Dataverse, "accountnumber=\"US-1\"", "address1_city=nothing", "address1_line1=nothing", "creditlimit=0",
		"customertypecode=3", "description=\"n\"", "emailaddress1=\"a@x\"", "msdyn_company="+show(w.refs.ids["cdm_company/usmf"]),
		"msdyn_group="+show(w.refs.ids["msdyn_customergroup/10"]), "name=\"Ann\"", "ownerid=team/"+guid(5), "telephone1=nothing")
	create := r.Intents[0]
	if create.Op != record.Create || create.TargetID != in.NewID || create.IfMatch != "" || !create.Bulk || r.Pair.Dataverse.ID != "" {
		t.Errorf("intent %+v, pair %+v", create, r.Pair)
	}
	w.store(r)
	w.apply(create)
	if s := w.settle(create, true, true); s.Again || s.Missing || w.pair.Dataverse.ID != in.NewID {
		t.Errorf("settled %+v", s)
	}
	wantQuiet(t, w.round())
}

func TestCreateTowardsFnO(t *testing.T) {
	w := newWorld(customers(t, nil), newRefs())
	w.put(value.Dataverse, vals{"name": text("Ann"), "emailaddress1": text("a@x"), "description": text("only here")})
	r := w.round()
	if len(r.Intents) != 1 {
		t.Fatalf("%+v", r)
	}
	got := strings.Join(writesOf(r.Intents[0]), " ")
	for _, want := range []string{`CustomerAccount="US-1"`, `Name="Ann"`, `LanguageId="en-us"`, `Email="a@x"`} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is not in %s", want, got)
		}
	}
	if strings.Contains(got, "Note") {
		t.Errorf("a field that flows to Dataverse only is written to F&O: %s", got)
	}
	if in := r.Intents[0]; in.TargetID != "" || len(in.TargetKey) != 2 || in.TargetKey[1] != text("US-1") || in.TargetKey[0].IsNull() {
		t.Errorf("intent %+v", in)
	}
	wantListed(t, w.round(), "tolerated DW612 description") // what was not sent is agreed as it stands
	w.put(value.FnO, vals{"Note": text("from F&O")})
	wantWrites(t, w.round(), value.Dataverse, `description="from F&O"`)
}

func TestNotCreated(t *testing.T) {
	no := false
	w := newWorld(customers(t, func(m *model.Map) { m.Creates.ToFnO = &no }), newRefs())
	w.put(value.Dataverse, vals{"name": text("Ann")})
	r := w.round()
	wantListed(t, r, "tolerated DW603 ")
	if r.Pair != nil || len(r.Intents) > 0 {
		t.Errorf("%+v", r)
	}
}

func TestCreateOutsideOtherFilter(t *testing.T) {
	filter := func(m *model.Map) { m.Filter.Dataverse = model.Named{Name: "customertypecode eq 4"} }
	w := newWorld(customers(t, filter), newRefs())
	w.put(value.FnO, vals{"Name": text("Ann")})
	r := w.round()
	wantListed(t, r, "failed DW604 ")
	if r.Pair != nil || len(r.Intents) > 0 || !strings.Contains(r.Listed[0].Payload, "customertypecode=3") {
		t.Errorf("%+v", r)
	}
	w = newWorld(customers(t, func(m *model.Map) { m.Filter.Dataverse = model.Named{Name: "customertypecode eq 3"} }), newRefs())
	w.put(value.FnO, vals{"Name": text("Ann")})
	if r := w.round(); len(r.Intents) != 1 {
		t.Errorf("%+v", r)
	}
}

func TestScope(t *testing.T) {
	filter := func(m *model.Map) { m.Filter.Dataverse = model.Named{Name: "customertypecode eq 3"} }
	w := newWorld(customers(t, filter), newRefs())
	w.put(value.FnO, vals{"Name": text("Ann")})
	w.put(value.Dataverse, vals{"name": text("Bob"), "customertypecode": value.NewOption(4)})
	r := w.round()
	wantListed(t, r, "failed DW604 ")
	if r.Pair != nil || len(r.Intents) > 0 {
		t.Errorf("%+v", r)
	}
	w.put(value.Dataverse, vals{"customertypecode": value.NewOption(3)})
	w.round()
	wantQuiet(t, w.round())
	w.put(value.Dataverse, vals{"customertypecode": value.NewOption(4)})
	r = w.round()
	wantListed(t, r, "tolerated DW651 ")
	if r.Pair.Life != record.Unlinked || len(r.Intents) > 0 {
		t.Errorf("a record that left the scope: %+v", r)
	}
	w.remove(value.FnO)
	if r = w.round(); len(r.Intents)+len(r.Listed) > 0 || !r.Unlink {
		t.Errorf("a record out of scope alone: %+v", r)
	}
}

func TestFailures(t *testing.T) {
	w := newWorld(customers(t, nil), newRefs())
	long := strings.Repeat("x", 21)
	w.put(value.FnO, vals{"Name": text(long), "Phone": text(long), "Email": text("a@x")})
	r := w.round()
	wantListed(t, r, "failed DW501 ")
	if l := r.Listed[0]; !strings.Contains(l.Reason, "name: ") || !strings.Contains(l.Reason, "telephone1: ") || l.Side != value.Dataverse || l.Hint == "" || l.Record != "USMF / US-1" {
		t.Errorf("%+v", l)
	}
	w = agreed(t, nil)
	w.put(value.FnO, vals{"Name": text(long), "Phone": text("2")})
	r = w.round()
	wantListed(t, r, "failed DW501 name")
	if len(r.Intents) > 0 {
		t.Errorf("a failed record is written: %+v", r.Intents)
	}
	w.put(value.FnO, vals{"Name": text("ok")})
	wantWrites(t, w.round(), value.Dataverse, `name="ok"`, `telephone1="2"`)
}

func TestGone(t *testing.T) {
	for deletes, want := range map[string]string{"": "tolerated DW610 ", "ignore": "tolerated DW610 ", "propagate": "held DW610 "} {
		w := agreed(t, func(m *model.Map) { m.Deletes.ToFnO = deletes })
		w.rows[value.Dataverse] = nil
		r := w.round()
		wantListed(t, r, want)
		if len(r.Intents) > 0 || r.Unlink {
			t.Errorf("%+v", r)
		}
	}
	w := agreed(t, nil)
	w.rows = map[value.Side][]value.Value{}
	if r := w.round(); !r.Unlink {
		t.Errorf("a pair of nothing stays: %+v", r)
	}
}

func TestNewIncarnation(t *testing.T) {
	w := agreed(t, nil)
	w.rows[value.Dataverse] = nil
	w.put(value.Dataverse, vals{"name": text("Other")})
	old := w.pair.Dataverse.ID
	in := w.input()
	r := Merge(in)
	if r.Pair.Dataverse.ID == old || r.Pair.ID != 1 {
		t.Errorf("pair %+v", r.Pair)
	}
	// Nothing is agreed with the new row, as if its predecessor's delete had been
	// seen: each field's master decides, and its nothing is as good as a value.
	if len(r.Intents) != 2 {
		t.Fatalf("intents %+v", r.Intents)
	}
	if fno := r.Intents[0]; fno.Side != value.FnO || len(fno.Fields) != 1 || fno.Fields[0].Column != "Email" || !fno.Fields[0].New.IsNull() {
		t.Errorf("to F&O goes %+v", fno)
	}
	if r.Intents[1].Side != value.Dataverse || len(r.Listed) != 0 {
		t.Errorf("to Dataverse goes %+v, listed %+v", r.Intents[1], r.Listed)
	}
}

// A write to a new row that did not come about is decided as before.
func TestNewIncarnationMergedAgain(t *testing.T) {
	w := agreed(t, nil)
	w.put(value.FnO, vals{"Street": value.Value{}, "City": value.Value{}})
	wantWrites(t, w.round(), value.Dataverse, `address1_city=nothing`, `address1_line1=nothing`)
	w.rows[value.Dataverse] = nil
	w.put(value.Dataverse, vals{"name": text("Ann"), "address1_city": text("X")})
	in := w.input()
	for range 2 {
		r := Merge(in)
		wantListed(t, r)
		if n := len(r.Intents); n == 0 || !slices.ContainsFunc(r.Intents[n-1].Fields, func(f record.FieldWrite) bool { return f.Column == "address1_city" && f.New.IsNull() }) {
			t.Errorf("intents %+v", r.Intents)
		}
		in.Pair = r.Pair
	}
}

func TestKeyMoved(t *testing.T) {
	w := agreed(t, nil)
	w.put(value.Dataverse, vals{"accountnumber": text("US-2"), "telephone1": text("9")})
	r := w.round()
	wantListed(t, r, "failed DW609 ")
	if len(r.Intents) > 0 {
		t.Errorf("written: %+v", r.Intents)
	}
	w.put(value.Dataverse, vals{"accountnumber": text("us-1 ")})
	wantWrites(t, w.round(), value.FnO, `Phone="9"`)
}

func TestConstantsAndCreateOnly(t *testing.T) {
	change := func(m *model.Map) {
		m.Fields[10].Writes = "always"
		m.Fields = append(m.Fields, field("Origin", "origin", flows(model.ToDataverse), func(f *model.Field) { f.Writes = "create" }))
		m.Filter.Dataverse = model.Named{Name: "customertypecode ne null"}
	}
	w := newWorld(customers(t, change), newRefs())
	w.put(value.FnO, vals{"Name": text("Ann"), "Origin": text("shop")})
	w.round()
	if w.get(value.Dataverse, "origin") != text("shop") || w.get(value.Dataverse, "customertypecode") != value.NewOption(3) {
		t.Errorf("row %v", w.rows[value.Dataverse])
	}
	w.put(value.FnO, vals{"Origin": text("web")})
	wantQuiet(t, w.round())
	w.put(value.Dataverse, vals{"customertypecode": value.NewOption(4)})
	wantQuiet(t, w.round())
	w.put(value.FnO, vals{"Name": text("Bea")})
	wantWrites(t, w.round(), value.Dataverse, "customertypecode=3", `name="Bea"`)
	wantQuiet(t, w.round())
}

func TestBulkOnlyWhereNothingCanBeLost(t *testing.T) {
	w := agreed(t, nil)
	w.put(value.FnO, vals{"Note": text("m")})
	if r := w.round(); len(r.Intents) != 1 || !r.Intents[0].Bulk {
		t.Errorf("a one-way field must be written with care: %+v", r)
	}
	w.put(value.FnO, vals{"Note": text("o"), "Phone": text("5")})
	if r := w.round(); len(r.Intents) != 1 || r.Intents[0].Bulk {
		t.Errorf("a field that both sides may edit goes without condition: %+v", r)
	}
}

func TestMapVersion(t *testing.T) {
	w := agreed(t, nil)
	w.pair.MapVersion = 7
	w.put(value.Dataverse, vals{"telephone1": text("9")})
	// Without a base the master's value comes first.
	r := w.round()
	wantWrites(t, r, value.Dataverse, `telephone1="1"`)
	if r.Pair.MapVersion != 1 {
		t.Errorf("pair %+v", r.Pair)
	}
}

func TestRebase(t *testing.T) {
	w := agreed(t, nil)
	to := customers(t, func(m *model.Map) {
		m.Fields = slices.Delete(m.Fields, 1, 2)                    // name
		m.Fields[2] = field("Phone", "telephone1", flows("to_fno")) // re-mapped
		m.Fields = append(m.Fields, field("Origin", "origin", flows(model.ToDataverse), func(f *model.Field) { f.Writes = "create" }))
		m.Fields[6].Missing = "fail" // no change of values
	})
	fresh := Rebase(w.c, to, w.pair.Base)
	for i, b := range fresh {
		name := to.Slots[i].Name
		wantUnknown := name == "telephone1" || name == "origin"
		if (b.State == record.Unknown) != wantUnknown {
			t.Errorf("%s has state %d", name, b.State)
		}
		for j := range w.c.Slots {
			if w.c.Slots[j].Name == name && !wantUnknown && w.pair.Base[j] != b {
				t.Errorf("%s has base %v, had %v", name, b, w.pair.Base[j])
			}
		}
	}
	if got := Rebase(w.c, to, w.pair.Base[:2]); got[0].State != record.Unknown {
		t.Error("a base of another map is taken over")
	}
}
