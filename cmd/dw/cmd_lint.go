package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/dualwrite/dw/cmd/dw/internal/session"
	"github.com/dualwrite/dw/cmd/dw/internal/view"
	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/planner/lint"
	"github.com/dualwrite/dw/runtime/report"
)

// lintName is a command that looks at all links of a folder.
const lintName = "lint"

func (p *program) lintCommand() *cli.Command {
	return &cli.Command{
		Name:  lintName,
		Usage: "find what would fail in production",
		Description: "Shows all findings of all rules, from dw.schema.json and without a connection; -online reads the\n" +
			"schema afresh. Exit 0: nothing found, 2: findings, 1: the command could not do its work.\n" +
			"-sarif, -github and -azure name files from the root of the repository: that of the pipeline\n" +
			"(GITHUB_WORKSPACE, BUILD_SOURCESDIRECTORY), else the folder that dw was started in.",
		Flags: []cli.Flag{
			jsonFlag(), variableFlag(), linkFlag(),
			&cli.BoolFlag{Name: "sarif", Usage: "print a SARIF 2.1.0 log on standard output"},
			&cli.BoolFlag{Name: "github", Usage: "print annotations for GitHub Actions"},
			&cli.BoolFlag{Name: "azure", Usage: "print annotations for Azure Pipelines"},
			&cli.StringFlag{Name: "path-prefix", Usage: "the way from the root of the repository to the folder, for these three: `DIR`"},
			&cli.BoolFlag{Name: "online", Usage: "read the schema over the link's connections"},
			&cli.StringFlag{Name: "fail-on", Value: "warning", Usage: "exit 2 at findings of this `SEVERITY` or worse: error, warning, notice"},
			&cli.StringSliceFlag{Name: "only", Usage: "only these `CODES` or groups, with commas between them"},
			&cli.StringSliceFlag{Name: "skip", Usage: "not these `CODES` or groups"},
			&cli.BoolFlag{Name: "fix", Usage: "mend what can be mended without guessing, and show the changes"},
			&cli.BoolFlag{Name: "diff", Usage: "with -fix: only show the changes"},
			&cli.StringFlag{Name: "explain", Usage: "print the page of a `CODE` and look at nothing"},
		},
		Action: func(c *cli.Context) error {
			if code := c.String("explain"); code != "" {
				return p.explain(c, code)
			}
			return p.inFolder(0, p.lint)(c)
		},
	}
}

func (p *program) lint(c *cli.Context, s *session.Session) error {
	how, err := p.lintFlags(c)
	if err != nil {
		return err
	}
	o := session.LintOptions{Online: c.Bool("online"), Only: names(c.StringSlice("only")), Skip: names(c.StringSlice("skip"))}
	r, err := s.Lint(c.Context, o)
	if err != nil {
		return err
	}
	if c.Bool("fix") {
		if s, r, err = p.mend(c, s, o, r, how); err != nil {
			return err
		}
		defer s.Close()
	}
	if !c.Bool("diff") {
		if err := p.showLint(how, r, s.Sources()); err != nil {
			return err
		}
	}
	if r.Reaches(how.failOn) {
		return exit{exitChanges}
	}
	return nil
}

// lintOutput is how findings are shown.
type lintOutput struct {
	format string // "": for people
	prefix string // of files, from the root of the repository
	failOn diag.Severity
}

// lintFlags reads the flags that concern the output.
func (p *program) lintFlags(c *cli.Context) (lintOutput, error) {
	var out lintOutput
	for _, name := range []string{"json", "sarif", "github", "azure"} {
		if !c.Bool(name) {
			continue
		}
		if out.format != "" {
			return out, misuse(fmt.Sprintf("-%s and -%s exclude each other", out.format, name), "There is one output.")
		}
		out.format = name
	}
	if c.Bool("diff") && !c.Bool("fix") {
		return out, misuse("-diff needs -fix", "`dw lint -fix -diff` shows what -fix would change.")
	}
	if c.Bool("diff") && out.format != "" {
		return out, misuse(fmt.Sprintf("-diff and -%s exclude each other", out.format), "There is one output.")
	}
	if err := out.failOn.UnmarshalText([]byte(c.String("fail-on"))); err != nil {
		return out, misuse(fmt.Sprintf("-fail-on %q is no severity", c.String("fail-on")), "Write error, warning or notice.")
	}
	out.prefix = p.prefixOf(c)
	return out, nil
}

// prefixOf gives the way from the root of the repository to the folder.
func (p *program) prefixOf(c *cli.Context) string {
	prefix := c.String("path-prefix")
	if !c.IsSet("path-prefix") {
		prefix = p.pathPrefix(c.String("chdir"))
	}
	return filepath.ToSlash(prefix)
}

