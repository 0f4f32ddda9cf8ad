package merge

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
)

// mapVariant draws a map: directions, mastering, policies.
func mapVariant(t *testing.T, r *rapid.T) *transform.Compiled {
	side := rapid.SampledFrom([]value.Side{"", value.FnO, value.Dataverse})
	flow := rapid.SampledFrom([]model.Direction{model.Both, model.Both, model.ToDataverse, model.ToFnO})
	return customers(t, func(m *model.Map) {
		for _, f := range m.Fields[1:10] {
			f.Direction = flow.Draw(r, "direction of "+f.Column.Name)
		}
		m.Fields[7].Missing = rapid.SampledFrom([]string{"park", "fail", "null", "defer"}).Draw(r, "missing")
		m.Mastering = model.Mastering{Master: side.Draw(r, "master"), Violation: rapid.SampledFrom([]string{"", "revert", "ignore", "report"}).Draw(r, "violation")}
		for _, name := range []string{"name", "emailaddress1", "msdyn_group", "creditlimit"} {
			switch side.Draw(r, "mastering of "+name) {
			case value.FnO:
				m.Mastering.FnO = append(m.Mastering.FnO, model.Named{Name: name})
			case value.Dataverse:
				m.Mastering.Dataverse = append(m.Mastering.Dataverse, model.Named{Name: name})
			}
		}
		m.Conflict = rapid.SampledFrom([]string{"", "merge", "hold", "last_writer_wins"}).Draw(r, "conflict")
		m.Initial = model.InitialSync{Winner: side.Draw(r, "winner"), AllowBlank: rapid.Bool().Draw(r, "allow blank")}
		if rapid.Bool().Draw(r, "apart") {
			m.Together = nil
		}
	})
}

// edit draws an edit of some columns of one side.
func edit(r *rapid.T, w *world, s value.Side) vals {
	texts := rapid.SampledFrom([]string{"", "a", "b", "A", "a ", strings.Repeat("x", 25)})
	change := vals{}
	for _, f := range w.c.Map.Fields[1:10] {
		if rapid.IntRange(0, 2).Draw(r, "touch") != 0 {
			continue
		}
		name := f.FnO.Name
		if s == value.Dataverse {
			name = f.Column.Name
		}
		var v value.Value
		switch {
		case f.FnO.Name == "Limit":
			v, _ = value.NewDecimal(rapid.SampledFrom([]string{"0", "1", "1.5", "1.125"}).Draw(r, name))
			if s == value.Dataverse {
				v = v.Round(2)
			}
		case len(f.Path) > 0 && s == value.FnO:
			v = text(rapid.SampledFrom([]string{"", "10", "20", "gone"}).Draw(r, name))
		case len(f.Path) > 0:
			target := map[string]string{"msdyn_group": "msdyn_customergroup", "msdyn_billingaccount": "account"}[name]
			v = rapid.SampledFrom([]value.Value{{}, w.refs.ids[target+"/10"], w.refs.ids[target+"/20"]}).Draw(r, name)
		default:
			v = text(texts.Draw(r, name))
			if s == value.Dataverse && v == text("") {
				v = value.Value{}
			}
		}
		change[name] = v
	}
	return change
}

// checkMerge runs one merge and checks what must hold for every one.
func checkMerge(r *rapid.T, w *world) Result {
	in := w.input()
	before := cloneInput(in)
	res := Merge(in)
	if !reflect.DeepEqual(in, before) {
		r.Fatalf("the input was changed")
	}
	// A room that was used before makes no difference.
	in.Room = &Room{}
	Merge(in)
	in.Room.Reset()
	if again := Merge(in); !reflect.DeepEqual(res, again) {
		r.Fatalf("two answers to one question:\n%+v\n%+v", res, again)
	}
	seen := map[value.Side]bool{}
	for _, intent := range res.Intents {
		if seen[intent.Side] {
			r.Fatalf("two intents for %s", intent.Side)
		}
		seen[intent.Side] = true
		checkIntent(r, w, res, intent)
	}
	for _, l := range res.Listed {
		if (l.Kind == record.Failed || l.Kind == record.Parked) && len(res.Intents) > 0 {
			r.Fatalf("a record that is set aside is written: %+v", res)
		}
	}
	return res
}

