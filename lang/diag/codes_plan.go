package diag

// Codes of plan and state.
const (
	CodePlanUnreadable = "DW301"
	CodePlanAltered    = "DW302"
	CodePlanStale      = "DW303"
	CodeUnknownLink    = "DW304"
	CodePolicyDenied   = "DW305"
	CodeNeedsApproval  = "DW306"
	CodeOtherApproved  = "DW307"
	CodeNotCompared    = "DW308"
	CodeMovedIdle      = "DW309"
)

// planCodes gives the codes of DW3xx, plan and state.
func planCodes() []CodeInfo {
	return []CodeInfo{
		{CodePlanUnreadable, "saved plan cannot be read", "Only a plan that was made by dw and is read as a whole may be carried out."},
		{CodePlanAltered, "saved plan was changed", "What would be carried out is not what was shown for review."},
		{CodePlanStale, "saved plan is stale", "The state, the schema or the configuration has moved since the plan was made, so its consequences are no longer what it says."},
		{CodeUnknownLink, "link to plan for does not exist", "A plan is the difference between the maps of one link and what is deployed for it."},
		{CodePolicyDenied, "policy denies the plan", "Who wrote the policy has said that such a plan is not to be carried out."},
		{CodeNeedsApproval, "policy asks for approval", "A person has to look at the plan before it is carried out; a pipeline's own yes is not enough."},
		{CodeOtherApproved, "not the plan that was approved", "Something has changed since the plan was approved, and nobody has looked at what it would do now."},
		{CodeNotCompared, "saved plan not compared with a configuration", "The folder has no maps, so that nobody can tell whether they are still what the plan carries out."},
		{CodeMovedIdle, "moved block finds nothing to move", "Neither the old name nor the new one is deployed, so that what has the new name begins anew: a misspelt old name would lose what was agreed of the records."},
	}
}
