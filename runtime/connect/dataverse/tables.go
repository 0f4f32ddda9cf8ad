package dataverse

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect/odata"
	"github.com/go-json-experiment/json"
)

// tablesPerCall bounds one metadata query: its names travel in the URL and its
// answer holds every column and choice.
const tablesPerCall = 20

// entityName is a table among all those of the environment.
type entityName struct {
	Logical string `json:"LogicalName"`
	Set     string `json:"EntitySetName"`
}

// Tables implements connect.Connector. Names may be entity sets or logical
// names, in any case. Dataverse has no enum types of its own.
func (c *Connector) Tables(ctx context.Context, sets []string) ([]schema.Table, []schema.Enum, []schema.Unknown, error) {
	if len(sets) == 0 {
		return nil, nil, nil, nil
	}
	var all struct {
		Value []entityName `json:"value"`
	}
	err := c.read(ctx, odata.Request{URL: "EntityDefinitions?$select=LogicalName,EntitySetName"}, &all)
	if err != nil {
		return nil, nil, nil, c.client.Explain(err, "list its tables")
	}
	logical, unknown := resolve(sets, all.Value)
	setOf := make(map[string]string, len(all.Value))
	for _, e := range all.Value {
		setOf[e.Logical] = e.Set
	}
	tables := make([]schema.Table, 0, len(logical))
	for chunk := range slices.Chunk(logical, tablesPerCall) {
		definitions, err := c.definitions(ctx, chunk)
		if err != nil {
			return nil, nil, nil, c.client.Explain(err, "describe its tables")
		}
		messages, err := c.messages(ctx, chunk)
		if err != nil {
			return nil, nil, nil, c.client.Explain(err, "list the messages of its tables")
		}
		for i := range definitions {
			t := definitions[i].table(setOf)
			t.Messages = messages[t.Name]
			tables = append(tables, t)
		}
	}
	slices.SortFunc(tables, func(a, b schema.Table) int { return cmp.Compare(a.Set, b.Set) })
	return tables, nil, unknown, nil
}

