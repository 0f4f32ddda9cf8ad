package dataverse

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// metadataQuery is the parameter Query of RetrieveMetadataChanges, the type
// EntityQueryExpression of the documentation.
type metadataQuery struct {
	Properties        metadataProperties
	Criteria          *metadataCriteria
	AttributeQuery    *metadataPart
	KeyQuery          *metadataPart
	RelationshipQuery *metadataPart
	LabelQuery        json.RawMessage // labels are in one language
}

type metadataPart struct {
	Properties metadataProperties
	Criteria   *metadataCriteria
}

type metadataProperties struct {
	AllProperties bool
	PropertyNames []string
}

type metadataCriteria struct {
	FilterOperator string
	Conditions     []metadataCondition
	Filters        []metadataCriteria
}

type metadataCondition struct {
	ConditionOperator string
	PropertyName      string
	Value             struct{ Type, Value string }
}

// match evaluates criteria over a piece of metadata.
func (c *metadataCriteria) match(o object) (bool, error) {
	if c == nil {
		return true, nil
	}
	results := []bool{}
	for _, cond := range c.Conditions {
		ok, err := cond.match(o)
		if err != nil {
			return false, err
		}
		results = append(results, ok)
	}
	for _, f := range c.Filters {
		ok, err := f.match(o)
		if err != nil {
			return false, err
		}
		results = append(results, ok)
	}
	switch c.FilterOperator {
	case "And", "":
		return !slices.Contains(results, false), nil
	case "Or":
		return len(results) == 0 || slices.Contains(results, true), nil
	}
	return false, badRequest("'%.50s' is not a LogicalOperator.", c.FilterOperator)
}

func (c metadataCondition) match(o object) (bool, error) {
	v, ok := o[c.PropertyName]
	if !ok {
		return false, badRequest("The property '%.100s' cannot be filtered by.", c.PropertyName)
	}
	if m, ok := v.(object); ok {
		v = m["Value"]
	}
	text := fmt.Sprint(v)
	same := func(s string) bool { return strings.EqualFold(s, text) }
	switch c.ConditionOperator {
	case "Equals":
		return same(c.Value.Value), nil
	case "NotEquals":
		return !same(c.Value.Value), nil
	case "In", "NotIn":
		list, err := textList(c.Value.Value)
		if err != nil {
			return false, err
		}
		return slices.ContainsFunc(list, same) == (c.ConditionOperator == "In"), nil
	}
	return false, badRequest("The twin does not know the condition operator '%.50s'.", c.ConditionOperator)
}

// pick takes the values away that are not asked for: they are null, as the
// service answers them.
func (p metadataProperties) pick(o object) object {
	if p.AllProperties {
		return o
	}
	for name := range o {
		switch {
		case name == "MetadataId", name == "HasChanged", strings.HasPrefix(name, "@"), slices.Contains(p.PropertyNames, name):
		default:
			o[name] = nil
		}
	}
	return o
}

func (p metadataProperties) wants(name string) bool {
	return p.AllProperties || slices.Contains(p.PropertyNames, name)
}

// stampTime is the time in the version stamp of the metadata: a file of a twin
// never changes its definitions.
const stampTime = "01/01/2026 00:00:00"

// metadataChanges answers RetrieveMetadataChanges.
func (q *request) metadataChanges(arguments string) error {
	text, ok, err := q.argument(arguments, "Query")
	if err != nil {
		return err
	}
	if !ok {
		return badRequest("The parameter Query of RetrieveMetadataChanges is missing.")
	}
	var mq metadataQuery
	if err := json.Unmarshal([]byte(text), &mq); err != nil {
		return badRequest("The parameter Query of RetrieveMetadataChanges is not an EntityQueryExpression: %v", err)
	}
	stamp := strconv.FormatInt(q.twin.schema.version, 10) + "!" + stampTime
	client, given, err := q.argument(arguments, "ClientVersionStamp")
	if err != nil {
		return err
	}
	entities := []object{}
	if client = strings.Trim(client, "'"); !given || client != stamp {
		if given && client != "" && client != "null" && !strings.Contains(client, "!") {
			return fail(http.StatusBadRequest, codeExpired, "Version stamp associated with the client has expired. Please perform a full sync.")
		}
		if entities, err = q.describedTables(mq); err != nil {
			return err
		}
	}
	writeJSON(q.w, http.StatusOK, object{
		"@odata.context":     q.base + "$metadata#Microsoft.Dynamics.CRM.RetrieveMetadataChangesResponse",
		"ServerVersionStamp": stamp,
		"DeletedMetadata":    object{"Count": 0, "IsReadOnly": false, "Keys": []any{}, "Values": []any{}},
		"EntityMetadata":     entities,
	})
	return nil
}

func (q *request) describedTables(mq metadataQuery) ([]object, error) {
	out := []object{}
	for _, t := range q.twin.schema.tables {
		o := entityOf(t)
		ok, err := mq.Criteria.match(o)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		e := mq.Properties.pick(o)
		for name, part := range map[string]*metadataPart{"Attributes": mq.AttributeQuery, "Keys": mq.KeyQuery, "ManyToOneRelationships": mq.RelationshipQuery} {
			e[name] = []object{}
			if !mq.Properties.wants(name) {
				continue // the sub-query is ignored then
			}
			values, err := q.describedParts(t, name, part)
			if err != nil {
				return nil, err
			}
			e[name] = values
		}
		out = append(out, e)
	}
	return out, nil
}

func (q *request) describedParts(t *table, name string, part *metadataPart) ([]object, error) {
	values, kind, err := q.children(t, name)
	if err != nil {
		return nil, err
	}
	if part == nil {
		part = &metadataPart{Properties: metadataProperties{AllProperties: true}}
	}
	out := []object{}
	for _, v := range values {
		ok, err := part.Criteria.match(v)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		if kind == "AttributeMetadata" {
			of, _ := v["@odata.type"].(string)
			v["@odata.type"] = "#Microsoft.Dynamics.CRM.Complex" + strings.TrimPrefix(of, "#Microsoft.Dynamics.CRM.")
			if of == "" {
				v["@odata.type"] = "#Microsoft.Dynamics.CRM.ComplexAttributeMetadata"
			}
			if c := t.byName[fmt.Sprint(v["LogicalName"])]; c != nil && c.class == classLookup {
				v["@odata.type"] = "#Microsoft.Dynamics.CRM.ComplexLookupAttributeMetadata"
			}
		}
		out = append(out, part.Properties.pick(v))
	}
	return out, nil
}
