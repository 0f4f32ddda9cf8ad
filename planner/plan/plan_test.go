package plan

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/expr"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

// sample is a plan with something in every part.
func sample(t testing.TB) *Plan {
	t.Helper()
	yes, scale := true, 2
	def := &Definition{
		Map: &model.Map{
			Name: "customers", Link: "contoso", FnO: model.Named{Name: "CustomersV3"}, Dataverse: model.Named{Name: "accounts"},
			Key: []model.Named{{Name: "CustomerAccount"}}, Company: &model.Company{Path: "msdyn_company"},
			Fields: []*model.Field{
				{Column: model.Named{Name: "accountnumber"}, FnO: model.Named{Name: "CustomerAccount"}, Direction: model.Both},
				{
					Column: model.Named{Name: "emailaddress1"}, FnO: model.Named{Name: "Email <x&y>"}, Direction: model.Both,
					ToDataverse: &expr.Expr{Op: expr.OpCall, Name: "coalesce", Args: []*expr.Expr{{Op: expr.OpValue}, {Op: expr.OpLiteral, Literal: value.NewText("none")}}},
				},
				{
					Column: model.Named{Name: "msdyn_onholdstatus"}, FnO: model.Named{Name: "OnHoldStatus"}, Direction: model.Both,
					Values: &model.Enum{
						Name: "on_hold", Values: []model.EnumValue{{FnO: value.NewText("No"), Dataverse: value.NewInteger(806380000)}},
						ToDataverse: model.Otherwise{Kind: "value", Value: value.NewInteger(806380000)},
					},
				},
				{Column: model.Named{Name: "customertypecode"}, Direction: model.ToDataverse, Constant: value.NewInteger(3), IsConstant: true, Writes: "create"},
			},
			Creates: model.Creates{ToDataverse: &yes}, Mastering: model.Mastering{Master: value.FnO},
		},
		FnO: &schema.Table{Side: value.FnO, Set: "CustomersV3", Fields: []schema.Field{{Name: "CustomerAccount", Type: schema.TypeText, Scale: &scale}}},
		Dataverse: &schema.Table{
			Side: value.Dataverse, Set: "accounts", Name: "account", Keys: []schema.Key{{Name: "k", Columns: []string{"accountnumber"}, Status: "Active"}},
			Fields: []schema.Field{{Name: "accountnumber", Type: schema.TypeText, MaxLength: 20, OnCreate: true}},
		},
		Targets:   []schema.Table{{Side: value.Dataverse, Set: "cdm_companies", Name: "cdm_company"}},
		Enums:     []schema.Enum{{Name: "NoYes", Members: []schema.Member{{Name: "No"}, {Name: "Yes", Value: 1}}}},
		Companies: []string{"USMF"}, Wave: 2, Deferred: []string{"msdyn_billingaccount.accountnumber"}, Delivers: Delivers{"cdm_company": {"companies"}},
	}
	p := &Plan{
		FormatVersion: FormatVersion, Tool: "0.1.0", Link: "contoso", Lineage: "lineage", Serial: 3, ConfigHash: "c", SchemaHash: "s", Complete: true,
		Actions: []Action{
			{
				Map: "customers", Kind: Backfill, Reasons: []Reason{{Code: FieldAdded, Detail: "new: emailaddress1"}}, Previous: 1, Wave: 2,
				Changes: []Change{{Path: "field emailaddress1", Kind: Create, After: "x", Note: "n"}},
				Rows:    Rows{FnO: 10, Dataverse: -1, FnOExact: true}, Definition: def,
			},
			{Map: "vendors", Kind: Destroy, Wave: 1, Previous: 2},
		},
		Waves:     []Wave{{Number: 1, Maps: []string{}}, {Number: 2, Maps: []string{"customers"}, Rows: -1}},
		Deferrals: []Deferral{{Map: "customers", Field: "msdyn_billingaccount.accountnumber", Ring: []string{"customers"}}},
	}
	seal(t, p)
	return p
}

func seal(t testing.TB, p *Plan) {
	t.Helper()
	var err error
	if p.Fingerprint, err = Fingerprint(p); err != nil {
		t.Fatal(err)
	}
}

