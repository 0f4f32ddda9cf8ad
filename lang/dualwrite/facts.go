package dualwrite

import (
	"bytes"
	"embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

//go:embed facts/*.csv
var factFiles embed.FS

// names knows what things are called: the embedded facts about Microsoft's
// standard maps, under what the caller knows better.
type names struct {
	entities []entity
	fields   map[string]string // by entity set in lower case: names as the facts write them, read when they are asked for
	enums    map[string]string // by enum, likewise
	keys     Keys
	related  map[string]string // by table and destination in lower case
	catalog  *schema.Catalog   // nil where there is none
}

type entity struct {
	label, set string
	assumed    bool // nobody has seen this set in an environment
}

// fnoField is a field of an entity set.
type fnoField struct {
	name string
	enum string // "" where it is none
	key  bool
}

// Labels are entity sets of F&O by the labels of their entities.
type Labels map[string]string

// ParseLabels reads labels from a table: a line each, the label, a comma and
// the entity set. Lines that begin with # are comments.
func ParseLabels(text []byte) (Labels, error) {
	r := csv.NewReader(bytes.NewReader(plainText(text)))
	r.Comment, r.FieldsPerRecord, r.TrimLeadingSpace = '#', 2, true
	out := Labels{}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("a line has a label, a comma and an entity set: %w", err)
		}
		label, set := strings.TrimSpace(row[0]), strings.TrimSpace(row[1])
		line, _ := r.FieldPos(0)
		if label == "" || !isName(set) {
			return nil, fmt.Errorf("line %d: %q is no name of an entity set", line, clip(set))
		}
		out[label] = set
	}
}

// newNames reads the facts. Labels and keys go before them, and so does a
// catalog, which may be nil.
func newNames(labels Labels, keys Keys, catalog *schema.Catalog) (*names, error) {
	n := &names{fields: map[string]string{}, enums: map[string]string{}, keys: Keys{}, related: map[string]string{}, catalog: catalog}
	for label, set := range labels {
		n.entities = append(n.entities, entity{label: label, set: set})
	}
	slices.SortFunc(n.entities, func(a, b entity) int { return strings.Compare(a.label, b.label) })
	if catalog != nil {
		for _, t := range catalog.FnO {
			if t.Label != "" {
				n.entities = append(n.entities, entity{label: t.Label, set: t.Set})
			}
		}
	}
	err := errors.Join(
		facts("entities", 4, func(row []string) {
			n.entities = append(n.entities, entity{label: row[0], set: row[1], assumed: row[3] != ""})
		}),
		facts("fields", 2, func(row []string) { n.fields[strings.ToLower(row[0])] = row[1] }),
		facts("enums", 2, func(row []string) { n.enums[row[0]] = row[1] }),
		facts("keys", 2, func(row []string) { n.keys[row[0]] = strings.Fields(row[1]) }),
		facts("lookups", 3, func(row []string) { n.related[relatedKey(row[0], row[1])] = row[2] }),
	)
	for table, columns := range keys {
		n.keys[strings.ToLower(table)] = columns
	}
	return n, err
}

