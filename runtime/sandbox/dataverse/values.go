package dataverse

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"net/http"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"
)

// earliest is the first day that a date column holds.
var earliest = time.Date(1753, 1, 1, 0, 0, 0, 0, time.UTC)

// parseValue reads the JSON value of a column that is not a lookup into its
// stored form, with the checks and the rounding of the service.
func parseValue(t *table, c *column, v jsontext.Value) (any, error) {
	switch v.Kind() {
	case 'n':
		return nil, nil
	case '{', '[':
		return nil, badPayload(t, "A value of type %s was expected for the property '%s'.", edmType(c), c.LogicalName)
	}
	switch c.class {
	case classText:
		if v.Kind() != '"' {
			return nil, wrongKind(t, c, v)
		}
		s, err := unquote(v)
		if err != nil {
			return nil, badPayload(t, "%v", err)
		}
		return checkText(t, c, s)
	case classInteger:
		n, err := strconv.ParseInt(string(v), 10, 64)
		if v.Kind() != '0' || err != nil {
			return nil, wrongKind(t, c, v)
		}
		return checkInteger(t, c, n)
	case classBoolean:
		switch v.Kind() {
		case 't':
			return int64(1), nil
		case 'f':
			return int64(0), nil
		}
		return nil, wrongKind(t, c, v)
	case classDecimal:
		if v.Kind() != '0' {
			return nil, wrongKind(t, c, v)
		}
		return checkDecimal(t, c, string(v))
	case classDouble:
		f, err := strconv.ParseFloat(string(v), 64)
		if v.Kind() != '0' || err != nil {
			return nil, wrongKind(t, c, v)
		}
		return checkDouble(t, c, f)
	default:
		if v.Kind() != '"' {
			return nil, wrongKind(t, c, v)
		}
		s, err := unquote(v)
		if err != nil {
			return nil, badPayload(t, "%v", err)
		}
		return checkWritten(t, c, s)
	}
}

// checkWritten reads values that JSON writes as strings: times, dates, guids.
func checkWritten(t *table, c *column, s string) (any, error) {
	switch c.class {
	case classDateTime:
		d, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			return nil, badPayload(t, "Cannot convert the literal '%.100s' to the expected type 'Edm.DateTimeOffset'.", s)
		}
		if d.Before(earliest) {
			return nil, outOfRange(t, c)
		}
		return formatTime(d), nil
	case classDate:
		d, err := time.Parse(time.DateOnly, s)
		if err != nil {
			return nil, badPayload(t, "Cannot convert the literal '%.100s' to the expected type 'Edm.Date'.", s)
		}
		if d.Before(earliest) {
			return nil, outOfRange(t, c)
		}
		return d.Format(time.DateOnly), nil
	}
	id, ok := parseGUID(s)
	if !ok {
		return nil, badPayload(t, "Cannot convert the literal '%.100s' to the expected type 'Edm.Guid'.", s)
	}
	return id, nil
}

func wrongKind(t *table, c *column, v jsontext.Value) error {
	return badPayload(t, "Cannot convert the literal '%.100s' to the expected type '%s'.", strings.Trim(string(v), `"`), edmType(c))
}

func outOfRange(t *table, c *column) error {
	return fail(http.StatusBadRequest, codeOutOfRange, "A validation error occurred. The value of '%s' on record of type '%s' is outside the valid range.", c.LogicalName, t.LogicalName)
}

// checkText limits the length; the empty text is no value.
func checkText(t *table, c *column, s string) (any, error) {
	if s == "" {
		return nil, nil
	}
	if c.Type == "MultiSelectPicklistType" {
		return checkChoices(t, c, s)
	}
	if c.MaxLength > 0 && longerThan(s, c.MaxLength) {
		return nil, fail(http.StatusBadRequest, codeTooLong,
			"A validation error occurred.  The length of the '%s' attribute of the '%s' entity exceeded the maximum allowed length of '%d'.", c.LogicalName, t.LogicalName, c.MaxLength)
	}
	return s, nil
}

