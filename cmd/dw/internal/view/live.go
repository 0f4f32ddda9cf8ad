package view

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dualwrite/dw/lang/model"
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

	mu      sync.Mutex
	maps    map[string]*liveMap
	trouble map[string]*trouble // by reason
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
	return &Live{w: w, o: o, now: now, initial: NewProgress(w, o, now), maps: map[string]*liveMap{}, trouble: map[string]*trouble{}}
}

// Ready says that the run has begun.
func (l *Live) Ready(r report.Running) {
	text := fmt.Sprintf("Keeping %s of link %s equal.", plural(int64(r.Maps), "map", "maps"), clean(r.Link))
	if r.Listens != "" {
		text += " Events are received at " + clean(r.Listens) + "."
	}
	l.write(l.text(0, "", text+" Ctrl-C stops."))
}

// Say writes a line for the operator.
func (l *Live) Say(text string) { l.write(l.text(stampWidth, "", l.stamp()+clean(text))) }

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
	text := l.troubles(now)
	switch state := m.known && (m.said.Status != m.last.Status || m.said.Reason != m.last.Reason); {
	case state && l.shared(m, now):
		m.said.Status, m.said.Reason = m.last.Status, m.last.Reason
	case state || m.news() && now.Sub(m.at) >= liveEvery:
		text += l.line(m)
		m.said, m.at = m.last, now
	}
	if !m.known {
		m.known, m.said.Status, m.said.Reason = true, m.last.Status, m.last.Reason
	}
	l.mu.Unlock()
	l.write(text)
}

// trouble is a reason that several maps give, as when a service is gone: it is
// written for the first of them, and for the others by their number.
type trouble struct {
	since  time.Time
	others int // not spoken of yet
	eased  int // of all that had it, those that have it no more and of which nobody was told
}

// shared takes a map in whose trouble, or the end of it, was told already for
// another one. The lock is held.
func (l *Live) shared(m *liveMap, now time.Time) bool {
	if m.said.Status != m.last.Status {
		return false
	}
	if t := l.trouble[m.said.Reason]; t != nil && m.last.Reason == "" {
		t.eased++
		return true
	}
	if m.last.Reason == "" {
		return false
	}
	if t := l.trouble[m.last.Reason]; t != nil {
		t.others++
		return true
	}
	l.trouble[m.last.Reason] = &trouble{since: now}
	return false
}

// troubles tells how many maps share a trouble, and when none has it any more,
// once others had the time to report it too. The lock is held.
func (l *Live) troubles(now time.Time) (text string) {
	for _, reason := range slices.Sorted(maps.Keys(l.trouble)) {
		t := l.trouble[reason]
		if t.others > 0 && now.Sub(t.since) >= liveEvery {
			text += l.text(stampWidth, yellow, fmt.Sprintf("%s… and so say %s.", l.stamp(), plural(int64(t.others), "other map", "other maps")))
			t.others, t.since = 0, now
		}
		left := false
		for _, m := range l.maps {
			left = left || m.last.Reason == reason
		}
		if left {
			continue
		}
		if t.eased > 0 {
			code, _, _ := strings.Cut(reason, ":")
			text += l.text(stampWidth, green, fmt.Sprintf("%sOver: %s (%s).", l.stamp(), clean(code), plural(int64(t.eased), "map", "maps")))
		}
		delete(l.trouble, reason)
	}
	return text
}

// news tells whether a map has done something since it was last spoken of.
func (m *liveMap) news() bool {
	return m.said.Written != m.last.Written || m.said.Failed != m.last.Failed || m.said.Held != m.last.Held || m.said.Parked != m.last.Parked
}

// line says what a map has done since it was last spoken of, and how it stands.
func (l *Live) line(m *liveMap) string {
	var parts []string
	if m.known && (m.said.Status != m.last.Status || m.said.Reason != m.last.Reason) {
		text := clean(words(m.last.Status))
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
		parts = append(parts, "after "+lag(m.last.LagMillis))
	}
	part(m.last.Queued, "queued")
	part(m.last.Failed, "failed")
	part(m.last.Parked, "parked")
	part(m.last.Held, "held")
	if len(parts) == 0 {
		parts = append(parts, "nothing fails or waits any more")
	}
	s := style("")
	switch {
	case m.last.Failed > m.said.Failed:
		s = red
	case m.last.Reason != "", m.last.Held > m.said.Held:
		s = yellow
	}
	return l.text(stampWidth, s, l.stamp()+clean(model.MapAddress(m.last.Map))+": "+strings.Join(parts, ", "))
}

// lag shows how long a change took to get over.
func lag(millis int64) string {
	d := time.Duration(millis) * time.Millisecond
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", millis)
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	}
	return fmt.Sprintf("%.1f h", d.Hours())
}

// stampWidth is how wide the time of a line is, with the blank after it.
const stampWidth = len("15:04:05 ")

// text wraps a line, what follows its first line set in by hang.
func (l *Live) text(hang int, s style, text string) string {
	v := &writer{o: l.o}
	v.paragraph(0, hang, s, text)
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
		l.write(l.text(0, "", fmt.Sprintf("Stopped. %s to F&O and %s to Dataverse; what was captured is kept for the next run.",
			plural(sum.FnO, "write", "writes"), count(sum.Dataverse))))
	}
}

func (l *Live) stamp() string { return l.now().Format("15:04:05") + " " }

func (l *Live) write(text string) {
	if text != "" {
		_, _ = io.WriteString(l.w, text)
	}
}
