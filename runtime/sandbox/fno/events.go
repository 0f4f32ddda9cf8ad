package fno

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dualwrite/dw/runtime/sandbox/contract"
	"github.com/dualwrite/dw/runtime/sandbox/outbox"
)

// The business event parameters of a new environment.
const (
	eventTimeout  = 10 * time.Second
	eventRetries  = 3
	eventWait     = time.Second
	maxEndpoints  = 10
	nobody        = emptyGUID
	eventsMissing = "fno: data events need Options.Now and Options.Sleep"
)

// EventActivation switches data events on for an endpoint, as the data event
// catalog does.
type EventActivation struct {
	Endpoint  string   `json:"endpoint"`            // web address that gets the posts
	Key       string   `json:"key,omitempty"`       // shown as the query parameter "code"
	Sets      []string `json:"sets,omitempty"`      // entity sets; none are all
	Companies []string `json:"companies,omitempty"` // none are all; sets without companies belong to every one
}

// events are the activations of a twin and the posts on their way. Both live as
// long as the twin.
type events struct {
	box *outbox.Outbox // nil where the twin cannot have any

	mu        sync.Mutex
	endpoints []*eventEndpoint // in the order of their activation
}

type eventEndpoint struct {
	address, target string // without and with the key
	on              map[eventScope]bool
}

// eventScope is an entity set in a company; the empty company is every one.
type eventScope struct{ set, company string }

func (t *Twin) openEvents() {
	if t.opts.Now == nil || t.opts.Sleep == nil {
		return
	}
	t.events.box = outbox.New(outbox.Options{
		Name:    "fno",
		Timeout: eventTimeout, Retries: eventRetries, Wait: eventWait, Now: t.opts.Now, Sleep: t.opts.Sleep,
	})
}

func (t *Twin) closeEvents() {
	if t.events.box != nil {
		t.events.box.Close()
	}
}

// ActivateEvents sends a test message to the endpoint, which has to answer 200
// or 202, and then switches on what the activation names beside what the
// endpoint gets already.
func (t *Twin) ActivateEvents(ctx context.Context, a EventActivation) error {
	if t.events.box == nil {
		return errors.New(eventsMissing)
	}
	target, err := eventTarget(a)
	if err != nil {
		return err
	}
	for _, name := range a.Sets {
		if t.sets[name] == nil {
			return fmt.Errorf("there is no entity set %q", name)
		}
	}
	if err := t.testEndpoint(ctx, a.Endpoint, target); err != nil {
		return err
	}
	t.events.mu.Lock()
	defer t.events.mu.Unlock()
	e := t.events.endpoint(a.Endpoint)
	if e == nil {
		if len(t.events.endpoints) >= maxEndpoints {
			return fmt.Errorf("an event has at most %d endpoints", maxEndpoints)
		}
		e = &eventEndpoint{address: a.Endpoint, on: map[eventScope]bool{}}
		t.events.endpoints = append(t.events.endpoints, e)
	}
	e.target = target
	sets, companies := a.Sets, a.Companies
	if len(sets) == 0 {
		for _, s := range t.ordered {
			if !s.internal {
				sets = append(sets, s.EntitySet)
			}
		}
	}
	if len(companies) == 0 {
		companies = []string{""}
	}
	for _, set := range sets {
		for _, company := range companies {
			e.on[eventScope{set, strings.ToLower(company)}] = true
		}
	}
	return nil
}

// eventTarget is the address that is posted to.
func eventTarget(a EventActivation) (string, error) {
	u, err := url.Parse(a.Endpoint)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		return "", errors.New("the endpoint is not a web address")
	}
	if a.Key != "" {
		query := u.Query()
		query.Set("code", a.Key)
		u.RawQuery = query.Encode()
	}
	return u.String(), nil
}

// testEndpoint sends what the service sends on activation. The documentation
// says what has to be answered, not what is sent: this is the envelope of a
// business event without any content.
func (t *Twin) testEndpoint(ctx context.Context, address, target string) error {
	now := t.opts.Now().UTC()
	body, err := json.Marshal(map[string]any{
		"BusinessEventId": "BusinessEventsTestEndpoint", "ControlNumber": 0, "EventId": t.newGUID(), "EventTime": contract.Date(now),
		"EventTimeIso8601": now.Format(time.RFC3339), "MajorVersion": 0, "MinorVersion": 0,
	})
	if err != nil {
		return err
	}
	status, err := t.events.box.Try(ctx, outbox.Message{Endpoint: address, URL: target, Header: eventHeader(), Body: body})
	if err == nil && status != http.StatusOK && status != http.StatusAccepted {
		err = fmt.Errorf("the endpoint answered with status %d", status)
	}
	if err != nil {
		return fmt.Errorf("the test message was not taken: %w", err)
	}
	return nil
}

