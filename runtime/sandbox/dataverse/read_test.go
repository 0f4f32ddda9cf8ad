package dataverse

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dualwrite/dw/runtime/sandbox/gate"
)

// load puts n accounts named A000.. into the twin, with ids in that order.
func (b *bench) load(n int) {
	b.t.Helper()
	rows := []map[string]any{}
	for i := range n {
		rows = append(rows, map[string]any{"accountid": fmt.Sprintf("00000000-0000-4000-9000-%012x", i), "name": fmt.Sprintf("A%03d", i), "creditlimit": strconv.Itoa(i), "numberofemployees": i % 10})
	}
	if err := b.twin.Load(context.Background(), "accounts", rows); err != nil {
		b.t.Fatal(err)
	}
}

func TestQuery(t *testing.T) {
	b := newBench(t)
	b.load(30)
	if err := b.twin.Load(context.Background(), "cdm_companies", []map[string]any{{"cdm_companyid": guidC, "cdm_companycode": "USMF", "cdm_name": "Contoso"}}); err != nil {
		t.Fatal(err)
	}
	b.do("PATCH", "accounts(00000000-0000-4000-9000-000000000003)", `{"accountnumber":"O'Hara","description":"50% off","msdyn_Company@odata.bind":"/cdm_companies(`+guidC+`)"}`).want(t, 204)
	for _, c := range []struct{ query, want string }{
		{"$filter=name eq 'a003'", "A003"},
		{"$filter=accountnumber eq 'O''HARA'", "A003"},
		{"$filter=creditlimit gt 9 and creditlimit lt 12", "A010,A011"},
		{"$filter=creditlimit eq 9.0", "A009"},
		{"$filter=not (creditlimit ge 1)", "A000"},
		{"$filter=accountnumber ne 'x'", "A003"}, // null rows are not compared
		{"$filter=accountnumber ne null", "A003"},
		{"$filter=_msdyn_company_value eq " + guidC, "A003"},
		{"$filter=Microsoft.Dynamics.CRM.In(PropertyName='name',PropertyValues=[\"A001\",'a002'])", "A001,A002"},
		{"$filter=Microsoft.Dynamics.CRM.In(PropertyName='msdyn_company',PropertyValues=['" + guidC + "'])", "A003"},
		{"$filter=Microsoft.Dynamics.CRM.In(PropertyName='accountid',PropertyValues=['00000000-0000-4000-9000-000000000003'])", "A003"},
		{"$filter=startswith(name,'A00') and endswith(name,'7')", "A007"},
		{"$filter=contains(name,'02') and creditonhold eq false&$top=2", "A002,A020"},
		{"$filter=createdon gt 2026-01-01T00:00:00Z and creditlimit eq 1", "A001"},
		{"$filter=name eq @p1 or @p2 eq creditlimit&@p1='A005'&@p2=6", "A005,A006"},
		{"$filter=description eq @none and name eq 'A001' and name ne '@p1'", "A001"},
		{"$orderby=@p1 desc&@p1=name&$top=1", "A029"},
		{"$orderby=numberofemployees desc,name&$top=3", "A009,A019,A029"},
		{"$orderby=_msdyn_company_value desc&$top=1", "A003"},
	} {
		var names []string
		for _, v := range b.do("GET", "accounts?$select=name&"+strings.ReplaceAll(c.query, "%", "%25"), "").want(t, 200).values(t) {
			names = append(names, v["name"].(string))
		}
		if got := strings.Join(names, ","); got != c.want {
			t.Errorf("%s: %s, want %s", c.query, got, c.want)
		}
	}
	for query, want := range map[string]string{
		"$skip=5": "Skip Clause is not supported in CRM", "$search=x": "not supported", "$format=json": "not supported", "$select=Name": "Could not find a property named 'Name' on type 'Microsoft.Dynamics.CRM.account'.",
		"$filter=nonsense eq 1": "Could not find a property named 'nonsense'", "$filter=name eq": "0x80060888", "$top=x": "$top", "$orderby=nonsense": "nonsense", "$expand=nonsense": "nonsense",
		"$filter=accountid eq guid'" + guidA + "'": "0x80060888", "$skiptoken=x": "Paging Cookie", "$count=maybe": "$count", "$filter=name eq 5": "incompatible types",
		"$filter=primarycontactid/nonsense eq 1": "nonsense",
	} {
		b.do("GET", "accounts?"+query, "").want(t, 400, want)
	}
	// What the service takes and the twin does not must not be answered with
	// other rows.
	b.do("GET", "accounts?fetchXml=%3Cfetch%2F%3E", "").want(t, 501, "fetchXml")
	b.do("GET", "accounts?savedQuery="+guidA, "").want(t, 501, "savedQuery")
	a := b.do("GET", "accounts?$select=name,creditlimit&$top=1&$count=true", "", `Prefer: odata.include-annotations="Microsoft.Dynamics.CRM.*"`).want(t, 200,
		`"@odata.count":30`, `"@Microsoft.Dynamics.CRM.totalrecordcount":30`, `"@Microsoft.Dynamics.CRM.globalmetadataversion":"`, `$metadata#accounts(name,creditlimit,_transactioncurrencyid_value,accountid)"`)
	if strings.Contains(a.text, "nextLink") || a.object(t)["@odata.context"] == nil {
		t.Error(a.text)
	}
	b.do("GET", "accounts/$count?$filter=creditlimit lt 5", "").want(t, 200, "\ufeff5")
	b.do("GET", "RetrieveTotalRecordCount(EntityNames=['account','contact'])", "").want(t, 200, `"Values":[30,0]`)
	b.do("GET", "RetrieveTotalRecordCount(EntityNames=@p1)?@p1=['account']", "").want(t, 200, `"Values":[30]`)
	b.do("GET", "RetrieveTotalRecordCount(EntityNames=['nonsense'])", "").want(t, 404)
}

