package conformance_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/connect/dataverse"
	"github.com/dualwrite/dw/runtime/connect/fno"
	"github.com/dualwrite/dw/runtime/connect/odata"
	"github.com/dualwrite/dw/runtime/connect/receive"
)

// sent is one write as it left the connector, parts of batches included.
type sent struct {
	method, url, match, body string
}

// wire notes the writes that pass through an HTTP client.
type wire struct {
	next http.RoundTripper
	mu   sync.Mutex
	all  []sent
}

func newWire(t *testing.T) *wire {
	t.Helper()
	c := odata.NewHTTPClient()
	t.Cleanup(c.CloseIdleConnections)
	return &wire{next: c.Transport}
}

// RoundTrip implements http.RoundTripper.
func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodGet {
		var body []byte
		if r.Body != nil { // a DELETE has none
			var err error
			if body, err = io.ReadAll(r.Body); err != nil {
				return nil, err
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
		}
		w.mu.Lock()
		if strings.HasSuffix(r.URL.Path, "/$batch") {
			w.all = append(w.all, parts(body)...)
		} else {
			w.all = append(w.all, sent{r.Method, r.URL.RequestURI(), r.Header.Get("If-Match"), string(body)})
		}
		w.mu.Unlock()
	}
	return w.next.RoundTrip(r)
}

// parts reads a batch request, whose parts each have a request line.
func parts(body []byte) (out []sent) {
	lines := bufio.NewScanner(bytes.NewReader(body))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := strings.TrimSuffix(lines.Text(), "\r")
		if f := strings.Fields(line); len(f) == 3 && f[2] == "HTTP/1.1" {
			out = append(out, sent{method: f[0], url: f[1]})
		} else if match, ok := strings.CutPrefix(line, "If-Match: "); ok && len(out) > 0 {
			out[len(out)-1].match = match
		} else if strings.HasPrefix(line, "{") && len(out) > 0 {
			out[len(out)-1].body = line
		}
	}
	return out
}

// take gives the writes since the last call.
func (w *wire) take() []sent {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := w.all
	w.all = nil
	return out
}

// tagOf gives the tag of an address.
func (s sent) tag(t *testing.T) string {
	t.Helper()
	u, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query().Get("tag")
}

