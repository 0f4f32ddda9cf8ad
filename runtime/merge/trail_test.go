package merge

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
)

// TestNeverSettles: both services make something else of every value. After
// three rounds without an edit the record is listed with its trail, and only an
// edit or a person sets it going again.
func TestNeverSettles(t *testing.T) {
	w := agreed(t, nil)
	n := 0
	w.rewrites = func(_ value.Side, column string, v value.Value) value.Value {
		if column != "name" && column != "Name" {
			return v
		}
		n++
		return text(fmt.Sprintf("v%d", n))
	}
	stops := func() Result {
		t.Helper()
		for writes := 0; ; {
			r := w.round()
			if len(r.Intents) == 0 {
				wantListed(t, r, "failed DW652 ")
				if writes != 3 {
					t.Errorf("%d writes for one edit", writes)
				}
				return r
			}
			if writes += len(r.Intents); writes > 5 {
				t.Fatal("no end")
			}
		}
	}
	w.put(value.FnO, vals{"Name": text("Bea")})
	r := stops()
	if l := r.Listed[0]; !strings.Contains(l.Reason, "name in Dataverse from") || !strings.Contains(l.Reason, NoteRewrite) {
		t.Errorf("no trail: %s", l.Reason)
	}
	for range 3 { // echoes of what was written change nothing
		if r := w.round(); len(r.Intents) > 0 {
			t.Fatalf("written again: %+v", r.Intents)
		}
	}
	w.put(value.FnO, vals{"Name": text("Cid")})
	stops()
	w.retry = true
	if r := w.round(); len(r.Intents) == 0 {
		t.Errorf("a retry does nothing: %+v", r.Listed)
	}
	w.retry = false
	// The services have come to reason.
	w.rewrites = nil
	w.put(value.FnO, vals{"Name": text("Dot")})
	w.round()
	wantQuiet(t, w.round())
}

// TestFlip: somebody keeps changing a value back. The history tells.
func TestFlip(t *testing.T) {
	w := agreed(t, nil)
	for range 2 {
		w.put(value.FnO, vals{"Email": text("wrong@x")})
		wantWrites(t, w.round(), value.FnO, `Email="a@x"`)
	}
	w.put(value.FnO, vals{"Email": text("wrong@x")})
	r := w.round()
	wantListed(t, r, "failed DW652 ")
	if len(r.Intents) > 0 || !strings.Contains(r.Listed[0].Reason, `Email in F&O from "wrong@x" to "a@x"`) {
		t.Errorf("%+v", r)
	}
	// Another value is another matter.
	w.put(value.FnO, vals{"Email": text("other@x")})
	wantWrites(t, w.round(), value.FnO, `Email="a@x"`)
	wantQuiet(t, w.round())

	// A value that comes and goes by edits of one side is none.
	w = agreed(t, nil)
	for i := range 8 {
		name := []string{"Bea", "Ann"}[i%2]
		w.put(value.FnO, vals{"Name": text(name)})
		wantWrites(t, w.round(), value.Dataverse, fmt.Sprintf("name=%q", name))
	}
	wantQuiet(t, w.round())
}

// TestNoFlip: what looks like a fight and is none.
func TestNoFlip(t *testing.T) {
	wrong := func(w *world) Result {
		w.put(value.FnO, vals{"Email": text("wrong@x")})
		return w.round()
	}
	reverts := func(t *testing.T, r Result) {
		t.Helper()
		wantWrites(t, r, value.FnO, `Email="a@x"`)
	}
	t.Run("of another record", func(t *testing.T) {
		w := agreed(t, nil)
		for range 2 {
			reverts(t, wrong(w))
		}
		w.history = append(w.history, record.Change{Op: record.Delete, Side: value.FnO, Rule: string(RuleDeleted)}, record.Change{Op: record.Create, Side: value.FnO, Rule: string(RuleCreate)})
		reverts(t, wrong(w))
	})
	t.Run("long ago", func(t *testing.T) {
		w := agreed(t, nil)
		for range 2 {
			reverts(t, wrong(w))
		}
		w.put(value.FnO, vals{"Email": text("wrong@x")})
		for at, stops := range map[string]bool{"2026-01-01T00:59:00Z": true, "2026-01-01T01:01:00Z": false} {
			in := w.input()
			in.FnO.At = at
			in.History = slices.Clone(in.History)
			for i := range in.History {
				in.History[i].At = "2026-01-01T00:00:00Z"
			}
			if r := Merge(in); (len(r.Intents) == 0) != stops {
				t.Errorf("seen at %s: %+v", at, r.Listed)
			}
		}
	})
	t.Run("references that are filled in", func(t *testing.T) {
		w := agreed(t, nil)
		to := value.NewReference("account", guid(70))
		w.put(value.FnO, vals{"InvoiceAccount": text("US-2")})
		w.refs.ids["account/us-2"] = to
		line := record.Change{Op: record.Update, Side: value.Dataverse, Column: "msdyn_billingaccount", Rule: string(RuleOwed), New: to}
		w.history = append(w.history, line, line, line)
		wantWrites(t, w.round(), value.Dataverse, "msdyn_billingaccount="+show(to))
	})
}

