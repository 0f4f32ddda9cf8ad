package planner

import (
	"fmt"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/planner/plan"
)

// notOffered reports a map that demands packages of an entity without them, or
// exports that would need companies.
func notOffered(def *plan.Definition) diag.List {
	if def.FnO == nil {
		return nil
	}
	writes, reads := def.Map.Initial.Via == plan.ViaPackage, def.Map.Initial.ReadVia == plan.ViaPackage
	d := diag.Diagnostic{Code: diag.CodeNoPackages, Severity: diag.Error, Address: def.Map.Address(), Subject: def.Map.Range}
	switch {
	case def.FnO.NoPackages && (writes || reads):
		var cannot, hint string
		switch {
		case writes && reads:
			cannot, hint = "can neither be written by packages nor read by exports", "Take via and read_via out of initial_sync of the map."
		case writes:
			cannot, hint = "cannot be written by packages", `Write via = "odata" or via = "auto" in initial_sync of the map.`
		default:
			cannot, hint = "cannot be read by exports", `Write read_via = "odata" or read_via = "auto" in initial_sync of the map.`
		}
		d.Summary = fmt.Sprintf("F&O's data management does not offer the entity %s", def.FnO.Set)
		d.Detail = fmt.Sprintf("%s (%s) is not enabled for data management, so that its records %s.", def.FnO.Label, def.FnO.AOT, cannot)
		d.Hint = hint
	case reads && nowhere(def):
		d.Summary = fmt.Sprintf("%s cannot be exported without companies", def.FnO.Set)
		d.Detail = "An export has the records of one company, and the map says of no company that its records are in scope."
		d.Hint = `Write read_via = "odata" or read_via = "auto" in initial_sync of the map.`
	default:
		return nil
	}
	return diag.List{d}
}

// nowhere tells whether records have companies and the map does not.
func nowhere(def *plan.Definition) bool {
	return def.FnO != nil && def.FnO.CompanySpecific && len(def.Companies) == 0
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
