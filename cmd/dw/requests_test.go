package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/sandbox"
	"github.com/dualwrite/dw/runtime/sandbox/generate"
)

// The whole example, judged by the request log and the twins' databases: who
// won, who was written to, and who was left alone.
func TestExampleLeavesTheRightTraces(t *testing.T) {
	t.Parallel()
	const records = 300
	dir := t.TempDir()
	if err := copyContoso(dir, records); err != nil {
		t.Fatal(err)
	}
	serveTwins(t, dir)
	mustDW(t, dir, "schema", "pull")
	made := readReport(t, dir)
	rows := newRowReader(t, dir)
	before := map[string]map[value.Side]map[string]mapped{}
	for _, m := range rows.maps {
		before[m.Name] = rows.records(m)
		checkMade(t, m, before[m.Name], made.Of(m.Name))
	}
	versions := readVersions(t, dir)
	alone := rows.outOfScope()

	mustDW(t, dir, "apply", "-auto-approve")

	n := tally(mustReadLog(t, dir))
	if len(n.bare) > 0 {
		t.Errorf("data requests without a token: %v", n.bare)
	}
	for _, twin := range []string{sandbox.FnOTwin, sandbox.DataverseTwin} {
		if len(n.writes[twin]) == 0 {
			t.Errorf("%s was not written to", twin)
		}
	}
	won, created := map[value.Side]int{}, 0
	for _, m := range rows.maps {
		after := rows.records(m)
		if got := len(after[value.Dataverse]); got != made.Of(m.Name).Records() {
			t.Errorf("%s: %d records in Dataverse, %d were made in scope", m.Name, got, made.Of(m.Name).Records())
		}
		for side, count := range checkMasters(t, m, before[m.Name], after) {
			won[side] += count
		}
		created += checkCreated(t, m, before[m.Name], after)
	}
	if won[value.FnO] == 0 || won[value.Dataverse] == 0 {
		t.Errorf("fields that differed, by the side that won: %v", won)
	}
	if created == 0 {
		t.Error("no record was created that has a constant")
	}
	after := readVersions(t, dir)
	if len(alone) == 0 {
		t.Error("there is no row out of scope")
	}
	for _, id := range alone {
		if v, ok := versions[id]; !ok || after[id] != v {
			t.Errorf("%s is out of scope and went from version %d to %d", id, v, after[id])
		}
	}

	log := len(mustReadLog(t, dir))
	if out := mustDW(t, dir, "apply", "-auto-approve"); !strings.HasPrefix(out, "Nothing to do") {
		t.Errorf("second apply: %s", out)
	}
	n = tally(mustReadLog(t, dir)[log:])
	if n.all() > 0 || len(n.bare) > 0 || n.reads == 0 {
		t.Errorf("second apply: %d reads, writes %v, without a token %v", n.reads, n.writes, n.bare)
	}
	if !maps.Equal(after, readVersions(t, dir)) {
		t.Error("the second apply changed row versions")
	}
}

// checkMade holds the comparison of this test against what the generator says
// that it made: a comparison that sees no differences would prove nothing.
func checkMade(t *testing.T, m *model.Map, at map[value.Side]map[string]mapped, made generate.MapReport) {
	t.Helper()
	got := generate.MapReport{}
	for key, f := range at[value.FnO] {
		d, ok := at[value.Dataverse][key]
		switch {
		case !ok:
			got.OnlyFnO++
		case len(differing(m, f, d)) > 0:
			got.Differ++
		default:
			got.Equal++
		}
	}
	got.OnlyDataverse = len(at[value.Dataverse]) - got.Differ - got.Equal
	if got.OnlyFnO != made.OnlyFnO || got.OnlyDataverse != made.OnlyDataverse || got.Differ != made.Differ || got.Equal != made.Equal {
		t.Errorf("%s: found only in F&O %d, only in Dataverse %d, different %d, equal %d; made %d, %d, %d, %d", m.Name,
			got.OnlyFnO, got.OnlyDataverse, got.Differ, got.Equal, made.OnlyFnO, made.OnlyDataverse, made.Differ, made.Equal)
	}
}

// differing gives the fields whose values are not the same on both sides. F&O
// does not tell texts apart by case.
func differing(m *model.Map, f, d mapped) []*model.Field {
	var out []*model.Field
	for _, x := range m.Fields {
		if !x.IsConstant && !strings.EqualFold(f[x.Name()], d[x.Name()]) {
			out = append(out, x)
		}
	}
	return out
}

