package diag

import (
	"regexp"
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
	} {
		for _, c := range codes {
			if !strings.HasPrefix(c.Code, area) {
				t.Errorf("%s stands in the slice of area %sxx", c.Code, area)
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
