package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/capture"
	"github.com/dualwrite/dw/runtime/engine/refs"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/report"
)

// EditOptions name a record of a sandbox's map and what to do to it.
type EditOptions struct {
	Map, Key string
	Set      []string   // "COLUMN=VALUE": an F&O field or a Dataverse column, "fno." or "dataverse." before it where both sides have one
	Create   value.Side // "" changes what is there
	Delete   value.Side // "" deletes nothing
}

// editor works on one record of both twins, as a person would in their forms.
type editor struct {
	s      *Session
	env    *engine.Env
	m      *engine.Map
	reader *capture.Reader
	refs   *refs.Resolver
	key    string   // canonical
	parts  []string // as written
}

// Look reads a record on both sides, with the named fields of its map, or all
// of them where none is named.
func (s *Session) Look(ctx context.Context, mapName, key string, fields []string) (report.Look, error) {
	e, err := s.editor(ctx, mapName, key)
	if err != nil {
		return report.Look{}, err
	}
	for _, name := range fields {
		if !e.mapped(name) && e.alone(name, [2]*record.Observation{}) == nil {
			return report.Look{}, unknownField(e.m, name)
		}
	}
	return e.look(ctx, fields)
}

// mapped tells whether a field of the map has a name.
func (e *editor) mapped(name string) bool {
	return slices.ContainsFunc(e.m.Compiled.Slots, func(s transform.Slot) bool { return fieldIs(e.m.Compiled, &s, name) })
}

// alone gives a column that the map reads and does not carry over, as filters
// do; nil where there is none.
func (e *editor) alone(name string, seen [2]*record.Observation) *report.LookField {
	for i, side := range []value.Side{value.FnO, value.Dataverse} {
		p := e.projection(side)
		at := slices.IndexFunc(p.Columns, func(f *schema.Field) bool { return strings.EqualFold(f.Name, name) })
		if at < 0 {
			continue
		}
		text := ""
		if seen[i] != nil {
			text = seen[i].Values[at].String()
		}
		if side == value.FnO {
			return &report.LookField{Field: p.Columns[at].Name, FnO: p.Columns[at].Name, Values: report.BlameValues{FnO: text}}
		}
		return &report.LookField{Field: p.Columns[at].Name, Dataverse: p.Columns[at].Name, Values: report.BlameValues{Dataverse: text}}
	}
	return nil
}

// Edit changes, creates or deletes a record in the twins and gives how it
// stands afterwards.
func (s *Session) Edit(ctx context.Context, o EditOptions) (report.Look, error) {
	e, err := s.editor(ctx, o.Map, o.Key)
	if err != nil {
		return report.Look{}, err
	}
	changes, err := e.changes(o.Set)
	if err != nil {
		return report.Look{}, err
	}
	for _, side := range []value.Side{value.FnO, value.Dataverse} {
		if side != o.Create && side != o.Delete && len(changes[side]) == 0 {
			continue
		}
		if o.Create != "" && side != o.Create {
			return report.Look{}, diag.Fail(diag.Diagnostic{Code: diag.CodeUsage, Severity: diag.Error,
				Summary: fmt.Sprintf("%s is a column of %s, and the record is to be created in %s", changes[side][0].name, side.Title(), o.Create.Title())})
		}
		if err := e.write(ctx, side, changes[side], o); err != nil {
			return report.Look{}, err
		}
	}
	var named []string
	for _, side := range []value.Side{value.FnO, value.Dataverse} {
		for _, c := range changes[side] {
			named = append(named, c.name)
		}
	}
	if len(named) == 0 { // deleted: what is left is told by its key
		for _, k := range e.m.Compiled.Key {
			named = append(named, e.m.Compiled.Slots[k].Name)
		}
	}
	return e.look(ctx, named)
}

// editor opens what is needed to work on a record of a sandbox.
func (s *Session) editor(ctx context.Context, mapName, key string) (*editor, error) {
	m, st, err := s.deployedMap(ctx, mapName)
	if err != nil {
		return nil, err
	}
	if s.Link.Sandbox == nil {
		return nil, diag.Fail(diag.Diagnostic{
			Code: diag.CodeUsage, Severity: diag.Error, Summary: fmt.Sprintf("link %q has no sandbox", s.Link.Name),
			Detail: "It leads to real environments, whose records are edited in their own pages.", Subject: s.Link.Range,
		})
	}
	e := &editor{s: s, m: m}
	if e.key, err = canonicalKey(m, key); err != nil {
		return nil, err
	}
	e.parts = keyParts(m, key)
	d, err := s.deployed(ctx, st)
	if err != nil {
		return nil, err
	}
	maps, err := engine.Compile(d.Maps)
	if err != nil {
		return nil, err
	}
	sys, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	fno, dataverse, err := sys.connectors("") // a person's writes have no tag
	if err != nil {
		return nil, err
	}
	e.env = &engine.Env{Host: s.Host, Store: st, FnO: fno, Dataverse: dataverse, Link: s.Link.Name, Maps: maps}
	e.refs = refs.New(e.env)
	e.reader = &capture.Reader{Env: e.env, Map: m, Refs: e.refs}
	return e, nil
}

