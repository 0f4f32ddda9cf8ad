package dataverse

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
	"github.com/go-json-experiment/json/jsontext"
)

// shape is how rows of a table are asked for and decoded.
type shape struct {
	table    *schema.Table
	layout   *odata.Layout
	sel      string // $select
	annotate bool   // polymorphic lookups need the name of their table
}

// shapeOf prepares to read the columns of a table.
func shapeOf(t *schema.Table, columns []*schema.Field) (*shape, error) {
	s := &shape{table: t}
	wires := make([]string, 0, len(columns)+1)
	out := make([]odata.Column, len(columns))
	named := false
	for i, f := range columns {
		column, err := wireColumn(t, f)
		if err != nil {
			return nil, err
		}
		out[i] = column
		wires = append(wires, column.Wire)
		named = named || column.Wire == t.PrimaryID
		s.annotate = s.annotate || column.Annotation != ""
	}
	if !named {
		wires = append(wires, t.PrimaryID)
	}
	s.sel = strings.Join(wires, ",")
	s.layout = odata.NewLayout(out, t.PrimaryID)
	return s, nil
}

// wireColumn says how a column stands in an answer.
func wireColumn(t *schema.Table, f *schema.Field) (odata.Column, error) {
	c := odata.Column{Wire: f.Name}
	switch f.Type {
	case schema.TypeText:
		c.Parse = odata.ParseText
	case schema.TypeInteger:
		c.Parse = odata.ParseInteger
	case schema.TypeDecimal:
		c.Parse = odata.ParseDecimal
	case schema.TypeBool:
		c.Parse = odata.ParseBool
	case schema.TypeChoice:
		c.Parse = odata.ParseOption
	case schema.TypeChoices:
		c.Parse = odata.ParseOptions
	case schema.TypeGuid:
		c.Parse = odata.ParseGuid
	case schema.TypeTime:
		c.Parse = odata.ParseDateTime
		if f.DateOnly {
			c.Parse = odata.ParseDate
		}
	case schema.TypeLookup:
		c.Wire = lookupWire(f)
		if len(f.Targets) == 1 {
			c.Parse = odata.ParseReferenceTo(f.Targets[0].Table)
		} else {
			c.Parse = odata.ParseGuid
			c.Annotation = c.Wire + "@" + tableAnnotation
		}
	default:
		return c, notReadable(t, f)
	}
	return c, nil
}

// lookupWire is the name under which a lookup is read and compared; it is
// written by its navigation property.
func lookupWire(f *schema.Field) string { return "_" + f.Name + "_value" }

// Page implements connect.Connector. Rows come in the order of the primary
// key; the last page of a tracked table has the token.
func (c *Connector) Page(ctx context.Context, q connect.Query) (connect.Page, error) {
	t := q.Projection.Table
	s, err := shapeOf(t, q.Projection.Columns)
	if err != nil {
		return connect.Page{}, err
	}
	address := q.Resume
	if address == "" {
		query := odata.Query{}.Add("$select", s.sel)
		filter, err := filterOf(q)
		if err != nil {
			return connect.Page{}, fmt.Errorf("read %s: %w", t.Set, err)
		}
		if filter != "" {
			query = query.Add("$filter", filter)
		}
		address = query.On(t.Set)
	}
	// A filter does not go with tracking.
	page, err := c.page(ctx, s, address, t.ChangeTracking && q.Since == nil && q.Equal == nil)
	if err != nil {
		return connect.Page{}, c.client.Explain(err, "read "+t.Set)
	}
	return connect.Page{Rows: page.Rows, Next: page.Next, Token: page.Delta}, nil
}

// filterOf gives the filter of a query; "" for none.
func filterOf(q connect.Query) (string, error) {
	var all []string
	if q.Since != nil {
		all = append(all, q.Since.Filter())
	}
	if e := q.Equal; e != nil {
		wire := e.Column.Name
		if e.Column.Type == schema.TypeLookup {
			wire = lookupWire(e.Column)
		}
		literal, ok := odata.Literal(e.Value)
		if !ok {
			return "", fmt.Errorf("%s cannot be compared with a %s", wire, e.Value.Kind())
		}
		all = append(all, wire+" eq "+literal)
	}
	return strings.Join(all, " and "), nil
}

// Changes implements connect.Connector with delta links.
func (c *Connector) Changes(ctx context.Context, q connect.Query) (connect.Page, error) {
	t := q.Projection.Table
	if q.Resume == "" {
		return connect.Page{}, fmt.Errorf("changes of %s: no token", t.Set)
	}
	s, err := shapeOf(t, q.Projection.Columns)
	if err != nil {
		return connect.Page{}, err
	}
	page, err := c.page(ctx, s, q.Resume, true)
	if expired(err) {
		return connect.Page{}, fmt.Errorf("changes of %s: %w: %w", t.Set, connect.ErrTokenExpired, err)
	}
	if err != nil {
		return connect.Page{}, c.client.Explain(err, "give the changes of "+t.Set)
	}
	return connect.Page{Rows: page.Rows, Next: page.Next, Token: page.Delta}, nil
}

// expired recognises a token that is too old or was voided by a change of the
// schema. The service's documentation gives the code and not the status.
func expired(err error) bool {
	var e *odata.ServiceError
	if !errors.As(err, &e) || e.Status < 400 || e.Status >= 500 {
		return false
	}
	return e.Status == http.StatusGone || e.HasCode("0x80044352") || strings.Contains(e.Message, "Version stamp associated with the client has expired")
}

