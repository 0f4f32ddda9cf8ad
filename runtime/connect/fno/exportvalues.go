package fno

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

// exportColumn is a field that is read from a file.
type exportColumn struct {
	field *schema.Field
	at    int // column of the file; -1: the company, which no file has
	read  reading
}

// reading turns the text of a file into the value that the data service gives
// for the same record. An empty text is the empty value of the field's type,
// which F&O has in place of null. Doubtful are values that files are not known
// to carry over unchanged. Anything that can be read in two ways is an error.
type reading func(cell []byte) (v value.Value, doubtful bool, err error)

// exportColumns prepares to read some fields and those of the key.
func (c *Connector) exportColumns(ctx context.Context, t *schema.Table, fields []*schema.Field) ([]exportColumn, error) {
	s, err := shapeOf(t, fields)
	if err != nil {
		return nil, err
	}
	all := slices.Clone(fields)
	for i, f := range s.fields {
		if s.key[i] >= len(fields) {
			all = append(all, f)
		}
	}
	out := make([]exportColumn, len(all))
	for i, f := range all {
		out[i] = exportColumn{field: f, at: -1}
		if out[i].read, err = c.reading(ctx, f); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (c *Connector) reading(ctx context.Context, f *schema.Field) (reading, error) {
	switch f.Type {
	case schema.TypeText:
		return readText, nil
	case schema.TypeInteger:
		return exact(value.NewInteger(0), value.ParseInteger), nil
	case schema.TypeDecimal:
		return readDecimal, nil
	case schema.TypeGuid:
		return exact(value.NewGuid("00000000-0000-0000-0000-000000000000"), value.ParseGuid), nil
	case schema.TypeBool:
		return exact(value.NewBool(false), readBool), nil
	case schema.TypeTime:
		if f.DateOnly {
			return exact(value.NewDate(emptyDay), readDay), nil
		}
		return exact(value.NewDateTime(emptyDay*24*60*60), readMoment), nil
	case schema.TypeEnum:
		e, err := c.members(ctx, f.Enum)
		return readSymbol(e), err
	}
	return nil, fmt.Errorf("field %s is of a type that cannot be read", f.Name)
}

// emptyDay is the first day that F&O knows, 1900-01-01, which stands for none.
const emptyDay = -25567

// exact reads values that stand in a file as they are.
func exact(empty value.Value, parse func(string) (value.Value, error)) reading {
	return func(cell []byte) (value.Value, bool, error) {
		if len(cell) == 0 {
			return empty, false, nil
		}
		v, err := parse(string(cell))
		return v, false, err
	}
}

// readText takes a text as it is. Doubtful are carriage returns and other
// control characters, which writers of files change, and marks of characters
// that were lost already.
func readText(cell []byte) (value.Value, bool, error) {
	if !utf8.Valid(cell) {
		return value.Value{}, false, errors.New("the text is not UTF-8")
	}
	doubtful := false
	for _, r := range string(cell) {
		if r < ' ' && r != '\n' && r != '\t' || r == utf8.RuneError || r == 0xfffe || r == 0xffff {
			doubtful = true
			break
		}
	}
	return value.NewText(string(cell)), doubtful, nil
}

// decimalsKept is how many decimals a file has for sure. Whether F&O writes all
// of up to sixteen is not documented.
const decimalsKept = 5

func readDecimal(cell []byte) (value.Value, bool, error) {
	if len(cell) == 0 {
		cell = []byte{'0'}
	}
	v, err := value.NewDecimal(string(cell))
	return v, err == nil && v.Scale() > decimalsKept, err
}

func readBool(text string) (value.Value, error) {
	switch strings.ToLower(text) {
	case "true", "yes", "1":
		return value.NewBool(true), nil
	case "false", "no", "0":
		return value.NewBool(false), nil
	}
	return value.Value{}, fmt.Errorf("%.40q is neither true nor false", text)
}

// readDay takes a day, with a time of day only where it is one that cannot have
// come from another time zone: the beginning, or noon, as which days travel.
func readDay(text string) (value.Value, error) {
	moment, err := asTimestamp(text)
	switch {
	case err != nil:
		return value.ParseDate(text)
	case moment[11:19] != "00:00:00" && moment[11:19] != "12:00:00":
		return value.Value{}, fmt.Errorf("%.40q has a time of day, so that the day may be that of another time zone", text)
	}
	return value.ParseDate(moment)
}

func readMoment(text string) (value.Value, error) {
	moment, err := asTimestamp(text)
	if err != nil {
		return value.Value{}, err
	}
	return value.ParseDateTime(moment)
}

// asTimestamp writes the time of a file, which is in UTC by the source data
// format, in the form of RFC 3339.
func asTimestamp(text string) (string, error) {
	if len(text) < 19 || text[10] != ' ' && text[10] != 'T' {
		return "", fmt.Errorf("%.40q is not a time such as 2026-03-01 08:30:00", text)
	}
	moment := text[:10] + "T" + text[11:]
	// Without an offset the time zone is that of the source data format.
	if strings.Trim(moment[19:], ".0123456789") == "" {
		moment += "Z"
	}
	return moment, nil
}

// readSymbol takes the name of a member of an enum, in any case, or its number.
// Labels, which a field mapping may ask for, are in one language or another.
func readSymbol(e schema.Enum) reading {
	symbols := map[string]value.Value{}
	for _, m := range e.Members {
		symbols[fmt.Sprint(m.Value)] = value.NewSymbol(m.Name)
	}
	for _, m := range e.Members {
		symbols[strings.ToLower(m.Name)] = value.NewSymbol(m.Name)
	}
	var empty value.Value
	if name := zeroOf(e); name != "" {
		empty = value.NewSymbol(name)
	}
	return func(cell []byte) (value.Value, bool, error) {
		if len(cell) == 0 {
			return empty, false, nil
		}
		v, ok := symbols[string(cell)]
		if !ok {
			v, ok = symbols[string(bytes.ToLower(cell))]
		}
		if !ok {
			return v, false, fmt.Errorf("%.40q is no member of the enum %s", cell, e.Name)
		}
		return v, false, nil
	}
}
