package dataverse

import (
	"database/sql"
	"encoding/xml"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/dualwrite/dw/runtime/sandbox/outbox"
)

// webhookTimeout is how long the service waits for the answer to a post.
const webhookTimeout = 60 * time.Second

// openWebhooks makes the queue of posts. A failed post of an asynchronous step
// is sent once more where a gateway refused it, else never.
func (t *Twin) openWebhooks() {
	t.webhooks = outbox.New(outbox.Options{
		Name:    "dataverse",
		Timeout: webhookTimeout, Retries: 1, Again: func(status int) bool {
			return status == http.StatusBadGateway || status == http.StatusServiceUnavailable || status == http.StatusGatewayTimeout
		},
		Now: t.opts.Now, Sleep: noPause,
	})
}

// Webhooks are the posts of webhooks: their faults, counts and failures.
func (t *Twin) Webhooks() *outbox.Outbox { return t.webhooks }

// step is an enabled processing step of a webhook.
type step struct {
	id, name  string
	message   string
	table     string   // logical name; "" every table
	columns   []string // of Update: fires if the request has one of them; none: always
	endpoint  string   // address without secrets
	authType  int64
	authValue string
}

// hookCache is the enabled steps as the file has them.
type hookCache struct {
	steps []step // nil until they are needed
	at    int64  // the data version of the file, which others' commits change
}

// steps gives the enabled steps.
func (x *tx) steps() ([]step, error) {
	cache := &x.twin.writer.hooks
	if !x.hooksChecked {
		var version int64
		if err := x.queryRow("PRAGMA data_version").Scan(&version); err != nil {
			return nil, err
		}
		if version != cache.at {
			*cache = hookCache{at: version}
		}
		x.hooksChecked = true
	}
	if cache.steps != nil {
		return cache.steps, nil
	}
	statement, err := x.statement(`SELECT s.sdkmessageprocessingstepid, coalesce(s.name, ''), coalesce(m.name, ''), coalesce(f.primaryobjecttypecode, ''),
		coalesce(s.filteringattributes, ''), coalesce(e.url, ''), coalesce(e.authtype, 0), coalesce(e.authvalue, '')
		FROM sdkmessageprocessingsteps AS s
		JOIN sdkmessages AS m ON m.sdkmessageid = s.sdkmessageid
		JOIN serviceendpoints AS e ON e.serviceendpointid = s.eventhandler
		LEFT JOIN sdkmessagefilters AS f ON f.sdkmessagefilterid = s.sdkmessagefilterid
		WHERE s.statecode = 0 AND (s.sdkmessagefilterid IS NULL OR f.sdkmessagefilterid IS NOT NULL)
		ORDER BY s.rank, s.sdkmessageprocessingstepid`)
	if err != nil {
		return nil, err
	}
	rows, err := statement.QueryContext(x.ctx)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := []step{}
	for rows.Next() {
		var s step
		var columns string
		if err := rows.Scan(&s.id, &s.name, &s.message, &s.table, &columns, &s.endpoint, &s.authType, &s.authValue); err != nil {
			return nil, err
		}
		s.columns = splitColumns(columns)
		found = append(found, s)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	cache.steps = found
	return found, nil
}

func splitColumns(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}

// Messages that steps can be registered for.
const (
	messageCreate = "Create"
	messageUpdate = "Update"
	messageDelete = "Delete"
)

// raise renders the posts of a write; they are queued when it is committed. r
// is what is written: nil of a deletion.
func (x *tx) raise(message string, t *table, id string, r row) error {
	if err := x.checkHook(message, t, id); err != nil || x.request.bypass {
		return err
	}
	steps, err := x.steps()
	if err != nil {
		return err
	}
	for _, s := range steps {
		if s.message != message || s.table != "" && s.table != t.LogicalName || !s.watches(r) {
			continue
		}
		post, err := x.renderPost(s, t, id, r)
		if err != nil {
			return err
		}
		x.posts = append(x.posts, post)
	}
	return nil
}

// watches tells whether a step fires for columns in a request, changed or not.
func (s step) watches(r row) bool {
	if s.message != messageUpdate || len(s.columns) == 0 {
		return true
	}
	return slices.ContainsFunc(s.columns, func(name string) bool { _, ok := r[name]; return ok })
}

// checkHook keeps the tables of webhooks consistent after a write to one.
func (x *tx) checkHook(message string, t *table, id string) error {
	switch t.LogicalName {
	case "serviceendpoint":
		x.twin.writer.hooks.steps = nil
		if message != messageDelete {
			return x.checkEndpoint(t, id)
		}
	case "sdkmessageprocessingstep":
		x.twin.writer.hooks.steps = nil
		if message != messageDelete {
			return x.checkStep(t, id)
		}
	}
	return nil
}

// removeSteps deletes the steps of an endpoint that is about to be deleted.
func (x *tx) removeSteps(t *table, id string) error {
	if t.LogicalName != "serviceendpoint" {
		return nil
	}
	steps := x.twin.schema.byName["sdkmessageprocessingstep"]
	statement, err := x.statement("SELECT sdkmessageprocessingstepid FROM sdkmessageprocessingsteps WHERE eventhandler = ?")
	if err != nil {
		return err
	}
	rows, err := statement.QueryContext(x.ctx, id)
	if err != nil {
		return err
	}
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			return err
		}
		ids = append(ids, one)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	x.twin.writer.hooks.steps = nil
	for _, one := range ids {
		if err := x.remove(steps, one); err != nil {
			return err
		}
	}
	return nil
}

