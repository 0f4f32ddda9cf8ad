package dataverse

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/dualwrite/dw/runtime/sandbox/outbox"
)

// post is one post that an endpoint got.
type post struct {
	header http.Header
	query  string
	body   string
}

// endpoint keeps the posts that it gets.
type endpoint struct {
	*httptest.Server
	mu     sync.Mutex
	posts  []post
	status int
}

func newEndpoint(t *testing.T) *endpoint {
	e := &endpoint{status: http.StatusOK}
	e.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		e.mu.Lock()
		defer e.mu.Unlock()
		e.posts = append(e.posts, post{r.Header, r.URL.RawQuery, string(body)})
		w.WriteHeader(e.status)
	}))
	t.Cleanup(e.Close)
	return e
}

func (e *endpoint) answer(status int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.status = status
}

// take waits until all posts are sent and gives those since the last call.
func (e *endpoint) take(b *bench) []post {
	b.t.Helper()
	if err := b.twin.Webhooks().Wait(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	out := e.posts
	e.posts = nil
	return out
}

const (
	hookID = "5e000000-0000-4000-8000-000000000001"
	hookOf = "serviceendpoints(" + hookID + ")"
)

// hook registers an endpoint under hookID.
func (b *bench) hook(address string) {
	b.t.Helper()
	b.do("POST", "serviceendpoints", `{"serviceendpointid":"`+hookID+`","name":"sync-hook","url":"`+address+`","contract":8,"authtype":4,"authvalue":"s+cret"}`).want(b.t, 204)
}

// find gives the id of the one row of a query.
func (b *bench) find(query, id string) string {
	b.t.Helper()
	rows := b.do("GET", query, "").want(b.t, 200).object(b.t)["value"].([]any)
	if len(rows) != 1 {
		b.t.Fatalf("%s: %v", query, rows)
	}
	return rows[0].(map[string]any)[id].(string)
}

// stepBody is the documented registration of a step, with more members.
func (b *bench) stepBody(message, table, more string) string {
	b.t.Helper()
	m := b.find("sdkmessages?$select=sdkmessageid&$filter=name eq '"+message+"'", "sdkmessageid")
	f := b.find("sdkmessagefilters?$select=sdkmessagefilterid&$filter=primaryobjecttypecode eq '"+table+"' and sdkmessageid/name eq '"+message+
		"' and iscustomprocessingstepallowed eq true", "sdkmessagefilterid")
	return `{"name":"sync: ` + table + " " + message + `","mode":1,"stage":40,"rank":1,"supporteddeployment":0,"asyncautodelete":true,"description":"x",
		"eventhandler_serviceendpoint@odata.bind":"/` + hookOf + `","sdkmessageid@odata.bind":"/sdkmessages(` + m + `)",
		"sdkmessagefilterid@odata.bind":"/sdkmessagefilters(` + f + `)"` + more + `}`
}

// step registers a step and gives its address.
func (b *bench) step(message, table, more string) string {
	b.t.Helper()
	a := b.do("POST", "sdkmessageprocessingsteps", b.stepBody(message, table, more)).want(b.t, 204)
	return strings.TrimPrefix(a.header.Get("OData-EntityId"), b.base)
}

func (b *bench) allSteps(table string) {
	for _, m := range []string{"Create", "Update", "Delete"} {
		b.step(m, table, "")
	}
}

const accountID = "60c40000-0000-4000-8000-000000000001"

const createPost = `{"BusinessUnitId":"*","CorrelationId":"*","Depth":1,"InitiatingUserId":"*","InputParameters":[{"key":"Target","value":{
  "__type":"Entity:http://schemas.microsoft.com/xrm/2011/Contracts","Attributes":[
   {"key":"accountid","value":"` + accountID + `"},{"key":"accountnumber","value":"A1"},{"key":"createdon","value":"/Date(1772353800000)/"},
   {"key":"creditlimit","value":{"__type":"Money:http://schemas.microsoft.com/xrm/2011/Contracts","Value":12.5}},{"key":"creditonhold","value":true},
   {"key":"industrycode","value":{"__type":"OptionSetValue:http://schemas.microsoft.com/xrm/2011/Contracts","Value":2}},
   {"key":"latitude","value":3},{"key":"modifiedby","value":{"__type":"EntityReference:http://schemas.microsoft.com/xrm/2011/Contracts","Id":"*","KeyAttributes":[],"LogicalName":"systemuser","Name":null,"RowVersion":null}},
   {"key":"modifiedon","value":"/Date(1772353800000)/"},{"key":"name","value":"Nordwind"},{"key":"numberofemployees","value":7},
   {"key":"opened","value":"/Date(1709164800000)/"},
   {"key":"ownerid","value":{"__type":"EntityReference:http://schemas.microsoft.com/xrm/2011/Contracts","Id":"*","KeyAttributes":[],"LogicalName":"systemuser","Name":null,"RowVersion":null}},
   {"key":"rate","value":0.125},
   {"key":"statecode","value":{"__type":"OptionSetValue:http://schemas.microsoft.com/xrm/2011/Contracts","Value":0}},
   {"key":"statuscode","value":{"__type":"OptionSetValue:http://schemas.microsoft.com/xrm/2011/Contracts","Value":1}}],
  "EntityState":null,"FormattedValues":[],"Id":"` + accountID + `","KeyAttributes":[],"LogicalName":"account","RelatedEntities":[],"RowVersion":null}}],
 "IsExecutingOffline":false,"IsInTransaction":false,"IsOfflinePlayback":false,"IsolationMode":1,"MessageName":"Create","Mode":1,
 "OperationCreatedOn":"/Date(1772353800500-0000)/","OperationId":"*","OrganizationId":"*","OrganizationName":"twin",
 "OutputParameters":[{"key":"id","value":"` + accountID + `"}],
 "OwningExtension":{"Id":"*","KeyAttributes":[],"LogicalName":"sdkmessageprocessingstep","Name":null,"RowVersion":null},
 "ParentContext":null,"PostEntityImages":[],"PreEntityImages":[],"PrimaryEntityId":"` + accountID + `","PrimaryEntityName":"account",
 "RequestId":"0f8fad5b-d9cb-469f-a165-70867728950e","SecondaryEntityName":"none","SharedVariables":[{"key":"tag","value":"sync-7"}],"Stage":40,"UserId":"*"}`

// mask hides the ids that the twin makes.
func mask(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, m := range v {
			if text, ok := m.(string); ok && strings.HasPrefix(text, "00000000-0000-4000-8000-") {
				v[k] = "*"
				continue
			}
			v[k] = mask(m)
		}
	case []any:
		for i := range v {
			v[i] = mask(v[i])
		}
	}
	return v
}

