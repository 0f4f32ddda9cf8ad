package outbox

import (
	"context"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// listener is an endpoint that keeps what it gets and answers by a function.
type listener struct {
	*httptest.Server
	mu     sync.Mutex
	bodies []string
	answer func(n int, body string) int // n counts the posts from 1
}

func listen(t *testing.T, answer func(n int, body string) int) *listener {
	l := &listener{answer: answer}
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		l.mu.Lock()
		l.bodies = append(l.bodies, string(body))
		status := http.StatusOK
		if l.answer != nil {
			status = l.answer(len(l.bodies), string(body))
		}
		l.mu.Unlock()
		w.WriteHeader(status)
	}))
	t.Cleanup(l.Close)
	return l
}

func (l *listener) got() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.bodies)
}

func open(t *testing.T, change func(o *Options)) *Outbox {
	o := Options{
		Timeout: 10 * time.Second, Retries: 3, Wait: time.Second,
		Now: func() time.Time { return time.Unix(0, 0) }, Sleep: func(context.Context, time.Duration) {},
	}
	if change != nil {
		change(&o)
	}
	b := New(o)
	t.Cleanup(b.Close)
	return b
}

func (b *Outbox) settle(t *testing.T) {
	t.Helper()
	if err := b.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func message(endpoint, url, body string) Message {
	return Message{Endpoint: endpoint, URL: url, Body: []byte(body), Subject: "about " + body}
}

func TestKeepsTheOrderOfEachEndpoint(t *testing.T) {
	a, c := listen(t, nil), listen(t, nil)
	b := open(t, nil)
	var want []string
	for i := range 200 {
		body := fmt.Sprint(i)
		want = append(want, body)
		b.Put(message("a", a.URL, body), message("c", c.URL, body))
	}
	b.settle(t)
	if !slices.Equal(a.got(), want) || !slices.Equal(c.got(), want) {
		t.Errorf("a got %v, c got %v", a.got(), c.got())
	}
	if n := b.Counts(); n != (Counts{Sent: 400}) {
		t.Errorf("%+v", n)
	}
}

func TestRetriesAndThenListsAFailureThatCanBeSentAgain(t *testing.T) {
	down := true
	l := listen(t, func(_ int, body string) int {
		if body == "bad" && down {
			return http.StatusInternalServerError
		}
		return http.StatusAccepted
	})
	var waits []time.Duration
	b := open(t, func(o *Options) { o.Sleep = func(_ context.Context, d time.Duration) { waits = append(waits, d) } })
	b.Put(message("e", l.URL+"?code=secret", "bad"), message("e", l.URL, "good"))
	b.settle(t)
	if got := strings.Join(l.got(), " "); got != "bad bad bad bad good" {
		t.Errorf("posted %s", got)
	}
	if !slices.Equal(waits, []time.Duration{time.Second, time.Second, time.Second}) {
		t.Errorf("waited %v", waits)
	}
	failures := b.Failures()
	if len(failures) != 1 || failures[0].Attempts != 4 || failures[0].Status != 500 || failures[0].Subject != "about bad" || failures[0].Endpoint != "e" {
		t.Fatalf("%+v", failures)
	}
	l.mu.Lock()
	down = false
	l.mu.Unlock()
	if n := b.Resend(failures[0].ID, 99); n != 1 {
		t.Errorf("%d sent again", n)
	}
	b.settle(t)
	if got := l.got(); got[len(got)-1] != "bad" || len(b.Failures()) != 0 {
		t.Errorf("posted %v, failures %v", got, b.Failures())
	}
	if n := b.Counts(); n != (Counts{Sent: 2, Failed: 1}) {
		t.Errorf("%+v", n)
	}
}

func TestAgainDecidesAboutRetries(t *testing.T) {
	status := 500
	l := listen(t, func(int, string) int { return status })
	b := open(t, func(o *Options) { o.Retries, o.Again = 1, func(status int) bool { return status == 502 } })
	for i, c := range []struct{ status, posts int }{{500, 1}, {502, 3}} {
		l.mu.Lock()
		status = c.status
		l.mu.Unlock()
		b.Put(message("e", l.URL, "x"))
		b.settle(t)
		if len(l.got()) != c.posts || len(b.Failures()) != i+1 {
			t.Errorf("status %d: %d posts, failures %v", c.status, len(l.got()), b.Failures())
		}
	}
}

func TestSecretsOfAddressesStayOutOfTheLog(t *testing.T) {
	b := open(t, nil)
	for _, url := range []string{"http://127.0.0.1:1/?code=secret", "http://bad host/?code=secret"} {
		b.Put(message("e", url, "x"))
	}
	b.settle(t)
	failures := b.Failures()
	if len(failures) != 2 {
		t.Fatalf("%+v", failures)
	}
	for _, f := range failures {
		if f.Status != 0 || f.Error == "" || strings.Contains(f.Error, "secret") {
			t.Errorf("%+v", f)
		}
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	away := listen(t, nil)
	l := httptest.NewServer(http.RedirectHandler(away.URL, http.StatusTemporaryRedirect))
	defer l.Close()
	b := open(t, nil)
	b.Put(message("e", l.URL, "x"))
	b.settle(t)
	if len(away.got()) != 0 || len(b.Failures()) != 1 {
		t.Errorf("%v %v", away.got(), b.Failures())
	}
}

func TestForgetAndCloseGiveUpWhatWaits(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	l := listen(t, func(n int, _ string) int {
		if n == 1 {
			close(entered)
			<-release
		}
		return http.StatusInternalServerError
	})
	b := open(t, nil)
	b.Put(message("e", l.URL, "1"), message("e", l.URL, "2"))
	<-entered
	b.Forget("e")
	close(release)
	b.settle(t)
	if got := l.got(); len(got) != 1 || len(b.Failures()) != 0 {
		t.Errorf("posted %v, failures %v", got, b.Failures())
	}
	hang := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		close(hang)
		<-r.Context().Done()
	}))
	defer slow.Close()
	b.Put(message("slow", slow.URL, "1"), message("slow", slow.URL, "2"))
	<-hang
	b.Close()
	b.Put(message("slow", slow.URL, "3"))
	if n := b.Counts(); n != (Counts{}) {
		t.Errorf("%+v", n)
	}
}

