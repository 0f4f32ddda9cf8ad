package generate

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/dualwrite/dw/runtime/sandbox/catalog"
)

// collected keeps what a loader got, in order.
type collected struct {
	sets map[string][]map[string]any
	log  []string // the rows as JSON, where trace is set

	trace bool
}

func (c *collected) Load(_ context.Context, set string, rows []map[string]any) error {
	if c.sets == nil {
		c.sets = map[string][]map[string]any{}
	}
	c.sets[set] = append(c.sets[set], rows...)
	if !c.trace {
		return nil
	}
	text, err := json.Marshal(rows)
	if err != nil {
		return err
	}
	c.log = append(c.log, set+string(text))
	return nil
}

func fill(t *testing.T, o Options) (Report, *collected, *collected) {
	t.Helper()
	dv, fno := &collected{trace: o.Records < 1000}, &collected{trace: o.Records < 1000}
	if o.Companies == nil {
		o.Companies = []string{"USMF", "DEMF", "GBSI"}
	}
	rep, err := Fill(context.Background(), o, dv, fno)
	if err != nil {
		t.Fatal(err)
	}
	return rep, dv, fno
}

func TestSameSeedSameRows(t *testing.T) {
	_, dv1, fno1 := fill(t, Options{Seed: 7, Records: 900})
	_, dv2, fno2 := fill(t, Options{Seed: 7, Records: 900})
	if strings.Join(dv1.log, "\n") != strings.Join(dv2.log, "\n") || strings.Join(fno1.log, "\n") != strings.Join(fno2.log, "\n") {
		t.Error("the same seed gave other rows")
	}
	_, dv3, _ := fill(t, Options{Seed: 8, Records: 900})
	if strings.Join(dv1.log, "\n") == strings.Join(dv3.log, "\n") {
		t.Error("another seed gave the same rows")
	}
}

func TestSizes(t *testing.T) {
	for _, companies := range [][]string{{"USMF"}, {"USMF", "DEMF", "GBSI"}, {"FRSI", "itco", "A", "B1"}} {
		for _, n := range []int{MinRecords(len(companies)), 1500} {
			rep, _, _ := fill(t, Options{Seed: 1, Records: n, Companies: companies})
			sum := 0
			for _, m := range rep.Maps {
				sum += m.Records()
			}
			if sum != n {
				t.Errorf("%v: %d records asked for, %d made", companies, n, sum)
			}
			for _, m := range []string{"accounts", "contacts"} {
				if r := rep.Of(m); r.OnlyDataverse == 0 || r.Differ == 0 {
					t.Errorf("%v, %d records: %+v lacks a case", companies, n, r)
				}
			}
			if len(rep.Others) != 1 || strings.EqualFold(rep.Others[0], companies[0]) {
				t.Errorf("%v is outside and in the link", rep.Others)
			}
		}
	}
	if least := MinRecords(3); least > 62 {
		t.Errorf("three companies need %d records", least)
	}
}

// TestProductsAreReleasedOnce: there are at least as many pairs of product and
// company as releases, in a sandbox of any size.
func TestProductsAreReleasedOnce(t *testing.T) {
	for companies := 1; companies <= 4; companies++ {
		for records := FullRecords(companies); records < 3000; records++ {
			if s := sizesOf(records, companies, true); s.released > s.global*companies {
				t.Errorf("%d records: %d products are released %d times to %d companies", records, s.global, s.released, companies)
			}
		}
	}
}

func TestRefusedOptions(t *testing.T) {
	for _, o := range []Options{
		{Records: 10, Companies: []string{"USMF"}},
		{Records: -1, Companies: []string{"USMF"}},
		{Records: 500},
		{Records: 500, Companies: []string{"USMF", "usmf"}},
		{Records: 500, Companies: []string{"USMFX"}},
		{Records: 500, Companies: []string{"U'"}},
	} {
		if _, err := Fill(context.Background(), o, &collected{}, &collected{}); err == nil {
			t.Errorf("%+v was accepted", o)
		}
	}
}

