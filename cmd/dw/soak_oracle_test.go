package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/sandbox/gate"
	"github.com/dualwrite/dw/runtime/store"
	"github.com/dualwrite/dw/runtime/store/sqlite"
)

// settled is how a soak ended.
type settled struct {
	log   []gate.Entry  // since it began
	quiet time.Duration // from the last edit to the last write of dw
}

// settle waits until dw has been silent for a while, nothing is queued and both
// sides are as they must be. What is not so at the limit, judge shows.
func (t *tester) settle(mark int64, size soakSize) settled {
	t.Helper()
	var s settled
	last := t.last
	read := func() (wrote bool) {
		var more []gate.Entry
		more, mark = t.logTail(mark)
		s.log = append(s.log, more...)
		for _, x := range written(more, t.tables()) {
			wrote = true
			if x.at.After(last) {
				last = x.at
			}
		}
		s.quiet = last.Sub(t.last)
		return wrote
	}
	for end := time.Now().Add(size.limit); ; time.Sleep(200 * time.Millisecond) {
		read()
		if time.Now().After(end) {
			t.Errorf("it is not quiet after %s", size.limit)
			return s
		}
		if time.Since(last) < size.quiet || t.queued() > 0 {
			continue
		}
		if len(t.differences()) == 0 && !read() { // looking takes its time
			return s
		}
	}
}

// queued counts what dw has captured and not handled, or sent and not confirmed.
func (t *tester) queued() int64 {
	t.Helper()
	var s report.Status
	t.decode(&s, "status", "-json")
	n := int64(0)
	for _, m := range s.Maps {
		n += m.Queued.FnO + m.Queued.Dataverse + m.Open
	}
	return n
}

// alone tells whether the sides of a record may differ: it is gone on one of
// them, or has left the scope there.
func (s *subject) alone() bool { return len(s.gone) > 0 || s.out }

// differences compares the twins' databases by the test's own reading of the
// maps, and holds every record to what was done to it.
func (t *tester) differences() []string {
	t.Helper()
	t.learn()
	var out []string
	seen := map[*subject]bool{}
	for _, m := range t.maps {
		at := t.rows.records(m.Map)
		for _, side := range bothSides {
			for key := range at[side] {
				s := t.byKey[m.Name+" "+key]
				if s == nil {
					out = append(out, fmt.Sprintf("%s %s: nobody knows where it came from", m.Name, key))
					continue
				}
				if seen[s] {
					continue
				}
				seen[s] = true
				out = append(out, t.differs(s, at[value.FnO][key], at[value.Dataverse][key])...)
			}
		}
	}
	for _, s := range t.subjects {
		if !seen[s] && !s.alone() {
			out = append(out, fmt.Sprintf("%s %s is on neither side", s.m.Name, s.key))
		}
	}
	return out
}

// differs gives what is wrong with one record.
func (t *tester) differs(s *subject, fno, dataverse mapped) []string {
	t.Helper()
	if s.alone() {
		return t.left(s, fno, dataverse)
	}
	var out []string
	wrong := func(format string, args ...any) {
		out = append(out, fmt.Sprintf("%s %s: ", s.m.Name, s.key)+fmt.Sprintf(format, args...)+t.done(s))
	}
	if fno == nil || dataverse == nil {
		wrong("in F&O %v, in Dataverse %v", fno != nil, dataverse != nil)
		return out
	}
	for _, f := range differing(s.m.Map, fno, dataverse) {
		wrong("%s is %q in F&O and %q in Dataverse", f.Name(), fno[f.Name()], dataverse[f.Name()])
	}
	for f, text := range s.wants() {
		if got := dataverse[f.Name()]; !strings.EqualFold(got, text) {
			wrong("%s is %q, and %q was the edit that holds", f.Name(), got, text)
		}
	}
	return out
}

