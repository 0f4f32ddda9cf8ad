package lint

import (
	"fmt"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
)

// Markdown renders the catalogue of everything that lint finds.
func Markdown() string {
	var b strings.Builder
	b.WriteString(`# What lint finds

<!-- Written from the rules of planner/lint by its tests: DW_UPDATE=1 go test ./planner/lint -->

These are the mistakes that the text of a configuration alone does not show: they need the schema of both sides, which
` + "`dw schema pull`" + ` writes to ` + "`dw.schema.json`" + `, or several maps together. ` + "`dw validate`, `dw plan` and `dw apply`" + ` look for all of them
in one run and stop at errors.

A warning or a notice that is known and accepted is silenced by a comment above the block, field or attribute that it points at:

    # dw:ignore DW257 a plug-in of the server fills the column
    map "units" { ... }

The reason is required. A note that silences nothing is a finding itself; errors cannot be silenced.

| code | severity | what is wrong |
| --- | --- | --- |
`)
	rules := Rules()
	for _, r := range rules {
		fmt.Fprintf(&b, "| [%s](#%s) | %s | %s |\n", r.Code, strings.ToLower(r.Code), r.Severity, r.Title)
	}
	b.WriteString("\n## Maps, keys and environments\n")
	for _, r := range rules {
		fmt.Fprintf(&b, "\n### %s\n\n**%s** (%s). %s\n\n%s\n\n```hcl\n%s\n```\n", r.Code, sentence(r.Title), r.Severity, r.Why, r.Mend, r.Example)
	}
	b.WriteString("\n## Inside one map\n\nThese are found when a map is compiled against the schema of its two tables.\n\n" +
		"| code | what is wrong | why it matters |\n| --- | --- | --- |\n")
	described := map[string]bool{}
	for _, r := range rules {
		described[r.Code] = true
	}
	for _, c := range diag.Codes() {
		if strings.HasPrefix(c.Code, "DW2") && !described[c.Code] {
			fmt.Fprintf(&b, "| %s | %s | %s |\n", c.Code, c.Title, c.Why)
		}
	}
	return b.String()
}

func sentence(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
