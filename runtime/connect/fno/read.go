package fno

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/connect/odata"
	"github.com/go-json-experiment/json"
)

func (c *Connector) page(ctx context.Context, s *shape, address string) (page odata.Page, err error) {
	r := odata.Request{Method: http.MethodGet, URL: address}
	err = c.data.Do(ctx, r, func(response *odata.Response) error {
		page, err = odata.DecodePage(response.Body, s.layout)
		return err
	})
	return page, err
}

// position says where a scan goes on: in which company, after which key, or at
// which link. It is the text of connect.Page.Next.
type position struct {
	Company int      `json:"company,omitempty"` // index into Query.Companies
	After   []string `json:"after,omitempty"`   // literals of the last key
	Link    string   `json:"link,omitempty"`
}

// Page implements connect.Connector. Companies are read one after the other,
// each in the order of its key, and a page begins after the last key of the one
// before: the service's own links count rows and skip or repeat some when rows
// come or go meanwhile. They are followed only where a key cannot be compared.
func (c *Connector) Page(ctx context.Context, q connect.Query) (connect.Page, error) {
	t := q.Projection.Table
	s, err := shapeOf(t, q.Projection.Columns)
	if err != nil {
		return connect.Page{}, err
	}
	var at position
	if q.Resume != "" {
		if err := json.Unmarshal([]byte(q.Resume), &at); err != nil {
			return connect.Page{}, fmt.Errorf("read %s: the place to go on at cannot be read: %w", t.Set, err)
		}
	}
	scope := ""
	last := true
	skip := 0 // key fields that are fixed by the scope
	if t.CompanySpecific && len(q.Companies) > 0 {
		if at.Company < 0 || at.Company >= len(q.Companies) {
			return connect.Page{}, fmt.Errorf("read %s: the place to go on at lies outside the companies", t.Set)
		}
		scope = companies(t, q.Companies[at.Company:at.Company+1])
		last = at.Company == len(q.Companies)-1
		if t.Key[0] == companyField {
			skip = 1
		}
	}
	address := at.Link
	if address == "" {
		filter := and(scope, q.Filter, q.Since.Filter(), after(s.fields[skip:], at.After))
		query := crossCompany().Add("$select", s.sel).Add("$filter", filter).Add("$orderby", strings.Join(t.Key, ","))
		if keyset(s.fields[skip:]) {
			query = query.Add("$top", top(c.pageSize))
		}
		address = query.On(t.Set)
	}
	page, err := c.page(ctx, s, address)
	if err != nil {
		return connect.Page{}, c.data.Explain(err, "read "+t.Set)
	}
	next, more, err := s.next(at, page, skip, c.pageSize)
	if err != nil {
		return connect.Page{}, err
	}
	if !more && !last {
		next, more = position{Company: at.Company + 1}, true
	}
	out := connect.Page{Rows: page.Rows}
	for i := range out.Rows {
		if err := s.finish(&out.Rows[i]); err != nil {
			return connect.Page{}, c.data.Explain(err, "read "+t.Set)
		}
	}
	if more {
		text, err := json.Marshal(&next)
		if err != nil {
			return connect.Page{}, err
		}
		out.Next = string(text)
	}
	return out, nil
}

// keyset tells whether keys can be compared by size; enums and guids cannot.
func keyset(fields []*schema.Field) bool {
	for _, f := range fields {
		switch f.Type {
		case schema.TypeText, schema.TypeInteger, schema.TypeDecimal, schema.TypeTime:
		default:
			return false
		}
	}
	return len(fields) > 0
}

// after writes the filter for the keys that follow one. An "eq" with an
// asterisk would be a pattern, so that the key is closed in from both sides
// instead.
func after(fields []*schema.Field, literals []string) string {
	if len(literals) != len(fields) {
		return ""
	}
	var terms []string
	for i, f := range fields {
		var parts []string
		for j := range i {
			parts = append(parts, equal(fields[j].Name, literals[j]))
		}
		parts = append(parts, f.Name+" gt "+literals[i])
		terms = append(terms, strings.Join(parts, " and "))
	}
	if len(terms) == 1 {
		return terms[0]
	}
	return "(" + strings.Join(terms, ") or (") + ")"
}

