package dataverse

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/dualwrite/dw/runtime/sandbox/contract"
	"github.com/dualwrite/dw/runtime/sandbox/outbox"
)

// maxPost is the size of a post above which it comes without parameters.
const maxPost = 256 << 10

// noPause: the one repetition of a post is sent at once.
func noPause(context.Context, time.Duration) {}

// requestFacts is what a request adds to the events of its writes.
type requestFacts struct {
	tag         string // query parameter "tag"
	bypass      bool   // asynchronous custom logic is not to run
	id          string // of the client, a guid; "" none
	correlation string // one for all posts of a request; made with the first
}

func (q *request) facts() requestFacts {
	f := requestFacts{tag: q.options["tag"]}
	for part := range strings.SplitSeq(q.r.Header.Get("MSCRM.BypassBusinessLogicExecution"), ",") {
		f.bypass = f.bypass || strings.EqualFold(strings.TrimSpace(part), "CustomAsync")
	}
	f.id, _ = parseGUID(q.r.Header.Get("x-ms-client-request-id"))
	return f
}

// remoteContext is a RemoteExecutionContext, with the members of the
// documentation's samples.
type remoteContext struct {
	BusinessUnitID      string               `json:"BusinessUnitId"`
	CorrelationID       string               `json:"CorrelationId"`
	Depth               int                  `json:"Depth"`
	InitiatingUserID    string               `json:"InitiatingUserId"`
	InputParameters     []contract.Attribute `json:"InputParameters"`
	IsExecutingOffline  bool                 `json:"IsExecutingOffline"`
	IsInTransaction     bool                 `json:"IsInTransaction"`
	IsOfflinePlayback   bool                 `json:"IsOfflinePlayback"`
	IsolationMode       int                  `json:"IsolationMode"`
	MessageName         string               `json:"MessageName"`
	Mode                int                  `json:"Mode"`
	OperationCreatedOn  string               `json:"OperationCreatedOn"`
	OperationID         string               `json:"OperationId"`
	OrganizationID      string               `json:"OrganizationId"`
	OrganizationName    string               `json:"OrganizationName"`
	OutputParameters    []contract.Attribute `json:"OutputParameters"`
	OwningExtension     contract.Reference   `json:"OwningExtension"`
	ParentContext       *remoteContext       `json:"ParentContext"`
	PostEntityImages    []contract.Attribute `json:"PostEntityImages"`
	PreEntityImages     []contract.Attribute `json:"PreEntityImages"`
	PrimaryEntityID     string               `json:"PrimaryEntityId"`
	PrimaryEntityName   string               `json:"PrimaryEntityName"`
	RequestID           string               `json:"RequestId"`
	SecondaryEntityName string               `json:"SecondaryEntityName"`
	SharedVariables     []contract.Attribute `json:"SharedVariables"`
	Stage               int                  `json:"Stage"`
	UserID              string               `json:"UserId"`
}

// entity is a record in a post.
type entity struct {
	Type            string               `json:"__type"`
	Attributes      []contract.Attribute `json:"Attributes"`
	EntityState     *int                 `json:"EntityState"`
	FormattedValues []contract.Attribute `json:"FormattedValues"`
	ID              string               `json:"Id"`
	KeyAttributes   []contract.Attribute `json:"KeyAttributes"`
	LogicalName     string               `json:"LogicalName"`
	RelatedEntities []contract.Attribute `json:"RelatedEntities"`
	RowVersion      *string              `json:"RowVersion"`
}

