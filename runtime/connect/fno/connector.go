// Package fno is the connector for Dynamics 365 Finance & Operations: its OData
// service under /data and its metadata service under /metadata.
package fno

import (
	"context"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"

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
	URL  string       // of the environment: "https://contoso.operations.dynamics.com"
	HTTP *http.Client // odata.NewHTTPClient makes a fitting one
	// Storage reaches the storage account that packages go over; nil: HTTP.
	Storage *http.Client
	Tokens  auth.Source  // of this environment
	Budget  limit.Budget // shared by all who use the same application
	Host    *host.Host   // clock, scheduler and request ids
	User    string       // client id of the application, for Identity; the service does not tell who asks

	// Wrote is called whenever a request that may change something has left
	// completely and its answer is not read yet; nil for nobody.
	Wrote func()

	// PageSize is the most rows of a page; 0 means 5,000. The service gives at
	// most 10,000.
	PageSize int
}

// Connector implements connect.Connector.
type Connector struct {
	data     *odata.Client
	meta     *odata.Client
	host     *host.Host
	user     string
	pageSize int
	jobs     jobs

	mu    sync.Mutex
	known map[string]schema.Enum // those that were read, by name
}

var _ connect.Connector = (*Connector)(nil)

const (
	defaultPageSize = 5000
	maxPageSize     = 10000
	parallel        = 16
)

// New makes a connector. Its error is a *diag.Failure.
func New(o Options) (*Connector, error) {
	options := odata.Options{
		Title: value.FnO.Title(), URL: o.URL, Path: "/data/", HTTP: o.HTTP, Tokens: o.Tokens,
		Budget: o.Budget, Clock: o.Host.Clock, NewID: o.Host.Random.NewID, Wrote: o.Wrote, Fails: saysNothing,
	}
	data, err := odata.New(options)
	if err != nil {
		return nil, err
	}
	options.Path = "/metadata/"
	meta, err := odata.New(options)
	if err != nil {
		return nil, err
	}
	c := &Connector{data: data, meta: meta, host: o.Host, user: o.User, pageSize: defaultPageSize, known: map[string]schema.Enum{}}
	if c.jobs.storage = o.Storage; o.Storage == nil {
		c.jobs.storage = o.HTTP
	}
	if o.PageSize > 0 {
		c.pageSize = min(o.PageSize, maxPageSize)
	}
	return c, nil
}

// Side implements connect.Connector.
func (c *Connector) Side() value.Side { return value.FnO }

// Identity implements connect.Connector. The service has no id of its own for
// an environment, so that its host stands for it; a small request shows that
// sign-in works. The port is no part of the name: environments have the
// standard one, and what listens on loopback takes any that is free.
func (c *Connector) Identity(ctx context.Context) (connect.Identity, error) {
	var answer entityList
	if err := c.readMeta(ctx, odata.Request{URL: "DataEntities?$top=1", FirstContact: true}, &answer); err != nil {
		return connect.Identity{}, c.meta.Explain(err, "show that sign-in works")
	}
	host := c.data.Host()
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return connect.Identity{Environment: host, User: c.user}, nil
}

// readMeta gets a JSON object of the metadata service.
func (c *Connector) readMeta(ctx context.Context, r odata.Request, into any) error {
	r.Method = http.MethodGet
	return c.meta.Do(ctx, r, func(response *odata.Response) error {
		if err := json.UnmarshalRead(response.Body, into); err != nil {
			return &odata.Malformed{Detail: err.Error()}
		}
		return nil
	})
}

// Count implements connect.Connector.
func (c *Connector) Count(ctx context.Context, q connect.Query) (int64, bool, error) {
	t := q.Projection.Table
	s, err := shapeOf(t, nil)
	if err != nil {
		return 0, false, err
	}
	address := crossCompany().Add("$top", "0").Add("$count", "true").Add("$select", s.sel).Add("$filter", and(companies(t, q.Companies), q.Filter)).On(t.Set)
	page, err := c.page(ctx, s, address)
	if err == nil && page.Count < 0 {
		err = &odata.Malformed{Detail: "no @odata.count"}
	}
	if err != nil {
		return 0, false, c.data.Explain(err, "count "+t.Set)
	}
	return page.Count, true, nil
}

// Changes implements connect.Connector; the service has no change tracking.
func (c *Connector) Changes(context.Context, connect.Query) (connect.Page, error) {
	return connect.Page{}, errNoChanges
}

// Capabilities implements connect.Connector. Whether the service honours
// If-Match is not documented.
func (c *Connector) Capabilities(t *schema.Table) connect.Capabilities {
	out := connect.Capabilities{Conditional: connect.Unknown, Parallel: parallel}
	if t != nil && !t.NoPackages && t.Label != "" && t.AOT != "" {
		out.Export = ExportRoute()
		if !t.ReadOnly {
			out.Package = Route()
		}
	}
	return out
}

// crossCompany begins every address: without it the service sees only the
// default company of its user, and finds nothing elsewhere without saying so.
func crossCompany() odata.Query { return odata.Query{"cross-company=true"} }

// The company column, in every company-specific entity and its key.
const companyField = "dataAreaId"

// companies writes the filter for some companies; "" for all.
func companies(t *schema.Table, codes []string) string {
	if !t.CompanySpecific || len(codes) == 0 {
		return ""
	}
	terms := make([]string, len(codes))
	for i, code := range codes {
		terms[i] = companyField + " eq " + odata.Text(strings.ToLower(code))
	}
	return strings.Join(terms, " or ")
}

// and joins filters, those that are not empty.
func and(filters ...string) string {
	var parts []string
	for _, f := range filters {
		if f != "" {
			parts = append(parts, f)
		}
	}
	if len(parts) > 1 {
		for i, f := range parts {
			parts[i] = "(" + f + ")"
		}
	}
	return strings.Join(parts, " and ")
}

func top(n int) string { return strconv.Itoa(n) }
