package merge

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
)

// intended gives a world with one open intent: F&O's name has become Bea.
func intended(t *testing.T) (*world, record.Intent) {
	t.Helper()
	w := agreed(t, nil)
	w.put(value.FnO, vals{"Name": text("Bea")})
	r := Merge(w.input())
	w.store(r)
	return w, r.Intents[0]
}

func (w *world) base(name string) record.FieldBase {
	for i := range w.c.Slots {
		if w.c.Slots[i].Name == name {
			return w.pair.Base[i]
		}
	}
	return record.FieldBase{}
}

func TestSettleApplied(t *testing.T) {
	for _, done := range []bool{true, false} { // a lost answer too
		w, in := intended(t)
		w.put(value.FnO, vals{"Name": text("Cid")}) // moved on since
		w.apply(in)
		s := w.settle(in, done, false)
		if b := w.base("name"); s.Again || b.State != record.Known || b.FnO != text("Bea") || b.Dataverse != text("Bea") {
			t.Errorf("done %v: %+v, base %+v", done, s, b)
		}
		if w.pair.Dataverse.Version != `W/"2"` {
			t.Errorf("version %s", w.pair.Dataverse.Version)
		}
		wantWrites(t, w.round(), value.Dataverse, `name="Cid"`)
	}
}

func TestSettleNotApplied(t *testing.T) {
	w, in := intended(t)
	s := w.settle(in, false, false)
	if b := w.base("name"); !s.Again || b.FnO != text("Ann") || b.Dataverse != text("Ann") {
		t.Errorf("%+v, base %+v", s, b)
	}
	wantWrites(t, w.round(), value.Dataverse, `name="Bea"`)
	wantQuiet(t, w.round())
}

func TestSettleOutsideEdit(t *testing.T) {
	w, in := intended(t)
	w.apply(in)
	w.put(value.Dataverse, vals{"name": text("Dan")}) // before our read
	if s := w.settle(in, true, false); !s.Again || len(s.Rewritten) > 0 {
		t.Errorf("%+v", s)
	}
	// The edit came after the write: it is no conflict and goes to F&O.
	wantWrites(t, w.round(), value.FnO, `Name="Dan"`)
	wantQuiet(t, w.round())

	w, in = intended(t)
	w.apply(in)
	w.put(value.Dataverse, vals{"name": text("Dan")})
	w.settle(in, false, false) // nobody knows which came first: the master's value stands
	wantWrites(t, w.round(), value.Dataverse, `name="Bea"`)
	wantQuiet(t, w.round())
}

func TestSettleRewriteOfOurs(t *testing.T) {
	w, in := intended(t)
	w.apply(in)
	w.put(value.Dataverse, vals{"name": text("BEA")}) // the service's own
	s := w.settle(in, true, true)
	if !s.Again || len(s.Rewritten) != 1 || s.Rewritten[0] != (Rewrite{Field: "name", Sent: text("Bea"), Found: text("BEA")}) {
		t.Errorf("%+v", s)
	}
	wantWrites(t, w.round(), value.FnO, `Name="BEA"`) // it goes back
	wantQuiet(t, w.round())
	w.put(value.Dataverse, vals{"name": text("Eve")}) // an edit is still one
	wantWrites(t, w.round(), value.FnO, `Name="Eve"`)
}

// A service that keeps its own value is not fought for ever, also where it is
// never certain that the row read is the one written.
func TestSettleStubbornService(t *testing.T) {
	start := map[string]func(t *testing.T) *world{
		"update": func(t *testing.T) *world {
			w := agreed(t, func(m *model.Map) { m.Mastering.FnO = named("name") })
			w.put(value.FnO, vals{"Name": text("Bea")})
			return w
		},
		"first match": func(t *testing.T) *world {
			w := newWorld(customers(t, func(m *model.Map) { m.Mastering.FnO = named("name") }), newRefs())
			w.put(value.FnO, vals{"Name": text("Bea")})
			w.put(value.Dataverse, vals{"name": text("old")})
			return w
		},
	}
	for what, begin := range start {
		for _, keeps := range []string{"KEPT", "old", "Ann"} {
			w := begin(t)
			w.rewrites = func(s value.Side, column string, v value.Value) value.Value {
				if column == "name" {
					return text(keeps)
				}
				return v
			}
			for range 3 {
				r := Merge(w.input())
				w.store(r)
				for _, in := range r.Intents {
					w.apply(in)
					w.settle(in, true, false)
				}
			}
			r := w.round()
			wantListed(t, r, "tolerated DW612 name")
			if len(r.Intents) > 0 || w.writes[value.Dataverse] > 2 || w.get(value.FnO, "Name") != text("Bea") {
				t.Errorf("%s kept at %s: %d writes, then %+v", what, keeps, w.writes[value.Dataverse], r)
			}
		}
	}
}

