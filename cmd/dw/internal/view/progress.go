package view

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/report"
)

// How often progress is shown: redrawn on a terminal, without flicker, or a
// plain line a map elsewhere.
const (
	redrawEvery = 100 * time.Millisecond
	lineEvery   = 5 * time.Second

	// A map of which nothing was heard for so long is said to wait: on a terminal
	// soon, in plain lines so that who watches them sees that the work goes on.
	quietShown = 10 * time.Second
	quietSaid  = 30 * time.Second
)

// Progress shows long work, one line a map. Its methods are safe for
// concurrent use. Errors of the terminal are ignored: the work goes on.
type Progress struct {
	w   io.Writer
	o   Options
	now func() time.Time

	mu     sync.Mutex
	active []*track // in the order of their first report
	drawn  int      // lines of the terminal that hold the active maps
	last   time.Time
	end    chan struct{} // closed by Close; nil where nobody ticks
}

// track is how one map gets on.
type track struct {
	name   string
	phase  string
	phases map[string]*phase
	failed int64
	began  time.Time
	said   time.Time // of the last plain line
	heard  time.Time // of the last report

	company   string // that is being handled; "" where the map has not several
	companies []report.CompanyProgress
	ended     map[string]bool // companies whose end was told
}

// phase is one kind of work on a map. Phases take turns, and each goes on
// counting where it was, so that its rate covers all of the time since it
// began.
type phase struct {
	began time.Time
	first map[value.Side]int64
	sides map[value.Side]report.Progress
}

// NewProgress shows progress on w: redrawn in place where o says that it is a
// terminal, else as plain lines every few seconds. Nothing is shown where o
// says so.
func NewProgress(w io.Writer, o Options, now func() time.Time) *Progress {
	return &Progress{w: w, o: o, now: now}
}

// Tick shows every while what is not heard of, until Close.
func (p *Progress) Tick() {
	end := make(chan struct{})
	p.mu.Lock()
	p.end = end
	p.mu.Unlock()
	go func() {
		t := time.NewTicker(lineEvery)
		defer t.Stop()
		for {
			select {
			case <-end:
				return
			case <-t.C:
				p.still()
			}
		}
	}()
}

// still shows maps of which nothing was heard for some time.
func (p *Progress) still() {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if p.o.Silent || p.o.Events || p.end == nil || len(p.active) == 0 {
		return
	}
	if p.o.Terminal {
		if now.Sub(p.last) >= quietShown || slices.ContainsFunc(p.active, func(t *track) bool { return t.quiet(now) }) {
			p.redraw(now, "")
		}
		return
	}
	for _, t := range p.active {
		if now.Sub(t.heard) >= quietSaid && now.Sub(t.said) >= quietSaid {
			t.said = now
			p.write(p.line(t, now) + "\n")
		}
	}
}

// quiet tells whether nothing was heard of a map for some time.
func (t *track) quiet(now time.Time) bool { return now.Sub(t.heard) >= quietShown }

