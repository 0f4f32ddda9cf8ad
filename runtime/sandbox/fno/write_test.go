package fno_test

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/dualwrite/dw/runtime/sandbox/catalog"
	"github.com/dualwrite/dw/runtime/sandbox/fno"
	"github.com/dualwrite/dw/runtime/sandbox/gate"
)

func TestCreate(t *testing.T) {
	s := start(t)
	a := s.must(201, "POST", customers, `{"dataAreaId":"USMF","CustomerAccount":"US-001  ","OrganizationName":"A name of more than twenty characters",
		"CustomerGroupId":"10","SalesCurrencyCode":"usd","LanguageId":"en-us","CreditLimit":1234567890123.4500,"PaymentDays":-7,
		"PrimaryContactFaxRecordId":9007199254740993,"OnHoldStatus":"Invoice","BirthDate":"2020-02-03T12:00:00Z",
		"ValidFrom":"2020-02-03T04:05:06.789+01:00","Reference":"ABCDEF00-0000-0000-0000-000000000001","InvoiceAccount":null,
		"@odata.type":"#Microsoft.Dynamics.DataEntities.CustomerV3"}`)
	if got, want := a.header.Get("Location"), s.URL+"/data/CustomersV3(dataAreaId='usmf',CustomerAccount='US-001')"; strings.NewReplacer("%3D", "=", "%27", "'", "%2C", ",").Replace(got) != want {
		t.Errorf("Location %s, want %s", got, want)
	}
	row := a.object(t)
	etag, _ := row["@odata.etag"].(string)
	if p := pairs(t, etag); p[0] != [2]int64{1, 5637144576} {
		t.Errorf("etag %v", p)
	}
	for name, want := range map[string]string{
		"@odata.context": s.URL + "/data/$metadata#CustomersV3/$entity", "dataAreaId": "usmf", "CustomerAccount": "US-001",
		"NameAlias": "A name of more than", "PartyNumber": "000000001", "LanguageId": "en-US", "SalesCurrencyCode": "usd",
		"CreditLimit": "1234567890123.45", "PaymentDays": "-7", "PrimaryContactFaxRecordId": "9007199254740993",
		"OnHoldStatus": "Invoice", "IsOneTimeCustomer": "No", "BirthDate": "2020-02-03T12:00:00Z", "ValidFrom": "2020-02-03T03:05:06Z",
		"Reference": "abcdef00-0000-0000-0000-000000000001", "InvoiceAccount": "",
	} {
		if got := fmt.Sprint(row[name]); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	// What a GET gives afterwards is what the answer said.
	if again := s.must(200, "GET", us001, ""); compact(t, again.body) != compact(t, a.body) {
		t.Errorf("read back:\n%s\n%s", again.body, a.body)
	}
	want := []gate.Write{{Op: gate.OpCreate, Table: "CustomersV3", ID: "dataAreaId='usmf',CustomerAccount='US-001'"}}
	if got := s.log.Entries()[0].Writes; !reflect.DeepEqual(got, want) {
		t.Errorf("writes %v", got)
	}
}

func TestNumberSequence(t *testing.T) {
	s := start(t, func(o *fno.Options) { o.DefaultCompany = "demf" })
	if err := s.twin.Load(t.Context(), "CustomersV3", []map[string]any{{"dataAreaId": "usmf", "CustomerAccount": "USMF-000002"}}); err != nil {
		t.Fatal(err)
	}
	body := `{"dataAreaId":"usmf","CustomerGroupId":"10","SalesCurrencyCode":"USD"}`
	var got []string
	for range 3 {
		got = append(got, s.must(201, "POST", customers, body).object(t)["CustomerAccount"].(string))
	}
	if strings.Join(got, " ") != "USMF-000001 USMF-000003 USMF-000004" {
		t.Errorf("got %v", got)
	}
	// Without a company in the body the row is of the user's own.
	row := s.must(201, "POST", customers, `{"CustomerGroupId":"30","SalesCurrencyCode":"USD"}`).object(t)
	if row["dataAreaId"] != "demf" || row["CustomerAccount"] != "DEMF-000001" || row["PartyNumber"] != "000000004" {
		t.Errorf("got %v", row)
	}
}

func TestUpdate(t *testing.T) {
	s := start(t)
	first := s.must(201, "POST", customers, minimal).object(t)
	s.must(204, "PATCH", us001, `{"OrganizationName":"Fabrikam","CustomerAccount":"us-001","OnHoldStatus":"All","LanguageId":"de-de"}`)
	row := s.must(200, "GET", us001, "").object(t)
	if row["OrganizationName"] != "Fabrikam" || row["OnHoldStatus"] != "All" || row["LanguageId"] != "de-DE" || row["CustomerGroupId"] != "10" {
		t.Errorf("got %v", row)
	}
	old, now := pairs(t, first["@odata.etag"].(string)), pairs(t, row["@odata.etag"].(string))
	if now[0][1] != old[0][1] || now[0][0] == 1 || now[0][0] < 0 {
		t.Errorf("etag moved from %v to %v", old[0], now[0])
	}
	// null and "" empty a field.
	s.must(204, "PATCH", us001, `{"OrganizationName":null,"NameAlias":"","BirthDate":null}`)
	row = s.must(200, "GET", us001, "").object(t)
	if row["OrganizationName"] != "" || row["NameAlias"] != "" {
		t.Errorf("got %v", row)
	}
	s.must(204, "PUT", us001, `{"CustomerGroupId":"20","SalesCurrencyCode":"EUR"}`)
	row = s.must(200, "GET", us001, "").object(t)
	if row["CustomerGroupId"] != "20" || row["OnHoldStatus"] != "No" || row["PartyNumber"] != "" || row["CustomerAccount"] != "US-001" {
		t.Errorf("got %v", row)
	}
	s.must(204, "DELETE", us001, "")
	s.must(404, "GET", us001, "")
	// RecIds are not given out again.
	again := pairs(t, s.must(201, "POST", customers, minimal).object(t)["@odata.etag"].(string))
	if again[0][1] != old[0][1]+1 {
		t.Errorf("RecId %d after %d", again[0][1], old[0][1])
	}
}

func TestWritesOfMissingRows(t *testing.T) {
	s := start(t)
	const missing = "No resources were found when selecting for update."
	tests := []struct{ method, path, want string }{
		{"PATCH", groups + "(dataAreaId='usmf',CustomerGroupId='99')", missing},
		{"DELETE", groups + "(dataAreaId='usmf',CustomerGroupId='99')", missing},
		{"PATCH", groups + "(dataAreaId='demf',CustomerGroupId='30')", missing}, // another company
		{"DELETE", groups + "(dataAreaId='demf',CustomerGroupId='30')", missing},
		{"PATCH", groups, "More than one resource"},
		{"DELETE", groups, "More than one resource"},
	}
	for _, tt := range tests {
		a := s.must(400, tt.method, tt.path, `{"Description":"x"}`)
		if got := a.innerMessage(t); !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s %s: %s", tt.method, tt.path, got)
		}
	}
	s.must(404, "PATCH", groups+"(CustomerGroupId='10')", `{}`)
	s.must(405, "POST", groups+"(dataAreaId='usmf',CustomerGroupId='10')", `{}`)
	s.must(204, "PATCH", groups+"(dataAreaId='demf',CustomerGroupId='30')?cross-company=true", `{"Description":"x"}`)
	s.must(204, "DELETE", groups+"(dataAreaId='demf',CustomerGroupId='30')?cross-company=true", "")
}

