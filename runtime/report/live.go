package report

// Live is how a map does that dw run keeps equal. Counts of records and writes
// begin with the process.
type Live struct {
	Map      string `json:"map"`
	Status   string `json:"status"`
	Since    string `json:"since,omitempty"`  // RFC 3339: when the status began
	Reason   string `json:"reason,omitempty"` // why it is not doing better
	Observed Sides  `json:"observed"`         // sights of records that were captured
	Handled  int64  `json:"handled"`          // records
	Written  Sides  `json:"written"`          // writes that were sent
	Queued   int64  `json:"queued"`           // sights not handled, those of parked records included
	Parked   int64  `json:"parked"`
	Failed   int64  `json:"failed"`
	Held     int64  `json:"held"`
	Owed     int64  `json:"owed"`
	// LagMillis is how long the last records took from being captured to being
	// agreed on both sides.
	LagMillis int64 `json:"lag_ms"`
	Bulk      int64 `json:"bulk_passes"` // times that what waited was so much that it went by the bulk path
}

// Running is what dw run says when it has begun.
type Running struct {
	FormatVersion string `json:"format_version"`
	Link          string `json:"link"`
	Maps          int    `json:"maps"`
	Listens       string `json:"receives_events_at,omitempty"`
}
