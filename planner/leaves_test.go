package planner

import (
	"reflect"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/expr"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/internal/fixture"
	"github.com/dualwrite/dw/planner/plan"
)

// TestEveryLeafCounts changes every leaf of a map in turn: each must show in
// its description, else a change of it would never be planned.
func TestEveryLeafCounts(t *testing.T) {
	p := build(t, fixture.Config, plan.Deployed{})
	def := action(t, p, "customers").Definition
	yes, n := true, 3
	m := def.Map
	m.Together = [][]string{{"name", "telephone1"}}
	m.Owner.Name = "company_team"
	m.Initial.MaxErrors, m.Initial.MaxErrorRate = &n, "0.01"
	m.Initial.Match = [][]model.Named{{{Name: "TaxExemptNumber"}}, {{Name: "PrimaryContactEmail"}, {Name: "PrimaryContactPhone"}}}
	m.Initial.Crosswalk = &model.Crosswalk{File: "customers.csv", SHA256: "0011"}
	m.Mastering.FnO = []model.Named{{Name: "name"}}
	m.Creates.ToFnO = &yes
	m.Fields[2].Missing = "park"
	m.Fields[4].ToFnO = &expr.Expr{Op: expr.OpCall, Name: "coalesce", Args: []*expr.Expr{{Op: expr.OpValue}, {Op: expr.OpLiteral, Literal: value.NewText("x")}}}
	m.Fields[5].Values.ToFnO = model.Otherwise{Kind: "value", Value: value.NewText("No")}
	m.Fields[5].Values.Reverse = []model.EnumValue{{FnO: value.NewText("No"), Dataverse: value.NewInteger(1)}}
	named := func(s string) model.Named { return model.Named{Name: s} }
	m.Fields = append(m.Fields, &model.Field{
		Column: named("customerid"), Direction: model.Both, Writes: "always", Missing: "park",
		Targets: []model.Target{
			{Table: named("accounts"), Match: []model.Match{{FnO: named("A"), Path: []string{"accountnumber"}}}},
			{Table: named("contacts"), Match: []model.Match{{FnO: named("A"), Path: []string{"number"}}, {FnO: named("B"), Path: []string{"party", "number"}}}},
		},
	})
	text := func() string { return descriptionText(def) }
	base := text()
	leaves := 0
	walkLeaves(reflect.ValueOf(m).Elem(), "map", func(path string, v reflect.Value) {
		// The name of a map is its identity, that of a value map is not part
		// of what it says; its companies stand in the definition.
		if path == "map.Name" || path == "map.Companies" || strings.HasSuffix(path, ".Values.Name") || path == "map.Company.Global" {
			return
		}
		leaves++
		old := reflect.New(v.Type()).Elem()
		old.Set(v)
		mutate(v)
		if text() == base {
			t.Errorf("a change of %s does not show", path)
		}
		v.Set(old)
	})
	if leaves < 50 {
		t.Errorf("only %d leaves were changed", leaves)
	}
	if text() != base {
		t.Error("the test does not put values back")
	}
}

func descriptionText(d *plan.Definition) string {
	var b strings.Builder
	for _, l := range describe(d) {
		b.WriteString(l.path + ": " + l.text + "\n")
	}
	return b.String()
}

// walkLeaves visits every settable value without parts.
func walkLeaves(v reflect.Value, path string, visit func(string, reflect.Value)) {
	switch {
	case v.Type() == reflect.TypeFor[value.Value]():
		visit(path, v)
	case v.Kind() == reflect.Pointer:
		if !v.IsNil() {
			walkLeaves(v.Elem(), path, visit)
		}
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			name := v.Type().Field(i).Name
			// What is not deployed with the map, places in files above all,
			// cannot differ from what is deployed.
			if v.Type().Field(i).Tag.Get("json") == "-" || meansNothing(v.Interface(), name) {
				continue
			}
			walkLeaves(v.Field(i), path+"."+name, visit)
		}
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			walkLeaves(v.Index(i), path, visit)
		}
	default:
		visit(path, v)
	}
}

// meansNothing names the parts that say nothing where the others are as they
// are.
func meansNothing(parent any, part string) bool {
	switch x := parent.(type) {
	case model.Field:
		if x.IsConstant {
			return part == "Direction" || part == "FnO" && x.Column.Name != ""
		}
		return part == "Constant" || len(x.Targets) > 0 && (part == "FnO" || part == "Path")
	case model.Otherwise:
		return part == "Value" && x.Kind != "value"
	case expr.Expr:
		return part == "Literal" && x.Op != expr.OpLiteral || part == "Name" && (x.Op == expr.OpValue || x.Op == expr.OpLiteral)
	}
	return false
}

// mutate gives a leaf another value of its type.
func mutate(v reflect.Value) {
	switch {
	case v.Type() == reflect.TypeFor[value.Value]():
		v.Set(reflect.ValueOf(value.NewText("another")))
	case v.Kind() == reflect.String && v.String() == "both":
		v.SetString("to_fno")
	case v.Kind() == reflect.String && v.String() == "fno":
		v.SetString("dataverse")
	case v.Kind() == reflect.String && v.String() == "":
		v.SetString("value")
	case v.Kind() == reflect.String && v.String() == "always":
		v.SetString("create")
	case v.Kind() == reflect.String && v.String() == "create":
		v.SetString("always")
	case v.Kind() == reflect.String:
		v.SetString(v.String() + "x")
	case v.Kind() == reflect.Bool:
		v.SetBool(!v.Bool())
	case v.Kind() == reflect.Int:
		v.SetInt(v.Int() + 1)
	}
}
