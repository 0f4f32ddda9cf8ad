package generate

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dualwrite/dw/runtime/sandbox/catalog"
)

// sinksOf fills a world and gives it, for tests that know what a map's rows
// look like.
func sinksOf(t *testing.T, o Options) (*world, *collected, *collected) {
	t.Helper()
	dv, fno := &collected{}, &collected{}
	if o.Companies == nil {
		o.Companies = []string{"USMF", "DEMF", "GBSI"}
	}
	w := newWorld(o, true, dv, fno)
	for _, step := range w.steps() {
		if err := step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	w.closeReport()
	return w, dv, fno
}

func TestSharesOfAllMaps(t *testing.T) {
	began := time.Now()
	rep, _, _ := fill(t, Options{Seed: 3, Records: 7000})
	t.Logf("%d records in %v, without a twin", rep.Records, time.Since(began))
	share := func(maps ...string) int {
		n := 0
		for _, m := range maps {
			n += rep.Of(m).Records()
		}
		return 100 * n / rep.Records
	}
	for _, c := range []struct {
		share, least, most int
	}{
		{share("accounts", "contacts"), 38, 46},
		{share("vendors", "contact_persons"), 7, 9},
		{share("global_products", "released_products", "products"), 11, 13},
		{share("sales_orders", "sales_order_lines"), 28, 32},
	} {
		if c.share < c.least || c.share > c.most {
			t.Errorf("a share of %d %%, want %d to %d", c.share, c.least, c.most)
		}
	}
	for _, m := range rep.Maps {
		if m.Records() == 0 || m.OnlyFnO == 0 && m.Map != "category_hierarchies" {
			t.Errorf("%+v lacks records", m)
		}
		if m.Equal == 0 || m.Differ == 0 {
			t.Errorf("%+v lacks a case", m)
		}
	}
	for _, m := range []string{"companies", "units", "global_products", "released_products", "products", "contact_persons", "sales_orders", "sales_order_lines"} {
		if n := rep.Of(m).OnlyDataverse; n != 0 {
			t.Errorf("%s makes no records in F&O, yet %d are in Dataverse only", m, n)
		}
	}
}

func TestSizesOfAllMaps(t *testing.T) {
	for _, companies := range [][]string{{"USMF"}, {"USMF", "DEMF"}, {"USMF", "DEMF", "GBSI"}, {"A", "B", "C", "D", "E"}} {
		least := FullRecords(len(companies))
		if len(companies) == 3 && least > 320 {
			t.Errorf("three companies need %d records", least)
		}
		for n := least; n < least+6; n++ {
			rep, _, fno := fill(t, Options{Seed: uint64(n), Records: n, Companies: companies, Others: []string{"FRSI", "ITCO"}})
			sum := 0
			for _, m := range rep.Maps {
				sum += m.Records()
			}
			if sum != n {
				t.Fatalf("%v: %d records asked for, %d made", companies, n, sum)
			}
			if len(rep.Maps) != 28 || len(rep.Others) != 2 {
				t.Fatalf("%d maps, others %v", len(rep.Maps), rep.Others)
			}
			if len(fno.sets["CDSSalesOrderLines"]) == 0 || len(fno.sets["CDSReleasedDistinctProducts"]) == 0 {
				t.Fatalf("%v, %d records: no orders or products", companies, n)
			}
		}
		rep, _, _ := fill(t, Options{Seed: 1, Records: least - 1, Companies: companies})
		if len(rep.Maps) != 8 {
			t.Errorf("%d records: %d maps", least-1, len(rep.Maps))
		}
	}
}

// keysByID gives the text by which F&O names each Dataverse row.
func keysByID(cat catalog.Catalog, dv *collected) map[string]string {
	keys := map[string]string{}
	for _, tab := range cat.Tables {
		column := tab.PrimaryName
		for _, k := range tab.Keys {
			column = k.Columns[0]
		}
		for _, row := range dv.sets[tab.EntitySet] {
			keys[fmt.Sprint(row[tab.PrimaryID])] = fmt.Sprint(row[column])
		}
	}
	return keys
}

// TestReferencesAgree holds every reference of a pair that both sides have to
// the same record on both: but for the few that differ on purpose.
func TestReferencesAgree(t *testing.T) {
	cat, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	w, dv, fno := sinksOf(t, Options{Seed: 4, Records: 3000})
	keys := keysByID(cat, dv)
	codes := map[string]string{}
	for _, row := range dv.sets["cdm_companies"] {
		codes[row["cdm_companyid"].(string)] = strings.ToLower(row["cdm_companycode"].(string))
	}
	orders := map[any]string{} // company by order
	for _, row := range dv.sets["salesorders"] {
		orders[row["salesorderid"]] = fmt.Sprint(row["msdyn_company"])
	}
	for _, s := range w.sinks {
		keyFields := keyBindings(s)
		records := map[string]map[string]any{}
		for _, r := range fno.sets[s.report.EntitySet] {
			records[recordKey(keyFields, r)] = r
		}
		pairs, apart := 0, 0
		for _, row := range dv.sets[s.report.Table] {
			area := ""
			if s.company != "" {
				if area = codes[fmt.Sprint(row[s.company])]; area == "" {
					continue
				}
			} else if keyFields[0] == "SalesOrderNumber" {
				area = codes[orders[row["salesorderid"]]]
			}
			r := records[rowKey(s, keyFields, keys, area, row)]
			if r == nil {
				continue
			}
			pairs++
			for _, b := range s.fields {
				if b.as != link {
					continue
				}
				want, _ := r[b.field].(string)
				got := ""
				if row[b.column] != nil {
					got = keys[row[b.column].(string)]
				}
				if want != got {
					apart++
					if s.report.Map != "accounts" && s.report.Map != "contacts" {
						t.Errorf("%s: %s is %q in F&O, %q in Dataverse", s.report.Map, b.field, want, got)
					}
				}
			}
		}
		if m := s.report; pairs < m.Equal+m.Differ {
			t.Errorf("%s: %d pairs found, reported %+v", m.Map, pairs, m)
		}
		if apart > s.report.Differ {
			t.Errorf("%s: %d references differ in %d pairs that differ", s.report.Map, apart, s.report.Differ)
		}
	}
}

// keyBindings are the fields that find a record besides the company.
func keyBindings(s *sink) []string {
	switch s.report.Map {
	case "sales_order_lines":
		return []string{"SalesOrderNumber", "LineCreationSequenceNumber"}
	case "product_categories":
		return []string{"CategoryName", "ProductCategoryHierarchyName"}
	case "contact_persons":
		return []string{"ContactPersonId"}
	}
	for _, b := range s.fields {
		switch b.field {
		case "CustomerAccount", "VendorAccountNumber", "WarehouseId", "SiteId", "HierarchyName", "SalesOrderNumber", "ItemNumber", "CustomerGroupId",
			"VendorGroupId", "TermsCode", "ModeCode", "TaxGroupCode", "GroupCode", "OriginCode", "Name", "LegalEntityId", "CurrencyCode", "UnitSymbol":
			return []string{b.field}
		}
	}
	return []string{"ProductNumber"}
}

func recordKey(fields []string, r map[string]any) string {
	key := ""
	if area := r["dataAreaId"]; area != nil {
		key = fmt.Sprint(area)
	}
	for _, f := range fields {
		key += fmt.Sprint("/", r[f])
	}
	return key
}

func rowKey(s *sink, fields []string, keys map[string]string, area string, row map[string]any) string {
	key := area
	for _, f := range fields {
		for _, b := range s.fields {
			if b.field != f {
				continue
			}
			if b.as == link {
				key += "/" + keys[fmt.Sprint(row[b.column])]
			} else {
				key += fmt.Sprint("/", row[b.column])
			}
			break
		}
	}
	return key
}

// TestShapes: trees, rings, pairs and selves are there.
func TestShapes(t *testing.T) {
	w, _, fno := sinksOf(t, Options{Seed: 9, Records: 4000})
	names := map[string]int{}
	for _, h := range w.hierarchies {
		levels := map[int]int{}
		for _, x := range h.categories {
			levels[x.level]++
			names[x.key]++
			if (x.parent == nil) != (x.level == 1) || x.parent != nil && (x.parent.hierarchy != h || !fits(x.kind, x.parent.kind)) {
				t.Errorf("%s: %+v has the parent %+v", h.key, x.reference, x.parent)
			}
		}
		if levels[1] != 1 || levels[2] < 2 || levels[3] < 2 || len(levels) != 3 {
			t.Errorf("%s has the levels %v", h.key, levels)
		}
	}
	if names["Accessories"] != 2 || names["Spare parts"] != 2 {
		t.Error("no category is in both hierarchies")
	}
	self, pairs := 0, 0
	for _, c := range w.companies {
		for _, x := range c.warehouses {
			switch {
			case x.main == x:
				self++
			case x.main != nil && x.main.main == x:
				pairs++
			}
		}
	}
	if self == 0 || pairs == 0 {
		t.Errorf("%d warehouses refill themselves, %d each other", self, pairs)
	}
	rings, employed := 0, 0
	for _, c := range w.customers {
		if c.person && c.peer != nil {
			employed++
			if c.peer.peer == c {
				rings++
			}
		}
	}
	if employed == 0 || rings*4 < employed {
		t.Errorf("%d persons have an employer, %d of them in a ring", employed, rings)
	}
	vendorRings := 0
	for _, v := range w.vendors {
		if v.contact != nil && v.contact.vendor == v && fits(v.kind, v.contact.kind) {
			vendorRings++
		}
	}
	if vendorRings == 0 {
		t.Error("no vendor names a contact person of its own")
	}
	lines, persons, writeIns := map[any]int{}, 0, 0
	for _, l := range fno.sets["CDSSalesOrderLines"] {
		lines[l["SalesOrderNumber"]]++
		if l["ProductNumber"] == nil {
			writeIns++
			if l["SalesProductCategoryHierarchyName"] == nil {
				t.Errorf("%v has neither product nor category", l)
			}
		}
	}
	kinds := map[any]bool{}
	for _, r := range fno.sets["CustomersV3"] {
		kinds[fmt.Sprint(r["dataAreaId"], r["CustomerAccount"])] = r["PartyType"] == "Person"
	}
	for _, o := range fno.sets["CDSSalesOrderHeaders"] {
		if n := lines[o["SalesOrderNumber"]]; n < 2 || n > 4 {
			t.Errorf("%v has %d lines", o["SalesOrderNumber"], n)
		}
		if kinds[fmt.Sprint(o["dataAreaId"], o["OrderingCustomerAccountNumber"])] {
			persons++
		}
	}
	if n := len(fno.sets["CDSSalesOrderHeaders"]); persons == 0 || persons*2 > n || writeIns == 0 {
		t.Errorf("of %d orders %d are of persons; %d lines without product", n, persons, writeIns)
	}
}
