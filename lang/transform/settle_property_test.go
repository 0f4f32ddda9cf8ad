package transform

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"pgregory.net/rapid"
)

// overAndBack gives what became of a value on its way over and back, with the compiled
// transforms; ok is false where a step refused it.
func overAndBack(c *Compiled, s *Slot, side value.Side, v value.Value) (over, back value.Value, ok bool) {
	step := func(from value.Side, v value.Value) value.Value {
		r := &Record{Side: from, Company: "USMF", Values: make([]value.Value, c.projection(from).Width())}
		at := s.Dataverse
		if from == value.FnO {
			at = s.FnO
		}
		r.Values[at] = v
		out, err := c.Translate(s, r, nil)
		ok = ok && err == nil
		return out
	}
	ok = true
	over = step(side, v)
	if ok {
		back = step(side.Other(), over)
	}
	return over, back, ok
}

// settles tells after how many round trips a value stays; -1 where it does not
// within a few, or where it is refused.
func settles(c *Compiled, s *Slot, side value.Side, v value.Value) int {
	b := &builder{c: c}
	for n := range 6 {
		over, back, ok := overAndBack(c, s, side, v)
		if !ok && n > 0 {
			return n // what it has become is refused, so that it stays
		}
		if !ok {
			return -1
		}
		if b.alike(s, side, v, back) || s.Field.Values != nil && over.IsNull() {
			return n
		}
		v = back
	}
	return -1
}

func codesOf(list diag.List) []string {
	var out []string
	for _, d := range list {
		out = append(out, d.Code)
	}
	return out
}

// TestSettledMapsSettle: what is said of any value map is what its compiled
// transforms do with all values of both sides.
func TestSettledMapsSettle(t *testing.T) {
	kinds := rapid.SampledFrom([]string{"", "fail", "null", "value", "pass"})
	rapid.Check(t, func(t *rapid.T) {
		members := rapid.IntRange(1, 5).Draw(t, "members")
		options := rapid.IntRange(1, 5).Draw(t, "options")
		enum := schema.Enum{Name: "CustVendorBlocked"}
		for i := range members {
			enum.Members = append(enum.Members, schema.Member{Name: fmt.Sprintf("M%d", i), Value: int64(i)})
		}
		column := choice("msdyn_onholdstatus")
		for i := range options {
			column.Options = append(column.Options, schema.Option{Value: int64(i)})
		}
		anyMember, anyOption := rapid.IntRange(0, members-1), rapid.IntRange(0, options-1)
		f := line(2, "OnHoldStatus", "msdyn_onholdstatus")
		f.Values = &model.Enum{}
		for i := range members {
			if rapid.Bool().Draw(t, "named") {
				f.Values.Values = append(f.Values.Values, model.EnumValue{FnO: value.NewText(fmt.Sprintf("M%d", i)), Dataverse: value.NewInteger(int64(anyOption.Draw(t, "to")))})
			}
		}
		for i := range options {
			if rapid.IntRange(0, 2).Draw(t, "reversed") == 0 {
				f.Values.Reverse = append(f.Values.Reverse, model.EnumValue{FnO: value.NewText(fmt.Sprintf("M%d", anyMember.Draw(t, "back"))), Dataverse: value.NewInteger(int64(i))})
			}
		}
		f.Values.ToDataverse = model.Otherwise{Kind: kinds.Draw(t, "to_dataverse"), Value: value.NewInteger(int64(anyOption.Draw(t, "otherwise")))}
		f.Values.ToFnO = model.Otherwise{Kind: kinds.Draw(t, "to_fno"), Value: value.NewText(fmt.Sprintf("M%d", anyMember.Draw(t, "otherwise")))}
		in := input(f)
		*in.Dataverse.Field("msdyn_onholdstatus") = *column
		in.Enums = []schema.Enum{enum}
		in.Map.Mastering.Master = rapid.SampledFrom([]value.Side{value.FnO, value.Dataverse}).Draw(t, "master")
		c, list := Compile(in)
		if c == nil {
			return // it is refused
		}
		s := &c.Slots[len(c.Slots)-1]
		codes := codesOf(list)
		quiet := !slices.Contains(codes, diag.CodeSettlesLater) && !slices.Contains(codes, diag.CodeHidden)
		b := &builder{in: in, c: c}
		for _, side := range []value.Side{value.FnO, value.Dataverse} {
			for _, v := range b.closed(c.Column(s, side)) {
				_, _, ok := overAndBack(c, s, side, v)
				if !ok {
					continue
				}
				n := settles(c, s, side, v)
				if n < 0 {
					t.Fatalf("%s of %s never settles, though nothing is said: %v", v, side, codes)
				}
				if n > 0 && quiet {
					t.Fatalf("%s of %s changes, though nothing is said: %v", v, side, codes)
				}
			}
		}
		// Injective: each Dataverse value that comes of the map goes back to one
		// of those that become it, unless the author has said another in reverse.
		for _, e := range f.Values.Values {
			to := value.NewOption(e.Dataverse.Int())
			if slices.ContainsFunc(f.Values.Reverse, func(r model.EnumValue) bool { return r.Dataverse == e.Dataverse }) {
				continue
			}
			_, again, ok := overAndBack(c, s, value.Dataverse, to)
			if ok && again != to && !b.c.IsNothing(s, value.FnO, value.NewSymbol(e.FnO.Text())) {
				t.Fatalf("%s comes back as %s: %+v", to, again, f.Values)
			}
		}
	})
}

