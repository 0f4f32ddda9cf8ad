package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
)

// namedInstances is how many instances a folded finding names.
const namedInstances = 6

// fold makes one finding of those that the instances of a block with for_each
// share: they stand at one place, are mended there once, and say the same but
// for the key. The finding then speaks of the block and names the instances.
func fold(found diag.List) diag.List {
	type group struct {
		first diag.Diagnostic // as it speaks of the block
		at    []int           // in found
	}
	type text struct {
		diag.Diagnostic
		fix diag.Fix
	}
	groups := map[text]*group{}
	for i, d := range found {
		if d.Subject.IsZero() || !strings.Contains(d.Address, `["`) {
			continue
		}
		block := d
		for _, key := range keysOf(d.Address) {
			for _, text := range []*string{&block.Address, &block.Summary, &block.Detail, &block.Hint} {
				*text = strings.ReplaceAll(*text, key, "")
			}
		}
		name := text{Diagnostic: block}
		if name.Fix != nil {
			name.fix, name.Fix = *block.Fix, nil
		}
		g := groups[name]
		if g == nil {
			g = &group{first: block}
			groups[name] = g
		}
		g.at = append(g.at, i)
	}
	gone := map[int]bool{}
	for _, g := range groups {
		var names []string
		for _, i := range g.at {
			names = append(names, strings.Join(keysOf(found[i].Address), ""))
		}
		slices.Sort(names)
		if names = slices.Compact(names); len(names) < 2 {
			continue
		}
		d := g.first
		if d.Detail != "" {
			d.Detail += " "
		}
		d.Detail += fmt.Sprintf("It is so in %d instances: %s", len(names), strings.Join(names[:min(len(names), namedInstances)], ", "))
		if more := len(names) - namedInstances; more > 0 {
			d.Detail += fmt.Sprintf(" and %d more", more)
		}
		d.Detail += "."
		for _, i := range g.at[1:] {
			gone[i] = true
		}
		found[g.at[0]] = d
	}
	if len(gone) == 0 {
		return found
	}
	out := make(diag.List, 0, len(found)-len(gone))
	for i, d := range found {
		if !gone[i] {
			out = append(out, d)
		}
	}
	return out
}

// keysOf gives the keys of an address with their brackets: ["USMF"].
func keysOf(address string) (keys []string) {
	for {
		open := strings.Index(address, `["`)
		if open < 0 {
			return keys
		}
		end := strings.Index(address[open:], `"]`)
		if end < 0 {
			return keys
		}
		keys = append(keys, address[open:open+end+2])
		address = address[open+end+2:]
	}
}
