package capture

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/store"
)

// Export says how Scan may read F&O by exports, which have all fields of all
// records of a company and neither ids nor versions of them. So the keys are read
// first, page by page: their rows have both. These heads are stored; then the
// company is exported, and each record of the file takes its id and version from
// its head, which goes. What a file does not tell is read by its key: records
// without a head, which are new or not admitted by the filter, and at the end
// the heads that are left.
//
// Since heads are read before an export begins, values may be newer than the
// version that stands beside them, and the next scan or the condition of a write
// finds that out. They are never older: an edit would be lost.
type Export struct {
	Route connect.Exports
	Cost  connect.ExportRoute
	// Companies are those of which there is an export each; "" alone for an entity
	// without companies.
	Companies []string
	// Way says how to read: ByExports from the beginning, ByPages only, or, "", by
	// pages until they show that an export takes less time. A scan that was cut off
	// goes on as it was, but for one by exports that is to be by pages now.
	Way string
}

// The ways of Export.
const (
	ByPages   = "odata"
	ByExports = "package"
)

// The phases of a scan that may go by exports; each has a place as its
// store.Cursor.Next. One company follows the other, and each is exported after
// its keys were read.
const (
	phaseWeigh  = "weigh"  // company by company in pages; an export may turn out to be faster
	phaseAgain  = "again"  // what was read of a company goes, since it is read anew
	phaseKeys   = "keys"   // pages of keys
	phaseExport = "export" // the job, and its file
	phaseRest   = "rest"   // heads that the file had nothing for
)

// place is where such a scan goes on.
type place struct {
	Company int    `json:"company,omitempty"` // index of Export.Companies
	Next    string `json:"next,omitempty"`    // of pages: connect.Page.Next
	Stay    bool   `json:"stay,omitempty"`    // by pages, whatever an export would cost
	Then    string `json:"then,omitempty"`    // the phase that follows phaseAgain

	// What the tally has of the company at hand.
	Read    int64 `json:"read,omitempty"`
	InScope int64 `json:"in_scope,omitempty"`

	AsOf  int64     `json:"as_of,omitempty"` // the store's sequence before the first key was read
	Heads int64     `json:"heads,omitempty"` // that were stored
	Job   string    `json:"job,omitempty"`   // id of the export; "": not begun
	Begun time.Time `json:"begun,omitzero"`
	Done  int64     `json:"done,omitempty"` // records of its file that were dealt with
}

// leads tells whether a scan goes, or may go, by exports.
func (x *Export) leads(cur store.Cursor) bool {
	switch cur.Phase {
	case phaseScan:
		return false
	case "":
		return x != nil && x.Way != ByPages && len(x.Companies) > 0
	}
	return true
}

// exportScan is such a scan.
type exportScan struct {
	*Reader
	x     *Export
	cur   store.Cursor
	at    place // of cur
	scale scale
	lost  int // exports that F&O did not know any more
}

// mostLost is how many exports in a row may be lost before it is given up.
const mostLost = 3

func (r *Reader) byExport(ctx context.Context, cur store.Cursor) error {
	s := &exportScan{Reader: r, x: r.Export, cur: cur}
	if s.x == nil {
		return fmt.Errorf("its scan was begun by exports, which %s does not offer", value.FnO.Title())
	}
	if cur.Next != "" {
		if err := json.Unmarshal([]byte(cur.Next), &s.at); err != nil {
			return fmt.Errorf("the place to go on at cannot be read: %w", err)
		}
	}
	if s.at.Company < 0 || s.at.Company >= len(s.x.Companies) {
		return errors.New("the place to go on at lies outside the companies")
	}
	if err := s.choose(ctx); err != nil {
		return err
	}
	for {
		if err := r.Env.Stopped(ctx); err != nil {
			return err
		}
		var err error
		switch s.cur.Phase {
		case phaseWeigh:
			err = s.weigh(ctx)
		case phaseAgain:
			err = s.forget(ctx)
		case phaseKeys:
			err = s.keys(ctx)
		case phaseExport:
			err = s.export(ctx)
		case phaseRest:
			err = s.rest(ctx)
		case phaseDone:
			return nil
		default:
			err = fmt.Errorf("the phase %q is not known", s.cur.Phase)
		}
		if err != nil {
			return err
		}
	}
}

// choose begins a scan, or turns one that was begun another way.
func (s *exportScan) choose(ctx context.Context) error {
	switch exports := s.cur.Phase == phaseKeys || s.cur.Phase == phaseExport || s.cur.Phase == phaseRest; {
	case s.cur.Phase == "" && s.x.Way == ByExports:
		s.cur.Phase = phaseKeys
	case s.cur.Phase == "":
		s.cur.Phase = phaseWeigh
	case exports && s.x.Way == ByPages:
		return s.again(ctx, phaseWeigh)
	case s.cur.Phase == phaseWeigh && s.x.Way == ByExports:
		return s.again(ctx, phaseKeys)
	}
	if s.x.Way == ByPages {
		s.at.Stay = true
	}
	return nil
}

// company is the one at hand.
func (s *exportScan) company() string { return s.x.Companies[s.at.Company] }

