package capture

import (
	"context"
	"slices"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

// Gone gives the ids of those pairs whose record of a side, which one read did
// not find, is certain to be gone. In Dataverse, where a row keeps its id, that is
// so if another known row of the company can be read and not too many are missing
// at once. In F&O records are read by a key that may have been changed, so that
// only a scan can tell; but of sleeping pairs, which scans need not show and for
// which nothing is deleted, it is so as well.
func (r *Reader) Gone(ctx context.Context, side value.Side, pairs []*record.Pair) (map[int64]bool, error) {
	gone := map[int64]bool{}
	if side == value.FnO {
		pairs = slices.DeleteFunc(slices.Clone(pairs), func(p *record.Pair) bool { return p.Life == record.Linked })
	}
	for _, missing := range byCompany(pairs) {
		few, err := r.few(ctx, missing)
		if err != nil {
			return nil, err
		}
		if !few {
			continue
		}
		readable, err := r.companyReadable(ctx, side, missing)
		if err != nil {
			return nil, err
		}
		for _, p := range missing {
			if readable {
				gone[p.ID] = true
			}
		}
	}
	return gone, nil
}

// believed tells of which companies the records of pairs may be taken for
// deleted that a side calls deleted and that are not found either. A user who may
// not see a company any more is told the same: where too many go at once, some
// other known record of the company must be readable. The other companies are
// doubtful.
func (r *Reader) believed(ctx context.Context, side value.Side, pairs []*record.Pair) (doubtful map[string]bool, err error) {
	doubtful = map[string]bool{}
	for _, gone := range byCompany(pairs) {
		few, err := r.few(ctx, gone)
		if err != nil {
			return nil, err
		}
		if few {
			continue
		}
		readable, err := r.companyReadable(ctx, side, gone)
		if err != nil {
			return nil, err
		}
		if !readable {
			doubtful[gone[0].Company] = true
		}
	}
	return doubtful, nil
}

// byCompany sorts pairs by their company.
func byCompany(pairs []*record.Pair) (groups [][]*record.Pair) {
	at := map[string]int{}
	for _, p := range pairs {
		i, ok := at[p.Company]
		if !ok {
			i = len(groups)
			at[p.Company], groups = i, append(groups, nil)
		}
		groups[i] = append(groups[i], p)
	}
	return groups
}

// few tells whether so many pairs of one company may go without a person being
// asked.
func (r *Reader) few(ctx context.Context, pairs []*record.Pair) (bool, error) {
	if len(pairs) <= FewAbsent(0) {
		return true, nil
	}
	n := int64(0)
	err := r.walk(ctx, func(p *record.Pair) bool {
		if p.Company == pairs[0].Company && p.Life == record.Linked {
			n++
		}
		return true
	})
	return len(pairs) <= FewAbsent(n), err
}

// companyReadable tells whether a known row of the company of some pairs, other
// than their own, can be read.
func (r *Reader) companyReadable(ctx context.Context, side value.Side, not []*record.Pair) (bool, error) {
	var ids []int64
	err := r.walk(ctx, func(p *record.Pair) bool {
		known := p.Company == not[0].Company && p.Life == record.Linked && p.End(side).Version != ""
		if known && !slices.ContainsFunc(not, func(n *record.Pair) bool { return n.ID == p.ID }) {
			ids = append(ids, p.ID)
		}
		return len(ids) < witnesses
	})
	if err != nil {
		return false, err
	}
	return r.witnessed(ctx, side, ids)
}

// walk calls f for the pairs of the map until it says no.
func (r *Reader) walk(ctx context.Context, f func(*record.Pair) bool) error {
	after := int64(0)
	for {
		var pairs []*record.Pair
		err := r.Env.Store.View(ctx, func(tx store.Tx) (err error) {
			pairs, err = tx.Pairs(r.Map.Name, after, r.Env.BatchSize(), false)
			return err
		})
		if err != nil || len(pairs) == 0 {
			return err
		}
		after = pairs[len(pairs)-1].ID
		for _, p := range pairs {
			if !f(p) {
				return nil
			}
		}
	}
}
