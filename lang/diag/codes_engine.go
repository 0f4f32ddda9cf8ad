package diag

// Codes of commands and of the engine's own findings about records.
const (
	CodeSnapshot    = "DW325"
	CodeDrift       = "DW326"
	CodeUnexpected  = "DW900"
	CodeUsage       = "DW901"
	CodeSandbox     = "DW902"
	CodeUnapproved  = "DW903"
	CodeInterrupted = "DW904"
	CodeUnwritable  = "DW905"

	CodeNoKey          = "DW640"
	CodeDuplicateKey   = "DW641"
	CodeKeyOutside     = "DW642"
	CodeDeletedInSync  = "DW643"
	CodeServiceRefused = "DW644"
	CodeKeyTaken       = "DW645"
	CodeRowGone        = "DW646"
	CodeRowVanished    = "DW647"
	CodeTooManyErrors  = "DW648"
	CodeGateDiffers    = "DW649"
	CodeUnanswered     = "DW665"
)

func commandCodes() []CodeInfo {
	return []CodeInfo{
		{CodeSnapshot, "schema snapshot missing or damaged", "Without a connection the names and types of both sides can only come from it."},
		{CodeDrift, "schema has moved since the snapshot", "What was checked without a connection was checked against the old names and types."},
		{CodeUnexpected, "unexpected error", "Something failed that dw has no explanation for; nothing that was stored is lost."},
		{CodeSandbox, "local twins do not start", "Without them a sandbox link has nothing to connect to."},
		{CodeUnapproved, "not approved", "Apply changes two systems, so it asks, or is told beforehand that it need not."},
		{CodeInterrupted, "interrupted", "Ctrl-C or the pipeline ended the command before its work was done."},
		{CodeUnwritable, "file cannot be written", "What the command was asked for would be lost."},
		{CodeUsage, "wrong use of a command", "The command was not carried out."},
	}
}

func engineCodes() []CodeInfo {
	return []CodeInfo{
		{CodeNoKey, "row without a complete key", "No record of the other side can be found for it."},
		{CodeDuplicateKey, "several rows with one key", "Which of them the other side's record belongs to cannot be known, so none is written."},
		{CodeKeyOutside, "key held by a row outside the filter", "Creating the record would make a second row with the same key."},
		{CodeDeletedInSync, "row deleted during the initial sync", "Deletes are carried over by live synchronisation only, which decides about it once it begins."},
		{CodeServiceRefused, "record refused by the service", "The service's own rules do not take the record; the others are not held up by it."},
		{CodeKeyTaken, "key taken by another row", "A row that dw did not find by its key holds it."},
		{CodeRowGone, "row to update is gone", "Somebody deleted it after it was read; live synchronisation decides about the delete once it begins."},
		{CodeRowVanished, "created row is not there", "The service accepted it, but a later read does not find it."},
		{CodeTooManyErrors, "more failed records than max_errors or max_error_rate allows", "The limit is a gate: maps that build on this one were not begun."},
		{CodeGateDiffers, "records that were agreed are not equal when read again", "What was built on them would be built on something else than the plan says."},
		{CodeUnanswered, "write that is never answered", "The service takes other writes and does not answer this one, however often it is sent; the others are not held up by it."},
	}
}
