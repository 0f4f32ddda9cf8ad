package fno

import (
	"archive/zip"
	"bufio"
	"context"
	"database/sql"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"io"
	"strings"
	"time"
)

// export writes the package of an execution.
func (t *Twin) export(ctx context.Context, e *execution, work []entityWork) error {
	return t.management.storage.Put(e.blob, func(to io.Writer) error {
		z := zip.NewWriter(to)
		manifest := packageManifest{Project: e.project}
		for i := range work {
			w := &work[i]
			entry := packageEntity{
				Refresh: "FullPush", Label: w.set.Label, Unit: 1, Level: 1, Sequence: i + 1, File: w.file, SourceFormat: sourceFormat, Target: w.set.AOT,
			}
			for n, m := range w.columns {
				entry.Fields = append(entry.Fields, packageMap{Index: n, Field: strings.ToUpper(m.Field), Column: m.Column})
			}
			manifest.Entities = append(manifest.Entities, entry)
			file, err := z.Create(w.file)
			if err != nil {
				return err
			}
			n, err := t.exportEntity(ctx, e, w, file)
			if err != nil {
				return err
			}
			if d := t.opts.Jobs.PerExported; d > 0 {
				t.opts.Sleep(ctx, time.Duration(n)*d)
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := t.write(ctx, func(tx *transaction) error { return w.advance(tx, e.id, n-w.next, 0, 0, true, false) }); err != nil {
				return err
			}
		}
		for name, document := range map[string]any{
			manifestName: manifest,
			headerName:   packageHeader{Description: e.project, ManifestType: manifestType, PackageType: "DefinitionGroup", Version: 2},
		} {
			text, err := xml.Marshal(document)
			if err != nil {
				return err
			}
			file, err := z.Create(name)
			if err != nil {
				return err
			}
			if _, err := file.Write(toUTF16(`<?xml version="1.0" encoding="utf-16"?>` + string(text))); err != nil {
				return err
			}
		}
		return z.Close()
	})
}

// exportParts is in how many passes the records of an entity are written. The
// documentation names no order, so that theirs is none that a client could come
// to rely on: not that of the key, nor that in which they were created.
const exportParts = 3

// exportEntity writes the records of an entity as they are at one moment.
func (t *Twin) exportEntity(ctx context.Context, e *execution, w *entityWork, to io.Writer) (n int, err error) {
	out := bufio.NewWriterSize(to, 64<<10)
	head := make([]string, len(w.columns))
	for i, m := range w.columns {
		head[i] = m.Column
	}
	line := appendLine(nil, head)
	if _, err := out.Write(line); err != nil {
		return 0, err
	}
	fields := w.fields()
	asked := &query{fields: fields, where: "1"}
	var args []any
	if w.set.CompanySpecific {
		asked.where, args = companyCondition, []any{e.company}
	}
	asked.where += " AND rec_id % ? = ?"
	tx, err := t.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return 0, err
	}
	defer tx.Rollback() // it has only read
	values, dest := make([]any, len(fields)+2), make([]any, len(fields)+2)
	for i := range values {
		dest[i] = &values[i]
	}
	cells := make([]string, len(fields))
	for part := range exportParts {
		rows, err := tx.QueryContext(ctx, selectRows(w.set, asked)+" ORDER BY rec_id DESC", append(args[:len(args):len(args)], exportParts, part)...)
		if err != nil {
			return n, err
		}
		defer rows.Close()
		for ; rows.Next(); n++ {
			if err := rows.Scan(dest...); err != nil {
				return n, err
			}
			for i, f := range fields {
				cells[i] = f.toFile(values[i+2])
			}
			line = appendLine(line[:0], cells)
			if _, err := out.Write(line); err != nil {
				return n, err
			}
		}
		if err := rows.Err(); err != nil {
			return n, err
		}
	}
	return n, out.Flush()
}

// appendLine writes a row of a file: texts as they are, between quotes where
// they hold what separates columns and rows. The standard library's writer
// changes the line ends inside them.
func appendLine(out []byte, cells []string) []byte {
	for i, c := range cells {
		if i > 0 {
			out = append(out, ',')
		}
		if !strings.ContainsAny(c, ",\"\r\n") && !(len(cells) == 1 && c == "") {
			out = append(out, c...)
			continue
		}
		out = append(append(append(out, '"'), strings.ReplaceAll(c, `"`, `""`)...), '"')
	}
	return append(out, "\r\n"...)
}

// maxMessages is how many errors the service tells in one text.
const maxMessages = 1000