func TestACreatePostsTheDocumentedContext(t *testing.T) {
	b, e := newBench(t), newEndpoint(t)
	b.hook(e.URL)
	b.step("Create", "account", "")
	b.do("POST", "accounts?tag=sync-7", `{"accountid":"`+accountID+`","accountnumber":"A1","name":"Nordwind","creditlimit":12.5,"rate":0.125,"industrycode":2,
		"opened":"2024-02-29","numberofemployees":7,"creditonhold":true,"latitude":3}`, "x-ms-client-request-id: 0F8FAD5B-d9cb-469f-a165-70867728950e").want(t, 204)
	posts := e.take(b)
	if len(posts) != 1 {
		t.Fatalf("%+v", posts)
	}
	var got, want any
	if err := json.Unmarshal([]byte(createPost), &want); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(posts[0].body), &got); err != nil {
		t.Fatal(err)
	}
	correlation := got.(map[string]any)["CorrelationId"].(string)
	if !reflect.DeepEqual(mask(got), want) {
		t.Errorf("%s", posts[0].body)
	}
	if posts[0].query != "code=s%2Bcret" {
		t.Errorf("query %s", posts[0].query)
	}
	for name, value := range map[string]string{
		"Content-Type": "application/json", "x-ms-dynamics-organization": "twin", "x-ms-dynamics-entity-name": "account", "x-ms-dynamics-request-name": "Create",
		"x-ms-correlation-request-id": correlation, "x-ms-dynamics-msg-size-exceeded": "",
	} {
		if h := posts[0].header.Get(name); h != value {
			t.Errorf("%s: %s", name, h)
		}
	}
	// The key is written, never read.
	b.do("GET", hookOf+"?$select=name,url,contract,authtype", "").want(t, 200, "sync-hook")
	b.do("GET", hookOf+"?$select=authvalue", "").want(t, 400)
	if a := b.do("GET", hookOf, "").want(t, 200); strings.Contains(a.text, "cret") {
		t.Error("the key can be read")
	}
}

