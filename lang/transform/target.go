package transform

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

// lookupTarget is a table that a lookup column may refer to, with the columns
// that find a row of it.
type lookupTarget struct {
	table  *schema.Table
	leaves []leaf
}

// leaf is one column at the end of a path, with the F&O field that equals it.
type leaf struct {
	fno    *schema.Field
	path   []string // hops that remain
	shown  string   // the whole path, in the schema's spelling
	table  *schema.Table
	column *schema.Field
	before string // path that leads to the table, as its author writes it; "" in a match
	at     diag.Range
}

// fieldsOf gives the F&O fields of all targets, each once.
func fieldsOf(targets []lookupTarget) []*schema.Field {
	var fields []*schema.Field
	for _, t := range targets {
		for _, l := range t.leaves {
			if !slices.Contains(fields, l.fno) {
				fields = append(fields, l.fno)
			}
		}
	}
	return fields
}

// targets finds the tables of a lookup and the columns that its paths lead to;
// nil where something is wrong, which is reported.
func (b *builder) targets(f *model.Field, dv *schema.Field) []lookupTarget {
	asked := f.Targets
	if len(asked) == 0 {
		asked = []model.Target{{Match: []model.Match{{FnO: f.FnO, Path: f.Path}}}}
	}
	known := b.knownTargets(f.Column.Range, dv)
	if known == nil {
		return nil
	}
	var out []lookupTarget
	good := true
	for _, t := range asked {
		target, ok := b.target(f, dv, known, t)
		good = good && ok
		if ok && slices.ContainsFunc(out, func(o lookupTarget) bool { return o.table == target.table }) {
			b.fail(diag.CodeLookupRepeats, rangeOr(t.Table.Range, f.Range), fmt.Sprintf("lookup %s names %s twice", dv.Name, target.table.Set),
				"A reference to a row of it could be translated in two ways.", "Leave one of the two targets out.")
			good = false
		}
		out = append(out, target)
	}
	if !good {
		return nil
	}
	return out
}

func rangeOr(at, other diag.Range) diag.Range {
	if at.IsZero() {
		return other
	}
	return at
}

// knownTargets gives the tables of the schema that a lookup column refers to.
func (b *builder) knownTargets(at diag.Range, dv *schema.Field) []*schema.Table {
	var known []*schema.Table
	for _, t := range dv.Targets {
		if table := schema.FindTable(b.in.Targets, t.Table); table != nil {
			known = append(known, table)
		}
	}
	if known == nil {
		b.fail(diag.CodeLookupTarget, at, fmt.Sprintf("the schema has no table that %s refers to", dv.Name),
			"It refers to "+targetNames(dv)+".", "Refresh the schema with `dw schema pull`.")
	}
	return known
}

// target finds one table of a lookup with the columns that find its rows.
func (b *builder) target(f *model.Field, dv *schema.Field, known []*schema.Table, t model.Target) (lookupTarget, bool) {
	var out lookupTarget
	good := true
	for _, m := range t.Match {
		fno := b.lookUp(value.FnO, m.FnO)
		if len(m.Path) == 0 {
			b.fail(diag.CodeLookupNeedsKey, rangeOr(m.FnO.Range, f.Range), fmt.Sprintf("%s is matched with no column", m.FnO.Name), "", b.keyHint(dv))
		}
		good = good && fno != nil
		if len(m.Path) == 0 {
			good = false
			continue
		}
		l := leaf{fno: fno, path: m.Path, at: rangeOr(m.Range, rangeOr(m.FnO.Range, f.Column.Range))}
		if len(f.Path) > 0 {
			l.before, l.at = dv.Name, f.Column.Range
		}
		if slices.ContainsFunc(out.leaves, func(o leaf) bool {
			return fno != nil && o.fno == fno || strings.EqualFold(strings.Join(o.path, "."), strings.Join(m.Path, "."))
		}) {
			b.fail(diag.CodeLookupRepeats, l.at, fmt.Sprintf("lookup %s matches %s or %s twice", dv.Name, m.FnO.Name, strings.Join(m.Path, ".")),
				"Both would have to be equal, which one line says.", "Leave one of the two lines out.")
			good = false
		}
		out.leaves = append(out.leaves, l)
	}
	if len(out.leaves) == 0 {
		return out, false
	}
	if t.Table.Name != "" {
		if out.table = b.namedTarget(dv, known, t.Table); out.table == nil {
			return out, false
		}
	} else if out.table = b.onlyTarget(dv, known, out.leaves); out.table == nil {
		return out, false
	}
	for i := range out.leaves {
		good = b.follow(&out.leaves[i], dv, out.table) && good
	}
	return out, good
}

