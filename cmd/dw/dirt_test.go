package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/sandbox"
	"github.com/dualwrite/dw/runtime/sandbox/generate"
)

// plantedCases is how many cases of each kind of dirt the test plants: each of
// the example's ways to be dirty once.
const plantedCases = 7

// TestDirtIsListed plants dirt and holds the first apply to it: what is listed
// are the planted records, key by key with their codes, everything else is
// equal, and nothing out of scope is touched. What somebody mends then goes
// through when it is asked for.
func TestDirtIsListed(t *testing.T) {
	notShort(t)
	t.Parallel()
	w := &dirtWorld{T: t, dir: t.TempDir()}
	if err := copyContoso(w.dir, generate.FullRecords(len(linked))); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(w.dir, "contoso.dw.hcl")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, strings.Replace(string(text), "  sandbox {\n", fmt.Sprintf("  sandbox {\n    dirt = %d\n", plantedCases), 1))
	_, w.at = serveTwins(t, w.dir, "-no-auth")
	mustDW(t, w.dir, "schema", "pull")
	w.planted = w.readPlanted()
	versions := readVersions(t, w.dir)

	w.foreseen()
	for row, v := range readVersions(t, w.dir) {
		if versions[row] != v {
			t.Errorf("the preflight has changed %s", row)
		}
	}
	mustDW(t, w.dir, "apply", "-auto-approve")
	w.agrees(w.listedByPlan())
	w.untouched(versions)

	mended := w.mend()
	for _, name := range []string{"accounts", "vendors"} {
		mustDW(t, w.dir, "errors", "retry", "-map", name)
	}
	mustDW(t, w.dir, "errors", "retry", "-all")
	want := w.listedByPlan()
	for _, k := range mended {
		if want[k] == "" {
			t.Errorf("%+v was mended and never listed", k)
		}
		delete(want, k)
	}
	w.agrees(want)
	w.untouched(versions)
}

// dirtWorld is a copy of the example with dirt whose twins are served.
type dirtWorld struct {
	*testing.T
	dir     string
	at      sandbox.Addresses
	planted []planted
}

// planted is a line of the sandbox's list of dirt.
type planted struct{ mapName, key, side, kind, expect, code, id string }

// readPlanted reads the list that the sandbox keeps for people.
func (w *dirtWorld) readPlanted() (out []planted) {
	w.Helper()
	f, err := os.Open(filepath.Join(w.dir, ".dw", "sandbox", "dirt.csv"))
	if err != nil {
		w.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		w.Fatal(err)
	}
	kinds := map[string]int{}
	for _, l := range lines[1:] {
		out = append(out, planted{l[0], l[1], l[2], l[3], l[4], l[5], l[6]})
		kinds[l[3]]++
	}
	if len(kinds) < 12 {
		w.Fatalf("only these kinds are planted: %v", kinds)
	}
	return out
}

// listedKey is a listed record: dw tells keys apart by more than their case.
type listedKey struct{ kind, mapName, record string }

// listedByPlan gives the codes of what has to be listed.
func (w *dirtWorld) listedByPlan() map[listedKey]string {
	out := map[listedKey]string{}
	for _, p := range w.planted {
		if p.expect == "failed" || p.expect == "parked" {
			out[listedKey{p.expect, p.mapName, strings.ToLower(p.key)}] = p.code
		}
	}
	return out
}

