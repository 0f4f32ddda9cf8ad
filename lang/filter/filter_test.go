package filter

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

const someGuid = "0f8fad5b-d9cb-469f-a165-70867728950e"

func fields(side value.Side) []*schema.Field {
	out := []*schema.Field{
		{Name: "Name", Type: schema.TypeText}, {Name: "Size", Type: schema.TypeInteger}, {Name: "Limit", Type: schema.TypeDecimal},
		{Name: "Day", Type: schema.TypeTime, DateOnly: true}, {Name: "At", Type: schema.TypeTime}, {Name: "Row", Type: schema.TypeGuid},
		{Name: "Flag", Type: schema.TypeBool}, {Name: "Picture", Type: schema.TypeOther},
	}
	if side == value.FnO {
		out = append(out, &schema.Field{Name: "PartyType", Type: schema.TypeEnum, Enum: "DirPartyType"})
	} else {
		out = append(out, &schema.Field{Name: "kind", Type: schema.TypeChoice}, &schema.Field{Name: "parentid", Type: schema.TypeLookup})
	}
	for i := range out {
		out[i].Readable = true
	}
	return append(out, &schema.Field{Name: "Hidden", Type: schema.TypeText})
}

func table(side value.Side) *schema.Table {
	return &schema.Table{Side: side, Set: "things", Name: "thing", Fields: fields(side)}
}

var partyTypes = []schema.Enum{{Name: "DirPartyType", Members: []schema.Member{{Name: "None"}, {Name: "Person", Value: 1}, {Name: "Organization", Value: 2}}}}

func compile(t *testing.T, side value.Side, text string) *Filter {
	t.Helper()
	f, errs := Compile(text, table(side), partyTypes)
	if len(errs) > 0 {
		t.Fatalf("%s: %v", text, errs)
	}
	return f
}

// row makes values in the order of fields.
func row(side value.Side, cells map[string]value.Value) []value.Value {
	all := fields(side)
	out := make([]value.Value, len(all))
	for i, f := range all {
		out[i] = cells[f.Name]
	}
	return out
}

func index(side value.Side) func(string) int {
	return func(name string) int {
		return slices.IndexFunc(fields(side), func(f *schema.Field) bool { return f.Name == name })
	}
}

func decimal(s string) value.Value {
	v, err := value.NewDecimal(s)
	if err != nil {
		panic(err)
	}
	return v
}

func TestEvaluate(t *testing.T) {
	cells := map[string]value.Value{
		"Name": value.NewText("O'Hara Ltd "), "Size": value.NewInteger(10), "Limit": decimal("1.5"), "Day": value.NewDate(20000), "At": value.NewDateTime(20000 * 86400),
		"Flag": value.NewBool(true), "Row": value.NewGuid(someGuid), "PartyType": value.NewSymbol("Organization"), "kind": value.NewOption(3),
		"parentid": value.NewReference("thing", someGuid),
	}
	const fno, dv = value.FnO, value.Dataverse
	for _, c := range []struct {
		side value.Side
		text string
		want bool
	}{
		{fno, "PartyType eq 'organization'", true},
		{fno, "partytype eq Microsoft.Dynamics.DataEntities.DirPartyType'Organization'", true},
		{fno, "PartyType ne 'Organization'", false},
		{fno, "'Person' eq PartyType", false},
		{fno, "Name eq 'o''hara ltd'", true},
		{dv, "Name eq 'o''hara ltd '", true},
		{dv, "Name eq 'o''hara ltd'", false},
		{fno, "Name eq 'o*LTD'", true},
		{fno, "Name eq '*hara*'", true},
		{fno, "Name eq 'a*'", false},
		{fno, "startswith(Name,'o''h')", true},
		{dv, "startswith(Name,'H') eq false", true},
		{dv, "contains(Name,'HARA')", true},
		{dv, "contains(Name,'x') ne true", true},
		{dv, "endswith(Name,'ltd ')", true},
		{fno, "Size gt 9 and Size le 10", true},
		{fno, "9 lt Size", true},
		{fno, "9 gt Size", false},
		{fno, "Limit ge 1.50", true},
		{fno, "Limit lt 1", false},
		{fno, "Size eq 1 or Size eq 2 or Size eq 10", true},
		{fno, "not (Size eq 10)", false},
		{fno, "not Size eq 10 or Flag eq true", true},
		{fno, "Size eq 10 or Size eq 1 and Size eq 2", true}, // and binds tighter
		{fno, "(Size eq 10 or Size eq 1) and Size eq 2", false},
		{fno, "Day eq 2024-10-04", true},
		{fno, "Day lt 2024-10-04", false},
		{dv, "At ge 2024-10-04T00:00:00Z and At lt 2024-10-04T01:00:00+01:00", false},
		{dv, "At eq 2024-10-04", true},
		{dv, "kind eq 3", true},
		{dv, "parentid eq " + someGuid, true},
		{dv, "_parentid_value ne " + someGuid, false},
		{dv, "Row eq " + strings.ToUpper(someGuid), true},
		{dv, "Name ne null", true},
		{fno, "Name eq null", false},
		{fno, "Flag eq true", true},
	} {
		f := compile(t, c.side, c.text)
		if got := f.Bind(index(c.side))(row(c.side, cells)); got != c.want {
			t.Errorf("%s on %s is %v", c.text, c.side, got)
		}
		// What is written for the service means the same.
		again := compile(t, c.side, f.Rewrite())
		if got := again.Bind(index(c.side))(row(c.side, cells)); got != c.want {
			t.Errorf("%s, rewritten as %s, is %v", c.text, f.Rewrite(), got)
		}
	}
}

