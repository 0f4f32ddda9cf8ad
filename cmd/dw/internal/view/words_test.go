package view

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/dualwrite/dw/planner/plan"
	"github.com/dualwrite/dw/runtime/report"
)

// TestWordEdits: the pieces of both lines are the lines, and what is not marked
// is the same in both.
func TestWordEdits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := rapid.StringOfN(rapid.RuneFrom([]rune("ab_1 =\"é東")), 0, 30, -1)
		before, after := line.Draw(t, "before"), line.Draw(t, "after")
		old, new, _ := wordEdits(before, after)
		whole := func(list []piece, all bool) string {
			var b strings.Builder
			for _, p := range list {
				if all || !p.changed {
					b.WriteString(p.text)
				}
			}
			return b.String()
		}
		if before != "" && after != "" && (whole(old, true) != before || whole(new, true) != after || whole(old, false) != whole(new, false)) {
			t.Fatalf("%q and %q became %v and %v", before, after, old, new)
		}
	})
}

// TestDifferenceText: words that changed are marked, with colours and without;
// lines that have nothing in common are not.
func TestDifferenceText(t *testing.T) {
	d := report.Diff{
		From: "map.customers@3", To: "map.customers@5",
		FromText: "map \"customers\" {\n  fno       = \"CustomersV3\"\n  dataverse = \"accounts\"\n  fields \"both\" {\n    OrganizationName = \"name\"\n    Odd = \"a\x1b[2Jb\"\n  }\n}\n",
		ToText:   "map \"customers\" {\n  fno       = \"CustomersV4\"\n  dataverse = \"accounts\"\n  fields \"to_dataverse\" {\n    OrganizationName = \"fullname\"\n    Odd = \"a\x1b[2Jc\"\n    X = \"y\"\n  }\n}\n",
	}
	for name, o := range map[string]Options{"difference": {}, "difference.color": {Color: true}} {
		var b bytes.Buffer
		if err := Difference(&b, d, o); err != nil {
			t.Fatal(err)
		}
		checkGolden(t, name, b.Bytes(), 80)
	}
}

func TestCountedText(t *testing.T) {
	for want, n := range map[string]plan.Counted{
		"counted: creates and updates nothing; 0 equal":                                                                  {},
		"counted: creates 1,200 in Dataverse, 3 in F&O; updates 4 in Dataverse, 5 in F&O; 6 equal; 7 would not get over": {CreatesDataverse: 1200, CreatesFnO: 3, UpdatesDataverse: 4, UpdatesFnO: 5, Equal: 6, Failing: 7},
		"counted: creates 3 in F&O; updates 4 in Dataverse; 0 equal":                                                     {CreatesFnO: 3, UpdatesDataverse: 4},
	} {
		if got := countedText(n); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
