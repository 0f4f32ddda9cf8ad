package transform

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/expr"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"pgregory.net/rapid"
)

// only drops what is no error or warning of interest: one diagnostic is left.
func only(t *testing.T, name string, list diag.List) diag.Diagnostic {
	t.Helper()
	if len(list) != 1 {
		t.Fatalf("%s: %d diagnostics: %+v", name, len(list), list)
	}
	return list[0]
}

func TestMistakesOfAMap(t *testing.T) {
	constant := func(column, fno string, v value.Value, writes string) *model.Field {
		at := diag.Range{File: "t.dw.hcl", Start: diag.Pos{Line: 2, Column: 50}}
		return &model.Field{Column: model.Named{Name: column, Range: at}, FnO: model.Named{Name: fno, Range: at}, IsConstant: true, Constant: v, Writes: writes, Range: at}
	}
	both := func(e *model.Enum) { e.ToDataverse.Kind, e.ToFnO.Kind = "null", "null" }
	for _, c := range []struct {
		name     string
		field    *model.Field
		code     string
		severity diag.Severity
		column   int // where the range begins
		summary  string
		hint     string
	}{
		{"F&O field", line(2, "OrganisationName", "name"), diag.CodeUnknownField, diag.Error, 1, `CustomersV3 has no field "OrganisationName"`, `"OrganizationName"`},
		{"column", line(2, "OrganizationName", "nam"), diag.CodeUnknownColumn, diag.Error, 50, `accounts has no column "nam"`, `"name"`},
		{"types", line(2, "OrganizationName", "numberofemployees"), diag.CodeTypes, diag.Error, 50, "cannot be converted", "expression"},
		{"file", line(2, "Image", "name"), diag.CodeTypes, diag.Error, 50, "cannot be converted", "leave the field out"},
		{"enum without values", line(2, "OnHoldStatus", "msdyn_onholdstatus"), diag.CodeNeedsValues, diag.Error, 50, "cannot be converted", "values"},
		{"text to choice", line(2, "Code", "customertypecode"), diag.CodeNeedsValues, diag.Error, 50, "cannot be converted", "values"},
		{"no lookup", line(2, "OrganizationName", "name.x"), diag.CodeNotALookup, diag.Error, 50, "name is no lookup", `"name"`},
		{"lookup without key", line(2, "CustomerGroupId", "msdyn_customergroupid"), diag.CodeLookupNeedsKey, diag.Error, 50, "needs the key column", "msdyn_customergroupid.msdyn_groupid"},
		{"lookup's key column", line(2, "CustomerGroupId", "msdyn_customergroupid.groupid"), diag.CodeLookupColumn, diag.Error, 50, `msdyn_customergroups has no column "groupid"`, "msdyn_groupid"},
		{"hop that is no lookup", line(2, "CustomerGroupId", "msdyn_billingaccount.name.msdyn_groupid"), diag.CodeNotALookup, diag.Error, 50, "name of accounts is no lookup", `"msdyn_billingaccount.name"`},
		{"hop that is not there", line(2, "CustomerGroupId", "msdyn_billingaccount.msdyn_customergroupid.group"), diag.CodeLookupColumn, diag.Error, 50, `no column "group"`, ""},
		{"lookup by lookup", line(2, "CustomerGroupId", "msdyn_billingaccount.msdyn_customergroupid"), diag.CodeLookupNeedsKey, diag.Error, 50, "itself a lookup", `"msdyn_billingaccount.msdyn_customergroupid.msdyn_groupid"`},
		{"two tables", line(2, "InvoiceAccount", "customerid.name"), diag.CodeLookupTable, diag.Error, 50, "several tables", `target "accounts"`},
		{"target not in the schema", line(2, "Code", "ownerid.domainname"), diag.CodeLookupTarget, diag.Error, 50, "no table", "schema pull"},
		{"lookup's key type", line(2, "CreditLimit", "msdyn_billingaccount.accountnumber"), diag.CodeTypes, diag.Error, 50, "cannot be the key", ""},
		{"company twice", line(2, "Code", "msdyn_company.cdm_companycode"), diag.CodeConflictingKeys, diag.Error, 50, "joins by itself", ""},
		{"enum member", line(2, "OnHoldStatus", "msdyn_onholdstatus", values(both, "Invoise", 806380001)), diag.CodeUnknownMember, diag.Error, 1, `no member "Invoise"`, `"Invoice"`},
		{"unmapped members", line(2, "OnHoldStatus", "msdyn_onholdstatus", goes(model.ToDataverse), values(nil, "All", 806380001)), diag.CodeUnmappedMembers, diag.Error, 50, "lacks 1 member of CustVendorBlocked", "otherwise"},
		{"unmapped choices", line(2, "OnHoldStatus", "msdyn_onholdstatus", goes(model.ToFnO), values(nil, "All", 806380001)), diag.CodeUnmappedOptions, diag.Warning, 50, "lacks 2 choices", "otherwise"},
		{"choice", line(2, "OnHoldStatus", "msdyn_onholdstatus", values(both, "All", 7)), diag.CodeUnknownOption, diag.Error, 1, "no choice 7", "806380000"},
		{"choice as text", line(2, "OnHoldStatus", "msdyn_onholdstatus", values(both, "All", "806380000")), diag.CodeConstantFit, diag.Error, 1, "takes a whole number", ""},
		{"many to one", line(2, "OnHoldStatus", "msdyn_onholdstatus", values(both, "Invoice", 806380001, "All", 806380001)), diag.CodeManyToOne, diag.Error, 1, "Invoice, All all become 806380001", `reverse = { 806380001 = "Invoice" }`},
		{"many to one, nothing too", line(2, "OnHoldStatus", "msdyn_onholdstatus", values(both, "", 806380001, "All", 806380001)), diag.CodeManyToOne, diag.Error, 1, `"", All all become 806380001`, `reverse = { 806380001 = "All" }`},
		{"otherwise of another type", line(2, "OnHoldStatus", "msdyn_onholdstatus", values(func(e *model.Enum) {
			e.ToDataverse = model.Otherwise{Kind: "value", Value: value.NewText("x"), Range: diag.Range{File: "o", Start: diag.Pos{Line: 2, Column: 7}}}
		}, "All", 806380001), goes(model.ToDataverse)), diag.CodeConstantFit, diag.Error, 7, "takes a whole number", ""},
		{"passes between types", line(2, "OnHoldStatus", "msdyn_onholdstatus", values(func(e *model.Enum) {
			e.ToDataverse = model.Otherwise{Kind: "pass", Range: diag.Range{File: "o", Start: diag.Pos{Line: 2, Column: 7}}}
		}, "All", 806380001), goes(model.ToDataverse)), diag.CodeTypes, diag.Error, 7, "cannot pass to Dataverse as they are", "otherwise = \"fail\""},
		{"read-only column", line(2, "ChangedAt", "createdon"), diag.CodeReadOnlyField, diag.Error, 50, "createdon of accounts cannot be written", `"to_fno"`},
		{"read-only field", line(2, "CreatedOn", "changedat"), diag.CodeReadOnlyField, diag.Error, 1, "CreatedOn of CustomersV3 cannot be written", `"to_dataverse"`},
		{"values and expression", line(2, "PartyType", "msdyn_partytype", values(both, "Person", "P"), func(f *model.Field) { f.ToFnO = &expr.Expr{Op: expr.OpValue} }), diag.CodeValuesExpression, diag.Error, 1, "both", ""},
		{"constant's column", constant("nme", "", value.NewText("x"), ""), diag.CodeUnknownColumn, diag.Error, 50, "no column", "name"},
		{"constant's type", constant("customertypecode", "", value.NewText("3"), ""), diag.CodeConstantFit, diag.Error, 50, "takes a whole number", ""},
		{"constant's choice", constant("customertypecode", "", value.NewInteger(4), ""), diag.CodeUnknownOption, diag.Error, 50, "does not fit", "Its choices are 1, 3"},
		{"constant's member", constant("", "PartyType", value.NewText("Organisation"), ""), diag.CodeUnknownMember, diag.Error, 50, "does not fit", `"Organization"`},
		{"constant too long", constant("", "LanguageId", value.NewText("en-us-long"), "always"), diag.CodeConstantFit, diag.Error, 50, "does not fit", ""},
		{"constant read-only", constant("createdon", "", value.NewText("2026-03-01T00:00:00Z"), ""), diag.CodeReadOnlyField, diag.Error, 50, "cannot be written", ""},
		{"expression's field", line(2, "Code", "description", goes(model.ToDataverse), func(f *model.Field) {
			f.ToDataverse = &expr.Expr{Op: expr.OpRecord, Name: "Cod", Range: f.FnO.Range}
		}), diag.CodeUnknownField, diag.Error, 1, `no field "Cod"`, `"Code"`},
		{"function", line(2, "Code", "description", goes(model.ToDataverse), func(f *model.Field) {
			f.ToDataverse = &expr.Expr{Op: expr.OpCall, Name: "substr", Args: []*expr.Expr{{Op: expr.OpValue}}, Range: f.FnO.Range}
		}), diag.CodeFunctionArguments, diag.Error, 1, "1 argument", ""},
	} {
		compiledMap, list := Compile(input(c.field))
		d := only(t, c.name, list)
		if d.Code != c.code || d.Severity != c.severity || !strings.Contains(d.Summary, c.summary) || !strings.Contains(d.Hint, c.hint) ||
			d.Subject.Start.Line != 2 || d.Subject.Start.Column != c.column || d.Address != "map.customers" {
			t.Errorf("%s: %+v", c.name, d)
		}
		if (compiledMap == nil) != (c.severity == diag.Error) {
			t.Errorf("%s: compiled is %v", c.name, compiledMap)
		}
	}
}

