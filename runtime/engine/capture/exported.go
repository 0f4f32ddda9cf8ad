package capture

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/store"
)

// keyText gives the text of an entity key under which heads are stored. Letter
// case and trailing blanks do not count, as they do not to F&O's database. It is
// never empty.
func keyText(key []value.Value) string {
	var b strings.Builder
	for _, v := range key {
		b.WriteString(transform.FoldKey(v.String()))
		b.WriteByte('\x1f')
	}
	return b.String()
}

// askKeys reads a page of the keys of a company.
func (s *exportScan) askKeys(ctx context.Context, at spot) (fetched, error) {
	q := s.query(at.company)
	q.Projection = KeysOf(q.Projection.Table)
	f, err := s.ask(ctx, value.FnO, q, at)
	f.last = f.Next == ""
	return f, err
}

// keys reads the heads of the company at hand.
func (s *exportScan) keys(ctx context.Context) error {
	return s.through(ctx, spot{s.at.Company, s.at.Next}, s.askKeys, func(ctx context.Context, page fetched) (bool, error) {
		heads := make([]store.Head, len(page.Rows))
		for i, row := range page.Rows {
			heads[i] = store.Head{Key: keyText(row.Values), ID: row.ID, Version: row.Version, Values: row.Values}
		}
		p := s.at
		if page.at.next == "" {
			p.AsOf = page.asOf
		}
		p.Heads += int64(len(heads))
		p.Next = page.Next
		put := func(tx store.Tx) error { return tx.PutHeads(s.Map.Name, heads) }
		var err error
		switch {
		case !page.last:
			err = s.put(ctx, phaseKeys, p, 0, engine.MarkHeadsStored, put)
		case p.Heads == 0: // there is nothing to export
			err = s.follow(ctx, 0, engine.MarkHeadsStored, nil)
		case s.few(p.Heads):
			err = s.put(ctx, phaseRest, p, 0, engine.MarkHeadsStored, put)
		default:
			err = s.put(ctx, phaseExport, p, 0, engine.MarkHeadsStored, put)
		}
		if err == nil {
			s.tell("keys", p.Heads, "")
		}
		return err == nil && !page.last, err
	})
}

// fewPart says of which part of an export's start its records must cost at
// least, or it is not worth waiting for.
const fewPart = 4

// few tells whether so few records are read by their keys instead, where nobody
// demands an export.
func (s *exportScan) few(heads int64) bool {
	c := s.x.Cost
	return s.x.Way != ByExports && c.PerRow > 0 && heads < int64(c.Start/c.PerRow)/fewPart
}

// export has F&O export the company at hand and deals with the file.
func (s *exportScan) export(ctx context.Context) error {
	waiting, end := s.Env.Waiting(ctx)
	defer end()
	file, err := s.fetch(ctx, waiting)
	if stopped := s.Env.Stopped(ctx); stopped != nil {
		switch {
		case err == nil:
			return errors.Join(stopped, file.Close())
		case errors.Is(stopped, engine.ErrStopped) && s.at.Job != "":
			s.tell("export", s.at.Heads, fmt.Sprintf("F&O goes on with the export%s; it is fetched when the work goes on.", s.where()))
		}
		return stopped
	}
	switch {
	case errors.Is(err, connect.ErrExportGone):
		return s.anew(ctx)
	case err != nil:
		return s.giveUp(ctx, err)
	}
	err = s.records(ctx, file)
	if e := file.Close(); err == nil {
		err = e
	}
	if err != nil {
		return s.giveUp(ctx, err)
	}
	return nil
}

// fetch waits for the export and opens its file.
func (s *exportScan) fetch(ctx, waiting context.Context) (connect.ExportFile, error) {
	c := s.Map.Compiled
	var job connect.Job
	var err error
	if id := s.at.Job; id != "" {
		s.tell("export", s.at.Heads, "")
		job, err = s.x.Route.FollowExport(waiting, c.FnO.Table, id, s.at.Begun)
	} else {
		id = s.Env.Host.Random.NewID()
		s.tell("export", s.at.Heads, fmt.Sprintf("F&O exports %d records%s.", s.at.Heads, s.where()))
		job, err = s.x.Route.Export(waiting, c.FnO.Table, id, s.company(), func() error {
			if err := s.Env.Stopped(ctx); err != nil {
				return err
			}
			p := s.at
			p.Job, p.Begun = id, s.Env.Host.Clock.Now().UTC()
			return s.put(ctx, phaseExport, p, 0, "", nil)
		})
	}
	switch {
	case err != nil:
		return nil, err
	case job.State == connect.JobUnknown:
		return nil, connect.ErrExportGone
	case job.State != connect.JobDone:
		return nil, s.failed(job.Message)
	}
	return s.x.Route.OpenExport(waiting, &c.FnO, s.at.Job, s.company())
}

// failed says that an export came to nothing.
func (s *exportScan) failed(message string) error {
	return diag.Fail(diag.Diagnostic{
		Code: diag.CodePackageFailed, Severity: diag.Error, Address: s.Map.Def.Map.Address(),
		Summary: fmt.Sprintf("F&O could not export the records%s", s.where()),
		Detail:  message,
		Hint:    "See the execution history of the data project in F&O; mend the cause and apply again, or write read_via = \"odata\" in initial_sync.",
	})
}

// anew begins an export again that F&O does not know any more.
func (s *exportScan) anew(ctx context.Context) error {
	if s.lost++; s.lost > mostLost {
		return s.giveUp(ctx, s.failed(fmt.Sprintf("It has begun %d exports, of which F&O keeps none.", s.lost)))
	}
	return s.drop(ctx)
}

