package fno_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dualwrite/dw/runtime/sandbox/fno"
	"github.com/dualwrite/dw/runtime/sandbox/outbox"
)

// receiver keeps the events that it is sent.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	bodies []string
	keys   []string
	status int
}

func receive(t *testing.T) *receiver {
	r := &receiver{status: http.StatusOK}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.bodies = append(r.bodies, string(body))
		r.keys = append(r.keys, q.URL.Query().Get("code"))
		w.WriteHeader(r.status)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) answer(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = status
}

// take gives the events that came since the last call.
func (r *receiver) take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := r.bodies
	r.bodies = nil
	return out
}

func startWithEvents(t *testing.T) *server {
	return start(t, func(o *fno.Options) {
		o.Now = func() time.Time { return time.UnixMilli(1784051293000) }
		o.Sleep = func(context.Context, time.Duration) {}
		o.User = func(r *http.Request) string { return r.Header.Get("X-User") }
	})
}

func (s *server) activate(a fno.EventActivation) {
	s.t.Helper()
	if err := s.twin.ActivateEvents(s.t.Context(), a); err != nil {
		s.t.Fatal(err)
	}
}

func (s *server) settle() {
	s.t.Helper()
	if err := s.twin.Events().Wait(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
}

// names gives message and key attribute of each event.
func names(t *testing.T, events []string, attribute string) string {
	t.Helper()
	var out []string
	for _, body := range events {
		var e struct {
			MessageName     string
			InputParameters []struct {
				Key   string
				Value struct{ Attributes []struct{ Key, Value any } }
			}
		}
		if err := json.Unmarshal([]byte(body), &e); err != nil {
			t.Fatalf("%v: %s", err, body)
		}
		for _, a := range e.InputParameters[0].Value.Attributes {
			if a.Key == "mserp_"+attribute {
				out = append(out, strings.TrimPrefix(e.MessageName, "OnExternal")+" "+a.Value.(string))
			}
		}
	}
	return strings.Join(out, ", ")
}

const groupEvent = `{"CorrelationId":"*","InitiatingUserAzureActiveDirectoryObjectId":"3fa85f64-5717-4562-b3fc-2c963f66afa6",
 "MessageName":"OnExternalCreated","OperationCreatedOn":"/Date(1784051293000+0000)/","PrimaryEntityId":"00000000-0000-0000-0000-000000000000",
 "PrimaryEntityName":"mserp_custcustomergroupentity","InputParameters":[{"key":"Target","value":{
  "__type":"Entity:http://schemas.microsoft.com/xrm/2011/Contracts","Attributes":[
   {"key":"mserp_dataareaid","value":"usmf"},{"key":"mserp_customergroupid","value":"40"},{"key":"mserp_description","value":""},
   {"key":"mserp_issalestaxincludedinprice","value":{"__type":"OptionSetValue:http://schemas.microsoft.com/xrm/2011/Contracts","Value":200000001}}],
  "Id":"*","LogicalName":"mserp_custcustomergroupentity"}}]}`

func TestAWriteRaisesTheDocumentedEvent(t *testing.T) {
	s, r := startWithEvents(t), receive(t)
	s.activate(fno.EventActivation{Endpoint: r.URL, Key: "k1"})
	if test := r.take(); len(test) != 1 || !strings.Contains(test[0], `"BusinessEventId"`) || strings.Contains(test[0], "MessageName") {
		t.Errorf("the test message: %v", test)
	}
	s.must(201, "POST", groups, `{"dataAreaId":"USMF","CustomerGroupId":"40","IsSalesTaxIncludedInPrice":"Yes"}`, "X-User", "3fa85f64-5717-4562-b3fc-2c963f66afa6")
	s.settle()
	events := r.take()
	if len(events) != 1 || r.keys[1] != "k1" {
		t.Fatalf("%v with keys %v", events, r.keys)
	}
	var got, want any
	if err := json.Unmarshal([]byte(groupEvent), &want); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(events[0]), &got); err != nil {
		t.Fatal(err)
	}
	target := got.(map[string]any)["InputParameters"].([]any)[0].(map[string]any)["value"].(map[string]any)
	id := target["Id"].(string)
	target["Id"], got.(map[string]any)["CorrelationId"] = "*", "*"
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s", events[0])
	}
	// The members' order is part of DataContract JSON: the type comes first.
	if !strings.Contains(events[0], `"value":{"__type":"Entity:`) {
		t.Error("__type does not stand first")
	}
	// Two groups of usmf and one of demf lie there already: RecId 5637144579.
	if id[8:] != "-0000-0000-0300-005001000000" || len(id) != 36 {
		t.Errorf("id %s", id)
	}
}