// checkMasters holds every field that differed to its master's value, on both
// sides; nothing never replaces something. It counts the fields by who won.
func checkMasters(t *testing.T, m *model.Map, before, after map[value.Side]map[string]mapped) map[value.Side]int {
	t.Helper()
	won := map[value.Side]int{}
	for key, f := range before[value.FnO] {
		d, ok := before[value.Dataverse][key]
		if !ok {
			continue
		}
		for _, x := range differing(m, f, d) {
			name := x.Name()
			master := masterOf(m, x)
			values := map[value.Side]string{value.FnO: f[name], value.Dataverse: d[name]}
			if x.Writes == "create" { // written once, and not at all to rows that were there
				for side, was := range values {
					if got := after[side][key][name]; got != was {
						t.Errorf("%s %s: %s is %q in %s, and was %q", m.Name, key, name, got, side.Title(), was)
					}
				}
				continue
			}
			if values[master] == "" {
				master = other(master)
				if !x.Direction.Sends(other(master)) {
					continue // nobody may carry the value over
				}
			}
			for _, side := range []value.Side{value.FnO, value.Dataverse} {
				if got := after[side][key][name]; !strings.EqualFold(got, values[master]) {
					t.Errorf("%s %s: %s is %q in %s; F&O had %q, Dataverse %q, and %s wins", m.Name, key, name, got, side.Title(), f[name], d[name], master.Title())
				}
			}
			won[master]++
		}
	}
	return won
}

// checkCreated holds the records that were created to those of their source,
// field by field, and to the constants of their map; records that were there
// before keep what they had in place of the constants. It counts the constants
// of new records.
func checkCreated(t *testing.T, m *model.Map, before, after map[value.Side]map[string]mapped) int {
	t.Helper()
	constants := 0
	for _, side := range []value.Side{value.FnO, value.Dataverse} {
		for key, now := range after[side] {
			was, old := before[side][key]
			if !old {
				for _, x := range differing(m, after[value.FnO][key], after[value.Dataverse][key]) {
					t.Errorf("%s %s was created in %s: %s is %q in F&O and %q in Dataverse", m.Name, key, side.Title(), x.Name(),
						after[value.FnO][key][x.Name()], after[value.Dataverse][key][x.Name()])
				}
			}
			for _, x := range m.Fields {
				if !x.IsConstant || constantSide(x) != side {
					continue
				}
				want := was[x.Name()]
				if !old {
					want = x.Constant.String()
					constants++
				}
				if want == "false" {
					want = ""
				}
				if !strings.EqualFold(now[x.Name()], want) {
					t.Errorf("%s %s: the constant %s is %q in %s, want %q", m.Name, key, x.Name(), now[x.Name()], side.Title(), want)
				}
			}
		}
	}
	return constants
}

// masterOf says who wins a field of the example. Where a value flows one way
// only its source wins.
func masterOf(m *model.Map, f *model.Field) value.Side {
	if f.Direction == model.ToDataverse {
		return value.FnO
	}
	if f.Direction == model.ToFnO || slices.ContainsFunc(m.Mastering.Dataverse, func(n model.Named) bool { return n.Name == f.Name() || n.Name == f.Column.Name }) {
		return value.Dataverse
	}
	return value.FnO
}

func other(s value.Side) value.Side {
	if s == value.FnO {
		return value.Dataverse
	}
	return value.FnO
}

// outOfScope names the rows of mapped tables that are in no map's scope, as
// readVersions does.
func (r *rowReader) outOfScope() []string {
	r.t.Helper()
	in := map[string]bool{}
	for _, m := range r.maps {
		for _, records := range r.records(m) {
			for _, row := range records {
				in[row[whichRow]] = true
			}
		}
	}
	var out []string
	kinds := map[string]bool{}
	for _, m := range r.maps {
		for side, table := range map[value.Side]*schema.Table{
			value.FnO: schema.FindTable(r.catalog.FnO, m.FnO.Name), value.Dataverse: schema.FindTable(r.catalog.Dataverse, m.Dataverse.Name),
		} {
			for _, raw := range r.query(side, fmt.Sprintf("SELECT * FROM %q", table.Set)) {
				if id := rowIn(side, table, raw); !in[id] {
					out = append(out, id)
					kinds[table.Set] = true
				}
			}
		}
	}
	for _, set := range []string{"LegalEntities", "Currencies", "CustomersV3", "VendorsV2", "CDSSalesOrderHeaders", "accounts", "contacts", "msdyn_vendors"} {
		if !kinds[set] {
			r.t.Errorf("no row of %s is out of scope", set)
		}
	}
	return out
}

// readReport reads what was generated for a folder.
func readReport(t *testing.T, dir string) generate.Report {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, ".dw", "sandbox", "made.json"))
	if err != nil {
		t.Fatal(err)
	}
	var made struct {
		Report generate.Report `json:"report"`
	}
	if err := json.Unmarshal(b, &made); err != nil {
		t.Fatal(err)
	}
	if len(made.Report.Maps) == 0 {
		t.Fatal("the generator reports no maps")
	}
	return made.Report
}

// mustDW runs dw in a folder and gives its standard output.
func mustDW(t *testing.T, dir string, args ...string) string {
	t.Helper()
	out, talk, code := runDW(t, nil, append([]string{"-chdir", dir}, args...)...)
	if code != exitDone {
		t.Fatalf("dw %s: exit code %d\n%s%s", strings.Join(args, " "), code, out, talk)
	}
	return out
}
