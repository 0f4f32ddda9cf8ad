package dualwrite

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/source"
	"github.com/dualwrite/dw/lang/value"
)

// smallValueMap is the number of lines up to which a value map is written in
// place, however often it occurs.
const smallValueMap = 2

// valueMap is a value map as the language has it.
type valueMap struct {
	values  []Pair
	reverse []Pair // the Dataverse values that several F&O values become
	chosen  bool   // reverse was chosen by us
	enum    string // F&O enum or field that it is named after
	shared  string // name of the enum block; "" where it stands in place
}

// newValueMap spells the F&O side as the entity does: value maps write members
// of enums with small letters at their start.
func newValueMap(n *names, set string, f FieldMapping) *valueMap {
	known, _ := n.fnoField(set, f.FnO)
	out := &valueMap{enum: known.enum}
	if out.enum == "" {
		out.enum = known.name
	}
	members := n.members(known.enum)
	seen := map[string]bool{}
	for _, p := range f.Transform.Values {
		for _, m := range members {
			if strings.EqualFold(m.Name, p.FnO) {
				p.FnO = m.Name
				break
			}
		}
		if len(members) == 0 && (p.FnO == "yes" || p.FnO == "no") {
			p.FnO = upperFirst(p.FnO)
		}
		if !seen[p.FnO] {
			seen[p.FnO] = true
			out.values = append(out.values, p)
		}
	}
	out.chooseReverse()
	return out
}

// chooseReverse names the first F&O value that is not blank of those that
// become the same Dataverse value.
func (v *valueMap) chooseReverse() {
	var order []string
	by := map[string][]string{}
	for _, p := range v.values {
		key := choiceHCL(p.Dataverse)
		if by[key] == nil {
			order = append(order, key)
		}
		by[key] = append(by[key], p.FnO)
	}
	for _, key := range order {
		if len(by[key]) < 2 {
			continue
		}
		chosen := by[key][0]
		for _, s := range by[key] {
			if strings.TrimSpace(s) != "" {
				chosen = s
				break
			}
		}
		v.reverse = append(v.reverse, Pair{FnO: chosen, Dataverse: key})
		v.chosen = true
	}
}

// isNoYes tells the value map of F&O's Yes and No to a truth value.
func (v *valueMap) isNoYes() bool {
	if len(v.values) != 2 {
		return false
	}
	for _, p := range v.values {
		want := map[string]string{"no": "false", "yes": "true"}[strings.ToLower(p.FnO)]
		if want == "" || !strings.EqualFold(p.Dataverse, want) {
			return false
		}
	}
	return !strings.EqualFold(v.values[0].FnO, v.values[1].FnO)
}

// signature is equal for value maps that mean the same.
func (v *valueMap) signature() string {
	var parts []string
	for _, p := range v.values {
		parts = append(parts, quoteJSON(p.FnO)+choiceHCL(p.Dataverse))
	}
	if len(v.reverse) == 0 {
		slices.Sort(parts)
	}
	return strings.Join(parts, ",")
}

// text writes the attributes of a value map.
func (v *valueMap) text() string {
	var b strings.Builder
	b.WriteString("values = " + object(v.values, func(p Pair) (string, string) { return objectKey(p.FnO), choiceHCL(p.Dataverse) }))
	if len(v.reverse) > 0 {
		b.WriteString("reverse = " + object(v.reverse, func(p Pair) (string, string) {
			if wholeNumber.MatchString(p.Dataverse) || strings.HasPrefix(p.Dataverse, `"`) {
				return p.Dataverse, source.Quote(p.FnO)
			}
			return source.Quote(p.Dataverse), source.Quote(p.FnO)
		}))
	}
	return b.String()
}

// object writes an object, on one line where it is small.
func object(pairs []Pair, entry func(Pair) (key, v string)) string {
	var parts []string
	length := 0
	for _, p := range pairs {
		k, v := entry(p)
		parts = append(parts, k+" = "+v)
		length += len(k) + len(v) + 5
	}
	if len(parts) <= 3 && length < 80 {
		return "{ " + strings.Join(parts, ", ") + " }\n"
	}
	return "{\n" + strings.Join(parts, "\n") + "\n}\n"
}

// share gives equal value maps an enum block: in the file of the map where one
// map has them all, else in a file of their own.
func (im *importer) share(drafts []*draft) []File {
	type use struct {
		vm     *valueMap
		owner  *draft
		in     map[*draft]bool
		count  int
		others []*valueMap
	}
	uses := map[string]*use{}
	var order []string
	for _, d := range drafts {
		for _, f := range d.fields {
			if f.values == nil || len(f.values.values) <= smallValueMap {
				continue
			}
			s := f.values.signature()
			u := uses[s]
			if u == nil {
				u = &use{vm: f.values, owner: d, in: map[*draft]bool{}}
				uses[s] = u
				order = append(order, s)
			}
			u.in[d] = true
			u.count++
			u.others = append(u.others, f.values)
		}
	}
	var common strings.Builder
	for _, s := range order {
		u := uses[s]
		if u.count < 2 {
			continue
		}
		name := im.unique(snake(u.vm.enum))
		for _, v := range u.others {
			v.shared = name
		}
		block := fmt.Sprintf("enum %s {\n%s}\n\n", source.Quote(name), u.vm.text())
		if len(u.in) == 1 {
			u.owner.enums = append(u.owner.enums, block)
		} else {
			common.WriteString(block)
		}
	}
	if common.Len() == 0 {
		return nil
	}
	return []File{{Name: EnumsFile, Text: []byte("# Value maps that several maps have.\n\n" + common.String())}}
}

// pairsOf gives a value map of the model as dual-write writes it.
func pairsOf(e *model.Enum) []Pair {
	var out []Pair
	seen := map[string]bool{}
	for _, v := range e.Values {
		p := Pair{FnO: camel(v.FnO.String()), Dataverse: dualWriteText(v.Dataverse)}
		if !seen[p.FnO] {
			seen[p.FnO] = true
			out = append(out, p)
		}
	}
	return out
}

// sameReverse tells whether the way back is the one that an import chooses.
func sameReverse(e *model.Enum) bool {
	v := &valueMap{}
	for _, x := range e.Values {
		v.values = append(v.values, Pair{FnO: x.FnO.String(), Dataverse: dualWriteText(x.Dataverse)})
	}
	v.chooseReverse()
	chosen := map[string]string{}
	for _, p := range v.reverse {
		chosen[p.Dataverse] = value.Fold(p.FnO)
	}
	return !slices.ContainsFunc(e.Reverse, func(r model.EnumValue) bool {
		fno, ok := chosen[choiceHCL(dualWriteText(r.Dataverse))]
		return !ok || fno != value.Fold(r.FnO.String())
	})
}
