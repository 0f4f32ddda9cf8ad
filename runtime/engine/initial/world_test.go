package initial_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dualwrite/dw/lang"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
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
	"github.com/dualwrite/dw/runtime/deploy"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/verify"
	"github.com/dualwrite/dw/runtime/host"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/sandbox"
	"github.com/dualwrite/dw/runtime/sandbox/gate"
	"github.com/dualwrite/dw/runtime/store"
	"github.com/dualwrite/dw/runtime/store/memory"
)

// Sizes: batches and pages small enough that every wave has several.
const (
	records  = 300
	dataSeed = 7
	batch    = 20
	page     = 50
)

// city is what all worlds of the package share: the configuration and a folder
// of generated data, which is copied.
type city struct {
	config *model.Config
	dir    string
}

func newCity(t *testing.T) *city {
	t.Helper()
	cfg, list := lang.Load(os.DirFS("../../../examples/contoso"), lang.Options{})
	if list.HasErrors() {
		t.Fatal(list)
	}
	c := &city{config: cfg, dir: t.TempDir()}
	s, err := sandbox.Start(t.Context(), c.options(c.dir, 0xffff)) // ids of its own
	if err != nil {
		t.Fatal(err)
	}
	stop(t, s)
	return c
}

func (c *city) options(dir string, seed uint64) sandbox.Options {
	o := sandbox.Options{
		Dir: dir, Seed: dataSeed, Records: records, NoAuth: true, Now: time.Now, Rand: newStream(seed),
		Sleep: func(ctx context.Context, d time.Duration) { _ = host.Real(".").Clock.Sleep(ctx, d) },
	}
	for _, name := range c.config.Links[0].Companies {
		o.Companies = append(o.Companies, name.Name)
	}
	return o
}

func newStream(seed uint64) io.Reader {
	var key [32]byte
	key[0], key[1] = byte(seed), byte(seed>>8)
	return rand.NewChaCha8(key)
}

func stop(t *testing.T, s *sandbox.Sandbox) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := s.Stop(ctx); err != nil {
		t.Error(err)
	}
}

// world is a pair of twins with a state.
type world struct {
	*testing.T
	city    *city
	sandbox *sandbox.Sandbox
	store   store.Store
	host    *host.Host
	catalog *schema.Catalog
	tokens  func(audience string) auth.Source
	cut     *cutter // in front of both systems
	options sandbox.Options
	past    []gate.Entry // what the twins logged before they were started again
}

// restart ends the twins and starts them again at the same addresses.
func (w *world) restart() {
	w.Helper()
	w.past = w.entries()
	stop(w.T, w.sandbox)
	s, err := sandbox.Start(w.Context(), w.options)
	if err != nil {
		w.Fatal(err)
	}
	if s.Addresses().Dataverse != w.sandbox.Addresses().Dataverse || s.Addresses().FnO != w.sandbox.Addresses().FnO {
		w.Fatal("the twins came back at other addresses")
	}
	w.sandbox = s
}

// entries gives what the twins logged.
func (w *world) entries() []gate.Entry {
	return append(w.past[:len(w.past):len(w.past)], w.sandbox.Log().Entries()...)
}

// newWorld starts twins on a copy of the city's data. The same seed gives the
// same run, request by request, where h is simulated.
func (c *city) newWorld(t *testing.T, h *host.Host, seed uint64) *world {
	t.Helper()
	return c.world(t, h, c.options(t.TempDir(), seed), memory.New("lineage"))
}

func (c *city) world(t *testing.T, h *host.Host, o sandbox.Options, st store.Store) *world {
	t.Helper()
	if err := os.CopyFS(o.Dir, os.DirFS(c.dir)); err != nil {
		t.Fatal(err)
	}
	s, err := sandbox.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{T: t, city: c, sandbox: s, store: st, host: h, options: o, cut: &cutter{next: odata.NewHTTPClient().Transport}}
	t.Cleanup(func() { stop(t, w.sandbox) })
	t.Cleanup(func() { w.cut.next.(*http.Transport).CloseIdleConnections() })
	w.tokens = func(string) auth.Source { return auth.None{} }
	if !o.NoAuth {
		w.tokens = w.signIn()
	}
	fno, dataverse := w.connect()
	if w.catalog, err = pull.Catalog(t.Context(), fno, dataverse, c.config.Maps); err != nil {
		t.Fatal(err)
	}
	return w
}

