package control

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

// walk goes over the listed entries that a command names: map by map in the
// order of waves, so that what a later map needs is there by then, and by their
// numbers within each. What is listed after the command began is not met: it goes
// over nothing twice.
type walk struct {
	env   *engine.Env
	query store.ListedQuery // of whatever map
	maps  []*engine.Map     // those that are left, the one at hand first
	after int64             // the entries of the map at hand up to this one are done
	until int64             // the newest entry when the command began

	seen, total int64            // entries
	here        int64            // of the map at hand: those that are done
	of          map[string]int64 // how many each map had; nil where they are named by number
}

// walk makes the walk of a command.
func (e *executor) walk(ctx context.Context) (*walk, error) {
	w := &walk{env: e.env}
	all := e.cmd.Map != ""
	for _, a := range e.cmd.Args {
		kind, isKind := strings.CutPrefix(a, "kind=")
		id, err := strconv.ParseInt(a, 10, 64)
		switch {
		case a == "all":
			all = true
		case isKind:
			w.query.Kind = record.Kind(kind)
		case err == nil:
			w.query.IDs = append(w.query.IDs, id)
		default:
			return nil, bad(fmt.Sprintf("%q is no number of an entry", a), "`dw errors list` shows the numbers.")
		}
	}
	if len(w.query.IDs) == 0 && !all {
		return nil, bad("no entry is named", "Give numbers of `dw errors list`, or a map.")
	}
	names, err := e.maps()
	if err != nil {
		return nil, err
	}
	for _, m := range e.env.Maps { // in the order of waves
		if slices.Contains(names, m.Name) {
			w.maps = append(w.maps, m)
		}
	}
	return w, e.env.Store.View(ctx, func(tx store.Tx) error {
		if w.until, err = tx.Seq(); err != nil {
			return err
		}
		if len(w.query.IDs) > 0 {
			w.total = int64(len(w.query.IDs))
			q := w.query
			q.Map = e.cmd.Map
			return allListed(tx, q)
		}
		w.of = map[string]int64{}
		for _, m := range w.maps {
			n, err := tx.CountListed(m.Name)
			if err != nil {
				return err
			}
			for kind, n := range n {
				if w.query.Kind == "" || w.query.Kind == kind {
					w.of[m.Name] += n
					w.total += n
				}
			}
		}
		return nil
	})
}

// allListed fails where some of the numbers that a command names are not listed.
func allListed(tx store.Tx, q store.ListedQuery) error {
	listed, err := tx.Listed(q, 0, 0)
	if err != nil {
		return err
	}
	var missing []string
	for _, id := range q.IDs {
		if !slices.ContainsFunc(listed, func(l record.Listed) bool { return l.ID == id }) {
			missing = append(missing, strconv.FormatInt(id, 10))
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return diag.Fail(diag.Diagnostic{
		Code: diag.CodeNoSuchEntry, Severity: diag.Error, Summary: "there is no entry " + strings.Join(missing, ", "),
		Hint: "It may have been settled meanwhile; `dw errors list` shows what is left.",
	})
}

// next gives the map that the next entries belong to; nil where there are none.
func (w *walk) next(ctx context.Context) (*engine.Map, error) {
	for len(w.maps) > 0 {
		var some []record.Listed
		err := w.env.Store.View(ctx, func(tx store.Tx) (err error) {
			some, err = w.read(tx, 1)
			return err
		})
		if err != nil {
			return nil, err
		}
		if len(some) > 0 {
			return w.maps[0], nil
		}
		w.skip()
	}
	return nil, nil
}

// skip leaves the map at hand.
func (w *walk) skip() { w.maps, w.after, w.here = w.maps[1:], 0, 0 }

// read gives the next entries of the map at hand.
func (w *walk) read(tx store.Tx, limit int) ([]record.Listed, error) {
	q := w.query
	q.Map = w.maps[0].Name
	listed, err := tx.Listed(q, w.after, limit)
	return slices.DeleteFunc(listed, func(l record.Listed) bool { return l.ID > w.until }), err
}

// page gives the next entries of the map at hand, with the others of the same
// records. Pass is called once they are dealt with.
func (w *walk) page(ctx context.Context) (listed []record.Listed, pass func(), err error) {
	var some []record.Listed
	err = w.env.Store.View(ctx, func(tx store.Tx) error {
		if some, err = w.read(tx, w.env.BatchSize()); err != nil {
			return err
		}
		q := w.query
		q.Map = w.maps[0].Name
		for _, l := range some {
			q.Keys = append(q.Keys, l.Key)
		}
		listed, err = tx.Listed(q, 0, 0)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	done := map[string]bool{} // records that an earlier page had
	for _, l := range listed {
		if l.ID <= w.after {
			done[l.Key] = true
		}
	}
	listed = slices.DeleteFunc(listed, func(l record.Listed) bool { return done[l.Key] })
	return listed, func() {
		for _, l := range some {
			w.after = l.ID
		}
		w.seen += int64(len(some))
		w.here += int64(len(some))
	}, nil
}