// renderPost makes the post of a step for a write of the row id.
func (x *tx) renderPost(s step, t *table, id string, r row) (outbox.Message, error) {
	twin := x.twin
	if x.request.correlation == "" {
		x.request.correlation = twin.opts.NewID()
	}
	none := []contract.Attribute{}
	owner := contract.NewReference("sdkmessageprocessingstep", s.id)
	owner.Type = "" // the member has no other type
	c := remoteContext{
		BusinessUnitID: twin.unit, CorrelationID: x.request.correlation, Depth: 1 + x.silent, InitiatingUserID: twin.user, UserID: twin.user,
		IsolationMode: 1, MessageName: s.message, Mode: modeAsync, Stage: stagePost, OperationID: twin.opts.NewID(),
		OperationCreatedOn: "/Date(" + strconv.FormatInt(twin.opts.Now().UnixMilli(), 10) + "-0000)/",
		OrganizationID:     twin.org, OrganizationName: "twin", OutputParameters: none, OwningExtension: owner, PostEntityImages: none, PreEntityImages: none,
		PrimaryEntityID: id, PrimaryEntityName: t.LogicalName, RequestID: x.request.id, SecondaryEntityName: "none", SharedVariables: none,
	}
	if c.RequestID == "" {
		c.RequestID = c.CorrelationID
	}
	if x.request.tag != "" {
		c.SharedVariables = []contract.Attribute{{Key: "tag", Value: x.request.tag}}
	}
	switch s.message {
	case messageDelete:
		c.InputParameters = []contract.Attribute{{Key: "Target", Value: contract.NewReference(t.LogicalName, id)}}
	default:
		c.InputParameters = []contract.Attribute{{Key: "Target", Value: entity{
			Type: contract.EntityType, Attributes: t.attributes(r), FormattedValues: none, ID: id, KeyAttributes: none, LogicalName: t.LogicalName, RelatedEntities: none,
		}}}
		if s.message == messageCreate {
			c.OutputParameters = []contract.Attribute{{Key: "id", Value: id}}
		}
	}
	h := http.Header{}
	h.Set("Content-Type", "application/json")
	h.Set("x-ms-dynamics-organization", twin.host())
	h.Set("x-ms-dynamics-entity-name", t.LogicalName)
	h.Set("x-ms-dynamics-request-name", s.message)
	h.Set("x-ms-correlation-request-id", c.CorrelationID)
	body, err := json.Marshal(c)
	if err != nil {
		return outbox.Message{}, err
	}
	if len(body) > maxPost {
		h.Set("x-ms-dynamics-msg-size-exceeded", "true")
		c.InputParameters, c.ParentContext, c.PreEntityImages, c.PostEntityImages = nil, nil, nil, nil
		if body, err = json.Marshal(c); err != nil {
			return outbox.Message{}, err
		}
	}
	target, err := s.authenticate(h)
	if err != nil {
		return outbox.Message{}, err
	}
	return outbox.Message{Endpoint: s.endpoint, URL: target, Header: h, Body: body, Subject: s.message + " " + t.LogicalName + " " + id}, nil
}

// host is the name of the environment.
func (t *Twin) host() string {
	if u, err := url.Parse(t.opts.BaseURL); err == nil && u.Host != "" {
		return u.Host
	}
	return "twin"
}

// attributes renders what is written to a row: the columns of the request and
// those that the service sets beside them.
func (t *table) attributes(r row) []contract.Attribute {
	out := make([]contract.Attribute, 0, len(r))
	for _, name := range sortedKeys(r) {
		c := t.byName[name]
		if c == nil || !c.Read || name == "versionnumber" || t.isTypeColumn(c) {
			continue
		}
		out = append(out, contract.Attribute{Key: name, Value: c.contractValue(r)})
	}
	return out
}

// contractValue renders a stored value; one that the column cannot have is
// null.
func (c *column) contractValue(r row) any {
	switch v := r[c.LogicalName].(type) {
	case int64:
		switch {
		case c.class == classBoolean:
			return v != 0
		case isChoice(c.Column):
			return contract.Choice(v)
		}
		return v
	case float64:
		return v
	case string:
		return c.contractText(v, r)
	}
	return nil
}

func (c *column) contractText(text string, r row) any {
	switch c.class {
	case classDecimal:
		number := json.Number(strings.TrimSuffix(strings.TrimRight(text, "0"), "."))
		if c.Type == "MoneyType" {
			return contract.Money(number)
		}
		return number
	case classDateTime, classDate:
		layout := timeLayout
		if c.class == classDate {
			layout = time.DateOnly
		}
		when, err := time.Parse(layout, text)
		if err != nil {
			return nil
		}
		return contract.Date(when)
	case classLookup:
		target := firstTarget(c)
		if name, ok := r[c.typeName].(string); ok && c.typeName != "" {
			target = name
		}
		return contract.NewReference(target, text)
	}
	if c.Type != "MultiSelectPicklistType" {
		return text
	}
	choices := []contract.Typed{}
	for part := range strings.SplitSeq(text, ",") {
		if n, err := strconv.ParseInt(part, 10, 64); err == nil {
			choices = append(choices, contract.Choice(n))
		}
	}
	return choices
}
