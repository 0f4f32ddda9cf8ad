package write

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/store"
)

// Packages holds bulk writes to F&O back until there is a package full of them,
// or nothing more to wait for. They are stored as all intents are; here are
// their ids only.
type Packages struct {
	route connect.Packages
	cost  connect.PackageRoute
	// least is from how many rows on a package is sent, fewer go as single
	// writes.
	least int

	mu     sync.Mutex
	held   map[shape][]int64
	shapes []shape // in the order in which they came
}

// shape is what the rows of a package have in common: a file has the same
// columns in all rows, and what stands in none of them is emptied.
type shape struct {
	company string
	op      record.Op
	columns string // names, with a line end between them; of updates only
}

// NewPackages prepares for a map that may be written by packages. Forced sends
// everything that can go by a package so; else those are sent that take less
// time so. The error is a *diag.Failure where the map cannot be.
func NewPackages(ctx context.Context, env *engine.Env, m *engine.Map, forced bool) (*Packages, error) {
	route, ok := env.FnO.(connect.Packages)
	if !ok {
		return nil, fmt.Errorf("map %s: %s has no packages", m.Name, value.FnO.Title())
	}
	if err := route.PackagesReady(ctx, []*schema.Table{m.Compiled.FnO.Table}); err != nil {
		return nil, err
	}
	p := &Packages{route: route, cost: env.FnO.Capabilities(m.Compiled.FnO.Table).Package, least: 1, held: map[shape][]int64{}}
	if !forced {
		p.least = p.cost.Least()
	}
	if p.least == 0 || p.cost.Rows == 0 {
		return nil, fmt.Errorf("map %s: packages do not pay", m.Name)
	}
	return p, nil
}

// takes tells whether a write may go by a package. A nil *Packages takes none.
func (p *Packages) takes(in *record.Intent) bool {
	return p != nil && in.Side == value.FnO && in.Bulk && (in.Op == record.Create || in.Op == record.Update)
}

// Held tells whether Send keeps a write back until Confirm.
func (w *Writer) Held(in *record.Intent) bool { return w.Packages.takes(in) }

// hold keeps a write back that may go by a package.
func (p *Packages) hold(in *record.Intent) bool {
	if !p.takes(in) {
		return false
	}
	s := shape{company: strings.ToLower(in.Company), op: in.Op}
	if in.Op == record.Update {
		names := make([]string, len(in.Fields))
		for i, f := range in.Fields {
			names[i] = f.Column
		}
		slices.Sort(names)
		s.columns = strings.Join(names, "\n")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held[s] == nil {
		p.shapes = append(p.shapes, s)
	}
	p.held[s] = append(p.held[s], in.ID)
	return true
}

// next takes the rows of one shape, at most a package full of them, in the order
// in which they are stored.
func (p *Packages) next() (s shape, ids []int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.shapes) > 0 {
		s = p.shapes[0]
		ids = p.held[s]
		// They came from portions that were sent beside each other.
		slices.Sort(ids)
		if n := min(len(ids), p.cost.Rows); n < len(ids) {
			p.held[s] = ids[n:]
			return s, ids[:n:n]
		}
		delete(p.held, s)
		p.shapes = p.shapes[1:]
		if len(ids) > 0 {
			return s, ids
		}
	}
	return s, nil
}

// job is a job that may be under way, as the state keeps it.
type job struct {
	ID    string    `json:"id"`
	Begun time.Time `json:"begun"`
}

// JobMeta names the store's entry of the job of a map.
func JobMeta(mapName string) string { return "package/" + mapName }

// sendPackages first waits for the job that an earlier run has left, then sends
// what was held back.
func (w *Writer) sendPackages(ctx context.Context) error {
	if err := w.resumeJob(ctx); err != nil {
		return err
	}
	if w.Packages == nil {
		return nil
	}
	for {
		if err := w.Env.Stopped(ctx); err != nil {
			return err
		}
		s, ids := w.Packages.next()
		if len(ids) == 0 {
			return nil
		}
		var err error
		if len(ids) < w.Packages.least {
			err = w.single(ctx, ids)
		} else {
			err = w.pack(ctx, s, ids)
		}
		if err != nil {
			return err
		}
	}
}