// subjects gives message, table and target's columns of posts.
func subjects(t *testing.T, posts []post) string {
	t.Helper()
	var out []string
	for _, p := range posts {
		var c struct {
			MessageName, PrimaryEntityName string
			InputParameters                []struct {
				Value struct {
					Attributes []struct{ Key string }
				}
			}
		}
		if err := json.Unmarshal([]byte(p.body), &c); err != nil {
			t.Fatal(err)
		}
		columns := ""
		if c.MessageName == "Update" {
			for _, a := range c.InputParameters[0].Value.Attributes {
				if a.Key != "modifiedon" && a.Key != "modifiedby" {
					columns += " " + a.Key
				}
			}
		}
		out = append(out, c.MessageName+" "+c.PrimaryEntityName+columns)
	}
	return strings.Join(out, ", ")
}

func TestPostsFollowCommitsOfAllKinds(t *testing.T) {
	b, e := newBench(t), newEndpoint(t)
	b.do("POST", "accounts", `{"name":"before"}`).want(t, 204)
	b.hook(e.URL)
	b.allSteps("account")
	row := "accounts(" + accountID + ")"
	for _, c := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"POST", "accounts", `{"accountid":"` + accountID + `","name":"a"}`, 204, "Create account"},
		{"POST", "accounts", `{"accountid":"` + accountID + `","name":"a"}`, 412, ""},
		{"PATCH", row, `{"name":"b","industrycode":null}`, 204, "Update account industrycode name"},
		{"PATCH", row, `{"statecode":1}`, 204, "Update account statecode statuscode"},
		{"PUT", row + "/name", `{"value":"c"}`, 204, "Update account name"},
		{"POST", "accounts/Microsoft.Dynamics.CRM.CreateMultiple", `{"Targets":[{"@odata.type":"Microsoft.Dynamics.CRM.account","name":"x"},{"@odata.type":"Microsoft.Dynamics.CRM.account","name":"y"}]}`, 200, "Create account, Create account"},
		{"POST", "contacts", `{"fullname":"of another table"}`, 204, ""},
		{"DELETE", row, "", 204, "Delete account"},
		{"PATCH", row, `{"name":"again"}`, 204, "Create account"},
	} {
		b.do(c.method, c.path, c.body).want(t, c.status)
		if got := subjects(t, e.take(b)); got != c.want {
			t.Errorf("%s %s: %s, want %s", c.method, c.path, got, c.want)
		}
	}
	if err := b.twin.Load(t.Context(), "accounts", []map[string]any{{"name": "loaded"}}); err != nil {
		t.Fatal(err)
	}
	changeSet := func(second string) string {
		part := func(n int, body string) string {
			return fmt.Sprintf("--c\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: %d\r\n\r\nPOST /api/data/v9.2/accounts HTTP/1.1\r\nContent-Type: application/json\r\n\r\n%s\r\n", n, body)
		}
		return "--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n" + part(1, `{"name":"s1"}`) + part(2, second) + "--c--\r\n--b--\r\n"
	}
	b.do("POST", "$batch", changeSet(`{"nonsense":1}`), "Content-Type: multipart/mixed; boundary=b")
	if got := e.take(b); len(got) != 0 {
		t.Errorf("after a change set that failed: %s", subjects(t, got))
	}
	b.do("POST", "$batch", changeSet(`{"name":"s2"}`), "Content-Type: multipart/mixed; boundary=b").want(t, 200)
	if got := subjects(t, e.take(b)); got != "Create account, Create account" {
		t.Errorf("after a change set: %s", got)
	}
}

