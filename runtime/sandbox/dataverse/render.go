package dataverse

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/dualwrite/dw/runtime/sandbox/odata"
)

// field appends one property of a row, with its annotations, to JSON; the
// values are those of the query's columns.
type field func(dst []byte, values []any) ([]byte, error)

// query builds the SELECT of an answer and how its rows become JSON.
type query struct {
	table  *table
	prefs  preferences
	schema *schema

	exprs []string
	joins []string
	alias map[string]string // path of navigation properties -> alias of its join
	args  []any             // of where
	where []string
	order string
	shown map[string]bool // properties that are shown
	names []string        // the same in order
	field []field
}

func newQuery(s *schema, t *table, p preferences) *query {
	q := &query{table: t, prefs: p, schema: s, alias: map[string]string{}, shown: map[string]bool{}}
	q.exprs = []string{"r.versionnumber", "r." + t.pk.sqlName()}
	return q
}

func (q *query) expr(e string) int {
	q.exprs = append(q.exprs, e)
	return len(q.exprs) - 1
}

// join adds the table behind a navigation property of the table at from, once,
// and returns its alias.
func (q *query) join(from string, n navigation) string {
	key := from + "/" + n.name + "/" + n.target.LogicalName
	if a, ok := q.alias[key]; ok {
		return a
	}
	a := fmt.Sprintf("j%d", len(q.joins))
	on := a + "." + n.target.pk.sqlName() + "=" + from + "." + n.column.sqlName()
	if n.column.typeName != "" {
		on += " AND " + from + "." + quoteName(n.column.typeName) + "='" + n.target.LogicalName + "'"
	}
	q.joins = append(q.joins, " LEFT JOIN "+n.target.sqlName()+" AS "+a+" ON "+on)
	q.alias[key] = a
	return a
}

// sql is the statement; tail follows the WHERE clause.
func (q *query) sql(tail string) string {
	s := "SELECT " + strings.Join(q.exprs, ", ") + " FROM " + q.table.sqlName() + " AS r" + strings.Join(q.joins, "")
	return s + q.whereClause() + tail
}

func (q *query) whereClause() string {
	if len(q.where) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(q.where, " AND ")
}

// selectAll shows the properties named by $select, or all readable ones.
func (q *query) selectAll(text string, present bool) error {
	if !present {
		for _, c := range q.table.columns {
			if c.Read && !q.table.isTypeColumn(c) {
				q.show(c)
			}
		}
		return nil
	}
	names, err := odata.ParseSelect(text)
	if err != nil {
		return err
	}
	for _, name := range names {
		c := q.table.byProperty[name]
		if c == nil || !c.Read {
			return noSuchProperty(q.table, name)
		}
		q.show(c)
		if c.Type == "MoneyType" {
			if currency := q.table.byName["transactioncurrencyid"]; currency != nil {
				q.show(currency)
			}
		}
	}
	q.show(q.table.pk)
	return nil
}

// isTypeColumn tells whether a column only says which table a lookup points at.
func (t *table) isTypeColumn(c *column) bool {
	of := t.byName[strings.TrimSuffix(c.LogicalName, "type")]
	return of != nil && of.typeName == c.LogicalName
}

func (q *query) show(c *column) {
	if q.shown[c.property] {
		return
	}
	q.shown[c.property] = true
	q.names = append(q.names, c.property)
	q.field = append(q.field, q.fieldOf("r", q.table, c))
}

// fieldOf makes the field of a column of the table with an alias.
func (q *query) fieldOf(alias string, t *table, c *column) field {
	i := q.expr(alias + "." + c.sqlName())
	prefix := `,"` + c.property + `":`
	plain := func(dst []byte, values []any) ([]byte, error) {
		return appendValue(append(dst, prefix...), t, c, values[i])
	}
	annotations := q.annotationsOf(alias, t, c, i)
	if len(annotations) == 0 {
		return plain
	}
	return func(dst []byte, values []any) ([]byte, error) {
		dst, err := plain(dst, values)
		if err != nil || values[i] == nil {
			return dst, err
		}
		for _, a := range annotations {
			if dst, err = a(dst, values); err != nil {
				return dst, err
			}
		}
		return dst, nil
	}
}

// annotationsOf makes the annotations of a column that are asked for.
func (q *query) annotationsOf(alias string, t *table, c *column, i int) []field {
	var out []field
	add := func(name string, text func(values []any) string) {
		if !q.prefs.annotates(name) {
			return
		}
		prefix := `,"` + c.property + "@" + name + `":`
		out = append(out, func(dst []byte, values []any) ([]byte, error) {
			s := text(values)
			if s == "" {
				return dst, nil
			}
			return jsontext.AppendQuote(append(dst, prefix...), strings.ToValidUTF8(s, "\ufffd"))
		})
	}
	const formatted = "OData.Community.Display.V1.FormattedValue"
	if c.class != classLookup {
		if c.class != classText && c.class != classGUID {
			add(formatted, func(values []any) string { return c.format(values[i]) })
		}
		return out
	}
	target := q.targetOf(alias, t, c)
	if q.prefs.annotates(formatted) {
		names := map[string]int{}
		for _, n := range t.navs {
			if n.column == c && n.target.has(n.target.PrimaryName) {
				a := q.join(alias, n)
				names[n.target.LogicalName] = q.expr(a + "." + quoteName(n.target.PrimaryName))
			}
		}
		add(formatted, func(values []any) string {
			if j, ok := names[target(values)]; ok {
				s, _ := values[j].(string)
				return s
			}
			return ""
		})
	}
	add("Microsoft.Dynamics.CRM.associatednavigationproperty", func(values []any) string {
		for _, to := range c.Targets {
			if to.Table == target(values) {
				return to.NavigationProperty
			}
		}
		return ""
	})
	add("Microsoft.Dynamics.CRM.lookuplogicalname", target)
	return out
}

