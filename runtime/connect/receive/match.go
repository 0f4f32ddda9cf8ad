package receive

import (
	"strings"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
)

// Match tells whether a notice is about a record of a table. An F&O entity whose
// name in the application is not in the schema matches nothing.
func Match(t *schema.Table, n connect.Notice) bool {
	if t.Side != n.Side {
		return false
	}
	name := t.Name
	if t.Side == value.FnO {
		name = t.AOT
	}
	return name != "" && strings.EqualFold(name, n.Table)
}

// EntityKey gives the key of an F&O record in the order of Table.Key, typed as
// a read gives it. It is false where the notice lacks a field of the key or has
// it in a form that does not tell the value: enums come as numbers of the
// virtual table, which do not name the symbol for sure.
func EntityKey(t *schema.Table, n connect.Notice) ([]value.Value, bool) {
	if !Match(t, n) || t.Side != value.FnO || len(t.Key) == 0 {
		return nil, false
	}
	key := make([]value.Value, len(t.Key))
	for i, name := range t.Key {
		f := t.Field(name)
		text, ok := n.Values[strings.ToLower(name)]
		if f == nil || !ok {
			return nil, false
		}
		if key[i], ok = keyValue(f, text); !ok {
			return nil, false
		}
	}
	return key, true
}

func keyValue(f *schema.Field, text string) (value.Value, bool) {
	var v value.Value
	var err error
	switch f.Type {
	case schema.TypeText:
		return value.NewText(text), true
	case schema.TypeInteger:
		// Long integers come as decimals without places.
		if v, err = value.NewDecimal(text); err == nil {
			v, err = value.ParseInteger(v.DecimalText())
		}
	case schema.TypeDecimal:
		v, err = value.NewDecimal(text)
	case schema.TypeBool:
		switch text {
		case "true":
			return value.NewBool(true), true
		case "false":
			return value.NewBool(false), true
		}
		return value.Value{}, false
	case schema.TypeGuid:
		v, err = value.ParseGuid(text)
	case schema.TypeTime:
		if f.DateOnly {
			v, err = value.ParseDate(text)
		} else {
			v, err = value.ParseDateTime(text)
		}
	default:
		return value.Value{}, false
	}
	return v, err == nil
}
