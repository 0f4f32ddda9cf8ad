package plan

// Route says how the rows of a map go to F&O, and what that costs.
type Route struct {
	Via      string `json:"via"`                  // "odata", "package"
	Why      string `json:"why"`                  // from a closed set
	Least    int64  `json:"least_rows,omitempty"` // from so many rows of one company on a package takes less time
	Packages int64  `json:"packages,omitempty"`   // at most, one after the other
	Seconds  int64  `json:"seconds"`              // at most, reading back included; -1: unknown
	ReadBack int64  `json:"read_back_seconds"`    // of these: packages answer with no records
}

// The values of Route.Via.
const (
	ViaOData   = "odata"
	ViaPackage = "package"
)

// The values of Route.Why.
const (
	RouteDemanded  = "demanded"     // by the map
	RouteManyRows  = "many_rows"    // some company may have as many as Least
	RouteFewRows   = "few_rows"     // no company has
	RouteNotKnown  = "rows_unknown" // it is decided when they are read
	RouteNoEntity  = "no_packages"  // data management does not offer the entity
	RouteNoProject = "no_project"   // there are enough rows, but no project to import them under
)

// RouteReasons lists the values of Route.Why.
func RouteReasons() []string {
	return []string{RouteDemanded, RouteManyRows, RouteFewRows, RouteNotKnown, RouteNoEntity, RouteNoProject}
}

// PackageRates are what packages are assumed to cost.
type PackageRates struct {
	Rows      int64 // most rows of one
	Least     int64 // see Route.Least
	Start     int64 // seconds until one begins
	PerMinute int64 // rows that one carries over a minute
	ReadBack  int64 // rows that are read back a minute
	NoProject bool  // people have not made the project to import under
}
