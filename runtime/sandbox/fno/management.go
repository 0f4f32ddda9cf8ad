package fno

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"
)

// typeManagement is the exception of a data management action.
const typeManagement = "Microsoft.Dynamics.Ax.Xpp.ErrorException"

// Storage is the storage account to which packages go; package blob has one.
type Storage interface {
	URL(name, permissions string) string
	Fetch(address string) (name string, err error)
	Open(name string) (*os.File, error)
	Put(name string, write func(io.Writer) error) error
}

// JobTimes are how long an execution of data management takes beyond the work
// itself.
type JobTimes struct {
	Start       time.Duration // until the batch server picks a waiting job up
	PerRow      time.Duration // of an import, of one task
	PerExported time.Duration // of a record of an export
}

var errNoManagement = errors.New("fno: data management needs Options.Storage, Now and Sleep")

// management is the data management of a twin: projects, the packages on their
// way and their executions.
type management struct {
	storage Storage
	cancel  context.CancelFunc
	ctx     context.Context
	running sync.WaitGroup

	importing sync.Mutex // held by the one call of ImportFromPackage

	mu    sync.Mutex
	fresh map[string]bool // executions that nobody has asked about yet
	files map[string]int  // error key files: how often they were asked for
}

func (m *management) on() bool { return m.storage != nil }

// openManagement makes the tables and goes on with executions that a restart
// cut off.
func (t *Twin) openManagement(ctx context.Context) error {
	if t.opts.Storage == nil {
		return nil
	}
	m := &t.management
	m.storage, m.fresh, m.files = t.opts.Storage, map[string]bool{}, map[string]int{}
	m.ctx, m.cancel = context.WithCancel(context.WithoutCancel(ctx))
	for _, statement := range []string{
		`CREATE TABLE IF NOT EXISTS "_execution_parameters" (entity TEXT PRIMARY KEY, threshold INTEGER NOT NULL, tasks INTEGER NOT NULL)`,
		`CREATE TABLE IF NOT EXISTS "_executions" (id TEXT PRIMARY KEY COLLATE NOCASE, export INTEGER NOT NULL, project TEXT NOT NULL COLLATE NOCASE,
			company TEXT NOT NULL, package TEXT NOT NULL, status TEXT NOT NULL, created TEXT NOT NULL, message TEXT NOT NULL)`,
		`CREATE TABLE IF NOT EXISTS "_execution_entities" (execution TEXT NOT NULL COLLATE NOCASE, position INTEGER NOT NULL, entity TEXT NOT NULL,
			file TEXT NOT NULL, columns TEXT NOT NULL, fail_unit INTEGER NOT NULL, next INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (execution, position))`,
		`CREATE TABLE IF NOT EXISTS "_execution_errors" (id INTEGER PRIMARY KEY, execution TEXT NOT NULL COLLATE NOCASE, entity TEXT NOT NULL,
			staging INTEGER NOT NULL, record_id TEXT NOT NULL, line TEXT NOT NULL, message TEXT NOT NULL)`,
		`CREATE INDEX IF NOT EXISTS "_execution_errors_of" ON "_execution_errors" (execution, entity)`,
	} {
		if _, err := t.db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	rows, err := t.db.QueryContext(ctx, `SELECT id FROM "_executions" WHERE status = ? OR status = ?`, statusWaits, statusExecuting)
	if err != nil {
		return err
	}
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return err
		}
		ids = append(ids, id)
	}
	for _, id := range ids {
		t.launch(id)
	}
	return rows.Err()
}

// closeManagement leaves executions where they are; the next start goes on.
func (t *Twin) closeManagement() {
	if t.management.on() {
		t.management.cancel()
		t.management.running.Wait()
	}
}

// historyKept is for how long executions can be asked about.
const historyKept = 7 * 24 * time.Hour

// purgeHistory takes away executions whose time is over.
func (t *Twin) purgeHistory(tx *transaction) error {
	before := t.opts.Now().UTC().Add(-historyKept).Format(time.RFC3339)
	for _, statement := range []string{
		`DELETE FROM "_execution_errors" WHERE execution IN (SELECT id FROM "_executions" WHERE created < ?)`,
		`DELETE FROM "_execution_entities" WHERE execution IN (SELECT id FROM "_executions" WHERE created < ?)`,
		`DELETE FROM "` + executionRowsSet + `" WHERE JobId IN (SELECT id FROM "_executions" WHERE created < ?)`,
		`DELETE FROM "` + executionsSet + `" WHERE JobId IN (SELECT id FROM "_executions" WHERE created < ?)`,
		`DELETE FROM "_executions" WHERE created < ?`,
	} {
		if _, err := tx.ExecContext(tx.ctx, statement, before); err != nil {
			return err
		}
	}
	return nil
}

