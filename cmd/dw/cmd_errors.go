package main

import (
	"fmt"
	"strconv"

	"github.com/urfave/cli/v2"

	"github.com/dualwrite/dw/cmd/dw/internal/session"
	"github.com/dualwrite/dw/cmd/dw/internal/view"
	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/runtime/engine/control"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/store"
)

func (p *program) errorsCommand() *cli.Command {
	return &cli.Command{
		Name:  "errors",
		Usage: "records that failed, wait or are held",
		Subcommands: []*cli.Command{{
			Name:        "list",
			Usage:       "list the records that failed, wait or are held, with reason and hint",
			Description: "Reads the state only. Kinds: failed, parked, held, owed, tolerated.",
			Flags: []cli.Flag{
				jsonFlag(), variableFlag(), linkFlag(),
				&cli.StringFlag{Name: "map", Usage: "only of `MAP`"},
				&cli.StringFlag{Name: "kind", Usage: "only of this `KIND`"},
				&cli.IntFlag{Name: "limit", Value: 100, Usage: "at most `N`; 0 means all"},
			},
			Action: p.inFolder(0, func(c *cli.Context, s *session.Session) error {
				l, err := s.Errors(c.Context, session.ErrorsOptions{Map: mapName(c.String("map")), Kind: record.Kind(c.String("kind")), Limit: c.Int("limit")})
				if err != nil {
					return err
				}
				return answer(p, c, l, view.Listed)
			}),
		}, {
			Name: "show", Usage: "show everything that is known of one listed record", ArgsUsage: "ID",
			Description: "Among it what the record waits for and what would have been written. Reads the state only.\n" +
				"`dw errors list` shows the numbers.",
			Flags: []cli.Flag{jsonFlag(), variableFlag(), linkFlag()},
			Action: p.inFolder(1, func(c *cli.Context, s *session.Session) error {
				id, err := strconv.ParseInt(c.Args().First(), 10, 64)
				if err != nil {
					return diag.Fail(diag.Diagnostic{
						Code: diag.CodeUsage, Severity: diag.Error, Summary: "`dw errors show` needs the number of a listed record",
						Hint: "`dw errors list` shows the numbers.",
					})
				}
				l, err := s.Listed(c.Context, id)
				if err != nil {
					return err
				}
				return answer(p, c, report.ListedRecord{FormatVersion: report.FormatVersion, Listed: l}, view.Failure)
			}),
		},
			p.entriesCommand(control.Retry, "read listed records again on both sides and handle them",
				"What was mended goes through; what still fails stays listed with the reason that it has now."),
			p.entriesCommand(control.Drop, "accept what listed records are like now, until somebody edits them",
				"The difference stays and is listed as tolerated."),
			p.entriesCommand(control.Approve, "let records that are not found any more count as deleted",
				"For findings that say that many known records are gone at once: nothing is deleted before."),
		},
	}
}

// entriesCommand is a command about listed records.
func (p *program) entriesCommand(name, usage, description string) *cli.Command {
	return &cli.Command{
		Name: name, Usage: usage, ArgsUsage: "[ID...]",
		Description: description + "\nName records by their numbers in `dw errors list`, or all of a map or of a kind.\n" + controlNote,
		Flags: append(p.controlFlags(),
			&cli.StringFlag{Name: "map", Usage: "all of `MAP`"},
			&cli.StringFlag{Name: "kind", Usage: "all of this `KIND`"},
			&cli.BoolFlag{Name: "all", Usage: "all listed records"},
		),
		Action: p.inFolder(-1, func(c *cli.Context, s *session.Session) error {
			command := store.Command{Name: name, Map: mapName(c.String("map")), Args: c.Args().Slice()}
			if k := c.String("kind"); k != "" {
				if err := session.CheckKind(record.Kind(k)); err != nil {
					return err
				}
				command.Args = append(command.Args, "kind="+k)
			}
			if c.Bool("all") || c.String("kind") != "" && command.Map == "" && c.NArg() == 0 {
				command.Args = append(command.Args, "all")
			}
			if command.Map == "" && len(command.Args) == 0 {
				return diag.Fail(diag.Diagnostic{
					Code: diag.CodeUsage, Severity: diag.Error, Summary: fmt.Sprintf("`dw errors %s` needs to know which records", name),
					Hint: "Name them by their numbers in `dw errors list`, or use -map, -kind or -all.",
				})
			}
			return p.command(c, s, command)
		}),
	}
}
