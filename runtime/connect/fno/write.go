package fno

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/connect/odata"
)

// Write implements connect.Connector: one request a record, many at a time.
// The service's own advice is against large batches, and it has no bulk
// message. Writes of records that hang together, such as the lines of an order,
// disturb each other when they come at once: children of one header are sent one
// after the other, and so are those that the service refused for another reason
// of the kind.
func (c *Connector) Write(ctx context.Context, t *schema.Table, batch []connect.Write, answered func(indexes []int, results []connect.Result)) ([]connect.Result, error) {
	results := odata.NewResults(len(batch), answered)
	for _, round := range rounds(batch) {
		disturbed := make([]bool, len(batch))
		send := func(ctx context.Context, at int, last bool) error {
			result, err := c.write(ctx, t, &batch[at])
			if disturbed[at] = !last && result.Disturbed; disturbed[at] {
				return nil
			}
			if result.Outcome != connect.NotSent {
				results.Set([]int{at}, []connect.Result{result.Result})
			}
			return err
		}
		families := families(t, batch, round)
		tasks := make([]func(context.Context) error, len(families))
		for i, family := range families {
			tasks[i] = func(ctx context.Context) error {
				for _, at := range family {
					if err := send(ctx, at, false); err != nil {
						return err
					}
				}
				return nil
			}
		}
		err := c.host.Scheduler.Run(ctx, parallel, tasks...)
		for _, at := range round {
			switch {
			case !disturbed[at]:
			case err == nil:
				err = send(ctx, at, true)
			default: // it was refused, and nothing more is to be sent
				results.Set([]int{at}, []connect.Result{{Outcome: connect.Conflict}})
			}
		}
		if err != nil {
			return results.All(), c.data.Explain(err, "write "+t.Set)
		}
	}
	return results.All(), nil
}

// attempt is what became of one attempt to write a record.
type attempt struct {
	connect.Result
	Disturbed bool // refused for another write at the same moment; it changed nothing
}

// rounds cuts a batch so that no record is written twice at the same time.
func rounds(batch []connect.Write) [][]int {
	var out [][]int
	times := map[string]int{}
	for i := range batch {
		var key strings.Builder
		for _, v := range batch[i].Row.Key {
			key.WriteString(strings.ToLower(v.String()))
			key.WriteByte(0)
		}
		n := 0
		if key.Len() > 0 {
			n = times[key.String()]
			times[key.String()]++
		}
		if n == len(out) {
			out = append(out, nil)
		}
		out[n] = append(out[n], i)
	}
	return out
}

// families parts the writes of a round into those that may be sent at once. The
// children of one header go one after the other, in their order: they are told
// by the first part of the entity's key, the company left out, where the key has
// further ones. F&O locks the header with each of its lines, and lets the one of
// two that come at once wait or refuses it.
func families(t *schema.Table, batch []connect.Write, round []int) [][]int {
	var out [][]int
	known := map[string]int{}
	for _, i := range round {
		name := family(t, batch[i].Row.Key)
		at, ok := known[name]
		if name == "" || !ok {
			at = len(out)
			out = append(out, nil)
			known[name] = at
		}
		out[at] = append(out[at], i)
	}
	return out
}

// family names the header of a record; "" where it has none.
func family(t *schema.Table, key []value.Value) string {
	company, first, parts := "", "", 0
	for i, name := range t.Key {
		switch {
		case i >= len(key):
			return ""
		case strings.EqualFold(name, schema.CompanyField):
			company = key[i].String()
		case parts == 0:
			first, parts = key[i].String(), 1
		default:
			parts++
		}
	}
	if parts < 2 || first == "" {
		return ""
	}
	return value.Fold(company) + "\x00" + value.Fold(first)
}

// write sends one record. An error says that no more should be sent; the
// result is NotSent where nothing reached the service.
func (c *Connector) write(ctx context.Context, t *schema.Table, w *connect.Write) (attempt, error) {
	request, s, err := c.prepare(ctx, t, w)
	var unfit *errNotWritable
	switch {
	case errors.As(err, &unfit):
		return attempt{Result: connect.Result{Outcome: connect.Refused, Message: unfit.message}}, nil
	case err != nil:
		return attempt{}, err
	}
	result := connect.Result{Outcome: connect.Done}
	err = c.data.Do(ctx, request, func(response *odata.Response) error {
		result.Row = nil
		if s == nil {
			return nil
		}
		var body bytes.Buffer
		if _, err := body.ReadFrom(response.Body); err != nil {
			return err
		}
		result.Row = s.representation(body.Bytes())
		return nil
	})
	var service *odata.ServiceError
	var unanswered *odata.Unanswered
	switch {
	case err == nil:
		return attempt{Result: result}, nil
	case errors.As(err, &service) && service.Status == http.StatusUnauthorized:
		return attempt{}, err
	case errors.As(err, &service):
		return attempt{judge(w, service), isTransient(service)}, nil
	case errors.As(err, &unanswered):
		out := attempt{Result: connect.Result{Outcome: connect.Unresolved, Message: unanswered.Error()}}
		var failure *diag.Failure
		if errors.As(err, &failure) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			return out, unanswered.Err
		}
		return out, nil
	}
	return attempt{}, err
}

