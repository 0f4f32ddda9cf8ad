package fno_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/dualwrite/dw/runtime/sandbox/fno"
)

func TestCollection(t *testing.T) {
	s := start(t)
	a := s.must(200, "GET", groups+"?cross-company=true&$count=true", "")
	if got := a.header.Get("Content-Type"); got != "application/json; odata.metadata=minimal" {
		t.Errorf("content type %q", got)
	}
	if got := a.header.Get("OData-Version"); got != "4.0" {
		t.Errorf("OData-Version %q", got)
	}
	want := compact(t, `{"@odata.context":"`+s.URL+`/data/$metadata#CustomerGroups","@odata.count":3,"value":[
		{"@odata.etag":"W/\"JzEsNTYzNzE0NDU3Nic=\"","dataAreaId":"usmf","CustomerGroupId":"10","Description":"Wholesale","IsSalesTaxIncludedInPrice":"Yes"},
		{"@odata.etag":"W/\"JzEsNTYzNzE0NDU3Nyc=\"","dataAreaId":"usmf","CustomerGroupId":"20","Description":"Retail","IsSalesTaxIncludedInPrice":"No"},
		{"@odata.etag":"W/\"JzEsNTYzNzE0NDU3OCc=\"","dataAreaId":"demf","CustomerGroupId":"30","Description":"","IsSalesTaxIncludedInPrice":"No"}]}`)
	if a.body != want {
		t.Errorf("got  %s\nwant %s", a.body, want)
	}
	if n := s.log.Entries()[0].Rows; n != 3 {
		t.Errorf("the log counts %d rows", n)
	}
}

func TestQueries(t *testing.T) {
	s := start(t)
	tests := []struct{ query, want string }{
		{"", "10 20"},
		{"cross-company=true", "10 20 30"},
		{"cross-company=true&$filter=dataAreaId eq 'DEMF'", "30"},
		{"$filter=dataAreaId eq 'demf'", ""},
		{"cross-company=true&$filter=Description eq '*a*'", "10 20"},
		{"cross-company=true&$filter=Description eq ''", "30"},
		{"cross-company=true&$filter=Description ne 'retail'", "10 30"},
		{"cross-company=true&$filter=IsSalesTaxIncludedInPrice eq Microsoft.Dynamics.DataEntities.NoYes'No'", "20 30"},
		{"cross-company=true&$filter=(dataAreaId eq 'usmf' and CustomerGroupId gt '10') or dataAreaId eq 'demf'", "20 30"},
		{"cross-company=true&$orderby=CustomerGroupId desc", "30 20 10"},
		{"cross-company=true&$orderby=IsSalesTaxIncludedInPrice,Description desc", "20 30 10"},
		{"cross-company=true&$skip=1&$top=1", "20"},
		{"cross-company=true&$top=0", ""},
	}
	for _, tt := range tests {
		a := s.must(200, "GET", groups+"?"+strings.ReplaceAll(tt.query, " ", "%20"), "")
		var got []string
		for _, row := range a.rows(t) {
			got = append(got, row["CustomerGroupId"].(string))
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: got %v, want %s", tt.query, got, tt.want)
		}
	}
	if a := s.get(groups + "/$count?cross-company=true&$filter=" + url.QueryEscape("CustomerGroupId ne '10'")); a.body != "2" {
		t.Errorf("$count: %s", a.body)
	}
	if a := s.get("/data/Currencies/$count"); a.body != "2" {
		t.Errorf("$count of a global set: %s", a.body)
	}
}