func TestNullIsNeitherEqualNorUnequal(t *testing.T) {
	for text, want := range map[string]bool{
		"Name eq 'a'": false, "Name ne 'a'": false, "not (Name eq 'a')": false, "not (Name ne 'a')": false, "Name eq null": true, "Name ne null": false,
		"kind ne 3": false, "Name eq 'a' or Size eq null": true, "not (Name eq 'a' and Size eq null)": false, "not (Name eq 'a' and Size ne null)": true,
		"parentid eq null": true, "Limit gt 0": false, "Limit le 0": false, "contains(Name,'a')": false, "contains(Name,'a') eq false": false,
	} {
		if got := compile(t, value.Dataverse, text).Bind(index(value.Dataverse))(row(value.Dataverse, nil)); got != want {
			t.Errorf("%s of an empty row is %v", text, got)
		}
	}
	// F&O has no null in texts: it is the empty text.
	for text, want := range map[string]bool{"Name eq ''": true, "Name eq null": true, "Name ne 'a'": true, "Name ne null": false} {
		f := compile(t, value.FnO, text).Bind(index(value.FnO))
		if f(row(value.FnO, nil)) != want || f(row(value.FnO, map[string]value.Value{"Name": value.NewText("")})) != want {
			t.Errorf("%s of an empty F&O text is not %v", text, want)
		}
	}
}

func TestRewrite(t *testing.T) {
	const fno, dv = value.FnO, value.Dataverse
	for _, c := range []struct {
		side       value.Side
		text, want string
	}{
		{fno, "partytype  eq 'person'", "PartyType eq Microsoft.Dynamics.DataEntities.DirPartyType'Person'"},
		{fno, "NAME eq 'O''Hara'", "Name eq 'O''Hara'"},
		{fno, "contains(name,'a') and startswith(Name,'b') and endswith(Name,'c')", "Name eq '*a*' and Name eq 'b*' and Name eq '*c'"},
		{fno, "Day ge 2026-03-01", "Day ge 2026-03-01T12:00:00Z"},
		{fno, "Name eq null", "Name eq ''"},
		{dv, "Day ge 2026-03-01", "Day ge 2026-03-01"},
		{dv, "contains(name,'a')", "contains(Name,'a')"},
		{dv, "not contains(name,'a') or (kind eq 3 and (size gt 1.0e1 or size eq null))", ""},
		{dv, "not contains(name,'a') or (kind eq 3 and (size gt 1 or size eq null))", "not (contains(Name,'a')) or (kind eq 3 and (Size gt 1 or Size eq null))"},
		{dv, "parentid eq null", "_parentid_value eq null"},
		{dv, "limit eq 1.50", "Limit eq 1.5"},
	} {
		f, errs := Compile(c.text, table(c.side), partyTypes)
		switch {
		case c.want == "" && len(errs) == 0:
			t.Errorf("%s was accepted", c.text)
		case c.want != "" && (len(errs) > 0 || f.Rewrite() != c.want):
			t.Errorf("%s: %v\ngot  %s\nwant %s", c.text, errs, f.Rewrite(), c.want)
		}
	}
}

