package dataverse

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestValues(t *testing.T) {
	b := newBench(t)
	b.do("POST", "transactioncurrencies", `{"transactioncurrencyid":"`+guidC+`","currencyname":"Euro","symbol":"€"}`).want(t, 204)
	for _, c := range []struct {
		column, value, want string // want: JSON of the column, or part of the error
		status              int
	}{
		{"name", `"Nordwind"`, `"Nordwind"`, 200},
		{"name", `""`, `null`, 200},
		{"name", `"Straße 12"`, `"Straße 12"`, 200},
		{"name", `"12345678901"`, "The length of the 'name' attribute of the 'account' entity exceeded the maximum allowed length of '10'.", 400},
		{"name", `"123456789ü"`, `"123456789ü"`, 200},
		{"name", `"12345678😀"`, `"12345678😀"`, 200}, // two units of UTF-16
		{"name", `"123456789😀"`, "0x80044331", 400},
		{"name", `5`, "0x80048d19", 400},
		{"description", `"line\nline"`, `"line\nline"`, 200},
		{"creditlimit", `20000`, `20000.0000`, 200},
		{"creditlimit", `0.125`, `0.1300`, 200},
		{"creditlimit", `999999999.995`, `1000000000.0000`, 200},
		{"creditlimit", `1e3`, `1000.0000`, 200},
		{"creditlimit", `-1`, "0x80044330", 400},
		{"creditlimit", `"5"`, "0x80048d19", 400},
		{"rate", `-1.0005`, `-1.0010000000`, 200},
		{"rate", `12345678901234567.123`, `12345678901234567.1230000000`, 200},
		{"industrycode", `2`, `2`, 200},
		{"industrycode", `5`, "The value 5 of 'industrycode' on record of type 'account' is outside the valid range. Accepted Values: 1,2.", 400},
		{"opened", `"2026-03-01"`, `"2026-03-01"`, 200},
		{"opened", `"2026-03-01T00:00:00Z"`, "Edm.Date", 400},
		{"opened", `"1700-01-01"`, "0x80044330", 400},
		{"lastused", `"2026-03-01T08:30:00.999Z"`, `"2026-03-01T08:30:00Z"`, 200},
		{"lastused", `"2026-03-01T00:30:00-08:00"`, `"2026-03-01T08:30:00Z"`, 200},
		{"lastused", `"2026-03-01"`, "Edm.DateTimeOffset", 400},
		{"numberofemployees", `7`, `7`, 200},
		{"numberofemployees", `1001`, "0x80044330", 400},
		{"numberofemployees", `1.5`, "Edm.Int32", 400},
		{"numberofemployees", `3000000000`, "Edm.Int32", 400},
		{"creditonhold", `true`, `true`, 200},
		{"creditonhold", `1`, "Edm.Boolean", 400},
		{"latitude", `47.5`, `48`, 200}, // precision 0
		{"tags", `"9, 1"`, `"1,9"`, 200},
		{"nonsense", `1`, "The property 'nonsense' does not exist on type 'Microsoft.Dynamics.CRM.account'.", 400},
		{"_msdyn_company_value", `"` + guidA + `"`, "Use Navigation properties instead", 400},
		{"msdyn_company@odata.bind", `"/cdm_companies(` + guidA + `)"`, "An undeclared property 'msdyn_company' which only has property annotations", 400},
		{"msdyn_Company@odata.bind", `"/cdm_companies(` + guidA + `)"`, "0x80040217", 404},
		{"msdyn_Company@odata.bind", `"/cdm_companies(cdm_companycode='X')"`, "0x80060891", 404},
		{"msdyn_Company@odata.bind", `"/accounts(` + guidA + `)"`, "", 404},
		{"msdyn_Company@odata.bind", `"/transactioncurrencies(` + guidC + `)"`, "does not take rows of type", 400},
		{"msdyn_Company@odata.bind", `"nonsense"`, "does not name one row", 400},
	} {
		a := b.do("POST", "accounts?$select="+strings.Split(c.column, "@")[0], `{"`+c.column+`":`+c.value+`}`, "Prefer: return=representation")
		if c.status == 200 {
			a.want(t, 201, `"`+c.column+`":`+c.want+`,`)
		} else {
			a.want(t, c.status, c.want)
		}
	}
	b.do("POST", "accounts", `{"name":`).want(t, 400, "0x80048d19")
	b.do("POST", "accounts", `[]`).want(t, 400, "0x80048d19")
	b.do("POST", "accounts", `{} {}`).want(t, 400, "0x80048d19")
	b.do("POST", "accounts", `{"name":"a","name":"b"}`).want(t, 400, "0x80048d19")
	b.do("POST", "transactioncurrencies", `{"currencyname":"Yen"}`).want(t, 400, "symbol")
	b.do("PATCH", "transactioncurrencies("+guidC+")", `{"symbol":null}`).want(t, 400, "symbol")
}

