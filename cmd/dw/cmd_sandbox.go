package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/dualwrite/dw/cmd/dw/internal/session"
	"github.com/dualwrite/dw/cmd/dw/internal/view"
	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/sandbox/control"
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
				if err := p.failed(c, s, l, err); err != nil {
					return err
				}
				if err := json.NewEncoder(p.host.Out).Encode(served); err != nil {
					return err
				}
				select {
				case <-p.halt.Done():
				case <-c.Context.Done():
				}
				return nil
			}),
		}, p.sandboxGetCommand(), p.sandboxEditCommand(), p.sandboxProjectCommand(), p.sandboxSpoilCommand(), p.sandboxMendCommand()},
	}
}

func (p *program) sandboxGetCommand() *cli.Command {
	return &cli.Command{
		Name:      "get",
		Usage:     "show a record as it stands in both twins",
		ArgsUsage: "MAP KEY [FIELD...]",
		Description: "Reads both twins, not the state. KEY is written as lists show it, the company first:\n" +
			"\"USMF / US-001\".",
		Flags: []cli.Flag{jsonFlag(), variableFlag(), linkFlag()},
		Action: p.inFolder(-1, func(c *cli.Context, s *session.Session) error {
			if c.NArg() < 2 {
				return needsRecord("get", "")
			}
			l, err := s.Look(c.Context, c.Args().Get(0), c.Args().Get(1), c.Args().Slice()[2:])
			if err != nil {
				return err
			}
			return p.look(c, l)
		}),
	}
}

func (p *program) sandboxEditCommand() *cli.Command {
	return &cli.Command{
		Name:      "edit",
		Usage:     "change a record in one of the twins, or in both, as a person would there",
		ArgsUsage: "MAP KEY COLUMN=VALUE...",
		Description: "A name of an F&O field changes the record in F&O, one of a Dataverse column the row in Dataverse;\n" +
			"COLUMN= clears it. A lookup takes the key of the row that it refers to. `dw run` carries the change\n" +
			"to the other side; `dw sandbox get` shows both. KEY is written as in `dw sandbox get`.",
		Flags: []cli.Flag{
			jsonFlag(), variableFlag(), linkFlag(),
			&cli.StringFlag{Name: "create", Usage: "create the record on `SIDE` (fno or dataverse)"},
			&cli.StringFlag{Name: "delete", Usage: "delete the record on `SIDE` (fno or dataverse)"},
		},
		Action: p.inFolder(-1, func(c *cli.Context, s *session.Session) error {
			o := session.EditOptions{Map: c.Args().Get(0), Key: c.Args().Get(1), Set: c.Args().Slice()}
			var err error
			if o.Create, err = side("create", c.String("create")); err != nil {
				return err
			}
			if o.Delete, err = side("delete", c.String("delete")); err != nil {
				return err
			}
			if o.Set = o.Set[min(2, len(o.Set)):]; c.NArg() < 2 || len(o.Set) == 0 && o.Create == "" && o.Delete == "" {
				return needsRecord("edit", " telephone1=555-0100")
			}
			l, err := s.Edit(c.Context, o)
			if err != nil {
				return err
			}
			return p.look(c, l)
		}),
	}
}

func (p *program) sandboxProjectCommand() *cli.Command {
	return &cli.Command{
		Name:      "project",
		Usage:     "list, make or delete data projects in F&O's twin, as a person would there",
		ArgsUsage: "[NAME]",
		Description: "With a name it makes an import project, as `dw sandbox project dw-import`. With -export it makes one that exports\n" +
			"an entity set, under the name by which dw looks for it (`dw sandbox project -export CustomersV3` makes\n" +
			"dw-export-CustomersV3) or under another that is given. Without a name and -export it lists the projects.",
		Flags: []cli.Flag{
			jsonFlag(), variableFlag(), linkFlag(),
			&cli.StringSliceFlag{Name: "export", Usage: "make a project that exports entity set `SET`; repeat it for more"},
			&cli.BoolFlag{Name: "delete", Usage: "delete the project"},
		},
		Action: p.inFolder(-1, func(c *cli.Context, s *session.Session) error {
			if err := noArguments(c, 1); err != nil {
				return err
			}
			name, sets := c.Args().First(), c.StringSlice("export")
			if name == "" && len(sets) == 0 && c.Bool("delete") {
				return diag.Fail(diag.Diagnostic{
					Code: diag.CodeUsage, Severity: diag.Error, Summary: "the data project has no name", Hint: "For example: dw sandbox project -delete " + session.ImportProject + ".",
				})
			}
			all := []control.Project{{Name: name}}
			if len(sets) > 0 {
				var err error
				if all, err = session.ExportProjects(name, sets); err != nil {
					return err
				}
			}
			var change func(context.Context, control.Client) (control.Status, error)
			if all[0].Name != "" {
				change = func(ctx context.Context, twin control.Client) (status control.Status, err error) {
					for _, one := range all {
						if c.Bool("delete") {
							status, err = twin.DeleteProject(ctx, one.Name)
						} else {
							status, err = twin.CreateProject(ctx, one)
						}
						if err != nil {
							break
						}
					}
					return status, err
				}
			}
			projects, l, err := s.Projects(c.Context, change)
			if err := p.failed(c, s, l, err); err != nil {
				return err
			}
			return p.projects(c, projects)
		}),
	}
}

// projects shows data projects.
func (p *program) projects(c *cli.Context, all []control.Project) error {
	if c.Bool("json") {
		return p.json(map[string]any{"format_version": report.FormatVersion, "projects": all})
	}
	if len(all) == 0 {
		_, err := fmt.Fprintln(p.host.Out, "F&O's twin has no data projects.")
		return err
	}
	width := 0
	for _, one := range all {
		width = max(width, len(one.Name))
	}
	for _, one := range all {
		kind := "imports"
		if one.Export {
			kind = "exports"
		}
		if _, err := fmt.Fprintln(p.host.Out, strings.TrimRight(fmt.Sprintf("%-*s  %s  %s", width, one.Name, kind, strings.Join(one.Entities, ", ")), " ")); err != nil {
			return err
		}
	}
	return nil
}

func (p *program) look(c *cli.Context, l report.Look) error {
	return answer(p, c, l, view.Look)
}

func needsRecord(command, more string) error {
	return diag.Fail(diag.Diagnostic{
		Code: diag.CodeUsage, Severity: diag.Error, Summary: fmt.Sprintf("`dw sandbox %s` needs a map and a key", command),
		Hint: fmt.Sprintf("For example: dw sandbox %s accounts \"USMF / US-001\"%s.", command, more),
	})
}

// side reads a flag that names a side.
func side(flag, text string) (value.Side, error) {
	switch s := value.Side(strings.ToLower(text)); s {
	case "", value.FnO, value.Dataverse:
		return s, nil
	}
	return "", diag.Fail(diag.Diagnostic{
		Code: diag.CodeUsage, Severity: diag.Error, Summary: fmt.Sprintf("-%s %q is no side", flag, text), Hint: "Write fno or dataverse.",
	})
}
