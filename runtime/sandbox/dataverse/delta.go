package dataverse

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/dualwrite/dw/runtime/sandbox/gate"
)

// tokenLayout is the time in a delta token.
const tokenLayout = "01/02/2006 15:04:05"

// checkTracking refuses what tracked reads do not take.
func (q *request) checkTracking(t *table) error {
	if !t.ChangeTracking {
		return badRequest("Change tracking is not enabled for entity %s", t.LogicalName)
	}
	for _, name := range []string{"$filter", "$orderby", "$expand", "$top", "$count"} {
		if _, ok := q.options[name]; ok {
			return badRequest(`The "%s" query parameter isn't supported when Change Tracking is enabled.`, name)
		}
	}
	return nil
}

// snapshot runs f on one state of the database and its row version.
func (q *request) snapshot(f func(from querier, version int64) error) error {
	if x, ok := q.r.Context().Value(txKey{}).(*tx); ok {
		return f(x.conn(), x.version)
	}
	snap, err := q.twin.db.BeginTx(q.ctx(), &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { _ = snap.Rollback() }() // it wrote nothing
	var text string
	if err := snap.QueryRowContext(q.ctx(), "SELECT value FROM _twin WHERE name = 'rowversion'").Scan(&text); err != nil {
		return err
	}
	version, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return err
	}
	return f(snap, version)
}

// tracked answers a page of a read that ends in a delta link: all rows as they
// are. What changes after its first page was read comes with the first delta.
func (q *request) tracked(t *table, at cursor) error {
	if err := q.checkTracking(t); err != nil {
		return err
	}
	sel, err := q.query(t)
	if err != nil {
		return err
	}
	return q.snapshot(func(from querier, version int64) error {
		if at.Version == 0 {
			at.Version = version
		}
		if at.After != "" {
			sel.where = append(sel.where, "r."+t.pk.sqlName()+" > ?")
			sel.args = append(sel.args, at.After)
		}
		size := q.pageSize()
		p := page{context: q.contextOf(t, sel) + q.collection(-1, "")}
		last, err := q.fill(&p, from, sel, sel.sql(fmt.Sprintf(" ORDER BY r.%s LIMIT %d", t.pk.sqlName(), size+1)), size)
		if err != nil {
			return err
		}
		if p.more {
			p.next = q.link("$skiptoken", cursor{Page: max(at.Page, 1) + 1, After: last, Track: true, Version: at.Version}.token())
		} else {
			p.delta = q.deltaLink(at.Version)
		}
		q.sendPage(p)
		return nil
	})
}

func (q *request) pageSize() int {
	if q.prefs.pageSize > 0 {
		return q.prefs.pageSize
	}
	return maxPage
}

// deltaLink is the address of the changes after a row version.
func (q *request) deltaLink(version int64) string {
	link := q.base + q.path + "?"
	if text, ok := q.options["$select"]; ok {
		link += "$select=" + strings.ReplaceAll(escapeQuery(text), "%2C", ",") + "&"
	}
	return link + "$deltatoken=" + escapeQuery(strconv.FormatInt(version, 10)+"!"+q.twin.opts.Now().UTC().Format(tokenLayout))
}

// deltaVersion reads a delta token; tokens that are too old, or of a state
// that the database never had, have expired.
func (q *request) deltaVersion(token string, current int64) (int64, error) {
	number, stamp, ok := strings.Cut(token, "!")
	version, err := strconv.ParseInt(number, 10, 64)
	issued, err2 := time.Parse(tokenLayout, stamp)
	if !ok || err != nil || err2 != nil {
		return 0, badRequest("The delta token '%.100s' is not valid.", token)
	}
	age := q.twin.opts.Now().UTC().Sub(issued)
	if age > time.Duration(q.twin.opts.DeltaDays)*24*time.Hour || version > current {
		return 0, fail(q.twin.opts.ExpiredStatus, codeExpired, "Version stamp associated with the client has expired. Please perform a full sync.")
	}
	return version, nil
}

