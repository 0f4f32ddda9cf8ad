package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/dualwrite/dw/runtime/report"
)

// InitialOptions of Initial.
type InitialOptions struct {
	Program  string   // dw itself: every measurement is a process of its own
	Only     []string // of Scenarios; none: those of the size
	Rows     int      // customers of bare, resume and export
	Million  int      // and of million
	Packaged int      // and of packages
	Quick    bool
	Full     bool
	Window   time.Duration // of the limits in ceiling
	Seed     uint64        // of the moments at which resume kills dw
	Progress func(line string)
}

// Scenarios are what the initial sync is measured by.
func Scenarios() []string {
	return []string{"bare", "packages", "export", "ceiling", "record-by-record", "resume", "million"}
}

// bareParallel is how many requests the bare loop has in flight.
const bareParallel = 8

// patternRows is how many rows as dw sends them the loops repeat, patternStep
// how far apart two are that follow one another: they have no common divisor.
const (
	patternRows = 400
	patternStep = 7
)

// initialBench is one run of Initial.
type initialBench struct {
	InitialOptions
	root     string
	pattern  string // file
	folders  map[int]string
	accounts string // folder of packages
	copies   int
	out      []report.Measure
	ceiling  map[string]float64 // rows a second that dw reached, by profile
}

// Initial measures the initial sync of customers from F&O to Dataverse on twins
// in a process of their own. Rates come from the twins' log of requests, numbers
// of rows from the twins' databases.
func Initial(ctx context.Context, o InitialOptions) ([]report.Measure, error) {
	root, err := os.MkdirTemp("", "dw-bench-")
	if err != nil {
		return nil, fmt.Errorf("make room for the twins: %w", err)
	}
	defer os.RemoveAll(root)
	b := &initialBench{InitialOptions: o, root: root, pattern: filepath.Join(root, "rows.json"), folders: map[int]string{}, ceiling: map[string]float64{}}
	if err := b.learn(ctx); err != nil {
		return nil, err
	}
	for _, s := range []struct {
		name   string
		unless bool // it is left out unless it is asked for
		run    func(context.Context) error
	}{
		{"bare", false, b.bare}, {"packages", false, b.packages}, {"export", o.Quick, b.exports}, {"ceiling", false, b.limits},
		{"record-by-record", false, b.single}, {"resume", false, b.resume}, {"million", !o.Full, b.million},
	} {
		if len(o.Only) > 0 && !slices.Contains(o.Only, s.name) || len(o.Only) == 0 && s.unless {
			continue
		}
		if err := s.run(ctx); err != nil {
			return b.out, fmt.Errorf("initial/%s: %w", s.name, err)
		}
	}
	return b.out, nil
}

func (b *initialBench) add(name, unit string, v, base, target float64) {
	m := compared("initial/"+name, unit, v, base)
	m.Target = target
	b.out = append(b.out, m)
}

// with serves the twins of a folder of so many customers.
func (b *initialBench) with(ctx context.Context, rows int, p profile, f func(*world) error) error {
	if b.folders[rows] == "" {
		dir := filepath.Join(b.root, "customers-"+strconv.Itoa(rows))
		if err := prepare(ctx, b.Program, dir, rows); err != nil {
			return err
		}
		b.folders[rows] = dir
	}
	return b.serve(ctx, b.folders[rows], p, f)
}

// serve serves the twins of a copy of a folder.
func (b *initialBench) serve(ctx context.Context, folder string, p profile, f func(*world) error) (err error) {
	b.copies++
	w, err := start(ctx, b.Program, folder, filepath.Join(b.root, "run-"+strconv.Itoa(b.copies)), p)
	if err != nil {
		return err
	}
	defer func() {
		if stopped := w.stop(); err == nil {
			err = stopped
		}
	}()
	return f(w)
}

// learn sees how dw sends customers, for the loops that are to send the same.
func (b *initialBench) learn(ctx context.Context) error {
	b.Progress("see how dw sends customers")
	return b.with(ctx, patternRows, profile{}, func(w *world) error {
		s, err := w.observe(ctx, patternRows)
		if err != nil {
			return err
		}
		defer s.close()
		if _, err := w.apply(ctx); err != nil {
			return err
		}
		return s.save(b.pattern)
	})
}

