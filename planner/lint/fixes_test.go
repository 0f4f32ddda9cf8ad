package lint

import (
	"testing"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/planner/internal/fixture"
)

// TestFixes carries a fix out: the finding is gone then, and nothing else has
// come.
func TestFixes(t *testing.T) {
	for name, c := range map[string]struct {
		code, text string
		certain    bool
	}{
		"lookup's column":       {diag.CodeLookupColumn, fixture.Edit(t, `"msdyn_customergroupid.msdyn_groupid"`, `"msdyn_customergroupid.msdyn_groupidd"`), true},
		"lookup's column, case": {diag.CodeLookupColumn, fixture.Edit(t, `"msdyn_customergroupid.msdyn_groupid"`, `"msdyn_customergroupid.groupid"`), false},
		"in":                    {diag.CodeFilter, fixture.Edit(t, `"PartyType eq 'Organization'"`, `"PartyType in ('Organization')"`), true},
		"=":                     {diag.CodeFilter, fixture.Edit(t, `"PartyType eq 'Organization'"`, `"PartyType = 'Organization'"`), true},
	} {
		t.Run(name, func(t *testing.T) {
			before := map[string]int{}
			var fix *diag.Fix
			for _, d := range Check(fixture.Load(t, c.text), fixture.Schema()) {
				before[d.Code]++
				if d.Code == c.code {
					fix = d.Fix
				}
			}
			if fix == nil || fix.Certain != c.certain {
				t.Fatalf("fix %+v of %v", fix, before)
			}
			mended := c.text[:fix.Range.Start.Byte] + fix.NewText + c.text[fix.Range.End.Byte:]
			for _, d := range Check(fixture.Load(t, mended), fixture.Schema()) {
				if d.Severity == diag.Error {
					t.Errorf("after %q: %s %s", fix.NewText, d.Code, d.Summary)
				}
			}
		})
	}
}