// resolve gives the logical names of the named tables, sorted, each once. An
// exact name wins over one in another case, a set over a logical name.
func resolve(names []string, all []entityName) (logical []string, unknown []schema.Unknown) {
	find := func(name string) string {
		for _, same := range []func(a, b string) bool{func(a, b string) bool { return a == b }, strings.EqualFold} {
			for _, e := range all {
				if e.Set != "" && same(e.Set, name) {
					return e.Logical
				}
			}
			for _, e := range all {
				if same(e.Logical, name) {
					return e.Logical
				}
			}
		}
		return ""
	}
	found := map[string]bool{}
	missing := map[string]bool{}
	for _, name := range names {
		if l := find(name); l != "" {
			found[l] = true
		} else {
			missing[name] = true
		}
	}
	if len(missing) > 0 {
		candidates := make([]string, 0, 2*len(all))
		for _, e := range all {
			if e.Set != "" {
				candidates = append(candidates, e.Set)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(missing)) {
			unknown = append(unknown, schema.Unknown{Side: value.Dataverse, Name: name, Similar: diag.Suggest(name, candidates)})
		}
	}
	return slices.Sorted(maps.Keys(found)), unknown
}

// The query of RetrieveMetadataChanges.
type (
	metadataQuery struct {
		Properties        properties      `json:"Properties"`
		Criteria          criteria        `json:"Criteria"`
		AttributeQuery    propertiesQuery `json:"AttributeQuery"`
		KeyQuery          propertiesQuery `json:"KeyQuery"`
		RelationshipQuery propertiesQuery `json:"RelationshipQuery"`
		LabelQuery        labelQuery      `json:"LabelQuery"`
	}
	propertiesQuery struct {
		Properties properties `json:"Properties"`
	}
	properties struct {
		AllProperties bool     `json:"AllProperties"`
		PropertyNames []string `json:"PropertyNames"`
	}
	criteria struct {
		FilterOperator string      `json:"FilterOperator"`
		Conditions     []condition `json:"Conditions"`
	}
	condition struct {
		ConditionOperator string      `json:"ConditionOperator"`
		PropertyName      string      `json:"PropertyName"`
		Value             objectValue `json:"Value"`
	}
	objectValue struct {
		Type  string `json:"Type"`
		Value string `json:"Value"`
	}
	labelQuery struct {
		FilterLanguages      []int `json:"FilterLanguages"`
		MissingLabelBehavior int   `json:"MissingLabelBehavior"`
	}
)

const english = 1033

// definitions reads the metadata of some tables in one call.
func (c *Connector) definitions(ctx context.Context, logical []string) ([]entityMetadata, error) {
	query := metadataQuery{
		Properties: properties{PropertyNames: []string{
			"LogicalName", "SchemaName", "EntitySetName", "PrimaryIdAttribute", "PrimaryNameAttribute", "OwnershipType", "TableType",
			"ChangeTrackingEnabled", "IsOptimisticConcurrencyEnabled", "DisplayName", "Attributes", "Keys", "ManyToOneRelationships",
		}},
		Criteria: criteria{FilterOperator: "And", Conditions: []condition{{
			ConditionOperator: "In", PropertyName: "LogicalName",
			Value: objectValue{Type: "System.String[]", Value: "['" + strings.Join(logical, "','") + "']"},
		}}},
		AttributeQuery: propertiesQuery{properties{PropertyNames: []string{
			"LogicalName", "SchemaName", "AttributeTypeName", "AttributeOf", "RequiredLevel", "IsValidForCreate", "IsValidForUpdate",
			"IsValidForRead", "MaxLength", "Precision", "PrecisionSource", "MinValue", "MaxValue", "DateTimeBehavior", "OptionSet", "Targets",
			"SourceType", "CalculationOf", "AutoNumberFormat",
		}}},
		KeyQuery: propertiesQuery{properties{PropertyNames: []string{"LogicalName", "SchemaName", "KeyAttributes", "EntityKeyIndexStatus"}}},
		RelationshipQuery: propertiesQuery{properties{PropertyNames: []string{
			"SchemaName", "ReferencingAttribute", "ReferencedEntity", "ReferencingEntityNavigationPropertyName", "CascadeConfiguration",
		}}},
		LabelQuery: labelQuery{FilterLanguages: []int{english}},
	}
	text, err := json.Marshal(&query)
	if err != nil {
		return nil, err
	}
	var answer struct {
		EntityMetadata []entityMetadata `json:"EntityMetadata"`
	}
	err = c.read(ctx, odata.Request{URL: "RetrieveMetadataChanges(Query=@p1)?@p1=" + odata.Escape(string(text))}, &answer)
	return answer.EntityMetadata, err
}

// messages asks which tables offer the bulk messages.
func (c *Connector) messages(ctx context.Context, logical []string) (map[string][]string, error) {
	terms := make([]string, len(logical))
	for i, name := range logical {
		terms[i] = "primaryobjecttypecode eq " + odata.Text(name)
	}
	out := map[string][]string{}
	for _, message := range []string{createMultiple, updateMultiple} {
		filter := "sdkmessageid/name eq " + odata.Text(message) + " and (" + strings.Join(terms, " or ") + ")"
		address := odata.Query{}.Add("$select", "primaryobjecttypecode").Add("$filter", filter).On("sdkmessagefilters")
		for address != "" {
			var answer struct {
				Value []struct {
					Table string `json:"primaryobjecttypecode"`
				} `json:"value"`
				Next string `json:"@odata.nextLink"`
			}
			if err := c.read(ctx, odata.Request{URL: address}, &answer); err != nil {
				return nil, err
			}
			for _, row := range answer.Value {
				if !slices.Contains(out[row.Table], message) {
					out[row.Table] = append(out[row.Table], message)
				}
			}
			address = answer.Next
		}
	}
	return out, nil
}
