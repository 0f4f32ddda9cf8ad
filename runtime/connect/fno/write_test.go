package fno

import (
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"sync"
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

const conflictText = `{"error":{"code":"","message":"An error has occurred.","innererror":{"message":"Write failed for table row of type 'SalesLineEntity'. Infolog: Error: Cannot edit a record in Sales orders (SalesTable). An update conflict occurred due to another user process deleting the record or changing one or more fields in the record."}}}`

// ledger is a service that refuses a write while another one of the same order
// is at work, as the service does with lines under one header.
type ledger struct {
	mu      sync.Mutex
	busy    map[string]bool
	written int
	refused int
	always  string // refuses this order for ever
	message string
}

var orderOf = regexp.MustCompile(`"Order":"(\w+)"`)

func (l *ledger) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	order := orderOf.FindStringSubmatch(string(body))[1]
	l.mu.Lock()
	refuse := l.busy[order] || order == l.always
	if !refuse {
		l.busy[order] = true
	} else {
		l.refused++
	}
	l.mu.Unlock()
	if refuse {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		io.WriteString(w, l.message)
		return
	}
	time.Sleep(2 * time.Millisecond)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.busy[order] = false
	l.written++
	w.WriteHeader(http.StatusCreated)
	io.WriteString(w, "{}")
}

func (l *ledger) connector(t *testing.T) *Connector {
	t.Helper()
	server := httptest.NewServer(l)
	t.Cleanup(server.Close)
	h := host.Real(t.TempDir())
	client := odata.NewHTTPClient()
	t.Cleanup(client.CloseIdleConnections)
	c, err := New(Options{URL: server.URL, HTTP: client, Tokens: auth.None{}, Budget: limit.New(limit.Options{Clock: h.Clock}), Host: h})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestRecordsThatHangTogether: what the service refused since records were
// written at the same moment is sent again one after the other; what it goes on
// refusing is a conflict, whose record is to be read, and is not sent for ever.
func TestRecordsThatHangTogether(t *testing.T) {
	table := &schema.Table{Side: value.FnO, Set: "SalesLines", Key: []string{"Order", "Line"}, Fields: []*schema.Field{
		{Name: "Order", Type: schema.TypeText, IsKey: true}, {Name: "Line", Type: schema.TypeInteger, IsKey: true},
	}}
	batch := func(order string, n int) (out []connect.Write) {
		for i := range n {
			key := []value.Value{value.NewText(order), value.NewInteger(int64(i))}
			out = append(out, connect.Write{Create: true, Row: connect.RowID{Key: key}, Values: []connect.ColumnValue{
				{Field: table.Fields[0], Value: key[0]}, {Field: table.Fields[1], Value: key[1]},
			}})
		}
		return out
	}
	for name, message := range map[string]string{
		"update conflict": conflictText,
		"deadlock":        `{"error":{"message":"x","innererror":{"message":"Infolog: Error: The operation has ended by a deadlock."}}}`,
	} {
		l := &ledger{busy: map[string]bool{}, message: message, always: "STUCK"}
		c := l.connector(t)
		times := map[int]int{}
		results, err := c.Write(t.Context(), table, append(batch("SO1", 30), batch("STUCK", 1)...), func(indexes []int, _ []connect.Result) {
			for _, i := range indexes {
				times[i]++
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range results {
			want := connect.Done
			if i == 30 {
				want = connect.Conflict
			}
			if r.Outcome != want || times[i] != 1 {
				t.Errorf("%s: line %d: %+v, told %d times", name, i, r, times[i])
			}
		}
		if l.written != 30 || l.refused < 2 {
			t.Errorf("%s: %d lines written, %d refusals", name, l.written, l.refused)
		}
		t.Logf("%s: %d refusals", name, l.refused)
	}
}
