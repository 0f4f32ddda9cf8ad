package lint

// Group is a set of rules about one thing.
type Group struct {
	Name  string // as flags take it
	Title string
	About string // what its rules look at, in a sentence
}

// The groups of rules.
const (
	GroupFields    = "fields"
	GroupLookups   = "lookups"
	GroupLoops     = "loops"
	GroupEnums     = "enums"
	GroupCompany   = "company"
	GroupFilters   = "filters"
	GroupMastering = "mastering"
	GroupWriters   = "writers"
	GroupGoLive    = "go-live"
	GroupFit       = "fit"
	GroupNotes     = "notes"
)

// Groups gives all groups in the order of the documentation.
func Groups() []Group {
	return []Group{
		{GroupFields, "Fields", "Names, types and access of entities, tables, fields and columns."},
		{GroupLookups, "Lookups", "References: whether what a field refers to is there, comes first, and can be told from others."},
		{GroupLoops, "Loops", "Values that change on their way there and back, so that the two sides never come to rest."},
		{GroupEnums, "Enums", "Members and choices that have no counterpart, or more than one."},
		{GroupCompany, "Companies", "Legal entities: which records belong to which, and who owns their rows."},
		{GroupFilters, "Filters", "Which records are in scope."},
		{GroupMastering, "Mastering", "Which side decides about a field, and what a conflict does."},
		{GroupWriters, "Writers", "Columns that more than one writer wants, and what happens to records that go away."},
		{GroupGoLive, "Going live", "What the environment must have before the first record is sent."},
		{GroupFit, "Fit", "Maps that another way of moving data would serve better."},
		{GroupNotes, "Notes", "Notes that silence findings."},
	}
}
