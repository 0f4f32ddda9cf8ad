package value

import (
	"fmt"
	"strconv"
	"strings"
)

// ParseGuid reads a guid of 32 hexadecimal digits with hyphens, in any case,
// with or without braces.
func ParseGuid(text string) (Value, error) {
	s := text
	if len(s) == 38 && s[0] == '{' && s[37] == '}' {
		s = s[1:37]
	}
	if !isGuid(s) {
		return Value{}, fmt.Errorf("%q is not a guid", shorten(text))
	}
	return NewGuid(s), nil
}

func isGuid(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		switch {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if c != '-' {
				return false
			}
		case c >= '0' && c <= '9', c >= 'a' && c <= 'f', c >= 'A' && c <= 'F':
		default:
			return false
		}
	}
	return true
}

// ParseReference reads "table/guid", the form that String gives.
func ParseReference(text string) (Value, error) {
	table, guid, ok := strings.Cut(text, "/")
	if !ok || table == "" || !isGuid(guid) {
		return Value{}, fmt.Errorf("%q is not a reference such as account/00000000-0000-0000-0000-000000000001", shorten(text))
	}
	return NewReference(table, guid), nil
}

// ParseInteger reads a whole number of 64 bits.
func ParseInteger(text string) (Value, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return Value{}, fmt.Errorf("%q is not a whole number of 64 bits", shorten(text))
	}
	return NewInteger(n), nil
}

// ParseOptions reads a multi-select choice as Dataverse writes it: "1,9",
// blanks tolerated. "" is the empty choice.
func ParseOptions(text string) (Value, error) {
	if strings.TrimSpace(text) == "" {
		return NewOptions(nil), nil
	}
	var ns []int64
	for part := range strings.SplitSeq(text, ",") {
		n, err := strconv.ParseInt(strings.TrimSpace(part), 10, 64)
		if err != nil {
			return Value{}, fmt.Errorf("%q is not a list of choices such as 1,9", shorten(text))
		}
		ns = append(ns, n)
	}
	return NewOptions(ns), nil
}
