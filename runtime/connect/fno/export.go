package fno

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/connect/odata"
)

// exportRow is what a record of an export costs, from what is published: 300,000
// records an hour in Microsoft's guidance for packages. Until a job begins it
// takes as long as for imports.
const exportRow = 12 * time.Millisecond

// ExportRoute gives what reading by exports costs, for those who have no
// connection.
func ExportRoute() connect.ExportRoute {
	return connect.ExportRoute{Start: packageStart, PerRow: exportRow}
}

// ExportProject is the data project under which the records of an entity set
// are exported. People make it in F&O, with exactly that entity: an export
// carries out all that its project holds.
func ExportProject(set string) string { return "dw-export-" + set }

var _ connect.Exports = (*Connector)(nil)

// ExportsReady implements connect.Exports.
func (c *Connector) ExportsReady(ctx context.Context, tables []*schema.Table) error {
	var out diag.List
	for _, t := range tables {
		if t.NoPackages {
			out = append(out, notOffered(t, "exported", "read_via"))
			continue
		}
		defect, err := c.exportProject(ctx, t)
		if err != nil {
			return err
		}
		if defect != nil {
			out = append(out, *defect)
		}
	}
	if len(out) == 0 {
		return nil
	}
	return &diag.Failure{List: out}
}

// exportProject says what is wrong with the project of an entity.
func (c *Connector) exportProject(ctx context.Context, t *schema.Table) (*diag.Diagnostic, error) {
	name := ExportProject(t.Set)
	kind, found, err := c.project(ctx, name)
	if err != nil {
		return nil, err
	}
	how := fmt.Sprintf("In F&O, Data management > Export: create a project with the name %s, add the entity %q with the source data format %s and save it. "+
		"In a sandbox: dw sandbox project -export %s.", name, t.Label, sourceFormat, t.Set)
	if !found {
		return &diag.Diagnostic{
			Code: diag.CodeProjectMissing, Severity: diag.Error, Summary: fmt.Sprintf("F&O has no export project %q", name),
			Detail: fmt.Sprintf("Records of %s are exported under a data project, which only people can make.", t.Set), Hint: how,
		}, nil
	}
	wrong := &diag.Diagnostic{Code: diag.CodeProjectContents, Severity: diag.Error, Summary: fmt.Sprintf("F&O's data project %q cannot export %s", name, t.Set)}
	if kind != "Export" {
		wrong.Detail, wrong.Hint = "It is not a project for exports.", "Delete it or give it another name. "+how
		return wrong, nil
	}
	rows, err := c.lookUp(ctx, projectEntities, "DefinitionGroupId eq "+odata.Text(name), "")
	if err != nil {
		return nil, err
	}
	format, refresh, others := "", "", []string{}
	for _, row := range rows {
		label, _ := row["EntityName"].(string)
		if !strings.EqualFold(label, t.Label) {
			others = append(others, fmt.Sprintf("%q", label))
			continue
		}
		format, _ = row["SourceFormat"].(string)
		refresh, _ = row["DefaultRefreshType"].(string)
	}
	slices.Sort(others)
	switch missing := len(others) == len(rows); {
	case missing && len(others) == 0:
		wrong.Detail, wrong.Hint = "It holds no entity.", fmt.Sprintf("Add the entity %q with the source data format %s to it.", t.Label, sourceFormat)
	case missing:
		wrong.Detail = fmt.Sprintf("It holds %s and not %q.", strings.Join(others, ", "), t.Label)
		wrong.Hint = fmt.Sprintf("Let it hold the entity %q alone. If that is the same entity under its name in another language, give dw's user in F&O the language of who made the project.", t.Label)
	case len(others) > 0:
		wrong.Detail = fmt.Sprintf("Beside %q it holds %s, which would be exported each time too.", t.Label, strings.Join(others, ", "))
		wrong.Hint = "Take them out of the project."
	case strings.Contains(refresh, "Incremental"):
		wrong.Detail = "It exports only what has changed since its last run."
		wrong.Hint = fmt.Sprintf("Give the entity the default refresh type \"Full push only\". That takes nothing from a project of yours: only dw uses %s.", name)
	case format != "" && !strings.HasPrefix(strings.ToUpper(format), sourceFormat):
		wrong.Detail = fmt.Sprintf("It exports with the source data format %.60s.", format)
		wrong.Hint = fmt.Sprintf("Give the entity the source data format %s: comma separated with a header row, UTF-8, UTC and en-us.", sourceFormat)
	default:
		return nil, nil
	}
	return wrong, nil
}

