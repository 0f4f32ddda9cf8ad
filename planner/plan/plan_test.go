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
		FnO: &schema.Table{Side: value.FnO, Set: "CustomersV3", Fields: []*schema.Field{{Name: "CustomerAccount", Type: schema.TypeText, Scale: &scale}}},
		Dataverse: &schema.Table{
			Side: value.Dataverse, Set: "accounts", Name: "account", Keys: []schema.Key{{Name: "k", Columns: []string{"accountnumber"}, Status: "Active"}},
			Fields: []*schema.Field{{Name: "accountnumber", Type: schema.TypeText, MaxLength: 20, OnCreate: true}},
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

		Environments: Environments{FnO: "https://contoso.operations.dynamics.com", Dataverse: "https://contoso.crm.dynamics.com"},
		Policy: Verdict{Outcome: NeedsApproval, Stated: true, Violations: []Violation{{
			Rule: "max_rows_rewritten", Effect: "approve", Limit: new(int64), Found: &Bound{Most: 10, Exact: true}, Detail: "up to 10", Maps: []string{"customers"},
			At: diag.Range{File: "policy.dw.hcl", Start: diag.Pos{Line: 2, Column: 3, Byte: 12}, End: diag.Pos{Line: 2, Column: 9, Byte: 18}},
		}}},
		Destructive: []Danger{
			{Code: ScopeDeletes, Map: "customers", Detail: "d", Rows: Bound{Most: 12, Exact: true}},
			{Code: EndsMap, Map: "vendors", Detail: "d"},
		},
		Pauses: []Pause{{Map: "customers", Seconds: Span{Least: 1, Most: 3}}},
		Total:  Total{Rewritten: Bound{Most: 10, Exact: true}, Initial: Bound{Exact: true}, Deletes: Bound{Most: 12, Exact: true}, Seconds: Span{Least: 1, Most: 3}, Assumed: Rate{Compare: 60, ToDataverse: 10, ToFnO: 5}},
		Basis: Basis{
			Deployed: map[string]string{"customers": "version 1", "vendors": "version 2"}, Configuration: map[string]string{"customers": "c1"},
			Schema: map[string]string{"fno.CustomersV3": "s1", "dataverse.accounts": "s2"},
		},
	}
	p.Actions[0].Cost = &Cost{ToDataverse: Bound{Most: 10, Exact: true}, ToFnO: Bound{Exact: true}, Seconds: Span{Least: 1, Most: 3}, Rate: Rate{Compare: 60, ToDataverse: 10, ToFnO: 5, Measured: MeasuredSend}}
	seal(t, p)
	return p
}

