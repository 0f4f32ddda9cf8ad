package sqlite

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
)

func anyValue() *rapid.Generator[value.Value] {
	return rapid.Custom(func(r *rapid.T) value.Value {
		switch rapid.IntRange(0, 4).Draw(r, "kind") {
		case 0:
			return value.NewText(rapid.String().Draw(r, "text"))
		case 1:
			return value.NewInteger(rapid.Int64().Draw(r, "integer"))
		case 2:
			return value.NewOption(rapid.Int64().Draw(r, "option"))
		case 3:
			return value.NewBool(rapid.Bool().Draw(r, "bool"))
		}
		return value.Value{}
	})
}

func TestCodecs(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		base := rapid.SliceOf(rapid.Custom(func(r *rapid.T) record.FieldBase {
			b := record.FieldBase{State: record.FieldState(rapid.IntRange(0, 2).Draw(r, "state")), FnO: anyValue().Draw(r, "fno")}
			if b.Dataverse = b.FnO; rapid.Bool().Draw(r, "differ") {
				b.Dataverse = anyValue().Draw(r, "dataverse")
			}
			return b
		})).Draw(r, "base")
		got, err := decodeBase(encodeBase(base))
		if err != nil || len(base)+len(got) > 0 && !reflect.DeepEqual(got, base) {
			r.Fatalf("base %v came back as %v, %v", base, got, err)
		}
		fields := rapid.SliceOf(rapid.Custom(func(r *rapid.T) record.FieldWrite {
			return record.FieldWrite{Column: rapid.String().Draw(r, "column"), Slot: rapid.IntRange(-1, 300).Draw(r, "slot"),
				Old: anyValue().Draw(r, "old"), New: anyValue().Draw(r, "new"), From: anyValue().Draw(r, "from")}
		})).Draw(r, "fields")
		back, err := decodeFields(appendFields(nil, fields))
		if err != nil || len(fields)+len(back) > 0 && !reflect.DeepEqual(back, fields) {
			r.Fatalf("fields %v came back as %v, %v", fields, back, err)
		}
	})
}

// What a damaged file gives is an error, never a panic or another value.
func FuzzDecode(f *testing.F) {
	states, values := encodeBase([]record.FieldBase{{State: record.Known, FnO: value.NewText("a"), Dataverse: value.NewInteger(2)}, {}})
	f.Add(states, values)
	f.Add([]byte{0}, appendFields(nil, []record.FieldWrite{{Column: "name", Slot: 3, New: value.NewText("b")}}))
	f.Add([]byte{0xff}, []byte("[null]"))
	f.Fuzz(func(t *testing.T, states, b []byte) {
		if base, err := decodeBase(states, b); err == nil {
			s, v := encodeBase(base)
			again, err := decodeBase(s, v)
			if err != nil || !reflect.DeepEqual(again, base) {
				t.Errorf("base %v came back as %v, %v", base, again, err)
			}
		}
		if fields, err := decodeFields(b); err == nil {
			again, err := decodeFields(appendFields(nil, fields))
			if err != nil || len(fields)+len(again) > 0 && !reflect.DeepEqual(again, fields) {
				t.Errorf("fields %v came back as %v, %v", fields, again, err)
			}
		}
	})
}
