package report

import (
	"reflect"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/plan"
)

// Preflight is the answer of dw preflight: what an initial sync of the data as
// they are now would come to.
type Preflight struct {
	FormatVersion string         `json:"format_version"`
	Link          string         `json:"link"`
	Clean         bool           `json:"clean"`   // every record would get over whole
	Records       int64          `json:"records"` // distinct keys in scope, of all maps
	Failing       int64          `json:"failing"` // of them: would not get over, or not whole
	Maps          []MapPreflight `json:"maps"`    // in the order of waves
	Seconds       float64        `json:"seconds"`
}

// MapPreflight is one map's part of a preflight.
type MapPreflight struct {
	Map      string             `json:"map"`
	Wave     int                `json:"wave"`
	Rows     Sides              `json:"rows"`    // in scope
	Records  int64              `json:"records"` // distinct keys in scope on either side
	Creates  Sides              `json:"creates"` // records that would be created, by the side that gets them
	Updates  Sides              `json:"updates"`
	Equal    int64              `json:"equal"`
	Failing  int64              `json:"failing"`
	Winners  []Winner           `json:"winners,omitempty"` // of records on both sides with different values, by field
	Findings []PreflightFinding `json:"findings"`          // worst first
}

// Winner says whose value would replace the other's in one field.
type Winner struct {
	Field     string `json:"field"`
	FnO       int64  `json:"fno"`       // records in which F&O's value wins
	Dataverse int64  `json:"dataverse"` // records in which Dataverse's value wins
}

// PreflightFinding is one cause of trouble in one field of a map, with how many
// records have it.
type PreflightFinding struct {
	Cause    string            `json:"cause"` // "text_too_long"; docs/preflight.md lists them
	Title    string            `json:"title"`
	Severity diag.Severity     `json:"severity"` // error: would not get over; warning: would, and loses or changes something
	Code     string            `json:"code"`
	Side     value.Side        `json:"side"` // whose data are to be mended
	Field    string            `json:"field,omitempty"`
	Count    int64             `json:"count"`
	Samples  []PreflightSample `json:"samples"`
	Reason   string            `json:"reason"` // of the first sample
	Mend     string            `json:"mend"`
	Behind   string            `json:"behind,omitempty"` // a follow-up: the map whose failing records these wait for
}

// PreflightSample is a record that has a finding.
type PreflightSample struct {
	Record string `json:"record"`
	Value  string `json:"value,omitempty"`
}

// PreflightRow is one row that has to be mended, for whoever owns the data.
type PreflightRow struct {
	Map      string
	Side     value.Side // where the row is
	Record   string     // its key as people read it
	ID       string     // Dataverse: guid; F&O: RecId
	Field    string     // name of the column on that side; "" is the row as a whole
	Value    string
	Cause    string
	Severity diag.Severity
	Code     string
	Reason   string
	Mend     string
}

// PreflightSchema gives the JSON Schema of Preflight.
func PreflightSchema() map[string]any {
	var severities []string
	for _, s := range []diag.Severity{diag.Error, diag.Warning, diag.Notice} {
		severities = append(severities, s.String())
	}
	return plan.SchemaOf(reflect.TypeFor[Preflight](), "preflight.schema.json", "A preflight of dw, format version "+FormatVersion, map[string][]string{
		"PreflightFinding.severity": severities,
		"PreflightFinding.side":     {string(value.FnO), string(value.Dataverse)},
	})
}
