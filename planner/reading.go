package planner

import "github.com/dualwrite/dw/planner/plan"

// reading says how an action reads the records of F&O; nil where there are none,
// or where nothing is known of exports.
func reading(a *plan.Action, rate plan.Rate, p *plan.ExportRates) *plan.Reading {
	def, rows := a.Definition, a.Rows.FnO
	if p == nil || rows == 0 || def.FnO == nil {
		return nil
	}
	r := &plan.Reading{Via: plan.ViaOData, Seconds: unknown}
	exports := int64(max(len(def.Companies), 1))
	switch via := def.Map.Initial.ReadVia; {
	case via == plan.ViaPackage:
		r.Via, r.Why = plan.ViaPackage, plan.RouteDemanded
	case via != "":
		r.Why = plan.RouteDemanded
	case def.FnO.NoPackages:
		r.Why = plan.RouteNoEntity
	case nowhere(def):
		r.Why = plan.RouteNoCompanies
	case rows < 0:
		r.Why = plan.RouteNotKnown
	case rows < p.Least:
		r.Why = plan.RouteFewRows
	case p.Missing[def.FnO.Set]:
		r.Why = plan.RouteNoProject
	default:
		r.Why = plan.RateDecides
	}
	if r.Via == plan.ViaPackage || r.Why == plan.RateDecides || r.Why == plan.RouteNoProject {
		r.Project, r.Exports = p.Project+def.FnO.Set, exports
	}
	if rows < 0 {
		return r
	}
	keys := seconds(rows, p.Keys)
	exporting := exports*p.Start + seconds(rows, p.PerMinute) + keys
	switch {
	case r.Via == plan.ViaPackage:
		r.Seconds, r.Keys = exporting, keys
		return r
	case r.Why == plan.RateDecides:
		r.SlowerThan = rows * minute / max(exporting*p.Clearly, 1)
	}
	r.Seconds = seconds(rows, rate.Compare)
	return r
}