func next(a answer, t testing.TB) string {
	t.Helper()
	s, _ := a.object(t)["@odata.nextLink"].(string)
	return s
}

func TestPaging(t *testing.T) {
	b := newBench(t)
	b.load(25)
	for _, query := range []string{"accounts?$select=name", "accounts?$select=name&$orderby=numberofemployees", "accounts?$top=3&$filter=creditlimit ge 0&$select=name"} {
		seen := map[string]bool{}
		sizes := []int{}
		link := query
		for link != "" {
			a := b.do("GET", link, "", "Prefer: odata.maxpagesize=10").want(t, 200)
			values := a.values(t)
			sizes = append(sizes, len(values))
			for _, v := range values {
				seen[v["name"].(string)] = true
			}
			link = next(a, t)
		}
		if len(seen) != 25 || !slices.Equal(sizes, []int{10, 10, 5}) {
			t.Errorf("%s: %d rows in pages of %v", query, len(seen), sizes)
		}
	}
	// A link goes back as it came.
	cut := strings.Replace(next(b.do("GET", "accounts", "", "Prefer: odata.maxpagesize=10"), t), "skiptoken=", "skiptoken=x", 1)
	b.do("GET", cut, "").want(t, 400, "Paging Cookie")
	// Live pages: a row that is deleted in between is not seen.
	a := b.do("GET", "accounts?$select=name", "", "Prefer: odata.maxpagesize=24").want(t, 200)
	b.do("DELETE", "accounts("+b.last()+")", "").want(t, 204)
	if v := b.do("GET", next(a, t), "", "Prefer: odata.maxpagesize=24").want(t, 200).values(t); len(v) != 0 {
		t.Errorf("%v", v)
	}
}

func (b *bench) last() string {
	return b.do("GET", "accounts?$orderby=name desc&$top=1", "").values(b.t)[0]["accountid"].(string)
}

func deltaLink(a answer, t testing.TB) string {
	t.Helper()
	s, _ := a.object(t)["@odata.deltaLink"].(string)
	if s == "" {
		t.Fatalf("no delta link in %s", a.text)
	}
	return s
}

