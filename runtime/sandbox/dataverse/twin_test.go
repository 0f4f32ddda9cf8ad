package dataverse

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dualwrite/dw/runtime/sandbox/catalog"
	"github.com/dualwrite/dw/runtime/sandbox/gate"
)

func text(name string, length int) catalog.Column {
	return catalog.Column{LogicalName: name, SchemaName: name, Type: "StringType", MaxLength: length, Required: "None", Create: true, Update: true, Read: true}
}

func id(name string) catalog.Column {
	return catalog.Column{LogicalName: name, SchemaName: name, Type: "UniqueidentifierType", Required: "SystemRequired", Create: true, Read: true}
}

func typed(name, kind string) catalog.Column {
	c := text(name, 0)
	c.Type = kind
	return c
}

func lookup(name string, targets ...catalog.Target) catalog.Column {
	c := typed(name, "LookupType")
	c.Targets = targets
	return c
}

func system(name, kind string) catalog.Column {
	return catalog.Column{LogicalName: name, SchemaName: name, Type: kind, Required: "None", Read: true}
}

func common(columns ...catalog.Column) []catalog.Column {
	owner := catalog.Column{LogicalName: "ownerid", SchemaName: "OwnerId", Type: "OwnerType", Required: "SystemRequired", Create: true, Update: true, Read: true,
		Targets: []catalog.Target{{Table: "systemuser", NavigationProperty: "ownerid"}, {Table: "team", NavigationProperty: "ownerid"}}}
	moved := typed("overriddencreatedon", "DateTimeType")
	moved.Update = false
	state := typed("statecode", "StateType")
	state.Options = []catalog.Option{{Value: 0, Label: "Active"}, {Value: 1, Label: "Inactive"}}
	status := typed("statuscode", "StatusType")
	status.Options = []catalog.Option{{Value: 1, Label: "Active", State: 0}, {Value: 2, Label: "Inactive", State: 1}}
	by := system("modifiedby", "LookupType")
	by.Targets = []catalog.Target{{Table: "systemuser", NavigationProperty: "modifiedby"}}
	return append(columns, owner, moved, state, status, by,
		system("createdon", "DateTimeType"), system("modifiedon", "DateTimeType"), system("versionnumber", "BigIntType"))
}

