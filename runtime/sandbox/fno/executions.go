package fno

import (
	"context"
	"database/sql"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/dualwrite/dw/runtime/sandbox/gate"
)

// The statuses of an execution.
const (
	statusUploaded  = "Uploaded" // never executed; shown as waiting
	statusWaits     = "NotRun"
	statusExecuting = "Executing"
	statusSucceeded = "Succeeded"
	statusPartly    = "PartiallySucceeded"
	statusFailed    = "Failed"
)

// chunk is how many rows one transaction of an execution writes.
const chunk = 100

// execution is one run of a project.
type execution struct {
	id      string
	export  bool
	project string
	company string // lower case
	blob    string
	status  string
	message string // why it failed as a whole
}

func (e *execution) shown() string {
	if e.status == statusUploaded {
		return statusWaits
	}
	return e.status
}

// entityWork is what an execution does with one entity.
type entityWork struct {
	position int
	set      *set
	file     string
	columns  []mapping
	failUnit bool
	next     int // rows that were done
}

func (w *entityWork) fields() []*field {
	out := make([]*field, len(w.columns))
	for i, m := range w.columns {
		out[i] = w.set.byName[m.Field]
	}
	return out
}

// enqueue stores an execution and starts it where it is to run.
func (t *Twin) enqueue(ctx context.Context, e *execution, work []entityWork, before func(*transaction) error) (any, error) {
	if e.id == "" {
		e.id = e.project + "-" + t.newGUID()
	}
	err := t.write(ctx, func(tx *transaction) error {
		if err := t.purgeHistory(tx); err != nil {
			return err
		}
		if !e.export {
			busy, err := tx.exists(`SELECT 1 FROM "_executions" WHERE export = 0 AND project = ? AND (status = ? OR status = ?)`, e.project, statusWaits, statusExecuting)
			if err != nil {
				return err
			}
			if busy {
				return badPackage("ImportFromPackage can't be called in parallel threads: the data project %s is being executed.", e.project)
			}
		}
		if err := before(tx); err != nil {
			return err
		}
		taken, err := tx.exists(`SELECT 1 FROM "_executions" WHERE id = ?`, e.id)
		if err != nil {
			return err
		}
		if taken {
			return badPackage("The execution id %s already exists.", e.id)
		}
		return t.record(tx, e, work)
	})
	if err != nil {
		return nil, err
	}
	t.management.mu.Lock()
	t.management.fresh[strings.ToLower(e.id)] = true
	t.management.mu.Unlock()
	if e.status == statusWaits {
		t.launch(e.id)
	}
	return e.id, nil
}

func (t *Twin) record(tx *transaction, e *execution, work []entityWork) error {
	_, err := tx.ExecContext(tx.ctx, `INSERT INTO "_executions" (id, export, project, company, package, status, created, message) VALUES (?, ?, ?, ?, ?, ?, ?, '')`,
		e.id, truth(e.export), e.project, e.company, e.blob, e.status, t.opts.Now().UTC().Format(time.RFC3339))
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(tx.ctx, `INSERT INTO "`+executionsSet+`" (rec_version, JobId, DefinitionGroupId, Company) VALUES (1, ?, ?, ?)`, e.id, e.project, e.company); err != nil {
		return err
	}
	for i, w := range work {
		columns, err := json.Marshal(w.columns)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(tx.ctx, `INSERT INTO "_execution_entities" (execution, position, entity, file, columns, fail_unit) VALUES (?, ?, ?, ?, ?, ?)`,
			e.id, i, w.set.EntitySet, w.file, string(columns), truth(w.failUnit)); err != nil {
			return err
		}
		if _, err := tx.ExecContext(tx.ctx, `INSERT INTO "`+executionRowsSet+`" (rec_version, JobId, EntityName, StagingStatus, TargetStatus,
			StagingRecordsToBeProcessedCount, TargetRecordsCreatedCount, TargetRecordsUpdatedCount) VALUES (1, ?, ?, 'NotRun', 'NotRun', 0, 0, 0)`, e.id, w.set.Label); err != nil {
			return err
		}
	}
	return nil
}

// forget takes an execution away that is to run again.
func forget(tx *transaction, id string) error {
	for _, statement := range []string{
		`DELETE FROM "_execution_errors" WHERE execution = ?`, `DELETE FROM "_execution_entities" WHERE execution = ?`,
		`DELETE FROM "` + executionRowsSet + `" WHERE JobId = ?`, `DELETE FROM "` + executionsSet + `" WHERE JobId = ?`,
		`DELETE FROM "_executions" WHERE id = ?`,
	} {
		if _, err := tx.ExecContext(tx.ctx, statement, id); err != nil {
			return err
		}
	}
	return nil
}

// execution finds an execution by its id.
func (t *Twin) execution(ctx context.Context, id string) (*execution, error) {
	e := &execution{}
	err := t.db.QueryRowContext(ctx, `SELECT id, export, project, company, package, status, message FROM "_executions" WHERE id = ?`, id).
		Scan(&e.id, &e.export, &e.project, &e.company, &e.blob, &e.status, &e.message)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, notExecuted(id)
	}
	return e, err
}

