package receive

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
)

const key = "a-key-of-the-tests-1"

const fnoCreated = `{"MessageName":"OnExternalCreated","PrimaryEntityName":"mserp_custcustomergroupentity",
 "PrimaryEntityId":"00000000-0000-0000-0000-000000000000","CorrelationId":"844bbf91-d451-4cad-a83d-1fea5f32ebaf",
 "OperationCreatedOn":"/Date(1784051293000+0000)/","InitiatingUserAzureActiveDirectoryObjectId":"E3A96D5D-8187-498c-88e7-4448cc8e57fa",
 "InputParameters":[{"key":"Target","value":{"__type":"Entity:http://schemas.microsoft.com/xrm/2011/Contracts",
   "LogicalName":"mserp_custcustomergroupentity","Id":"00004951-0000-0000-5e1a-005001000000","Attributes":[
     {"key":"mserp_CustomerGroupId","value":"Default"},{"key":"mserp_dataareaid","value":"usmf"},{"key":"mserp_nothing","value":null},
     {"key":"mserp_from","value":"/Date(1784051293000+0000)/"},{"key":"mserp_days","value":12.50},{"key":"mserp_on","value":true},
     {"key":"mserp_other","value":{"__type":"EntityReference:http://schemas.microsoft.com/xrm/2011/Contracts","Id":"x"}},
     {"key":"mserp_limit","value":{"__type":"Money:http://schemas.microsoft.com/xrm/2011/Contracts","Value":1500.5}},
     {"key":"mserp_issalestaxincludedinprice","value":{"__type":"OptionSetValue:http://schemas.microsoft.com/xrm/2011/Contracts","Value":200000000}}]}}]}`

const dataverseUpdate = `{"BusinessUnitId":"b","Depth":1,"InitiatingUserId":"60C4A5EE-0000-4000-8000-000000000009","OperationId":"60c4a5ee-0000-4000-8000-000000000077",
 "InputParameters":[{"key":"Target","value":{"__type":"Entity:http://schemas.microsoft.com/xrm/2011/Contracts",
   "Attributes":[{"key":"name","value":"Nordwind"}],"Id":"60C4A5EE-0000-4000-8000-000000000001","LogicalName":"account","RelatedEntities":[]}}],
 "MessageName":"Update","PrimaryEntityId":"60c4a5ee-0000-4000-8000-000000000001","PrimaryEntityName":"account","SharedVariables":[]}`

const dataverseDelete = `{"MessageName":"Delete","PrimaryEntityName":"account","PrimaryEntityId":"60c4a5ee-0000-4000-8000-000000000001",
 "InputParameters":[{"key":"Target","value":{"__type":"EntityReference:http://schemas.microsoft.com/xrm/2011/Contracts","Id":"60c4a5ee-0000-4000-8000-000000000001","LogicalName":"account"}}]}`

// tooBigForParameters is what Dataverse leaves of a post above 256 KB.
const tooBigForParameters = `{"MessageName":"Create","PrimaryEntityName":"account","PrimaryEntityId":"60c4a5ee-0000-4000-8000-000000000001","InputParameters":null}`

var (
	wantFnO = connect.Notice{
		Side: value.FnO, Table: "custcustomergroupentity", Op: "create", ID: "5637151326", User: "e3a96d5d-8187-498c-88e7-4448cc8e57fa",
		Values: map[string]string{
			"customergroupid": "Default", "dataareaid": "usmf", "from": "2026-07-14T17:48:13Z", "days": "12.50", "on": "true", "limit": "1500.5",
			"issalestaxincludedinprice": "200000000",
		},
	}
	wantUpdate = connect.Notice{
		Side: value.Dataverse, Table: "account", Op: "update", ID: "60c4a5ee-0000-4000-8000-000000000001",
		User: "60c4a5ee-0000-4000-8000-000000000009", EventID: "60c4a5ee-0000-4000-8000-000000000077",
	}
)

