package lint

import (
	"fmt"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/filter"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/bind"
)

// filterUnmapped finds columns of filters that dw leaves empty in the records
// that it creates, which pass all the same.
func filterUnmapped() Rule {
	return describe(Rule{
		Code: diag.CodeFilterUnmapped, Severity: diag.Notice, Group: GroupFilters, Replaces: []string{"map health 1600"},
		Mend: "Map a field to the column, or give it a constant. Where it is meant that new records have no value there, nothing is to be done.",
		check: func(p *pass) {
			p.eachCreated(func(m *bind.Map, c *transform.Compiled, to value.Side, f *filter.Filter) {
				known := filled(m, c, to, nil)
				if !filter.PossibleWith(known, f) {
					return // another rule's
				}
				var empty []string
				for _, name := range f.Columns() {
					if v, ok := known(name); ok && v[0].IsNull() {
						empty = append(empty, name)
					}
				}
				if len(empty) > 0 {
					p.report(m, filterText(m, to).Range, fmt.Sprintf("the filter of %s reads %s, which dw leaves empty in records that it creates", to.Title(), shorten(empty)),
						"They pass the filter while nobody fills it: a default of the service or an edit may take them out of the scope.", "")
				}
			})
		},
	})
}

// filterCreates finds filters that no record passes that dw creates.
func filterCreates() Rule {
	return describe(Rule{
		Code: diag.CodeFilterCreates, Severity: diag.Warning, Group: GroupFilters, Replaces: []string{"map health 1600"},
		Mend: "Map a field to the column that the filter reads, or give it the constant that the filter asks for; or switch the creation of records off: `creates = { to_fno = false }`.",
		check: func(p *pass) {
			p.eachCreated(func(m *bind.Map, c *transform.Compiled, to value.Side, f *filter.Filter) {
				known := filled(m, c, to, nil)
				if f.Never() || filter.PossibleWith(known, f) {
					return
				}
				var lacking []string
				for _, name := range f.Columns() {
					if v, ok := known(name); ok {
						lacking = append(lacking, fmt.Sprintf("%s (%s)", name, nothingOr(v[0])))
					}
				}
				p.report(m, filterText(m, to).Range, fmt.Sprintf("no record that dw creates in %s passes the filter", to.Title()),
					fmt.Sprintf("What the filter reads and no field of the map fills: %s. dw does not create a record that would be outside the map at once, so every create fails.", strings.Join(lacking, ", ")), "")
			})
		},
	})
}

func nothingOr(v value.Value) string {
	if v.IsNull() {
		return "empty"
	}
	return v.String()
}

// eachCreated calls do for every filter of a side on which a map creates
// records.
func (p *pass) eachCreated(do func(m *bind.Map, c *transform.Compiled, to value.Side, f *filter.Filter)) {
	for _, m := range p.bound.Maps {
		c := p.compiled[m]
		if c == nil {
			continue
		}
		for _, to := range []value.Side{value.FnO, value.Dataverse} {
			if f := c.Filter(to); f != nil && c.CreatesOn[to] {
				do(m, c, to, f)
			}
		}
	}
}

// filterLeaves finds records that pass one side's filter and become what the
// other side's excludes.
func filterLeaves() Rule {
	return describe(Rule{
		Code: diag.CodeFilterLeaves, Severity: diag.Warning, Group: GroupFilters,
		Mend: "Let both filters say the same, each in the terms of its side: `PartyType eq 'Organization'` in F&O where Dataverse has `customertypecode eq 3`.",
		check: func(p *pass) {
			for _, m := range p.bound.Maps {
				c := p.compiled[m]
				if c == nil {
					continue
				}
				for _, to := range []value.Side{value.FnO, value.Dataverse} {
					if f := c.Filter(to); f != nil {
						p.leavesBySync(m, c, to, f)
					}
				}
			}
		},
	})
}