func TestEventsOfTypesUpdatesAndDeletes(t *testing.T) {
	s, r := startWithEvents(t), receive(t)
	s.activate(fno.EventActivation{Endpoint: r.URL})
	r.take()
	s.must(201, "POST", customers, `{"dataAreaId":"usmf","CustomerAccount":"US-001","OrganizationName":"Ünïcode \"q\"","CustomerGroupId":"10","SalesCurrencyCode":"USD",
		"CreditLimit":1234567890123.4500,"PrimaryContactFaxRecordId":9007199254740993,"BirthDate":"2020-02-03T12:00:00Z","Reference":"ABCDEF00-0000-0000-0000-000000000001"}`)
	s.must(204, "PATCH", us001, `{"OrganizationName":"New","BirthDate":null,"ValidFrom":"2020-02-03T03:05:06Z"}`)
	s.must(204, "DELETE", us001, "")
	s.settle()
	events := r.take()
	if got := names(t, events, "customeraccount"); got != "Created US-001, Updated US-001, Deleted US-001" {
		t.Fatal(got)
	}
	for i, wanted := range [][]string{
		{`{"key":"mserp_organizationname","value":"Ünïcode \"q\""}`, `{"key":"mserp_creditlimit","value":1234567890123.45}`,
			`{"key":"mserp_primarycontactfaxrecordid","value":9007199254740993}`, `{"key":"mserp_birthdate","value":"/Date(1580731200000)/"}`,
			`{"key":"mserp_paymentdays","value":0}`, `{"key":"mserp_onholdstatus","value":{"__type":"OptionSetValue:http://schemas.microsoft.com/xrm/2011/Contracts","Value":200000000}}`},
		{`{"key":"mserp_organizationname","value":"New"}`, `{"key":"PreImage"`, `{"key":"mserp_validfrom","value":"/Date(1580699106000)/"}`},
		{`{"key":"mserp_dataareaid","value":"usmf"}`},
	} {
		for _, w := range wanted {
			if !strings.Contains(events[i], w) {
				t.Errorf("no %s in\n%s", w, events[i])
			}
		}
	}
	for i, unwanted := range [][]string{
		{"mserp_validfrom", "mserp_reference", "PreImage"}, // an empty time, a guid
		{},
		{"mserp_organizationname", "PreImage"},
	} {
		for _, w := range unwanted {
			if strings.Contains(events[i], w) {
				t.Errorf("%s in\n%s", w, events[i])
			}
		}
	}
	target, image, _ := strings.Cut(events[1], "PreImage")
	if strings.Contains(target, "mserp_birthdate") || !strings.Contains(image, "mserp_birthdate") || !strings.Contains(image, "Ünïcode") {
		t.Errorf("target and image of an update:\n%s", events[1])
	}
	if !bytes.Contains([]byte(events[0]), []byte(`"InitiatingUserAzureActiveDirectoryObjectId":"00000000-0000-0000-0000-000000000000"`)) {
		t.Error("a caller without a name")
	}
}

func TestOnlyWhatIsActivatedAndCommittedIsRaised(t *testing.T) {
	s, all, some := startWithEvents(t), receive(t), receive(t)
	put := func(company, id string, status int) {
		s.must(status, "POST", groups+"?cross-company=true", `{"dataAreaId":"`+company+`","CustomerGroupId":"`+id+`"}`)
	}
	put("usmf", "before", 201)
	s.activate(fno.EventActivation{Endpoint: all.URL})
	s.activate(fno.EventActivation{Endpoint: some.URL, Sets: []string{"CustomerGroups", "Currencies"}, Companies: []string{"DEMF"}})
	all.take()
	some.take()
	put("usmf", "41", 201)
	put("demf", "42", 201)
	put("demf", "42", 400) // a duplicate
	s.must(201, "POST", "/data/Currencies", `{"CurrencyCode":"GBP"}`)
	if err := s.twin.Load(t.Context(), "CustomerGroups", []map[string]any{{"dataAreaId": "demf", "CustomerGroupId": "loaded"}}); err != nil {
		t.Fatal(err)
	}
	group := func(id string, content int) string {
		return operation("POST", "CustomerGroups?cross-company=true", `{"dataAreaId":"demf","CustomerGroupId":"`+id+`"}`, content)
	}
	s.batch(changeSet(group("50", 1), group("50", 2))) // fails as a whole
	s.batch(changeSet(group("51", 1), group("52", 2)))
	s.settle()
	if got := names(t, all.take(), "customergroupid"); got != "Created 41, Created 42, Created 51, Created 52" {
		t.Error(got)
	}
	got := some.take()
	if n := names(t, got, "customergroupid"); n != "Created 42, Created 51, Created 52" || len(got) != 4 {
		t.Errorf("%s of %d", n, len(got)) // the fourth is the currency, of no company
	}
	s.twin.DeactivateEvents(all.URL)
	put("demf", "60", 201)
	s.settle()
	if got := all.take(); len(got) != 0 {
		t.Errorf("after its end: %v", got)
	}
	want := []fno.EventActivation{{Endpoint: some.URL, Sets: []string{"Currencies", "CustomerGroups"}, Companies: []string{"demf"}}}
	if got := s.twin.EventActivations(); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
}

