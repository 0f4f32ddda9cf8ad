package view

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/report"
)

// clockAt is a clock that a test moves.
type clockAt struct{ at time.Time }

func (c *clockAt) now() time.Time { return c.at }

func (c *clockAt) after(d time.Duration) { c.at = c.at.Add(d) }

// play shows a short run of two maps.
func play(o Options) string {
	var b bytes.Buffer
	c := &clockAt{at: time.Unix(1_700_000_000, 0)}
	p := NewProgress(&b, o, c.now)
	p.Show(report.Progress{Map: "units", Phase: "read", Side: value.FnO, Done: 0, Total: 40})
	c.after(2 * time.Second)
	p.Show(report.Progress{Map: "customers", Phase: "read", Side: value.FnO, Done: 0, Total: 20000})
	c.after(time.Second)
	p.Show(report.Progress{Map: "customers", Phase: "read", Side: value.Dataverse, Done: 500, Total: 10000})
	c.after(time.Second)
	p.Show(report.Progress{Map: "customers", Phase: "read", Side: value.FnO, Done: 5000, Total: 20000})
	p.Show(report.Progress{Map: "units", Phase: "done"})
	c.after(5 * time.Second)
	p.Show(report.Progress{Map: "customers", Phase: "write", Side: value.Dataverse, Done: 100, Failed: 2})
	c.after(5 * time.Second)
	p.Show(report.Progress{Map: "customers", Phase: "write", Side: value.Dataverse, Done: 6100, Failed: 2})
	p.Show(report.Progress{Map: "customers", Phase: "done", Failed: 2})
	p.Close()
	return b.String()
}

// playQuiet shows a map that waits for minutes, seen every five seconds.
func playQuiet(o Options) string {
	var b bytes.Buffer
	c := &clockAt{at: time.Unix(1_700_000_000, 0)}
	p := NewProgress(&b, o, c.now)
	p.Tick()
	p.Show(report.Progress{Map: "customers", Phase: "export", Side: value.FnO, Done: 20000, Note: "F&O exports 20000 records of USMF."})
	for range 14 {
		c.after(lineEvery)
		p.still()
	}
	p.Show(report.Progress{Map: "customers", Phase: "read", Side: value.FnO, Done: 500})
	p.Close()
	c.after(time.Hour)
	p.still()
	return b.String()
}

func TestProgressQuiet(t *testing.T) {
	checkGolden(t, "progress_quiet", []byte(playQuiet(Options{})), 100)
	got := playQuiet(Options{Terminal: true, Width: 60})
	if !strings.Contains(got, "map.customers  waiting for an export of F&O  still, 1:10\n") {
		t.Errorf("a terminal does not say that it waits:\n%q", got)
	}
	if got := playQuiet(Options{Events: true}); strings.Contains(got, "still") || strings.Count(got, "\n") > 4 {
		t.Errorf("events:\n%s", got)
	}
	if got := playQuiet(Options{Silent: true}); got != "" {
		t.Errorf("silent: %q", got)
	}
}

func TestProgressPlain(t *testing.T) {
	checkGolden(t, "progress_plain", []byte(play(Options{})), 100)
}

func TestProgressTerminal(t *testing.T) {
	got := strings.ReplaceAll(play(Options{Terminal: true, Color: true, Width: 60}), "\x1b", "<esc>")
	checkGolden(t, "progress_terminal", []byte(got), 0)
}

func TestProgressEvents(t *testing.T) {
	checkGolden(t, "progress_events", []byte(play(Options{Events: true, Terminal: true})), 0)
}

// playExport shows a map of which F&O is read by exports.
func playExport(o Options) string {
	var b bytes.Buffer
	c := &clockAt{at: time.Unix(1_700_000_000, 0)}
	p := NewProgress(&b, o, c.now)
	p.Show(report.Progress{Map: "customers", Phase: "read", Side: value.FnO, Done: 5000, Note: "F&O is read by exports from here on: about 5 min, and 41 min over OData."})
	p.Show(report.Progress{Map: "customers", Phase: "keys", Side: value.FnO, Done: 5000})
	c.after(2 * time.Second)
	p.Show(report.Progress{Map: "customers", Phase: "keys", Side: value.FnO, Done: 15000})
	p.Show(report.Progress{Map: "customers", Phase: "export", Side: value.FnO, Done: 15000, Note: "F&O exports 15,000 records of USMF."})
	c.after(3 * time.Minute)
	p.Show(report.Progress{Map: "customers", Phase: "read", Side: value.FnO, Done: 500})
	c.after(5 * time.Second)
	p.Show(report.Progress{Map: "customers", Phase: "read", Side: value.FnO, Done: 15000})
	p.Show(report.Progress{Map: "customers", Phase: "done"})
	p.Close()
	return b.String()
}

func TestProgressOfExports(t *testing.T) {
	checkGolden(t, "progress_export_plain", []byte(playExport(Options{})), 100)
	checkGolden(t, "progress_export_terminal", []byte(strings.ReplaceAll(playExport(Options{Terminal: true, Width: 80}), "\x1b", "<esc>")), 0)
	checkGolden(t, "progress_export_events", []byte(playExport(Options{Events: true})), 0)
}