func TestParse(t *testing.T) {
	dataverse := func(op string) connect.Notice {
		return connect.Notice{Side: value.Dataverse, Table: "account", Op: op, ID: "60c4a5ee-0000-4000-8000-000000000001"}
	}
	for name, c := range map[string]struct {
		body string
		want []connect.Notice
	}{
		"data event":                    {fnoCreated, []connect.Notice{wantFnO}},
		"webhook":                       {dataverseUpdate, []connect.Notice{wantUpdate}},
		"webhook, tagged":               {strings.Replace(dataverseUpdate, `"SharedVariables":[]`, `"SharedVariables":[{"key":"x","value":5},{"key":"tag","value":"DualWrite"}]`, 1), []connect.Notice{withTag(wantUpdate, "DualWrite")}},
		"webhook of a plug-in":          {strings.Replace(dataverseUpdate, `"SharedVariables":[]`, `"ParentContext":{"SharedVariables":[{"key":"tag","value":"DualWrite"}]}`, 1), []connect.Notice{wantUpdate}},
		"webhook, no text for a tag":    {strings.Replace(dataverseUpdate, `"SharedVariables":[]`, `"SharedVariables":[{"key":"tag","value":{}}]`, 1), []connect.Notice{wantUpdate}},
		"deletion names a reference":    {dataverseDelete, []connect.Notice{dataverse("delete")}},
		"stripped of its parameters":    {tooBigForParameters, []connect.Notice{dataverse("create")}},
		"byte order mark":               {"\ufeff " + tooBigForParameters, []connect.Notice{dataverse("create")}},
		"array":                         {"[" + dataverseUpdate + "," + fnoCreated + "]", []connect.Notice{wantUpdate, wantFnO}},
		"event grid, object":            {`[{"id":"1","eventType":"x","data":` + fnoCreated + `}]`, []connect.Notice{wantFnO}},
		"event grid, text":              {`[{"id":"1","eventType":"x","data":` + quoted(fnoCreated) + `}]`, []connect.Notice{wantFnO}},
		"cloud event":                   {`{"specversion":"1.0","type":"x","data":` + fnoCreated + `}`, []connect.Notice{wantFnO}},
		"envelope of a business event":  {strings.Replace(fnoCreated, "{", `{"EventId":"own","BusinessEventId":"X",`, 1), []connect.Notice{withID(wantFnO, "own")}},
		"business event":                {`{"BusinessEventId":"CustFreeTextInvoicePostedBusinessEvent","ControlNumber":5637173328,"EventId":"A1B2"}`, nil},
		"test message":                  {`{"Message":"hello"}`, nil},
		"message of no interest":        {`{"MessageName":"Assign","PrimaryEntityName":"account"}`, nil},
		"nothing":                       {`[]`, nil},
		"validation of a subscription":  {`[{"eventType":"Microsoft.EventGrid.SubscriptionValidationEvent","data":{"validationCode":"512d"}}]`, nil},
		"F&O without target":            {`{"MessageName":"OnExternalUpdated","PrimaryEntityName":"mserp_a"}`, []connect.Notice{{Side: value.FnO, Table: "a", Op: "update", Values: map[string]string{}}}},
		"an id that is of no RecId":     {`{"MessageName":"OnExternalDeleted","PrimaryEntityName":"A","PrimaryEntityId":"60c4a5ee-0000-4000-8000-000000000001"}`, []connect.Notice{{Side: value.FnO, Table: "a", Op: "delete", Values: map[string]string{}}}},
		"ordinary message, virtual row": {`{"MessageName":"Delete","PrimaryEntityName":"mserp_a","PrimaryEntityId":"00000001-0000-0000-0100-000000000000"}`, []connect.Notice{{Side: value.FnO, Table: "a", Op: "delete", ID: "1", Values: map[string]string{}}}},
	} {
		p, err := parse([]byte(c.body))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for i := range p.notices {
			if p.notices[i].EventID == "" {
				t.Errorf("%s: no event id", name)
			}
			if i < len(c.want) && c.want[i].EventID == "" {
				p.notices[i].EventID = ""
			}
		}
		if !reflect.DeepEqual(p.notices, c.want) {
			t.Errorf("%s:\n got %+v\nwant %+v", name, p.notices, c.want)
		}
		if len(c.want) == 0 && name != "nothing" && len(p.ignored) == 0 && p.validation == "" {
			t.Errorf("%s: nobody is told that nothing came of it", name)
		}
	}
}

