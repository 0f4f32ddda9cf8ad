package dataverse

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/dualwrite/dw/runtime/sandbox/gate"
)

// maxPage is the largest page of rows, and the cap of counts.
const maxPage = 5000

// querier is a connection or a transaction to read from.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// cursor is the position of a read in pages, the content of a $skiptoken.
type cursor struct {
	Page    int    `json:"p"`           // number of the page, from 2
	After   string `json:"a,omitempty"` // the last primary id
	Skip    int    `json:"s,omitempty"` // rows to skip, of reads with an order
	Track   bool   `json:"t,omitempty"`
	Version int64  `json:"v,omitempty"` // of tracked reads: when the read began
	From    int64  `json:"f,omitempty"` // of changes: the last version sent
	Deleted bool   `json:"d,omitempty"` // of changes: the rows are all sent, deletions follow
}

// token renders the cursor in the shape that the service has.
func (c cursor) token() string {
	inner, err := json.Marshal(c)
	if err != nil {
		panic(err) // numbers, strings and bools always encode
	}
	tracking := "False"
	if c.Track {
		tracking = "True"
	}
	return fmt.Sprintf(`<cookie pagenumber="%d" pagingcookie="%s" istracking="%s" />`, c.Page, base64.RawURLEncoding.EncodeToString(inner), tracking)
}

func parseCursor(text string) (cursor, error) {
	var c cursor
	_, rest, _ := strings.Cut(text, ` pagingcookie="`)
	inner, _, _ := strings.Cut(rest, `"`)
	raw, err := base64.RawURLEncoding.DecodeString(inner)
	// A token goes back as it came: any other text is no token of the twin.
	if err != nil || json.Unmarshal(raw, &c) != nil || c.Page < 2 || c.Skip < 0 || c.token() != text {
		return c, badRequest("Malformed XML in the Paging Cookie")
	}
	return c, nil
}

// known options of a read of rows.
var rowOptions = []string{"$select", "$filter", "$orderby", "$top", "$expand", "$count", "$skiptoken", "$deltatoken"}

func checkOptions(options map[string]string) error {
	for _, name := range sortedKeys(options) {
		switch {
		case name == "$skip":
			return badRequest("Skip Clause is not supported in CRM")
		case name == "fetchXml", name == "savedQuery", name == "userQuery":
			// The service takes them; to ignore them would answer with other rows.
			return fail(http.StatusNotImplemented, codeUnexpected, "The twin does not take the query parameter %s.", name)
		case !strings.HasPrefix(name, "$"), slices.Contains(rowOptions, name):
		default:
			return badRequest("The query parameter %s is not supported", name)
		}
	}
	return nil
}

// list answers GET set.
func (q *request) list(t *table) error {
	if err := checkOptions(q.options); err != nil {
		return err
	}
	var at cursor
	if text, ok := q.options["$skiptoken"]; ok {
		c, err := parseCursor(text)
		if err != nil {
			return err
		}
		at = c
	}
	if token, ok := q.options["$deltatoken"]; ok {
		return q.changes(t, token, at)
	}
	if q.prefs.track || at.Track {
		return q.tracked(t, at)
	}
	sel, err := q.query(t)
	if err != nil {
		return err
	}
	if _, ok := q.options["$orderby"]; ok {
		if err := sel.orderBy(q.aliased(q.options["$orderby"])); err != nil {
			return err
		}
	}
	count, total, err := q.counted(sel)
	if err != nil {
		return err
	}
	size, more := maxPage, true
	if q.prefs.pageSize > 0 {
		size = q.prefs.pageSize
	} else if text, ok := q.options["$top"]; ok {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return badRequest("Invalid value '%.50s' for $top query option found. The $top query option requires a non-negative integer value.", text)
		}
		size, more = min(n, maxPage), false
	}
	tail := fmt.Sprintf(" LIMIT %d", size+1)
	if sel.order == "" {
		if at.After != "" {
			sel.where = append(sel.where, "r."+t.pk.sqlName()+" > ?")
			sel.args = append(sel.args, at.After)
		}
		tail = " ORDER BY r." + t.pk.sqlName() + tail
	} else {
		tail = " ORDER BY " + sel.order + tail + fmt.Sprintf(" OFFSET %d", at.Skip)
	}
	p := page{context: q.contextOf(t, sel) + q.collection(total, count)}
	last, err := q.fill(&p, q.reader(), sel, sel.sql(tail), size)
	if err != nil {
		return err
	}
	if p.more && more {
		next := cursor{Page: max(at.Page, 1) + 1, After: last}
		if sel.order != "" {
			next.After, next.Skip = "", at.Skip+size
		}
		p.next = q.link("$skiptoken", next.token())
	}
	q.sendPage(p)
	return nil
}

// query builds the SELECT for $select, $filter and $expand.
func (q *request) query(t *table) (*query, error) {
	sel := newQuery(q.twin.schema, t, q.prefs)
	text, ok := q.options["$select"]
	if err := sel.selectAll(text, ok); err != nil {
		return nil, err
	}
	if text, ok := q.options["$expand"]; ok {
		if err := sel.expand(text); err != nil {
			return nil, err
		}
	}
	if text, ok := q.options["$filter"]; ok {
		if err := sel.filter(q.aliased(text)); err != nil {
			return nil, err
		}
	}
	return sel, nil
}