func TestAllMistakesInOneRun(t *testing.T) {
	in := input(line(2, "Nme", "name"), line(3, "OrganizationName", "nme"), line(4, "Code", "customertypecode"))
	in.Map.Key = append(in.Map.Key, model.Named{Name: "LanguageId"}, model.Named{Name: "Cod"})
	in.Map.Filter.FnO = model.Named{Name: "PartyTyp eq 'x'", Range: diag.Range{File: "t.dw.hcl", Start: diag.Pos{Line: 9, Column: 10, Byte: 900}, End: diag.Pos{Line: 9, Column: 27, Byte: 917}}}
	_, list := Compile(in)
	var codes []string
	for _, d := range list {
		codes = append(codes, d.Code)
	}
	want := []string{diag.CodeUnknownField, diag.CodeUnknownColumn, diag.CodeNeedsValues, diag.CodeKeyNotMapped, diag.CodeUnknownField, diag.CodeFilterColumn}
	if strings.Join(codes, " ") != strings.Join(want, " ") {
		t.Fatalf("codes %v, want %v", codes, want)
	}
	if d := list[5]; d.Subject.Start != (diag.Pos{Line: 9, Column: 11, Byte: 901}) || d.Subject.End != (diag.Pos{Line: 9, Column: 19, Byte: 909}) {
		t.Errorf("the filter's mistake is at %+v", d.Subject)
	}
}