func (t *Twin) work(ctx context.Context, id string) ([]entityWork, error) {
	rows, err := t.db.QueryContext(ctx, `SELECT position, entity, file, columns, fail_unit, next FROM "_execution_entities" WHERE execution = ? ORDER BY position`, id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []entityWork
	for rows.Next() {
		var w entityWork
		var entity, columns string
		if err := rows.Scan(&w.position, &entity, &w.file, &columns, &w.failUnit, &w.next); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(columns), &w.columns); err != nil {
			return nil, err
		}
		if w.set = t.sets[entity]; w.set == nil {
			return nil, fmt.Errorf("there is no entity set %q", entity)
		}
		out = append(out, w)
	}
	return out, rows.Err()
}

// launch runs an execution beside the requests, after the time that the batch
// server takes to pick it up.
func (t *Twin) launch(id string) {
	m := &t.management
	due := t.opts.Now().Add(t.opts.Jobs.Start)
	m.running.Go(func() {
		t.opts.Sleep(m.ctx, due.Sub(t.opts.Now()))
		if m.ctx.Err() != nil {
			return
		}
		status, message := statusFailed, ""
		err := t.run(m.ctx, id, &status)
		if m.ctx.Err() != nil {
			return // the next start goes on
		}
		if err != nil {
			status, message = statusFailed, err.Error()
		}
		// An error here leaves the execution to the next start.
		_ = t.setStatus(m.ctx, id, status, message)
	})
}

func (t *Twin) setStatus(ctx context.Context, id, status, message string) error {
	return t.write(ctx, func(tx *transaction) error {
		_, err := tx.ExecContext(tx.ctx, `UPDATE "_executions" SET status = ?, message = ? WHERE id = ?`, status, message, id)
		return err
	})
}

// run carries an execution out and says how it ended.
func (t *Twin) run(ctx context.Context, id string, status *string) error {
	e, err := t.execution(ctx, id)
	if err != nil {
		return err
	}
	if err := t.setStatus(ctx, id, statusExecuting, ""); err != nil {
		return err
	}
	work, err := t.work(ctx, id)
	if err != nil {
		return err
	}
	if e.export {
		*status = statusSucceeded
		return t.export(ctx, e, work)
	}
	if err := t.importAll(ctx, e, work); err != nil {
		return err
	}
	var good, bad int64
	err = t.db.QueryRowContext(ctx, `SELECT coalesce(sum(TargetRecordsCreatedCount + TargetRecordsUpdatedCount), 0),
		(SELECT count(*) FROM "_execution_errors" WHERE execution = ?1) FROM "`+executionRowsSet+`" WHERE JobId = ?1`, id).Scan(&good, &bad)
	switch {
	case err != nil:
		return err
	case bad == 0:
		*status = statusSucceeded
	case good > 0:
		*status = statusPartly
	}
	return nil
}

func (t *Twin) importAll(ctx context.Context, e *execution, work []entityWork) error {
	file, err := t.management.storage.Open(e.blob)
	if err != nil {
		return err
	}
	defer file.Close()
	z, _, err := openPackage(file)
	if err != nil {
		return err
	}
	for i := range work {
		rows, err := openTable(z, work[i].file, work[i].columns)
		if err != nil {
			return err
		}
		failed, err := t.importEntity(ctx, e, &work[i], rows)
		rows.close()
		if err != nil || failed && work[i].failUnit {
			return err
		}
	}
	return nil
}

// importEntity writes the rows of one entity, a chunk a transaction, which also
// notes how far it came.
func (t *Twin) importEntity(ctx context.Context, e *execution, w *entityWork, rows *table) (failed bool, err error) {
	fields := w.fields()
	for range w.next {
		if _, err := rows.next(); err != nil {
			return false, badPackage("The file %s cannot be read: %v.", w.file, err)
		}
	}
	for done := false; !done; {
		if err := ctx.Err(); err != nil {
			return failed, err
		}
		var batch [][]string
		for len(batch) < chunk && !done {
			row, err := rows.next()
			if errors.Is(err, io.EOF) {
				done = true
				break
			}
			if err != nil {
				return failed, badPackage("The file %s cannot be read: %v.", w.file, err)
			}
			batch = append(batch, row)
		}
		err := t.write(ctx, func(tx *transaction) error {
			created, updated, bad, err := t.importChunk(tx, e, w, fields, batch)
			if err != nil {
				return err
			}
			failed = failed || bad
			return w.advance(tx, e.id, len(batch), created, updated, done, failed)
		})
		if err != nil {
			return failed, err
		}
		tasks, err := t.tasks(ctx, w.set, int64(w.next))
		if err != nil {
			return failed, err
		}
		if d := t.opts.Jobs.PerRow; d > 0 {
			t.opts.Sleep(ctx, time.Duration(len(batch))*d/time.Duration(tasks))
		}
	}
	return failed, nil
}

