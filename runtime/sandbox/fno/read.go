package fno

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/dualwrite/dw/runtime/sandbox/gate"
	"github.com/dualwrite/dw/runtime/sandbox/odata"
)

// query is what a read asks for.
type query struct {
	fields []*field
	narrow string // "(a,b)" in the context where $select is given
	where  string // never empty
	args   []any
	order  string // terms with a comma behind them, or ""
	skip   int
	top    int // -1 none
	count  bool
}

// parseQuery reads the options of a collection.
func (t *Twin) parseQuery(q *request) (*query, error) {
	out := &query{fields: q.set.fields, where: "1", top: -1}
	for name := range q.options {
		switch name {
		case "$filter", "$orderby", "$select", "$top", "$skip", "$count", "$format":
		case "$expand":
			return nil, badRequest("The query specified in the URI is not valid. Parsing OData Select and Expand failed: the type '%s%s' of the twin has no navigation property to expand.", namespace, q.set.Name)
		default:
			if strings.HasPrefix(name, "$") {
				return nil, badRequest("The query parameter '%s' is not supported.", name)
			}
		}
	}
	if q.set.CompanySpecific && !q.crossCompany() {
		out.where = companyCondition
		out.args = append(out.args, t.opts.DefaultCompany)
	}
	if err := out.filter(q); err != nil {
		return nil, err
	}
	if err := out.selection(q); err != nil {
		return nil, err
	}
	if text, ok := q.options["$orderby"]; ok {
		orders, err := odata.ParseOrderBy(text)
		if err != nil {
			return nil, err
		}
		terms, err := odata.OrderSQL(orders, q.set)
		if err != nil {
			return nil, err
		}
		out.order = terms + ", "
	}
	var err error
	if out.skip, err = wholeNumber(q, "$skip", 0); err != nil {
		return nil, err
	}
	if out.top, err = wholeNumber(q, "$top", -1); err != nil {
		return nil, err
	}
	switch text := q.options["$count"]; text {
	case "", "false":
	case "true":
		out.count = true
	default:
		return nil, badRequest("Invalid value '%s' for $count query option found. Valid values are 'true' and 'false'.", text)
	}
	return out, nil
}

const companyCondition = `"` + companyField + `" = ?`

func (out *query) filter(q *request) error {
	text, ok := q.options["$filter"]
	if !ok {
		return nil
	}
	node, err := odata.ParseFilter(text)
	if err != nil {
		return err
	}
	where, args, err := odata.SQL(node, q.set, odata.FnO)
	if err != nil {
		return err
	}
	out.where += " AND (" + where + ")"
	out.args = append(out.args, args...)
	return nil
}

func (out *query) selection(q *request) error {
	text, ok := q.options["$select"]
	if !ok {
		return nil
	}
	names, err := odata.ParseSelect(text)
	if err != nil {
		return err
	}
	if slices.Contains(names, "*") {
		return nil
	}
	out.fields = nil
	for _, name := range names {
		f := q.set.byName[name]
		if f == nil {
			return &propertyError{name: name, typeName: q.set.Name}
		}
		out.fields = append(out.fields, f)
	}
	out.narrow = "(" + strings.Join(names, ",") + ")"
	return nil
}

func wholeNumber(q *request, option string, absent int) (int, error) {
	text, ok := q.options[option]
	if !ok {
		return absent, nil
	}
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil || n < 0 {
		return 0, badRequest("Invalid value '%s' for %s query option found. The %s query option requires a non-negative integer value.", text, option, option)
	}
	return int(n), nil
}