func encode(t testing.TB, p *Plan) []byte {
	t.Helper()
	data, err := Encode(p)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestRoundTrip(t *testing.T) {
	p := sample(t)
	data := encode(t, p)
	back, err := Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(back, p) {
		t.Errorf("the plan came back as\n%s", encode(t, back))
	}
	if bytes.Contains(data, []byte(`\u003c`)) {
		t.Error("signs of HTML are escaped")
	}
}

func TestDecodeRefuses(t *testing.T) {
	good := encode(t, sample(t))
	edit := func(old, new string) []byte {
		if bytes.Count(good, []byte(old)) == 0 {
			t.Fatalf("%q is not in the plan", old)
		}
		return bytes.Replace(good, []byte(old), []byte(new), 1)
	}
	reseal := func(change func(*Plan)) []byte {
		p := sample(t)
		change(p)
		seal(t, p)
		return encode(t, p)
	}
	tests := []struct {
		name       string
		data       []byte
		code, want string
	}{
		{"nothing", nil, diag.CodePlanUnreadable, "not JSON"},
		{"no JSON", []byte("wave 1\n"), diag.CodePlanUnreadable, "not JSON"},
		{"another file", []byte(`{"version": 4}`), diag.CodePlanUnreadable, "not a saved plan"},
		{"newer format", edit(`"format_version": "1.0"`, `"format_version": "2.0"`), diag.CodePlanUnreadable, `"2.0"`},
		{"no format", edit(`"format_version": "1.0"`, `"format_version": "1"`), diag.CodePlanUnreadable, `"1"`},
		{"unknown name", edit(`"complete"`, `"compleet"`), diag.CodePlanUnreadable, "compleet"},
		{"wrong type", edit(`"state_serial": 3`, `"state_serial": "3"`), diag.CodePlanUnreadable, "Line"},
		{"cut off", good[:len(good)/2], diag.CodePlanUnreadable, "not JSON"},
		{"something follows", append(slices.Clone(good), "{}"...), diag.CodePlanUnreadable, "not JSON"},
		{"altered", edit(`"accountnumber"`, `"accountnumbex"`), diag.CodePlanAltered, "changed"},
		{"no fingerprint", edit(sample(t).Fingerprint, ""), diag.CodePlanAltered, "changed"},
		{"no definition", reseal(func(p *Plan) { p.Actions[0].Definition = nil }), diag.CodePlanUnreadable, "no complete definition"},
		{"map twice", reseal(func(p *Plan) { p.Actions[1].Map = "customers" }), diag.CodePlanUnreadable, "no map of its own"},
		{"another map", reseal(func(p *Plan) { p.Actions[0].Map = "other" }), diag.CodePlanUnreadable, "defines customers"},
		{"unknown kind", reseal(func(p *Plan) { p.Actions[0].Kind = "explode" }), diag.CodePlanUnreadable, `"explode"`},
		{"destroy with definition", reseal(func(p *Plan) { p.Actions[0].Kind = Destroy }), diag.CodePlanUnreadable, "destroys and defines"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Decode(tt.data)
			var failure *diag.Failure
			if !errors.As(err, &failure) {
				t.Fatalf("error %v", err)
			}
			d := failure.List[0]
			if d.Code != tt.code || !strings.Contains(d.Summary+" "+d.Detail, tt.want) || d.Hint == "" {
				t.Errorf("%+v, want %s with %q", d, tt.code, tt.want)
			}
		})
	}
}

// TestMinorVersions: a plan of a later minor version is read as long as it
// says nothing new.
func TestMinorVersions(t *testing.T) {
	p := sample(t)
	p.FormatVersion = "1.7"
	seal(t, p)
	if _, err := Decode(encode(t, p)); err != nil {
		t.Error(err)
	}
}

func TestFingerprint(t *testing.T) {
	p := sample(t)
	base := p.Fingerprint
	p.Tool = "9.9.9"
	seal(t, p)
	if p.Fingerprint != base {
		t.Error("the version of the tool counts")
	}
	p.Actions[0].Rows.FnO++
	seal(t, p)
	if p.Fingerprint == base {
		t.Error("the rows do not count")
	}
}