func TestErrors(t *testing.T) {
	const fno, dv = value.FnO, value.Dataverse
	for _, c := range []struct {
		side       value.Side
		text, at   string // at is the text that the error points at
		summary    string
		suggestion string
	}{
		{fno, "Nmae eq 'x'", "Nmae", `no column "Nmae"`, "Name"},
		{fno, "PartyType eq 'Organisation'", "'Organisation'", `no member "Organisation"`, "'Organization'"},
		{fno, "PartyType eq Microsoft.Dynamics.DataEntities.NoYes'Yes'", "Microsoft.Dynamics.DataEntities.NoYes'Yes'", "cannot be compared", ""},
		{fno, "PartyType gt 'Person'", "'Person'", "has no order", ""},
		{fno, "Size eq 'x'", "'x'", "a whole number", ""},
		{fno, "Size eq 1.5", "1.5", "a whole number", ""},
		{fno, "Name eq 5", "5", "is a text", ""},
		{fno, "Name gt 'a'", "'a'", "order of texts", ""},
		{fno, "Name ne 'a*'", "'a*'", "takes *", ""},
		{fno, "Size eq null", "null", "never null", ""},
		{dv, "contains(Name,'50%')", "'50%'", "wildcards", ""},
		{dv, "contains(Size,'5')", "Size", "is for texts", ""},
		{dv, "contians(Name,'5')", "contians", "not supported", "contains"},
		{dv, "tolower(Name) eq 'x'", "tolower", "not supported", ""},
		{dv, "parent/name eq 'x'", "parent/name", "no column", ""},
		{dv, "Size has 5", "has", "operator has is not supported", ""},
		{dv, "Size = 5", "=", "no operator", "eq"},
		{dv, "Size >= 5", ">=", "no operator", "ge"},
		{dv, "Size in (5, 6)", "Size in (5, 6)", "operator in", "(Size eq 5 or Size eq 6)"},
		{dv, "Size in (5)", "Size in (5)", "operator in", "Size eq 5"},
		{dv, "Size in (5, Size)", "in", "operator in", ""},
		{dv, "Size in (5", "in", "operator in", ""},
		{dv, "Size eqq 5", "eqq", "no operator", "eq"},
		{dv, "Size eq Limit", "Limit", "another column", ""},
		{dv, "Size eq 5 Size", "Size", "unexpected", ""},
		{dv, "(Size eq 5", "(", "not closed", ""},
		{dv, "Name eq 'x", "'x", "not closed", ""},
		{dv, "Size eq", "", "ends where", ""},
		{dv, "", "", "ends where", ""},
		{dv, "Day eq 2026-02-30", "2026-02-30", "a date", ""},
		{dv, "At eq 2026-02-30T00:00:00Z", "2026-02-30T00:00:00Z", "a moment", ""},
		{dv, "kind eq 'x'", "'x'", "a choice", ""},
		{dv, "Flag eq 1", "1", "true or false", ""},
		{dv, "Row eq 'x'", "'x'", "a guid", ""},
		{dv, "Picture eq 'x'", "'x'", "cannot use", ""},
		{dv, "Hidden eq 'x'", "Hidden", "cannot be read", ""},
		{dv, "Size eq ;", ";", "expected", ""},
		{dv, "Size gt null", "null", "only eq and ne", ""},
		{dv, strings.Repeat("(", 200) + "Size eq 1" + strings.Repeat(")", 200), "(", "too deep", ""},
	} {
		_, errs := Compile(c.text, table(c.side), partyTypes)
		if len(errs) != 1 {
			t.Errorf("%s: %d errors: %v", c.text, len(errs), errs)
			continue
		}
		e := errs[0]
		if !strings.Contains(e.Summary, c.summary) || c.text[e.Start:e.End] != c.at || e.Suggestion != c.suggestion {
			t.Errorf("%s: %q at %q, suggestion %q; want %q at %q, %q", c.text, e.Summary, c.text[e.Start:e.End], e.Suggestion, c.summary, c.at, c.suggestion)
		}
	}
	if _, errs := Compile("Nmae eq 'x' and Size eq 'y' and PartyType eq 'z'", table(fno), partyTypes); len(errs) != 3 {
		t.Errorf("three mistakes give %d errors: %v", len(errs), errs)
	}
}

