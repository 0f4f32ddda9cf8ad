package fno

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/connect/limit"
	"github.com/dualwrite/dw/runtime/connect/odata"
	"github.com/go-json-experiment/json"
)

// ImportProject is the data project under which packages are imported. People
// make it in F&O; its entities come with each package.
const ImportProject = "dw-import"

const (
	projects         = "DataManagementDefinitionGroups"
	projectActions   = projects + "/Microsoft.Dynamics.DataEntities."
	firstPoll        = 250 * time.Millisecond
	slowestPoll      = 5 * time.Second
	pollPart         = 16               // of the time that a job has taken so far goes by until it is asked about again
	addressKept      = 15 * time.Minute // half of the time for which addresses of blobs are seen to be valid
	appearsWithin    = 2 * time.Minute  // a job that was begun can be asked about by then
	freeWithin       = 30 * time.Minute // another import of the project ends by then
	fileWithin       = 5 * time.Minute  // a file of errors is made by then
	storageTimeout   = 10 * time.Minute
	storageAttempts  = 5
	freeAgain        = 2 * time.Second
	lostJobQuestions = 3 // at least, before a job counts as never begun
)

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
			out = append(out, diag.Diagnostic{
				Code: diag.CodeNoPackages, Severity: diag.Error, Summary: fmt.Sprintf("F&O's data management does not offer the entity %s", t.Set),
				Detail: fmt.Sprintf("%s (%s) is not enabled for data management, so that its records cannot be written by packages.", t.Label, t.AOT),
				Hint:   `Write via = "odata" or via = "auto" in initial_sync of the map.`,
			})
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

func (c *Connector) projectExists(ctx context.Context) (bool, error) {
	return c.anyRow(ctx, projects, "Name eq "+odata.Text(ImportProject)+" and OperationType eq 'Import'", "Name")
}

// anyRow tells whether an entity set of data management has a row.
func (c *Connector) anyRow(ctx context.Context, set, filter, column string) (bool, error) {
	var answer struct {
		Value []map[string]any `json:"value"`
	}
	address := odata.Query{}.Add("$filter", filter).Add("$select", column).Add("$top", "1").On(set)
	err := c.data.Do(ctx, odata.Request{Method: http.MethodGet, URL: address}, func(r *odata.Response) error {
		answer.Value = nil
		if err := json.UnmarshalRead(r.Body, &answer); err != nil {
			return &odata.Malformed{Detail: err.Error()}
		}
		return nil
	})
	if err != nil {
		return false, c.data.Explain(err, "look up "+set)
	}
	return len(answer.Value) > 0, nil
}

// act calls an action of data management and gives its value.
func (c *Connector) act(ctx context.Context, action string, parameters any, repeatable bool) (text string, flag bool, err error) {
	body, err := json.Marshal(parameters)
	if err != nil {
		return "", false, err
	}
	err = c.data.Do(ctx, odata.Request{Method: http.MethodPost, URL: projectActions + action, Body: body, Repeatable: repeatable}, func(r *odata.Response) error {
		var answer struct {
			Value any `json:"value"`
		}
		if err := json.UnmarshalRead(r.Body, &answer); err != nil {
			return &odata.Malformed{Detail: err.Error()}
		}
		text, flag = "", false
		switch v := answer.Value.(type) {
		case string:
			text = v
		case bool:
			flag = v
		case nil:
		default:
			return &odata.Malformed{Detail: fmt.Sprintf("%s gave a %T", action, v)}
		}
		return nil
	})
	return text, flag, err
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
	return c.follow(ctx, own.table, id, c.host.Clock.Now())
}

// Follow implements connect.Packages.
func (c *Connector) Follow(ctx context.Context, t *schema.Table, id string, begun time.Time) (connect.Job, error) {
	if err := c.occupy(ctx); err != nil {
		return connect.Job{}, err
	}
	defer c.leave()
	return c.follow(ctx, t, id, begun)
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

func (c *Connector) storageRefuses(status int) error {
	return diag.Fail(diag.Diagnostic{
		Code: diag.CodeRequestRefused, Severity: diag.Error, Summary: "the storage account of F&O refuses a package",
		Detail: fmt.Sprintf("It answers with status %d to an address that F&O has just given.", status),
		Hint:   "Look whether a proxy or firewall keeps this machine from Azure Storage, and whether its clock is right.",
	})
}

// transfer sends a request to an address of a storage account, which carries its
// own permission: no token goes there, and no error shows the address. Both
// kinds of requests may be repeated.
func (c *Connector) transfer(ctx context.Context, method, address string, content []byte) (status int, body []byte, err error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		return 0, nil, c.data.Explain(&odata.Malformed{Detail: "the address of a blob is none, or not encrypted"}, "give an address of a package")
	}
	for attempt := 1; ; attempt++ {
		status, body, err = c.transferOnce(ctx, method, address, content)
		again := err != nil || status >= 500 || status == http.StatusTooManyRequests
		if ctx.Err() != nil {
			return 0, nil, ctx.Err()
		}
		if !again {
			return status, body, nil
		}
		if attempt == storageAttempts {
			break
		}
		if err := c.host.Clock.Sleep(ctx, limit.Backoff(attempt)); err != nil {
			return 0, nil, err
		}
	}
	if err == nil {
		return 0, nil, c.storageRefuses(status)
	}
	detail := "the connection broke off"
	if failed, ok := errors.AsType[*url.Error](err); ok && failed.Timeout() {
		detail = "it gave no answer in time"
	}
	return 0, nil, diag.Fail(diag.Diagnostic{
		Code: diag.CodeServiceUnreachable, Severity: diag.Error, Summary: "the storage account of F&O at " + u.Host + " cannot be reached",
		Detail: fmt.Sprintf("%s (%d attempts)", detail, storageAttempts), Hint: "Packages go over Azure Storage: let the network and the proxy allow it, or write via = \"odata\".",
	})
}

