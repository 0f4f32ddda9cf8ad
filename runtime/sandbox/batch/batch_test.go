package batch

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dualwrite/dw/runtime/sandbox/gate"
)

// crlf writes lines with the line ends of the protocol.
func crlf(lines ...string) string { return strings.Join(lines, "\r\n") + "\r\n" }

func part(id, request, body string) []string {
	out := []string{"Content-Type: application/http", "Content-Transfer-Encoding: binary"}
	if id != "" {
		out = append(out, "Content-ID: "+id)
	}
	return append(out, "", request, "Content-Type: application/json; type=entry", "", body)
}

func changeSet(boundary string, parts ...[]string) []string {
	out := []string{`Content-Type: multipart/mixed; boundary="` + boundary + `"`, ""}
	for _, p := range parts {
		out = append(append(out, "--"+boundary), p...)
	}
	return append(out, "--"+boundary+"--", "")
}

func whole(items ...[]string) string {
	var out []string
	for _, i := range items {
		out = append(append(out, "--b"), i...)
	}
	return crlf(append(out, "--b--")...)
}

const contentType = `multipart/mixed; boundary="b"`

func TestParse(t *testing.T) {
	body := whole(
		changeSet("c", part("1", "POST /api/data/v9.2/accounts HTTP/1.1", `{"name":"A"}`), part("2", "PATCH $1 HTTP/1.1", "{\"a\":\r\n1}")),
		part("", "GET /api/data/v9.2/accounts?$select=name&$filter=a%20eq%20'x' HTTP/1.1", ""),
	)
	for _, strict := range []bool{true, false} {
		items, err := Parse(contentType, []byte(body), Syntax{Strict: strict})
		if err != nil {
			t.Fatal(err)
		}
		if len(items) != 2 || !items[0].ChangeSet || len(items[0].Operations) != 2 || items[1].ChangeSet {
			t.Fatalf("%+v", items)
		}
		one, two, three := items[0].Operations[0], items[0].Operations[1], items[1].Operations[0]
		if one.ContentID != "1" || one.Method != "POST" || string(one.Body) != `{"name":"A"}` || one.Header.Get("Content-Type") != "application/json; type=entry" {
			t.Errorf("%+v", one)
		}
		if two.URL != "$1" || string(two.Body) != "{\"a\":\r\n1}" {
			t.Errorf("%+v %q", two, two.Body)
		}
		if three.Method != "GET" || three.URL != "/api/data/v9.2/accounts?$select=name&$filter=a%20eq%20'x'" || strings.TrimSpace(string(three.Body)) != "" {
			t.Errorf("%+v %q", three, three.Body)
		}
	}
}

// TestRequestLine has a filter in it as @odata/client writes it.
func TestRequestLine(t *testing.T) {
	for line, want := range map[string]string{
		"GET a?$filter=b eq 'c  d' HTTP/1.1": "GET a?$filter=b%20eq%20'c%20%20d'",
		"GET  a HTTP/1.1":                    "GET a",
		"GET a HTTP/1.1 ":                    "GET a",
		"GET a":                              "",
		"GET":                                "",
		"GET HTTP/1.1":                       "",
		"GET  HTTP/1.1":                      "",
		"GET a HTTP/2":                       "",
		"":                                   "",
	} {
		method, target, ok := requestLine(line)
		if ok != (want != "") || ok && method+" "+target != want {
			t.Errorf("%q: %q %q %v", line, method, target, ok)
		}
	}
}

