package capture

import (
	"context"
	"fmt"
	"time"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/store"
)

// Clearly is how many times as long as by exports reading the rest in pages has
// to take, so that exports take their place: what those take is only known from
// what is published.
const Clearly = 2

// weighFrom says after which part of the time until an export begins pages are
// weighed.
const weighFrom = 10

// scale weighs what is left to read over OData against exports.
type scale struct {
	rows   int64 // of full pages, and what they took
	spent  time.Duration
	perKey time.Duration // of pages of keys; 0: not measured
	never  bool          // exports cannot be used

	counted  bool
	admitted int64 // records of the companies that were left when they were counted, that the filter admits
	exported int64 // all of them
	read     int64 // of the admitted ones since, or before of the first company
	ended    int64 // read of companies that have ended since
}

// weigh reads company by company in pages, until an export turns out to take
// less time for the rest, the company at hand included.
func (s *exportScan) weigh(ctx context.Context) error {
	ask := func(ctx context.Context, at spot) (fetched, error) {
		f, err := s.ask(ctx, value.FnO, s.query(at.company), at)
		if f.Next == "" {
			f.next = spot{company: at.company + 1}
			f.last = f.next.company == len(s.x.Companies)
		}
		return f, err
	}
	return s.through(ctx, spot{s.at.Company, s.at.Next}, ask, func(ctx context.Context, page fetched) (bool, error) {
		seen, err := s.sights(ctx, value.FnO, page.Rows, page.asOf)
		if err != nil {
			return false, err
		}
		n := int64(len(page.Rows))
		s.scale.rows, s.scale.spent, s.scale.read = s.scale.rows+n, s.scale.spent+page.took, s.scale.read+n
		keep := func(tx store.Tx) error { return s.keep(tx, seen) }
		if page.Next == "" {
			s.scale.ended += s.at.Read + n
			err = s.follow(ctx, n, engine.MarkPageStored, keep)
		} else {
			p := s.at.seen(seen)
			p.Next = page.Next
			err = s.put(ctx, phaseWeigh, p, n, engine.MarkPageStored, keep)
		}
		if err != nil {
			return false, err
		}
		s.tell("read", s.cur.Rows, "")
		if page.last {
			return false, nil
		}
		pays, err := s.pays(ctx)
		if err != nil || !pays {
			return err == nil, err
		}
		return false, s.again(ctx, phaseKeys)
	})
}

// pays tells whether reading the rest by exports takes clearly less time.
func (s *exportScan) pays(ctx context.Context) (bool, error) {
	w := &s.scale
	if s.at.Stay || w.never || s.x.Cost.Start <= 0 || w.rows == 0 || w.spent < s.x.Cost.Start/weighFrom {
		return false, nil
	}
	if err := s.count(ctx); err != nil {
		return false, err
	}
	pages := time.Duration(float64(w.spent) / float64(w.rows) * float64(max(0, w.admitted-w.read)))
	exports := s.x.Cost.Start*time.Duration(len(s.x.Companies)-s.at.Company) + s.x.Cost.PerRow*time.Duration(max(0, w.exported-w.ended))
	if pages <= Clearly*exports {
		return false, nil
	}
	// Reading keys counts too, and how long that takes only a page of them tells.
	if w.perKey == 0 {
		took, err := s.keysTake(ctx)
		if err != nil {
			return false, err
		}
		w.perKey = max(took, 1)
	}
	exports += w.perKey * time.Duration(max(0, w.admitted-w.ended))
	if pages <= Clearly*exports {
		return false, nil
	}
	if err := s.x.Route.ExportsReady(ctx, []*schema.Table{s.Map.Compiled.FnO.Table}); err != nil {
		if w.never = unusable(err); w.never {
			return false, nil // the plan has said so
		}
		return false, err
	}
	s.tell("read", s.cur.Rows, fmt.Sprintf("F&O is read by exports from here on: about %s, and %s over OData.", roughly(exports), roughly(pages)))
	return true, nil
}

// count asks once how many records are left.
func (s *exportScan) count(ctx context.Context) (err error) {
	w := &s.scale
	if w.counted {
		return nil
	}
	q := s.query(s.at.Company)
	if len(q.Companies) > 0 {
		q.Companies = s.x.Companies[s.at.Company:]
	}
	if w.admitted, _, err = s.Env.FnO.Count(ctx, q); err != nil {
		return err
	}
	w.exported = w.admitted
	if q.Filter != "" {
		q.Filter = ""
		if w.exported, _, err = s.Env.FnO.Count(ctx, q); err != nil {
			return err
		}
	}
	w.counted, w.read, w.ended = true, s.at.Read, 0
	return nil
}

// keysTake measures what a record takes of which the key alone is read.
func (s *exportScan) keysTake(ctx context.Context) (time.Duration, error) {
	page, err := s.askKeys(ctx, spot{company: s.at.Company})
	if err != nil || len(page.Rows) == 0 {
		return 0, err
	}
	return page.took / time.Duration(len(page.Rows)), nil
}

// roughly gives a time for people.
func roughly(d time.Duration) string {
	if d < time.Minute {
		return d.Round(time.Second).String()
	}
	return fmt.Sprintf("%d min", int64(d.Round(time.Minute)/time.Minute))
}
