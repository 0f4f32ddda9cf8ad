package fno

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/dualwrite/dw/runtime/sandbox/gate"
)

// maxBody is the largest body of one operation.
const maxBody = 8 << 20

// draft is a row on its way into the table.
type draft struct {
	set     *set
	values  []any    // by field position: nil (empty), string or int64
	given   []*field // set by the request, in its order
	changed []bool   // by field position: differs from what is stored
	old     []any    // by field position, of an update; nil of a create
	recID   int64    // 0 of a create
}

func (d *draft) value(f *field) any { return d.values[f.position] }

func (d *draft) text(name string) string {
	if f := d.set.byName[name]; f != nil {
		text, _ := d.values[f.position].(string)
		return text
	}
	return ""
}

func (d *draft) put(f *field, v any) {
	if d.values[f.position] != v {
		d.values[f.position] = v
		d.changed[f.position] = d.old == nil || d.old[f.position] != v
	}
}

// key is the row's key predicate.
func (d *draft) key() string {
	var parts []string
	for _, f := range d.set.keys {
		parts = append(parts, f.Name+"="+f.keyText(d.value(f)))
	}
	return strings.Join(parts, ",")
}

// read takes the properties of a request body, which have to exist in the type.
func (d *draft) read(r *http.Request) error {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return err
	}
	if len(body) > maxBody {
		return &failure{status: http.StatusRequestEntityTooLarge, message: "The request body is too large.", exception: typeReader}
	}
	dec := jsontext.NewDecoder(bytes.NewReader(body))
	if first, err := dec.ReadToken(); err != nil || first.Kind() != '{' {
		return badRequest("The request body is not a JSON object.")
	}
	for dec.PeekKind() != '}' {
		name, err := dec.ReadToken()
		if err != nil {
			return unreadable(err)
		}
		property := name.String()
		value, err := dec.ReadValue()
		if err != nil {
			return unreadable(err)
		}
		if strings.Contains(property, "@odata.") {
			continue
		}
		f := d.set.byName[property]
		if f == nil {
			return badRequest("The property '%s' does not exist on type '%s%s'. Make sure to only use property names that are defined by the type.", property, namespace, d.set.Name)
		}
		stored, err := f.fromJSON(value)
		if err != nil {
			return err
		}
		if f.Name == companyField {
			company, _ := stored.(string)
			stored = strings.ToLower(company)
		}
		d.given = append(d.given, f)
		// A key that a body repeats in another case does not change it.
		if d.old == nil || f.AllowEdit || !f.same(d.old[f.position], stored) {
			d.put(f, stored)
		}
	}
	if _, err := dec.ReadToken(); err != nil {
		return unreadable(err)
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return badRequest("The request body holds more than one JSON value.")
	}
	return nil
}

func unreadable(err error) error {
	return badRequest("The request body is not readable as JSON: %v.", err)
}

func newDraft(s *set) *draft {
	return &draft{set: s, values: make([]any, len(s.fields)), changed: make([]bool, len(s.fields))}
}

// create answers a POST to a collection.
func (t *Twin) create(w http.ResponseWriter, q *request) error {
	d := newDraft(q.set)
	if err := d.read(q.Request); err != nil {
		return err
	}
	if f := q.set.byName[companyField]; q.set.CompanySpecific && d.text(companyField) == "" {
		d.put(f, strings.ToLower(t.opts.DefaultCompany))
	}
	var body []byte
	err := t.write(q.Context(), func(tx *transaction) error {
		if err := t.rules.onCreate(tx, d); err != nil {
			return err
		}
		t.stamp(d)
		if err := t.validate(tx, d); err != nil {
			return err
		}
		if err := t.insert(tx, d); err != nil {
			return err
		}
		tx.wrote(gate.OpCreate, d)
		var err error
		body, err = t.renderRow(tx.ctx, tx, q, &query{fields: q.set.fields, where: "rec_id = ?"}, []any{d.recID})
		return err
	})
	if err != nil {
		return err
	}
	w.Header().Set("Location", q.base+"/data/"+q.set.EntitySet+"("+url.PathEscape(d.key())+")")
	writeBody(w, http.StatusCreated, body)
	return nil
}

// stamp notes the time of a write where the entity shows it.
func (t *Twin) stamp(d *draft) {
	for _, f := range d.set.fields {
		if !f.Modified || t.opts.Now == nil {
			continue
		}
		if at, ok := f.fromTime(t.opts.Now()); ok {
			d.put(f, at)
		}
	}
}

// insert stores a new row under the next RecId with RecVersion 1.
func (t *Twin) insert(tx *transaction, d *draft) error {
	if err := d.refuseDuplicate(tx); err != nil {
		return err
	}
	columns, marks, args := []string{"rec_version"}, []string{"1"}, []any(nil)
	for _, f := range d.set.fields {
		v := d.value(f)
		if v == nil && f.key {
			v = f.emptySQL()
		}
		if v != nil {
			columns, marks, args = append(columns, f.column), append(marks, "?"), append(args, v)
		}
	}
	result, err := tx.ExecContext(tx.ctx, "INSERT INTO "+d.set.table+" ("+strings.Join(columns, ", ")+") VALUES ("+strings.Join(marks, ", ")+")", args...)
	if err != nil {
		return err
	}
	d.recID, err = result.LastInsertId()
	return err
}

