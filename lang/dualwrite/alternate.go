package dualwrite

import (
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

// alternateKey gives the columns of the one alternate key of a Dataverse table
// that a map carries, written as integration keys are: "made_number",
// "msdyn_company.cdm_companycode". Nothing where no key or several fit, for
// then nobody knows which of them dual-write uses.
func (n *names) alternateKey(table string, owners []owner) (name string, columns []string) {
	if n.catalog == nil {
		return "", nil
	}
	t := n.catalog.Table(value.Dataverse, table)
	if t == nil {
		return "", nil
	}
	for _, k := range t.Keys {
		if k.Status != "" && k.Status != "Active" {
			continue
		}
		fit := carried(t, k, owners)
		if fit == nil {
			continue
		}
		if columns != nil {
			return "", nil
		}
		name, columns = k.Name, fit
	}
	return name, columns
}

// carried gives the columns of a key as a map writes them; nil where the map
// does not carry all of them but the company, or carries one in several ways.
func carried(t *schema.Table, k schema.Key, owners []owner) []string {
	var out []string
	own := 0
	for _, column := range k.Columns {
		column = strings.ToLower(column)
		var ways []string
		for _, o := range owners {
			if o.column == column || strings.HasPrefix(o.column, column+".") {
				ways = append(ways, o.column)
			}
		}
		switch {
		case len(ways) == 1 && !isCompany(t, column):
			own++
		case len(ways) == 1:
		case len(ways) == 0 && isCompany(t, column):
			ways = []string{column + companySuffix}
		default:
			return nil
		}
		out = append(out, ways[0])
	}
	if own == 0 {
		return nil
	}
	return out
}

// isCompany tells whether a column refers to the company of a row.
func isCompany(t *schema.Table, column string) bool {
	f := t.Field(column)
	return f != nil && slices.ContainsFunc(f.Targets, func(target schema.Target) bool { return target.Table == schema.CompanyTable })
}
