package source

import (
	"cmp"
	"regexp"
	"slices"
	"sort"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

const ignoreWord = "dw:ignore"

// notesOf collects the ignore notes of a file. A note at the end of a line
// stands for what starts on that line, a note on a line of its own for what
// follows it. The comments of JSON are no notes.
func notesOf(f *file) ([]Note, diag.List) {
	var found []hclsyntax.Token
	for _, t := range f.tokens {
		if t.Type == hclsyntax.TokenComment && strings.Contains(string(t.Bytes), ignoreWord) {
			found = append(found, t)
		}
	}
	if len(found) == 0 {
		return nil, nil
	}
	// Comment, then "dw:ignore", then a code, then the reason.
	form := regexp.MustCompile(`^(?:#|//|/\*)\s*dw:ignore(?:\s+(\S+))?(?:\s+(.*?))?\s*(?:\*/)?\s*$`)
	code := regexp.MustCompile(`^DW[0-9]{3}$`)
	nodes := nodesOf(f.native())
	var notes []Note
	var list diag.List
	for _, t := range found {
		text := strings.TrimRight(string(t.Bytes), "\r\n")
		at := t.Range
		at.End = hcl.Pos{Line: at.Start.Line, Column: at.Start.Column + len([]rune(text)), Byte: at.Start.Byte + len(text)}
		if strings.Contains(text, "\n") {
			at.End = t.Range.End
		}
		m := form.FindStringSubmatch(text)
		if m == nil || !code.MatchString(m[1]) {
			list = append(list, diag.Diagnostic{
				Code: diag.CodeIgnoreNote, Severity: diag.Warning, Summary: "the ignore note names no code",
				Detail: "It silences nothing.", Hint: "Write # dw:ignore DW201 and the reason.", Subject: rangeOf(at),
			})
			continue
		}
		target, ok := targetOf(nodes, t.Range)
		if !ok {
			list = append(list, diag.Diagnostic{
				Code: diag.CodeIgnoreNote, Severity: diag.Warning, Summary: "nothing follows the ignore note",
				Detail: "A note stands above the attribute or block that it is meant for, or at the end of its line.", Subject: rangeOf(at),
			})
			continue
		}
		notes = append(notes, Note{Code: m[1], Reason: strings.TrimSpace(m[2]), Range: rangeOf(at), Target: rangeOf(target)})
	}
	return notes, list
}

// targetOf finds the node that a comment stands for. Nodes are in the order of
// their starts, wider ones first.
func targetOf(nodes []hcl.Range, comment hcl.Range) (hcl.Range, bool) {
	line := sort.Search(len(nodes), func(i int) bool { return nodes[i].Start.Line >= comment.Start.Line })
	if line < len(nodes) && nodes[line].Start.Line == comment.Start.Line && nodes[line].Start.Byte < comment.Start.Byte {
		return nodes[line], true
	}
	next := sort.Search(len(nodes), func(i int) bool { return nodes[i].Start.Byte > comment.Start.Byte })
	if next < len(nodes) {
		return nodes[next], true
	}
	return hcl.Range{}, false
}

// nodesOf gives the ranges of all blocks, attributes and members of objects
// and lists.
func nodesOf(body *hclsyntax.Body) []hcl.Range {
	var out []hcl.Range
	if body == nil {
		return nil
	}
	_ = hclsyntax.VisitAll(body, func(n hclsyntax.Node) hcl.Diagnostics {
		switch n := n.(type) {
		case *hclsyntax.Attribute:
			out = append(out, n.SrcRange)
		case *hclsyntax.Block:
			out = append(out, hcl.RangeBetween(n.TypeRange, n.CloseBraceRange))
		case *hclsyntax.ObjectConsExpr:
			for _, i := range n.Items {
				out = append(out, hcl.RangeBetween(i.KeyExpr.Range(), i.ValueExpr.Range()))
			}
		case *hclsyntax.TupleConsExpr:
			for _, e := range n.Exprs {
				out = append(out, e.Range())
			}
		}
		return nil
	})
	slices.SortFunc(out, func(a, b hcl.Range) int {
		return cmp.Or(cmp.Compare(a.Start.Byte, b.Start.Byte), cmp.Compare(b.End.Byte, a.End.Byte))
	})
	return out
}
