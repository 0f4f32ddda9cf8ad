package main

import (
	"github.com/urfave/cli/v2"

	"github.com/dualwrite/dw/cmd/dw/internal/session"
	"github.com/dualwrite/dw/cmd/dw/internal/view"
	"github.com/dualwrite/dw/runtime/record"
)

func (p *program) statusCommand() *cli.Command {
	return &cli.Command{
		Name:        "status",
		Usage:       "show what is deployed and how it is doing",
		Description: "Reads the state only: no connection is needed, and it works beside a running apply.",
		Flags:       []cli.Flag{jsonFlag(), variableFlag(), linkFlag()},
		Action: func(c *cli.Context) error {
			if err := noArguments(c, 0); err != nil {
				return err
			}
			s, err := p.open(c)
			if err != nil {
				return err
			}
			defer s.Close()
			st, err := s.Status(c.Context)
			if err != nil {
				return err
			}
			if c.Bool("json") {
				return view.JSON(p.host.Out, st)
			}
			return view.Status(p.host.Out, st, p.viewOptions())
		},
	}
}

func (p *program) verifyCommand() *cli.Command {
	return &cli.Command{
		Name:  "verify",
		Usage: "read both sides afresh and compare every record",
		Description: "Exit 0: no difference that is not explained by a listed record; 2: findings. -no-state explains\n" +
			"nothing and takes the maps from the files.",
		Flags: []cli.Flag{
			jsonFlag(), variableFlag(), linkFlag(),
			&cli.BoolFlag{Name: "no-state", Usage: "do not look at the state"},
			&cli.StringSliceFlag{Name: "map", Usage: "compare only `MAP`; may be repeated"},
			&cli.IntFlag{Name: "limit", Value: 50, Usage: "name at most `N` differences a map; 0 names all"},
		},
		Action: func(c *cli.Context) error {
			if err := noArguments(c, 0); err != nil {
				return err
			}
			s, err := p.open(c)
			if err != nil {
				return err
			}
			defer s.Close()
			v, l, err := s.Verify(c.Context, session.VerifyOptions{NoState: c.Bool("no-state"), Maps: c.StringSlice("map"), Limit: c.Int("limit")})
			if err != nil {
				return err
			}
			if l.HasErrors() {
				return p.stop(s, l, c.Bool("json"))
			}
			if c.Bool("json") {
				err = view.JSON(p.host.Out, v)
			} else {
				err = view.Verify(p.host.Out, v, p.viewOptions())
			}
			for _, m := range v.Maps {
				if err == nil && m.Findings > 0 {
					return exit{exitChanges}
				}
			}
			return err
		},
	}
}

func (p *program) errorsCommand() *cli.Command {
	return &cli.Command{
		Name:  "errors",
		Usage: "records that failed, wait or are held",
		Subcommands: []*cli.Command{{
			Name:        "list",
			Usage:       "list them with reason and hint",
			Description: "Reads the state only. Kinds: failed, parked, held, owed, tolerated.",
			Flags: []cli.Flag{
				jsonFlag(), variableFlag(), linkFlag(),
				&cli.StringFlag{Name: "map", Usage: "only of `MAP`"},
				&cli.StringFlag{Name: "kind", Usage: "only of this `KIND`"},
				&cli.IntFlag{Name: "limit", Value: 100, Usage: "at most `N`; 0 means all"},
			},
			Action: func(c *cli.Context) error {
				if err := noArguments(c, 0); err != nil {
					return err
				}
				s, err := p.open(c)
				if err != nil {
					return err
				}
				defer s.Close()
				l, more, err := s.Errors(c.Context, session.ErrorsOptions{Map: c.String("map"), Kind: record.Kind(c.String("kind")), Limit: c.Int("limit")})
				if err != nil {
					return err
				}
				if c.Bool("json") {
					return view.JSON(p.host.Out, map[string]any{"format_version": "1.0", "records": l, "more": more})
				}
				return view.Listed(p.host.Out, l, more, p.viewOptions())
			},
		}},
	}
}

func (p *program) schemaCommand() *cli.Command {
	return &cli.Command{
		Name:  "schema",
		Usage: "the metadata of both sides",
		Subcommands: []*cli.Command{{
			Name:  "pull",
			Usage: "read it and write dw.schema.json",
			Description: "Reads the metadata of just the tables and entities that the maps name. Commit the file: with it\n" +
				"validate and plan -offline need no connection.",
			Flags: []cli.Flag{variableFlag(), linkFlag()},
			Action: func(c *cli.Context) error {
				if err := noArguments(c, 0); err != nil {
					return err
				}
				s, err := p.open(c)
				if err != nil {
					return err
				}
				defer s.Close()
				text, l, err := s.PullSchema(c.Context)
				if err != nil {
					return err
				}
				if l.HasErrors() {
					return p.stop(s, l, false)
				}
				return p.saveSchema(s, text)
			},
		}},
	}
}