func TestFresh(t *testing.T) {
	p := sample(t)
	now := Deployed{Link: "contoso", Lineage: "lineage", Serial: 3}
	if err := p.Fresh(now, "s"); err != nil {
		t.Errorf("a fresh plan is refused: %v", err)
	}
	if err := p.Fresh(now, ""); err != nil {
		t.Errorf("an unknown schema is held against it: %v", err)
	}
	for name, c := range map[string]struct {
		deployed Deployed
		schema   string
	}{
		"serial":  {Deployed{Link: "contoso", Lineage: "lineage", Serial: 4}, "s"},
		"lineage": {Deployed{Link: "contoso", Lineage: "another", Serial: 3}, "s"},
		"link":    {Deployed{Link: "fabrikam", Lineage: "lineage", Serial: 3}, "s"},
		"schema":  {now, "t"},
	} {
		var failure *diag.Failure
		if err := p.Fresh(c.deployed, c.schema); !errors.As(err, &failure) || failure.List[0].Code != diag.CodePlanStale {
			t.Errorf("another %s: %v", name, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(encode(f, sample(f)))
	f.Add([]byte(`{"format_version": "1.0", "actions": [{"map": "x", "kind": "create"}]}`))
	f.Add([]byte(`{"format_version": "1.0", "actions": [{"map": "x", "kind": "create", "definition": {"map": null}}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Decode(data)
		if err != nil {
			return
		}
		again, err := Encode(p)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Decode(again); err != nil {
			t.Fatalf("what was read cannot be written and read: %v", err)
		}
	})
}

// TestSchemaFile holds docs/plan.schema.json against the types: it describes
// every name that the JSON form has, and no other. DW_UPDATE=1 writes it anew.
func TestSchemaFile(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "plan.schema.json")
	want, err := json.MarshalIndent(Schema(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	if os.Getenv("DW_UPDATE") == "1" {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not up to date: DW_UPDATE=1 go test ./planner/plan", path)
	}
}

// TestSchemaDescribesPlans checks the sample against the schema, and that the
// schema refuses what is not a plan.
func TestSchemaDescribesPlans(t *testing.T) {
	var doc any
	if err := json.Unmarshal(encode(t, sample(t)), &doc); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(Schema())
	if err != nil {
		t.Fatal(err)
	}
	var s map[string]any
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	if problem := validate(s, s, doc, "plan"); problem != "" {
		t.Errorf("the schema refuses a plan: %s", problem)
	}
	for name, change := range map[string]func(map[string]any){
		"unknown name": func(p map[string]any) { p["extra"] = 1.0 },
		"missing name": func(p map[string]any) { delete(p, "waves") },
		"wrong type":   func(p map[string]any) { p["state_serial"] = "3" },
		"wrong kind":   func(p map[string]any) { p["actions"].([]any)[0].(map[string]any)["kind"] = "explode" },
		"wrong reason": func(p map[string]any) {
			p["actions"].([]any)[0].(map[string]any)["reasons"].([]any)[0].(map[string]any)["code"] = "why"
		},
	} {
		var bad map[string]any
		if err := json.Unmarshal(encode(t, sample(t)), &bad); err != nil {
			t.Fatal(err)
		}
		change(bad)
		if validate(s, s, bad, "plan") == "" {
			t.Errorf("the schema takes a plan with %s", name)
		}
	}
}

// validate is the part of JSON Schema that the plan's schema uses; "" where
// the document is valid.
func validate(root, s map[string]any, doc any, at string) string {
	if ref, found := s["$ref"].(string); found {
		name := strings.TrimPrefix(ref, "#/$defs/")
		return validate(root, root["$defs"].(map[string]any)[name].(map[string]any), doc, at)
	}
	if allowed, found := s["enum"].([]any); found && !slices.Contains(allowed, doc) {
		return at + " is not one of the allowed values"
	}
	kind := s["type"]
	if either, several := kind.([]any); several {
		if doc == nil && slices.Contains(either, any("null")) {
			return ""
		}
		kind = either[0]
	}
	switch kind {
	case "object":
		object, fits := doc.(map[string]any)
		if !fits {
			return at + " is no object"
		}
		properties, _ := s["properties"].(map[string]any)
		for name, part := range object {
			var inner map[string]any
			switch p, known := properties[name]; {
			case known:
				inner = p.(map[string]any)
			case s["additionalProperties"] == false:
				return at + "." + name + " is unknown"
			default:
				inner, _ = s["additionalProperties"].(map[string]any)
			}
			if problem := validate(root, inner, part, at+"."+name); problem != "" {
				return problem
			}
		}
		required, _ := s["required"].([]any)
		for _, name := range required {
			if _, there := object[name.(string)]; !there {
				return at + "." + name.(string) + " is missing"
			}
		}
	case "array":
		list, fits := doc.([]any)
		if !fits {
			return at + " is no array"
		}
		for _, part := range list {
			if problem := validate(root, s["items"].(map[string]any), part, at+"[]"); problem != "" {
				return problem
			}
		}
	case "string":
		if _, fits := doc.(string); !fits {
			return at + " is no text"
		}
	case "integer":
		if n, fits := doc.(float64); !fits || n != float64(int64(n)) {
			return at + " is no whole number"
		}
	case "boolean":
		if _, fits := doc.(bool); !fits {
			return at + " is no boolean"
		}
	}
	return ""
}

// TestDeliversOfOneMapIsAText: that is how states and plans of one map a table
// have always had it.
func TestDeliversOfOneMapIsAText(t *testing.T) {
	d := Delivers{"account": {"customers"}, "contact": {"customers_persons", "contact_persons"}}
	data, err := json.Marshal(d)
	if err != nil || string(data) != `{"account":"customers","contact":["customers_persons","contact_persons"]}` {
		t.Fatalf("%s, %v", data, err)
	}
	var back Delivers
	if err := json.Unmarshal(data, &back); err != nil || !reflect.DeepEqual(back, d) {
		t.Errorf("%v, %v", back, err)
	}
	for _, bad := range []string{`{"account":3}`, `{"account":null,"contact":[1]}`, `[]`} {
		if err := json.Unmarshal([]byte(bad), &back); err == nil {
			t.Errorf("%s is taken", bad)
		}
	}
}