func TestDelta(t *testing.T) {
	b := newBench(t)
	b.load(5)
	const page = "Prefer: odata.track-changes,odata.maxpagesize=3"
	a := b.do("GET", "accounts?$select=name", "", page).want(t, 200)
	if !strings.Contains(a.header.Get("Preference-Applied"), "odata.track-changes") || strings.Contains(a.text, "deltaLink") {
		t.Fatalf("%v %s", a.header, a.text)
	}
	// Written while the pages are read: comes with the first delta.
	b.do("PATCH", "accounts(00000000-0000-4000-9000-000000000000)", `{"name":"new"}`).want(t, 204)
	a = b.do("GET", next(a, t), "", "Prefer: odata.maxpagesize=3").want(t, 200)
	link := deltaLink(a, t)
	if !strings.Contains(link, "$select=name&$deltatoken=") {
		t.Error(link)
	}
	if v := b.do("GET", link, "").want(t, 200, "$metadata#accounts(name,accountid)/$delta").values(t); len(v) != 1 || v[0]["name"] != "new" {
		t.Errorf("%v", v)
	}
	for i := 1; i <= 3; i++ {
		b.do("PATCH", fmt.Sprintf("accounts(00000000-0000-4000-9000-%012x)", 4-i), `{"name":"n`+strconv.Itoa(i)+`"}`).want(t, 204)
	}
	b.do("PATCH", "accounts(00000000-0000-4000-9000-000000000003)", `{"name":"n4"}`).want(t, 204) // last by version now
	b.do("DELETE", "accounts(00000000-0000-4000-9000-000000000000)", "").want(t, 204)
	b.do("POST", "accounts", `{"accountid":"`+guidA+`"}`).want(t, 204)
	b.do("DELETE", "accounts("+guidA+")", "").want(t, 204)
	b.do("GET", strings.Replace(link, "accounts?", "accounts/$count?", 1), "").want(t, 200, "\ufeff5")
	var got []string
	pages := 0
	for at := link; at != ""; pages++ {
		a := b.do("GET", at, "", "Prefer: odata.maxpagesize=2").want(t, 200)
		for _, v := range a.values(t) {
			if v["reason"] == "deleted" {
				got = append(got, "-"+v["id"].(string)[35:])
				if len(v) != 3 {
					t.Errorf("%v", v)
				}
			} else {
				got = append(got, v["name"].(string))
			}
		}
		if at = next(a, t); at == "" {
			link = deltaLink(a, t)
		}
	}
	if want := []string{"n2", "n3", "n4", "-0", "-1"}; !slices.Equal(got, want) || pages != 3 {
		t.Errorf("%v in %d pages, want %v", got, pages, want)
	}
	if v := b.do("GET", link, "").want(t, 200).values(t); len(v) != 0 {
		t.Errorf("%v", v)
	}
	// A row made again with its id is a row, not a deletion.
	b.do("PATCH", "accounts("+guidA+")", `{"name":"back"}`).want(t, 204)
	if v := b.do("GET", link, "").want(t, 200).values(t); len(v) != 1 || v[0]["name"] != "back" {
		t.Errorf("%v", v)
	}
	for _, option := range []string{"$filter=name eq 'a'", "$orderby=name", "$expand=msdyn_Company", "$top=1"} {
		name, _, _ := strings.Cut(option, "=")
		b.do("GET", "accounts?"+option, "", "Prefer: odata.track-changes").want(t, 400, `The \"`+name+`\" query parameter isn't supported when Change Tracking is enabled.`)
	}
	b.do("GET", "transactioncurrencies", "", "Prefer: odata.track-changes").want(t, 400, "0x80060888")
	b.do("GET", "accounts?$deltatoken=nonsense", "").want(t, 400)
	b.do("GET", "accounts?$deltatoken=99999999!03%2f01%2f2026%2008%3a30%3a00", "").want(t, 400, "0x80044352") // of a state that never was
	b.clock.add(8 * 24 * time.Hour)
	b.do("GET", link, "").want(t, 400, "0x80044352", "Version stamp associated with the client has expired. Please perform a full sync.")
}