// loop sends rows in a process of its own and gives its rate.
func (b *initialBench) loop(ctx context.Context, w *world, l Loop) (perSecond float64, f Figures, err error) {
	args := []string{"bench", "bare", "-rows", strconv.Itoa(l.Rows), "-each", strconv.Itoa(l.Each), "-parallel", strconv.Itoa(l.Parallel),
		"-for", l.For.String(), w.at.Dataverse, b.pattern}
	p, err := w.run(ctx, args...)
	if err != nil {
		return 0, f, err
	}
	if f, err = p.wait(); err != nil {
		return 0, f, err
	}
	_, writes, _, err := w.log(0)
	if err != nil {
		return 0, f, err
	}
	if l.For == 0 {
		err = w.arrived(ctx, l.Rows)
	}
	perSecond, _ = rate(writes)
	return perSecond, f, err
}

// synced is what an initial sync came to.
type synced struct {
	Figures
	whole   float64 // rows a second from the first read of a record to the last answer to a write
	sending float64 // rows a second from the first write on
	perCall float64
	writes  []sent
}

func (b *initialBench) sync(ctx context.Context, w *world, rows int) (s synced, err error) {
	if s.Figures, err = w.apply(ctx); err != nil {
		return s, err
	}
	if err := w.arrived(ctx, rows); err != nil {
		return s, err
	}
	read, writes, _, err := w.log(0)
	if err != nil {
		return s, err
	}
	s.writes = writes
	s.sending, s.perCall = rate(writes)
	last := read
	for _, x := range writes {
		if x.end.After(last) {
			last = x.end
		}
	}
	s.whole = float64(rows) / last.Sub(read).Seconds()
	return s, nil
}

// bothProfiles gives a profile and the same without server time, which a quick
// run leaves out.
func (b *initialBench) bothProfiles(p profile) []profile {
	if b.Quick {
		return []profile{p}
	}
	return []profile{p, {name: p.name + "-no-server-time"}}
}

// bare compares dw with a loop that does nothing but send.
func (b *initialBench) bare(ctx context.Context) error {
	for _, p := range b.bothProfiles(profile{name: "bare", call: 60 * time.Millisecond, row: 6 * time.Millisecond}) {
		b.Progress(fmt.Sprintf("%s: %d customers", p.name, b.Rows))
		var got synced
		err := b.with(ctx, b.Rows, p, func(w *world) (err error) {
			got, err = b.sync(ctx, w, b.Rows)
			return err
		})
		if err != nil {
			return err
		}
		var rates [2]float64
		var costs [2]Figures
		for i := range rates {
			b.Progress(p.name + ": the bare loop")
			err := b.with(ctx, patternRows, p, func(w *world) (err error) {
				rates[i], costs[i], err = b.loop(ctx, w, Loop{Rows: b.Rows, Each: max(int(got.perCall+0.5), 2), Parallel: bareParallel})
				return err
			})
			if err != nil {
				return err
			}
		}
		target := 0.85
		if p.call == 0 {
			target = 0
		}
		loop := (rates[0] + rates[1]) / 2
		b.add(p.name, "rows/s", got.whole, loop, target)
		b.add(p.name+"/sending", "rows/s", got.sending, loop, 0)
		b.add(p.name+"/control", "rows/s", rates[1], rates[0], 0)
		b.add(p.name+"/cpu", "s/1000 rows", b.per(got.CPU, b.Rows), b.per((costs[0].CPU+costs[1].CPU)/2, b.Rows), 0)
		b.add(p.name+"/wall", "s/1000 rows", b.per(got.Wall, b.Rows), b.per((costs[0].Wall+costs[1].Wall)/2, b.Rows), 0)
		b.add(p.name+"/rows-a-call", "rows", got.perCall, 0, 0)
	}
	return nil
}

func (b *initialBench) per(d time.Duration, rows int) float64 {
	return d.Seconds() / float64(rows) * 1000
}

