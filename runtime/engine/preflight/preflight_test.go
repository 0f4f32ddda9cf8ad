package preflight_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/enginetest"
	"github.com/dualwrite/dw/runtime/engine/preflight"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/store/memory"
)

type values = enginetest.Values

var text = enginetest.Text

// run judges the data with a scratch store of its own.
func run(w *enginetest.World, maps ...string) (report.Preflight, []report.PreflightRow) {
	w.Helper()
	env := *w.Env
	env.Store = memory.New("scratch")
	var chosen []*engine.Map
	for _, m := range env.Maps {
		if len(maps) == 0 || slices.Contains(maps, m.Name) {
			chosen = append(chosen, m)
		}
	}
	var rows []report.PreflightRow
	r, err := preflight.Run(w.Context(), preflight.Options{Env: &env, Maps: chosen, Row: func(x report.PreflightRow) error {
		rows = append(rows, x)
		return nil
	}})
	if err != nil {
		w.Fatal(err)
	}
	for _, q := range append(w.Dataverse.Requests(), w.FnO.Requests()...) {
		if !strings.HasPrefix(q, "Page ") && !strings.HasPrefix(q, "Find ") && !strings.HasPrefix(q, "Read ") {
			w.Errorf("preflight sent %s", q)
		}
	}
	return r, rows
}

// found gives the findings: "map cause side field count record, record".
func found(r report.Preflight, least diag.Severity) (out []string) {
	for _, m := range r.Maps {
		for _, f := range m.Findings {
			if f.Severity > least {
				continue
			}
			var records []string
			for _, s := range f.Samples {
				records = append(records, s.Record)
			}
			slices.Sort(records)
			line := fmt.Sprintf("%s %s %s %s %d %s", m.Map, f.Cause, f.Side, f.Field, f.Count, strings.Join(records, ", "))
			if f.Behind != "" {
				line += " behind " + f.Behind
			}
			out = append(out, line)
		}
	}
	slices.Sort(out)
	return out
}