// agrees holds the list of errors to what has to be in it, and verify to find
// no other difference.
func (w *dirtWorld) agrees(want map[listedKey]string) {
	w.Helper()
	var listed struct {
		Records []record.Listed `json:"records"`
	}
	w.decode(&listed, "errors", "list", "-json", "-limit", "0")
	got := map[listedKey]string{}
	for _, l := range listed.Records {
		k := listedKey{string(l.Kind), l.Map, strings.ToLower(l.Record)}
		if _, twice := got[k]; twice {
			w.Errorf("%+v is listed twice", k)
		}
		got[k] = l.Code
	}
	for k, code := range got {
		if want[k] != code {
			w.Errorf("%+v is listed with %s, planted with %q", k, code, want[k])
		}
	}
	for k, code := range want {
		if got[k] == "" {
			w.Errorf("%+v was planted with %s and is not listed", k, code)
		}
	}
	var v report.Verify
	w.decode(&v, "verify", "-json")
	perMap := map[string]int64{}
	for k := range want {
		perMap[k.mapName]++
	}
	for _, m := range v.Maps {
		if m.Findings > 0 || m.Explained != perMap[m.Map] || m.Compared != m.Equal+m.Explained {
			w.Errorf("%s: %d compared, %d equal, %d explained of %d listed, findings %d: %+v",
				m.Map, m.Compared, m.Equal, m.Explained, perMap[m.Map], m.Findings, m.Details)
		}
	}
}

// foreseen holds a preflight to the planted records: those that fail or wait are
// what it lists as errors, waiting lines of failing orders as follow-ups.
func (w *dirtWorld) foreseen() {
	w.Helper()
	path := filepath.Join(w.dir, "rows.csv")
	out, talk, code := runDW(w.T, nil, "-chdir", w.dir, "preflight", "-json", "-samples", "1000", "-csv", "rows.csv")
	if code != exitChanges {
		w.Fatalf("exit code %d\n%s", code, talk)
	}
	var r report.Preflight
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		w.Fatal(err)
	}
	type seen struct{ mapName, record string }
	got := map[seen]string{}
	failing := int64(0)
	for _, m := range r.Maps {
		failing += m.Failing
		for _, f := range m.Findings {
			if f.Severity > diag.Error {
				continue
			}
			for _, s := range f.Samples {
				got[seen{m.Map, strings.ToLower(s.Record)}] += f.Code + " "
			}
		}
	}
	want := w.listedByPlan()
	for k, code := range want {
		s := seen{k.mapName, k.record}
		// A line that waits for an order that fails follows it.
		if !strings.Contains(got[s], code) && !(k.kind == "parked" && strings.Contains(got[s], diag.CodeFollowsFailure)) {
			w.Errorf("preflight: %+v was planted with %s, found %q", k, code, got[s])
		}
		delete(got, s)
	}
	for s, codes := range got {
		w.Errorf("preflight lists %+v with %s, which is not planted", s, codes)
	}
	if failing != int64(len(want)) || r.Failing != failing || r.Clean {
		w.Errorf("preflight counts %d failing records (%d), planted are %d", failing, r.Failing, len(want))
	}
	rows, err := os.ReadFile(path)
	if err != nil || strings.Count(string(rows), "\n") < len(want)/2 {
		w.Errorf("%s: %v, %d bytes", path, err, len(rows))
	}
}

// decode reads what a command answers in JSON, whatever it found.
func (w *dirtWorld) decode(into any, args ...string) {
	w.Helper()
	out, talk, code := runDW(w.T, nil, append([]string{"-chdir", w.dir}, args...)...)
	if err := json.Unmarshal([]byte(out), into); err != nil {
		w.Fatalf("dw %s: exit code %d, %v\n%s", strings.Join(args, " "), code, err, talk)
	}
}

// untouched holds the rows that were planted out of scope to their versions.
func (w *dirtWorld) untouched(before map[string]int64) {
	w.Helper()
	rows := newRowReader(w.T, w.dir)
	after, n := readVersions(w.T, w.dir), 0
	for _, p := range w.planted {
		if p.expect != "untouched" {
			continue
		}
		m := rows.maps[slices.IndexFunc(rows.maps, func(m *model.Map) bool { return m.Name == p.mapName })]
		set := m.FnO.Name
		if p.side == string(value.Dataverse) {
			set = m.Dataverse.Name
		}
		row := p.side + "/" + set + "/" + p.id
		if v, ok := before[row]; !ok || after[row] != v {
			w.Errorf("%s (%s of %s) is out of scope and went from version %d to %d", row, p.kind, p.mapName, v, after[row])
		}
		n++
	}
	if n < plantedCases {
		w.Errorf("only %d planted rows are out of scope", n)
	}
}

