package fno

import (
	"encoding/base64"
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"
)

// The empty values of the X++ types, as the service renders them.
const (
	noon          = "T12:00:00Z"
	emptyDate     = "1900-01-01" + noon
	emptyDateTime = "1900-01-01T00:00:00Z"
	emptyGUID     = "00000000-0000-0000-0000-000000000000"
	dateTime      = "2006-01-02T15:04:05Z"
)

// Bounds of a real: 32 digits in all, 16 of them after the point.
const (
	decimalDigits = 32
	decimalScale  = 16
)

// readerError is a value in a request body that the OData reader refuses.
type readerError struct{ message string }

func (e *readerError) Error() string { return e.message }

func cannotConvert(v jsontext.Value, typeName string) error {
	text := string(v)
	if v.Kind() == '"' {
		if s, err := unquote(v); err == nil {
			text = s
		}
	}
	if len(text) > 100 {
		text = text[:100] + "…"
	}
	return &readerError{message: fmt.Sprintf("Cannot convert the literal '%s' to the expected type '%s'.", text, typeName)}
}

func unquote(v jsontext.Value) (string, error) {
	b, err := jsontext.AppendUnquote(nil, []byte(v))
	return string(b), err
}

// fromJSON converts a value of a request body to what is stored: nil for the
// empty value, else string or int64. The error is a *readerError.
func (f *field) fromJSON(v jsontext.Value) (any, error) {
	wrong := cannotConvert(v, f.typeName())
	switch v.Kind() {
	case 'n':
		return nil, nil
	case '"':
		text, err := unquote(v)
		if err != nil {
			return nil, wrong
		}
		stored, ok := f.fromText(text)
		if !ok {
			return nil, wrong
		}
		return stored, nil
	case '0':
		switch f.kind {
		case kindInt32:
			if n, err := strconv.ParseInt(string(v), 10, 32); err == nil {
				return n, nil
			}
		case kindInt64:
			if n, err := strconv.ParseInt(string(v), 10, 64); err == nil {
				return n, nil
			}
		case kindDecimal:
			if d, ok := canonicalDecimal(string(v)); ok {
				return d, nil
			}
		}
	case 't', 'f':
		if f.kind == kindBoolean {
			return truth(v.Kind() == 't'), nil
		}
	}
	return nil, wrong
}

func truth(v bool) int64 {
	if v {
		return 1
	}
	return 0
}

// fromText converts a JSON string.
func (f *field) fromText(text string) (stored any, ok bool) {
	switch f.kind {
	case kindString:
		// The kernel cuts trailing blanks of every string that it stores.
		if text = strings.TrimRight(text, " "); text == "" {
			return nil, true
		}
		return text, true
	case kindEnum:
		for _, s := range f.enum.symbols {
			if s == text {
				return s, true
			}
		}
	case kindDate, kindDateTime:
		when, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			return nil, false
		}
		return f.fromTime(when)
	case kindGUID:
		id, err := uuid.Parse(text)
		if err != nil || len(text) != 36 {
			return nil, false
		}
		return id.String(), true
	case kindBinary:
		if _, err := base64.StdEncoding.DecodeString(text); err == nil {
			return text, true
		}
	}
	return nil, false
}

// fromTime stores seconds, or the day at noon. Years are those of X++.
func (f *field) fromTime(when time.Time) (stored any, ok bool) {
	when = when.UTC()
	if when.Year() < 1900 || when.Year() > 2154 {
		return nil, false
	}
	if f.kind == kindDate {
		return when.Format(time.DateOnly) + noon, true
	}
	return when.Format(dateTime), true
}

// fromGo converts a value of the bulk loader.
func (f *field) fromGo(v any) (any, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case string:
		if v == "" {
			return nil, nil
		}
		switch f.kind {
		case kindDecimal:
			if d, ok := canonicalDecimal(v); ok {
				return d, nil
			}
			return nil, f.wrong(v)
		case kindDate:
			if when, err := time.Parse(time.DateOnly, v); err == nil {
				if stored, ok := f.fromTime(when); ok {
					return stored, nil
				}
				return nil, f.wrong(v)
			}
		}
		if stored, ok := f.fromText(v); ok {
			return stored, nil
		}
	case time.Time:
		if f.kind == kindDate || f.kind == kindDateTime {
			if stored, ok := f.fromTime(v); ok {
				return stored, nil
			}
		}
	case bool:
		if f.kind == kindBoolean {
			return truth(v), nil
		}
	case int:
		return f.fromInteger(int64(v))
	case int32:
		return f.fromInteger(int64(v))
	case int64:
		return f.fromInteger(v)
	case float64:
		if f.kind == kindDecimal {
			if d, ok := canonicalDecimal(strconv.FormatFloat(v, 'f', -1, 64)); ok {
				return d, nil
			}
		}
	}
	return nil, f.wrong(v)
}

