package diag

// Codes of the planner's rules about going live and about maps that another
// way of moving data would serve better.
const (
	CodeRequiredField  = "DW770"
	CodeDuplicateRules = "DW771"
	CodeStepWithoutTag = "DW772"
	CodeFitMirror      = "DW780"
	CodeFitAnalytics   = "DW781"
	CodeFitOneOff      = "DW782"
	CodeFitRouting     = "DW783"
	CodeFitWide        = "DW784"
	CodeFitDocument    = "DW785"

	CodeCrosswalkColumns = "DW790"
	CodeCrosswalkRows    = "DW791"
	CodeMatchReference   = "DW792"
	CodeMatchNotUnique   = "DW793"
)

// ruleFitCodes gives the codes DW770 to DW799: rules of going live and of what dual-write fits, and the rest.
func ruleFitCodes() []CodeInfo {
	return []CodeInfo{
		{CodeRequiredField, "required F&O field without a source", "F&O refuses every record that is created without it, unless the entity fills the field by itself."},
		{CodeDuplicateRules, "duplicate detection rules on a mapped table", "They do not hold for what programs write: dw creates rows that a form would refuse, and merging them later parts them from their records."},
		{CodeStepWithoutTag, "synchronous plug-in on a mapped table", "It runs inside every write of dw: what it changes goes back to F&O as an edit, what it refuses is listed as failed, and the time that it takes is added to each row."},
		{CodeFitMirror, "copy that nothing needs", "Rows that are only looked at are copied, watched and kept equal all the same."},
		{CodeFitAnalytics, "copy for reports", "Dataverse is paid by what it stores, and every change of every field is carried over one row at a time."},
		{CodeFitOneOff, "map that only ever creates", "A sync watches both sides for changes that the map then leaves alone."},
		{CodeFitRouting, "one entity sent to several tables by filters", "Each map reads and evaluates all changes of the entity to find its own, and records that move from one filter to another leave a row behind."},
		{CodeFitWide, "wide one-way copy of a looked-up table", "Other maps need the key of its rows; each of the other columns makes changes to carry over."},
		{CodeFitDocument, "document of several levels", "Records arrive one by one: until the last of them is there the other side sees a part of the document, and a line that fails leaves it incomplete."},
		{CodeCrosswalkColumns, "crosswalk file without the columns that it needs", "Without the key of one side and the id or key of the other a line says nothing."},
		{CodeCrosswalkRows, "line of a crosswalk file that cannot be used", "The record would not find its row, and another one would be created beside it."},
		{CodeMatchReference, "match by a reference", "Many records refer to the same row, so that a reference tells none of them."},
		{CodeMatchNotUnique, "match by a field that many records share", "Where several records or rows come into question dw takes none of them, and all of them are listed as failed."},
	}
}
