package capture

import (
	"context"
	"fmt"
	"hash/maphash"
	"slices"
	"time"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

// Watcher captures what happens to the records of a map after its existing
// data was joined. It is used by one task at a time. What it has captured is in
// the store when a method returns; what it keeps in memory may be lost.
type Watcher struct {
	*Reader

	scans   map[value.Side]*scan // in progress
	judged  *judged
	wide    bool              // versions tell nothing where only keys are read
	gone    map[string]*group // what this round of changes calls deleted, by company
	tokenAt time.Time         // when the token of changes was stored last
	wholeAt time.Time         // when the last read of the whole tracked table ended
}

// NewWatcher makes a watcher of a map.
func NewWatcher(r *Reader) *Watcher {
	return &Watcher{Reader: r, scans: map[value.Side]*scan{}, judged: newJudged()}
}

// at gives the time as records carry it.
func (r *Reader) at() string { return r.Env.Host.Clock.Now().UTC().Format(time.RFC3339) }

// asOf gives the store's sequence before a request.
func (r *Reader) asOf(ctx context.Context) (seq int64, err error) {
	err = r.Env.Store.View(ctx, func(tx store.Tx) error {
		seq, err = tx.Seq()
		return err
	})
	return seq, err
}

// judged remembers rows that belong to no pair and were captured once in the
// version that they have: failed ones, and those that nobody creates on the
// other side. They are looked at again when they change, or by a new process.
type judged struct {
	seed maphash.Seed
	rows map[uint64]struct{}
}

func newJudged() *judged { return &judged{seed: maphash.MakeSeed(), rows: map[uint64]struct{}{}} }

func (j *judged) number(side value.Side, row connect.Row) uint64 {
	return maphash.String(j.seed, string(side)+"\x00"+row.ID+"\x00"+row.Version)
}

func (j *judged) has(side value.Side, row connect.Row) bool {
	_, ok := j.rows[j.number(side, row)]
	return ok
}

func (j *judged) add(side value.Side, rows []connect.Row) {
	for _, row := range rows {
		if !row.Deleted {
			j.rows[j.number(side, row)] = struct{}{}
		}
	}
}

// Forget makes the next scan look at every row that belongs to no pair again.
func (w *Watcher) Forget() { w.judged = newJudged() }

// captured is what a read comes to.
type captured struct {
	observations []record.Observation
	listed       []record.Listed
	over         []string // keys of listed findings that hold no more
	stored       int      // observations that are stored already
}

func (c *captured) add(o captured) {
	c.observations = append(c.observations, o.observations...)
	c.listed = append(c.listed, o.listed...)
	c.over = append(c.over, o.over...)
	c.stored += o.stored
}

// store stores it, with more in the same transaction.
func (r *Reader) store(ctx context.Context, c captured, more func(store.Tx) error) error {
	if len(c.observations)+len(c.listed)+len(c.over) == 0 && more == nil {
		return nil
	}
	return r.Env.Store.Update(ctx, func(tx store.Tx) error {
		if err := tx.AddObservations(c.observations); err != nil {
			return err
		}
		if err := tx.PutListed(c.listed); err != nil {
			return err
		}
		if len(c.over) > 0 {
			if err := tx.Unlist(r.Map.Name, c.over); err != nil {
				return err
			}
		}
		if more == nil {
			return nil
		}
		return more(tx)
	})
}

// pairsOf finds the pairs of rows by their id.
func (r *Reader) pairsOf(ctx context.Context, side value.Side, ids []string) (map[string]*record.Pair, error) {
	found := map[string]*record.Pair{}
	if len(ids) == 0 {
		return found, nil
	}
	err := r.Env.Store.View(ctx, func(tx store.Tx) error {
		pairs, err := tx.PairsByEnd(r.Map.Name, side, ids)
		for _, p := range pairs {
			found[p.End(side).ID] = p
		}
		return err
	})
	return found, err
}

func rowIDs(rows []connect.Row) []string {
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	return ids
}

// Changed turns rows that were reported as changed into observations. A row
// that has lost its key or its company stays an observation of its pair, out of
// scope. Reported deletes are looked for first: a row that is there after all
// is seen as it is, and one that belongs to no pair and waits nowhere means
// nothing.
func (r *Reader) Changed(ctx context.Context, side value.Side, rows []connect.Row, asOf int64) ([]record.Observation, []record.Listed, error) {
	pairs, err := r.pairsOf(ctx, side, rowIDs(rows))
	if err != nil {
		return nil, nil, err
	}
	c, gone, err := r.changed(ctx, side, rows, pairs, asOf)
	return append(c.observations, r.deleted(side, gone, asOf)...), c.listed, err
}

// changed is Changed without the deletes: it gives the pairs whose records are
// called deleted and were not found either.
func (r *Reader) changed(ctx context.Context, side value.Side, rows []connect.Row, pairs map[string]*record.Pair, asOf int64) (c captured, absent []*record.Pair, err error) {
	var there []connect.Row
	var gone []*record.Pair
	var strange []string // called deleted, and of no pair
	for _, row := range rows {
		p := pairs[row.ID]
		switch {
		case !row.Deleted && p != nil && row.Version != "" && p.End(side).Version == row.Version:
			// Agreed in this very version: what dw wrote itself, most often.
		case !row.Deleted:
			there = append(there, row)
		case p != nil:
			gone = append(gone, p)
		default:
			strange = append(strange, row.ID)
		}
	}
	if c, err = r.seen(ctx, side, there, pairs, asOf); err != nil {
		return captured{}, nil, err
	}
	found, absent, err := r.look(ctx, side, gone)
	if err != nil {
		return captured{}, nil, err
	}
	c.add(found)
	over, err := r.Overtaken(ctx, side, strange, asOf)
	c.observations = append(c.observations, over...)
	return c, absent, err
}

// Overtaken gives what is to take the place of unhandled observations of rows
// that are called deleted, with the Seq of these. Of rows without pair nobody
// would learn of the delete any more once a record had been made of them on the
// other side. A row that is there after all keeps its observation. For F&O a scan
// tells.
func (r *Reader) Overtaken(ctx context.Context, side value.Side, ids []string, asOf int64) ([]record.Observation, error) {
	if len(ids) == 0 || side != value.Dataverse {
		return nil, nil
	}
	var waiting []record.Observation
	err := r.Env.Store.Look(ctx, func(tx store.Tx) (err error) {
		waiting, err = tx.Unhandled(r.Map.Name, side, ids)
		return err
	})
	if err != nil || len(waiting) == 0 {
		return nil, err
	}
	asked := make([]connect.RowID, len(waiting))
	for i, o := range waiting {
		asked[i] = connect.RowID{ID: o.ID}
	}
	rows, err := r.readRows(ctx, side, asked)
	if err != nil {
		return nil, err
	}
	waiting = slices.DeleteFunc(waiting, func(o record.Observation) bool {
		return slices.ContainsFunc(rows, func(row connect.Row) bool { return row.ID == o.ID })
	})
	at := r.at()
	for i, o := range waiting {
		waiting[i] = record.Observation{Seq: o.Seq, AsOf: asOf, Map: o.Map, Side: side, Key: o.Key, Company: o.Company, ID: o.ID, Deleted: true, At: at}
	}
	return waiting, nil
}

// seen turns rows that are there into observations.
func (r *Reader) seen(ctx context.Context, side value.Side, rows []connect.Row, pairs map[string]*record.Pair, asOf int64) (captured, error) {
	if len(rows) == 0 {
		return captured{}, nil
	}
	obs, err := r.Observe(ctx, side, rows, asOf)
	if err != nil {
		return captured{}, err
	}
	at := r.at()
	var c captured
	taken := map[string]bool{}
	var keyless []record.Observation
	for _, o := range obs {
		o.At = at
		switch {
		case o.Key != "":
			taken[o.ID] = true
			c.observations = append(c.observations, o)
		case pairs[o.ID] == nil:
			taken[o.ID] = true
			keyless = append(keyless, o)
		}
	}
	c.listed = r.ListKeyless(keyless)
	for _, row := range rows {
		if p := pairs[row.ID]; p != nil && !taken[row.ID] {
			c.observations = append(c.observations, record.Observation{
				AsOf: asOf, Map: r.Map.Name, Side: side, Key: p.Key, Company: p.Company, ID: row.ID, Version: row.Version,
				Values: r.Map.Compiled.Widen(side, row.Values, nil), At: at,
			})
			r.matched(&c.observations[len(c.observations)-1], p)
		}
	}
	return c, nil
}

// deleted gives observations of pairs whose record of a side is gone.
func (r *Reader) deleted(side value.Side, pairs []*record.Pair, asOf int64) []record.Observation {
	at := r.at()
	obs := make([]record.Observation, 0, len(pairs))
	for _, p := range pairs {
		obs = append(obs, record.Observation{
			AsOf: asOf, Map: r.Map.Name, Side: side, Key: p.Key, Company: p.Company, ID: p.End(side).ID, Deleted: true, At: at,
		})
	}
	return obs
}

// lookAtOnce is how many records are looked for in one read.
const lookAtOnce = 200

// look looks for the records of pairs by id or key: those that are there come
// back as observations, also where another record has taken the place; the
// others are absent.
func (r *Reader) look(ctx context.Context, side value.Side, pairs []*record.Pair) (c captured, absent []*record.Pair, err error) {
	for len(pairs) > 0 {
		n := min(lookAtOnce, len(pairs))
		found, missing, err := r.lookOnce(ctx, side, pairs[:n])
		if err != nil {
			return captured{}, nil, err
		}
		c.add(found)
		absent = append(absent, missing...)
		pairs = pairs[n:]
	}
	return c, absent, nil
}

func (r *Reader) lookOnce(ctx context.Context, side value.Side, pairs []*record.Pair) (c captured, absent []*record.Pair, err error) {
	asOf, err := r.asOf(ctx)
	if err != nil {
		return captured{}, nil, err
	}
	rows, err := r.readPairs(ctx, side, pairs)
	if err != nil {
		return captured{}, nil, err
	}
	byID := make(map[string]*record.Pair, len(pairs))
	for _, p := range pairs {
		byID[p.End(side).ID] = p
	}
	there := map[string]bool{}
	for _, row := range rows {
		there[row.ID] = true
	}
	for _, p := range pairs {
		if !there[p.End(side).ID] {
			absent = append(absent, p)
		}
	}
	c, err = r.seen(ctx, side, rows, byID, asOf)
	return c, absent, err
}

// readPairs reads the rows of pairs afresh.
func (r *Reader) readPairs(ctx context.Context, side value.Side, pairs []*record.Pair) ([]connect.Row, error) {
	ids := make([]connect.RowID, 0, len(pairs))
	for _, p := range pairs {
		if end := p.End(side); end.ID != "" {
			ids = append(ids, connect.RowID{ID: end.ID, Key: end.Key})
		}
	}
	return r.readRows(ctx, side, ids)
}

func (r *Reader) readRows(ctx context.Context, side value.Side, ids []connect.RowID) ([]connect.Row, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := r.Env.Connector(side).Read(ctx, r.Query(side).Projection, ids)
	if err != nil {
		return nil, fmt.Errorf("read records of map %s in %s: %w", r.Map.Name, side.Title(), err)
	}
	return rows, nil
}
