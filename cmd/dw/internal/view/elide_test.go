package view

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestElide(t *testing.T) {
	before := "OnHoldStatus = msdyn_onholdstatus; values {All = 806380002, Invoice = 806380001, Never = 806380005, No = 806380000, Payment = 806380003, Requisition = 806380004}, else to_dataverse null"
	after := strings.Replace(before, "Requisition", "PurchOrder = 806380002, Requisition", 1)
	b, a := elide(before, after)
	if want := "OnHoldStatus = msdyn_onholdstatus; values {All = 806380002, …"; b != want {
		t.Errorf("before: %s", b)
	}
	want := "OnHoldStatus = msdyn_onholdstatus; values {All = 806380002, …, Payment = 806380003, PurchOrder = 806380002, Requisition = 806380004}, …"
	if a != want {
		t.Errorf("after: %s", a)
	}
	if b, a := elide("short", after); b != "short" || a != after {
		t.Errorf("a short text is elided: %s, %s", b, a)
	}
}

// What differs is never left out.
func TestElideKeepsWhatDiffers(t *testing.T) {
	member := rapid.StringMatching(`[a-e]{20}`)
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(member, 5, 30)
		b, a := list.Draw(t, "before"), list.Draw(t, "after")
		shownB, shownA := elide(strings.Join(b, ", "), strings.Join(a, ", "))
		for _, c := range []struct {
			own, other []string
			shown      string
		}{{b, a, shownB}, {a, b, shownA}} {
			for _, m := range c.own {
				if !slices.Contains(c.other, m) && !strings.Contains(c.shown, m) {
					t.Fatalf("%q is left out of %q", m, c.shown)
				}
			}
		}
	})
}