// serveAction answers the actions bound to the collection of data projects.
func (t *Twin) serveAction(w http.ResponseWriter, r *http.Request, name string) error {
	if r.Method != http.MethodPost {
		return notAllowed(r)
	}
	if !t.management.on() {
		return errNoManagement
	}
	action := map[string]func(context.Context, *parameters) (any, error){
		"GetAzureWriteUrl":                  t.getWriteURL,
		"ImportFromPackage":                 t.importFromPackage,
		"ImportFromPackageAsync":            t.importFromPackage,
		"ExportToPackage":                   t.exportToPackage,
		"ExportToPackageAsync":              t.exportToPackage,
		"GetExecutionSummaryStatus":         t.executionStatus,
		"GetExecutionSummaryPageUrl":        t.executionPage(r),
		"GetExportedPackageUrl":             t.exportedPackage,
		"GetExecutionErrors":                t.executionErrors,
		"GetImportStagingErrorFileUrl":      t.stagingErrors,
		"GenerateImportTargetErrorKeysFile": t.generateErrorKeys,
		"GetImportTargetErrorKeysFileUrl":   t.errorKeys,
	}[name]
	if action == nil {
		return noResource(r, t.base(r))
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return err
	}
	p := &parameters{}
	if err := json.Unmarshal(body, &p.given); err != nil {
		return badRequest("The request body is not readable as JSON: %v.", err)
	}
	value, err := action(r.Context(), p)
	var bad *packageError
	switch {
	case p.err != nil:
		return p.err
	case errors.As(err, &bad):
		return &failure{message: bad.message, exception: typeManagement, status: http.StatusInternalServerError}
	case err != nil:
		return err
	}
	kind := "String"
	if _, ok := value.(bool); ok {
		kind = "Boolean"
	}
	writeJSON(w, http.StatusOK, struct {
		Context string `json:"@odata.context"`
		Value   any    `json:"value"`
	}{t.base(r) + "/data/$metadata#Edm." + kind, value})
	return nil
}

// parameters of an action. The first one that is missing or of another type is
// remembered.
type parameters struct {
	given map[string]json.RawMessage
	err   error
}

func (p *parameters) read(name string, into any) {
	text, ok := p.given[name]
	if !ok && p.err == nil {
		p.err = badRequest("The parameter '%s' is missing in the request payload.", name)
	}
	if ok && json.Unmarshal(text, into) != nil && p.err == nil {
		p.err = badRequest("The value of the parameter '%s' has another type than the action takes.", name)
	}
}

func (p *parameters) text(name string) (v string) { p.read(name, &v); return v }
func (p *parameters) flag(name string) (v bool)   { p.read(name, &v); return v }

// getWriteURL gives JSON inside a string, as the service does.
func (t *Twin) getWriteURL(_ context.Context, p *parameters) (any, error) {
	name := p.text("uniqueFileName")
	if p.err == nil && strings.TrimSpace(name) == "" {
		return nil, badRequest("The parameter 'uniqueFileName' is empty.")
	}
	text, err := json.Marshal(struct{ BlobId, BlobUrl string }{"{" + strings.ToUpper(t.newGUID()) + "}", t.management.storage.URL(name, "rw")}) //nolint:staticcheck // the service's names
	return string(text), err
}

func (t *Twin) importFromPackage(ctx context.Context, p *parameters) (any, error) {
	address, project, id := p.text("packageUrl"), p.text("definitionGroupId"), p.text("executionId")
	execute, overwrite, company := p.flag("execute"), p.flag("overwrite"), p.text("legalEntityId")
	if p.err != nil {
		return nil, p.err
	}
	m := &t.management
	// The documentation forbids calls that overlap, and does not say how they
	// fail.
	if !m.importing.TryLock() {
		return nil, badPackage("ImportFromPackage can't be called in parallel threads.")
	}
	defer m.importing.Unlock()
	target, err := t.project(ctx, project, false)
	if err != nil {
		return nil, err
	}
	if company, err = t.legalEntity(ctx, company); err != nil {
		return nil, err
	}
	name, err := m.storage.Fetch(address)
	if err != nil {
		return nil, badPackage("The package cannot be fetched: %v.", err)
	}
	file, err := m.storage.Open(name)
	if err != nil {
		return nil, badPackage("The package cannot be fetched: %v.", err)
	}
	defer file.Close()
	_, manifest, err := openPackage(file)
	if err != nil {
		return nil, err
	}
	work, lines, err := t.plan(target, manifest, overwrite)
	if err != nil {
		return nil, err
	}
	e := execution{id: id, project: target.Name, company: company, blob: name, status: statusWaits}
	if !execute {
		e.status = statusUploaded
	}
	return t.enqueue(ctx, &e, work, func(tx *transaction) error {
		if !overwrite {
			return nil
		}
		return setLines(tx, target.Name, lines)
	})
}

