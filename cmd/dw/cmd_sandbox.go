package main

import (
	"encoding/json"

	"github.com/urfave/cli/v2"

	"github.com/dualwrite/dw/cmd/dw/internal/session"
)

func (p *program) sandboxCommand() *cli.Command {
	return &cli.Command{
		Name:  "sandbox",
		Usage: "local twins of both systems",
		Subcommands: []*cli.Command{{
			Name:  "serve",
			Usage: "serve the twins of the folder's sandbox link until Ctrl-C",
			Description: "Prints one line of JSON with the addresses when ready. Other commands in the folder use these\n" +
				"twins while they run; without them they start the twins in process. The data lie under .dw/sandbox.",
			Flags: []cli.Flag{
				variableFlag(), linkFlag(),
				&cli.StringFlag{Name: "dataverse-addr", Usage: "listen on `HOST:PORT` for Dataverse", Value: "127.0.0.1:0"},
				&cli.StringFlag{Name: "fno-addr", Usage: "listen on `HOST:PORT` for F&O", Value: "127.0.0.1:0"},
				&cli.StringFlag{Name: "entra-addr", Usage: "listen on `HOST:PORT` for sign-in", Value: "127.0.0.1:0"},
				&cli.BoolFlag{Name: "no-auth", Usage: "answer requests without a token"},
			},
			Action: p.inFolder(0, func(c *cli.Context, s *session.Session) error {
				served, l, err := s.Serve(c.Context, session.ServeOptions{
					Dataverse: c.String("dataverse-addr"), FnO: c.String("fno-addr"), Entra: c.String("entra-addr"), NoAuth: c.Bool("no-auth"),
				})
				if err != nil {
					return err
				}
				if l.HasErrors() {
					return p.stop(s, l, false)
				}
				if err := json.NewEncoder(p.host.Out).Encode(served); err != nil {
					return err
				}
				select {
				case <-p.interrupted:
				case <-c.Context.Done():
				}
				return nil
			}),
		}},
	}
}
