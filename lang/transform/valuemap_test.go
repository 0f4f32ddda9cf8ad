package transform

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/value"
)

// carried gives what a value of one side becomes on the other, or the code of
// the error.
func carried(t fataler, c *Compiled, slot string, from value.Side, v value.Value) (value.Value, string) {
	t.Helper()
	for i := range c.Slots {
		s := &c.Slots[i]
		if s.Name != slot {
			continue
		}
		out, err := c.Translate(s, rec(c, from, "USMF", cells{c.Column(s, from).Name: v}), nil)
		if bad, ok := errors.AsType[*ValueError](err); ok {
			return out, bad.Code
		}
		if err != nil {
			t.Fatalf("%s: %v", slot, err)
		}
		return out, ""
	}
	t.Fatalf("no slot %s", slot)
	return value.Value{}, ""
}

// TestValueMapsOverText: countries and languages, as orders have them.
func TestValueMapsOverText(t *testing.T) {
	otherwise := func(toDataverse, toFnO model.Otherwise) func(*model.Enum) {
		return func(e *model.Enum) { e.ToDataverse, e.ToFnO = toDataverse, toFnO }
	}
	word := func(kind string) model.Otherwise { return model.Otherwise{Kind: kind} }
	literal := func(v any) model.Otherwise { return model.Otherwise{Kind: "value", Value: literalOf(v)} }
	dv, fno := value.Dataverse, value.FnO
	type leg struct {
		from     value.Side
		in, want value.Value
		code     string
	}
	option, none := value.NewOption, value.Value{}
	countries := []any{"US", "united states", "DE", "germany", "TR", "türkiye"}
	for name, c := range map[string]struct {
		field *model.Field
		legs  []leg
	}{
		"fail": {line(2, "Code", "description", values(nil, countries...)), []leg{
			{fno, txt("US"), txt("united states"), ""}, {fno, txt("us "), txt("united states"), ""}, {dv, txt("united states"), txt("US"), ""},
			{dv, txt("TÜRKIYE"), txt("TR"), ""}, {fno, txt(""), none, ""}, {dv, none, none, ""}, {fno, txt("FR"), none, diag.CodeNotInValueMap}, {dv, txt("US"), none, diag.CodeNotInValueMap},
		}},
		"pass": {line(2, "Code", "description", values(otherwise(word("pass"), word("pass")), countries...)), []leg{
			{fno, txt("FR"), txt("FR"), ""}, {dv, txt("FR"), txt("FR"), ""}, {fno, txt("DE"), txt("germany"), ""}, {dv, txt("a very long country"), none, diag.CodeTooLong},
		}},
		"null": {line(2, "Code", "description", values(otherwise(word("null"), word("null")), countries...)), []leg{
			{fno, txt("FR"), none, ""}, {dv, txt("france"), none, ""}, {dv, txt("germany"), txt("DE"), ""},
		}},
		"literal one way, fail the other": {line(2, "Code", "description", values(otherwise(literal("elsewhere"), word("fail")), countries...)), []leg{
			{fno, txt("FR"), txt("elsewhere"), ""}, {dv, txt("elsewhere"), none, diag.CodeNotInValueMap}, {fno, txt(""), none, ""},
		}},
		"many to one with reverse": {line(2, "Code", "description", values(func(e *model.Enum) {
			e.Reverse = []model.EnumValue{{FnO: value.NewText("UK"), Dataverse: value.NewText("britain")}, {FnO: value.NewText("007"), Dataverse: value.NewInteger(7)}}
		}, "GB", "britain", "UK", "britain", "US", "united states")), []leg{
			{fno, txt("GB"), txt("britain"), ""}, {fno, txt("UK"), txt("britain"), ""}, {dv, txt("Britain"), txt("UK"), ""}, {dv, txt("7"), txt("007"), ""},
		}},
		"languages": {line(2, "LanguageId", "msdyn_onholdstatus", values(otherwise(word("null"), word("null")), "en-us", 806380000, "pt-BR", 806380001, "", 806380002)), []leg{
			{fno, txt("en-US"), option(806380000), ""}, {dv, option(806380001), txt("pt-BR"), ""}, {fno, txt(""), option(806380002), ""}, {dv, option(806380002), none, ""},
			{fno, txt("xx"), none, ""}, {dv, none, none, ""},
		}},
	} {
		m, list := Compile(input(c.field))
		if m == nil {
			t.Errorf("%s: %v", name, list)
			continue
		}
		slot := m.Slots[len(m.Slots)-1].Name
		for _, l := range c.legs {
			if got, code := carried(t, m, slot, l.from, l.in); got != l.want || code != l.code {
				t.Errorf("%s: %q from %s became %q %s, want %q %s", name, l.in, l.from, got, code, l.want, l.code)
			}
		}
	}
}

