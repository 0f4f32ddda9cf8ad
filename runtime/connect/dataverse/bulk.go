package dataverse

import (
	"context"
	"errors"
	"math/bits"
	"net/http"
	"slices"
	"time"

	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/connect/limit"
	"github.com/dualwrite/dw/runtime/connect/odata"
)

// bulk is a number of rows on their way by one bulk message, which is all or
// nothing and does not say which row it dislikes.
type bulk struct {
	s       *sender
	message string
	rows    []int  // of the sender's batch
	whole   []byte // the body of a call with all of them
	ends    []int  // where each row ends in it
	locks   int    // calls that lost a deadlock
}

// What stands before and behind the rows of a call.
const (
	beforeRows = `{"Targets":[`
	behindRows = "]}"
)

// bulk sends rows with a bulk message. Rows that cannot be written as they are
// stay out: they would take the others down.
func (s *sender) bulk(ctx context.Context, message string, indexes []int) error {
	b := &bulk{s: s, message: message, rows: make([]int, 0, len(indexes)), whole: []byte(beforeRows), ends: make([]int, 0, len(indexes))}
	for n, i := range indexes {
		body := b.whole
		if len(b.rows) > 0 {
			body = append(body, ',')
		}
		body, err := appendTarget(body, s.t, &s.batch[i])
		if err != nil {
			s.one(i, refused(err.Error()))
			continue
		}
		b.rows, b.ends, b.whole = append(b.rows, i), append(b.ends, len(body)), body
		if n == 0 {
			// The others are about as long.
			b.whole = slices.Grow(b.whole, len(b.whole)*(len(indexes)-1)*9/8+len(behindRows))
		}
	}
	if len(b.rows) == 0 {
		return nil
	}
	b.whole = append(b.whole, behindRows...)
	v, err := b.send(ctx, 0, len(b.rows))
	switch {
	case err != nil || v == settled:
		return err
	case v == refusedAll:
		return s.eachInBatches(ctx, b.rows)
	}
	return b.bisect(ctx)
}

// verdict is what became of a call.
type verdict uint8

const (
	settled    verdict = iota // its rows have results
	refusedOne                // for a row, by all that is known
	refusedAll                // for something that has nothing to do with single rows
)

// kind names bulk calls that take alike.
func (s *sender) kind(message string) string { return message + " " + s.t.Set }

// send makes a call with the rows from lo to hi.
func (b *bulk) send(ctx context.Context, lo, hi int) (verdict, error) {
	c, rows := b.s.c, b.rows[lo:hi]
	request := odata.Request{
		Method: http.MethodPost, URL: c.tagged().On(b.s.t.Set + "/Microsoft.Dynamics.CRM." + b.message), Body: b.body(lo, hi),
		Repeatable: b.message == createMultiple, // with chosen ids a repetition is recognised as duplicate
	}
	kind := b.s.kind(b.message)
	tuner := c.tuners.get(kind)
	for {
		var took time.Duration
		err := c.client.Do(ctx, request, func(r *odata.Response) error {
			took = r.Took
			return nil
		})
		var service *odata.ServiceError
		switch {
		case err == nil:
			tuner.served(len(rows), took)
			// Every call takes some time whatever its rows; so little that
			// sizes can be compared.
			c.budget.Served(kind, float64(len(rows)+10), took)
			b.s.all(rows, connect.Result{Outcome: connect.Done})
			return settled, nil
		case !errors.As(err, &service) || service.Status == http.StatusUnauthorized:
			return settled, b.s.lost(rows, err)
		case service.Repeated:
			// What it refuses may be what the unanswered attempt has written.
			b.s.all(rows, unresolved(service.Code, service.Message))
			return settled, nil
		case service.HasCode(codeSQL) && b.locks < maxSQL:
			b.locks++
			if err := c.host.Clock.Sleep(ctx, limit.Backoff(b.locks)); err != nil {
				return settled, err
			}
			continue
		case service.HasCode(codeSQL, codeTimeout) || service.Status == http.StatusRequestEntityTooLarge:
			tuner.tooMuch(len(rows))
		case service.Status == http.StatusForbidden:
			return refusedAll, nil
		}
		return refusedOne, nil
	}
}

// body is the body of a call with the rows from lo to hi.
func (b *bulk) body(lo, hi int) []byte {
	if lo == 0 && hi == len(b.rows) {
		return b.whole
	}
	from := len(beforeRows)
	if lo > 0 {
		from = b.ends[lo-1] + len(",")
	}
	return slices.Concat([]byte(beforeRows), b.whole[from:b.ends[hi-1]], []byte(behindRows))
}

// fewRows are not divided further: a call for each half would cost as much as
// one for each row.
const fewRows = 4

// segment is a part of the rows that was not carried out yet.
type segment struct {
	lo, hi int
	bad    bool // it has a row that the service refuses
}

// bisect looks for the rows for which a call was refused: it sends halves, for
// at most 2 log2(n) calls, and leaves what is left then to requests of a row
// each. One bad row among n costs log2(n) calls that are refused or succeed;
// all others go in bulk.
func (b *bulk) bisect(ctx context.Context) error {
	calls := 2 * bits.Len(uint(len(b.rows)-1))
	todo := []segment{{0, len(b.rows), true}}
	var rest []int
	for len(todo) > 0 {
		seg := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if calls == 0 || seg.bad && seg.hi-seg.lo <= fewRows {
			rest = append(rest, b.rows[seg.lo:seg.hi]...)
			continue
		}
		if !seg.bad {
			calls--
			v, err := b.send(ctx, seg.lo, seg.hi)
			if err != nil {
				return err
			}
			if v == settled {
				continue
			}
			seg.bad = true
			todo = append(todo, seg)
			continue
		}
		middle := (seg.lo + seg.hi) / 2
		left, right := segment{seg.lo, middle, false}, segment{middle, seg.hi, false}
		calls--
		v, err := b.send(ctx, left.lo, left.hi)
		if err != nil {
			return err
		}
		// Where the left half is in order the right one has what is wrong.
		left.bad, right.bad = v != settled, v == settled
		if todo = append(todo, right); left.bad {
			todo = append(todo, left)
		}
	}
	return b.s.eachInBatches(ctx, rest)
}

// eachInBatches sends a request a row, several together.
func (s *sender) eachInBatches(ctx context.Context, indexes []int) error {
	for _, part := range cut(indexes, batchParts) {
		if err := s.singles(ctx, part); err != nil {
			return err
		}
	}
	return nil
}
