package lint

import (
	"fmt"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/bind"
)

// unknownLimits says once a link what the schema does not tell, so that nobody
// takes silence for an answer.
func unknownLimits() Rule {
	return describe(Rule{
		Code: diag.CodeUnknownLimits, Severity: diag.Notice, Group: GroupLoops,
		Mend: "Nothing, where the values are known to fit: those that do not are listed as failed. F&O tells lengths in newer versions only, and decimals in none; " +
			"round amounts with `round(value, 2)` where one side keeps fewer.",
		check: func(p *pass) {
			// Several maps may carry a field.
			seen := map[string]bool{}
			with := func(list []string, name string) []string {
				if seen[name] {
					return list
				}
				seen[name] = true
				return append(list, name)
			}
			var texts, numbers []string
			for _, m := range p.bound.Maps {
				for _, f := range m.Resolved.Fields {
					fno, dv, master := plainPair(m, f)
					switch {
					case fno == nil:
					case lengthOpen(fno, dv, f, master):
						texts = with(texts, fmt.Sprintf("%s of %s", fno.Name, m.FnO.Set))
					case decimalsOpen(fno, dv, f):
						numbers = with(numbers, fmt.Sprintf("%s of %s", fno.Name, m.FnO.Set))
					}
				}
			}
			if len(texts) > 0 {
				p.report(nil, p.link.Range, fmt.Sprintf("the schema does not tell how long %s of F&O may be", countOf(len(texts), "text")),
					fmt.Sprintf("Whether they fit the other side is not checked: %s.", shorten(texts)),
					"Nothing to do where they are known to fit; texts that do not are listed as failed.")
			}
			if len(numbers) > 0 {
				p.report(nil, p.link.Range, fmt.Sprintf("the schema does not tell how many decimals %s of F&O have", countOf(len(numbers), "number")),
					fmt.Sprintf("Dataverse keeps a fixed number of decimals, and what is rounded there and then edited comes back rounded: %s.", shorten(numbers)),
					"Nothing to do where F&O keeps no more decimals; else round in to_dataverse, or raise the precision of the column.")
			}
		},
	})
}

// plainPair gives the two fields of a mapping that carries values as they are;
// nil for others.
func plainPair(m *bind.Map, f *model.Field) (fno, dv *schema.Field, master value.Side) {
	if f.IsConstant || f.IsLookup() || f.Values != nil || f.ToDataverse != nil || f.ToFnO != nil {
		return nil, nil, ""
	}
	fno, dv = m.FnO.Field(f.FnO.Name), m.Dataverse.Field(f.Column.Name)
	if fno == nil || dv == nil {
		return nil, nil, ""
	}
	return fno, dv, m.Resolved.Mastering.MasterOf(f)
}

// lengthOpen tells whether a text goes from its master to a side and the length
// of F&O's field is not known, though it counts.
func lengthOpen(fno, dv *schema.Field, f *model.Field, master value.Side) bool {
	if fno.Type != schema.TypeText || dv.Type != schema.TypeText || fno.MaxLength > 0 {
		return false
	}
	if f.Direction == model.ToFnO || f.Direction == model.Both && master == value.Dataverse {
		return true // F&O's field may be too short
	}
	return dv.MaxLength > 0
}

// decimalsOpen tells whether a number goes both ways, Dataverse keeps a known
// number of decimals and F&O an unknown one.
func decimalsOpen(fno, dv *schema.Field, f *model.Field) bool {
	if fno.Type != schema.TypeDecimal || dv.Type != schema.TypeDecimal || f.Direction != model.Both {
		return false
	}
	_, known := fno.Decimals()
	_, kept := dv.Decimals()
	return !known && kept && dv.OnUpdate
}

func countOf(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
