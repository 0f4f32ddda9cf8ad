package transform

import (
	"fmt"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

// Input is a map with everything that it is compiled against. Names in the map
// may be in any case; the compiled map has the schema's spelling.
type Input struct {
	Map       *model.Map
	FnO       *schema.Table
	Dataverse *schema.Table
	Targets   []schema.Table      // of its lookups, cdm_company included
	Enums     []schema.Enum       // types of its F&O fields
	Companies []string            // in scope, in the spelling of the link
	Deferred  []string            // names of fields whose references are filled in later
	Delivers  map[string][]string // logical name of a target -> maps that fill it
	Trials    *Trials             // shared by maps that are compiled together; nil: nothing is remembered
}

// Compile makes a map ready to run, or says everything that the schema has
// against it. Compiled is nil where the list has errors.
func Compile(in Input) (*Compiled, diag.List) {
	b, c := build(in)
	return c, b.list
}

// build compiles a map and keeps what it was built with.
func build(in Input) (*builder, *Compiled) {
	b := &builder{in: in, ordinary: map[value.Side]*Record{}, hiding: map[string]bool{}, c: &Compiled{
		Map:       in.Map,
		FnO:       Projection{Table: in.FnO},
		Dataverse: Projection{Table: in.Dataverse},
		Company:   -1,
		modified:  [2]int{-1, -1},
		Constants: map[value.Side][]Constant{},
		CreatesOn: map[value.Side]bool{},
	}}
	if in.FnO == nil || in.Dataverse == nil {
		b.fail(diag.CodeUnknownTable, in.Map.Range, fmt.Sprintf("the schema of a table of %s is not known", in.Map.Address()),
			"", "Refresh the schema with `dw schema pull`.")
		return b, nil
	}
	for _, name := range in.FnO.Key {
		if f := in.FnO.Field(name); f != nil {
			b.column(value.FnO, f)
		}
	}
	b.c.Slots = make([]Slot, 0, len(in.Map.Fields)+1)
	b.company()
	b.noCompany = b.list.HasErrors()
	for _, f := range in.Map.Fields {
		if !f.Faulty {
			b.field(f)
		}
	}
	b.key()
	b.match()
	b.filter(value.FnO, in.Map.Filter.FnO)
	b.filter(value.Dataverse, in.Map.Filter.Dataverse)
	b.modified()
	b.settlePlaces()
	if b.list.HasErrors() {
		b.settle() // of the other fields, so that all mistakes are told at once
		return b, nil
	}
	b.finish()
	b.fits()
	b.settle()
	b.collisions()
	if b.list.HasErrors() {
		return b, nil
	}
	return b, b.c
}

// builder collects a compiled map and what is wrong with it.
type builder struct {
	in   Input
	c    *Compiled
	list diag.List

	ordinary  map[value.Side]*Record // of each side, for settle
	echo      echo                   // for settle
	noCompany bool                   // the company could not be compiled
	hiding    map[string]bool        // names of slots whose value map hides values, which is told
	speller   diag.Speller
}

// report adds a diagnostic. A place without a range is shown at the map.
func (b *builder) report(code string, s diag.Severity, at diag.Range, summary, detail, hint string) {
	if at.IsZero() {
		at = b.in.Map.Range
	}
	b.list = append(b.list, diag.Diagnostic{
		Code: code, Severity: s, Summary: summary, Detail: detail, Hint: hint, Subject: at, Address: b.in.Map.Address(),
	})
}

func (b *builder) fail(code string, at diag.Range, summary, detail, hint string) {
	b.report(code, diag.Error, at, summary, detail, hint)
}

func (b *builder) projection(s value.Side) *Projection { return b.c.projection(s) }

// column gives the place of a column in its projection, which gets it where it
// has not.
func (b *builder) column(s value.Side, f *schema.Field) int {
	p := b.projection(s)
	if i := p.index(f.Name); i >= 0 {
		return i
	}
	p.Columns = append(p.Columns, f)
	return len(p.Columns) - 1
}

// lookUp finds a field of a side or reports it as unknown.
func (b *builder) lookUp(s value.Side, name model.Named) *schema.Field {
	t := b.projection(s).Table
	if f := t.Field(name.Name); f != nil {
		return f
	}
	code, what := diag.CodeUnknownField, "field"
	if s == value.Dataverse {
		code, what = diag.CodeUnknownColumn, "column"
	}
	d := diag.Diagnostic{
		Code: code, Severity: diag.Error, Subject: name.Range, Address: b.in.Map.Address(),
		Summary: fmt.Sprintf("%s has no %s %q", t.Set, what, name.Name),
		Detail:  fmt.Sprintf("The schema of %s in %s does not have it.", t.Set, s.Title()),
		Hint:    "Check the name; if the environment has it now, refresh the schema with `dw schema pull`.",
	}
	if similar := b.similarName(name.Name, t); similar != "" {
		d.Hint = fmt.Sprintf("Did you mean %q?", similar)
		// The range covers the bare name or the quoted one, unless a path
		// follows it, which a replacement would lose.
		certain := diag.Certain(name.Name, similar, t.FieldNames())
		switch name.Range.End.Byte - name.Range.Start.Byte {
		case len(name.Name):
			d.Fix = &diag.Fix{Summary: "use " + similar, Range: name.Range, NewText: similar, Certain: certain}
		case len(name.Name) + 2:
			d.Fix = &diag.Fix{Summary: "use " + similar, Range: name.Range, NewText: quoted(similar), Certain: certain}
		}
	} else if b.speller.Tired() {
		d.Hint = diag.TooManyToGuess
	}
	b.list = append(b.list, d)
	return nil
}

// similarName finds the column that was most likely meant: one like it, or one
// that only lacks its publisher's prefix.
func (b *builder) similarName(name string, t *schema.Table) string {
	if b.speller.Tired() {
		return ""
	}
	if similar := b.speller.Suggest(name, t.FieldNames()); similar != "" {
		return similar
	}
	for _, candidate := range t.FieldNames() {
		if _, rest, ok := strings.Cut(candidate, "_"); ok && strings.EqualFold(rest, name) {
			return candidate
		}
	}
	return ""
}

// finish works out what depends on all fields.
func (b *builder) finish() {
	c := b.c
	c.state = c.Dataverse.Index(stateColumn)
	for _, to := range []value.Side{value.FnO, value.Dataverse} {
		for i := range c.Constants[to] {
			k := &c.Constants[to][i]
			k.At = b.projection(to).Index(k.Field.Name)
		}
		asked := b.in.Map.Creates.ToFnO
		if to == value.Dataverse {
			asked = b.in.Map.Creates.ToDataverse
		}
		able := !b.projection(to).Table.ReadOnly && len(c.Key) > 0
		for _, k := range c.Key {
			s := &c.Slots[k]
			able = able && (s.Direction.Sends(to) && c.Column(s, to).OnCreate || k == c.Company && c.companyComes(to))
		}
		c.CreatesOn[to] = able && (asked == nil || *asked)
		for _, create := range []bool{true, false} {
			w := writes{}
			for i := range c.Slots {
				if c.writable(&c.Slots[i], to, create) {
					w.slots = append(w.slots, i)
				}
			}
			for _, k := range c.Constants[to] {
				if create && k.Field.OnCreate || !create && !k.OnCreate && k.Field.OnUpdate {
					w.constants = append(w.constants, k)
				}
			}
			c.writes[writesIndex(to, create)] = w
		}
		names := map[string]bool{}
		for i := range c.Slots {
			if s := &c.Slots[i]; s.Direction.Sends(to) {
				name := c.Column(s, to).Name
				c.overlaps[writesIndex(to, false)/2] = c.overlaps[writesIndex(to, false)/2] || names[name]
				names[name] = true
			}
		}
	}
	c.companies = make(map[string]bool, 2*len(b.in.Companies))
	for _, name := range b.in.Companies {
		c.companies[name], c.companies[value.Fold(name)] = true, true
	}
	for i := range c.Slots {
		if s := &c.Slots[i]; s.Lookup != nil {
			c.lookups = append(c.lookups, i)
		}
	}
}

// writable tells whether a slot is written to a side on create or on update.
func (c *Compiled) writable(s *Slot, to value.Side, create bool) bool {
	if !s.Direction.Sends(to) {
		return false
	}
	f := c.Column(s, to)
	if create {
		return f.OnCreate
	}
	return f.OnUpdate && !s.OnCreate && !s.IsKey
}
