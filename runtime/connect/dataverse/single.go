package dataverse

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/connect/limit"
	"github.com/dualwrite/dw/runtime/connect/odata"
)

// Codes of the service's errors, from its documentation.
const (
	codeNotFound     = "0x80040217"
	codeKeyNotFound  = "0x80060891"
	codeDuplicateID  = "0x80040237"
	codeDuplicateKey = "0x80060892"
	codeDuplicates   = "0x80040333"
	codeVersion      = "0x80060882"
	codeSQL          = "0x80044150" // deadlocks among them
	codeTimeout      = "0x80044151"
	codeUnexpected   = "0x80040216"
)

const (
	maxRounds = 12 // of parts that a batch refused for load
	maxSQL    = 2  // attempts of a row that lost a deadlock
	maxFailed = 4  // attempts of a row that was refused without a reason
)

// single is one row on its way by a request of its own.
type single struct {
	index      int
	part       odata.Part
	shape      *shape // of the representation; nil: none asked for
	repeatable bool
	deadlocks  int
	failed     int // refusals without a reason
}

// prepare builds the request for a row. An update always has If-Match: without
// it the request would create a row that somebody has just deleted.
func (s *sender) prepare(i int) (*single, error) {
	w := &s.batch[i]
	if w.Delete {
		return s.prepareDelete(i), nil
	}
	body, err := rowBody(s.t, w)
	if err != nil {
		return nil, err
	}
	p := &single{index: i, part: odata.Part{Header: http.Header{}, Body: body}}
	query := s.c.tagged()
	if w.Return != nil {
		if p.shape, err = shapeOf(s.t, w.Return.Columns); err != nil {
			return nil, err
		}
		query = query.Add("$select", p.shape.sel)
		prefer := "return=representation"
		if p.shape.annotate {
			prefer += "," + includeTable
		}
		p.part.Header.Set("Prefer", prefer)
	}
	if w.Create {
		p.part.Method, p.part.URL = http.MethodPost, query.On(s.t.Set)
		p.repeatable = true
		return p, nil
	}
	p.part.Method, p.part.URL = http.MethodPatch, query.On(rowURL(s.t, w.Row.ID))
	match := "*"
	if w.IfMatch != "" && s.t.OptimisticConcurrency {
		match = w.IfMatch
		p.repeatable = true
	}
	p.part.Header.Set("If-Match", match)
	return p, nil
}

// prepareDelete builds the request that deletes a row. It may be sent twice: a
// row that the first attempt has deleted is not there, which is what is wanted.
func (s *sender) prepareDelete(i int) *single {
	w := &s.batch[i]
	p := &single{index: i, repeatable: true, part: odata.Part{Method: http.MethodDelete, URL: s.c.tagged().On(rowURL(s.t, w.Row.ID)), Header: http.Header{}}}
	if w.IfMatch != "" && s.t.OptimisticConcurrency {
		p.part.Header.Set("If-Match", w.IfMatch)
	}
	return p
}

