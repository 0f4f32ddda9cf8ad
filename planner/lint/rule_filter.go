package lint

import (
	"fmt"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/filter"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/bind"
)

// filterColumn, filterValue and filterRange are found while a map is compiled.
func filterColumn() Rule {
	return describe(Rule{
		Code: diag.CodeFilterColumn, Severity: diag.Error, Group: GroupFilters, Replaces: []string{"DIPV1012"},
		Mend: "Correct the name. A filter reads the columns of its own table only: of the entity in F&O, of the table in Dataverse.",
	})
}

func filterValue() Rule {
	return describe(Rule{
		Code: diag.CodeFilterValue, Severity: diag.Error, Group: GroupFilters,
		Mend: "F&O's enums are compared with the symbol of a member in quotes, `'Organization'`, with or without its type; Dataverse's choices with their number.",
	})
}

func filterRange() Rule {
	return describe(Rule{
		Code: diag.CodeFilterRange, Severity: diag.Error, Group: GroupFilters,
		Mend: "Write it in OData: `eq` for `==`, `and` for `&&`, texts in single quotes. The finding has the translation, and `dw lint -fix` puts it in place.",
	})
}

// filterNull finds comparisons with null in F&O and with the empty text in
// Dataverse.
func filterNull() Rule {
	return describe(Rule{
		Code: diag.CodeFilterNull, Severity: diag.Warning, Group: GroupFilters,
		Mend: "Compare with the empty text in F&O (`eq ''`) and with null in Dataverse (`eq null`).",
		check: func(p *pass) {
			p.eachFilter(func(m *bind.Map, side value.Side, text model.Named, f *filter.Filter) {
				for _, c := range f.Conditions() {
					if c.Column.Type != schema.TypeText || c.Op != "eq" && c.Op != "ne" || c.Literal != value.NewText("") {
						continue
					}
					switch {
					case side == value.FnO && c.Null:
						p.report(m, text.Part(c.Start, c.End), fmt.Sprintf("%s is never null in F&O", c.Column.Name),
							"F&O keeps the empty text where there is none. dw asks the service for that, but the filter reads as if it meant something else.",
							fmt.Sprintf("Write %s %s ''.", c.Column.Name, c.Op))
						p.fix(text.Fix(c.Start, c.End, "''"))
					case side == value.Dataverse && !c.Null:
						p.report(m, text.Part(c.Start, c.End), fmt.Sprintf("%s is never the empty text in Dataverse", c.Column.Name),
							"Dataverse keeps null where there is no text: `eq ''` admits no row, and `ne ''` every row that has one.",
							fmt.Sprintf("Write %s %s null.", c.Column.Name, c.Op))
						p.fix(text.Fix(c.Start, c.End, "null"))
					}
				}
			})
		},
	})
}

func filterNever() Rule {
	return describe(Rule{
		Code: diag.CodeFilterNever, Severity: diag.Warning, Group: GroupFilters,
		Mend: "Look at what `and` joins: two values of one column exclude each other, and `or` was meant. To let a map rest, use `status = \"paused\"`.",
		check: func(p *pass) {
			p.eachFilter(func(m *bind.Map, side value.Side, text model.Named, f *filter.Filter) {
				if f.Never() {
					p.report(m, text.Range, fmt.Sprintf("no record of %s passes the filter", side.Title()), "", "")
				}
			})
		},
	})
}

func filterAlways() Rule {
	return describe(Rule{
		Code: diag.CodeFilterAlways, Severity: diag.Notice, Group: GroupFilters,
		Mend: "Remove it, or say what it was to leave out.",
		check: func(p *pass) {
			p.eachFilter(func(m *bind.Map, side value.Side, text model.Named, f *filter.Filter) {
				if f.Always() {
					p.report(m, text.Range, fmt.Sprintf("every record of %s passes the filter", side.Title()), "", "")
				}
			})
		},
	})
}

// eachFilter calls do for every filter of the maps that compile.
func (p *pass) eachFilter(do func(m *bind.Map, side value.Side, text model.Named, f *filter.Filter)) {
	for _, m := range p.bound.Maps {
		c := p.compiled[m]
		if c == nil {
			continue
		}
		for _, side := range []value.Side{value.FnO, value.Dataverse} {
			if f := c.Filter(side); f != nil {
				do(m, side, filterText(m, side), f)
			}
		}
	}
}

// filterText gives a map's filter of a side as it is written.
func filterText(m *bind.Map, side value.Side) model.Named {
	if side == value.FnO {
		return m.Source.Filter.FnO
	}
	return m.Source.Filter.Dataverse
}

// filled says what a record of a side holds that dw has just created: the
// values of constants, any value in what is mapped, nothing elsewhere. What
// else is known of mapped columns comes with image.
func filled(m *bind.Map, c *transform.Compiled, to value.Side, image map[string][]value.Value) func(string) ([]value.Value, bool) {
	mapped := map[string]bool{}
	for _, i := range c.WriteSlots(to, true) {
		f := c.Slots[i].Field
		for _, name := range writtenBy(f, to) {
			mapped[strings.ToLower(name)] = true
		}
		mapped[strings.ToLower(c.Column(&c.Slots[i], to).Name)] = true
	}
	if to == value.FnO {
		mapped[strings.ToLower(schema.CompanyField)] = true
	} else {
		mapped[strings.ToLower(companyColumn(m))], mapped[strings.ToLower(m.Dataverse.PrimaryID)] = true, true
	}
	constants := map[string]value.Value{}
	for _, k := range c.Constants[to] {
		constants[strings.ToLower(k.Field.Name)] = k.Value
	}
	return func(column string) ([]value.Value, bool) {
		column = strings.ToLower(column)
		if v, ok := image[column]; ok {
			return v, true
		}
		if v, ok := constants[column]; ok {
			return []value.Value{v}, true
		}
		switch {
		case mapped[column]:
			return nil, false
		case to == value.Dataverse && column == "statecode":
			return []value.Value{value.NewOption(0)}, true // new rows are active
		}
		return []value.Value{{}}, true
	}
}

// writtenBy names the columns of a side that a field writes.
func writtenBy(f *model.Field, to value.Side) []string {
	if f == nil {
		return nil
	}
	if to == value.Dataverse {
		return []string{f.Column.Name}
	}
	var out []string
	for _, n := range f.FnOFields() {
		out = append(out, n.Name)
	}
	return out
}
