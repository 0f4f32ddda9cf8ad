package report

import "github.com/dualwrite/dw/runtime/record"

// ListedRecords are records that were set aside.
type ListedRecords struct {
	FormatVersion string          `json:"format_version"`
	More          bool            `json:"more"` // there are others than these
	Records       []record.Listed `json:"records"`
}

// ListedRecord is one of them by itself.
type ListedRecord struct {
	FormatVersion string `json:"format_version"`
	record.Listed
}
