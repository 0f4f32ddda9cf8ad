package transform

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/expr"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

var theValue = &expr.Expr{Op: expr.OpValue}

func lit(v any) *expr.Expr {
	if v, ok := v.(value.Value); ok {
		return &expr.Expr{Op: expr.OpLiteral, Literal: v}
	}
	return &expr.Expr{Op: expr.OpLiteral, Literal: literalOf(v)}
}

func call(name string, args ...*expr.Expr) *expr.Expr {
	return &expr.Expr{Op: expr.OpCall, Name: name, Args: args}
}

func bin(name string, a, b *expr.Expr) *expr.Expr {
	return &expr.Expr{Op: expr.OpBinary, Name: name, Args: []*expr.Expr{a, b}}
}

func field(name string) *expr.Expr { return &expr.Expr{Op: expr.OpRecord, Name: name} }

func cond(args ...*expr.Expr) *expr.Expr { return &expr.Expr{Op: expr.OpCond, Args: args} }

// compute evaluates e for an F&O record whose OrganizationName is the value.
func compute(t *testing.T, e *expr.Expr, v value.Value) (value.Value, error) {
	t.Helper()
	in := input(line(2, "OrganizationName", "description", goes(model.ToDataverse)), line(3, "Code", "shortname", goes(model.ToDataverse)),
		line(4, "PartyType", "msdyn_partytype", goes(model.ToDataverse)), line(5, "CreditLimit", "creditlimit", goes(model.ToDataverse)))
	b := &builder{in: in, c: &Compiled{FnO: Projection{Table: in.FnO}, Dataverse: Projection{Table: in.Dataverse}, Company: -1}}
	for _, name := range []string{"Code", "PartyType", "CreditLimit"} {
		b.column(value.FnO, in.FnO.Field(name))
	}
	run := b.expression(e, value.FnO)
	if run == nil {
		t.Fatalf("does not compile: %+v", b.list)
	}
	return run(rec(b.c, value.FnO, "USMF", map[string]value.Value{"Code": value.NewText("ab"), "PartyType": value.NewSymbol("Person")}), v)
}

