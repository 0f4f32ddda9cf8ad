package diag

import "slices"

// CodeInfo describes a diagnostic code for the documentation. Codes are stable
// once released: a code is never given to another mistake.
type CodeInfo struct {
	Code  string // "DW101"
	Title string // what is wrong, as a noun phrase
	Why   string // why it matters, in one sentence
}

// Codes gives all codes, sorted. Areas: DW0xx syntax and structure, DW1xx
// references and duplicates, DW2xx lint, DW3xx plan and state, DW4xx
// connections and sign-in, DW5xx values, DW6xx records, DW7xx lint again: rules
// of the planner, DW9xx commands.
func Codes() []CodeInfo {
	all := slices.Concat(structureCodes(), referenceCodes(), lintCodes(), ruleCodes(), ruleACodes(), ruleBCodes(), ruleFitCodes(), planCodes(), stateCodes(), connectionCodes(), valueCodes(), recordCodes(), engineCodes(), liveCodes(), preflightCodes(), commandCodes(), dualWriteCodes())
	slices.SortFunc(all, func(a, b CodeInfo) int {
		if a.Code < b.Code {
			return -1
		}
		if a.Code > b.Code {
			return 1
		}
		return 0
	})
	return all
}

// Lookup finds a code.
func Lookup(code string) (CodeInfo, bool) {
	for _, c := range Codes() {
		if c.Code == code {
			return c, true
		}
	}
	return CodeInfo{}, false
}

// Codes of syntax and structure.
const (
	CodeSyntax          = "DW001"
	CodeTooLarge        = "DW002"
	CodeTooDeep         = "DW003"
	CodeNotText         = "DW004"
	CodeNoFiles         = "DW005"
	CodeUnreadable      = "DW006"
	CodeUnknownBlock    = "DW010"
	CodeUnknownAttr     = "DW011"
	CodeMissingAttr     = "DW012"
	CodeLabels          = "DW013"
	CodeRepeatedBlock   = "DW014"
	CodeMissingBlock    = "DW015"
	CodeWrongType       = "DW016"
	CodeNotAllowed      = "DW017"
	CodeNotYet          = "DW018"
	CodeBadName         = "DW019"
	CodeBadExpression   = "DW020"
	CodeIgnoreNote      = "DW021"
	CodeEvaluation      = "DW022"
	CodeRepeatedObjKey  = "DW023"
	CodeConflictingKeys = "DW024"
)

func structureCodes() []CodeInfo {
	return []CodeInfo{
		{CodeSyntax, "syntax error", "What cannot be parsed cannot be checked; the rest of the file is not looked at."},
		{CodeTooLarge, "more than dw takes on", "A file of more than 8 MB, a value of more than 1 MB or expressions that go through millions of steps are a mistake or an attack, and would cost memory and time before anything is known about them."},
		{CodeTooDeep, "nesting too deep", "Brackets or operators nested without end would exhaust the stack of the parser."},
		{CodeNotText, "file is not UTF-8 text", "Names and values would be read wrongly."},
		{CodeNoFiles, "no configuration files", "There is nothing to check, plan or apply."},
		{CodeUnreadable, "file cannot be read", "A configuration with a file missing would look as if its maps had been removed."},
		{CodeUnknownBlock, "unknown block", "A misspelt block would be ignored, and with it everything inside."},
		{CodeUnknownAttr, "unknown attribute", "A misspelt attribute would be ignored, and its default would hold."},
		{CodeMissingAttr, "missing attribute", "Without it the block has no meaning."},
		{CodeLabels, "wrong labels", "The labels of a block name it or choose its kind."},
		{CodeRepeatedBlock, "block given twice", "Only one of the two could hold, and which one would depend on the order of files."},
		{CodeMissingBlock, "missing block", "Without it the surrounding block has no meaning."},
		{CodeWrongType, "value of the wrong type", "Values are never converted silently, so that what stands in the file is what is used."},
		{CodeNotAllowed, "value not allowed", "The attribute takes one of a closed set of values or a value of a certain form."},
		{CodeNotYet, "not in this version", "It is part of the language but not of this version of dw; ignoring it would change what the map means."},
		{CodeBadName, "bad name", "Names are used in references and must be identifiers."},
		{CodeBadExpression, "expression not possible here", "Value expressions are stored with the deployed map and may use only what every version of dw understands."},
		{CodeIgnoreNote, "malformed ignore note", "A note that silences nothing gives false comfort."},
		{CodeEvaluation, "expression cannot be evaluated", "The value of the attribute is not known."},
		{CodeRepeatedObjKey, "key given twice in an object", "The later entry would silently replace the earlier one."},
		{CodeConflictingKeys, "settings exclude each other", "Only one of them can hold, and dw does not guess which."},
	}
}

