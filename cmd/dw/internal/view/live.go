package view

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/dualwrite/dw/runtime/report"
)

// statusInitializing is the status of a map during its initial sync.
const statusInitializing = "initializing"

// liveEvery is how often a map's line is written at most.
const liveEvery = time.Second

// Live shows a run as lines, one for each map that has done something since its
// last one. Its methods are safe for concurrent use. Errors of the terminal are
// ignored: the work goes on.
type Live struct {
	w       io.Writer
	o       Options
	now     func() time.Time
	initial *Progress

	mu   sync.Mutex
	maps map[string]*liveMap
}

// liveMap is what was last said of a map.
type liveMap struct {
	said  report.Live
	last  report.Live
	at    time.Time
	known bool
}

// NewLive shows a run on w.
func NewLive(w io.Writer, o Options, now func() time.Time) *Live {
	return &Live{w: w, o: o, now: now, initial: NewProgress(w, o, now), maps: map[string]*liveMap{}}
}

// Ready says that the run has begun.
func (l *Live) Ready(r report.Running) {
	text := fmt.Sprintf("Keeping %s of link %s equal.", plural(int64(r.Maps), "map", "maps"), clean(r.Link))
	if r.Listens != "" {
		text += " Events are received at " + clean(r.Listens) + "."
	}
	l.write(l.text("", text+" Ctrl-C stops."))
}

// Say writes a line for the operator.
func (l *Live) Say(text string) { l.write(l.text("", l.stamp()+clean(text))) }

// Show takes one report in and shows it if there is something new.
func (l *Live) Show(r report.Progress) {
	if r.Live == nil {
		// Initial syncs are shown as they are by apply; the small steps of maps
		// that run are not.
		l.mu.Lock()
		m := l.maps[r.Map]
		joining := m != nil && m.last.Status == statusInitializing
		l.mu.Unlock()
		if joining {
			l.initial.Show(r)
		}
		return
	}
	l.mu.Lock()
	m := l.maps[r.Map]
	if m == nil {
		m = &liveMap{}
		l.maps[r.Map] = m
	}
	m.last = *r.Live
	now := l.now()
	state := m.known && (m.said.Status != m.last.Status || m.said.Reason != m.last.Reason)
	text := ""
	if state || m.news() && now.Sub(m.at) >= liveEvery {
		text = l.line(m)
		m.said, m.at = m.last, now
	}
	if !m.known {
		m.known, m.said.Status, m.said.Reason = true, m.last.Status, m.last.Reason
	}
	l.mu.Unlock()
	l.write(text)
}

// news tells whether a map has done something since it was last spoken of.
func (m *liveMap) news() bool {
	return m.said.Written != m.last.Written || m.said.Failed != m.last.Failed || m.said.Held != m.last.Held || m.said.Parked != m.last.Parked
}

// line says what a map has done since it was last spoken of, and how it stands.
func (l *Live) line(m *liveMap) string {
	var parts []string
	if m.known && (m.said.Status != m.last.Status || m.said.Reason != m.last.Reason) {
		text := clean(m.last.Status)
		if m.last.Reason != "" {
			text += " (" + clean(m.last.Reason) + ")"
		}
		parts = append(parts, text)
	}
	part := func(n int64, what string) {
		if n > 0 {
			parts = append(parts, count(n)+" "+what)
		}
	}
	part(m.last.Written.FnO-m.said.Written.FnO, "to F&O")
	part(m.last.Written.Dataverse-m.said.Written.Dataverse, "to Dataverse")
	if m.last.LagMillis > 0 && m.said.Written != m.last.Written {
		parts = append(parts, fmt.Sprintf("%d ms", m.last.LagMillis))
	}
	part(m.last.Queued, "queued")
	part(m.last.Failed, "failed")
	part(m.last.Parked, "parked")
	part(m.last.Held, "held")
	s := style("")
	switch {
	case m.last.Failed > m.said.Failed:
		s = red
	case m.last.Reason != "", m.last.Held > m.said.Held:
		s = yellow
	}
	return l.text(s, l.stamp()+"map."+clean(m.last.Map)+": "+strings.Join(parts, ", "))
}

// text wraps a line, what follows its first line set in.
func (l *Live) text(s style, text string) string {
	v := &writer{o: l.o}
	v.paragraph(0, 9, s, text)
	return v.b.String()
}

// Close writes what was not said yet, and the sum.
func (l *Live) Close() {
	l.initial.Close()
	l.mu.Lock()
	var sum report.Sides
	for _, m := range l.maps {
		sum.FnO += m.last.Written.FnO
		sum.Dataverse += m.last.Written.Dataverse
	}
	began := len(l.maps) > 0
	l.mu.Unlock()
	if began {
		l.write(l.text("", fmt.Sprintf("Stopped. %s to F&O and %s to Dataverse; what was captured is kept for the next run.",
			plural(sum.FnO, "write", "writes"), count(sum.Dataverse))))
	}
}

func (l *Live) stamp() string { return l.now().Format("15:04:05") + " " }

func (l *Live) write(text string) {
	if text != "" {
		_, _ = io.WriteString(l.w, text)
	}
}