func invalidHook(t *table, format string, args ...any) error {
	return fail(http.StatusBadRequest, codeInvalidArgument, t.LogicalName+": "+format, args...)
}

func (x *tx) checkEndpoint(t *table, id string) error {
	var contract, authType int64
	var address, value string
	err := x.queryRow("SELECT contract, authtype, coalesce(url, ''), coalesce(authvalue, '') FROM serviceendpoints WHERE serviceendpointid = ?", id).
		Scan(&contract, &authType, &address, &value)
	if err != nil {
		return err
	}
	if contract != contractWebhook {
		return invalidHook(t, "The twin posts to webhooks only: the contract has to be %d.", contractWebhook)
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return invalidHook(t, "The url of a webhook has to be an absolute web address.")
	}
	if value == "" {
		return invalidHook(t, "The authvalue of a webhook must not be empty.")
	}
	switch authType {
	case authKey:
		return nil
	case authHeader, authQuery:
		if _, err := parseSettings(value); err != nil {
			return invalidHook(t, "The authvalue is not of the form <settings><setting name=\"...\" value=\"...\" /></settings>.")
		}
		return nil
	}
	return invalidHook(t, "The authtype of a webhook has to be %d, %d or %d.", authKey, authHeader, authQuery)
}

func (x *tx) checkStep(t *table, id string) error {
	var mode, stage int64
	var message, endpoint, plugin string
	var filter, table, filterMessage, columns sql.NullString
	err := x.queryRow(`SELECT s.mode, s.stage, coalesce(m.name, ''), coalesce(e.serviceendpointid, ''), coalesce(p.plugintypeid, ''), s.sdkmessagefilterid, f.primaryobjecttypecode,
		fm.name, s.filteringattributes
		FROM sdkmessageprocessingsteps AS s
		LEFT JOIN sdkmessages AS m ON m.sdkmessageid = s.sdkmessageid
		LEFT JOIN serviceendpoints AS e ON e.serviceendpointid = s.eventhandler
		LEFT JOIN plugintypes AS p ON p.plugintypeid = s.eventhandler
		LEFT JOIN sdkmessagefilters AS f ON f.sdkmessagefilterid = s.sdkmessagefilterid
		LEFT JOIN sdkmessages AS fm ON fm.sdkmessageid = f.sdkmessageid
		WHERE s.sdkmessageprocessingstepid = ?`, id).
		Scan(&mode, &stage, &message, &endpoint, &plugin, &filter, &table, &filterMessage, &columns)
	if err != nil {
		return err
	}
	switch {
	case endpoint == "" && plugin == "":
		return invalidHook(t, "The event handler has to be a service endpoint or a plug-in type.")
	case message != messageCreate && message != messageUpdate && message != messageDelete:
		return invalidHook(t, "The twin runs steps of Create, Update and Delete, not of %q.", message)
	case plugin == "" && mode != modeAsync:
		return invalidHook(t, "The twin runs asynchronous webhooks only: the mode has to be %d.", modeAsync)
	case mode == modeAsync && stage != stagePost:
		return invalidHook(t, "Only the stage PostOperation (%d) can be asynchronous.", stagePost)
	case filter.Valid && filterMessage.String != message:
		return invalidHook(t, "The filter is one of the message %q, the step is of %q.", filterMessage.String, message)
	case columns.String != "" && message != messageUpdate:
		return invalidHook(t, "Only steps of Update can have filtering attributes.")
	case columns.String != "" && !filter.Valid:
		return invalidHook(t, "Filtering attributes need a table.")
	}
	for _, name := range splitColumns(columns.String) {
		if of := x.twin.schema.byName[table.String]; of == nil || !of.has(name) {
			return invalidHook(t, "The table %s has no attribute %q to filter by.", table.String, name)
		}
	}
	return nil
}

// setting is a header or a query parameter that authenticates a post.
type setting struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

func parseSettings(text string) ([]setting, error) {
	var list struct {
		XMLName  xml.Name  `xml:"settings"`
		Settings []setting `xml:"setting"`
	}
	if err := xml.Unmarshal([]byte(text), &list); err != nil {
		return nil, err
	}
	if len(list.Settings) == 0 || slices.ContainsFunc(list.Settings, func(s setting) bool { return s.Name == "" }) {
		return nil, xml.UnmarshalError("no setting with a name")
	}
	return list.Settings, nil
}

// authenticate adds to a post what its endpoint demands.
func (s step) authenticate(h http.Header) (target string, err error) {
	u, err := url.Parse(s.endpoint)
	if err != nil {
		return "", err
	}
	query := u.Query()
	switch s.authType {
	case authKey:
		query.Set("code", s.authValue)
	default:
		settings, err := parseSettings(s.authValue)
		if err != nil {
			return "", err
		}
		for _, one := range settings {
			if s.authType == authHeader {
				h.Set(one.Name, one.Value)
			} else {
				query.Set(one.Name, one.Value)
			}
		}
	}
	u.RawQuery = query.Encode()
	return u.String(), nil
}
