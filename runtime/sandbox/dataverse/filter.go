package dataverse

import (
	"strings"

	"github.com/dualwrite/dw/runtime/sandbox/odata"
)

// filter adds a $filter to the query.
func (q *query) filter(text string) error {
	node, err := odata.ParseFilter(text)
	if err != nil {
		return err
	}
	where, args, err := odata.SQL(q.lookupNames(node), q, odata.Dataverse)
	if err != nil {
		return err
	}
	q.where = append(q.where, "("+where+")")
	q.args = append(q.args, args...)
	return nil
}

// lookupNames writes lookups in the PropertyName of functions, which take the
// logical name, as the properties that comparisons take.
func (q *query) lookupNames(n odata.Node) odata.Node {
	rename := func(p odata.Path) odata.Path {
		if len(p) == 1 {
			if c := q.table.byName[p[0]]; c != nil {
				return odata.Path{c.property}
			}
		}
		return p
	}
	switch n := n.(type) {
	case odata.And:
		return odata.And{Terms: q.lookupNamesOf(n.Terms)}
	case odata.Or:
		return odata.Or{Terms: q.lookupNamesOf(n.Terms)}
	case odata.Not:
		return odata.Not{Term: q.lookupNames(n.Term)}
	case odata.Among:
		n.Path = rename(n.Path)
		return n
	case odata.Between:
		n.Path = rename(n.Path)
		return n
	}
	return n
}

func (q *query) lookupNamesOf(terms []odata.Node) []odata.Node {
	out := make([]odata.Node, len(terms))
	for i, t := range terms {
		out[i] = q.lookupNames(t)
	}
	return out
}

// Column resolves a property path for the translation of filters and orders.
func (q *query) Column(path []string) (odata.Column, error) {
	alias, t := "r", q.table
	for _, name := range path[:len(path)-1] {
		navs := t.navigations(name)
		if len(navs) == 0 {
			return odata.Column{}, noSuchProperty(t, name)
		}
		if len(navs) > 1 {
			return odata.Column{}, badRequest("The twin does not follow '%s' in a filter, since it leads to several tables.", name)
		}
		alias, t = q.join(alias, navs[0]), navs[0].target
	}
	name := path[len(path)-1]
	c := t.byProperty[name]
	if c == nil || !c.Read {
		return odata.Column{}, noSuchProperty(t, name)
	}
	out := odata.Column{Expr: alias + "." + c.sqlName()}
	switch c.class {
	case classText:
		out.Kind = odata.Text
	case classInteger, classDouble:
		out.Kind = odata.Number
	case classDecimal:
		// Exact for 15 significant digits; storage stays exact for all.
		out.Kind, out.Expr = odata.Number, "CAST("+out.Expr+" AS REAL)"
	case classBoolean:
		out.Kind = odata.Bool
	case classDateTime:
		out.Kind = odata.Time
	case classDate:
		out.Kind = odata.Date
	case classGUID, classLookup:
		out.Kind = odata.GUID
	}
	if c.class == classLookup {
		for _, n := range t.navs {
			if n.column == c && c.typeName == "" && n.target.has(n.target.PrimaryName) {
				out.Order = q.join(alias, n) + "." + quoteName(n.target.PrimaryName)
			}
		}
	}
	return out, nil
}

// orderBy sets the order; the primary key comes last, so that it is total.
func (q *query) orderBy(text string) error {
	orders, err := odata.ParseOrderBy(text)
	if err != nil {
		return err
	}
	order, err := odata.OrderSQL(orders, q)
	if err != nil {
		return err
	}
	q.order = strings.TrimSpace(order) + ", r." + q.table.pk.sqlName()
	return nil
}
