package report

// Spoilt is what dw sandbox spoil has damaged.
type Spoilt struct {
	FormatVersion string       `json:"format_version"`
	Records       int          `json:"records"`
	Kinds         []SpoiltKind `json:"kinds"`
	List          string       `json:"list"` // file
}

// SpoiltKind counts one kind of damage.
type SpoiltKind struct {
	Kind    string `json:"kind"`
	Records int    `json:"records"`
	Waiting int    `json:"waiting,omitempty"` // of them: whole themselves, and waiting for a damaged one
}

// MendedData is the answer of dw sandbox mend.
type MendedData struct {
	FormatVersion string `json:"format_version"`
	Mended        int    `json:"mended"`
	Left          int    `json:"left"`
}