// The two profiles of server time, under the documented limits: what
// Microsoft's load test comes to, and one in which rows cost little.
func (b *initialBench) profiles() []profile {
	published := profile{name: "published", call: 60 * time.Millisecond, row: 6400 * time.Microsecond, window: b.Window, requests: 6000. / 300, seconds: 1200. / 300}
	optimistic := published
	optimistic.name, optimistic.call, optimistic.row = "optimistic", 120*time.Millisecond, 2*time.Millisecond
	if b.Quick {
		return []profile{published}
	}
	return []profile{published, optimistic}
}

// most gives the rows a second that limits allow with calls of at most 1,000
// rows.
func (p profile) most() (best float64) {
	for n := 1; n <= 1000; n++ {
		took := p.call.Seconds() + float64(n)*p.row.Seconds()
		best = max(best, min(p.requests, p.seconds/took)*float64(n))
	}
	return best
}

// limits compares dw under the service protection limits with what they allow.
func (b *initialBench) limits(ctx context.Context) error {
	for _, p := range b.profiles() {
		windows := 6
		if b.Quick {
			windows = 4
		}
		rows := int(p.most()*p.window.Seconds()) * windows
		b.Progress(fmt.Sprintf("ceiling: %d customers, %s", rows, p.name))
		err := b.with(ctx, rows, p, func(w *world) error {
			got, err := b.sync(ctx, w, rows)
			if err != nil {
				return err
			}
			steady := steady(got.writes, p.window)
			b.ceiling[p.name] = steady
			b.add("ceiling/"+p.name, "rows/s", steady, p.most(), 0.9)
			b.add("ceiling/"+p.name+"/cpu", "s/1000 rows", b.per(got.CPU, rows), 0, 0)
			b.add("ceiling/"+p.name+"/rows-a-call", "rows", got.perCall, 0, 0)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// steady gives rows a second after the first two windows, up to the begin of
// the last requests, when there is less to send.
func steady(writes []sent, window time.Duration) float64 {
	if len(writes) == 0 {
		return 0
	}
	first, last := writes[0].begin, writes[0].begin
	for _, s := range writes {
		if s.begin.Before(first) {
			first = s.begin
		}
		if s.begin.After(last) {
			last = s.begin
		}
	}
	from := first.Add(2 * window)
	rows := 0.
	for _, s := range writes {
		// A call counts by the part of its time that lies within.
		in := min(s.end.Sub(from), s.end.Sub(s.begin), last.Sub(s.begin), last.Sub(from))
		if in > 0 && s.end.After(s.begin) {
			rows += float64(s.rows) * float64(in) / float64(s.end.Sub(s.begin))
		}
	}
	if !last.After(from) {
		return 0
	}
	return rows / last.Sub(from).Seconds()
}

// single compares with one request a record, as dual-write sends them.
func (b *initialBench) single(ctx context.Context) error {
	p := b.profiles()[0]
	long := 20 * time.Second
	if b.Quick {
		long = time.Second
	}
	dw := b.ceiling[p.name]
	if dw == 0 {
		dw = p.most() // not measured in this run
	}
	for _, parallel := range []int{1, 10} {
		b.Progress(fmt.Sprintf("record by record, %d at a time", parallel))
		err := b.with(ctx, patternRows, p, func(w *world) error {
			perSecond, _, err := b.loop(ctx, w, Loop{Rows: 10_000, Each: 1, Parallel: parallel, For: long})
			if err == nil {
				b.add(fmt.Sprintf("record-by-record/%d", parallel), "rows/s", dw, perSecond, 0)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// resume kills dw at moments of chance and counts what is sent twice.
func (b *initialBench) resume(ctx context.Context) error {
	runs, rows := 3, b.Rows
	if b.Quick {
		runs = 1
	}
	chance := rand.New(rand.NewPCG(b.Seed, 0))
	for n := range runs {
		after := rows/10 + int(chance.Int64N(int64(rows*7/10)))
		b.Progress(fmt.Sprintf("resume: kill -9 after %d of %d customers", after, rows))
		err := b.with(ctx, rows, profile{call: 60 * time.Millisecond, row: time.Millisecond}, func(w *world) error {
			s, err := w.observe(ctx, 0)
			if err != nil {
				return err
			}
			defer s.close()
			atKill, err := b.killAfter(ctx, w, s, after)
			if err != nil {
				return err
			}
			if _, err := w.apply(ctx); err != nil {
				return err
			}
			if err := w.arrived(ctx, rows); err != nil {
				return err
			}
			// With nothing in flight a single row is too many.
			b.add(fmt.Sprintf("resume/%d", n+1), "rows sent twice", float64(s.twice()), float64(max(atKill, 1)), 1)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// killAfter kills an initial sync once so many rows are in Dataverse, and gives
// how many were in flight then.
func (b *initialBench) killAfter(ctx context.Context, w *world, s *witness, rows int) (inFlight int, err error) {
	p, err := w.run(ctx, "apply", "-auto-approve")
	if err != nil {
		return 0, err
	}
	defer p.kill()
	n := 0
	for from := int64(0); n < rows; {
		_, writes, next, err := w.log(from)
		if err != nil {
			return 0, err
		}
		from = next
		for _, x := range writes {
			n += x.rows
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
	return s.inFlight(), nil
}

// million watches memory, and the processor time that the first and the last
// rows take.
func (b *initialBench) million(ctx context.Context) error {
	rows := b.Million
	b.Progress(fmt.Sprintf("million: %d customers; this takes long", rows))
	return b.with(ctx, rows, profile{}, func(w *world) error {
		p, err := w.run(ctx, "apply", "-auto-approve")
		if err != nil {
			return err
		}
		done := make(chan struct{})
		points := make(chan []point, 1)
		go func() { points <- w.watch(p.cmd.Process.Pid, done) }()
		got, err := p.wait()
		close(done)
		seen := <-points
		if err != nil {
			return err
		}
		if err := w.arrived(ctx, rows); err != nil {
			return err
		}
		b.add("million/peak", "MB", megabytes(got.Peak), 300, 1)
		b.add("million/cpu", "s/1000 rows", b.per(got.CPU, rows), 0, 0)
		b.add("million/wall", "s/1000 rows", b.per(got.Wall, rows), 0, 0)
		if first, last, ok := fifths(seen, rows); ok {
			b.add("million/last-fifth", "s/1000 rows", last, first, 1.1)
		}
		return nil
	})
}

// point says how much processor time dw had taken when so many rows were done.
// A row counts by half when it is written and by half when it is confirmed: both
// are work, and one runs ahead of the other.
type point struct {
	rows int
	cpu  time.Duration
}

func (w *world) watch(pid int, done <-chan struct{}) (out []point) {
	halves, from := 0, int64(0)
	for {
		select {
		case <-done:
			return out
		case <-time.After(250 * time.Millisecond):
		}
		cpu, ok := cpuOf(pid)
		_, writes, next, err := w.log(from)
		if !ok || err != nil {
			continue
		}
		n, err := w.confirmed(from, next)
		if err != nil {
			continue
		}
		from = next
		halves += n
		for _, s := range writes {
			halves += s.rows
		}
		out = append(out, point{halves / 2, cpu})
	}
}

// fifths gives the processor time of 1,000 rows in the first and in the last
// fifth of the rows.
func fifths(seen []point, rows int) (first, last float64, ok bool) {
	at := func(n int) (p point, ok bool) {
		for _, q := range seen {
			if q.rows >= n {
				return q, true
			}
		}
		return p, false
	}
	begin, ok1 := at(1)
	one, ok2 := at(rows / 5)
	four, ok3 := at(rows * 4 / 5)
	end, ok4 := at(rows * 99 / 100)
	if !ok1 || !ok2 || !ok3 || !ok4 || one.rows == begin.rows || end.rows == four.rows {
		return 0, 0, false
	}
	each := func(a, b point) float64 { return (b.cpu - a.cpu).Seconds() / float64(b.rows-a.rows) * 1000 }
	return each(begin, one), each(four, end), true
}