func quoted(s string) string {
	return `"` + strings.NewReplacer(`"`, `\"`, "\n", " ").Replace(s) + `"`
}

func withTag(n connect.Notice, tag string) connect.Notice {
	n.Tag = tag
	return n
}

func withID(n connect.Notice, id string) connect.Notice {
	n.EventID = id
	return n
}

func TestARepetitionHasTheSameEventIDAndAnotherEventHasNot(t *testing.T) {
	id := func(body string) string {
		p, err := parse([]byte(body))
		if err != nil {
			t.Fatal(err)
		}
		return p.notices[0].EventID
	}
	if id(fnoCreated) != id(strings.Clone(fnoCreated)) || id(fnoCreated) == id(strings.Replace(fnoCreated, "844bbf91", "844bbf92", 1)) {
		t.Error("event ids do not tell a repetition")
	}
}

var unreadable = map[string]string{
	"empty":                "",
	"blank":                " \n",
	"text":                 "hello",
	"a number":             "[1,2]",
	"cut off":              fnoCreated[:200],
	"two objects":          dataverseUpdate + dataverseUpdate,
	"wrong type":           `{"MessageName":7}`,
	"target is no record":  `{"MessageName":"Create","PrimaryEntityName":"account","InputParameters":[{"key":"Target","value":5}]}`,
	"no table":             `{"MessageName":"Create","PrimaryEntityId":"60c4a5ee-0000-4000-8000-000000000001"}`,
	"no row":               `{"MessageName":"Create","PrimaryEntityName":"account","PrimaryEntityId":"00000000-0000-0000-0000-000000000000"}`,
	"no validation code":   `[{"eventType":"Microsoft.EventGrid.SubscriptionValidationEvent","data":{}}]`,
	"text that is no JSON": `[{"data":"secret-value"}]`,
}

func TestParseRefuses(t *testing.T) {
	for name, body := range unreadable {
		if p, err := parse([]byte(body)); err == nil {
			t.Errorf("%s: %+v", name, p)
		} else if strings.Contains(err.Error(), "secret-value") || len(err.Error()) > 100 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, body := range unreadable {
		f.Add([]byte(body))
	}
	for _, body := range []string{fnoCreated, dataverseUpdate, dataverseDelete, "[" + fnoCreated + "]", `{"data":"{}"}`} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := parse(body)
		if err != nil {
			return
		}
		for _, n := range p.notices {
			if n.Side != value.FnO && n.Side != value.Dataverse || n.Table == "" || n.Table != strings.ToLower(n.Table) || n.EventID == "" ||
				n.Op != "create" && n.Op != "update" && n.Op != "delete" || n.Side == value.Dataverse && known(n.ID) != n.ID {
				t.Fatalf("%+v", n)
			}
		}
	})
}