func equal(name, literal string) string {
	if strings.Contains(literal, "*") {
		return name + " ge " + literal + " and " + name + " le " + literal
	}
	return name + " eq " + literal
}

// next says where the following page begins.
func (s *shape) next(at position, page odata.Page, skip, pageSize int) (position, bool, error) {
	fields := s.fields[skip:]
	if !keyset(fields) {
		return position{Company: at.Company, Link: page.Next}, page.Next != "", nil
	}
	switch {
	case len(page.Rows) < pageSize && page.Next == "":
		return position{}, false, nil
	case len(page.Rows) == 0: // there is no key to go on from
		return position{Company: at.Company, Link: page.Next}, page.Next != "", nil
	}
	next := position{Company: at.Company}
	values := page.Rows[len(page.Rows)-1].Values
	for i, f := range fields {
		text, err := literal(f, values[s.key[skip+i]])
		if err != nil {
			return position{}, false, fmt.Errorf("read %s: %w", s.table.Set, err)
		}
		next.After = append(next.After, text)
	}
	return next, true, nil
}

// The bounds of one filter. No limit of the service is documented; these stay
// well below what web servers take.
const (
	maxFilter = 6 << 10
	maxTerms  = 60
)

// Read implements connect.Connector.
func (c *Connector) Read(ctx context.Context, p *transform.Projection, ids []connect.RowID) ([]connect.Row, error) {
	s, err := shapeOf(p.Table, p.Columns)
	if err != nil {
		return nil, err
	}
	groups := map[string][]string{} // what all key fields but the last must be -> conditions on the last
	var order []string
	var alone [][]value.Value
	seen := map[string]bool{}
	for _, id := range ids {
		if len(id.Key) != len(s.fields) {
			return nil, fmt.Errorf("read %s: a key has %d parts, not %d", p.Table.Set, len(id.Key), len(s.fields))
		}
		var parts []string
		pattern := false
		for i, f := range s.fields {
			text, err := literal(f, id.Key[i])
			if err != nil {
				return nil, fmt.Errorf("read %s: %w", p.Table.Set, err)
			}
			pattern = pattern || strings.Contains(text, "*")
			parts = append(parts, f.Name+" eq "+text)
		}
		n := len(parts) - 1
		prefix := strings.Join(parts[:n], " and ")
		if whole := prefix + "\x00" + parts[n]; seen[whole] {
			continue
		} else {
			seen[whole] = true
		}
		if pattern {
			alone = append(alone, id.Key)
			continue
		}
		if groups[prefix] == nil {
			order = append(order, prefix)
		}
		groups[prefix] = append(groups[prefix], parts[n])
	}
	var filters []string
	for _, prefix := range order {
		for _, chunk := range odata.Chunks(groups[prefix], maxFilter, maxTerms, len(" or ")+4) {
			filters = append(filters, and(prefix, strings.Join(chunk, " or ")))
		}
	}
	return c.gather(ctx, s, filters, alone)
}

// Find implements connect.Connector.
func (c *Connector) Find(ctx context.Context, q connect.FindQuery) ([]connect.Row, error) {
	t := q.Table
	columns := make([]*schema.Field, len(q.Columns))
	for i, name := range q.Columns {
		if columns[i] = t.Field(name); columns[i] == nil {
			return nil, fmt.Errorf("find in %s: no field %s", t.Set, name)
		}
	}
	s, err := shapeOf(t, columns)
	if err != nil {
		return nil, err
	}
	f := t.Field(q.Column)
	if f == nil {
		return nil, fmt.Errorf("find in %s: no field %q", t.Set, q.Column)
	}
	company := ""
	if q.Company != "" {
		company = companies(t, []string{q.Company})
	}
	var terms []string
	seen := map[value.Value]bool{}
	for _, v := range q.Values {
		if v.IsNull() || v.Kind() == value.Text && v.Text() == "" || seen[v] {
			continue
		}
		seen[v] = true
		text, err := literal(f, v)
		if err != nil {
			return nil, fmt.Errorf("find in %s: %w", t.Set, err)
		}
		term := equal(f.Name, text)
		if strings.Contains(term, " and ") {
			term = "(" + term + ")"
		}
		terms = append(terms, term)
	}
	var filters []string
	for _, chunk := range odata.Chunks(terms, maxFilter, maxTerms, len(" or ")+4) {
		filters = append(filters, and(company, strings.Join(chunk, " or ")))
	}
	return c.gather(ctx, s, filters, nil)
}

