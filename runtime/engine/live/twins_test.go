package live_test

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/dualwrite/dw/lang"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner"
	"github.com/dualwrite/dw/planner/plan"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/connect/auth"
	dvconnect "github.com/dualwrite/dw/runtime/connect/dataverse"
	fnoconnect "github.com/dualwrite/dw/runtime/connect/fno"
	"github.com/dualwrite/dw/runtime/connect/limit"
	"github.com/dualwrite/dw/runtime/connect/odata"
	"github.com/dualwrite/dw/runtime/connect/pull"
	"github.com/dualwrite/dw/runtime/connect/receive"
	"github.com/dualwrite/dw/runtime/deploy"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/live"
	"github.com/dualwrite/dw/runtime/host"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/sandbox"
	"github.com/dualwrite/dw/runtime/sandbox/control"
	"github.com/dualwrite/dw/runtime/store"
	"github.com/dualwrite/dw/runtime/store/memory"
)

const twinConfig = `link "contoso" {
  sandbox {}
  companies = ["USMF", "DEMF"]
}

map "companies" {
  fno       = "LegalEntities"
  dataverse = "cdm_companies"
  key       = ["LegalEntityId"]
  fields "to_dataverse" {
    LegalEntityId = "cdm_companycode"
    Name          = "cdm_name"
  }
}

map "groups" {
  fno       = "CustomerGroups"
  dataverse = "msdyn_customergroups"
  key       = ["CustomerGroupId"]
  deletes   = { to_dataverse = "propagate", to_fno = "propagate" }
  fields "both" {
    CustomerGroupId = "msdyn_groupid"
    Description     = "msdyn_description"
  }
}
`

// twins is a link over both twins that runs with what a release runs with.
type twins struct {
	testing.TB
	env            *engine.Env
	conditions     *conditions       // of the engine's writes
	fno, dataverse connect.Connector // of a person
	m              *engine.Map
}

// newTwins makes it; a change may give it another configuration or other twins.
func newTwins(t testing.TB, change ...func(config *string, o *sandbox.Options)) (*twins, sandbox.Addresses) {
	h := host.Real(t.TempDir())
	config, o := twinConfig, sandbox.Options{
		Dir: t.TempDir(), Seed: 7, Records: 60, Companies: []string{"USMF", "DEMF"}, NoAuth: true, Now: time.Now,
		Rand:  io.Reader(rand.NewChaCha8([32]byte{1})),
		Sleep: func(ctx context.Context, d time.Duration) { _ = h.Clock.Sleep(ctx, d) },
	}
	for _, c := range change {
		c(&config, &o)
	}
	cfg, list := lang.Load(fstest.MapFS{"main.dw.hcl": {Data: []byte(config)}}, lang.Options{})
	if list.HasErrors() {
		t.Fatal(list)
	}
	sb, err := sandbox.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := sb.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	a := sb.Addresses()
	tw := &twins{TB: t}
	tw.fno, tw.dataverse = tw.connect(h, a, nil)
	tw.conditions = &conditions{}
	fno, dataverse := tw.connect(h, a, tw.conditions)
	catalog, err := pull.Catalog(t.Context(), fno, dataverse, cfg.Maps)
	if err != nil {
		t.Fatal(err)
	}
	st := memory.New("lineage")
	p, list := planner.Build(planner.Input{Config: cfg, Link: "contoso", Catalog: catalog, Deployed: plan.Deployed{Link: "contoso", Lineage: "lineage"}})
	if list.HasErrors() {
		t.Fatal(list)
	}
	if _, err := deploy.Apply(t.Context(), p, deploy.Options{Host: h, Store: st, FnO: fno, Dataverse: dataverse, By: "test"}); err != nil {
		t.Fatal(err)
	}
	var d plan.Deployed
	if err := st.View(t.Context(), func(tx store.Tx) (err error) { d, err = tx.Deployed("contoso"); return err }); err != nil {
		t.Fatal(err)
	}
	maps, err := engine.Compile(d.Maps)
	if err != nil {
		t.Fatal(err)
	}
	tw.env = &engine.Env{Host: h, Store: st, FnO: fno, Dataverse: dataverse, Link: "contoso", Maps: maps}
	tw.m = tw.env.Map("groups")
	return tw, a
}

// conditions looks at the single writes that pass through an HTTP client: alone
// and as parts of batches.
type conditions struct {
	next http.RoundTripper

	mu     sync.Mutex
	writes int
	blind  []string // without the version that was merged
}