// changes answers a page of what changed since a token: rows by their version
// in their latest state, then deletions.
func (q *request) changes(t *table, token string, at cursor) error {
	if err := q.checkTracking(t); err != nil {
		return err
	}
	sel, err := q.query(t)
	if err != nil {
		return err
	}
	return q.snapshot(func(from querier, current int64) error {
		since, err := q.deltaVersion(token, current)
		if err != nil {
			return err
		}
		if at.Page == 0 {
			at = cursor{Page: 1, Track: true, Version: current, From: since}
		}
		size := q.pageSize()
		p := page{context: `"@odata.context":` + quoteJSON(q.base+"$metadata#"+t.EntitySet+sel.shape(q.options)+"/$delta")}
		if !at.Deleted {
			// The version is selected first, so that it can be sorted and
			// continued by.
			sel.where = append(sel.where, "r.versionnumber > ? AND r.versionnumber <= ?")
			sel.args = append(sel.args, at.From, at.Version)
			last, err := q.fill(&p, from, sel, sel.sql(fmt.Sprintf(" ORDER BY r.versionnumber LIMIT %d", size+1)), size)
			if err != nil {
				return err
			}
			if p.more {
				if err := q.scan(from, &at.From, "SELECT versionnumber FROM "+t.sqlName()+" WHERE "+t.pk.sqlName()+"=?", last); err != nil {
					return err
				}
			} else {
				at.Deleted, at.From = true, since
			}
		}
		if at.Deleted {
			if err := q.deletions(&p, from, t, &at, size); err != nil {
				return err
			}
		}
		if p.more {
			at.Page++
			p.next = q.link("$skiptoken", at.token())
		} else {
			p.delta = q.deltaLink(at.Version)
		}
		q.sendPage(p)
		return nil
	})
}

// deletions adds tombstones to a page until it has size entries.
func (q *request) deletions(p *page, from querier, t *table, at *cursor, size int) error {
	rows, err := from.QueryContext(q.ctx(), "SELECT id, version FROM deleted WHERE tbl=? AND version>? AND version<=? ORDER BY version LIMIT ?",
		t.LogicalName, at.From, at.Version, size-p.count+1)
	if err != nil {
		return err
	}
	defer rows.Close()
	context := quoteJSON(q.base + "$metadata#" + t.EntitySet + "/$deletedEntity")
	n := 0
	for rows.Next() {
		if p.count == size {
			p.more = true
			break
		}
		var id string
		var version int64
		if err := rows.Scan(&id, &version); err != nil {
			return err
		}
		if p.count > 0 {
			p.rows = append(p.rows, ',')
		}
		p.rows = append(p.rows, `{"@odata.context":`+context+`,"id":`+quoteJSON(id)+`,"reason":"deleted"}`...)
		at.From = version
		p.count++
		n++
	}
	gate.Note(q.r.Context()).AddRows(n)
	return rows.Err()
}

// countChanges counts what a delta link would give.
func (q *request) countChanges(t *table, token string) (n int64, err error) {
	if err := q.checkTracking(t); err != nil {
		return 0, err
	}
	err = q.snapshot(func(from querier, current int64) error {
		since, err := q.deltaVersion(token, current)
		if err != nil {
			return err
		}
		return q.scan(from, &n, "SELECT (SELECT count(*) FROM "+t.sqlName()+" WHERE versionnumber>?1) + (SELECT count(*) FROM deleted WHERE tbl=?2 AND version>?1)", since, t.LogicalName)
	})
	return n, err
}

// ctx is for reads; a client that goes away ends them.
func (q *request) ctx() context.Context { return q.r.Context() }

// reader is where rows are read from: the transaction of the change set that
// the request belongs to, or the database.
func (q *request) reader() querier {
	if x, ok := q.r.Context().Value(txKey{}).(*tx); ok {
		return x.conn()
	}
	return q.twin.db
}

// methodNotAllowed refuses a verb.
func methodNotAllowed(method string) error {
	return fail(http.StatusMethodNotAllowed, "0x0", "The requested resource does not support http method '%s'.", method)
}