// playCompanies shows a map of three companies.
func playCompanies(o Options) string {
	var b bytes.Buffer
	c := &clockAt{at: time.Unix(1_700_000_000, 0)}
	p := NewProgress(&b, o, c.now)
	list := []report.CompanyProgress{{Company: "DEMF", Total: 90_000}, {Company: "GBSI", Total: 30_000}, {Company: "USMF", Total: 80_000}}
	show := func(done int64, at int, records, failed int64) {
		for i := range list[:at] {
			list[i].Done = list[i].Total
		}
		list[at].Done, list[at].Failed = records, failed
		var all int64
		for _, x := range list {
			all += x.Failed
		}
		p.Show(report.Progress{Map: "customers", Phase: "write", Done: done, Total: 200_000, Failed: all, Company: list[at].Company, Companies: slices.Clone(list)})
		p.Show(report.Progress{Map: "customers", Phase: "write", Done: done, Total: 200_000}) // of the writer, which knows no companies
		c.after(20 * time.Second)
	}
	show(0, 0, 500, 0)
	show(45_000, 0, 46_000, 2)
	show(91_000, 1, 2_000, 0)
	show(121_500, 2, 2_500, 1)
	show(200_000, 2, 80_000, 3)
	p.Show(report.Progress{Map: "customers", Phase: "done", Failed: 5})
	p.Close()
	return b.String()
}

func TestProgressOfCompanies(t *testing.T) {
	checkGolden(t, "progress_companies_plain", []byte(playCompanies(Options{})), 120)
	checkGolden(t, "progress_companies_terminal", []byte(strings.ReplaceAll(playCompanies(Options{Terminal: true, Width: 80}), "\x1b", "<esc>")), 79+len("<esc>[1A<esc>[J")+1)
	checkGolden(t, "progress_companies_events", []byte(playCompanies(Options{Events: true, Terminal: true})), 0)
}

func TestProgressSilent(t *testing.T) {
	if got := play(Options{Silent: true}); got != "" {
		t.Errorf("progress %q where none is wanted", got)
	}
}

// TestProgressScreen plays the output on a small terminal and looks at what
// stands there at the end.
func TestProgressScreen(t *testing.T) {
	var screen []string
	row := 0
	for _, part := range strings.SplitAfter(play(Options{Terminal: true, Width: 60}), "\n") {
		for strings.HasPrefix(part, "\x1b[") || strings.HasPrefix(part, "\r\x1b[J") {
			if rest, found := strings.CutPrefix(part, "\r\x1b[J"); found {
				screen, part = screen[:row], rest
				continue
			}
			var up int
			if _, err := fmt.Sscanf(part, "\x1b[%dA", &up); err != nil {
				t.Fatalf("unknown sequence in %q", part)
			}
			row -= up
			part = part[strings.IndexByte(part, 'A')+1:]
		}
		if line, whole := strings.CutSuffix(part, "\n"); whole {
			screen, row = append(screen, line), row+1
			if textWidth(line) >= 60 {
				t.Errorf("line %q would wrap", line)
			}
		}
	}
	want := []string{"map.units  done", "map.customers  done  2 failed"}
	if strings.Join(screen, "|") != strings.Join(want, "|") {
		t.Errorf("the screen shows %q, want %q", screen, want)
	}
}

// TestProgressTakesTurns: a phase that is interrupted goes on counting, a
// batch's confirmation does not count anew, and more than was expected is not
// more than all.
func TestProgressTakesTurns(t *testing.T) {
	var b bytes.Buffer
	c := &clockAt{at: time.Unix(0, 0)}
	p := NewProgress(&b, Options{}, c.now)
	show := func(r report.Progress) {
		r.Map = "units"
		b.Reset()
		p.Show(r)
		c.after(10 * time.Second)
	}
	show(report.Progress{Phase: "write", Done: 0, Total: 1000})
	show(report.Progress{Phase: "confirm", Done: 100, Total: 1000})
	show(report.Progress{Phase: "read", Done: 5})
	show(report.Progress{Phase: "write", Done: 600, Total: 1000})
	if got, want := b.String(), "map.units  writing  600/1,000  60 %  20 rows/s  0:20 left\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	show(report.Progress{Phase: "write", Done: 1200, Total: 1000})
	if got, want := b.String(), "map.units  writing  1,200/1,200  100 %  30 rows/s\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestProgressConcurrent(t *testing.T) {
	var b bytes.Buffer
	c := &clockAt{at: time.Unix(0, 0)}
	p := NewProgress(&b, Options{Terminal: true}, c.now)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for n := range 50 {
				p.Show(report.Progress{Map: fmt.Sprint(i), Phase: "write", Done: int64(n)})
			}
			p.Show(report.Progress{Map: fmt.Sprint(i), Phase: "done"})
		})
	}
	wg.Wait()
	p.Close()
	if n := strings.Count(b.String(), "done"); n != 8 {
		t.Errorf("%d maps are done, want 8", n)
	}
}

// What is said breaks into lines on a terminal only, and is an event beside
// events.
func TestTalk(t *testing.T) {
	text := "Took over the lock of the state from ada@build, for `dw run` since 2026-03-01T22:00:00Z\x1b[2J: its process has ended without giving it back."
	for name, o := range map[string]Options{"talk_terminal": {Terminal: true, Color: true}, "talk_log": {}, "talk_event": {Terminal: true, Events: true}} {
		var b bytes.Buffer
		if err := Talk(&b, text, time.Date(2026, 3, 1, 22, 0, 0, 0, time.UTC), o); err != nil {
			t.Fatal(err)
		}
		checkGolden(t, name, b.Bytes(), 0)
	}
}
