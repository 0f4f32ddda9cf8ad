package plan

// The codes of Reason, a closed set: pipelines may decide by them.
const (
	NewMap            = "new_map"
	FieldAdded        = "field_added"
	FieldRemoved      = "field_removed"
	FieldChanged      = "field_changed"
	KeyChanged        = "key_changed"
	CompanyChanged    = "company_changed" // where the company of a record stands
	CompaniesChanged  = "companies_changed"
	FilterChanged     = "filter_changed"
	TableChanged      = "table_changed"
	RolledBack        = "rolled_back"    // an earlier version is taken up again
	SchemaChanged     = "schema_changed" // a used column is not what it was
	SettingsChanged   = "settings_changed"
	OrderChanged      = "order_changed" // wave, deferred references or the maps that deliver targets
	InitialUnfinished = "initial_sync_unfinished"
	Removed           = "removed"
	Moved             = "moved" // a map, a field or what lookups lead to has another name; nothing is sent for it
)

// ReasonCodes lists the codes of Reason in the order in which an action names
// them.
func ReasonCodes() []string {
	return []string{
		NewMap, Removed, RolledBack, Moved, TableChanged, KeyChanged, CompanyChanged, CompaniesChanged, FilterChanged, FieldAdded,
		FieldChanged, FieldRemoved, SchemaChanged, SettingsChanged, OrderChanged, InitialUnfinished,
	}
}

// Kinds lists the kinds of an action.
func Kinds() []Kind {
	return []Kind{None, Create, Update, Backfill, Replace, Destroy, Resume}
}

// SendsRows tells whether an action of this kind reads and compares all rows
// of its map.
func (k Kind) SendsRows() bool {
	switch k {
	case Create, Backfill, Replace, Resume:
		return true
	}
	return false
}
