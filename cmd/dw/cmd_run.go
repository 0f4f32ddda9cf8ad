package main

import (
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/dualwrite/dw/cmd/dw/internal/session"
	"github.com/dualwrite/dw/cmd/dw/internal/view"
	"github.com/dualwrite/dw/runtime/report"
)

func (p *program) runLiveCommand() *cli.Command {
	return &cli.Command{
		Name:  "run",
		Usage: "keep both sides equal until Ctrl-C",
		Description: "Runs the maps that are deployed, at the versions in the state: `dw apply` changes them. Maps whose\n" +
			"initial sync is not done are joined first, while the others run. The first Ctrl-C finishes what is in\n" +
			"flight and ends with exit code 0; whatever was captured is kept and handled by the next run.\n" +
			"In a folder with a sandbox it serves the twins too, unless `dw sandbox serve` does.\n" +
			"With -json each line of standard output is one event.",
		Flags:  []cli.Flag{jsonFlag(), variableFlag(), linkFlag(), lockTimeoutFlag()},
		Action: p.inFolder(0, p.runLive),
	}
}

func (p *program) runLive(c *cli.Context, s *session.Session) error {
	p.writing.Store(true)
	var shown session.RunOptions
	if c.Bool("json") {
		shown = p.events()
	} else {
		l := view.NewLive(p.host.Err, p.viewOptions(p.host.Err), p.host.Clock.Now)
		defer l.Close()
		shown = session.RunOptions{Ready: l.Ready, Progress: l.Show, Say: l.Say}
	}
	return s.Run(c.Context, shown)
}

// event is one line of dw run -json.
type event struct {
	Time     string           `json:"time"`  // RFC 3339
	Event    string           `json:"event"` // "ready", "live", "progress", "note"
	Ready    *report.Running  `json:"ready,omitempty"`
	Live     *report.Live     `json:"live,omitempty"`
	Progress *report.Progress `json:"progress,omitempty"`
	Note     string           `json:"note,omitempty"`
}

// events writes what happens as lines of JSON.
func (p *program) events() session.RunOptions {
	p.answered = true // what ends it later is talk
	var mu sync.Mutex
	out := json.NewEncoder(p.host.Out)
	say := func(e event) {
		mu.Lock()
		defer mu.Unlock()
		e.Time = p.host.Clock.Now().UTC().Format(time.RFC3339Nano)
		if err := out.Encode(e); err != nil {
			fmt.Fprintln(p.host.Err, "Standard output:", err)
		}
	}
	return session.RunOptions{
		Ready: func(r report.Running) { say(event{Event: "ready", Ready: &r}) },
		Progress: func(r report.Progress) {
			if r.Live != nil {
				say(event{Event: "live", Live: r.Live})
				return
			}
			say(event{Event: "progress", Progress: &r})
		},
		Say: func(text string) { say(event{Event: "note", Note: text}) },
	}
}