func TestExpressions(t *testing.T) {
	null := value.Value{}
	txt, num := value.NewText, value.NewInteger
	for name, c := range map[string]struct {
		e        *expr.Expr
		in, want value.Value
	}{
		"lower trimspace":   {call("lower", call("trimspace", theValue)), txt("  Ab "), txt("ab")},
		"upper":             {call("upper", theValue), txt("é"), txt("É")},
		"null goes through": {call("lower", theValue), null, null},
		"coalesce":          {call("coalesce", theValue, field("code"), lit("x")), txt(""), txt("ab")},
		"coalesce of none":  {call("coalesce", theValue), null, null},
		"replace":           {call("replace", theValue, lit("-"), lit("_")), txt("a-b-c"), txt("a_b_c")},
		"replace nothing":   {call("replace", theValue, lit(""), lit("_")), txt("ab"), txt("ab")},
		"substr":            {call("substr", theValue, lit(1), lit(2)), txt("äöü"), txt("öü")},
		"substr beyond":     {call("substr", theValue, lit(9), lit(2)), txt("ab"), txt("")},
		"length":            {call("length", theValue), txt("Zoë"), num(3)},
		"padleft":           {call("padleft", theValue, lit(5), lit("0")), txt("42"), txt("00042")},
		"padleft long":      {call("padleft", theValue, lit(1), lit("0")), txt("42"), txt("42")},
		"trim":              {call("trim", theValue, lit("-")), txt("--a-"), txt("a")},
		"trimprefix":        {call("trimprefix", theValue, lit("US-")), txt("US-001"), txt("001")},
		"trimsuffix":        {call("trimsuffix", theValue, lit(".x")), txt("a.x"), txt("a")},
		"contains":          {call("contains", theValue, lit("b")), txt("abc"), value.NewBool(true)},
		"startswith":        {call("startswith", theValue, lit("B")), txt("bc"), value.NewBool(false)},
		"endswith":          {call("endswith", theValue, lit("c")), txt("bc"), value.NewBool(true)},
		"round":             {call("round", theValue, lit(2)), dec(t, "2.345"), dec(t, "2.35")},
		"template":          {&expr.Expr{Op: expr.OpConcat, Args: []*expr.Expr{{Op: expr.OpCompany}, lit("-"), theValue}}, num(7), txt("USMF-7")},
		"template of null":  {&expr.Expr{Op: expr.OpConcat, Args: []*expr.Expr{lit("<"), theValue, lit(">")}}, null, txt("<>")},
		"arithmetic":        {bin("+", bin("*", theValue, lit(3)), lit(1)), dec(t, "0.1"), dec(t, "1.3")},
		"division":          {bin("/", lit(1), lit(4)), null, dec(t, "0.25")},
		"minus":             {&expr.Expr{Op: expr.OpUnary, Name: "-", Args: []*expr.Expr{theValue}}, num(5), num(-5)},
		"condition":         {cond(bin("==", field("PartyType"), lit("Person")), lit("P"), lit("O")), null, txt("P")},
		"null condition":    {cond(theValue, lit("a"), lit("b")), null, txt("b")},
		"equal null":        {bin("==", theValue, lit(nil)), null, value.NewBool(true)},
		"unequal null":      {bin("!=", theValue, lit(nil)), txt("x"), value.NewBool(true)},
		"option":            {bin("==", theValue, lit(3)), value.NewOption(3), value.NewBool(true)},
		"order":             {bin("<", theValue, lit(10)), dec(t, "9.5"), value.NewBool(true)},
		"order of null":     {bin("<", theValue, lit(10)), null, null},
		"and":               {bin("&&", bin("!=", theValue, lit(0)), bin(">", bin("/", lit(10), theValue), lit(1))), num(0), value.NewBool(false)},
		"or":                {bin("||", bin("==", theValue, lit(1)), theValue), num(1), value.NewBool(true)},
		"not":               {&expr.Expr{Op: expr.OpUnary, Name: "!", Args: []*expr.Expr{bin("==", theValue, lit(1))}}, num(2), value.NewBool(true)},
	} {
		got, err := compute(t, c.e, c.in)
		if err != nil || got != c.want {
			t.Errorf("%s: %s %q (%v), want %s %q", name, got.Kind(), got, err, c.want.Kind(), c.want)
		}
	}
	for name, e := range map[string]*expr.Expr{
		"text is no number": bin("+", lit("a"), lit(1)), "no order": bin("<", lit("a"), lit(1)), "division by zero": bin("/", lit(1), lit(0)),
		"no truth": cond(lit("a"), lit(1), lit(2)), "negative": call("substr", lit("a"), lit(-1), lit(1)), "huge": call("padleft", lit("a"), lit(1<<40), lit("0")),
		"fill": call("padleft", lit("a"), lit(3), lit("00")), "round a text": call("round", lit("a"), lit(1)),
		"too long": call("replace", lit(strings.Repeat("a", 2000)), lit("a"), lit(strings.Repeat("b", 2000))),
	} {
		if got, err := compute(t, e, value.Value{}); err == nil {
			t.Errorf("%s: gave %q, want an error", name, got)
		}
	}
}

// TestEveryFunctionIsThere holds the table that authors see against what runs.
func TestEveryFunctionIsThere(t *testing.T) {
	for _, f := range expr.Functions() {
		if functionNamed(f.Name) == nil {
			t.Errorf("%s is documented and does not run", f.Name)
		}
	}
	if functionNamed("format") != nil {
		t.Error("an unknown function runs")
	}
}

func withExpressions(toDataverse, toFnO *expr.Expr) func(*model.Field) {
	return func(f *model.Field) { f.ToDataverse, f.ToFnO = toDataverse, toFnO }
}

