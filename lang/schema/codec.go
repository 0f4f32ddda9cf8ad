package schema

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/value"
)

// FormatVersion of the snapshot file. A program reads files of its own major
// version; additions raise the minor.
const FormatVersion = "1.2"

// FileName is the snapshot's place in a configuration folder.
const FileName = "dw.schema.json"

// Encode writes the snapshot file: sorted, with a field, member or option list
// to a line, so that two pulls of one schema are equal byte for byte and a
// change of a column is a change of a line. The catalog is not modified.
func Encode(c Catalog) []byte {
	c = c.Sorted()
	var w writer
	w.line(0, "{")
	w.line(1, `"format_version": `+quote(FormatVersion)+",")
	w.tables("fno", c.FnO)
	w.tables("dataverse", c.Dataverse)
	w.list("enums", len(c.Enums), func(i int) { w.enum(&c.Enums[i]) })
	if len(c.Unknown) > 0 {
		w.text.WriteString(",\n")
		w.list("unknown", len(c.Unknown), func(i int) { w.text.WriteString("    " + compact(c.Unknown[i])) })
	}
	if len(c.Registered) > 0 {
		w.text.WriteString(",\n")
		w.list("registered", len(c.Registered), func(i int) { w.text.WriteString("    " + compact(c.Registered[i])) })
	}
	if len(c.Companies) > 0 {
		w.text.WriteString(",\n")
		w.list("companies", len(c.Companies), func(i int) { w.text.WriteString("    " + quote(c.Companies[i])) })
	}
	w.text.WriteString("\n}\n")
	return w.text.Bytes()
}

// Sorted gives a copy in the order of the snapshot file.
func (c Catalog) Sorted() Catalog {
	c.FnO = sortedTables(c.FnO)
	c.Dataverse = sortedTables(c.Dataverse)
	c.Enums = slices.Clone(c.Enums)
	slices.SortStableFunc(c.Enums, func(a, b Enum) int { return cmp.Compare(a.Name, b.Name) })
	for i := range c.Enums {
		c.Enums[i].Members = slices.Clone(c.Enums[i].Members)
		slices.SortStableFunc(c.Enums[i].Members, func(a, b Member) int {
			return cmp.Or(cmp.Compare(a.Value, b.Value), cmp.Compare(a.Name, b.Name))
		})
	}
	c.Unknown = slices.Clone(c.Unknown)
	slices.SortStableFunc(c.Unknown, func(a, b Unknown) int {
		return cmp.Or(cmp.Compare(a.Side, b.Side), cmp.Compare(a.Name, b.Name))
	})
	c.Registered = slices.Clone(c.Registered)
	slices.SortStableFunc(c.Registered, func(a, b Registered) int { return cmp.Compare(a.Table, b.Table) })
	for i := range c.Registered {
		r := &c.Registered[i]
		r.DuplicateRules = slices.Sorted(slices.Values(r.DuplicateRules))
		r.Steps = slices.Clone(r.Steps)
		slices.SortStableFunc(r.Steps, func(a, b Step) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Message, b.Message)) })
	}
	c.Companies = slices.Sorted(slices.Values(c.Companies))
	return c
}

func sortedTables(tables []Table) []Table {
	tables = slices.Clone(tables)
	slices.SortStableFunc(tables, func(a, b Table) int { return cmp.Compare(a.Set, b.Set) })
	for i := range tables {
		t := &tables[i]
		t.Messages = slices.Sorted(slices.Values(t.Messages))
		t.Keys = slices.Clone(t.Keys)
		slices.SortStableFunc(t.Keys, func(a, b Key) int { return cmp.Compare(a.Name, b.Name) })
		t.Fields = slices.Clone(t.Fields)
		slices.SortStableFunc(t.Fields, func(a, b *Field) int { return cmp.Compare(a.Name, b.Name) })
		for j := range t.Fields {
			f := *t.Fields[j]
			t.Fields[j] = &f
			f.Options = slices.Clone(f.Options)
			slices.SortStableFunc(f.Options, func(a, b Option) int { return cmp.Compare(a.Value, b.Value) })
			f.Targets = slices.Clone(f.Targets)
			slices.SortStableFunc(f.Targets, func(a, b Target) int { return cmp.Compare(a.Table, b.Table) })
		}
	}
	return tables
}

// Hash names a schema: two catalogs have the same hash if and only if their
// snapshot files are the same, apart from what is registered beside dw: on that
// no map depends.
func Hash(c Catalog) string {
	c.Registered = nil
	sum := sha256.Sum256(Encode(c))
	return hex.EncodeToString(sum[:])
}

