package sqlite

import (
	"encoding/binary"
	"errors"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
)

// appendValues encodes a list of values; an empty list is NULL in the file.
func appendValues(buf []byte, vs []value.Value) []byte {
	if len(vs) == 0 {
		return nil
	}
	return value.AppendValues(buf, vs)
}

func decodeValues(b []byte) ([]value.Value, error) {
	if len(b) == 0 {
		return nil, nil
	}
	return value.DecodeValues(b)
}

// sameValue marks in a field's byte of state that Dataverse's value is F&O's,
// as it is for most, and not stored again.
const sameValue = 0x80

// encodeBase splits a base into a byte of state and one or two values a slot.
func encodeBase(base []record.FieldBase) (states, values []byte) {
	if len(base) == 0 {
		return nil, nil
	}
	states = make([]byte, len(base))
	vs := make([]value.Value, 0, 2*len(base))
	for i, b := range base {
		states[i] = byte(b.State)
		vs = append(vs, b.FnO)
		if b.FnO == b.Dataverse {
			states[i] |= sameValue
		} else {
			vs = append(vs, b.Dataverse)
		}
	}
	return states, value.AppendValues(nil, vs)
}

var errBase = errors.New("the base of a pair is damaged")

func decodeBase(states, values []byte) ([]record.FieldBase, error) {
	if len(states) == 0 {
		return nil, nil
	}
	vs, err := decodeValues(values)
	if err != nil {
		return nil, err
	}
	base := make([]record.FieldBase, len(states))
	for i, s := range states {
		state := s &^ sameValue
		size := 2
		if s&sameValue != 0 {
			size = 1
		}
		if state > byte(record.Void) || len(vs) < size {
			return nil, errBase
		}
		base[i] = record.FieldBase{State: record.FieldState(state), FnO: vs[0], Dataverse: vs[size-1]}
		vs = vs[size:]
	}
	if len(vs) > 0 {
		return nil, errBase
	}
	return base, nil
}

var errFields = errors.New("the fields of an intent are damaged")

// appendFields encodes the columns of an intent: their number, then slot and
// name of each, then the three values of each.
func appendFields(buf []byte, fields []record.FieldWrite) []byte {
	if len(fields) == 0 {
		return nil
	}
	buf = binary.AppendUvarint(buf, uint64(len(fields)))
	vs := make([]value.Value, 0, 3*len(fields))
	for _, f := range fields {
		buf = binary.AppendVarint(buf, int64(f.Slot))
		buf = binary.AppendUvarint(buf, uint64(len(f.Column)))
		buf = append(buf, f.Column...)
		vs = append(vs, f.Old, f.New, f.From)
	}
	return value.AppendValues(buf, vs)
}

func decodeFields(b []byte) ([]record.FieldWrite, error) {
	if len(b) == 0 {
		return nil, nil
	}
	count, n := binary.Uvarint(b)
	if n <= 0 || count > uint64(len(b)) {
		return nil, errFields
	}
	b = b[n:]
	fields := make([]record.FieldWrite, count)
	for i := range fields {
		slot, n := binary.Varint(b)
		if n <= 0 {
			return nil, errFields
		}
		b = b[n:]
		size, n := binary.Uvarint(b)
		if n <= 0 || size > uint64(len(b)-n) {
			return nil, errFields
		}
		fields[i].Slot = int(slot)
		fields[i].Column = string(b[n : n+int(size)])
		b = b[n+int(size):]
	}
	vs, err := value.DecodeValues(b)
	if err != nil {
		return nil, err
	}
	if len(vs) != 3*len(fields) {
		return nil, errFields
	}
	for i := range fields {
		fields[i].Old, fields[i].New, fields[i].From = vs[3*i], vs[3*i+1], vs[3*i+2]
	}
	return fields, nil
}
