package view

import (
	"encoding/json"
	"math"
	"time"

	"github.com/dualwrite/dw/runtime/report"
)

// eventEvery is how often a map tells in events how it gets on. A new phase and
// the end of a map are told at once.
const eventEvery = time.Second

// event writes how a map gets on as one line of JSON.
func (p *Progress) event(t *track, r report.Progress, now time.Time, always bool) {
	if !always && now.Sub(t.said) < eventEvery {
		return
	}
	t.said = now
	e := report.ProgressEvent{
		FormatVersion: report.FormatVersion, Event: "progress", At: now.UTC().Format(time.RFC3339), Map: r.Map, Phase: r.Phase, Failed: t.failed, Total: -1, SecondsLeft: -1,
		Companies: t.companies,
	}
	if r.Phase != "done" {
		e.Company = t.company
	}
	if ph := t.phases[r.Phase]; ph != nil {
		done, total, _, perSecond := ph.rate(now)
		e.Done, e.Total, e.RowsPerSecond = done, total, math.Round(perSecond*10)/10
		if total >= done && perSecond > 0 {
			e.SecondsLeft = int64(math.Ceil(float64(total-done) / perSecond))
		}
	}
	b, err := json.Marshal(e)
	if err != nil {
		return // of a struct of texts and numbers there is none
	}
	p.write(string(b) + "\n")
}