// singles sends rows one request each: alone, or together in batches whose
// parts stand for themselves.
func (s *sender) singles(ctx context.Context, indexes []int) error {
	var queue []*single
	for _, i := range indexes {
		p, err := s.prepare(i)
		if err != nil {
			s.one(i, refused(err.Error()))
			continue
		}
		queue = append(queue, p)
	}
	for round := 1; len(queue) > 0; round++ {
		if round > maxRounds {
			return s.c.overloaded(len(queue))
		}
		var err error
		if n := queue[0].failed; n > 0 {
			if err := s.c.host.Clock.Sleep(ctx, limit.Backoff(n)); err != nil {
				return err
			}
		}
		if len(queue) == 1 {
			queue, err = s.alone(ctx, queue[0])
		} else {
			queue, err = s.together(ctx, queue)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *Connector) overloaded(rows int) error {
	return diag.Fail(diag.Diagnostic{
		Code: diag.CodeServiceOverloaded, Summary: fmt.Sprintf("%s at %s refused %d rows of a batch for load again and again", c.client.Title(), c.client.Host(), rows),
		Hint: "Let it rest and run the command again.", Address: c.client.Host(),
	})
}

// alone sends one row; it gives the row back where it has to be sent again.
func (s *sender) alone(ctx context.Context, p *single) ([]*single, error) {
	request := odata.Request{Method: p.part.Method, URL: p.part.URL, Header: p.part.Header, Body: p.part.Body, Repeatable: p.repeatable}
	var result connect.Result
	err := s.c.client.Do(ctx, request, func(response *odata.Response) error {
		var body bytes.Buffer
		if _, err := body.ReadFrom(response.Body); err != nil {
			return err
		}
		result = s.accepted(p, body.Bytes())
		return nil
	})
	var service *odata.ServiceError
	switch {
	case err == nil:
		s.one(p.index, result)
		return nil, nil
	case errors.As(err, &service) && service.Status == http.StatusUnauthorized:
		return nil, err
	case errors.As(err, &service):
		if p.again(service) {
			return []*single{p}, nil
		}
		s.one(p.index, s.judge(p, service))
		return nil, nil
	}
	return nil, s.lost([]int{p.index}, err)
}

// saysNothing recognises a failure of the service itself.
func saysNothing(e *odata.ServiceError) bool {
	return e.Status == http.StatusInternalServerError && (e.Code == "" || e.HasCode(codeUnexpected))
}

// again says that a row lost a deadlock, or was refused for no reason, and may
// try once more.
func (p *single) again(e *odata.ServiceError) bool {
	switch {
	case e.Repeated:
		return false
	case e.HasCode(codeSQL):
		p.deadlocks++
		return p.deadlocks < maxSQL
	case saysNothing(e):
		p.failed++
		return p.failed < maxFailed
	}
	return false
}

// together sends rows in one batch; it gives those back that have to be sent
// again.
func (s *sender) together(ctx context.Context, queue []*single) ([]*single, error) {
	parts := make([]odata.Part, len(queue))
	indexes := make([]int, len(queue))
	repeatable := true
	for i, p := range queue {
		parts[i] = p.part
		parts[i].URL = s.c.client.ServicePath() + p.part.URL
		indexes[i] = p.index
		repeatable = repeatable && p.repeatable
	}
	boundary := "batch_" + s.c.host.Random.NewID()
	request := odata.Request{
		Method: http.MethodPost, URL: "$batch", Header: odata.BatchHeader(boundary),
		Body: odata.EncodeBatch(boundary, parts), Repeatable: repeatable,
	}
	var answers []odata.PartResponse
	repeated := false
	err := s.c.client.Do(ctx, request, func(response *odata.Response) (err error) {
		repeated = response.Repeated
		answers, err = odata.DecodeBatch(response.Header.Get("Content-Type"), response.Body)
		return err
	})
	var service *odata.ServiceError
	var malformed *odata.Malformed
	switch {
	case errors.As(err, &service) && service.Status != http.StatusUnauthorized && !service.Repeated:
		// The service refuses the batch itself: each row for itself shows
		// which one it dislikes.
		for _, p := range queue {
			for left := []*single{p}; len(left) > 0; {
				if left, err = s.alone(ctx, p); err != nil {
					return nil, err
				}
			}
		}
		return nil, nil
	case errors.As(err, &service) && service.Repeated:
		s.all(indexes, unresolved(service.Code, service.Message))
		return nil, nil
	case err != nil && !errors.As(err, &malformed):
		return nil, s.lost(indexes, err)
	}
	return s.sort(queue, answers, repeated)
}

// sort gives each row of a batch the result that its part tells.
func (s *sender) sort(queue []*single, answers []odata.PartResponse, repeated bool) ([]*single, error) {
	var left []*single
	var indexes []int
	var results []connect.Result
	pause := limit.DefaultPause
	throttled := false
	for i, p := range queue {
		var result connect.Result
		switch {
		case i >= len(answers):
			result = unresolved("", "the answer to the batch ends before this row")
		case answers[i].Status < 300:
			result = s.accepted(p, answers[i].Body)
		default:
			a := answers[i]
			if a.Status == http.StatusTooManyRequests {
				if d, ok := limit.RetryAfter(a.Header, s.c.host.Clock.Now()); ok {
					pause = d
				}
				throttled = true
				left = append(left, p)
				continue
			}
			e := odata.NewServiceError(s.c.client.Title(), s.c.client.Host(), a.Status, a.Header, a.Body)
			e.Repeated = repeated
			if p.again(e) {
				left = append(left, p)
				continue
			}
			result = s.judge(p, e)
		}
		indexes = append(indexes, p.index)
		results = append(results, result)
	}
	s.results.Set(indexes, results)
	if throttled {
		s.c.budget.Pushback(pause)
	}
	return left, nil
}

// accepted is the result of a row that the service took, with the row as it is
// now where it came along.
func (s *sender) accepted(p *single, body []byte) connect.Result {
	result := connect.Result{Outcome: connect.Done}
	if p.shape == nil || len(bytes.TrimSpace(body)) == 0 {
		return result
	}
	row, err := odata.DecodeRow(bytes.NewReader(body), p.shape.layout)
	if err != nil {
		// The write is done all the same; it is read back like one without.
		return result
	}
	result.Row = &row
	return result
}

var guidText = regexp.MustCompile(`(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// judge maps a refusal to an outcome. Status 412 has three meanings: another
// version, a row with that id, a row with that alternate key.
func (s *sender) judge(p *single, e *odata.ServiceError) connect.Result {
	w := &s.batch[p.index]
	result := connect.Result{Outcome: connect.Refused, Code: e.Code, Message: e.Message}
	if result.Message == "" {
		result.Message = fmt.Sprintf("status %d", e.Status)
	}
	precondition := e.Status == http.StatusPreconditionFailed
	switch {
	case e.Status == http.StatusBadGateway, e.Status == http.StatusServiceUnavailable, e.Status == http.StatusGatewayTimeout:
		result.Outcome = connect.Unresolved
	case e.HasCode(codeVersion), precondition && !w.Create && !e.HasCode(codeDuplicateID, codeDuplicateKey, codeDuplicates):
		result.Outcome = connect.Conflict
	case e.HasCode(codeDuplicateID, codeDuplicateKey, codeDuplicates), precondition && w.Create:
		result.Outcome = connect.Duplicate
	case !w.Create && (e.Status == http.StatusNotFound || e.HasCode(codeNotFound)) && (e.HasCode(codeNotFound, codeKeyNotFound) || e.Code == ""):
		// A row that a lookup is to point at may be missing as well; the text
		// names the id in question.
		if id := guidText.FindString(e.Message); id == "" || strings.EqualFold(id, w.Row.ID) {
			result.Outcome = connect.Gone
		}
	}
	result.Missing = result.Outcome == connect.Refused && e.HasCode(codeNotFound, codeKeyNotFound)
	// What the service says of a row now is true of a delete, whatever became
	// of an earlier attempt.
	if e.Repeated && result.Outcome != connect.Refused && !w.Delete {
		result.Outcome = connect.Unresolved
	}
	return result
}