func TestServerColumns(t *testing.T) {
	b := newBench(t)
	b.do("POST", "accounts", `{"accountid":"`+guidA+`","name":"A","createdon":"2001-01-01T00:00:00Z","versionnumber":1,"statecode":1}`).want(t, 204)
	row := b.do("GET", "accounts("+guidA+")", "").want(t, 200).object(t)
	if row["createdon"] != "2026-03-01T08:30:00Z" || fmt.Sprint(row["statecode"]) != "0" || fmt.Sprint(row["statuscode"]) != "1" ||
		row["_ownerid_value"] != b.twin.UserID() || row["creditonhold"] != false || row["_modifiedby_value"] != b.twin.UserID() {
		t.Errorf("%v", row)
	}
	if `W/"`+fmt.Sprint(row["versionnumber"])+`"` != row["@odata.etag"] {
		t.Errorf("etag %v, version %v", row["@odata.etag"], row["versionnumber"])
	}
	b.clock.add(3600e9)
	b.do("PATCH", "accounts("+guidA+")", `{"statecode":1}`).want(t, 204)
	b.do("GET", "accounts("+guidA+")", "").want(t, 200, `"statuscode":2`, `"modifiedon":"2026-03-01T09:30:00Z"`, `"createdon":"2026-03-01T08:30:00Z"`)
	b.do("PATCH", "accounts("+guidA+")", `{"statecode":0,"statuscode":2}`).want(t, 400, "2 is not a valid status code for state code accountState.Active")
	b.do("POST", "accounts", `{"statuscode":2}`).want(t, 400, "0x80048408")
	b.do("POST", "accounts", `{"accountid":"`+guidB+`","overriddencreatedon":"2020-05-05T00:00:00Z"}`).want(t, 204)
	b.do("GET", "accounts("+guidB+")", "").want(t, 200, `"createdon":"2020-05-05T00:00:00Z"`)
	// Only ignored columns: nothing is written.
	etag := b.do("GET", "accounts("+guidB+")", "").header.Get("ETag")
	b.do("PATCH", "accounts("+guidB+")", `{"createdon":"2001-01-01T00:00:00Z"}`).want(t, 204)
	if got := b.do("GET", "accounts("+guidB+")", "").header.Get("ETag"); got != etag {
		t.Errorf("the version moved from %s to %s", etag, got)
	}
}