// advance notes how far the work on an entity came.
func (w *entityWork) advance(tx *transaction, id string, rows, created, updated int, done, failed bool) error {
	w.next += rows
	if _, err := tx.ExecContext(tx.ctx, `UPDATE "_execution_entities" SET next = ? WHERE execution = ? AND position = ?`, w.next, id, w.position); err != nil {
		return err
	}
	staging, target := "Executing", "Executing"
	if done {
		staging, target = "Finished", "Finished"
		if failed {
			target = "Error"
		}
	}
	_, err := tx.ExecContext(tx.ctx, `UPDATE "`+executionRowsSet+`" SET StagingStatus = ?, TargetStatus = ?,
		StagingRecordsToBeProcessedCount = StagingRecordsToBeProcessedCount + ?, TargetRecordsCreatedCount = TargetRecordsCreatedCount + ?,
		TargetRecordsUpdatedCount = TargetRecordsUpdatedCount + ? WHERE JobId = ? AND EntityName = ?`, staging, target, rows, created, updated, id, w.set.Label)
	return err
}

func (t *Twin) importChunk(tx *transaction, e *execution, w *entityWork, fields []*field, batch [][]string) (created, updated int, failed bool, err error) {
	for _, row := range batch {
		var fail *failure
		isNew, staging, err := t.importRow(tx, e.company, w.set, fields, row)
		switch {
		case errors.As(err, &fail):
			failed = true
			if err := t.noteError(tx, e.id, w, fields, row, staging, fail.message); err != nil {
				return created, updated, failed, err
			}
		case err != nil:
			return created, updated, failed, err
		case isNew:
			created++
		default:
			updated++
		}
	}
	return created, updated, failed, nil
}

// importRow creates or updates the record that a row of a file names, under the
// rules of every other write. A *failure is the row's own fault; staging says
// that it did not come as far as the record.
func (t *Twin) importRow(tx *transaction, company string, s *set, fields []*field, row []string) (created, staging bool, err error) {
	values := make([]any, len(fields))
	for i, f := range fields {
		v, ok := f.fromFile(row[i])
		if !ok {
			return false, true, &failure{message: fmt.Sprintf("The value '%s' of the field '%s' cannot be converted.", row[i], f.label)}
		}
		values[i] = v
	}
	d, err := t.rowToWrite(tx, company, s, fields, values)
	if err != nil {
		return false, false, err
	}
	created = d.old == nil
	for i, f := range fields {
		d.given = append(d.given, f)
		if d.old == nil || f.AllowEdit || !f.same(d.old[f.position], values[i]) {
			d.put(f, values[i])
		}
	}
	if created {
		if err := t.rules.onCreate(tx, d); err != nil {
			return created, false, err
		}
	} else {
		t.rules.onWrite(d)
	}
	t.stamp(d)
	if err := t.validate(tx, d); err != nil {
		return created, false, err
	}
	if created {
		if err := t.insert(tx, d); err != nil {
			return created, false, err
		}
		tx.wrote(gate.OpCreate, d)
		return created, false, nil
	}
	if err := t.store(tx, d); err != nil {
		return created, false, err
	}
	tx.wrote(gate.OpUpdate, d)
	return created, false, nil
}

// rowToWrite finds the record with the key of a row, or begins a new one.
func (t *Twin) rowToWrite(tx *transaction, company string, s *set, fields []*field, values []any) (*draft, error) {
	fresh := newDraft(s)
	if s.CompanySpecific {
		fresh.put(s.byName[companyField], company)
	}
	var conditions []string
	var args []any
	for _, f := range s.keys {
		v := fresh.value(f)
		for i, other := range fields {
			if other == f {
				v = values[i]
			}
		}
		if v == nil {
			v = f.emptySQL()
		}
		conditions, args = append(conditions, f.column+" = ?"), append(args, v)
	}
	rows, err := tx.QueryContext(tx.ctx, selectRows(s, &query{fields: s.fields, where: strings.Join(conditions, " AND ")})+" LIMIT 1", args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	if !rows.Next() {
		return fresh, rows.Err()
	}
	d, _, err := scanDraft(s, rows)
	return d, err
}

// noteError keeps what a row failed with. Of a row that did not come as far as
// the record the whole line is kept, of others the key.
func (t *Twin) noteError(tx *transaction, id string, w *entityWork, fields []*field, row []string, staging bool, message string) error {
	var key []string
	for _, f := range w.set.keys {
		for i, other := range fields {
			if other == f {
				key = append(key, row[i])
			}
		}
	}
	kept := key
	if staging {
		kept = row
	}
	var line strings.Builder
	c := csv.NewWriter(&line)
	if err := c.Write(kept); err != nil {
		return err
	}
	c.Flush()
	_, err := tx.ExecContext(tx.ctx, `INSERT INTO "_execution_errors" (execution, entity, staging, record_id, line, message) VALUES (?, ?, ?, ?, ?, ?)`,
		id, w.set.EntitySet, truth(staging), strings.Join(key, "-"), line.String(), message)
	return err
}
