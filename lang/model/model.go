// Package model is the resolved configuration: plain data, immutable once
// built, without HCL or cty. Names of entities, tables and columns are as the
// author wrote them until schema checks replace them by the schema's spelling.
package model

import (
	"reflect"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/expr"
	"github.com/dualwrite/dw/lang/value"
)

// Config is everything that the files of one folder say.
type Config struct {
	RequiredVersion string
	State           State
	Links           []*Link           // sorted by name
	Enums           []*Enum           // sorted by name
	Maps            []*Map            // sorted by name
	Policy          *Policy           // nil where nothing is said
	Moved           []*Moved          // in the order of files and places
	Sources         map[string][]byte // file name -> text, for showing lines
	IgnoreNotes     []IgnoreNote
}

// IgnoreNote is a "# dw:ignore CODE reason" comment.
type IgnoreNote struct {
	Code, Reason string
	Range        diag.Range // of the comment
	Target       diag.Range // of the node that it silences
	// Library says that the note stands in a standard map: it silences what is
	// inherited from that node, and nobody asks whether it was needed.
	Library bool
}

// State says where the state lives.
type State struct {
	Kind  string // "sqlite" or "postgres"
	Path  string // sqlite: file, relative to the folder
	URL   Secret // postgres
	Range diag.Range
}

// Secret is a text that must not be shown. Reveal is the only way to it.
type Secret struct{ text string }

// NewSecret hides s.
func NewSecret(s string) Secret { return Secret{s} }

// Reveal gives the text, for the one place that sends it.
func (s Secret) Reveal() string { return s.text }

// IsZero tells whether nothing is hidden.
func (s Secret) IsZero() bool { return s.text == "" }

// String hides the text from every formatting verb.
func (s Secret) String() string { return "(sensitive)" }

// GoString hides the text from %#v.
func (s Secret) GoString() string { return "(sensitive)" }

// MarshalText hides the text from encoders.
func (s Secret) MarshalText() ([]byte, error) { return []byte("(sensitive)"), nil }

// Link is a pair of environments and the companies in scope. Either URLs and
// Auth are set, or Sandbox.
type Link struct {
	Name         string
	FnOURL       string
	DataverseURL string
	Auth         *Auth
	Sandbox      *Sandbox
	Companies    []Named // company codes as written
	DualWrite    bool    // Microsoft's dual-write runs between the same environments too
	Receive      *Receive
	Range        diag.Range
}

// Receive says where dw takes events of F&O and webhooks of Dataverse.
type Receive struct {
	Listen string // address, "127.0.0.1:7071"
	URL    string // under which the services reach it; "": https:// or http:// with Listen
	Key    Secret // that senders show
	Range  diag.Range
}

// Named is a name with its place.
type Named struct {
	Name  string     `json:"name"`
	Range diag.Range `json:"-"`
}

// Auth says how to sign in.
type Auth struct {
	Kind            string // "client_secret" or "certificate"
	Authority       string // default https://login.microsoftonline.com
	TenantID        string
	ClientID        string
	ClientSecret    Secret
	CertificatePath string // PEM with certificate and key
	Range           diag.Range
}

// Sandbox asks for the local twins in place of real environments.
type Sandbox struct {
	Seed                uint64
	Records             int
	Customers           int // in place of their share of Records; 0: that share
	LatencyMillis       int
	LatencyPerRowMicros int
	// LatencyPerWriteMicros comes on top for each row that is written.
	LatencyPerWriteMicros int
	JobStartMillis        int    // of executions of F&O's data management
	Limits                string // "off", "published"
	LimitsWindowMillis    int    // in which the limits count; 0: as published
	Faults                []string
	Dirt                  int      // planted cases a kind of dirty data; 0: clean data
	ModifiedTimes         []string // entity sets of F&O that show when a record was last edited
	Companies             []Named  // that the twins hold beside the link's; empty: one of their own choice
	Auth                  string   // "client_secret" (default) or "certificate": how dw signs in to the twins
	Range                 diag.Range
}

// Enum is a value map: F&O symbol <-> Dataverse value.
type Enum struct {
	Name        string      `json:"name,omitempty"` // "" where written in place
	Values      []EnumValue `json:"values"`         // in the author's order
	Reverse     []EnumValue `json:"reverse,omitempty"`
	ToDataverse Otherwise   `json:"otherwise_to_dataverse,omitzero"` // for F&O values outside the map
	ToFnO       Otherwise   `json:"otherwise_to_fno,omitzero"`
	Range       diag.Range  `json:"-"`
}

// EnumValue is one line of a value map.
type EnumValue struct {
	FnO       value.Value `json:"fno"`       // Text as written; typed by lang/transform
	Dataverse value.Value `json:"dataverse"` // Integer, Bool or Text as written
	Range     diag.Range  `json:"-"`
}