// longerThan tells whether a text has more UTF-16 units than a limit, which is
// how the service counts, without a copy of what may be a huge text.
func longerThan(s string, limit int) bool {
	if len(s) <= limit {
		return false // no unit takes less than a byte
	}
	units := 0
	for _, r := range s {
		if units += max(utf16.RuneLen(r), 1); units > limit {
			return true
		}
	}
	return false
}

// checkChoices reads the comma-joined values of a multi-select choice; they
// are stored in order, each once.
func checkChoices(t *table, c *column, s string) (any, error) {
	var values []int64
	for part := range strings.SplitSeq(s, ",") {
		n, err := strconv.ParseInt(strings.TrimSpace(part), 10, 64)
		if err != nil {
			return nil, badPayload(t, "Cannot convert the literal '%.100s' to the values of the choices '%s'.", s, c.LogicalName)
		}
		if err := checkOption(t, c, n); err != nil {
			return nil, err
		}
		values = append(values, n)
	}
	slices.Sort(values)
	values = slices.Compact(values)
	texts := make([]string, len(values))
	for i, n := range values {
		texts[i] = strconv.FormatInt(n, 10)
	}
	return strings.Join(texts, ","), nil
}

func checkInteger(t *table, c *column, n int64) (any, error) {
	if isChoice(c.Column) {
		if err := checkOption(t, c, n); err != nil {
			return nil, err
		}
		return n, nil
	}
	if c.Type == "IntegerType" && (n < math.MinInt32 || n > math.MaxInt32) {
		return nil, badPayload(t, "Cannot convert the literal '%d' to the expected type 'Edm.Int32'.", n)
	}
	if !within(c, new(big.Rat).SetInt64(n)) {
		return nil, outOfRange(t, c)
	}
	return n, nil
}

func checkOption(t *table, c *column, n int64) error {
	if len(c.Options) == 0 {
		return nil
	}
	if _, ok := c.labels[n]; ok {
		return nil
	}
	accepted := make([]string, len(c.Options))
	for i, o := range c.Options {
		accepted[i] = strconv.Itoa(o.Value)
	}
	return fail(http.StatusBadRequest, codeChoiceRange,
		"A validation error occurred. The value %d of '%s' on record of type '%s' is outside the valid range. Accepted Values: %s.", n, c.LogicalName, t.LogicalName, strings.Join(accepted, ","))
}

func checkDecimal(t *table, c *column, text string) (any, error) {
	rounded, ok := roundDecimal(text, min(c.Precision, storedScale(c.Column)), storedScale(c.Column))
	if !ok {
		return nil, outOfRange(t, c)
	}
	if c.min != nil || c.max != nil {
		r, ok := new(big.Rat).SetString(rounded)
		if !ok || !within(c, r) {
			return nil, outOfRange(t, c)
		}
	}
	return rounded, nil
}

func checkDouble(t *table, c *column, f float64) (any, error) {
	text, ok := roundDecimal(strconv.FormatFloat(f, 'f', -1, 64), min(max(c.Precision, 0), 15), 15)
	if !ok {
		return nil, outOfRange(t, c)
	}
	rounded, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return nil, outOfRange(t, c)
	}
	if r := new(big.Rat).SetFloat64(rounded); r == nil || !within(c, r) {
		return nil, outOfRange(t, c)
	}
	return rounded, nil
}

func within(c *column, r *big.Rat) bool {
	return (c.min == nil || r.Cmp(c.min) >= 0) && (c.max == nil || r.Cmp(c.max) <= 0)
}