// targetOf gives the logical name of the table that a lookup points at.
func (q *query) targetOf(alias string, t *table, c *column) func(values []any) string {
	if c.typeName == "" {
		name := firstTarget(c)
		return func([]any) string { return name }
	}
	i := q.expr(alias + "." + quoteName(c.typeName))
	return func(values []any) string {
		s, _ := values[i].(string)
		return s
	}
}

// format is the text that people see for a value.
func (c *column) format(v any) string {
	switch n := v.(type) {
	case int64:
		if label, ok := c.labels[n]; ok {
			return label
		}
		if c.class == classBoolean {
			if n != 0 {
				return "Yes"
			}
			return "No"
		}
		return strconv.FormatInt(n, 10)
	case float64:
		return strconv.FormatFloat(n, 'f', -1, 64)
	case string:
		return n
	}
	return ""
}

// appendRow appends a row as a JSON object.
func (q *query) appendRow(dst []byte, values []any) ([]byte, error) {
	return appendObject(dst, values, 0, q.field)
}

// appendObject appends an object whose row version is at index version.
func appendObject(dst []byte, values []any, version int, fields []field) ([]byte, error) {
	n, _ := values[version].(int64)
	dst = append(dst, `{"@odata.etag":"W/\"`...)
	dst = strconv.AppendInt(dst, n, 10)
	dst = append(dst, `\""`...)
	var err error
	for _, f := range fields {
		if dst, err = f(dst, values); err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}

// appendValue appends a stored value as JSON. A value that the column cannot
// have, put into the file by other means, is an error that names it.
func appendValue(dst []byte, t *table, c *column, v any) ([]byte, error) {
	switch n := v.(type) {
	case nil:
		return append(dst, "null"...), nil
	case int64:
		switch c.class {
		case classInteger, classDouble:
			return strconv.AppendInt(dst, n, 10), nil
		case classBoolean:
			return strconv.AppendBool(dst, n != 0), nil
		}
	case float64:
		if c.class == classDouble {
			return strconv.AppendFloat(dst, n, 'f', -1, 64), nil
		}
	case string:
		switch c.class {
		case classDecimal:
			if s, ok := roundDecimal(n, storedScale(c.Column), storedScale(c.Column)); ok {
				return append(dst, s...), nil
			}
		case classText, classDateTime, classDate, classGUID, classLookup:
			return jsontext.AppendQuote(dst, strings.ToValidUTF8(n, "\ufffd"))
		}
	}
	return dst, fmt.Errorf("the file holds %v in %s.%s, which is of type %s", v, t.EntitySet, c.LogicalName, c.Type)
}

// expand adds the $expand of single-valued navigation properties.
func (q *query) expand(text string) error {
	items, err := odata.ParseExpand(text)
	if err != nil {
		return err
	}
	if len(items) > 15 {
		return badRequest("The number of expands exceeds the limit of 15.")
	}
	for _, item := range items {
		if len(item.Path) != 1 {
			return badRequest("The term '%s' is not valid in a $expand expression.", strings.Join(item.Path, "/"))
		}
		navs := q.table.navigations(item.Path[0])
		if len(navs) == 0 {
			return noSuchProperty(q.table, item.Path[0])
		}
		if err := q.expandOne(item, navs); err != nil {
			return err
		}
	}
	return nil
}

func (q *query) expandOne(item odata.Expand, navs []navigation) error {
	for name := range item.Options {
		if name != "$select" {
			return badRequest("Only $select and $filter clause can be provided while doing $expand on many-to-one relationship or nested one-to-many relationship. (The twin takes $select.)")
		}
	}
	prefix := `,"` + item.Path[0] + `":`
	type branch struct {
		pk, version int
		fields      []field
	}
	var branches []branch
	for _, n := range navs {
		a := q.join("r", n)
		columns := []*column{}
		if text, ok := item.Options["$select"]; ok {
			names, err := odata.ParseSelect(text)
			if err != nil {
				return err
			}
			for _, name := range names {
				c := n.target.byProperty[name]
				if c == nil || !c.Read {
					return noSuchProperty(n.target, name)
				}
				columns = append(columns, c)
			}
			if !strings.Contains(","+strings.ReplaceAll(text, " ", "")+",", ","+n.target.PrimaryID+",") {
				columns = append(columns, n.target.pk)
			}
		} else {
			for _, c := range n.target.columns {
				if c.Read && !n.target.isTypeColumn(c) {
					columns = append(columns, c)
				}
			}
		}
		b := branch{pk: q.expr(a + "." + n.target.pk.sqlName()), version: q.expr(a + ".versionnumber")}
		for _, c := range columns {
			b.fields = append(b.fields, q.fieldOf(a, n.target, c))
		}
		branches = append(branches, b)
	}
	q.field = append(q.field, func(dst []byte, values []any) ([]byte, error) {
		dst = append(dst, prefix...)
		for _, b := range branches {
			if values[b.pk] != nil {
				return appendObject(dst, values, b.version, b.fields)
			}
		}
		return append(dst, "null"...), nil
	})
	return nil
}
