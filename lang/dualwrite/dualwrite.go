// Package dualwrite reads the maps of Microsoft's dual-write, turns them into
// configuration files, and writes maps of the configuration as dual-write
// keeps them. It reads leniently and writes strictly; what has no counterpart
// on the other side is told, never dropped.
//
// The format is that of the Dataverse table msdyn_dualwriteentitymap as the
// public map solutions of Microsoft carry it.
package dualwrite

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
)

// Record is one version of a map: a row of msdyn_dualwriteentitymap.
type Record struct {
	Name        string // msdyn_name: "msdyn_[accounts - Customers V3]"
	DisplayName string // msdyn_displayname: "accounts - Customers V3"
	Version     string // msdyn_version: "1.0.0.5"
	Mapping     Mapping
	Properties  Properties
	Source      string // file that it was read from; "" where it was made
}

// Mapping is the leg of a map: what dual-write keeps equal.
type Mapping struct {
	Entity          string // label of the F&O entity: "Customers V3"
	Table           string // Dataverse entity set: "accounts"
	FnOFilter       string // X++ query range
	DataverseFilter string // OData
	Fields          []FieldMapping
}

// FieldMapping is one line of a map. FnO or Column is "" for a constant.
type FieldMapping struct {
	FnO       string // as written, upper case in what Microsoft ships
	Column    string // column, "lookup.key", or "lookup.Account(key).Contact(key)"
	Direction model.Direction
	Related   string // entity set that a lookup refers to, "Customer", or ""
	Transform Transform
	System    bool // added by dual-write itself
}

// Transform is what becomes of a value. The zero Transform carries it as it is.
type Transform struct {
	Values  []Pair  // value map, in the order in which it is written
	Default *string // constant, or what stands in for nothing
	Unknown string  // JSON of a transform that this package does not know
	Creates bool    // createValuesOnDestination of a value map
}

// IsZero tells whether values are carried as they are.
func (t Transform) IsZero() bool {
	return len(t.Values) == 0 && t.Default == nil && t.Unknown == "" && !t.Creates
}

// Pair is a line of a value map.
type Pair struct{ FnO, Dataverse string }

// Properties are the facts about a map that stand beside it.
type Properties struct {
	Description string
	SkipInitial bool
	Needs       []string // "CRM solution Party 2.2.2.25", in the order of the file
	Tags        []string
}

// Keys are integration keys of Dataverse tables by entity set in lower case:
// columns, those of lookups as "lookup.column", the company among them as
// "msdyn_company.cdm_companycode". Dual-write keeps them in the link, not in
// the map.
type Keys map[string][]string

// title names the map for people.
func (r Record) title() string {
	return cmp.Or(r.DisplayName, r.Mapping.Table+" - "+r.Mapping.Entity)
}

// identity is what the versions of a map have in common.
func (r Record) identity() string {
	return strings.ToLower(r.named())
}

func (r Record) named() string { return cmp.Or(r.Name, r.title()) }

// numbered gives the version for a message.
func (r Record) numbered() string {
	if v := strings.TrimSpace(r.Version); v != "" {
		return clip(v)
	}
	return "no version"
}

// Newest keeps the newest version of each map, in the order in which the maps
// first appear, and tells of the others. Which version is active is not part
// of a map.
func Newest(records []Record) ([]Record, diag.List) {
	at := map[string]int{}
	var out []Record
	var list diag.List
	for _, r := range records {
		i, known := at[r.identity()]
		if !known {
			at[r.identity()] = len(out)
			out = append(out, r)
			continue
		}
		if compareVersions(r.Version, out[i].Version) == 0 && bytes.Equal(r.MappingJSON(), out[i].MappingJSON()) {
			continue // the same map in two files
		}
		older := r
		if compareVersions(r.Version, out[i].Version) > 0 {
			older, out[i] = out[i], r
		}
		list = append(list, diag.Diagnostic{
			Code: diag.CodeOlderVersion, Severity: diag.Notice, Address: r.title(), Subject: inFile(older.Source),
			Summary: fmt.Sprintf("version %s of the map is left out", cmp.Or(older.Version, "(none)")),
			Detail:  fmt.Sprintf("Version %s is there too, and only one of them can be imported.", cmp.Or(out[i].Version, "(none)")),
			Hint:    "If dual-write runs the older one, import it alone.",
		})
	}
	return out, list
}

// compareVersions compares by numeric parts; what is no number counts as 0.
func compareVersions(a, b string) int {
	x, y := versionParts(a), versionParts(b)
	return slices.Compare(x[:], y[:])
}

func versionParts(s string) (out [4]uint64) {
	for i, p := range strings.SplitN(strings.TrimPrefix(strings.TrimSpace(s), "v"), ".", len(out)) {
		digits := strings.IndexFunc(p, func(r rune) bool { return r < '0' || r > '9' })
		if digits >= 0 {
			p = p[:digits]
		}
		out[i], _ = strconv.ParseUint(p, 10, 31)
	}
	return out
}

func inFile(name string) diag.Range {
	if name == "" {
		return diag.Range{}
	}
	start := diag.Pos{Line: 1, Column: 1}
	return diag.Range{File: name, Start: start, End: start}
}

// clip shortens a text of outside for a message.
func clip(s string) string {
	const most = 200
	runes := []rune(s)
	if len(runes) <= most {
		return s
	}
	return string(runes[:most]) + "…"
}
