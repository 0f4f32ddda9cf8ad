package plan

// Cost says what an action costs. Row counts are upper bounds: what is already
// equal on both sides is not sent.
type Cost struct {
	ToDataverse Bound `json:"to_dataverse"` // rows that may be sent there
	ToFnO       Bound `json:"to_fno"`
	Seconds     Span  `json:"seconds"`
	Rate        Rate  `json:"rate"`
	// RouteToFnO says how rows go to F&O; nil where none do.
	RouteToFnO *Route `json:"route_to_fno,omitempty"`
	// ReadFromFnO says how records of F&O are read; nil where there are none.
	ReadFromFnO *Reading `json:"read_from_fno,omitempty"`
}

// Bound is the most that a number can be.
type Bound struct {
	Most  int64 `json:"most"`  // -1: unknown
	Exact bool  `json:"exact"` // the counts that it comes from are exact
}

// Unknown tells whether nothing is known.
func (b Bound) Unknown() bool { return b.Most < 0 }

// Add gives the sum of two bounds; what is unknown stays so.
func (b Bound) Add(o Bound) Bound {
	if b.Unknown() || o.Unknown() {
		return Bound{Most: -1}
	}
	return Bound{Most: b.Most + o.Most, Exact: b.Exact && o.Exact}
}

// Span is a time: the least where nothing differs, so that rows are only read
// and compared, and the most where every row has to be sent. -1: unknown.
type Span struct {
	Least int64 `json:"least"`
	Most  int64 `json:"most"`
}

// Rate is how many rows a minute are handled, and where the numbers come from.
type Rate struct {
	Compare     int64 `json:"compare"`      // read and compared
	ToDataverse int64 `json:"to_dataverse"` // sent
	ToFnO       int64 `json:"to_fno"`
	// Measured says which of them an earlier initial sync of the map has given:
	// "" none, "compare", "send".
	Measured string `json:"measured,omitempty"`
}

// The values of Rate.Measured.
const (
	MeasuredCompare = "compare"
	MeasuredSend    = "send"
)

// Rates are what a plan assumes where nothing was measured, and what was.
type Rates struct {
	Assumed  Rate
	Parallel int // maps of a wave that are joined at once
	Measured map[string]Measured
	Packages *PackageRates // nil: nothing is known of packages
	Exports  *ExportRates  // nil: nothing is known of exports
}

// Measured is what the state knows of a map that is deployed.
type Measured struct {
	Pairs   int64 // records that belong together now
	Records int64 // in scope of its last initial sync: the larger of the two sides
	Sent    int64 // of them created or updated by it, both sides together
	Millis  int64 // that it took; 0 where it has not ended
}

// Total sums up what a plan costs.
type Total struct {
	Rewritten Bound `json:"rewritten"` // rows that maps which are deployed already may send again
	Initial   Bound `json:"initial"`   // rows that maps may send in their first initial sync
	Deletes   Bound `json:"deletes"`   // records that may be deleted as the plan is carried out
	Seconds   Span  `json:"seconds"`
	Assumed   Rate  `json:"assumed"` // where nothing was measured
}

// Pause is a map whose live sync rests while its rows are read and compared
// again.
type Pause struct {
	Map     string `json:"map"`
	Seconds Span   `json:"seconds"`
}

// Danger is something that cannot be undone by another plan.
type Danger struct {
	Code   string `json:"code"` // from a closed set
	Map    string `json:"map"`
	Detail string `json:"detail"`
	Rows   Bound  `json:"rows,omitzero"` // records that may be lost as the plan is carried out; for SendsDeletes
}

// The codes of Danger.
const (
	EndsMap        = "ends_map"         // its records are kept equal no longer
	PairsAnew      = "pairs_anew"       // what was agreed is forgotten; the winner's values hold
	DeletesOn      = "deletes_on"       // a delete on one side deletes on the other from now on
	LeaveDeletesOn = "leave_deletes_on" // a record that leaves the scope is deleted from now on
	ScopeDeletes   = "scope_deletes"    // another filter, and what it leaves out is deleted
	ScopeSleeps    = "scope_deactivates"
	BlanksOn       = "blanks_on" // nothing may replace something
)

// DangerCodes lists the codes of Danger, worst first.
func DangerCodes() []string {
	return []string{ScopeDeletes, DeletesOn, LeaveDeletesOn, EndsMap, PairsAnew, BlanksOn, ScopeSleeps}
}