func tables() []catalog.Table {
	company := catalog.Target{Table: "cdm_company", NavigationProperty: "msdyn_Company"}
	money := typed("creditlimit", "MoneyType")
	money.Precision, money.Min, money.Max = 2, "0", "1000000000"
	rate := typed("rate", "DecimalType")
	rate.Precision = 3
	group := typed("industrycode", "PicklistType")
	group.Options = []catalog.Option{{Value: 1, Label: "Accounting"}, {Value: 2, Label: "Farming"}}
	born := typed("opened", "DateTimeType")
	born.DateTimeBehavior = "DateOnly"
	number := typed("numberofemployees", "IntegerType")
	number.Min, number.Max = "0", "1000"
	required := text("name", 10)
	required.Required = "ApplicationRequired"
	symbol := text("symbol", 5)
	symbol.Required = "SystemRequired"
	account := common(id("accountid"), required, text("accountnumber", 20), text("emailaddress1", 100), typed("description", "MemoType"),
		money, rate, group, born, number, typed("creditonhold", "BooleanType"), typed("lastused", "DateTimeType"), typed("latitude", "DoubleType"), typed("tags", "MultiSelectPicklistType"),
		lookup("msdyn_company", company), lookup("primarycontactid", catalog.Target{Table: "contact", NavigationProperty: "primarycontactid"}),
		lookup("transactioncurrencyid", catalog.Target{Table: "transactioncurrency", NavigationProperty: "transactioncurrencyid"}))
	return []catalog.Table{
		{LogicalName: "account", SchemaName: "Account", EntitySet: "accounts", PrimaryID: "accountid", PrimaryName: "name", Ownership: "UserOwned",
			ChangeTracking: true, OptimisticConcurrency: true, Messages: []string{"CreateMultiple", "UpdateMultiple"}, Columns: account,
			Keys: []catalog.Key{{LogicalName: "accountkey", Columns: []string{"accountnumber", "msdyn_company"}, Status: "Active"},
				{LogicalName: "emailkey", Columns: []string{"emailaddress1"}, Status: "Pending"}}},
		{LogicalName: "contact", SchemaName: "Contact", EntitySet: "contacts", PrimaryID: "contactid", PrimaryName: "fullname", Ownership: "UserOwned",
			ChangeTracking: true, OptimisticConcurrency: true, Messages: []string{"CreateMultiple", "UpdateMultiple"},
			Columns: common(id("contactid"), text("fullname", 100), text("number", 20),
				lookup("parentcustomerid", catalog.Target{Table: "account", NavigationProperty: "parentcustomerid_account"}, catalog.Target{Table: "contact", NavigationProperty: "parentcustomerid_contact"})),
			Keys: []catalog.Key{{LogicalName: "numberkey", Columns: []string{"number"}, Status: "Active"}}},
		{LogicalName: "cdm_company", SchemaName: "cdm_Company", EntitySet: "cdm_companies", PrimaryID: "cdm_companyid", PrimaryName: "cdm_name", Ownership: "OrganizationOwned",
			ChangeTracking: true, Columns: []catalog.Column{id("cdm_companyid"), text("cdm_name", 100), text("cdm_companycode", 4),
				lookup("cdm_defaultowningteam", catalog.Target{Table: "team", NavigationProperty: "cdm_DefaultOwningTeam"})},
			Keys: []catalog.Key{{LogicalName: "companykey", Columns: []string{"cdm_companycode"}, Status: "Active"}}},
		{LogicalName: "transactioncurrency", SchemaName: "TransactionCurrency", EntitySet: "transactioncurrencies", PrimaryID: "transactioncurrencyid", PrimaryName: "currencyname",
			Columns: []catalog.Column{id("transactioncurrencyid"), text("currencyname", 100), symbol}},
		{LogicalName: "uomschedule", SchemaName: "UoMSchedule", EntitySet: "uomschedules", PrimaryID: "uomscheduleid", PrimaryName: "name",
			Columns: []catalog.Column{id("uomscheduleid"), text("name", 200), text("baseuomname", 100)}},
		{LogicalName: "uom", SchemaName: "UoM", EntitySet: "uoms", PrimaryID: "uomid", PrimaryName: "name", ChangeTracking: true,
			Columns: []catalog.Column{id("uomid"), text("name", 100), text("msdyn_symbol", 10), text("msdyn_externalunitclassname", 100), typed("isschedulebaseuom", "BooleanType"),
				func() catalog.Column {
					c := lookup("uomscheduleid", catalog.Target{Table: "uomschedule", NavigationProperty: "uomscheduleid"})
					c.Required, c.Cascade = "SystemRequired", true
					return c
				}(),
				lookup("baseuom", catalog.Target{Table: "uom", NavigationProperty: "baseuom"})}},
	}
}

// clock is a time that tests move.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// bench is a twin behind a gate with a client.
type bench struct {
	t     testing.TB
	twin  *Twin
	gate  *gate.Gate
	log   *gate.Log
	clock *clock
	url   string
	base  string
}

func newBench(t testing.TB, options ...func(*gate.Options)) *bench {
	t.Helper()
	b := &bench{t: t, clock: &clock{t: time.Date(2026, 3, 1, 8, 30, 0, 500e6, time.UTC)}}
	twin, err := Open(context.Background(), Options{Path: filepath.Join(t.TempDir(), "dataverse.db"), Tables: tables(), Now: b.clock.now, NewID: newIDs()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := twin.Close(); err != nil {
			t.Error(err)
		}
	})
	b.twin = twin
	if b.log, err = gate.NewLog(""); err != nil {
		t.Fatal(err)
	}
	o := gate.Options{Now: b.clock.now, Log: b.log}
	for _, f := range options {
		f(&o)
	}
	b.gate = gate.New(o)
	server := httptest.NewServer(b.gate.Wrap("dataverse", twin))
	t.Cleanup(server.Close)
	b.url, b.base = server.URL, server.URL+"/api/data/v9.2/"
	return b
}

// newIDs gives guids in order.
func newIDs() func() string {
	var mu sync.Mutex
	n := 0
	return func() string {
		mu.Lock()
		defer mu.Unlock()
		n++
		return fmt.Sprintf("00000000-0000-4000-8000-%012x", n)
	}
}