func TestSharesOfCustomers(t *testing.T) {
	rep, _, _ := fill(t, Options{Seed: 3, Records: 4000})
	a, c := rep.Of("accounts"), rep.Of("contacts")
	total := a.Records() + c.Records()
	if share := 100 * a.Records() / total; share < 68 || share > 72 {
		t.Errorf("%d %% organisations", share)
	}
	for _, m := range []MapReport{a, c} {
		for name, n := range map[string]int{"only_dataverse": m.OnlyDataverse, "differ": m.Differ, "equal": m.Equal} {
			if share := 1000 * n / m.Records(); share < 44 || share > 56 {
				t.Errorf("%s: %d ‰ %s", m.Map, share, name)
			}
		}
		if m.UntouchedFnO == 0 || m.UntouchedDataverse == 0 {
			t.Errorf("%s has no untouched rows: %+v", m.Map, m)
		}
	}
	for _, name := range []string{"companies", "units"} {
		if rep.Of(name).OnlyDataverse != 0 {
			t.Errorf("%s flows to Dataverse only, yet %+v", name, rep.Of(name))
		}
	}
	if rep.Of("companies").OnlyFnO != 1 {
		t.Errorf("no company is left to create: %+v", rep.Of("companies"))
	}
}

// TestRowsFitTheCatalog checks every value against the schema of its side: name,
// type, length, option, and that references lead to a row.
func TestRowsFitTheCatalog(t *testing.T) {
	cat, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	_, dv, fno := fill(t, Options{Seed: 11, Records: 2000})
	enums := map[string]map[string]bool{}
	for _, e := range cat.Enums {
		enums[e.Name] = map[string]bool{}
		for _, m := range e.Members {
			enums[e.Name][m.Name] = true
		}
	}
	values := referred(cat, fno)
	for _, e := range cat.Entities {
		keys := map[string]bool{}
		for _, row := range fno.sets[e.EntitySet] {
			var key []string
			for _, k := range e.Key {
				key = append(key, strings.ToLower(fmt.Sprint(row[k])))
			}
			keys[strings.Join(key, "/")] = true
			checkRecord(t, e, enums, values, row)
		}
		if n := len(keys); n != len(fno.sets[e.EntitySet]) || n == 0 {
			t.Errorf("%s: %d keys in %d rows", e.EntitySet, n, len(fno.sets[e.EntitySet]))
		}
	}
	tables := map[string]catalog.Table{}
	ids := map[string]map[string]bool{}
	for _, tab := range cat.Tables {
		tables[tab.EntitySet] = tab
		ids[tab.LogicalName] = map[string]bool{}
		for _, row := range dv.sets[tab.EntitySet] {
			ids[tab.LogicalName][fmt.Sprint(row[tab.PrimaryID])] = true
		}
	}
	for set, rows := range dv.sets {
		tab := tables[set]
		if len(ids[tab.LogicalName]) != len(rows) {
			t.Errorf("%s: %d ids in %d rows", set, len(ids[tab.LogicalName]), len(rows))
		}
		unique := map[string]bool{}
		for _, row := range rows {
			checkRow(t, tab, ids, row)
			for _, k := range tab.Keys {
				if key := keyOf(row, k); key != "" && unique[key] {
					t.Errorf("%s: %s twice", set, key)
				} else {
					unique[key] = true
				}
			}
		}
	}
}

// referred gives the values of the fields that others refer to, with their
// company, by entity set and field.
func referred(cat catalog.Catalog, fno *collected) map[string]map[string]bool {
	values := map[string]map[string]bool{}
	for _, e := range cat.Entities {
		for _, p := range e.Properties {
			if p.Related == nil {
				continue
			}
			name := p.Related.EntitySet + "." + p.Related.Property
			if values[name] != nil {
				continue
			}
			values[name] = map[string]bool{}
			for _, row := range fno.sets[p.Related.EntitySet] {
				values[name][strings.ToLower(fmt.Sprint(row["dataAreaId"], "/", row[p.Related.Property]))] = true
			}
		}
	}
	return values
}

// keyOf gives the values of an alternate key, "" where one of them is null: a
// key with a null does not bind.
func keyOf(row map[string]any, k catalog.Key) string {
	var values []string
	for _, c := range k.Columns {
		if row[c] == nil {
			return ""
		}
		values = append(values, strings.ToLower(fmt.Sprint(row[c])))
	}
	return strings.Join(values, "/")
}