// TestSaidFailIsTaken: a value map may leave values out on purpose.
func TestSaidFailIsTaken(t *testing.T) {
	fail := func(e *model.Enum) {
		e.ToDataverse, e.ToFnO = model.Otherwise{Kind: "fail"}, model.Otherwise{Kind: "fail"}
	}
	c, list := Compile(input(line(2, "OnHoldStatus", "msdyn_onholdstatus", values(fail, "All", 806380001))))
	if c == nil || len(list) > 0 {
		t.Fatalf("%+v", list)
	}
	r := rec(c, value.FnO, "USMF", map[string]value.Value{"OnHoldStatus": value.NewSymbol("Invoice")})
	_, err := c.Translate(slotNamed(t, c, "msdyn_onholdstatus"), r, known{})
	if bad, ok := errors.AsType[*ValueError](err); !ok || bad.Code != diag.CodeNotInValueMap {
		t.Errorf("an unmapped member: %v", err)
	}
}

// TestWideTableIsTried: the places of a field differ between the sides, and one
// side may have more columns than the other.
func TestWideTableIsTried(t *testing.T) {
	c, list := Compile(input(line(2, "CustomerAccount", "name", func(f *model.Field) { f.ToFnO = &expr.Expr{Op: expr.OpValue} })))
	if c == nil || list.HasErrors() {
		t.Fatalf("%+v", list)
	}
}

func TestCompanyMistakes(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Input)
		code   string
	}{
		"no column":            {func(in *Input) { in.Dataverse.Fields = in.Dataverse.Fields[:6] }, diag.CodeCompanyColumn},
		"not a lookup":         {func(in *Input) { in.Map.Company = &model.Company{Path: "name"} }, diag.CodeCompanyColumn},
		"unknown":              {func(in *Input) { in.Map.Company = &model.Company{Path: "company"} }, diag.CodeUnknownColumn},
		"path without company": {func(in *Input) { in.Map.Company = &model.Company{Path: "transactioncurrencyid.msdyn_company"} }, diag.CodeLookupColumn},
		"shared entity": {func(in *Input) {
			in.FnO.CompanySpecific = false
			in.Map.Company = &model.Company{Path: "msdyn_company"}
		}, diag.CodeCompanyColumn},
		"no company table": {func(in *Input) { in.Targets = in.Targets[:1] }, diag.CodeLookupTarget},
		"global map with lookup into companies": {func(in *Input) {
			in.Map.Company = &model.Company{Global: true}
			in.Map.Fields = append(in.Map.Fields, line(2, "CustomerGroupId", "msdyn_customergroupid.msdyn_groupid"))
		}, diag.CodeLookupCompany},
		"no key": {func(in *Input) { in.Map.Key = nil }, diag.CodeMissingAttr},
	} {
		in := input()
		c.change(&in)
		_, list := Compile(in)
		list = slices.DeleteFunc(list, func(d diag.Diagnostic) bool { return d.Severity != diag.Error })
		if d := only(t, name, list); d.Code != c.code {
			t.Errorf("%s: %+v", name, d)
		}
	}
}