// left gives what is wrong with a record whose sides may differ: what the map
// says of deletes must have become of the other side.
func (t *tester) left(s *subject, fno, dataverse mapped) []string {
	t.Helper()
	deletes := map[value.Side]string{value.FnO: s.m.Deletes.ToFnO, value.Dataverse: s.m.Deletes.ToDataverse}
	there := map[value.Side]bool{value.FnO: fno != nil, value.Dataverse: dataverse != nil || s.out}
	var out []string
	for _, side := range bothSides {
		if !s.gone[side] {
			continue
		}
		if there[side] {
			out = append(out, fmt.Sprintf("%s %s was deleted in %s and is there again%s", s.m.Name, s.key, side.Title(), t.done(s)))
		}
		to := other(side)
		if s.gone[to] {
			continue
		}
		if want := deletes[to] != "propagate"; there[to] != want {
			out = append(out, fmt.Sprintf("%s %s was deleted in %s; in %s it is there: %v%s", s.m.Name, s.key, side.Title(), to.Title(), there[to], t.done(s)))
		}
		if state := s.m.tables[value.Dataverse].Field("statecode"); to == value.Dataverse && state != nil && deletes[to] != "ignore" && there[to] {
			if raw := t.row(s, to); raw == nil || fmt.Sprint(raw["statecode"]) != "1" {
				out = append(out, fmt.Sprintf("%s %s was deleted in F&O and its row is not inactive%s", s.m.Name, s.key, t.done(s)))
			}
		}
	}
	if s.out && !there[value.FnO] {
		out = append(out, fmt.Sprintf("%s %s left the scope in Dataverse and is gone in F&O", s.m.Name, s.key))
	}
	return out
}

// done tells what the tester did to a record, for messages.
func (t *tester) done(s *subject) string {
	var b strings.Builder
	for _, did := range []string{didEdit, didBoth, didRace, didRecreate, didDelete, didRing, didCreate, didTwice, didReturn, didLeave, didNoise} {
		if s.did[did] {
			b.WriteString("; " + did)
		}
	}
	for _, e := range s.edits {
		fmt.Fprintf(&b, "\n        window %d, %s: %s %q -> %q", e.window, e.side.Title(), e.field.Name(), e.was, e.text)
	}
	return b.String()
}

// wants gives the values that a record's fields must have in the end, where
// what was done to them leaves one possible.
func (s *subject) wants() map[*soakField]string {
	out := map[*soakField]string{}
	if s.did[didRecreate] || s.did[didTwice] {
		return out // an edit may have come before both were matched
	}
	units := map[string][]edit{}
	for _, e := range s.edits {
		units[e.field.unit] = append(units[e.field.unit], e)
	}
	for _, edits := range units {
		var hold [2][]edit
		together := edits[0].offline // all of it before dw saw any of it
		for _, e := range edits {
			together = together && e.window == edits[0].window && e.offline
			if e.field.rights[e.side] {
				i := slices.Index(bothSides, e.side)
				hold[i] = append(hold[i], e)
			}
		}
		master := slices.Index(bothSides, edits[0].field.master)
		switch {
		case len(hold[0]) == 0 && len(hold[1]) == 0:
			// Undone; where a map does not undo edits, nothing can be said.
			for _, e := range slices.Backward(edits) {
				if s.m.Mastering.Violation == "" || s.m.Mastering.Violation == "revert" {
					out[e.field] = e.was
				}
			}
		case len(hold[0]) == 0 || len(hold[1]) == 0 || together:
			if len(hold[master]) == 0 {
				master = 1 - master
			}
			for _, e := range hold[master] {
				out[e.field] = e.text
			}
		}
	}
	return out
}

// judge holds the end of a soak to the promises.
func (t *tester) judge(end settled) reasons {
	t.Helper()
	for i, text := range t.differences() {
		if i == 10 {
			t.Error("and more")
			break
		}
		t.Error(text)
	}
	t.verified()
	t.nothingLeft()
	return t.bounded(end)
}

// verified asks dw itself: it must find nothing, and explain nothing but what
// the tester left unequal on purpose.
func (t *tester) verified() {
	t.Helper()
	out, talk, code := runDW(t.T, nil, "-chdir", t.dir, "verify", "-json", "-limit", "0")
	var v report.Verify
	if err := json.Unmarshal([]byte(out), &v); err != nil || code != exitDone && code != exitChanges {
		t.Fatalf("dw verify: exit code %d, %v\n%s", code, err, talk)
	}
	shown := 0
	for _, m := range v.Maps {
		for _, d := range m.Details {
			s := t.byKey[d.Map+" "+joinedKey(strings.Split(d.Record, " / "))]
			if d.Explained != "" && s != nil && s.alone() {
				continue
			}
			if shown++; shown <= 10 {
				t.Errorf("dw verify: %s %s: %s %s, F&O %q, Dataverse %q; explained: %q", d.Map, d.Record, d.Kind, d.Field, d.FnO, d.Dataverse, d.Explained)
			}
		}
	}
	if code != exitDone {
		t.Errorf("dw verify: exit code %d", code)
	}
}

