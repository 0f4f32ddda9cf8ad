package fno

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/connect/odata"
)

// ImportProject is the data project under which packages are imported. People
// make it in F&O; its entities come with each package.
const ImportProject = "dw-import"

// packageStart, packageRow and odataRow are what the routes cost, from what is
// published: a batch server that looks once a minute, 200,000 records an hour in
// Microsoft's guidance for packages, and 6,000 requests in 300 seconds over
// OData.
const (
	packageStart = time.Minute
	packageRow   = 18 * time.Millisecond
	odataRow     = 50 * time.Millisecond
)

// Route gives what packages cost, for those who have no connection.
func Route() connect.PackageRoute {
	return connect.PackageRoute{Rows: maxPackageRows, Start: packageStart, PerRow: packageRow, PerWrite: odataRow}
}

var _ connect.Packages = (*Connector)(nil)

// jobs is the state of packages of a connector.
type jobs struct {
	storage *http.Client
	mu      sync.Mutex
	busy    bool // a job of this connector runs
}

// PackagesReady implements connect.Packages.
func (c *Connector) PackagesReady(ctx context.Context, tables []*schema.Table) error {
	var out diag.List
	for _, t := range tables {
		if t.NoPackages {
			out = append(out, notOffered(t, "written by packages", "via"))
		}
	}
	found, err := c.projectExists(ctx)
	if err != nil {
		return err
	}
	if !found {
		out = append(out, diag.Diagnostic{
			Code: diag.CodeProjectMissing, Severity: diag.Error, Summary: fmt.Sprintf("F&O has no import project %q", ImportProject),
			Detail: "Packages are imported under a data project, which only people can make.",
			Hint: fmt.Sprintf("In F&O, Data management > Import: create a project with the name %s and save it without entities; dw adds them. "+
				"In a sandbox: dw sandbox project %s.", ImportProject, ImportProject),
		})
	}
	if len(out) == 0 {
		return nil
	}
	return &diag.Failure{List: out}
}

// notOffered says that an entity has neither packages nor exports; attribute is
// the one of initial_sync that asks for them.
func notOffered(t *schema.Table, what, attribute string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.CodeNoPackages, Severity: diag.Error, Summary: fmt.Sprintf("F&O's data management does not offer the entity %s", t.Set),
		Detail: fmt.Sprintf("%s (%s) is not enabled for data management, so that its records cannot be %s.", t.Label, t.AOT, what),
		Hint:   fmt.Sprintf(`Write %[1]s = "odata" or %[1]s = "auto" in initial_sync of the map.`, attribute),
	}
}

func (c *Connector) projectExists(ctx context.Context) (bool, error) {
	kind, found, err := c.project(ctx, ImportProject)
	return found && kind == "Import", err
}

// project gives what a data project does, "Import" or "Export". It is not asked
// for by that: whether the field is a text or an enum is not documented.
func (c *Connector) project(ctx context.Context, name string) (kind string, found bool, err error) {
	rows, err := c.lookUp(ctx, projects, "Name eq "+odata.Text(name), "Name,OperationType")
	if err != nil || len(rows) == 0 {
		return "", false, err
	}
	kind, _ = rows[0]["OperationType"].(string)
	return kind, true, nil
}

// Upload implements connect.Packages.
func (c *Connector) Upload(ctx context.Context, p connect.Package, id string) error {
	own, ok := p.(*pack)
	if !ok {
		return fmt.Errorf("a package of another connector: %T", p)
	}
	if err := own.finish(); err != nil {
		return err
	}
	return c.upload(ctx, own, id)
}

// Import implements connect.Packages.
func (c *Connector) Import(ctx context.Context, p connect.Package, id, company string, started func() error) (connect.Job, error) {
	own, ok := p.(*pack)
	if !ok {
		return connect.Job{}, fmt.Errorf("a package of another connector: %T", p)
	}
	if err := own.finish(); err != nil {
		return connect.Job{}, err
	}
	if err := c.occupy(ctx); err != nil {
		return connect.Job{}, err
	}
	defer c.leave()
	if err := c.begin(ctx, own, id, company, started); err != nil {
		return connect.Job{}, c.data.Explain(err, "import a package of "+own.table.Set)
	}
	c.host.Markers.Reached(connect.MarkJobStarted)
	return c.followImport(ctx, own.table, id, c.host.Clock.Now())
}

// Follow implements connect.Packages.
func (c *Connector) Follow(ctx context.Context, t *schema.Table, id string, begun time.Time) (connect.Job, error) {
	if err := c.occupy(ctx); err != nil {
		return connect.Job{}, err
	}
	defer c.leave()
	return c.followImport(ctx, t, id, begun)
}

// occupy waits until no job of this connector runs. It asks the clock and not a
// lock, so that a simulation goes on meanwhile.
func (c *Connector) occupy(ctx context.Context) error {
	for {
		c.jobs.mu.Lock()
		free := !c.jobs.busy
		c.jobs.busy = true
		c.jobs.mu.Unlock()
		if free {
			return nil
		}
		if err := c.host.Clock.Sleep(ctx, firstPoll); err != nil {
			return err
		}
	}
}

func (c *Connector) leave() {
	c.jobs.mu.Lock()
	defer c.jobs.mu.Unlock()
	c.jobs.busy = false
}