// mend mends records of some kinds over the protocols, as people would, and
// gives what must not be listed any more. Records without a key are not among
// them: only capture sees that they got one.
func (w *dirtWorld) mend() (mended []listedKey) {
	w.Helper()
	fno := func(set, key string, change map[string]any) {
		w.Helper()
		company, name, _ := strings.Cut(key, " / ")
		field := map[string]string{
			"CustomersV3": "CustomerAccount", "CDSSalesOrderHeaders": "SalesOrderNumber", "PaymentSchedules": "Name", "VendorsV2": "VendorAccountNumber",
		}[set]
		sendTo(w.T, w.at.FnO+"/data/", "PATCH",
			fmt.Sprintf("%s(dataAreaId='%s',%s='%s')?cross-company=true", set, strings.ToLower(company), field, url.PathEscape(name)), change)
	}
	dataverse := func(set, id string, change map[string]any) {
		w.Helper()
		sendTo(w.T, w.at.Dataverse+"/api/data/v9.2/", "PATCH", set+"("+id+")", change)
	}
	euro := texts(w.T, openTwin(w.T, w.dir, "dataverse"), "SELECT transactioncurrencyid FROM transactioncurrencies WHERE isocurrencycode = 'EUR'")[0]
	ways := map[string]func(p planted){
		"accounts over-long fno DW501":       func(p planted) { fno("CustomersV3", p.key, map[string]any{"PrimaryContactURL": "https://contoso.com"}) },
		"accounts over-long dataverse DW501": func(p planted) { dataverse("accounts", p.id, map[string]any{"name": "Short enough"}) },
		"accounts empty dataverse DW508": func(p planted) {
			dataverse("accounts", p.id, map[string]any{"transactioncurrencyid@odata.bind": "/transactioncurrencies(" + euro + ")"})
		},
		"accounts dangling fno DW601": func(p planted) { fno("CustomersV3", p.key, map[string]any{"PaymentTerms": ""}) },
		"vendors dangling fno DW601":  func(p planted) { fno("VendorsV2", p.key, map[string]any{"DefaultVendorPaymentMethodName": ""}) },
		"vendors date dataverse DW507": func(p planted) {
			dataverse("msdyn_vendors", p.id, map[string]any{"msdyn_vendoronholdreleasedate": nil})
		},
		"payment_schedules enum fno DW504": func(p planted) { fno("PaymentSchedules", p.key, map[string]any{"PaymentFrequencyUnits": "Year"}) },
		"payment_terms enum dataverse DW504": func(p planted) {
			dataverse("msdyn_paymentterms", p.id, map[string]any{"msdyn_paymentmethodtype": 806380991})
		},
		"sales_orders enum fno DW504": func(p planted) { fno("CDSSalesOrderHeaders", p.key, map[string]any{"LanguageId": "de"}) },
		"sales_orders date dataverse DW507": func(p planted) {
			dataverse("salesorders", p.id, map[string]any{"requestdeliveryby": "2026-05-05T12:00:00Z"})
		},
		"contacts over-long dataverse DW501": func(p planted) { dataverse("contacts", p.id, map[string]any{"lastname": "Short"}) },
		"sales_order_lines enum fno DW601":   nil, // goes on with its order
	}
	used := map[string]bool{}
	for _, p := range w.planted {
		way := strings.Join([]string{p.mapName, p.kind, p.side, p.code}, " ")
		mend, known := ways[way]
		if !known {
			continue
		}
		used[way] = true
		if mend != nil {
			mend(p)
		}
		mended = append(mended, listedKey{p.expect, p.mapName, strings.ToLower(p.key)})
	}
	if len(used) < len(ways) {
		w.Errorf("planted were only %v", slices.Sorted(maps.Keys(used)))
	}
	return mended
}
