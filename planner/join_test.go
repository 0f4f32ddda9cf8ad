package planner

import (
	"reflect"
	"testing"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/planner/plan"
)

func TestJoin(t *testing.T) {
	m := &model.Map{Initial: model.InitialSync{
		Match: [][]model.Named{{{Name: "TaxExemptNumber"}}, {{Name: "Name"}, {Name: "City"}}}, Crosswalk: &model.Crosswalk{File: "c.csv"},
	}}
	a := &plan.Action{Definition: &plan.Definition{Map: m}, Rows: plan.Rows{FnO: 100, Dataverse: 30, FnOExact: true}}
	want := &plan.Join{Paired: plan.Bound{Most: 30}, OnlyFnO: 70, Match: [][]string{{"TaxExemptNumber"}, {"Name", "City"}}, Crosswalk: "c.csv"}
	if got := join(a); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	a.Rows = plan.Rows{FnO: 5, Dataverse: 8, FnOExact: true, DataverseExact: true}
	if got := join(a); got.OnlyDataverse != 3 || got.OnlyFnO != 0 || got.Paired != (plan.Bound{Most: 5, Exact: true}) {
		t.Errorf("%+v", got)
	}
	a.Rows.Dataverse = -1
	if got := join(a); got != nil {
		t.Errorf("of rows that are not counted: %+v", got)
	}
}