// nothingLeft holds the lists to what the tester left unequal on purpose.
func (t *tester) nothingLeft() {
	t.Helper()
	shown := 0
	for _, l := range t.listed("", "") {
		s := t.byKey[l.Map+" "+joinedKey(strings.Split(l.Record, " / "))]
		if l.Kind == record.Tolerated && s != nil && s.alone() {
			continue
		}
		if shown++; shown > 10 {
			continue
		}
		text := fmt.Sprintf("listed as %s: %s %s %s %s: %s", l.Kind, l.Map, l.Record, l.Field, l.Code, l.Reason)
		if s != nil {
			text += t.done(s)
		}
		t.Error(text)
	}
}

// reasons count writes of dw beyond those that an edit asks for, by side and
// why.
type reasons struct {
	writes map[value.Side]int
	extra  map[value.Side]map[string]int
}

// bounded holds the writes of dw to the bound: on each side of a record at most
// as many as there were effective edits of it, and one for every line of its
// history that names a reason.
func (t *tester) bounded(end settled) reasons {
	t.Helper()
	r := reasons{writes: map[value.Side]int{}, extra: map[value.Side]map[string]int{value.FnO: {}, value.Dataverse: {}}}
	owner := map[string]*subject{}
	for _, s := range t.subjects {
		if s.fno != "" {
			owner[rowName(value.FnO, s.m.tables[value.FnO].Set, s.fno)] = s
		}
		for _, id := range s.dataverse {
			owner[rowName(value.Dataverse, s.m.tables[value.Dataverse].Set, id)] = s
		}
	}
	writes := map[*subject]map[value.Side][]string{}
	for _, x := range written(end.log, t.tables()) {
		r.writes[x.side]++
		s := owner[rowName(x.side, x.table, x.id)]
		if s == nil {
			t.Errorf("dw wrote (%s) to a row of no record: %s %s %s", x.op, x.side.Title(), x.table, x.id)
			continue
		}
		if writes[s] == nil {
			writes[s] = map[value.Side][]string{}
		}
		if x.at.Sub(t.last) > late {
			t.Logf("late, %s after the last edit: %s %s in %s%s", x.at.Sub(t.last).Round(time.Millisecond), x.op, s.record(), x.side.Title(), t.done(s))
		}
		writes[s][x.side] = append(writes[s][x.side], x.at.Format("15:04:05.000")+" "+x.op)
	}
	history := t.history()
	shown := 0
	for _, s := range t.subjects {
		for _, side := range bothSides {
			noted := history(s, side)
			for _, note := range noted {
				r.extra[side][note]++
			}
			if len(writes[s][side]) <= s.outside+len(noted) {
				continue
			}
			if shown++; shown <= 10 {
				t.Errorf("%s %s: %d writes to %s (%s) for %d edits and %d reasons (%s)%s", s.m.Name, s.key, len(writes[s][side]), side.Title(),
					strings.Join(writes[s][side], ", "), s.outside, len(noted), strings.Join(noted, ", "), t.done(s))
			}
		}
	}
	return r
}

// late is how long after the last edit a write is worth a line.
const late = 5 * time.Second

func rowName(side value.Side, set, id string) string {
	return strings.ToLower(string(side) + "/" + set + "/" + id)
}

// state opens the state of the folder for reading.
func (w *liveWorld) state() store.Store {
	w.Helper()
	st, err := sqlite.Open(w.Context(), sqlite.Options{Path: filepath.Join(w.dir, ".dw", "state.db")})
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { _ = st.Close() })
	return st
}

// remembered gives the store's sequence: what is stored later has higher numbers.
func (w *liveWorld) remembered() int64 {
	w.Helper()
	var seq int64
	err := w.state().View(w.Context(), func(tx store.Tx) (err error) {
		seq, err = tx.Seq()
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	return seq
}

// history gives what names the reasons of the writes that dw made to a record on
// a side since the soak began, from the state.
func (t *tester) history() func(*subject, value.Side) []string {
	t.Helper()
	st := t.state()
	return func(s *subject, side value.Side) []string {
		t.Helper()
		var lines []record.Change
		err := st.View(t.Context(), func(tx store.Tx) (err error) {
			lines, err = tx.Changes(s.m.Name, transform.JoinKey(s.parts...))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		var noted []string
		var last record.Change
		columns := map[string]bool{}
		for _, c := range lines {
			if c.Side != side || c.Note == "" || c.ID <= t.since {
				continue
			}
			// The lines of one write stand together; a column has one of them.
			if c.At != last.At || c.Op != last.Op || c.Note != last.Note || columns[c.Column] {
				noted = append(noted, c.Note)
				clear(columns)
			}
			columns[c.Column] = true
			last = c
		}
		return noted
	}
}
