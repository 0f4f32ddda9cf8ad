package dataverse

import (
	"errors"
	"net/http"

	"github.com/dualwrite/dw/runtime/sandbox/gate"
)

// navigate answers GET of set(key)/navigation with the row that it leads to,
// and of set(key)/navigation/$ref with its address alone; 204 where it leads
// nowhere (OData 4.0 protocol, "Requesting Related Entities").
func (q *request) navigate(a address, navigation string, addressOnly bool) error {
	to, err := q.follow(a, navigation)
	if err != nil {
		return err
	}
	if to.table == nil {
		return q.noContent(nil)
	}
	if !addressOnly {
		return q.one(to)
	}
	gate.Note(q.r.Context()).AddRows(1)
	writeJSON(q.w, http.StatusOK, map[string]string{
		"@odata.context": q.base + "$metadata#$ref", "@odata.id": rowURL(q.base, to.table, to.id)})
	return nil
}

// follow finds the row at the other end of a navigation property; its table is
// nil where there is none.
func (q *request) follow(a address, navigation string) (address, error) {
	navs := a.table.navigations(navigation)
	c := navs[0].column
	kind := "''"
	if c.typeName != "" {
		kind = "coalesce(" + quoteName(c.typeName) + ",'')"
	}
	where, args := a.where()
	rows, err := q.reader().QueryContext(q.ctx(), "SELECT coalesce("+c.sqlName()+",''), "+kind+" FROM "+a.table.sqlName()+" WHERE "+where, args...)
	if err != nil {
		return address{}, err
	}
	defer rows.Close()
	if !rows.Next() {
		return address{}, errors.Join(rows.Err(), a.missing())
	}
	var id, target string
	if err := rows.Scan(&id, &target); err != nil {
		return address{}, err
	}
	for _, n := range navs {
		if id != "" && (c.typeName == "" || n.target.LogicalName == target) {
			return address{table: n.target, id: id}, nil
		}
	}
	return address{}, rows.Err()
}
