package planner

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/internal/fixture"
	"github.com/dualwrite/dw/planner/plan"
)

// TestDigest: a definition that comes back from the state has the same digest,
// and after a change of any one thing that is stored another one.
func TestDigest(t *testing.T) {
	p, found := Build(Input{Config: fixture.Load(t, fixture.Config), Link: "contoso", Catalog: fixture.Schema()})
	if found.HasErrors() {
		t.Fatal(found)
	}
	changes := 0
	for _, a := range p.Actions {
		text, err := json.Marshal(a.Definition)
		if err != nil {
			t.Fatal(err)
		}
		stored := func() *plan.Definition {
			d := &plan.Definition{}
			if err := json.Unmarshal(text, d); err != nil {
				t.Fatal(err)
			}
			return d
		}
		digests := plan.NewDigester()
		digest := digests.Definition(a.Definition)
		if digest != plan.NewDigester().Definition(stored()) {
			t.Errorf("%s differs from what is stored of it", a.Map)
		}
		seen := map[string]string{digest: "nothing"}
		for n := 0; ; n++ {
			d := stored()
			left, path := n, ""
			if !changeOne(reflect.ValueOf(d), &left, "", &path) {
				break
			}
			changes++
			digest := digests.Definition(d)
			if other, twice := seen[digest]; twice {
				t.Errorf("%s: a change of %s looks like one of %s", a.Map, path, other)
			}
			seen[digest] = path
		}
	}
	if changes < 500 {
		t.Errorf("only %d changes were tried", changes)
	}
}

// changeOne changes the n-th thing below v; false where there are fewer.
func changeOne(v reflect.Value, n *int, at string, path *string) bool {
	here := func() bool { *n--; *path = at; return *n < 0 }
	switch v.Kind() {
	case reflect.Pointer:
		return !v.IsNil() && changeOne(v.Elem(), n, at, path)
	case reflect.Struct:
		if x, ok := v.Interface().(value.Value); ok {
			if !here() {
				return false
			}
			v.Set(reflect.ValueOf(value.NewText(x.String() + "+")))
			return true
		}
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.Tag.Get("json") != "-" && changeOne(v.Field(i), n, at+"."+f.Name, path) {
				return true
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			if changeOne(v.Index(i), n, fmt.Sprintf("%s[%d]", at, i), path) {
				return true
			}
		}
		if here() {
			v.Set(reflect.Append(v, reflect.Zero(v.Type().Elem())))
			return true
		}
	case reflect.Map:
		if !v.IsNil() && here() {
			v.SetMapIndex(v.MapKeys()[0], reflect.Value{})
			return true
		}
	case reflect.String:
		if here() {
			v.SetString(v.String() + "+")
			return true
		}
	case reflect.Bool:
		if here() {
			v.SetBool(!v.Bool())
			return true
		}
	case reflect.Int, reflect.Int64, reflect.Uint8:
		if here() {
			if v.CanInt() {
				v.SetInt(v.Int() + 1)
			} else {
				v.SetUint(v.Uint() + 1)
			}
			return true
		}
	}
	return false
}
