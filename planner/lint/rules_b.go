package lint

// rulesB gives the rules of filters, mastering and writers.
func rulesB() []Rule {
	return []Rule{
		filterColumn(), filterValue(), filterRange(), filterNull(), filterNever(), filterAlways(),
		filterUnmapped(), filterCreates(), filterLeaves(),
		wrongMaster(), idleConflict(), lastWriter(), idleViolation(), togetherMasters(),
		constantEdits(), cascade(),
	}
}