// run queues numbered messages with faults and gives what the endpoint got.
func run(t *testing.T, f Faults, n int) ([]string, Counts) {
	l := listen(t, nil)
	b := open(t, nil)
	if err := b.SetFaults(f); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		b.Put(message("e", l.URL, fmt.Sprint(i)))
	}
	b.settle(t)
	return l.got(), b.Counts()
}

func TestFaultsAreThoseOfTheSeed(t *testing.T) {
	f := Faults{Drop: 0.2, Repeat: 0.2, Reorder: 0.2, Seed: 7}
	first, counts := run(t, f, 200)
	second, _ := run(t, f, 200)
	if !slices.Equal(first, second) {
		t.Error("the same seed gave other faults")
	}
	f.Seed = 8
	if third, _ := run(t, f, 200); slices.Equal(first, third) {
		t.Error("another seed gave the same faults")
	}
	if counts.Dropped < 20 || counts.Repeated < 20 || counts.Reordered < 20 || counts.Sent != len(first) {
		t.Errorf("%+v", counts)
	}
}

func TestEachFaultDoesWhatItSays(t *testing.T) {
	for _, c := range []struct {
		faults Faults
		want   string
	}{
		{Faults{Drop: 1}, ""},
		{Faults{Repeat: 1}, "0 0 1 1 2 2 3 3"},
		{Faults{Reorder: 1}, "1 0 3 2"},
		{Faults{Repeat: 1, Reorder: 1}, "1 1 0 0 3 3 2 2"},
	} {
		if got, _ := run(t, c.faults, 4); strings.Join(got, " ") != c.want {
			t.Errorf("%+v: %v, want %s", c.faults, got, c.want)
		}
	}
}