// readPage answers a collection: one page of it, with a link to the next by
// offset. Pages are not a snapshot, as on the real service.
func (t *Twin) readPage(w http.ResponseWriter, q *request) error {
	asked, err := t.parseQuery(q)
	if err != nil {
		return err
	}
	body := fmt.Appendf(nil, `{"@odata.context":%s`, quoted(q.base+"/data/$metadata#"+q.set.EntitySet+asked.narrow))
	if asked.count {
		n, err := t.count(q.Context(), q.set, asked)
		if err != nil {
			return err
		}
		body = fmt.Appendf(body, `,"@odata.count":%d`, n)
	}
	limit := t.opts.PageSize
	if asked.top >= 0 {
		limit = min(limit, asked.top)
	}
	// One row beyond the page tells whether there is another page.
	rows, err := t.db.QueryContext(q.Context(), selectRows(q.set, asked)+
		fmt.Sprintf(" ORDER BY %srec_id LIMIT %d OFFSET %d", asked.order, limit+1, asked.skip), asked.args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	body = append(body, `,"value":[`...)
	renderer := newRenderer(q.set, asked.fields)
	n := 0
	for ; n < limit && rows.Next(); n++ {
		if n > 0 {
			body = append(body, ',')
		}
		body = append(body, '{')
		if body, err = renderer.appendRow(body, rows); err != nil {
			return err
		}
		body = append(body, '}')
	}
	more := n == limit && rows.Next()
	if err := rows.Err(); err != nil {
		return err
	}
	body = append(body, ']')
	if more && (asked.top < 0 || asked.top > n) {
		body = fmt.Appendf(body, `,"@odata.nextLink":%s`, quoted(nextLink(q, asked, n)))
	}
	gate.Note(q.Context()).AddRows(n)
	writeBody(w, http.StatusOK, append(body, '}'))
	return nil
}

// nextLink is the request's own address with the offset moved on.
func nextLink(q *request, asked *query, n int) string {
	var kept []string
	for part := range strings.SplitSeq(q.URL.RawQuery, "&") {
		name, _, _ := strings.Cut(part, "=")
		if decoded, err := url.QueryUnescape(name); err == nil {
			name = decoded
		}
		if part != "" && name != "$skip" && name != "$top" {
			kept = append(kept, part)
		}
	}
	kept = append(kept, fmt.Sprintf("$skip=%d", asked.skip+n))
	if asked.top >= 0 {
		kept = append(kept, fmt.Sprintf("$top=%d", asked.top-n))
	}
	return q.base + q.URL.EscapedPath() + "?" + strings.Join(kept, "&")
}

func (t *Twin) count(ctx context.Context, s *set, asked *query) (int64, error) {
	var n int64
	err := t.db.QueryRowContext(ctx, "SELECT count(*) FROM "+s.table+" WHERE "+asked.where, asked.args...).Scan(&n)
	return n, err
}

// countRows answers /Set/$count with a bare number.
func (t *Twin) countRows(w http.ResponseWriter, q *request) error {
	asked, err := t.parseQuery(q)
	if err != nil {
		return err
	}
	n, err := t.count(q.Context(), q.set, asked)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/plain")
	w.Header().Set("OData-Version", "4.0")
	_, _ = w.Write(strconv.AppendInt(nil, n, 10)) // a client that is gone cannot be told
	return nil
}

// readRow answers a GET by key.
func (t *Twin) readRow(w http.ResponseWriter, q *request) error {
	asked, err := t.parseQuery(q)
	if err != nil {
		return err
	}
	where, args, err := t.keyCondition(q)
	if err != nil {
		return err
	}
	asked.where += " AND " + where
	body, err := t.renderRow(q.Context(), t.db, q, asked, append(asked.args, args...))
	if err != nil {
		return err
	}
	gate.Note(q.Context()).AddRows(1)
	writeBody(w, http.StatusOK, body)
	return nil
}

// renderRow gives one row as the answer of a single entity.
func (t *Twin) renderRow(ctx context.Context, db queryer, q *request, asked *query, args []any) ([]byte, error) {
	rows, err := db.QueryContext(ctx, selectRows(q.set, asked)+" LIMIT 1", args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	if !rows.Next() {
		return nil, errors.Join(rows.Err(), errRowNotFound)
	}
	body := fmt.Appendf(nil, `{"@odata.context":%s,`, quoted(q.base+"/data/$metadata#"+q.set.EntitySet+asked.narrow+"/$entity"))
	body, err = newRenderer(q.set, asked.fields).appendRow(body, rows)
	return append(body, '}'), err
}

// keyCondition translates the request's key predicate and company scope. Each
// key property has to be named; anything else is no route.
func (t *Twin) keyCondition(q *request) (where string, args []any, err error) {
	parts, err := odata.ParseKey(q.key)
	if err != nil || len(parts) != len(q.set.keys) {
		return "", nil, noRoute()
	}
	var conditions []string
	for _, f := range q.set.keys {
		i := slices.IndexFunc(parts, func(p odata.KeyPart) bool { return p.Name == f.Name })
		if i < 0 {
			return "", nil, noRoute()
		}
		value, ok := f.keyValue(parts[i].Value)
		if !ok {
			return "", nil, noRoute()
		}
		conditions = append(conditions, f.column+" = ?")
		args = append(args, value)
	}
	if q.set.CompanySpecific && !q.crossCompany() {
		conditions = append(conditions, companyCondition)
		args = append(args, t.opts.DefaultCompany)
	}
	return strings.Join(conditions, " AND "), args, nil
}

// keyValue gives the stored form of a literal in a key predicate.
func (f *field) keyValue(lit odata.Literal) (any, bool) {
	switch f.kind {
	case kindString:
		return strings.TrimRight(lit.Text, " "), lit.Kind == odata.String
	case kindInt32, kindInt64:
		n, err := strconv.ParseInt(lit.Text, 10, 64)
		return n, err == nil && lit.Kind == odata.Numeral
	case kindDecimal:
		d, ok := canonicalDecimal(lit.Text)
		return d, ok && lit.Kind == odata.Numeral
	case kindDate, kindDateTime:
		stored, ok := f.fromTime(lit.Time)
		return stored, ok && (lit.Kind == odata.DateTimeLiteral || lit.Kind == odata.DateLiteral)
	case kindGUID:
		return lit.Text, lit.Kind == odata.GUIDLiteral
	case kindBoolean:
		return truth(lit.Text == "true"), lit.Kind == odata.Boolean
	case kindEnum:
		symbol, known := f.enum.bySQL[lit.Text]
		return symbol, known && lit.Kind == odata.EnumLiteral && lit.Type == f.typeName()
	}
	return nil, false
}

// selectRows selects what a renderer reads, without order and limit.
func selectRows(s *set, asked *query) string {
	var b strings.Builder
	b.WriteString("SELECT rec_version, rec_id")
	for _, f := range asked.fields {
		b.WriteString(", ")
		b.WriteString(f.column)
	}
	b.WriteString(" FROM " + s.table + " WHERE " + asked.where)
	return b.String()
}

// renderer writes rows as JSON straight from the database's bytes: a page has
// up to millions of values.
type renderer struct {
	set    *set
	fields []*field
	raw    []sql.RawBytes
	dest   []any
}

func newRenderer(s *set, fields []*field) *renderer {
	r := &renderer{set: s, fields: fields, raw: make([]sql.RawBytes, len(fields)+2)}
	for i := range r.raw {
		r.dest = append(r.dest, &r.raw[i])
	}
	return r
}

// appendRow writes the members of the row at hand, without braces.
func (r *renderer) appendRow(out []byte, rows *sql.Rows) ([]byte, error) {
	if err := rows.Scan(r.dest...); err != nil {
		return out, err
	}
	version, err := strconv.ParseInt(string(r.raw[0]), 10, 64)
	if err != nil {
		return out, fmt.Errorf("the stored rec_version '%s' is not a number", r.raw[0])
	}
	id, err := strconv.ParseInt(string(r.raw[1]), 10, 64)
	if err != nil {
		return out, fmt.Errorf("the stored rec_id '%s' is not a number", r.raw[1])
	}
	out = append(out, `"@odata.etag":"W/\"`...)
	out = appendETag(out, r.set, version, id)
	out = append(out, `\""`...)
	for i, f := range r.fields {
		out = append(out, ',')
		out = append(out, f.jsonName...)
		if out, err = f.appendJSON(out, r.raw[i+2]); err != nil {
			return out, err
		}
	}
	return out, nil
}

// appendETag writes the base64 of the pairs RecVersion,RecId of the entity's
// data sources, the row's own first. The rows of joined tables are derived from
// it; every third is an outer join that found nothing.
func appendETag(out []byte, s *set, version, id int64) []byte {
	pairs := make([]byte, 0, 32*max(s.Sources, 1))
	pairs = append(pairs, '\'')
	for i := range max(s.Sources, 1) {
		switch {
		case i == 0:
			pairs = fmt.Appendf(pairs, "%d,%d", version, id)
		case i%3 == 0:
			pairs = append(pairs, ";0,0"...)
		default:
			pairs = fmt.Appendf(pairs, ";1,%d", id+int64(i)*1000)
		}
	}
	pairs = append(pairs, '\'')
	return base64.StdEncoding.AppendEncode(out, pairs)
}

func etag(s *set, version, id int64) string {
	return `W/"` + string(appendETag(nil, s, version, id)) + `"`
}

// quoted gives a JSON string. Text that is not UTF-8 has its bad bytes replaced.
func quoted(s string) []byte {
	b, err := jsontext.AppendQuote(nil, s)
	if err != nil {
		b, _ = jsontext.AppendQuote(nil, strings.ToValidUTF8(s, "\uFFFD")) // cannot fail on UTF-8
	}
	return b
}
