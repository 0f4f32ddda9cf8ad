package lint

import (
	"fmt"
	"slices"
	"strings"
)

const writtenByTests = "<!-- Written from the rules of planner/lint by its tests: DW_UPDATE=1 go test ./planner/lint -->\n\n"

// Find gives the rule of a code.
func Find(code string) (Rule, bool) {
	rules := Rules()
	at := slices.IndexFunc(rules, func(r Rule) bool { return r.Code == code })
	if at < 0 {
		return Rule{}, false
	}
	return rules[at], true
}

// Index renders the list of everything that lint finds, by group.
func Index() string {
	var b strings.Builder
	b.WriteString("# What lint finds\n\n" + writtenByTests + `These are the mistakes that the text of a configuration alone does not show: they need the schema of both sides, which
` + "`dw schema pull`" + ` writes to ` + "`dw.schema.json`" + `, or several maps together. ` + "[`dw lint`](linting.md)" + ` shows all of them in one run;
` + "`dw validate`, `dw plan` and `dw apply`" + ` look for them too and stop at errors. ` + "`dw lint -explain CODE`" + ` prints the page of a rule.

A warning or a notice that is known and accepted is silenced by a [note](linting.md#notes); errors cannot be silenced.
[Which checks of dual-write they replace](lint-dual-write.md).
`)
	rules := Rules()
	for _, g := range Groups() {
		fmt.Fprintf(&b, "\n## %s\n\n%s `-only %s` looks for these alone.\n\n| code | severity | what is wrong |\n| --- | --- | --- |\n", g.Title, g.About, g.Name)
		for _, r := range rules {
			if r.Group == g.Name {
				fmt.Fprintf(&b, "| [%s](lint/%s.md) | %s | %s |\n", r.Code, r.Code, r.Severity, r.Title)
			}
		}
	}
	return b.String()
}

// Page renders the documentation of a rule.
func Page(r Rule) (string, error) {
	f, err := FixtureOf(r.Code)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# %s: %s\n\n%s%s in the group [%s](../lint.md#%s).\n", r.Code, r.Title, writtenByTests, sentence(r.Severity.String()), r.Group, anchor(r.Group))
	fmt.Fprintf(&b, "\n## Why it hurts\n\n%s\n\n## How to mend it\n\n%s\n", r.Why, r.Mend)
	fmt.Fprintf(&b, "\n## Wrong\n\n```hcl\n%s```\n", f.Wrong)
	fmt.Fprintf(&b, "\n## Right\n\n```hcl\n%s```\n", f.Right)
	if len(r.Replaces) > 0 {
		fmt.Fprintf(&b, "\n## In dual-write\n\n%s\n", replacedBy(r))
	}
	return b.String(), nil
}

// replacedBy names the checks of dual-write that find the same mistake.
func replacedBy(r Rule) string {
	var parts []string
	for _, name := range r.Replaces {
		what := ""
		for _, c := range DualWriteChecks() {
			if c.Code == name {
				what = " (" + c.What + ")"
			}
		}
		parts = append(parts, name+what)
	}
	return "It takes the place of " + strings.Join(parts, ", ") + ". [All checks of dual-write](../lint-dual-write.md)."
}

// anchor gives the heading of a group as links name it.
func anchor(group string) string {
	for _, g := range Groups() {
		if g.Name == group {
			return strings.ReplaceAll(strings.ToLower(g.Title), " ", "-")
		}
	}
	return ""
}

func sentence(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