// Export implements connect.Exports. The documentation forbids imports side by
// side and says nothing of exports, which change nothing.
func (c *Connector) Export(ctx context.Context, t *schema.Table, id, company string, started func() error) (connect.Job, error) {
	begun := c.host.Clock.Now()
	err := c.launch(ctx, id, "ExportToPackageAsync", connect.MarkExportStarting, func() (map[string]any, error) {
		return map[string]any{
			"definitionGroupId": ExportProject(t.Set), "packageName": id, "executionId": id, "reExecute": false, "legalEntityId": strings.ToUpper(company),
		}, nil
	}, started)
	if saysMissing(err) {
		if missing := c.ExportsReady(ctx, []*schema.Table{t}); missing != nil {
			return connect.Job{}, missing
		}
	}
	if err != nil {
		return connect.Job{}, c.data.Explain(err, "export "+t.Set)
	}
	c.host.Markers.Reached(connect.MarkExportStarted)
	return c.FollowExport(ctx, t, id, begun)
}

// FollowExport implements connect.Exports. An export of a part is none.
func (c *Connector) FollowExport(ctx context.Context, _ *schema.Table, id string, begun time.Time) (connect.Job, error) {
	return c.follow(ctx, id, begun, "tell of an export", func(string) (connect.Job, error) {
		_, first, err := c.reasons(ctx, id, "tell the errors of an export")
		return connect.Job{State: connect.JobFailed, Message: first}, err
	})
}

// OpenExport implements connect.Exports. The file is kept on disk until it is
// closed, under no name where the system allows it, so that nothing is left of
// it when the process dies.
func (c *Connector) OpenExport(ctx context.Context, p *transform.Projection, id, company string) (connect.ExportFile, error) {
	columns, err := c.exportColumns(ctx, p.Table, p.Columns)
	if err != nil {
		return nil, err
	}
	file, err := os.CreateTemp("", "dw-export-*.zip")
	if err != nil {
		return nil, fmt.Errorf("keep the file of an export: %w", err)
	}
	kept := &keptFile{File: file, gone: os.Remove(file.Name()) == nil}
	if err := c.fetch(ctx, file, func() (string, error) { return c.exportAddress(ctx, id) }); err != nil {
		return nil, errors.Join(err, kept.Close())
	}
	c.host.Markers.Reached(connect.MarkExportFetched)
	out, err := openExport(kept, p.Table, columns, len(p.Columns), company)
	if err != nil {
		return nil, errors.Join(err, kept.Close())
	}
	return out, nil
}

// exportAddress asks for the address of an exported file, which may not be there
// at once when its job has ended.
func (c *Connector) exportAddress(ctx context.Context, id string) (string, error) {
	pause, since := firstPoll, c.host.Clock.Now()
	for {
		address, _, err := c.act(ctx, "GetExportedPackageUrl", map[string]string{"executionId": id}, true)
		if service, refused := errors.AsType[*odata.ServiceError](err); refused && isUnknownJob(service) {
			return "", connect.ErrExportGone
		}
		if err != nil {
			return "", c.data.Explain(err, "give the address of an exported file")
		}
		if address != "" {
			return address, nil
		}
		if c.host.Clock.Now().Sub(since) > fileWithin {
			return "", connect.ErrExportGone
		}
		if err := c.host.Clock.Sleep(ctx, pause); err != nil {
			return "", err
		}
		pause = min(slowestPoll, pause*3/2)
	}
}

// keptFile is a temporary file.
type keptFile struct {
	*os.File
	gone bool // its name is
}

// Close takes the file away.
func (f *keptFile) Close() error {
	err := f.File.Close()
	if !f.gone {
		err = errors.Join(err, os.Remove(f.Name()))
	}
	return err
}