// Codes of references, duplicates and rules within the configuration.
const (
	CodeUnknownReference   = "DW101"
	CodeDuplicate          = "DW102"
	CodeReferenceKind      = "DW103"
	CodeCycle              = "DW104"
	CodeVariableUnset      = "DW105"
	CodeVariableUndeclared = "DW106"
	CodeUnknownFunction    = "DW107"
	CodeFunctionArguments  = "DW108"
	CodeUnknownName        = "DW109"
	CodeColumnTwice        = "DW110"
	CodeFnOFieldTwice      = "DW111"
	CodeKeyNotMapped       = "DW112"
	CodeFieldNotMapped     = "DW113"
	CodeCompanyTwice       = "DW114"
	CodeCompanyNotInLink   = "DW115"
	CodeLinkUnclear        = "DW116"
	CodeBadVersion         = "DW117"
	CodeVersionUnmet       = "DW118"
	CodePlainSecret        = "DW119"
	CodeSensitiveShown     = "DW120"
	CodeListedTwice        = "DW121"
	CodeModuleFolder       = "DW122"
	CodeModuleRing         = "DW123"
	CodeTooManyInstances   = "DW124"
	CodeCrosswalkFile      = "DW125"
)

func referenceCodes() []CodeInfo {
	return []CodeInfo{
		{CodeUnknownReference, "unknown reference", "Nothing of that name is declared in the folder."},
		{CodeDuplicate, "name declared twice", "Only one of the two could hold, and which one would depend on the order of files."},
		{CodeReferenceKind, "reference not possible here", "The attribute needs another kind of object, or none."},
		{CodeCycle, "locals that need each other", "None of them has a value before the others."},
		{CodeVariableUnset, "variable without a value", "It has no default and no value was given."},
		{CodeVariableUndeclared, "value for an undeclared variable", "A misspelt name would leave the variable that was meant at its default."},
		{CodeUnknownFunction, "unknown function", "The functions are a closed set, so that a map means the same everywhere."},
		{CodeFunctionArguments, "wrong number of arguments", "The function cannot be called like that."},
		{CodeUnknownName, "unknown name in a value expression", "A value expression sees value, record, company, variables and locals only."},
		{CodeColumnTwice, "column written twice", "Two fields of one map would overwrite each other's value in the same Dataverse column."},
		{CodeFnOFieldTwice, "F&O field written twice", "Two fields of one map would overwrite each other's value in the same F&O field."},
		{CodeKeyNotMapped, "key field not mapped", "The key finds a record on the other side, so both sides must hold it."},
		{CodeFieldNotMapped, "field not mapped", "A rule for a field that the map does not carry has no effect."},
		{CodeCompanyTwice, "company listed twice", "A list with repetitions often hides a company that was meant and misspelt."},
		{CodeCompanyNotInLink, "company not in the link", "The map would wait for records of a company that is never read."},
		{CodeLinkUnclear, "no link, or more than one", "The map must know between which environments it keeps records equal."},
		{CodeBadVersion, "bad version or version constraint", "It cannot be compared."},
		{CodeVersionUnmet, "dw does not meet the required version", "The configuration was written for another version and may mean something else in this one."},
		{CodePlainSecret, "secret written in a file", "Who can read the repository can sign in."},
		{CodeSensitiveShown, "sensitive value in a place that is shown", "The value would appear in plans, logs and the state."},
		{CodeListedTwice, "field listed twice", "Two rules for one field contradict each other or hide a misspelt name."},
		{CodeModuleFolder, "folder of a module cannot be used", "Without it the maps of the module are not there, and a plan would take them for removed."},
		{CodeModuleRing, "module that contains itself", "It would go on without end."},
		{CodeTooManyInstances, "too many instances", "More than 10,000 maps out of for_each and modules are a mistake in most cases, such as a list of records in place of one of companies."},
		{CodeCrosswalkFile, "crosswalk file cannot be read", "What it says about existing records would be ignored, and rows be created beside those that are meant."},
	}
}
