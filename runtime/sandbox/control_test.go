package sandbox

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/dualwrite/dw/runtime/sandbox/control"
	"github.com/dualwrite/dw/runtime/sandbox/outbox"
)

// hooks is an endpoint that keeps what it is sent.
type hooks struct {
	*httptest.Server
	mu     sync.Mutex
	bodies []string
	status int
}

func listenForHooks(t *testing.T) *hooks {
	h := &hooks{status: http.StatusOK}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		h.mu.Lock()
		defer h.mu.Unlock()
		if r.URL.Query().Get("code") != "the key" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		h.bodies = append(h.bodies, string(body))
		w.WriteHeader(h.status)
	}))
	t.Cleanup(h.Close)
	return h
}

func (h *hooks) answer(status int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.status = status
}

func (h *hooks) got() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.bodies
}

// sendTo writes to a twin as a client would.
func sendTo(t *testing.T, method, address, token, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if text, _ := io.ReadAll(resp.Body); resp.StatusCode > 299 {
		t.Fatalf("%s %s: %d %s", method, address, resp.StatusCode, text)
	}
}

func TestControlOfEvents(t *testing.T) {
	s, h := start(t, options(t.TempDir())), listenForHooks(t)
	a := s.Addresses()
	c := control.Client{Address: a.Control, Key: a.ControlKey}
	status, err := c.ActivateEvents(t.Context(), control.Activation{Endpoint: h.URL, Key: "the key", Sets: []string{"CustomerGroups"}, Companies: []string{"USMF"}})
	want := []control.Activation{{Endpoint: h.URL, Sets: []string{"CustomerGroups"}, Companies: []string{"usmf"}}}
	if err != nil || !reflect.DeepEqual(status.Activations, want) {
		t.Fatalf("%+v %v", status, err)
	}
	token := token(t, a, a.FnO)
	create := func(id string) {
		sendTo(t, http.MethodPost, a.FnO+"/data/CustomerGroups?cross-company=true", token, `{"dataAreaId":"usmf","CustomerGroupId":"`+id+`"}`)
		if err := s.FnO().Events().Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	create("C1")
	got := h.got()
	if len(got) != 2 {
		t.Fatalf("%v", got)
	}
	var event struct {
		User string `json:"InitiatingUserAzureActiveDirectoryObjectId"`
	}
	if err := json.Unmarshal([]byte(got[1]), &event); err != nil || len(event.User) != 36 || strings.HasPrefix(event.User, "00000000-0000-0000") {
		t.Errorf("the event names the user %q: %v", event.User, err)
	}

	h.answer(http.StatusInternalServerError)
	create("C2")
	status, err = c.Events(t.Context())
	if err != nil || len(status.FnO.Failures) != 1 || status.FnO.Failures[0].Attempts != 4 || status.FnO.Counts.Sent != 1 || len(status.Dataverse.Failures) != 0 {
		t.Fatalf("%+v %v", status, err)
	}
	h.answer(http.StatusOK)
	if _, err = c.Resend(t.Context(), control.Resend{FnO: []int64{status.FnO.Failures[0].ID}}); err != nil {
		t.Fatal(err)
	}
	if err := s.FnO().Events().Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	if status, err = c.Events(t.Context()); err != nil || len(status.FnO.Failures) != 0 || status.FnO.Counts.Sent != 2 {
		t.Errorf("%+v %v", status, err)
	}

	if _, err = c.DisturbEvents(t.Context(), control.Faults{Drop: 1}); err != nil {
		t.Fatal(err)
	}
	n := len(h.got())
	create("C3")
	if status, err = c.DisturbEvents(t.Context(), control.Faults{}); err != nil || status.FnO.Counts.Dropped != 1 || len(h.got()) != n {
		t.Errorf("%+v %v", status, err)
	}
	if status, err = c.DeactivateEvents(t.Context(), h.URL); err != nil || len(status.Activations) != 0 {
		t.Errorf("%+v %v", status, err)
	}
	create("C4")
	if len(h.got()) != n {
		t.Error("an event after the end")
	}
}

func TestControlRefuses(t *testing.T) {
	s, h := start(t, options(t.TempDir())), listenForHooks(t)
	a := s.Addresses()
	c := control.Client{Address: a.Control, Key: a.ControlKey}
	for name, f := range map[string]func() (control.Status, error){
		"wrong key": func() (control.Status, error) {
			return control.Client{Address: a.Control, Key: "x"}.Events(t.Context())
		},
		"wrong address": func() (control.Status, error) {
			return control.Client{Address: "http://127.0.0.1:1"}.Events(t.Context())
		},
		"no endpoint": func() (control.Status, error) { return c.ActivateEvents(t.Context(), control.Activation{}) },
		"endpoint that refuses the test": func() (control.Status, error) {
			return c.ActivateEvents(t.Context(), control.Activation{Endpoint: h.URL, Key: "another key"})
		},
		"unknown set": func() (control.Status, error) {
			return c.ActivateEvents(t.Context(), control.Activation{Endpoint: h.URL, Key: "the key", Sets: []string{"x"}})
		},
		"probability": func() (control.Status, error) { return c.DisturbEvents(t.Context(), control.Faults{Drop: 2}) },
	} {
		if status, err := f(); err == nil || strings.Contains(err.Error(), "key=") || strings.Contains(err.Error(), "another key") {
			t.Errorf("%s: %+v %v", name, status, err)
		}
	}
	post := func(method, path, body string) int {
		r, err := http.NewRequestWithContext(t.Context(), method, a.Control+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+a.ControlKey)
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		return resp.StatusCode
	}
	for _, c := range []struct {
		method, path, body string
		status             int
	}{
		{"POST", "/events", `{`, 400}, {"POST", "/events", `{"endpoin":"x"}`, 400}, {"POST", "/faults", `{}`, 400}, {"POST", "/faults", `{"events":{}}x`, 400},
		{"POST", "/faults", `{"events":{"seed":1}}`, 200}, {"PUT", "/events", `{}`, 405}, {"GET", "/nothing", "", 404},
	} {
		if got := post(c.method, c.path, c.body); got != c.status {
			t.Errorf("%s %s %s: %d, want %d", c.method, c.path, c.body, got, c.status)
		}
	}
	o := options(t.TempDir())
	o.EventFaults = outbox.Faults{Repeat: -1}
	if s, err := Start(t.Context(), o); err == nil {
		stop(t, s)
		t.Error("a probability below zero")
	}
}
