package dataverse

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/runtime/connect/odata"
)

// Numbers of registrations (Dataverse developer documentation, reference of the
// tables duplicaterule and sdkmessageprocessingstep).
const (
	rulePublished = "2"  // statuscode of a duplicate detection rule
	modeSync      = "0"  // mode of a step
	stageMain     = "30" // the platform's own part of a write
)

type (
	duplicateRule struct {
		Name  string `json:"name"`
		Table string `json:"baseentityname"`
	}
	syncStep struct {
		Name          string `json:"name"`
		Description   string `json:"description"`
		Configuration string `json:"configuration"`
		Columns       string `json:"filteringattributes"`
		Filter        string `json:"_sdkmessagefilterid_value"`
	}
)

// Registered gives what is registered on tables beside dw: published duplicate
// detection rules and the synchronous plug-in steps of others than Microsoft.
// What the user may not read is not known and left out.
func (c *Connector) Registered(ctx context.Context, tables []string) ([]schema.Registered, error) {
	if len(tables) == 0 {
		return nil, nil
	}
	found := map[string]*schema.Registered{}
	of := func(table string) *schema.Registered {
		if found[table] == nil {
			found[table] = &schema.Registered{Table: table}
		}
		return found[table]
	}
	for chunk := range slices.Chunk(tables, tablesPerCall) {
		if err := c.duplicateRules(ctx, chunk, of); err != nil {
			return nil, err
		}
		if err := c.syncSteps(ctx, chunk, of); err != nil {
			return nil, err
		}
	}
	var out []schema.Registered
	for _, table := range tables {
		if r := found[table]; r != nil {
			out = append(out, *r)
		}
	}
	return out, nil
}

// oneOf is a condition that a column has one of the values.
func oneOf(column string, values []string) string {
	terms := make([]string, len(values))
	for i, v := range values {
		terms[i] = column + " eq " + odata.Text(v)
	}
	return "(" + strings.Join(terms, " or ") + ")"
}

func (c *Connector) duplicateRules(ctx context.Context, tables []string, of func(string) *schema.Registered) error {
	query := odata.Query{}.Add("$select", "name,baseentityname").Add("$filter", "statuscode eq "+rulePublished+" and "+oneOf("baseentityname", tables))
	rules, err := readable[duplicateRule](ctx, c, query.On("duplicaterules"), "list its duplicate detection rules")
	for _, r := range rules {
		t := of(r.Table)
		t.DuplicateRules = append(t.DuplicateRules, r.Name)
	}
	return err
}

func (c *Connector) syncSteps(ctx context.Context, tables []string, of func(string) *schema.Registered) error {
	messages, err := readable[sdkMessage](ctx, c,
		odata.Query{}.Add("$select", "sdkmessageid,name").Add("$filter", oneOf("name", webhookMessages)).On("sdkmessages"), "list its messages")
	if err != nil {
		return err
	}
	title := map[string]string{}
	for _, m := range messages {
		title[strings.ToLower(m.ID)] = m.Name
	}
	filters, err := readable[messageFilter](ctx, c,
		odata.Query{}.Add("$select", "sdkmessagefilterid,primaryobjecttypecode,_sdkmessageid_value").Add("$filter", oneOf("primaryobjecttypecode", tables)).On("sdkmessagefilters"),
		"list the messages of its tables")
	if err != nil {
		return err
	}
	about := map[string]messageFilter{}
	for _, f := range filters {
		about[strings.ToLower(f.ID)] = f
	}
	query := odata.Query{}.Add("$select", "name,description,configuration,filteringattributes,_sdkmessagefilterid_value").
		Add("$filter", "mode eq "+modeSync+" and statecode eq 0 and stage ne "+stageMain+" and "+oneOf("sdkmessagefilterid/primaryobjecttypecode", tables))
	steps, err := readable[syncStep](ctx, c, query.On(stepSet), "list the plug-in steps of its tables")
	for _, s := range steps {
		f, ok := about[strings.ToLower(s.Filter)]
		message := title[strings.ToLower(f.Message)]
		if !ok || message == "" || strings.HasPrefix(s.Name, "Microsoft.") {
			continue
		}
		t := of(f.Table)
		step := schema.Step{Name: s.Name, Message: message, Tag: speaksOfTag(s)}
		for _, column := range strings.FieldsFunc(s.Columns, func(r rune) bool { return r == ',' || r == ' ' }) {
			step.Columns = append(step.Columns, strings.ToLower(column))
		}
		slices.Sort(step.Columns)
		t.Steps = append(t.Steps, step)
	}
	return err
}

// speaksOfTag tells whether the registration of a step names the tag of dw's
// writes. The code of a plug-in cannot be read.
func speaksOfTag(s syncStep) bool {
	return strings.Contains(strings.ToLower(s.Description+" "+s.Configuration), strings.ToLower(Tag))
}

// readable reads all rows of a query; none where the user may not read them, or
// the environment does not have the table.
func readable[T any](ctx context.Context, c *Connector, address, doing string) ([]T, error) {
	out, err := rows[T](ctx, c, address)
	var refusal *odata.ServiceError
	switch {
	case err == nil:
		return out, nil
	case errors.As(err, &refusal) && (refusal.Status == http.StatusForbidden || refusal.Status == http.StatusNotFound):
		return nil, nil
	}
	return nil, c.client.Explain(err, doing)
}
