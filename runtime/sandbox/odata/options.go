package odata

import (
	"fmt"
	"net/url"
	"strings"
)

// ParseOrderBy reads an $orderby. Errors are *SyntaxError.
func ParseOrderBy(s string) ([]Order, error) {
	l, err := newLexer(s)
	if err != nil {
		return nil, err
	}
	var orders []Order
	for {
		path, err := l.path()
		if err != nil {
			return nil, err
		}
		order := Order{Path: path}
		if l.atWord("asc") || l.atWord("desc") {
			order.Desc = l.atWord("desc")
			if err := l.next(); err != nil {
				return nil, err
			}
		}
		orders = append(orders, order)
		more, err := l.accept(",")
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
	}
	if l.tok.kind != tokEnd {
		return nil, l.unexpected("the end of the order")
	}
	return orders, nil
}

// ParseSelect reads a $select into names, each once, in order; "*" stands for
// itself. Errors are *SyntaxError.
func ParseSelect(s string) ([]string, error) {
	l, err := newLexer(s)
	if err != nil {
		return nil, err
	}
	var names []string
	seen := map[string]bool{}
	for {
		name := "*"
		if ok, err := l.accept("*"); err != nil {
			return nil, err
		} else if !ok {
			path, err := l.path()
			if err != nil {
				return nil, err
			}
			name = strings.Join(path, "/")
		}
		if !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
		more, err := l.accept(",")
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
	}
	if l.tok.kind != tokEnd {
		return nil, l.unexpected("the end of the selection")
	}
	return names, nil
}

// ParseExpand reads an $expand: nav,nav2($select=a,b;$filter=c eq 1). The
// nested options are left as text. Errors are *SyntaxError.
func ParseExpand(s string) ([]Expand, error) {
	var out []Expand
	parts, err := splitOutside(s, ',')
	if err != nil {
		return nil, err
	}
	for _, part := range parts {
		text := strings.TrimSpace(part.text)
		name, options := text, ""
		if i := strings.IndexByte(text, '('); i >= 0 {
			if !strings.HasSuffix(text, ")") {
				return nil, &SyntaxError{Offset: part.offset, Message: "expected \")\" at the end of the nested options"}
			}
			name, options = text[:i], text[i+1:len(text)-1]
		}
		l, err := newLexer(name)
		if err != nil {
			return nil, err
		}
		path, err := l.path()
		if err != nil {
			return nil, err
		}
		if l.tok.kind != tokEnd {
			return nil, l.unexpected("the end of the name")
		}
		expand := Expand{Path: path, Options: map[string]string{}}
		if options != "" {
			nested, err := splitOutside(options, ';')
			if err != nil {
				return nil, err
			}
			for _, option := range nested {
				key, value, ok := strings.Cut(strings.TrimSpace(option.text), "=")
				if !ok || !strings.HasPrefix(key, "$") {
					return nil, &SyntaxError{Offset: part.offset, Message: fmt.Sprintf("%q is not an option of $expand", option.text)}
				}
				expand.Options[key] = value
			}
		}
		out = append(out, expand)
	}
	return out, nil
}

type piece struct {
	text   string
	offset int
}

// splitOutside cuts at a separator that stands outside quotes and parentheses.
func splitOutside(s string, separator byte) ([]piece, error) {
	if len(s) > MaxLength {
		return nil, &SyntaxError{Offset: MaxLength, Message: fmt.Sprintf("the option is longer than %d bytes", MaxLength)}
	}
	var pieces []piece
	depth, start, quoted := 0, 0, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\'':
			quoted = !quoted
		case quoted:
		case c == '(':
			depth++
		case c == ')':
			depth--
			if depth < 0 {
				return nil, &SyntaxError{Offset: i, Message: "unexpected \")\""}
			}
		case c == separator && depth == 0:
			pieces = append(pieces, piece{text: s[start:i], offset: start})
			start = i + 1
		}
	}
	if quoted || depth > 0 {
		return nil, &SyntaxError{Offset: len(s), Message: "there is an unterminated string literal or parenthesis"}
	}
	return append(pieces, piece{text: s[start:], offset: start}), nil
}

// ParseKey reads what stands between the parentheses of a key predicate:
// dataAreaId='usmf',CustomerAccount='US-001', or a single value. The text is
// already percent-decoded. Errors are *SyntaxError.
func ParseKey(s string) ([]KeyPart, error) {
	l, err := newLexer(s)
	if err != nil {
		return nil, err
	}
	var parts []KeyPart
	for {
		var part KeyPart
		if l.tok.kind == tokWord && namePattern.MatchString(l.tok.text) && strings.HasPrefix(strings.TrimLeft(l.input[l.pos:], " "), "=") {
			part.Name = l.tok.text
			if err := l.next(); err != nil {
				return nil, err
			}
			if err := l.expect("="); err != nil {
				return nil, err
			}
		}
		start := l.tok.offset
		if l.tok.double {
			return nil, l.unexpected("a literal")
		}
		if part.Value, err = l.literal(); err != nil {
			return nil, err
		}
		for _, other := range parts {
			if other.Name == part.Name {
				return nil, &SyntaxError{Offset: start, Message: fmt.Sprintf("the key part %q stands twice", part.Name)}
			}
		}
		parts = append(parts, part)
		more, err := l.accept(",")
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
	}
	if l.tok.kind != tokEnd {
		return nil, l.unexpected("the end of the key")
	}
	if len(parts) > 1 {
		for _, part := range parts {
			if part.Name == "" {
				return nil, &SyntaxError{Message: "a key of several parts names each of them"}
			}
		}
	}
	return parts, nil
}

// SplitSegment splits one percent-encoded path segment such as
// "CustomersV3(dataAreaId='usmf')" into its name and its key predicate, both
// decoded; keyed says that there were parentheses.
func SplitSegment(segment string) (name, key string, keyed bool, err error) {
	text, err := url.PathUnescape(segment)
	if err != nil {
		return "", "", false, &SyntaxError{Message: "the address is not percent-encoded correctly"}
	}
	open := strings.IndexByte(text, '(')
	if open < 0 {
		return text, "", false, nil
	}
	if !strings.HasSuffix(text, ")") {
		return "", "", false, &SyntaxError{Offset: len(text), Message: "expected \")\" at the end of the key"}
	}
	return text[:open], text[open+1 : len(text)-1], true, nil
}

// ParseQuery splits the raw query of an address at its ampersands only: unlike
// net/url it takes the semicolons of a nested $expand. An option given twice is
// an error, as OData demands.
func ParseQuery(raw string) (map[string]string, error) {
	options := map[string]string{}
	for part := range strings.SplitSeq(raw, "&") {
		if part == "" {
			continue
		}
		key, value, _ := strings.Cut(part, "=")
		key, err := url.QueryUnescape(key)
		if err != nil {
			return nil, &SyntaxError{Message: "the query is not percent-encoded correctly"}
		}
		if value, err = url.QueryUnescape(value); err != nil {
			return nil, &SyntaxError{Message: fmt.Sprintf("the value of %q is not percent-encoded correctly", key)}
		}
		if _, twice := options[key]; twice {
			return nil, &SyntaxError{Message: fmt.Sprintf("Query option '%s' was specified more than once, but it must be specified at most once.", key)}
		}
		options[key] = value
	}
	return options, nil
}