func TestBadQueries(t *testing.T) {
	s := start(t)
	for query, want := range map[string]string{
		"$filter=Other eq 'x'":                       "Could not find a property named 'Other' on type 'Microsoft.Dynamics.DataEntities.CustomerGroup'.",
		"$filter=description eq 'x'":                 "Could not find a property named 'description' on type",
		"$filter=Description eq":                     "expected a property or a literal",
		"$filter=contains(Description,'x')":          "The function 'contains' is not supported.",
		"$filter=IsSalesTaxIncludedInPrice eq 'Yes'": "A binary operator with incompatible types was detected.",
		"$select=Other":                              "Could not find a property named 'Other'",
		"$orderby=Other":                             "Could not find a property named 'Other'",
		"$top=-1":                                    "Invalid value '-1' for $top query option found.",
		"$skip=x":                                    "Invalid value 'x' for $skip",
		"$count=maybe":                               "Invalid value 'maybe' for $count",
		"$apply=x":                                   "The query parameter '$apply' is not supported.",
		"$expand=Other":                              "no navigation property",
		"$top=1&$top=2":                              "specified more than once",
	} {
		a := s.must(400, "GET", groups+"?"+strings.ReplaceAll(query, " ", "%20"), "")
		if got := a.innerMessage(t); !strings.Contains(got, want) {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
	}
}

func TestPaging(t *testing.T) {
	s := start(t, func(o *fno.Options) { o.PageSize = 2 })
	var rows []map[string]any
	for i := range 5 {
		rows = append(rows, map[string]any{"CurrencyCode": fmt.Sprintf("A%d", i)})
	}
	if err := s.twin.Load(t.Context(), "Currencies", rows); err != nil {
		t.Fatal(err)
	}
	follow := func(path string) (codes []string, links []string) {
		for path != "" {
			a := s.must(200, "GET", path, "")
			for _, row := range a.rows(t) {
				codes = append(codes, row["CurrencyCode"].(string))
			}
			path, _ = a.object(t)["@odata.nextLink"].(string)
			links = append(links, strings.TrimPrefix(path, s.URL))
		}
		return codes, links
	}
	codes, links := follow("/data/Currencies?cross-company=true&$orderby=CurrencyCode&$select=CurrencyCode")
	if got := strings.Join(codes, " "); got != "A0 A1 A2 A3 A4 EUR USD" {
		t.Errorf("got %s", got)
	}
	if want := "/data/Currencies?cross-company=true&$orderby=CurrencyCode&$select=CurrencyCode&$skip=2"; links[0] != want {
		t.Errorf("next link %s, want %s", links[0], want)
	}
	codes, links = follow("/data/Currencies?$orderby=CurrencyCode&$top=3&$skip=1")
	if got := strings.Join(codes, " "); got != "A1 A2 A3" || links[0] != "/data/Currencies?$orderby=CurrencyCode&$skip=3&$top=1" {
		t.Errorf("got %s by %v", got, links)
	}
	// Exactly one full page has no next link.
	if _, links = follow("/data/Currencies?$top=2"); len(links) != 1 {
		t.Errorf("links %v", links)
	}
}

func TestSelect(t *testing.T) {
	s := start(t)
	a := s.must(200, "GET", groups+"?$select=Description,CustomerGroupId&$top=1", "")
	want := compact(t, `{"@odata.context":"`+s.URL+`/data/$metadata#CustomerGroups(Description,CustomerGroupId)","value":[
		{"@odata.etag":"W/\"JzEsNTYzNzE0NDU3Nic=\"","Description":"Wholesale","CustomerGroupId":"10"}]}`)
	if a.body != want {
		t.Errorf("got  %s\nwant %s", a.body, want)
	}
}

func TestReadByKey(t *testing.T) {
	s := start(t)
	a := s.must(200, "GET", groups+"(CustomerGroupId='10',dataAreaId='USMF')?$select=Description", "")
	want := compact(t, `{"@odata.context":"`+s.URL+`/data/$metadata#CustomerGroups(Description)/$entity",
		"@odata.etag":"W/\"JzEsNTYzNzE0NDU3Nic=\"","Description":"Wholesale"}`)
	if a.body != want {
		t.Errorf("got  %s\nwant %s", a.body, want)
	}
	tests := []struct {
		path   string
		status int
		text   string // part of the Message; "" where there is no body
	}{
		{groups + "(dataAreaId='demf',CustomerGroupId='30')?cross-company=true", 200, ""},
		{groups + "(dataAreaId='demf',CustomerGroupId='30')", 404, ""},
		{groups + "(dataAreaId='usmf',CustomerGroupId='99')", 404, ""},
		{groups + "(CustomerGroupId='10')", 404, "No route data was found for this request."},
		{groups + "('usmf','10')", 404, "No route data was found for this request."},
		{groups + "('10')", 404, "No route data was found for this request."},
		{groups + "(dataAreaId='usmf',CustomerGroupId=10)", 404, "No route data was found for this request."},
		{groups + "(dataAreaId='usmf',customergroupid='10')", 404, "No route data was found for this request."},
		{groups + "(dataAreaId='usmf',CustomerGroupId='10'", 404, "No route data was found for this request."},
		{"/data/customergroups", 404, "No HTTP resource was found that matches the request URI '" + s.URL + "/data/customergroups'."},
		{"/data/Others", 404, "No HTTP resource was found"},
		{"/other", 404, "No HTTP resource was found"},
		{"/data/Currencies('USD')", 404, "No route data was found for this request."},
		{"/data/Currencies(CurrencyCode='usd')", 200, ""},
	}
	for _, tt := range tests {
		a := s.get(tt.path)
		if a.status != tt.status {
			t.Errorf("%s: status %d, want %d: %s", tt.path, a.status, tt.status, a.body)
			continue
		}
		if tt.status != 404 {
			continue
		}
		if tt.text == "" {
			if a.body != "" {
				t.Errorf("%s: body %s", tt.path, a.body)
			}
		} else if got, _ := a.object(t)["Message"].(string); !strings.Contains(got, tt.text) {
			t.Errorf("%s: %s", tt.path, a.body)
		}
	}
}

func TestKeyWithEveryCharacter(t *testing.T) {
	s := start(t)
	const account = " a/b#c+d'e%f(ü)"
	if err := s.twin.Load(t.Context(), "CustomersV3", []map[string]any{{"dataAreaId": "usmf", "CustomerAccount": account}}); err != nil {
		t.Fatal(err)
	}
	key := "dataAreaId='usmf',CustomerAccount='" + strings.ReplaceAll(account, "'", "''") + "'"
	a := s.must(200, "GET", customers+"("+url.PathEscape(key)+")?$select=CustomerAccount", "")
	if got := a.object(t)["CustomerAccount"]; got != account {
		t.Errorf("got %q", got)
	}
	s.must(http.StatusNoContent, "DELETE", customers+"("+url.PathEscape(key)+")", "")
	if w := s.log.Entries()[1].Writes; len(w) != 1 || w[0].ID != key || w[0].Op != "delete" || w[0].Table != "CustomersV3" {
		t.Errorf("writes %v", w)
	}
}

// TestEmptyValues holds the rendering of what is not set.
func TestEmptyValues(t *testing.T) {
	s := start(t)
	if err := s.twin.Load(t.Context(), "CustomersV3", []map[string]any{{"dataAreaId": "usmf", "CustomerAccount": "1"}}); err != nil {
		t.Fatal(err)
	}
	row := s.must(200, "GET", customers, "").rows(t)[0]
	for name, want := range map[string]any{
		"OrganizationName": "", "InvoiceAccount": "", "OnHoldStatus": "No", "TimeZone": nil,
		"BirthDate": "1900-01-01T12:00:00Z", "ValidFrom": "1900-01-01T00:00:00Z",
		"Reference": "00000000-0000-0000-0000-000000000000",
	} {
		if got, ok := row[name]; !ok || got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	for _, name := range []string{"CreditLimit", "PaymentDays", "PrimaryContactFaxRecordId"} {
		if got := fmt.Sprint(row[name]); got != "0" {
			t.Errorf("%s is %s, want 0", name, got)
		}
	}
	if got := pairs(t, row["@odata.etag"].(string)); len(got) != 11 || got[0] != [2]int64{1, 5637144576} {
		t.Errorf("etag %v", got)
	}
	absent := 0
	for _, p := range pairs(t, row["@odata.etag"].(string)) {
		if p == [2]int64{0, 0} {
			absent++
		}
	}
	if absent == 0 {
		t.Error("no outer join of the etag is empty")
	}
}

// TestDatabaseIsTheTruth changes rows behind the twin's back.
func TestDatabaseIsTheTruth(t *testing.T) {
	s := start(t)
	run := func(statement string) {
		t.Helper()
		if _, err := s.twin.DB().Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	read := func() map[string]any { t.Helper(); return s.must(200, "GET", us001, "").object(t) }
	s.must(201, "POST", customers, minimal)
	before := read()
	run(`UPDATE CustomersV3 SET OrganizationName = 'Damaged', CreditLimit = 12.5, OnHoldStatus = 'all', BirthDate = '2020-02-03', ValidFrom = '2020-02-03 04:05:06' WHERE CustomerAccount = 'us-001'`)
	after := read()
	if after["OrganizationName"] != "Damaged" || fmt.Sprint(after["CreditLimit"]) != "12.5" || after["OnHoldStatus"] != "All" ||
		after["BirthDate"] != "2020-02-03T12:00:00Z" || after["ValidFrom"] != "2020-02-03T04:05:06Z" {
		t.Errorf("got %v", after)
	}
	if before["@odata.etag"] != after["@odata.etag"] {
		t.Error("direct SQL moved the version")
	}
	run(`UPDATE CustomersV3 SET OnHoldStatus = 'Unheard'`)
	if got := read()["OnHoldStatus"]; got != nil {
		t.Errorf("an unknown symbol is rendered as %v", got)
	}
	run(`UPDATE CustomersV3 SET CreditLimit = 'much'`)
	a := s.must(500, "GET", us001, "")
	if got := a.innerMessage(t); got != "The stored value 'much' of the field 'CreditLimit' is not of type 'Edm.Decimal'." {
		t.Error(got)
	}
	run(`DELETE FROM CustomersV3`)
	s.must(404, "GET", us001, "")
}