// facts reads an embedded table without its headings.
func facts(name string, columns int, row func([]string)) error {
	f, err := factFiles.Open("facts/" + name + ".csv")
	if err != nil {
		return fmt.Errorf("facts: %w", err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comment, r.FieldsPerRecord = '#', columns
	for first := true; ; first = false {
		cells, err := r.Read()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("facts: %s: %w", name, err)
		case !first:
			row(cells)
		}
	}
}

// set finds the entity set of a label. Known is false where it is guessed or
// assumed.
func (n *names) set(label string) (set string, known bool) {
	for _, e := range n.entities {
		if strings.EqualFold(e.label, label) {
			return e.set, !e.assumed
		}
	}
	for _, e := range n.entities {
		if strings.EqualFold(e.set, label) {
			return e.set, !e.assumed
		}
	}
	return guessSet(label), false
}

// label finds the label of an entity set.
func (n *names) label(set string) (label string, known bool) {
	for _, e := range n.entities {
		if strings.EqualFold(e.set, set) {
			return e.label, true
		}
	}
	return guessLabel(set), false
}

// guessSet joins the words of a label, each with a capital: "Asset types"
// becomes "AssetTypes". A single word stays as it is.
func guessSet(label string) string {
	words := strings.FieldsFunc(label, func(r rune) bool { return !isWordRune(r) })
	if len(words) == 1 {
		return words[0]
	}
	var b strings.Builder
	for _, w := range words {
		b.WriteString(strings.ToUpper(w[:1]) + w[1:])
	}
	return b.String()
}

// guessLabel takes the words of an entity set apart, so that guessSet puts
// them together again; the set itself where that is not possible.
func guessLabel(set string) string {
	var b strings.Builder
	for i, r := range set {
		upper := r >= 'A' && r <= 'Z'
		if upper && i > 0 && set[i-1] >= 'a' && set[i-1] <= 'z' {
			b.WriteByte(' ')
			if i+1 < len(set) && set[i+1] >= 'a' && set[i+1] <= 'z' {
				r += 'a' - 'A'
			}
		}
		b.WriteRune(r)
	}
	if out := b.String(); guessSet(out) == set {
		return out
	}
	return set
}

// digits tells a text of digits alone.
func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// isWordRune tells letters, digits and underscores of ASCII, of which names
// of both services consist.
func isWordRune(r rune) bool {
	return r == '_' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z'
}

// fnoField finds a field of an entity set, in any case.
func (n *names) fnoField(set, name string) (fnoField, bool) {
	if n.catalog != nil {
		if t := n.catalog.Table(value.FnO, set); t != nil {
			if f := t.Field(name); f != nil {
				return fnoField{name: f.Name, enum: f.Enum, key: f.IsKey}, true
			}
		}
	}
	for word := range strings.FieldsSeq(n.fields[strings.ToLower(set)]) {
		if f := factField(word); strings.EqualFold(f.name, name) {
			return f, true
		}
	}
	return fnoField{name: name}, false
}

// factField reads a field as the facts write it: "OnHoldStatus:CustVendorBlocked",
// with a star where it is part of the key.
func factField(word string) fnoField {
	name, enum, _ := strings.Cut(word, ":")
	bare := strings.TrimSuffix(name, "*")
	return fnoField{name: bare, enum: enum, key: bare != name}
}

// fnoKey gives the fields of an entity's own key, but for the company.
func (n *names) fnoKey(set string) []string {
	var out []string
	if n.catalog != nil {
		if t := n.catalog.Table(value.FnO, set); t != nil {
			out = slices.Clone(t.Key)
		}
	}
	if len(out) == 0 {
		for word := range strings.FieldsSeq(n.fields[strings.ToLower(set)]) {
			if f := factField(word); f.key {
				out = append(out, f.name)
			}
		}
	}
	return slices.DeleteFunc(out, func(name string) bool { return strings.EqualFold(name, schema.CompanyField) })
}

// members gives the members of an F&O enum; none where it is not known.
func (n *names) members(enum string) []schema.Member {
	if n.catalog != nil {
		if e := n.catalog.Enum(enum); e != nil {
			return e.Members
		}
	}
	var out []schema.Member
	for word := range strings.FieldsSeq(n.enums[enum]) {
		name, number, _ := strings.Cut(word, "=")
		v, _ := strconv.ParseInt(number, 10, 64)
		out = append(out, schema.Member{Name: name, Value: v})
	}
	return out
}

// relatedTable gives the entity set that a lookup refers to, as dual-write
// writes it; "" where nobody knows.
func (n *names) relatedTable(table, destination string) string {
	if n.catalog != nil {
		if t := n.catalog.Table(value.Dataverse, table); t != nil {
			column, _, _ := strings.Cut(destination, ".")
			if f := t.Field(column); f != nil && len(f.Targets) == 1 {
				return f.Targets[0].Set
			}
		}
	}
	return n.related[relatedKey(table, destination)]
}

func relatedKey(table, destination string) string {
	return strings.ToLower(table + " " + destination)
}

// carriesNoYes tells whether a field is F&O's Yes and No, which dw carries to
// a truth value without a value map.
func (n *names) carriesNoYes(set, fno, table, column string) bool {
	f, known := n.fnoField(set, fno)
	if !known || f.enum != "NoYes" {
		return false
	}
	if n.catalog != nil {
		if t := n.catalog.Table(value.Dataverse, table); t != nil {
			if c := t.Field(column); c != nil {
				return c.Type == schema.TypeBool
			}
		}
	}
	return true
}
