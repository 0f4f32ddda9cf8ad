package dataverse

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/connect/auth"
	"github.com/dualwrite/dw/runtime/connect/limit"
	"github.com/dualwrite/dw/runtime/connect/odata"
	"github.com/dualwrite/dw/runtime/host"
)

// part is one answer inside a batch.
type part struct {
	status int
	header string
	body   string
}

// reply answers a request with parts, or with one plain answer.
type reply struct {
	parts []part
	plain part
}

func (r reply) write(w http.ResponseWriter) {
	if r.parts == nil {
		w.WriteHeader(r.plain.status)
		io.WriteString(w, r.plain.body)
		return
	}
	w.Header().Set("Content-Type", "multipart/mixed; boundary=r")
	for _, p := range r.parts {
		fmt.Fprintf(w, "--r\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 %d X\r\n%s\r\n%s\r\n", p.status, p.header, p.body)
	}
	io.WriteString(w, "--r--\r\n")
}

func failed(status int, code, message string) part {
	return part{status: status, header: "Content-Type: application/json\r\n", body: fmt.Sprintf(`{"error":{"code":%q,"message":%q}}`, code, message)}
}

var ok = part{status: 204}

func row(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }

func TestBatchAnswers(t *testing.T) {
	table := &schema.Table{Set: "plains", Name: "plain", PrimaryID: "plainid", OptimisticConcurrency: true, Fields: []*schema.Field{{Name: "name", Type: schema.TypeText}}}
	update := func(n int) connect.Write {
		return connect.Write{Row: connect.RowID{ID: row(n)}, IfMatch: `W/"1"`, Values: []connect.ColumnValue{{Field: table.Fields[0], Value: value.NewText("x")}}}
	}
	const done, refused, conflict, duplicate, gone, unresolved = connect.Done, connect.Refused, connect.Conflict, connect.Duplicate, connect.Gone, connect.Unresolved
	for name, test := range map[string]struct {
		replies []reply
		want    []connect.Outcome
		waited  time.Duration
	}{
		"parts for themselves": {[]reply{{parts: []part{ok, failed(400, "0x80044331", "too long"), ok}}}, []connect.Outcome{done, refused, done}, 0},
		"the meanings of 412 and 404": {[]reply{{parts: []part{failed(412, "0x80060882", "version"), failed(412, "0x80060892", "key"), failed(404, "0x80040217", "plain With Id = "+row(2)+" Does Not Exist")}}},
			[]connect.Outcome{conflict, duplicate, gone}, 0},
		"a missing target":   {[]reply{{parts: []part{ok, ok, failed(404, "0x80040217", "contact With Id = "+row(9)+" Does Not Exist")}}}, []connect.Outcome{done, done, refused}, 0},
		"a 412 without code": {[]reply{{parts: []part{failed(412, "", "The version of the existing record doesn't match"), ok, ok}}}, []connect.Outcome{conflict, done, done}, 0},
		"a busy part": {[]reply{{parts: []part{ok, {status: 429, header: "Retry-After: 9\r\n", body: "{}"}, ok}}, {plain: ok}},
			[]connect.Outcome{done, done, done}, 9 * time.Second},
		"two busy parts":      {[]reply{{parts: []part{{status: 429}, ok, {status: 429}}}, {parts: []part{ok, failed(400, "x", "y")}}}, []connect.Outcome{done, done, refused}, limit.DefaultPause},
		"a deadlock, once":    {[]reply{{parts: []part{ok, failed(500, "0x80044150", "1205"), ok}}, {plain: ok}}, []connect.Outcome{done, done, done}, 0},
		"a deadlock, twice":   {[]reply{{parts: []part{ok, failed(500, "0x80044150", "1205"), ok}}, {plain: failed(500, "0x80044150", "1205")}}, []connect.Outcome{done, refused, done}, 0},
		"too few parts":       {[]reply{{parts: []part{ok}}}, []connect.Outcome{done, unresolved, unresolved}, 0},
		"no batch at all":     {[]reply{{plain: part{status: 200, body: "{}"}}}, []connect.Outcome{unresolved}, 0},
		"refused as a whole":  {[]reply{{plain: failed(400, "0x80048d19", "bad")}, {plain: ok}, {plain: failed(400, "0x1", "this one")}, {plain: ok}}, []connect.Outcome{done, refused, done}, 0},
		"a gateway in a part": {[]reply{{parts: []part{ok, {status: 504, body: "<html>"}, ok}}}, []connect.Outcome{done, unresolved, done}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			replies := test.replies
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				if strings.Contains(r.URL.Path, "$batch") != strings.Contains(string(body), "If-Match: W/\"1\"\r\n") {
					t.Errorf("%s %s: conditions belong to the parts", r.URL, body)
				}
				if len(replies) == 0 {
					t.Errorf("one request too many: %s %s", r.Method, r.URL)
					return
				}
				replies[0].write(w)
				replies = replies[1:]
			}))
			defer server.Close()
			h := *host.Real("")
			h.Clock = host.Simulated(1).Clock
			c, err := New(Options{URL: server.URL, HTTP: odata.NewHTTPClient(), Tokens: auth.None{}, Budget: limit.New(limit.Options{Clock: h.Clock}), Host: &h})
			if err != nil {
				t.Fatal(err)
			}
			before := h.Clock.Now()
			results, err := c.Write(t.Context(), table, []connect.Write{update(0), update(1), update(2)}, nil)
			if err != nil {
				t.Fatal(err)
			}
			for i, r := range results {
				if want := test.want[min(i, len(test.want)-1)]; r.Outcome != want {
					t.Errorf("row %d: %+v, want %d", i, r, want)
				}
			}
			if waited := h.Clock.Now().Sub(before); waited != test.waited || len(replies) != 0 {
				t.Errorf("waited %v, want %v; %d replies left", waited, test.waited, len(replies))
			}
		})
	}
}

func TestRowsOfARoundAreDistinct(t *testing.T) {
	batch := make([]connect.Write, 0, 6)
	for _, id := range []string{"a", "b", "a", "", "", "a"} {
		batch = append(batch, connect.Write{Row: connect.RowID{ID: id}})
	}
	got := fmt.Sprint(rounds(batch))
	if got != "[[0 1 3 4] [2] [5]]" {
		t.Fatal(got)
	}
}

func TestPartsOfARound(t *testing.T) {
	indexes := make([]int, 250)
	total := 0
	for _, p := range cut(indexes, 100) {
		if len(p) > 100 || len(p) < 80 {
			t.Fatal(len(p))
		}
		total += len(p)
	}
	if total != 250 || cut(nil, 100) != nil {
		t.Fatal(total)
	}
}
