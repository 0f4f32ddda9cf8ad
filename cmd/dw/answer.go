package main

import (
	"io"

	"github.com/urfave/cli/v2"

	"github.com/dualwrite/dw/cmd/dw/internal/session"
	"github.com/dualwrite/dw/cmd/dw/internal/view"
	"github.com/dualwrite/dw/lang/diag"
)

// rendering writes a report for people.
type rendering[R any] func(io.Writer, R, view.Options) error

// answer writes what a command has found out: JSON where it is asked for, else
// text.
func answer[R any](p *program, c *cli.Context, r R, text rendering[R]) error {
	if c.Bool("json") {
		return p.json(r)
	}
	return text(p.host.Out, r, p.viewOptions(p.host.Out))
}

// failed ends a command that has no answer: by an error, or by mistakes in the
// configuration, which it shows. It is nil where there is an answer.
func (p *program) failed(c *cli.Context, s *session.Session, l diag.List, err error) error {
	if err == nil && l.HasErrors() {
		err = p.stop(s, l, c.Bool("json"))
	}
	return err
}
