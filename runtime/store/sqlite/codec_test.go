package sqlite

import (
	"encoding/binary"
	"reflect"
	"slices"
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

// longFields encodes the columns of an intent as dw did up to format 4.
func longFields(fields []record.FieldWrite) []byte {
	buf := binary.AppendUvarint(nil, uint64(len(fields)))
	var vs []value.Value
	for _, f := range fields {
		buf = binary.AppendVarint(buf, int64(f.Slot))
		buf = append(binary.AppendUvarint(buf, uint64(len(f.Column))), f.Column...)
		vs = append(vs, f.Old, f.New, f.From)
	}
	return value.AppendValues(buf, vs)
}

func TestCodecs(t *testing.T) {
	var room scratch
	rapid.Check(t, func(r *rapid.T) {
		base := rapid.SliceOf(rapid.Custom(func(r *rapid.T) record.FieldBase {
			b := record.FieldBase{State: record.FieldState(rapid.IntRange(0, 2).Draw(r, "state")), FnO: anyValue().Draw(r, "fno")}
			if b.Dataverse = b.FnO; rapid.Bool().Draw(r, "differ") {
				b.Dataverse = anyValue().Draw(r, "dataverse")
			}
			return b
		})).Draw(r, "base")
		states, values := room.encodeBase(base)
		got, err := room.decodeBase(states, slices.Clone(values))
		if err != nil || len(base)+len(got) > 0 && !reflect.DeepEqual(got, base) {
			r.Fatalf("base %v came back as %v, %v", base, got, err)
		}
		fields := rapid.SliceOf(rapid.Custom(func(r *rapid.T) record.FieldWrite {
			f := record.FieldWrite{Column: rapid.String().Draw(r, "column"), Slot: rapid.IntRange(-1, 300).Draw(r, "slot"),
				Old: anyValue().Draw(r, "old"), New: anyValue().Draw(r, "new"), From: anyValue().Draw(r, "from")}
			if rapid.Bool().Draw(r, "same") {
				f.From = f.New
			}
			return f
		})).Draw(r, "fields")
		for _, b := range [][]byte{slices.Clone(room.encodeFields(fields)), longFields(fields)} {
			if len(fields) == 0 {
				break // they are NULL
			}
			back, err := room.decodeFields(b)
			if err != nil || !reflect.DeepEqual(back, fields) {
				r.Fatalf("fields %v came back as %v, %v", fields, back, err)
			}
		}
	})
}

// What a damaged file gives is an error, never a panic or another value.
func FuzzDecode(f *testing.F) {
	var room scratch
	states, values := room.encodeBase([]record.FieldBase{{State: record.Known, FnO: value.NewText("a"), Dataverse: value.NewInteger(2)}, {}})
	f.Add(slices.Clone(states), slices.Clone(values))
	some := []record.FieldWrite{{Column: "name", Slot: 3, New: value.NewText("b")}}
	f.Add([]byte{0}, slices.Clone(room.encodeFields(some)))
	f.Add([]byte{0}, longFields(some))
	f.Add([]byte{0xff}, []byte("[null]"))
	f.Fuzz(func(t *testing.T, states, b []byte) {
		var room scratch
		if base, err := room.decodeBase(states, b); err == nil {
			s, v := room.encodeBase(base)
			again, err := room.decodeBase(s, slices.Clone(v))
			if err != nil || !reflect.DeepEqual(again, base) {
				t.Errorf("base %v came back as %v, %v", base, again, err)
			}
		}
		if fields, err := room.decodeFields(b); err == nil {
			again, err := room.decodeFields(slices.Clone(room.encodeFields(fields)))
			if err != nil || len(fields)+len(again) > 0 && !reflect.DeepEqual(again, fields) {
				t.Errorf("fields %v came back as %v, %v", fields, again, err)
			}
		}
	})
}
