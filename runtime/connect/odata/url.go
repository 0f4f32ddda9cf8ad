package odata

import (
	"strings"

	"github.com/dualwrite/dw/lang/value"
)

// Escape percent-encodes everything but letters, digits and -_.~ so that a
// text passes as part of a path or of a query.
func Escape(s string) string {
	const hex = "0123456789ABCDEF"
	plain := true
	for i := 0; i < len(s) && plain; i++ {
		plain = unreserved(s[i])
	}
	if plain {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	for i := range len(s) {
		if c := s[i]; unreserved(c) {
			b.WriteByte(c)
		} else {
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		}
	}
	return b.String()
}

func unreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_' || c == '.' || c == '~'
}

// Text writes a string literal: in quotes, those inside doubled.
func Text(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// Query builds the part of an address after the question mark.
type Query []string

// Add appends an option where its value is not empty.
func (q Query) Add(name, text string) Query {
	if text == "" {
		return q
	}
	return append(q, name+"="+Escape(text))
}

// On gives the address of a resource with the query.
func (q Query) On(resource string) string {
	if len(q) == 0 {
		return resource
	}
	return resource + "?" + strings.Join(q, "&")
}

// Literal writes a value as both services take it in filters and keys. Symbols
// are not among them: their literal needs the enum type. ok is false for null
// and for kinds that cannot be compared.
func Literal(v value.Value) (text string, ok bool) {
	switch v.Kind() {
	case value.Text:
		return Text(v.Text()), true
	case value.Integer, value.Decimal:
		return v.DecimalText(), true
	case value.Option:
		return v.String(), true
	case value.Bool:
		if v.Bool() {
			return "true", true
		}
		return "false", true
	case value.Guid, value.Reference:
		return v.Guid(), true
	case value.Date, value.DateTime:
		return v.String(), true
	}
	return "", false
}

// Chunks cuts terms of a filter into runs whose escaped length together stays
// within limit and whose number within count; a single longer term makes a run
// of its own. Glue is the length of what joins two terms.
func Chunks(terms []string, limit, count, glue int) [][]string {
	var out [][]string
	start, length := 0, 0
	for i, t := range terms {
		n := len(Escape(t)) + glue
		if i > start && (length+n > limit || i-start >= count) {
			out = append(out, terms[start:i])
			start, length = i, 0
		}
		length += n
	}
	if start < len(terms) {
		out = append(out, terms[start:])
	}
	return out
}
