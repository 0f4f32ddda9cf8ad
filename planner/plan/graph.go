package plan

// GraphFormatVersion of the JSON form of a graph.
const GraphFormatVersion = "1.0"

// Graph is how the maps of a link depend on each other.
type Graph struct {
	FormatVersion string      `json:"format_version"`
	Link          string      `json:"link"`
	Maps          []GraphMap  `json:"maps"` // in the order of waves, then names
	Edges         []GraphEdge `json:"edges"`
}

// GraphMap is a map as a node.
type GraphMap struct {
	Map       string `json:"map"`
	FnO       string `json:"fno"`
	Dataverse string `json:"dataverse"`
	Wave      int    `json:"wave"`
}

// GraphEdge says that records of one map refer to records that another map
// delivers. There is one edge for two maps and a kind of reference.
type GraphEdge struct {
	From     string   `json:"from"`
	To       string   `json:"to"`
	Fields   []string `json:"fields"`             // that refer, sorted
	Deferred bool     `json:"deferred,omitempty"` // they are filled in after the row is there
}