var singleWrite = regexp.MustCompile(`(?m)^(PATCH|DELETE) (\S+) HTTP/1.1\r?\n(?:[A-Za-z-]+: .*\r?\n)*`)

// RoundTrip implements http.RoundTripper.
func (c *conditions) RoundTrip(r *http.Request) (*http.Response, error) {
	var seen []string
	switch r.Method {
	case http.MethodPatch, http.MethodDelete:
		seen = append(seen, r.Method+" "+r.URL.Path+"\nIf-Match: "+r.Header.Get("If-Match"))
	case http.MethodPost:
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		seen = singleWrite.FindAllString(string(body), -1)
	}
	c.mu.Lock()
	for _, s := range seen {
		if c.writes++; !strings.Contains(s, "\nIf-Match: W/") {
			c.blind = append(c.blind, s)
		}
	}
	c.mu.Unlock()
	return c.next.RoundTrip(r)
}

// connect makes connectors whose requests pass through what is given, nil
// through nothing.
func (tw *twins) connect(h *host.Host, a sandbox.Addresses, through *conditions) (fno, dataverse connect.Connector) {
	tw.Helper()
	client := odata.NewHTTPClient()
	tw.Cleanup(client.Transport.(*http.Transport).CloseIdleConnections)
	if through != nil {
		through.next = client.Transport
		client.Transport = through
	}
	budget := func() limit.Budget { return limit.New(limit.Options{Clock: h.Clock}) }
	fno, err := fnoconnect.New(fnoconnect.Options{URL: a.FnO, HTTP: client, Tokens: auth.None{}, User: a.ClientID, Budget: budget(), Host: h})
	if err != nil {
		tw.Fatal(err)
	}
	tag := "" // people have none
	if through != nil {
		tag = dvconnect.Tag
	}
	dataverse, err = dvconnect.New(dvconnect.Options{URL: a.Dataverse, HTTP: client, Tokens: auth.None{}, Budget: budget(), Host: h, Tag: tag})
	if err != nil {
		tw.Fatal(err)
	}
	return fno, dataverse
}

// write does what a person does on a side.
func (tw *twins) write(side value.Side, w connect.Write) {
	tw.Helper()
	c, t := tw.fno, tw.m.Compiled.FnO.Table
	if side == value.Dataverse {
		c, t = tw.dataverse, tw.m.Compiled.Dataverse.Table
	}
	results, err := c.Write(tw.Context(), t, []connect.Write{w}, nil)
	if err != nil || results[0].Outcome != connect.Done {
		tw.Fatalf("%+v, %v", results, err)
	}
}

func (tw *twins) column(side value.Side, name, text string) connect.ColumnValue {
	t := tw.m.Compiled.FnO.Table
	if side == value.Dataverse {
		t = tw.m.Compiled.Dataverse.Table
	}
	return connect.ColumnValue{Field: t.Field(name), Value: value.NewText(text)}
}

// row reads the record of a group on a side.
func (tw *twins) row(side value.Side, group string) (connect.Row, bool) {
	tw.Helper()
	c, p, column := tw.fno, tw.m.Compiled.FnO, "CustomerGroupId"
	if side == value.Dataverse {
		c, p, column = tw.dataverse, tw.m.Compiled.Dataverse, "msdyn_groupid"
	}
	columns := make([]string, len(p.Columns))
	for i, f := range p.Columns {
		columns[i] = f.Name
	}
	rows, err := c.Find(tw.Context(), connect.FindQuery{Table: p.Table, Column: column, Values: []value.Value{value.NewText(group)}, Columns: columns})
	if err != nil {
		tw.Fatal(err)
	}
	if len(rows) == 0 {
		return connect.Row{}, false
	}
	return rows[0], true
}

func (tw *twins) text(side value.Side, group, column string) string {
	tw.Helper()
	row, ok := tw.row(side, group)
	if !ok {
		return ""
	}
	p := tw.m.Compiled.FnO
	if side == value.Dataverse {
		p = transform.Projection{Columns: tw.m.Compiled.Dataverse.Columns}
	}
	return row.Values[p.Index(column)].String()
}

