package lint

import (
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/bind"
)

// Rule is one mistake that lint finds, with what its documentation says. A
// configuration that has the mistake, and one that does not, stand in the
// fixture of its code.
type Rule struct {
	Code     string
	Severity diag.Severity
	Group    string
	Title    string   // what is wrong, as a noun phrase
	Why      string   // why it matters
	Mend     string   // how to mend it
	Replaces []string // checks of dual-write that find the same mistake: "DIPV1012", "map health: ..."

	// check looks for the mistake; nil where it is found while maps are bound
	// to their tables, put into order or compiled.
	check func(*pass)
}

// Rules gives all rules, sorted by code.
func Rules() []Rule {
	all := slices.Concat(compileRules(), rulesA(), rulesB(), rulesFit(), []Rule{
		unknownTable(), ring(), lookupTarget(), lookupKey(), keyWithoutKey(), changeTracking(), keyOneWay(),
		requiredColumn(), twoWriters(), unknownCompany(), selfWait(), readOnlyTable(),
		notDelivered(), targetCompanies(), deleteImpossible(), ownerImpossible(),
		unusedNote(), noteWithoutReason(), noteRefused(),
	})
	slices.SortFunc(all, func(a, b Rule) int { return strings.Compare(a.Code, b.Code) })
	return all
}

// describe takes title and reason from the catalogue of codes, so that they
// are written once.
func describe(r Rule) Rule {
	info, _ := diag.Lookup(r.Code)
	r.Title, r.Why = info.Title, info.Why
	return r
}

// writes tells whether a map writes to a side at all.
func writes(m *bind.Map, side value.Side) bool {
	return slices.ContainsFunc(m.Resolved.Fields, func(f *model.Field) bool { return f.Direction.Sends(side) })
}

// creates tells whether a map may create records on a side.
func creates(m *bind.Map, side value.Side) bool {
	allowed := m.Resolved.Creates.ToDataverse
	if side == value.FnO {
		allowed = m.Resolved.Creates.ToFnO
	}
	return writes(m, side) && (allowed == nil || *allowed)
}

// isKey tells whether a field belongs to the integration key.
func isKey(m *bind.Map, f *model.Field) bool {
	return bind.IsKeyField(m.Resolved, m.Dataverse, f)
}

// companyColumn gives the name of the Dataverse column that holds the company;
// "" for global maps and where the schema does not tell.
func companyColumn(m *bind.Map) string {
	if m.Global() {
		return ""
	}
	if c := m.Resolved.Company; c != nil && c.Path != "" {
		name, _, _ := strings.Cut(c.Path, ".")
		return name
	}
	if f := m.Dataverse.CompanyColumn(); f != nil {
		return f.Name
	}
	return ""
}

// keyColumns gives the Dataverse columns of the integration key, the company's
// first; nothing where a key field is not mapped or the company's column is not
// there.
func keyColumns(m *bind.Map) []string {
	if len(m.Resolved.Key) == 0 {
		return nil // a mistake of its own
	}
	var out []string
	if c := companyColumn(m); c != "" {
		if m.Dataverse.Field(c) == nil {
			return nil // as well
		}
		out = append(out, c)
	}
	for _, k := range m.Resolved.Key {
		if strings.EqualFold(k.Name, schema.CompanyField) {
			continue // the company joins by itself
		}
		f := bind.KeyField(m.Resolved, m.Dataverse, k.Name)
		if f == nil || m.Dataverse.Field(f.Column.Name) == nil {
			return nil // as well
		}
		// The lookup of the company may be part of the key itself: order lines
		// belong to the company of their order.
		if !slices.Contains(out, f.Column.Name) {
			out = append(out, f.Column.Name)
		}
	}
	return out
}