// signIn gives tokens of the sign-in twin.
func (w *world) signIn() func(string) auth.Source {
	w.Helper()
	a := w.sandbox.Addresses()
	client := odata.NewHTTPClient()
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM([]byte(a.CAPEM))
	client.Transport.(*http.Transport).TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	w.Cleanup(client.CloseIdleConnections)
	provider, err := auth.New(auth.Options{HTTP: client, Clock: w.host.Clock, ReadFile: os.ReadFile, Auth: &model.Auth{
		Kind: "client_secret", Authority: a.Entra, TenantID: a.Tenant, ClientID: a.ClientID, ClientSecret: model.NewSecret(a.ClientSecret),
	}})
	if err != nil {
		w.Fatal(err)
	}
	return provider.For
}

// connect makes connectors as a new process would.
func (w *world) connect() (fno, dataverse connect.Connector) {
	w.Helper()
	client := &http.Client{Transport: w.cut, CheckRedirect: odata.NewHTTPClient().CheckRedirect}
	budget := func() limit.Budget { return limit.New(limit.Options{Clock: w.host.Clock}) }
	a := w.sandbox.Addresses()
	fno, err := fnoconnect.New(fnoconnect.Options{URL: a.FnO, HTTP: client, Tokens: w.tokens(a.FnO), User: a.ClientID, Budget: budget(), Host: w.host, PageSize: page})
	if err != nil {
		w.Fatal(err)
	}
	dataverse, err = dvconnect.New(dvconnect.Options{URL: a.Dataverse, HTTP: client, Tokens: w.tokens(a.Dataverse), Budget: budget(), Host: w.host, PageSize: page})
	if err != nil {
		w.Fatal(err)
	}
	return fno, dataverse
}

// plan compares the configuration with what the state has.
func (w *world) plan() *plan.Plan {
	w.Helper()
	p, list := planner.Build(planner.Input{Config: w.city.config, Link: w.city.config.Links[0].Name, Catalog: w.catalog, Deployed: w.deployed()})
	if list.HasErrors() {
		w.Fatal(list)
	}
	return p
}

func (w *world) deployed() (d plan.Deployed) {
	w.Helper()
	w.view(func(tx store.Tx) (err error) {
		d, err = tx.Deployed(w.city.config.Links[0].Name)
		return err
	})
	return d
}

func (w *world) view(f func(store.Tx) error) {
	w.Helper()
	if err := w.store.View(context.Background(), f); err != nil {
		w.Fatal(err)
	}
}

// apply plans and applies once, as a new process would.
func (w *world) apply(ctx context.Context) (report.Apply, error) {
	w.Helper()
	fno, dataverse := w.connect()
	return deploy.Apply(ctx, w.plan(), deploy.Options{
		Host: w.host, Store: w.store, FnO: fno, Dataverse: dataverse, By: "test", Batch: batch,
		Stopping: func() bool { return false },
	})
}