func TestParseErrors(t *testing.T) {
	good := whole(changeSet("c", part("1", "POST /a HTTP/1.1", "{}")), part("", "GET /a HTTP/1.1", ""))
	for name, c := range map[string]struct {
		contentType, body, want string
		syntax                  Syntax
	}{
		"line feeds":         {contentType, strings.ReplaceAll(good, "\r\n", "\n"), "Stream was not readable.", Syntax{Strict: true}},
		"one line feed":      {contentType, strings.Replace(good, "binary\r\n", "binary\n", 1), "Stream was not readable.", Syntax{Strict: true}},
		"no last line end":   {contentType, strings.TrimSuffix(good, "\r\n"), "Stream was not readable.", Syntax{Strict: true}},
		"no last boundary":   {contentType, strings.TrimSuffix(good, "--b--\r\n"), "Stream was not readable.", Syntax{Strict: true}},
		"not multipart":      {"application/json", good, "must be multipart/mixed", Syntax{}},
		"no boundary":        {"multipart/mixed", good, "needs a boundary", Syntax{}},
		"wrong boundary":     {"multipart/mixed; boundary=x", good, "does not occur", Syntax{}},
		"too many":           {contentType, good, "maximum number of '1'", Syntax{MaxOperations: 1}},
		"very many":          {contentType, strings.Repeat("--b\r\n", 1000), "maximum number of '10'", Syntax{Strict: true, MaxOperations: 10}},
		"get in change set":  {contentType, whole(changeSet("c", part("1", "GET /a HTTP/1.1", ""))), "GET request is not allowed", Syntax{}},
		"no content id":      {contentType, whole(changeSet("c", part("", "POST /a HTTP/1.1", ""))), "Content-ID", Syntax{Strict: true}},
		"content id twice":   {contentType, whole(changeSet("c", part("1", "POST /a HTTP/1.1", ""), part("1", "POST /a HTTP/1.1", ""))), "twice", Syntax{}},
		"nested change sets": {contentType, whole(changeSet("c", changeSet("d", part("1", "POST /a HTTP/1.1", "")))), "must be application/http", Syntax{}},
		"request line":       {contentType, whole(part("", "GET /a", "")), "request line", Syntax{}},
		"method":             {contentType, whole(part("", "BREW /a HTTP/1.1", "")), "method", Syntax{}},
		"header":             {contentType, whole([]string{"no colon", "", "x"}), "header line", Syntax{}},
	} {
		if _, err := Parse(c.contentType, []byte(c.body), c.syntax); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// TestTolerant has what clients of F&O are known to send.
func TestTolerant(t *testing.T) {
	body := "--b \n" + strings.Join(changeSet("c", part("1", "POST Customers?cross-company=true HTTP/1.1", "{}")), "\n") + "\n--b--"
	body = strings.Replace(body, "--c\n", "--c \n", 1)
	body = strings.Replace(body, "--c--\n", "", 1)
	items, err := Parse(contentType, []byte(body), Syntax{})
	if err != nil {
		t.Fatal(err)
	}
	if op := items[0].Operations[0]; op.URL != "Customers?cross-company=true" || strings.TrimSpace(string(op.Body)) != "{}" {
		t.Errorf("%+v %q", op, op.Body)
	}
}

// store is a twin whose rows are names; "bad" fails.
type store struct {
	rows    []string
	pending []string
	inSet   bool
	failed  bool // commit fails
	bound   []string
}

type storeTx struct {
	s   *store
	ctx context.Context
}

func (x storeTx) Context() context.Context { return x.ctx }

func (x storeTx) Commit() error {
	x.s.inSet = false
	if x.s.failed {
		return fmt.Errorf("disk full")
	}
	x.s.rows = append(x.s.rows, x.s.pending...)
	return nil
}

func (x storeTx) Rollback() { x.s.inSet = false }

func (s *store) begin(ctx context.Context) (Transaction, error) {
	s.pending, s.inSet = nil, true
	return storeTx{s, ctx}, nil
}

func (s *store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if strings.Contains(r.URL.Path, "bad") {
		http.Error(w, "no", http.StatusNotFound)
		return
	}
	if r.Method == "GET" {
		_, _ = io.WriteString(w, "[]")
		return
	}
	s.bound = append(s.bound, r.Method+" "+r.URL.Path+" "+string(body))
	if s.inSet {
		s.pending = append(s.pending, r.URL.Path)
	} else {
		s.rows = append(s.rows, r.URL.Path)
	}
	w.Header().Set("OData-EntityId", "http://"+r.Host+r.URL.Path+"(1)")
	w.WriteHeader(http.StatusNoContent)
}

func send(s *store, body string, stop bool, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", "/api/data/v9.2/$batch", strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	n := 0
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		Serve(w, r, Config{Handler: s, Begin: s.begin, StopAtError: stop,
			Fail:        func(w http.ResponseWriter, _ *http.Request, err *Error) { http.Error(w, err.Message, err.Status) },
			NewBoundary: func() string { n++; return fmt.Sprint(n) }})
	})
	h.ServeHTTP(w, r)
	return w
}

func statuses(body string) []string {
	var out []string
	for line := range strings.SplitSeq(body, "\r\n") {
		if s, ok := strings.CutPrefix(line, "HTTP/1.1 "); ok {
			out = append(out, s[:3])
		}
	}
	return out
}

func TestServe(t *testing.T) {
	s := &store{}
	body := whole(
		changeSet("c", part("1", "POST /api/data/v9.2/accounts HTTP/1.1", "{}"),
			part("2", "POST contacts HTTP/1.1", `{"parent@odata.bind":"$1","name":"$1"}`),
			part("3", "PATCH $2 HTTP/1.1", `{}`)),
		part("", "GET http://example.com/api/data/v9.2/accounts HTTP/1.1", ""))
	w := send(s, body, true)
	if w.Code != 200 || w.Header().Get("Content-Type") != "multipart/mixed; boundary=batchresponse_1" {
		t.Fatalf("%d %v", w.Code, w.Header())
	}
	want := "--batchresponse_1\r\nContent-Type: multipart/mixed; boundary=changesetresponse_2\r\n\r\n" +
		"--changesetresponse_2\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: 1\r\n\r\n" +
		"HTTP/1.1 204 No Content\r\nOdata-Entityid: http://example.com/api/data/v9.2/accounts(1)\r\n\r\n\r\n"
	if !strings.HasPrefix(w.Body.String(), want) || !strings.HasSuffix(w.Body.String(), "--batchresponse_1--\r\n") {
		t.Errorf("%q", w.Body.String())
	}
	if got := statuses(w.Body.String()); !slices.Equal(got, []string{"204", "204", "204", "200"}) {
		t.Errorf("%v", got)
	}
	if want := []string{`POST /api/data/v9.2/accounts {}`,
		`POST /api/data/v9.2/contacts {"parent@odata.bind":"http://example.com/api/data/v9.2/accounts(1)","name":"$1"}`,
		`PATCH /api/data/v9.2/contacts(1) {}`}; !slices.Equal(s.bound, want) {
		t.Errorf("%q", s.bound)
	}
}