func TestActivationIsChecked(t *testing.T) {
	s, r := startWithEvents(t), receive(t)
	try := func(a fno.EventActivation) string {
		err := s.twin.ActivateEvents(t.Context(), a)
		if err == nil {
			return ""
		}
		return err.Error()
	}
	for _, c := range []struct {
		a    fno.EventActivation
		want string
	}{
		{fno.EventActivation{Endpoint: "nonsense"}, "not a web address"},
		{fno.EventActivation{Endpoint: "ftp://127.0.0.1/"}, "not a web address"},
		{fno.EventActivation{Endpoint: "http://127.0.0.1:1/", Key: "k"}, "test message was not taken"},
		{fno.EventActivation{Endpoint: r.URL, Sets: []string{"Nothing"}}, `no entity set "Nothing"`},
	} {
		if got := try(c.a); !strings.Contains(got, c.want) || strings.Contains(got, "code=") {
			t.Errorf("%+v: %s", c.a, got)
		}
	}
	for status, taken := range map[int]bool{200: true, 202: true, 204: false, 401: false, 500: false} {
		r.answer(status)
		if got := try(fno.EventActivation{Endpoint: r.URL}); (got == "") != taken {
			t.Errorf("a test message answered with %d: %s", status, got)
		}
		s.twin.DeactivateEvents(r.URL)
	}
	r.answer(200)
	for i := range 11 {
		if got := try(fno.EventActivation{Endpoint: r.URL + "/" + strings.Repeat("x", i)}); (got == "") != (i < 10) {
			t.Errorf("endpoint %d: %s", i+1, got)
		}
	}
	if err := start(t).twin.ActivateEvents(t.Context(), fno.EventActivation{Endpoint: r.URL}); err == nil {
		t.Error("without a clock")
	}
}

func TestEventsThatAreNotTakenAreListedAndSentAgain(t *testing.T) {
	s, r := startWithEvents(t), receive(t)
	s.activate(fno.EventActivation{Endpoint: r.URL, Key: "k1"})
	r.take()
	r.answer(http.StatusServiceUnavailable)
	s.must(201, "POST", groups, `{"CustomerGroupId":"70"}`)
	s.settle()
	failures := s.twin.Events().Failures()
	if len(r.take()) != 4 || len(failures) != 1 || failures[0].Subject != "OnExternalCreated CustomerGroups(dataAreaId='usmf',CustomerGroupId='70')" {
		t.Fatalf("%+v", failures)
	}
	r.answer(http.StatusAccepted)
	s.twin.Events().Resend(failures[0].ID)
	s.settle()
	if got := names(t, r.take(), "customergroupid"); got != "Created 70" || len(s.twin.Events().Failures()) != 0 {
		t.Error(got)
	}
}

func TestTheSameWritesAndSeedLoseTheSameEvents(t *testing.T) {
	run := func() string {
		s, r := startWithEvents(t), receive(t)
		s.activate(fno.EventActivation{Endpoint: r.URL})
		r.take()
		if err := s.twin.Events().SetFaults(outbox.Faults{Drop: 0.3, Repeat: 0.2, Reorder: 0.2, Seed: 3}); err != nil {
			t.Fatal(err)
		}
		for i := range 20 {
			s.must(201, "POST", groups, `{"CustomerGroupId":"`+fmt.Sprint(100+i)+`"}`)
		}
		s.settle()
		return names(t, r.take(), "customergroupid")
	}
	first := run()
	if second := run(); first != second || slices.Contains([]int{0, 20}, strings.Count(first, "Created")) {
		t.Errorf("\n%s\n%s", first, second)
	}
}
