package generate

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/dualwrite/dw/runtime/sandbox/catalog"
)

// TestDirtIsOnTop: with dirt there is all that there is without it.
func TestDirtIsOnTop(t *testing.T) {
	_, cleanDV, cleanFnO := fill(t, Options{Seed: 6, Records: 900})
	rep, dv, fno := fill(t, Options{Seed: 6, Records: 900, Dirt: 9})
	_, dv2, fno2 := fill(t, Options{Seed: 6, Records: 900, Dirt: 9})
	if strings.Join(dv.log, "\n") != strings.Join(dv2.log, "\n") || strings.Join(fno.log, "\n") != strings.Join(fno2.log, "\n") {
		t.Error("the same seed gave other dirt")
	}
	for _, c := range []struct{ clean, dirty *collected }{{cleanDV, dv}, {cleanFnO, fno}} {
		for set, rows := range c.clean.sets {
			for i, row := range rows {
				if fmt.Sprint(row) != fmt.Sprint(c.dirty.sets[set][i]) {
					t.Fatalf("%s: row %d changed", set, i)
				}
			}
		}
	}
	cases := map[Kind]map[string]int{}
	for _, p := range rep.Planted {
		if cases[p.Kind] == nil {
			cases[p.Kind] = map[string]int{}
		}
		cases[p.Kind][p.Map]++
		if (p.Code != "") != (p.Expect == Failed || p.Expect == Parked) || p.Side != inFnO && p.Side != inDataverse || p.Key == "" {
			t.Errorf("%+v", p)
		}
		if p.Side == inDataverse && len(p.ID) != 36 {
			t.Errorf("%+v has no id", p)
		}
	}
	for _, k := range []Kind{KindEmpty, KindLong, KindUnicode, KindPunctuation, KindDate, KindKeySpelling, KindDuplicate, KindDangling, KindEnum,
		KindDecimals, KindConflict, KindNoCompany} {
		n := 0
		for _, count := range cases[k] {
			n += count
		}
		if n < 9 {
			t.Errorf("%s: %d cases in %v", k, n, cases[k])
		}
		if len(cases[k]) < 2 && k != KindDuplicate {
			t.Errorf("%s is in %v only", k, cases[k])
		}
	}
}

// TestDirtInSmallSandboxes: dirt finds its place however few records there are.
func TestDirtInSmallSandboxes(t *testing.T) {
	all := []string{"USMF", "DEMF", "GBSI", "FRSI"}
	for n := 1; n <= len(all); n++ {
		for seed := range uint64(12) {
			rep, _, _ := fill(t, Options{Seed: seed, Records: FullRecords(n), Companies: all[:n], Others: []string{"ITCO"}, Dirt: 8})
			if len(rep.Planted) < 8*12 {
				t.Errorf("%d companies, seed %d: %d planted", n, seed, len(rep.Planted))
			}
		}
	}
}

// TestPlantedAreCounted: what fails and waits is counted per map, and every
// row that is loaded is counted once.
func TestPlantedAreCounted(t *testing.T) {
	rep, dv, fno := fill(t, Options{Seed: 2, Records: 700, Dirt: 13})
	failed, parked := map[string]map[string]bool{}, map[string]map[string]bool{}
	note := func(m map[string]map[string]bool, p Plant) {
		if m[p.Map] == nil {
			m[p.Map] = map[string]bool{}
		}
		if key := strings.ToLower(p.Key); m[p.Map][key] && p.Kind != KindDuplicate {
			t.Errorf("%s %s is planted twice", p.Map, p.Key)
		} else {
			m[p.Map][key] = true
		}
	}
	for _, p := range rep.Planted {
		switch p.Expect {
		case Failed:
			note(failed, p)
		case Parked:
			note(parked, p)
		}
	}
	rows := map[string]int{}
	for _, m := range rep.Maps {
		if m.Failed != len(failed[m.Map]) || m.Parked != len(parked[m.Map]) {
			t.Errorf("%s: reported %d failed and %d parked, planted %d and %d", m.Map, m.Failed, m.Parked, len(failed[m.Map]), len(parked[m.Map]))
		}
		rows["fno "+m.EntitySet] += m.OnlyFnO + m.Differ + m.Equal + m.UntouchedFnO + m.AsideFnO
		rows["dataverse "+m.Table] += m.OnlyDataverse + m.Differ + m.Equal + m.UntouchedDataverse + m.AsideDataverse
	}
	for name, n := range rows {
		side, set, _ := strings.Cut(name, " ")
		loaded := fno.sets[set]
		if side == inDataverse {
			loaded = dv.sets[set]
		}
		if len(loaded) != n {
			t.Errorf("%s: %d rows, reported %d", name, len(loaded), n)
		}
	}
}

// TestDirtIsPossible: the side that has it could have got it: texts fit, dates
// are in range, keys are unique as the services compare them.
func TestDirtIsPossible(t *testing.T) {
	cat, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	_, dv, fno := fill(t, Options{Seed: 2, Records: 700, Dirt: 13})
	units := func(s string) int { return len(utf16.Encode([]rune(s))) }
	fold := func(v any) string { return strings.ToLower(strings.TrimRight(fmt.Sprint(v), " ")) }
	for _, e := range cat.Entities {
		keys := map[string]bool{}
		for _, row := range fno.sets[e.EntitySet] {
			key := ""
			for _, k := range e.Key {
				key += "/" + fold(row[k])
			}
			if keys[key] {
				t.Errorf("%s: %s twice", e.EntitySet, key)
			}
			keys[key] = true
			for _, p := range e.Properties {
				s, _ := row[p.Name].(string)
				if p.Type == "Edm.String" && p.MaxLength > 0 && units(s) > p.MaxLength {
					t.Errorf("%s.%s: %q is longer than %d", e.EntitySet, p.Name, s, p.MaxLength)
				}
				if p.Date && s != "" && (s < "1900-01-01" || s > "2154-12-31") {
					t.Errorf("%s.%s: %s is out of range", e.EntitySet, p.Name, s)
				}
				if (p.Mandatory || slices.Contains(e.Key, p.Name)) && (row[p.Name] == nil || row[p.Name] == "") {
					t.Errorf("%s.%s is empty in %v", e.EntitySet, p.Name, row)
				}
			}
		}
	}
	for _, tab := range cat.Tables {
		for _, row := range dv.sets[tab.EntitySet] {
			for _, c := range tab.Columns {
				s, _ := row[c.LogicalName].(string)
				if c.MaxLength > 0 && units(s) > c.MaxLength {
					t.Errorf("%s.%s: %q is longer than %d", tab.LogicalName, c.LogicalName, s, c.MaxLength)
				}
				if c.Type == "DateTimeType" && s != "" && s < "1753-01-01" {
					t.Errorf("%s.%s: %s is out of range", tab.LogicalName, c.LogicalName, s)
				}
			}
		}
		for _, k := range tab.Keys {
			unique := map[string]bool{}
			for _, row := range dv.sets[tab.EntitySet] {
				key := strings.Join(strings.Fields(keyOf(row, k)), " ")
				if key != "" && unique[key] {
					t.Errorf("%s: %s twice", tab.LogicalName, key)
				}
				unique[key] = true
			}
		}
	}
}
