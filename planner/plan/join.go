package plan

import "slices"

// Join says how the records of both sides find each other, and what their
// numbers tell of it before anything is read.
type Join struct {
	Paired        Bound      `json:"paired"`                   // records that may be found on both sides
	OnlyFnO       int64      `json:"only_fno_least"`           // at least so many are in F&O only
	OnlyDataverse int64      `json:"only_dataverse_least"`     // or in Dataverse only
	Match         [][]string `json:"match,omitempty"`          // for rows that lack the key, in the order in which they are tried
	Crosswalk     string     `json:"crosswalk_file,omitempty"` // then this
	Counted       *Counted   `json:"counted,omitempty"`        // what reading all data has shown; nil where nobody has read them
}

// Counted says what the data of a map come to: numbers of records.
type Counted struct {
	CreatesFnO       int64 `json:"creates_fno"` // to be created there
	CreatesDataverse int64 `json:"creates_dataverse"`
	UpdatesFnO       int64 `json:"updates_fno"` // on both sides, and to be changed there
	UpdatesDataverse int64 `json:"updates_dataverse"`
	Equal            int64 `json:"equal"`   // on both sides, with equal values
	Failing          int64 `json:"failing"` // would not get over, or not whole
}

// WithCounts gives a plan that says of some maps what their data come to. It
// does the same as p, which stays as it is.
func WithCounts(p *Plan, counts map[string]Counted) (*Plan, error) {
	q := *p
	q.Actions = slices.Clone(p.Actions)
	for i := range q.Actions {
		a := &q.Actions[i]
		n, known := counts[a.Map]
		if !known {
			continue
		}
		j := Join{Paired: Bound{Most: -1}}
		if a.Join != nil {
			j = *a.Join
		}
		j.Counted = &n
		a.Join = &j
	}
	return &q, Seal(&q, nil)
}
