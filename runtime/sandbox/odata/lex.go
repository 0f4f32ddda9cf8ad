package odata

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

type tokenKind int

const (
	tokEnd   tokenKind = iota
	tokWord            // identifier, keyword or bare literal
	tokText            // quoted string
	tokPunct           // one of ( ) , / = [ ] ; *
)

type token struct {
	kind   tokenKind
	text   string // unquoted for tokText
	offset int
	double bool // tokText in double quotes
}

// lexer splits an option into tokens, one ahead of the parser.
type lexer struct {
	input string
	pos   int
	tok   token
}

func newLexer(s string) (*lexer, error) {
	if len(s) > MaxLength {
		return nil, &SyntaxError{Offset: MaxLength, Message: fmt.Sprintf("the option is longer than %d bytes", MaxLength)}
	}
	if !utf8.ValidString(s) {
		return nil, &SyntaxError{Message: "the option is not valid UTF-8"}
	}
	l := &lexer{input: s}
	return l, l.next()
}

func isWordRune(r rune) bool {
	switch r {
	case '_', '.', '-', ':', '@', '$', '+':
		return true
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}

func (l *lexer) next() error {
	for l.pos < len(l.input) && (l.input[l.pos] == ' ' || l.input[l.pos] == '\t') {
		l.pos++
	}
	start := l.pos
	if start == len(l.input) {
		l.tok = token{kind: tokEnd, offset: start}
		return nil
	}
	switch c := l.input[start]; c {
	case '(', ')', ',', '/', '=', '[', ']', ';', '*':
		l.pos++
		l.tok = token{kind: tokPunct, text: string(c), offset: start}
		return nil
	case '\'', '"':
		return l.quoted(c)
	}
	for l.pos < len(l.input) {
		r, size := utf8.DecodeRuneInString(l.input[l.pos:])
		if !isWordRune(r) {
			break
		}
		l.pos += size
	}
	if l.pos == start {
		r, _ := utf8.DecodeRuneInString(l.input[start:])
		return &SyntaxError{Offset: start, Message: fmt.Sprintf("unexpected character %q", r)}
	}
	l.tok = token{kind: tokWord, text: l.input[start:l.pos], offset: start}
	return nil
}

// quoted reads a string whose quote is doubled inside.
func (l *lexer) quoted(quote byte) error {
	start := l.pos
	var b strings.Builder
	for i := start + 1; i < len(l.input); i++ {
		if l.input[i] != quote {
			b.WriteByte(l.input[i])
			continue
		}
		if i+1 < len(l.input) && l.input[i+1] == quote {
			b.WriteByte(quote)
			i++
			continue
		}
		l.pos = i + 1
		l.tok = token{kind: tokText, text: b.String(), offset: start, double: quote == '"'}
		return nil
	}
	return &SyntaxError{Offset: start, Message: "There is an unterminated string literal"}
}

func (l *lexer) at(punct string) bool { return l.tok.kind == tokPunct && l.tok.text == punct }

func (l *lexer) atWord(word string) bool { return l.tok.kind == tokWord && l.tok.text == word }

// accept consumes the punctuation if it comes next.
func (l *lexer) accept(punct string) (bool, error) {
	if !l.at(punct) {
		return false, nil
	}
	return true, l.next()
}

func (l *lexer) expect(punct string) error {
	ok, err := l.accept(punct)
	if err == nil && !ok {
		err = l.unexpected(fmt.Sprintf("%q", punct))
	}
	return err
}

func (l *lexer) unexpected(wanted string) error {
	found := fmt.Sprintf("%q", l.tok.text)
	if l.tok.kind == tokEnd {
		found = "the end"
	}
	return &SyntaxError{Offset: l.tok.offset, Message: fmt.Sprintf("expected %s, found %s", wanted, found)}
}

var (
	guidPattern   = regexp.MustCompile(`^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$`)
	numberPattern = regexp.MustCompile(`^[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)
	datePattern   = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`)
	timePattern   = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}T`)
	namePattern   = regexp.MustCompile(`^[\pL_@][\pL\pN_]*(\.[\pL_][\pL\pN_]*)*$`)
)

// bareLiteral gives the literal that an unquoted word stands for; ok is false
// where the word is a name.
func bareLiteral(t token) (lit Literal, ok bool, err error) {
	switch t.text {
	case "null":
		return Literal{Kind: Null}, true, nil
	case "true", "false":
		return Literal{Kind: Boolean, Text: t.text}, true, nil
	}
	switch {
	case guidPattern.MatchString(t.text):
		return Literal{Kind: GUIDLiteral, Text: strings.ToLower(t.text)}, true, nil
	case numberPattern.MatchString(t.text):
		return Literal{Kind: Numeral, Text: t.text}, true, nil
	case datePattern.MatchString(t.text):
		when, err := time.Parse(time.DateOnly, t.text)
		if err != nil {
			return Literal{}, false, &SyntaxError{Offset: t.offset, Message: fmt.Sprintf("%q is not a date", t.text)}
		}
		return Literal{Kind: DateLiteral, Text: t.text, Time: when}, true, nil
	case timePattern.MatchString(t.text):
		when, err := parseDateTime(t.text)
		if err != nil {
			return Literal{}, false, &SyntaxError{Offset: t.offset, Message: fmt.Sprintf("%q is not a date with time and offset", t.text)}
		}
		return Literal{Kind: DateTimeLiteral, Text: t.text, Time: when}, true, nil
	}
	return Literal{}, false, nil
}

// parseDateTime reads an Edm.DateTimeOffset; seconds may be missing.
func parseDateTime(s string) (time.Time, error) {
	when, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		when, err = time.Parse("2006-01-02T15:04Z07:00", s)
	}
	return when.UTC(), err
}
