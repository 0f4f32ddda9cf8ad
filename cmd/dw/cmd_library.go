package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/library"
	"github.com/dualwrite/dw/runtime/report"
)

func (p *program) libraryCommand() *cli.Command {
	return &cli.Command{
		Name:  "library",
		Usage: "the standard maps, to read and to start from",
		Subcommands: []*cli.Command{
			{
				Name:  "list",
				Usage: "list the standard maps",
				Description: "By area, in an order in which maps come after those that they refer to, as far as they form no ring.\n" +
					"Needs no configuration and no connection.",
				Flags:  []cli.Flag{jsonFlag(), &cli.StringFlag{Name: "area", Usage: "only maps of this `AREA`, such as Finance"}},
				Action: p.libraryList,
			},
			{
				Name:      "show",
				Usage:     "print a standard map",
				ArgsUsage: "NAME",
				Description: "Prints the whole file, comments included: dw library show customers_v3_accounts > customers.dw.hcl\n" +
					"makes it one of yours. To change a little of it, write extends = library.NAME in a map instead.",
				Flags:  []cli.Flag{jsonFlag()},
				Action: p.libraryShow,
			},
		},
	}
}

// libraryMaps is the JSON form of the list.
type libraryMaps struct {
	FormatVersion string          `json:"format_version"`
	Maps          []library.Entry `json:"maps"`
}

// libraryMap is the JSON form of one map.
type libraryMap struct {
	FormatVersion string        `json:"format_version"`
	Map           library.Entry `json:"map"`
	Text          string        `json:"text"` // of its file
}

func (p *program) libraryList(c *cli.Context) error {
	if err := noArguments(c, 0); err != nil {
		return err
	}
	maps := library.List()
	var areas []string
	for _, e := range maps {
		if !slices.Contains(areas, e.Area) {
			areas = append(areas, e.Area)
		}
	}
	slices.Sort(areas)
	if only := c.String("area"); only != "" {
		i := slices.IndexFunc(areas, func(a string) bool { return strings.EqualFold(a, only) })
		if i < 0 {
			return noSuch("area", only, areas, "The areas are "+strings.Join(areas, ", ")+".")
		}
		areas = areas[i : i+1]
		maps = slices.DeleteFunc(maps, func(e library.Entry) bool { return e.Area != areas[0] })
	}
	if c.Bool("json") {
		return p.json(libraryMaps{FormatVersion: report.FormatVersion, Maps: maps})
	}
	var b strings.Builder
	for i, area := range areas {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "%s\n", area)
		for _, e := range maps {
			if e.Area == area {
				fmt.Fprintf(&b, "%5d  %s\n       %s\n", e.Order, e.Name, e.Title)
			}
		}
	}
	_, err := fmt.Fprint(p.host.Out, b.String())
	return err
}

func (p *program) libraryShow(c *cli.Context) error {
	if err := noArguments(c, 1); err != nil {
		return err
	}
	name := c.Args().First()
	if name == "" {
		return diag.Fail(diag.Diagnostic{
			Code: diag.CodeUsage, Severity: diag.Error, Summary: "no map is named",
			Hint: "`dw library list` has the names: dw library show customers_v3_accounts.",
		})
	}
	e, ok := library.Find(name)
	if !ok {
		var names []string
		for _, e := range library.List() {
			names = append(names, e.Name)
		}
		return noSuch("map", name, names, "`dw library list` has the names.")
	}
	text, _ := library.Source(e.Name)
	if c.Bool("json") {
		return p.json(libraryMap{FormatVersion: report.FormatVersion, Map: e, Text: string(text)})
	}
	_, err := p.host.Out.Write(text)
	return err
}

// noSuch says that the library does not have something, and what is near it.
func noSuch(what, name string, known []string, otherwise string) error {
	hint := otherwise
	if near := diag.Suggest(name, known); near != "" {
		hint = fmt.Sprintf("Did you mean %q?", near)
	}
	return diag.Fail(diag.Diagnostic{
		Code: diag.CodeUsage, Severity: diag.Error, Summary: fmt.Sprintf("the library has no %s %q", what, name), Hint: hint,
	})
}
