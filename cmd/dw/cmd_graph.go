package main

import (
	"github.com/urfave/cli/v2"

	"github.com/dualwrite/dw/cmd/dw/internal/session"
	"github.com/dualwrite/dw/cmd/dw/internal/view"
	"github.com/dualwrite/dw/lang/diag"
)

func (p *program) graphCommand() *cli.Command {
	return &cli.Command{
		Name:  "graph",
		Usage: "draw which maps depend on which",
		Description: "Maps are nodes, grouped by waves; lookups are edges to the map that delivers the record, dashed\n" +
			"where they are filled in after the row is there. Works from dw.schema.json; without the file it\n" +
			"reads the schema over the link's connections.",
		Flags: []cli.Flag{
			jsonFlag(), variableFlag(), linkFlag(),
			&cli.StringFlag{Name: "format", Value: view.Mermaid, Usage: "`FORMAT` of the drawing: mermaid or dot"},
		},
		Action: p.inFolder(0, func(c *cli.Context, s *session.Session) error {
			format := c.String("format")
			if format != view.Mermaid && format != view.DOT {
				d := diag.Diagnostic{
					Code: diag.CodeUsage, Severity: diag.Error, Summary: "-format " + format + " is not known", Hint: "Write mermaid or dot.",
				}
				if near := diag.Suggest(format, []string{view.Mermaid, view.DOT}); near != "" {
					d.Hint = "Did you mean " + near + "?"
				}
				return diag.Fail(d)
			}
			g, l, err := s.Graph(c.Context)
			if err := p.failed(c, s, l, err); err != nil {
				return err
			}
			if c.Bool("json") {
				return p.json(g)
			}
			return view.Graph(p.host.Out, g, format)
		}),
	}
}