func TestSettle(t *testing.T) {
	scaled := func(fno, dv *expr.Expr) *model.Field { return line(2, "Code", "description", withExpressions(fno, dv)) }
	for _, c := range []struct {
		name  string
		field *model.Field
		code  string // "" settles at once
	}{
		{"identity", scaled(theValue, theValue), ""},
		{"inverse", scaled(call("trimprefix", bin("+", lit(0), lit(0)), lit("x")), theValue), diag.CodeSettlesLater},
		{"lower", scaled(call("lower", theValue), theValue), diag.CodeSettlesLater},
		{"trim", scaled(call("trimspace", theValue), nil), diag.CodeSettlesLater},
		{"grows", scaled(&expr.Expr{Op: expr.OpConcat, Args: []*expr.Expr{theValue, lit("x")}}, theValue), diag.CodeNeverSettles},
		{"flips", line(2, "IsOneTimeCustomer", "msdyn_onetimecustomer", withExpressions(&expr.Expr{Op: expr.OpUnary, Name: "!", Args: []*expr.Expr{bin("==", theValue, lit("Yes"))}}, theValue)), diag.CodeNeverSettles},
		{"undone", line(2, "Employees", "numberofemployees", withExpressions(bin("+", theValue, lit(5)), bin("-", theValue, lit(5)))), ""},
		{"day and moment", line(2, "BirthDate", "changedat"), diag.CodeSettlesLater},
		{"fewer decimals", line(2, "CreditLimit", "creditlimit"), diag.CodeSettlesLater},
		{"one way", line(2, "Code", "description", goes(model.ToDataverse), withExpressions(call("lower", theValue), nil)), ""},
		{"key grows", line(2, "CustomerGroupId", "msdyn_customergroupid.msdyn_groupid", withExpressions(&expr.Expr{Op: expr.OpConcat, Args: []*expr.Expr{theValue, lit("x")}}, theValue)), diag.CodeNeverSettles},
		{"key in upper case", line(2, "CustomerGroupId", "msdyn_customergroupid.msdyn_groupid", withExpressions(call("upper", theValue), theValue)), ""},
		{"key with a prefix", line(2, "CustomerGroupId", "msdyn_customergroupid.msdyn_groupid",
			withExpressions(&expr.Expr{Op: expr.OpConcat, Args: []*expr.Expr{lit("G-"), theValue}}, call("trimprefix", theValue, lit("G-")))), ""},
	} {
		_, list := Compile(input(c.field))
		if c.code == "" && len(list) == 0 {
			continue
		}
		d := only(t, c.name, list)
		wantSeverity := diag.Notice
		if c.code == diag.CodeNeverSettles {
			wantSeverity = diag.Error
		}
		if d.Code != c.code || d.Severity != wantSeverity || !strings.Contains(d.Detail, "becomes") {
			t.Errorf("%s: %+v", c.name, d)
		}
	}
}

// TestTranslatedIsSame is what the engine relies on: what Translate gives for
// one side agrees with the value that it came from.
func TestTranslatedIsSame(t *testing.T) {
	in := customerMap()
	in.Map.Fields = append(in.Map.Fields, line(30, "Code", "description", withExpressions(call("lower", theValue), theValue)), line(31, "ChangedAt", "changedat"),
		line(32, "PartyType", "msdyn_partytype"))
	c := compiled(t, in)
	b := &builder{in: in, c: c, ordinary: map[value.Side]*Record{}}
	rapid.Check(t, func(t *rapid.T) {
		s := &c.Slots[rapid.IntRange(1, len(c.Slots)-1).Draw(t, "slot")]
		if s.Lookup != nil {
			return
		}
		from := rapid.SampledFrom([]value.Side{value.FnO, value.Dataverse}).Draw(t, "from")
		samples := append(b.samples(c.Column(s, from)), value.Value{})
		v := rapid.SampledFrom(samples).Draw(t, "value")
		if s.Master != from {
			return
		}
		r := rec(c, from, "USMF", map[string]value.Value{c.Column(s, from).Name: v})
		out, err := c.Translate(s, r, nil)
		if err != nil {
			return
		}
		other := rec(c, from.Other(), "USMF", map[string]value.Value{c.Column(s, from.Other()).Name: out})
		f, d := r, other
		if from == value.Dataverse {
			f, d = other, r
		}
		if same, err := c.Same(s, f, d, nil); err != nil || !same {
			t.Fatalf("%s: %q of %s became %q, which is not the same (%v)", s.Name, v, from, out, err)
		}
	})
}

