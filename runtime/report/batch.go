package report

// Batches is the answer of dw batch list.
type Batches struct {
	FormatVersion string  `json:"format_version"`
	Link          string  `json:"link"`
	Maps          []Batch `json:"maps"`
}

// Batch is a map in a batch window.
type Batch struct {
	Map    string `json:"map"`
	Since  string `json:"since,omitempty"` // RFC 3339
	By     string `json:"by,omitempty"`
	Reason string `json:"reason,omitempty"`
	Ending bool   `json:"ending"` // the window has ended, and what changed in it is on its way
	Queued Sides  `json:"queued"` // sights captured before it began, or since it ended
}
