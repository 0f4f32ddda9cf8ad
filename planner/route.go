package planner

import (
	"fmt"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/planner/plan"
)

// notOffered reports a map that demands packages of an entity without them.
func notOffered(def *plan.Definition) diag.List {
	if def.Map.Initial.Via != plan.ViaPackage || def.FnO == nil || !def.FnO.NoPackages {
		return nil
	}
	return diag.List{{
		Code: diag.CodeNoPackages, Severity: diag.Error, Address: def.Map.Address(), Subject: def.Map.Range,
		Summary: fmt.Sprintf("F&O's data management does not offer the entity %s", def.FnO.Set),
		Detail:  fmt.Sprintf("%s (%s) is not enabled for data management, so that its records cannot be written by packages.", def.FnO.Label, def.FnO.AOT),
		Hint:    `Write via = "odata" or via = "auto" in initial_sync of the map.`,
	}}
}

// route says how the rows that an action may write to F&O go there; nil where
// there are none, or where nothing is known of packages.
func route(a *plan.Action, c *plan.Cost, p *plan.PackageRates) *plan.Route {
	if p == nil || c.ToFnO.Most == 0 {
		return nil
	}
	def := a.Definition
	rows := c.ToFnO.Most
	r := &plan.Route{Via: plan.ViaOData, Least: p.Least, Seconds: unknown}
	switch via := def.Map.Initial.Via; {
	case via == plan.ViaPackage:
		r.Via, r.Why = plan.ViaPackage, plan.RouteDemanded
	case via != "":
		r.Why = plan.RouteDemanded
	case def.FnO != nil && def.FnO.NoPackages:
		r.Why = plan.RouteNoEntity
	case rows < 0:
		r.Why = plan.RouteNotKnown
	case rows < p.Least:
		r.Why = plan.RouteFewRows
	case p.NoProject:
		r.Why = plan.RouteNoProject
	default:
		r.Via, r.Why = plan.ViaPackage, plan.RouteManyRows
	}
	if rows < 0 {
		return r
	}
	if r.Via == plan.ViaOData {
		// A create is answered with its record; an update is not, and read back.
		r.Seconds = seconds(rows, c.Rate.ToFnO)
		return r
	}
	r.Packages = int64(max(len(def.Companies), 1)) - 1 + (rows+p.Rows-1)/p.Rows
	if r.Why == plan.RouteManyRows {
		r.Packages = min(r.Packages, rows/p.Least)
	}
	r.Packages = min(r.Packages, rows)
	r.ReadBack = seconds(rows, p.ReadBack)
	r.Seconds = r.Packages*p.Start + seconds(rows, p.PerMinute) + r.ReadBack
	return r
}
