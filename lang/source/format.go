package source

import (
	"bytes"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
)

// Format lays out a file in native syntax: indentation and alignment as all
// tools of HCL do, no blank lines at the start and end of the file, never more
// than one in a row, one line end at the end. No token changes, and formatting
// twice gives the same. Other files come back as they are.
func Format(src []byte, filename string) ([]byte, diag.List) {
	if strings.HasSuffix(filename, ".json") {
		return src, nil
	}
	f, list := parseFile(filename, src)
	if list.HasErrors() {
		return nil, list
	}
	// hclwrite settles after one pass in nearly all cases; the loop makes sure.
	out := src
	for range 8 {
		next := collapse(hclwrite.Format(out))
		if bytes.Equal(next, out) {
			return out, nil
		}
		out = next
	}
	if settled := collapse(hclwrite.Format(out)); bytes.Equal(settled, out) {
		return out, nil
	}
	return f.src, nil
}

// collapse removes superfluous blank lines. It goes by tokens, so that texts
// of several lines stay as they are.
func collapse(src []byte) []byte {
	tokens, _ := hclsyntax.LexConfig(src, "", hcl.InitialPos)
	var out bytes.Buffer
	out.Grow(len(src))
	ended := 2 // line ends in a row; the file starts as if after a blank line
	at := 0    // offset up to which src was taken over
	for _, t := range tokens {
		switch {
		case t.Type == hclsyntax.TokenEOF:
		case t.Type == hclsyntax.TokenNewline:
			if ended >= 2 {
				at = t.Range.End.Byte
				continue
			}
			ended++
		case t.Type == hclsyntax.TokenComment && bytes.HasSuffix(t.Bytes, []byte("\n")):
			ended = 1
		default:
			ended = 0
		}
		out.Write(src[at:t.Range.End.Byte])
		at = t.Range.End.Byte
	}
	text := out.Bytes()
	if ended >= 2 && len(text) > 0 { // a blank line at the end
		text = bytes.TrimRight(text, " \t\r\n")
		text = append(text, '\n')
	} else if ended == 0 && len(text) > 0 {
		text = append(text, '\n')
	}
	return text
}