// roundDecimal rounds the text of a JSON number half away from zero to a
// precision and writes it with a fixed number of decimals. It fails for text
// that is no number and for more than 20 digits before the point.
func roundDecimal(text string, precision, scale int) (string, bool) {
	negative := strings.HasPrefix(text, "-")
	body := strings.TrimPrefix(text, "-")
	mantissa, exponent := body, 0
	if i := strings.IndexAny(body, "eE"); i >= 0 {
		n, err := strconv.Atoi(strings.TrimPrefix(body[i+1:], "+"))
		if err != nil || n > 30 || n < -60 {
			return "", false
		}
		mantissa, exponent = body[:i], n
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	if whole == "" || len(whole)+len(fraction) > 120 || strings.Trim(whole+fraction, "0123456789") != "" {
		return "", false
	}
	// digits × 10^(-len(fraction)+exponent), as digits with the point at `point`.
	digits, point := whole+fraction, len(whole)+exponent
	if point < 0 {
		digits, point = strings.Repeat("0", -point)+digits, 0
	}
	if short := point + precision + 1 - len(digits); short > 0 {
		digits += strings.Repeat("0", short)
	}
	kept, up := []byte(digits[:point+precision]), digits[point+precision] >= '5'
	for i := len(kept) - 1; up && i >= 0; i-- {
		if kept[i] == '9' {
			kept[i] = '0'
			continue
		}
		kept[i]++
		up = false
	}
	if up {
		kept, point = append([]byte{'1'}, kept...), point+1
	}
	integer := strings.TrimLeft(string(kept[:point]), "0")
	if len(integer) > 20 {
		return "", false
	}
	if integer == "" {
		integer = "0"
	}
	out := integer
	if scale > 0 {
		out += "." + string(kept[point:]) + strings.Repeat("0", scale-precision)
	}
	if negative && strings.Trim(out, "0.") != "" {
		out = "-" + out
	}
	return out, true
}

func parseGUID(s string) (string, bool) {
	if len(s) != 36 {
		return "", false
	}
	id, err := uuid.Parse(s)
	if err != nil {
		return "", false
	}
	return id.String(), true
}

func unquote(v jsontext.Value) (string, error) {
	b, err := jsontext.AppendUnquote(nil, v)
	return string(b), err
}

// edmType is the type of a property in CSDL.
func edmType(c *column) string {
	switch c.class {
	case classInteger:
		if c.Type == "BigIntType" {
			return "Edm.Int64"
		}
		return "Edm.Int32"
	case classBoolean:
		return "Edm.Boolean"
	case classDecimal:
		return "Edm.Decimal"
	case classDouble:
		return "Edm.Double"
	case classDateTime:
		return "Edm.DateTimeOffset"
	case classDate:
		return "Edm.Date"
	case classGUID, classLookup:
		return "Edm.Guid"
	}
	return "Edm.String"
}

// loadValue turns a Go value of the bulk loader into the stored form. It
// accepts what the column holds and its usual relatives, and rounds as a write
// would, but checks neither lengths nor ranges: a generator may want dirt.
func loadValue(c *column, v any) (any, error) {
	switch n := v.(type) {
	case nil:
		return nil, nil
	case int:
		v = int64(n)
	case int32:
		v = int64(n)
	case json.Number:
		v = n.String()
	}
	switch c.class {
	case classText:
		if s, ok := v.(string); ok {
			if s == "" {
				return nil, nil
			}
			return s, nil
		}
	case classInteger:
		if n, ok := v.(int64); ok {
			return n, nil
		}
	case classBoolean:
		if b, ok := v.(bool); ok {
			if b {
				return int64(1), nil
			}
			return int64(0), nil
		}
	case classDecimal:
		text := ""
		switch n := v.(type) {
		case string:
			text = n
		case int64:
			text = strconv.FormatInt(n, 10)
		case float64:
			text = strconv.FormatFloat(n, 'f', -1, 64)
		}
		if s, ok := roundDecimal(text, min(c.Precision, storedScale(c.Column)), storedScale(c.Column)); ok {
			return s, nil
		}
	case classDouble:
		switch n := v.(type) {
		case float64:
			return n, nil
		case int64:
			return float64(n), nil
		case string:
			if f, err := strconv.ParseFloat(n, 64); err == nil {
				return f, nil
			}
		}
	case classDateTime, classDate:
		layout := timeLayout
		if c.class == classDate {
			layout = time.DateOnly
		}
		switch d := v.(type) {
		case time.Time:
			return d.UTC().Format(layout), nil
		case string:
			if _, err := time.Parse(layout, d); err == nil {
				return d, nil
			}
		}
	case classGUID, classLookup:
		if s, ok := v.(string); ok {
			if id, ok := parseGUID(s); ok {
				return id, nil
			}
		}
	}
	return nil, fmt.Errorf("column %s (%s) cannot hold %v (%T)", c.LogicalName, c.Type, v, v)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
