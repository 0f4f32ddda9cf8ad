package planner

import (
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/planner/plan"
)

func TestReading(t *testing.T) {
	rates := plan.ExportRates{Least: 5_000, Clearly: 2, Start: 60, PerMinute: 5_000, Keys: 120_000, Project: "dw-export-"}
	missing := rates
	missing.Missing = map[string]bool{"Things": true}
	const project = "dw-export-Things"
	three := []string{"DEMF", "GBSI", "USMF"}
	offered, own := schema.Table{Set: "Things", CompanySpecific: true}, schema.Table{Set: "Things"}
	no := offered
	no.NoPackages = true
	for _, c := range []struct {
		what      string
		via       string
		rows      int64
		rates     *plan.ExportRates
		table     schema.Table
		companies []string
		want      *plan.Reading
	}{
		{"no rows", "package", 0, &rates, offered, three, nil},
		{"no rates", "package", 10, nil, offered, three, nil},
		{"few", "", 4_999, &rates, offered, three, &plan.Reading{Via: "odata", Why: plan.RouteFewRows, Seconds: 5}},
		{"many", "", 100_000, &rates, offered, three, &plan.Reading{
			Via: "odata", Why: plan.RateDecides, Project: project, Exports: 3, SlowerThan: 100_000 * 60 / (2 * (3*60 + 1200 + 50)), Seconds: 100,
		}},
		{"demanded", "package", 10, &rates, offered, three, &plan.Reading{Via: "package", Why: plan.RouteDemanded, Project: project, Exports: 3, Seconds: 3*60 + 1 + 1, Keys: 1}},
		{"without companies of its own", "package", 240_000, &rates, own, nil, &plan.Reading{
			Via: "package", Why: plan.RouteDemanded, Project: project, Exports: 1, Seconds: 60 + 2880 + 120, Keys: 120,
		}},
		{"demanded, not counted", "package", -1, &rates, offered, three, &plan.Reading{Via: "package", Why: plan.RouteDemanded, Project: project, Exports: 3, Seconds: -1}},
		{"forbidden", "odata", 100_000, &rates, offered, three, &plan.Reading{Via: "odata", Why: plan.RouteDemanded, Seconds: 100}},
		{"not offered", "", 100_000, &rates, no, three, &plan.Reading{Via: "odata", Why: plan.RouteNoEntity, Seconds: 100}},
		{"no companies", "", 100_000, &rates, offered, nil, &plan.Reading{Via: "odata", Why: plan.RouteNoCompanies, Seconds: 100}},
		{"no project", "", 100_000, &missing, offered, three, &plan.Reading{Via: "odata", Why: plan.RouteNoProject, Project: project, Exports: 3, Seconds: 100}},
		{"not counted", "", -1, &rates, offered, three, &plan.Reading{Via: "odata", Why: plan.RouteNotKnown, Seconds: -1}},
	} {
		a := &plan.Action{Rows: plan.Rows{FnO: c.rows}, Definition: &plan.Definition{
			Map: &model.Map{Initial: model.InitialSync{ReadVia: c.via}}, FnO: &c.table, Companies: c.companies,
		}}
		got := reading(a, plan.Rate{Compare: 60_000}, c.rates)
		if (got == nil) != (c.want == nil) || got != nil && *got != *c.want {
			t.Errorf("%s: %+v, want %+v", c.what, got, c.want)
		}
	}
}

// TestReadingTakes: what exports take is what the map takes at least.
func TestReadingTakes(t *testing.T) {
	rows := plan.Rows{FnO: 100, Dataverse: 10}
	c := &plan.Cost{Rate: plan.Rate{Compare: 60, ToDataverse: 60}, ToDataverse: plan.Bound{Most: 100}}
	if got := span(c, rows); got != (plan.Span{Least: 100, Most: 200}) {
		t.Errorf("without exports: %+v", got)
	}
	c.ReadFromFnO = &plan.Reading{Via: plan.ViaPackage, Seconds: 250}
	if got := span(c, rows); got != (plan.Span{Least: 250, Most: 350}) {
		t.Errorf("by exports: %+v", got)
	}
	c.ReadFromFnO = &plan.Reading{Via: plan.ViaPackage, Seconds: 30}
	if got := span(c, rows); got != (plan.Span{Least: 100, Most: 200}) {
		t.Errorf("by exports, which is faster than comparing: %+v", got)
	}
}

// TestNotOffered: what a map demands and no data management can do is an error,
// once for a map.
func TestNotOffered(t *testing.T) {
	for _, c := range []struct {
		what      string
		initial   model.InitialSync
		table     schema.Table
		companies []string
		want      string // what the diagnostic says; "" none
	}{
		{"auto", model.InitialSync{}, schema.Table{NoPackages: true, CompanySpecific: true}, nil, ""},
		{"over OData", model.InitialSync{Via: "odata", ReadVia: "odata"}, schema.Table{NoPackages: true, CompanySpecific: true}, nil, ""},
		{"written", model.InitialSync{Via: "package"}, schema.Table{NoPackages: true}, nil, "cannot be written by packages"},
		{"read", model.InitialSync{ReadVia: "package"}, schema.Table{NoPackages: true}, nil, "cannot be read by exports"},
		{"both", model.InitialSync{Via: "package", ReadVia: "package"}, schema.Table{NoPackages: true}, nil, "neither be written by packages nor read by exports"},
		{"offered", model.InitialSync{Via: "package", ReadVia: "package"}, schema.Table{}, nil, ""},
		{"no company", model.InitialSync{ReadVia: "package"}, schema.Table{CompanySpecific: true}, nil, "one company"},
		{"companies", model.InitialSync{ReadVia: "package"}, schema.Table{CompanySpecific: true}, []string{"USMF"}, ""},
		{"no company, written", model.InitialSync{Via: "package"}, schema.Table{CompanySpecific: true}, nil, ""},
	} {
		c.table.Set, c.table.Label, c.table.AOT = "Things", "Things", "ThingEntity"
		got := notOffered(&plan.Definition{Map: &model.Map{Name: "things", Initial: c.initial}, FnO: &c.table, Companies: c.companies})
		switch {
		case c.want == "" && len(got) > 0, c.want != "" && len(got) != 1:
			t.Errorf("%s: %v", c.what, got)
		case c.want != "" && (got[0].Code != diag.CodeNoPackages || got[0].Severity != diag.Error || got[0].Hint == "" || !strings.Contains(got[0].Detail, c.want)):
			t.Errorf("%s: %+v", c.what, got[0])
		}
	}
}