func TestGlobalMap(t *testing.T) {
	in := input(line(2, "SalesCurrencyCode", "transactioncurrencyid.isocurrencycode"))
	in.Map.Company = &model.Company{Global: true}
	c := compiled(t, in)
	if c.Company != -1 || len(c.Key) != 1 {
		t.Errorf("company %d, key %v", c.Company, c.Key)
	}
	r := rec(c, value.FnO, "", map[string]value.Value{"CustomerAccount": value.NewText("A")})
	if key, ok := c.KeyOf(value.FnO, r.Values, ""); !ok || key != "a" || !c.InScope(value.FnO, r.Values, "") {
		t.Errorf("key %q, %v", key, ok)
	}
}

func TestCreatesAndMaster(t *testing.T) {
	in := input(line(2, "OrganizationName", "name"), line(3, "Code", "description", goes(model.ToDataverse)))
	in.Map.Mastering = model.Mastering{Dataverse: []model.Named{{Name: "NAME"}, {Name: "description"}}}
	no := false
	in.Map.Creates.ToFnO = &no
	c := compiled(t, in)
	if c.CreatesOn[value.FnO] || !c.CreatesOn[value.Dataverse] {
		t.Errorf("creates %v", c.CreatesOn)
	}
	if slotNamed(t, c, "name").Master != value.Dataverse || slotNamed(t, c, "description").Master != value.FnO {
		t.Error("masters")
	}
	in = input()
	in.Map.Fields[0].Direction = model.ToDataverse
	if c := compiled(t, in); c.CreatesOn[value.FnO] {
		t.Error("F&O records would be created without a key")
	}
}

func TestReverseAndOtherwise(t *testing.T) {
	c := compiled(t, input(
		line(2, "OnHoldStatus", "msdyn_onholdstatus", values(func(e *model.Enum) {
			e.Reverse = []model.EnumValue{{FnO: value.NewText("All"), Dataverse: value.NewInteger(806380001)}}
			e.ToDataverse = model.Otherwise{Kind: "value", Value: value.NewInteger(806380000)}
			e.ToFnO = model.Otherwise{Kind: "value", Value: value.NewText("No")}
		}, "Invoice", 806380001, "All", 806380001)),
		line(3, "PartyType", "msdyn_partytype", values(func(e *model.Enum) { e.ToDataverse.Kind, e.ToFnO.Kind = "pass", "pass" }, "Person", "P")),
	))
	refs := someRefs()
	for _, k := range []struct {
		slot     string
		from     value.Side
		in, want value.Value
	}{
		{"msdyn_onholdstatus", value.FnO, value.NewSymbol("Invoice"), value.NewOption(806380001)},
		{"msdyn_onholdstatus", value.Dataverse, value.NewOption(806380001), value.NewSymbol("All")},
		{"msdyn_onholdstatus", value.FnO, value.NewSymbol("No"), value.NewOption(806380000)},
		{"msdyn_onholdstatus", value.Dataverse, value.NewOption(806380002), value.NewSymbol("No")},
		{"msdyn_partytype", value.FnO, value.NewSymbol("Person"), value.NewText("P")},
		{"msdyn_partytype", value.Dataverse, value.NewText("p"), value.NewSymbol("Person")},
		{"msdyn_partytype", value.FnO, value.NewSymbol("Organization"), value.NewText("Organization")},
		{"msdyn_partytype", value.Dataverse, value.NewText("organization"), value.NewSymbol("Organization")},
	} {
		s := slotNamed(t, c, k.slot)
		got, err := c.Translate(s, rec(c, k.from, "USMF", map[string]value.Value{c.Column(s, k.from).Name: k.in}), refs)
		if err != nil || got != k.want {
			t.Errorf("%s from %s: %q became %q (%v), want %q", k.slot, k.from, k.in, got, err, k.want)
		}
	}
}

func TestCreateOnlyField(t *testing.T) {
	in := input(line(2, "Code", "description"))
	in.FnO.Field("Code").OnUpdate = false
	c, list := Compile(in)
	if d := only(t, "create only", list); d.Code != diag.CodeCreateOnlyField || d.Severity != diag.Warning || c == nil {
		t.Errorf("%+v", d)
	}
	in.Map.Fields[1].Writes = "create"
	if _, list := Compile(in); len(list) != 0 {
		t.Errorf("writes = create: %+v", list)
	}
}

