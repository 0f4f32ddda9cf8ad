package plan

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

// Digester makes digests: short texts that stand for every word of a
// definition. Two definitions have the same digest if and only if their JSON
// forms say the same; an empty list is as good as none. It is much faster than
// writing the JSON form, which plans of thousands of maps need. Not for use by
// several tasks at once.
//
// Tables share columns: those that it has seen must not be changed while it is
// used.
type Digester struct {
	types   map[reflect.Type]*digestType
	columns map[*schema.Field][2]string // what is written of them, without and with labels
	text    []byte
}

// NewDigester makes one.
func NewDigester() *Digester {
	return &Digester{types: map[reflect.Type]*digestType{}, columns: map[*schema.Field][2]string{}}
}

// Definition gives the digest of a definition.
func (g *Digester) Definition(d *Definition) string { return g.digest(d, true) }

// Unlabelled gives the digest of a part of a definition without the labels that
// people read.
func (g *Digester) Unlabelled(part any) string { return g.digest(part, false) }

func (g *Digester) digest(v any, labels bool) string {
	g.text = g.append(g.text[:0], reflect.ValueOf(v), labels)
	sum := sha256.Sum256(g.text)
	return hashPrefix + hex.EncodeToString(sum[:])
}

// digestType is what there is to know of a struct.
type digestType struct {
	members []digestMember
}

type digestMember struct {
	index int
	name  []byte // that of JSON, with its length before it
	label bool
	kind  reflect.Kind
}

func (g *Digester) of(t reflect.Type) *digestType {
	if d := g.types[t]; d != nil {
		return d
	}
	d := &digestType{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" || !f.IsExported() {
			continue
		}
		if name == "" {
			name = f.Name
		}
		d.members = append(d.members, digestMember{index: i, name: appendText(nil, name), label: name == "label", kind: f.Type.Kind()})
	}
	g.types[t] = d
	return d
}

var valueType, columnType = reflect.TypeFor[value.Value](), reflect.TypeFor[*schema.Field]()

// append writes a value so that no two read the same: what has no fixed length
// has its length before it. Members that are not set are left out.
func (g *Digester) append(to []byte, v reflect.Value, labels bool) []byte {
	switch v.Kind() {
	case reflect.String:
		return appendText(to, v.String())
	case reflect.Bool:
		if v.Bool() {
			return append(to, 1)
		}
		return append(to, 0)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return binary.AppendVarint(to, v.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return binary.AppendUvarint(to, v.Uint())
	case reflect.Pointer:
		if v.IsNil() {
			return append(to, 0)
		}
		to = append(to, 1)
		if v.Type() == columnType {
			return g.appendColumn(to, v, labels)
		}
		return g.append(to, v.Elem(), labels)
	case reflect.Slice:
		n := v.Len()
		to = binary.AppendUvarint(to, uint64(n))
		for i := range n {
			to = g.append(to, v.Index(i), labels)
		}
		return to
	case reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		to = binary.AppendUvarint(to, uint64(len(keys)))
		for _, k := range keys {
			to = g.append(appendText(to, k.String()), v.MapIndex(k), labels)
		}
		return to
	case reflect.Struct:
		return g.appendStruct(to, v, labels)
	default:
		panic(fmt.Sprintf("plan: no digest of %s", v.Type())) // TestDigest has one of each type
	}
}

func (g *Digester) appendColumn(to []byte, v reflect.Value, labels bool) []byte {
	column, at := (*schema.Field)(v.UnsafePointer()), 0
	if labels {
		at = 1
	}
	known := g.columns[column]
	if known[at] == "" {
		start := len(to)
		to = g.appendStruct(to, v.Elem(), labels)
		known[at] = string(to[start:])
		g.columns[column] = known
		return to
	}
	return append(to, known[at]...)
}

func (g *Digester) appendStruct(to []byte, v reflect.Value, labels bool) []byte {
	t := v.Type()
	if t == valueType {
		x := v.Interface().(value.Value)
		return appendText(to, string(x.Append(nil)))
	}
	for i := range g.of(t).members {
		m := &g.types[t].members[i]
		f := v.Field(m.index)
		if m.label && !labels || unset(f, m.kind) {
			continue
		}
		start := len(to)
		to = g.append(append(to, m.name...), f, labels)
		if m.kind == reflect.Struct && len(to) == start+len(m.name)+1 && f.Type() != valueType { // a place in a file, at most
			to = to[:start]
		}
	}
	return append(to, 0) // no name is empty
}

// unset tells whether a member says nothing.
func unset(v reflect.Value, kind reflect.Kind) bool {
	switch kind {
	case reflect.String, reflect.Slice, reflect.Map:
		return v.Len() == 0
	case reflect.Bool:
		return !v.Bool()
	case reflect.Pointer:
		return v.IsNil()
	case reflect.Struct:
		return v.IsZero()
	}
	return false
}

func appendText(to []byte, text string) []byte {
	return append(binary.AppendUvarint(to, uint64(len(text))), text...)
}