func TestLookups(t *testing.T) {
	b := newBench(t)
	b.do("POST", "cdm_companies", `{"cdm_companyid":"`+guidC+`","cdm_companycode":"USMF","cdm_name":"Contoso"}`).want(t, 204)
	b.do("POST", "accounts", `{"accountid":"`+guidA+`","name":"A","msdyn_Company@odata.bind":"/cdm_companies(cdm_companycode='usmf')"}`).want(t, 204)
	b.do("POST", "contacts", `{"contactid":"`+guidB+`","fullname":"Ann","parentcustomerid_account@odata.bind":"accounts(`+guidA+`)"}`).want(t, 204)
	all := `Prefer: odata.include-annotations="*"`
	b.do("GET", "contacts("+guidB+")?$select=fullname,_parentcustomerid_value,statecode", "", all).want(t, 200,
		`"_parentcustomerid_value":"`+guidA+`","_parentcustomerid_value@OData.Community.Display.V1.FormattedValue":"A"`,
		`"_parentcustomerid_value@Microsoft.Dynamics.CRM.associatednavigationproperty":"parentcustomerid_account"`,
		`"_parentcustomerid_value@Microsoft.Dynamics.CRM.lookuplogicalname":"account"`,
		`"statecode@OData.Community.Display.V1.FormattedValue":"Active"`)
	one := b.do("GET", "contacts("+guidB+")?$select=_parentcustomerid_value,_ownerid_value", "", `Prefer: odata.include-annotations="Microsoft.Dynamics.CRM.lookuplogicalname"`).want(t, 200, `"_ownerid_value@Microsoft.Dynamics.CRM.lookuplogicalname":"systemuser"`)
	if strings.Contains(one.text, "FormattedValue") || strings.Contains(one.text, "associated") {
		t.Error(one.text)
	}
	// Another target takes the place of the first.
	b.do("PATCH", "contacts("+guidB+")", `{"parentcustomerid_contact@odata.bind":"/api/data/v9.2/contacts(`+guidB+`)"}`).want(t, 204)
	b.do("GET", "contacts("+guidB+")", "", all).want(t, 200, `"_parentcustomerid_value@Microsoft.Dynamics.CRM.lookuplogicalname":"contact"`)
	b.do("PATCH", "contacts("+guidB+")", `{"parentcustomerid_account":null}`).want(t, 204)
	b.do("GET", "contacts("+guidB+")", "").want(t, 200, `"_parentcustomerid_value":null`)
	b.do("PUT", "contacts("+guidB+")/parentcustomerid_account/$ref", `{"@odata.id":"`+b.base+`accounts(`+guidA+`)"}`).want(t, 204)
	b.do("GET", "contacts("+guidB+")?$expand=parentcustomerid_account($select=name)", "").want(t, 200, `"parentcustomerid_account":{"@odata.etag":`, `"name":"A"`)
	b.do("GET", "accounts?$filter=msdyn_Company/cdm_companycode eq 'USMF'&$expand=primarycontactid,msdyn_Company($select=cdm_name)", "").want(t, 200,
		`"primarycontactid":null`, `"msdyn_Company":{"@odata.etag":`, `"cdm_name":"Contoso"`)
	b.do("DELETE", "contacts("+guidB+")/parentcustomerid_account/$ref", "").want(t, 204)
	b.do("PATCH", "accounts("+guidA+")", `{"msdyn_Company@odata.bind":null}`).want(t, 204)
	b.do("GET", "accounts("+guidA+")/_msdyn_company_value", "").want(t, 204)
	b.do("GET", "accounts("+guidA+")/name", "").want(t, 200, `"value":"A"`)
	b.do("PUT", "accounts("+guidA+")/name", `{"value":"B"}`).want(t, 204)
	b.do("GET", "accounts("+guidA+")/name", "").want(t, 200, `"value":"B"`)
	b.do("DELETE", "accounts("+guidA+")/name", "").want(t, 204)
	b.do("GET", "accounts("+guidA+")/name", "").want(t, 204)
	// A deleted target leaves no lookup behind.
	b.do("PATCH", "contacts("+guidB+")", `{"parentcustomerid_account@odata.bind":"`+b.base+`accounts(`+guidA+`)"}`).want(t, 204)
	b.do("DELETE", "accounts("+guidA+")", "").want(t, 204)
	b.do("GET", "contacts("+guidB+")", "").want(t, 200, `"_parentcustomerid_value":null`)
	teams := b.do("GET", "teams?$filter=name eq 'USMF'", "").values(t)
	b.do("PATCH", "contacts("+guidB+")", `{"ownerid@odata.bind":"/teams(`+teams[0]["teamid"].(string)+`)"}`).want(t, 204)
	b.do("GET", "contacts("+guidB+")", "", all).want(t, 200, `"_ownerid_value@Microsoft.Dynamics.CRM.lookuplogicalname":"team"`)
}