// plan gives what a package does. Without overwrite it has to fit the project.
func (t *Twin) plan(target *Project, manifest *packageManifest, overwrite bool) (work []entityWork, lines []*set, err error) {
	for i := range manifest.Entities {
		e := &manifest.Entities[i]
		s, columns, err := t.mapped(e)
		if err != nil {
			return nil, nil, err
		}
		known := overwrite
		for _, name := range target.Entities {
			known = known || name == s.EntitySet
		}
		if !known {
			return nil, nil, badPackage("The entity '%s' is not in the data project %s.", s.Label, target.Name)
		}
		lines = append(lines, s)
		if !e.Disable {
			work = append(work, entityWork{set: s, file: e.File, columns: columns, failUnit: e.FailUnit})
		}
	}
	return work, lines, nil
}

// legalEntity gives the company of a call as rows have it.
func (t *Twin) legalEntity(ctx context.Context, code string) (string, error) {
	if code == "" {
		return strings.ToLower(t.opts.DefaultCompany), nil
	}
	s := t.sets["LegalEntities"]
	if s == nil || s.byName["LegalEntityId"] == nil {
		return strings.ToLower(code), nil
	}
	var n int
	err := t.db.QueryRowContext(ctx, "SELECT count(*) FROM "+s.table+` WHERE LegalEntityId = ?`, code).Scan(&n)
	if err == nil && n == 0 {
		err = &failure{message: fmt.Sprintf("The legal entity %s does not exist.", code), exception: typeManagement}
	}
	return strings.ToLower(code), err
}

func (t *Twin) exportToPackage(ctx context.Context, p *parameters) (any, error) {
	project, name, id := p.text("definitionGroupId"), p.text("packageName"), p.text("executionId")
	again, company := p.flag("reExecute"), p.text("legalEntityId")
	if p.err != nil {
		return nil, p.err
	}
	source, err := t.project(ctx, project, true)
	if err != nil {
		return nil, err
	}
	if company, err = t.legalEntity(ctx, company); err != nil {
		return nil, err
	}
	var work []entityWork
	for _, set := range source.Entities {
		s := t.sets[set]
		w := entityWork{set: s, file: fileName(s.Label)}
		for _, f := range s.fields {
			if s.staged(f.Name) != nil {
				w.columns = append(w.columns, mapping{Field: f.Name, Column: strings.ToUpper(f.Name)})
			}
		}
		work = append(work, w)
	}
	e := execution{id: id, export: true, project: source.Name, company: company, status: statusWaits}
	if e.id == "" {
		e.id = source.Name + "-" + t.newGUID()
	}
	e.blob = e.id + "/" + strings.TrimSuffix(name, ".zip") + ".zip"
	return t.enqueue(ctx, &e, work, func(tx *transaction) error {
		if !again {
			return nil
		}
		// What a second run does to the first one is not documented.
		runs, err := tx.exists(`SELECT 1 FROM "_executions" WHERE id = ? AND (status = ? OR status = ?)`, e.id, statusWaits, statusExecuting)
		if err != nil {
			return err
		}
		if runs {
			return badPackage("The execution %s is being executed.", e.id)
		}
		return forget(tx, e.id)
	})
}

// executionStatus: right after its start the service may not find an execution
// yet. The twin does so for the first who asks.
func (t *Twin) executionStatus(ctx context.Context, p *parameters) (any, error) {
	id := p.text("executionId")
	e, err := t.execution(ctx, id)
	if err != nil {
		return nil, err
	}
	t.management.mu.Lock()
	fresh := t.management.fresh[strings.ToLower(id)]
	delete(t.management.fresh, strings.ToLower(id))
	t.management.mu.Unlock()
	if fresh {
		return nil, notExecuted(id)
	}
	return e.shown(), nil
}

func notExecuted(id string) error {
	return &failure{message: "Execution details were not found for execution id: " + id, exception: typeManagement}
}

func (t *Twin) executionPage(r *http.Request) func(context.Context, *parameters) (any, error) {
	return func(ctx context.Context, p *parameters) (any, error) {
		e, err := t.execution(ctx, p.text("executionId"))
		if err != nil {
			return nil, err
		}
		q := url.Values{"cmp": {e.company}, "mi": {"DM_DMFExecutionHistoryWorkspace"}, "executionId": {e.id}}
		return t.base(r) + "/?" + q.Encode(), nil
	}
}

func (t *Twin) exportedPackage(ctx context.Context, p *parameters) (any, error) {
	e, err := t.execution(ctx, p.text("executionId"))
	if err != nil {
		return nil, err
	}
	if !e.export || e.status != statusSucceeded {
		return "", nil
	}
	return t.management.storage.URL(e.blob, "r"), nil
}
