package source

import (
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

const (
	maxFileBytes = 8 << 20
	maxNesting   = 500
	// maxOperators bounds the operators of one expression: each of them is a
	// level of the parsed tree, although no bracket shows it.
	maxOperators = 2000
	// maxParts bounds the pieces of one text (lines of a heredoc, pieces
	// between interpolations): the parser joins them in quadratic time.
	maxParts = 20_000
	// shortText is the length below which a text cannot reach a limit.
	shortText = 400
)

// guardText refuses what must not reach a parser at all.
func guardText(name string, src []byte) diag.List {
	if len(src) > maxFileBytes {
		return diag.List{{
			Code: diag.CodeTooLarge, Summary: fmt.Sprintf("%s is larger than 8 MB", name),
			Detail: fmt.Sprintf("The file has %d bytes.", len(src)),
			Hint:   "Split the configuration into several files of one folder.", Subject: fileStart(name),
		}}
	}
	if utf8.Valid(src) {
		return nil
	}
	at := 0
	for at < len(src) {
		r, n := utf8.DecodeRune(src[at:])
		if r == utf8.RuneError && n <= 1 {
			break
		}
		at += n
	}
	hint := "Save the file as UTF-8."
	if len(src) >= 2 && (src[0] == 0xFF && src[1] == 0xFE || src[0] == 0xFE && src[1] == 0xFF) {
		hint = "The file looks like UTF-16; save it as UTF-8."
	}
	pos := posAt(src, at)
	return diag.List{{
		Code: diag.CodeNotText, Summary: fmt.Sprintf("%s is not UTF-8 text", name),
		Detail:  fmt.Sprintf("The byte 0x%02X at offset %d is not part of a character.", src[at], at),
		Hint:    hint,
		Subject: diag.Range{File: name, Start: pos, End: pos},
	}}
}

// guardTokens refuses nesting that would exhaust the stack of the parser or of
// a walk over what it parsed. The lexer is flat.
func guardTokens(tokens hclsyntax.Tokens) diag.List {
	type level struct{ operators, parts int }
	levels := []level{{}} // what each open bracket holds since the last separator
	operators := 0        // of all levels
	top := func() *level { return &levels[len(levels)-1] }
	pop := func() {
		if len(levels) > 1 {
			operators -= top().operators
			levels = levels[:len(levels)-1]
		}
	}
	separate := func() {
		operators -= top().operators
		top().operators = 0
	}
	operator := func() {
		operators++
		top().operators++
	}
	var last hclsyntax.TokenType // before the line end that is pending
	ended := false
	for _, t := range tokens {
		if t.Type == hclsyntax.TokenNewline || t.Type == hclsyntax.TokenComment {
			ended = true
			continue
		}
		// A line end separates, unless an operator beside it carries on.
		if ended && !isOperator(last) && !isOperator(t.Type) {
			separate()
		}
		last, ended = t.Type, false
		switch t.Type {
		case hclsyntax.TokenTemplateControl:
			// The sequence ends long before the directive does.
			operator()
			top().parts++
			levels = append(levels, level{})
		case hclsyntax.TokenOBrack:
			operator() // it may be an index
			levels = append(levels, level{})
		case hclsyntax.TokenOBrace, hclsyntax.TokenOParen, hclsyntax.TokenOQuote, hclsyntax.TokenOHeredoc:
			levels = append(levels, level{})
		case hclsyntax.TokenTemplateInterp:
			top().parts++
			levels = append(levels, level{})
		case hclsyntax.TokenQuotedLit, hclsyntax.TokenStringLit:
			top().parts++
		case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenCQuote, hclsyntax.TokenCHeredoc, hclsyntax.TokenTemplateSeqEnd:
			pop()
		case hclsyntax.TokenComma, hclsyntax.TokenEqual:
			separate()
		default:
			if isOperator(t.Type) {
				operator()
			}
		}
		what := ""
		switch {
		case len(levels) > maxNesting:
			what = fmt.Sprintf("brackets nested more than %d deep", maxNesting)
		case operators > maxOperators:
			what = fmt.Sprintf("more than %d operators in one expression", maxOperators)
		case top().parts > maxParts:
			what = fmt.Sprintf("a text of more than %d pieces", maxParts)
		}
		if what != "" {
			return diag.List{{
				Code: diag.CodeTooDeep, Summary: what,
				Detail:  "The file is not parsed, since nesting without end would exhaust the memory of the parser.",
				Hint:    "Look for an unclosed or repeated bracket, or split the expression by locals.",
				Subject: rangeOf(t.Range),
			}}
		}
	}
	return nil
}

func isOperator(t hclsyntax.TokenType) bool {
	switch t {
	case hclsyntax.TokenPlus, hclsyntax.TokenMinus, hclsyntax.TokenStar, hclsyntax.TokenSlash, hclsyntax.TokenPercent,
		hclsyntax.TokenBang, hclsyntax.TokenAnd, hclsyntax.TokenOr, hclsyntax.TokenQuestion, hclsyntax.TokenColon,
		hclsyntax.TokenEqualOp, hclsyntax.TokenNotEqual, hclsyntax.TokenLessThan, hclsyntax.TokenLessThanEq,
		hclsyntax.TokenGreaterThan, hclsyntax.TokenGreaterThanEq, hclsyntax.TokenDot, hclsyntax.TokenDoubleColon,
		hclsyntax.TokenBitwiseNot, hclsyntax.TokenBitwiseAnd, hclsyntax.TokenBitwiseOr, hclsyntax.TokenBitwiseXor:
		return true
	}
	return false
}

// guardJSON refuses nesting of a JSON text, and of the expressions inside its
// texts, which the parser reads as well.
func guardJSON(name string, src []byte) diag.List {
	depth := 0
	for i := 0; i < len(src); i++ {
		switch src[i] {
		case '{', '[':
			depth++
			if depth > maxNesting {
				pos := posAt(src, i)
				return diag.List{{
					Code: diag.CodeTooDeep, Summary: fmt.Sprintf("brackets nested more than %d deep", maxNesting),
					Detail:  "The file is not parsed, since nesting without end would exhaust the memory of the parser.",
					Subject: diag.Range{File: name, Start: pos, End: pos},
				}}
			}
		case '}', ']':
			depth--
		case '"':
			start := i
			for i++; i < len(src) && src[i] != '"'; i++ {
				if src[i] == '\\' {
					i++
				}
			}
			if i-start < shortText {
				continue
			}
			text := unquoteJSON(src[start:min(i+1, len(src))])
			pos := posAt(src, start)
			at := hcl.Pos{Line: pos.Line, Column: pos.Column, Byte: pos.Byte}
			asTemplate, _ := hclsyntax.LexTemplate([]byte(text), name, at)
			asExpression, _ := hclsyntax.LexExpression([]byte(text), name, at)
			for _, tokens := range []hclsyntax.Tokens{asTemplate, asExpression} {
				if list := guardTokens(tokens); len(list) > 0 {
					return list
				}
			}
		}
	}
	return nil
}

// guardNumber refuses numbers whose decimal text would be without measure.
func guardNumber(text string) bool {
	if len(text) > 100 {
		return false
	}
	for i := range len(text) {
		if text[i] == 'e' || text[i] == 'E' {
			exponent, err := strconv.Atoi(text[i+1:])
			return err == nil && exponent >= -60 && exponent <= 60
		}
	}
	return true
}

func fileStart(name string) diag.Range {
	at := diag.Pos{Line: 1, Column: 1}
	return diag.Range{File: name, Start: at, End: at}
}

// posAt counts lines and characters up to an offset.
func posAt(src []byte, offset int) diag.Pos {
	p := diag.Pos{Line: 1, Column: 1, Byte: offset}
	for i := 0; i < offset && i < len(src); {
		r, n := utf8.DecodeRune(src[i:])
		i += n
		if r == '\n' {
			p.Line, p.Column = p.Line+1, 1
		} else {
			p.Column++
		}
	}
	return p
}

func rangeOf(r hcl.Range) diag.Range {
	return diag.Range{
		File:  r.Filename,
		Start: diag.Pos{Line: r.Start.Line, Column: r.Start.Column, Byte: r.Start.Byte},
		End:   diag.Pos{Line: r.End.Line, Column: r.End.Column, Byte: r.End.Byte},
	}
}
