package diag

// Codes of plan and state.
const (
	CodePlanUnreadable = "DW301"
	CodePlanAltered    = "DW302"
	CodePlanStale      = "DW303"
	CodeUnknownLink    = "DW304"
)

// planCodes gives the codes of DW3xx, plan and state.
func planCodes() []CodeInfo {
	return []CodeInfo{
		{CodePlanUnreadable, "saved plan cannot be read", "Only a plan that was made by dw and is read as a whole may be carried out."},
		{CodePlanAltered, "saved plan was changed", "What would be carried out is not what was shown for review."},
		{CodePlanStale, "saved plan is stale", "The state or the schema has moved since the plan was made, so its consequences are no longer what it says."},
		{CodeUnknownLink, "link to plan for does not exist", "A plan is the difference between the maps of one link and what is deployed for it."},
	}
}
