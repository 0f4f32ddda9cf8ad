package dataverse

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/runtime/connect/odata"
)

// Numbers of a webhook registration (Dataverse developer documentation,
// "Register a webhook", and the reference of the tables serviceendpoint and
// sdkmessageprocessingstep).
const (
	contractWebhook = 8
	authWebhookKey  = 4 // the key comes as the query parameter "code"
	modeAsync       = 1
	stagePost       = 40

	endpointSet = "serviceendpoints"
	stepSet     = "sdkmessageprocessingsteps"

	// filterLength and filterTerms bound one query for message filters.
	filterLength, filterTerms = 6000, 30
)

// webhookMessages are those that a table's steps are registered for.
var webhookMessages = []string{"Create", "Update", "Delete"}

type (
	webhookEndpoint struct {
		ID string `json:"serviceendpointid"`
	}
	sdkMessage struct {
		ID   string `json:"sdkmessageid"`
		Name string `json:"name"`
	}
	messageFilter struct {
		ID      string `json:"sdkmessagefilterid"`
		Table   string `json:"primaryobjecttypecode"`
		Message string `json:"_sdkmessageid_value"`
	}
	webhookStep struct {
		ID     string `json:"sdkmessageprocessingstepid"`
		Filter string `json:"_sdkmessagefilterid_value"`
		State  int    `json:"statecode"`
	}
	newEndpoint struct {
		ID       string `json:"serviceendpointid,omitempty"`
		Name     string `json:"name,omitempty"`
		URL      string `json:"url"`
		Contract int    `json:"contract"`
		AuthType int    `json:"authtype"`
		Key      string `json:"authvalue"`
	}
	newStep struct {
		ID         string `json:"sdkmessageprocessingstepid"`
		Name       string `json:"name"`
		Mode       int    `json:"mode"`
		Stage      int    `json:"stage"`
		Rank       int    `json:"rank"`
		Deployment int    `json:"supporteddeployment"`
		AutoDelete bool   `json:"asyncautodelete"`
		Endpoint   string `json:"eventhandler_serviceendpoint@odata.bind"`
		Message    string `json:"sdkmessageid@odata.bind"`
		Filter     string `json:"sdkmessagefilterid@odata.bind"`
	}
)

// EnsureWebhook makes Dataverse post creates, updates and deletes of the tables
// to an address, with the key as query parameter "code". The registration is
// known by its name: what there is of it is brought up to date, steps of other
// tables under that name are removed. Calling it again changes nothing but sets
// address and key anew, since a key cannot be read. Errors that a person can
// cause are *diag.Failure; where some tables take no webhook the others have
// theirs.
func (c *Connector) EnsureWebhook(ctx context.Context, name, address, key string, tables []*schema.Table) error {
	endpoint, err := c.ensureEndpoint(ctx, name, address, key)
	if err != nil {
		return err
	}
	wanted, without, err := c.wantedSteps(ctx, name, endpoint, tables)
	if err != nil {
		return err
	}
	if err := c.settleSteps(ctx, endpoint, wanted); err != nil {
		return err
	}
	if len(without) > 0 {
		return c.webhookFailure("Dataverse posts no changes of "+strings.Join(without, ", "), "it allows no steps of other programs for them",
			"Changes of these tables are found by the next delta.")
	}
	return nil
}

// RemoveWebhook removes a registration with its steps. One that is not there is
// no error.
func (c *Connector) RemoveWebhook(ctx context.Context, name string) error {
	endpoints, err := c.webhookEndpoints(ctx, name)
	if err != nil {
		return err
	}
	for _, e := range endpoints {
		if err := c.removeEndpoint(ctx, e.ID); err != nil {
			return err
		}
	}
	return nil
}

func (c *Connector) removeEndpoint(ctx context.Context, id string) error {
	if err := c.settleSteps(ctx, id, nil); err != nil {
		return err
	}
	return c.change(ctx, http.MethodDelete, endpointSet+"("+id+")", nil, "remove the webhook")
}

func (c *Connector) webhookEndpoints(ctx context.Context, name string) ([]webhookEndpoint, error) {
	filter := fmt.Sprintf("name eq %s and contract eq %d", odata.Text(name), contractWebhook)
	return all[webhookEndpoint](ctx, c, odata.Query{}.Add("$select", "serviceendpointid").Add("$filter", filter).On(endpointSet))
}

// ensureEndpoint gives the id of the registration's endpoint.
func (c *Connector) ensureEndpoint(ctx context.Context, name, address, key string) (string, error) {
	found, err := c.webhookEndpoints(ctx, name)
	if err != nil {
		return "", err
	}
	e := newEndpoint{URL: address, Contract: contractWebhook, AuthType: authWebhookKey, Key: key}
	if len(found) == 0 {
		e.ID, e.Name = c.host.Random.NewID(), name
		return e.ID, c.change(ctx, http.MethodPost, endpointSet, e, "register the webhook")
	}
	// Two programs that began at once leave two of them.
	for _, double := range found[1:] {
		if err := c.removeEndpoint(ctx, double.ID); err != nil {
			return "", err
		}
	}
	return found[0].ID, c.change(ctx, http.MethodPatch, endpointSet+"("+found[0].ID+")", e, "change the webhook")
}

