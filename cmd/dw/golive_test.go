package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/report"
)

// causeOf is what a preflight has to call each kind of damage.
var causeOf = map[string]string{
	"too-long": "text_too_long", "characters": "bad_character", "number-range": "number_out_of_range", "dangling": "reference_missing",
	"dangling-account": "reference_missing", "blank": "blank_over_value", "outside": "key_outside_filter", "required": "required_missing",
	"no-key": "key_empty", "too-long-row": "text_too_long", "duplicate": "key_duplicate", "dangling-row": "reference_missing", "date": "date_out_of_range",
	"enum": "enum_unmapped", "blank-key": "key_empty",
	"precision": "precision_lost", "number-clash": "number_clash", "no-company": "company_missing", "wrong-company": "company_wrong",
	"differing": "", // no cause: it tells who would win
}

// leastDamaged is enough for some of each kind.
const leastDamaged = 28

// TestGoLive rehearses a go-live: customers and what they refer to, three in a
// hundred of them damaged, the first at a place where others' initial syncs
// have run for a while. The preflight has to list exactly those, by kind; one
// apply carries all others over and lists exactly those; what is mended goes
// through with a retry. DW_GOLIVE is the number of customers: 200000 takes a
// few minutes.
func TestGoLive(t *testing.T) {
	notShort(t)
	customers := 500
	if text := os.Getenv("DW_GOLIVE"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		customers = n
	} else {
		t.Parallel()
	}
	dir := t.TempDir()
	records := max(1200, customers/60) // of all other tables together
	if err := copyContoso(dir, records); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "contoso.dw.hcl")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, strings.Replace(string(text), "  sandbox {\n", fmt.Sprintf("  sandbox {\n    customers = %d\n", customers), 1))
	g := &goLive{T: t, dir: dir}

	g.clean()
	first := customers * 42 / 100
	share := ((customers+records)*3 + 99) / 100
	mustDW(t, dir, "sandbox", "spoil", "-rows", strconv.Itoa(max(share, leastDamaged)), "-first", strconv.Itoa(first))
	if edits := g.damage(); customers >= 20_000 && edits < share {
		t.Errorf("%d of %d records are damaged, that is less than 3 %%", edits, customers+records)
	}
	g.firstAt(first)

	g.foreseen()
	mustDW(t, dir, "apply", "-auto-approve")
	g.listed()
	g.leftBehind()
	mustDW(t, dir, "verify")

	// One record, then a kind, then all others.
	one := slices.IndexFunc(g.rows, func(r damaged) bool { return r.kind == "too-long" })
	out := mustDW(t, dir, "sandbox", "mend", g.rows[one].key)
	if !strings.Contains(out, "1 record mended") {
		t.Errorf("%s", out)
	}
	g.rows = slices.Delete(g.rows, one, one+1)
	mustDW(t, dir, "sandbox", "mend", "-kind", "characters")
	g.rows = slices.DeleteFunc(g.rows, func(r damaged) bool { return r.kind == "characters" })
	mustDW(t, dir, "errors", "retry", "-map", "accounts")
	g.listed()
	mustDW(t, dir, "verify")

	mustDW(t, dir, "sandbox", "mend")
	var behind int64
	for _, r := range g.rows {
		if r.expect == "untouched" {
			behind++
		}
	}
	g.rows = nil
	mustDW(t, dir, "errors", "retry", "-all")
	g.listed()

	// Rows that have a company again were on no list: they are missing, and
	// nothing else is.
	out, talk, code := runDW(t, nil, "-chdir", dir, "verify", "-no-state", "-json")
	var found report.Verify
	if err := json.Unmarshal([]byte(out), &found); err != nil || code != exitChanges {
		t.Fatalf("exit code %d, %v\n%s", code, err, talk)
	}
	for _, m := range found.Maps {
		want := int64(0)
		if m.Map == "accounts" {
			want = behind
		}
		if m.Findings != want || m.Kinds[report.KindMissing] != want {
			t.Errorf("map %s: %d rows have a company again: %+v", m.Map, want, m)
		}
	}
	mustDW(t, dir, "repair", "-auto-approve")
	mustDW(t, dir, "verify", "-no-state")
}

// damaged is a line of the sandbox's list.
type damaged struct{ mapName, key, side, kind, expect, code, id string }

// goLive is a copy of the example whose data are damaged.
type goLive struct {
	*testing.T
	dir    string
	rows   []damaged        // that are damaged now
	before report.Preflight // of the clean data
	lines  map[place]int    // what has to be looked at in them
}

// listed are those of which a first apply makes a list.
func (d damaged) listed() bool { return d.expect != "equal" && d.expect != "untouched" }

// damage reads the list that the sandbox keeps and counts the records that were
// damaged; others of the list wait for these.
func (g *goLive) damage() (edits int) {
	g.Helper()
	lines := g.csv(filepath.Join(".dw", "sandbox", "dirt.csv"))
	kinds := map[string]int{}
	for _, l := range lines {
		g.rows = append(g.rows, damaged{l[0], l[1], l[2], l[3], l[4], l[5], l[6]})
		if kinds[l[3]]++; l[9] != "" {
			edits++
		}
	}
	for kind := range causeOf {
		if kinds[kind] == 0 {
			g.Errorf("nothing is damaged as %s: %v", kind, kinds)
		}
	}
	if len(kinds) != len(causeOf) {
		g.Errorf("%d kinds of damage: %v", len(kinds), kinds)
	}
	return edits
}

func (g *goLive) csv(name string) [][]string {
	g.Helper()
	f, err := os.Open(filepath.Join(g.dir, name))
	if err != nil {
		g.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		g.Fatal(err)
	}
	return lines[1:]
}