func checkRecord(t *testing.T, e catalog.Entity, enums, values map[string]map[string]bool, row map[string]any) {
	t.Helper()
	known := map[string]catalog.Property{}
	for _, p := range e.Properties {
		known[p.Name] = p
		if p.Mandatory && (row[p.Name] == nil || row[p.Name] == "") {
			t.Errorf("%s: mandatory %s is empty", e.EntitySet, p.Name)
		}
	}
	for name, v := range row {
		p, found := known[name]
		if !found {
			t.Errorf("%s has no field %s", e.EntitySet, name)
			continue
		}
		s, isText := v.(string)
		switch {
		case enums[p.Type] != nil && !enums[p.Type][s]:
			t.Errorf("%s.%s: %v is no member of %s", e.EntitySet, name, v, p.Type)
		case p.Type == "Edm.String" && !isText:
			t.Errorf("%s.%s: %v is no text", e.EntitySet, name, v)
		case p.Type == "Edm.String" && p.MaxLength > 0 && utf8.RuneCountInString(s) > p.MaxLength:
			t.Errorf("%s.%s: %q is longer than %d", e.EntitySet, name, s, p.MaxLength)
		case p.Related != nil && s != "":
			found := false
			for _, area := range []any{nil, row["dataAreaId"]} {
				found = found || values[p.Related.EntitySet+"."+p.Related.Property][strings.ToLower(fmt.Sprint(area, "/", s))]
			}
			if !found {
				t.Errorf("%s.%s: %s is not in %s", e.EntitySet, name, s, p.Related.EntitySet)
			}
		}
		if isText && s != strings.TrimSpace(s) {
			t.Errorf("%s.%s: %q has blanks at its ends", e.EntitySet, name, s)
		}
	}
}

func checkRow(t *testing.T, tab catalog.Table, ids map[string]map[string]bool, row map[string]any) {
	t.Helper()
	known := map[string]catalog.Column{}
	for _, c := range tab.Columns {
		known[c.LogicalName] = c
	}
	for name, v := range row {
		if name == "owneridtype" || v == nil {
			continue
		}
		c, found := known[name]
		if !found {
			t.Errorf("%s has no column %s", tab.LogicalName, name)
			continue
		}
		s, isText := v.(string)
		n, isWhole := v.(int)
		ok := true
		switch c.Type {
		case "StringType", "MemoType":
			ok = isText && s == strings.TrimSpace(s) && s != "" && (c.MaxLength == 0 || utf8.RuneCountInString(s) <= c.MaxLength)
		case "UniqueidentifierType":
			ok = isText && len(s) == 36
		case "LookupType", "OwnerType", "CustomerType":
			ok = isText && len(s) == 36
			hit := false
			for _, target := range c.Targets {
				hit = hit || ids[target.Table][s]
			}
			ok = ok && hit
		case "PicklistType", "StateType", "StatusType":
			ok = isWhole && hasOption(c, n)
		case "BooleanType":
			_, ok = v.(bool)
		case "IntegerType", "BigIntType":
			ok = isWhole && within(c, float64(n))
		case "DateTimeType":
			layout := time.RFC3339
			if c.DateTimeBehavior == "DateOnly" {
				layout = time.DateOnly
			}
			_, err := time.Parse(layout, s)
			ok = isText && err == nil
		default:
			f, err := strconv.ParseFloat(s, 64)
			_, decimals, _ := strings.Cut(s, ".")
			ok = isText && err == nil && within(c, f) && len(decimals) <= c.Precision
		}
		if !ok {
			t.Errorf("%s.%s (%s): %#v does not fit", tab.LogicalName, name, c.Type, v)
		}
	}
}

func hasOption(c catalog.Column, n int) bool {
	for _, o := range c.Options {
		if o.Value == n {
			return true
		}
	}
	return false
}

