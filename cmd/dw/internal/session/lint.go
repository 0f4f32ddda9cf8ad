package session

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/planner/lint"
	"github.com/dualwrite/dw/runtime/report"
)

// LintOptions say what to look for.
type LintOptions struct {
	Online     bool     // read the schema afresh
	Only, Skip []string // codes and groups; Only empty: all
}

// Groups of findings that are no rules of lint.
const (
	languageGroup = "language"
	schemaGroup   = "schema"
)

// lintPages is where the documentation of the rules is published.
const lintPages = "https://github.com/dualwrite/dw/blob/main/docs/"

// Lint gives everything that is wrong with the configuration.
func (s *Session) Lint(ctx context.Context, o LintOptions) (report.Lint, error) {
	wanted, err := lintFilter(o)
	if err != nil {
		return report.Lint{}, err
	}
	found, silenced, complete, err := s.lintAll(ctx, o)
	if err != nil {
		return report.Lint{}, err
	}
	r := s.findings(found, silenced, wanted)
	if !complete {
		r.Checked = "language"
	}
	return r, nil
}

// Findings reports what was found beside a plan as lint reports it.
func (s *Session) Findings(found diag.List) report.Lint {
	return s.findings(found, nil, func(report.Finding) bool { return true })
}

// findings sorts what was found and what notes silence, as far as it is wanted.
func (s *Session) findings(found diag.List, silenced []lint.Silenced, wanted func(report.Finding) bool) report.Lint {
	r := report.Lint{
		FormatVersion: report.FormatVersion, Checked: "schema", Maps: len(s.Config.Maps), Files: s.Files(),
		Findings: []report.Finding{}, Silenced: []report.Finding{}, Groups: []report.LintGroup{}, Rules: []report.LintRule{},
	}
	rules := map[string]report.LintRule{}
	for _, d := range found.Sorted() {
		if f := s.finding(d, rules); wanted(f) {
			r.Findings = append(r.Findings, f)
		}
	}
	for _, x := range silenced {
		f := s.finding(x.Diagnostic, rules)
		f.Reason, f.Note = x.Reason, x.Note
		if wanted(f) {
			r.Silenced = append(r.Silenced, f)
		}
	}
	r.Count()
	for _, g := range lintGroups() {
		g.Findings = count(r.Findings, func(f report.Finding) bool { return f.Group == g.Name })
		if g.Findings > 0 {
			r.Groups = append(r.Groups, g)
		}
	}
	for _, f := range slices.Concat(r.Findings, r.Silenced) {
		if !slices.ContainsFunc(r.Rules, func(x report.LintRule) bool { return x.Code == f.Code }) {
			r.Rules = append(r.Rules, rules[f.Code])
		}
	}
	slices.SortFunc(r.Rules, func(a, b report.LintRule) int { return cmp.Compare(a.Code, b.Code) })
	return r
}

func count[T any](list []T, is func(T) bool) int {
	n := 0
	for _, x := range list {
		if is(x) {
			n++
		}
	}
	return n
}

// lintAll checks all links of the session. Not complete means that a link has
// no schema to check against.
func (s *Session) lintAll(ctx context.Context, o LintOptions) (found diag.List, silenced []lint.Silenced, complete bool, err error) {
	complete = true
	found = slices.Clone(s.loaded)
	links := s.Config.Links
	if s.Link != nil {
		links = []*model.Link{s.Link}
	}
	for _, link := range links {
		var cat *schema.Catalog
		if o.Online {
			if cat, err = s.pulled(ctx, link); err != nil {
				return nil, nil, false, err
			}
			found = append(found, s.drift(cat)...)
		} else {
			var failure *diag.Failure
			if cat, err = s.snapshot(link); errors.As(err, &failure) {
				found, complete = append(found, failure.List...), false
				continue
			}
			if cat == nil {
				found, complete = append(found, noSnapshot(s.SchemaFile(link))), false
				continue
			}
		}
		r := s.examine(link, cat)
		found, silenced = append(found, r.Found...), append(silenced, r.Silenced...)
	}
	return found, silenced, complete, nil
}

// pulled reads the schema of the session's link.
func (s *Session) pulled(ctx context.Context, link *model.Link) (*schema.Catalog, error) {
	if s.Link != link {
		return nil, diag.Fail(diag.Diagnostic{
			Code: diag.CodeUsage, Severity: diag.Error, Summary: "the configuration has several links",
			Hint: "Choose the one to connect to with -link.",
		})
	}
	return s.pullAll(ctx)
}

func noSnapshot(name string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.CodeSnapshot, Severity: diag.Warning, Summary: "there is no " + name + ", so only the language was checked",
		Detail: "Without it no name of a table, field or column is known, and most rules have nothing to look at.",
		Hint:   "Write it with `dw schema pull` and commit it beside the maps, or use -online.",
	}
}

// finding adds to a diagnostic what its rule says, and remembers the rule.
func (s *Session) finding(d diag.Diagnostic, rules map[string]report.LintRule) report.Finding {
	r, known := rules[d.Code]
	if !known {
		r = lintRule(d)
		rules[d.Code] = r
	}
	return report.Finding{Diagnostic: d, Group: r.Group}
}

// lintRule describes the code of a diagnostic.
func lintRule(d diag.Diagnostic) report.LintRule {
	if r, ok := lint.Find(d.Code); ok {
		return report.LintRule{
			Code: r.Code, Severity: r.Severity, Group: r.Group, Title: r.Title, Why: r.Why, Mend: r.Mend,
			Page: lintPages + "lint/" + r.Code + ".md",
		}
	}
	info, _ := diag.Lookup(d.Code)
	group := languageGroup
	if d.Code == diag.CodeSnapshot || d.Code == diag.CodeDrift {
		group = schemaGroup
	}
	return report.LintRule{Code: d.Code, Severity: d.Severity, Group: group, Title: info.Title, Why: info.Why, Page: lintPages + "codes.md"}
}

// lintGroups gives all groups of findings.
func lintGroups() []report.LintGroup {
	out := []report.LintGroup{{Name: languageGroup, Title: "Language"}, {Name: schemaGroup, Title: "Schema file"}}
	for _, g := range lint.Groups() {
		out = append(out, report.LintGroup{Name: g.Name, Title: g.Title})
	}
	return out
}

// lintFilter makes a test of findings out of codes and groups, and refuses
// names that are neither.
func lintFilter(o LintOptions) (func(report.Finding) bool, error) {
	var names []string
	for _, g := range lintGroups() {
		names = append(names, g.Name)
	}
	for _, c := range diag.Codes() {
		names = append(names, c.Code)
	}
	for _, name := range slices.Concat(o.Only, o.Skip) {
		if slices.Contains(names, name) {
			continue
		}
		d := diag.Diagnostic{
			Code: diag.CodeUsage, Severity: diag.Error, Summary: fmt.Sprintf("%q is neither a code nor a group of rules", name),
			Hint: "docs/lint.md lists both.",
		}
		if near := diag.Suggest(name, names); near != "" {
			d.Hint = fmt.Sprintf("Did you mean %s?", near)
		}
		return nil, diag.Fail(d)
	}
	in := func(list []string, f report.Finding) bool {
		return slices.Contains(list, f.Code) || slices.Contains(list, f.Group)
	}
	return func(f report.Finding) bool { return (len(o.Only) == 0 || in(o.Only, f)) && !in(o.Skip, f) }, nil
}
