package filter

import (
	"strings"
	"unicode/utf8"
)

// tokenKind is what a token is.
type tokenKind uint8

const (
	tokEnd    tokenKind = iota
	tokName             // columns, operators, functions, null, true, false; dots join the parts of an enum type
	tokText             // 'O''Hara', unquoted
	tokEnum             // Microsoft.Dynamics.DataEntities.X'Y': text is the type, symbol the member
	tokNumber           // -1.5e3
	tokTime             // 2026-03-01 or 2026-03-01T08:30:00Z
	tokGuid             // 0f8fad5b-...
	tokOpen             // (
	tokClose            // )
	tokComma            // ,
	tokOther            // anything else; never accepted
)

type token struct {
	kind       tokenKind
	text       string
	symbol     string
	start, end int
}

// lex cuts the text into tokens, the last of which is tokEnd.
func lex(text string) ([]token, *Error) {
	var out []token
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
			continue
		case c == '(' || c == ')' || c == ',':
			kind := map[byte]tokenKind{'(': tokOpen, ')': tokClose, ',': tokComma}[c]
			out = append(out, token{kind: kind, text: text[i : i+1], start: i, end: i + 1})
			i++
			continue
		case c == '\'':
			s, end := quoted(text, i)
			if end < 0 {
				return nil, fail(i, len(text), "the quote is not closed", "Write a quote inside of a text twice: 'O''Hara'.")
			}
			out = append(out, token{kind: tokText, text: s, start: i, end: end})
			i = end
			continue
		}
		end := wordEnd(text, i)
		if end == i {
			_, size := utf8.DecodeRuneInString(text[i:])
			out = append(out, token{kind: tokOther, text: text[i : i+size], start: i, end: i + size})
			i += size
			continue
		}
		t := token{kind: wordKind(text[i:end]), text: text[i:end], start: i, end: end}
		if end < len(text) && text[end] == '\'' && t.kind == tokName {
			s, after := quoted(text, end)
			if after < 0 {
				return nil, fail(end, len(text), "the quote is not closed", "")
			}
			t.kind, t.symbol, t.end = tokEnum, s, after
		}
		out = append(out, t)
		i = t.end
	}
	return append(out, token{kind: tokEnd, start: len(text), end: len(text)}), nil
}

// quoted reads a text that begins with a quote at i, and gives the place after
// it, or -1.
func quoted(text string, i int) (string, int) {
	var b strings.Builder
	for j := i + 1; j < len(text); j++ {
		if text[j] != '\'' {
			b.WriteByte(text[j])
			continue
		}
		if j+1 < len(text) && text[j+1] == '\'' {
			b.WriteByte('\'')
			j++
			continue
		}
		return b.String(), j + 1
	}
	return "", -1
}

func wordEnd(text string, i int) int {
	for i < len(text) {
		c := text[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9',
			c == '_', c == '.', c == '-', c == '+', c == ':', c == '/', c == '$', c == '@', c >= utf8.RuneSelf:
			i++
		default:
			return i
		}
	}
	return i
}

func wordKind(word string) tokenKind {
	c := word[0]
	switch {
	case len(word) == 36 && word[8] == '-' && word[13] == '-' && word[18] == '-' && word[23] == '-':
		return tokGuid
	case c == '-' || c == '+' || c >= '0' && c <= '9':
		if len(word) >= 10 && word[4] == '-' && word[7] == '-' {
			return tokTime
		}
		return tokNumber
	case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_', c >= utf8.RuneSelf:
		return tokName
	default:
		return tokOther
	}
}
