package sqlite

import (
	"encoding/binary"
	"errors"
	"fmt"

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

// encodeBase splits a base into a byte of state and two values a slot.
func encodeBase(base []record.FieldBase) (states, values []byte) {
	if len(base) == 0 {
		return nil, nil
	}
	states = make([]byte, len(base))
	vs := make([]value.Value, 0, 2*len(base))
	for i, b := range base {
		states[i] = byte(b.State)
		vs = append(vs, b.FnO, b.Dataverse)
	}
	return states, value.AppendValues(nil, vs)
}

func decodeBase(states, values []byte) ([]record.FieldBase, error) {
	if len(states) == 0 {
		return nil, nil
	}
	vs, err := decodeValues(values)
	if err != nil {
		return nil, err
	}
	if len(vs) != 2*len(states) {
		return nil, fmt.Errorf("a base of %d fields has %d values", len(states), len(vs))
	}
	base := make([]record.FieldBase, len(states))
	for i, s := range states {
		if s > byte(record.Owed) {
			return nil, fmt.Errorf("a field of a base has state %d", s)
		}
		base[i] = record.FieldBase{State: record.FieldState(s), FnO: vs[2*i], Dataverse: vs[2*i+1]}
	}
	return base, nil
}

var errFields = errors.New("the fields of an intent are damaged")

// appendFields encodes the columns of an intent: their number, then slot and
// name of each, then all old and new values.
func appendFields(buf []byte, fields []record.FieldWrite) []byte {
	if len(fields) == 0 {
		return nil
	}
	buf = binary.AppendUvarint(buf, uint64(len(fields)))
	vs := make([]value.Value, 0, 2*len(fields))
	for _, f := range fields {
		buf = binary.AppendVarint(buf, int64(f.Slot))
		buf = binary.AppendUvarint(buf, uint64(len(f.Column)))
		buf = append(buf, f.Column...)
		vs = append(vs, f.Old, f.New)
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
	if len(vs) != 2*len(fields) {
		return nil, errFields
	}
	for i := range fields {
		fields[i].Old, fields[i].New = vs[2*i], vs[2*i+1]
	}
	return fields, nil
}
