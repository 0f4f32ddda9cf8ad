package dataverse

import (
	"context"
	"errors"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/connect/odata"
)

// Write implements connect.Connector. Creates go by CreateMultiple and bulk
// updates by UpdateMultiple where the table offers them, in calls of a size that
// is learned. A call that is refused is divided until the bad rows are found.
// What is left goes one request a row, several in a batch; so do deletes.
func (c *Connector) Write(ctx context.Context, t *schema.Table, batch []connect.Write, answered func(indexes []int, results []connect.Result)) ([]connect.Result, error) {
	s := &sender{c: c, t: t, batch: batch, results: odata.NewResults(len(batch), answered)}
	for _, round := range rounds(batch) {
		if err := s.round(ctx, round); err != nil {
			return s.results.All(), c.client.Explain(err, "write "+t.Set)
		}
	}
	return s.results.All(), nil
}

// rounds cuts a batch so that no row is written twice in a round: requests of
// one round run side by side, and UpdateMultiple silently drops the second
// entry for a row.
func rounds(batch []connect.Write) [][]int {
	var out [][]int
	times := map[string]int{}
	for i := range batch {
		id := batch[i].Row.ID
		n := times[id]
		if id != "" {
			times[id]++
		}
		if n == len(out) {
			out = append(out, nil)
		}
		out[n] = append(out[n], i)
	}
	return out
}

// sender carries out one call of Write.
type sender struct {
	c       *Connector
	t       *schema.Table
	batch   []connect.Write
	results *odata.Results
}

func (s *sender) round(ctx context.Context, indexes []int) error {
	var creates, updates, singles []int
	for _, i := range indexes {
		w := &s.batch[i]
		switch {
		case w.Row.ID == "":
			s.one(i, refused("the write names no row: an id has to be chosen before it is sent"))
		case w.Create && offers(s.t, createMultiple):
			creates = append(creates, i)
		case !w.Create && !w.Delete && w.Bulk && offers(s.t, updateMultiple):
			updates = append(updates, i)
		default:
			singles = append(singles, i)
		}
	}
	// A bulk call for one row costs as much as a single request and gives no
	// representation back.
	if len(creates) == 1 {
		creates, singles = nil, append(singles, creates[0])
	}
	if len(updates) == 1 {
		updates, singles = nil, append(singles, updates[0])
	}
	var tasks []func(context.Context) error
	together := func(message string, rows []int) {
		for _, part := range cut(rows, s.c.tuners.get(s.kind(message)).rows()) {
			tasks = append(tasks, func(ctx context.Context) error { return s.bulk(ctx, message, part) })
		}
	}
	together(createMultiple, creates)
	together(updateMultiple, updates)
	for _, part := range cut(singles, batchParts) {
		tasks = append(tasks, func(ctx context.Context) error { return s.singles(ctx, part) })
	}
	return s.c.host.Scheduler.Run(ctx, parallel, tasks...)
}

// cut splits into parts of about equal length, none longer than size.
func cut(indexes []int, size int) [][]int {
	if len(indexes) == 0 {
		return nil
	}
	parts := (len(indexes) + size - 1) / size
	out := make([][]int, 0, parts)
	for i := range parts {
		out = append(out, indexes[i*len(indexes)/parts:(i+1)*len(indexes)/parts])
	}
	return out
}

func (s *sender) one(i int, r connect.Result) { s.results.Set([]int{i}, []connect.Result{r}) }

func (s *sender) all(indexes []int, r connect.Result) {
	results := make([]connect.Result, len(indexes))
	for i := range results {
		results[i] = r
	}
	s.results.Set(indexes, results)
}

func refused(message string) connect.Result {
	return connect.Result{Outcome: connect.Refused, Message: message}
}

// lost settles rows whose request got no answer. It gives the error back where
// more requests make no sense.
func (s *sender) lost(indexes []int, err error) error {
	var unanswered *odata.Unanswered
	if !errors.As(err, &unanswered) {
		var malformed *odata.Malformed
		if errors.As(err, &malformed) {
			s.all(indexes, unresolved("", malformed.Detail))
			return nil
		}
		return err // certainly not carried out: the results stay NotSent
	}
	s.all(indexes, unresolved("", unanswered.Error()))
	var failure *diag.Failure
	if errors.As(err, &failure) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return unanswered.Err
	}
	return nil
}

func unresolved(code, message string) connect.Result {
	return connect.Result{Outcome: connect.Unresolved, Code: code, Message: message}
}
