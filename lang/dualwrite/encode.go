package dualwrite

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/dualwrite/dw/lang/model"
)

// The JSON of a map as dual-write stores it: the members in its order, those
// that a map always leaves empty included.

type recordJSON struct {
	Name        string          `json:"msdyn_name"`
	DisplayName string          `json:"msdyn_displayname"`
	Version     string          `json:"msdyn_version"`
	Mapping     json.RawMessage `json:"msdyn_mapping"`
	Properties  json.RawMessage `json:"msdyn_properties"`
}

type mappingJSON struct {
	Name                  string    `json:"name"`
	EntityName            *string   `json:"entityName"`
	Order                 int       `json:"order"`
	ConnectionSetName     *string   `json:"connectionSetName"`
	LeftEnvironmentType   string    `json:"leftEnvironmentType"`
	CenterEnvironmentType string    `json:"centerEnvironmentType"`
	RightEnvironmentType  string    `json:"rightEnvironmentType"`
	LeftEnvironment       string    `json:"leftEnvironment"`
	CenterEnvironment     string    `json:"centerEnvironment"`
	LeftPartitionName     *string   `json:"leftPartitionName"`
	CenterPartitionName   *string   `json:"centerPartitionName"`
	Legs                  []legJSON `json:"legs"`
}

type legJSON struct {
	ID                         string      `json:"id"`
	SourceEnvironment          string      `json:"sourceEnvironment"`
	SourceSchema               string      `json:"sourceSchema"`
	SourceSchemaDistinctName   *string     `json:"sourceSchemaDistinctName"`
	SourceEnvironmentType      string      `json:"sourceEnvironmentType"`
	SourceFilter               string      `json:"sourceFilter"`
	IsSourceFilterEditable     *bool       `json:"isSourceFilterEditable"`
	DestinationEnvironment     string      `json:"destinationEnvironment"`
	DestinationSchema          string      `json:"destinationSchema"`
	DestinationSchemaDistinct  *string     `json:"destinationSchemaDistinctName"`
	DestinationEnvironmentType string      `json:"destinationEnvironmentType"`
	ReversedSourceFilter       string      `json:"reversedSourceFilter"`
	FieldMappings              []fieldJSON `json:"fieldMappings"`
	SourceMQuery               *string     `json:"sourceMQuery"`
	Mashup                     *string     `json:"mashup"`
	SourceEntitySchema         *string     `json:"sourceEntitySchema"`
	SourceProjectName          *string     `json:"sourceProjectName"`
	EntityFile                 *string     `json:"entityFile"`
	EntityFileFormat           int         `json:"entityFileFormat"`
	EntityFileInfo             *string     `json:"entityFileInfo"`
	DeleteNonMatchingData      bool        `json:"deleteNonMatchingData"`
}

type fieldJSON struct {
	SyncDirection     int    `json:"syncDirection"`
	SourceField       string `json:"sourceField"`
	DestinationField  string `json:"destinationField"`
	Related           string `json:"destinationLookupFieldRelatedEntity,omitempty"`
	ValueTransforms   []any  `json:"valueTransforms,omitempty"`
	IsSystemGenerated bool   `json:"isSystemGenerated"`
}

type valueMapJSON struct {
	TransformType string   `json:"transformType"`
	ValueMap      pairList `json:"valueMap"`
	Creates       bool     `json:"createValuesOnDestination"`
}

type defaultJSON struct {
	TransformType string `json:"transformType"`
	DefaultValue  string `json:"defaultValue"`
}

type propertiesJSON struct {
	Description        string   `json:"Description"`
	IsDualWriteProject bool     `json:"IsDualWriteProject"`
	SkipInitialSync    bool     `json:"SkipInitialSync"`
	AreKeysMismatched  bool     `json:"AreKeysMismatched"`
	TargetTypeList     []int    `json:"TargetTypeList"`
	TargetVersionInfo  *string  `json:"TargetVersionInfo"`
	Tags               []string `json:"Tags,omitempty"`
}

// pairList is a value map in its own order, which a Go map would lose.
type pairList []Pair

// MarshalJSON writes the pairs as the members of one object.
func (l pairList) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, p := range l {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(quoteJSON(p.FnO) + ":" + quoteJSON(p.Dataverse))
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// syncDirections are the numbers of directions in the JSON.
func syncDirection(d model.Direction) int {
	switch d {
	case model.ToDataverse:
		return 1
	case model.ToFnO:
		return 2
	default:
		return 3
	}
}

// MappingJSON gives the text of msdyn_mapping in one line, as the table keeps
// it.
func (r Record) MappingJSON() []byte { return compactJSON(r.mappingJSON()) }

// PropertiesJSON gives the text of msdyn_properties in one line.
func (r Record) PropertiesJSON() []byte {
	return compactJSON(propertiesJSON{
		Description: r.Properties.Description, IsDualWriteProject: true, SkipInitialSync: r.Properties.SkipInitial,
		TargetTypeList: []int{3, 1}, Tags: r.Properties.Tags,
	})
}

// JSON gives the record as a file that people can read and compare: name,
// display name and version, the mapping and the properties as objects.
func (r Record) JSON() []byte {
	line := compactJSON(recordJSON{
		Name: r.Name, DisplayName: r.DisplayName, Version: r.Version,
		Mapping: r.MappingJSON(), Properties: r.PropertiesJSON(),
	})
	var b bytes.Buffer
	if err := json.Indent(&b, line, "", "  "); err != nil {
		return line // never: it was just encoded
	}
	b.WriteByte('\n')
	return b.Bytes()
}

func (r Record) mappingJSON() mappingJSON {
	m := r.Mapping
	leg := legJSON{
		ID: "001", SourceSchema: m.Entity, SourceEnvironmentType: "AX", SourceFilter: m.FnOFilter,
		DestinationSchema: m.Table, DestinationEnvironmentType: "CRM", ReversedSourceFilter: m.DataverseFilter,
		FieldMappings: []fieldJSON{},
	}
	for _, f := range m.Fields {
		x := fieldJSON{
			SyncDirection: syncDirection(f.Direction), SourceField: strings.ToUpper(f.FnO), DestinationField: f.Column,
			Related: f.Related, IsSystemGenerated: f.System,
		}
		switch t := f.Transform; {
		case t.Default != nil:
			x.ValueTransforms = []any{defaultJSON{TransformType: "Default", DefaultValue: *t.Default}}
		case len(t.Values) > 0:
			x.ValueTransforms = []any{valueMapJSON{TransformType: "ValueMap", ValueMap: t.Values, Creates: t.Creates}}
		}
		leg.FieldMappings = append(leg.FieldMappings, x)
	}
	return mappingJSON{
		Name:                "[" + m.Entity + "] - [" + m.Table + "]",
		LeftEnvironmentType: "AX", CenterEnvironmentType: "CRM", RightEnvironmentType: "UNDEFINED",
		Legs: []legJSON{leg},
	}
}

// compactJSON encodes without escaping what only HTML needs, as the filters
// of maps are full of it.
func compactJSON(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return []byte("null") // never: the types above have no value that cannot be encoded
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
