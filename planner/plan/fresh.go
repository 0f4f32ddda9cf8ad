package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
)

// Basis is what a plan was made from, in parts that can be named where one of
// them has moved since. Its texts stand for what they name; only whether they
// are the same means something.
type Basis struct {
	Deployed      map[string]string `json:"deployed"`      // map -> the version that runs
	Configuration map[string]string `json:"configuration"` // map -> what its author says
	Schema        map[string]string `json:"schema"`        // "fno.CustomersV3" -> what of it is used
}

// DeployedBasis is the part of a basis that comes from the state.
func DeployedBasis(d Deployed) map[string]string {
	out := make(map[string]string, len(d.Maps))
	for _, m := range d.Maps {
		text := fmt.Sprintf("version %d", m.Version)
		if m.Initial == "pending" {
			text += ", initial sync unfinished"
		}
		out[m.Definition.Map.Name] = text
	}
	return out
}

// FreshState holds a saved plan against the state as it is now.
func (p *Plan) FreshState(d Deployed) diag.List {
	switch {
	case p.Link != d.Link && d.Link != "":
		return diag.List{stale(fmt.Sprintf("It was made for link %s, not for %s.", p.Link, d.Link))}
	case p.Lineage != "" && p.Lineage != d.Lineage:
		return diag.List{stale("It was made for another state: the lineage differs.")}
	case p.Serial != d.Serial:
		detail := fmt.Sprintf("The state has moved since: the plan was made at serial %d, the state is at %d.", p.Serial, d.Serial)
		if moved := differing(p.Basis.Deployed, DeployedBasis(d)); len(moved) > 0 {
			detail += " Deployed otherwise now: " + few(model.MapAddresses(moved)) + "."
		}
		return diag.List{stale(detail + " Somebody has applied another plan.")}
	}
	return nil
}

// FreshSchema holds a saved plan against what its tables are now.
func (p *Plan) FreshSchema(now map[string]string) diag.List {
	if moved := differing(p.Basis.Schema, now); len(moved) > 0 {
		return diag.List{stale("The schema of the environments has changed since: what the plan uses of " + few(moved) + " is not what it was.")}
	}
	return nil
}

// FreshConfiguration holds a saved plan against the maps as they are written
// now.
func (p *Plan) FreshConfiguration(now map[string]string) diag.List {
	if moved := differing(p.Basis.Configuration, now); len(moved) > 0 {
		d := stale("The configuration has changed since: " + few(model.MapAddresses(moved)) + " in the folder is not what the plan carries out.")
		d.Hint = makeAnother + " Or apply it in the revision that it was made from."
		return diag.List{d}
	}
	return nil
}

func stale(detail string) diag.Diagnostic {
	return diag.Diagnostic{Code: diag.CodePlanStale, Severity: diag.Error, Summary: "the saved plan is stale", Detail: detail, Hint: makeAnother}
}

// differing names what two parts of a basis do not agree on, sorted.
func differing(a, b map[string]string) []string {
	var out []string
	for name, text := range a {
		if b[name] != text {
			out = append(out, name)
		}
	}
	for name := range b {
		if _, known := a[name]; !known {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// few names at most a few of many.
func few(names []string) string {
	const most = 5
	text := strings.Join(names[:min(most, len(names))], ", ")
	if len(names) > most {
		text += fmt.Sprintf(" and %d more", len(names)-most)
	}
	return text
}
