package diag

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestCodes(t *testing.T) {
	form := regexp.MustCompile(`^DW[0-9]{3}$`)
	seen := map[string]bool{}
	for _, c := range Codes() {
		if !form.MatchString(c.Code) {
			t.Errorf("code %q is not DW and three digits", c.Code)
		}
		if seen[c.Code] {
			t.Errorf("code %s is given twice", c.Code)
		}
		seen[c.Code] = true
		if c.Title == "" || strings.HasSuffix(c.Title, ".") {
			t.Errorf("%s: title %q must be a phrase without a full stop", c.Code, c.Title)
		}
		if !strings.HasSuffix(c.Why, ".") {
			t.Errorf("%s: why %q must be a sentence", c.Code, c.Why)
		}
	}
	for area, codes := range map[string][]CodeInfo{
		"DW0": structureCodes(), "DW1": referenceCodes(), "DW2": lintCodes(), "DW3": planCodes(),
		"DW4": connectionCodes(), "DW5": valueCodes(), "DW6": recordCodes(),
		"DW7": slices.Concat(ruleACodes(), ruleBCodes(), ruleFitCodes()),
	} {
		for _, c := range codes {
			if !strings.HasPrefix(c.Code, area) {
				t.Errorf("%s stands in the slice of area %sxx", c.Code, area)
			}
		}
	}
	for _, area := range []struct {
		from, to string
		codes    []CodeInfo
	}{{"DW700", "DW739", ruleACodes()}, {"DW740", "DW769", ruleBCodes()}, {"DW770", "DW799", ruleFitCodes()}} {
		for _, c := range area.codes {
			if c.Code < area.from || c.Code > area.to {
				t.Errorf("%s does not lie between %s and %s", c.Code, area.from, area.to)
			}
		}
	}
	if _, ok := Lookup(CodeUnknownReference); !ok {
		t.Errorf("Lookup(%s) finds nothing", CodeUnknownReference)
	}
	if _, ok := Lookup("DW999"); ok {
		t.Error("Lookup(DW999) finds something")
	}
}