// testDataverseTagsAndConditions: every write of every route has the tag, which
// reaches webhooks; single updates and deletes are bound to the version that was
// read, alone and in batches.
func testDataverseTagsAndConditions(t *testing.T, home *city) {
	w := newWorld(t, home)
	twin := w.dataverse(nil)
	line := newWire(t)
	c := w.dataverseConnector(func(o *dataverse.Options) {
		o.HTTP = &http.Client{Transport: line}
		o.Tag = dataverse.Tag
	})
	account := schemaOf(t, c, "accounts")["accounts"]

	var mu sync.Mutex
	var heard []connect.Notice
	const key = "a-key-of-the-tests-1"
	handler := must(receive.NewHandler(receive.Options{Key: key, Sink: func(_ context.Context, n []connect.Notice) error {
		mu.Lock()
		defer mu.Unlock()
		heard = append(heard, n...)
		return nil
	}}))(t)
	receiver := httptest.NewServer(handler)
	t.Cleanup(receiver.Close)
	d := c.(*dataverse.Connector)
	if err := d.EnsureWebhook(t.Context(), "dw", receiver.URL, key, []*schema.Table{account}); err != nil {
		t.Fatal(err)
	}
	line.take()

	p := project(t, account, "name")
	write := func(batch ...connect.Write) []sent {
		t.Helper()
		results, err := c.Write(t.Context(), account, batch, nil)
		outcome(t, results, err, connect.Done)
		return line.take()
	}
	named := func(n int, name string) connect.Write {
		return connect.Write{Row: connect.RowID{ID: guid(n)}, Values: values(account, "name", value.NewText(name))}
	}
	create := func(n int) connect.Write {
		x := named(n, "A")
		x.Create, x.Return = true, p
		return x
	}
	version := func(n int) string {
		t.Helper()
		rows := must(c.Read(t.Context(), p, []connect.RowID{{ID: guid(n)}}))(t)
		if len(rows) != 1 {
			t.Fatalf("row %d: %v", n, rows)
		}
		return rows[0].Version
	}
	update := func(n int, bulk bool) connect.Write {
		x := named(n, "B")
		x.IfMatch, x.Bulk, x.Return = version(n), bulk, p
		return x
	}
	remove := func(n int) connect.Write {
		return connect.Write{Delete: true, Row: connect.RowID{ID: guid(n)}, IfMatch: version(n)}
	}
	rows := 0
	for _, step := range []struct {
		name  string
		batch []connect.Write
	}{
		{"a create", []connect.Write{create(1)}},
		{"CreateMultiple", []connect.Write{create(2), create(3), create(4), create(5), create(6)}},
		{"an update", nil}, {"a batch of updates", nil}, {"UpdateMultiple", nil}, {"a delete", nil}, {"a batch of deletes", nil},
	} {
		batch := step.batch
		switch step.name {
		case "an update":
			batch = []connect.Write{update(1, true)}
		case "a batch of updates":
			batch = []connect.Write{update(1, false), update(2, false)}
		case "UpdateMultiple":
			batch = []connect.Write{update(3, true), update(4, true)}
		case "a delete":
			batch = []connect.Write{remove(1)}
		case "a batch of deletes":
			batch = []connect.Write{remove(2), remove(3)}
		}
		rows += len(batch)
		went := write(batch...)
		if len(went) == 0 {
			t.Fatalf("%s: nothing was sent", step.name)
		}
		for i, s := range went {
			if s.tag(t) != dataverse.Tag {
				t.Errorf("%s: %s %s has the tag %q", step.name, s.method, s.url, s.tag(t))
			}
			conditional := s.method == http.MethodPatch || s.method == http.MethodDelete
			if conditional && s.match != batch[i].IfMatch || !conditional && s.match != "" {
				t.Errorf("%s: %s %s has If-Match %q, the row was read as %q", step.name, s.method, s.url, s.match, batch[i].IfMatch)
			}
		}
	}
	// Without a version an update still never creates a row.
	for _, s := range write(named(5, "C"), named(6, "C")) {
		if s.match != "*" {
			t.Errorf("%s %s has If-Match %q", s.method, s.url, s.match)
		}
		rows++
	}
	if err := twin.Webhooks().Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(heard) != rows {
		t.Errorf("%d posts of %d writes", len(heard), rows)
	}
	for _, n := range heard {
		if n.Tag != dataverse.Tag {
			t.Errorf("%s of %s came with the tag %q", n.Op, n.ID, n.Tag)
		}
	}
}

// testDataverseReferences: a polymorphic lookup is written by the navigation
// property of the table that it leads to, and cleared whatever it leads to.
func testDataverseReferences(t *testing.T, home *city) {
	w := newWorld(t, home)
	w.dataverse(nil)
	line := newWire(t)
	c := w.dataverseConnector(func(o *dataverse.Options) { o.HTTP = &http.Client{Transport: line} })
	tables := schemaOf(t, c, "accounts", "contacts")
	account, contact := tables["accounts"], tables["contacts"]
	results, err := c.Write(t.Context(), contact, []connect.Write{{Create: true, Row: connect.RowID{ID: guid(2)}, Values: values(contact, "fullname", value.NewText("Ann"))}}, nil)
	outcome(t, results, err, connect.Done)
	results, err = c.Write(t.Context(), account, []connect.Write{{Create: true, Row: connect.RowID{ID: guid(1)}, Values: values(account, "name", value.NewText("A"), "customerid", value.Value{})}}, nil)
	outcome(t, results, err, connect.Done)
	if body := line.take()[1].body; strings.Contains(body, "customerid") {
		t.Errorf("a new row says that it refers to nothing: %s", body)
	}
	p := project(t, account, "customerid")
	toAccount, toContact, nothing := value.NewReference("account", guid(1)), value.NewReference("contact", guid(2)), value.Value{}
	for _, step := range []struct {
		to   value.Value
		want string
	}{
		{toAccount, `{"customerid_account@odata.bind":"/accounts(` + guid(1) + `)"}`},
		{toContact, `{"customerid_contact@odata.bind":"/contacts(` + guid(2) + `)"}`},
		{nothing, `{"customerid_account@odata.bind":null}`}, // it led to a contact
		{toAccount, `{"customerid_account@odata.bind":"/accounts(` + guid(1) + `)"}`},
		{nothing, `{"customerid_account@odata.bind":null}`},
	} {
		results, err := c.Write(t.Context(), account, []connect.Write{{Row: connect.RowID{ID: guid(1)}, Values: values(account, "customerid", step.to), Return: p}}, nil)
		outcome(t, results, err, connect.Done)
		if went := line.take(); len(went) != 1 || went[0].body != step.want || went[0].tag(t) != "" {
			t.Errorf("towards %v: %+v, want %s", step.to, went, step.want)
		}
		if row := results[0].Row; row == nil || row.Values[0] != step.to {
			t.Errorf("towards %v: the row is %+v", step.to, row)
		}
	}
}