// until waits for something that has to happen; nothing is said about how
// quickly it happens.
func (tw *twins) until(what string, happened func() bool) {
	tw.Helper()
	for range 600 {
		if happened() {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	tw.Fatalf("it never happened that %s", what)
}

// TestTwins keeps both twins equal over their real protocols: data events from
// F&O, changes of Dataverse, scans for what events do not tell.
func TestTwins(t *testing.T) {
	tw, a := newTwins(t)
	r := live.New(tw.env, live.Options{
		PollLeast: 20 * time.Millisecond, PollMost: 100 * time.Millisecond, Scan: time.Hour, Match: receive.Match, EntityKey: receive.EntityKey,
	})
	const key = "a-key-for-the-test-of-live"
	server, err := receive.Serve(t.Context(), "127.0.0.1:0", nil, receive.Options{Key: key, Sink: r.Notices})
	if err != nil {
		t.Fatal(err)
	}
	_, err = control.Client{Address: a.Control, Key: a.ControlKey}.ActivateEvents(t.Context(), control.Activation{
		Endpoint: server.URL, Key: key, Sets: []string{"CustomerGroups"}, Companies: []string{"usmf"},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	defer func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	// The first scans are over before the events are tried.
	tw.until("all maps run", func() bool {
		return !slices.ContainsFunc(r.Status(), func(l report.Live) bool { return l.Status != store.StatusRunning })
	})
	// A record comes from F&O, changes on both sides and goes again.
	tw.write(value.FnO, connect.Write{Create: true, Values: []connect.ColumnValue{
		tw.column(value.FnO, "dataAreaId", "usmf"), tw.column(value.FnO, "CustomerGroupId", "LIVE-1"), tw.column(value.FnO, "Description", "First"),
	}})
	tw.until("it is in Dataverse", func() bool { return tw.text(value.Dataverse, "LIVE-1", "msdyn_description") == "First" })
	row, _ := tw.row(value.Dataverse, "LIVE-1")
	tw.write(value.Dataverse, connect.Write{Row: connect.RowID{ID: row.ID}, Values: []connect.ColumnValue{tw.column(value.Dataverse, "msdyn_description", "Second")}})
	tw.until("the edit of Dataverse is in F&O", func() bool { return tw.text(value.FnO, "LIVE-1", "Description") == "Second" })
	id := connect.RowID{Key: []value.Value{value.NewText("usmf"), value.NewText("LIVE-1")}}
	tw.write(value.FnO, connect.Write{Row: id, Values: []connect.ColumnValue{tw.column(value.FnO, "Description", "Third")}})
	tw.until("the edit of F&O is in Dataverse", func() bool { return tw.text(value.Dataverse, "LIVE-1", "msdyn_description") == "Third" })
	tw.write(value.FnO, connect.Write{Delete: true, Row: id})
	tw.until("it has gone from Dataverse", func() bool { _, there := tw.row(value.Dataverse, "LIVE-1"); return !there })
	// A row of Dataverse comes and goes.
	company, _ := tw.row(value.Dataverse, "10")
	lookup := connect.ColumnValue{Field: tw.m.Compiled.Dataverse.Table.Field("msdyn_company")}
	lookup.Value = company.Values[tw.m.Compiled.Dataverse.Index("msdyn_company")]
	fresh := connect.RowID{ID: tw.env.Host.Random.NewID()}
	tw.write(value.Dataverse, connect.Write{Create: true, Row: fresh, Values: []connect.ColumnValue{
		tw.column(value.Dataverse, "msdyn_groupid", "LIVE-2"), tw.column(value.Dataverse, "msdyn_description", "From Dataverse"), lookup,
	}})
	tw.until("it is in F&O", func() bool { return tw.text(value.FnO, "LIVE-2", "Description") == "From Dataverse" })
	tw.write(value.Dataverse, connect.Write{Delete: true, Row: fresh})
	tw.until("it has gone from F&O", func() bool { _, there := tw.row(value.FnO, "LIVE-2"); return !there })
	err = tw.env.Store.View(t.Context(), func(tx store.Tx) error {
		l, err := tx.Listed(store.ListedQuery{}, 0, 0)
		for _, x := range l {
			t.Errorf("listed: %s %s %s: %s", x.Kind, x.Code, x.Record, x.Reason)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	for _, l := range r.Status() {
		t.Logf("%+v", l)
	}
	// An update of each side, a delete of each side.
	tw.conditions.mu.Lock()
	defer tw.conditions.mu.Unlock()
	if tw.conditions.writes < 4 {
		t.Errorf("%d updates and deletes were seen", tw.conditions.writes)
	}
	for _, s := range tw.conditions.blind {
		t.Errorf("sent without the version that was merged: %s", s)
	}
}
