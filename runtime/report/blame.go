package report

import "github.com/dualwrite/dw/runtime/record"

// Blame explains the values of one record.
type Blame struct {
	FormatVersion string          `json:"format_version"`
	Map           string          `json:"map"`
	Record        string          `json:"record"`
	Life          string          `json:"life,omitempty"` // record.Life; "" while both sides are linked
	MapVersion    int             `json:"map_version"`    // under which the values were agreed; 0: no pair
	Fields        []BlameField    `json:"fields"`
	History       []record.Change `json:"history"` // oldest first
	Listed        []record.Listed `json:"listed"`
}

// BlameField is the agreed value of one field and where it came from.
type BlameField struct {
	Field     string         `json:"field"`
	FnO       string         `json:"fno"` // names
	Dataverse string         `json:"dataverse"`
	Values    BlameValues    `json:"values"`
	Lookup    bool           `json:"lookup,omitempty"` // Dataverse's value is a reference to the row of F&O's
	State     string         `json:"state"`            // "agreed", "owed", "unknown"
	Change    *record.Change `json:"change,omitempty"` // that brought the value; absent where the history does not reach back
}

// BlameValues are the agreed values, one a side, as text; "" is nothing.
type BlameValues struct {
	FnO       string `json:"fno"`
	Dataverse string `json:"dataverse"`
}

// Look is one record as it stands on both sides.
type Look struct {
	FormatVersion string      `json:"format_version"`
	Map           string      `json:"map"`
	Record        string      `json:"record"`
	FnO           bool        `json:"in_fno"`
	Dataverse     bool        `json:"in_dataverse"`
	Fields        []LookField `json:"fields"`
	NotRead       []string    `json:"not_read,omitempty"` // columns that were set and that the map does not read
	Whole         bool        `json:"-"`                  // all fields of the map, not a choice
}

// LookField is one mapped field of a Look.
type LookField struct {
	Field     string      `json:"field"`
	FnO       string      `json:"fno"` // names
	Dataverse string      `json:"dataverse"`
	Values    BlameValues `json:"values"`
}