// query asks for all records of a company.
func (s *exportScan) query(company int) connect.Query {
	q := s.Query(value.FnO)
	q.Companies = nil
	if c := s.x.Companies[company]; c != "" {
		q.Companies = []string{c}
	}
	return q
}

// put stores where the scan goes on, together with what f stores, and tells of
// it by a marker, if any.
func (s *exportScan) put(ctx context.Context, phase string, at place, rows int64, marker string, f func(store.Tx) error) error {
	next := store.Cursor{Phase: phase, Rows: s.cur.Rows + rows}
	if phase != phaseDone {
		text, err := json.Marshal(at)
		if err != nil {
			return err
		}
		next.Next = string(text)
	}
	err := s.Env.Store.Update(ctx, func(tx store.Tx) error {
		if f != nil {
			if err := f(tx); err != nil {
				return err
			}
		}
		return tx.PutCursor(s.Map.Name, value.FnO, next)
	})
	if err != nil {
		return err
	}
	s.cur, s.at = next, at
	if marker != "" {
		s.reached(next, marker)
	}
	return nil
}

// seen adds what was read of the company at hand to a place.
func (p place) seen(s sights) place {
	p.Read += s.tally.Read[value.FnO]
	p.InScope += s.tally.InScope[value.FnO]
	return p
}

// tell reports how far the scan is.
func (s *exportScan) tell(phase string, done int64, note string) {
	s.Env.Report(report.Progress{Map: s.Map.Name, Phase: phase, Side: value.FnO, Done: done, Note: note})
}

// where names the company at hand for people.
func (s *exportScan) where() string {
	if c := s.company(); c != "" {
		return " of " + c
	}
	return ""
}

// again has the company at hand read anew in another phase. What was read of it
// does not count.
func (s *exportScan) again(ctx context.Context, then string) error {
	p := place{Company: s.at.Company, Then: then, Stay: then == phaseWeigh}
	phase := phaseAgain
	if s.at.Read == 0 {
		phase, p.Then = then, ""
	}
	return s.put(ctx, phase, p, -s.at.Read, "", func(tx store.Tx) error {
		if err := tx.ClearHeads(s.Map.Name); err != nil {
			return err
		}
		return tx.AddTally(s.Map.Name, store.Tally{
			Read: map[value.Side]int64{value.FnO: -s.at.Read}, InScope: map[value.Side]int64{value.FnO: -s.at.InScope},
		})
	})
}

// forget takes away what was observed of the company at hand: a record that has
// come in the place of another meanwhile must not stand beside it.
func (s *exportScan) forget(ctx context.Context) error {
	from, until, ranged := s.Map.Compiled.KeysOf(s.company())
	for after, more := from, true; more; {
		if err := s.Env.Stopped(ctx); err != nil {
			return err
		}
		err := s.Env.Store.Update(ctx, func(tx store.Tx) error {
			work, err := tx.Work(s.Map.Name, after, s.Env.BatchSize())
			if err != nil {
				return err
			}
			more = len(work) > 0
			var seqs []int64
			for _, w := range work {
				if after = w.Key; ranged && after >= until {
					more = false
					break
				}
				for _, o := range w.FnO {
					if o.Company == s.company() {
						seqs = append(seqs, o.Seq)
					}
				}
			}
			return tx.DropObservations(s.Map.Name, seqs)
		})
		if err != nil {
			return err
		}
	}
	then := s.at.Then
	return s.put(ctx, then, place{Company: s.at.Company, Stay: s.at.Stay}, 0, engine.MarkPageStored, nil)
}

// follow begins the next company, in the transaction of f, or ends the scan.
func (s *exportScan) follow(ctx context.Context, rows int64, marker string, f func(store.Tx) error) error {
	p := place{Company: s.at.Company + 1, Stay: s.at.Stay}
	phase := s.cur.Phase
	if phase != phaseWeigh {
		phase = phaseKeys
	}
	if p.Company == len(s.x.Companies) {
		phase = phaseDone
	}
	return s.put(ctx, phase, p, rows, marker, f)
}

// unusable tells whether an error says that the export of an entity cannot be
// used here, whatever its attempts.
func unusable(err error) bool {
	failed, ok := errors.AsType[*diag.Failure](err)
	return ok && failed.Only(diag.CodeNoPackages, diag.CodeProjectMissing, diag.CodeProjectContents, diag.CodePackageFailed, diag.CodeExportUnreadable)
}

// giveUp goes on page by page where an export comes to nothing that nobody has
// demanded. One that was demanded is begun anew by the next run: somebody may
// have mended the cause.
func (s *exportScan) giveUp(ctx context.Context, err error) error {
	switch {
	case !unusable(err):
		return err
	case s.x.Way == ByExports:
		return errors.Join(err, s.drop(ctx))
	}
	failed, _ := errors.AsType[*diag.Failure](err)
	s.tell("read", s.cur.Rows, fmt.Sprintf("F&O is read over OData from here on: %s.", failed.List[0].Summary))
	return s.again(ctx, phaseWeigh)
}
