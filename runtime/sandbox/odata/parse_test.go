package odata_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/dualwrite/dw/runtime/sandbox/odata"
)

func TestParseFilter(t *testing.T) {
	str := func(s string) odata.Literal { return odata.Literal{Kind: odata.String, Text: s} }
	num := func(s string) odata.Literal { return odata.Literal{Kind: odata.Numeral, Text: s} }
	eq := func(name string, l odata.Literal) odata.Node {
		return odata.Compare{Op: odata.Eq, Left: odata.Path{name}, Right: l}
	}
	tests := []struct {
		in   string
		want odata.Node
	}{
		{"a eq 'x'", eq("a", str("x"))},
		{"a eq 'O''Hara (x) and '", eq("a", str("O'Hara (x) and "))},
		{"a eq ''", eq("a", str(""))},
		{"a eq -1.5e3", eq("a", num("-1.5e3"))},
		{"a eq null", eq("a", odata.Literal{Kind: odata.Null})},
		{"a", eq("a", odata.Literal{Kind: odata.Boolean, Text: "true"})},
		{"'x' lt a", odata.Compare{Op: odata.Lt, Left: str("x"), Right: odata.Path{"a"}}},
		{"a eq b", odata.Compare{Op: odata.Eq, Left: odata.Path{"a"}, Right: odata.Path{"b"}}},
		{"a eq 1 or b eq 2 and c eq 3", odata.Or{Terms: []odata.Node{
			eq("a", num("1")), odata.And{Terms: []odata.Node{eq("b", num("2")), eq("c", num("3"))}}}}},
		{"(a eq 1 or b eq 2) and c eq 3", odata.And{Terms: []odata.Node{
			odata.Or{Terms: []odata.Node{eq("a", num("1")), eq("b", num("2"))}}, eq("c", num("3"))}}},
		{"not (a eq 1)", odata.Not{Term: eq("a", num("1"))}},
		{"not contains(tolower(name),'x')", odata.Not{Term: odata.Match{Function: "contains",
			Subject: odata.Fold{Operand: odata.Path{"name"}}, Pattern: str("x")}}},
		{"startswith(name,'x') eq false", odata.Not{Term: odata.Match{Function: "startswith",
			Subject: odata.Path{"name"}, Pattern: str("x")}}},
		{"sdkmessageid/name eq 'CreateMultiple'", odata.Compare{Op: odata.Eq,
			Left: odata.Path{"sdkmessageid", "name"}, Right: str("CreateMultiple")}},
		{"a eq Microsoft.Dynamics.DataEntities.NoYes'Yes'", eq("a",
			odata.Literal{Kind: odata.EnumLiteral, Type: "Microsoft.Dynamics.DataEntities.NoYes", Text: "Yes"})},
		{"a eq 00000000-0000-0000-000A-000000000001", eq("a",
			odata.Literal{Kind: odata.GUIDLiteral, Text: "00000000-0000-0000-000a-000000000001"})},
		{"a ge 2024-02-29", odata.Compare{Op: odata.Ge, Left: odata.Path{"a"}, Right: odata.Literal{
			Kind: odata.DateLiteral, Text: "2024-02-29", Time: time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)}}},
		{"a ge 2024-02-29T10:00:00+02:00", odata.Compare{Op: odata.Ge, Left: odata.Path{"a"}, Right: odata.Literal{
			Kind: odata.DateTimeLiteral, Text: "2024-02-29T10:00:00+02:00", Time: time.Date(2024, 2, 29, 8, 0, 0, 0, time.UTC)}}},
		{`Microsoft.Dynamics.CRM.In(PropertyName='name',PropertyValues=["A","O'B"])`,
			odata.Among{Path: odata.Path{"name"}, Values: []odata.Literal{str("A"), str("O'B")}}},
		{`Microsoft.Dynamics.CRM.NotIn(PropertyName='a/b',PropertyValues=[])`,
			odata.Among{Negated: true, Path: odata.Path{"a", "b"}, Values: []odata.Literal{}}},
		{`Microsoft.Dynamics.CRM.Between(PropertyName='n',PropertyValues=['1','5'])`,
			odata.Between{Path: odata.Path{"n"}, Low: str("1"), High: str("5")}},
	}
	for _, tt := range tests {
		got, err := odata.ParseFilter(tt.in)
		if err != nil {
			t.Errorf("%s: %v", tt.in, err)
			continue
		}
		if !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s:\n got %#v\nwant %#v", tt.in, got, tt.want)
		}
	}
}

func TestParseFilterErrors(t *testing.T) {
	for _, in := range []string{
		"", "a eq", "a eq 'x", `a eq "x"`, `contains(a,"x")`, "a eq 1 b", "(a eq 1", "a eq 1)", "and", "a === 1", "a eq 1 or", "not",
		"concat(a,b) eq 'x'", "contains(a,b)", "contains(a)", "a eq 2024-13-01", "a eq 2024-01-01T25:00:00Z",
		"Microsoft.Dynamics.CRM.In(PropertyName='a')", "Microsoft.Dynamics.CRM.Above(PropertyName='a')",
		"Microsoft.Dynamics.CRM.Between(PropertyName='a',PropertyValues=['1'])", "a/ eq 1", "a eq \xff",
		strings.Repeat("(", 200) + "a eq 1" + strings.Repeat(")", 200),
		strings.Repeat("not ", 200) + "a",
		"a eq '" + strings.Repeat("x", odata.MaxLength) + "'",
	} {
		_, err := odata.ParseFilter(in)
		var syntax *odata.SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("%.60q: got %v, want a SyntaxError", in, err)
		}
	}
}

