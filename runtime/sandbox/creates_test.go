package sandbox

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

func send(t *testing.T, method, address, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(answer)
}

// TestCreatesOfTheStandardMapsSucceed sends what the standard maps write, which
// is less than the reference calls required: server-side logic fills the rest.
func TestCreatesOfTheStandardMapsSucceed(t *testing.T) {
	o := options(t.TempDir())
	o.NoAuth = true
	s := start(t, o)
	dv, fno := s.Addresses().Dataverse+"/api/data/v9.2/", s.Addresses().FnO+"/data/"
	for _, c := range []struct{ address, body string }{
		{dv + "cdm_companies", `{"cdm_companycode":"ITCO","cdm_name":"Contoso Italia"}`},
		{dv + "transactioncurrencies", `{"isocurrencycode":"XTS","currencyname":"Test","currencysymbol":"X","exchangerate":1.0}`},
		{dv + "uoms", `{"msdyn_symbol":"bq","name":"bq","msdyn_externalunitclassname":"Radioactivity","msdyn_decimalprecision":0,"msdyn_isbaseunit":true,"msdyn_issystemunit":true,"msdyn_systemofunits":192350001,"msdyn_description":"Becquerel"}`},
		{dv + "msdyn_paymentterms", `{"msdyn_name":"T1","msdyn_days":8,"msdyn_paymentmethodtype":806380991,"msdyn_Company@odata.bind":"/cdm_companies(cdm_companycode='USMF')"}`},
		{dv + "msdyn_customergroups", `{"msdyn_groupid":"G1","msdyn_PaymentTermId@odata.bind":"/msdyn_paymentterms(msdyn_name='T1',_msdyn_company_value={usmf})","msdyn_Company@odata.bind":"/cdm_companies({usmf})"}`},
		{dv + "accounts", `{"accountnumber":"A-1","name":"Zoë & Söhne","customertypecode":3,"creditlimit":1500.50,"address1_addresstypecode":2,"msdyn_onholdstatus":806380000,"msdyn_onetimecustomer":false,"msdyn_Company@odata.bind":"/cdm_companies({usmf})","ownerid@odata.bind":"/teams({team})","transactioncurrencyid@odata.bind":"/transactioncurrencies(isocurrencycode='USD')"}`},
		{dv + "accounts/Microsoft.Dynamics.CRM.CreateMultiple", `{"Targets":[{"@odata.type":"Microsoft.Dynamics.CRM.account","accountnumber":"A-2","name":"Two","msdyn_Company@odata.bind":"/cdm_companies({usmf})"}]}`},
		{dv + "contacts", `{"msdyn_contactpersonid":"P-1","firstname":"Siân","lastname":"Ó Briain","gendercode":2,"msdyn_sellable":true,"address1_addresstypecode":3,"msdyn_Company@odata.bind":"/cdm_companies({usmf})"}`},
		{fno + "PaymentTerms?cross-company=true", `{"dataAreaId":"usmf","Name":"T1","NumberOfDays":8,"PaymentMethodType":"Net"}`},
		{fno + "CustomerGroups?cross-company=true", `{"dataAreaId":"usmf","CustomerGroupId":"G1","PaymentTermId":"T1"}`},
		{fno + "CustomersV3?cross-company=true", `{"dataAreaId":"usmf","CustomerAccount":"A-1","OrganizationName":"Zoë & Söhne","PartyType":"Organization","LanguageId":"en-us","CustomerGroupId":"G1","SalesCurrencyCode":"USD","PaymentTerms":"T1","InvoiceAccount":"A-1","CreditLimit":1500.5,"OnHoldStatus":"No"}`},
		{fno + "CustomersV3?cross-company=true", `{"dataAreaId":"usmf","CustomerAccount":"P-1","PersonFirstName":"Siân","PersonLastName":"Ó Briain","PartyType":"Person","CustomerGroupId":"G1","SalesCurrencyCode":"USD","PersonGender":"Female","AddressLocationRoles":"Business"}`},
	} {
		status, answer := send(t, http.MethodPost, c.address, s.fillIn(t, c.body))
		if status/100 != 2 {
			t.Errorf("%s: %d %s", c.address, status, answer)
		}
	}
	for _, c := range []struct {
		what, query string
	}{
		{"a team for the new company", `SELECT count(*) FROM cdm_companies c JOIN teams t ON t.teamid = c.cdm_defaultowningteam WHERE c.cdm_companycode = 'ITCO' AND t.name = 'ITCO'`},
		{"a unit group for the new unit", `SELECT count(*) FROM uoms u JOIN uomschedules s ON s.uomscheduleid = u.uomscheduleid WHERE u.msdyn_symbol = 'bq' AND s.name = 'Radioactivity'`},
	} {
		if count(t, s.Dataverse().DB(), c.query) != 1 {
			t.Errorf("there is not %s", c.what)
		}
	}
	// The tables whose reference page lists no bulk message refuse it.
	if status, _ := send(t, http.MethodPost, dv+"uoms/Microsoft.Dynamics.CRM.CreateMultiple", `{"Targets":[{"@odata.type":"Microsoft.Dynamics.CRM.uom","name":"x"}]}`); status/100 != 4 {
		t.Errorf("CreateMultiple of units: %d", status)
	}
}

// fillIn puts ids into a body.
func (s *Sandbox) fillIn(t *testing.T, body string) string {
	t.Helper()
	var company, team string
	err := s.dataverse.DB().QueryRowContext(t.Context(), `SELECT cdm_companyid, cdm_defaultowningteam FROM cdm_companies WHERE cdm_companycode = 'USMF'`).Scan(&company, &team)
	if err != nil {
		t.Fatal(err)
	}
	return strings.NewReplacer("{usmf}", company, "{team}", team).Replace(body)
}

// TestForeignKeysAndLengths: what the assumptions add is enforced.
func TestForeignKeysAndLengths(t *testing.T) {
	o := options(t.TempDir())
	o.NoAuth = true
	s := start(t, o)
	customers := s.Addresses().FnO + "/data/CustomersV3?cross-company=true"
	for name, body := range map[string]string{
		"not found in the related table": `{"dataAreaId":"usmf","CustomerAccount":"X-1","PartyType":"Organization","CustomerGroupId":"nope","SalesCurrencyCode":"USD"}`,
		"must be filled in":              `{"dataAreaId":"usmf","CustomerAccount":"X-1","PartyType":"Organization","CustomerGroupId":"10"}`,
		"CreditRating":                   `{"dataAreaId":"usmf","CustomerAccount":"X-1","PartyType":"Organization","CustomerGroupId":"10","SalesCurrencyCode":"USD","CreditRating":"longer than ten"}`,
	} {
		if status, answer := send(t, http.MethodPost, customers, body); status != http.StatusBadRequest ||
			!strings.Contains(strings.ReplaceAll(answer, "is not found", "not found"), name) {
			t.Errorf("%s: %d %s", name, status, answer)
		}
	}
	accounts := s.Addresses().Dataverse + "/api/data/v9.2/accounts"
	for name, body := range map[string]string{
		"0x80048d19": `{"name":"x","msdyn_company@odata.bind":"/cdm_companies(cdm_companycode='USMF')"}`,
		"0x80044331": `{"name":"x","msdyn_creditrating":"longer than ten"}`,
	} {
		if status, answer := send(t, http.MethodPost, accounts, body); status != http.StatusBadRequest || !strings.Contains(strings.ToLower(answer), name) {
			t.Errorf("%s: %d %s", name, status, answer)
		}
	}
}