func TestColumns(t *testing.T) {
	f := compile(t, value.Dataverse, "not (SIZE eq 1) and (name eq 'x' or size eq 2 or _parentid_value eq null)")
	if got := strings.Join(f.Columns(), " "); got != "Size Name parentid" {
		t.Errorf("columns %s", got)
	}
}

// TestRewriteKeepsMeaning builds random filters from parts and compares the
// filter with its rewritten form over random rows.
func TestRewriteKeepsMeaning(t *testing.T) {
	atoms := map[value.Side][]string{
		value.FnO:       {"Name eq 'a'", "Name ne 'b'", "contains(Name,'a')", "startswith(Name,'a')", "Name eq null", "Size gt 1", "PartyType eq 'Person'", "Flag eq true", "Day ge 2024-10-04"},
		value.Dataverse: {"Name eq 'a'", "Name ne 'b'", "contains(Name,'a')", "endswith(Name,'b')", "Name eq null", "Size gt 1", "kind eq 3", "Flag ne true", "Day ge 2024-10-04", "parentid eq null"},
	}
	rapid.Check(t, func(t *rapid.T) {
		side := rapid.SampledFrom([]value.Side{value.FnO, value.Dataverse}).Draw(t, "side")
		var build func(depth int) string
		build = func(depth int) string {
			switch n := rapid.IntRange(0, 3).Draw(t, "shape"); {
			case n == 0 || depth == 0:
				return rapid.SampledFrom(atoms[side]).Draw(t, "atom")
			case n == 1:
				return "not (" + build(depth-1) + ")"
			case n == 2:
				return "(" + build(depth-1) + " and " + build(depth-1) + ")"
			default:
				return "(" + build(depth-1) + ") or " + build(depth-1)
			}
		}
		text := build(4)
		f, errs := Compile(text, table(side), partyTypes)
		if len(errs) > 0 {
			t.Fatalf("%s: %v", text, errs)
		}
		again, errs := Compile(f.Rewrite(), table(side), partyTypes)
		if len(errs) > 0 {
			t.Fatalf("%s, rewritten as %s: %v", text, f.Rewrite(), errs)
		}
		cells := map[string]value.Value{}
		for name, choices := range map[string][]value.Value{
			"Name": {{}, value.NewText(""), value.NewText("A"), value.NewText("ab"), value.NewText("B")}, "Size": {{}, value.NewInteger(1), value.NewInteger(2)},
			"Flag": {{}, value.NewBool(true), value.NewBool(false)}, "Day": {{}, value.NewDate(20000), value.NewDate(1)},
			"PartyType": {{}, value.NewSymbol("Person"), value.NewSymbol("None")}, "kind": {{}, value.NewOption(3), value.NewOption(4)},
			"parentid": {{}, value.NewReference("thing", someGuid)},
		} {
			cells[name] = rapid.SampledFrom(choices).Draw(t, name)
		}
		vals := row(side, cells)
		if a, b := f.Bind(index(side))(vals), again.Bind(index(side))(vals); a != b {
			t.Fatalf("%s is %v, rewritten as %s it is %v", text, a, f.Rewrite(), b)
		}
	})
}

