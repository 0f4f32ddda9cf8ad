// Package plan is the record of what apply will do: what is deployed, what the
// configuration wants, why, and at what cost. It is plain data without secrets.
package plan

import (
	"fmt"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

// FormatVersion of the JSON form. Additions raise the minor, breaks the major.
const FormatVersion = "1.3"

// Deployed is what the state of a link says is deployed.
type Deployed struct {
	Link    string        `json:"link"`
	Lineage string        `json:"lineage"` // of the state; never changes
	Serial  int64         `json:"serial"`  // moves with every change of what is deployed
	Maps    []DeployedMap `json:"maps"`    // sorted by name
}

// DeployedMap is one map as it runs.
type DeployedMap struct {
	Definition Definition `json:"definition"`
	Version    int        `json:"version"` // counts deployments: map.customers@3
	Status     string     `json:"status"`  // "stopped", "initializing", "running", "paused", "catching_up"
	Initial    string     `json:"initial"` // "", "pending", "done": the initial sync of this version
	At         string     `json:"at"`      // RFC 3339
	By         string     `json:"by"`

	Origin  Origin   `json:"origin,omitzero"`   // zero where an older dw deployed it
	Removed *Removal `json:"removed,omitempty"` // where this version ended with the map itself
}

// Origin says how a version of a map came about.
type Origin struct {
	Kind       Kind     `json:"kind,omitempty"` // of the action that deployed it
	Reasons    []Reason `json:"reasons,omitempty"`
	Tool       string   `json:"tool_version,omitempty"`
	Config     string   `json:"config_hash,omitempty"`
	Run        string   `json:"run,omitempty"`            // address of the pipeline's run
	MovedFrom  string   `json:"moved_from,omitempty"`     // the name that the map had before
	RolledBack int      `json:"rolled_back_to,omitempty"` // the version that was taken up again
}

// Removal says when a map was removed, and by whom.
type Removal struct {
	At  string `json:"at"` // RFC 3339
	By  string `json:"by"`
	Run string `json:"run,omitempty"`
}

// Definition is everything needed to run a map without its files.
type Definition struct {
	Map       *model.Map     `json:"map"`
	FnO       *schema.Table  `json:"fno_table"`
	Dataverse *schema.Table  `json:"dataverse_table"`
	Targets   []schema.Table `json:"targets,omitempty"` // of its lookups, sorted by Set, without unneeded columns
	Enums     []schema.Enum  `json:"enums,omitempty"`
	Companies []string       `json:"companies,omitempty"` // in scope; empty for global maps
	Wave      int            `json:"wave"`
	Deferred  []string       `json:"deferred,omitempty"`     // field names that are owed in the first pass
	Delivers  Delivers       `json:"delivers,omitempty"`     // target table -> maps of this link that fill it
	Moved     []FieldMove    `json:"moved_fields,omitempty"` // fields that have another name than in the version before
}

// Plan is the difference between configuration and deployment.
type Plan struct {
	FormatVersion string       `json:"format_version"`
	Tool          string       `json:"tool_version"`
	Link          string       `json:"link"`
	Environments  Environments `json:"environments"`
	Lineage       string       `json:"state_lineage"` // "" where there is no state yet
	Serial        int64        `json:"state_serial"`
	ConfigHash    string       `json:"config_hash"`
	SchemaHash    string       `json:"schema_hash"`
	Fingerprint   string       `json:"fingerprint"`  // of what is done; see Fingerprint
	ContentHash   string       `json:"content_hash"` // of the whole file
	Policy        Verdict      `json:"policy"`
	Total         Total        `json:"total"`
	Destructive   []Danger     `json:"destructive,omitempty"` // in the order of the actions
	Pauses        []Pause      `json:"pauses,omitempty"`
	Actions       []Action     `json:"actions"` // in the order of waves, then names
	Waves         []Wave       `json:"waves"`
	Deferrals     []Deferral   `json:"deferrals,omitempty"`
	Complete      bool         `json:"complete"` // all counts are known
	Basis         Basis        `json:"basis"`
}

// Environments are the two that a plan is for.
type Environments struct {
	FnO       string `json:"fno,omitempty"` // addresses
	Dataverse string `json:"dataverse,omitempty"`
	Twins     bool   `json:"twins,omitempty"` // the local twins in their place
}

// String names them for people.
func (e Environments) String() string {
	if e.Twins {
		return "the local twins"
	}
	return fmt.Sprintf("%s and %s", e.FnO, e.Dataverse)
}

// Kind of an action.
type Kind string

// The actions. Backfill is an update after which rows are sent again; Resume
// finishes an initial sync that was cut off.
const (
	None     Kind = "none"
	Create   Kind = "create"
	Update   Kind = "update"
	Backfill Kind = "update_backfill"
	Replace  Kind = "replace"
	Destroy  Kind = "destroy"
	Resume   Kind = "resume"
)

// Action is what happens to one map.
type Action struct {
	Map        string      `json:"map"`
	Kind       Kind        `json:"kind"`
	Reasons    []Reason    `json:"reasons,omitempty"`
	Changes    []Change    `json:"changes,omitempty"` // field-level detail
	Wave       int         `json:"wave"`
	Rows       Rows        `json:"rows,omitzero"`
	Cost       *Cost       `json:"cost,omitempty"`       // where rows are read
	Join       *Join       `json:"join,omitempty"`       // where rows are counted
	Definition *Definition `json:"definition,omitempty"` // wanted; nil for destroy
	Previous   int         `json:"previous_version,omitempty"`
	RolledBack int         `json:"rolled_back_to,omitempty"` // the version that is taken up again
	MovedFrom  string      `json:"moved_from,omitempty"`     // the name under which the map is deployed, where it is another
}

// Reason says why an action is needed; Code is from a closed set.
type Reason struct {
	Code   string `json:"code"` // "new_map", "field_added", "field_removed", "field_changed", "key_changed", "filter_changed", "companies_changed", "table_changed", "schema_changed", "settings_changed", "initial_sync_unfinished", "removed"
	Detail string `json:"detail"`
}

// Change is one line of the detail: a field or setting before and after.
type Change struct {
	Path   string `json:"path"` // "field accountnumber", "filter.fno", "mastering.master"
	Kind   Kind   `json:"kind"` // create, update, destroy
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
	Note   string `json:"note,omitempty"` // "key", "deferred: refers to its own map", ...
}

// Rows is how much there is to read, a side. -1 is unknown.
type Rows struct {
	FnO            int64 `json:"fno"`
	Dataverse      int64 `json:"dataverse"`
	FnOExact       bool  `json:"fno_exact"`
	DataverseExact bool  `json:"dataverse_exact"`
}

// Wave is a set of maps whose references are all satisfied by earlier waves.
type Wave struct {
	Number int      `json:"number"` // from 1
	Maps   []string `json:"maps"`
	Rows   int64    `json:"rows"` // to read on both sides; -1 where any is unknown

	Seconds Span `json:"seconds,omitzero"`
}

// Deferral is a reference that breaks a ring: written in a second pass.
type Deferral struct {
	Map   string   `json:"map"`
	Field string   `json:"field"`
	Ring  []string `json:"ring"` // map names round the ring, first repeated last; one name for a self-reference
}

// Count of rows by map and side, for the planner.
type Count struct {
	Rows  int64
	Exact bool
}

// Counts are keyed by map name, then side. Absent when planning offline.
type Counts map[string]map[value.Side]Count

// Count gives how many maps an action of the kind happens to.
func (p *Plan) Count(k Kind) int {
	n := 0
	for _, a := range p.Actions {
		if a.Kind == k {
			n++
		}
	}
	return n
}

// Changes tells whether apply has anything to do.
func (p *Plan) Changes() bool {
	for _, a := range p.Actions {
		if a.Kind != None {
			return true
		}
	}
	return false
}