// TestTextsFit: where no length is told, every text that the master can hold
// arrives and comes back as it was.
func TestTextsFit(t *testing.T) {
	anyText := rapid.StringOfN(rapid.RuneFrom([]rune("aZ09 .-äß€😀")), 1, 30, -1)
	rapid.Check(t, func(t *rapid.T) {
		in := input(line(2, "OrganizationName", "name"))
		length := rapid.SampledFrom([]int{0, 1, 5, 10, 20, 40})
		in.FnO.Field("OrganizationName").MaxLength, in.Dataverse.Field("name").MaxLength = length.Draw(t, "fno"), length.Draw(t, "dataverse")
		in.Map.Mastering.Master = rapid.SampledFrom([]value.Side{value.FnO, value.Dataverse}).Draw(t, "master")
		c, list := Compile(in)
		if c == nil {
			t.Fatalf("%+v", list)
		}
		s := &c.Slots[len(c.Slots)-1]
		master, other := c.Column(s, s.Master), c.Column(s, s.Master.Other())
		text := anyText.Draw(t, "text")
		if master.MaxLength > 0 && utf16Length(text) > master.MaxLength {
			return // the master cannot hold it
		}
		over, back, ok := overAndBack(c, s, s.Master, value.NewText(text))
		told := slices.Contains(codesOf(list), diag.CodeMayNotFit)
		unknown := master.MaxLength == 0 && other.MaxLength > 0
		switch {
		case !ok && !told && !unknown:
			t.Fatalf("%q does not fit %d, though nothing is said", text, other.MaxLength)
		case ok && !(&builder{c: c}).alike(s, s.Master, value.NewText(text), back):
			t.Fatalf("%q becomes %q and comes back as %q", text, over, back)
		case told && (master.MaxLength <= other.MaxLength || other.MaxLength == 0):
			t.Fatalf("%d fits %d, but is told: %+v", master.MaxLength, other.MaxLength, list)
		}
	})
}