// misuse is an error of use.
func misuse(summary, hint string) error {
	return diag.Fail(diag.Diagnostic{Code: diag.CodeUsage, Severity: diag.Error, Summary: summary, Hint: hint})
}

// pathPrefix gives the way to the folder from the root of the repository, as
// far as a pipeline tells it, else from where dw was started. "" where the
// folder lies elsewhere.
func (p *program) pathPrefix(dir string) string {
	folder, err := filepath.Abs(dir)
	if err != nil {
		return ""
	}
	for _, root := range []string{p.host.Getenv("GITHUB_WORKSPACE"), p.host.Getenv("BUILD_SOURCESDIRECTORY"), "."} {
		if root == "" {
			continue
		}
		if abs, err := filepath.Abs(root); err == nil {
			if way, err := filepath.Rel(abs, folder); err == nil && filepath.IsLocal(way) {
				return strings.TrimPrefix(way, ".")
			}
		}
	}
	return ""
}

// names splits what stands between commas.
func names(list []string) []string {
	var out []string
	for _, text := range list {
		for _, name := range strings.Split(text, ",") {
			if name = strings.TrimSpace(name); name != "" {
				out = append(out, name)
			}
		}
	}
	return out
}

func (p *program) showLint(how lintOutput, r report.Lint, sources map[string][]byte) error {
	switch how.format {
	case "json":
		return p.json(r)
	case "sarif":
		return view.SARIF(p.host.Out, r, sources, how.prefix, version)
	case "github":
		return view.GitHub(p.host.Out, r, sources, how.prefix)
	case "azure":
		return view.Azure(p.host.Out, r, sources, how.prefix)
	default:
		return view.Lint(p.host.Out, r, sources, p.viewOptions(p.host.Out))
	}
}

// mend carries out what can be mended, shows it, and looks again at what is
// left. The session that it gives is to be closed.
func (p *program) mend(c *cli.Context, s *session.Session, o session.LintOptions, r report.Lint, how lintOutput) (*session.Session, report.Lint, error) {
	mended := session.Mend(s.Sources(), r.Findings)
	findings := 0
	for _, m := range mended {
		findings += m.Findings
		if how.format == "" {
			fmt.Fprint(p.host.Out, view.Diff(m.Name, m.Before, m.After))
		}
	}
	said := fmt.Sprintf("%s in %s", view.Plural(findings, "finding"), view.Plural(len(mended), "file"))
	switch {
	case len(mended) == 0:
		fmt.Fprintln(p.host.Err, "Nothing can be mended without guessing.")
		return s, r, nil
	case c.Bool("diff"):
		fmt.Fprintf(p.host.Err, "This would mend %s; `dw lint -fix` writes it.\n", said)
		return s, r, nil
	}
	for _, m := range mended {
		if err := replaceFile(s.Path(m.Name), m.After); err != nil {
			return s, r, err
		}
	}
	fmt.Fprintf(p.host.Err, "Mended %s. What is left:\n", said)
	s.Close()
	again, err := p.open(c)
	if err != nil {
		return s, r, err
	}
	r, err = again.Lint(c.Context, o)
	if err != nil {
		again.Close()
		return s, r, err
	}
	return again, r, nil
}

// explain prints what the documentation says of a code.
func (p *program) explain(c *cli.Context, code string) error {
	if err := noArguments(c, 0); err != nil {
		return err
	}
	code = strings.ToUpper(strings.TrimSpace(code))
	info, ok := diag.Lookup(code)
	if !ok {
		var codes []string
		for _, x := range diag.Codes() {
			codes = append(codes, x.Code)
		}
		hint := "docs/codes.md lists all codes."
		if near := diag.Suggest(code, codes); near != "" && len(code) > 2 {
			hint = fmt.Sprintf("Did you mean %s? %s", near, hint)
		}
		return misuse(fmt.Sprintf("there is no code %q", code), hint)
	}
	e := view.Explain{Rule: report.LintRule{Code: code, Title: info.Title, Why: info.Why}}
	if rule, ok := lint.Find(code); ok {
		e.Rule.Severity, e.Rule.Group, e.Rule.Mend = rule.Severity, rule.Group, rule.Mend
		e.Replaces = slices.Clone(rule.Replaces)
		f, err := lint.FixtureOf(code)
		if err != nil {
			return errors.Join(errors.New("the program was built without its examples"), err)
		}
		e.Wrong, e.Right = f.Wrong, f.Right
	}
	return e.Write(p.host.Out, p.viewOptions(p.host.Out))
}
