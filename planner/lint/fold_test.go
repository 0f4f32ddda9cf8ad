package lint

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/planner/internal/fixture"
)

// TestFold: what all instances of a block have in common is said once, of the
// block; what one of them has stays its own.
func TestFold(t *testing.T) {
	many := `"USMF", "DEMF"`
	for i := range 20 {
		many += fmt.Sprintf(`, "k%02d"`, i)
	}
	for keys, says := range map[string]string{
		`["USMF", "DEMF"]`: `It is so in 2 instances: ["DEMF"], ["USMF"].`,
		`["USMF"]`:         "",
		"[" + many + "]":   `It is so in 22 instances: ["DEMF"], ["USMF"], ["k00"], ["k01"], ["k02"], ["k03"] and 16 more.`,
	} {
		text := strings.Replace(only(t, "groups"), "map \"groups\" {", "map \"groups\" {\n  for_each = "+keys, 1)
		cat := fixture.Schema()
		pending := func(c *schema.Catalog) { dataverse(t, c, "msdyn_customergroups").Keys[0].Status = "Pending" }
		pending(cat)
		var found diag.List
		for _, d := range Check(fixture.Load(t, text), cat) {
			if d.Code == diag.CodeKeyWithoutKey {
				found = append(found, d)
			}
		}
		if len(found) != 1 || strings.Contains(found[0].Address+found[0].Summary, "[") != (says == "") || !strings.HasSuffix(found[0].Detail, says) {
			t.Errorf("%.40s: %+v", keys, found)
		}
	}
}

// TestKeyThatIsMisspelt: of a column that is not there one mistake is told, not also
// that no alternate key has it.
func TestKeyThatIsMisspelt(t *testing.T) {
	var codes []string
	for _, d := range Check(fixture.Load(t, strings.Replace(only(t, "groups"), `"msdyn_groupid"`, `"msdyn_grupid"`, 1)), fixture.Schema()) {
		codes = append(codes, d.Code)
	}
	if !slices.Contains(codes, diag.CodeUnknownColumn) || slices.Contains(codes, diag.CodeKeyWithoutKey) {
		t.Errorf("%q", codes)
	}
}

func TestFoldKeepsWhatDiffers(t *testing.T) {
	at := diag.Range{File: "a.dw.hcl"}
	list := diag.List{
		{Code: "DW201", Summary: `map.a["x"] lacks 1`, Address: `map.a["x"]`, Subject: at},
		{Code: "DW201", Summary: `map.a["y"] lacks 2`, Address: `map.a["y"]`, Subject: at},
		{Code: "DW201", Summary: "lacks", Address: `map.a["x"]`, Subject: at, Fix: &diag.Fix{NewText: "x"}},
		{Code: "DW201", Summary: "lacks", Address: `map.a["y"]`, Subject: at, Fix: &diag.Fix{NewText: "y"}},
		{Code: "DW201", Summary: "no place", Address: `map.a["x"]`},
		{Code: "DW201", Summary: "no place", Address: `map.a["y"]`},
		{Code: "DW201", Summary: "twice", Address: `map.a["x"]`, Subject: at},
		{Code: "DW201", Summary: "twice", Address: `map.a["x"]`, Subject: at},
	}
	if got := fold(list); len(got) != len(list) {
		t.Errorf("%d of %d are left: %+v", len(got), len(list), got)
	}
	both := diag.List{
		{Code: "DW201", Summary: `module.m["k"].map.a["x"] refers to map.b["x"]`, Address: `module.m["k"].map.a["x"]`, Subject: at, Fix: &diag.Fix{NewText: "z"}},
		{Code: "DW201", Summary: `module.m["k"].map.a["y"] refers to map.b["y"]`, Address: `module.m["k"].map.a["y"]`, Subject: at, Fix: &diag.Fix{NewText: "z"}},
	}
	if got := fold(both); len(got) != 1 || got[0].Summary != "module.m.map.a refers to map.b" || got[0].Detail != `It is so in 2 instances: ["k"]["x"], ["k"]["y"].` || got[0].Fix == nil {
		t.Errorf("%+v", got)
	}
}
