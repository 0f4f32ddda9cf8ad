package receive

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
)

// parsed is what a post says.
type parsed struct {
	notices    []connect.Notice
	ignored    []string // what was readable and reports no change
	validation string   // code that the subscription of an Event Grid topic wants back
}

// message is what is used of a message: a RemoteExecutionContext in DataContract
// JSON (Dataverse developer documentation, "Use webhooks"; Finance and
// Operations documentation, "Data events"), an envelope of Event Grid or of
// CloudEvents around one, or a business event.
type message struct {
	Name        string         `json:"MessageName"`
	Entity      string         `json:"PrimaryEntityName"`
	EntityID    string         `json:"PrimaryEntityId"`
	OperationID string         `json:"OperationId"`
	UserID      string         `json:"InitiatingUserId"`
	ObjectID    string         `json:"InitiatingUserAzureActiveDirectoryObjectId"`
	Input       []attribute    `json:"InputParameters"`
	Shared      []attribute    `json:"SharedVariables"`
	EventID     string         `json:"EventId"`
	Business    string         `json:"BusinessEventId"`
	Data        jsontext.Value `json:"data"`      // of an envelope
	EventType   string         `json:"eventType"` // of an envelope
}

// attribute is a key with a value of any type.
type attribute struct {
	Key   string         `json:"key"`
	Value jsontext.Value `json:"value"`
}

// target is an Entity or EntityReference among the parameters.
type target struct {
	ID         string      `json:"Id"`
	Name       string      `json:"LogicalName"`
	Attributes []attribute `json:"Attributes"`
}

const validationEvent = "Microsoft.EventGrid.SubscriptionValidationEvent"

// errNotReadable hides what decoders say: it may repeat values of records.
var errNotReadable = errors.New("the body is not the JSON of an event")

// parse reads a post: one message or an array of them.
func parse(body []byte) (parsed, error) {
	var out parsed
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\ufeff")))
	if len(body) == 0 {
		return out, errors.New("the body is empty")
	}
	all := []jsontext.Value{body}
	if body[0] == '[' {
		all = nil
		if err := json.Unmarshal(body, &all); err != nil {
			return out, errNotReadable
		}
	}
	for _, one := range all {
		if err := out.add(one, true); err != nil {
			return out, err
		}
	}
	return out, nil
}

// add reads one message; an envelope is opened once.
func (p *parsed) add(text jsontext.Value, open bool) error {
	var m message
	if text.Kind() != '{' || json.Unmarshal(text, &m) != nil {
		return errNotReadable
	}
	switch {
	case m.Name != "":
		return p.change(&m, text)
	case open && m.EventType == validationEvent:
		var v struct {
			Code string `json:"validationCode"`
		}
		if json.Unmarshal(m.Data, &v) != nil || v.Code == "" {
			return errors.New("the validation of the subscription has no validationCode")
		}
		p.validation = v.Code
		return nil
	case open && m.Data != nil && m.Data.Kind() != 'n':
		inner := m.Data
		if inner.Kind() == '"' {
			var s string
			if json.Unmarshal(inner, &s) != nil {
				return errNotReadable
			}
			inner = jsontext.Value(s)
		}
		return p.add(inner, false)
	case m.Business != "":
		p.ignored = append(p.ignored, fmt.Sprintf("the business event %.100q", m.Business))
		return nil
	}
	// What F&O sends to try an endpoint out has no documented shape.
	p.ignored = append(p.ignored, "a message that names no record, such as the test of an endpoint")
	return nil
}

// operation gives what a message did to a record; "" for messages that are not
// about a change of one.
func operation(name string) string {
	switch name {
	case "Create", "OnExternalCreated":
		return "create"
	case "Update", "OnExternalUpdated":
		return "update"
	case "Delete", "OnExternalDeleted":
		return "delete"
	}
	return ""
}

// virtualPrefix is that of the virtual tables that stand for F&O entities, and
// of their columns.
const virtualPrefix = "mserp_"

func (p *parsed) change(m *message, text jsontext.Value) error {
	op := operation(m.Name)
	if op == "" {
		p.ignored = append(p.ignored, fmt.Sprintf("the message %.100q", m.Name))
		return nil
	}
	t, err := m.target()
	if err != nil {
		return err
	}
	table := strings.ToLower(m.Entity)
	if table == "" {
		table = strings.ToLower(t.Name)
	}
	if table == "" {
		return errors.New("the message names no table")
	}
	n := connect.Notice{Side: value.Dataverse, Table: table, Op: op, User: known(m.UserID), EventID: m.eventID(text)}
	name, virtual := strings.CutPrefix(table, virtualPrefix)
	if !virtual && !strings.HasPrefix(m.Name, "OnExternal") {
		if n.ID = known(t.ID); n.ID == "" {
			n.ID = known(m.EntityID)
		}
		if n.ID == "" {
			return errors.New("the message names no row")
		}
		n.Tag = m.tag()
		p.notices = append(p.notices, n)
		return nil
	}
	n.Side, n.Table, n.User = value.FnO, name, known(m.ObjectID)
	// The primary id of an event is the empty guid where the target has one.
	if n.ID = recID(t.ID); n.ID == "" {
		n.ID = recID(m.EntityID)
	}
	n.Values = plainValues(t.Attributes)
	p.notices = append(p.notices, n)
	return nil
}

// target finds the record among the parameters. Posts of more than 256 KB come
// without parameters.
func (m *message) target() (target, error) {
	var t target
	for _, a := range m.Input {
		if a.Key != "Target" || a.Value.Kind() == 'n' {
			continue
		}
		if a.Value.Kind() != '{' || json.Unmarshal(a.Value, &t) != nil {
			return target{}, errors.New("the Target of the message is not a record")
		}
	}
	return t, nil
}

// tag gives the tag that the writer's request had. What plug-ins write in its
// course has it among the variables of the parent context only, and counts as
// written by somebody else.
func (m *message) tag() string {
	for _, a := range m.Shared {
		var tag string
		if a.Key == "tag" && a.Value.Kind() == '"' && json.Unmarshal(a.Value, &tag) == nil {
			return tag
		}
	}
	return ""
}

// eventID names a report: by the sender's own id of it, else by all that it
// says, which a repetition says again.
func (m *message) eventID(text jsontext.Value) string {
	if m.EventID != "" {
		return m.EventID
	}
	if id := known(m.OperationID); id != "" {
		return id
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}