func TestTargetsOfOnlyNeededColumns(t *testing.T) {
	// A deployed map keeps only what it needs of its targets.
	in := customerMap()
	for i := range in.Targets {
		in.Targets[i] = in.Targets[i].Subset([]string{"msdyn_groupid", "accountnumber", schema.CompanyCode, "isocurrencycode"})
	}
	a, b := compiled(t, in), compiled(t, customerMap())
	for i := range b.Slots {
		if x, y := a.Slots[i].Lookup, b.Slots[i].Lookup; !reflect.DeepEqual(x, y) {
			t.Errorf("%s: %+v, %+v", b.Slots[i].Name, x, y)
		}
	}
}

func TestLengths(t *testing.T) {
	in := input(line(2, "PrimaryContactEmail", "emailaddress1"), line(3, "OrganizationName", "name"), line(4, "Code", "shortname", goes(model.ToFnO)))
	_, list := Compile(in)
	if d := only(t, "F&O is the master of all", list); !strings.Contains(d.Summary, "1 field may hold texts that Dataverse") {
		t.Errorf("%+v", d)
	}
	in.Map.Mastering.Dataverse = []model.Named{{Name: "name"}}
	_, list = Compile(in)
	if len(list) != 2 || list[0].Code != diag.CodeMayNotFit || list[0].Severity != diag.Notice ||
		!strings.Contains(list[0].Detail, "PrimaryContactEmail (255) to emailaddress1 (100)") || !strings.Contains(list[1].Detail, "name (160) to OrganizationName (100)") ||
		strings.Contains(list[0].Detail+list[1].Detail, "shortname") {
		t.Errorf("%+v", list)
	}
}