// refuseDuplicate fails where another row has the draft's key.
func (d *draft) refuseDuplicate(tx *transaction) error {
	var conditions, named []string
	args := []any{d.recID}
	for _, f := range d.set.keys {
		v := d.value(f)
		if v == nil {
			v = f.emptySQL()
		}
		conditions, args = append(conditions, f.column+" = ?"), append(args, v)
		if f.Name != companyField {
			named = append(named, fmt.Sprintf("%s: %v, ", f.label, v))
		}
	}
	exists, err := tx.exists("SELECT 1 FROM "+d.set.table+" WHERE rec_id <> ? AND "+strings.Join(conditions, " AND "), args...)
	if err != nil || !exists {
		return err
	}
	verb := "create"
	if d.recID != 0 {
		verb = "edit"
	}
	var log infolog
	log.add("Info", "Cannot %s a record in %s (%s). %s.\nThe record already exists.", verb, d.set.Label, d.set.AOT, strings.Join(named, ""))
	return log.failure(d.set)
}

// exists tells whether a query has a row.
func (tx *transaction) exists(query string, args ...any) (bool, error) {
	rows, err := tx.QueryContext(tx.ctx, query+" LIMIT 1", args...)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	found := rows.Next()
	return found, rows.Err()
}

// update answers PATCH, which sets the given fields, and PUT, which empties
// the others. Neither creates a row.
func (t *Twin) update(w http.ResponseWriter, q *request) error {
	where, args, err := t.keyCondition(q)
	if err != nil {
		return err
	}
	err = t.write(q.Context(), func(tx *transaction) error {
		d, err := t.reread(tx, q, where, args)
		if err != nil {
			return err
		}
		if err := d.read(q.Request); err != nil {
			return err
		}
		if q.Method == http.MethodPut {
			d.emptyOthers()
		}
		t.rules.onWrite(d)
		t.stamp(d)
		if err := t.validate(tx, d); err != nil {
			return err
		}
		if err := t.store(tx, d); err != nil {
			return err
		}
		tx.wrote(gate.OpUpdate, d)
		return nil
	})
	if err != nil {
		return err
	}
	w.Header().Set("OData-Version", "4.0")
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// reread finds the row that a write means and checks the request's If-Match.
func (t *Twin) reread(tx *transaction, q *request, where string, args []any) (*draft, error) {
	rows, err := tx.QueryContext(tx.ctx, selectRows(q.set, &query{fields: q.set.fields, where: where})+" LIMIT 1", args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return nil, err
		}
		return nil, noResources()
	}
	d, version, err := scanDraft(q.set, rows)
	if err != nil {
		return nil, err
	}
	if !t.matches(q, version, d.recID) {
		return nil, &failure{
			status:    http.StatusPreconditionFailed,
			message:   "The request has been rejected because the ETag of the record does not match the If-Match header: the record was changed since it was read.",
			exception: typeWrite,
		}
	}
	return d, nil
}

// scanDraft takes a stored row from the result of selectRows, with its version.
func scanDraft(s *set, rows *sql.Rows) (d *draft, version int64, err error) {
	d = newDraft(s)
	dest := []any{&version, &d.recID}
	for i := range d.values {
		dest = append(dest, &d.values[i])
	}
	if err := rows.Scan(dest...); err != nil {
		return nil, 0, err
	}
	for i, v := range d.values {
		if b, ok := v.([]byte); ok {
			d.values[i] = string(b)
		}
	}
	d.old = append([]any(nil), d.values...)
	return d, version, nil
}

// matches evaluates If-Match; without the header every version matches.
func (t *Twin) matches(q *request, version, recID int64) bool {
	header := q.Header.Get("If-Match")
	if header == "" || t.opts.IgnoreConditions {
		return true
	}
	current := etag(q.set, version, recID)
	for tag := range strings.SplitSeq(header, ",") {
		if tag = strings.TrimSpace(tag); tag == "*" || tag == current {
			return true
		}
	}
	return false
}

// emptyOthers sets what a PUT does not name.
func (d *draft) emptyOthers() {
	given := map[*field]bool{}
	for _, f := range d.given {
		given[f] = true
	}
	for _, f := range d.set.fields {
		if !given[f] && !f.key && f.AllowEdit {
			d.put(f, nil)
		}
	}
}

// store writes the changed fields under a new, random RecVersion.
func (t *Twin) store(tx *transaction, d *draft) error {
	version, err := t.random32()
	if err != nil {
		return err
	}
	assignments, args := []string{"rec_version = ?"}, []any{version}
	rekeyed := false
	for _, f := range d.set.fields {
		if !d.changed[f.position] {
			continue
		}
		v := d.value(f)
		if f.key {
			rekeyed = true
			if v == nil {
				v = f.emptySQL()
			}
		}
		assignments, args = append(assignments, f.column+" = ?"), append(args, v)
	}
	if rekeyed {
		if err := d.refuseDuplicate(tx); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(tx.ctx, "UPDATE "+d.set.table+" SET "+strings.Join(assignments, ", ")+" WHERE rec_id = ?", append(args, d.recID)...)
	return err
}

// delete answers a DELETE.
func (t *Twin) delete(w http.ResponseWriter, q *request) error {
	where, args, err := t.keyCondition(q)
	if err != nil {
		return err
	}
	err = t.write(q.Context(), func(tx *transaction) error {
		d, err := t.reread(tx, q, where, args)
		if err != nil {
			return err
		}
		return t.deleteRow(tx, d)
	})
	if err != nil {
		return err
	}
	w.Header().Set("OData-Version", "4.0")
	w.WriteHeader(http.StatusNoContent)
	return nil
}