// leavesBySync carries values that pass the other side's filter over and holds
// what becomes of them against the filter of a side: values of one column at a
// time, all there are of enums, choices and truth values, of the rest one for
// each way in which the two filters can come out.
func (p *pass) leavesBySync(m *bind.Map, c *transform.Compiled, to value.Side, f *filter.Filter) {
	from := to.Other()
	source := c.Filter(from)
	if f.Never() || source != nil && source.Never() || c.CreatesOn[to] && !filter.PossibleWith(filled(m, c, to, nil), f) {
		return // other rules'
	}
	var excluded []string
	for _, i := range c.WriteSlots(to, true) {
		s := &c.Slots[i]
		target, here := c.Column(s, to), c.Column(s, from)
		if !contains(f.Columns(), target.Name) || i == c.Company || !computable(s, to) {
			continue
		}
		if !enumerable(here) && excludesOnly(f, target.Name) {
			continue // single values are left out on purpose
		}
		for _, v := range samples(m, here, target, source, f) {
			image, ok := carried(c, i, from, v)
			if !ok || !enumerable(here) && image.IsNull() {
				continue
			}
			known := map[string][]value.Value{strings.ToLower(target.Name): {image}}
			is := func(column string) ([]value.Value, bool) { v, ok := known[strings.ToLower(column)]; return v, ok }
			if c.CreatesOn[to] {
				is = filled(m, c, to, known)
			}
			if !filter.PossibleWith(is, f) {
				excluded = append(excluded, becomes(here, target, v, image, source == nil))
				if !enumerable(here) {
					break // made up: one tells enough
				}
			}
		}
	}
	if len(excluded) == 0 {
		return
	}
	passes := fmt.Sprintf("pass the filter of %s", from.Title())
	if source == nil {
		passes = fmt.Sprintf("are in scope in %s, which has no filter", from.Title())
	}
	what := "Such a record leaves the scope as soon as it is carried over."
	if c.CreatesOn[to] {
		what = "Such a record cannot be created there: it would be listed as failed."
	}
	p.report(m, filterText(m, to).Range,
		fmt.Sprintf("the filter of %s excludes what records of %s become", to.Title(), from.Title()),
		fmt.Sprintf("These %s: %s. %s", passes, shorten(excluded), what), "")
}

// excludesOnly tells whether a filter asks of a column only what it is not.
func excludesOnly(f *filter.Filter, column string) bool {
	for _, c := range f.Conditions() {
		if strings.EqualFold(c.Column.Name, column) && c.Op != "ne" {
			return false
		}
	}
	return true
}

// computable tells whether what a field becomes on a side depends on its own
// value alone and needs no row of another table.
func computable(s *transform.Slot, to value.Side) bool {
	if s.Field == nil || s.Lookup != nil || len(s.Field.Targets) > 0 {
		return false
	}
	if to == value.Dataverse {
		return s.Field.ToDataverse == nil
	}
	return s.Field.ToFnO == nil
}

// carried translates a value of a slot.
func carried(c *transform.Compiled, slot int, from value.Side, v value.Value) (value.Value, bool) {
	s := &c.Slots[slot]
	p, at := &c.FnO, s.FnO
	if from == value.Dataverse {
		p, at = &c.Dataverse, s.Dataverse
	}
	vals := make([]value.Value, p.Width())
	if at >= len(vals) {
		return value.Value{}, false
	}
	vals[at] = v
	out, err := c.Translate(s, &transform.Record{Side: from, Values: vals}, nil)
	return out, err == nil
}

func enumerable(f *schema.Field) bool {
	return f.Type == schema.TypeEnum || f.Type == schema.TypeBool || f.Type == schema.TypeChoice
}

// samples gives values of a column that pass its side's filter.
func samples(m *bind.Map, here, target *schema.Field, source, f *filter.Filter) []value.Value {
	var all []value.Value
	switch here.Type {
	case schema.TypeEnum:
		if e := schema.FindEnum(m.Enums, here.Enum); e != nil {
			for _, member := range e.Members {
				all = append(all, value.NewSymbol(member.Name))
			}
		}
	case schema.TypeBool:
		all = append(all, value.NewBool(true), value.NewBool(false))
	case schema.TypeChoice:
		for _, o := range here.Options {
			all = append(all, value.NewOption(o.Value))
		}
	default:
		if source != nil {
			all = append(all, source.Candidates(here.Name)...)
		}
		if target.Type == here.Type && target.DateOnly == here.DateOnly {
			all = append(all, f.Candidates(target.Name)...)
		}
	}
	if source == nil {
		return all
	}
	return source.Values(here.Name, all)
}

// becomes tells a value with what becomes of it.
func becomes(here, target *schema.Field, v, image value.Value, unasked bool) string {
	if enumerable(here) {
		return fmt.Sprintf("%s = %s becomes %s = %s", here.Name, nothingOr(v), target.Name, nothingOr(image))
	}
	if unasked {
		return fmt.Sprintf("any %s becomes %s, of which the filter takes some only", here.Name, target.Name)
	}
	return fmt.Sprintf("%s becomes %s, of which the two filters take others", here.Name, target.Name)
}

func contains(names []string, name string) bool {
	for _, n := range names {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}
