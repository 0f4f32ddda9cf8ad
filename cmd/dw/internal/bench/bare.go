package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/dualwrite/dw/runtime/sandbox"
)

// Loop is a bare loop of requests: bodies that were prepared before the clock
// starts, and nothing done with the answers.
type Loop struct {
	Address  string // of the Dataverse twin
	Rows     int
	Each     int           // rows a request; 1 creates single rows
	Parallel int           // requests at once
	For      time.Duration // 0: until all rows are sent
	Pattern  string        // file of rows as dw sends them
}

const bulkPath = "/api/data/v9.2/accounts/Microsoft.Dynamics.CRM.CreateMultiple"

// Send carries out a loop. Refusals for load are obeyed.
func (l Loop) Send(ctx context.Context) error {
	bodies, err := l.bodies()
	if err != nil {
		return err
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: l.Parallel}}
	defer client.CloseIdleConnections()
	address := l.Address + bulkPath
	if l.Each == 1 {
		address = l.Address + "/api/data/v9.2/accounts"
	}
	end := time.Now().Add(l.For)
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(l.Parallel)
	p := &poster{client: client, address: address}
	for _, body := range bodies {
		if l.For > 0 && time.Now().After(end) || ctx.Err() != nil {
			break
		}
		g.Go(func() error { return p.post(ctx, body) })
	}
	return g.Wait()
}

// poster sends bodies to an address.
type poster struct {
	client  *http.Client
	address string

	mu    sync.Mutex
	until time.Time // nobody sends before: what is sent in a pause lengthens it
}

// wait waits for the end of a pause.
func (p *poster) wait(ctx context.Context) error {
	p.mu.Lock()
	pause := time.Until(p.until)
	p.mu.Unlock()
	if pause <= 0 {
		return ctx.Err()
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(pause):
		return nil
	}
}

func (p *poster) pause(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if until := time.Now().Add(d); until.After(p.until) {
		p.until = until
	}
}

func (p *poster) post(ctx context.Context, body []byte) error {
	for {
		if err := p.wait(ctx); err != nil {
			return err
		}
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.address, bytes.NewReader(body))
		if err != nil {
			return err
		}
		r.Header.Set("Content-Type", "application/json; charset=utf-8")
		r.Header.Set("OData-Version", "4.0")
		answer, err := p.client.Do(r)
		if err != nil {
			return err
		}
		said, _ := io.ReadAll(answer.Body)
		answer.Body.Close()
		switch {
		case answer.StatusCode < 300:
			return nil
		case answer.StatusCode != http.StatusTooManyRequests:
			return fmt.Errorf("bare loop: status %d: %.200s", answer.StatusCode, said)
		}
		seconds, err := strconv.Atoi(answer.Header.Get("Retry-After"))
		if err != nil {
			return fmt.Errorf("bare loop: Retry-After %q", answer.Header.Get("Retry-After"))
		}
		p.pause(time.Duration(seconds) * time.Second)
	}
}

// bodies prepares the requests: the rows of the pattern again and again, each
// with an id and number of its own.
func (l Loop) bodies() ([][]byte, error) {
	text, err := os.ReadFile(l.Pattern)
	if err != nil {
		return nil, err
	}
	var pattern []map[string]json.RawMessage
	if err := json.Unmarshal(text, &pattern); err != nil || len(pattern) == 0 {
		return nil, fmt.Errorf("rows of the bare loop: %d in %s: %w", len(pattern), l.Pattern, err)
	}
	var out [][]byte
	for done := 0; done < l.Rows; {
		n := min(max(l.Each, 1), l.Rows-done)
		var rows []map[string]json.RawMessage
		for range n {
			done++
			row := make(map[string]json.RawMessage, len(pattern[0]))
			// The pattern has one company after the other; the loop mixes them.
			for k, v := range pattern[done*patternStep%len(pattern)] {
				row[k] = v
			}
			row["accountid"] = fmt.Appendf(nil, "%q", fmt.Sprintf("00000000-0000-4000-9000-%012x", done))
			row["accountnumber"] = fmt.Appendf(nil, "%q", fmt.Sprintf("B-%08d", done))
			row["msdyn_partynumber"] = fmt.Appendf(nil, "%q", fmt.Sprintf("%09d", 500000000+done))
			rows = append(rows, row)
		}
		var body any = map[string]any{"Targets": rows}
		if l.Each == 1 {
			body = rows[0]
		}
		b, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}

// witness stands between dw and the Dataverse twin and notes which rows are
// sent to be created.
type witness struct {
	server *http.Server
	at     string

	mu   sync.Mutex
	keep int // rows
	rows []json.RawMessage
	seen map[string]int // by account number, how often: a row may come again under another id
	open int            // rows of requests that are not answered
}

// observe puts a witness in front of the twin: dw is told its address.
func (w *world) observe(ctx context.Context, keep int) (*witness, error) {
	target, err := url.Parse(w.at.Dataverse)
	if err != nil {
		return nil, err
	}
	s := &witness{keep: keep, seen: map[string]int{}}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ErrorHandler = func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }
	listener, err := listen(ctx)
	if err != nil {
		return nil, err
	}
	s.at = "http://" + listener.Addr().String()
	s.server = &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && strings.HasPrefix(r.URL.Path, bulkPath) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				panic(http.ErrAbortHandler)
			}
			n := s.note(body)
			defer s.done(n)
			r.Body = io.NopCloser(bytes.NewReader(body))
		}
		proxy.ServeHTTP(out, r)
	})}
	go func() { _ = s.server.Serve(listener) }() // ends with close
	at := w.at
	at.Dataverse = s.at
	return s, sandbox.Write(filepath.Join(w.dir, ".dw", "sandbox.json"), at)
}

func (s *witness) close() error { return s.server.Close() }

func (s *witness) note(body []byte) (rows int) {
	var in struct{ Targets []json.RawMessage }
	if json.Unmarshal(body, &in) != nil {
		return 0 // the twin will say so
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open += len(in.Targets)
	for _, t := range in.Targets {
		var row struct {
			Number string `json:"accountnumber"`
		}
		if json.Unmarshal(t, &row) == nil {
			s.seen[row.Number]++
		}
		if len(s.rows) < s.keep {
			s.rows = append(s.rows, t)
		}
	}
	return len(in.Targets)
}

func (s *witness) done(rows int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open -= rows
}

// inFlight counts rows of requests that are not answered.
func (s *witness) inFlight() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open
}

// twice counts rows that were sent more than once.
func (s *witness) twice() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, times := range s.seen {
		if times > 1 {
			n++
		}
	}
	return n
}

// save writes the rows that were kept.
func (s *witness) save(path string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.rows) == 0 {
		return errors.New("dw sent no rows in bulk")
	}
	text, err := json.Marshal(s.rows)
	if err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o600)
}