// upload puts a package where F&O fetches it, and notes the address. An address
// that has expired meanwhile is replaced.
func (c *Connector) upload(ctx context.Context, p *pack, id string) error {
	for attempt := 1; ; attempt++ {
		since := c.host.Clock.Now()
		text, _, err := c.act(ctx, "GetAzureWriteUrl", map[string]string{"uniqueFileName": id + ".zip"}, true)
		if err != nil {
			return c.data.Explain(err, "give an address for a package")
		}
		address, err := writeURL(text)
		if err != nil {
			return c.data.Explain(err, "give an address for a package")
		}
		status, _, err := c.transfer(ctx, http.MethodPut, address, p.content)
		if err != nil {
			return err
		}
		if status < 300 {
			p.place = place{address, since}
			c.host.Markers.Reached(connect.MarkPackageUploaded)
			return nil
		}
		if attempt == storageAttempts || status != http.StatusForbidden {
			return c.storageRefuses(status)
		}
	}
}

// begin has F&O take the package.
func (c *Connector) begin(ctx context.Context, p *pack, id, company string, started func() error) error {
	err := c.launch(ctx, id, "ImportFromPackageAsync", connect.MarkJobStarting, func() (map[string]any, error) {
		// It may have waited for a long job.
		if c.host.Clock.Now().Sub(p.place.since) > addressKept {
			if err := c.upload(ctx, p, id); err != nil {
				return nil, err
			}
		}
		return map[string]any{
			"packageUrl": p.place.address, "definitionGroupId": ImportProject, "executionId": id, "execute": true, "overwrite": true, "legalEntityId": strings.ToUpper(company),
		}, nil
	}, started)
	if saysMissing(err) {
		if missing := c.PackagesReady(ctx, nil); missing != nil {
			return missing
		}
	}
	return err
}

// saysMissing recognises a refusal that a missing project may be the reason of.
func saysMissing(err error) bool {
	service, ok := errors.AsType[*odata.ServiceError](err)
	return ok && strings.Contains(service.Message, "does not exist")
}

// followImport asks for an import until it has ended.
func (c *Connector) followImport(ctx context.Context, t *schema.Table, id string, begun time.Time) (connect.Job, error) {
	return c.follow(ctx, id, begun, "tell of an import", func(status string) (connect.Job, error) { return c.failures(ctx, t, id, status) })
}

// failures finds out which rows of a job failed: those that did not come into
// the staging table, and those that did not come from there to the record.
func (c *Connector) failures(ctx context.Context, t *schema.Table, id, status string) (connect.Job, error) {
	messages, first, err := c.reasons(ctx, id, "tell the errors of an import")
	if err != nil {
		return connect.Job{}, err
	}
	job := connect.Job{State: connect.JobFailed, Message: first}
	entity := map[string]string{"executionId": id, "entityName": t.Label}
	address, _, err := c.act(ctx, "GetImportStagingErrorFileUrl", entity, true)
	if err != nil {
		return connect.Job{}, c.data.Explain(err, "tell the errors of an import")
	}
	var rows []string
	if address != "" {
		if rows, err = c.failedKeys(ctx, t, address); err != nil {
			return connect.Job{}, err
		}
	}
	_, exist, err := c.act(ctx, "GenerateImportTargetErrorKeysFile", entity, true)
	if err != nil {
		return connect.Job{}, c.data.Explain(err, "tell the errors of an import")
	}
	if exist {
		more, err := c.errorKeysFile(ctx, t, entity)
		if err != nil {
			return connect.Job{}, err
		}
		rows = append(rows, more...)
	}
	c.host.Markers.Reached(connect.MarkErrorKeysRead)
	if len(rows) > 0 {
		job = connect.Job{State: connect.JobPartly, Failed: explain(rows, messages), Open: status != "PartiallySucceeded"}
	}
	return job, nil
}

// errorKeysFile waits for the file that the service makes.
func (c *Connector) errorKeysFile(ctx context.Context, t *schema.Table, entity map[string]string) ([]string, error) {
	pause, since := firstPoll, c.host.Clock.Now()
	for {
		address, _, err := c.act(ctx, "GetImportTargetErrorKeysFileUrl", entity, true)
		if err != nil {
			return nil, c.data.Explain(err, "tell the errors of an import")
		}
		if address != "" {
			return c.failedKeys(ctx, t, address)
		}
		if c.host.Clock.Now().Sub(since) > fileWithin {
			return nil, c.data.Explain(&odata.Malformed{Detail: "the file of the rows that failed is not made"}, "tell the errors of an import")
		}
		if err := c.host.Clock.Sleep(ctx, pause); err != nil {
			return nil, err
		}
		pause = min(slowestPoll, pause*3/2)
	}
}

func (c *Connector) failedKeys(ctx context.Context, t *schema.Table, address string) ([]string, error) {
	status, body, err := c.transfer(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	if status != http.StatusOK {
		return nil, c.storageRefuses(status)
	}
	keys, err := errorKeys(body, keyColumns(t))
	if err != nil {
		return nil, c.data.Explain(&odata.Malformed{Detail: err.Error()}, "tell the errors of an import")
	}
	return keys, nil
}

// PackageKey implements connect.Packages.
func (c *Connector) PackageKey(ctx context.Context, t *schema.Table, key []value.Value) (string, error) {
	names := t.Key
	if t.CompanySpecific && len(key) > 0 && len(names) > 0 && names[0] == companyField {
		names, key = names[1:], key[1:]
	}
	if len(key) != len(names) {
		return "", fmt.Errorf("a key of %s has %d parts, not %d", t.Set, len(key), len(names))
	}
	var parts []string
	for i, name := range names {
		f := t.Field(name)
		if f == nil {
			return "", fmt.Errorf("entity %s: its key field %s is not in the schema", t.Set, name)
		}
		text, _, err := c.fileText(ctx, f, key[i])
		if err != nil {
			return "", err
		}
		parts = append(parts, text)
	}
	return packageKey(parts), nil
}
