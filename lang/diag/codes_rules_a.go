package diag

// Codes of rules about lookups, loops, enums and companies: DW700 to DW739.
const (
	CodeTargetPaused     = "DW700"
	CodeTargetNotSent    = "DW701"
	CodeTargetCompany    = "DW702"
	CodeCircle           = "DW710"
	CodeCircleSettles    = "DW711"
	CodeUnseenChanges    = "DW712"
	CodeSequence         = "DW713"
	CodeUnknownLimits    = "DW714"
	CodeZones            = "DW715"
	CodeNoVersions       = "DW716"
	CodeKeyCollides      = "DW717"
	CodeNeverEqual       = "DW720"
	CodeHidden           = "DW721"
	CodeGlobalEntity     = "DW730"
	CodeCompanyIgnored   = "DW731"
	CodeTooManyCompanies = "DW732"
)

// ruleACodes gives the codes DW700 to DW739.
func ruleACodes() []CodeInfo {
	return []CodeInfo{
		{CodeTargetPaused, "lookup target whose map does not run", "Its rows stop arriving in Dataverse, and records that refer to new ones wait until the map runs."},
		{CodeTargetNotSent, "lookup target that is not sent to Dataverse", "Its map never creates rows there, so records that refer to a new one wait until somebody enters it by hand."},
		{CodeTargetCompany, "lookup looks in another company than its target has", "Rows are looked for by key and company; where the two maps do not agree on the company, the wrong row is found or none."},
		{CodeCircle, "values go round and never settle", "Each round writes another value, on both systems, until dw stops the record."},
		{CodeCircleSettles, "values go round in a circle", "Two fields carry one value there and back: edits of both ends at the same time chase each other."},
		{CodeUnseenChanges, "column whose changes nobody tells", "The server computes it when it is read or by a job, and neither the row's version nor its change time moves, so that the other side keeps an old value."},
		{CodeSequence, "numbered column is written from the other side", "The server's sequence does not know the numbers that come from elsewhere and may give one of them again."},
		{CodeUnknownLimits, "lengths and decimals that the schema does not tell", "What cannot be compared is not checked: values that do not fit are found when they fail."},
		{CodeZones, "moment that means another hour or day on the other side", "F&O keeps moments in UTC; people in other time zones read another hour, and near midnight another day."},
		{CodeNoVersions, "table without row versions", "Rows of virtual and elastic tables have no version and no change tracking, so that dw could neither see an edit nor keep from overwriting one."},
		{CodeKeyCollides, "key that two records may share", "The transform makes one key of two: both records are taken for one, and each overwrites the other."},
		{CodeNeverEqual, "comparison that is never true", "F&O knows enum members by symbols and Dataverse choices by numbers, so that the other branch is always taken and nothing says so."},
		{CodeHidden, "otherwise hides values", "They look like another value, or like none, on the other side, and what is entered there goes over them."},
		{CodeGlobalEntity, "shared entity against a table of companies", "Rows that dw creates belong to no company, and whoever looks for them by company does not find them."},
		{CodeCompanyIgnored, "company-specific entity without its company", "Records of different companies with the same key become one row, and each overwrites the other."},
		{CodeTooManyCompanies, "more companies than dual-write takes", "Dual-write, which runs beside dw, refuses more; its maps would not start."},
	}
}
