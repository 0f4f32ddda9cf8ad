package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/bind"
)

// wrongMaster finds fields that mastering lists for the side to which they
// flow.
func wrongMaster() Rule {
	return describe(Rule{
		Code: diag.CodeWrongMaster, Severity: diag.Error, Group: GroupMastering,
		Mend: "Let the field flow in both directions or from its master, or list it for the other side. A field that flows one way needs no master: it may be edited on the side that it comes from.",
		check: func(p *pass) {
			for _, m := range p.bound.Maps {
				rules := m.Resolved.Mastering
				for _, x := range []struct {
					side  value.Side
					names []model.Named
				}{{value.FnO, rules.FnO}, {value.Dataverse, rules.Dataverse}} {
					for _, n := range x.names {
						f := listedField(m, n.Name)
						if f == nil || f.Direction.Sends(x.side.Other()) {
							continue
						}
						p.report(m, n.Range, fmt.Sprintf("%s is mastered by %s, but flows from %s only", f.Name(), x.side.Title(), x.side.Other().Title()),
							fmt.Sprintf("An edit in %s would be taken back, and an edit in %s is never carried over.", x.side.Other().Title(), x.side.Title()), "")
					}
				}
			}
		},
	})
}

// listedField finds the field that a rule of a map names.
func listedField(m *bind.Map, name string) *model.Field {
	for _, f := range m.Resolved.Fields {
		if f.Column.Name != "" && (strings.EqualFold(f.Name(), name) || strings.EqualFold(f.Column.Name, name)) {
			return f
		}
	}
	return nil
}

// idleConflict finds conflict policies of maps in which no conflict can be.
func idleConflict() Rule {
	return describe(Rule{
		Code: diag.CodeIdleConflict, Severity: diag.Warning, Group: GroupMastering,
		Mend: "Leave `conflict` out; or let fields flow in both directions without listing them in `mastering`, where people edit them on both sides.",
		check: func(p *pass) {
			for _, m := range p.bound.Maps {
				r := m.Resolved
				hold, last := r.Conflict == "hold", r.Conflict == transform.LastWriterWins
				// A person may also have to decide between a delete and an edit.
				deletes := r.Deletes.ToDataverse != "ignore" || r.Deletes.ToFnO != "ignore"
				if !last && !(hold && !deletes) || slices.ContainsFunc(r.Fields, func(f *model.Field) bool { return editedOnBoth(m, f) }) {
					continue
				}
				p.report(m, r.ConflictRange, fmt.Sprintf("conflict = %q never applies", r.Conflict),
					"Every field of the map flows one way, is listed in mastering, belongs to the key or is set on create only: it may be edited on one side at most.", "")
			}
		},
	})
}

// editedOnBoth tells whether a field may be edited on both sides.
func editedOnBoth(m *bind.Map, f *model.Field) bool {
	return f.Direction == model.Both && !f.IsConstant && f.Writes != "create" && !isKey(m, f) && listedFor(m, f) == ""
}

// listedFor gives the side for which mastering lists a field; "" where it does
// not.
func listedFor(m *bind.Map, f *model.Field) value.Side {
	rules := m.Resolved.Mastering
	named := func(n model.Named) bool {
		return strings.EqualFold(n.Name, f.Name()) || strings.EqualFold(n.Name, f.Column.Name)
	}
	switch {
	case slices.ContainsFunc(rules.FnO, named):
		return value.FnO
	case slices.ContainsFunc(rules.Dataverse, named):
		return value.Dataverse
	}
	return ""
}

// lastWriter is found while a map is compiled.
func lastWriter() Rule {
	return describe(Rule{
		Code: diag.CodeNoModifiedTime, Severity: diag.Error, Group: GroupMastering,
		Mend: "Extend the F&O entity by the field ModifiedDateTime of its main table and refresh the schema with `dw schema pull`, " +
			"or let fields be merged one by one (`merge`) or a person decide (`hold`).",
	})
}

// idleViolation finds rules for edits on the wrong side of maps that have no
// wrong side.
func idleViolation() Rule {
	return describe(Rule{
		Code: diag.CodeIdleViolation, Severity: diag.Notice, Group: GroupMastering,
		Mend: "Leave `violation` out, or list in `mastering` what may be edited on one side only.",
		check: func(p *pass) {
			for _, m := range p.bound.Maps {
				v := m.Resolved.Mastering.Violation
				if v == "" || v == "revert" || slices.ContainsFunc(m.Resolved.Fields, func(f *model.Field) bool {
					return !f.IsConstant && f.Writes != "create" && !isKey(m, f) && (f.Direction != model.Both || listedFor(m, f) != "")
				}) {
					continue
				}
				p.report(m, m.Resolved.Mastering.ViolationRange, fmt.Sprintf("violation = %q never applies", v), "", "")
			}
		},
	})
}

// togetherMasters finds groups of fields that merge would take apart.
func togetherMasters() Rule {
	return describe(Rule{
		Code: diag.CodeTogetherMasters, Severity: diag.Warning, Group: GroupMastering,
		Mend: "Give all fields of the group one direction and one master, and leave fields of the key and what is set on create only out of it.",
		check: func(p *pass) {
			for _, m := range p.bound.Maps {
				for i, group := range m.Resolved.Together {
					if why := apartBecause(m, group); why != "" {
						at := diag.Range{} // of a group that omit has shortened
						if len(m.Resolved.TogetherRanges) == len(m.Resolved.Together) {
							at = m.Resolved.TogetherRanges[i]
						}
						p.report(m, at, fmt.Sprintf("%s cannot move as one", strings.Join(group, ", ")), why, "")
					}
				}
			}
		},
	})
}

// apartBecause says why the fields of a group do not move as one; "" where they
// do.
func apartBecause(m *bind.Map, group []string) string {
	var first *model.Field
	for _, name := range group {
		f := listedField(m, name)
		switch {
		case f == nil:
			continue
		case isKey(m, f):
			return fmt.Sprintf("%s belongs to the key, which is written when the record is created and never again.", f.Name())
		case f.Writes == "create":
			return fmt.Sprintf("%s is set on create only.", f.Name())
		case first == nil:
			first = f
		case f.Direction != first.Direction:
			return fmt.Sprintf("%s flows %s and %s %s: each is merged by itself.", first.Name(), flow(first.Direction), f.Name(), flow(f.Direction))
		case listedFor(m, f) != listedFor(m, first):
			return fmt.Sprintf("%s may be edited %s, %s %s: then no side may edit the group as a whole.", first.Name(), editable(m, first), f.Name(), editable(m, f))
		}
	}
	return ""
}

func flow(d model.Direction) string {
	switch d {
	case model.ToDataverse:
		return "to Dataverse"
	case model.ToFnO:
		return "to F&O"
	default:
		return "both ways"
	}
}

func editable(m *bind.Map, f *model.Field) string {
	if s := listedFor(m, f); s != "" {
		return "in " + s.Title() + " only"
	}
	return "on both sides"
}
