package receive_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/connect/auth"
	"github.com/dualwrite/dw/runtime/connect/dataverse"
	"github.com/dualwrite/dw/runtime/connect/fno"
	"github.com/dualwrite/dw/runtime/connect/limit"
	"github.com/dualwrite/dw/runtime/connect/odata"
	"github.com/dualwrite/dw/runtime/connect/receive"
	"github.com/dualwrite/dw/runtime/host"
	"github.com/dualwrite/dw/runtime/sandbox"
	"github.com/dualwrite/dw/runtime/sandbox/control"
)

const secret = "a-key-of-the-tests-1"

// inbox is a sink that keeps what it gets.
type inbox struct {
	mu      sync.Mutex
	notices []connect.Notice
}

func (b *inbox) add(_ context.Context, n []connect.Notice) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.notices = append(b.notices, n...)
	return nil
}

func (b *inbox) take() []connect.Notice {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := b.notices
	b.notices = nil
	return out
}

// first gives the table of a set, as the connector reads it.
func first(t *testing.T, c connect.Connector, set string) *schema.Table {
	t.Helper()
	tables, _, _, err := c.Tables(t.Context(), []string{set})
	if err != nil || len(tables) != 1 {
		t.Fatalf("%s: %v %v", set, tables, err)
	}
	return &tables[0]
}

func send(t *testing.T, method, address, body string) http.Header {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode > 299 {
		t.Fatalf("%s %s: %s", method, address, resp.Status)
	}
	return resp.Header
}

// TestChangesOfBothTwinsArrive goes the whole way: a registration on each side,
// a record that is created, changed and deleted there, and the notices that
// match the table and the key as the connectors know them.
func TestChangesOfBothTwinsArrive(t *testing.T) {
	twins, err := sandbox.Start(t.Context(), sandbox.Options{
		Dir: t.TempDir(), Seed: 42, Records: 100, Companies: []string{"USMF", "DEMF"}, NoAuth: true,
		Now: time.Now, Sleep: func(context.Context, time.Duration) {}, Rand: rand.Reader,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = twins.Stop(context.Background()) })
	at := twins.Addresses()
	h := host.Real(t.TempDir())
	budget := func() limit.Budget { return limit.New(limit.Options{Clock: h.Clock}) }
	dv, err := dataverse.New(dataverse.Options{URL: at.Dataverse, HTTP: odata.NewHTTPClient(), Tokens: auth.None{}, Budget: budget(), Host: h})
	if err != nil {
		t.Fatal(err)
	}
	fo, err := fno.New(fno.Options{URL: at.FnO, HTTP: odata.NewHTTPClient(), Tokens: auth.None{}, Budget: budget(), Host: h})
	if err != nil {
		t.Fatal(err)
	}
	accounts, groups := first(t, dv, "accounts"), first(t, fo, "CustomerGroups")

	var box inbox
	receiver, err := receive.Serve(t.Context(), "127.0.0.1:0", nil, receive.Options{Key: secret, Sink: box.add, Log: func(s string) { t.Log(s) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = receiver.Stop(context.Background()) })
	if err := dv.EnsureWebhook(t.Context(), "dw", receiver.URL, secret, []*schema.Table{accounts}); err != nil {
		t.Fatal(err)
	}
	c := control.Client{Address: at.Control, Key: at.ControlKey}
	if _, err := c.ActivateEvents(t.Context(), control.Activation{Endpoint: receiver.URL, Key: secret, Sets: []string{groups.Set}, Companies: []string{"USMF"}}); err != nil {
		t.Fatal(err)
	}
	if got := box.take(); len(got) != 0 {
		t.Errorf("the test message: %+v", got)
	}

	const id = "60c40000-0000-4000-8000-000000000001"
	send(t, http.MethodPost, at.Dataverse+"/api/data/v9.2/accounts", `{"accountid":"`+id+`","name":"Nordwind"}`)
	send(t, http.MethodPatch, at.Dataverse+"/api/data/v9.2/accounts("+id+")", `{"name":"Südwind"}`)
	send(t, http.MethodDelete, at.Dataverse+"/api/data/v9.2/accounts("+id+")", "")
	if err := twins.Dataverse().Webhooks().Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	var ops []string
	for _, n := range box.take() {
		ops = append(ops, n.Op)
		if !receive.Match(accounts, n) || receive.Match(groups, n) || n.ID != id || n.User != twins.Dataverse().UserID() {
			t.Errorf("%+v", n)
		}
	}
	if !slices.Equal(ops, []string{"create", "update", "delete"}) {
		t.Errorf("Dataverse reported %v", ops)
	}

	group := at.FnO + "/data/CustomerGroups(dataAreaId='usmf',CustomerGroupId='O''Q')?cross-company=true"
	send(t, http.MethodPost, at.FnO+"/data/CustomerGroups?cross-company=true", `{"dataAreaId":"USMF","CustomerGroupId":"O'Q","Description":"Quick"}`)
	send(t, http.MethodPatch, group, `{"Description":"Slow"}`)
	var recID int64
	if err := twins.FnO().DB().QueryRowContext(t.Context(), "SELECT rec_id FROM CustomerGroups WHERE CustomerGroupId = ?", "O'Q").Scan(&recID); err != nil {
		t.Fatal(err)
	}
	send(t, http.MethodDelete, group, "")
	if err := twins.FnO().Events().Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	ops = nil
	want := []value.Value{value.NewText("usmf"), value.NewText("O'Q")}
	for i, n := range box.take() {
		ops = append(ops, n.Op)
		key, ok := receive.EntityKey(groups, n)
		if !receive.Match(groups, n) || receive.Match(accounts, n) || !ok || !slices.Equal(key, want) || n.ID != fmt.Sprint(recID) {
			t.Errorf("%+v: key %v %v, RecId %d", n, key, ok, recID)
		}
		if description := []string{"Quick", "Slow", ""}[i]; n.Values["description"] != description {
			t.Errorf("%+v", n)
		}
	}
	if !slices.Equal(ops, []string{"create", "update", "delete"}) {
		t.Errorf("F&O reported %v", ops)
	}
}
