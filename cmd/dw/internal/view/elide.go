package view

import (
	"slices"
	"strings"
)

// elideBeyond is how long a text before or after a change may be before what
// did not change is left out of it.
const elideBeyond = 100

// elide shortens what a change shows before and after where both are long lists
// that differ in few places, as value maps: the beginning, what differs and its
// neighbours stay, the rest becomes an ellipsis.
func elide(before, after string) (string, string) {
	if len(before) < elideBeyond || len(after) < elideBeyond {
		return before, after
	}
	const comma = ", "
	b, a := strings.Split(before, comma), strings.Split(after, comma)
	sameB, sameA := common(b, a)
	return strings.Join(keepAround(b, sameB), comma), strings.Join(keepAround(a, sameA), comma)
}

// common tells which members of two lists stand in both, in the same order.
func common(b, a []string) (sameB, sameA []bool) {
	// long[i][j] is how many members b[i:] and a[j:] have in common at most.
	long := make([][]int, len(b)+1)
	for i := range long {
		long[i] = make([]int, len(a)+1)
	}
	for i, x := range slices.Backward(b) {
		for j, y := range slices.Backward(a) {
			if x == y {
				long[i][j] = long[i+1][j+1] + 1
			} else {
				long[i][j] = max(long[i+1][j], long[i][j+1])
			}
		}
	}
	sameB, sameA = make([]bool, len(b)), make([]bool, len(a))
	for i, j := 0, 0; i < len(b) && j < len(a); {
		switch {
		case b[i] == a[j]:
			sameB[i], sameA[j] = true, true
			i, j = i+1, j+1
		case long[i+1][j] >= long[i][j+1]:
			i++
		default:
			j++
		}
	}
	return sameB, sameA
}

// keepAround leaves out members that are the same on both sides and far from
// one that is not. Where nothing differs here but there, all of it is context.
func keepAround(list []string, same []bool) []string {
	var out []string
	for i, text := range list {
		near := i == 0 || !same[i] || i > 0 && !same[i-1] || i+1 < len(same) && !same[i+1]
		switch {
		case near:
			out = append(out, text)
		case len(out) > 0 && out[len(out)-1] != "…":
			out = append(out, "…")
		}
	}
	return out
}
