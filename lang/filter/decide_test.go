package filter

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

func TestDecide(t *testing.T) {
	const fno, dv = value.FnO, value.Dataverse
	for _, c := range []struct {
		side          value.Side
		text          string
		never, always bool
	}{
		{fno, "PartyType eq 'Organization' and PartyType eq 'Person'", true, false},
		{fno, "PartyType eq 'Organization' or PartyType eq 'Person'", false, false},
		{fno, "PartyType eq 'Organization' or PartyType ne 'Organization'", false, true},
		{fno, "PartyType eq 'None' or PartyType eq 'Person' or PartyType eq 'Organization'", false, true},
		{fno, "PartyType ne 'None' and PartyType ne 'Person' and PartyType ne 'Organization'", true, false},
		{dv, "Name eq 'a' or Name ne 'a'", false, false}, // a row without a name passes neither
		{dv, "Name eq 'a' or Name ne 'a' or Name eq null", false, true},
		{dv, "Name eq null and Name ne null", true, false},
		{dv, "not (Name eq 'a') and Name eq null", true, false},
		{fno, "Name eq null and Name eq ''", false, false},
		{fno, "Name ne '' and Name eq '  '", true, false}, // F&O compares without trailing blanks
		{fno, "Size gt 5 and Size lt 6", true, false},
		{fno, "Size gt 5 and Size lt 7", false, false},
		{fno, "Limit gt 5 and Limit lt 6", false, false},
		{fno, "Limit gt 5 and Limit le 5", true, false},
		{fno, "Limit gt 5 or Limit le 5", false, true},
		{dv, "Limit gt 5 or Limit le 5", false, false},
		{fno, "Day gt 2026-01-01 and Day lt 2026-01-02", true, false},
		{fno, "At gt 2026-01-01T00:00:00Z and At lt 2026-01-01T00:00:02Z", false, false},
		{fno, "startswith(Name,'US-') and startswith(Name,'DE-')", true, false},
		{fno, "startswith(Name,'US-') and startswith(Name,'us-0') and endswith(Name,'7')", false, false},
		{fno, "startswith(Name,'US-') and Name eq 'DE-1'", true, false},
		{fno, "startswith(Name,'US-') and not contains(Name,'S-')", true, false},
		{fno, "startswith(Name,'A') and not startswith(Name,'B')", false, false},
		{fno, "contains(Name,'ab') and contains(Name,'cd') and not contains(Name,'abcd')", false, false},
		{fno, "Name eq 'a*' and Name eq 'b*'", false, false}, // not decided
		{fno, "Name eq 'a*' and Size lt 1 and Size gt 1", true, false},
		{dv, "kind eq 3 and kind eq 4", true, false},
		{dv, "kind ne 3 and kind ne 4", true, false}, // it has no other option
		{dv, "kind ne 3 and kind ne 4 or kind eq null", false, false},
		{dv, "parentid eq " + someGuid + " and parentid eq null", true, false},
		{dv, "parentid ne " + someGuid, false, false},
		{dv, "Flag eq true or Flag eq false or Flag eq null", false, true},
		{dv, "Flag eq true and not (Flag eq true)", true, false},
		{dv, "Picture eq null or Picture ne null", false, true},
	} {
		table := table(c.side)
		if f := table.Field("kind"); f != nil {
			f.Options = []schema.Option{{Value: 3}, {Value: 4}}
		}
		f, errs := Compile(c.text, table, partyTypes)
		if len(errs) > 0 {
			t.Fatalf("%s: %v", c.text, errs)
		}
		if f.Never() != c.never || f.Always() != c.always {
			t.Errorf("%s in %s: never %v, always %v", c.text, c.side, f.Never(), f.Always())
		}
	}
}

func TestBounds(t *testing.T) {
	table := table(value.Dataverse)
	table.Field("Size").Min, table.Field("Size").Max = "0", "100"
	for text, never := range map[string]bool{"Size gt 100": true, "Size ge 100": false, "Size lt 0": true, "Size lt 1": false} {
		f, errs := Compile(text, table, nil)
		if len(errs) > 0 {
			t.Fatal(errs)
		}
		if f.Never() != never {
			t.Errorf("%s: never %v", text, f.Never())
		}
	}
}

func TestTooManyAlternatives(t *testing.T) {
	var terms []string
	for i := range 12 {
		terms = append(terms, fmt.Sprintf("(Size eq %d or Limit eq %d)", i, i))
	}
	f := compile(t, value.FnO, strings.Join(terms, " and "))
	if f.Never() || f.Always() {
		t.Error("what cannot be decided is decided")
	}
}

func TestPossibleWith(t *testing.T) {
	f := compile(t, value.Dataverse, "kind eq 3 and startswith(Name,'a')")
	for text, want := range map[string]bool{"kind=3": true, "kind=4": false, "kind=": false, "name=abc": true, "name=b": false, "size=1": true} {
		name, literal, _ := strings.Cut(text, "=")
		known := func(column string) ([]value.Value, bool) {
			if !strings.EqualFold(column, name) {
				return nil, false
			}
			switch {
			case literal == "":
				return []value.Value{{}}, true
			case name == "kind":
				return []value.Value{value.NewOption(int64(literal[0] - '0'))}, true
			}
			return []value.Value{value.NewText(literal)}, true
		}
		if got := PossibleWith(known, f); got != want {
			t.Errorf("with %s: %v", text, got)
		}
	}
	if !Disjoint(compile(t, value.FnO, "Size gt 5"), nil, compile(t, value.FnO, "Size lt 3 or Size eq 4")) || Disjoint(nil, nil) {
		t.Error("ranges that exclude each other")
	}
	of := []value.Value{value.NewSymbol("None"), value.NewSymbol("Person"), value.NewSymbol("Organization")}
	if got := compile(t, value.FnO, "PartyType ne 'None' and Size gt 0").Values("partytype", of); len(got) != 2 || got[0] != of[1] {
		t.Errorf("values %v", got)
	}
}