// wantedSteps gives a step for each message of the tables, by the id of its
// filter, and the tables that lack one.
func (c *Connector) wantedSteps(ctx context.Context, name, endpoint string, tables []*schema.Table) (steps map[string]newStep, without []string, err error) {
	var terms []string
	for _, m := range webhookMessages {
		terms = append(terms, "name eq "+odata.Text(m))
	}
	messages, err := all[sdkMessage](ctx, c, odata.Query{}.Add("$select", "sdkmessageid,name").Add("$filter", strings.Join(terms, " or ")).On("sdkmessages"))
	if err != nil {
		return nil, nil, err
	}
	title := map[string]string{} // of a message, by its id
	for _, m := range messages {
		if slices.Contains(webhookMessages, m.Name) {
			title[strings.ToLower(m.ID)] = m.Name
		}
	}
	terms = nil
	for _, t := range tables {
		terms = append(terms, "primaryobjecttypecode eq "+odata.Text(t.Name))
	}
	steps = map[string]newStep{}
	served := map[string]int{}
	for _, chunk := range odata.Chunks(terms, filterLength, filterTerms, len("%20or%20")) {
		filter := "iscustomprocessingstepallowed eq true and (" + strings.Join(chunk, " or ") + ")"
		filters, err := all[messageFilter](ctx, c, odata.Query{}.Add("$select", "sdkmessagefilterid,primaryobjecttypecode,_sdkmessageid_value").Add("$filter", filter).On("sdkmessagefilters"))
		if err != nil {
			return nil, nil, err
		}
		for _, f := range filters {
			message := title[strings.ToLower(f.Message)]
			if message == "" {
				continue
			}
			served[f.Table]++
			steps[strings.ToLower(f.ID)] = newStep{
				Name: name + ": " + f.Table + " " + message, Mode: modeAsync, Stage: stagePost, Rank: 1, AutoDelete: true,
				Endpoint: "/" + endpointSet + "(" + endpoint + ")", Message: "/sdkmessages(" + f.Message + ")", Filter: "/sdkmessagefilters(" + f.ID + ")",
			}
		}
	}
	for _, t := range tables {
		if served[t.Name] < len(webhookMessages) && !slices.Contains(without, t.Name) {
			without = append(without, t.Name)
		}
	}
	return steps, without, nil
}

// settleSteps makes the steps of an endpoint those that are wanted.
func (c *Connector) settleSteps(ctx context.Context, endpoint string, wanted map[string]newStep) error {
	query := odata.Query{}.Add("$select", "sdkmessageprocessingstepid,_sdkmessagefilterid_value,statecode").Add("$filter", "_eventhandler_value eq "+endpoint)
	existing, err := all[webhookStep](ctx, c, query.On(stepSet))
	if err != nil {
		return err
	}
	var tasks []func(context.Context) error
	task := func(method, address string, body any, doing string) {
		tasks = append(tasks, func(ctx context.Context) error { return c.change(ctx, method, address, body, doing) })
	}
	have := map[string]bool{}
	for _, s := range existing {
		filter, row := strings.ToLower(s.Filter), stepSet+"("+s.ID+")"
		_, keep := wanted[filter]
		switch {
		case !keep || have[filter]:
			task(http.MethodDelete, row, nil, "remove a step of the webhook")
			continue
		case s.State != 0:
			task(http.MethodPatch, row, map[string]int{"statecode": 0, "statuscode": 1}, "enable a step of the webhook")
		}
		have[filter] = true
	}
	var missing []string
	for filter := range wanted {
		if !have[filter] {
			missing = append(missing, filter)
		}
	}
	slices.Sort(missing)
	for _, filter := range missing {
		s := wanted[filter]
		s.ID = c.host.Random.NewID()
		task(http.MethodPost, stepSet, s, "register a step of the webhook")
	}
	return c.host.Scheduler.Run(ctx, parallel, tasks...)
}

// all reads all rows of a query of webhooks.
func all[T any](ctx context.Context, c *Connector, address string) ([]T, error) {
	out, err := rows[T](ctx, c, address)
	if err != nil {
		return nil, c.client.Explain(err, "list its webhooks")
	}
	return out, nil
}

// rows reads all rows of a query, page by page.
func rows[T any](ctx context.Context, c *Connector, address string) ([]T, error) {
	var out []T
	for address != "" {
		var page struct {
			Value []T    `json:"value"`
			Next  string `json:"@odata.nextLink"`
		}
		if err := c.read(ctx, odata.Request{URL: address}, &page); err != nil {
			return nil, err
		}
		out, address = append(out, page.Value...), page.Next
	}
	return out, nil
}

// change sends one write of the registration. Ids are chosen here and updates
// and deletes have to find their row, so that each may be sent again.
func (c *Connector) change(ctx context.Context, method, address string, body any, doing string) error {
	r := odata.Request{Method: method, URL: address, Repeatable: true}
	if method == http.MethodPatch {
		r.Header = http.Header{"If-Match": {"*"}}
	}
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		r.Body = text
	}
	err := c.client.Do(ctx, r, func(*odata.Response) error { return nil })
	var refusal *odata.ServiceError
	switch {
	case !errors.As(err, &refusal):
		return err
	case method == http.MethodDelete && refusal.Status == http.StatusNotFound:
		return nil
	case method == http.MethodPost && refusal.Repeated && refusal.HasCode(codeDuplicateID):
		return nil // an earlier attempt, whose answer was lost
	case refusal.Status == http.StatusUnauthorized || refusal.Status == http.StatusForbidden:
		return c.client.Explain(err, doing)
	}
	return c.webhookFailure("Dataverse refused to "+doing, fmt.Sprintf("status %d %s: %s", refusal.Status, refusal.Code, refusal.Message),
		"Check that the receiver's address is one that Dataverse takes; without a webhook changes are found by the next delta.")
}

func (c *Connector) webhookFailure(summary, detail, hint string) error {
	return diag.Fail(diag.Diagnostic{Code: diag.CodeWebhookRefused, Summary: summary, Detail: detail, Hint: hint, Address: c.client.Host()})
}