// Otherwise is what becomes of a value outside a value map.
type Otherwise struct {
	Kind  string      `json:"kind,omitempty"` // "fail", "pass", "null", "value"; "": nobody has said, and it fails
	Value value.Value `json:"value,omitzero"`
	Range diag.Range  `json:"-"`
}

// Direction of a field or map.
type Direction string

// The directions.
const (
	Both        Direction = "both"
	ToDataverse Direction = "to_dataverse"
	ToFnO       Direction = "to_fno"
)

// Sends tells whether values flow towards side.
func (d Direction) Sends(to value.Side) bool {
	return d == Both || d == ToDataverse && to == value.Dataverse || d == ToFnO && to == value.FnO
}

// Map binds one F&O entity set to one Dataverse table.
type Map struct {
	Name      string      `json:"name"` // with key and modules: customers["USMF"], module.x.customers
	Link      string      `json:"link"`
	Version   string      `json:"version,omitempty"`
	FnO       Named       `json:"fno"`       // entity set
	Dataverse Named       `json:"dataverse"` // entity set or logical name
	Key       []Named     `json:"key"`       // F&O fields
	Company   *Company    `json:"company,omitempty"`
	Owner     Named       `json:"owner,omitzero"`      // "", "company_team", "team:Name"
	Companies []Named     `json:"companies,omitempty"` // subset of the link's; empty: all
	Filter    Filter      `json:"filter,omitzero"`
	Fields    []*Field    `json:"fields"`             // in the author's order
	Together  [][]string  `json:"together,omitempty"` // Dataverse columns merged as one value
	Creates   Creates     `json:"creates,omitzero"`
	Deletes   Deletes     `json:"deletes,omitzero"`
	Mastering Mastering   `json:"mastering,omitzero"`
	Conflict  string      `json:"conflict,omitempty"` // "merge" (default), "hold", "last_writer_wins"
	Initial   InitialSync `json:"initial_sync,omitzero"`
	Status    string      `json:"status,omitempty"` // "running" (default), "paused", "stopped"
	Range     diag.Range  `json:"-"`                // of the block's header
	BodyRange diag.Range  `json:"-"`

	TogetherRanges []diag.Range `json:"-"` // of the groups of Together
	ConflictRange  diag.Range   `json:"-"`
}

// Address gives the name by which people point at the map.
func (m *Map) Address() string { return MapAddress(m.Name) }

// Company says which Dataverse column holds the company. A nil *Company means
// that the schema decides; Global that the map has none.
type Company struct {
	Global bool       `json:"global,omitempty"`
	Path   string     `json:"path,omitempty"` // lookup column to cdm_company, or a path to one
	Range  diag.Range `json:"-"`
}

// Filter narrows the scope of a map, OData on both sides.
type Filter struct {
	FnO       Named  `json:"fno,omitzero"`
	Dataverse Named  `json:"dataverse,omitzero"`
	OnLeave   string `json:"on_leave,omitempty"` // "unlink" (default), "deactivate", "delete", "revert"

	LeaveRange diag.Range `json:"-"` // of on_leave
}

// Field is one mapping. Exactly one of these shapes:
//   - FnO and Column set: a mapping, a lookup where Path is not empty
//   - Column and Targets set: a lookup of several fields or targets
//   - Column set, Constant set: a constant for Dataverse
//   - FnO set, Constant set: a constant for F&O
type Field struct {
	Column      Named       `json:"column,omitzero"` // Dataverse column
	Path        []string    `json:"path,omitempty"`  // lookup: related key column, hop by hop
	FnO         Named       `json:"fno,omitzero"`    // F&O field
	Direction   Direction   `json:"direction"`
	ToDataverse *expr.Expr  `json:"to_dataverse,omitempty"`
	ToFnO       *expr.Expr  `json:"to_fno,omitempty"`
	Values      *Enum       `json:"values,omitempty"`
	Constant    value.Value `json:"constant,omitzero"`
	IsConstant  bool        `json:"is_constant,omitempty"`
	Writes      string      `json:"writes,omitempty"`  // "always" or "create"; default always, create for constants
	Missing     string      `json:"missing,omitempty"` // lookups: "", "park", "fail", "null", "defer"; "" means park, defer in rings
	Targets     []Target    `json:"targets,omitempty"` // lookup blocks: tables in order of precedence, at least one
	Range       diag.Range  `json:"-"`
	// Faulty says that the language has found a mistake in what the schema
	// would be asked about; what follows from it is not reported again.
	Faulty bool `json:"-"`
}