// change is one column of one side with its new value.
type change struct {
	name  string
	field *schema.Field
	text  string
}

// changes reads what to set, by side.
func (e *editor) changes(set []string) (map[value.Side][]change, error) {
	out := map[value.Side][]change{}
	for _, text := range set {
		name, v, ok := strings.Cut(text, "=")
		if !ok || name == "" {
			return nil, diag.Fail(diag.Diagnostic{Code: diag.CodeUsage, Severity: diag.Error,
				Summary: fmt.Sprintf("%q does not say what to set", text), Hint: "Write COLUMN=VALUE; COLUMN= clears the column."})
		}
		sides := []value.Side{value.FnO, value.Dataverse}
		for _, s := range sides {
			if rest, ok := strings.CutPrefix(name, string(s)+"."); ok {
				name, sides = rest, []value.Side{s}
				break
			}
		}
		var found []value.Side
		var c change
		for _, s := range sides {
			if f := e.table(s).Field(name); f != nil {
				found = append(found, s)
				c = change{name: f.Name, field: f, text: v}
			}
		}
		switch len(found) {
		case 0:
			names := slices.Concat(e.table(value.FnO).FieldNames(), e.table(value.Dataverse).FieldNames())
			d := diag.Diagnostic{Code: diag.CodeUsage, Severity: diag.Error, Summary: fmt.Sprintf("neither side of map %s has a column %q", e.m.Name, name)}
			if near := diag.Suggest(name, names); near != "" {
				d.Hint = fmt.Sprintf("Did you mean %q?", near)
			}
			return nil, diag.Fail(d)
		case 2:
			return nil, diag.Fail(diag.Diagnostic{Code: diag.CodeUsage, Severity: diag.Error, Summary: fmt.Sprintf("both sides have a column %q", name),
				Hint: fmt.Sprintf("Write fno.%s or dataverse.%s.", name, name)})
		}
		out[found[0]] = append(out[found[0]], c)
	}
	return out, nil
}

func (e *editor) table(s value.Side) *schema.Table { return e.projection(s).Table }

func (e *editor) projection(s value.Side) *transform.Projection {
	if s == value.FnO {
		return &e.m.Compiled.FnO
	}
	return &e.m.Compiled.Dataverse
}

// find gives the record as it stands on a side; nil where it is not there.
func (e *editor) find(ctx context.Context, side value.Side) (*record.Observation, error) {
	c := e.m.Compiled
	p := e.projection(side)
	company := ""
	if c.Company >= 0 {
		company = e.parts[0]
	}
	for n, k := range c.Key {
		slot := &c.Slots[k]
		index := slot.FnO
		if side == value.Dataverse {
			index = slot.Dataverse
		}
		if k == c.Company || index >= len(p.Columns) || p.Columns[index].Type == schema.TypeLookup {
			continue
		}
		wanted, err := parseValue(p.Columns[index], nil, e.parts[n])
		if err != nil {
			return nil, err
		}
		q := connect.FindQuery{Table: p.Table, Column: p.Columns[index].Name, Values: []value.Value{wanted}, Company: company}
		for _, f := range p.Columns {
			q.Columns = append(q.Columns, f.Name)
		}
		rows, err := e.env.Connector(side).Find(ctx, q)
		if err != nil {
			return nil, err
		}
		obs, err := e.reader.Observe(ctx, side, rows, 0)
		if err != nil {
			return nil, err
		}
		at := slices.IndexFunc(obs, func(o record.Observation) bool { return o.Key == e.key })
		if at < 0 {
			return nil, nil
		}
		return &obs[at], nil
	}
	return nil, fmt.Errorf("the key of map %s has no column of its own to look for", e.m.Name)
}

