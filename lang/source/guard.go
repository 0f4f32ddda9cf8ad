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
	levels := []int{0} // operators in each open bracket since the last separator
	operators := 0
	pop := func() {
		if len(levels) > 1 {
			operators -= levels[len(levels)-1]
			levels = levels[:len(levels)-1]
		}
	}
	separate := func() {
		operators -= levels[len(levels)-1]
		levels[len(levels)-1] = 0
	}
	for i, t := range tokens {
		switch t.Type {
		case hclsyntax.TokenTemplateControl:
			// The sequence ends long before the directive does.
			levels[len(levels)-1]++
			operators++
			levels = append(levels, 0)
		case hclsyntax.TokenOBrack:
			levels[len(levels)-1]++ // may be an index, which is an operator
			operators++
			levels = append(levels, 0)
		case hclsyntax.TokenOBrace, hclsyntax.TokenOParen, hclsyntax.TokenOQuote, hclsyntax.TokenOHeredoc, hclsyntax.TokenTemplateInterp:
			levels = append(levels, 0)
		case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenCQuote, hclsyntax.TokenCHeredoc, hclsyntax.TokenTemplateSeqEnd:
			pop()
		case hclsyntax.TokenComma, hclsyntax.TokenEqual:
			separate()
		case hclsyntax.TokenNewline, hclsyntax.TokenComment:
			if !isOperator(around(tokens, i, -1)) && !isOperator(around(tokens, i, +1)) {
				separate()
			}
		default:
			if isOperator(t.Type) {
				levels[len(levels)-1]++
				operators++
			}
		}
		if len(levels) > maxNesting || operators > maxOperators {
			what := fmt.Sprintf("brackets nested more than %d deep", maxNesting)
			if operators > maxOperators {
				what = fmt.Sprintf("more than %d operators in one expression", maxOperators)
			}
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

// around gives the type of the nearest token that is neither line end nor
// comment.
func around(tokens hclsyntax.Tokens, i, step int) hclsyntax.TokenType {
	for i += step; i >= 0 && i < len(tokens); i += step {
		if t := tokens[i].Type; t != hclsyntax.TokenNewline && t != hclsyntax.TokenComment {
			return t
		}
	}
	return hclsyntax.TokenEOF
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