// TestValueMapsAreLenses: a map that names each value once brings every value
// of it back, whatever stands in it, and with "pass" every other value too.
func TestValueMapsAreLenses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfNDistinct(rapid.StringMatching(`[A-Za-zÄöß'",0-9\-]{1,4}`), 2, 8, func(s string) string { return value.Fold(s) }).Draw(t, "words")
		half := len(words) / 2
		var pairs []any
		for i := range half {
			pairs = append(pairs, words[i], "to "+words[i])
		}
		c, list := Compile(input(line(2, "Code", "description", values(func(e *model.Enum) { e.ToDataverse.Kind, e.ToFnO.Kind = "pass", "pass" }, pairs...))))
		if c == nil {
			t.Fatalf("%v", list)
		}
		for i, w := range words {
			over, code := carried(t, c, "description", value.FnO, txt(w))
			if want := w; code != "" || i < half && over != txt("to "+want) || i >= half && over != txt(want) {
				t.Fatalf("%q became %q %s", w, over, code)
			}
			if back, code := carried(t, c, "description", value.Dataverse, over); code != "" || back != txt(w) {
				t.Fatalf("%q came back as %q %s", w, back, code)
			}
		}
	})
}

// TestSpellingsOfMappedTexts are no differences.
func TestSpellingsOfMappedTexts(t *testing.T) {
	c := compiled(t, input(line(2, "Code", "description", values(nil, "US", "united states", "DE", "germany"))))
	s := slotNamed(t, c, "description")
	for _, k := range []struct {
		fno, dv string
		same    bool
	}{{"us", "united states", true}, {"US", "United States ", true}, {"US", "germany", false}, {"", "", true}, {"US", "", false}, {"", "germany", false}} {
		f, d := rec(c, value.FnO, "USMF", cells{"Code": txt(k.fno)}), rec(c, value.Dataverse, "USMF", cells{"description": txt(k.dv)})
		if same, err := c.Same(s, f, d, nil); same != k.same || err != nil {
			t.Errorf("%q and %q: %v, %v", k.fno, k.dv, same, err)
		}
	}
}

// TestFieldToSeveralColumns: the first goes both ways, the others to Dataverse.
func TestFieldToSeveralColumns(t *testing.T) {
	in := input(line(2, "SalesCurrencyCode", "transactioncurrencyid.isocurrencycode"), line(3, "SalesCurrencyCode", "description", goes(model.ToDataverse)),
		line(4, "CustomerAccount", "shortname", goes(model.ToDataverse)))
	c := compiled(t, in)
	if len(c.FnO.Columns) != 3 { // company, account, currency
		t.Errorf("a field is read once: %d columns", len(c.FnO.Columns))
	}
	if got := c.Slots[c.Key[1]].Name; got != "accountnumber" {
		t.Errorf("the key is %s", got)
	}
	f := rec(c, value.FnO, "USMF", cells{"SalesCurrencyCode": txt("EUR")})
	for _, i := range c.WriteSlots(value.Dataverse, false) {
		if s := &c.Slots[i]; s.Name == "description" {
			if v, err := c.Translate(s, f, nil); err != nil || v != txt("EUR") {
				t.Errorf("%q, %v", v, err)
			}
		}
	}
	for _, i := range c.WriteSlots(value.FnO, true) {
		if name := c.Slots[i].Name; name == "description" || name == "shortname" {
			t.Errorf("%s is written back", name)
		}
	}
	d := rec(c, value.Dataverse, "USMF", cells{"description": txt("EUR")})
	if same, err := c.Same(slotNamed(t, c, "description"), f, d, nil); !same || err != nil {
		t.Errorf("equal: %v, %v", same, err)
	}
}

// FuzzValueMapText carries any text through a value map with every otherwise.
func FuzzValueMapText(f *testing.F) {
	var maps []*Compiled
	for _, kind := range []string{"fail", "pass", "null"} {
		maps = append(maps, compiled(f, input(line(2, "Code", "description", values(func(e *model.Enum) { e.ToDataverse.Kind, e.ToFnO.Kind = kind, kind }, "US", "united states", "", "none")))))
	}
	for _, seed := range []string{"", "us", "united states", " ", "none", strings.Repeat("x", 300), "\x00\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for i, c := range maps {
			over, code := carried(t, c, "description", value.FnO, txt(text))
			if code != "" {
				continue
			}
			back, code := carried(t, c, "description", value.Dataverse, over)
			if code != "" && !over.IsNull() && code != diag.CodeTooLong {
				t.Fatal(fmt.Sprint(i), text, over, code)
			}
			if again, code := carried(t, c, "description", value.FnO, back); code == "" && !back.IsNull() && again != over {
				t.Fatalf("%d: %q becomes %q, comes back as %q and becomes %q", i, text, over, back, again)
			}
		}
	})
}
