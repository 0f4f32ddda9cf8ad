package preflight

import (
	"github.com/dualwrite/dw/lang/diag"
)

// Cause is why a record would not get over as it is.
type Cause string

// The causes.
const (
	RequiredMissing  Cause = "required_missing"
	TextTooLong      Cause = "text_too_long"
	BadCharacter     Cause = "bad_character"
	NumberRange      Cause = "number_out_of_range"
	DateRange        Cause = "date_out_of_range"
	EnumUnmapped     Cause = "enum_unmapped"
	ValueUnfit       Cause = "value_unfit"
	ReferenceMissing Cause = "reference_missing"
	KeyEmpty         Cause = "key_empty"
	KeyDuplicate     Cause = "key_duplicate"
	KeyOutside       Cause = "key_outside_filter"
	BlankOverValue   Cause = "blank_over_value"
	NotWritable      Cause = "not_writable"
	FollowUp         Cause = "follow_up"

	PrecisionLost  Cause = "precision_lost"
	NumberClash    Cause = "number_clash"
	ServerNumbers  Cause = "number_sequence"
	CompanyMissing Cause = "company_missing"
	CompanyWrong   Cause = "company_wrong"

	NotCreated Cause = "not_created"
	Other      Cause = "other"
)

// Info describes a cause.
type Info struct {
	Cause    Cause
	Title    string
	Severity diag.Severity
	Codes    []string // of the engine's own reasons that have this cause
}

// Causes describes all causes, the worst first.
func Causes() []Info {
	return []Info{
		{RequiredMissing, "required value missing", diag.Error, []string{diag.CodeValueMissing}},
		{TextTooLong, "text too long", diag.Error, []string{diag.CodeTooLong}},
		{BadCharacter, "invalid character", diag.Error, []string{diag.CodeCharacter}},
		{NumberRange, "number out of range", diag.Error, []string{diag.CodeOutOfRange, diag.CodeNotANumber, diag.CodeFraction}},
		{DateRange, "date out of range", diag.Error, []string{diag.CodeDateRange}},
		{EnumUnmapped, "value without a mapping", diag.Error, []string{diag.CodeNotInValueMap, diag.CodeNoSuchMember, diag.CodeNoSuchOption}},
		{ValueUnfit, "value cannot be converted", diag.Error, []string{diag.CodeWrongKind, diag.CodeExpression, diag.CodeWrongReference}},
		{ReferenceMissing, "reference to a record that is on neither side", diag.Error, []string{diag.CodeReferenceMissing, diag.CodeReferenceOwed}},
		{KeyEmpty, "key empty", diag.Error, []string{diag.CodeNoKey, diag.CodeNoKeyForCreate, diag.CodeKeyLost}},
		{KeyDuplicate, "several rows with one key", diag.Error, []string{diag.CodeDuplicateKey}},
		{KeyOutside, "key taken by a row outside of the filter", diag.Error, []string{diag.CodeKeyOutside, diag.CodeOtherScope, diag.CodeKeyMoved}},
		{BlankOverValue, "nothing would replace a value", diag.Error, []string{diag.CodeBlankOverValue}},
		{FollowUp, "waits for a record that fails", diag.Error, []string{diag.CodeFollowsFailure}},
		{Other, "would not get over", diag.Error, nil},
		{NumberClash, "one number for two different things", diag.Warning, []string{diag.CodeNumberClash}},
		{PrecisionLost, "decimals would be lost", diag.Warning, []string{diag.CodePrecisionLost}},
		{ServerNumbers, "number that the server gives itself", diag.Warning, []string{diag.CodeServerNumbers}},
		{CompanyMissing, "row without a company", diag.Warning, []string{diag.CodeNoCompany}},
		{CompanyWrong, "row of a company that cannot be told", diag.Warning, []string{diag.CodeUnknownCode}},
		{NotWritable, "difference that stays", diag.Notice, []string{diag.CodeNotWritable, diag.CodeAccepted}},
		{NotCreated, "on one side only, and the map does not create it", diag.Notice, []string{diag.CodeNotCreated}},
	}
}

// infoOf finds what a code of a diagnostic is caused by.
func infoOf(code string) (Info, int) {
	all := Causes()
	other := 0
	for i, c := range all {
		if c.Cause == Other {
			other = i
		}
		for _, x := range c.Codes {
			if x == code {
				return c, i
			}
		}
	}
	return all[other], other
}
