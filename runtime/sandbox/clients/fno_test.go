package clients

import (
	"fmt"
	"testing"
)

// fnoTerms is how many payment terms fno-pages.mjs finds: more than two pages
// of them.
const fnoTerms = 21_000

func TestClientsFnO(t *testing.T) {
	r := newRig(t)
	const across = "cross-company=true"
	base := r.Addresses().FnO
	group := func(company, id string) string {
		return "/data/CustomerGroups(dataAreaId='" + company + "',CustomerGroupId='" + id + "')"
	}

	t.Run("metadata", func(t *testing.T) {
		r.run(t, "fno-metadata.mjs")
	})
	t.Run("rows", func(t *testing.T) {
		r.run(t, "fno-rows.mjs")
		r.has(t, base, group("usmf", "CL00"), across, map[string]any{"Description": "Group 0", "IsSalesTaxIncludedInPrice": "Yes"})
		r.has(t, base, group("demf", "CL00"), across, map[string]any{"Description": "Changed there"})
		r.has(t, base, group("usmf", "CL01"), across, map[string]any{"Description": "Changed", "IsSalesTaxIncludedInPrice": "Yes"})
		r.has(t, base, group("usmf", "CL02"), across, map[string]any{"Description": "Group 2"})
		r.has(t, base, group("usmf", "CL03"), across, map[string]any{"Description": "First"})
		r.has(t, base, group("dat", "CLDAT"), "", map[string]any{"Description": "Own company"})
		r.missing(t, base, group("usmf", "CL04"), across)
		r.missing(t, base, group("usmf", "CL99"), across)
		r.missing(t, base, group("usmf", "CLX"), across)
		r.lists(t, base, "/data/CustomerGroups", across+"&$filter=Description eq 'everything' or Description eq 'never' or Description eq 'Second'", "CustomerGroupId")
		r.lists(t, base, "/data/CustomersV3", across+"&$filter=OrganizationName eq 'Client of a client'", "OrganizationName", "Client of a client")
	})
	t.Run("pages", func(t *testing.T) {
		if testing.Short() {
			t.Skip("pages of the service's own size take many rows")
		}
		rows := make([]map[string]any, fnoTerms)
		for i := range rows {
			rows[i] = map[string]any{"dataAreaId": "usmf", "Name": fmt.Sprintf("CL-P%05d", i)}
		}
		if err := r.FnO().Load(t.Context(), "PaymentTerms", rows); err != nil {
			t.Fatal(err)
		}
		r.run(t, "fno-pages.mjs")
	})
	t.Run("batch", func(t *testing.T) {
		r.run(t, "fno-batch.mjs")
		r.lists(t, base, "/data/CustomerGroups", across+"&$filter=CustomerGroupId eq 'CLB*'&$orderby=CustomerGroupId", "CustomerGroupId", "CLB1", "CLB3", "CLB4")
		r.has(t, base, group("usmf", "CLB1"), across, map[string]any{"Description": "Changed in the batch"})
	})
}
