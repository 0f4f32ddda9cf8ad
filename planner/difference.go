package planner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/planner/plan"
)

// addition lists what a new map brings: what its author wrote, without what
// follows from the schema.
func addition(d *plan.Definition) []plan.Change {
	var out []plan.Change
	for _, l := range authored(d) {
		out = append(out, plan.Change{Path: l.path, Kind: plan.Create, After: l.text, Note: l.note})
	}
	return out
}

// removal lists what goes with a map.
func removal(d *plan.Definition) []plan.Change {
	out := addition(d)
	for i := range out {
		out[i] = plan.Change{Path: out[i].Path, Kind: plan.Destroy, Before: out[i].After, Note: out[i].Note}
	}
	return out
}

// difference compares two definitions line by line. The heaviest change
// decides what must be done. Rows may have to be sent in the directions of the
// fields that are new or mapped otherwise; in all of them where something else
// asks for reading the rows.
func difference(old, new *plan.Definition) (plan.Action, sends) {
	a := plan.Action{Kind: plan.None}
	to := sends{}
	touched := map[string][]string{} // reason code -> paths
	note := func(l line, c plan.Change, code string, weight plan.Kind) {
		c.Path, c.Note = l.path, l.note
		a.Changes = append(a.Changes, c)
		touched[code] = append(touched[code], strings.TrimPrefix(strings.TrimPrefix(l.path, "field "), "constant "))
		if heavier(weight, a.Kind) {
			a.Kind = weight
		}
		switch {
		case !weight.SendsRows():
		case l.direction == "":
			to = sendsAll(new.Map)
		default:
			to.add(l.direction)
		}
	}
	before, after := describe(old), describe(new)
	for i, j := 0, 0; i < len(before) || j < len(after); {
		switch {
		case j == len(after) || i < len(before) && before[i].path < after[j].path:
			l := before[i]
			i++
			switch {
			case l.reason == plan.SchemaChanged:
				// The column is not used any more: the field's own line says so.
			case l.reason == plan.FieldChanged:
				note(l, plan.Change{Kind: plan.Destroy, Before: l.text}, plan.FieldRemoved, plan.Update)
			default:
				note(l, plan.Change{Kind: plan.Destroy, Before: l.text}, l.reason, l.weight)
			}
		case i == len(before) || after[j].path < before[i].path:
			l := after[j]
			j++
			switch {
			case l.reason == plan.SchemaChanged:
			case l.reason == plan.FieldChanged:
				note(l, plan.Change{Kind: plan.Create, After: l.text}, plan.FieldAdded, l.weight)
			default:
				note(l, plan.Change{Kind: plan.Create, After: l.text}, l.reason, l.weight)
			}
		default:
			b, l := before[i], after[j]
			i, j = i+1, j+1
			if b.text != l.text {
				if b.direction != l.direction {
					l.direction = model.Both
				}
				note(l, plan.Change{Kind: plan.Update, Before: b.text, After: l.text}, l.reason, changeWeight(b, l))
			}
		}
	}
	for _, code := range plan.ReasonCodes() {
		if paths := touched[code]; len(paths) > 0 {
			a.Reasons = append(a.Reasons, plan.Reason{Code: code, Detail: reasonDetail(code, paths)})
		}
	}
	return a, to
}

// changeWeight is what the new text asks for; of a field, the heavier of what
// both do. A column of the schema asks for rows to be sent again where its
// values mean something else now; see schemaLines.
func changeWeight(before, after line) plan.Kind {
	if after.reason == plan.SchemaChanged && meaning(before.text) == meaning(after.text) {
		return plan.Update
	}
	if after.reason == plan.FieldChanged && heavier(before.weight, after.weight) {
		return before.weight
	}
	return after.weight
}

// heavier orders the kinds by how much they ask for.
func heavier(a, b plan.Kind) bool {
	order := []plan.Kind{plan.None, plan.Resume, plan.Update, plan.Backfill, plan.Replace}
	return slices.Index(order, a) > slices.Index(order, b)
}

// reasonDetail says in words what a reason code is about, naming at most a
// few of the places.
func reasonDetail(code string, paths []string) string {
	words := map[string]string{
		plan.TableChanged:     "another table",
		plan.KeyChanged:       "another key: records are paired anew",
		plan.CompanyChanged:   "the company of a record stands elsewhere: records are paired anew",
		plan.CompaniesChanged: "other companies in scope",
		plan.FilterChanged:    "another filter",
		plan.FieldAdded:       "new",
		plan.FieldChanged:     "mapped otherwise",
		plan.FieldRemoved:     "not mapped any more",
		plan.SchemaChanged:    "changed in the environment",
		plan.SettingsChanged:  "set otherwise",
		plan.OrderChanged:     "its place in the order of maps",
	}[code]
	const most = 3
	shown := strings.Join(paths[:min(most, len(paths))], ", ")
	if len(paths) > most {
		shown += fmt.Sprintf(" and %d more", len(paths)-most)
	}
	return words + ": " + shown
}