// file is the snapshot as it is read.
type file struct {
	FormatVersion string `json:"format_version"`
	Catalog
}

// Decode reads a snapshot file. It refuses other major versions, unknown
// members and inconsistent content, and says where.
func Decode(b []byte) (Catalog, error) {
	if f, ok := decodeQuick(b); ok && sameMajor(f.FormatVersion) {
		return f.checked()
	}
	return decodeSlow(b)
}

// Read is Decode for a file that lies elsewhere, from its start. It reads the
// file piece by piece and the whole of it only where something is wrong. Errors
// of reading are those of r.
func Read(r io.ReadSeeker) (Catalog, error) {
	if f, ok := readQuick(r, window); ok && sameMajor(f.FormatVersion) {
		return f.checked()
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return Catalog{}, err
	}
	b, err := io.ReadAll(r)
	if err != nil {
		return Catalog{}, err
	}
	return decodeSlow(b)
}

func (f *file) checked() (Catalog, error) {
	if err := check(&f.Catalog); err != nil {
		return Catalog{}, inconsistent(err)
	}
	return f.Catalog, nil
}

// sameMajor tells whether this program reads files of a format.
func sameMajor(version string) bool {
	major, _, _ := strings.Cut(version, ".")
	own, _, _ := strings.Cut(FormatVersion, ".")
	return major == own
}

func inconsistent(err error) error { return fmt.Errorf("the schema file is inconsistent: %w", err) }

// decodeSlow is Decode for every file that may be read.
func decodeSlow(b []byte) (Catalog, error) {
	var version struct {
		FormatVersion string `json:"format_version"`
	}
	if err := json.Unmarshal(b, &version); err != nil {
		return Catalog{}, fmt.Errorf("the schema file is no JSON%s", place(b, err))
	}
	switch {
	case version.FormatVersion == "":
		return Catalog{}, errors.New(`the schema file has no "format_version"; write it anew with dw schema pull`)
	case !sameMajor(version.FormatVersion):
		return Catalog{}, fmt.Errorf("the schema file has format %.40q, this dw reads %s; write it anew with dw schema pull", version.FormatVersion, FormatVersion)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	if version.FormatVersion == FormatVersion {
		d.DisallowUnknownFields()
	}
	if problem := ambiguous(b); problem != "" {
		return Catalog{}, fmt.Errorf("the schema file %s", problem)
	}
	var f file
	if err := d.Decode(&f); err != nil {
		return Catalog{}, fmt.Errorf("the schema file cannot be read%s", place(b, err))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Catalog{}, errors.New("the schema file goes on after its end")
	}
	if err := check(&f.Catalog); err != nil {
		return Catalog{}, inconsistent(err)
	}
	return f.Catalog, nil
}

// place tells an error of encoding/json with the line it happened on.
func place(b []byte, err error) string {
	offset := int64(-1)
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		offset = e.Offset
	}
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		offset = e.Offset
	}
	if offset < 0 || offset > int64(len(b)) {
		return fmt.Sprintf(": %v", err)
	}
	return fmt.Sprintf(" (line %d): %v", bytes.Count(b[:offset], []byte("\n"))+1, err)
}

// check finds what would make the catalog ambiguous.
func check(c *Catalog) error {
	if problem := saneCatalog(c); problem != "" {
		return fmt.Errorf("it holds %s, which no service gives", problem)
	}
	k := checker{lower: map[string]string{}, numbers: map[string]bool{"": true}, seen: map[string]bool{}}
	for _, side := range []value.Side{value.FnO, value.Dataverse} {
		sets := map[string]bool{}
		tables := c.Tables(side)
		for i := range tables {
			t := &tables[i]
			switch {
			case t.Set == "" || t.Name == "":
				return fmt.Errorf("a %s table has no set or no name", side.Title())
			case t.Side != side:
				return fmt.Errorf("table %.100s stands under %s but says side %.40q", t.Set, side, t.Side)
			case sets[strings.ToLower(t.Set)]:
				return fmt.Errorf("%s table %.100s occurs twice", side.Title(), t.Set)
			}
			sets[strings.ToLower(t.Set)] = true
			if problem := saneTable(t); problem != "" {
				return fmt.Errorf("%s table %.100q has %s, which no service gives", side.Title(), t.Set, problem)
			}
			if err := k.fields(t); err != nil {
				return err
			}
		}
	}
	seen := map[string]bool{}
	for _, e := range c.Enums {
		if e.Name == "" || seen[strings.ToLower(e.Name)] {
			return fmt.Errorf("enum %.100q has no name or occurs twice", e.Name)
		}
		seen[strings.ToLower(e.Name)] = true
	}
	return nil
}

