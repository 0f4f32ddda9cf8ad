package dataverse

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestReplica keeps a copy of a table by tracked reads alone, while rows are
// written between all of its pages, and compares it with the table in the end.
func TestReplica(t *testing.T) {
	b := newBench(t)
	rapid.Check(t, func(rt *rapid.T) {
		for _, table := range []string{"contacts", "deleted"} {
			if _, err := b.twin.DB().Exec("DELETE FROM " + table); err != nil {
				rt.Fatal(err)
			}
		}
		replica := map[string]any{}
		write := func() {
			for range rapid.IntRange(0, 3).Draw(rt, "writes") {
				path := fmt.Sprintf("contacts(00000000-0000-4000-9000-%012x)", rapid.IntRange(0, 9).Draw(rt, "row"))
				if rapid.Bool().Draw(rt, "delete") {
					b.do("DELETE", path, "")
				} else {
					b.do("PATCH", path, fmt.Sprintf(`{"fullname":"%d"}`, rapid.IntRange(0, 99).Draw(rt, "name"))).want(t, 204)
				}
			}
		}
		link := "contacts?$select=fullname"
		prefer := fmt.Sprintf("Prefer: odata.track-changes,odata.maxpagesize=%d", rapid.IntRange(1, 4).Draw(rt, "page"))
		read := func() {
			for done := false; !done; {
				write()
				a := b.do("GET", link, "", prefer).want(t, 200)
				for _, v := range a.values(t) {
					if v["reason"] == "deleted" {
						delete(replica, v["id"].(string))
					} else {
						replica[v["contactid"].(string)] = v["fullname"]
					}
				}
				if link = next(a, t); link == "" {
					link, done = deltaLink(a, t), true
				}
			}
		}
		write()
		for range 3 {
			read()
		}
		// No more writes: one more round and the copy is the table.
		for at := link; at != ""; {
			a := b.do("GET", at, "", prefer).want(t, 200)
			for _, v := range a.values(t) {
				if v["reason"] == "deleted" {
					delete(replica, v["id"].(string))
				} else {
					replica[v["contactid"].(string)] = v["fullname"]
				}
			}
			at = next(a, t)
		}
		table := map[string]any{}
		for _, v := range b.do("GET", "contacts?$select=fullname", "").values(t) {
			table[v["contactid"].(string)] = v["fullname"]
		}
		if !maps.Equal(table, replica) {
			rt.Fatalf("the table has %v, the copy %v", table, replica)
		}
	})
}

// FuzzRequest sends any address and body: never a panic, never an error of the
// twin itself.
func FuzzRequest(f *testing.F) {
	b := newBench(f)
	b.load(3)
	for _, seed := range []struct{ method, path, query, body string }{
		{"GET", "accounts", "$select=name&$filter=contains(name,'a')&$orderby=name&$top=2", ""},
		{"GET", "accounts(accountnumber='x',_msdyn_company_value=" + guidA + ")", "$expand=msdyn_Company($select=cdm_name)", ""},
		{"PATCH", "contacts(number='x')", "", `{"fullname":"x"}`},
		{"POST", "accounts/Microsoft.Dynamics.CRM.UpsertMultiple", "tag=x", `{"Targets":[{"@odata.type":"Microsoft.Dynamics.CRM.account","@odata.id":"accounts(` + guidA + `)"}]}`},
		{"GET", "EntityDefinitions(LogicalName='account')/Attributes", "$select=LogicalName", ""},
		{"GET", "EntityDefinitions(LogicalName='account')/Attributes", "$filter=AttributeType eq Microsoft.Dynamics.CRM.AttributeTypeCode'Money' and RequiredLevel/Value ne null", ""},
		{"GET", "RelationshipDefinitions(SchemaName='x')/Microsoft.Dynamics.CRM.OneToManyRelationshipMetadata", "$select=SchemaName", ""},
		{"GET", "accounts(" + guidA + ")/ownerid/$ref", "", ""},
		{"GET", "contacts(" + guidB + ")/parentcustomerid_account", "$select=name", ""},
		{"GET", "RetrieveMetadataChanges(Query=@p1)", `@p1={"Criteria":{"FilterOperator":"Or"}}`, ""},
		{"GET", "accounts", "$deltatoken=1!01/01/2026 00:00:00&$skiptoken=x", ""},
		{"PUT", "accounts(" + guidA + ")/primarycontactid/$ref", "", `{"@odata.id":"contacts(x)"}`},
	} {
		f.Add(seed.method, seed.path, seed.query, seed.body)
	}
	f.Fuzz(func(t *testing.T, method, path, query, body string) {
		r := httptest.NewRequest(http.MethodGet, "/api/data/v9.2/", strings.NewReader(body))
		r.Method, r.URL = method, &url.URL{Path: "/api/data/v9.2/" + path, RawQuery: query}
		w := httptest.NewRecorder()
		b.twin.ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Errorf("%s %s?%s: %d %s", method, path, query, w.Code, w.Body)
		}
	})
}