func TestMetadata(t *testing.T) {
	b := newBench(t)
	v := b.do("GET", "EntityDefinitions?$select=LogicalName,EntitySetName&$filter=ChangeTrackingEnabled eq true and OwnershipType eq Microsoft.Dynamics.CRM.OwnershipTypes'UserOwned'", "").want(t, 200).values(t)
	if len(v) != 2 || v[0]["LogicalName"] != "account" || v[0]["EntitySetName"] != "accounts" || v[0]["MetadataId"] == nil || len(v[0]) != 3 {
		t.Errorf("%v", v)
	}
	if v := b.do("GET", "EntityDefinitions?$select=LogicalName&$filter=EntitySetName eq 'uoms' or LogicalName eq 'contact'", "").values(t); len(v) != 2 {
		t.Errorf("%v", v)
	}
	o := b.do("GET", "EntityDefinitions(LogicalName='account')?$select=LogicalName,PrimaryIdAttribute&$expand=Attributes($select=LogicalName,AttributeTypeName,RequiredLevel,IsValidForCreate),Keys,ManyToOneRelationships($select=ReferencingAttribute,ReferencedEntity,ReferencingEntityNavigationPropertyName)", "").want(t, 200).object(t)
	if len(o["Attributes"].([]any)) < 20 || len(o["Keys"].([]any)) != 2 {
		t.Errorf("%v", o)
	}
	first := o["Attributes"].([]any)[1].(map[string]any)
	if first["LogicalName"] != "name" || first["AttributeTypeName"].(map[string]any)["Value"] != "StringType" || first["RequiredLevel"].(map[string]any)["Value"] != "ApplicationRequired" || first["MaxLength"] != nil {
		t.Errorf("%v", first)
	}
	// Users and teams own rows through one relationship, that with owner.
	owners := 0
	for _, r := range o["ManyToOneRelationships"].([]any) {
		r := r.(map[string]any)
		if r["ReferencingAttribute"] == "ownerid" {
			owners++
			if r["ReferencedEntity"] != "owner" || r["ReferencingEntityNavigationPropertyName"] != "ownerid" {
				t.Errorf("%v", r)
			}
		}
	}
	if owners != 1 {
		t.Errorf("%d relationships of ownerid", owners)
	}
	const attributes = "EntityDefinitions(LogicalName='account')/Attributes/Microsoft.Dynamics.CRM."
	b.do("GET", attributes+"StringAttributeMetadata?$select=LogicalName,MaxLength", "").want(t, 200, `"MaxLength":10`)
	b.do("GET", attributes+"MoneyAttributeMetadata?$select=LogicalName,Precision,PrecisionSource,MaxValue", "").want(t, 200, `"MaxValue":1000000000`)
	b.do("GET", attributes+"DateTimeAttributeMetadata?$select=LogicalName,DateTimeBehavior", "").want(t, 200, `{"Value":"DateOnly"}`)
	b.do("GET", attributes+"LookupAttributeMetadata?$select=LogicalName,Targets", "").want(t, 200, `"Targets":["cdm_company"]`, `"Targets":["systemuser","team"]`)
	b.do("GET", attributes+"PicklistAttributeMetadata?$select=LogicalName&$expand=OptionSet,GlobalOptionSet", "").want(t, 200, `"Label":"Farming"`, `"GlobalOptionSet":null`)
	b.do("GET", attributes+"StatusAttributeMetadata?$select=LogicalName&$expand=OptionSet", "").want(t, 200, `"State":1`)
	b.do("GET", attributes+"BooleanAttributeMetadata?$select=LogicalName&$expand=OptionSet", "").want(t, 200, `"TrueOption":{`)
	b.do("GET", attributes+"EnumAttributeMetadata", "").want(t, 404)
	b.do("GET", "EntityDefinitions(LogicalName='account')/Attributes(LogicalName='name')", "").want(t, 200, `"SchemaName":"name"`)
	b.do("GET", "EntityDefinitions(LogicalName='nonsense')", "").want(t, 404)
	b.do("GET", "EntityDefinitions?$select=Nonsense", "").want(t, 400, "Nonsense")

	query := `{"Properties":{"AllProperties":false,"PropertyNames":["LogicalName","EntitySetName","Attributes","Keys","ManyToOneRelationships"]},` +
		`"Criteria":{"FilterOperator":"And","Conditions":[{"ConditionOperator":"In","PropertyName":"LogicalName","Value":{"Type":"System.String[]","Value":"['account','contact']"}}]},` +
		`"AttributeQuery":{"Properties":{"AllProperties":false,"PropertyNames":["LogicalName","AttributeTypeName","MaxLength","Targets","OptionSet"]}},"KeyQuery":{"Properties":{"AllProperties":true}},"LabelQuery":{"FilterLanguages":[1033],"MissingLabelBehavior":0}}`
	path := "RetrieveMetadataChanges(Query=@p1)?@p1=" + url.QueryEscape(query)
	a := b.do("GET", path, "").want(t, 200, `"@odata.type":"#Microsoft.Dynamics.CRM.ComplexStringAttributeMetadata"`, `"@odata.type":"#Microsoft.Dynamics.CRM.ComplexLookupAttributeMetadata"`, `"EntityKeyIndexStatus":"Pending"`, `"ReferencingEntityNavigationPropertyName":"msdyn_Company"`)
	answer := a.object(t)
	entities := answer["EntityMetadata"].([]any)
	if len(entities) != 2 || entities[0].(map[string]any)["PrimaryIdAttribute"] != nil || entities[0].(map[string]any)["EntitySetName"] != "accounts" {
		t.Errorf("%v", entities)
	}
	stamp, _ := answer["ServerVersionStamp"].(string)
	again := b.do("GET", strings.Replace(path, "Query=@p1", "Query=@p1,ClientVersionStamp=@p2", 1)+"&@p2="+url.QueryEscape("'"+stamp+"'"), "").want(t, 200).object(t)
	if len(again["EntityMetadata"].([]any)) != 0 {
		t.Error("nothing has changed since the stamp")
	}
	b.do("GET", "RetrieveMetadataChanges(Query=@p1)?@p1=%7B", "").want(t, 400)
	b.do("GET", "RetrieveMetadataChanges()", "").want(t, 400)
}