// serve serves the twin without a gate.
func (b *bench) serve() {
	server := httptest.NewServer(b.twin)
	b.t.Cleanup(server.Close)
	b.url, b.base = server.URL, server.URL+"/api/data/v9.2/"
}

// answer is what the client got.
type answer struct {
	status int
	header http.Header
	text   string
}

// do sends a request; headers are "Name: value".
func (b *bench) do(method, path, body string, headers ...string) answer {
	b.t.Helper()
	target := path
	if !strings.Contains(path, "://") {
		target = b.base + path
	}
	target = strings.ReplaceAll(target, " ", "%20")
	r, err := http.NewRequest(method, target, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Add(name, value)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(raw)}
}

func (a answer) want(t testing.TB, status int, parts ...string) answer {
	t.Helper()
	if a.status != status {
		t.Fatalf("status %d, want %d: %s", a.status, status, a.text)
	}
	for _, p := range parts {
		if !strings.Contains(a.text, p) {
			t.Fatalf("%q lacks %q", a.text, p)
		}
	}
	return a
}

func (a answer) object(t testing.TB) map[string]any {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader([]byte(a.text)))
	dec.UseNumber()
	var o map[string]any
	if err := dec.Decode(&o); err != nil {
		t.Fatalf("%v in %s", err, a.text)
	}
	return o
}

func (a answer) values(t testing.TB) []map[string]any {
	t.Helper()
	list, ok := a.object(t)["value"].([]any)
	if !ok {
		t.Fatalf("no value in %s", a.text)
	}
	out := []map[string]any{}
	for _, v := range list {
		out = append(out, v.(map[string]any))
	}
	return out
}

const guidA, guidB, guidC = "aaaaaaaa-0000-4000-8000-000000000001", "bbbbbbbb-0000-4000-8000-000000000002", "cccccccc-0000-4000-8000-000000000003"

func TestDocuments(t *testing.T) {
	b := newBench(t)
	b.do("GET", "", "").want(t, 200, `{"name":"accounts","kind":"EntitySet","url":"accounts"}`)
	b.do("GET", "$metadata", "").want(t, 200, `<Property Name="_msdyn_company_value" Type="Edm.Guid"`, `<NavigationProperty Name="msdyn_Company"`)
	who := b.do("GET", "WhoAmI", "").want(t, 200)
	if o := who.object(t); o["UserId"] != b.twin.UserID() || o["OrganizationId"] != b.twin.OrganizationID() {
		t.Errorf("WhoAmI: %v", o)
	}
	if who.header.Get("x-ms-dop-hint") != "4" || who.header.Get("x-ms-ratelimit-burst-remaining-xrm-requests") == "" {
		t.Errorf("headers: %v", who.header)
	}
	b.do("GET", "WhoAmI()", "").want(t, 200)
	b.do("GET", b.url+"/api/data/v8.2/accounts", "").want(t, 404)
	b.do("GET", "Accounts", "").want(t, 404, "Resource not found for the segment 'Accounts'.")
	b.do("PUT", "accounts", "{}").want(t, 405)
	b.do("GET", "organizations?$select=expirechangetrackingindays", "").want(t, 200, `"expirechangetrackingindays":7`)
}

