package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/dualwrite/dw/cmd/dw/internal/view"
	"github.com/dualwrite/dw/lang/diag"
)

// The ways to show progress.
const (
	progressAuto  = "auto"
	progressPlain = "plain"
	progressJSON  = "json"
	progressNone  = "none"
)

func progressWays() []string {
	return []string{progressAuto, progressPlain, progressJSON, progressNone}
}

func progressFlag() cli.Flag {
	return &cli.StringFlag{Name: "progress", Value: progressAuto, Usage: "show progress as `WAY` on standard error: auto (redrawn on a terminal, else plain), plain, json (a line of JSON an event), none"}
}

// knownProgress refuses another way than those of -progress.
func knownProgress(c *cli.Context) error {
	way := c.String("progress")
	if way == "" || slices.Contains(progressWays(), way) {
		return nil
	}
	d := diag.Diagnostic{Code: diag.CodeUsage, Severity: diag.Error, Summary: fmt.Sprintf("-progress=%s is no way to show progress", way), Hint: "Possible: " + strings.Join(progressWays(), ", ") + "."}
	if near := diag.Suggest(way, progressWays()); near != "" {
		d.Hint = fmt.Sprintf("Did you mean %s?", near)
	}
	return diag.Fail(d)
}

// progress makes the view that -progress asks for. The caller closes it.
func (p *program) progress(c *cli.Context) *view.Progress {
	o := p.viewOptions(p.host.Err)
	switch c.String("progress") {
	case progressPlain:
		o.Terminal = false
	case progressJSON:
		o.Events = true
	case progressNone:
		o.Silent = true
	}
	out := view.NewProgress(p.host.Err, o, p.host.Clock.Now)
	out.Tick()
	return out
}