// testFnOAddresses: every request names all parts of the key and reaches all
// companies; updates and deletes are bound to the version that was read, though
// whether the service honours that is unknown.
func testFnOAddresses(t *testing.T, home *city) {
	w := newWorld(t, home)
	w.fno()
	line := newWire(t)
	c := must(fno.New(fno.Options{URL: w.data.URL, HTTP: &http.Client{Transport: line}, Tokens: w.tokens(), Budget: w.budget(), Host: w.host, PageSize: 10, User: clientID}))(t)
	groups := schemaOf(t, c, "CustomerGroups")["CustomerGroups"]
	p := project(t, groups, "dataAreaId", "CustomerGroupId", "Description")
	key := func(company, id string) []value.Value {
		return []value.Value{value.NewText(company), value.NewText(id)}
	}
	var batch []connect.Write
	for _, company := range []string{"usmf", "DEMF"} {
		batch = append(batch, connect.Write{Create: true, Row: connect.RowID{Key: key(company, "A/1'#")}, Values: values(groups, "dataAreaId", value.NewText(company),
			"CustomerGroupId", value.NewText("A/1'#"), "Description", value.NewText("old"))})
	}
	results, err := c.Write(t.Context(), groups, batch, nil)
	outcome(t, results, err, connect.Done)
	read := func(company string) connect.Row {
		t.Helper()
		rows := must(c.Read(t.Context(), p, []connect.RowID{{Key: key(company, "A/1'#")}}))(t)
		if len(rows) != 1 {
			t.Fatalf("%s: %v", company, rows)
		}
		return rows[0]
	}
	other := read("usmf")
	row := read("DEMF")
	update := connect.Write{Row: connect.RowID{Key: key("DEMF", "A/1'#")}, IfMatch: row.Version, Values: values(groups, "Description", value.NewText("new"))}
	line.take()
	results, err = c.Write(t.Context(), groups, []connect.Write{update}, nil)
	outcome(t, results, err, connect.Done)
	remove := connect.Write{Delete: true, Row: update.Row, IfMatch: read("DEMF").Version}
	results, err = c.Write(t.Context(), groups, []connect.Write{remove}, nil)
	outcome(t, results, err, connect.Done)
	went := line.take()
	want := []sent{{method: http.MethodPatch, match: update.IfMatch}, {method: http.MethodDelete, match: remove.IfMatch}}
	for i, s := range went {
		if i >= len(want) || s.method != want[i].method || s.match != want[i].match ||
			s.url != "/data/CustomerGroups(dataAreaId='DEMF',CustomerGroupId='A%2F1%27%27%23')?cross-company=true" {
			t.Errorf("%+v", s)
		}
	}
	if len(went) != len(want) || slices.ContainsFunc(went, func(s sent) bool { return s.method == http.MethodDelete && s.body != "" }) {
		t.Errorf("%+v", went)
	}
	if now := read("usmf"); now.Version != other.Version || now.Values[2] != other.Values[2] {
		t.Errorf("the record of the other company became %+v", now)
	}
	// The deleted one is gone.
	rows := must(c.Page(t.Context(), connect.Query{Projection: p, Companies: []string{"DEMF"}}))(t).Rows
	if len(rows) != 0 {
		t.Errorf("%v", rows)
	}
}