func TestParseOptions(t *testing.T) {
	orders, err := odata.ParseOrderBy("dataAreaId, a/b desc,c asc")
	want := []odata.Order{{Path: odata.Path{"dataAreaId"}}, {Path: odata.Path{"a", "b"}, Desc: true}, {Path: odata.Path{"c"}}}
	if err != nil || !reflect.DeepEqual(orders, want) {
		t.Errorf("order: %v, %v", orders, err)
	}
	names, err := odata.ParseSelect("a, b,a,_c_value")
	if err != nil || !reflect.DeepEqual(names, []string{"a", "b", "_c_value"}) {
		t.Errorf("select: %v, %v", names, err)
	}
	expand, err := odata.ParseExpand("x($select=a,b;$filter=c eq 'a;b'),y")
	wantExpand := []odata.Expand{
		{Path: odata.Path{"x"}, Options: map[string]string{"$select": "a,b", "$filter": "c eq 'a;b'"}},
		{Path: odata.Path{"y"}, Options: map[string]string{}},
	}
	if err != nil || !reflect.DeepEqual(expand, wantExpand) {
		t.Errorf("expand: %v, %v", expand, err)
	}
	query, err := odata.ParseQuery("$filter=a%20eq%20'x%26y'&$expand=n($select=a;$top=1)&cross-company=true")
	wantQuery := map[string]string{"$filter": "a eq 'x&y'", "$expand": "n($select=a;$top=1)", "cross-company": "true"}
	if err != nil || !reflect.DeepEqual(query, wantQuery) {
		t.Errorf("query: %v, %v", query, err)
	}
	for _, bad := range []func() error{
		func() error { _, err := odata.ParseOrderBy("a up"); return err },
		func() error { _, err := odata.ParseOrderBy(""); return err },
		func() error { _, err := odata.ParseSelect("a,,b"); return err },
		func() error { _, err := odata.ParseExpand("a($select=b"); return err },
		func() error { _, err := odata.ParseExpand("a(b=c)"); return err },
		func() error { _, err := odata.ParseQuery("$top=1&$top=2"); return err },
		func() error { _, err := odata.ParseQuery("$top=%zz"); return err },
	} {
		var syntax *odata.SyntaxError
		if err := bad(); !errors.As(err, &syntax) {
			t.Errorf("got %v, want a SyntaxError", err)
		}
	}
}

func TestParseKey(t *testing.T) {
	name, key, keyed, err := odata.SplitSegment("CustomersV3(CustomerAccount='%20US%2F0''1',dataAreaId='usmf')")
	if name != "CustomersV3" || !keyed || err != nil {
		t.Fatalf("split: %q %q %v %v", name, key, keyed, err)
	}
	parts, err := odata.ParseKey(key)
	want := []odata.KeyPart{
		{Name: "CustomerAccount", Value: odata.Literal{Kind: odata.String, Text: " US/0'1"}},
		{Name: "dataAreaId", Value: odata.Literal{Kind: odata.String, Text: "usmf"}},
	}
	if err != nil || !reflect.DeepEqual(parts, want) {
		t.Errorf("key: %v, %v", parts, err)
	}
	parts, err = odata.ParseKey("00000000-0000-0000-0000-00000000000A")
	if err != nil || len(parts) != 1 || parts[0].Name != "" || parts[0].Value.Kind != odata.GUIDLiteral {
		t.Errorf("positional key: %v, %v", parts, err)
	}
	for _, in := range []string{"", "a=", `a="x"`, "a='x',a='y'", "'x','y'", "a='x' b", "a=b", "a='x',", "1,b=2"} {
		if parts, err := odata.ParseKey(in); err == nil {
			t.Errorf("%q: got %v, want an error", in, parts)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"a eq 'x' or not (b/c ne null) and contains(tolower(d),'%')", "x(a=1;b='')", "a desc,b", "a='x',b=1", "((((",
		"Microsoft.Dynamics.CRM.In(PropertyName='x',PropertyValues=['a',\"b\",1])", "a eq T'S'", "a ge 2024-01-01T00:00Z",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if n, err := odata.ParseFilter(s); err == nil {
			for _, d := range []odata.Dialect{odata.Dataverse, odata.FnO} {
				where, args, err := odata.SQL(n, columns{}, d)
				if err == nil && strings.Count(where, "?") != len(args) {
					t.Errorf("%q: %d arguments for %s", s, len(args), where)
				}
			}
		}
		// None of these may panic.
		_, _ = odata.ParseOrderBy(s)
		_, _ = odata.ParseSelect(s)
		_, _ = odata.ParseExpand(s)
		_, _ = odata.ParseKey(s)
		_, _ = odata.ParseQuery(s)
		_, _, _, _ = odata.SplitSegment(s)
	})
}