func seal(t testing.TB, p *Plan) {
	t.Helper()
	if err := Seal(p, nil); err != nil {
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
		{"newer format", edit(`"format_version": "1.3"`, `"format_version": "2.0"`), diag.CodePlanUnreadable, `"2.0"`},
		{"older hashes", edit(`"format_version": "1.3"`, `"format_version": "1.1"`), diag.CodePlanUnreadable, "older dw"},
		{"no format", edit(`"format_version": "1.3"`, `"format_version": "1"`), diag.CodePlanUnreadable, `"1"`},
		{"unknown name", edit(`"complete"`, `"compleet"`), diag.CodePlanUnreadable, "compleet"},
		{"wrong type", edit(`"state_serial": 3`, `"state_serial": "3"`), diag.CodePlanUnreadable, "Line"},
		{"cut off", good[:len(good)/2], diag.CodePlanUnreadable, "not JSON"},
		{"something follows", append(slices.Clone(good), "{}"...), diag.CodePlanUnreadable, "not JSON"},
		{"altered", edit(`"accountnumber"`, `"accountnumbex"`), diag.CodePlanAltered, "changed"},
		{"rows altered", edit(`"fno": 10,`, `"fno": 11,`), diag.CodePlanAltered, "changed"},
		{"verdict altered", edit(`"outcome": "needs_approval"`, `"outcome": "allow"`), diag.CodePlanAltered, "changed"},
		{"no fingerprint", edit(sample(t).Fingerprint, ""), diag.CodePlanAltered, "changed"},
		{"no definition", reseal(func(p *Plan) { p.Actions[0].Definition = nil }), diag.CodePlanUnreadable, "no complete definition"},
		{"no column", reseal(func(p *Plan) { p.Actions[0].Definition.FnO.Fields[0] = nil }), diag.CodePlanUnreadable, "null"},
		{"map twice", reseal(func(p *Plan) { p.Actions[1].Map = "customers" }), diag.CodePlanUnreadable, "no map of its own"},
		{"another map", reseal(func(p *Plan) { p.Actions[0].Map = "other" }), diag.CodePlanUnreadable, "defines customers"},
		{"unknown kind", reseal(func(p *Plan) { p.Actions[0].Kind = "explode" }), diag.CodePlanUnreadable, `"explode"`},
		{"unknown outcome", reseal(func(p *Plan) { p.Policy.Outcome = "" }), diag.CodePlanUnreadable, "outcome"},
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

// TestFingerprint: what is done counts, what it costs and how it is told does
// not.
func TestFingerprint(t *testing.T) {
	base := sample(t).Fingerprint
	for name, change := range map[string]func(*Plan){
		"tool":             func(p *Plan) { p.Tool = "9.9.9" },
		"serial":           func(p *Plan) { p.Serial++ },
		"rows":             func(p *Plan) { p.Actions[0].Rows.FnO++ },
		"cost":             func(p *Plan) { p.Actions[0].Cost.Seconds.Most++ },
		"total":            func(p *Plan) { p.Total.Rewritten.Most++ },
		"verdict":          func(p *Plan) { p.Policy = Verdict{Outcome: Allowed} },
		"words":            func(p *Plan) { p.Actions[0].Reasons[0].Detail = "otherwise" },
		"notes":            func(p *Plan) { p.Actions[0].Changes[0].Note = "" },
		"deployed version": func(p *Plan) { p.Actions[0].Previous++ },
		"unchanged map": func(p *Plan) {
			p.Actions = append(p.Actions, Action{Map: "units", Kind: None, Definition: p.Actions[0].Definition})
		},
	} {
		p := sample(t)
		change(p)
		seal(t, p)
		if p.Fingerprint != base {
			t.Errorf("the %s counts", name)
		}
	}
	for name, change := range map[string]func(*Plan){
		"link":         func(p *Plan) { p.Link = "other" },
		"lineage":      func(p *Plan) { p.Lineage = "other" },
		"environment":  func(p *Plan) { p.Environments.FnO = "https://other.operations.dynamics.com" },
		"kind":         func(p *Plan) { p.Actions[0].Kind = Replace },
		"map":          func(p *Plan) { p.Actions[1].Map = "other" },
		"old name":     func(p *Plan) { p.Actions[0].MovedFrom = "clients" },
		"action less":  func(p *Plan) { p.Actions = p.Actions[:1] },
		"what was":     func(p *Plan) { p.Actions[0].Changes[0].Before = "y" },
		"what will be": func(p *Plan) { p.Actions[0].Definition.Map.Fields[0].Column.Name = "other" },
		"schema":       func(p *Plan) { p.Actions[0].Definition.Dataverse.Fields[0].MaxLength++ },
		"companies":    func(p *Plan) { p.Actions[0].Definition.Companies = nil },
	} {
		p := sample(t)
		change(p)
		seal(t, p)
		if p.Fingerprint == base {
			t.Errorf("the %s does not count", name)
		}
	}
}

func TestMatches(t *testing.T) {
	full := "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	for text, want := range map[string]bool{
		full: true, full[7:]: true, "0123456789ab": true, "sha256:0123456789AB": true, " 0123456789abcdef\n": true,
		"0123456789a": false, "sha256:": false, "": false, "1123456789ab": false, "0123456789abx": false, full + "0": false, "sha256:sha256:0123456789ab": false,
	} {
		if got := Matches(full, text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
	if !Matches(full, Short(full)) {
		t.Error("what people read does not match")
	}
}

// TestFresh: what has moved is named.
func TestFresh(t *testing.T) {
	p := sample(t)
	deployed := func(serial int64, versions ...int) Deployed {
		d := Deployed{Link: "contoso", Lineage: "lineage", Serial: serial}
		for i, v := range versions {
			name := []string{"customers", "vendors"}[i]
			d.Maps = append(d.Maps, DeployedMap{Definition: Definition{Map: &model.Map{Name: name}}, Version: v})
		}
		return d
	}
	other := func(d Deployed, change func(*Deployed)) Deployed { change(&d); return d }
	for name, c := range map[string]struct {
		found diag.List
		want  []string
	}{
		"state":         {p.FreshState(deployed(3, 1, 2)), nil},
		"serial":        {p.FreshState(deployed(4, 1, 3)), []string{"serial 3", "at 4", "map.vendors"}},
		"serial, map":   {p.FreshState(deployed(4, 1)), []string{"map.vendors"}},
		"lineage":       {p.FreshState(other(deployed(3), func(d *Deployed) { d.Lineage = "another" })), []string{"lineage"}},
		"link":          {p.FreshState(other(deployed(3), func(d *Deployed) { d.Link = "fabrikam" })), []string{"link contoso", "fabrikam"}},
		"schema":        {p.FreshSchema(p.Basis.Schema), nil},
		"column":        {p.FreshSchema(map[string]string{"fno.CustomersV3": "s1", "dataverse.accounts": "x"}), []string{"dataverse.accounts"}},
		"configuration": {p.FreshConfiguration(p.Basis.Configuration), nil},
		"map changed":   {p.FreshConfiguration(map[string]string{"customers": "c2"}), []string{"map.customers"}},
		"map more":      {p.FreshConfiguration(map[string]string{"customers": "c1", "units": "u"}), []string{"map.units"}},
	} {
		if len(c.want) == 0 && len(c.found) > 0 {
			t.Errorf("%s: a fresh plan is refused: %v", name, c.found)
		}
		for _, want := range c.want {
			if len(c.found) != 1 || c.found[0].Code != diag.CodePlanStale || !strings.Contains(c.found[0].Detail, want) {
				t.Errorf("%s: %v, want %q", name, c.found, want)
			}
		}
	}
	p.Lineage, p.Serial = "", 0
	if found := p.FreshState(deployed(3, 1, 2)); len(found) != 1 || !strings.Contains(found[0].Detail, "at 3") {
		t.Errorf("a plan of before the state: %v", found)
	}
	if found := p.FreshState(Deployed{Link: "contoso", Lineage: "new"}); len(found) > 0 {
		t.Errorf("a state in which nothing is deployed: %v", found)
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
