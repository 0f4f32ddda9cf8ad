package capture

import (
	"context"
	"maps"
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
		g := groupOf(missing)
		few, err := r.few(ctx, g)
		if err != nil {
			return nil, err
		}
		if !few {
			continue
		}
		readable, err := r.companyReadable(ctx, side, g)
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

// group is pairs of one company whose records are missing. It does not grow
// much with them, and remembers what was found out about the company.
type group struct {
	company   string
	pairs     Set
	n         int
	many      bool    // more than may go without a person being asked
	witnesses []int64 // other pairs of the company
	after     int64   // up to which pairs were looked at for witnesses
}

func newGroup(company string) *group { return &group{company: company, pairs: Set{}} }

func (g *group) add(p *record.Pair) {
	if !g.pairs.Has(p.ID) {
		g.pairs.Add(p.ID)
		g.n++
	}
}

// groupOf makes one of pairs of one company.
func groupOf(pairs []*record.Pair) *group {
	g := newGroup(pairs[0].Company)
	for _, p := range pairs {
		g.add(p)
	}
	return g
}

// believed tells of which companies the records of pairs may be taken for
// deleted that a side calls deleted and that are not found either. A user who may
// not see a company any more is told the same: where too many go at once, some
// other known record of the company must be readable. The other companies are
// doubtful.
func (r *Reader) believed(ctx context.Context, side value.Side, groups map[string]*group) (doubtful map[string]bool, err error) {
	doubtful = map[string]bool{}
	for _, company := range slices.Sorted(maps.Keys(groups)) {
		few, err := r.few(ctx, groups[company])
		if err != nil {
			return nil, err
		}
		if few {
			continue
		}
		readable, err := r.companyReadable(ctx, side, groups[company])
		if err != nil {
			return nil, err
		}
		if !readable {
			doubtful[company] = true
		}
	}
	return doubtful, nil
}

// together adds pairs to the groups of their companies.
func together(groups map[string]*group, pairs []*record.Pair) map[string]*group {
	if groups == nil {
		groups = map[string]*group{}
	}
	for _, p := range pairs {
		if groups[p.Company] == nil {
			groups[p.Company] = newGroup(p.Company)
		}
		groups[p.Company].add(p)
	}
	return groups
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
func (r *Reader) few(ctx context.Context, g *group) (bool, error) {
	if g.n <= FewAbsent(0) || g.many {
		return !g.many, nil
	}
	n := int64(0)
	err := r.walk(ctx, 0, func(p *record.Pair) bool {
		if p.Company == g.company && p.Life == record.Linked {
			n++
		}
		return g.n > FewAbsent(n)
	})
	g.many = g.n > FewAbsent(n)
	return !g.many, err
}

// companyReadable tells whether a known row of the company of some pairs, other
// than their own, can be read.
func (r *Reader) companyReadable(ctx context.Context, side value.Side, not *group) (bool, error) {
	not.witnesses = slices.DeleteFunc(not.witnesses, not.pairs.Has)
	if len(not.witnesses) < witnesses {
		err := r.walk(ctx, not.after, func(p *record.Pair) bool {
			not.after = p.ID
			known := p.Company == not.company && p.Life == record.Linked && p.End(side).Version != ""
			if known && !not.pairs.Has(p.ID) {
				not.witnesses = append(not.witnesses, p.ID)
			}
			return len(not.witnesses) < witnesses
		})
		if err != nil {
			return false, err
		}
	}
	return r.witnessed(ctx, side, not.witnesses)
}

// walk calls f for the pairs of the map after one until it says no.
func (r *Reader) walk(ctx context.Context, after int64, f func(*record.Pair) bool) error {
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
