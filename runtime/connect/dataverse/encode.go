package dataverse

import (
	"fmt"
	"strconv"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/go-json-experiment/json/jsontext"
)

// appendMembers appends the columns of a write as members of a JSON object
// that begins at dst[start].
func appendMembers(dst []byte, start int, w *connect.Write) ([]byte, error) {
	for _, cv := range w.Values {
		var err error
		if dst, err = appendMember(dst, start, cv, w.Create); err != nil {
			return nil, fmt.Errorf("%s: %w", cv.Field.Name, err)
		}
	}
	return dst, nil
}

// comma separates a member from what stands before it in its object.
func comma(dst []byte, start int) []byte {
	if len(dst) > start+1 {
		return append(dst, ',')
	}
	return dst
}

func appendMember(dst []byte, start int, cv connect.ColumnValue, create bool) ([]byte, error) {
	f, v := cv.Field, cv.Value
	if f.Type == schema.TypeLookup {
		if v.IsNull() && create {
			return dst, nil // a new row refers to nothing anyway
		}
		return appendBinding(comma(dst, start), f, v)
	}
	dst = appendName(comma(dst, start), f.Name)
	switch v.Kind() {
	case value.Null:
		return append(dst, "null"...), nil
	case value.Text, value.Guid:
		return jsontext.AppendQuote(dst, v.String())
	case value.Integer, value.Decimal:
		return append(dst, v.DecimalText()...), nil
	case value.Option:
		return strconv.AppendInt(dst, v.Int(), 10), nil
	case value.Bool:
		return strconv.AppendBool(dst, v.Bool()), nil
	case value.Options:
		if v.String() == "" {
			return append(dst, "null"...), nil
		}
		return jsontext.AppendQuote(dst, v.String())
	case value.Date:
		if f.DateOnly {
			return append(value.AppendDate(append(dst, '"'), v.Days()), '"'), nil
		}
		return append(value.AppendDateTime(append(dst, '"'), v.Days()*24*60*60), '"'), nil
	case value.DateTime:
		if f.DateOnly {
			return append(value.AppendDate(append(dst, '"'), value.DayOf(v.Unix())), '"'), nil
		}
		return append(value.AppendDateTime(append(dst, '"'), v.Unix()), '"'), nil
	}
	return nil, fmt.Errorf("a %s cannot be written to a %s column", v.Kind(), f.Type)
}

// appendBinding sets a lookup by the navigation property of the table that it
// is to point at, or clears it.
func appendBinding(dst []byte, f *schema.Field, v value.Value) ([]byte, error) {
	if v.IsNull() {
		if len(f.Targets) == 0 || f.Targets[0].Navigation == "" {
			return nil, fmt.Errorf("the schema names no navigation property for it")
		}
		return append(appendName(dst, f.Targets[0].Navigation+"@odata.bind"), "null"...), nil
	}
	table, id := v.Ref()
	for _, t := range f.Targets {
		if t.Table != table {
			continue
		}
		if t.Navigation == "" || t.Set == "" {
			return nil, fmt.Errorf("the schema names no navigation property towards %s", table)
		}
		return jsontext.AppendQuote(appendName(dst, t.Navigation+"@odata.bind"), "/"+t.Set+"("+id+")")
	}
	return nil, fmt.Errorf("it cannot refer to %q", v.String())
}

// appendName appends a member's name, which is always plain text of a schema.
func appendName(dst []byte, name string) []byte {
	for i := range len(name) {
		if c := name[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return append(strconv.AppendQuote(dst, name), ':')
		}
	}
	return append(append(append(dst, '"'), name...), '"', ':')
}

// rowBody is the body of a single create or update.
func rowBody(t *schema.Table, w *connect.Write) ([]byte, error) {
	dst := []byte{'{'}
	if w.Create {
		dst = appendID(dst, 0, t, w)
	}
	dst, err := appendMembers(dst, 0, w)
	if err != nil {
		return nil, err
	}
	return append(dst, '}'), nil
}

func appendID(dst []byte, start int, t *schema.Table, w *connect.Write) []byte {
	return strconv.AppendQuote(appendName(comma(dst, start), t.PrimaryID), w.Row.ID)
}

// appendTarget appends one row of a bulk message, with its type and id.
func appendTarget(dst []byte, t *schema.Table, w *connect.Write) ([]byte, error) {
	start := len(dst)
	dst = append(dst, '{')
	dst = strconv.AppendQuote(appendName(dst, "@odata.type"), "Microsoft.Dynamics.CRM."+t.Name)
	dst = appendID(dst, start, t, w)
	dst, err := appendMembers(dst, start, w)
	if err != nil {
		return nil, err
	}
	return append(dst, '}'), nil
}
