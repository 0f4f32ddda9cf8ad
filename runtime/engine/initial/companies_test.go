package initial_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dualwrite/dw/runtime/engine/enginetest"
	"github.com/dualwrite/dw/runtime/report"
)

// TestProgressOfCompanies: while the records of a map are handled, it is told
// how far each company is, one after the other; at the end all of them are done,
// with what failed in each.
func TestProgressOfCompanies(t *testing.T) {
	w := enginetest.New(t, enginetest.Config)
	for i := range 7 {
		w.Customer("USMF", fmt.Sprintf("U%d", i), values{"Email": text("a@x")})
	}
	for i := range 5 {
		w.Customer("DEMF", fmt.Sprintf("D%d", i), values{"Email": text("a@x")})
	}
	w.Account("DEMF", "D0", values{"name": text("Name D0")})
	w.Customer("DEMF", "D9", values{"OrganizationName": text(strings.Repeat("x", 51))})
	var told []report.Progress
	w.Env.Batch, w.Env.Progress = 2, func(p report.Progress) {
		if p.Company != "" {
			told = append(told, p)
		}
	}
	mustJoin(w, "companies", "customers")
	var order []string
	done := map[string]int64{}
	for _, p := range told {
		if p.Map != "customers" || p.Phase != "write" {
			t.Errorf("map %s, which has no companies, or phase %s: %+v", p.Map, p.Phase, p)
		}
		if !slices.Contains(order, p.Company) {
			order = append(order, p.Company)
		}
		for _, c := range p.Companies {
			if c.Done < done[c.Company] || c.Done > c.Total {
				t.Errorf("%s goes from %d to %d of %d", c.Company, done[c.Company], c.Done, c.Total)
			}
			done[c.Company] = c.Done
		}
	}
	if !slices.Equal(order, []string{"DEMF", "USMF"}) {
		t.Errorf("companies in the order %v", order)
	}
	if len(told) == 0 {
		t.Fatal("no company is told of")
	}
	last := told[len(told)-1].Companies
	if want := []report.CompanyProgress{{Company: "DEMF", Done: 6, Total: 6, Failed: 1}, {Company: "USMF", Done: 7, Total: 7}}; !slices.Equal(last, want) {
		t.Errorf("at the end %+v, want %+v", last, want)
	}
	if n := len(w.Dataverse.Rows("accounts")); n != 12 {
		t.Errorf("%d accounts", n)
	}
}
