package fno

import (
	"encoding/xml"
	"errors"
	"io"
	"strconv"

	"github.com/dualwrite/dw/runtime/connect/odata"
)

// decodeLengths takes the MaxLength of the properties of some entity types out
// of a metadata document, as it arrives: the document has tens of megabytes.
func decodeLengths(r io.Reader, wanted map[string]bool) (map[string]map[string]int, error) {
	out := map[string]map[string]int{}
	d := xml.NewDecoder(r)
	var entity map[string]int // of the entity type that is being read, nil where it is not wanted
	left := len(wanted)
	for left > 0 {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, &odata.Malformed{Detail: "$metadata: " + err.Error()}
		}
		switch e := token.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "EntityType":
				if name := attribute(e, "Name"); wanted[name] {
					entity = map[string]int{}
					out[name] = entity
				}
			case "Property":
				if n, err := strconv.Atoi(attribute(e, "MaxLength")); entity != nil && err == nil && n > 0 {
					entity[attribute(e, "Name")] = n
				}
			}
		case xml.EndElement:
			if e.Name.Local == "EntityType" && entity != nil {
				entity = nil
				left--
			}
		}
	}
	return out, nil
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
