package planner

import (
	"testing"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/planner/plan"
)

func TestRoute(t *testing.T) {
	rates := plan.PackageRates{Rows: 20_000, Least: 1_876, Start: 60, PerMinute: 3_333, ReadBack: 72_000}
	missing := rates
	missing.NoProject = true
	for _, c := range []struct {
		what      string
		via       string
		rows      int64
		rates     *plan.PackageRates
		no        bool
		companies int
		want      *plan.Route
	}{
		{"no rows", "package", 0, &rates, false, 3, nil},
		{"no rates", "", 5000, nil, false, 3, nil},
		{"few", "", 1000, &rates, false, 3, &plan.Route{Via: "odata", Why: plan.RouteFewRows, Least: 1876, Seconds: 50}},
		{"many", "", 5000, &rates, false, 3, &plan.Route{Via: "package", Why: plan.RouteManyRows, Least: 1876, Packages: 2, Seconds: 2*60 + 91 + 5, ReadBack: 5}},
		{"more than one holds", "", 50_000, &rates, false, 0, &plan.Route{Via: "package", Why: plan.RouteManyRows, Least: 1876, Packages: 3, Seconds: 3*60 + 901 + 42, ReadBack: 42}},
		{"demanded", "package", 10, &rates, false, 3, &plan.Route{Via: "package", Why: plan.RouteDemanded, Least: 1876, Packages: 3, Seconds: 3*60 + 1 + 1, ReadBack: 1}},
		{"forbidden", "odata", 50_000, &rates, false, 3, &plan.Route{Via: "odata", Why: plan.RouteDemanded, Least: 1876, Seconds: 2500}},
		{"not offered", "", 50_000, &rates, true, 3, &plan.Route{Via: "odata", Why: plan.RouteNoEntity, Least: 1876, Seconds: 2500}},
		{"no project", "", 50_000, &missing, false, 3, &plan.Route{Via: "odata", Why: plan.RouteNoProject, Least: 1876, Seconds: 2500}},
		{"not counted", "", -1, &rates, false, 3, &plan.Route{Via: "odata", Why: plan.RouteNotKnown, Least: 1876, Seconds: -1}},
	} {
		a := &plan.Action{Definition: &plan.Definition{
			Map: &model.Map{Initial: model.InitialSync{Via: c.via}}, FnO: &schema.Table{NoPackages: c.no}, Companies: make([]string, c.companies),
		}}
		got := route(a, &plan.Cost{ToFnO: plan.Bound{Most: c.rows}, Rate: plan.Rate{ToFnO: 1200}}, c.rates)
		if (got == nil) != (c.want == nil) || got != nil && *got != *c.want {
			t.Errorf("%s: %+v, want %+v", c.what, got, c.want)
		}
	}
}
