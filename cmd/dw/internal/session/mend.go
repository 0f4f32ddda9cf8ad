package session

import (
	"bytes"
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang"
	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/source"
	"github.com/dualwrite/dw/runtime/report"
)

// Mended is a file with what can be mended in it without guessing.
type Mended struct {
	Name          string
	Before, After []byte
	Findings      int // that are mended
}

// Mend carries out the certain fixes of findings in the texts of files. A fix
// that overlaps another one waits for the next run. A file that could not be
// read afterwards is left as it is, so are files in JSON.
func Mend(sources map[string][]byte, found []report.Finding) []Mended {
	edits := map[string][]source.Edit{}
	for _, f := range found {
		x := f.Fix
		if x == nil || !x.Certain || !strings.HasSuffix(x.Range.File, ".hcl") {
			continue
		}
		src := sources[x.Range.File]
		e := source.Edit{Range: x.Range, NewText: x.NewText}
		if x.Line {
			e.Range = wholeLine(src, x.Range)
		}
		edits[x.Range.File] = append(edits[x.Range.File], e)
	}
	var out []Mended
	for _, name := range slices.Sorted(maps.Keys(edits)) {
		if m, ok := mendFile(name, sources[name], edits[name]); ok {
			out = append(out, m)
		}
	}
	return out
}

// mendFile applies edits to a file; not ok where nothing comes of it.
func mendFile(name string, src []byte, edits []source.Edit) (Mended, bool) {
	slices.SortStableFunc(edits, func(a, b source.Edit) int { return cmp.Compare(a.Range.Start.Byte, b.Range.Start.Byte) })
	edits = slices.CompactFunc(edits, func(a, b source.Edit) bool { return a == b }) // two maps that share what is wrong
	var apart []source.Edit
	for _, e := range edits {
		if n := len(apart); n == 0 || apart[n-1].Range.End.Byte <= e.Range.Start.Byte && apart[n-1].Range.Start.Byte < e.Range.Start.Byte {
			apart = append(apart, e)
		}
	}
	after, err := source.Apply(src, apart)
	if err != nil {
		return Mended{}, false
	}
	laid, wrong := lang.Format(after, name)
	if wrong.HasErrors() {
		return Mended{}, false
	}
	if before, ds := lang.Format(src, name); len(ds) == 0 && bytes.Equal(before, src) {
		after = laid // as it was laid out before, it is afterwards
	}
	return Mended{Name: name, Before: src, After: after, Findings: len(apart)}, !bytes.Equal(src, after)
}

// wholeLine widens a range to its line where nothing else stands there.
func wholeLine(src []byte, r diag.Range) diag.Range {
	from, to := r.Start.Byte, r.End.Byte
	if from < 0 || to > len(src) || from > to {
		return r
	}
	start := bytes.LastIndexByte(src[:from], '\n') + 1
	end := len(src)
	if n := bytes.IndexByte(src[to:], '\n'); n >= 0 {
		end = to + n + 1
	}
	if len(bytes.TrimSpace(src[start:from])) > 0 {
		// At the end of a line the blanks before go too.
		r.Start.Byte = start + len(bytes.TrimRight(src[start:from], " \t"))
		return r
	}
	if len(bytes.TrimSpace(src[to:end])) == 0 {
		r.Start.Byte, r.End.Byte = start, end
	}
	return r
}