func within(c catalog.Column, f float64) bool {
	for _, bound := range []struct {
		text string
		sign float64
	}{{c.Min, 1}, {c.Max, -1}} {
		if bound.text == "" {
			continue
		}
		limit, err := strconv.ParseFloat(bound.text, 64)
		if err != nil || bound.sign*(f-limit) < 0 {
			return false
		}
	}
	return true
}

// TestDifferingPairs compares both sides of every customer pair: the number of
// pairs with a difference is the reported one, each has one to five, and none
// would replace something by nothing on the side that follows.
func TestDifferingPairs(t *testing.T) {
	rep, dv, fno := fill(t, Options{Seed: 5, Records: 4000})
	codes := map[string]string{}
	for _, row := range dv.sets["cdm_companies"] {
		codes[row["cdm_companyid"].(string)] = strings.ToLower(row["cdm_companycode"].(string))
	}
	delete(codes, idOf(codes, strings.ToLower(rep.Others[0])))
	records := map[string]map[string]any{}
	for _, r := range fno.sets["CustomersV3"] {
		records[fmt.Sprint(r["dataAreaId"], r["CustomerAccount"])] = r
	}
	for _, c := range []struct {
		table, key string
		fields     []binding
		toFnO      map[string]bool
	}{
		{"accounts", "accountnumber", accountFields(), map[string]bool{"emailaddress1": true, "telephone1": true}},
		{"contacts", "msdyn_contactpersonid", personFields(), nil},
	} {
		equalPairs, differPairs, towardsFnO := 0, 0, 0
		for _, row := range dv.sets[c.table] {
			area := codes[fmt.Sprint(row["msdyn_company"])]
			r := records[area+fmt.Sprint(row[c.key])]
			if area == "" || r == nil {
				continue
			}
			changed := 0
			for _, b := range c.fields {
				if b.as == link {
					continue
				}
				want := mirror([]binding{b}, r, nil)[b.column]
				got := row[b.column]
				if got == want {
					continue
				}
				changed++
				if c.toFnO[b.column] {
					towardsFnO++
					if got == nil {
						t.Errorf("%s: %s is blank in Dataverse, its master", c.table, b.column)
					}
				} else if want == nil || want == 0 {
					t.Errorf("%s: %s is blank in F&O, its master", c.table, b.column)
				}
			}
			if changed > 6 {
				t.Errorf("%s: %d fields differ", c.table, changed)
			}
			if changed == 0 {
				equalPairs++
			} else {
				differPairs++
			}
		}
		m := rep.Of(c.table)
		// A pair may differ in references only, which this test leaves out.
		if differPairs > m.Differ || differPairs < m.Differ*8/10 || equalPairs+differPairs != m.Differ+m.Equal {
			t.Errorf("%s: %d differ and %d are equal, reported %+v", c.table, differPairs, equalPairs, m)
		}
		if c.toFnO != nil && towardsFnO < m.Differ/3 {
			t.Errorf("%s: only %d differences flow towards F&O", c.table, towardsFnO)
		}
	}
}

func idOf(codes map[string]string, code string) string {
	for id, c := range codes {
		if c == code {
			return id
		}
	}
	return ""
}

func TestInvoiceAccounts(t *testing.T) {
	_, _, fno := fill(t, Options{Seed: 2, Records: 3000})
	payer := map[string]string{}
	self, other, orgs := 0, 0, 0
	for _, r := range fno.sets["CustomersV3"] {
		if r["PartyType"] != "Organization" {
			continue
		}
		orgs++
		area := fmt.Sprint(r["dataAreaId"], "/")
		switch to, _ := r["InvoiceAccount"].(string); to {
		case "":
		case r["CustomerAccount"]:
			self++
		default:
			other++
			payer[area+fmt.Sprint(r["CustomerAccount"])] = area + to
		}
	}
	if self*100 < orgs*7 || self*100 > orgs*13 || other*100 < orgs*14 || other*100 > orgs*24 {
		t.Errorf("%d organisations, %d pay themselves, %d through another", orgs, self, other)
	}
	for start := range payer {
		links := 0
		for at := start; payer[at] != "" && links < 4; at = payer[at] {
			links++
		}
		if links > 2 {
			t.Errorf("%s: a chain of %d links", start, links)
		}
	}
}