// prepare builds the request; the shape is that of the record that comes back,
// nil where none is wanted.
func (c *Connector) prepare(ctx context.Context, t *schema.Table, w *connect.Write) (odata.Request, *shape, error) {
	r := odata.Request{Method: http.MethodDelete, Header: http.Header{}, Repeatable: w.Delete}
	if !w.Delete {
		body, err := c.body(ctx, w)
		if err != nil {
			return odata.Request{}, nil, err
		}
		r.Method, r.Body = http.MethodPost, body
	}
	if w.Create {
		r.URL = crossCompany().On(t.Set)
		if w.Return == nil {
			return r, nil, nil
		}
		s, err := shapeOf(t, w.Return.Columns)
		return r, s, err
	}
	fields := make([]*schema.Field, 0, len(t.Key))
	for _, name := range t.Key {
		f := t.Field(name)
		if f == nil {
			return r, nil, fmt.Errorf("entity %s: its key field %s is not in the schema", t.Set, name)
		}
		fields = append(fields, f)
	}
	at, err := rowURL(t, fields, w.Row.Key)
	if err != nil {
		return r, nil, &errNotWritable{err.Error()}
	}
	if r.URL = crossCompany().On(at); !w.Delete {
		r.Method = http.MethodPatch
	}
	if w.IfMatch != "" {
		r.Header.Set("If-Match", w.IfMatch)
	}
	return r, nil, nil
}

// representation decodes the record that a create gives back, nil where it
// cannot be read: it is then read again.
func (s *shape) representation(body []byte) *connect.Row {
	row, err := odata.DecodeRow(bytes.NewReader(body), s.layout)
	if err != nil || s.finish(&row) != nil {
		return nil
	}
	return &row
}

// judge maps a refusal to an outcome. The service says what is wrong in words
// only, in statuses 400 and 500 alike.
func judge(w *connect.Write, e *odata.ServiceError) connect.Result {
	result := connect.Result{Outcome: connect.Refused, Code: e.Code, Message: infolog(e.Message)}
	if result.Message == "" {
		result.Message = fmt.Sprintf("status %d", e.Status)
	}
	switch {
	case !w.Create && isGone(e.Message), w.Delete && isAbsent(e):
		result.Outcome = connect.Gone
	case isTransient(e), e.Status == http.StatusPreconditionFailed, e.Status == http.StatusConflict:
		result.Outcome = connect.Conflict
	case w.Create && strings.Contains(e.Message, "already exists"):
		result.Outcome = connect.Duplicate
	}
	result.Missing = result.Outcome == connect.Refused && strings.Contains(e.Message, "is not found in the related table")
	return result
}

func isGone(message string) bool {
	return strings.Contains(message, "No resources were found when selecting for update")
}

func isConflict(message string) bool { return strings.Contains(message, "update conflict") }

// isTransient recognises refusals that a second attempt may not meet: another
// user's write at the same moment, and failures of the service itself. They have
// changed nothing.
func isTransient(e *odata.ServiceError) bool {
	return isConflict(e.Message) || strings.Contains(strings.ToLower(e.Message), "deadlock") || saysNothing(e)
}

// saysNothing recognises a failure of the service itself: what it refuses it
// gives a reason for.
func saysNothing(e *odata.ServiceError) bool {
	return e.Status == http.StatusInternalServerError && e.Code == "" && (e.Message == "" || e.Message == "An error has occurred.")
}

// infolog gives the messages of an infolog without its wrapping: "Write failed
// for table row of type 'X'. Infolog: Warning: a.; Error: b." becomes "a; b".
// Other texts come back as they are.
func infolog(message string) string {
	_, log, ok := strings.Cut(message, "Infolog: ")
	if !ok {
		return message
	}
	var out []string
	for part := range strings.SplitSeq(log, "; ") {
		for _, level := range []string{"Info: ", "Warning: ", "Error: "} {
			part = strings.TrimPrefix(part, level)
		}
		part = strings.TrimRight(strings.TrimSpace(part), ".")
		if part != "" && !slices.Contains(out, part) {
			out = append(out, part)
		}
	}
	if len(out) == 0 {
		return message
	}
	return strings.Join(out, "; ")
}
