package main

import (
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/dualwrite/dw/cmd/dw/internal/session"
	"github.com/dualwrite/dw/cmd/dw/internal/view"
	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/runtime/report"
)

func labelsFlag() cli.Flag {
	return &cli.StringFlag{Name: "labels", Usage: "a `FILE` with labels of F&O entities and their entity sets, a line each, a comma between"}
}

func forceFlag() cli.Flag {
	return &cli.BoolFlag{Name: "force", Usage: "write over files that are there"}
}

func (p *program) importCommand() *cli.Command {
	return &cli.Command{
		Name:      "import",
		Usage:     "turn maps of Microsoft's dual-write into files of the configuration",
		ArgsUsage: "[PATH...]",
		Description: "Reads the JSON of maps, rows of msdyn_dualwriteentitymaps as the Web API answers them, solution zips,\n" +
			"customizations.xml, and folders of those, and writes a file a map. What is guessed or cannot be\n" +
			"taken over is told and stands as a comment in the file. Needs neither a link nor a connection.\n" +
			"With -live it reads the maps from the Dataverse of the folder's link instead.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "out", Usage: "the `DIR` to write to"}, forceFlag(), labelsFlag(),
			&cli.StringFlag{Name: "schema", Usage: "a schema snapshot, `FILE`, whose names are used"},
			&cli.BoolFlag{Name: "live", Usage: "read the maps from Dataverse"}, variableFlag(), linkFlag(), jsonFlag(),
		},
		Action: p.importMaps,
	}
}

// exchangedFiles is the JSON form of what an import or export did.
type exchangedFiles struct {
	FormatVersion string    `json:"format_version"`
	Maps          int       `json:"maps"`
	Files         []string  `json:"files"`
	Diagnostics   diag.List `json:"diagnostics"`
}

func (p *program) importMaps(c *cli.Context) error {
	if c.Bool("live") {
		return p.importLive(c)
	}
	if c.String("link") != "" {
		return diag.Fail(diag.Diagnostic{
			Code: diag.CodeUsage, Severity: diag.Error, Summary: "-link goes with -live only",
			Detail: "Maps in files belong to no link.", Hint: "Leave it out, or import with -live.",
		})
	}
	if c.NArg() == 0 || c.String("out") == "" {
		return diag.Fail(diag.Diagnostic{
			Code: diag.CodeUsage, Severity: diag.Error, Summary: "`dw import` needs what to read and where to write",
			Hint: "Write `dw import -out DIR PATH...`, or `dw import -live -out DIR`.",
		})
	}
	done, err := session.ImportMaps(importOptions(c))
	if err != nil {
		return err
	}
	return p.exchanged(done, "Imported", c.Bool("json"))
}

func importOptions(c *cli.Context) session.ImportOptions {
	return session.ImportOptions{
		Dir: c.String("chdir"), Paths: c.Args().Slice(), Out: c.String("out"), Labels: c.String("labels"), Schema: c.String("schema"), Force: c.Bool("force"),
	}
}

// importLive reads the maps from the Dataverse of a link.
func (p *program) importLive(c *cli.Context) error {
	d := diag.Diagnostic{Code: diag.CodeUsage, Severity: diag.Error}
	switch {
	case c.NArg() > 0:
		d.Summary, d.Detail = "-live does not go with files to read", fmt.Sprintf("%q would be a file or folder.", c.Args().First())
		d.Hint = "Leave one of them out."
		return diag.Fail(d)
	case c.String("out") == "":
		d.Summary, d.Hint = "`dw import -live` needs where to write", "Write `dw import -live -out DIR`."
		return diag.Fail(d)
	}
	s, err := p.open(c)
	if err != nil {
		return err
	}
	defer s.Close()
	done, err := s.ImportLive(c.Context, importOptions(c))
	if err != nil {
		return err
	}
	return p.exchanged(done, "Imported", c.Bool("json"))
}

// exchanged says what was written, and what there is to know about it. Exit
// code 1 where a map is missing.
func (p *program) exchanged(done session.Exchanged, did string, asJSON bool) error {
	list := done.List.Sorted()
	if asJSON {
		out := exchangedFiles{FormatVersion: report.FormatVersion, Maps: done.Maps, Files: done.Written, Diagnostics: list}
		if out.Files == nil {
			out.Files = []string{}
		}
		if out.Diagnostics == nil {
			out.Diagnostics = diag.List{}
		}
		if err := p.json(out); err != nil {
			return err
		}
	} else {
		p.warn(placeless(list, done.Sources), done.Sources)
		for _, name := range done.Written {
			if _, err := fmt.Fprintln(p.host.Out, "Wrote", name); err != nil {
				return err
			}
		}
		if _, err := fmt.Fprintf(p.host.Out, "%s: %s, %s, %s.\n", did, view.Plural(done.Maps, "map"),
			view.Plural(list.Count(diag.Warning), "warning"), view.Plural(list.Count(diag.Error), "error")); err != nil {
			return err
		}
	}
	if list.HasErrors() {
		return exit{exitError}
	}
	return nil
}

// placeless names the file in the address where it is none of the
// configuration's, whose lines can be shown.
func placeless(list diag.List, sources map[string][]byte) diag.List {
	out := slices.Clone(list)
	for i := range out {
		d := &out[i]
		if d.Subject.IsZero() || sources[d.Subject.File] != nil {
			continue
		}
		if d.Address == "" {
			d.Address = d.Subject.File
		}
		d.Subject = diag.Range{}
	}
	return out
}