// write sends what a person did to one side.
func (e *editor) write(ctx context.Context, side value.Side, changes []change, o EditOptions) error {
	seen, err := e.find(ctx, side)
	if err != nil {
		return err
	}
	w := connect.Write{Delete: side == o.Delete, Create: side == o.Create}
	switch {
	case w.Create && seen != nil:
		return e.usage("%s has the record %s already", side.Title(), strings.Join(e.parts, " / "))
	case !w.Create && seen == nil:
		return e.usage("%s has no record %s", side.Title(), strings.Join(e.parts, " / "))
	case w.Create:
		w.Row.ID = e.s.Host.Random.NewID()
		if changes, err = e.withKey(side, changes); err != nil {
			return err
		}
	default:
		w.Row.ID = seen.ID
		if side == value.FnO {
			w.Row.Key = e.m.Compiled.EntityKey(seen.Values)
		}
	}
	for _, c := range changes {
		v, err := e.value(ctx, side, c)
		if err != nil {
			return err
		}
		w.Values = append(w.Values, connect.ColumnValue{Field: c.field, Value: v})
	}
	if w.Create && side == value.FnO {
		for _, name := range e.table(side).Key {
			at := slices.IndexFunc(w.Values, func(v connect.ColumnValue) bool { return strings.EqualFold(v.Field.Name, name) })
			if at < 0 {
				return e.usage("the key field %s of %s is needed", name, e.table(side).Set)
			}
			w.Row.Key = append(w.Row.Key, w.Values[at].Value)
		}
	}
	results, err := e.env.Connector(side).Write(ctx, e.table(side), []connect.Write{w}, func([]int, []connect.Result) {})
	if err != nil {
		return err
	}
	if r := results[0]; r.Outcome != connect.Done {
		return diag.Fail(diag.Diagnostic{Code: diag.CodeServiceRefused, Severity: diag.Error,
			Summary: fmt.Sprintf("%s did not take the change", side.Title()), Detail: strings.TrimSpace(r.Code + " " + r.Message)})
	}
	return nil
}

// withKey adds the columns of the key, and what the map says that every new
// record of a side has, to those that a person named.
func (e *editor) withKey(side value.Side, changes []change) ([]change, error) {
	c := e.m.Compiled
	named := func(name string) bool {
		return slices.ContainsFunc(changes, func(x change) bool { return strings.EqualFold(x.name, name) })
	}
	for n, k := range c.Key {
		slot := &c.Slots[k]
		index := slot.FnO
		if side == value.Dataverse {
			index = slot.Dataverse
		}
		p := e.projection(side)
		if index >= len(p.Columns) || named(p.Columns[index].Name) {
			continue
		}
		changes = append(changes, change{name: p.Columns[index].Name, field: p.Columns[index], text: e.parts[n]})
	}
	for _, k := range c.WriteConstants(side, true) {
		if !named(k.Field.Name) {
			changes = append(changes, change{name: k.Field.Name, field: k.Field, text: k.Value.String()})
		}
	}
	return changes, nil
}

// value reads a text as the value of a column. A lookup takes the key of the
// row that it refers to, as the map has it.
func (e *editor) value(ctx context.Context, side value.Side, c change) (value.Value, error) {
	if c.field.Type != schema.TypeLookup || c.text == "" {
		return parseValue(c.field, e.m.Def.Enums, c.text)
	}
	if v, err := value.ParseReference(c.text); err == nil {
		return v, nil
	}
	for i := range e.m.Compiled.Slots {
		s := &e.m.Compiled.Slots[i]
		if s.Lookup == nil || !strings.EqualFold(e.m.Compiled.Column(s, side).Name, c.name) {
			continue
		}
		company := ""
		if e.m.Compiled.Company >= 0 {
			company = e.parts[0]
		}
		answers, err := e.refs.Resolve(ctx, []refs.Need{{Lookup: s.Lookup, Company: company, Key: c.text}}, refs.Options{})
		if err != nil {
			return value.Value{}, err
		}
		if v, state := answers.ID(s.Lookup, company, c.text); state == transform.RefKnown {
			return v, nil
		}
		return value.Value{}, e.usage("no row of %s has the key %q", s.Lookup.Set, c.text)
	}
	return value.Value{}, e.usage("%s is a lookup that the map does not have; write table:GUID", c.name)
}

func (e *editor) usage(format string, args ...any) error {
	return diag.Fail(diag.Diagnostic{Code: diag.CodeUsage, Severity: diag.Error, Summary: fmt.Sprintf(format, args...)})
}