// TestPeopleAgainstWrites: somebody edits a record each time between a write of
// dw and its read-back. That is no service that answers: other writes stay.
func TestPeopleAgainstWrites(t *testing.T) {
	w := agreed(t, nil)
	for i := range 2 * maxRounds {
		w.put(value.Dataverse, vals{"name": text(fmt.Sprint("Dataverse ", i))})
		in := w.input()
		in.Dataverse.Own = true // nothing but read-backs tells of edits
		r := Merge(in)
		wantWrites(t, r, value.FnO, fmt.Sprintf("Name=\"Dataverse %d\"", i))
		w.store(r)
		w.apply(r.Intents[0])
		w.put(value.FnO, vals{"Name": text(fmt.Sprint("F&O ", i))})
		w.settle(r.Intents[0], true, false)
		if w.pair.Rounds != 1 {
			t.Fatalf("%d rounds after a disturbed write", w.pair.Rounds)
		}
		in = w.input()
		in.FnO.Own = true
		r = Merge(in)
		wantWrites(t, r, value.Dataverse, fmt.Sprintf("name=\"F&O %d\"", i))
		w.store(r)
		w.apply(r.Intents[0])
		w.settle(r.Intents[0], true, true)
		if w.pair.Rounds != 0 {
			t.Fatalf("%d rounds after a write that stays", w.pair.Rounds)
		}
	}
}

// TestNotes: every write that no edit asks for says why it is made.
func TestNotes(t *testing.T) {
	w := agreed(t, nil)
	w.put(value.FnO, vals{"Email": text("wrong@x")})
	if r := w.round(); r.Intents[0].Note != NoteRevert {
		t.Errorf("note %q of a revert", r.Intents[0].Note)
	}
	w.put(value.FnO, vals{"Email": text("wrong@x"), "Name": text("Bea")})
	r := w.round()
	for _, in := range r.Intents {
		if want := map[value.Side]string{value.FnO: NoteRevert}[in.Side]; in.Note != want {
			t.Errorf("note %q in %s", in.Note, in.Side)
		}
	}
	w.rewrites = func(_ value.Side, column string, v value.Value) value.Value {
		if column == "name" {
			return text(strings.ToUpper(v.Text()))
		}
		return v
	}
	w.put(value.FnO, vals{"Name": text("Cid")})
	if r := w.round(); r.Intents[0].Note != "" {
		t.Errorf("note %q of an edit", r.Intents[0].Note)
	}
	if r := w.round(); len(r.Intents) != 1 || r.Intents[0].Side != value.FnO || r.Intents[0].Note != NoteRewrite {
		t.Errorf("%+v after the service rewrote the value", r.Intents)
	}
	wantQuiet(t, w.round())
	n := len(w.history)
	if c := w.history[n-1]; c.Note != NoteRewrite || c.Rule != string(RuleMoved) || c.Old != text("Cid") || c.New != text("CID") || c.From != value.Dataverse || c.Column != "Name" || c.Field != "name" {
		t.Errorf("line %+v", c)
	}
}

func TestHistory(t *testing.T) {
	w := newWorld(customers(t, nil), newRefs())
	w.put(value.FnO, vals{"Name": text("Ann"), "Email": text("a@x")})
	w.round()
	if h := w.history; len(h) != 1 || h[0].Op != record.Create || h[0].Field != "" || h[0].Side != value.Dataverse || h[0].Rule != string(RuleCreate) || h[0].Record == "" || h[0].Map != "customers" {
		t.Errorf("a create is one line: %+v", h)
	}
	in := w.input()
	in.FnO.At, in.Dataverse.At = "2026-01-01T00:00:05Z", "2026-01-01T00:00:03Z"
	w.store(Merge(in))
	if w.pair.SeenAt != "2026-01-01T00:00:03Z" {
		t.Errorf("seen at %q", w.pair.SeenAt)
	}
	w.put(value.FnO, vals{"Name": text("Bea"), "Phone": text("2")})
	w.round()
	if h := w.history[1:]; len(h) != 2 || h[0].Field != "name" || h[1].Field != "telephone1" || h[0].After != "2026-01-01T00:00:03Z" || h[0].Note != "" || h[0].MapVersion != 1 {
		t.Errorf("an update is a line a field: %+v", h)
	}
	// Not what did not come about.
	w.put(value.FnO, vals{"Name": text("Cid")})
	r := Merge(w.input())
	w.store(r)
	if s := w.settle(r.Intents[0], false, false); len(s.Changes) > 0 {
		t.Errorf("a write that did not happen has a line: %+v", s.Changes)
	}
}

func TestRetryReleases(t *testing.T) {
	w := agreed(t, func(m *model.Map) { m.Conflict, m.Mastering.Violation = "hold", "report" })
	w.put(value.FnO, vals{"Name": text("Bea"), "Email": text("wrong@x")})
	w.put(value.Dataverse, vals{"name": text("Cid")})
	wantListed(t, w.round(), "held DW607 name", "held DW608 emailaddress1")
	w.retry = true
	if r := w.round(); len(r.Intents) != 2 || w.get(value.Dataverse, "name") != text("Bea") || w.get(value.FnO, "Email") != text("a@x") {
		t.Errorf("%+v", r)
	}
	w.retry = false
	wantQuiet(t, w.round())
}
