package write

import (
	"context"
	"fmt"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

// fewStuck is how many writes may be turned away again and again without a doubt
// that it is their records' fault; of more of them the service must have taken as
// many others.
const fewStuck = 20

// turnAway notes that a service did not carry a write out for a reason that may
// pass: it is sent again, but not for ever.
func (w *Writer) turnAway(in *record.Intent, r connect.Result) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.turned == nil {
		w.turned = map[int64]string{}
	}
	w.turned[in.ID] = refusal(in.Side, r)
}

// giveUp lists the records of writes that were turned away each time they were
// sent: they must not hold up the others. Of writes without an answer nothing is
// given up, since they may still take effect.
func (w *Writer) giveUp(ctx context.Context, open int64) error {
	for after := int64(0); open <= fewStuck || w.taken.Load() >= open; {
		var batch []*record.Intent
		err := w.Env.Store.View(ctx, func(tx store.Tx) (err error) {
			batch, err = tx.Intents(w.Map.Name, "", after, w.Env.BatchSize())
			return err
		})
		if err != nil {
			return err
		}
		if len(batch) == 0 {
			if open, err = w.open(ctx); err != nil || open == 0 {
				return err
			}
			break
		}
		after = batch[len(batch)-1].ID
		var e ending
		for _, in := range batch {
			w.mu.Lock()
			reason, turned := w.turned[in.ID]
			delete(w.turned, in.ID)
			w.mu.Unlock()
			switch {
			case !turned:
			case in.Op == record.Delete:
				w.fail(&e, in, diag.CodeDeleteRefused, reason, "See what holds the record; the delete is tried again by itself.")
			default:
				w.fail(&e, in, diag.CodeServiceRefused, reason, w.hint("It was sent several times: see whether a user or a job holds the record, or what fails in the service"))
			}
		}
		if err := w.store(ctx, &e); err != nil {
			return err
		}
	}
	return fmt.Errorf("map %s: %d writes were answered but never took effect; run apply again", w.Map.Name, open)
}

// hint says how to go on after a cause was removed.
func (w *Writer) hint(cause string) string {
	if w.Live {
		return cause + ", then retry the record."
	}
	return cause + ", then `dw apply -again` the map."
}

func refusal(s value.Side, r connect.Result) string {
	if r.Code != "" {
		return fmt.Sprintf("%s refused the record (%s): %s", s.Title(), r.Code, r.Message)
	}
	return fmt.Sprintf("%s refused the record: %s", s.Title(), r.Message)
}