// TestHidden: what otherwise makes of values that the map does not name is
// told where it goes over them or misleads.
func TestHidden(t *testing.T) {
	both := func(kind string, to any) func(*model.Enum) {
		return func(e *model.Enum) {
			o := model.Otherwise{Kind: kind}
			if n, ok := to.(int); ok {
				o.Value = value.NewInteger(int64(n))
			}
			if s, ok := to.(string); ok {
				o.Value = value.NewText(s)
			}
			e.ToDataverse, e.ToFnO.Kind = o, "fail"
		}
	}
	all := []any{"No", 806380000, "Invoice", 806380001, "All", 806380002}
	for _, tt := range []struct {
		name   string
		setup  func(*model.Enum)
		pairs  []any
		master value.Side
		want   string
	}{
		{"null, F&O keeps its value", both("null", nil), all[:4], value.FnO, ""},
		{"null, Dataverse is the master", both("null", nil), all[:4], value.Dataverse, "notice DW721 msdyn_onholdstatus: otherwise hides All of OnHoldStatus"},
		{"a value, F&O keeps its own", both("value", 806380000), all[:4], value.FnO, "notice DW721 msdyn_onholdstatus: otherwise hides All of OnHoldStatus"},
		{"a value, Dataverse is the master", both("value", 806380000), all[:4], value.Dataverse, "warning DW721 msdyn_onholdstatus: otherwise hides All of OnHoldStatus"},
		{"all are named", both("value", 806380000), all, value.Dataverse, ""},
		{"such records are listed", both("fail", nil), all[:4], value.Dataverse, ""},
	} {
		in := input(line(2, "OnHoldStatus", "msdyn_onholdstatus", values(tt.setup, tt.pairs...)))
		in.Map.Mastering.Master = tt.master
		_, list := Compile(in)
		got := ""
		for _, d := range list {
			if d.Code == diag.CodeHidden {
				got += d.Severity.String() + " " + d.Code + " " + d.Summary
			}
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
	// A choice that F&O has no word for is written over by what F&O holds.
	_, list := Compile(input(line(2, "OnHoldStatus", "msdyn_onholdstatus", values(func(e *model.Enum) {
		e.ToDataverse.Kind, e.ToFnO = "fail", model.Otherwise{Kind: "value", Value: value.NewText("No")}
	}, all[:4]...))))
	if d := only(t, "choices", list); d.Code != diag.CodeHidden || d.Severity != diag.Warning || !strings.Contains(d.Summary, "hides 806380002 of msdyn_onholdstatus") {
		t.Errorf("%+v", d)
	}
	// Texts pass, but one that is a value of the map comes back as its other name.
	_, list = Compile(input(line(2, "PartyType", "msdyn_partytype", values(func(e *model.Enum) { e.ToDataverse.Kind, e.ToFnO.Kind = "pass", "pass" }, "Person", "Organization"))))
	list = slices.DeleteFunc(list, func(d diag.Diagnostic) bool { return d.Code != diag.CodeHidden })
	if d := only(t, "pass", list); !strings.Contains(d.Summary, "hides Organization of PartyType") {
		t.Errorf("%+v", d)
	}
}

// TestSymbolsAndNumbers: a number where F&O has a symbol is told with the
// symbol that it stands for.
func TestSymbolsAndNumbers(t *testing.T) {
	at := func(from, to int) diag.Range {
		return diag.Range{File: "t.dw.hcl", Start: diag.Pos{Line: 2, Column: from, Byte: from}, End: diag.Pos{Line: 2, Column: to, Byte: to}}
	}
	literal := func(v value.Value) *expr.Expr { return &expr.Expr{Op: expr.OpLiteral, Literal: v, Range: at(9, 10)} }
	forward := func(e *expr.Expr) *model.Field {
		return line(2, "OnHoldStatus", "description", goes(model.ToDataverse), func(f *model.Field) { f.ToDataverse = e })
	}
	cond := func(c, yes, no *expr.Expr) *expr.Expr {
		return &expr.Expr{Op: expr.OpCond, Args: []*expr.Expr{c, yes, no}}
	}
	text := func(s string) *expr.Expr { return literal(value.NewText(s)) }
	number := func(n int64) *expr.Expr { return literal(value.NewInteger(n)) }
	for _, tt := range []struct {
		name, code, summary, fix string
		field                    *model.Field
	}{
		{"number of a member", diag.CodeNeverEqual, "OnHoldStatus is never 1", `"Invoice"`, forward(cond(bin("==", theValue, number(1)), text("a"), text("b")))},
		{"number of no member", diag.CodeNeverEqual, "OnHoldStatus is never 9", "", forward(cond(bin("==", theValue, number(9)), text("a"), text("b")))},
		{"another field", diag.CodeNeverEqual, "PartyType is never 1", `"Person"`, forward(cond(bin("!=", number(1), field("PartyType")), text("a"), text("b")))},
		{"misspelt member", diag.CodeUnknownMember, `CustVendorBlocked has no member "Invoise"`, `"Invoice"`, forward(cond(bin("==", theValue, text("Invoise")), text("a"), text("b")))},
		{"member in another case", diag.CodeUnknownMember, `CustVendorBlocked has no member "invoice" in this spelling`, `"Invoice"`, forward(cond(bin("==", theValue, text("invoice")), text("a"), text("b")))},
		{"truth value", diag.CodeNeverEqual, "IsOneTimeCustomer is never true", `"Yes"`, line(2, "IsOneTimeCustomer", "description", goes(model.ToDataverse), func(f *model.Field) {
			f.ToDataverse = cond(bin("==", theValue, literal(value.NewBool(true))), text("a"), text("b"))
		})},
		{"label of a choice", diag.CodeNeverEqual, `customertypecode is never "Competitor"`, "1", line(2, "Code", "customertypecode", goes(model.ToFnO), func(f *model.Field) {
			f.ToFnO = cond(bin("==", theValue, text("Competitor")), text("a"), text("b"))
		})},
		{"choice that is not there", diag.CodeUnknownOption, "customertypecode has no choice 77", "", line(2, "Code", "customertypecode", goes(model.ToFnO), func(f *model.Field) {
			f.ToFnO = cond(bin("==", theValue, number(77)), text("a"), text("b"))
		})},
		{"number for an enum", diag.CodeConstantFit, "OnHoldStatus takes a member of CustVendorBlocked, not the number 2", `"All"`, line(2, "OnHoldStatus", "description", goes(model.ToFnO), func(f *model.Field) {
			f.ToFnO = cond(bin("==", theValue, text("x")), number(2), text("No"))
		})},
		{"misspelt for an enum", diag.CodeUnknownMember, `"Invoise" does not fit OnHoldStatus`, "", line(2, "OnHoldStatus", "description", goes(model.ToFnO), func(f *model.Field) {
			f.ToFnO = call("coalesce", theValue, text("Invoise"))
		})},
		{"choice for a column", diag.CodeUnknownOption, "77 does not fit customertypecode", "", line(2, "Code", "customertypecode", goes(model.ToDataverse), func(f *model.Field) {
			f.ToDataverse = number(77)
		})},
		{"number in a value map", diag.CodeUnknownMember, `CustVendorBlocked has no member "1"`, `"Invoice"`, line(2, "OnHoldStatus", "msdyn_onholdstatus", values(func(e *model.Enum) {
			e.ToDataverse.Kind, e.ToFnO.Kind = "fail", "fail"
		}, "1", 806380001), func(f *model.Field) { f.Values.Values[0].Range = at(9, 10) })},
	} {
		in := input(tt.field)
		in.Dataverse.Field("customertypecode").Options[0].Label = "Competitor"
		_, list := Compile(in)
		d := only(t, tt.name, list)
		fix := ""
		if d.Fix != nil {
			fix = d.Fix.NewText
		}
		if d.Code != tt.code || d.Severity != diag.Error || d.Summary != tt.summary || fix != tt.fix || d.Hint == "" || d.Detail == "" {
			t.Errorf("%s: %+v, fix %q", tt.name, d, fix)
		}
	}
	// What can be equal is not told.
	for name, f := range map[string]*model.Field{
		"member": forward(cond(bin("==", theValue, text("Invoice")), text("a"), text("b"))),
		"text":   line(2, "Code", "description", goes(model.ToDataverse), func(f *model.Field) { f.ToDataverse = cond(bin("==", theValue, number(1)), text("a"), text("b")) }),
	} {
		if _, list := Compile(input(f)); len(list) > 0 {
			t.Errorf("%s: %+v", name, list)
		}
	}
}

// TestKeysCollide: what makes one key of two is told with both.
func TestKeysCollide(t *testing.T) {
	key := func(fno, column string, change func(*model.Field)) *model.Field {
		return line(2, fno, column, goes(model.ToDataverse), change)
	}
	forward := func(e *expr.Expr) func(*model.Field) { return func(f *model.Field) { f.ToDataverse = e } }
	fail := func(e *model.Enum) { e.ToDataverse.Kind, e.ToFnO.Kind = "fail", "fail" }
	text := func(s string) *expr.Expr { return &expr.Expr{Op: expr.OpLiteral, Literal: value.NewText(s)} }
	for name, tt := range map[string]struct {
		field *model.Field
		says  string // "": nothing
	}{
		"as it is":        {key("Code", "shortname", func(*model.Field) {}), ""},
		"a prefix":        {key("Code", "description", forward(&expr.Expr{Op: expr.OpConcat, Args: []*expr.Expr{text("C-"), theValue}})), ""},
		"another case":    {key("Code", "description", forward(call("lower", theValue))), ""},
		"a cut":           {key("Code", "description", forward(call("substr", theValue, lit(0), lit(3)))), "both become"},
		"without a zero":  {key("Code", "description", forward(call("trimprefix", theValue, text("0")))), `"a" and "0a" both become "a"`},
		"one member each": {key("OnHoldStatus", "shortname", values(fail, "No", "n", "Invoice", "i", "All", "a")), ""},
		"two of a value":  {key("OnHoldStatus", "shortname", values(fail, "No", "n", "Invoice", "i", "All", "i")), `"Invoice" and "All" both become "i"`},
		"two texts":       {key("Code", "shortname", values(fail, "a", "x", "b", "X")), `"a" and "b" both become`},
		"all the others": {key("OnHoldStatus", "shortname", values(func(e *model.Enum) {
			e.ToDataverse = model.Otherwise{Kind: "value", Value: value.NewText("o")}
		}, "No", "n")), `"Invoice" and "All" both become "o"`},
	} {
		in := input(tt.field)
		in.Map.Key = append(in.Map.Key, tt.field.FnO)
		c, list := Compile(in)
		list = slices.DeleteFunc(list, func(d diag.Diagnostic) bool { return d.Code != diag.CodeKeyCollides })
		switch {
		case c == nil:
			t.Errorf("%s does not compile", name)
		case tt.says == "" && len(list) > 0, tt.says != "" && (len(list) != 1 || !strings.Contains(list[0].Summary, tt.says)):
			t.Errorf("%s: %+v", name, list)
		}
	}
}

// TestFoldedTwice: F&O does not tell the two lines apart.
func TestFoldedTwice(t *testing.T) {
	fail := func(e *model.Enum) { e.ToDataverse.Kind, e.ToFnO.Kind = "fail", "fail" }
	_, list := Compile(input(line(2, "Code", "shortname", values(fail, "a", "x", "A ", "y"))))
	if d := only(t, "two spellings", list); d.Code != diag.CodeRepeatedObjKey {
		t.Errorf("%+v", d)
	}
	if _, list := Compile(input(line(2, "Code", "shortname", values(func(e *model.Enum) {
		fail(e)
		e.Reverse = []model.EnumValue{{FnO: value.NewText("a"), Dataverse: value.NewText("x")}}
	}, "a", "x", "A ", "x")))); list.HasErrors() {
		t.Errorf("one meaning: %+v", list)
	}
}

func TestCompileWithoutTables(t *testing.T) {
	in := input()
	in.Dataverse = nil
	if c, list := Compile(in); c != nil || len(list) != 1 || list[0].Code != diag.CodeUnknownTable {
		t.Errorf("%+v", list)
	}
}

func TestDateRanges(t *testing.T) {
	for text, days := range map[string]int64{"1753-01-01": dataverseFirstDay, "9999-12-31": dataverseLastDay, "1900-01-01": emptyDay, "2154-12-31": fnoLastDay} {
		if v, err := value.ParseDate(text); err != nil || v.Days() != days {
			t.Errorf("%s is day %d, not %d", text, v.Days(), days)
		}
	}
}

// TestAnyFieldIsJudged puts any field against any column: there is a slot or
// an error, never a panic, and what compiles translates every sample of its
// types without one.
func TestAnyFieldIsJudged(t *testing.T) {
	fno, dv := customers().FieldNames(), accounts().FieldNames()
	b := &builder{in: input()}
	rapid.Check(t, func(t *rapid.T) {
		f := line(2, rapid.SampledFrom(fno).Draw(t, "fno"), rapid.SampledFrom(dv).Draw(t, "column"))
		f.Direction = rapid.SampledFrom([]model.Direction{model.Both, model.ToDataverse, model.ToFnO}).Draw(t, "direction")
		f.Path = rapid.SampledFrom([][]string{nil, nil, {"accountnumber"}, {"msdyn_groupid"}, {"name"}, {"a", "b"}}).Draw(t, "path")
		f.Writes = rapid.SampledFrom([]string{"", "always", "create"}).Draw(t, "writes")
		f.Missing = rapid.SampledFrom([]string{"", "null", "fail"}).Draw(t, "missing")
		anyOtherwise := rapid.SampledFrom([]model.Otherwise{{}, {Kind: "null"}, {Kind: "pass"}, {Kind: "value", Value: value.NewInteger(1)}, {Kind: "value", Value: value.NewText("No")}})
		switch rapid.IntRange(0, 3).Draw(t, "shape") {
		case 1:
			literals := rapid.SampledFrom([]any{1, 806380000, "x", true, nil})
			values(func(e *model.Enum) {
				e.ToDataverse, e.ToFnO = anyOtherwise.Draw(t, "to_dataverse"), anyOtherwise.Draw(t, "to_fno")
			}, rapid.SampledFrom([]string{"No", "Yes", "Invoice", "", "7"}).Draw(t, "from"), literals.Draw(t, "to"), "Person", literals.Draw(t, "person"))(f)
		case 2:
			f.ToDataverse = rapid.SampledFrom([]*expr.Expr{nil, {Op: expr.OpValue}, call("lower", theValue), bin("+", theValue, lit(1)), field("Code"), field("name")}).Draw(t, "forward")
			f.ToFnO = rapid.SampledFrom([]*expr.Expr{nil, {Op: expr.OpValue}, call("trimspace", theValue), {Op: expr.OpCompany}, field("name"), {}}).Draw(t, "backward")
		case 3:
			f.IsConstant = true
			f.Constant = rapid.SampledFrom([]value.Value{{}, value.NewInteger(3), value.NewText("x"), value.NewBool(true)}).Draw(t, "constant")
			if rapid.Bool().Draw(t, "fno side") {
				f.Column.Name, f.Path = "", nil
			}
		}
		c, list := Compile(input(f))
		if (c == nil) != list.HasErrors() {
			t.Fatalf("compiled %v with %+v", c, list)
		}
		if c == nil {
			return
		}
		for i := range c.Slots {
			s := &c.Slots[i]
			for _, side := range []value.Side{value.FnO, value.Dataverse} {
				r := rec(c, side, "USMF", nil)
				for _, v := range append(b.samples(c.Column(s, side)), value.Value{}, value.NewText("10"), value.NewReference("account", accountID)) {
					if side == value.FnO {
						r.Values[s.FnO] = v
					} else {
						r.Values[s.Dataverse] = v
					}
					other := rec(c, side.Other(), "USMF", nil)
					_, _ = c.Translate(s, r, someRefs())
					c.IsNothing(s, side, v)
					c.Needs(r, side.Other(), func(*Lookup, string, string, value.Value) {})
					if side == value.FnO {
						_, _ = c.Same(s, r, other, someRefs())
					} else {
						_, _ = c.Same(s, other, r, someRefs())
					}
				}
			}
		}
	})
}

// BenchmarkCompile10Fields is what lint and plan do for every map.
func BenchmarkCompile10Fields(b *testing.B) {
	in := customerMap()
	for b.Loop() {
		if c, _ := Compile(in); c == nil {
			b.Fatal("does not compile")
		}
	}
}
