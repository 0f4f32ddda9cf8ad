package session

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/runtime/connect/fno"
	"github.com/dualwrite/dw/runtime/sandbox/catalog"
	"github.com/dualwrite/dw/runtime/sandbox/control"
)

// Projects gives the data projects of F&O's twin, after change has been done
// to them, which is nil to look only.
func (s *Session) Projects(ctx context.Context, change func(context.Context, control.Client) (control.Status, error)) ([]control.Project, diag.List, error) {
	if s.Link == nil {
		return nil, s.loaded.Sorted(), nil
	}
	if s.Link.Sandbox == nil {
		return nil, nil, diag.Fail(diag.Diagnostic{
			Code: diag.CodeUsage, Severity: diag.Error, Summary: fmt.Sprintf("link %q has no sandbox", s.Link.Name),
			Detail: "Data projects of a real environment are made there, on the page Data management.", Subject: s.Link.Range,
		})
	}
	a, ok := s.running(ctx)
	if !ok {
		sb, err := s.start(ctx, ServeOptions{})
		if err != nil {
			return nil, nil, err
		}
		a = sb.Addresses()
	}
	if change == nil {
		change = func(ctx context.Context, c control.Client) (control.Status, error) { return c.Events(ctx) }
	}
	status, err := change(ctx, control.Client{Address: a.Control, Key: a.ControlKey})
	if err != nil {
		return nil, nil, diag.Fail(diag.Diagnostic{Code: diag.CodeSandbox, Severity: diag.Error, Summary: "F&O's twin does not take the data project", Detail: err.Error()})
	}
	return status.Projects, nil, nil
}

// ImportProject is the project under which dw imports packages.
const ImportProject = fno.ImportProject

// ExportProjects gives the data projects that export entity sets of F&O's twin:
// one of a name for all of them, or without a name one for each, as dw expects
// them. Sets may be written in any case.
func ExportProjects(name string, sets []string) ([]control.Project, error) {
	facts, err := catalog.Load()
	if err != nil {
		return nil, err
	}
	var out []control.Project
	var all []string
	var list diag.List
	for _, e := range facts.Entities {
		all = append(all, e.EntitySet)
	}
	for _, set := range sets {
		at := slices.IndexFunc(all, func(known string) bool { return strings.EqualFold(known, set) })
		switch {
		case at < 0:
			d := diag.Diagnostic{Code: diag.CodeUsage, Severity: diag.Error, Summary: fmt.Sprintf("there is no entity set %q in F&O's twin", set), Hint: "Write the fno of a map, such as CustomersV3."}
			if near := diag.Suggest(set, all); near != "" {
				d.Hint = fmt.Sprintf("Did you mean %s?", near)
			}
			list = append(list, d)
			continue
		case facts.Entities[at].NoPackages:
			list = append(list, diag.Diagnostic{
				Code: diag.CodeNoPackages, Severity: diag.Error, Summary: fmt.Sprintf("F&O's data management does not offer the entity %s", all[at]),
				Detail: "A project cannot hold it, there as here.",
			})
			continue
		}
		if name != "" && len(out) == 1 {
			out[0].Entities = append(out[0].Entities, all[at])
			continue
		}
		out = append(out, control.Project{Name: cmp.Or(name, fno.ExportProject(all[at])), Export: true, Entities: []string{all[at]}})
	}
	if len(list) > 0 {
		return nil, &diag.Failure{List: list}
	}
	return out, nil
}
