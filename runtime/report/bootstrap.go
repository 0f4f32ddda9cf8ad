package report

// Bootstrap is the answer of dw bootstrap: what it would write, or has written.
type Bootstrap struct {
	FormatVersion string         `json:"format_version"`
	Link          string         `json:"link"`
	Company       string         `json:"company,omitempty"` // of -company
	Done          bool           `json:"written"`           // false: nothing was written
	Maps          []BootstrapMap `json:"maps"`
}

// BootstrapMap is one map's part. All counts are of rows in Dataverse.
type BootstrapMap struct {
	Map    string `json:"map"`
	Table  string `json:"table"`
	Column string `json:"company_column"`
	Rows   int64  `json:"rows"` // without company, in the map's scope

	// How the company is known, and how many rows get their key too.
	ByKey       int64 `json:"by_key"`
	ByMatch     int64 `json:"by_match"`
	ByCrosswalk int64 `json:"by_crosswalk"`
	ByCompany   int64 `json:"by_option"` // of -company
	Keys        int64 `json:"keys"`

	// What is left as it is.
	Ambiguous int64 `json:"ambiguous"`
	NoRecord  int64 `json:"no_record"`
	Blocked   int64 `json:"blocked"` // the record is known, but its company or key cannot be written

	Written int64 `json:"rows_written"`
	Refused int64 `json:"refused"`
	Again   int64 `json:"moved"` // edited or gone since they were read, or without an answer: for the next run

	Samples  []BootstrapRow `json:"samples"`
	Problems []BootstrapRow `json:"problems"`
	Refusals []BootstrapRow `json:"refusals"`
}

// Writes is how many rows there are to write.
func (m *BootstrapMap) Writes() int64 { return m.ByKey + m.ByMatch + m.ByCrosswalk + m.ByCompany }

// BootstrapRow names one row.
type BootstrapRow struct {
	Row     string `json:"row"` // its id
	Company string `json:"company,omitempty"`
	Record  string `json:"record,omitempty"` // of F&O, as people read it
	By      string `json:"by,omitempty"`
	Key     bool   `json:"key,omitempty"` // it gets the key too
	Reason  string `json:"reason,omitempty"`
}

// Writes is how many rows there are to write.
func (b Bootstrap) Writes() (n int64) {
	for i := range b.Maps {
		n += b.Maps[i].Writes()
	}
	return n
}

// AllWritten tells whether every row that was to be written is.
func (b Bootstrap) AllWritten() bool {
	for i := range b.Maps {
		if b.Maps[i].Written < b.Maps[i].Writes() {
			return false
		}
	}
	return true
}