func TestBatch(t *testing.T) {
	b := newBench(t)
	part := func(id, request, body string) string {
		return "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: " + id + "\r\n\r\n" + request + " HTTP/1.1\r\nContent-Type: application/json\r\n\r\n" + body + "\r\n"
	}
	set := func(parts ...string) string {
		return "Content-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n" + strings.Join(parts, "--c\r\n") + "--c--\r\n\r\n"
	}
	send := func(items ...string) answer {
		return b.do("POST", "$batch", "--b\r\n"+strings.Join(items, "--b\r\n")+"--b--\r\n", "Content-Type: multipart/mixed; boundary=b", "Prefer: odata.continue-on-error")
	}
	a := send(set(part("1", "POST /api/data/v9.2/accounts", `{"accountid":"`+guidA+`","name":"A"}`),
		part("2", "POST contacts", `{"contactid":"`+guidB+`","fullname":"B","parentcustomerid_account@odata.bind":"$1"}`),
		part("3", "PATCH $2", `{"fullname":"B1"}`)),
		part("4", "GET contacts("+guidB+")?$select=fullname", "")).want(t, 200, "HTTP/1.1 204 No Content", "accounts("+guidA+")", `"fullname":"B1"`)
	if !strings.HasPrefix(a.header.Get("Content-Type"), "multipart/mixed; boundary=batchresponse_") {
		t.Errorf("%v", a.header)
	}
	b.do("GET", "contacts("+guidB+")", "").want(t, 200, `"_parentcustomerid_value":"`+guidA+`"`)
	a = send(set(part("1", "DELETE /api/data/v9.2/accounts("+guidA+")", ""), part("2", "PATCH accounts("+guidC+")?x=1", `{"nonsense":1}`)),
		part("3", "PATCH /api/data/v9.2/accounts("+guidA+")", `{"name":"A2"}`)).want(t, 200, "0x80048d19")
	if strings.Count(a.text, "HTTP/1.1 ") != 2 {
		t.Errorf("one part stands for the failed change set: %s", a.text)
	}
	b.do("GET", "accounts("+guidA+")", "").want(t, 200, `"name":"A2"`)
	entries := b.log.Entries()
	if e := entries[len(entries)-2]; len(e.Writes) != 1 || e.Writes[0] != (gate.Write{Op: "update", Table: "accounts", ID: guidA}) || len(e.Batch) != 2 {
		t.Errorf("%+v", e)
	}
	// Without the preference the first failure ends the batch with its status.
	body := "--b\r\n" + part("1", "GET /api/data/v9.2/accounts("+guidC+")", "") + "--b\r\n" + part("2", "DELETE /api/data/v9.2/accounts("+guidA+")", "") + "--b--\r\n"
	b.do("POST", "$batch", body, "Content-Type: multipart/mixed; boundary=b").want(t, 404, "0x80040217")
	b.do("GET", "accounts("+guidA+")", "").want(t, 200)
	b.do("POST", "$batch", strings.ReplaceAll(body, "\r\n", "\n"), "Content-Type: multipart/mixed; boundary=b").want(t, 400, `"code":"0x80048d19"`, "Stream was not readable.")
}