// namedTarget finds the table that a target block names.
func (b *builder) namedTarget(dv *schema.Field, known []*schema.Table, name model.Named) *schema.Table {
	var names []string
	for _, t := range known {
		if strings.EqualFold(t.Set, name.Name) || strings.EqualFold(t.Name, name.Name) {
			return t
		}
		names = append(names, t.Set)
	}
	hint := "It may refer to " + strings.Join(names, ", ") + "."
	if similar := diag.Suggest(name.Name, names); similar != "" {
		hint = fmt.Sprintf("Did you mean %q?", similar)
	}
	summary, detail := fmt.Sprintf("%s cannot refer to %s", dv.Name, name.Name), "The column refers to "+targetNames(dv)+"."
	if dv.Target(name.Name) != nil {
		summary, hint = fmt.Sprintf("the schema has no table %s", name.Name), "Refresh the schema with `dw schema pull`."
	}
	b.fail(diag.CodeLookupTable, name.Range, summary, detail, hint)
	return nil
}

// onlyTarget finds the one table among several that has the first columns of
// all paths.
func (b *builder) onlyTarget(dv *schema.Field, known []*schema.Table, leaves []leaf) *schema.Table {
	first, at := leaves[0].path[0], leaves[0].at // of several tables that have it
	var with []*schema.Table
	for _, t := range known {
		if !slices.ContainsFunc(leaves, func(l leaf) bool { return t.Field(l.path[0]) == nil }) {
			with = append(with, t)
		}
	}
	switch {
	case len(with) == 1:
		return with[0]
	case len(with) > 1:
		var sets []string
		for _, t := range with {
			sets = append(sets, t.Set)
		}
		b.fail(diag.CodeLookupTable, at, fmt.Sprintf("%s may refer to several tables that have a column %s", dv.Name, first),
			"They are "+strings.Join(sets, " and ")+".",
			fmt.Sprintf("Say which, in order of precedence: lookup %q { target %q { match = { ... } } }.", dv.Name, sets[0]))
		return nil
	}
	unknown := leaves[0]
	for _, l := range leaves {
		if known[0].Field(l.path[0]) == nil {
			unknown = l
			break
		}
	}
	b.unknownKeyColumn(dv, known[0], unknown, 0, leaves[0].before)
	return nil
}

// unknownKeyColumn reports the column at a place of a path that its table does
// not have. Before is the path up to it.
func (b *builder) unknownKeyColumn(dv *schema.Field, t *schema.Table, l leaf, i int, before string) {
	name, hint, similar := l.path[i], "", b.similarName(l.path[i], t)
	if similar != "" {
		hint = fmt.Sprintf("Did you mean %q?", joined(before, similar))
	}
	b.fail(diag.CodeLookupColumn, l.at, fmt.Sprintf("%s has no column %q", t.Set, name),
		fmt.Sprintf("The lookup %s refers to %s.", dv.Name, targetNames(dv)), hint)
	if similar == "" || !l.at.IsQuoted(joined(l.before, strings.Join(l.path, "."))) {
		return // nothing was meant, or the path is computed
	}
	path := slices.Clone(l.path)
	path[i] = similar
	b.list[len(b.list)-1].Fix = &diag.Fix{
		Summary: "use " + similar, Range: l.at, NewText: quoted(joined(l.before, strings.Join(path, "."))), Certain: diag.Certain(name, similar, t.FieldNames()),
	}
}

// joined gives a path that goes on by a column.
func joined(path, column string) string {
	if path == "" {
		return column
	}
	return path + "." + column
}

