package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/dualwrite/dw/cmd/dw/internal/session"
	"github.com/dualwrite/dw/cmd/dw/internal/view"
)

func (p *program) schemaCommand() *cli.Command {
	return &cli.Command{
		Name:  "schema",
		Usage: "the metadata of both sides",
		Subcommands: []*cli.Command{{
			Name:  "pull",
			Usage: "read the metadata of both sides and write dw.schema.json",
			Description: "Reads the metadata of just the tables and entities that the maps name. Commit the file: with it\n" +
				"validate and plan -offline need no connection. Where the folder has several links, each has a file\n" +
				"of its own: dw.LINK.schema.json.",
			Flags: []cli.Flag{variableFlag(), linkFlag()},
			Action: p.inFolder(0, func(c *cli.Context, s *session.Session) error {
				text, l, err := s.PullSchema(c.Context)
				if err := p.failed(c, s, l, err); err != nil {
					return err
				}
				return p.saveSchema(s, text)
			}),
		}},
	}
}

// shownOfDiff is how many lines of a schema's differences are worth a look on
// a terminal; tables that are new take thousands.
const shownOfDiff = 200

// firstLines cuts a text after some lines and says how many are left out.
func firstLines(text string, most int) string {
	lines := strings.SplitAfter(text, "\n")
	if len(lines) <= most+1 {
		return text
	}
	return strings.Join(lines[:most], "") + fmt.Sprintf("… and %d more lines: see the difference in git.\n", len(lines)-1-most)
}

// saveSchema writes the snapshot where it changed and says what did.
func (p *program) saveSchema(s *session.Session, text []byte) error {
	name := s.SchemaFile(s.Link)
	path := s.Path(name)
	old, err := os.ReadFile(path)
	switch {
	case err == nil && string(old) == string(text):
		_, err = fmt.Fprintln(p.host.Out, name, "is up to date.")
		return err
	case err == nil:
		if _, err := fmt.Fprint(p.host.Out, firstLines(view.Diff(name, old, text), shownOfDiff)); err != nil {
			return err
		}
	case !os.IsNotExist(err):
		return fmt.Errorf("read the schema file: %w", err)
	}
	if err := replaceFile(path, text); err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.host.Out, "Wrote %s; commit it beside the maps.\n", path)
	return err
}
