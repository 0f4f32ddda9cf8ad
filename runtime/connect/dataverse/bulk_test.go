package dataverse

import (
	"bytes"
	"encoding/json"
	"io"
	"math/bits"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/connect/auth"
	"github.com/dualwrite/dw/runtime/connect/limit"
	"github.com/dualwrite/dw/runtime/connect/odata"
	"github.com/dualwrite/dw/runtime/host"
)

// picky is a service that refuses bulk calls with a bad row in them, each as a
// whole, and single rows for themselves.
type picky struct {
	t   *testing.T
	bad map[string]bool

	mu    sync.Mutex
	bulk  int            // calls
	wrote map[string]int // how often each row was
}

func (p *picky) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	const no = `{"error":{"code":"0x80044331","message":"too long"}}`
	if strings.HasSuffix(r.URL.Path, "$batch") {
		w.Header().Set("Content-Type", "multipart/mixed; boundary=r")
		for _, part := range bytes.Split(body, []byte("Content-Type: application/http"))[1:] {
			id := string(part[bytes.Index(part, []byte(`"plainid":"`))+11:][:36])
			status, answer := "204 No Content", ""
			if p.bad[id] {
				status, answer = "400 Bad Request", no
			} else {
				p.wrote[id]++
			}
			io.WriteString(w, "--r\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 "+status+"\r\nContent-Type: application/json\r\n\r\n"+answer+"\r\n")
		}
		io.WriteString(w, "--r--\r\n")
		return
	}
	var in struct {
		Targets []struct {
			ID string `json:"plainid"`
		}
		ID string `json:"plainid"`
	}
	if err := json.Unmarshal(body, &in); err != nil {
		p.t.Error(err)
	}
	ids := []string{in.ID}
	if in.Targets != nil {
		p.bulk++
		ids = nil
		for _, target := range in.Targets {
			ids = append(ids, target.ID)
		}
	}
	for _, id := range ids {
		if p.bad[id] {
			w.WriteHeader(http.StatusBadRequest)
			io.WriteString(w, no)
			return
		}
	}
	for _, id := range ids {
		p.wrote[id]++
	}
	io.WriteString(w, "{}")
}

func TestBadRowsAreFound(t *testing.T) {
	table := &schema.Table{Set: "plains", Name: "plain", PrimaryID: "plainid", Messages: []string{createMultiple},
		Fields: []*schema.Field{{Name: "name", Type: schema.TypeText}}}
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(2, bulkStart).Draw(rt, "rows")
		service := &picky{t: t, bad: map[string]bool{}, wrote: map[string]int{}}
		for _, i := range rapid.SliceOfN(rapid.IntRange(0, n-1), 0, 5).Draw(rt, "bad") {
			service.bad[row(i)] = true
		}
		server := httptest.NewServer(service)
		defer server.Close()
		h := *host.Real("")
		h.Clock = host.Simulated(1).Clock
		c, err := New(Options{URL: server.URL, HTTP: odata.NewHTTPClient(), Tokens: auth.None{}, Budget: limit.New(limit.Options{Clock: h.Clock}), Host: &h})
		if err != nil {
			rt.Fatal(err)
		}
		batch := make([]connect.Write, n)
		for i := range batch {
			batch[i] = connect.Write{Create: true, Row: connect.RowID{ID: row(i)}, Values: []connect.ColumnValue{{Field: table.Fields[0], Value: value.NewText("x")}}}
		}
		results, err := c.Write(t.Context(), table, batch, nil)
		if err != nil {
			rt.Fatal(err)
		}
		for i, r := range results {
			want, times := connect.Done, 1
			if service.bad[row(i)] {
				want, times = connect.Refused, 0
			}
			if r.Outcome != want || service.wrote[row(i)] != times || want == connect.Refused && r.Code != "0x80044331" {
				rt.Fatalf("row %d: %+v, written %d times; bad: %v", i, r, service.wrote[row(i)], service.bad[row(i)])
			}
		}
		most := 1
		if len(service.bad) > 0 {
			most = 1 + 2*bits.Len(uint(n-1))
		}
		if service.bulk > most {
			rt.Fatalf("%d bulk calls for %d rows, want at most %d", service.bulk, n, most)
		}
	})
}

func TestTunerLearns(t *testing.T) {
	for name, c := range map[string]struct {
		call, row   time.Duration
		least, most int
	}{
		"as published":         {60 * time.Millisecond, 6400 * time.Microsecond, 250, 350},
		"calls cost":           {120 * time.Millisecond, 2 * time.Millisecond, bulkMost, bulkMost},
		"rows cost":            {time.Millisecond, 10 * time.Millisecond, bulkStart, bulkStart},
		"nothing takes time":   {0, 0, bulkUsual, bulkUsual},
		"rows take very long":  {0, 2 * time.Second, bulkLeast, 20},
		"only the calls count": {time.Second, 0, bulkMost, bulkMost},
	} {
		tn := &tuner{size: bulkStart, most: bulkMost}
		for range 60 {
			n := tn.rows()
			tn.served(n, c.call+time.Duration(n)*c.row)
		}
		if n := tn.rows(); n < c.least || n > c.most {
			t.Errorf("%s: %d rows, want %d to %d", name, n, c.least, c.most)
		}
	}
}

// Calls take longer by chance, some of them much longer: the size stays near to
// what it is without that.
func TestTunerIsCalm(t *testing.T) {
	for name, c := range map[string]struct {
		call, row   time.Duration
		least, most int
	}{
		"as published": {60 * time.Millisecond, 6400 * time.Microsecond, 150, 700},
		"calls cost":   {120 * time.Millisecond, 2 * time.Millisecond, 700, bulkMost},
	} {
		random := rand.New(rand.NewPCG(1, 2))
		tn := &tuner{size: bulkStart, most: bulkMost}
		batch, sum, calls := make([]int, 1000), 0, 0
		for calls < 400 {
			for _, part := range cut(batch, tn.rows()) {
				n := len(part)
				longer := 1 + random.ExpFloat64()/3
				if random.IntN(20) == 0 {
					longer *= 3
				}
				tn.served(n, time.Duration(float64(c.call+time.Duration(n)*c.row)*longer))
				sum += n
				calls++
			}
		}
		if n := sum / calls; n < c.least || n > c.most {
			t.Errorf("%s: %d rows a call on average, want %d to %d", name, n, c.least, c.most)
		}
	}
}

func TestTunerBacksOff(t *testing.T) {
	tn := &tuner{size: bulkStart, most: bulkMost}
	for range 20 {
		tn.served(tn.rows(), 0)
	}
	tn.tooMuch(tn.rows())
	if tn.rows() != bulkUsual/2 {
		t.Fatal(tn.rows())
	}
	for range 10 {
		tn.served(tn.rows(), 0)
	}
	if tn.rows() != bulkUsual/2 {
		t.Fatalf("tries %d rows again at once", tn.rows())
	}
	for range 100 {
		tn.served(tn.rows(), 0)
	}
	if tn.rows() != bulkUsual {
		t.Fatalf("never tries again: %d rows", tn.rows())
	}
	for range 20 {
		tn.tooMuch(1)
	}
	if tn.rows() != bulkLeast {
		t.Fatal(tn.rows())
	}
}