// look shows the record's columns on both sides: those named, or all.
func (e *editor) look(ctx context.Context, only []string) (report.Look, error) {
	out := report.Look{FormatVersion: report.FormatVersion, Map: e.m.Name, Record: strings.Join(e.parts, " / "), Fields: []report.LookField{}, Whole: len(only) == 0}
	var seen [2]*record.Observation
	for i, side := range []value.Side{value.FnO, value.Dataverse} {
		o, err := e.find(ctx, side)
		if err != nil {
			return out, err
		}
		if seen[i] = o; o != nil {
			out.Record = e.m.Compiled.ReadableKey(side, o.Values, o.Company)
		}
	}
	out.FnO, out.Dataverse = seen[0] != nil, seen[1] != nil
	var answers transform.Refs
	if seen[1] != nil {
		r, err := e.refs.Resolve(ctx, needsOf(e.m.Compiled, seen[1]), refs.Options{})
		if err != nil {
			return out, err
		}
		answers = r
	}
	c := e.m.Compiled
	for i := range c.Slots {
		s := &c.Slots[i]
		if len(only) > 0 && !slices.ContainsFunc(only, func(name string) bool { return fieldIs(c, s, name) }) {
			continue
		}
		f := report.LookField{Field: s.Name, FnO: c.Column(s, value.FnO).Name, Dataverse: c.Column(s, value.Dataverse).Name}
		if seen[0] != nil {
			f.Values.FnO = seen[0].Values[s.FnO].String()
		}
		if seen[1] != nil {
			v := seen[1].Values[s.Dataverse]
			f.Values.Dataverse = v.String()
			if s.Lookup != nil && !v.IsNull() && answers != nil {
				if key, state := answers.Key(s.Lookup, v); state == transform.RefKnown {
					f.Values.Dataverse = strings.ReplaceAll(key, "\x1f", " / ")
				}
			}
		}
		out.Fields = append(out.Fields, f)
	}
	for _, name := range only {
		if e.mapped(name) {
			continue
		}
		if f := e.alone(name, seen); f != nil {
			out.Fields = append(out.Fields, *f)
		} else {
			out.NotRead = append(out.NotRead, name)
		}
	}
	return out, nil
}

// needsOf gives the references of a Dataverse row, for showing their keys.
func needsOf(c *transform.Compiled, o *record.Observation) []refs.Need {
	var needs []refs.Need
	for i := range c.Slots {
		s := &c.Slots[i]
		if s.Lookup == nil || o.Values[s.Dataverse].IsNull() {
			continue
		}
		needs = append(needs, refs.Need{Lookup: s.Lookup, Company: o.Company, Ref: o.Values[s.Dataverse]})
	}
	return needs
}

// parseValue reads a text as a person writes it in a form.
func parseValue(f *schema.Field, enums []schema.Enum, text string) (value.Value, error) {
	var v value.Value
	var err error
	switch {
	case text == "":
		return v, nil
	case f.Type == schema.TypeInteger:
		v, err = value.ParseInteger(text)
	case f.Type == schema.TypeDecimal:
		v, err = value.NewDecimal(text)
	case f.Type == schema.TypeBool:
		switch strings.ToLower(text) {
		case "true", "yes":
			v = value.NewBool(true)
		case "false", "no":
			v = value.NewBool(false)
		default:
			err = errors.New("it is neither true nor false")
		}
	case f.Type == schema.TypeTime && f.DateOnly:
		v, err = value.ParseDate(text)
	case f.Type == schema.TypeTime:
		if v, err = value.ParseDateTime(text); err != nil {
			v, err = value.ParseDateTime(text + "T00:00:00Z")
		}
	case f.Type == schema.TypeEnum:
		v = value.NewSymbol(text)
		if enum := schema.FindEnum(enums, f.Enum); enum != nil {
			if m := enum.Member(text); m != nil {
				v = value.NewSymbol(m.Name)
			} else {
				err = fmt.Errorf("it is no member of %s (%s)", enum.Name, strings.Join(enum.MemberNames(), ", "))
			}
		}
	case f.Type == schema.TypeChoice:
		var n value.Value
		if n, err = value.ParseInteger(text); err == nil {
			v = value.NewOption(n.Int())
		}
		for _, o := range f.Options {
			if strings.EqualFold(o.Label, text) {
				v, err = value.NewOption(o.Value), nil
			}
		}
	case f.Type == schema.TypeGuid:
		v, err = value.ParseGuid(text)
	case f.Type == schema.TypeText:
		v = value.NewText(text)
	default:
		err = fmt.Errorf("a column of type %s cannot be set here", f.Type)
	}
	if err != nil {
		return v, diag.Fail(diag.Diagnostic{Code: diag.CodeUsage, Severity: diag.Error,
			Summary: fmt.Sprintf("%q is no value for %s", text, f.Name), Detail: strings.ToUpper(err.Error()[:1]) + err.Error()[1:] + "."})
	}
	return v, nil
}