// wrong is the error about a value that is none of the field's type.
func (f *field) wrong(v any) error {
	return fmt.Errorf("%v (%T) is not a value of type %s", v, v, f.typeName())
}

func (f *field) fromInteger(n int64) (any, error) {
	switch {
	case f.kind == kindInt32 && int64(int32(n)) == n, f.kind == kindInt64:
		return n, nil
	case f.kind == kindDecimal:
		return strconv.FormatInt(n, 10), nil
	}
	return nil, f.wrong(n)
}

var numberText = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?$`)

// canonicalDecimal rewrites a number without exponent and needless zeros,
// rounded half away from zero to the scale of a real. ok is false for what is
// not a number or does not fit.
func canonicalDecimal(s string) (text string, ok bool) {
	if len(s) > 200 || !numberText.MatchString(s) {
		return "", false
	}
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		return "", false
	}
	text = r.FloatString(decimalScale)
	text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(text, "-"), ".")
	if len(whole)+len(fraction) > decimalDigits {
		return "", false
	}
	if text == "-0" || text == "" {
		text = "0"
	}
	return text, true
}

// damagedError is a stored value that the twin cannot render: someone wrote it
// into the file by hand.
type damagedError struct {
	field *field
	text  string
}

func (e *damagedError) Error() string {
	return fmt.Sprintf("The stored value '%s' of the field '%s' is not of type '%s'.", e.text, e.field.Name, e.field.typeName())
}

// appendJSON renders a stored value; nil bytes stand for NULL.
func (f *field) appendJSON(out []byte, stored []byte) ([]byte, error) {
	if stored == nil {
		return append(out, f.empty...), nil
	}
	switch f.kind {
	case kindString, kindBinary:
		if f.Name == companyField {
			stored = []byte(strings.ToLower(string(stored)))
		}
		return jsontext.AppendQuote(out, stored)
	case kindInt32, kindInt64:
		if _, err := strconv.ParseInt(string(stored), 10, 64); err == nil {
			return append(out, stored...), nil
		}
	case kindDecimal:
		if isPlainNumber(stored) {
			return append(out, stored...), nil
		}
		if d, ok := canonicalDecimal(string(stored)); ok {
			return append(out, d...), nil
		}
	case kindBoolean:
		return strconv.AppendBool(out, string(stored) != "0"), nil
	case kindEnum:
		symbol, known := f.enum.bySQL[string(stored)]
		if !known {
			symbol, known = f.enum.bySQL[strings.ToLower(string(stored))]
		}
		if !known {
			return append(out, "null"...), nil
		}
		return jsontext.AppendQuote(out, symbol)
	case kindDate, kindDateTime:
		if text, ok := f.timeText(stored); ok {
			out = append(out, '"')
			out = append(out, text...)
			return append(out, '"'), nil
		}
	case kindGUID:
		if id, err := uuid.ParseBytes(stored); err == nil {
			return append(append(append(out, '"'), id.String()...), '"'), nil
		}
	}
	return out, &damagedError{field: f, text: string(stored)}
}

// isPlainNumber accepts what canonicalDecimal writes, without its cost.
func isPlainNumber(b []byte) bool {
	if len(b) > 0 && b[0] == '-' {
		b = b[1:]
	}
	digits, point := 0, -1
	for i, c := range b {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case c == '.' && point < 0 && i > 0 && i < len(b)-1:
			point = i
		default:
			return false
		}
	}
	// JSON has no numbers with needless zeros in front.
	return digits > 0 && (b[0] != '0' || len(b) == 1 || b[1] == '.')
}

// timeText gives a stored time in its form on the wire, also where someone
// stored it without a time or with a blank in place of the T.
func (f *field) timeText(stored []byte) (string, bool) {
	text := string(stored)
	if _, err := time.Parse(dateTime, text); err != nil {
		when, err := time.Parse(time.DateTime, text)
		if err != nil {
			when, err = time.Parse(time.DateOnly, text)
		}
		if err != nil {
			return "", false
		}
		text = when.Format(dateTime)
	}
	if f.kind == kindDate {
		text = text[:len(time.DateOnly)] + noon
	}
	return text, true
}

// keyText renders a stored key value as it stands in a key predicate; nil
// stands for the empty value.
func (f *field) keyText(stored any) string {
	if stored == nil {
		stored = f.emptySQL()
	}
	text := fmt.Sprint(stored)
	switch f.kind {
	case kindString:
		if f.Name == companyField {
			text = strings.ToLower(text)
		}
		return "'" + strings.ReplaceAll(text, "'", "''") + "'"
	case kindEnum:
		return f.typeName() + "'" + text + "'"
	}
	return text
}
