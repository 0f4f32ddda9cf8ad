// Package dataverse is the connector for Dataverse: the Web API v9.2, OData 4.
package dataverse

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/connect/auth"
	"github.com/dualwrite/dw/runtime/connect/limit"
	"github.com/dualwrite/dw/runtime/connect/odata"
	"github.com/dualwrite/dw/runtime/host"
	"github.com/go-json-experiment/json"
)

// Options of a connector.
type Options struct {
	URL    string       // of the environment: "https://contoso.crm4.dynamics.com"
	HTTP   *http.Client // odata.NewHTTPClient makes a fitting one
	Tokens auth.Source  // of this environment
	Budget limit.Budget // shared by all who use the same application user
	Host   *host.Host   // clock, scheduler and request ids

	// Wrote is called whenever a request that may change something has left
	// completely and its answer is not read yet; nil for nobody.
	Wrote func()

	// PageSize is the most rows of a page; 0 means 5,000, the service's
	// maximum.
	PageSize int

	// Tag names who writes: plug-ins, flows and webhooks see it among the shared
	// variables of every write (Dataverse developer documentation, "Add a shared
	// variable from the Organization service"). "" sends none.
	Tag string
}

// Tag is the one that dual-write's users look for in plug-ins which must not
// run for what comes from F&O.
const Tag = "DualWrite"

// Connector implements connect.Connector.
type Connector struct {
	client   *odata.Client
	host     *host.Host
	budget   limit.Budget
	pageSize int
	tag      string
	tuners   tuners
}

var _ connect.Connector = (*Connector)(nil)

// MostAtOnce is how many requests the service accepts of a user at once
// (Dataverse developer documentation, "Service protection API limits").
const MostAtOnce = 52

const (
	batchParts  = 50
	parallel    = MostAtOnce // the budget allows fewer
	maxPageSize = 5000
)

// New makes a connector. Its error is a *diag.Failure.
func New(o Options) (*Connector, error) {
	client, err := odata.New(odata.Options{
		Title: value.Dataverse.Title(), URL: o.URL, Path: "/api/data/v9.2/", HTTP: o.HTTP, Tokens: o.Tokens,
		Budget: o.Budget, Clock: o.Host.Clock, NewID: o.Host.Random.NewID, Wrote: o.Wrote, Fails: saysNothing,
	})
	if err != nil {
		return nil, err
	}
	c := &Connector{client: client, host: o.Host, budget: o.Budget, pageSize: maxPageSize, tag: o.Tag}
	if o.PageSize > 0 && o.PageSize < maxPageSize {
		c.pageSize = o.PageSize
	}
	return c, nil
}

// Side implements connect.Connector.
func (c *Connector) Side() value.Side { return value.Dataverse }

// Identity implements connect.Connector with the function WhoAmI.
func (c *Connector) Identity(ctx context.Context) (connect.Identity, error) {
	var who struct {
		UserID         string `json:"UserId"`
		OrganizationID string `json:"OrganizationId"`
	}
	err := c.read(ctx, odata.Request{URL: "WhoAmI", FirstContact: true}, &who)
	if err == nil && (who.OrganizationID == "" || who.UserID == "") {
		err = &odata.Malformed{Detail: "WhoAmI names no organisation or no user"}
	}
	if err != nil {
		return connect.Identity{}, c.client.Explain(err, "say who the user is")
	}
	return connect.Identity{Environment: who.OrganizationID, User: who.UserID}, nil
}

// read gets a JSON object.
func (c *Connector) read(ctx context.Context, r odata.Request, into any) error {
	r.Method = http.MethodGet
	return c.client.Do(ctx, r, func(response *odata.Response) error {
		if err := json.UnmarshalRead(response.Body, into); err != nil {
			return &odata.Malformed{Detail: err.Error()}
		}
		return nil
	})
}

// Count implements connect.Connector. The service counts with a snapshot of up
// to a day ago and cannot filter.
func (c *Connector) Count(ctx context.Context, q connect.Query) (int64, bool, error) {
	table := q.Projection.Table
	var answer struct {
		Collection struct {
			Keys   []string `json:"Keys"`
			Values []int64  `json:"Values"`
		} `json:"EntityRecordCountCollection"`
	}
	address := "RetrieveTotalRecordCount(EntityNames=@p1)?@p1=" + odata.Escape("['"+table.Name+"']")
	if err := c.read(ctx, odata.Request{URL: address}, &answer); err != nil {
		return 0, false, c.client.Explain(err, "count "+table.Set)
	}
	for i, key := range answer.Collection.Keys {
		if key == table.Name && i < len(answer.Collection.Values) {
			return answer.Collection.Values[i], false, nil
		}
	}
	return 0, false, c.client.Explain(&odata.Malformed{Detail: "no count of " + table.Name}, "count "+table.Set)
}

// Capabilities implements connect.Connector.
func (c *Connector) Capabilities(t *schema.Table) connect.Capabilities {
	out := connect.Capabilities{Conditional: connect.No, Changes: t.ChangeTracking, Parallel: parallel}
	if t.OptimisticConcurrency {
		out.Conditional = connect.Yes
	}
	if offers(t, createMultiple) {
		out.BulkCreate = bulkMost
	}
	if offers(t, updateMultiple) {
		out.BulkUpdate = bulkMost
	}
	return out
}

// The bulk messages, as schema.Table.Messages names them.
const (
	createMultiple = "CreateMultiple"
	updateMultiple = "UpdateMultiple"
)

func offers(t *schema.Table, message string) bool {
	for _, m := range t.Messages {
		if m == message {
			return true
		}
	}
	return false
}

// rowURL addresses a row by its id, relative to the service.
func rowURL(t *schema.Table, id string) string { return t.Set + "(" + odata.Escape(id) + ")" }

// tagged is the query of a write.
func (c *Connector) tagged() odata.Query { return odata.Query{}.Add("tag", c.tag) }

// prefer joins preferences into one header.
func (c *Connector) prefer(track, annotate bool) http.Header {
	text := "odata.maxpagesize=" + strconv.Itoa(c.pageSize)
	if track {
		text = "odata.track-changes," + text
	}
	if annotate {
		text += "," + includeTable
	}
	return http.Header{"Prefer": {text}}
}

const (
	tableAnnotation = "Microsoft.Dynamics.CRM.lookuplogicalname"
	includeTable    = `odata.include-annotations="` + tableAnnotation + `"`
)

func notReadable(t *schema.Table, f *schema.Field) error {
	return fmt.Errorf("column %s of %s is of a type that cannot be read", f.Name, t.Name)
}
