package dataverse

import (
	"sync"
	"time"
)

// Sizes of bulk calls: Microsoft recommends to begin with 100 rows and to tune
// up to 1,000.
const (
	bulkStart   = 100
	bulkUsual   = 500 // where nothing can be learned from the time that calls take
	bulkMost    = 1000
	bulkLeast   = 10
	longestCall = 30 * time.Second // the service gives up after two minutes
)

// worthOf bounds the part of a call's time that is not spent on rows: at 1/30
// larger calls gain next to nothing, and smaller ones are answered sooner.
const worthOf = 30

// tuners keep the size of bulk calls, by table and message.
type tuners struct {
	mu sync.Mutex
	of map[string]*tuner
}

func (t *tuners) get(kind string) *tuner {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.of == nil {
		t.of = map[string]*tuner{}
	}
	if t.of[kind] == nil {
		t.of[kind] = &tuner{size: bulkStart, most: bulkMost}
	}
	return t.of[kind]
}

// tuner finds how many rows the bulk calls of one kind should have: it learns
// what a call and what a row takes, and backs off at once where a call was too
// large.
type tuner struct {
	mu    sync.Mutex
	size  int
	most  int // less than bulkMost after a call was too large
	clean int // calls since then

	// Sums of a regression of the time for a row (y) over 1/rows (x): its slope is
	// what a call takes, and calls of all sizes count alike. What is old counts
	// less.
	n, x, y, xx, xy float64
}

// rows gives how many rows the next call should have.
func (t *tuner) rows() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.size
}

const (
	// fade is how much of what was learned before counts beside a new call.
	fade = 0.98
	// farOff is how much longer than expected a call may take and count in full:
	// what takes longer still has met with something that has nothing to do with
	// its size.
	farOff = 1.5
	// fewCalls are too few to expect anything.
	fewCalls = 5
)

// served learns from a call that went well.
func (t *tuner) served(rows int, took time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	r, s := float64(rows), took.Seconds()
	x, y := 1/r, s/r
	if call, row, ok := t.line(); ok && t.n > fewCalls {
		y = min(y, farOff*(row+call*x))
	}
	t.n, t.x, t.y, t.xx, t.xy = t.n*fade+1, t.x*fade+x, t.y*fade+y, t.xx*fade+x*x, t.xy*fade+x*y
	if t.clean++; t.clean >= 50 && t.most < bulkMost {
		t.most, t.clean = min(t.most*2, bulkMost), 0
	}
	if 2*rows < t.size {
		// It says little about calls of that size. What is cut into equal parts of
		// at most that size has more.
		return
	}
	want := min(t.wanted(), t.most)
	if took > 0 {
		want = max(min(want, int(r*longestCall.Seconds()/s)), bulkLeast)
	}
	switch {
	case want > t.size:
		t.size = min(t.size*3/2, want)
	case want < t.size*3/4:
		t.size = max(want, t.size*2/3)
	}
}

// line gives what a call takes and what each of its rows takes, in seconds; it
// is not ok where calls of different sizes are too few, or too much up to chance.
func (t *tuner) line() (call, row float64, ok bool) {
	spread := t.n*t.xx - t.x*t.x
	if t.y <= 0 || spread <= 1e-6*t.n*t.xx {
		return 0, 0, false
	}
	call = (t.n*t.xy - t.x*t.y) / spread
	row = (t.y - call*t.x) / t.n
	return call, row, call >= 0 && row >= 0
}

// wanted gives the size at which most of a call's time is spent on rows.
func (t *tuner) wanted() int {
	call, row, ok := t.line()
	switch {
	case !ok:
		return max(bulkUsual, t.size)
	case call >= row*bulkMost/worthOf:
		return bulkMost
	}
	return int(max(worthOf*call/row, bulkStart))
}

// tooMuch halves the size after a call of that many rows that the service
// could not carry out.
func (t *tuner) tooMuch(rows int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.size = max(min(t.size, rows)/2, bulkLeast)
	t.most, t.clean = t.size, 0
}
