package dataverse_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/connect/auth"
	"github.com/dualwrite/dw/runtime/connect/dataverse"
	"github.com/dualwrite/dw/runtime/connect/limit"
	"github.com/dualwrite/dw/runtime/connect/odata"
	"github.com/dualwrite/dw/runtime/host"
	"github.com/dualwrite/dw/runtime/sandbox/catalog"
	twin "github.com/dualwrite/dw/runtime/sandbox/dataverse"
	"github.com/dualwrite/dw/runtime/sandbox/gate"
)

// environment is a twin with a connector to it and an endpoint for its posts.
type environment struct {
	t         *testing.T
	twin      *twin.Twin
	gate      *gate.Gate
	log       *gate.Log
	connector *dataverse.Connector

	mu    sync.Mutex
	posts []string // request name, entity and key of each
	hook  *httptest.Server
}

func newEnvironment(t *testing.T) *environment {
	e := &environment{t: t}
	var tables []catalog.Table
	for _, name := range []string{"account", "contact"} {
		tables = append(tables, catalog.Table{LogicalName: name, SchemaName: name, EntitySet: name + "s", PrimaryID: name + "id", PrimaryName: "name", Ownership: "None",
			Columns: []catalog.Column{
				{LogicalName: name + "id", SchemaName: name, Type: "UniqueidentifierType", Required: "SystemRequired", Create: true, Read: true},
				{LogicalName: "name", SchemaName: "Name", Type: "StringType", MaxLength: 100, Create: true, Update: true, Read: true},
			}})
	}
	var err error
	e.twin, err = twin.Open(t.Context(), twin.Options{Path: filepath.Join(t.TempDir(), "dv.db"), Tables: tables, Now: func() time.Time { return time.Unix(1772353800, 0) }, NewID: uuid.NewString})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.twin.Close() })
	if e.log, err = gate.NewLog(""); err != nil {
		t.Fatal(err)
	}
	clock := host.Simulated(1).Clock
	e.gate = gate.New(gate.Options{Now: clock.Now, Sleep: func(context.Context, time.Duration) {}, Log: e.log})
	server := httptest.NewServer(e.gate.Wrap("dataverse", e.twin))
	t.Cleanup(server.Close)
	h := *host.Real(t.TempDir())
	h.Clock = clock
	e.connector, err = dataverse.New(dataverse.Options{URL: server.URL, HTTP: odata.NewHTTPClient(), Tokens: auth.None{}, Budget: limit.New(limit.Options{Clock: clock}), Host: &h})
	if err != nil {
		t.Fatal(err)
	}
	e.hook = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.posts = append(e.posts, r.Header.Get("x-ms-dynamics-request-name")+" "+r.Header.Get("x-ms-dynamics-entity-name")+" "+r.URL.Query().Get("code"))
	}))
	t.Cleanup(e.hook.Close)
	return e
}

func (e *environment) ensure(key string, names ...string) error {
	var tables []*schema.Table
	for _, n := range names {
		tables = append(tables, &schema.Table{Side: value.Dataverse, Set: n + "s", Name: n})
	}
	return e.connector.EnsureWebhook(e.t.Context(), "dw o'test", e.hook.URL, key, tables)
}

// registered gives the addresses and the steps that are registered.
func (e *environment) registered() (endpoints, steps []string) {
	e.t.Helper()
	read := func(query string) []string {
		rows, err := e.twin.DB().QueryContext(e.t.Context(), query)
		if err != nil {
			e.t.Fatal(err)
		}
		defer rows.Close()
		out := []string{}
		for rows.Next() {
			var text string
			if err := rows.Scan(&text); err != nil {
				e.t.Fatal(err)
			}
			out = append(out, text)
		}
		if err := rows.Err(); err != nil {
			e.t.Fatal(err)
		}
		return out
	}
	return read("SELECT url FROM serviceendpoints"), read("SELECT name || ' ' || statecode FROM sdkmessageprocessingsteps ORDER BY name")
}

func stepsOf(tables ...string) []string {
	out := []string{}
	for _, t := range tables {
		for _, m := range []string{"Create", "Delete", "Update"} {
			out = append(out, "dw o'test: "+t+" "+m+" 0")
		}
	}
	return out
}

func (e *environment) expect(endpoints int, steps []string) {
	e.t.Helper()
	gotEndpoints, gotSteps := e.registered()
	if len(gotEndpoints) != endpoints || !reflect.DeepEqual(gotSteps, steps) {
		e.t.Errorf("endpoints %v, steps %v", gotEndpoints, gotSteps)
	}
}

