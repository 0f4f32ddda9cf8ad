package live

import (
	"context"
	"time"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/store"
)

// reportEvery is how often a map tells of its progress at most.
const reportEvery = 250 * time.Millisecond

// Status tells how each map does, in the order of waves. Counts are those of
// the last report.
func (r *Runner) Status() []report.Live {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make([]report.Live, len(r.maps))
	for i, mr := range r.maps {
		out[i] = mr.live
	}
	return out
}

// report tells of a map's progress, unless it just has and there is no hurry.
func (mr *mapRun) report(ctx context.Context, hurry bool) error {
	mr.r.mu.Lock()
	now := mr.r.now()
	if !hurry && now.Sub(mr.reported) < reportEvery {
		mr.r.mu.Unlock()
		return nil
	}
	mr.reported = now
	mr.r.mu.Unlock()
	var listed map[record.Kind]int64
	var queued map[value.Side]int64
	err := mr.r.env.Store.View(ctx, func(tx store.Tx) (err error) {
		if listed, err = tx.CountListed(mr.m.Name); err != nil {
			return err
		}
		queued, err = tx.CountObservations(mr.m.Name)
		return err
	})
	if err != nil {
		return err
	}
	mr.r.mu.Lock()
	l := &mr.live
	l.Queued = queued[value.FnO] + queued[value.Dataverse]
	l.Parked, l.Failed, l.Held, l.Owed = listed[record.Parked], listed[record.Failed], listed[record.Held], listed[record.OwedField]
	copied := *l
	mr.r.mu.Unlock()
	mr.r.env.Report(report.Progress{Map: mr.m.Name, Phase: "live", Done: copied.Handled, Failed: copied.Failed, Live: &copied})
	return nil
}
