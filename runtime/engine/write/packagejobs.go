package write

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/store"
)

// carryOut has F&O carry a package out. Its job is known to the state before it
// begins, in place of the one before, which has ended.
func (w *Writer) carryOut(ctx context.Context, p *parcel) (err error) {
	j := job{ID: p.id}
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
	p.ended, err = w.Packages.route.Import(ctx, p.pack, p.id, p.shape.company, started)
	p.pack = nil // it needs memory
	if errors.Is(err, engine.ErrStopped) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("write %s of map %s: %w", value.FnO.Title(), w.Map.Name, err)
	}
	w.Env.Host.Markers.Reached(engine.MarkAnswered)
	return nil
}

// jobFailed says that a job came to nothing.
func (w *Writer) jobFailed(p *parcel) error {
	return diag.Fail(diag.Diagnostic{
		Code: diag.CodePackageFailed, Severity: diag.Error, Address: w.Map.Def.Map.Address(),
		Summary: fmt.Sprintf("F&O could not carry out a package of %d records", len(p.taken)),
		Detail:  p.ended.Message,
		Hint:    "See the execution history of the data project in F&O; mend the cause and apply again, or write via = \"odata\" in initial_sync.",
	})
}

// settleJob stores which writes a job has answered, and sends those that failed
// and those that it could not carry by themselves.
func (w *Writer) settleJob(ctx context.Context, p *parcel) error {
	done, failed, err := w.judgeJob(p)
	if err != nil {
		return err
	}
	n := w.sent.Add(int64(len(done)))
	w.took(value.FnO, int64(len(done)))
	for part := range slices.Chunk(done, w.Env.BatchSize()) {
		err := w.Env.Store.Update(context.WithoutCancel(ctx), func(tx store.Tx) error { return tx.SetIntentState(part, record.Answered) })
		if err != nil {
			return err
		}
	}
	w.Env.Report(report.Progress{Map: w.Map.Name, Phase: "write", Done: n, Total: w.total.Load(), Failed: w.failed.Load()})
	w.Env.Host.Markers.Reached(engine.MarkAnswersStored)
	if err := w.sendFailed(ctx, failed); err != nil {
		return err
	}
	if err := w.single(ctx, p.others); err != nil || !w.Packages.completed() {
		return err
	}
	return w.confirmJob(ctx, done)
}

// judgeJob gives the writes that a job has answered and those that failed, with
// what the service says of each. Of a job that the service does not know reading
// shows that nothing was done: its writes are sent again.
func (w *Writer) judgeJob(p *parcel) (done []int64, failed map[int64]string, err error) {
	failed = map[int64]string{}
	if p.ended.State == connect.JobUnknown {
		return nil, failed, nil
	}
	for _, row := range p.ended.Failed {
		id, ok := p.taken[row.Key]
		if !ok {
			return nil, nil, fmt.Errorf("map %s: F&O says that a record failed which was not in the package", w.Map.Name)
		}
		failed[id] = row.Message
	}
	for _, id := range p.taken {
		// Of a job that was cut off reading shows what it did.
		if _, bad := failed[id]; !bad && !p.ended.Open {
			done = append(done, id)
		}
	}
	slices.Sort(done)
	return done, failed, nil
}

// confirmJob ends the writes of a job by reading their records.
func (w *Writer) confirmJob(ctx context.Context, ids []int64) error {
	return w.held(ctx, ids, func(batch []*record.Intent) error {
		var asOf int64
		err := w.Env.Store.View(ctx, func(tx store.Tx) (err error) {
			asOf, err = tx.Seq()
			return err
		})
		if err != nil {
			return err
		}
		_, err = w.readBack(ctx, value.FnO, batch, asOf) // nothing that was answered is sent again
		return err
	})
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