// checker remembers what it has worked out: names and bounds return in table
// after table.
type checker struct {
	lower   map[string]string // names in lower case
	numbers map[string]bool   // texts that are numbers
	seen    map[string]bool   // fields of the table at hand
}

func (k *checker) fields(t *Table) error {
	clear(k.seen)
	for i := range t.Fields {
		f := t.Fields[i]
		if f == nil {
			return fmt.Errorf("table %s has null for a field", t.Set)
		}
		lower, known := k.lower[f.Name]
		if !known {
			if problem := saneName(f.Name); problem != "" {
				return fmt.Errorf("table %s has a field with %s, which no service gives", t.Set, problem)
			}
			lower = strings.ToLower(f.Name)
			k.lower[f.Name] = lower
		}
		switch {
		case f.Name == "":
			return fmt.Errorf("table %s has a field without a name", t.Set)
		case k.seen[lower]:
			return fmt.Errorf("field %s of table %s occurs twice", f.Name, t.Set)
		case !slices.Contains(allTypes, f.Type):
			return fmt.Errorf("field %s of table %s has the unknown type %.100q", f.Name, t.Set, f.Type)
		case f.Source != "" && !slices.Contains(allSources, f.Source):
			return fmt.Errorf("field %s of table %s has the unknown source %.100q", f.Name, t.Set, f.Source)
		}
		k.seen[lower] = true
		if problem := saneField(f); problem != "" {
			return fmt.Errorf("field %s of table %s has %s, which no service gives", f.Name, t.Set, problem)
		}
		for _, number := range [...]string{f.Min, f.Max} {
			if k.numbers[number] {
				continue
			}
			if _, err := value.NewDecimal(number); err != nil {
				return fmt.Errorf("field %s of table %s: %w", f.Name, t.Set, err)
			}
			k.numbers[number] = true
		}
	}
	return nil
}

var allTypes = []Type{TypeText, TypeInteger, TypeDecimal, TypeBool, TypeTime, TypeEnum, TypeChoice, TypeChoices, TypeLookup, TypeGuid, TypeOther}

var allSources = []Source{SourceCalculated, SourceRollup, SourceFormula, SourcePrompt, SourceCurrency, SourceNumber}

// writer lays the file out.
type writer struct{ text bytes.Buffer }

func (w *writer) line(depth int, s string) {
	w.text.WriteString(strings.Repeat("  ", depth))
	w.text.WriteString(s)
	w.text.WriteByte('\n')
}

// list writes a member that is an array, without the line break after it.
func (w *writer) list(name string, n int, item func(i int)) {
	w.text.WriteString("  " + quote(name) + ": [")
	for i := range n {
		if i > 0 {
			w.text.WriteByte(',')
		}
		w.text.WriteByte('\n')
		item(i)
	}
	if n > 0 {
		w.text.WriteString("\n  ")
	}
	w.text.WriteByte(']')
}

func (w *writer) tables(name string, tables []Table) {
	w.list(name, len(tables), func(i int) { w.table(&tables[i]) })
	w.text.WriteString(",\n")
}

// table writes a table's own members on lines of their own and each field on
// one.
func (w *writer) table(t *Table) {
	head := *t
	head.Fields = nil
	var members bytes.Buffer
	// Indent cannot fail on what Marshal wrote.
	_ = json.Indent(&members, []byte(compact(head)), "    ", "  ")
	text := members.String()
	text = text[:strings.LastIndex(text, `"fields": null`)]
	w.text.WriteString("    " + text + `"fields": [`)
	for i := range t.Fields {
		if i > 0 {
			w.text.WriteByte(',')
		}
		w.text.WriteString("\n        " + compact(t.Fields[i]))
	}
	if len(t.Fields) > 0 {
		w.text.WriteString("\n      ")
	}
	w.text.WriteString("]\n    }")
}

func (w *writer) enum(e *Enum) {
	w.text.WriteString("    {\n      \"name\": " + quote(e.Name) + ",\n      \"members\": [")
	for i := range e.Members {
		if i > 0 {
			w.text.WriteByte(',')
		}
		w.text.WriteString("\n        " + compact(e.Members[i]))
	}
	if len(e.Members) > 0 {
		w.text.WriteString("\n      ")
	}
	w.text.WriteString("]\n    }")
}

// compact writes a plain struct as JSON on one line, with < and & as they are.
func compact(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	// Structs of texts, numbers and truth values always encode.
	_ = e.Encode(v)
	return strings.TrimSuffix(b.String(), "\n")
}

func quote(s string) string { return compact(s) }