// resumeJob waits for a job that a run which was cut off has begun, so that its
// rows are not sent beside it. What it did is seen by reading.
func (w *Writer) resumeJob(ctx context.Context) error {
	w.mu.Lock()
	looked := w.looked
	w.mu.Unlock()
	route, ok := w.Env.FnO.(connect.Packages)
	if looked || !ok {
		return nil
	}
	if err := w.awaitJob(ctx, route); err != nil {
		return err // the next attempt has to wait for it as well
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.looked = true
	return nil
}

// awaitJob waits for the job that the state knows of.
func (w *Writer) awaitJob(ctx context.Context, route connect.Packages) error {
	var text string
	err := w.Env.Store.View(ctx, func(tx store.Tx) (err error) {
		text, err = tx.Meta(JobMeta(w.Map.Name))
		return err
	})
	if err != nil || text == "" {
		return err
	}
	var j job
	if err := json.Unmarshal([]byte(text), &j); err != nil {
		return fmt.Errorf("map %s: the job of its packages cannot be read from the state: %w", w.Map.Name, err)
	}
	if _, err := route.Follow(ctx, w.Map.Compiled.FnO.Table, j.ID, j.Begun); err != nil {
		return fmt.Errorf("wait for a package of map %s: %w", w.Map.Name, err)
	}
	return w.noJob(ctx)
}

// noJob notes that no job is under way.
func (w *Writer) noJob(ctx context.Context) error {
	return w.Env.Store.Update(context.WithoutCancel(ctx), func(tx store.Tx) error { return tx.SetMeta(JobMeta(w.Map.Name), "") })
}

// held gives stored writes by their ids, which are sorted, batch by batch.
func (w *Writer) held(ctx context.Context, ids []int64, each func([]*record.Intent) error) error {
	for len(ids) > 0 {
		var batch []*record.Intent
		err := w.Env.Store.View(ctx, func(tx store.Tx) (err error) {
			batch, err = tx.Intents(w.Map.Name, value.FnO, ids[0]-1, w.Env.BatchSize())
			return err
		})
		if err != nil || len(batch) == 0 {
			return err
		}
		last := batch[len(batch)-1].ID
		n, exact := slices.BinarySearch(ids, last)
		if exact {
			n++
		}
		wanted := ids[:n]
		batch = slices.DeleteFunc(batch, func(in *record.Intent) bool {
			_, ok := slices.BinarySearch(wanted, in.ID)
			return !ok
		})
		ids = ids[n:]
		if len(batch) > 0 {
			if err := each(batch); err != nil {
				return err
			}
		}
	}
	return nil
}

// single sends writes one by one.
func (w *Writer) single(ctx context.Context, ids []int64) error {
	return w.held(ctx, ids, func(batch []*record.Intent) error { return w.sendSide(ctx, value.FnO, batch) })
}

// pack sends writes as one package and stores what became of them.
func (w *Writer) pack(ctx context.Context, s shape, ids []int64) error {
	p := w.Packages
	t, _ := w.table(value.FnO)
	columns, err := w.columns(ctx, s, ids)
	if err != nil {
		return err
	}
	pack, err := p.route.NewPackage(ctx, t, columns)
	if err != nil {
		return err
	}
	taken, others := make(map[string]int64, len(ids)), []int64(nil)
	err = w.held(ctx, ids, func(batch []*record.Intent) error {
		for _, in := range batch {
			write, err := w.write(in)
			if err != nil {
				return err
			}
			ok, err := pack.Add(&write)
			if err != nil {
				return err
			}
			if !ok {
				others = append(others, in.ID)
				continue
			}
			key, err := p.route.PackageKey(ctx, t, in.TargetKey)
			if err != nil {
				return err
			}
			taken[key] = in.ID
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(taken) > 0 {
		if err := w.carryOut(ctx, s, pack, taken); err != nil {
			return err
		}
	}
	return w.single(ctx, others)
}

// columns gives the columns of a package: the key, and what its rows write. A
// row that is created has nothing in the columns that only others have.
func (w *Writer) columns(ctx context.Context, s shape, ids []int64) ([]*schema.Field, error) {
	t, _ := w.table(value.FnO)
	seen := map[*schema.Field]bool{}
	var out []*schema.Field
	take := func(f *schema.Field) {
		if f != nil && !seen[f] {
			seen[f] = true
			out = append(out, f)
		}
	}
	for _, name := range t.Key {
		if !t.CompanySpecific || name != schema.CompanyField {
			take(t.Field(name))
		}
	}
	if s.op == record.Update {
		ids = ids[:1] // all write the same
	}
	err := w.held(ctx, ids, func(batch []*record.Intent) error {
		for _, in := range batch {
			write, err := w.write(in)
			if err != nil {
				return err
			}
			for _, v := range write.Values {
				if !t.CompanySpecific || v.Field.Name != schema.CompanyField {
					take(v.Field)
				}
			}
		}
		return nil
	})
	return out, err
}

// carryOut has F&O carry a package out. Its job is known to the state before it
// begins.
func (w *Writer) carryOut(ctx context.Context, s shape, pack connect.Package, taken map[string]int64) error {
	j := job{ID: "dw-" + w.Env.Host.Random.NewID()}
	started := func() error {
		// It may have waited long for another job.
		if err := w.Env.Stopped(ctx); err != nil {
			return err
		}
		j.Begun = w.Env.Host.Clock.Now().UTC()
		text, err := json.Marshal(j)
		if err != nil {
			return err
		}
		err = w.Env.Store.Update(ctx, func(tx store.Tx) error { return tx.SetMeta(JobMeta(w.Map.Name), string(text)) })
		if err == nil {
			w.Env.Host.Markers.Reached(engine.MarkIntentsStored)
		}
		return err
	}
	w.Env.Report(report.Progress{Map: w.Map.Name, Phase: "write", Done: w.sent.Load(), Total: w.total.Load(), Failed: w.failed.Load()})
	result, err := w.Packages.route.Import(ctx, pack, j.ID, s.company, started)
	if err != nil {
		return fmt.Errorf("write %s of map %s: %w", value.FnO.Title(), w.Map.Name, err)
	}
	w.Env.Host.Markers.Reached(engine.MarkAnswered)
	failed, err := w.judgeJob(ctx, result, taken)
	if err != nil {
		return err
	}
	if err := w.noJob(ctx); err != nil {
		return err
	}
	w.Env.Host.Markers.Reached(engine.MarkAnswersStored)
	return w.sendFailed(ctx, failed)
}

// judgeJob stores which writes a job has answered and gives those that failed,
// with what the service says of each.
func (w *Writer) judgeJob(ctx context.Context, result connect.Job, taken map[string]int64) (map[int64]string, error) {
	failed := map[int64]string{}
	switch result.State {
	case connect.JobUnknown:
		return failed, nil // reading shows that nothing was done, and it is sent again
	case connect.JobFailed:
		return nil, errors.Join(diag.Fail(diag.Diagnostic{
			Code: diag.CodePackageFailed, Severity: diag.Error, Address: w.Map.Def.Map.Address(),
			Summary: fmt.Sprintf("F&O could not carry out a package of %d records", len(taken)),
			Detail:  result.Message,
			Hint:    "See the execution history of the data project in F&O; mend the cause and apply again, or write via = \"odata\" in initial_sync.",
		}), w.noJob(ctx))
	}
	for _, row := range result.Failed {
		id, ok := taken[row.Key]
		if !ok {
			return nil, fmt.Errorf("map %s: F&O says that a record failed which was not in the package", w.Map.Name)
		}
		failed[id] = row.Message
	}
	var done []int64
	for _, id := range taken {
		// Of a job that was cut off reading shows what it did.
		if _, bad := failed[id]; !bad && !result.Open {
			done = append(done, id)
		}
	}
	slices.Sort(done)
	n := w.sent.Add(int64(len(done)))
	w.taken.Add(int64(len(done)))
	for part := range slices.Chunk(done, w.Env.BatchSize()) {
		err := w.Env.Store.Update(context.WithoutCancel(ctx), func(tx store.Tx) error { return tx.SetIntentState(part, record.Answered) })
		if err != nil {
			return nil, err
		}
	}
	w.Env.Report(report.Progress{Map: w.Map.Name, Phase: "write", Done: n, Total: w.total.Load(), Failed: w.failed.Load()})
	return failed, nil
}

// probe is how many of the rows that failed in a package are sent again by
// themselves: the answers say exactly why, and some pass, since what they refer
// to came later in the package. Where none of so many passes the others are
// listed with what the package says.
const probe = 200

func (w *Writer) sendFailed(ctx context.Context, failed map[int64]string) error {
	ids := make([]int64, 0, len(failed))
	for id := range failed {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	before := w.failed.Load()
	first := ids[:min(probe, len(ids))]
	if err := w.single(ctx, first); err != nil {
		return err
	}
	rest := ids[len(first):]
	if len(rest) == 0 || w.failed.Load()-before < probe {
		return w.single(ctx, rest)
	}
	return w.held(ctx, rest, func(batch []*record.Intent) error {
		e := ending{}
		for _, in := range batch {
			text := failed[in.ID]
			if text == "" {
				text = "The data project's execution history has the reason."
			}
			w.judge(&e, in, connect.Result{Outcome: connect.Refused, Message: text, Missing: strings.Contains(text, "is not found in the related table")}, nil)
		}
		return w.store(ctx, &e)
	})
}
