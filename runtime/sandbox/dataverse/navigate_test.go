package dataverse

import "testing"

// TestNavigate follows references, as DynamicsWebApi does with "retrieve".
func TestNavigate(t *testing.T) {
	b := newBench(t)
	b.do("PATCH", "accounts("+guidA+")", `{"name":"Parent"}`).want(t, 204)
	b.do("PATCH", "contacts("+guidB+")", `{"fullname":"Child","parentcustomerid_account@odata.bind":"/accounts(`+guidA+`)"}`).want(t, 204)

	at := "contacts(" + guidB + ")/"
	b.do("GET", at+"parentcustomerid_account?$select=name", "").want(t, 200, `$metadata#accounts(name,accountid)/$entity"`, `"name":"Parent"`, `"accountid":"`+guidA+`"`)
	b.do("GET", at+"parentcustomerid_account/$ref", "").want(t, 200, `/$metadata#$ref"`, `/accounts(`+guidA+`)"`)
	// The reference leads to an account, so that towards contacts is empty.
	if a := b.do("GET", at+"parentcustomerid_contact", "").want(t, 204); a.text != "" {
		t.Error(a.text)
	}
	b.do("GET", at+"parentcustomerid_contact/$ref", "").want(t, 204)
	b.do("GET", at+"ownerid", "").want(t, 200, `$metadata#systemusers/$entity"`)
	b.do("GET", "accounts("+guidA+")/primarycontactid", "").want(t, 204)

	b.do("GET", "contacts("+guidC+")/parentcustomerid_account", "").want(t, 404, "0x80040217")
	b.do("GET", at+"parentcustomerid_account?$select=nonsense", "").want(t, 400, "nonsense")
	b.do("GET", at+"nonsense", "").want(t, 404, "nonsense")
	b.do("POST", at+"parentcustomerid_account", "{}").want(t, 405)
	b.do("POST", at+"parentcustomerid_account/$ref", "{}").want(t, 405)
}