// Target is a table that a lookup block may refer to.
type Target struct {
	Table Named   `json:"table,omitzero"` // entity set or logical name; "" where the column has one target
	Match []Match `json:"match"`          // in the author's order, at least one
}

// Match says that an F&O field equals a column of the target, which may lie
// several lookups away.
type Match struct {
	FnO  Named    `json:"fno"`
	Path []string `json:"path"` // {"msdyn_name"}, {"msdyn_hierarchy", "msdyn_name"}

	Range diag.Range `json:"-"` // of the path
}

// Name identifies the field within its map: the column with its path, or the
// F&O field of a constant for F&O.
func (f *Field) Name() string {
	if f.Column.Name == "" {
		return f.FnO.Name
	}
	n := f.Column.Name
	for _, p := range f.Path {
		n += "." + p
	}
	return n
}

// FnOFields gives the F&O fields that the field reads or writes, each once, in
// the author's order. Those that its expressions name are not among them.
func (f *Field) FnOFields() []Named {
	if len(f.Targets) == 0 {
		if f.FnO.Name == "" {
			return nil
		}
		return []Named{f.FnO}
	}
	var out []Named
	for _, t := range f.Targets {
		for _, m := range t.Match {
			if !slices.ContainsFunc(out, func(n Named) bool { return strings.EqualFold(n.Name, m.FnO.Name) }) {
				out = append(out, m.FnO)
			}
		}
	}
	return out
}

// IsLookup tells whether the field is a reference with a way to find its row.
func (f *Field) IsLookup() bool { return len(f.Path) > 0 || len(f.Targets) > 0 }

// Creates says which side dw may create records on. Nil: as field directions allow.
type Creates struct {
	ToDataverse *bool `json:"to_dataverse,omitempty"`
	ToFnO       *bool `json:"to_fno,omitempty"`
}

// Deletes says what a delete on one side does on the other: "deactivate",
// "ignore", "propagate"; "" is the default of the direction.
type Deletes struct {
	ToDataverse string     `json:"to_dataverse,omitempty"`
	ToFnO       string     `json:"to_fno,omitempty"`
	Range       diag.Range `json:"-"`
}

// Mastering says whose value wins, field by field.
type Mastering struct {
	Master    value.Side `json:"master,omitempty"` // of all fields not listed below; default fno
	FnO       []Named    `json:"fno,omitempty"`    // Dataverse columns (with path) mastered by F&O
	Dataverse []Named    `json:"dataverse,omitempty"`
	Violation string     `json:"violation,omitempty"` // "revert" (default), "ignore", "report"
	Stated    bool       `json:"-"`                   // the author wrote master

	ViolationRange diag.Range `json:"-"`
}

// MasterOf gives the master of a field by its Name or bare column.
func (m Mastering) MasterOf(f *Field) value.Side {
	for _, n := range m.Dataverse {
		if n.Name == f.Name() || n.Name == f.Column.Name {
			return value.Dataverse
		}
	}
	for _, n := range m.FnO {
		if n.Name == f.Name() || n.Name == f.Column.Name {
			return value.FnO
		}
	}
	if m.Master == value.Dataverse {
		return value.Dataverse
	}
	return value.FnO
}

// InitialSync says how existing data of both sides is joined.
type InitialSync struct {
	Winner     value.Side `json:"winner,omitempty"`      // of fields that differ and have no master rule; default the master
	Via        string     `json:"via,omitempty"`         // how F&O is written: "odata", "package"; "" dw chooses
	ReadVia    string     `json:"read_via,omitempty"`    // how existing records of F&O are read: "odata", "package"; "" dw chooses
	AllowBlank bool       `json:"allow_blank,omitempty"` // whether nothing may replace something
	MaxErrors  *int       `json:"max_errors,omitempty"`  // nil: no limit
	// MaxErrorRate is the share of records that may fail, as written: "0.01" is
	// one in a hundred. "": no limit.
	MaxErrorRate string `json:"max_error_rate,omitempty"`
	// Match are the ways to find the record of a Dataverse row that lacks the
	// key, in the order in which they are tried, each as F&O fields.
	Match     [][]Named  `json:"match,omitempty"`
	Crosswalk *Crosswalk `json:"crosswalk,omitempty"`
}

// IsZero tells whether nothing is said.
func (i InitialSync) IsZero() bool { return reflect.ValueOf(i).IsZero() }

// Crosswalk is a file that says which records of both sides belong together;
// see package crosswalk. What it says is held by its hash: the deployed map
// does not have the content.
type Crosswalk struct {
	File    string     `json:"file"`   // as a path from the configuration's folder
	SHA256  string     `json:"sha256"` // of the content
	Content []byte     `json:"-"`      // nil where the map was not read from files
	Range   diag.Range `json:"-"`
}
