package sqlite

import (
	"encoding/binary"
	"errors"
	"strconv"

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
// Both are good until the next one.
func (c *scratch) encodeBase(base []record.FieldBase) (states, values []byte) {
	if len(base) == 0 {
		return nil, nil
	}
	c.states, c.values = c.states[:0], c.values[:0]
	for _, b := range base {
		state := byte(b.State)
		c.values = append(c.values, b.FnO)
		if b.FnO == b.Dataverse {
			state |= sameValue
		} else {
			c.values = append(c.values, b.Dataverse)
		}
		c.states = append(c.states, state)
	}
	c.buf = value.AppendValues(c.buf[:0], c.values)
	return c.states, c.buf
}

var errBase = errors.New("the base of a pair is damaged")

func (c *scratch) decodeBase(states, values []byte) ([]record.FieldBase, error) {
	if len(states) == 0 {
		return nil, nil
	}
	vs, err := c.decode(values)
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

// shortFields begins the columns of an intent as they are stored now. Before,
// they began with their number, which is not 0, and all had three values.
const shortFields = 0

// What a field's byte of flags says of its values.
const (
	noOld    = 1 << iota // Old is null and not stored
	fromSame             // From is New, as for most, and not stored again
)

// encodeFields encodes the columns of an intent: their number, then slot, flags
// and name of each, then the values of each. It is good until the next one.
func (c *scratch) encodeFields(fields []record.FieldWrite) []byte {
	if len(fields) == 0 {
		return nil
	}
	buf := binary.AppendUvarint(append(c.buf[:0], shortFields), uint64(len(fields)))
	c.values = c.values[:0]
	for i := range fields {
		f := &fields[i]
		var flags byte
		if f.Old.IsNull() {
			flags |= noOld
		} else {
			c.values = append(c.values, f.Old)
		}
		c.values = append(c.values, f.New)
		if f.From == f.New {
			flags |= fromSame
		} else {
			c.values = append(c.values, f.From)
		}
		buf = append(binary.AppendVarint(buf, int64(f.Slot)), flags)
		buf = append(binary.AppendUvarint(buf, uint64(len(f.Column))), f.Column...)
	}
	c.buf = value.AppendValues(buf, c.values)
	return c.buf
}

func (c *scratch) decodeFields(b []byte) ([]record.FieldWrite, error) {
	if len(b) == 0 {
		return nil, nil
	}
	short := b[0] == shortFields
	if short {
		b = b[1:]
	}
	count, n := binary.Uvarint(b)
	if n <= 0 || count > uint64(len(b)) {
		return nil, errFields
	}
	b = b[n:]
	fields := make([]record.FieldWrite, count)
	c.flags = c.flags[:0]
	for i := range fields {
		slot, n := binary.Varint(b)
		if n <= 0 {
			return nil, errFields
		}
		b = b[n:]
		if short {
			if len(b) == 0 {
				return nil, errFields
			}
			c.flags, b = append(c.flags, b[0]), b[1:]
		} else {
			c.flags = append(c.flags, 0)
		}
		size, n := binary.Uvarint(b)
		if n <= 0 || size > uint64(len(b)-n) {
			return nil, errFields
		}
		fields[i].Slot = int(slot)
		fields[i].Column = c.name(b[n : n+int(size)])
		b = b[n+int(size):]
	}
	vs, err := c.decode(b)
	if err != nil {
		return nil, err
	}
	for i := range fields {
		f, flags := &fields[i], c.flags[i]
		if flags&^(noOld|fromSame) != 0 || len(vs) < valuesOf(flags) {
			return nil, errFields
		}
		if flags&noOld == 0 {
			f.Old, vs = vs[0], vs[1:]
		}
		f.New, vs = vs[0], vs[1:]
		if f.From = f.New; flags&fromSame == 0 {
			f.From, vs = vs[0], vs[1:]
		}
	}
	if len(vs) > 0 {
		return nil, errFields
	}
	return fields, nil
}

// valuesOf says how many values of a field are stored.
func valuesOf(flags byte) int {
	n := 3
	if flags&noOld != 0 {
		n--
	}
	if flags&fromSame != 0 {
		n--
	}
	return n
}

// scratch is memory that encoding and decoding use again and again. One
// goroutine uses it at a time.
type scratch struct {
	buf, states, flags []byte
	values             []value.Value
	names              map[string]string // of columns, each once
}

// decode reads values that are good until the next call; their texts stay.
func (c *scratch) decode(b []byte) ([]value.Value, error) {
	if len(b) == 0 {
		return nil, nil
	}
	vs, err := value.AppendDecoded(c.values[:0], b)
	if err != nil {
		return nil, err
	}
	c.values = vs
	return vs, nil
}

// manyNames bounds how many names are kept.
const manyNames = 10_000

// name gives the name of a column, always the same text.
func (c *scratch) name(b []byte) string {
	if s, ok := c.names[string(b)]; ok {
		return s
	}
	if c.names == nil || len(c.names) >= manyNames {
		c.names = make(map[string]string)
	}
	s := string(b)
	c.names[s] = s
	return s
}

// list writes ids as a JSON array, for json_each.
func (c *scratch) list(ids []int64) string {
	buf := append(c.buf[:0], '[')
	for i, id := range ids {
		if i > 0 {
			buf = append(buf, ',')
		}
		buf = strconv.AppendInt(buf, id, 10)
	}
	c.buf = append(buf, ']')
	return string(c.buf)
}

// listNames does the same for texts that stand in JSON as they are, as GUIDs do;
// ok is false where one does not.
func (c *scratch) listNames(names []string) (list string, ok bool) {
	buf := append(c.buf[:0], '[')
	for i, name := range names {
		if i > 0 {
			buf = append(buf, ',')
		}
		for _, b := range []byte(name) {
			if b < ' ' || b > '~' || b == '"' || b == '\\' {
				return "", false
			}
		}
		buf = append(append(append(buf, '"'), name...), '"')
	}
	c.buf = append(buf, ']')
	return string(c.buf), true
}
