package fno

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/connect/odata"
	"github.com/go-json-experiment/json"
)

// What is documented of data management and what is not: the actions and the
// statuses are, times are not. Addresses of blobs are seen to be valid for half
// an hour, and a job is not found by its id right after its start.
const (
	projects         = "DataManagementDefinitionGroups"
	projectActions   = projects + "/Microsoft.Dynamics.DataEntities."
	projectEntities  = "DataManagementDefinitionGroupDetails"
	firstPoll        = 250 * time.Millisecond
	slowestPoll      = 5 * time.Second
	pollPart         = 16               // of the time that a job has taken so far goes by until it is asked about again
	addressKept      = 15 * time.Minute // half of the time for which addresses of blobs are seen to be valid
	appearsWithin    = 2 * time.Minute  // a job that was begun can be asked about by then
	freeWithin       = 30 * time.Minute // another import of the project ends by then
	fileWithin       = 5 * time.Minute  // a file that the service makes can be fetched by then
	freeAgain        = 2 * time.Second
	lostJobQuestions = 3 // at least, before a job counts as never begun
)

// act calls an action of data management and gives its value.
func (c *Connector) act(ctx context.Context, action string, parameters any, repeatable bool) (text string, flag bool, err error) {
	body, err := json.Marshal(parameters)
	if err != nil {
		return "", false, err
	}
	err = c.data.Do(ctx, odata.Request{Method: http.MethodPost, URL: projectActions + action, Body: body, Repeatable: repeatable}, func(r *odata.Response) error {
		var answer struct {
			Value any `json:"value"`
		}
		if err := json.UnmarshalRead(r.Body, &answer); err != nil {
			return &odata.Malformed{Detail: err.Error()}
		}
		text, flag = "", false
		// The documentation draws one value within another; what is seen is a text.
		if inner, ok := answer.Value.(map[string]any); ok && len(inner) == 1 {
			answer.Value = inner["value"]
		}
		switch v := answer.Value.(type) {
		case string:
			text = v
		case bool:
			flag = v
		case nil:
		default:
			return &odata.Malformed{Detail: fmt.Sprintf("%s gave a %T", action, v)}
		}
		return nil
	})
	return text, flag, err
}

// unknownJob is the status of a job that the service does not know.
const unknownJob = "Unknown"

func isUnknownJob(e *odata.ServiceError) bool { return strings.Contains(e.Message, "not found") }

// begun tells whether the service knows a job.
func (c *Connector) begun(ctx context.Context, id string) (bool, error) {
	status, _, err := c.act(ctx, "GetExecutionSummaryStatus", map[string]string{"executionId": id}, true)
	if service, refused := errors.AsType[*odata.ServiceError](err); refused && isUnknownJob(service) {
		return false, nil
	}
	return err == nil && status != unknownJob, err
}

// isBusy recognises the refusal of an import beside another. Its words are not
// documented, only that such calls fail.
func isBusy(e *odata.ServiceError) bool {
	text := strings.ToLower(e.Message)
	return strings.Contains(text, "parallel") || strings.Contains(text, "being executed") || strings.Contains(text, "already running") || isTransient(e)
}

// launch has F&O begin a job under an id. Where nobody knows whether it did, the
// job is looked for by that id: it is never sent twice. parameters are asked for
// before each attempt, since one may have waited for a long job.
func (c *Connector) launch(ctx context.Context, id, action, mark string, parameters func() (map[string]any, error), started func() error) error {
	since := c.host.Clock.Now()
	for attempt := 1; ; attempt++ {
		body, err := parameters()
		if err != nil {
			return err
		}
		if started != nil {
			if err := started(); err != nil {
				return err
			}
		}
		c.host.Markers.Reached(mark)
		_, _, err = c.act(ctx, action, body, false)
		var unanswered *odata.Unanswered
		if errors.As(err, &unanswered) {
			if ctx.Err() != nil {
				return err
			}
			return nil // follow finds out
		}
		service, ok := errors.AsType[*odata.ServiceError](err)
		if ok && attempt > 1 && strings.Contains(service.Message, id) && strings.Contains(service.Message, "already exists") {
			return nil // it was begun before, and could not be found yet
		}
		if err == nil || !ok || !isBusy(service) || c.host.Clock.Now().Sub(since) > freeWithin {
			return err
		}
		// Somebody else's job is in the way, or this one was begun although
		// something went wrong.
		if err := c.host.Clock.Sleep(ctx, min(slowestPoll, time.Duration(attempt)*freeAgain)); err != nil {
			return err
		}
		if begun, err := c.begun(ctx, id); err != nil || begun {
			return err
		}
	}
}

// follow asks for a job until it has ended. failed finds out what became of one
// that was not carried out in full; doing completes "... refused to".
func (c *Connector) follow(ctx context.Context, id string, begun time.Time, doing string, failed func(status string) (connect.Job, error)) (connect.Job, error) {
	since, missed := c.host.Clock.Now(), 0
	for {
		status, _, err := c.act(ctx, "GetExecutionSummaryStatus", map[string]string{"executionId": id}, true)
		service, refused := errors.AsType[*odata.ServiceError](err)
		switch {
		case refused && isUnknownJob(service), err == nil && status == unknownJob:
			// Right after its start a job may not be found yet; one that was never
			// begun never is.
			if missed++; missed >= lostJobQuestions && c.host.Clock.Now().Sub(begun) > appearsWithin {
				return connect.Job{State: connect.JobUnknown}, nil
			}
		case err != nil:
			return connect.Job{}, c.data.Explain(err, doing)
		case status == "Succeeded":
			return connect.Job{State: connect.JobDone}, nil
		case status == "PartiallySucceeded", status == "Failed", status == "Canceled":
			return failed(status)
		default:
			c.host.Markers.Reached(connect.MarkJobPolled)
		}
		pause := c.host.Clock.Now().Sub(since) / pollPart
		if err := c.host.Clock.Sleep(ctx, min(max(pause, firstPoll), slowestPoll)); err != nil {
			return connect.Job{}, err
		}
	}
}

// reasons gives what the service says about a job that failed.
func (c *Connector) reasons(ctx context.Context, id, doing string) (messages []jobMessage, first string, err error) {
	text, _, err := c.act(ctx, "GetExecutionErrors", map[string]string{"executionId": id}, true)
	if err != nil {
		return nil, "", c.data.Explain(err, doing)
	}
	messages, first = jobMessages(text), "F&O gives no reason."
	if len(messages) > 0 {
		first = messages[0].text
	}
	return messages, first, nil
}

// lookUp reads rows of an entity set of data management, of which there are few.
func (c *Connector) lookUp(ctx context.Context, set, filter, columns string) ([]map[string]any, error) {
	var answer struct {
		Value []map[string]any `json:"value"`
	}
	address := odata.Query{}.Add("$filter", filter).Add("$select", columns).On(set)
	err := c.data.Do(ctx, odata.Request{Method: http.MethodGet, URL: address}, func(r *odata.Response) error {
		answer.Value = nil
		if err := json.UnmarshalRead(r.Body, &answer); err != nil {
			return &odata.Malformed{Detail: err.Error()}
		}
		return nil
	})
	if err != nil {
		return nil, c.data.Explain(err, "look up "+set)
	}
	return answer.Value, nil
}