func TestOutcomes(t *testing.T) {
	b := newBench(t)
	a := b.do("POST", "accounts", `{"name":"Nordwind"}`).want(t, 204)
	if got := a.header.Get("OData-EntityId"); !strings.HasPrefix(got, b.base+"accounts(0") || a.text != "" {
		t.Errorf("POST: %q %q", got, a.text)
	}
	a = b.do("POST", "accounts?$select=name", `{"accountid":"`+guidA+`","name":"A"}`, "Prefer: return=representation").want(t, 201, `"accountid":"`+guidA+`"`)
	if a.header.Get("Preference-Applied") != "return=representation" || a.header.Get("ETag") == "" || a.header.Get("OData-EntityId") != "" {
		t.Errorf("headers: %v", a.header)
	}
	b.do("POST", "accounts", `{"accountid":"`+guidA+`","name":"A"}`).want(t, 412, "0x80040237")
	// PATCH by id
	b.do("PATCH", "accounts("+guidA+")", `{"name":"A1"}`).want(t, 204)
	b.do("PATCH", "accounts("+guidB+")", `{"name":"B"}`).want(t, 204)
	b.do("GET", "accounts("+guidB+")", "").want(t, 200, `"name":"B"`)
	b.do("PATCH", "accounts("+guidB+")", `{"name":"B1"}`, "Prefer: return=representation").want(t, 200, `"name":"B1"`)
	b.do("PATCH", "accounts("+guidC+")", `{"name":"C"}`, "If-Match: *").want(t, 404, "0x80040217", "account With Id = "+guidC+" Does Not Exist")
	b.do("PATCH", "accounts("+guidC+")", `{"name":"C"}`, "If-None-Match: *").want(t, 204)
	b.do("PATCH", "accounts("+guidC+")", `{"name":"C"}`, "If-None-Match: *").want(t, 412, "A record with matching key values already exists.")
	etag := b.do("GET", "accounts("+guidA+")?$select=name", "").want(t, 200).header.Get("ETag")
	b.do("GET", "accounts("+guidA+")?$select=name", "", "If-None-Match: "+etag).want(t, 304)
	b.do("GET", "accounts("+guidA+")?$select=name", "", "If-None-Match: null").want(t, 200)
	b.do("PATCH", "accounts("+guidA+")", `{"name":"A2"}`, "If-Match: "+etag).want(t, 204)
	b.do("PATCH", "accounts("+guidA+")", `{"name":"A3"}`, "If-Match: "+etag).want(t, 412, "0x80060882")
	b.do("DELETE", "accounts("+guidA+")", "", "If-Match: "+etag).want(t, 412, "0x80060882")
	b.do("DELETE", "accounts("+guidA+")", "").want(t, 204)
	b.do("DELETE", "accounts("+guidA+")", "").want(t, 404, "0x80040217")
	b.do("GET", "accounts("+guidA+")", "").want(t, 404, "0x80040217")
	b.do("PATCH", "cdm_companies("+guidA+")", `{}`, `If-Match: W/"1"`).want(t, 400, "0x8006088d")
}

func TestAlternateKeys(t *testing.T) {
	b := newBench(t)
	b.do("PATCH", "cdm_companies(cdm_companycode='USMF')", `{"cdm_name":"Contoso"}`).want(t, 204)
	company := b.do("GET", "cdm_companies(cdm_companycode='usmf')", "").want(t, 200).object(t)
	key := "accounts(accountnumber='US-001',_msdyn_company_value=" + company["cdm_companyid"].(string) + ")"
	a := b.do("PATCH", key, `{"name":"A"}`).want(t, 204)
	if got := a.header.Get("OData-EntityId"); got != b.base+key {
		t.Errorf("OData-EntityId %q", got)
	}
	row := b.do("GET", key, "").want(t, 200).object(t)
	if row["_msdyn_company_value"] != company["cdm_companyid"] || row["accountnumber"] != "US-001" {
		t.Errorf("%v", row)
	}
	b.do("PATCH", key, `{"name":"B","accountnumber":"X"}`, "Prefer: return=representation").want(t, 200, `"accountnumber":"US-001"`, `"name":"B"`)
	b.do("PATCH", "contacts(number='1')", `{"number":"2"}`, "Prefer: return=representation").want(t, 201, `"number":"2"`)
	b.do("PATCH", "contacts(number='9')", `{}`, "If-Match: *").want(t, 404, "0x80060891")
	b.do("GET", "accounts(emailaddress1='a')", "").want(t, 400, "0x80060890", "The key in the request URI is not valid")
	b.do("GET", "accounts(accountnumber='US-001')", "").want(t, 400, "0x80060890")
	b.do("GET", "contacts(number='a%26b')", "").want(t, 400)
	b.do("POST", "contacts", `{"number":"2"}`).want(t, 412, "0x80060892", "Entity Key numberkey violated.")
	b.do("POST", "contacts", `{"number":null}`).want(t, 204)
	b.do("POST", "contacts", `{"number":""}`).want(t, 204) // null is no duplicate
	b.do("POST", "contacts", `{"number":"O'Hara"}`).want(t, 204)
	b.do("GET", "contacts(number='o''hara')", "").want(t, 200)
	b.do("GET", "teams(teamid="+guidA+")", "").want(t, 400)
	b.do("GET", "teams(ownerid="+guidA+")", "").want(t, 404)
}