func FuzzCompile(f *testing.F) {
	for _, s := range []string{"Name eq 'O''Hara'", "not (Size gt 5 or contains(Name,'x') eq false)", "PartyType eq Microsoft.Dynamics.DataEntities.DirPartyType'Person'", "kind eq 3", "((", "'", "At le 2026-03-01T08:30:00+01:00", "1 eq 1", "é eq 'x'"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, side := range []value.Side{value.FnO, value.Dataverse} {
			c, errs := Compile(text, table(side), partyTypes)
			for _, e := range errs {
				if e.Start < 0 || e.End > len(text) || e.Start > e.End {
					t.Fatalf("%q: error outside of the text: %d to %d", text, e.Start, e.End)
				}
			}
			if (c == nil) != (len(errs) > 0) {
				t.Fatalf("%q: filter %v with errors %v", text, c, errs)
			}
			if c == nil {
				continue
			}
			if _, errs := Compile(c.Rewrite(), table(side), partyTypes); len(errs) > 0 {
				t.Fatalf("%q, rewritten as %q: %v", text, c.Rewrite(), errs)
			}
			c.Bind(index(side))(row(side, nil))
		}
	})
}

// TestCauses: mistakes are told apart by what they are, each with its place
// and, where it is known, what was meant.
func TestCauses(t *testing.T) {
	dataverse := table(value.Dataverse)
	dataverse.Field("kind").Options = []schema.Option{{Value: 3, Label: "Customer"}, {Value: 11}}
	fno := table(value.FnO)
	fno.AOT = "ThingEntity"
	for _, c := range []struct {
		table           *schema.Table
		text            string
		cause           Cause
		at, instead, in string // in: of the hint
	}{
		{fno, "Nam eq 'x'", UnknownColumn, "Nam", "Name", "Name"},
		{fno, "PartyType eq 'Organisation'", UnknownValue, "'Organisation'", "'Organization'", "Organization"},
		{fno, "PartyType eq 'zzz'", UnknownValue, "'zzz'", "", "None, Person, Organization"},
		{fno, "PartyType eq 2", UnknownValue, "2", "'Organization'", "symbols"},
		{fno, "PartyType eq 7", CannotEvaluate, "7", "", "quotes"},
		{dataverse, "kind eq 4", UnknownValue, "4", "", "3 (Customer), 11"},
		{fno, "Size eq null", CannotEvaluate, "null", "", "0"},
		{fno, `(PartyType == "organization") && !(ThingEntity.Name like "*x")`, QueryRange, "all", "PartyType eq 'Organization' and not (endswith(Name,'x'))", "In OData"},
		{fno, `partytype == 1`, QueryRange, "all", "PartyType eq 'Person'", "PartyType eq 'Person'"},
		{fno, `PartyType == DirPartyType::Person || Size != 0`, QueryRange, "all", "PartyType eq 'Person' or Size ne 0", "In OData"},
		{fno, `Nam == "x"`, QueryRange, "all", "", `has no column "Nam"`},
		{fno, `Other.Name == "x"`, CannotEvaluate, "=", "", "use eq"},
		{fno, "Size = 5", CannotEvaluate, "=", "eq", "use eq"},
		{fno, "Size EQ 5", CannotEvaluate, "EQ", "eq", "eq"},
		{fno, "PartyType in ('Person', 'Organization')", CannotEvaluate, "all", "(PartyType eq 'Person' or PartyType eq 'Organization')", "eq"},
	} {
		f, errs := Compile(c.text, c.table, partyTypes)
		if f != nil || len(errs) != 1 {
			t.Errorf("%s: %v", c.text, errs)
			continue
		}
		e, at := errs[0], c.at
		if at == "all" {
			at = c.text
		}
		got := c.text[e.Start:e.End]
		if e.Cause != c.cause || got != at && !strings.HasPrefix(got, at) || e.Suggestion != c.instead || !strings.Contains(e.Hint, c.in) {
			t.Errorf("%s: %+v", c.text, e)
		}
		if e.Suggestion != "" {
			if _, errs := Compile(c.text[:e.Start]+e.Suggestion+c.text[e.End:], c.table, partyTypes); len(errs) > 0 {
				t.Errorf("%s: what is suggested is wrong: %v", c.text, errs)
			}
		}
	}
}