func TestFilteringBypassDisablingAndDeletion(t *testing.T) {
	b, e := newBench(t), newEndpoint(t)
	b.hook(e.URL)
	step := b.step("Update", "account", `,"filteringattributes":"name, creditlimit"`)
	row := "accounts(" + accountID + ")"
	b.do("POST", "accounts", `{"accountid":"`+accountID+`","name":"a"}`).want(t, 204)
	n := 0
	patch := func(body string, want int, headers ...string) {
		t.Helper()
		n++
		b.do("PATCH", row, body, headers...).want(t, 204)
		if got := e.take(b); len(got) != want {
			t.Errorf("write %d: %d posts, want %d", n, len(got), want)
		}
	}
	patch(`{"name":"a"}`, 1) // in the request, though not changed
	patch(`{"industrycode":1}`, 0)
	patch(`{"industrycode":1,"creditlimit":1}`, 1)
	patch(`{"name":"b"}`, 0, "MSCRM.BypassBusinessLogicExecution: CustomSync,CustomAsync")
	patch(`{"name":"b"}`, 1, "MSCRM.BypassBusinessLogicExecution: CustomSync")
	b.do("PATCH", step, `{"statecode":1,"statuscode":2}`).want(t, 204)
	patch(`{"name":"c"}`, 0)
	b.do("PATCH", step, `{"statecode":0,"statuscode":1}`).want(t, 204)
	patch(`{"name":"d"}`, 1)
	b.do("DELETE", step, "").want(t, 204)
	patch(`{"name":"e"}`, 0)
	b.step("Update", "account", "")
	patch(`{"name":"f"}`, 1)
	b.do("DELETE", hookOf, "").want(t, 204)
	patch(`{"name":"g"}`, 0)
	b.do("GET", "sdkmessageprocessingsteps?$count=true", "").want(t, 200, `"@odata.count":0`)
}

func TestHeaderAndQueryAuthentication(t *testing.T) {
	b, e := newBench(t), newEndpoint(t)
	b.hook(e.URL + "?a=1")
	b.step("Create", "account", "")
	settings := `<settings><setting name=\"x-key\" value=\"s1\" /><setting name=\"other\" value=\"s 2\" /></settings>`
	b.do("PATCH", hookOf, `{"authtype":5,"authvalue":"`+settings+`"}`).want(t, 204)
	b.do("POST", "accounts", `{"name":"a"}`).want(t, 204)
	b.do("PATCH", hookOf, `{"authtype":6}`).want(t, 204)
	b.do("POST", "accounts", `{"name":"b"}`).want(t, 204)
	posts := e.take(b)
	if len(posts) != 2 || posts[0].header.Get("x-key") != "s1" || posts[0].query != "a=1" || posts[1].query != "a=1&other=s+2&x-key=s1" || posts[1].header.Get("x-key") != "" {
		t.Errorf("%+v", posts)
	}
}

func TestALargePostComesWithoutParameters(t *testing.T) {
	b, e := newBench(t), newEndpoint(t)
	b.hook(e.URL)
	b.step("Create", "account", "")
	b.do("POST", "accounts", `{"accountid":"`+accountID+`","name":"a","description":"`+strings.Repeat("x", 256<<10)+`"}`).want(t, 204)
	posts := e.take(b)
	if len(posts) != 1 || posts[0].header.Get("x-ms-dynamics-msg-size-exceeded") == "" || len(posts[0].body) > 4096 ||
		!strings.Contains(posts[0].body, `"InputParameters":null`) || !strings.Contains(posts[0].body, `"PrimaryEntityId":"`+accountID+`"`) {
		t.Errorf("%.2000v", posts)
	}
}

