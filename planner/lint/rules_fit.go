package lint

// rulesFit gives the rules of going live and of what dual-write fits, and the
// rest.
func rulesFit() []Rule {
	return []Rule{
		requiredField(), duplicateRules(), stepWithoutTag(),
		fitMirror(), fitAnalytics(), fitOneOff(), fitRouting(), fitWide(), fitDocument(),
		crosswalkColumns(), crosswalkRows(), matchNotUnique(),
	}
}