func TestPlugins(t *testing.T) {
	b := newBench(t)
	b.do("POST", "cdm_companies", `{"cdm_companyid":"`+guidC+`","cdm_companycode":"USMF","cdm_name":"Contoso"}`).want(t, 204)
	company := b.do("GET", "cdm_companies("+guidC+")?$expand=cdm_DefaultOwningTeam($select=name)", "").want(t, 200, `"name":"USMF"`).object(t)
	unit := b.do("GET", "businessunits?$filter=name eq 'USMF'", "").values(t)
	if len(unit) != 1 || unit[0]["_parentbusinessunitid_value"] == nil {
		t.Fatalf("%v", unit)
	}
	team := b.do("GET", "teams?$filter=name eq 'USMF'", "").values(t)
	if len(team) != 1 || team[0]["teamid"] != company["_cdm_defaultowningteam_value"] || team[0]["_businessunitid_value"] != unit[0]["businessunitid"] {
		t.Fatalf("%v %v", team, company)
	}
	for _, u := range []string{"kg", "g", "pcs"} {
		class := "Mass"
		if u == "pcs" {
			class = "Quantity"
		}
		b.do("POST", "uoms", `{"name":"`+u+`","msdyn_symbol":"`+u+`","msdyn_externalunitclassname":"`+class+`"}`).want(t, 204)
	}
	b.do("POST", "uoms", `{"name":"x"}`).want(t, 400, "uomscheduleid")
	if groups := b.do("GET", "uomschedules?$orderby=name", "").values(t); len(groups) != 2 || groups[0]["name"] != "Mass" || groups[0]["baseuomname"] != "kg" {
		t.Errorf("%v", groups)
	}
	b.do("GET", "uoms?$filter=name eq 'g'&$expand=baseuom($select=name),uomscheduleid($select=name)", "").want(t, 200, `"name":"kg"`, `"name":"Mass"`)
	b.do("GET", "uoms?$filter=name eq 'kg'", "").want(t, 200, `"isschedulebaseuom":true`, `"_baseuom_value":null`)
	// The request log has what came over HTTP, not what the plug-ins wrote.
	var writes []string
	for _, e := range b.log.Entries() {
		for _, w := range e.Writes {
			writes = append(writes, w.Op+" "+w.Table)
		}
	}
	if got := strings.Join(writes, ","); got != "create cdm_companies,create uoms,create uoms,create uoms" {
		t.Errorf("%s", got)
	}
}

func targets(rows ...string) string {
	for i, r := range rows {
		rows[i] = `{"@odata.type":"Microsoft.Dynamics.CRM.contact",` + r + `}`
	}
	return `{"Targets":[` + strings.Join(rows, ",") + `]}`
}

func TestBulk(t *testing.T) {
	b := newBench(t)
	const create, update, upsert = "contacts/Microsoft.Dynamics.CRM.CreateMultiple", "contacts/Microsoft.Dynamics.CRM.UpdateMultiple", "contacts/Microsoft.Dynamics.CRM.UpsertMultiple"
	a := b.do("POST", create+"?tag=x", targets(`"fullname":"A","contactid":"`+guidA+`"`, `"fullname":"B","number":"b"`)).want(t, 200, "CreateMultipleResponse")
	ids := a.object(t)["Ids"].([]any)
	if len(ids) != 2 || ids[0] != guidA {
		t.Fatalf("%v", ids)
	}
	b.do("POST", create, targets(`"fullname":"C"`, `"contactid":"`+guidA+`"`)).want(t, 412, "0x80040237", "Cannot insert duplicate key.")
	b.do("POST", create, targets(`"fullname":"C"`, `"number":"b"`)).want(t, 412, "0x80060892")
	b.do("POST", create, targets(`"fullname":"C"`, `"nonsense":1`)).want(t, 400)
	b.do("POST", create, `{"Targets":[{"fullname":"C"}]}`).want(t, 400, "@odata.type")
	b.do("POST", create, `{"Targets":[{"@odata.type":"Microsoft.Dynamics.CRM.account"}]}`).want(t, 400)
	b.do("POST", create, `{}`).want(t, 400, "Targets")
	b.do("GET", "contacts/$count", "").want(t, 200, "\ufeff2")
	b.do("POST", update, targets(`"contactid":"`+guidA+`","fullname":"A1"`, `"@odata.id":"contacts(number='b')","fullname":"B1"`, `"contactid":"`+guidA+`","fullname":"A2"`)).want(t, 204)
	b.do("GET", "contacts("+guidA+")", "").want(t, 200, `"fullname":"A1"`)
	b.do("GET", "contacts(number='b')", "").want(t, 200, `"fullname":"B1"`)
	b.do("POST", update, targets(`"contactid":"`+guidA+`","fullname":"A9"`, `"contactid":"`+guidC+`"`)).want(t, 404, "Contact With Ids = "+guidC+" Do Not Exist")
	b.do("GET", "contacts("+guidA+")", "").want(t, 200, `"fullname":"A1"`)
	if a := b.do("POST", upsert, targets(`"@odata.id":"contacts(number='c')","fullname":"C"`, `"contactid":"`+guidA+`","fullname":"A3"`)).want(t, 204); a.text != "" {
		t.Error(a.text)
	}
	b.do("GET", "contacts(number='c')", "").want(t, 200, `"fullname":"C"`)
	b.do("POST", upsert, targets(`"@odata.id":"contacts(number='d')","number":"d"`)).want(t, 400, "0x80040216")
	b.do("POST", upsert, targets(`"contactid":"`+guidA+`","fullname":"1"`, `"contactid":"`+guidA+`","fullname":"2"`)).want(t, 412)
	b.do("POST", "contacts/Microsoft.Dynamics.CRM.DeleteMultiple", "{}").want(t, 400, "DeleteMultiple has not yet been implemented.")
	b.do("POST", "uoms/Microsoft.Dynamics.CRM.CreateMultiple", "{}").want(t, 400, "0x80040800", "The 'CreateMultiple' method does not support entities of type 'uom'.")
	filters := "sdkmessagefilters?$select=sdkmessagefilterid,primaryobjecttypecode&$filter=sdkmessageid/name eq 'CreateMultiple' and "
	if v := b.do("GET", filters+"primaryobjecttypecode eq 'contact'", "").values(t); len(v) != 1 {
		t.Errorf("%v", v)
	}
	if v := b.do("GET", filters+"primaryobjecttypecode eq 'uom'", "").values(t); len(v) != 0 {
		t.Errorf("%v", v)
	}
	if v := b.do("GET", filters+"(primaryobjecttypecode eq 'uom' or primaryobjecttypecode eq 'account' or primaryobjecttypecode eq 'contact')", "").values(t); len(v) != 2 {
		t.Errorf("%v", v)
	}
	var writes []string
	for _, e := range b.log.Entries() {
		for _, w := range e.Writes {
			writes = append(writes, w.Op)
		}
	}
	if got := strings.Join(writes, ","); got != "create,create,update,update,create,update" {
		t.Errorf("%s: rows that were rolled back must not be logged", got)
	}
}

