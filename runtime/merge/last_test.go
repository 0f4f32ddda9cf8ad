package merge

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
)

func lastWriterWins(m *model.Map) { m.Conflict = "last_writer_wins" }

// wantRules checks the rule of every written field and whether it replaced an
// edit.
func wantRules(t *testing.T, r Result, want map[string]Rule) {
	t.Helper()
	for reason := range r.Reasons() {
		if reason.Rule != want[reason.Field] {
			t.Errorf("%s is written by the rule %s, want %s", reason.Field, reason.Rule, want[reason.Field])
		}
		if reason.Conflict != (reason.Rule == RuleLast) {
			t.Errorf("%s: an edit was lost: %v", reason.Field, reason.Conflict)
		}
	}
}

func TestLastWriterWins(t *testing.T) {
	// Dataverse was edited later: its record wins with the fields that it may
	// send, the one that only F&O has changed too.
	w := agreed(t, lastWriterWins)
	w.put(value.FnO, vals{"Name": text("Bea"), "Phone": text("7")})
	w.put(value.Dataverse, vals{"name": text("Cid"), "creditlimit": value.NewInteger(9)})
	r := w.round()
	wantWrites(t, r, value.FnO, "Limit=9", `Name="Cid"`, `Phone="1"`)
	wantRules(t, r, map[string]Rule{"name": RuleLast, "telephone1": RuleLast, "creditlimit": RuleMoved})
	if !slices.Contains(r.Intents[0].Rules, "last") || w.history[len(w.history)-1].Rule == "" {
		t.Errorf("the rule is not kept: %v, %+v", r.Intents[0].Rules, w.history)
	}
	wantQuiet(t, w.round())

	// F&O was edited later. What mastering gives to Dataverse stays out of it,
	// and so does what only F&O may edit.
	w.put(value.Dataverse, vals{"name": text("Dot"), "emailaddress1": text("d@x"), "msdyn_group": w.refs.ids["msdyn_customergroup/20"]})
	w.put(value.FnO, vals{"City": text("Ulm")})
	r = w.round()
	if len(r.Intents) != 2 {
		t.Fatalf("intents %+v, want one a side", r.Intents)
	}
	if got := writesOf(r.Intents[0]); !slices.Equal(got, []string{`Email="d@x"`}) {
		t.Errorf("to F&O: %v", got)
	}
	if got := writesOf(r.Intents[1]); !slices.Equal(got, []string{`address1_city="Ulm"`, "msdyn_group=" + show(w.refs.ids["msdyn_customergroup/10"]), `name="Cid"`}) {
		t.Errorf("to Dataverse: %v", got)
	}
	wantRules(t, r, map[string]Rule{"name": RuleLast, "msdyn_group.msdyn_groupid": RuleLast, "address1_city": RuleMoved, "emailaddress1": RuleMoved})
	wantQuiet(t, w.round())
}

func TestLastWriterAtTheSameTime(t *testing.T) {
	for master, winner := range map[value.Side]string{"": "Bea", value.FnO: "Bea", value.Dataverse: "Cid"} {
		w := agreed(t, func(m *model.Map) { lastWriterWins(m); m.Mastering.Master = master })
		w.stopped = true
		w.put(value.FnO, vals{"Name": text("Bea")})
		w.put(value.Dataverse, vals{"name": text("Cid"), "telephone1": text("9")})
		w.round()
		phone := map[string]string{"Bea": "1", "Cid": "9"}[winner]
		if w.get(value.FnO, "Name") != text(winner) || w.get(value.Dataverse, "name") != text(winner) || w.get(value.FnO, "Phone") != text(phone) {
			t.Errorf("master %q: F&O has %v, Dataverse %v; want %s", master, w.rows[value.FnO], w.rows[value.Dataverse], winner)
		}
		wantQuiet(t, w.round())
	}
}

func TestLastWriterNeedsEditsOnBothSides(t *testing.T) {
	w := agreed(t, lastWriterWins)
	// Only F&O has changed what both may edit; that Dataverse was touched later,
	// in its own field and in one that agrees again, does not matter.
	w.put(value.FnO, vals{"Name": text("Bea"), "Phone": text("7")})
	w.put(value.Dataverse, vals{"emailaddress1": text("z@x"), "telephone1": text("7")})
	r := w.round()
	wantRules(t, r, map[string]Rule{"name": RuleMoved, "emailaddress1": RuleMoved})
	if w.get(value.Dataverse, "name") != text("Bea") || w.get(value.FnO, "Email") != text("z@x") {
		t.Errorf("F&O %v, Dataverse %v", w.rows[value.FnO], w.rows[value.Dataverse])
	}
	wantQuiet(t, w.round())
}

// TestLastWriterTakesTheRecord edits both sides in both orders: every field
// that both may edit ends as the later side had it, and there is silence.
func TestLastWriterTakesTheRecord(t *testing.T) {
	shared := []map[value.Side]string{
		{value.FnO: "Name", value.Dataverse: "name"}, {value.FnO: "Phone", value.Dataverse: "telephone1"}, {value.FnO: "Street", value.Dataverse: "address1_line1"},
		{value.FnO: "City", value.Dataverse: "address1_city"}, {value.FnO: "Limit", value.Dataverse: "creditlimit"},
	}
	rapid.Check(t, func(r *rapid.T) {
		w := agreed(t, lastWriterWins)
		draw := func(s value.Side) vals {
			change := vals{}
			for _, names := range shared {
				name := names[s]
				if !rapid.Bool().Draw(r, "edit of "+name) {
					continue
				}
				change[name] = text(rapid.SampledFrom([]string{"x", "y"}).Draw(r, name))
				if names[value.FnO] == "Limit" {
					change[name] = value.NewInteger(rapid.Int64Range(6, 7).Draw(r, name))
				}
			}
			return change
		}
		order := []value.Side{value.FnO, value.Dataverse}
		if rapid.Bool().Draw(r, "F&O later") {
			slices.Reverse(order)
		}
		apart := map[value.Side]bool{} // has edits that do not agree with the other side's
		edits := map[value.Side]vals{}
		for _, s := range order {
			edits[s] = draw(s)
			w.put(s, edits[s])
		}
		for _, names := range shared {
			a, here := edits[value.FnO][names[value.FnO]]
			b, there := edits[value.Dataverse][names[value.Dataverse]]
			if here && there && a == b {
				continue
			}
			apart[value.FnO], apart[value.Dataverse] = apart[value.FnO] || here, apart[value.Dataverse] || there
		}
		before := map[value.Side][]value.Value{value.FnO: w.rows[value.FnO], value.Dataverse: w.rows[value.Dataverse]}
		checkMerge(r, w)
		w.round()
		res := checkMerge(r, w)
		if len(res.Intents)+len(res.Listed) > 0 {
			r.Fatalf("no silence: %+v", res)
		}
		checkAgreement(r, w, res)
		if !apart[value.FnO] || !apart[value.Dataverse] {
			return
		}
		winner := order[1]
		for _, names := range shared {
			name := names[winner]
			at := projection(w.c, winner).Index(name)
			if w.rows[winner][at] != before[winner][at] {
				r.Fatalf("%s of the later side was changed from %v to %v", name, before[winner][at], w.rows[winner][at])
			}
		}
		if w.pair.Life != record.Linked {
			r.Fatalf("the pair sleeps: %+v", w.pair)
		}
	})
}
