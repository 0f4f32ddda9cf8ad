package dataverse

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// maxBody limits the bytes of a body.
const maxBody = 128 << 20

// payload is the body of a write, with its binds not yet resolved.
type payload struct {
	values    row
	binds     []bind
	id        string // the primary id, where the body has it
	odataType string
	odataID   string
}

// bind sets a lookup through a navigation property; no target clears it.
type bind struct {
	navigation string
	target     string // "" clears
}

// readBody reads the body of a request.
func readBody(r *http.Request) ([]byte, error) {
	var b bytes.Buffer
	if n := r.ContentLength; n > 0 && n <= maxBody {
		b.Grow(int(n) + bytes.MinRead)
	}
	if _, err := b.ReadFrom(io.LimitReader(r.Body, maxBody+1)); err != nil {
		return nil, badRequest("The body could not be read: %v", err)
	}
	body := b.Bytes()
	if len(body) > maxBody {
		return nil, fail(http.StatusRequestEntityTooLarge, codeUnexpected, "The request is too large.")
	}
	return body, nil
}

// parsePayload reads one JSON object of a write.
func parsePayload(t *table, body []byte) (*payload, error) {
	p := &payload{values: make(row, len(body)/64)} // about as many members
	err := eachMember(body, func(name string, v jsontext.Value) error { return p.member(t, name, v) })
	var api *apiError
	if err != nil && !errors.As(err, &api) {
		return nil, badPayload(t, "%v", err)
	}
	return p, err
}

// eachMember calls f for each member of a JSON object.
func eachMember(body []byte, f func(name string, v jsontext.Value) error) error {
	return members(jsontext.NewDecoder(bytes.NewBuffer(body)), f) // a buffer is not copied
}

// members calls f for each member of the JSON object that is all of a decoder's
// input.
func members(dec *jsontext.Decoder, f func(name string, v jsontext.Value) error) error {
	tok, err := dec.ReadToken()
	if err != nil {
		return err
	}
	if tok.Kind() != '{' {
		return errors.New("a JSON object was expected")
	}
	for dec.PeekKind() != '}' {
		tok, err := dec.ReadToken()
		if err != nil {
			return err
		}
		name := tok.String()
		v, err := dec.ReadValue()
		if err != nil {
			return err
		}
		if err := f(name, v); err != nil {
			return err
		}
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the JSON object")
	}
	return nil
}

// eachElement calls f for each element of a JSON array, which is good for the
// time of the call. Names that stand twice are not looked for in them.
func eachElement(array []byte, f func(v jsontext.Value) error) error {
	dec := jsontext.NewDecoder(bytes.NewBuffer(array), jsontext.AllowDuplicateNames(true))
	tok, err := dec.ReadToken()
	if err != nil {
		return err
	}
	if tok.Kind() != '[' {
		return errors.New("a JSON array was expected")
	}
	for dec.PeekKind() != ']' {
		v, err := dec.ReadValue()
		if err != nil {
			return err
		}
		if err := f(v); err != nil {
			return err
		}
	}
	_, err = dec.ReadToken()
	return err
}

func (p *payload) member(t *table, name string, v jsontext.Value) error {
	if before, annotation, ok := strings.Cut(name, "@"); ok {
		return p.annotation(t, before, annotation, v)
	}
	if c := t.byProperty[name]; c != nil {
		if c.class == classLookup {
			return badPayload(t, "CRM do not support direct update of Entity Reference properties, Use Navigation properties instead.")
		}
		value, err := parseValue(t, c, v)
		if err != nil {
			return err
		}
		if c == t.pk {
			p.id, _ = value.(string)
			return nil
		}
		p.values[c.LogicalName] = value
		return nil
	}
	if len(t.navigations(name)) > 0 {
		if v.Kind() == 'n' {
			p.binds = append(p.binds, bind{navigation: name})
			return nil
		}
		return badPayload(t, "The twin does not create related rows with a row: '%s' has to be bound to a row that exists.", name)
	}
	for _, c := range t.Columns {
		if c.LogicalName == name && classOf(c) == classNone {
			return nil // a column whose content the twin does not keep
		}
	}
	return badPayload(t, "The property '%.100s' does not exist on type 'Microsoft.Dynamics.CRM.%s'. Make sure to only use property names that are defined by the type.", name, t.LogicalName)
}

func (p *payload) annotation(t *table, property, annotation string, v jsontext.Value) error {
	text := ""
	if v.Kind() == '"' {
		s, err := unquote(v)
		if err != nil {
			return err
		}
		text = s
	}
	switch {
	case property == "" && annotation == "odata.type":
		p.odataType = strings.TrimPrefix(text, "#")
	case property == "" && annotation == "odata.id":
		p.odataID = text
	case property != "" && annotation == "odata.bind":
		if len(t.navigations(property)) == 0 {
			return badPayload(t, "An undeclared property '%.100s' which only has property annotations in the payload but no property value was found in the payload. In OData, only declared navigation properties and declared named streams can be represented as properties without values.", property)
		}
		if v.Kind() != 'n' && text == "" {
			return badPayload(t, "The value of '%s@odata.bind' must be the address of a row, or null.", property)
		}
		p.binds = append(p.binds, bind{navigation: property, target: text})
	}
	return nil
}

// bindAll resolves the binds of a payload into lookup columns.
func (x *tx) bindAll(t *table, p *payload) error {
	for _, b := range p.binds {
		navs := t.navigations(b.navigation)
		if b.target == "" {
			c := navs[0].column
			p.values.setLookup(c, "", "")
			continue
		}
		ref, err := x.resolve(t, b.target)
		if err != nil {
			return err
		}
		matched := false
		for _, n := range navs {
			if n.target == ref.table {
				p.values.setLookup(n.column, ref.table.LogicalName, ref.id)
				matched = true
			}
		}
		if !matched {
			return badPayload(t, "The navigation property '%s' does not take rows of type 'Microsoft.Dynamics.CRM.%s'.", b.navigation, ref.table.LogicalName)
		}
	}
	return nil
}

// setLookup sets a lookup; an empty id clears it.
func (r row) setLookup(c *column, target, id string) {
	var t, v any
	if id != "" {
		t, v = target, id
	}
	r[c.LogicalName] = v
	if c.typeName != "" {
		r[c.typeName] = t
	}
}