func TestClearingFaultsSendsWhatWasHeldBack(t *testing.T) {
	l := listen(t, nil)
	b := open(t, nil)
	if err := b.SetFaults(Faults{Reorder: 1}); err != nil {
		t.Fatal(err)
	}
	b.Put(message("e", l.URL, "x"))
	b.settle(t)
	if got := l.got(); len(got) != 0 {
		t.Fatalf("not held back: %v", got)
	}
	if err := b.SetFaults(Faults{}); err != nil {
		t.Fatal(err)
	}
	b.settle(t)
	if got := l.got(); !slices.Equal(got, []string{"x"}) {
		t.Errorf("%v", got)
	}
}

func TestProbabilitiesAreChecked(t *testing.T) {
	b := open(t, nil)
	for _, f := range []Faults{{Drop: -0.1}, {Repeat: 1.1}, {Reorder: math.NaN()}, {Drop: math.Inf(1)}} {
		if b.SetFaults(f) == nil {
			t.Errorf("%+v", f)
		}
	}
}

// Whatever the faults: nothing is invented, what is not counted as dropped
// comes or is held back at the end, and repetitions are counted.
func TestFaultsAccountForEveryMessage(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		chance := rapid.Float64Range(0, 1)
		f := Faults{chance.Draw(r, "drop"), chance.Draw(r, "repeat"), chance.Draw(r, "reorder"), rapid.Uint64().Draw(r, "seed")}
		n := rapid.IntRange(0, 60).Draw(r, "messages")
		q, c := &queue{}, Counts{}
		seen, total := map[string]bool{}, 0
		for i := range n {
			for _, m := range q.disturb(f, message("e", "", fmt.Sprint(i)), &c) {
				seen[string(m.Body)] = true
				total++
			}
		}
		for _, m := range q.held {
			seen[string(m.Body)] = true
			total++
		}
		if len(seen) != n-c.Dropped || total != n-c.Dropped+c.Repeated {
			r.Fatalf("%d messages, %d came, %d different: %+v", n, total, len(seen), c)
		}
	})
}

// Whatever the seed, each fault hits its share of the messages, in the beginning
// as well as in the long run.
func TestFaultsMeetTheirShare(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		share := rapid.OneOf(rapid.Float64Range(0, 1), rapid.SampledFrom([]float64{0.1, 0.5, 1, 1e-300})).Draw(r, "share")
		d := newDraw(share, rapid.Uint64().Draw(r, "seed"), "e", "drop")
		hits := 0
		for n := range 200 {
			if d.next() {
				hits++
			}
			if want := float64(n+1) * share; math.Abs(float64(hits)-want) > 1+1e-9 {
				r.Fatalf("%d of %d messages are hit", hits, n+1)
			}
		}
	})
}

// TestEndpointsHaveFaultsOfTheirOwn: with a few messages to each of several
// endpoints every fault is met with any seed, and not at the same messages.
func TestEndpointsHaveFaultsOfTheirOwn(t *testing.T) {
	for seed := range uint64(20) {
		l := listen(t, nil)
		b := open(t, nil)
		if err := b.SetFaults(Faults{Drop: 0.1, Repeat: 0.1, Reorder: 0.1, Seed: seed}); err != nil {
			t.Fatal(err)
		}
		dropped := map[string][]string{}
		for e := range 6 {
			before := b.Counts().Dropped
			for i := range 15 {
				b.Put(message(fmt.Sprint("e", e), l.URL, fmt.Sprint(i)))
				if now := b.Counts().Dropped; now != before {
					before = now
					dropped[fmt.Sprint(i)] = append(dropped[fmt.Sprint(i)], fmt.Sprint(e))
				}
			}
		}
		if c := b.Counts(); c.Dropped < 6 || c.Repeated < 3 || c.Reordered < 3 {
			t.Errorf("seed %d: %+v", seed, c)
		}
		for at, endpoints := range dropped {
			if len(endpoints) == 6 {
				t.Errorf("seed %d: message %s of every endpoint is dropped", seed, at)
			}
		}
	}
}
