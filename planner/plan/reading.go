package plan

// Reading says how the existing records of F&O are read, and what that costs.
type Reading struct {
	Via     string `json:"via"`               // "odata", "package"; as it begins where Why is RateDecides
	Why     string `json:"why"`               // from a closed set
	Project string `json:"project,omitempty"` // the data project that exports need
	Exports int64  `json:"exports,omitempty"` // jobs, one for each company; of exports that may be, too
	// SlowerThan is the number of records a minute below which exports take the
	// place of OData; where Why is RateDecides.
	SlowerThan int64 `json:"slower_than,omitempty"`
	Seconds    int64 `json:"seconds"`      // keys included; -1: unknown
	Keys       int64 `json:"keys_seconds"` // of these: exports have no keys of records and no versions, they come over OData
}

// RateDecides is the value of Reading.Why where OData is begun with, and its
// speed decides whether exports take its place. The others are those of
// Route.Why.
const (
	RateDecides      = "rate_decides"
	RouteNoCompanies = "no_companies" // records have companies, and the map does not say which
)

// ReadingReasons lists the values of Reading.Why.
func ReadingReasons() []string {
	return []string{RouteDemanded, RateDecides, RouteFewRows, RouteNotKnown, RouteNoEntity, RouteNoCompanies, RouteNoProject}
}

// ExportRates are what exports are assumed to cost.
type ExportRates struct {
	Least     int64           // of fewer rows none are left once the speed of OData is known
	Clearly   int64           // how many times faster than OData exports have to be
	Start     int64           // seconds until one begins
	PerMinute int64           // rows that one carries over a minute
	Keys      int64           // keys and versions that OData gives a minute
	Project   string          // how the name of a data project begins; the entity set follows
	Missing   map[string]bool // entity sets whose project people have not made
}
