package source

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"github.com/dualwrite/dw/lang/diag"
)

// Edit replaces a range of a file by a new text.
type Edit struct {
	Range   diag.Range
	NewText string
}

// Apply carries out edits of one file by their byte offsets. Edits that
// overlap, or lie outside the file, are refused; then nothing is changed.
func Apply(src []byte, edits []Edit) ([]byte, error) {
	sorted := slices.Clone(edits)
	slices.SortStableFunc(sorted, func(a, b Edit) int { return cmp.Compare(a.Range.Start.Byte, b.Range.Start.Byte) })
	var out bytes.Buffer
	at := 0
	for i, e := range sorted {
		from, to := e.Range.Start.Byte, e.Range.End.Byte
		if from < 0 || to < from || to > len(src) {
			return nil, fmt.Errorf("%s: the edit does not lie in the file", e.Range)
		}
		if from < at || i > 0 && from == sorted[i-1].Range.Start.Byte {
			return nil, fmt.Errorf("%s: the edit overlaps the one at %s", e.Range, sorted[i-1].Range)
		}
		out.Write(src[at:from])
		out.WriteString(e.NewText)
		at = to
	}
	out.Write(src[at:])
	return out.Bytes(), nil
}