func (c *Connector) transferOnce(ctx context.Context, method, address string, content []byte) (int, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, storageTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(content))
	if err != nil {
		return 0, nil, errors.New("the address of a blob cannot be used")
	}
	if method == http.MethodPut {
		r.Header.Set("x-ms-blob-type", "BlockBlob")
		r.Header.Set("Content-Type", "application/zip")
	}
	response, err := c.jobs.storage.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxErrorFile+1))
	if err == nil && len(body) > maxErrorFile {
		err = errors.New("the blob is too large")
	}
	return response.StatusCode, body, err
}

func loopback(name string) bool { return name == "localhost" || name == "127.0.0.1" || name == "::1" }

// begin has F&O take the package. Where nobody knows whether it did, the job is
// looked for by its id: it is never sent twice.
func (c *Connector) begin(ctx context.Context, p *pack, id, company string, started func() error) error {
	since := c.host.Clock.Now()
	for attempt := 1; ; attempt++ {
		// It may have waited for a long job.
		if c.host.Clock.Now().Sub(p.place.since) > addressKept {
			if err := c.upload(ctx, p, id); err != nil {
				return err
			}
		}
		if started != nil {
			if err := started(); err != nil {
				return err
			}
		}
		c.host.Markers.Reached(connect.MarkJobStarting)
		_, _, err := c.act(ctx, "ImportFromPackageAsync", map[string]any{
			"packageUrl": p.place.address, "definitionGroupId": ImportProject, "executionId": id, "execute": true, "overwrite": true, "legalEntityId": strings.ToUpper(company),
		}, false)
		var unanswered *odata.Unanswered
		if errors.As(err, &unanswered) {
			if ctx.Err() != nil {
				return err
			}
			return nil // follow finds out
		}
		service, ok := errors.AsType[*odata.ServiceError](err)
		if err == nil || !ok || !isBusy(service) || c.host.Clock.Now().Sub(since) > freeWithin {
			return c.projectGone(ctx, err, service)
		}
		// Somebody else imports under the project, or the job was begun although
		// something went wrong.
		if err := c.host.Clock.Sleep(ctx, min(slowestPoll, time.Duration(attempt)*freeAgain)); err != nil {
			return err
		}
		if begun, err := c.begun(ctx, id); err != nil || begun {
			return err
		}
	}
}

// begun tells whether the service knows a job.
func (c *Connector) begun(ctx context.Context, id string) (bool, error) {
	status, _, err := c.act(ctx, "GetExecutionSummaryStatus", map[string]string{"executionId": id}, true)
	if service, refused := errors.AsType[*odata.ServiceError](err); refused && isUnknownJob(service) {
		return false, nil
	}
	return err == nil && status != unknownJob, err
}

// unknownJob is the status of a job that the service does not know.
const unknownJob = "Unknown"

func isUnknownJob(e *odata.ServiceError) bool { return strings.Contains(e.Message, "not found") }

// projectGone explains a refusal that the missing project is the reason of.
func (c *Connector) projectGone(ctx context.Context, err error, service *odata.ServiceError) error {
	if service == nil || !strings.Contains(service.Message, "does not exist") {
		return err
	}
	if missing := c.PackagesReady(ctx, nil); missing != nil {
		return missing
	}
	return err
}

// isBusy recognises the refusal of an import beside another. Its words are not
// documented, only that such calls fail.
func isBusy(e *odata.ServiceError) bool {
	text := strings.ToLower(e.Message)
	return strings.Contains(text, "parallel") || strings.Contains(text, "being executed") || strings.Contains(text, "already running") || isTransient(e)
}

// follow asks for a job until it has ended.
func (c *Connector) follow(ctx context.Context, t *schema.Table, id string, begun time.Time) (connect.Job, error) {
	since, missed := c.host.Clock.Now(), 0
	for {
		status, _, err := c.act(ctx, "GetExecutionSummaryStatus", map[string]string{"executionId": id}, true)
		service, refused := errors.AsType[*odata.ServiceError](err)
		switch {
		case refused && isUnknownJob(service), err == nil && status == unknownJob:
			// Right after its start a job may not be found yet; one that was never
			// begun never is.
			if missed++; missed >= lostJobQuestions && c.host.Clock.Now().Sub(begun) > appearsWithin {
				return connect.Job{State: connect.JobUnknown}, nil
			}
		case err != nil:
			return connect.Job{}, c.data.Explain(err, "tell of an import")
		case status == "Succeeded":
			return connect.Job{State: connect.JobDone}, nil
		case status == "PartiallySucceeded", status == "Failed", status == "Canceled":
			return c.failures(ctx, t, id, status)
		default:
			c.host.Markers.Reached(connect.MarkJobPolled)
		}
		pause := c.host.Clock.Now().Sub(since) / pollPart
		if err := c.host.Clock.Sleep(ctx, min(max(pause, firstPoll), slowestPoll)); err != nil {
			return connect.Job{}, err
		}
	}
}

// failures finds out which rows of a job failed: those that did not come into
// the staging table, and those that did not come from there to the record.
func (c *Connector) failures(ctx context.Context, t *schema.Table, id, status string) (connect.Job, error) {
	text, _, err := c.act(ctx, "GetExecutionErrors", map[string]string{"executionId": id}, true)
	if err != nil {
		return connect.Job{}, c.data.Explain(err, "tell the errors of an import")
	}
	messages := jobMessages(text)
	job := connect.Job{State: connect.JobFailed, Message: "F&O gives no reason."}
	if len(messages) > 0 {
		job.Message = messages[0].text
	}
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