func TestFailedPosts(t *testing.T) {
	b, e := newBench(t), newEndpoint(t)
	b.hook(e.URL)
	b.step("Create", "account", "")
	for i, c := range []struct{ status, posts int }{{500, 1}, {401, 1}, {502, 2}, {503, 2}, {504, 2}} {
		e.answer(c.status)
		b.do("POST", "accounts", `{"name":"a"}`).want(t, 204)
		if got := e.take(b); len(got) != c.posts || len(b.twin.Webhooks().Failures()) != i+1 {
			t.Errorf("status %d: %d posts, failures %+v", c.status, len(got), b.twin.Webhooks().Failures())
		}
	}
	e.answer(204)
	b.do("POST", "accounts", `{"name":"a"}`).want(t, 204)
	if got := e.take(b); len(got) != 1 || len(b.twin.Webhooks().Failures()) != 5 {
		t.Errorf("%d posts", len(got))
	}
}

func TestFaultsOfPosts(t *testing.T) {
	b, e := newBench(t), newEndpoint(t)
	b.hook(e.URL)
	b.step("Create", "account", "")
	if err := b.twin.Webhooks().SetFaults(outbox.Faults{Repeat: 1}); err != nil {
		t.Fatal(err)
	}
	b.do("POST", "accounts", `{"name":"a"}`).want(t, 204)
	if got := e.take(b); len(got) != 2 || got[0].body != got[1].body {
		t.Errorf("%d posts", len(got))
	}
}

func TestRegistrationIsChecked(t *testing.T) {
	b, e := newBench(t), newEndpoint(t)
	b.hook(e.URL)
	for body, want := range map[string]string{
		`{"url":"http://a/","contract":8,"authtype":4,"authvalue":"k"}`:                      "name",
		`{"name":"x","url":"http://a/","contract":1,"authtype":4,"authvalue":"k"}`:           "contract",
		`{"name":"x","url":"http://a/","contract":8,"authtype":2,"authvalue":"k"}`:           "authtype",
		`{"name":"x","url":"http://a/","contract":8,"authtype":4}`:                           "authvalue",
		`{"name":"x","url":"a","contract":8,"authtype":4,"authvalue":"k"}`:                   "url",
		`{"name":"x","url":"http://a/","contract":8,"authtype":5,"authvalue":"k"}`:           "settings",
		`{"name":"x","url":"http://a/","contract":8,"authtype":5,"authvalue":"<settings/>"}`: "settings",
	} {
		b.do("POST", "serviceendpoints", body).want(t, 400, want)
	}
	b.do("PATCH", hookOf, `{"url":"nowhere"}`).want(t, 400, "url")
	change := func(message, old, new string) string {
		body := b.stepBody(message, "account", "")
		if !strings.Contains(body, old) {
			t.Fatalf("no %s in %s", old, body)
		}
		return strings.Replace(body, old, new, 1)
	}
	for _, c := range []struct{ body, want string }{
		{change("Update", `"mode":1`, `"mode":0`), "asynchronous"},
		{change("Update", `"stage":40`, `"stage":20`), "PostOperation"},
		{change("Update", `"mode":1,`, ``), "mode"},
		{change("Update", `"rank":1,`, ``), "rank"},
		{change("Update", `"rank":1,`, `"rank":1,"filteringattributes":"nonsense",`), "nonsense"},
		{change("Create", `"rank":1,`, `"rank":1,"filteringattributes":"name",`), "Only steps of Update"},
		{change("CreateMultiple", `"rank":1`, `"rank":2`), "CreateMultiple"},
		{change("Update", `eventhandler_serviceendpoint`, `EventHandler_ServiceEndpoint`), "undeclared"},
	} {
		b.do("POST", "sdkmessageprocessingsteps", c.body).want(t, 400, c.want)
	}
	// A filter of another message than the step's.
	update := b.find("sdkmessages?$filter=name eq 'Update'", "sdkmessageid")
	create := b.find("sdkmessages?$filter=name eq 'Create'", "sdkmessageid")
	b.do("POST", "sdkmessageprocessingsteps", change("Update", update, create)).want(t, 400, "The filter")
	b.do("GET", "sdkmessageprocessingsteps?$count=true", "").want(t, 200, `"@odata.count":0`)
	b.do("GET", "serviceendpoints?$count=true", "").want(t, 200, `"@odata.count":1`)
}