func (c *Connector) page(ctx context.Context, s *shape, address string, track bool) (page odata.Page, err error) {
	r := odata.Request{Method: http.MethodGet, URL: address, Header: c.prefer(track, s.annotate)}
	err = c.client.Do(ctx, r, func(response *odata.Response) error {
		page, err = odata.DecodePage(response.Body, s.layout)
		return err
	})
	return page, err
}

// The bounds of one filter. A URL may have 32 KB; a shorter one leaves room
// for gateways on the way.
const (
	maxFilter = 12 << 10
	maxValues = 150
)

// Read implements connect.Connector.
func (c *Connector) Read(ctx context.Context, p *transform.Projection, ids []connect.RowID) ([]connect.Row, error) {
	s, err := shapeOf(p.Table, p.Columns)
	if err != nil {
		return nil, err
	}
	texts := make([]string, 0, len(ids))
	for _, id := range ids {
		v, err := value.ParseGuid(id.ID)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", p.Table.Set, err)
		}
		texts = append(texts, v.Guid())
	}
	return c.filtered(ctx, s, inFilters(p.Table.PrimaryID, texts))
}

// Find implements connect.Connector.
func (c *Connector) Find(ctx context.Context, q connect.FindQuery) ([]connect.Row, error) {
	t := q.Table
	columns := make([]*schema.Field, len(q.Columns))
	for i, name := range q.Columns {
		if columns[i] = fieldOf(t, name); columns[i] == nil {
			return nil, fmt.Errorf("find in %s: no column %s", t.Set, name)
		}
	}
	s, err := shapeOf(t, columns)
	if err != nil {
		return nil, err
	}
	wire := t.PrimaryID
	if q.Column != "" {
		f := fieldOf(t, q.Column)
		if f == nil {
			return nil, fmt.Errorf("find in %s: no column %s", t.Set, q.Column)
		}
		if wire = f.Name; f.Type == schema.TypeLookup {
			wire = lookupWire(f)
		}
	}
	var in, eq []string
	seen := map[value.Value]bool{}
	for _, v := range q.Values {
		if v.IsNull() || v.Kind() == value.Text && v.Text() == "" || seen[v] {
			continue // a comparison with nothing finds nothing
		}
		seen[v] = true
		if text := v.Text(); v.Kind() == value.Text && q.Column == "" {
			guid, err := value.ParseGuid(text)
			if err != nil {
				return nil, fmt.Errorf("find in %s: %w", t.Set, err)
			}
			in = append(in, guid.Guid())
		} else if v.Kind() == value.Text && !strings.ContainsAny(text, `'"\`) {
			in = append(in, text)
		} else if v.Kind() == value.Guid && q.Column == "" {
			in = append(in, v.Guid())
		} else if literal, ok := odata.Literal(v); ok {
			eq = append(eq, wire+" eq "+literal)
		} else {
			return nil, fmt.Errorf("find in %s: %s cannot be looked for by a %s", t.Set, wire, v.Kind())
		}
	}
	filters := inFilters(wire, in)
	for _, chunk := range odata.Chunks(eq, maxFilter, maxValues, len(" or ")+4) {
		filters = append(filters, strings.Join(chunk, " or "))
	}
	return c.filtered(ctx, s, filters)
}

// inFilters writes filters that find rows by the values of a column.
func inFilters(column string, texts []string) []string {
	quoted := make([]string, len(texts))
	for i, text := range texts {
		// Replaces what is not UTF-8, which no row can hold.
		b, _ := jsontext.AppendQuote(nil, text)
		quoted[i] = string(b)
	}
	var out []string
	for _, chunk := range odata.Chunks(quoted, maxFilter, maxValues, 3) {
		out = append(out, "Microsoft.Dynamics.CRM.In(PropertyName='"+column+"',PropertyValues=["+strings.Join(chunk, ",")+"])")
	}
	return out
}

// filtered reads all rows that one of the filters finds, a row once.
func (c *Connector) filtered(ctx context.Context, s *shape, filters []string) ([]connect.Row, error) {
	found := make([][]connect.Row, len(filters))
	tasks := make([]func(context.Context) error, len(filters))
	for i, filter := range filters {
		tasks[i] = func(ctx context.Context) error {
			address := odata.Query{}.Add("$select", s.sel).Add("$filter", filter).On(s.table.Set)
			for address != "" {
				page, err := c.page(ctx, s, address, false)
				if err != nil {
					return c.client.Explain(err, "read rows of "+s.table.Set)
				}
				found[i] = append(found[i], page.Rows...)
				address = page.Next
			}
			return nil
		}
	}
	if err := c.host.Scheduler.Run(ctx, parallel, tasks...); err != nil {
		return nil, err
	}
	var out []connect.Row
	seen := map[string]bool{}
	for _, rows := range found {
		for _, row := range rows {
			if !seen[row.ID] {
				seen[row.ID] = true
				out = append(out, row)
			}
		}
	}
	return out, nil
}

// fieldOf finds a column by its name in any case. The primary id is a column
// even where a reduced table does not list it as one.
func fieldOf(t *schema.Table, name string) *schema.Field {
	if f := t.Field(name); f != nil {
		return f
	}
	if strings.EqualFold(name, t.PrimaryID) {
		return &schema.Field{Name: t.PrimaryID, Type: schema.TypeGuid, Readable: true}
	}
	return nil
}
