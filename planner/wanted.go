package planner

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/planner/bind"
	"github.com/dualwrite/dw/planner/plan"
)

// Each calls do for every number below n, in any order and several at a time.
// Nil calls one after the other: who has more than one thread to give hands it
// in, since planning starts none.
type Each func(n int, do func(i int))

// Wanted is what the configuration wants to run for a link.
type Wanted struct {
	maps     []wantedMap // those without mistakes, sorted by name
	problems diag.List   // of all others
}

// wantedMap is one map as it is to run, with what stands for it in hashes.
type wantedMap struct {
	definition *plan.Definition // nil where it has mistakes
	digest     string           // of the definition, as it is before fields are moved
	words      string           // stands for what its author says
	parts      []part           // of the schema that it uses
	problems   diag.List
}

// chunk is how many maps are defined by one task.
const chunk = 128

// Wanted gives what the maps of the link are to run as. It is made once.
func (b *Bound) Wanted(each Each) *Wanted {
	if b.wanted != nil {
		return b.wanted
	}
	found := make([]wantedMap, len(b.Maps))
	define := func(n int) {
		digests := plan.NewDigester()
		for i := n * chunk; i < min((n+1)*chunk, len(b.Maps)); i++ {
			found[i] = want(b.Maps[i], digests)
		}
	}
	chunks := (len(b.Maps) + chunk - 1) / chunk
	if each == nil {
		for n := range chunks {
			define(n)
		}
	} else {
		for _, m := range b.Maps {
			m.Compile() // maps share what they have tried, so one after the other
		}
		each(chunks, define)
	}
	b.wanted = &Wanted{}
	for i := range found {
		b.wanted.problems = append(b.wanted.problems, found[i].problems...)
		if found[i].definition != nil {
			b.wanted.maps = append(b.wanted.maps, found[i])
		}
	}
	return b.wanted
}

// want defines a map.
func want(m *bind.Map, digests *plan.Digester) wantedMap {
	var w wantedMap
	compiled, found := m.Compile()
	for _, d := range found {
		if d.Severity == diag.Error {
			w.problems = append(w.problems, d)
		}
	}
	if !found.HasErrors() {
		w.definition = define(m, compiled)
		w.digest = digests.Definition(w.definition)
		w.words = wordsOf(w.definition)
		w.parts = partsOf(w.definition, digests)
	}
	m.Forget() // of thousands of maps it is too much to keep
	return w
}

// ByDigest gives the definitions by their digests, for who reads the state:
// what is deployed under one of them is this definition word for word.
func (w *Wanted) ByDigest() map[string]*plan.Definition {
	out := make(map[string]*plan.Definition, len(w.maps))
	for i := range w.maps {
		out[w.maps[i].digest] = w.maps[i].definition
	}
	return out
}

// digests gives those that still hold: a field that was moved is noted in the
// definition.
func (w *Wanted) digests() map[*plan.Definition]string {
	out := make(map[*plan.Definition]string, len(w.maps))
	for i := range w.maps {
		if m := &w.maps[i]; len(m.definition.Moved) == 0 {
			out[m.definition] = m.digest
		}
	}
	return out
}

// configuration stands for what the configuration says about the maps of a
// link, map by map. Comments, formatting, the order of fields and written-out
// defaults do not count, nor does the schema.
func (w *Wanted) configuration() map[string]string {
	out := make(map[string]string, len(w.maps))
	for i := range w.maps {
		out[w.maps[i].definition.Map.Name] = w.maps[i].words
	}
	return out
}

// schema stands for the tables, columns and enums that the maps use.
func (w *Wanted) schema() map[string]string {
	var all []part
	for i := range w.maps {
		all = append(all, w.maps[i].parts...)
	}
	return schemaBasis(all)
}

// wordsOf stands for what the author of a map says.
func wordsOf(d *plan.Definition) string {
	lines := said(d)
	texts := make([]string, len(lines))
	for i := range lines {
		texts[i] = lines[i].path + "\x00" + lines[i].text + "\x00"
	}
	slices.Sort(texts)
	sum := sha256.Sum256([]byte(strings.Join(texts, "")))
	return hex.EncodeToString(sum[:8])
}

// part stands for what a map uses of a table, or for an enum. Labels do not
// count.
type part struct{ name, digest string }

func partsOf(d *plan.Definition, digests *plan.Digester) []part {
	out := make([]part, 0, 2+len(d.Targets)+len(d.Enums))
	out = append(out, part{string(fno) + "." + d.FnO.Set, digests.Unlabelled(d.FnO)}, part{string(dataverse) + "." + d.Dataverse.Set, digests.Unlabelled(d.Dataverse)})
	for i := range d.Targets {
		t := &d.Targets[i]
		out = append(out, part{string(dataverse) + "." + t.Set, digests.Unlabelled(t)})
	}
	for i := range d.Enums {
		out = append(out, part{"enum " + d.Enums[i].Name, digests.Unlabelled(&d.Enums[i])})
	}
	return out
}

// schemaBasis sums up what all maps use, table by table. What most maps use, the
// table of companies before all, they use alike.
func schemaBasis(all []part) map[string]string {
	uses := map[string][]string{}
	for _, p := range all {
		if known := uses[p.name]; len(known) == 0 || known[len(known)-1] != p.digest {
			uses[p.name] = append(known, p.digest)
		}
	}
	out := make(map[string]string, len(uses))
	for name, digests := range uses {
		slices.Sort(digests)
		sum := sha256.New()
		for _, d := range slices.Compact(digests) {
			sum.Write([]byte(d))
		}
		out[name] = hex.EncodeToString(sum.Sum(nil)[:8])
	}
	return out
}

// partsOfAll is partsOf of many definitions.
func partsOfAll(defs []*plan.Definition) []part {
	digests := plan.NewDigester()
	var out []part
	for _, d := range defs {
		out = append(out, partsOf(d, digests)...)
	}
	return out
}