func FuzzSettings(f *testing.F) {
	for _, s := range []string{"", "<settings/>", `<settings><setting name="a" value="b"/></settings>`, "<settings><setting/></settings>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		list, err := parseSettings(text)
		if err == nil && len(list) == 0 {
			t.Fatal("nothing was read")
		}
	})
}

// The steps are kept in memory: what undoes a registration, and what somebody
// changes in the file, has to count at once all the same.
func TestStepsAreThoseOfTheFile(t *testing.T) {
	b, e := newBench(t), newEndpoint(t)
	b.hook(e.URL)
	body := b.stepBody("Create", "account", "")
	create := func(want int) {
		t.Helper()
		b.do("POST", "accounts", `{"name":"a"}`).want(t, 204)
		if got := e.take(b); len(got) != want {
			t.Errorf("%d posts, want %d", len(got), want)
		}
	}
	create(0)
	part := func(n int, set, body string) string {
		return fmt.Sprintf("--c\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: %d\r\n\r\nPOST /api/data/v9.2/%s HTTP/1.1\r\nContent-Type: application/json\r\n\r\n%s\r\n", n, set, body)
	}
	undone := part(1, "sdkmessageprocessingsteps", body) + part(2, "accounts", `{"name":"b"}`) + part(3, "accounts", `{"nonsense":1}`)
	b.do("POST", "$batch", "--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n"+undone+"--c--\r\n--b--\r\n", "Content-Type: multipart/mixed; boundary=b")
	create(0)
	b.do("POST", "sdkmessageprocessingsteps", body).want(t, 204)
	create(1)
	if _, err := b.twin.DB().ExecContext(t.Context(), "UPDATE sdkmessageprocessingsteps SET statecode = 1"); err != nil {
		t.Fatal(err)
	}
	create(0)
}

// TestCascadedDeletes: rows that go with their parent are told of one by one, by
// webhooks, by tombstones and in the request log, children first.
func TestCascadedDeletes(t *testing.T) {
	b, e := newBench(t), newEndpoint(t)
	b.hook(e.URL)
	b.allSteps("uom")
	const group = "uomschedules(" + guidA + ")"
	b.do("POST", "uomschedules", `{"uomscheduleid":"`+guidA+`","name":"Lengths","baseuomname":"m"}`).want(t, 204)
	for _, id := range []string{guidB, guidC} {
		b.do("POST", "uoms", `{"uomid":"`+id+`","name":"`+id[:8]+`","uomscheduleid@odata.bind":"/`+group+`"}`).want(t, 204)
	}
	e.take(b)
	delta := b.do("GET", "uoms?$select=name", "", "Prefer: odata.track-changes").want(t, 200).object(t)["@odata.deltaLink"].(string)
	b.do("DELETE", group, "").want(t, 204)
	for _, id := range []string{guidB, guidC} {
		b.do("GET", "uoms("+id+")", "").want(t, 404)
	}
	b.do("GET", delta, "").want(t, 200, guidB, guidC, `"reason":"deleted"`)
	posts := e.take(b)
	if len(posts) != 2 {
		t.Fatalf("%d posts", len(posts))
	}
	for i, id := range []string{guidB, guidC} {
		if !strings.Contains(posts[i].body, `"MessageName":"Delete"`) || !strings.Contains(posts[i].body, `"PrimaryEntityId":"`+id) {
			t.Errorf("post %d: %s", i, posts[i].body)
		}
	}
}
