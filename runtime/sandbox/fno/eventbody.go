package fno

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	"github.com/dualwrite/dw/runtime/sandbox/contract"
	"github.com/dualwrite/dw/runtime/sandbox/gate"
)

const (
	virtualPrefix = "mserp_"
	// firstChoice is the number of the zero member of an enum in virtual tables.
	firstChoice = 200000000
)

// dataEvent is the body of a data event, with the members that a recorded event
// of a real environment has.
type dataEvent struct {
	CorrelationID string           `json:"CorrelationId"`
	User          string           `json:"InitiatingUserAzureActiveDirectoryObjectId"`
	Message       string           `json:"MessageName"`
	CreatedOn     string           `json:"OperationCreatedOn"`
	EntityID      string           `json:"PrimaryEntityId"`
	Entity        string           `json:"PrimaryEntityName"`
	Input         []eventParameter `json:"InputParameters"`
}

type eventParameter struct {
	Key   string      `json:"key"`
	Value eventRecord `json:"value"`
}

type eventRecord struct {
	Type        string               `json:"__type"`
	Attributes  []contract.Attribute `json:"Attributes"`
	ID          string               `json:"Id"`
	LogicalName string               `json:"LogicalName"`
}

// renderEvent makes the body of an event and what people call it.
func (t *Twin) renderEvent(op string, d *draft, user string) (subject string, body []byte) {
	entity := virtualPrefix + strings.ToLower(d.set.AOT)
	record := func(fields []*field, values []any) eventRecord {
		return eventRecord{Type: contract.EntityType, Attributes: attributesOf(fields, values), ID: virtualID(d.set, d.recID), LogicalName: entity}
	}
	e := dataEvent{
		CorrelationID: t.newGUID(), User: user, EntityID: emptyGUID, Entity: entity,
		CreatedOn: fmt.Sprintf("/Date(%d+0000)/", t.opts.Now().UnixMilli()),
	}
	switch op {
	case gate.OpCreate:
		e.Message = "OnExternalCreated"
		e.Input = []eventParameter{{"Target", record(d.set.fields, d.values)}}
	case gate.OpUpdate:
		e.Message = "OnExternalUpdated"
		e.Input = []eventParameter{{"Target", record(d.set.fields, d.values)}, {"PreImage", record(d.set.fields, d.old)}}
	default:
		e.Message = "OnExternalDeleted"
		e.Input = []eventParameter{{"Target", record(d.set.keys, d.values)}}
	}
	// Texts, truth values and numbers in canonical form always encode.
	body, _ = json.Marshal(e)
	return e.Message + " " + d.set.EntitySet + "(" + d.key() + ")", body
}

// virtualID is the guid of a row of a virtual table: the number of the entity,
// zeros, and the RecId of the root record with its lowest byte first.
func virtualID(s *set, recID int64) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(s.AOT))
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], uint64(recID))
	return fmt.Sprintf("%08x-0000-0000-%s-%s", h.Sum32()&0xffff, hex.EncodeToString(b[:2]), hex.EncodeToString(b[2:]))
}

func attributesOf(fields []*field, values []any) []contract.Attribute {
	out := make([]contract.Attribute, 0, len(fields))
	for _, f := range fields {
		if v, ok := f.eventValue(values[f.position]); ok {
			out = append(out, contract.Attribute{Key: virtualPrefix + strings.ToLower(f.Name), Value: v})
		}
	}
	return out
}

// eventValue renders a stored value as the virtual table has it. ok is false
// for what is left out: empty times, types that virtual tables do not have, and
// what someone damaged in the file.
func (f *field) eventValue(stored any) (v any, ok bool) {
	if stored == nil {
		stored = f.emptySQL()
	}
	text := ""
	if stored != nil {
		text = fmt.Sprint(stored)
	}
	switch f.kind {
	case kindString:
		if f.Name == companyField {
			text = strings.ToLower(text)
		}
		return text, true
	case kindInt32, kindInt64, kindDecimal:
		if text, ok = canonicalDecimal(text); !ok {
			return nil, false
		}
		return json.Number(text), true
	case kindBoolean:
		return text != "0", true
	case kindEnum:
		symbol := f.enum.bySQL[text]
		if symbol == "" {
			symbol = f.enum.bySQL[strings.ToLower(text)]
		}
		for _, m := range f.enum.Members {
			if m.Name == symbol && text != "" {
				return contract.Choice(firstChoice + int64(m.Value)), true
			}
		}
	case kindDate, kindDateTime:
		rendered, ok := f.timeText([]byte(text))
		when, err := time.Parse(dateTime, rendered)
		if !ok || err != nil || strings.HasPrefix(rendered, emptyDateTime[:len(time.DateOnly)]) {
			return nil, false
		}
		return contract.Date(when), true
	}
	return nil, false
}