// firstAt holds the first damaged customer to its place in the order in which
// F&O is read: company by company, by number. It lies there or a few rows on,
// where a customer is to whom no other record refers.
func (g *goLive) firstAt(first int) {
	g.Helper()
	db := openTwin(g.T, g.dir, "fno")
	at := map[string]int{}
	for _, company := range []string{"USMF", "DEMF", "GBSI"} {
		for _, id := range texts(g.T, db, "SELECT rec_id FROM CustomersV3 WHERE dataAreaId = ? ORDER BY CustomerAccount", company) {
			at[id] = len(at) + 1
		}
	}
	least := len(at)
	for _, r := range g.rows {
		if r.mapName == "accounts" && r.side == "fno" {
			least = min(least, at[r.id])
		}
	}
	if least < first || least > first+20 {
		g.Errorf("the first damaged customer is the %d. that is read, not the %d.", least, first)
	}
}

type place struct{ mapName, record, what string }

func (g *goLive) same(what string, got, want map[place]int) {
	g.Helper()
	for p, n := range got {
		if want[p] != n {
			g.Errorf("%s: %+v %d times, damaged %d times", what, p, n, want[p])
		}
	}
	for p, n := range want {
		if got[p] == 0 {
			g.Errorf("%s: %+v was damaged %d times and is not found", what, p, n)
		}
	}
}

// preflight gives the report and what has to be looked at.
func (g *goLive) preflight(code int) (r report.Preflight, lines map[place]int) {
	g.Helper()
	out, talk, got := runDW(g.T, nil, "-chdir", g.dir, "preflight", "-json", "-csv", "rows.csv")
	if got != code {
		g.Fatalf("exit code %d\n%s", got, talk)
	}
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		g.Fatal(err)
	}
	lines = map[place]int{}
	for _, l := range g.csv("rows.csv") {
		p := place{l[0], strings.ToLower(strings.TrimRight(l[2], " ")), l[6]}
		if l[6] == "key_duplicate" && lines[p] > 0 { // both rows of a key are to be looked at
			continue
		}
		lines[p]++
	}
	return r, lines
}

// clean looks at the data before they are damaged: some rows that no map may
// touch have no company.
func (g *goLive) clean() {
	g.Helper()
	g.before, g.lines = g.preflight(0)
}

// causes counts the records of every cause, and those of each map that wait for
// a failing one.
func causes(r report.Preflight) (byCause, follow map[string]int64) {
	byCause, follow = map[string]int64{}, map[string]int64{}
	for _, m := range r.Maps {
		for _, f := range m.Findings {
			switch {
			case f.Cause == "follow_up":
				follow[m.Map] += f.Count
			case f.Severity <= diag.Warning:
				byCause[f.Cause] += f.Count
			}
		}
	}
	return byCause, follow
}

// winners counts the records in which F&O's value of a field would win.
func winners(r report.Preflight, mapName, field string) int64 {
	for _, m := range r.Maps {
		for _, w := range m.Winners {
			if m.Map == mapName && w.Field == field {
				return w.FnO
			}
		}
	}
	return 0
}

// foreseen holds a preflight to the list.
func (g *goLive) foreseen() {
	g.Helper()
	r, got := g.preflight(exitChanges)
	for p, n := range g.lines {
		got[p] -= n
	}
	byCause, follow := causes(r)
	beforeCauses, _ := causes(g.before)
	want := map[place]int{}
	var failing, differing int64
	for _, d := range g.rows {
		if d.listed() {
			failing++
		}
		switch {
		case d.mapName == "sales_order_lines":
			follow[d.mapName]--
		case d.kind == "differing":
			differing++
		default:
			want[place{d.mapName, strings.ToLower(d.key), causeOf[d.kind]}]++
			byCause[causeOf[d.kind]]--
		}
	}
	g.same("preflight", got, want)
	for name, n := range follow {
		if n != 0 {
			g.Errorf("%s: %d more lines follow a damaged order than there are", name, n)
		}
	}
	for cause, n := range byCause {
		if n != beforeCauses[cause] {
			g.Errorf("%s: the counts are %d off", cause, n-beforeCauses[cause])
		}
	}
	if r.Failing != failing {
		g.Errorf("%d records would fail, damaged are %d", r.Failing, failing)
	}
	const field = "msdyn_partynumber"
	if n := winners(r, "accounts", field) - winners(g.before, "accounts", field); n != differing {
		g.Errorf("F&O's %s would win %d times, damaged are %d", field, n, differing)
	}
}

// leftBehind holds rows that no map may touch to where they are.
func (g *goLive) leftBehind() {
	g.Helper()
	fno := openTwin(g.T, g.dir, "fno")
	for _, d := range g.rows {
		if d.expect != "untouched" {
			continue
		}
		if n := len(texts(g.T, fno, "SELECT rec_id FROM CustomersV3 WHERE CustomerAccount = ?", d.key)); n != 0 {
			g.Errorf("%+v has come over", d)
		}
	}
}

// listed holds the list of errors to what is damaged.
func (g *goLive) listed() {
	g.Helper()
	out := mustDW(g.T, g.dir, "errors", "list", "-json", "-limit", "0")
	var listed struct {
		Records []record.Listed `json:"records"`
	}
	if err := json.Unmarshal([]byte(out), &listed); err != nil {
		g.Fatal(err)
	}
	got, want := map[place]int{}, map[place]int{}
	for _, l := range listed.Records {
		got[place{l.Map, strings.ToLower(strings.TrimRight(l.Record, " ")), string(l.Kind) + " " + l.Code}]++
	}
	for _, d := range g.rows {
		if d.listed() {
			want[place{d.mapName, strings.ToLower(d.key), d.expect + " " + d.code}]++
		}
	}
	g.same("errors list", got, want)
}
