package source

import (
	"math/big"
	"strconv"
	"strings"

	"github.com/dualwrite/dw/lang/value"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

var ctyString = cty.String

// The roots of references to computed values.
const (
	variableRoot  = "var"
	localRoot     = "local"
	eachRoot      = "each"
	eachKey       = "key"
	eachValue     = "value"
	variableBlock = "variable"
	localsBlock   = "locals"
)

// configFunctions are the functions of configuration expressions. None of them
// reads time, randomness, files or the environment.
func configFunctions() map[string]function.Function {
	return map[string]function.Function{
		"concat":    stdlib.ConcatFunc,
		"contains":  stdlib.ContainsFunc,
		"join":      bounded(stdlib.JoinFunc, joinedSize),
		"keys":      stdlib.KeysFunc,
		"length":    stdlib.LengthFunc,
		"lower":     stdlib.LowerFunc,
		"merge":     stdlib.MergeFunc,
		"replace":   bounded(stdlib.ReplaceFunc, replacedSize),
		"split":     stdlib.SplitFunc,
		"trimspace": stdlib.TrimSpaceFunc,
		"upper":     stdlib.UpperFunc,
		"values":    stdlib.ValuesFunc,
	}
}

// ctyOf carries a scalar into the configuration.
func ctyOf(v value.Value) cty.Value {
	switch v.Kind() {
	case value.Null:
		return cty.NullVal(cty.DynamicPseudoType)
	case value.Text:
		return cty.StringVal(v.String())
	case value.Bool:
		return cty.BoolVal(v.String() == "true")
	default:
		n, err := cty.ParseNumberVal(v.String())
		if err != nil {
			return cty.DynamicVal
		}
		return n
	}
}

// wholeNumber reads a canonical decimal as an integer.
func wholeNumber(text string) (int64, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil
}

// decimalText writes a number of the configuration; false where it is without
// measure.
func decimalText(f *big.Float) (string, bool) {
	if f.IsInf() || f.MantExp(nil) > 400 || f.MantExp(nil) < -400 {
		return "", false
	}
	return f.Text('f', -1), true
}

// joinedSize tells how long the text is that join makes at most.
func joinedSize(args []cty.Value) int {
	between, n := len(args[0].AsString()), 0
	for _, list := range args[1:] {
		if !list.IsKnown() || list.IsNull() {
			continue
		}
		n += size(list, maxValueSize) + list.LengthInt()*between
	}
	return n
}

// replacedSize tells how long the text is that replace makes.
func replacedSize(args []cty.Value) int {
	text, old, by := args[0].AsString(), args[1].AsString(), args[2].AsString()
	return len(text) + strings.Count(text, old)*(len(by)-len(old))
}
