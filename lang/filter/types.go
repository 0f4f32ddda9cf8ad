package filter

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

// enumPrefix is the namespace of F&O enum types (F&O OData documentation,
// filtering by enums).
const enumPrefix = "Microsoft.Dynamics.DataEntities."

// comparison types a column and a literal; on a mistake it reports and gives a
// node that is never used.
func (p *parser) comparison(column token, by op, lit token) node {
	f := p.column(column)
	if f == nil {
		return and{}
	}
	if !f.Readable {
		return p.report(fail(column.start, column.end, fmt.Sprintf("%s cannot be read, so dw cannot evaluate the filter", f.Name), ""))
	}
	if lit.kind == tokName && lit.text == "null" {
		return p.nothing(f, by, lit)
	}
	if by >= opContains && f.Type != schema.TypeText {
		return p.report(fail(column.start, column.end, fmt.Sprintf("%s is %s; %s is for texts", f.Name, typeName(f), opNames[by]), ""))
	}
	literal, hint := p.literal(f, lit)
	if literal.IsNull() {
		e := fail(lit.start, lit.end, fmt.Sprintf("%s is %s and cannot be compared with %s", f.Name, typeName(f), shown(lit)), hint)
		if name := p.numbered(f, lit); name != "" {
			e.Cause, e.Certain = UnknownValue, true
			e.Hint, e.Suggestion = fmt.Sprintf("F&O names members by their symbols: %s is '%s'.", lit.text, name), "'"+name+"'"
		}
		return p.report(e)
	}
	if f.Type == schema.TypeChoice && len(f.Options) > 0 && !hasOption(f, literal) {
		e := fail(lit.start, lit.end, fmt.Sprintf("%s has no choice %s", f.Name, literal), "It has "+options(f)+".")
		e.Cause = UnknownValue
		return p.report(e)
	}
	if hint != "" { // an enum member that does not exist
		e := fail(lit.start, lit.end, fmt.Sprintf("%s has no member %q", f.Enum, literal.Text()), "")
		e.Cause = UnknownValue
		if s := p.member(f.Enum, literal.Text()); s != "" {
			e.Hint = fmt.Sprintf("Did you mean %q?", s)
			e.Suggestion = "'" + s + "'"
			e.Certain = diag.Certain(literal.Text(), s, schema.FindEnum(p.enums, f.Enum).MemberNames())
		} else if enum := schema.FindEnum(p.enums, f.Enum); enum != nil {
			e.Hint = "Its members are " + someOf(enum.MemberNames()) + "."
		}
		return p.report(e)
	}
	if e := p.allowed(f, by, literal, lit); e != nil {
		return p.report(e)
	}
	return compare{field: f, op: by, literal: literal, start: lit.start, end: lit.end}
}

// numbered gives the symbol of the enum member that a number stands for; ""
// where it is none.
func (p *parser) numbered(f *schema.Field, t token) string {
	n, err := value.ParseInteger(t.text)
	e := schema.FindEnum(p.enums, f.Enum)
	if t.kind != tokNumber || err != nil || e == nil {
		return ""
	}
	for _, m := range e.Members {
		if m.Value == n.Int() {
			return m.Name
		}
	}
	return ""
}

func hasOption(f *schema.Field, v value.Value) bool {
	return slices.ContainsFunc(f.Options, func(o schema.Option) bool { return value.NewOption(o.Value) == v })
}

// options names the choices of a column.
func options(f *schema.Field) string {
	var all []string
	for _, o := range f.Options {
		text := fmt.Sprint(o.Value)
		if o.Label != "" {
			text += " (" + o.Label + ")"
		}
		all = append(all, text)
	}
	return someOf(all)
}

// someOf joins the first of many names.
func someOf(names []string) string {
	const most = 8
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}

// nothing types a comparison with null. F&O knows no null: a text is empty
// instead, and other types have an ordinary value that stands for nothing.
func (p *parser) nothing(f *schema.Field, by op, lit token) node {
	if by != opEq && by != opNe {
		return p.report(fail(lit.start, lit.end, "only eq and ne compare with null", ""))
	}
	if p.table.Side == value.FnO {
		if f.Type == schema.TypeText {
			return compare{field: f, op: by, literal: value.NewText(""), null: true, start: lit.start, end: lit.end}
		}
		return p.report(fail(lit.start, lit.end, fmt.Sprintf("%s is never null in F&O", f.Name),
			"Compare with what F&O keeps for nothing: 0, 1900-01-01 or the enum's member of value 0."))
	}
	return compare{field: f, op: by, null: true, start: lit.start, end: lit.end}
}