// follow walks a path from the table of a lookup to the column at its end and
// puts it into the schema's spelling.
func (b *builder) follow(l *leaf, lookup *schema.Field, t *schema.Table) bool {
	path, before := slices.Clone(l.path), l.before
	for i, name := range path {
		column := t.Field(name)
		if column == nil {
			from := &schema.Field{Name: lookup.Name, Targets: []schema.Target{{Table: t.Name}}}
			b.unknownKeyColumn(from, t, *l, i, before)
			return false
		}
		path[i] = column.Name
		last := i == len(path)-1
		if last && column.Type != schema.TypeLookup {
			l.table, l.column = t, column
			break
		}
		before = joined(before, column.Name)
		switch {
		case last:
			b.fail(diag.CodeLookupNeedsKey, l.at, fmt.Sprintf("%s is itself a lookup and needs the key column of its target", before),
				"F&O does not know the ids of Dataverse's rows.", b.keyHintAt(before, column))
			return false
		case column.Type != schema.TypeLookup:
			b.fail(diag.CodeNotALookup, l.at, fmt.Sprintf("%s of %s is no lookup", column.Name, t.Set),
				fmt.Sprintf("The path leads through %s, which is %s.", before, column.Type), fmt.Sprintf("End the path there: %q.", before))
			return false
		default:
			known := b.knownTargets(l.at, column)
			if known == nil {
				return false
			}
			rest := []leaf{{path: path[i+1:], before: before, at: l.at}}
			if t = b.onlyTarget(column, known, rest); t == nil {
				return false
			}
			lookup = column
		}
	}
	l.path, l.shown = path, strings.Join(path, ".")
	return true
}

// lookup makes the lookup of a table by the paths of its leaves, and says in
// which order the leaves make its key. Paths that go through the same column
// find the row behind it together. Nil where no table has what all of them name.
func (b *builder) lookup(t *schema.Table, leaves []leaf) (*Lookup, []leaf) {
	l := &Lookup{Table: t.Name, Set: t.Set, PrimaryID: t.PrimaryID, Maps: b.in.Delivers[t.Name], Map: first(b.in.Delivers[t.Name])}
	var order []leaf
	var done map[string]bool // columns on the way to other rows
	for i, f := range leaves {
		column := t.Field(f.path[0])
		if done[column.Name] {
			continue
		}
		part := LookupPart{Column: column.Name, Type: column.Type}
		if len(f.path) == 1 {
			order = append(order, f)
			l.Parts = append(l.Parts, part)
			continue
		}
		if done == nil {
			done = map[string]bool{}
		}
		done[column.Name] = true
		var through []leaf
		for _, o := range leaves[i:] {
			if len(o.path) > 1 && strings.EqualFold(o.path[0], column.Name) {
				o.path = o.path[1:]
				through = append(through, o)
			}
		}
		target := b.onlyTarget(column, b.knownTargets(f.at, column), through)
		if target == nil {
			return nil, nil
		}
		via, inner := b.lookup(target, through)
		if via == nil {
			return nil, nil
		}
		part.Via = via
		order = append(order, inner...)
		l.Parts = append(l.Parts, part)
	}
	l.KeyColumn = l.Parts[0].Column
	if c := t.CompanyColumn(); c != nil && t.Name != schema.CompanyTable && !done[c.Name] {
		l.CompanyColumn = c.Name
	}
	l.title = l.makeTitle()
	return l, order
}

func first(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return names[0]
}

// keyHint suggests how a lookup goes on to the key of its target.
func (b *builder) keyHint(dv *schema.Field) string { return b.keyHintAt(dv.Name, dv) }

func (b *builder) keyHintAt(path string, dv *schema.Field) string {
	key := "key_column"
	if len(dv.Targets) > 0 {
		if t := schema.FindTable(b.in.Targets, dv.Targets[0].Table); t != nil {
			key = keyColumnOf(t)
		}
	}
	return fmt.Sprintf("Write %q.", path+"."+key)
}

// keyColumnOf gives the first text of an alternate key, else the name column.
func keyColumnOf(t *schema.Table) string {
	for _, k := range t.Keys {
		for _, c := range k.Columns {
			if f := t.Field(c); f != nil && f.Type == schema.TypeText {
				return f.Name
			}
		}
	}
	return t.PrimaryName
}

func targetNames(dv *schema.Field) string {
	var names []string
	for _, t := range dv.Targets {
		names = append(names, t.Table)
	}
	return strings.Join(names, ", ")
}

// keysAgree tells whether the text of an F&O field can be the text of a key
// column.
func keysAgree(fno, key *schema.Field) bool {
	switch key.Type {
	case schema.TypeText:
		return fno.Type == schema.TypeText || fno.Type == schema.TypeInteger || fno.Type == schema.TypeEnum
	case schema.TypeInteger:
		return fno.Type == schema.TypeInteger
	case schema.TypeGuid:
		return fno.Type == schema.TypeGuid || fno.Type == schema.TypeText
	default:
		return false
	}
}