func eventHeader() http.Header {
	return http.Header{"Content-Type": {"application/json; charset=utf-8"}}
}

// endpoint finds an endpoint that has activations; nil where it has none.
func (e *events) endpoint(address string) *eventEndpoint {
	for _, p := range e.endpoints {
		if p.address == address {
			return p
		}
	}
	return nil
}

// DeactivateEvents switches everything off that an endpoint gets, and drops what
// is on its way there.
func (t *Twin) DeactivateEvents(endpoint string) {
	t.events.mu.Lock()
	t.events.endpoints = slices.DeleteFunc(t.events.endpoints, func(e *eventEndpoint) bool { return e.address == endpoint })
	t.events.mu.Unlock()
	if t.events.box != nil {
		t.events.box.Forget(endpoint)
	}
}

// EventActivations lists what is switched on, a company of an endpoint each,
// without keys.
func (t *Twin) EventActivations() []EventActivation {
	t.events.mu.Lock()
	defer t.events.mu.Unlock()
	out := []EventActivation{}
	for _, e := range t.events.endpoints {
		byCompany := map[string][]string{}
		var companies []string
		for scope := range e.on {
			if byCompany[scope.company] == nil {
				companies = append(companies, scope.company)
			}
			byCompany[scope.company] = append(byCompany[scope.company], scope.set)
		}
		slices.Sort(companies)
		for _, company := range companies {
			a := EventActivation{Endpoint: e.address, Sets: byCompany[company]}
			slices.Sort(a.Sets)
			if company != "" {
				a.Companies = []string{company}
			}
			out = append(out, a)
		}
	}
	return out
}

// Events are the posts of data events: their faults, counts and failures. Nil
// where Options.Now or Options.Sleep is missing.
func (t *Twin) Events() *outbox.Outbox { return t.events.box }

// wants gives the endpoints that get the events of a row.
func (e *events) wants(s *set, company string) []*eventEndpoint {
	e.mu.Lock()
	defer e.mu.Unlock()
	var out []*eventEndpoint
	for _, p := range e.endpoints {
		wanted := p.on[eventScope{s.EntitySet, ""}] || p.on[eventScope{s.EntitySet, strings.ToLower(company)}]
		if !s.CompanySpecific && !wanted {
			wanted = p.hasSet(s.EntitySet)
		}
		if wanted {
			out = append(out, &eventEndpoint{address: p.address, target: p.target})
		}
	}
	return out
}

func (e *eventEndpoint) hasSet(name string) bool {
	for scope := range e.on {
		if scope.set == name {
			return true
		}
	}
	return false
}

type callerKey struct{}

// withCaller notes who calls, for the events of what is written.
func (t *Twin) withCaller(r *http.Request) *http.Request {
	if t.opts.User == nil || r.Context().Value(callerKey{}) != nil {
		return r
	}
	return r.WithContext(context.WithValue(r.Context(), callerKey{}, t.opts.User(r)))
}

func caller(ctx context.Context) string {
	if id, _ := ctx.Value(callerKey{}).(string); id != "" {
		return id
	}
	return nobody
}

// event is a written row whose event is raised after the commit.
type event struct {
	op        string // as in gate.Write
	draft     *draft
	endpoints []*eventEndpoint
}

// raise notes the event of a written row.
func (tx *transaction) raise(op string, d *draft) {
	company := d.text(companyField)
	if endpoints := tx.twin.events.wants(d.set, company); len(endpoints) > 0 {
		tx.events = append(tx.events, event{op, d, endpoints})
	}
}

// sendEvents queues what was raised, in the order of the writes. The caller
// holds the write lock still, so that commits come in their order too.
func (tx *transaction) sendEvents() {
	for _, e := range tx.events {
		subject, body := tx.twin.renderEvent(e.op, e.draft, caller(tx.outer))
		for _, p := range e.endpoints {
			tx.twin.events.box.Put(outbox.Message{Endpoint: p.address, URL: p.target, Header: eventHeader(), Body: body, Subject: subject})
		}
	}
}