// TestDecimalsSettle: where nothing is said of a number, it comes back as it
// was; a rounded one stays from then on.
func TestDecimalsSettle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := input(line(2, "CreditLimit", "creditlimit"))
		fno, dv := in.FnO.Field("CreditLimit"), in.Dataverse.Field("creditlimit")
		places := rapid.IntRange(0, 8)
		fno.Scale, dv.Scale = scaleOf(places.Draw(t, "fno")), scaleOf(places.Draw(t, "dataverse"))
		dv.Min, dv.Max = "", ""
		if rapid.Bool().Draw(t, "money") {
			dv.Scale, dv.Money = nil, true
		}
		c, list := Compile(in)
		if c == nil {
			t.Fatalf("%+v", list)
		}
		s := &c.Slots[len(c.Slots)-1]
		told := slices.Contains(codesOf(list), diag.CodeSettlesLater)
		for _, side := range []value.Side{value.FnO, value.Dataverse} {
			column := c.Column(s, side)
			n, _ := column.Decimals()
			digits := rapid.StringMatching(`-?[1-9][0-9]{0,6}`).Draw(t, "digits")
			if n > 0 {
				digits += "." + rapid.StringMatching(fmt.Sprintf(`[0-9]{%d}`, n)).Draw(t, "decimals")
			}
			v, err := value.NewDecimal(strings.TrimSuffix(digits, "."))
			if err != nil {
				t.Fatal(err)
			}
			changes := settles(c, s, side, v)
			if changes < 0 || changes > 1 || changes == 1 && !told {
				t.Fatalf("%s of %s (%d decimals) changes %d times; told %v", v, side, n, changes, list)
			}
		}
	})
}

// TestDaysAndMoments: a day that goes to a moment and back stays, a moment that
// goes to a day is told and stays after one change.
func TestDaysAndMoments(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := input(line(2, "ChangedAt", "changedat"))
		in.FnO.Field("ChangedAt").DateOnly, in.Dataverse.Field("changedat").DateOnly = rapid.Bool().Draw(t, "fno"), rapid.Bool().Draw(t, "dataverse")
		c, list := Compile(in)
		if c == nil {
			t.Fatalf("%+v", list)
		}
		s := &c.Slots[len(c.Slots)-1]
		told := slices.Contains(codesOf(list), diag.CodeSettlesLater)
		for _, side := range []value.Side{value.FnO, value.Dataverse} {
			seconds := rapid.Int64Range(0, 3_000_000_000).Draw(t, "seconds")
			v := value.NewDateTime(seconds)
			if c.Column(s, side).DateOnly {
				v = value.NewDate(value.DayOf(seconds))
			}
			if changes := settles(c, s, side, v); changes < 0 || changes > 1 || changes == 1 && !told {
				t.Fatalf("%s of %s changes %d times; told %v", v, side, changes, list)
			}
		}
	})
}

// TestTrialsAreShared: fields of the same types and expressions are tried once,
// others for themselves, and the answers are those without sharing.
func TestTrialsAreShared(t *testing.T) {
	upper := func(f *model.Field) { f.ToDataverse, f.ToFnO = call("upper", theValue), theValue }
	grows := func(f *model.Field) { f.ToDataverse, f.ToFnO = bin("+", theValue, lit(1)), theValue }
	fields := []*model.Field{
		line(2, "OrganizationName", "name", upper), line(3, "Code", "shortname", upper), line(4, "Employees", "numberofemployees", grows),
		line(5, "PrimaryContactEmail", "emailaddress1", func(f *model.Field) { f.ToDataverse, f.ToFnO = call("coalesce", field("Code"), theValue), theValue }),
	}
	_, alone := Compile(input(fields...))
	trials := &Trials{}
	for range 3 {
		in := input(fields...)
		in.Trials = trials
		_, list := Compile(in)
		if fmt.Sprint(list) != fmt.Sprint(alone) {
			t.Fatalf("shared:\n%v\nalone:\n%v", list, alone)
		}
	}
	if !slices.Contains(codesOf(alone), diag.CodeNeverSettles) || len(trials.known) != 3 {
		t.Errorf("%d trials: %+v", len(trials.known), alone)
	}
}
