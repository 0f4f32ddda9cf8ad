package lang

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/source"
)

// lookup reads a lookup block: a reference that is found by match, or in one
// of several targets. The common case, one field and one table, becomes the
// same field that a line of fields gives.
func (l *loader) lookup(b *source.Block, m *model.Map) {
	label := b.Labels[0]
	f := &model.Field{
		Column:    model.Named{Name: label.Text, Range: label.Range},
		Direction: model.Direction(cmp.Or(b.Text("direction"), string(model.Both))),
		Writes:    cmp.Or(b.Text("writes"), "always"), Missing: b.Text("missing"), Range: b.Header,
		Faulty: true, // until all of it is read
	}
	m.Fields = append(m.Fields, f)
	sound := true
	if _, path, ok := splitPath(label.Text); !ok || len(path) > 0 {
		sound = false
		l.report(diag.Diagnostic{
			Code: diag.CodeBadName, Summary: fmt.Sprintf("%q is no lookup column", label.Text),
			Detail: "The label of a lookup is the bare column; the key column of the target stands in match.", Subject: label.Range, Address: m.Address(),
		})
	}
	targets, ok := l.lookupTargets(b, m)
	if len(targets) == 0 {
		return
	}
	if first := targets[0]; len(targets) == 1 && first.Table.Name == "" && len(first.Match) == 1 {
		f.FnO, f.Path = first.Match[0].FnO, first.Match[0].Path
	} else {
		f.Targets = targets
	}
	f.Faulty = !sound || !ok
}

// lookupTargets reads where a lookup block finds its rows; not ok where a part
// of it is wrong.
func (l *loader) lookupTargets(b *source.Block, m *model.Map) (targets []model.Target, ok bool) {
	a, blocks := b.Attr("match"), b.BlocksOf("target")
	switch {
	case len(blocks) > 0 && b.Written("match"):
		l.report(diag.Diagnostic{
			Code: diag.CodeConflictingKeys, Summary: "match and target exclude each other",
			Detail:  "match says how a row of the one table is found to which the column refers; with target blocks each says it for its table.",
			Hint:    "Move match into a target block.",
			Subject: attrRange(b, "match"), Context: b.Body, Address: m.Address(),
		})
		return nil, false
	case a != nil:
		match, ok := l.match(a, m)
		if len(match) == 0 {
			return nil, false
		}
		return []model.Target{{Match: match}}, ok
	case len(blocks) == 0:
		if !b.Written("match") && !b.Dropped("target") {
			l.report(diag.Diagnostic{
				Code: diag.CodeMissingAttr, Summary: fmt.Sprintf("lookup %q needs the attribute \"match\"", b.Name()),
				Detail:  "It says by which F&O field a row is found.",
				Hint:    `Write match = { FIELD = "key_column" }, or a target block for each table that the column may refer to.`,
				Subject: b.Header, Context: b.Body, Address: m.Address(),
			})
		}
		return nil, false
	}
	ok = true
	for _, t := range blocks {
		target, sound := l.target(t, targets, m)
		ok = ok && sound
		if target != nil {
			targets = append(targets, *target)
		}
	}
	return targets, ok
}

// target reads one target block; nil where nothing of it can be used.
func (l *loader) target(b *source.Block, before []model.Target, m *model.Map) (*model.Target, bool) {
	label := b.Labels[0]
	out := &model.Target{Table: model.Named{Name: label.Text, Range: label.Range}}
	switch {
	case label.Text == "" || strings.ContainsAny(label.Text, " \t\r\n"):
		l.report(emptyName("the table of the target", label.Range))
		return nil, false
	case slices.ContainsFunc(before, func(t model.Target) bool { return strings.EqualFold(t.Table.Name, label.Text) }):
		l.report(diag.Diagnostic{
			Code: diag.CodeListedTwice, Summary: fmt.Sprintf("the target %q is given twice", label.Text),
			Detail:  "A row of a table is found in one way; the second one would never be tried.",
			Hint:    "Put all fields that find a row together into one match.",
			Subject: label.Range, Context: b.Body, Address: m.Address(),
		})
		return nil, false
	}
	a := b.Attr("match")
	if a == nil {
		return nil, false // a mistake that was told
	}
	match, ok := l.match(a, m)
	if len(match) == 0 {
		return nil, false
	}
	out.Match = match
	return out, ok
}

// match reads "F&O field = column of the target".
func (l *loader) match(a *source.Attr, m *model.Map) (out []model.Match, ok bool) {
	if len(a.Value.Items) == 0 {
		l.report(diag.Diagnostic{
			Code: diag.CodeNotAllowed, Summary: "match is empty",
			Detail:  "A row is found by at least one F&O field and the column of the row that holds the same value.",
			Hint:    `Write match = { FIELD = "key_column" }.`,
			Subject: a.Value.Range, Address: m.Address(),
		})
		return nil, false
	}
	ok = true
	for _, i := range a.Value.Items {
		if i.Value.Kind != source.Text {
			l.matchValue(i, m)
			ok = false
			continue
		}
		first, rest, sound := splitPath(i.Value.Scalar.String())
		if !sound {
			l.report(emptyName("the key column", i.Value.Range))
			ok = false
			continue
		}
		x := model.Match{FnO: model.Named{Name: i.Key, Range: i.KeyRange}, Path: append([]string{first}, rest...), Range: i.Value.Range}
		if l.matchedTwice(x, out, i, m) {
			ok = false
			continue
		}
		out = append(out, x)
	}
	return out, ok
}

// matchValue reports an entry of match that is null; other wrong kinds have
// been told.
func (l *loader) matchValue(i source.Item, m *model.Map) {
	if i.Value.Kind == source.Null {
		l.report(diag.Diagnostic{
			Code: diag.CodeWrongType, Summary: fmt.Sprintf("%s has no column", i.Key),
			Detail: "An entry of match names the column of the target.", Hint: "Remove the entry.", Subject: i.Value.Range, Address: m.Address(),
		})
	}
}

// matchedTwice reports an F&O field or a column that stands in a match twice.
func (l *loader) matchedTwice(x model.Match, before []model.Match, i source.Item, m *model.Map) bool {
	for _, o := range before {
		what, at := "", i.KeyRange
		switch {
		case strings.EqualFold(o.FnO.Name, x.FnO.Name):
			what = fmt.Sprintf("the F&O field %q", x.FnO.Name)
		case strings.EqualFold(strings.Join(o.Path, "."), strings.Join(x.Path, ".")):
			what, at = fmt.Sprintf("the column %q", strings.Join(x.Path, ".")), i.Value.Range
		default:
			continue
		}
		l.report(diag.Diagnostic{
			Code: diag.CodeListedTwice, Summary: what + " is matched twice",
			Detail: "A row is found by the values of several fields in as many columns.", Hint: "Remove one of the two.",
			Subject: at, Address: m.Address(),
		})
		return true
	}
	return false
}