// Show takes one report in and shows it if it is time to.
func (p *Progress) Show(r report.Progress) {
	if p.o.Silent && !p.o.Events {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	t := p.track(r.Map)
	if t == nil {
		t = &track{name: r.Map, phases: map[string]*phase{}, began: now, ended: map[string]bool{}}
		p.active = append(p.active, t)
	}
	fresh := t.phase != r.Phase || r.Company != "" && r.Company != t.company
	t.take(r, now)
	if r.Note != "" {
		p.note(r, now)
	}
	ended := r.Phase == "done" || r.Phase == "stopped"
	if p.o.Events {
		p.event(t, r, now, fresh || ended)
	}
	switch {
	case ended && p.o.Events:
		p.active = slices.DeleteFunc(p.active, func(other *track) bool { return other == t })
		return
	case ended:
		p.finish(t, now, r.Phase == "stopped")
		return
	case p.o.Events:
		return
	}
	if p.o.Terminal {
		if now.Sub(p.last) >= redrawEvery || p.drawn != len(p.active) {
			p.redraw(now, "")
		}
		return
	}
	p.companiesEnded(t, now, false)
	if t.said.IsZero() || now.Sub(t.said) >= lineEvery || fresh && r.Phase == "export" {
		t.said = now
		p.write(p.line(t, now) + "\n")
	}
}

// note tells something of a map once, above the lines of a terminal that are
// redrawn.
func (p *Progress) note(r report.Progress, now time.Time) {
	var b strings.Builder
	if err := Talk(&b, model.MapAddress(r.Map)+": "+r.Note, now, p.o); err != nil {
		return // of a builder there is none
	}
	if p.o.Terminal && !p.o.Events {
		p.redraw(now, b.String())
		return
	}
	p.write(b.String())
}

// Close leaves the last state of all maps standing.
func (p *Progress) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if p.o.Terminal && !p.o.Events && len(p.active) > 0 {
		p.redraw(now, "")
	}
	p.active, p.drawn = nil, 0
	if p.end != nil {
		close(p.end)
		p.end = nil
	}
}

func (p *Progress) track(name string) *track {
	for _, t := range p.active {
		if t.name == name {
			return t
		}
	}
	return nil
}

// take notes a report. Confirming is the end of writing and counted with it.
func (t *track) take(r report.Progress, now time.Time) {
	t.failed, t.heard = max(t.failed, r.Failed), now
	if r.Company != "" {
		t.company, t.companies = r.Company, r.Companies
	}
	if r.Phase == "done" || r.Phase == "stopped" || r.Phase == "confirm" && t.phases["write"] != nil {
		return
	}
	// Dataverse is read beside the export of F&O, which goes on when that ends.
	if !(t.phase == "export" && r.Phase == "read" && r.Side == value.Dataverse) {
		t.phase = r.Phase
	}
	p := t.phases[r.Phase]
	if p == nil {
		p = &phase{began: now, first: map[value.Side]int64{}, sides: map[value.Side]report.Progress{}}
		t.phases[r.Phase] = p
	}
	if _, seen := p.sides[r.Side]; !seen {
		p.first[r.Side] = r.Done
	}
	p.sides[r.Side] = r
}

// companiesEnded tells of companies of a map that are done, in plain lines, where
// the map takes longer than a few seconds; last: all of them are.
func (p *Progress) companiesEnded(t *track, now time.Time, last bool) {
	if p.o.Terminal || now.Sub(t.began) < lineEvery {
		return
	}
	for _, c := range t.companies {
		if c.Company == t.company && !last {
			return
		}
		if t.ended[c.Company] {
			continue
		}
		t.ended[c.Company] = true
		line := p.name(t) + "  " + clean(c.Company) + " done  " + count(c.Done) + "/" + count(c.Total)
		if c.Failed > 0 {
			line += "  " + p.o.paint(red, count(c.Failed)+" failed")
		}
		p.write(line + "\n")
	}
}

// finish shows a map for the last time.
func (p *Progress) finish(t *track, now time.Time, stopped bool) {
	p.companiesEnded(t, now, !stopped)
	p.active = slices.DeleteFunc(p.active, func(other *track) bool { return other == t })
	line := p.name(t) + "  " + p.o.paint(green, "done")
	if stopped {
		line = p.name(t) + "  " + p.o.paint(red, "stopped at its gate")
	}
	if t.failed > 0 {
		line += "  " + p.o.paint(red, count(t.failed)+" failed")
	}
	if p.o.Terminal {
		p.redraw(now, line+"\n")
		return
	}
	p.write(line + "\n")
}

// redraw replaces the lines of the active maps. What is final goes above them.
func (p *Progress) redraw(now time.Time, final string) {
	var b strings.Builder
	if p.drawn > 0 {
		fmt.Fprintf(&b, "\x1b[%dA", p.drawn)
	}
	b.WriteString("\r\x1b[J")
	b.WriteString(final)
	for _, t := range p.active {
		b.WriteString(p.line(t, now))
		b.WriteByte('\n')
	}
	p.drawn, p.last = len(p.active), now
	p.write(b.String())
}

