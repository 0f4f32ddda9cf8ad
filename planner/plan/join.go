package plan

// Join says how the records of both sides find each other, and what their
// numbers tell of it before anything is read.
type Join struct {
	Paired        Bound      `json:"paired"`                   // records that may be found on both sides
	OnlyFnO       int64      `json:"only_fno_least"`           // at least so many are in F&O only
	OnlyDataverse int64      `json:"only_dataverse_least"`     // or in Dataverse only
	Match         [][]string `json:"match,omitempty"`          // for rows that lack the key, in the order in which they are tried
	Crosswalk     string     `json:"crosswalk_file,omitempty"` // then this
}
