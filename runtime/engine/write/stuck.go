package write

import (
	"context"
	"fmt"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/record"
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

// allSilent tells whether all open writes have been sent several times without an
// answer already: to send them again and again at once is of no use.
func (w *Writer) allSilent(open int64) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := int64(0)
	for _, s := range w.silent {
		if s.times > maxRounds {
			n++
		}
	}
	return n >= open
}

// giveUp lists the records of writes that were turned away each time they were
// sent, or not answered though others were: they must not hold up the others.
func (w *Writer) giveUp(ctx context.Context) error {
	if err := w.apart(ctx); err != nil {
		return err
	}
	if err := w.persist(ctx); err != nil {
		return err
	}
	open, err := w.open(ctx)
	if err != nil || open == 0 {
		return err
	}
	u, err := w.unheard(ctx)
	if err != nil {
		return err
	}
	turnedToo := open <= fewStuck || w.takenBy("") >= open
	err = w.openIntents(ctx, func(batch []*record.Intent) error {
		var e ending
		for _, in := range batch {
			if turnedToo && w.failTurned(&e, in) {
				continue
			}
			reason, ok := w.blame(in, u)
			switch {
			case !ok:
			case in.Op == record.Delete:
				w.fail(&e, in, diag.CodeDeleteRefused, reason, "See what takes the service so long; the delete is tried again by itself.")
			default:
				w.fail(&e, in, diag.CodeUnanswered, reason, w.hint("See what takes the service so long with this record: a plug-in, a business event, a lock"))
			}
		}
		return w.store(ctx, &e)
	})
	if err != nil {
		return err
	}
	if open, err = w.open(ctx); err != nil || open == 0 {
		return err
	}
	if u, err = w.unheard(ctx); err != nil {
		return err
	}
	if u.open[value.FnO]+u.open[value.Dataverse] >= open {
		return w.waits(u)
	}
	return fmt.Errorf("map %s: %d writes were answered but never took effect; run apply again", w.Map.Name, open)
}

// failTurned lists the record of a write that was turned away.
func (w *Writer) failTurned(e *ending, in *record.Intent) bool {
	w.mu.Lock()
	reason, turned := w.turned[in.ID]
	delete(w.turned, in.ID)
	w.mu.Unlock()
	switch {
	case !turned:
	case in.Op == record.Delete:
		w.fail(e, in, diag.CodeDeleteRefused, reason, "See what holds the record; the delete is tried again by itself.")
	default:
		w.fail(e, in, diag.CodeServiceRefused, reason, w.hint("It was sent several times: see whether a user or a job holds the record, or what fails in the service"))
	}
	return turned
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