// write creates an account and gives what the endpoint got since the last one.
func (e *environment) write(table string) []string {
	e.t.Helper()
	t := &schema.Table{Side: value.Dataverse, Set: table + "s", Name: table, PrimaryID: table + "id", Fields: []*schema.Field{{Name: "name", Type: schema.TypeText, OnCreate: true}}}
	create := connect.Write{Create: true, Row: connect.RowID{ID: uuid.NewString()}, Values: []connect.ColumnValue{{Field: t.Fields[0], Value: value.NewText("x")}}}
	results, err := e.connector.Write(e.t.Context(), t, []connect.Write{create}, func([]int, []connect.Result) {})
	if err != nil || results[0].Outcome != connect.Done {
		e.t.Fatal(results, err)
	}
	if err := e.twin.Webhooks().Wait(e.t.Context()); err != nil {
		e.t.Fatal(err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	out := e.posts
	e.posts = nil
	return out
}

func TestEnsureWebhookIsIdempotentAndFollowsTheTables(t *testing.T) {
	e := newEnvironment(t)
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ok(e.ensure("key-1", "account", "contact"))
	e.expect(1, stepsOf("account", "contact"))
	if got := e.write("contact"); !reflect.DeepEqual(got, []string{"Create contact key-1"}) {
		t.Errorf("%v", got)
	}
	before := len(e.writes())
	ok(e.ensure("key-2", "contact", "account"))
	e.expect(1, stepsOf("account", "contact"))
	if got := e.writes()[before:]; len(got) != 1 || !strings.HasPrefix(got[0], "update serviceendpoints") {
		t.Errorf("a second call wrote %v", got)
	}
	if got := e.write("account"); !reflect.DeepEqual(got, []string{"Create account key-2"}) {
		t.Errorf("%v", got)
	}
	ok(e.ensure("key-2", "account"))
	e.expect(1, stepsOf("account"))
	if got := e.write("contact"); len(got) != 0 {
		t.Errorf("a table that is not mapped any more: %v", got)
	}
	// Somebody disables one step and deletes another.
	for _, damage := range []string{"UPDATE sdkmessageprocessingsteps SET statecode = 1, statuscode = 2 WHERE name LIKE '%Create'", "DELETE FROM sdkmessageprocessingsteps WHERE name LIKE '%Update'"} {
		if _, err := e.twin.DB().ExecContext(t.Context(), damage); err != nil {
			t.Fatal(err)
		}
	}
	ok(e.ensure("key-2", "account"))
	e.expect(1, stepsOf("account"))
	ok(e.connector.RemoveWebhook(t.Context(), "another"))
	e.expect(1, stepsOf("account"))
	ok(e.connector.RemoveWebhook(t.Context(), "dw o'test"))
	e.expect(0, []string{})
	ok(e.connector.RemoveWebhook(t.Context(), "dw o'test"))
}

// writes lists what requests changed so far.
func (e *environment) writes() []string {
	var out []string
	for _, entry := range e.log.Entries() {
		for _, w := range entry.Writes {
			out = append(out, w.Op+" "+w.Table)
		}
	}
	return out
}

// An answer that is lost after the commit leaves no second registration.
func TestEnsureWebhookSurvivesLostAnswers(t *testing.T) {
	for _, path := range []string{"serviceendpoints", "sdkmessageprocessingsteps"} {
		e := newEnvironment(t)
		e.gate.Inject(gate.Fault{Method: http.MethodPost, PathContains: path, Count: 2, Kind: gate.LostAnswer})
		if err := e.ensure("key-1", "account"); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		e.expect(1, stepsOf("account"))
	}
}

// Two programs that began at once leave two endpoints of one name; the next
// call leaves one.
func TestEnsureWebhookRemovesDoubles(t *testing.T) {
	e := newEnvironment(t)
	for i := range 2 {
		_, err := e.twin.DB().ExecContext(t.Context(), "INSERT INTO serviceendpoints (serviceendpointid, name, url, contract, authtype, authvalue, versionnumber) VALUES (?, ?, 'http://127.0.0.1:1/', 8, 4, 'k', 1)",
			fmt.Sprintf("60c40000-0000-4000-8000-00000000000%d", i), "dw o'test")
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := e.ensure("key-1", "account"); err != nil {
		t.Fatal(err)
	}
	e.expect(1, stepsOf("account"))
}

func TestEnsureWebhookSaysWhatIsRefused(t *testing.T) {
	e := newEnvironment(t)
	refusal := func(err error) string {
		t.Helper()
		var failure *diag.Failure
		if !errors.As(err, &failure) || failure.List[0].Code != diag.CodeWebhookRefused {
			t.Fatalf("%v", err)
		}
		return failure.Error()
	}
	if got := refusal(e.ensure("key-1", "account", "nothing")); !strings.Contains(got, "nothing") || strings.Contains(got, "account") {
		t.Error(got)
	}
	e.expect(1, stepsOf("account"))
	err := e.connector.EnsureWebhook(t.Context(), "x", "nowhere", "secret-key", nil)
	if got := refusal(err); !strings.Contains(got, "url") || strings.Contains(got, "secret-key") {
		t.Error(got)
	}
}
