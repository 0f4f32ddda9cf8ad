package sandbox

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang"
	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/bind"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/connect/auth"
	dataverseconnect "github.com/dualwrite/dw/runtime/connect/dataverse"
	fnoconnect "github.com/dualwrite/dw/runtime/connect/fno"
	"github.com/dualwrite/dw/runtime/connect/limit"
	"github.com/dualwrite/dw/runtime/connect/pull"
	"github.com/dualwrite/dw/runtime/host"
)

// TestGeneratedCasesAreSeenByTheExample reads both twins through the connectors,
// compiles the example's maps against the schema that they pull, joins records
// by key and compares them: the numbers of each case are those that the
// generator, which has its own reading of the maps, reports.
func TestGeneratedCasesAreSeenByTheExample(t *testing.T) {
	o := options(t.TempDir())
	o.NoAuth, o.Records = true, 600
	s := start(t, o)
	h := host.Real(t.TempDir())
	budget := func() limit.Budget { return limit.New(limit.Options{Clock: h.Clock}) }
	f, err := fnoconnect.New(fnoconnect.Options{URL: s.Addresses().FnO, HTTP: http.DefaultClient, Tokens: auth.None{}, Budget: budget(), Host: h})
	if err != nil {
		t.Fatal(err)
	}
	d, err := dataverseconnect.New(dataverseconnect.Options{URL: s.Addresses().Dataverse, HTTP: http.DefaultClient, Tokens: auth.None{}, Budget: budget(), Host: h})
	if err != nil {
		t.Fatal(err)
	}
	cfg, list := lang.Load(os.DirFS("../../examples/contoso"), lang.Options{})
	if list.HasErrors() {
		t.Fatal(list)
	}
	schema, err := pull.Catalog(t.Context(), f, d, cfg.Maps)
	if err != nil {
		t.Fatal(err)
	}
	bound, list := bind.Link(cfg, cfg.Links[0], schema)
	failOn(t, list)
	refs := readReferences(t, s)
	for _, m := range bound.Maps {
		c, list := transform.Compile(m.Input())
		failOn(t, list)
		if c == nil {
			continue
		}
		inFnO := readAll(t, c, f, value.FnO, &c.FnO, refs)
		inDataverse := readAll(t, c, d, value.Dataverse, &c.Dataverse, refs)
		onlyFnO, equal, differ := 0, 0, 0
		for key, a := range inFnO {
			b := inDataverse[key]
			if b == nil {
				onlyFnO++
				continue
			}
			delete(inDataverse, key)
			if differences := compare(t, c, a, b, refs); len(differences) > 0 {
				differ++
			} else {
				equal++
			}
		}
		want := s.Report().Of(m.Source.Name)
		if onlyFnO != want.OnlyFnO || len(inDataverse) != want.OnlyDataverse || differ != want.Differ || equal != want.Equal {
			t.Errorf("%s: only F&O %d, only Dataverse %d, differ %d, equal %d; generated %+v", m.Source.Name, onlyFnO, len(inDataverse), differ, equal, want)
		}
	}
}

func failOn(t *testing.T, list diag.List) {
	t.Helper()
	for _, d := range list {
		if d.Severity == diag.Error {
			t.Errorf("%s: %s: %s", d.Subject, d.Code, d.Summary)
		}
	}
}

func compare(t *testing.T, c *transform.Compiled, a, b *transform.Record, refs *references) []string {
	t.Helper()
	var differences []string
	for i := range c.Slots {
		slot := &c.Slots[i]
		if i == c.Company || slot.OnCreate {
			continue
		}
		same, err := c.Same(slot, a, b, refs)
		if err != nil {
			t.Errorf("%s: %v", slot.Name, err)
		}
		if !same {
			differences = append(differences, slot.Name)
		}
	}
	return differences
}

// readAll gives the records of one side that are in scope, by key.
func readAll(t *testing.T, c *transform.Compiled, from connect.Connector, side value.Side, p *transform.Projection, refs *references) map[string]*transform.Record {
	t.Helper()
	found := map[string]*transform.Record{}
	q := connect.Query{Projection: p}
	for {
		page, err := from.Page(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range page.Rows {
			r := &transform.Record{Side: side, Values: row.Values}
			if c.Company >= 0 {
				if side == value.FnO {
					r.Company = strings.ToUpper(row.Values[c.Slots[c.Company].FnO].Text())
				} else {
					_, id := row.Values[c.Slots[c.Company].Dataverse].Ref()
					r.Company = refs.companies[id]
				}
			}
			if !c.InScope(side, r.Values, r.Company) {
				continue
			}
			key, ok := c.KeyOf(side, r.Values, r.Company)
			if !ok || found[key] != nil {
				t.Errorf("%s: a record of %s without a key of its own: %q", c.Map.Name, side, key)
			}
			found[key] = r
		}
		if page.Next == "" {
			return found
		}
		q.Resume = page.Next
	}
}

// references answers from the twin's file.
type references struct {
	companies map[string]string // id -> code
	keys      map[string]string // table/id -> key
	ids       map[string]string // table/company/key -> id
}

func (r *references) ID(l *transform.Lookup, company, key string) (value.Value, transform.RefState) {
	if l.CompanyColumn == "" {
		company = ""
	}
	id, found := r.ids[strings.ToLower(l.Table+"/"+company+"/"+key)]
	if !found {
		return value.Value{}, transform.RefMissing
	}
	return value.NewReference(l.Table, id), transform.RefKnown
}

func (r *references) Key(l *transform.Lookup, ref value.Value) (string, transform.RefState) {
	_, id := ref.Ref()
	key, found := r.keys[l.Table+"/"+id]
	if !found {
		return "", transform.RefMissing
	}
	return key, transform.RefKnown
}

func readReferences(t *testing.T, s *Sandbox) *references {
	t.Helper()
	r := &references{companies: map[string]string{}, keys: map[string]string{}, ids: map[string]string{}}
	each := func(query string, use func(id, key, company string)) {
		rows, err := s.Dataverse().DB().QueryContext(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var id, key, company string
			if err := rows.Scan(&id, &key, &company); err != nil {
				t.Fatal(err)
			}
			use(id, key, company)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
	each("SELECT cdm_companyid, cdm_companycode, '' FROM cdm_companies", func(id, code, _ string) { r.companies[id] = code })
	for table, query := range map[string]string{
		"transactioncurrency":         "SELECT transactioncurrencyid, isocurrencycode, '' FROM transactioncurrencies",
		"account":                     "SELECT accountid, accountnumber, msdyn_company FROM accounts WHERE msdyn_company IS NOT NULL AND accountnumber IS NOT NULL",
		"msdyn_paymentterm":           "SELECT msdyn_paymenttermid, msdyn_name, msdyn_company FROM msdyn_paymentterms WHERE msdyn_company IS NOT NULL",
		"msdyn_customergroup":         "SELECT msdyn_customergroupid, msdyn_groupid, msdyn_company FROM msdyn_customergroups WHERE msdyn_company IS NOT NULL",
		"msdyn_customerpaymentmethod": "SELECT msdyn_customerpaymentmethodid, msdyn_name, msdyn_company FROM msdyn_customerpaymentmethods WHERE msdyn_company IS NOT NULL",
	} {
		each(query, func(id, key, company string) {
			r.keys[table+"/"+id] = key
			r.ids[strings.ToLower(fmt.Sprint(table, "/", r.companies[company], "/", key))] = id
		})
	}
	return r
}