func TestErrors(t *testing.T) {
	single := func(url string) []string { return part("", "POST "+url+" HTTP/1.1", "{}") }
	body := whole(single("/a"), single("/bad"), single("/b"))
	s := &store{}
	if w := send(s, body, true); w.Code != 404 || !slices.Equal(statuses(w.Body.String()), []string{"204", "404"}) || !slices.Equal(s.rows, []string{"/a"}) {
		t.Errorf("stopping: %d %v %v", w.Code, statuses(w.Body.String()), s.rows)
	}
	s = &store{}
	if w := send(s, body, true, "Prefer: odata.continue-on-error"); w.Code != 200 || !slices.Equal(statuses(w.Body.String()), []string{"204", "404", "204"}) || len(s.rows) != 2 {
		t.Errorf("continuing: %d %v %v", w.Code, statuses(w.Body.String()), s.rows)
	}
	s = &store{}
	if w := send(s, body, false); w.Code != 200 || len(statuses(w.Body.String())) != 3 {
		t.Errorf("never stopping: %d %v", w.Code, statuses(w.Body.String()))
	}
	set := whole(changeSet("c", part("1", "POST /a HTTP/1.1", ""), part("2", "POST /bad HTTP/1.1", ""), part("3", "POST /b HTTP/1.1", "")), single("/d"))
	s = &store{}
	w := send(s, set, true, "Prefer: odata.continue-on-error")
	if !slices.Equal(statuses(w.Body.String()), []string{"404", "204"}) || !slices.Equal(s.rows, []string{"/d"}) || !strings.Contains(w.Body.String(), "Content-ID: 2") {
		t.Errorf("a failed change set: %v %v %s", statuses(w.Body.String()), s.rows, w.Body.String())
	}
	s = &store{failed: true}
	if w := send(s, set[:strings.Index(set, "--c\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: 2")]+"--c--\r\n\r\n--b--\r\n", true); w.Code != 500 || len(s.rows) != 0 {
		t.Errorf("a failed commit: %d %v %s", w.Code, s.rows, w.Body.String())
	}
	s = &store{}
	w = send(s, whole(changeSet("c", part("1", "PATCH $9 HTTP/1.1", ""))), true)
	if w.Code != 400 || !strings.Contains(w.Body.String(), "Content-ID Reference: '$9' does not exist in the batch context.") {
		t.Errorf("an unknown reference: %d %s", w.Code, w.Body.String())
	}
	if w := send(s, whole(single("/api/data/v9.2/$batch")), true); w.Code != 400 {
		t.Errorf("a nested batch: %d", w.Code)
	}
	if w := send(s, "nonsense", true); w.Code != 400 || strings.Contains(w.Header().Get("Content-Type"), "multipart") {
		t.Errorf("nonsense: %d %v", w.Code, w.Header())
	}
}

// TestLog shows that the parts of a change set that was undone are not logged
// as done.
func TestLog(t *testing.T) {
	s := &store{}
	n := 0
	log, err := gate.NewLog("")
	if err != nil {
		t.Fatal(err)
	}
	g := gate.New(gate.Options{Now: timeZero, Log: log})
	h := g.Wrap("x", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		Serve(w, r, Config{Handler: s, Begin: s.begin,
			Fail:        func(w http.ResponseWriter, _ *http.Request, err *Error) { http.Error(w, err.Message, err.Status) },
			NewBoundary: func() string { n++; return fmt.Sprint(n) }})
	}))
	body := whole(changeSet("c", part("1", "POST /a HTTP/1.1", ""), part("2", "POST /bad HTTP/1.1", "")), part("", "GET /b HTTP/1.1", ""))
	r := httptest.NewRequest("POST", "/$batch", strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	h.ServeHTTP(httptest.NewRecorder(), r)
	want := []gate.Part{{Method: "POST", URL: "/bad", Status: 404}, {Method: "GET", URL: "/b", Status: 200}}
	if got := log.Entries()[0].Batch; !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(contentType, whole(changeSet("c", part("1", "POST /a HTTP/1.1", "{}"))), true)
	f.Add(contentType, "--b\r\n--b--", false)
	f.Fuzz(func(t *testing.T, contentType, body string, strict bool) {
		items, err := Parse(contentType, []byte(body), Syntax{Strict: strict, MaxOperations: 10})
		if err != nil {
			if _, ok := err.(*Error); !ok {
				t.Errorf("%T", err)
			}
			return
		}
		n := 0
		for _, i := range items {
			if !i.ChangeSet && len(i.Operations) != 1 {
				t.Error("a part without an operation")
			}
			n += len(i.Operations)
		}
		if n > 10 {
			t.Errorf("%d operations", n)
		}
	})
}

func timeZero() time.Time { return time.Time{} }