func TestConditions(t *testing.T) {
	s := start(t)
	row := s.must(201, "POST", customers, minimal).object(t)
	current := row["@odata.etag"].(string)
	a := s.must(412, "PATCH", us001, `{"OrganizationName":"x"}`, "If-Match", `W/"JzAsMCc="`)
	if got := a.innerMessage(t); !strings.Contains(got, "ETag") {
		t.Error(got)
	}
	s.must(204, "PATCH", us001, `{"OrganizationName":"x"}`, "If-Match", current)
	s.must(412, "PATCH", us001, `{"OrganizationName":"y"}`, "If-Match", current)
	s.must(412, "DELETE", us001, "", "If-Match", current)
	s.must(204, "PATCH", us001, `{"OrganizationName":"z"}`, "If-Match", "*")
	if got := s.must(200, "GET", us001, "").object(t)["OrganizationName"]; got != "z" {
		t.Errorf("got %v", got)
	}
	lenient := start(t, func(o *fno.Options) { o.IgnoreConditions = true })
	lenient.must(201, "POST", customers, minimal)
	lenient.must(204, "DELETE", us001, "", "If-Match", `W/"JzAsMCc="`)
}

func TestRefusedWrites(t *testing.T) {
	s := start(t)
	s.must(201, "POST", customers, minimal)
	create := func(members string) string {
		return `{"dataAreaId":"usmf","CustomerAccount":"N","CustomerGroupId":"10","SalesCurrencyCode":"USD"` + members + "}"
	}
	const failed = "Write failed for table row of type 'CustCustomerV3Entity'. Infolog: "
	tests := []struct{ name, method, path, body, want string }{
		{"unknown foreign key", "POST", customers, `{"CustomerAccount":"N","CustomerGroupId":"Local","SalesCurrencyCode":"USD"}`,
			failed + "Warning: The value 'Local' in field 'Customer group' is not found in the related table 'Customer groups'.; Warning: validateField failed on field 'CustCustomerV3Entity.CustomerGroupId'.."},
		{"foreign key of another company", "POST", customers, `{"CustomerAccount":"N","CustomerGroupId":"30","SalesCurrencyCode":"USD"}`,
			failed + "Warning: The value '30' in field 'Customer group' is not found"},
		{"two invalid fields", "POST", customers, `{"CustomerAccount":"N","SalesCurrencyCode":"XXX","InvoiceAccount":"nobody"}`,
			failed + "Warning: The value 'XXX' in field 'Sales currency code' is not found in the related table 'Currencies'.; Warning: validateField failed on field 'CustCustomerV3Entity.SalesCurrencyCode'.; " +
				"Warning: The value 'nobody' in field 'Invoice account' is not found in the related table 'Customers'.; Warning: validateField failed on field 'CustCustomerV3Entity.InvoiceAccount'.."},
		{"mandatory field", "POST", customers, `{"CustomerAccount":"N","SalesCurrencyCode":""}`,
			failed + "Warning: Field 'Customer group' must be filled in.; Warning: Field 'Sales currency code' must be filled in.; Warning: validateWrite failed on data source 'CustCustomerV3Entity (CustCustomerV3Entity)'.."},
		{"empty key", "POST", groups, `{"Description":"x"}`,
			"Write failed for table row of type 'CustCustomerGroupEntity'. Infolog: Warning: Field 'Customer group' must be filled in."},
		{"duplicate", "POST", customers, minimal,
			failed + "Info: Cannot create a record in Customers V3 (CustCustomerV3Entity). Customer account: US-001, .\nThe record already exists.."},
		{"duplicate but for case and blanks", "POST", groups, `{"dataAreaId":"USMF","CustomerGroupId":"10 "}`, "The record already exists."},
		{"text too long", "POST", customers, create(`,"OrganizationName":"` + strings.Repeat("ü", 101) + `"`),
			"in field 'Organization name' is longer than 100 characters.; Warning: validateField failed on field 'CustCustomerV3Entity.OrganizationName'"},
		{"read-only field", "POST", customers, create(`,"FullAddress":"x"`), "Field 'Full address' does not allow editing."},
		{"key in an update", "PATCH", us001, `{"CustomerAccount":"US-002"}`, "Field 'Customer account' does not allow editing."},
		{"foreign key in an update", "PATCH", us001, `{"CustomerGroupId":"77"}`, "The value '77' in field 'Customer group' is not found"},
		{"mandatory field in an update", "PATCH", us001, `{"CustomerGroupId":""}`, "Field 'Customer group' must be filled in."},
		{"unknown property", "POST", customers, create(`,"organizationName":"x"`),
			"The property 'organizationName' does not exist on type 'Microsoft.Dynamics.DataEntities.CustomerV3'."},
		{"unknown property in an update", "PATCH", us001, `{"Other":1}`, "The property 'Other' does not exist"},
		{"unknown symbol", "POST", customers, create(`,"OnHoldStatus":"Some"`),
			"Cannot convert the literal 'Some' to the expected type 'Microsoft.Dynamics.DataEntities.CustVendorBlocked'."},
		{"enum as a number", "PATCH", us001, `{"OnHoldStatus":1}`, "Cannot convert the literal '1'"},
		{"enum as a boolean", "PATCH", us001, `{"IsOneTimeCustomer":true}`, "Cannot convert the literal 'true'"},
		{"text as a number", "PATCH", us001, `{"OrganizationName":7}`, "Cannot convert the literal '7' to the expected type 'Edm.String'."},
		{"number as text", "PATCH", us001, `{"CreditLimit":"7"}`, "Cannot convert the literal '7' to the expected type 'Edm.Decimal'."},
		{"number too large", "PATCH", us001, `{"PaymentDays":2147483648}`, "Cannot convert the literal '2147483648' to the expected type 'Edm.Int32'."},
		{"decimal too large", "PATCH", us001, `{"CreditLimit":1e300}`, "Cannot convert the literal '1e300'"},
		{"fraction as integer", "PATCH", us001, `{"PaymentDays":1.5}`, "Cannot convert the literal '1.5'"},
		{"date without time", "PATCH", us001, `{"BirthDate":"2020-01-01"}`, "Cannot convert the literal '2020-01-01' to the expected type 'Edm.DateTimeOffset'."},
		{"bad guid", "PATCH", us001, `{"Reference":"x"}`, "Cannot convert the literal 'x' to the expected type 'Edm.Guid'."},
		{"object as a value", "PATCH", us001, `{"OrganizationName":{"a":1}}`, "Cannot convert the literal"},
		{"not JSON", "PATCH", us001, `{"OrganizationName":`, "The request body is not readable as JSON"},
		{"not an object", "PATCH", us001, `[]`, "The request body is not a JSON object."},
		{"no body", "PATCH", us001, ``, "The request body is not a JSON object."},
		{"property twice", "PATCH", us001, `{"OrganizationName":"a","OrganizationName":"b"}`, "The request body is not readable as JSON"},
		{"more than one value", "PATCH", us001, `{} {}`, "more than one JSON value"},
		{"row that others need", "DELETE", groups + "(dataAreaId='usmf',CustomerGroupId='10')", "",
			"Customer groups cannot be deleted while dependent Customers V3 exist."},
	}
	before := s.must(200, "GET", us001, "").body
	sent := len(s.log.Entries())
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := s.must(400, tt.method, tt.path, tt.body)
			if got := a.innerMessage(t); !strings.Contains(got, tt.want) {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
	if after := s.must(200, "GET", us001, "").body; after != before {
		t.Errorf("a refused write changed the row:\n%s\n%s", before, after)
	}
	if got := s.get(customers + "/$count").body; got != "1" {
		t.Errorf("%s customers", got)
	}
	for _, e := range s.log.Entries()[sent:] {
		if len(e.Writes) > 0 {
			t.Errorf("%s %s: writes %v", e.Method, e.URL, e.Writes)
		}
	}
}

func TestErrorStatus(t *testing.T) {
	s := start(t, func(o *fno.Options) { o.ErrorStatus = http.StatusInternalServerError })
	s.must(500, "POST", groups, `{"dataAreaId":"usmf","CustomerGroupId":"10"}`)
	s.must(500, "PATCH", groups+"(dataAreaId='usmf',CustomerGroupId='99')", `{}`)
	s.must(400, "POST", groups, `{"Other":1}`) // the OData reader's own status stays
}

func TestSelfReference(t *testing.T) {
	s := start(t)
	row := s.must(201, "POST", customers, `{"CustomerAccount":"A","CustomerGroupId":"10","SalesCurrencyCode":"USD","InvoiceAccount":"A"}`).object(t)
	if row["InvoiceAccount"] != "A" {
		t.Errorf("got %v", row)
	}
	row = s.must(201, "POST", customers, `{"CustomerAccount":"B","CustomerGroupId":"10","SalesCurrencyCode":"USD","InvoiceAccount":"A"}`).object(t)
	if row["InvoiceAccount"] != "A" {
		t.Errorf("got %v", row)
	}
	a := s.must(400, "DELETE", customers+"(dataAreaId='usmf',CustomerAccount='A')", "")
	if got := a.innerMessage(t); !strings.Contains(got, "Customers V3 cannot be deleted while dependent Customers V3 exist.") {
		t.Error(got)
	}
	s.must(204, "DELETE", customers+"(dataAreaId='usmf',CustomerAccount='B')", "")
	s.must(204, "DELETE", customers+"(dataAreaId='usmf',CustomerAccount='A')", "") // its own reference does not hold it
}

func TestLoadErrors(t *testing.T) {
	s := start(t)
	for name, rows := range map[string][]map[string]any{
		"there is no field":                  {{"CustomerAccount": "1", "Other": 1}},
		"row 2: field CreditLimit":           {{"CustomerAccount": "1"}, {"CustomerAccount": "2", "CreditLimit": "x"}},
		"is not a value of type Microsoft.D": {{"CustomerAccount": "1", "OnHoldStatus": "Some"}},
		"UNIQUE":                             {{"CustomerAccount": "1"}, {"CustomerAccount": "1"}},
	} {
		err := s.twin.Load(t.Context(), "CustomersV3", rows)
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if err := s.twin.Load(t.Context(), "Others", nil); err == nil {
		t.Error("an unknown set is loaded")
	}
	if got := s.get(customers + "/$count?cross-company=true").body; got != "0" {
		t.Errorf("%s rows of failed loads stay", got)
	}
}

// TestModifiedTime: an entity that shows when a record was written shows the
// time of its last write, and nobody can set it.
func TestModifiedTime(t *testing.T) {
	now := time.Date(2026, 3, 1, 8, 30, 0, 0, time.UTC)
	s := start(t, func(o *fno.Options) {
		c := catalog.Catalog{Entities: o.Entities}
		if err := c.WithModifiedTimes([]string{"CustomerGroups"}); err != nil {
			t.Fatal(err)
		}
		if err := c.WithModifiedTimes([]string{"Nothing"}); err == nil {
			t.Error("an unknown entity set is extended")
		}
		o.Entities, o.Now = c.Entities, func() time.Time { return now }
	})
	const group = "/data/CustomerGroups(dataAreaId='usmf',CustomerGroupId='77')"
	shows := func(path, want string) {
		t.Helper()
		if got := s.must(200, "GET", path, "").object(t)["ModifiedDateTime"]; got != want {
			t.Errorf("%s was modified at %v, want %s", path, got, want)
		}
	}
	s.must(201, "POST", "/data/CustomerGroups", `{"dataAreaId":"usmf","CustomerGroupId":"77","Description":"New"}`)
	shows(group, "2026-03-01T08:30:00Z")
	now = now.Add(time.Hour)
	s.must(204, "PATCH", group, `{"Description":"Old"}`)
	shows(group, "2026-03-01T09:30:00Z")
	shows("/data/CustomerGroups(dataAreaId='usmf',CustomerGroupId='10')", "1900-01-01T00:00:00Z")
}