// aliased puts the values of parameter aliases such as @p1 into an option. An
// alias without a value is null.
func (q *request) aliased(text string) string {
	if !strings.Contains(text, "@") {
		return text
	}
	var out strings.Builder
	quoted := false
	for i := 0; i < len(text); i++ {
		if text[i] == '\'' {
			quoted = !quoted
		}
		if text[i] != '@' || quoted {
			out.WriteByte(text[i])
			continue
		}
		end := i + 1
		for end < len(text) && (text[end] == '_' || '0' <= text[end] && text[end] <= '9' || 'a' <= text[end]|0x20 && text[end]|0x20 <= 'z') {
			end++
		}
		value, ok := q.options[text[i:end]]
		if !ok {
			value = "null"
		}
		out.WriteString(value)
		i = end - 1
	}
	return out.String()
}

// counted counts the rows where $count asks for it; total is -1 where not.
func (q *request) counted(sel *query) (annotation string, total int64, err error) {
	switch q.options["$count"] {
	case "", "false":
		return "", -1, nil
	case "true":
	default:
		return "", 0, badRequest("Invalid value '%.50s' for $count query option found. Only 'true' and 'false' are valid.", q.options["$count"])
	}
	if total, err = q.count(sel); err != nil {
		return "", 0, err
	}
	return `,"@odata.count":` + strconv.FormatInt(total, 10), total, nil
}

// count counts the rows of a query, up to the cap.
func (q *request) count(sel *query) (int64, error) {
	stmt := "SELECT count(*) FROM (SELECT 1 FROM " + sel.table.sqlName() + " AS r" + strings.Join(sel.joins, "") + sel.whereClause() + fmt.Sprintf(" LIMIT %d)", maxPage)
	var n int64
	err := q.scan(q.reader(), &n, stmt, sel.args...)
	return n, err
}

// countOnly answers GET set/$count: text with a byte order mark.
func (q *request) countOnly(t *table) error {
	if err := checkOptions(q.options); err != nil {
		return err
	}
	var n int64
	var err error
	if token, ok := q.options["$deltatoken"]; ok {
		n, err = q.countChanges(t, token)
	} else {
		sel := newQuery(q.twin.schema, t, q.prefs)
		if text, ok := q.options["$filter"]; ok {
			if err := sel.filter(q.aliased(text)); err != nil {
				return err
			}
		}
		n, err = q.count(sel)
	}
	if err != nil {
		return err
	}
	q.w.Header().Set("Content-Type", "text/plain")
	q.w.Header().Set("OData-Version", "4.0")
	_, _ = q.w.Write([]byte("\ufeff" + strconv.FormatInt(n, 10)))
	return nil
}

// collection is the annotations of a collection that are asked for.
func (q *request) collection(total int64, count string) string {
	out := count
	if q.prefs.annotates("Microsoft.Dynamics.CRM.totalrecordcount") {
		out += `,"@Microsoft.Dynamics.CRM.totalrecordcount":` + strconv.FormatInt(total, 10)
	}
	if q.prefs.annotates("Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded") {
		out += `,"@Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded":` + strconv.FormatBool(total >= maxPage)
	}
	if q.prefs.annotates("Microsoft.Dynamics.CRM.globalmetadataversion") {
		out += `,"@Microsoft.Dynamics.CRM.globalmetadataversion":"` + strconv.FormatInt(q.twin.schema.version, 10) + `"`
	}
	return out
}

// contextOf is the member @odata.context of a collection.
func (q *request) contextOf(t *table, sel *query) string {
	return `"@odata.context":` + quoteJSON(q.base+"$metadata#"+t.EntitySet+sel.shape(q.options))
}

// shape is the selected properties in a context.
func (q *query) shape(options map[string]string) string {
	if _, ok := options["$select"]; !ok {
		return ""
	}
	return "(" + strings.Join(q.names, ",") + ")"
}

func quoteJSON(s string) string {
	b, err := jsontext.AppendQuote(nil, strings.ToValidUTF8(s, "\ufffd"))
	if err != nil {
		panic(err) // valid UTF-8 can always be quoted
	}
	return string(b)
}

// page is the answer with a collection.
type page struct {
	context string
	rows    []byte // joined by commas
	count   int
	more    bool
	next    string
	delta   string
}

// fill reads up to size rows into a page, and says whether there are more. It
// returns the primary id of the last row.
func (q *request) fill(p *page, from querier, sel *query, stmt string, size int) (string, error) {
	rows, err := from.QueryContext(q.ctx(), stmt, sel.args...)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	values := make([]any, len(sel.exprs))
	dest := make([]any, len(values))
	for i := range values {
		dest[i] = &values[i]
	}
	last := ""
	n := 0
	for rows.Next() {
		if n == size {
			p.more = true
			break
		}
		if err := rows.Scan(dest...); err != nil {
			return "", err
		}
		if p.count > 0 {
			p.rows = append(p.rows, ',')
		}
		if cap(p.rows)-len(p.rows) < 8<<10 {
			p.rows = slices.Grow(p.rows, len(p.rows)+64<<10) // pages are long
		}
		if p.rows, err = sel.appendRow(p.rows, values); err != nil {
			return "", err
		}
		last, _ = values[1].(string)
		n++
		p.count++
	}
	gate.Note(q.r.Context()).AddRows(n)
	return last, rows.Err()
}