// drawFilter makes a filter over few values, so that contradictions and
// tautologies come about.
func drawFilter(r *rapid.T, side value.Side, depth int) string {
	pick := func(options ...string) string { return rapid.SampledFrom(options).Draw(r, "pick") }
	if depth > 0 && rapid.IntRange(0, 2).Draw(r, "branch") > 0 {
		switch pick("and", "or", "not") {
		case "not":
			return "not (" + drawFilter(r, side, depth-1) + ")"
		case "and":
			return "(" + drawFilter(r, side, depth-1) + " and " + drawFilter(r, side, depth-1) + ")"
		default:
			return "(" + drawFilter(r, side, depth-1) + " or " + drawFilter(r, side, depth-1) + ")"
		}
	}
	texts := []string{"'a'", "'AB'", "'b '", "''", "'c'"}
	if side == value.FnO {
		texts = append(texts, "'a*'")
	}
	switch pick("Name", "Name", "function", "Size", "Limit", "Flag", "choice", "null") {
	case "Name":
		if by := pick("eq", "ne"); by == "eq" {
			return "Name eq " + pick(texts...)
		}
		return "Name ne " + pick(texts[:5]...)
	case "function":
		return pick("startswith", "endswith", "contains") + "(Name," + pick("'a'", "'ab'", "'b'") + ")"
	case "Size":
		return "Size " + pick("eq", "ne", "gt", "ge", "lt", "le") + " " + pick("1", "2", "3")
	case "Limit":
		return "Limit " + pick("eq", "ne", "gt", "ge", "lt", "le") + " " + pick("1", "1.5", "2")
	case "Flag":
		return "Flag " + pick("eq", "ne") + " " + pick("true", "false")
	case "null":
		if side == value.FnO {
			return "Name " + pick("eq", "ne") + " null"
		}
		return pick("Name", "Size", "Flag", "kind", "parentid") + " " + pick("eq", "ne") + " null"
	}
	if side == value.FnO {
		return "PartyType " + pick("eq", "ne") + " " + pick("'None'", "'Person'", "'Organization'")
	}
	return "kind " + pick("eq", "ne") + " " + pick("3", "4")
}

// TestDecisionsAreProven holds what is decided to rows: one that is found is as
// was asked for, and where none is said to be, none is.
func TestDecisionsAreProven(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		side := rapid.SampledFrom([]value.Side{value.FnO, value.Dataverse}).Draw(r, "side")
		text := drawFilter(r, side, 3)
		f, errs := Compile(text, table(side), partyTypes)
		if len(errs) > 0 {
			r.Fatalf("%s: %v", text, errs)
		}
		admits := f.Bind(index(side))
		s := solver{filters: []*Filter{f}}
		for _, w := range []want{wantYes, wantNotYes} {
			clauses, ok := clausesOf(f.root, w)
			found := !ok
			for _, c := range clauses {
				values, ok := s.witness(c)
				found = found || ok
				if !ok || wild(c) {
					continue
				}
				cells := map[string]value.Value{}
				for _, field := range fields(side) {
					if v, asked := values[strings.ToLower(field.Name)]; asked {
						cells[field.Name] = v
					}
				}
				// What the clause does not ask for may be anything, nothing too.
				if got := admits(row(side, cells)); got != (w == wantYes) {
					r.Fatalf("%s is %v of %v", text, got, cells)
				}
			}
			if found {
				continue
			}
			for range 20 {
				cells := map[string]value.Value{
					"Name": value.NewText(rapid.SampledFrom([]string{"", "a", "ab", "b", "ABB", "x"}).Draw(r, "name")),
					"Size": value.NewInteger(rapid.Int64Range(0, 4).Draw(r, "size")), "Limit": decimal(rapid.SampledFrom([]string{"0", "1", "1.25", "1.5", "3"}).Draw(r, "limit")),
					"Flag": value.NewBool(rapid.Bool().Draw(r, "flag")), "PartyType": value.NewSymbol(rapid.SampledFrom([]string{"None", "Person", "Organization"}).Draw(r, "type")),
					"kind": value.NewOption(rapid.Int64Range(2, 5).Draw(r, "kind")),
				}
				if side == value.Dataverse {
					for _, name := range []string{"Name", "Size", "Limit", "Flag", "kind"} {
						if rapid.IntRange(0, 3).Draw(r, "nothing") == 0 {
							cells[name] = value.Value{}
						}
					}
				}
				if got := admits(row(side, cells)); got == (w == wantYes) {
					r.Fatalf("%s is said never to be %v, but it is of %v", text, got, cells)
				}
			}
		}
	})
}

// wild tells whether a clause has an asterisk, of which not all is decided.
func wild(c clause) bool {
	for _, a := range c {
		if strings.Contains(a.literal.Text(), "*") {
			return true
		}
	}
	return false
}
