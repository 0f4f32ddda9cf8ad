package transform

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/dualwrite/dw/lang/value"
)

// maxText bounds what an expression may build, so that a map cannot fill the
// memory.
const maxText = 1 << 20

// function computes a call. None of the arguments is null, but for coalesce.
type function func(args []value.Value) (value.Value, error)

// functionNamed gives the function that expr.Functions describes; nil for
// other names.
func functionNamed(name string) function {
	switch name {
	case "coalesce":
		return coalesce
	case "contains":
		return predicate(strings.Contains)
	case "endswith":
		return predicate(strings.HasSuffix)
	case "length":
		return func(a []value.Value) (value.Value, error) {
			return value.NewInteger(int64(utf8.RuneCountInString(a[0].String()))), nil
		}
	case "lower":
		return textual(func(a []string) string { return strings.ToLower(a[0]) })
	case "padleft":
		return padLeft
	case "replace":
		return replace
	case "round":
		return round
	case "startswith":
		return predicate(strings.HasPrefix)
	case "substr":
		return substr
	case "trim":
		return textual(func(a []string) string { return strings.Trim(a[0], a[1]) })
	case "trimprefix":
		return textual(func(a []string) string { return strings.TrimPrefix(a[0], a[1]) })
	case "trimspace":
		return textual(func(a []string) string { return strings.TrimSpace(a[0]) })
	case "trimsuffix":
		return textual(func(a []string) string { return strings.TrimSuffix(a[0], a[1]) })
	case "upper":
		return textual(func(a []string) string { return strings.ToUpper(a[0]) })
	default:
		return nil
	}
}

// textual makes a function of texts; other values are taken as they are shown.
func textual(f func([]string) string) function {
	return func(args []value.Value) (value.Value, error) {
		var few [3]string
		texts := few[:0]
		for _, a := range args {
			texts = append(texts, a.String())
		}
		return value.NewText(f(texts)), nil
	}
}

func predicate(f func(s, part string) bool) function {
	return func(args []value.Value) (value.Value, error) {
		return value.NewBool(f(args[0].String(), args[1].String())), nil
	}
}

func coalesce(args []value.Value) (value.Value, error) {
	for _, a := range args {
		if !a.IsNull() && (a.Kind() != value.Text || a.Text() != "") {
			return a, nil
		}
	}
	return value.Value{}, nil
}

// count reads a whole number from 0 to maxText.
func count(v value.Value, what string) (int, error) {
	if v.Kind() != value.Integer || v.Int() < 0 || v.Int() > maxText {
		return 0, fmt.Errorf("the %s must be a whole number from 0 to %d, not %s", what, maxText, v)
	}
	return int(v.Int()), nil
}

func substr(args []value.Value) (value.Value, error) {
	offset, err := count(args[1], "offset")
	if err != nil {
		return value.Value{}, err
	}
	length, err := count(args[2], "length")
	if err != nil {
		return value.Value{}, err
	}
	s := skip(args[0].String(), offset)
	return value.NewText(s[:len(s)-len(skip(s, length))]), nil
}

// skip gives what follows the first n characters.
func skip(s string, n int) string {
	for range n {
		if s == "" {
			break
		}
		_, size := utf8.DecodeRuneInString(s)
		s = s[size:]
	}
	return s
}

func padLeft(args []value.Value) (value.Value, error) {
	length, err := count(args[1], "length")
	if err != nil {
		return value.Value{}, err
	}
	fill := args[2].String()
	if utf8.RuneCountInString(fill) != 1 {
		return value.Value{}, errors.New("the fill must be one character")
	}
	s := args[0].String()
	return value.NewText(strings.Repeat(fill, max(length-utf8.RuneCountInString(s), 0)) + s), nil
}

func replace(args []value.Value) (value.Value, error) {
	s, old, by := args[0].String(), args[1].String(), args[2].String()
	if old == "" {
		return value.NewText(s), nil
	}
	if n := strings.Count(s, old); len(s)+n*len(by) > maxText {
		return value.Value{}, fmt.Errorf("the result is longer than %d bytes", maxText)
	}
	return value.NewText(strings.ReplaceAll(s, old, by)), nil
}

func round(args []value.Value) (value.Value, error) {
	decimals, err := count(args[1], "number of decimals")
	if err != nil {
		return value.Value{}, err
	}
	if k := args[0].Kind(); k != value.Decimal && k != value.Integer {
		return value.Value{}, fmt.Errorf("%s %q is no number", k, clip(args[0].String()))
	}
	return args[0].Round(decimals), nil
}