// executionErrors gives a list as JSON inside a string. What its elements are is
// not documented; these are the columns of the page with the same name.
func (t *Twin) executionErrors(ctx context.Context, p *parameters) (any, error) {
	e, err := t.execution(ctx, p.text("executionId"))
	if err != nil {
		return nil, err
	}
	type entry struct {
		RecordID string `json:"RecordId"`
		Field    string
		Message  string `json:"ErrorMessage"`
	}
	list := []entry{}
	if e.message != "" {
		list = append(list, entry{Message: e.message})
	}
	rows, err := t.db.QueryContext(ctx, `SELECT record_id, message FROM "_execution_errors" WHERE execution = ? ORDER BY id LIMIT ?`, e.id, maxMessages)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var one entry
		if err := rows.Scan(&one.RecordID, &one.Message); err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	text, err := json.Marshal(list)
	return string(text), err
}

// entityOf gives the part of an execution that the call names by the entity's
// label.
func (t *Twin) entityOf(ctx context.Context, p *parameters) (*execution, *entityWork, error) {
	id, label := p.text("executionId"), p.text("entityName")
	e, err := t.execution(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	work, err := t.work(ctx, e.id)
	if err != nil {
		return nil, nil, err
	}
	for i := range work {
		if strings.EqualFold(work[i].set.Label, label) {
			return e, &work[i], nil
		}
	}
	return nil, nil, badRequest("The entity '%s' is not part of the execution %s.", label, e.id)
}

// lines writes the kept lines of the rows that failed, under the names of some
// columns, to a blob.
func (t *Twin) lines(ctx context.Context, e *execution, w *entityWork, staging bool, columns []string, blob string) (n int, err error) {
	err = t.management.storage.Put(blob, func(to io.Writer) error {
		out := csv.NewWriter(to)
		if err := out.Write(columns); err != nil {
			return err
		}
		out.Flush()
		if err := out.Error(); err != nil {
			return err
		}
		rows, err := t.db.QueryContext(ctx, `SELECT line FROM "_execution_errors" WHERE execution = ? AND entity = ? AND staging = ? ORDER BY id`, e.id, w.set.EntitySet, truth(staging))
		if err != nil {
			return err
		}
		defer rows.Close()
		for ; rows.Next(); n++ {
			var line string
			if err := rows.Scan(&line); err != nil {
				return err
			}
			if _, err := io.WriteString(to, line); err != nil {
				return err
			}
		}
		return rows.Err()
	})
	return n, err
}

func (t *Twin) stagingErrors(ctx context.Context, p *parameters) (any, error) {
	e, w, err := t.entityOf(ctx, p)
	if err != nil {
		return nil, err
	}
	var columns []string
	for _, m := range w.columns {
		columns = append(columns, m.Column)
	}
	blob := e.id + "/" + w.file + ".staging.csv"
	n, err := t.lines(ctx, e, w, true, columns, blob)
	if err != nil || n == 0 {
		return "", err
	}
	return t.management.storage.URL(blob, "r"), nil
}

func errorKeysBlob(e *execution, w *entityWork) string { return e.id + "/" + w.file + ".keys.csv" }

// generateErrorKeys begins a file with the keys of the rows that failed on
// their way to the record.
func (t *Twin) generateErrorKeys(ctx context.Context, p *parameters) (any, error) {
	e, w, err := t.entityOf(ctx, p)
	if err != nil {
		return nil, err
	}
	var columns []string
	for _, f := range w.set.keys {
		for _, m := range w.columns {
			if m.Field == f.Name {
				columns = append(columns, m.Column)
			}
		}
	}
	n, err := t.lines(ctx, e, w, false, columns, errorKeysBlob(e, w))
	if err != nil || n == 0 {
		return false, err
	}
	t.management.mu.Lock()
	defer t.management.mu.Unlock()
	t.management.files[errorKeysBlob(e, w)] = 0
	return true, nil
}

// errorKeys gives nothing while the file is being made: to the first who asks.
func (t *Twin) errorKeys(ctx context.Context, p *parameters) (any, error) {
	e, w, err := t.entityOf(ctx, p)
	if err != nil {
		return nil, err
	}
	t.management.mu.Lock()
	defer t.management.mu.Unlock()
	asked, made := t.management.files[errorKeysBlob(e, w)]
	if !made {
		return "", nil
	}
	t.management.files[errorKeysBlob(e, w)] = asked + 1
	if asked == 0 {
		return "", nil
	}
	return t.management.storage.URL(errorKeysBlob(e, w), "r"), nil
}
