package write

import (
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/record"
)

// flying tells whether a write was sent and is not answered.
func (w *Writer) flying(intent int64) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, ok := w.inFlight[intent]
	return ok
}

// landed notes that a write was confirmed before its answer came.
func (w *Writer) landed(intent int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.inFlight[intent] = false
}

// pass notes in which version the row of a write that is not answered was seen:
// where the answer shows another one it is out of date, and the change is not
// told again.
func (w *Writer) pass(intent int64, version string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.passed == nil {
		w.passed = map[int64]string{}
	}
	w.passed[intent] = version
}

// outdated drops representations that are out of date: their rows are read.
func (w *Writer) outdated(batch []*record.Intent, indexes []int, results []connect.Result) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, at := range indexes {
		if seen, ok := w.passed[batch[at].ID]; ok && results[i].Row != nil && results[i].Row.Version != seen {
			results[i].Row = nil
		}
	}
}

// leave notes that writes are being sent.
func (w *Writer) leave(batch []*record.Intent) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.inFlight == nil {
		w.inFlight = map[int64]bool{}
	}
	for _, in := range batch {
		w.inFlight[in.ID] = true
	}
}

// arrive notes that nothing more is heard of writes and gives those of them
// that were not confirmed before.
func (w *Writer) arrive(batch []*record.Intent, indexes []int) (open []int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for n, at := range indexes {
		if unconfirmed, ok := w.inFlight[batch[at].ID]; unconfirmed || !ok {
			open = append(open, n)
		}
		delete(w.inFlight, batch[at].ID)
		delete(w.passed, batch[at].ID)
	}
	return open
}
