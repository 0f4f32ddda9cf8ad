package clients

import (
	"fmt"
	"testing"
)

// terms is how many payment terms pages.mjs finds: more than two pages of them.
const terms = 11_000

func TestClientsDataverse(t *testing.T) {
	r := newRig(t)
	const data = "/api/data/v9.2/"
	base := r.Addresses().Dataverse

	t.Run("rows", func(t *testing.T) {
		r.run(t, "rows.mjs")
		company := r.companyID(t)
		by := func(number string) string {
			return data + "accounts(accountnumber='" + number + "',_msdyn_company_value=" + company + ")"
		}
		r.has(t, base, by("CL-1"), "$expand=primarycontactid", map[string]any{
			"name": "Bäckerei „Łódź“ 🥐", "description": nil, "primarycontactid": nil, "statecode": 1.0, "statuscode": 2.0})
		r.has(t, base, by("CL-2"), "", map[string]any{
			"name": "Second, changed", "telephone1": "555-3", "fax": "555-9", "websiteurl": "https://second.example", "statecode": 0.0, "creditlimit": 1250.5})
		r.has(t, base, data+"msdyn_customergroups(msdyn_groupid='CL-G',_msdyn_company_value="+company+")", "", map[string]any{"msdyn_description": "changed"})
		r.has(t, base, data+"contacts(5b1a0c3e-0000-4000-8000-000000000002)", "", map[string]any{"lastname": "Upserted", "firstname": "Later"})
		r.missing(t, base, data+"contacts(5b1a0c3e-0000-4000-8000-000000000001)", "")
		r.missing(t, base, data+"accounts(00000000-0000-4000-8000-00000000dead)", "")
		r.missing(t, base, data+"contacts(00000000-0000-4000-8000-00000000dead)", "")
		r.lists(t, base, data+"accounts", "$select=name&$orderby=name&$filter=startswith(name,'Bulk ')", "name", "Bulk 1, changed", "Bulk 2, changed", "Bulk 3")
		r.lists(t, base, data+"accounts", "$filter=name eq 'lost' or name eq 'zombie' or name eq 'Twice' or name eq 'undone'", "name")
	})
	t.Run("pages", func(t *testing.T) {
		if testing.Short() {
			t.Skip("pages of the services' own size take many rows")
		}
		rows := make([]map[string]any, terms)
		for i := range rows {
			rows[i] = map[string]any{"msdyn_name": fmt.Sprintf("CL-P%05d", i)}
		}
		if err := r.Dataverse().Load(t.Context(), "msdyn_paymentterms", rows); err != nil {
			t.Fatal(err)
		}
		r.run(t, "pages.mjs")
	})
	t.Run("batch", func(t *testing.T) {
		r.run(t, "batch.mjs")
		r.lists(t, base, data+"accounts", "$select=name&$orderby=name&$filter=startswith(name,'Batch ') or startswith(name,'Kept ')", "name",
			"Batch one", "Batch shown", "Batch two", "Kept one", "Kept two")
		r.lists(t, base, data+"accounts", "$filter=startswith(name,'Undone ') or name eq 'Never reached'", "name")
		r.lists(t, base, data+"contacts", "$filter=startswith(lastname,'Undone ') or startswith(lastname,'Gone ')", "lastname")
	})
	t.Run("changes", func(t *testing.T) {
		r.run(t, "changes.mjs")
		r.lists(t, base, data+"contacts", "$select=lastname&$orderby=lastname&$filter=startswith(lastname,'Tracked') and not startswith(lastname,'Tracked page')", "lastname",
			"Tracked", "Tracked later")
	})
	t.Run("metadata", func(t *testing.T) {
		r.run(t, "metadata.mjs")
		r.lists(t, base, data+"accounts", "$filter=name eq 'Bound by metadata' and msdyn_Company/cdm_companycode eq 'USMF'", "name", "Bound by metadata")
	})
}

// companyID is the id of the company that the scripts write to.
func (r *rig) companyID(t *testing.T) string {
	t.Helper()
	_, row := r.get(t, r.Addresses().Dataverse, "/api/data/v9.2/cdm_companies(cdm_companycode='USMF')", "$select=cdm_companycode")
	id, _ := row["cdm_companyid"].(string)
	if id == "" {
		t.Fatalf("there is no company USMF: %v", row)
	}
	return id
}