// What means the same as was sent is no rewrite.
func TestSettleOtherSpelling(t *testing.T) {
	w, in := intended(t)
	w.apply(in)
	w.put(value.Dataverse, vals{"name": text("Bea  ")})
	if s := w.settle(in, true, false); s.Again || len(s.Rewritten)+len(s.Listed) > 0 {
		t.Errorf("%+v", s)
	}
	wantQuiet(t, w.round())
}

// A reference that was nothing at creation and is set before the confirming
// read is an edit.
func TestSettleUnsentReference(t *testing.T) {
	w := newWorld(customers(t, nil), newRefs("msdyn_customergroup/10"))
	w.put(value.FnO, vals{"Name": text("Ann")})
	r := Merge(w.input())
	w.store(r)
	w.apply(r.Intents[0])
	w.put(value.Dataverse, vals{"msdyn_group": w.refs.ids["msdyn_customergroup/10"]})
	if s := w.settle(r.Intents[0], true, false); !s.Again {
		t.Errorf("%+v", s)
	}
	wantWrites(t, w.round(), value.FnO, `GroupId="10"`)
	wantQuiet(t, w.round())
}

// What a create could not send, since it flows the other way only, stays as it
// is and is listed at once: no merge may come that would.
func TestSettleListsWhatWasNotSent(t *testing.T) {
	for only, want := range map[string]string{"only here": "tolerated DW612 description", "": ""} {
		w := newWorld(customers(t, nil), newRefs())
		w.put(value.Dataverse, vals{"name": text("Ann"), "description": text(only)})
		r := Merge(w.input())
		w.store(r)
		w.apply(r.Intents[0])
		var listed []string
		for _, l := range w.settle(r.Intents[0], true, true).Listed {
			listed = append(listed, fmt.Sprintf("%s %s %s", l.Kind, l.Code, l.Field))
		}
		if got := strings.Join(listed, ", "); got != want {
			t.Errorf("description %q: listed %q, want %q", only, got, want)
		}
	}
}

func TestSettleMissing(t *testing.T) {
	w := newWorld(customers(t, nil), newRefs())
	w.put(value.FnO, vals{"Name": text("Ann")})
	r := Merge(w.input())
	w.store(r)
	if s := w.settle(r.Intents[0], false, false); !s.Missing || !s.Again {
		t.Errorf("%+v", s)
	}
	if r := w.round(); len(r.Intents) != 1 || r.Intents[0].Op != record.Create {
		t.Errorf("a create that did not come about is not tried again: %+v", r)
	}
	wantQuiet(t, w.round())
}

// A record that was created with the same key by somebody else is matched like
// any other, field by field.
func TestSettleCreateOfAnother(t *testing.T) {
	w := newWorld(customers(t, nil), newRefs())
	w.put(value.Dataverse, vals{"name": text("Ann"), "telephone1": text("1")})
	r := Merge(w.input())
	w.store(r)
	w.put(value.FnO, vals{"Name": text("Zoe"), "Note": text("theirs")})
	if s := w.settle(r.Intents[0], false, false); !s.Again {
		t.Errorf("%+v", s)
	}
	if b := w.base("description"); b.State != record.Unknown {
		t.Errorf("what was not sent counts as agreed with another's record: %+v", b)
	}
	r = w.round()
	if w.get(value.Dataverse, "name") != text("Zoe") || w.get(value.Dataverse, "description") != text("theirs") {
		t.Errorf("%+v", r)
	}
}

func TestSettleOldMapVersion(t *testing.T) {
	w, in := intended(t)
	w.apply(in)
	w.pair.MapVersion = 2
	before := w.base("name")
	if s := w.settle(in, true, true); !s.Again || w.base("name") != before {
		t.Errorf("%+v, base %+v", s, w.base("name"))
	}
}