func (w *world) mustApply() report.Apply {
	w.Helper()
	out, err := w.apply(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	return out
}

// again marks all maps so that the next apply joins their data anew.
func (w *world) again() {
	w.Helper()
	d := w.deployed()
	err := w.store.Update(w.Context(), func(tx store.Tx) error {
		for _, m := range d.Maps {
			m.Initial, m.Status = "pending", "initializing"
			if err := deploy.Reread(tx, m.Definition.Map.Name); err != nil {
				return err
			}
			if err := tx.PutDeployed(d.Link, m); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		w.Fatal(err)
	}
}

// verify compares both sides without any state.
func (w *world) verify() report.Verify {
	w.Helper()
	maps, err := engine.Compile(w.deployed().Maps)
	if err != nil {
		w.Fatal(err)
	}
	fno, dataverse := w.connect()
	v, err := verify.Run(w.Context(), verify.Options{
		Env:  &engine.Env{Host: w.host, Store: memory.New("scratch"), FnO: fno, Dataverse: dataverse, Link: w.city.config.Links[0].Name, Maps: maps},
		Maps: maps, Limit: 5,
	})
	if err != nil {
		w.Fatal(err)
	}
	return v
}

// settled holds the world to the promise of a completed apply: all records of
// both sides are equal and nothing is open, listed or left over.
func (w *world) settled() {
	w.Helper()
	for _, v := range w.verify().Maps {
		want := int64(w.sandbox.Report().Of(v.Map).Records())
		if v.Compared != want || v.Equal != want {
			w.Errorf("%s: %d compared, %d equal, want %d of both: %+v", v.Map, v.Compared, v.Equal, want, v.Details)
		}
	}
	w.view(func(tx store.Tx) error {
		for _, m := range w.deployed().Maps {
			name := m.Definition.Map.Name
			if m.Initial != "done" || m.Status != "running" {
				w.Errorf("%s: initial sync %q, status %q", name, m.Initial, m.Status)
			}
			pairs, err := tx.CountPairs(name)
			if err != nil {
				return err
			}
			if want := int64(w.sandbox.Report().Of(name).Records()); pairs != want {
				w.Errorf("%s: %d pairs, want %d", name, pairs, want)
			}
			if open, err := tx.CountIntents(name); err != nil || open != 0 {
				w.Errorf("%s: %d writes left open (%v)", name, open, err)
			}
			if queued, err := tx.CountObservations(name); err != nil || queued[value.FnO]+queued[value.Dataverse] != 0 {
				w.Errorf("%s: left in the queue: %v (%v)", name, queued, err)
			}
			owing, err := tx.Pairs(name, 0, 0, true)
			if err != nil || len(owing) != 0 {
				w.Errorf("%s: %d pairs owe a reference (%v)", name, len(owing), err)
			}
			listed, err := tx.Listed(store.ListedQuery{Map: name}, 0, 0)
			if err != nil {
				return err
			}
			for _, l := range listed {
				w.Errorf("%s: listed: %s %s %s %s: %s", name, l.Kind, l.Code, l.Record, l.Field, l.Reason)
			}
		}
		return nil
	})
}

// created gives how often each row was created, as the twins saw it.
func (w *world) created() map[string]int {
	rows := map[string]int{}
	for _, e := range w.entries() {
		for _, x := range e.Writes {
			if x.Op == gate.OpCreate {
				rows[e.Twin+" "+x.Table+" "+x.ID]++
			}
		}
	}
	return rows
}

// createdOnce checks that no row was created twice, and no more rows than were
// missing: none came again under another id.
func (w *world) createdOnce() {
	w.Helper()
	want := map[string]int{}
	for _, m := range w.sandbox.Report().Maps {
		want["dataverse "+m.Table] += m.OnlyFnO
		want["fno "+m.EntitySet] += m.OnlyDataverse
	}
	got := map[string]int{}
	for row, n := range w.created() {
		if n != 1 {
			w.Errorf("%s was created %d times", row, n)
		}
		words := strings.SplitN(row, " ", 3)
		got[words[0]+" "+words[1]] += n
	}
	for table, n := range want {
		if got[table] != n {
			w.Errorf("%s: %d rows created, want %d", table, got[table], n)
		}
	}
}

// notReads gives the requests since entry number n that are no reads. A $batch
// of reads counts as its parts.
func (w *world) notReads(n int) (list []string) {
	for _, e := range w.sandbox.Log().Entries()[n:] {
		reads := e.Method == http.MethodGet ||
			len(e.Batch) > 0 && !slices.ContainsFunc(e.Batch, func(p gate.Part) bool { return p.Method != http.MethodGet })
		if !reads || len(e.Writes) > 0 {
			list = append(list, e.Method+" "+e.URL)
		}
	}
	return list
}

func (w *world) requests() int { return len(w.sandbox.Log().Entries()) }

// cutter passes requests on and ends a context at one of them.
type cutter struct {
	next http.RoundTripper

	mu     sync.Mutex
	left   int  // requests until the end; 0: never
	before bool // the request itself is not sent any more
	end    context.CancelFunc

	each func()         // what happens before every request
	sent int            // requests
	at   map[int]func() // what happens before requests, by their number
}

// arm makes the n-th request from now the last one.
func (c *cutter) arm(n int, before bool, end context.CancelFunc) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left, c.before, c.end = n, before, end
}

func (c *cutter) RoundTrip(r *http.Request) (*http.Response, error) {
	c.mu.Lock()
	hit := c.left == 1
	if c.left > 0 {
		c.left--
	}
	before, end := c.before, c.end
	c.sent++
	happens, each := c.at[c.sent], c.each
	c.mu.Unlock()
	for _, f := range []func(){each, happens} {
		if f != nil {
			f()
		}
	}
	if !hit {
		return c.next.RoundTrip(r)
	}
	if before {
		end()
		return nil, context.Canceled
	}
	// The service carries the request out, and nobody waits for the answer.
	response, err := c.next.RoundTrip(r)
	if err == nil {
		_, _ = io.Copy(io.Discard, response.Body)
		response.Body.Close()
		err = context.Canceled
	}
	end()
	return nil, err
}