func (q *request) sendPage(p page) {
	q.prefs.apply(q.w.Header())
	setJSON(q.w.Header())
	out := make([]byte, 0, len(p.rows)+len(p.context)+len(p.next)+len(p.delta)+100)
	out = append(out, '{')
	out = append(out, p.context...)
	if p.delta != "" {
		out = append(out, `,"@odata.deltaLink":`+quoteJSON(p.delta)...)
	}
	out = append(out, `,"value":[`...)
	out = append(out, p.rows...)
	out = append(out, ']')
	if p.next != "" {
		out = append(out, `,"@odata.nextLink":`+quoteJSON(p.next)...)
	}
	out = append(out, '}')
	_, _ = q.w.Write(out)
}

// link is the URL of the request with one option set.
func (q *request) link(option, value string) string {
	u := *q.r.URL
	var parts []string
	for part := range strings.SplitSeq(u.RawQuery, "&") {
		name, _, _ := strings.Cut(part, "=")
		if decoded, err := url.QueryUnescape(name); part == "" || err == nil && decoded == option {
			continue
		}
		parts = append(parts, part)
	}
	parts = append(parts, option+"="+escapeQuery(value))
	return q.base + q.path + "?" + strings.Join(parts, "&")
}

func escapeQuery(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// scan reads one value.
func (q *request) scan(from querier, into any, stmt string, args ...any) error {
	rows, err := from.QueryContext(q.ctx(), stmt, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return err
		}
		return sql.ErrNoRows
	}
	return rows.Scan(into)
}

// one answers GET set(key).
func (q *request) one(a address) error {
	sel, err := q.query(a.table)
	if err != nil {
		return err
	}
	body, version, err := q.row(sel, a)
	if err != nil {
		return err
	}
	_, expanded := q.options["$expand"]
	if text := q.r.Header.Get("If-None-Match"); text != "" && a.table.OptimisticConcurrency && !expanded && len(q.prefs.annotations) == 0 {
		if n, ok := parseETag(text); ok && n == version {
			q.w.Header().Set("ETag", formatETag(version))
			q.w.WriteHeader(http.StatusNotModified)
			return nil
		}
	}
	q.w.Header().Set("ETag", formatETag(version))
	q.prefs.apply(q.w.Header())
	q.sendRow(http.StatusOK, a.table, sel, body)
	return nil
}

// row reads one row as a JSON object.
func (q *request) row(sel *query, a address) (body []byte, version int64, err error) {
	where, args := a.where()
	sel.where = append(sel.where, qualified(where))
	sel.args = append(sel.args, args...)
	var p page
	rows, err := q.reader().QueryContext(q.ctx(), sel.sql(" LIMIT 1"), sel.args...)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return nil, 0, err
		}
		return nil, 0, a.missing()
	}
	values := make([]any, len(sel.exprs))
	dest := make([]any, len(values))
	for i := range values {
		dest[i] = &values[i]
	}
	if err := rows.Scan(dest...); err != nil {
		return nil, 0, err
	}
	p.rows, err = sel.appendRow(nil, values)
	version, _ = values[0].(int64)
	gate.Note(q.r.Context()).AddRows(1)
	return p.rows, version, errors.Join(err, rows.Err())
}

// qualified prefixes the columns of an address's condition with the alias of
// the table.
func qualified(where string) string {
	terms := strings.Split(where, " AND ")
	return "r." + strings.Join(terms, " AND r.")
}

// sendRow answers with one row.
func (q *request) sendRow(status int, t *table, sel *query, body []byte) {
	setJSON(q.w.Header())
	q.w.WriteHeader(status)
	head := `{"@odata.context":` + quoteJSON(q.base+"$metadata#"+t.EntitySet+sel.shape(q.options)+"/$entity") + ","
	_, _ = q.w.Write(append([]byte(head), body[1:]...))
}

// property answers GET set(key)/property.
func (q *request) property(a address, c *column) error {
	var v any
	where, args := a.where()
	err := q.scan(q.reader(), &v, "SELECT "+c.sqlName()+" FROM "+a.table.sqlName()+" WHERE "+where, args...)
	if errors.Is(err, sql.ErrNoRows) {
		return a.missing()
	}
	if err != nil {
		return err
	}
	gate.Note(q.r.Context()).AddRows(1)
	if v == nil {
		q.w.WriteHeader(http.StatusNoContent)
		return nil
	}
	out, err := appendValue([]byte(`,"value":`), a.table, c, v)
	if err != nil {
		return err
	}
	setJSON(q.w.Header())
	_, _ = q.w.Write([]byte(`{"@odata.context":` + quoteJSON(q.base+"$metadata#"+q.path) + string(out) + "}"))
	return nil
}
