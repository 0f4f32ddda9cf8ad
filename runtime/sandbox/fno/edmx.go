package fno

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"net/http"
)

// serveServiceDocument lists the entity sets.
func (t *Twin) serveServiceDocument(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodGet {
		return notAllowed(r)
	}
	type entry struct {
		Name string `json:"name"`
		Kind string `json:"kind"`
		URL  string `json:"url"`
	}
	document := struct {
		Context string  `json:"@odata.context"`
		Value   []entry `json:"value"`
	}{Context: t.base(r) + "/data/$metadata", Value: []entry{}}
	for _, s := range t.ordered {
		document.Value = append(document.Value, entry{Name: s.EntitySet, Kind: "EntitySet", URL: s.EntitySet})
	}
	writeJSON(w, http.StatusOK, document)
	return nil
}

// The elements of the EDMX document that clients read.
type (
	edmxProperty struct {
		Name      string `xml:"Name,attr"`
		Type      string `xml:"Type,attr"`
		Nullable  string `xml:"Nullable,attr,omitempty"`
		MaxLength int    `xml:"MaxLength,attr,omitempty"`
		Scale     string `xml:"Scale,attr,omitempty"`
	}
	edmxRef struct {
		Name string `xml:"Name,attr"`
	}
	edmxEntity struct {
		Name       string         `xml:"Name,attr"`
		Key        []edmxRef      `xml:"Key>PropertyRef"`
		Properties []edmxProperty `xml:"Property"`
	}
	edmxMember struct {
		Name  string `xml:"Name,attr"`
		Value int    `xml:"Value,attr"`
	}
	edmxEnum struct {
		Name    string       `xml:"Name,attr"`
		Members []edmxMember `xml:"Member"`
	}
	edmxSet struct {
		Name       string `xml:"Name,attr"`
		EntityType string `xml:"EntityType,attr"`
	}
	edmxSchema struct {
		XMLName   xml.Name     `xml:"http://docs.oasis-open.org/odata/ns/edm Schema"`
		Namespace string       `xml:"Namespace,attr"`
		Entities  []edmxEntity `xml:"EntityType"`
		Enums     []edmxEnum   `xml:"EnumType"`
		Container struct {
			Name string    `xml:"Name,attr"`
			Sets []edmxSet `xml:"EntitySet"`
		} `xml:"EntityContainer"`
	}
)

const (
	edmxHead = xml.Header + `<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>`
	edmxTail = `</edmx:DataServices></edmx:Edmx>`
)

// serveEDMX answers $metadata.
func (t *Twin) serveEDMX(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodGet {
		return notAllowed(r)
	}
	schema := edmxSchema{Namespace: namespace[:len(namespace)-1]}
	schema.Container.Name = "Resources"
	for _, s := range t.ordered {
		entity := edmxEntity{Name: s.Name}
		for _, f := range s.keys {
			entity.Key = append(entity.Key, edmxRef{Name: f.Name})
		}
		for _, f := range s.fields {
			p := edmxProperty{Name: f.Name, Type: f.typeName(), MaxLength: f.MaxLength}
			if f.key {
				p.Nullable = "false"
			}
			if f.kind == kindDecimal {
				p.Scale = "variable"
			}
			entity.Properties = append(entity.Properties, p)
		}
		schema.Entities = append(schema.Entities, entity)
		schema.Container.Sets = append(schema.Container.Sets, edmxSet{Name: s.EntitySet, EntityType: namespace + s.Name})
	}
	for _, e := range t.opts.Enums {
		out := edmxEnum{Name: e.Name}
		for _, m := range e.Members {
			out.Members = append(out.Members, edmxMember(m))
		}
		schema.Enums = append(schema.Enums, out)
	}
	var body bytes.Buffer
	body.WriteString(edmxHead)
	if err := xml.NewEncoder(&body).Encode(schema); err != nil {
		return fmt.Errorf("render $metadata: %w", err)
	}
	body.WriteString(edmxTail)
	w.Header().Set("Content-Type", "application/xml")
	w.Header().Set("OData-Version", "4.0")
	_, _ = w.Write(body.Bytes()) // a client that is gone cannot be told
	return nil
}
