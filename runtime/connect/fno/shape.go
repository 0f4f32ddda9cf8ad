package fno

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/connect/odata"
)

var errNoChanges = errors.New("F&O has no change tracking that can be read over OData")

// shape is how rows of an entity are asked for and decoded. The key fields are
// always read, since pages go on after the last key.
type shape struct {
	table  *schema.Table
	layout *odata.Layout
	sel    string          // $select
	width  int             // columns that the caller wants; key fields may follow
	key    []int           // where the key fields lie
	fields []*schema.Field // of the key
}

func shapeOf(t *schema.Table, columns []*schema.Field) (*shape, error) {
	s := &shape{table: t, width: len(columns)}
	all := slices.Clone(columns)
	for _, name := range t.Key {
		at := slices.IndexFunc(all, func(f *schema.Field) bool { return f.Name == name })
		if at < 0 {
			f := t.Field(name)
			if f == nil {
				return nil, fmt.Errorf("entity %s: its key field %s is not in the schema", t.Set, name)
			}
			at = len(all)
			all = append(all, f)
		}
		s.key = append(s.key, at)
		s.fields = append(s.fields, all[at])
	}
	if len(s.key) == 0 {
		return nil, fmt.Errorf("entity %s has no key in the schema", t.Set)
	}
	names := make([]string, len(all))
	out := make([]odata.Column, len(all))
	for i, f := range all {
		parse, err := parser(f)
		if err != nil {
			return nil, fmt.Errorf("entity %s: %w", t.Set, err)
		}
		names[i], out[i] = f.Name, odata.Column{Wire: f.Name, Parse: parse}
	}
	s.sel = strings.Join(names, ",")
	s.layout = odata.NewLayout(out, "")
	return s, nil
}

func parser(f *schema.Field) (odata.Parse, error) {
	switch f.Type {
	case schema.TypeText:
		return odata.ParseText, nil
	case schema.TypeInteger:
		return odata.ParseInteger, nil
	case schema.TypeDecimal:
		return odata.ParseDecimal, nil
	case schema.TypeEnum:
		return odata.ParseSymbol, nil
	case schema.TypeGuid:
		return odata.ParseGuid, nil
	case schema.TypeBool:
		return odata.ParseBool, nil
	case schema.TypeTime:
		if f.DateOnly {
			return odata.ParseDate, nil
		}
		return odata.ParseDateTime, nil
	}
	return nil, fmt.Errorf("field %s is of a type that cannot be read", f.Name)
}

// finish gives a decoded row its id and cuts it to what the caller wants.
func (s *shape) finish(row *connect.Row) error {
	id, err := RecID(row.Version)
	if err != nil {
		return &odata.Malformed{Detail: err.Error()}
	}
	row.ID = id
	row.Values = row.Values[:s.width:s.width]
	return nil
}

// RecID gives the record id that an ETag carries: base64 of
// 'RecVersion,RecId;…', one pair for each data source of the entity, the root
// first. It tells a record from a later one with the same key.
func RecID(etag string) (string, error) {
	text := strings.TrimPrefix(etag, "W/")
	if len(text) < 2 || text[0] != '"' || text[len(text)-1] != '"' {
		return "", fmt.Errorf("the ETag %.80q of a record cannot be read", etag)
	}
	decoded, err := base64.StdEncoding.DecodeString(text[1 : len(text)-1])
	if err != nil {
		return "", fmt.Errorf("the ETag %.80q of a record cannot be read", etag)
	}
	first, _, _ := strings.Cut(strings.Trim(string(decoded), "'"), ";")
	_, id, ok := strings.Cut(first, ",")
	if _, err := strconv.ParseInt(id, 10, 64); !ok || err != nil {
		return "", fmt.Errorf("the ETag %.80q of a record names no record id", etag)
	}
	return id, nil
}

// literal writes a value of a field as filters and keys take it.
func literal(f *schema.Field, v value.Value) (string, error) {
	switch {
	case v.IsNull() && f.Type == schema.TypeText:
		return "''", nil
	case f.Type == schema.TypeEnum:
		if name := v.Text(); name != "" {
			return "Microsoft.Dynamics.DataEntities." + f.Enum + odata.Text(name), nil
		}
	case f.Type == schema.TypeTime && (v.Kind() == value.Date || v.Kind() == value.DateTime):
		return moment(f, v), nil
	case f.Type == schema.TypeText && v.Kind() != value.Text:
		if v.Kind() == value.Integer || v.Kind() == value.Decimal {
			return odata.Text(v.DecimalText()), nil
		}
	default:
		if text, ok := odata.Literal(v); ok {
			return text, nil
		}
	}
	return "", fmt.Errorf("a %s cannot be compared with field %s", v.Kind(), f.Name)
}

// moment writes a day or a moment. Days travel as noon UTC, the service's own
// convention, which survives shifts between time zones.
func moment(f *schema.Field, v value.Value) string {
	var b []byte
	switch {
	case f.DateOnly && v.Kind() == value.DateTime:
		b = append(value.AppendDate(b, value.DayOf(v.Unix())), "T12:00:00Z"...)
	case f.DateOnly:
		b = append(value.AppendDate(b, v.Days()), "T12:00:00Z"...)
	case v.Kind() == value.Date:
		b = value.AppendDateTime(b, v.Days()*24*60*60)
	default:
		b = value.AppendDateTime(b, v.Unix())
	}
	return string(b)
}