// gather reads the rows that filters find and those with single keys.
func (c *Connector) gather(ctx context.Context, s *shape, filters []string, keys [][]value.Value) ([]connect.Row, error) {
	found := make([][]connect.Row, len(filters)+len(keys))
	tasks := make([]func(context.Context) error, 0, len(found))
	for i, filter := range filters {
		tasks = append(tasks, func(ctx context.Context) error {
			address := crossCompany().Add("$select", s.sel).Add("$filter", filter).Add("$orderby", strings.Join(s.table.Key, ",")).On(s.table.Set)
			for address != "" {
				page, err := c.page(ctx, s, address)
				if err != nil {
					return c.data.Explain(err, "read records of "+s.table.Set)
				}
				found[i] = append(found[i], page.Rows...)
				address = page.Next
			}
			return nil
		})
	}
	for i, key := range keys {
		tasks = append(tasks, func(ctx context.Context) error {
			row, ok, err := c.byKey(ctx, s, key)
			if ok {
				found[len(filters)+i] = []connect.Row{row}
			}
			return err
		})
	}
	if err := c.host.Scheduler.Run(ctx, parallel, tasks...); err != nil {
		return nil, err
	}
	var out []connect.Row
	seen := map[string]bool{}
	for _, rows := range found {
		for _, row := range rows {
			if err := s.finish(&row); err != nil {
				return nil, c.data.Explain(err, "read records of "+s.table.Set)
			}
			if !seen[row.ID] {
				seen[row.ID] = true
				out = append(out, row)
			}
		}
	}
	return out, nil
}

// byKey reads one record by its address.
func (c *Connector) byKey(ctx context.Context, s *shape, key []value.Value) (connect.Row, bool, error) {
	at, err := rowURL(s.table, s.fields, key)
	if err != nil {
		return connect.Row{}, false, err
	}
	var row connect.Row
	r := odata.Request{Method: http.MethodGet, URL: crossCompany().Add("$select", s.sel).On(at)}
	err = c.data.Do(ctx, r, func(response *odata.Response) (err error) {
		row, err = odata.DecodeRow(response.Body, s.layout)
		return err
	})
	var service *odata.ServiceError
	if errors.As(err, &service) && isAbsent(service) {
		return row, false, nil
	}
	if err != nil {
		return row, false, c.data.Explain(err, "read a record of "+s.table.Set)
	}
	return row, true, nil
}

// isAbsent recognises the answer for a record that is not there. An address
// that no route serves has the same status, but says nothing about a record: the
// entity may have been switched off, and its records must not pass for deleted.
func isAbsent(e *odata.ServiceError) bool {
	if strings.Contains(e.Message, "No HTTP resource was found") || strings.Contains(e.Message, "No route data was found") {
		return false
	}
	return e.Status == http.StatusNotFound || isGone(e.Message)
}

// rowURL addresses a record; every key field has to be named.
func rowURL(t *schema.Table, fields []*schema.Field, key []value.Value) (string, error) {
	if len(key) != len(fields) {
		return "", fmt.Errorf("a key of %s has %d parts, not %d", t.Set, len(key), len(fields))
	}
	var b strings.Builder
	b.WriteString(t.Set)
	for i, f := range fields {
		text, err := literal(f, key[i])
		if err != nil {
			return "", err
		}
		b.WriteByte("(,"[min(i, 1)])
		b.WriteString(f.Name)
		b.WriteByte('=')
		if quoted := strings.HasSuffix(text, "'"); quoted {
			open := strings.IndexByte(text, '\'')
			b.WriteString(text[:open+1] + odata.Escape(text[open+1:len(text)-1]) + "'")
		} else {
			b.WriteString(odata.Escape(text))
		}
	}
	b.WriteByte(')')
	return b.String(), nil
}