func expect(t *testing.T, got, want []string) {
	t.Helper()
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("found\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// TestCauses plants one record of each cause among clean ones.
func TestCauses(t *testing.T) {
	w := enginetest.New(t, enginetest.Config)
	usd := w.Ref("transactioncurrencies", "transactioncurrency", "isocurrencycode", "USD")
	w.Group(value.FnO, "USMF", "10", "Wholesale")
	w.Group(value.FnO, "USMF", "too long for a group", strings.Repeat("x", 51))
	// Clean: the group comes about in an earlier wave.
	w.Customer("USMF", "clean", values{"CustomerGroupId": text("10"), "InvoiceAccount": text("clean")})
	w.Customer("USMF", "both", values{"Email": text("a@x")})
	w.Account("USMF", "BOTH", values{"name": text("Name both"), "emailaddress1": text("b@x")})

	w.Customer("USMF", "long", values{"OrganizationName": text(strings.Repeat("x", 51))})
	w.Customer("USMF", "control", values{"OrganizationName": text("a\x0bb")})
	w.Customer("USMF", "nowhere", values{"CustomerGroupId": text("NO")})
	w.Customer("USMF", "behind", values{"CustomerGroupId": text("too long for a group")})
	w.Customer("USMF", "owes", values{"InvoiceAccount": text("nobody")})
	w.Customer("USMF", "owes failing", values{"InvoiceAccount": text("long")})
	w.Customer("USMF", "blank", nil)
	w.Account("USMF", "blank", values{"name": text("Name blank"), "transactioncurrencyid": usd})
	keyless := w.Account("DEMF", "", nil)
	one := w.Account("USMF", "twice", nil)
	two := w.Account("USMF", "TWICE ", nil)
	w.Customer("USMF", "prospect", nil)
	outside := w.Account("USMF", "prospect", values{"customertypecode": value.NewOption(8)})
	stray := w.Account("", "stray", nil)
	w.Account("", "no customer and no company", values{"customertypecode": value.NewOption(8)})
	w.Customer("FRSI", "of another company", values{"OrganizationName": text(strings.Repeat("x", 51))})

	for _, size := range []int{1, 3, 500} {
		w.Env.Batch, w.FnO.PageSize, w.Dataverse.PageSize = size, size, size
		r, rows := run(w)
		expect(t, found(r, diag.Warning), []string{
			"groups text_too_long fno msdyn_description 1 USMF / too long for a group",
			"customers text_too_long fno name 1 USMF / long",
			"customers bad_character fno name 1 USMF / control",
			"customers reference_missing fno msdyn_customergroupid.msdyn_groupid 1 USMF / nowhere",
			"customers follow_up fno msdyn_customergroupid.msdyn_groupid 1 USMF / behind behind groups",
			"customers reference_missing fno msdyn_billingaccount.accountnumber 1 USMF / owes",
			"customers follow_up fno msdyn_billingaccount.accountnumber 1 USMF / owes failing behind customers",
			"customers blank_over_value fno transactioncurrencyid.isocurrencycode 1 USMF / blank",
			"customers key_empty dataverse  1 row " + keyless,
			"customers key_duplicate dataverse  1 USMF / " + map[bool]string{true: "twice", false: "TWICE"}[one < two],
			"customers key_outside_filter dataverse  1 USMF / prospect",
			"customers company_missing dataverse  1 stray",
		})
		c := r.Maps[slices.IndexFunc(r.Maps, func(m report.MapPreflight) bool { return m.Map == "customers" })]
		if c.Failing != 10 || c.Creates != (report.Sides{Dataverse: 3}) || c.Updates.FnO != 1 || r.Failing != 11 || r.Clean {
			t.Errorf("counts %+v, failing %d", c, r.Failing)
		}
		if want := []report.Winner{{Field: "emailaddress1", Dataverse: 1}}; !slices.Equal(c.Winners, want) {
			t.Errorf("winners %+v, want %+v", c.Winners, want)
		}
		byID := map[string]report.PreflightRow{}
		for _, x := range rows {
			byID[x.ID] = x
		}
		for _, id := range []string{keyless, one, two, outside, stray} {
			if byID[id].Side != value.Dataverse || byID[id].Mend == "" {
				t.Errorf("row %s: %+v", id, byID[id])
			}
		}
		if at := slices.IndexFunc(rows, func(x report.PreflightRow) bool { return x.Record == "USMF / long" }); at < 0 || rows[at].Field != "OrganizationName" || len(rows[at].Value) != 51 {
			t.Errorf("the long name is not among the rows: %+v", rows)
		}
	}
}

// TestOnlyWhatIsAskedFor judges the maps that the chosen one refers to without
// reporting them.
func TestOnlyWhatIsAskedFor(t *testing.T) {
	w := enginetest.New(t, enginetest.Config)
	w.Group(value.FnO, "USMF", "10", "Wholesale")
	w.Customer("USMF", "clean", values{"CustomerGroupId": text("10")})
	r, rows := run(w, "customers")
	if !r.Clean || len(rows) > 0 || len(r.Maps) != 1 || r.Maps[0].Creates.Dataverse != 1 || r.Records != 1 {
		t.Errorf("%+v", r)
	}
}

// TestServerNumbers: of new records whose number the side that gets them would
// have given itself, each is listed; of those that are there already, none.
func TestServerNumbers(t *testing.T) {
	w := enginetest.New(t, enginetest.Config)
	w.Customer("USMF", "new", nil)
	w.Customer("USMF", "both", nil)
	w.Account("USMF", "both", values{"name": text("Name both")})
	w.Account("USMF", "dataverse only", values{"name": text("Another")})
	m := w.Map("customers")
	for _, at := range m.Compiled.Key {
		if at != m.Compiled.Company {
			m.Compiled.Column(&m.Compiled.Slots[at], value.Dataverse).Source = schema.SourceNumber
		}
	}
	r, _ := run(w, "customers")
	var got []string
	for _, line := range found(r, diag.Warning) {
		if strings.Contains(line, string(preflight.ServerNumbers)) {
			got = append(got, line)
		}
	}
	expect(t, got, []string{"customers number_sequence fno accountnumber 1 USMF / new"})
}