func TestRoundDecimal(t *testing.T) {
	for _, c := range []struct {
		in               string
		precision, scale int
		want             string
	}{
		{"0", 2, 4, "0.0000"}, {"-0.004", 2, 4, "0.0000"}, {"9.995", 2, 4, "10.0000"}, {"1E-3", 2, 2, "0.00"}, {"5e-3", 2, 2, "0.01"},
		{"0.1e2", 0, 0, "10"}, {"99.5", 0, 0, "100"}, {"1e40", 2, 2, ""}, {"abc", 2, 2, ""}, {"", 2, 2, ""}, {"1.2.3", 2, 2, ""}, {"1e99999999999999999999", 2, 2, ""},
	} {
		if got, _ := roundDecimal(c.in, c.precision, c.scale); got != c.want {
			t.Errorf("%s: %q, want %q", c.in, got, c.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(-1e15, 1e15).Draw(t, "n")
		text := fmt.Sprintf("%d.%04d", n/10000, max(n%10000, -(n%10000)))
		if n < 0 && n/10000 == 0 {
			text = "-" + text
		}
		got, ok := roundDecimal(text, 4, 4)
		if n != 0 && (!ok || got != text) {
			t.Fatalf("%q became %q", text, got)
		}
		again, _ := roundDecimal(got, 4, 10)
		if again != got+"000000" {
			t.Fatalf("%q became %q", got, again)
		}
	})
}

func FuzzPayload(f *testing.F) {
	s, err := newSchema(tables())
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(`{"name":"A","msdyn_Company@odata.bind":"/cdm_companies(cdm_companycode='x')","creditlimit":1.5,"@odata.type":"x"}`))
	f.Add([]byte(`{"Targets":[{"@odata.type":"Microsoft.Dynamics.CRM.account","opened":"2020-01-01"}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, parse := range []func() error{
			func() error { _, err := parsePayload(s.byName["account"], body); return err },
			func() error { _, err := parseTargets(s.byName["account"], body); return err },
		} {
			if err := parse(); err != nil {
				if _, ok := err.(*apiError); !ok {
					t.Errorf("%T %v", err, err)
				}
			}
		}
	})
}
