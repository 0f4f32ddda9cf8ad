// Package reach says through which Dataverse tables the references of a map
// lead: those of its lookups, hop by hop, of its company and of its owner.
package reach

import (
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
)

// The table of teams, its column of names, and the column of a company's owning
// team (Dataverse table reference; dual-write documentation, company concept).
const (
	TeamTable         = "team"
	TeamName          = "name"
	CompanyTeamColumn = "cdm_defaultowningteam"
)

// Tables finds a Dataverse table by its logical name or entity set; nil where
// it is not known.
type Tables func(name string) *schema.Table

// Hop is a table that a reference leads to.
type Hop struct {
	Table  string // logical name
	Column string // of the table, as written: the next lookup of the path or, at its end, the column with the key
	First  bool   // the mapped column itself refers to the table
	// Idle says that the reference never leads there: another table that the
	// same column refers to has Column, and this one is not known to.
	Idle bool
}

// Field gives the hops of a field; nothing for fields that are no references. A
// target that the column does not refer to stands for all that it does, so that
// they are known to whoever looks for what was meant.
func Field(dv *schema.Table, f *model.Field, find Tables) []Hop {
	column := dv.Field(f.Column.Name)
	if column == nil {
		return nil
	}
	if len(f.Path) > 0 {
		return follow(nil, column, "", f.Path, true, find)
	}
	var out []Hop
	for _, t := range f.Targets {
		for _, m := range t.Match {
			only := t.Table.Name
			if only != "" && column.Target(only) == nil {
				only = ""
			}
			out = follow(out, column, only, m.Path, true, find)
		}
	}
	return out
}

// Company gives the hops of the path to a company, the table of companies
// included: "msdyn_company", "salesorderid.msdyn_company".
func Company(dv *schema.Table, path string, find Tables) []Hop {
	names := append(strings.Split(path, "."), schema.CompanyCode)
	column := dv.Field(names[0])
	if column == nil {
		return nil
	}
	return follow(nil, column, "", names[1:], true, find)
}

// Owner gives the table by which the owner of new rows is found.
func Owner(m *model.Map) []Hop {
	switch owner := m.Owner.Name; {
	case owner == "company_team":
		return []Hop{{Table: schema.CompanyTable, Column: CompanyTeamColumn, First: true}}
	case strings.HasPrefix(owner, "team:"):
		return []Hop{{Table: TeamTable, Column: TeamName, First: true}}
	default:
		return nil
	}
}

// Map gives the hops of all references of a map, repetitions included. The
// company that the schema chooses is not among them.
func Map(m *model.Map, dv *schema.Table, find Tables) []Hop {
	out := Owner(m)
	for _, f := range m.Fields {
		out = append(out, Field(dv, f, find)...)
	}
	if m.Company != nil && !m.Company.Global {
		out = append(out, Company(dv, m.Company.Path, find)...)
	}
	return out
}

// follow adds the hops from a lookup column along a path, level by level, each
// table of a level once; only is the name of the one target that is meant, or "".
func follow(out []Hop, lookup *schema.Field, only string, path []string, first bool, find Tables) []Hop {
	level := []*schema.Field{lookup}
	for _, name := range path {
		start, found := len(out), false
		var next []*schema.Field
		for _, from := range level {
			for _, target := range from.Targets {
				if only != "" && !strings.EqualFold(only, target.Table) && !strings.EqualFold(only, target.Set) ||
					slices.ContainsFunc(out[start:], func(h Hop) bool { return h.Table == target.Table }) {
					continue
				}
				hop := Hop{Table: target.Table, Column: name, First: first, Idle: true}
				if t := find(target.Table); t != nil {
					if column := t.Field(name); column != nil {
						found, hop.Idle = true, false
						next = append(next, column)
					}
				}
				out = append(out, hop)
			}
		}
		for i := start; i < len(out) && !found; i++ {
			out[i].Idle = false
		}
		level, only, first = next, "", false
	}
	return out
}
