package lang

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// version is a version of up to four numeric parts; what follows a hyphen or
// plus sign does not take part in comparisons.
type version struct {
	parts [4]int
	count int
}

func parseVersion(s string) (version, error) {
	var v version
	core := strings.TrimPrefix(strings.TrimSpace(s), "v")
	if i := strings.IndexAny(core, "-+"); i >= 0 {
		core = core[:i]
	}
	parts := strings.Split(core, ".")
	if len(parts) > len(v.parts) {
		return v, fmt.Errorf("%q has more than four parts", s)
	}
	for i, p := range parts {
		n, err := strconv.ParseUint(p, 10, 31)
		if err != nil {
			return v, fmt.Errorf("%q is no version such as 1.2.0", s)
		}
		v.parts[i] = int(n)
	}
	v.count = len(parts)
	return v, nil
}

func (v version) compare(w version) int { return slices.Compare(v.parts[:], w.parts[:]) }

// constraint is one condition of a version constraint.
type constraint struct {
	op string
	v  version
}

// parseConstraints reads conditions separated by commas: =, !=, <, <=, >, >=
// and ~> (only the last part given may grow).
func parseConstraints(s string) ([]constraint, error) {
	var out []constraint
	for _, part := range strings.Split(s, ",") {
		part = strings.TrimSpace(part)
		op := "="
		for _, o := range []string{">=", "<=", "!=", "~>", "=", ">", "<"} {
			if strings.HasPrefix(part, o) {
				op, part = o, strings.TrimSpace(part[len(o):])
				break
			}
		}
		v, err := parseVersion(part)
		if err != nil {
			return nil, err
		}
		out = append(out, constraint{op, v})
	}
	return out, nil
}

func (c constraint) allows(v version) bool {
	order := v.compare(c.v)
	switch c.op {
	case "!=":
		return order != 0
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	case ">=":
		return order >= 0
	case "~>":
		fixed := max(c.v.count-1, 1)
		for i := range fixed {
			if cmp.Compare(v.parts[i], c.v.parts[i]) != 0 {
				return false
			}
		}
		return order >= 0
	default:
		return order == 0
	}
}