// checkIntent checks that nothing is written from a side that may not.
func checkIntent(r *rapid.T, w *world, res Result, in record.Intent) {
	columns := map[string]bool{}
	for _, f := range in.Fields {
		if columns[f.Column] {
			r.Fatalf("column %s is written twice", f.Column)
		}
		columns[f.Column] = true
		if f.Slot < 0 {
			continue
		}
		slot := &w.c.Slots[f.Slot]
		if !slot.Direction.Sends(in.Side) {
			r.Fatalf("%s is written to %s against its direction", slot.Name, in.Side)
		}
		if in.Op == record.Create {
			if res.Pair.Base[f.Slot].State == record.Owed {
				r.Fatalf("owed %s is written", slot.Name)
			}
			continue
		}
		if slot.IsKey || slot.OnCreate {
			r.Fatalf("%s is written after the record was created", slot.Name)
		}
		if lists(w.c.Map.Mastering, in.Side, slot) && len(w.c.Map.Together) == 0 {
			// A field that also flows one way from the other side is mastered there.
			// What is owed since the record was created is part of its creation.
			if slot.Direction == model.Both && ruleOf(res, in.Side, slot.Name) != RuleOwed {
				r.Fatalf("%s, mastered by %s, is overwritten there", slot.Name, in.Side)
			}
		}
		if f.Old == f.New {
			r.Fatalf("%s is written as it is", slot.Name)
		}
	}
}

func ruleOf(res Result, side value.Side, field string) Rule {
	for reason := range res.Reasons() {
		if reason.Side == side && reason.Field == field {
			return reason.Rule
		}
	}
	return ""
}

func cloneInput(in Input) Input {
	c := in
	clone := func(o *record.Observation) *record.Observation {
		if o == nil {
			return nil
		}
		d := *o
		d.Values = append([]value.Value(nil), o.Values...)
		return &d
	}
	c.FnO, c.Dataverse = clone(in.FnO), clone(in.Dataverse)
	if in.Pair != nil {
		p := *in.Pair
		p.Base = append([]record.FieldBase(nil), in.Pair.Base...)
		p.FnO.Key = append([]value.Value(nil), in.Pair.FnO.Key...)
		c.Pair = &p
	}
	return c
}

// fate is what becomes of a write.
type fate int

const (
	fine       fate = iota
	fineLater       // confirmed by a later read, not by a representation
	lostAnswer      // written, but nobody heard of it
	refused         // not written
	interfered      // written, and edited before the confirming read
)

func (w *world) carryOut(r *rapid.T, in record.Intent, f fate) {
	if f != refused {
		w.apply(in)
	}
	if f == interfered {
		w.put(in.Side, edit(r, w, in.Side))
	}
	w.settle(in, f == fine || f == fineLater || f == interfered, f == fine)
}

func newVariant(t *testing.T, r *rapid.T) *world {
	w := newWorld(mapVariant(t, r), newRefs("msdyn_customergroup/10", "msdyn_customergroup/20", "account/10", "account/20"))
	both := rapid.IntRange(0, 2).Draw(r, "sides")
	if both != 1 {
		w.put(value.FnO, edit(r, w, value.FnO))
	}
	if both != 2 {
		w.put(value.Dataverse, edit(r, w, value.Dataverse))
	}
	return w
}