// literal converts a token to the type of a column. The value is null where
// it cannot be one, with a hint; a hint beside a value means that the value's
// enum member does not exist.
func (p *parser) literal(f *schema.Field, t token) (v value.Value, hint string) {
	switch f.Type {
	case schema.TypeText:
		if t.kind == tokText {
			return value.NewText(t.text), ""
		}
		return v, fmt.Sprintf("Write a text in quotes: '%s'.", t.text)
	case schema.TypeInteger, schema.TypeChoice:
		if n, err := value.ParseInteger(t.text); t.kind == tokNumber && err == nil {
			if f.Type == schema.TypeChoice {
				return value.NewOption(n.Int()), ""
			}
			return n, ""
		}
		return v, "Write a whole number without quotes."
	case schema.TypeDecimal:
		if d, err := value.NewDecimal(t.text); t.kind == tokNumber && err == nil {
			return d, ""
		}
		return v, "Write a number without quotes."
	case schema.TypeBool:
		if t.kind == tokName {
			return value.NewBool(t.text == "true"), ""
		}
		return v, "Write true or false."
	case schema.TypeTime:
		return p.time(f, t)
	case schema.TypeEnum:
		return p.symbol(f, t)
	case schema.TypeGuid, schema.TypeLookup:
		if g, err := value.ParseGuid(t.text); (t.kind == tokGuid || t.kind == tokText) && err == nil {
			return g, ""
		}
		return v, "Write a guid without quotes."
	default:
		return v, "filters cannot use columns of this type; only a comparison with null is possible"
	}
}

func (p *parser) time(f *schema.Field, t token) (v value.Value, hint string) {
	if t.kind == tokTime {
		if f.DateOnly {
			if d, err := value.ParseDate(t.text); err == nil {
				return d, ""
			}
		} else if d, err := value.ParseDateTime(t.text); err == nil {
			return d, ""
		} else if d, err := value.ParseDate(t.text); err == nil {
			return value.NewDateTime(d.Days() * 86400), ""
		}
	}
	if f.DateOnly {
		return v, "Write a date such as 2026-03-01, without quotes."
	}
	return v, "Write a moment such as 2026-03-01T08:30:00Z, without quotes."
}

// symbol reads an enum member, short or with its type.
func (p *parser) symbol(f *schema.Field, t token) (v value.Value, hint string) {
	name := t.text
	switch t.kind {
	case tokText:
	case tokEnum:
		if !strings.EqualFold(strings.TrimPrefix(t.text, enumPrefix), f.Enum) {
			return v, fmt.Sprintf("%s has the type %s", f.Name, f.Enum)
		}
		name = t.symbol
	default:
		return v, fmt.Sprintf("Write an enum member in quotes: %s eq 'Member'.", f.Name)
	}
	e := schema.FindEnum(p.enums, f.Enum)
	if e == nil {
		return v, fmt.Sprintf("the schema does not have the members of %s", f.Enum)
	}
	if m := e.Member(name); m != nil {
		return value.NewSymbol(m.Name), ""
	}
	return value.NewSymbol(name), "unknown member"
}

func (p *parser) member(enum, name string) string {
	if e := schema.FindEnum(p.enums, enum); e != nil {
		return p.speller.Suggest(name, e.MemberNames())
	}
	return ""
}

// allowed refuses what the services do in a way that dw cannot repeat.
func (p *parser) allowed(f *schema.Field, by op, v value.Value, lit token) *Error {
	ordered := by >= opGt && by <= opLe
	matching := by >= opContains
	fno := p.table.Side == value.FnO
	switch {
	case ordered && f.Type == schema.TypeText:
		return fail(lit.start, lit.end, "the order of texts depends on the service's language settings, so dw cannot evaluate it", "Use eq, ne, startswith or contains.")
	case ordered && (f.Type == schema.TypeEnum || f.Type == schema.TypeBool || f.Type == schema.TypeGuid || f.Type == schema.TypeLookup):
		return fail(lit.start, lit.end, fmt.Sprintf("%s is %s and has no order", f.Name, typeName(f)), "Use eq or ne.")
	case matching && v.Text() == "":
		return fail(lit.start, lit.end, opNames[by]+" needs a text that is not empty", "")
	case fno && strings.Contains(v.Text(), "*") && v.Kind() == value.Text && (matching || by != opEq):
		return fail(lit.start, lit.end, "F&O takes * for any text, which dw supports only after eq", "")
	case !fno && matching && strings.ContainsAny(v.Text(), "%_[]"):
		return fail(lit.start, lit.end, "Dataverse takes %, _, [ and ] in "+opNames[by]+" for wildcards, which dw does not support", "")
	}
	return nil
}

func typeName(f *schema.Field) string {
	switch f.Type {
	case schema.TypeText:
		return "a text"
	case schema.TypeInteger:
		return "a whole number"
	case schema.TypeDecimal:
		return "a number"
	case schema.TypeBool:
		return "true or false"
	case schema.TypeTime:
		if f.DateOnly {
			return "a date"
		}
		return "a moment"
	case schema.TypeEnum:
		return "an enum (" + f.Enum + ")"
	case schema.TypeChoice:
		return "a choice"
	case schema.TypeChoices:
		return "a list of choices"
	case schema.TypeLookup:
		return "a reference"
	case schema.TypeGuid:
		return "a guid"
	default:
		return "of a type that filters cannot use"
	}
}

func shown(t token) string {
	if t.kind == tokText {
		return "'" + t.text + "'"
	}
	if t.kind == tokEnum {
		return t.text + "'" + t.symbol + "'"
	}
	return t.text
}
