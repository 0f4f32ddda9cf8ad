package fno

import (
	"context"
	"fmt"
	"strconv"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/connect/odata"
	"github.com/go-json-experiment/json/jsontext"
)

// body writes the fields of a write as a JSON object.
func (c *Connector) body(ctx context.Context, w *connect.Write) ([]byte, error) {
	dst := []byte{'{'}
	for i, cv := range w.Values {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(strconv.AppendQuote(dst, cv.Field.Name), ':')
		var err error
		if dst, err = c.appendValue(ctx, dst, cv.Field, cv.Value); err != nil {
			return nil, err
		}
	}
	return append(dst, '}'), nil
}

// errNotWritable is a value that a field cannot take: the row's own fault.
type errNotWritable struct{ message string }

func (e *errNotWritable) Error() string { return e.message }

// appendValue writes one value. The service knows no null: a field without a
// value has the empty value of its type.
func (c *Connector) appendValue(ctx context.Context, dst []byte, f *schema.Field, v value.Value) ([]byte, error) {
	if v.IsNull() {
		return c.appendEmpty(ctx, dst, f)
	}
	switch {
	case f.Type == schema.TypeTime && (v.Kind() == value.Date || v.Kind() == value.DateTime):
		return strconv.AppendQuote(dst, moment(f, v)), nil
	case f.Type == schema.TypeText && v.Kind() == value.Text,
		f.Type == schema.TypeEnum && (v.Kind() == value.Symbol || v.Kind() == value.Text),
		f.Type == schema.TypeGuid && (v.Kind() == value.Guid || v.Kind() == value.Text):
		text := v.Text()
		if v.Kind() == value.Guid {
			text = v.Guid()
		}
		out, err := jsontext.AppendQuote(dst, text)
		if err != nil {
			return nil, &errNotWritable{f.Name + ": the text is not valid UTF-8"}
		}
		return out, nil
	case (f.Type == schema.TypeInteger || f.Type == schema.TypeDecimal) && (v.Kind() == value.Integer || v.Kind() == value.Decimal):
		return append(dst, v.DecimalText()...), nil
	case f.Type == schema.TypeBool && v.Kind() == value.Bool:
		return strconv.AppendBool(dst, v.Bool()), nil
	}
	return nil, &errNotWritable{fmt.Sprintf("%s: a %s cannot be written to a field of type %s", f.Name, v.Kind(), f.Type)}
}

func (c *Connector) appendEmpty(ctx context.Context, dst []byte, f *schema.Field) ([]byte, error) {
	switch f.Type {
	case schema.TypeText:
		return append(dst, `""`...), nil
	case schema.TypeInteger, schema.TypeDecimal:
		return append(dst, '0'), nil
	case schema.TypeBool:
		return append(dst, "false"...), nil
	case schema.TypeGuid:
		return append(dst, `"00000000-0000-0000-0000-000000000000"`...), nil
	case schema.TypeTime:
		if f.DateOnly {
			return append(dst, `"1900-01-01T12:00:00Z"`...), nil
		}
		return append(dst, `"1900-01-01T00:00:00Z"`...), nil
	case schema.TypeEnum:
		zero, err := c.zero(ctx, f.Enum)
		if err != nil {
			return nil, err
		}
		if zero == "" {
			return nil, &errNotWritable{f.Name + ": it cannot be emptied, since its enum " + f.Enum + " has no member with the value 0"}
		}
		return strconv.AppendQuote(dst, zero), nil
	}
	return nil, &errNotWritable{fmt.Sprintf("%s: a field of type %s cannot be emptied", f.Name, f.Type)}
}

// zero gives the member of an enum that stands for nothing, "" where it has
// none.
func (c *Connector) zero(ctx context.Context, enum string) (string, error) {
	e, err := c.members(ctx, enum)
	return zeroOf(e), err
}

func zeroOf(e schema.Enum) (name string) {
	for _, m := range e.Members {
		if m.Value == 0 {
			name = m.Name
		}
	}
	return name
}

// members gives the definition of an enum type, which is read once.
func (c *Connector) members(ctx context.Context, enum string) (schema.Enum, error) {
	c.mu.Lock()
	e, ok := c.known[enum]
	c.mu.Unlock()
	if ok {
		return e, nil
	}
	e, err := c.enum(ctx, enum)
	if err != nil {
		return e, c.meta.Explain(err, "describe the enum "+enum)
	}
	c.remember(enum, e)
	return e, nil
}

// remember keeps the definition of an enum.
func (c *Connector) remember(name string, e schema.Enum) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.known[name] = e
}

// enum reads the definition of an enum type.
func (c *Connector) enum(ctx context.Context, name string) (schema.Enum, error) {
	var answer enumDefinition
	err := c.readMeta(ctx, odata.Request{URL: "PublicEnumerations('" + odata.Escape(name) + "')"}, &answer)
	if err != nil {
		return schema.Enum{}, err
	}
	return answer.enum(), nil
}