// TestConverges edits, breaks and repairs, and then expects silence within
// three rounds, with every difference listed.
func TestConverges(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		w := newVariant(t, r)
		if rapid.Bool().Draw(r, "service rewrites") {
			w.rewrites = func(s value.Side, column string, v value.Value) value.Value {
				if v.Kind() == value.Text && (column == "name" || column == "Phone") {
					return text(strings.ToUpper(v.Text()))
				}
				return v
			}
		}
		for range rapid.IntRange(0, 4).Draw(r, "troubled rounds") {
			res := checkMerge(r, w)
			w.store(res)
			for _, in := range res.Intents {
				w.carryOut(r, in, fate(rapid.IntRange(0, 4).Draw(r, "fate")))
			}
			if side := rapid.SampledFrom([]value.Side{"", value.FnO, value.Dataverse}).Draw(r, "edited"); side != "" && w.rows[side] != nil {
				w.put(side, edit(r, w, side))
			}
			if rapid.IntRange(0, 3).Draw(r, "a target arrives") == 0 {
				w.refs.ids["msdyn_customergroup/gone"] = value.NewReference("msdyn_customergroup", guid(60))
				w.refs.ids["account/gone"] = value.NewReference("account", guid(61))
			}
		}
		how := rapid.SampledFrom([]fate{fine, fineLater}).Draw(r, "confirmation")
		var res Result
		for round := 0; ; round++ {
			res = checkMerge(r, w)
			w.store(res)
			if len(res.Intents) == 0 {
				break
			}
			if round == 3 {
				r.Fatalf("no silence after three rounds: %+v", slices.Collect(res.Reasons()))
			}
			for _, in := range res.Intents {
				w.carryOut(r, in, how)
			}
		}
		if again := checkMerge(r, w); len(again.Intents) > 0 || !reflect.DeepEqual(again.Listed, res.Listed) {
			r.Fatalf("silence did not last: %+v", again)
		}
		checkAgreement(r, w, res)
	})
}

// checkAgreement checks that in silence every field means the same on both
// sides or is listed.
func checkAgreement(r *rapid.T, w *world, res Result) {
	if w.rows[value.FnO] == nil || w.rows[value.Dataverse] == nil {
		if len(res.Listed) == 0 {
			r.Fatalf("a record on one side only is not listed: %+v", res)
		}
		return
	}
	aside := map[string]bool{}
	for _, l := range res.Listed {
		if l.Field == "" || l.Kind == record.Failed || l.Kind == record.Parked {
			return // the record as a whole is set aside
		}
		aside[l.Field] = true
	}
	fno, dataverse := w.seen(value.FnO), w.seen(value.Dataverse)
	for i := range w.c.Slots {
		slot := &w.c.Slots[i]
		if slot.OnCreate || aside[slot.Name] {
			continue
		}
		same, err := w.c.Same(slot, &transform.Record{Side: value.FnO, Values: fno.Values, Company: "USMF"},
			&transform.Record{Side: value.Dataverse, Values: dataverse.Values, Company: "USMF"}, w.refs)
		if same && err == nil {
			continue
		}
		r.Fatalf("%s differs and is not listed: F&O %s, Dataverse %s, base %+v, %v; listed %+v", slot.Name, show(fno.Values[slot.FnO]), show(dataverse.Values[slot.Dataverse]), w.pair.Base[i], err, res.Listed)
	}
}

// TestNoEcho makes one edit of an agreed record and counts the writes: at most
// one a side, and none that the edit does not explain.
func TestNoEcho(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		w := newVariant(t, r)
		for range 4 {
			res := checkMerge(r, w)
			w.store(res)
			for _, in := range res.Intents {
				w.carryOut(r, in, fine)
			}
		}
		if w.rows[value.FnO] == nil || w.rows[value.Dataverse] == nil {
			return
		}
		w.writes = map[value.Side]int{}
		side := rapid.SampledFrom([]value.Side{value.FnO, value.Dataverse}).Draw(r, "edited")
		w.put(side, edit(r, w, side))
		for range 3 {
			res := checkMerge(r, w)
			w.store(res)
			for _, in := range res.Intents {
				w.carryOut(r, in, fine)
			}
		}
		if w.writes[value.FnO] > 1 || w.writes[value.Dataverse] > 1 {
			r.Fatalf("one edit of %s made %v writes", side, w.writes)
		}
		// Touching a row without changing a mapped field writes nothing.
		w.writes = map[value.Side]int{}
		w.versions[value.FnO]++
		w.versions[value.Dataverse]++
		if res := checkMerge(r, w); len(res.Intents) > 0 {
			r.Fatalf("an echo is answered: %+v", res)
		}
	})
}
