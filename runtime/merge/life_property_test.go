package merge

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
)

// lifeVariant draws a map with its rules of deletes, scope and conflicts.
func lifeVariant(t *testing.T, r *rapid.T) *world {
	pick := func(name string, from ...string) string { return rapid.SampledFrom(from).Draw(r, name) }
	c := customers(t, func(m *model.Map) {
		m.Deletes = model.Deletes{ToDataverse: pick("deletes to Dataverse", "", "propagate", "deactivate", "ignore"), ToFnO: pick("deletes to F&O", "", "propagate", "ignore")}
		m.Filter = model.Filter{OnLeave: pick("on leave", "", "unlink", "deactivate", "delete", "revert"),
			FnO: model.Named{Name: "Phone ne 'out'"}, Dataverse: model.Named{Name: "customertypecode eq 3"}}
		m.Conflict = pick("conflict", "", "hold", "last_writer_wins")
		m.Mastering.Violation = pick("violation", "", "ignore", "report")
		m.Mastering.Master = rapid.SampledFrom([]value.Side{"", value.FnO, value.Dataverse}).Draw(r, "master")
		m.Fields[7].Missing = pick("missing", "park", "defer", "null")
		no := false
		if rapid.IntRange(0, 4).Draw(r, "creates") == 0 {
			m.Creates.ToFnO = &no
		}
	})
	return newWorld(c, newRefs("msdyn_customergroup/10", "msdyn_customergroup/20", "account/10", "account/20"))
}

// act does something from outside and tells whether it was of any effect.
func (w *world) act(r *rapid.T) {
	side := rapid.SampledFrom([]value.Side{value.FnO, value.Dataverse}).Draw(r, "side")
	switch rapid.IntRange(0, 7).Draw(r, "act") {
	case 0:
		w.remove(side)
	case 1: // deleted and created again before anybody looks
		w.remove(side)
		w.put(side, edit(r, w, side))
	case 2:
		if w.rows[side] != nil {
			w.put(side, map[value.Side]vals{value.FnO: outFnO, value.Dataverse: outDataverse}[side])
		}
	case 3:
		if w.rows[side] != nil {
			w.put(side, map[value.Side]vals{value.FnO: inFnO, value.Dataverse: inDataverse}[side])
		}
	case 4: // a row that is referred to is deleted, and the service empties the lookup
		ref := w.refs.ids["msdyn_customergroup/10"]
		delete(w.refs.ids, "msdyn_customergroup/10")
		if w.rows[value.Dataverse] != nil && ref != (value.Value{}) && w.get(value.Dataverse, "msdyn_group") == ref {
			w.put(value.Dataverse, vals{"msdyn_group": {}})
		}
	case 5:
		if _, there := w.refs.ids["msdyn_customergroup/10"]; !there {
			w.next++
			w.refs.ids["msdyn_customergroup/10"] = value.NewReference("msdyn_customergroup", guid(w.next))
		}
	default:
		w.put(side, edit(r, w, side))
	}
}

// TestLives edits, deletes, creates again and moves records in and out of the
// scope, in any order and with every accident of a write, and expects silence
// within three rounds, everything that differs to be listed, and no write
// beyond the edits that does not say why.
func TestLives(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		w := lifeVariant(t, r)
		acts, edits := 1, map[value.Side]int{}
		w.put(value.FnO, edit(r, w, value.FnO))
		if rapid.Bool().Draw(r, "on both sides") {
			w.put(value.Dataverse, edit(r, w, value.Dataverse))
			acts++
		}
		explained := func(res Result) {
			for _, in := range res.Intents {
				if in.Note == "" {
					edits[in.Side]++
				}
			}
		}
		for range rapid.IntRange(0, 6).Draw(r, "steps") {
			if rapid.Bool().Draw(r, "outside") {
				w.act(r)
				acts++
				continue
			}
			res := checkMerge(r, w)
			w.store(res)
			explained(res)
			for _, in := range res.Intents {
				f := rapid.SampledFrom([]fate{fine, fineLater, lostAnswer, refused}).Draw(r, "fate")
				if f == refused || f == lostAnswer {
					acts++ // the write, or what follows an unknown end, is another one
				}
				w.carryOut(r, in, f)
			}
		}
		var res Result
		for round := 0; ; round++ {
			res = checkMerge(r, w)
			w.store(res)
			explained(res)
			if len(res.Intents) == 0 {
				break
			}
			if round == 3 {
				r.Fatalf("no silence after three rounds: %+v", res.Intents)
			}
			for _, in := range res.Intents {
				w.carryOut(r, in, fine)
			}
		}
		if again := checkMerge(r, w); len(again.Intents) > 0 || !slices.Equal(listedCodes(again), listedCodes(res)) {
			r.Fatalf("silence did not last: %+v after %+v", again, res)
		}
		for side, n := range edits {
			if n > acts {
				r.Fatalf("%d writes to %s for %d edits", n, side, acts)
			}
		}
		checkLife(r, w, res)
	})
}

// checkLife checks that in silence both sides agree, or the list says why not.
func checkLife(r *rapid.T, w *world, res Result) {
	fno, dataverse := w.seen(value.FnO), w.seen(value.Dataverse)
	inScope := func(o *record.Observation) bool { return present(o) && o.InScope }
	switch {
	case !inScope(fno) && !inScope(dataverse):
		for _, l := range res.Listed {
			if w.pair != nil && w.pair.Life != record.Deactivated && w.pair.Life != record.Left {
				r.Fatalf("listed though nothing is in scope: %+v, pair %+v", l, w.pair)
			}
		}
	case !inScope(fno) || !inScope(dataverse):
		if len(res.Listed) == 0 {
			r.Fatalf("on one side only and not listed: %+v", res)
		}
	default:
		if !w.active && len(res.Listed) == 0 {
			r.Fatalf("the row is inactive, and nothing says so: %+v", w.pair)
		}
		checkAgreement(r, w, res)
	}
	if w.pair == nil {
		return
	}
	for _, side := range []value.Side{value.FnO, value.Dataverse} {
		if end := w.pair.End(side); w.pair.Life == record.Linked && w.rows[side] != nil && end.ID != "" && end.ID != w.ids[side] && len(res.Listed) == 0 {
			r.Fatalf("the pair has %s in %s, which is not there", end.ID, side)
		}
	}
	for _, l := range res.Listed {
		if strings.TrimSpace(l.Reason) == "" || l.Record == "" {
			r.Fatalf("an entry that says nothing: %+v", l)
		}
	}
}