// drop forgets the export at hand, so that another is begun. Heads that were used
// are read again first: the records that had them have been dealt with, and would
// be read one by one.
func (s *exportScan) drop(ctx context.Context) error {
	if s.at.Done > 0 {
		return s.again(ctx, phaseKeys)
	}
	p := s.at
	p.Job, p.Begun = "", time.Time{}
	return s.put(ctx, phaseExport, p, 0, "", nil)
}

// records goes through the file of an export. The next records are read while
// some are stored.
func (s *exportScan) records(ctx context.Context, file connect.ExportFile) error {
	if err := file.Skip(s.at.Done); err != nil {
		return err
	}
	next, err := file.Next(s.Env.BatchSize())
	for err == nil && len(next) > 0 {
		if err := s.Env.Stopped(ctx); err != nil {
			return err
		}
		chunk := next
		beside := s.Env.Host.Scheduler.Beside(ctx, 1)
		began := beside.Go(func(context.Context) (err error) {
			next, err = file.Next(s.Env.BatchSize())
			return err
		})
		stored := s.chunk(ctx, chunk)
		waited := beside.Wait()
		if stored != nil {
			return stored
		}
		err = cmp.Or(waited, began)
	}
	if err != nil {
		return err
	}
	p := s.at
	p.Job, p.Begun, p.Done = "", time.Time{}, 0
	s.lost = 0
	return s.put(ctx, phaseRest, p, 0, engine.MarkPageStored, nil)
}

// chunk stores some records of a file.
func (s *exportScan) chunk(ctx context.Context, chunk []connect.Exported) error {
	texts := make([]string, len(chunk))
	for i, e := range chunk {
		texts[i] = keyText(e.Key)
	}
	heads := map[string][]store.Head{}
	err := s.Env.Store.Look(ctx, func(tx store.Tx) error {
		found, err := tx.HeadsByKey(s.Map.Name, texts)
		for _, h := range found {
			heads[h.Key] = append(heads[h.Key], h)
		}
		return err
	})
	if err != nil {
		return err
	}
	var rows, strange []connect.Row
	var keys, known [][]value.Value // of strange, of rows
	var ask []connect.RowID
	for i, e := range chunk {
		h := heads[texts[i]]
		switch {
		case e.Doubtful || len(h) > 1:
			ask = append(ask, connect.RowID{Key: e.Key})
		case len(h) == 1:
			rows, known = append(rows, connect.Row{ID: h[0].ID, Version: h[0].Version, Values: e.Values}), append(known, h[0].Values)
		default:
			strange, keys = append(strange, connect.Row{Values: e.Values}), append(keys, e.Key)
		}
		heads[texts[i]] = nil // another record with this key is strange
	}
	if s.at.Done == 0 && s.at.Heads >= judgedFrom {
		if err := s.judge(ctx, rows, known); err != nil {
			return err
		}
	}
	admitted, err := s.admits(ctx, strange)
	if err != nil {
		return err
	}
	for i, key := range keys {
		if admitted[i] {
			ask = append(ask, connect.RowID{Key: key})
		}
	}
	seen, err := s.read(ctx, rows, ask)
	if err != nil {
		return err
	}
	p := s.at.seen(seen)
	p.Done += int64(len(chunk))
	err = s.put(ctx, phaseExport, p, seen.tally.Read[value.FnO], engine.MarkPageStored, func(tx store.Tx) error {
		if err := s.keep(tx, seen); err != nil {
			return err
		}
		return tx.DropHeads(s.Map.Name, texts)
	})
	if err == nil {
		s.tell("read", s.cur.Rows, "")
	}
	return err
}

// admits tells which rows of F&O the map takes.
func (s *exportScan) admits(ctx context.Context, rows []connect.Row) ([]bool, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	rows, err := s.Widen(ctx, value.FnO, rows)
	if err != nil {
		return nil, err
	}
	companies, err := s.companies(ctx, value.FnO, rows)
	if err != nil {
		return nil, err
	}
	out := make([]bool, len(rows))
	for i, row := range rows {
		out[i] = s.Map.Compiled.InScope(value.FnO, row.Values, companies[i])
	}
	return out, nil
}

// read makes sights of rows, and of those that are read by their keys.
func (s *exportScan) read(ctx context.Context, rows []connect.Row, ids []connect.RowID) (sights, error) {
	if len(ids) > 0 {
		more, err := s.Env.FnO.Read(ctx, s.Query(value.FnO).Projection, ids)
		if err != nil {
			return sights{}, err
		}
		rows = append(rows, more...)
	}
	return s.sights(ctx, value.FnO, rows, s.at.AsOf)
}

// rest reads what heads are left of the company at hand by their keys. Records
// that are gone by now are left out.
func (s *exportScan) rest(ctx context.Context) error {
	for {
		if err := s.Env.Stopped(ctx); err != nil {
			return err
		}
		var heads []store.Head
		err := s.Env.Store.View(ctx, func(tx store.Tx) (err error) {
			heads, err = tx.Heads(s.Map.Name, "", s.Env.BatchSize())
			return err
		})
		if err != nil {
			return err
		}
		if len(heads) == 0 {
			return s.follow(ctx, 0, engine.MarkPageStored, nil)
		}
		ids, texts := make([]connect.RowID, len(heads)), make([]string, len(heads))
		for i, h := range heads {
			ids[i], texts[i] = connect.RowID{Key: h.Values}, h.Key
		}
		seen, err := s.read(ctx, nil, ids)
		if err != nil {
			return err
		}
		err = s.put(ctx, phaseRest, s.at.seen(seen), seen.tally.Read[value.FnO], engine.MarkPageStored, func(tx store.Tx) error {
			if err := s.keep(tx, seen); err != nil {
				return err
			}
			return tx.DropHeads(s.Map.Name, texts)
		})
		if err != nil {
			return err
		}
		s.tell("read", s.cur.Rows, "")
	}
}