func TestGate(t *testing.T) {
	b := newBench(t, func(o *gate.Options) {
		o.Auth = func(r *http.Request) error {
			if gate.BearerToken(r) != "x" {
				return fmt.Errorf("no token")
			}
			return nil
		}
		o.Limits = gate.Limits{Enabled: true, Requests: 3}
	})
	a := b.do("GET", "WhoAmI", "").want(t, 401)
	if !strings.Contains(a.header.Get("WWW-Authenticate"), "resource_id="+b.url+"/") {
		t.Errorf("%v", a.header)
	}
	for range 3 {
		b.do("GET", "WhoAmI", "", "Authorization: Bearer x").want(t, 200)
	}
	a = b.do("GET", "WhoAmI", "", "Authorization: Bearer x").want(t, 429, "0x80072322", "Number of requests exceeded the limit of 6000 over time window of 300 seconds.")
	if a.header.Get("Retry-After") != "300" {
		t.Errorf("%v", a.header)
	}
	b.gate.Inject(gate.Fault{Method: "POST", Kind: gate.LostAnswer})
	b.clock.add(301 * time.Second)
	r, err := http.NewRequest("POST", b.base+"accounts", strings.NewReader(`{"accountid":"`+guidA+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer x")
	if res, err := http.DefaultClient.Do(r); err == nil {
		res.Body.Close()
		t.Error("the answer came")
	}
	b.do("GET", "accounts("+guidA+")", "", "Authorization: Bearer x").want(t, 200)
}

// TestFile opens a twin's file again, damages rows in it, and opens it with
// other definitions.
func TestFile(t *testing.T) {
	ctx := context.Background()
	o := Options{Path: filepath.Join(t.TempDir(), "a b?.db"), Tables: tables(), Now: time.Now, NewID: newIDs()}
	twin, err := Open(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	org := twin.OrganizationID()
	if err := twin.Load(ctx, "accounts", []map[string]any{{"accountid": guidA, "name": "A", "opened": time.Now(), "ownerid": twin.UserID()}}); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []map[string]any{{"nonsense": 1}, {"numberofemployees": "x"}, {"accountid": "x"}, {"accountid": guidA}} {
		if err := twin.Load(ctx, "accounts", []map[string]any{{"name": "half"}, bad}); err == nil {
			t.Errorf("%v is loaded", bad)
		}
	}
	if err := twin.Load(ctx, "nonsense", nil); err == nil {
		t.Error("nonsense is a set")
	}
	var n int
	if err := twin.DB().QueryRow("SELECT count(*) FROM accounts").Scan(&n); err != nil || n != 1 {
		t.Errorf("%d rows, %v: failed loads leave nothing", n, err)
	}
	if err := twin.Close(); err != nil {
		t.Fatal(err)
	}
	if twin, err = Open(ctx, o); err != nil {
		t.Fatal(err)
	}
	if twin.OrganizationID() != org {
		t.Error("another organization")
	}
	b := &bench{t: t, twin: twin}
	b.serve()
	if _, err := twin.DB().Exec("UPDATE accounts SET name='damaged', creditlimit='7' WHERE accountid=?", guidA); err != nil {
		t.Fatal(err)
	}
	b.do("GET", "accounts("+guidA+")", "").want(t, 200, `"name":"damaged"`, `"creditlimit":7.0000`)
	if _, err := twin.DB().Exec("UPDATE accounts SET creditlimit='seven'"); err != nil {
		t.Fatal(err)
	}
	b.do("GET", "accounts("+guidA+")", "").want(t, 500, "the file holds seven in accounts.creditlimit")
	if err := twin.Close(); err != nil {
		t.Fatal(err)
	}
	b.do("POST", "accounts", "{}").want(t, 500)
	o.Tables = o.Tables[1:]
	if _, err := Open(ctx, o); err == nil || !strings.Contains(err.Error(), "other table definitions") {
		t.Errorf("%v", err)
	}
}

// TestParallel reads and writes at once.
func TestParallel(t *testing.T) {
	b := newBench(t)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for j := range 10 {
				b.do("PATCH", "accounts("+guidA+")", fmt.Sprintf(`{"name":"%d-%d"}`, i, j))
				b.do("GET", "accounts?$select=name", "")
				b.do("POST", "contacts", fmt.Sprintf(`{"number":"%d"}`, j))
			}
		})
	}
	wg.Wait()
	b.do("GET", "contacts/$count", "").want(t, 200, "\ufeff10")
	seen := map[int64]bool{}
	for _, set := range []string{"accounts", "contacts"} {
		for _, v := range b.do("GET", set+"?$select=versionnumber", "").values(t) {
			n, err := v["versionnumber"].(json.Number).Int64()
			if err != nil || seen[n] {
				t.Errorf("version %v twice, %v", v["versionnumber"], err)
			}
			seen[n] = true
		}
	}
}