func (p *Progress) write(s string) { _, _ = io.WriteString(p.w, s) }

func (p *Progress) name(t *track) string { return clean(model.MapAddress(t.name)) }

// rate sums up a phase over its sides: what is done of how much (-1: not known),
// where, and how many rows a second (0: too early to say).
func (ph *phase) rate(now time.Time) (done, total int64, where string, perSecond float64) {
	first, known := int64(0), true
	for _, side := range []value.Side{"", value.FnO, value.Dataverse} {
		r, reported := ph.sides[side]
		if !reported {
			continue
		}
		known = known && r.Total > 0
		switch {
		case side == "":
		case where == "":
			where = " " + side.Title()
		default:
			where = " both sides"
		}
		done, total, first = done+r.Done, total+max(r.Total, r.Done), first+ph.first[side]
	}
	if !known {
		total = -1
	}
	if spent := now.Sub(ph.began).Seconds(); spent >= 1 && done > first {
		perSecond = float64(done-first) / spent
	}
	return done, total, where, perSecond
}

// line says how a map gets on. It never takes more than one line of the
// terminal, since redrawing counts lines.
func (p *Progress) line(t *track, now time.Time) string {
	ph := t.phases[t.phase]
	if ph == nil {
		return p.name(t)
	}
	done, total, where, perSecond := ph.rate(now)
	known := total >= 0
	var amount, percent, speed, left, failed string
	if known && total > 0 {
		amount, percent = count(done)+"/"+count(total), fmt.Sprintf("%d %%", min(100, done*100/total))
	} else if done > 0 {
		amount = count(done)
	}
	if perSecond > 0 {
		speed = rate(perSecond) + " rows/s"
		if known && total > done {
			left = clock(time.Duration(float64(total-done)/perSecond*float64(time.Second))) + " left"
		}
	}
	if t.quiet(now) { // a rate would be out of date
		speed, left = "still, "+clock(now.Sub(t.heard)), ""
	}
	if t.failed > 0 {
		failed = count(t.failed) + " failed"
	}
	company, short, of := t.companyAt()
	line := func() string {
		parts := []string{p.name(t), phaseWord(t.phase) + where, amount, percent, speed, left, failed, company, of}
		return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), "  ")
	}
	if !p.o.Terminal {
		return line()
	}
	// Where the line is too long, what says least goes first.
	shorter := []func(){
		func() { of = "" },
		func() {
			if company != "" && percent != "" {
				amount = ""
			}
		},
		func() { company = short },
		func() { percent = "" },
		func() {
			if t.quiet(now) { // that it waits says more than how far it is
				amount = ""
			} else {
				speed = ""
			}
		},
		func() { company = "" },
	}
	for _, f := range shorter {
		if textWidth(line()) < p.o.columns() {
			break
		}
		f()
	}
	return cut(line(), p.o.columns()-1)
}

// companyAt says which company of a map is being written, how far it is, at
// length and in short, and which of how many it is.
func (t *track) companyAt() (at, short, of string) {
	if t.phase != "write" && t.phase != "confirm" {
		return "", "", ""
	}
	for i, c := range t.companies {
		if c.Company == t.company {
			name := clean(c.Company)
			return name + " " + count(c.Done) + "/" + count(c.Total), fmt.Sprintf("%s %d %%", name, c.Done*100/max(1, c.Total)),
				fmt.Sprintf("(company %d of %d)", i+1, len(t.companies))
		}
	}
	return "", "", ""
}

func phaseWord(phase string) string {
	words := map[string]string{
		"read": "reading", "match": "matching rows without key", "write": "writing", "confirm": "confirming", "deferred": "filling in references",
		"check": "judging", "keys": "reading keys of", "export": "waiting for an export of", "retry": "retrying", "drop": "accepting", "approve": "approving",
	}
	if w, known := words[phase]; known {
		return w
	}
	return clean(phase)
}