func FuzzContractTime(f *testing.F) {
	for _, s := range []string{"/Date(1772000000000)/", "/Date(-1+0200)/", "/Date(1-0000)/", "/Date()/", "/Date(9223372036854775807)/", "/Date(1+2)/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if text, ok := contractTime(s); ok {
			if _, err := time.Parse(time.RFC3339, text); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// inbox is a sink that keeps what it gets.
type inbox struct {
	mu      sync.Mutex
	notices []connect.Notice
	err     error
}

func (b *inbox) take(_ context.Context, n []connect.Notice) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err != nil {
		return b.err
	}
	b.notices = append(b.notices, n...)
	return nil
}

func TestHandlerAnswers(t *testing.T) {
	var box inbox
	var logged []string
	h, err := NewHandler(Options{Key: key, Sink: box.take, Log: func(s string) { logged = append(logged, s) }})
	if err != nil {
		t.Fatal(err)
	}
	post := func(method, path, header, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		if header != "" {
			r.Header.Set(KeyHeader, header)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	big := `{"MessageName":"Create","x":"` + strings.Repeat("a", MaxBody) + `"}`
	for name, c := range map[string]struct {
		method, path, header, body string
		status                     int
	}{
		"key in the query":            {"POST", "/?code=" + key, "", fnoCreated, 200},
		"key in the header":           {"POST", "/any/path", key, dataverseUpdate, 200},
		"test message":                {"POST", "/?code=" + key, "", `{}`, 200},
		"no key":                      {"POST", "/", "", fnoCreated, 401},
		"wrong key":                   {"POST", "/?code=" + key + "x", "", fnoCreated, 401},
		"empty key":                   {"POST", "/?code=", "", fnoCreated, 401},
		"wrong key in the header":     {"POST", "/", "nonsense", fnoCreated, 401},
		"no key, unreadable body":     {"POST", "/", "", "{", 401},
		"read":                        {"GET", "/?code=" + key, "", "", 405},
		"too large":                   {"POST", "/?code=" + key, "", big, 413},
		"as large as may be":          {"POST", "/?code=" + key, "", dataverseUpdate + strings.Repeat(" ", MaxBody-len(dataverseUpdate)), 200},
		"unreadable":                  {"POST", "/?code=" + key, "", "{", 400},
		"one of several not readable": {"POST", "/?code=" + key, "", "[" + fnoCreated + ",7]", 400},
	} {
		box.notices = nil
		w := post(c.method, c.path, c.header, c.body)
		if w.Code != c.status {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
		if c.status != 200 && len(box.notices) > 0 {
			t.Errorf("%s: refused and taken", name)
		}
	}
	if w := post("POST", "/", key, `[{"eventType":"Microsoft.EventGrid.SubscriptionValidationEvent","data":{"validationCode":"51\"2d"}}]`); w.Body.String() != `{"validationResponse":"51\"2d"}`+"\n" {
		t.Errorf("validation: %s", w.Body)
	}
	box.err = errors.New("disk full")
	if w := post("POST", "/", key, fnoCreated); w.Code != http.StatusServiceUnavailable || strings.Contains(w.Body.String(), "disk") {
		t.Errorf("a sink that fails: %d %s", w.Code, w.Body)
	}
	text := strings.Join(logged, "\n")
	if !strings.Contains(text, "disk full") || strings.Contains(text, key) || strings.Contains(text, "Nordwind") {
		t.Errorf("the log:\n%s", text)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	sink := func(context.Context, []connect.Notice) error { return nil }
	for _, short := range []string{"", "123456789012345"} {
		_, err := NewHandler(Options{Key: short, Sink: sink})
		var failure *diag.Failure
		if !errors.As(err, &failure) || failure.List[0].Code != diag.CodeReceiverKey {
			t.Errorf("key %q: %v", short, err)
		}
	}
	if _, err := NewHandler(Options{Key: key}); err == nil {
		t.Error("no sink")
	}
	first, err := Serve(t.Context(), "127.0.0.1:0", nil, Options{Key: key, Sink: sink})
	if err != nil {
		t.Fatal(err)
	}
	taken := strings.TrimSuffix(strings.TrimPrefix(first.URL, "http://"), "/")
	_, err = Serve(t.Context(), taken, nil, Options{Key: key, Sink: sink})
	var failure *diag.Failure
	if !errors.As(err, &failure) || failure.List[0].Code != diag.CodeReceiverListen {
		t.Errorf("an address that is taken: %v", err)
	}
	if err := errors.Join(first.Stop(t.Context()), first.Stop(t.Context()), first.Wait()); err != nil {
		t.Error(err)
	}
}

func send(t *testing.T, c *http.Client, url, body string) int {
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Error(err)
		return 0
	}
	answer, err := c.Do(r)
	if err != nil {
		t.Error(err)
		return 0
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, answer.Body)
	return answer.StatusCode
}

func TestConcurrentPostsAllArrive(t *testing.T) {
	var box inbox
	s, err := Serve(t.Context(), "127.0.0.1:0", nil, Options{Key: key, Sink: box.take})
	if err != nil {
		t.Fatal(err)
	}
	const senders, each = 8, 25
	var all sync.WaitGroup
	for i := range senders {
		all.Go(func() {
			for n := range each {
				body := fmt.Sprintf(`{"MessageName":"Create","PrimaryEntityName":"account","PrimaryEntityId":"60c4a5ee-0000-4000-8000-%06d%06d"}`, i+1, n)
				if status := send(t, http.DefaultClient, s.URL+"?code="+key, body); status != http.StatusOK {
					t.Errorf("status %d", status)
				}
			}
		})
	}
	all.Wait()
	if err := s.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	ids := map[string]bool{}
	for _, n := range box.notices {
		ids[n.ID] = true
	}
	if len(ids) != senders*each || len(box.notices) != senders*each {
		t.Errorf("%d notices of %d records", len(box.notices), len(ids))
	}
}

// A post that a slow sink holds when the end comes is finished, and none is
// taken after it.
func TestTheEndWaitsForASlowSink(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	sink := func(ctx context.Context, _ []connect.Notice) error {
		close(entered)
		<-release
		return ctx.Err()
	}
	ctx, cancel := context.WithCancel(t.Context())
	s, err := Serve(ctx, "127.0.0.1:0", nil, Options{Key: key, Sink: sink})
	if err != nil {
		t.Fatal(err)
	}
	status := make(chan int, 1)
	go func() { status <- send(t, http.DefaultClient, s.URL+"?code="+key, fnoCreated) }()
	<-entered
	cancel()
	select {
	case <-s.done:
		t.Error("ended with a post in flight")
	default:
	}
	close(release)
	if got := <-status; got != http.StatusOK {
		t.Errorf("status %d", got)
	}
	if err := s.Wait(); err != nil {
		t.Error(err)
	}
	if _, err := http.Post(s.URL, "application/json", strings.NewReader("{}")); err == nil {
		t.Error("a post was taken after the end")
	}
}

// With a sink that never returns the end comes when its context says so.
func TestTheEndCutsOff(t *testing.T) {
	entered := make(chan struct{})
	sink := func(ctx context.Context, _ []connect.Notice) error {
		close(entered)
		<-ctx.Done()
		return ctx.Err()
	}
	s, err := Serve(t.Context(), "127.0.0.1:0", nil, Options{Key: key, Sink: sink})
	if err != nil {
		t.Fatal(err)
	}
	cut := make(chan error, 1)
	go func() {
		answer, err := http.Post(s.URL+"?code="+key, "application/json", strings.NewReader(fnoCreated))
		if err == nil {
			answer.Body.Close()
		}
		cut <- err
	}()
	<-entered
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Stop(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if err := <-cut; err == nil {
		t.Error("the sender got an answer")
	}
}

func TestServesTLS(t *testing.T) {
	// The certificate of the standard library's test server.
	origin := httptest.NewTLSServer(http.NotFoundHandler())
	defer origin.Close()
	var box inbox
	s, err := Serve(t.Context(), "127.0.0.1:0", &origin.TLS.Certificates[0], Options{Key: key, Sink: box.take})
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(origin.Certificate())
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
	defer client.CloseIdleConnections()
	if status := send(t, client, s.URL+"?code="+key, dataverseUpdate); status != http.StatusOK || len(box.notices) != 1 || !strings.HasPrefix(s.URL, "https://") {
		t.Errorf("%s: %d, %d notices", s.URL, status, len(box.notices))
	}
	if err := s.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}
