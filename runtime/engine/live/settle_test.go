package live_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/control"
	"github.com/dualwrite/dw/runtime/engine/enginetest"
	"github.com/dualwrite/dw/runtime/engine/verify"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
	"github.com/dualwrite/dw/runtime/store/memory"
)

// explained is what may be listed in the end: references to nothing; records that
// had left a filter when their counterpart was deleted; and fields that one side
// emptied while neither record was in scope.
var explained = []string{"owed ", "tolerated DW610 ", "tolerated DW651 ", "held DW606 "}

// settle runs without trouble until all is quiet and holds the world to what is
// promised.
func (s *simulation) settle() {
	s.run(time.Minute)
	s.enter()
	s.run(5 * time.Minute)
	if s.part() {
		s.run(5 * time.Minute)
	}
	before := maps.Clone(s.writes)
	s.run(5 * time.Minute)
	for name, n := range s.writes {
		if n != before[name] {
			s.Errorf("%s was written without an edit (%d times, then %d)", name, before[name], n)
		}
	}
	open := map[string]bool{}
	for _, m := range s.Env.Maps {
		for _, l := range s.Listed(m.Name) {
			if !slices.ContainsFunc(explained, func(prefix string) bool { return strings.HasPrefix(l, prefix) }) {
				s.Errorf("%s: listed %s", m.Name, l)
			}
			open[l] = true
		}
		if in := s.Intents(m.Name); len(in) > 0 {
			s.Errorf("%s: %d writes left open", m.Name, len(in))
		}
		if n := s.Queued(m.Name); n > 0 {
			s.Errorf("%s: %d queued", m.Name, n)
		}
	}
	s.equal()
	s.bounded()
	if s.Failed() {
		s.Logf("%d edits", s.n)
	}
}

// part removes the newest of the accounts that are listed as duplicates, as a
// person would who was told of them, and retries the records.
func (s *simulation) part() bool {
	var listed []record.Listed
	s.World.View(func(tx store.Tx) (err error) {
		listed, err = tx.Listed(store.ListedQuery{Map: "customers", Kind: record.Failed}, 0, 0)
		return err
	})
	var ids []string
	for _, l := range listed {
		if l.Code != diag.CodeDuplicateKey {
			continue
		}
		same := slices.DeleteFunc(s.Dataverse.Rows("accounts"), func(r enginetest.Row) bool {
			return !strings.HasSuffix(l.Key, "\x1f"+strings.ToLower(r.Values["accountnumber"].String()))
		})
		if len(same) != 2 {
			s.Errorf("%s is listed as a duplicate, of %d accounts", l.Record, len(same))
			continue
		}
		s.Dataverse.Delete("accounts", same[1].ID)
		ids = append(ids, fmt.Sprint(l.ID))
	}
	if len(ids) > 0 {
		s.note("parted %d duplicates", len(ids))
		s.command(control.Retry, "", ids...)
	}
	return len(ids) > 0
}

// equal compares both sides afresh.
func (s *simulation) equal() {
	v, err := verify.Run(s.Context(), verify.Options{
		Env:  &engine.Env{Host: s.Env.Host, Store: memory.New("scratch"), FnO: s.FnO, Dataverse: s.Dataverse, Link: enginetest.Link, Maps: s.Env.Maps},
		Maps: s.Env.Maps, State: s.Store, Limit: 10,
	})
	if err != nil {
		s.Fatal(err)
	}
	for _, m := range v.Maps {
		if m.Findings > 0 {
			s.Errorf("%s: %d records differ: %+v", m.Map, m.Findings, m.Details)
		}
	}
}

// bounded checks promise 4: a record is not written more often on both sides
// together than it was edited, but for writes whose extra reason is on record.
func (s *simulation) bounded() {
	for _, m := range []string{"groups", "customers"} {
		for _, name := range slices.Sorted(maps.Keys(s.edits)) {
			kind, key, _ := strings.Cut(name, " ")
			if kind != m {
				continue
			}
			extra := map[string]int{}
			s.World.View(func(tx store.Tx) error {
				changes, err := tx.Changes(m, "usmf\x1f"+key)
				for _, c := range changes {
					if c.Note != "" || c.Rule == "owed" || c.Rule == "revert" {
						extra[string(c.Side)]++
					}
				}
				return err
			})
			for _, p := range s.places(map[string]int{"groups": 0, "customers": 1}[m]) {
				wrote := 0
				for written, n := range s.writes {
					if strings.EqualFold(written, p.set+" "+key) {
						wrote += n
					}
				}
				if limit := s.edits[name] + extra[string(p.sys.Side())]; wrote > limit {
					s.Errorf("%s was written %d times on %s for %d edits and %d extra reasons", name, wrote, p.sys.Side(), s.edits[name], extra[string(p.sys.Side())])
				}
			}
		}
	}
}
