package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/bind"
)

// duplicateRules finds tables with published duplicate detection rules into
// which a map creates rows.
func duplicateRules() Rule {
	return describe(Rule{
		Code: diag.CodeDuplicateRules, Severity: diag.Notice, Group: GroupGoLive,
		Mend: "Look for duplicates before the first sync (`initial_sync` has `match` for rows that lack the key), and unpublish rules whose columns the map fills. " +
			"An alternate key keeps out what must never be there twice.",
		check: func(p *pass) {
			for _, m := range p.bound.Maps {
				r := p.registered(m)
				if r == nil || len(r.DuplicateRules) == 0 || !creates(m, value.Dataverse) {
					continue
				}
				p.report(m, m.Source.Dataverse.Range,
					fmt.Sprintf("%s has duplicate detection rules: %s", m.Dataverse.Set, shorten(r.DuplicateRules)),
					"Dataverse applies them in forms and to imports, but not to what programs write. Rows that dw creates may be duplicates by these rules; a person who merges two of them "+
						"leaves a record of F&O without its row.",
					"Check the data before going live, or unpublish the rules.")
			}
		},
	})
}

// stepWithoutTag finds synchronous plug-in steps that run inside the writes of
// a map and of which nobody says that they know them by their tag.
func stepWithoutTag() Rule {
	return describe(Rule{
		Code: diag.CodeStepWithoutTag, Severity: diag.Warning, Group: GroupGoLive, Replaces: []string{"map health 5000"},
		Mend: "Let the plug-in end at once where the shared variable `tag` is `DualWrite`, and say so in its step's description or configuration. " +
			"Where a step is meant to run, say so in a note.",
		check: func(p *pass) {
			for _, m := range p.bound.Maps {
				r := p.registered(m)
				if r == nil {
					continue
				}
				var names []string
				for _, s := range r.Steps {
					if !s.Tag && runsInside(m, s) {
						names = append(names, s.Name+" ("+s.Message+")")
					}
				}
				if len(names) == 0 {
					continue
				}
				p.report(m, m.Source.Dataverse.Range,
					fmt.Sprintf("synchronous plug-ins of others run inside the writes to %s: %s", m.Dataverse.Set, shorten(names)),
					"Nothing in their registration says that they look for the tag that dw's writes carry. What they change goes back to F&O, what they refuse is listed as failed.",
					"Let them end where the tag is DualWrite and say so in the step's description.")
			}
		},
	})
}

// registered gives what is registered on the table of a map; nil where nothing
// is, or nobody has asked.
func (p *pass) registered(m *bind.Map) *schema.Registered {
	at := slices.IndexFunc(p.catalog.Registered, func(r schema.Registered) bool { return strings.EqualFold(r.Table, m.Dataverse.Name) })
	if at < 0 {
		return nil
	}
	return &p.catalog.Registered[at]
}

// runsInside tells whether a step runs inside a write of a map.
func runsInside(m *bind.Map, s schema.Step) bool {
	switch s.Message {
	case "Create":
		return creates(m, value.Dataverse)
	case "Delete":
		return m.Resolved.Deletes.ToDataverse == "propagate"
	case "Update":
		if len(s.Columns) == 0 {
			return writes(m, value.Dataverse)
		}
		sent := written(m, value.Dataverse)
		return slices.ContainsFunc(s.Columns, func(c string) bool {
			_, ok := sent[c]
			return ok
		})
	}
	return false
}
