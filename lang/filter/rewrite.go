package filter

import (
	"strings"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

// Rewrite gives the filter as the service takes it: columns in the schema's
// spelling, enum members with their type, dates as the side keeps them, and on
// F&O wildcards in place of functions, which its OData does not have.
func (f *Filter) Rewrite() string {
	var b strings.Builder
	f.write(&b, f.root, false)
	return b.String()
}

func (f *Filter) write(b *strings.Builder, n node, inner bool) {
	join := func(terms []node, word string) {
		if inner {
			b.WriteByte('(')
		}
		for i, t := range terms {
			if i > 0 {
				b.WriteString(" " + word + " ")
			}
			f.write(b, t, true)
		}
		if inner {
			b.WriteByte(')')
		}
	}
	switch n := n.(type) {
	case and:
		join(n.terms, "and")
	case or:
		join(n.terms, "or")
	case not:
		b.WriteString("not (")
		f.write(b, n.term, false)
		b.WriteByte(')')
	case compare:
		f.writeCompare(b, n)
	}
}

func (f *Filter) writeCompare(b *strings.Builder, c compare) {
	name := c.field.Name
	if c.field.Type == schema.TypeLookup {
		name = "_" + name + "_value"
	}
	if c.op < opContains {
		b.WriteString(name + " " + opNames[c.op] + " " + f.literal(c))
		return
	}
	if f.table.Side == value.Dataverse {
		b.WriteString(opNames[c.op] + "(" + name + "," + quote(c.literal.Text()) + ")")
		return
	}
	text := c.literal.Text()
	if c.op != opStartsWith {
		text = "*" + text
	}
	if c.op != opEndsWith {
		text += "*"
	}
	b.WriteString(name + " eq " + quote(text))
}

func (f *Filter) literal(c compare) string {
	switch v := c.literal; v.Kind() {
	case value.Null:
		return "null"
	case value.Text:
		return quote(v.Text())
	case value.Symbol:
		return enumPrefix + c.field.Enum + quote(v.Text())
	case value.Date:
		if f.table.Side == value.FnO {
			// F&O keeps a date as noon UTC of its day.
			return v.String() + "T12:00:00Z"
		}
		return v.String()
	default:
		return v.String()
	}
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
