package live

import (
	"context"
	"errors"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/engine/capture"
	"github.com/dualwrite/dw/runtime/engine/refs"
)

// Notices takes what a side reports by itself. Of F&O the records are read and
// captured before it returns, by every map over their entity; what cannot be
// read so makes the map's scan due. Of Dataverse they make the questions for
// changes due, which tell more. Its error says that something could not be
// captured: the sender should try again.
func (r *Runner) Notices(ctx context.Context, notices []connect.Notice) error {
	var errs []error
	for _, mr := range r.maps {
		var reports []capture.Report
		lost, changed := false, false
		for _, n := range notices {
			t := mr.m.Def.FnO
			if n.Side == value.Dataverse {
				t = mr.m.Def.Dataverse
			}
			if r.o.Match == nil || !r.o.Match(t, n) {
				continue
			}
			r.believe(mr, n.Side)
			switch {
			case n.Side == value.Dataverse:
				changed = changed || !r.own(mr, n)
			default:
				rep := capture.Report{ID: n.ID, Deleted: n.Op == "delete"}
				if r.o.EntityKey != nil {
					if key, ok := r.o.EntityKey(t, n); ok {
						rep.Key = key
					}
				}
				reports = append(reports, rep)
			}
		}
		if len(reports) > 0 && mr.hears() {
			found, all, err := mr.hear(ctx, reports)
			if err != nil {
				errs = append(errs, err)
				mr.doubt(value.FnO)
			}
			lost = err == nil && !all
			mr.captured(value.FnO, found)
		}
		if lost || changed {
			mr.look(lost, changed)
		}
	}
	return errors.Join(errs...)
}

// believe notes that a side reports changes, those of a map among them.
func (r *Runner) believe(mr *mapRun, side value.Side) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.told[side] = true
	delete(mr.missed, side)
}

// doubt notes that reports of a side could not be captured: the sender may give
// up before they can, and then a scan has to find what they were about.
func (mr *mapRun) doubt(side value.Side) {
	mr.r.mu.Lock()
	defer mr.r.mu.Unlock()
	mr.missed[side] = true
	mr.soon(&mr.times.scan, mr.r.now().Add(mr.r.o.Scan))
}

// own tells whether a report is of a write of dw that tells its map nothing new:
// no other map can have made it. Should it, the next question finds out.
func (r *Runner) own(mr *mapRun, n connect.Notice) bool {
	if r.o.Tag == "" || n.Tag != r.o.Tag || n.Op == "delete" {
		return false
	}
	for _, other := range r.maps {
		if other != mr && other.m.Def.Dataverse.Name == mr.m.Def.Dataverse.Name {
			return false
		}
	}
	return true
}

// hear captures the records of reports.
func (mr *mapRun) hear(ctx context.Context, reports []capture.Report) (found int, all bool, err error) {
	mr.ears.Lock()
	defer mr.ears.Unlock()
	if now := mr.r.now(); now.Sub(mr.ears.since) > renewAfter {
		mr.ears.reader.Refs = refs.New(mr.r.env)
		mr.ears.since = now
	}
	return mr.ears.reader.Reported(ctx, value.FnO, reports)
}

// look makes capture due now.
func (mr *mapRun) look(scan, delta bool) {
	mr.r.mu.Lock()
	defer mr.r.mu.Unlock()
	now := mr.r.now()
	if scan {
		mr.soon(&mr.times.scan, now)
	}
	if delta {
		mr.hinted = true
		mr.soon(&mr.times.delta, now)
	}
	mr.r.wakeLocked()
}
