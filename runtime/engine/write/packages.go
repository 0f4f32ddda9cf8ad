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

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/record"
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
	last   bool    // see complete
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

// Held tells whether Send keeps a write back until SendFull or Confirm.
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

// full tells whether there are rows enough for a package.
func (p *Packages) full() bool {
	if p == nil {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.ContainsFunc(p.shapes, func(s shape) bool { return len(p.held[s]) >= p.cost.Rows })
}

// complete says whether nothing else of the map is being written and no more
// rows come: packages need not be full then.
func (p *Packages) complete(last bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last = last
}

func (p *Packages) completed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last
}

// next takes the rows of one shape, a package full of them or, where no more
// come, what is left.
func (p *Packages) next() (s shape, ids []int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, s := range p.shapes {
		ids := p.held[s]
		if len(ids) < p.cost.Rows && !p.last {
			continue
		}
		// They came from portions that were sent beside each other.
		slices.Sort(ids)
		if n := p.cost.Rows; n < len(ids) {
			p.held[s], ids = ids[n:], ids[:n:n]
		} else {
			delete(p.held, s)
			p.shapes = slices.Delete(p.shapes, i, i+1)
		}
		return s, ids
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
// what was held back, and confirms it.
func (w *Writer) sendPackages(ctx context.Context) error {
	if err := w.resumeJob(ctx); err != nil || w.Packages == nil {
		return err
	}
	w.Packages.complete(true)
	defer w.Packages.complete(false)
	if err := w.jobs(ctx); err != nil {
		return err
	}
	return w.Env.Stopped(ctx)
}

// PackageDue tells whether SendFull has something to send.
func (w *Writer) PackageDue() bool { return w.Packages.full() }

// LastPackage says that no more writes come and none is on its way: SendFull,
// where it is under way, sends what is left in packages that are not full.
func (w *Writer) LastPackage() { w.Packages.complete(true) }

// SendFull sends packages that are full while other rows are being handled. It
// ends early, and without an error, where somebody asked to stop.
func (w *Writer) SendFull(ctx context.Context) error {
	if err := w.resumeJob(ctx); err != nil {
		return err
	}
	return w.jobs(ctx)
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

// parcel is a package and its job.
type parcel struct {
	shape  shape
	pack   connect.Package
	id     string           // of the job
	taken  map[string]int64 // writes, by the key by which a job tells of a row
	others []int64          // those of the shape that a package cannot carry
	ended  connect.Job
}

// jobs sends packages, one job after the other. While a job runs, the package
// after it is made and uploaded, then what became of the one before is stored
// and, where nothing else is being written, confirmed.
func (w *Writer) jobs(ctx context.Context) error {
	var few []int64 // of shapes that do not pay: they may refer to what packages carry
	next, err := w.prepare(ctx, &few)
	if err != nil {
		return err
	}
	var before *parcel
	began := false
	for next != nil && w.Env.Stopped(ctx) == nil {
		now := next
		err := w.Env.Host.Scheduler.Run(ctx, 2,
			func(ctx context.Context) error { return w.carryOut(ctx, now) },
			func(ctx context.Context) (err error) {
				if next, err = w.prepare(ctx, &few); err != nil || before == nil {
					return err
				}
				return w.settleJob(ctx, before)
			})
		if err != nil {
			return err
		}
		switch now.ended.State {
		case "": // it was not begun, since somebody asked to stop
			now = nil
		case connect.JobFailed:
			return errors.Join(w.jobFailed(now), w.noJob(ctx))
		}
		before, began = now, true
	}
	if before != nil {
		if err := w.settleJob(ctx, before); err != nil {
			return err
		}
	}
	if began {
		if err := w.noJob(ctx); err != nil {
			return err
		}
	}
	if w.Env.Stopped(ctx) != nil {
		return ctx.Err()
	}
	return w.single(ctx, few)
}

// prepare makes the next package and uploads it; nil where there is none, or
// where somebody asked to stop.
func (w *Writer) prepare(ctx context.Context, few *[]int64) (*parcel, error) {
	for w.Env.Stopped(ctx) == nil {
		s, ids := w.Packages.next()
		if len(ids) == 0 {
			return nil, nil
		}
		if len(ids) < w.Packages.least {
			*few = append(*few, ids...)
			slices.Sort(*few)
			continue
		}
		p, err := w.fill(ctx, s, ids)
		if err != nil {
			return nil, err
		}
		if len(p.taken) == 0 {
			if err := w.single(ctx, p.others); err != nil {
				return nil, err
			}
			continue
		}
		w.Env.Host.Markers.Reached(engine.MarkPackageMade)
		if err := w.Packages.route.Upload(ctx, p.pack, p.id); err != nil {
			return nil, fmt.Errorf("write %s of map %s: %w", value.FnO.Title(), w.Map.Name, err)
		}
		return p, nil
	}
	return nil, ctx.Err()
}

// fill makes a package of writes.
func (w *Writer) fill(ctx context.Context, s shape, ids []int64) (*parcel, error) {
	route := w.Packages.route
	t, _ := w.table(value.FnO)
	columns, err := w.columns(ctx, s, ids)
	if err != nil {
		return nil, err
	}
	p := &parcel{shape: s, id: "dw-" + w.Env.Host.Random.NewID(), taken: make(map[string]int64, len(ids))}
	if p.pack, err = route.NewPackage(ctx, t, columns); err != nil {
		return nil, err
	}
	err = w.held(ctx, ids, func(batch []*record.Intent) error {
		for _, in := range batch {
			write, err := w.write(in)
			if err != nil {
				return err
			}
			ok, err := p.pack.Add(&write)
			if err != nil {
				return err
			}
			if !ok {
				p.others = append(p.others, in.ID)
				continue
			}
			key, err := route.PackageKey(ctx, t, in.TargetKey)
			if err != nil {
				return err
			}
			p.taken[key] = in.ID
		}
		return nil
	})
	return p, err
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