func FuzzFit(f *testing.F) {
	f.Add("12.50", uint8(0))
	f.Add("2026-03-01", uint8(3))
	f.Fuzz(func(t *testing.T, s string, n uint8) {
		for _, table := range []struct {
			side  value.Side
			field int
		}{{value.FnO, int(n)}, {value.Dataverse, int(n)}} {
			all := customers().Fields
			if table.side == value.Dataverse {
				all = accounts().Fields
			}
			field := all[table.field%len(all)]
			do := fit("x", table.side, field, &enums()[1])
			out, err := do(value.NewText(s))
			if err != nil {
				continue
			}
			again, err := do(out)
			if err != nil || again != out {
				t.Fatalf("%q fitted to %s is %q, and fitted again %q (%v)", s, field.Name, out, again, err)
			}
		}
	})
}

// BenchmarkTranslate60Fields carries rows of a map of 60 fields to Dataverse
// with all references known.
func BenchmarkTranslate60Fields(b *testing.B) {
	in := input()
	for i := range 60 {
		name := "F" + string(rune('A'+i/26)) + string(rune('A'+i%26))
		kind, column := text(name, 100), text("c"+strings.ToLower(name), 100)
		f := line(i+2, name, column.Name)
		switch i % 6 {
		case 1:
			kind, column = fieldOf(name, "decimal", func(*schema.Field) {}), fieldOf(column.Name, "decimal", func(f *schema.Field) { f.Scale, f.Min, f.Max = scaleOf(2), "0", "100000000000" })
		case 2:
			kind, column = enumField(name, "NoYes"), rw(column.Name, "bool")
		case 3:
			kind, column = enumField(name, "CustVendorBlocked"), choice(column.Name, 806380000, 806380001, 806380002)
			values(nil, "No", 806380000, "Invoice", 806380001, "All", 806380002)(f)
		case 4:
			column = lookup(column.Name, "msdyn_customergroup", "msdyn_customergroups")
			f.Path = []string{"msdyn_groupid"}
		case 5:
			kind, column = rw(name, "time"), rw(column.Name, "time")
		}
		in.FnO.Fields, in.Dataverse.Fields = append(in.FnO.Fields, kind), append(in.Dataverse.Fields, column)
		in.Map.Fields = append(in.Map.Fields, f)
	}
	c := compiled(b, in)
	r := rec(c, value.FnO, "USMF", map[string]value.Value{"CustomerAccount": value.NewText("US-001"), "dataAreaId": value.NewText("usmf")})
	half := dec(b, "12345.5")
	for i := range c.Slots {
		s := &c.Slots[i]
		switch f := c.Column(s, value.FnO); {
		case s.Lookup != nil && !s.IsKey:
			r.Values[s.FnO] = value.NewText("10")
		case s.IsKey:
		case f.Type == "decimal":
			r.Values[s.FnO] = half
		case f.Enum == "NoYes":
			r.Values[s.FnO] = value.NewSymbol("Yes")
		case f.Enum != "":
			r.Values[s.FnO] = value.NewSymbol("Invoice")
		case f.Type == "time":
			r.Values[s.FnO] = value.NewDateTime(1700000000)
		default:
			r.Values[s.FnO] = value.NewText("Contoso Retail Los Angeles")
		}
	}
	var refs Refs = warm{value.NewReference("msdyn_customergroup", groupID)}
	b.ReportAllocs()
	for b.Loop() {
		for i := range c.Slots {
			if _, err := c.Translate(&c.Slots[i], r, refs); err != nil {
				b.Fatal(err)
			}
		}
		if _, ok := c.KeyOf(value.FnO, r.Values, "USMF"); !ok {
			b.Fatal("no key")
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// warm knows every reference at no cost, so that the transforms are measured.
type warm struct{ ref value.Value }

func (w warm) ID(*Lookup, string, string) (value.Value, RefState) { return w.ref, RefKnown }
func (w warm) Key(*Lookup, value.Value) (string, RefState)        { return "10", RefKnown }
