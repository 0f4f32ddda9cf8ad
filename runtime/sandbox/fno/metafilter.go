package fno

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/dualwrite/dw/runtime/sandbox/odata"
)

// holds evaluates a filter over a metadata record. Unlike data, metadata is
// compared with regard to case, and its service knows the string functions.
func holds(r record, n odata.Node) (bool, error) {
	switch n := n.(type) {
	case odata.And:
		for _, term := range n.Terms {
			if ok, err := holds(r, term); err != nil || !ok {
				return false, err
			}
		}
		return true, nil
	case odata.Or:
		for _, term := range n.Terms {
			if ok, err := holds(r, term); err != nil || ok {
				return ok, err
			}
		}
		return false, nil
	case odata.Not:
		ok, err := holds(r, n.Term)
		return !ok, err
	case odata.Compare:
		return compare(r, n)
	case odata.Match:
		subject, err := operand(r, n.Subject)
		if err != nil {
			return false, err
		}
		switch n.Function {
		case "contains":
			return strings.Contains(subject, n.Pattern.Text), nil
		case "startswith":
			return strings.HasPrefix(subject, n.Pattern.Text), nil
		default:
			return strings.HasSuffix(subject, n.Pattern.Text), nil
		}
	}
	return false, &odata.UnsupportedError{What: "This function"}
}

func compare(r record, n odata.Compare) (bool, error) {
	left, err := operand(r, n.Left)
	if err != nil {
		return false, err
	}
	right, err := operand(r, n.Right)
	if err != nil {
		return false, err
	}
	order := cmp.Compare(left, right)
	switch n.Op {
	case odata.Eq:
		return order == 0, nil
	case odata.Ne:
		return order != 0, nil
	case odata.Gt:
		return order > 0, nil
	case odata.Ge:
		return order >= 0, nil
	case odata.Lt:
		return order < 0, nil
	}
	return order <= 0, nil
}

// operand gives a value as text, which booleans, enums and names all are.
func operand(r record, o odata.Operand) (string, error) {
	switch o := o.(type) {
	case odata.Literal:
		return o.Text, nil
	case odata.Fold:
		text, err := operand(r, o.Operand)
		if o.Upper {
			return strings.ToUpper(text), err
		}
		return strings.ToLower(text), err
	case odata.Path:
		value, ok := r[o[0]]
		if !ok || len(o) > 1 {
			return "", badRequest("Could not find a property named '%s' on the type.", strings.Join(o, "/"))
		}
		switch value := value.(type) {
		case string:
			return value, nil
		case bool:
			return fmt.Sprint(value), nil
		}
		return "", &odata.UnsupportedError{What: "A condition on the property '" + o[0] + "'"}
	}
	return "", fmt.Errorf("unknown operand %T", o)
}
