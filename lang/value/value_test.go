package value

import (
	"encoding/json"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

const someGuid = "0f8fad5b-d9cb-469f-a165-70867728950e"

func anyValue() *rapid.Generator[Value] {
	return rapid.Custom(func(t *rapid.T) Value {
		text := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.RuneFrom([]rune{'"', '\\', 0, '\n', 0x2028, '/', ',', 'é', '😀'})))
		switch Kind(rapid.IntRange(0, int(Reference)+1).Draw(t, "kind")) {
		case Text:
			return NewText(text.Draw(t, "text"))
		case Integer:
			return NewInteger(rapid.Int64().Draw(t, "n"))
		case Decimal:
			v, err := NewDecimal(rapid.StringMatching(`-?[0-9]{1,20}(\.[0-9]{1,10})?`).Draw(t, "decimal"))
			if err != nil {
				t.Fatal(err)
			}
			return v
		case Bool:
			return NewBool(rapid.Bool().Draw(t, "bool"))
		case Date:
			return NewDate(rapid.Int64Range(minDays, maxDays).Draw(t, "days"))
		case DateTime:
			return NewDateTime(rapid.Int64Range(minDays*secondsPerDay, maxDays*secondsPerDay).Draw(t, "unix"))
		case Symbol:
			return NewSymbol(text.Filter(utf8.ValidString).Draw(t, "symbol"))
		case Option:
			return NewOption(rapid.Int64().Draw(t, "option"))
		case Options:
			return NewOptions(rapid.SliceOf(rapid.Int64()).Draw(t, "options"))
		case Guid:
			return NewGuid(someGuid)
		case Reference:
			return NewReference("account", someGuid)
		case Reference + 1:
			return NewText(string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")))
		default:
			return Value{}
		}
	})
}

func TestStorageFormKeepsEveryValue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		vs := rapid.SliceOf(anyValue()).Draw(t, "row")
		got, err := DecodeValues(AppendValues(nil, vs))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, vs) {
			t.Fatalf("got %#v, want %#v", got, vs)
		}
		// Through encoding/json, whatever it does to the text in between.
		b, err := json.Marshal(vs)
		if err != nil {
			t.Fatal(err)
		}
		var again []Value
		if err := json.Unmarshal(b, &again); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(again, vs) {
			t.Fatalf("through encoding/json: got %#v, want %#v", again, vs)
		}
	})
}

func TestStorageForm(t *testing.T) {
	d, _ := NewDecimal("1.50")
	got := string(AppendValues(nil, []Value{
		{}, NewText("a\"\\\n"), NewText("\xff"), NewInteger(-5), d, NewBool(true), NewDate(1), NewDateTime(2),
		NewSymbol("Yes"), NewOption(3), NewOptions([]int64{9, 1}), NewGuid("0F8F"), NewReference("Account", "AB"),
	}))
	want := `[null,"a\"\\\u000a",["x","/w=="],-5,["d","1.5"],true,["D",1],["t",2],["s","Yes"],["o",3],["O","1,9"],["g","0f8f"],["r","account/ab"]]`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestDecodeRefuses(t *testing.T) {
	for _, text := range []string{
		"", "[", "[1", "[1,", "[1,]", "[1]x", `["a`, `["\x"]`, `["\u12"]`, `[["d"]]`, `[["d","x"]]`, `[["q","x"]]`,
		`[["o","x"]]`, `[["r","x"]]`, `[["D",1,2]]`, "[99999999999999999999]", "[nul]", "[{}]", "[\"\x01\"]", `[["O","a"]]`,
	} {
		if vs, err := DecodeValues([]byte(text)); err == nil {
			t.Errorf("%q was read as %v", text, vs)
		} else if !strings.HasPrefix(err.Error(), "stored value at byte ") {
			t.Errorf("%q: error without a place: %v", text, err)
		}
	}
}

func FuzzDecodeValues(f *testing.F) {
	f.Add([]byte(`[null,"a\u00e9\ud83d\ude00",-5,["d","1.5"],true,["r","account/ab"],["x","/w=="]]`))
	f.Add([]byte(`[["d","1e9"],["O"," 1 , 9 "]]`))
	f.Fuzz(func(t *testing.T, b []byte) {
		vs, err := DecodeValues(b)
		if err != nil {
			return
		}
		again, err := DecodeValues(AppendValues(nil, vs))
		if err != nil || !slices.Equal(again, vs) {
			t.Fatalf("%q: %v became %v (%v)", b, vs, again, err)
		}
	})
}

func TestDecimalCanonical(t *testing.T) {
	for text, want := range map[string]string{
		"0": "0", "-0": "0", "0.0": "0", "-0.00": "0", "007": "7", "+5": "5", "12.500": "12.5", "20000.0000": "20000",
		"1e3": "1000", "1E+2": "100", "12.5e-3": "0.0125", "-1.50e1": "-15", "0e5": "0", "100": "100", "0.1": "0.1",
	} {
		v, err := NewDecimal(text)
		if err != nil || v.DecimalText() != want {
			t.Errorf("NewDecimal(%q) = %v, %v; want %s", text, v, err, want)
		}
	}
	for _, text := range []string{"", "-", ".", "1.", ".5", "1,5", "0x1", "1e", "1e999999999", "NaN", "--1", "1.2.3", " 1", "१"} {
		if v, err := NewDecimal(text); err == nil {
			t.Errorf("NewDecimal(%q) = %v, want an error", text, v)
		}
	}
}

func decimalText() *rapid.Generator[string] {
	return rapid.StringMatching(`-?[0-9]{1,12}(\.[0-9]{1,8})?`)
}

func rat(t *rapid.T, s string) *big.Rat {
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		t.Fatalf("%q is no number", s)
	}
	return r
}

func TestDecimalAgainstRationals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, y := decimalText().Draw(t, "x"), decimalText().Draw(t, "y")
		a, errA := NewDecimal(x)
		b, errB := NewDecimal(y)
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		rx, ry := rat(t, x), rat(t, y)
		if rat(t, a.DecimalText()).Cmp(rx) != 0 {
			t.Fatalf("%s became %s", x, a)
		}
		if (a == b) != (rx.Cmp(ry) == 0) {
			t.Fatalf("%s == %s is %v", a, b, a == b)
		}
		if got := CompareDecimal(a.DecimalText(), b.DecimalText()); got != rx.Cmp(ry) {
			t.Fatalf("Compare(%s, %s) = %d", a, b, got)
		}
		for op, want := range map[string]*big.Rat{
			"+": new(big.Rat).Add(rx, ry), "-": new(big.Rat).Sub(rx, ry), "*": new(big.Rat).Mul(rx, ry),
		} {
			got, err := Arithmetic(op, a, b)
			if err != nil || rat(t, got.DecimalText()).Cmp(want) != 0 {
				t.Fatalf("%s %s %s = %s (%v), want %s", a, op, b, got, err, want)
			}
		}
		scale := rapid.IntRange(0, 6).Draw(t, "scale")
		unit := new(big.Rat).SetFrac(big.NewInt(1), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil))
		off := new(big.Rat).Sub(rat(t, a.Round(scale).DecimalText()), rx)
		half := new(big.Rat).Mul(unit, big.NewRat(1, 2))
		if off.Abs(off).Cmp(half) > 0 || a.Round(scale).Scale() > scale || a.Round(scale).Round(scale) != a.Round(scale) {
			t.Fatalf("Round(%s, %d) = %s", a, scale, a.Round(scale))
		}
		if ry.Sign() != 0 {
			got, err := Arithmetic("/", a, b)
			if err != nil {
				t.Fatal(err)
			}
			diff := new(big.Rat).Sub(rat(t, got.DecimalText()), new(big.Rat).Quo(rx, ry))
			if diff.Abs(diff).Cmp(big.NewRat(1, 1_000_000_000_000)) > 0 {
				t.Fatalf("%s / %s = %s", a, b, got)
			}
		}
	})
}

func TestRoundHalfAwayFromZero(t *testing.T) {
	for _, c := range []struct {
		text  string
		scale int
		want  string
	}{{"2.5", 0, "3"}, {"-2.5", 0, "-3"}, {"1.005", 2, "1.01"}, {"9.995", 2, "10"}, {"-0.004", 2, "0"}, {"0.004", 5, "0.004"}, {"1.5", -2, "2"}} {
		v, _ := NewDecimal(c.text)
		if got := v.Round(c.scale).DecimalText(); got != c.want {
			t.Errorf("Round(%s, %d) = %s, want %s", c.text, c.scale, got, c.want)
		}
	}
}

func TestArithmeticKinds(t *testing.T) {
	six, four := NewInteger(6), NewInteger(4)
	if v, err := Arithmetic("*", six, four); err != nil || v != NewInteger(24) {
		t.Errorf("6 * 4 = %#v, %v", v, err)
	}
	if v, err := Arithmetic("/", six, four); err != nil || v.Kind() != Decimal || v.String() != "1.5" {
		t.Errorf("6 / 4 = %#v, %v", v, err)
	}
	if _, err := Arithmetic("/", six, NewInteger(0)); err == nil {
		t.Error("division by zero gave no error")
	}
	if _, err := Arithmetic("+", six, NewText("1")); err == nil {
		t.Error("a text was added to a number")
	}
}

func TestTimesAgainstStandardLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		unix := rapid.Int64Range(minDays*secondsPerDay, maxDays*secondsPerDay).Draw(t, "unix")
		want := time.Unix(unix, 0).UTC().Format(time.RFC3339)
		v := NewDateTime(unix)
		if v.String() != want {
			t.Fatalf("%d is %s, want %s", unix, v, want)
		}
		if got, err := ParseDateTime(want); err != nil || got != v {
			t.Fatalf("ParseDateTime(%s) = %v, %v", want, got, err)
		}
		if got, err := ParseDate(want); err != nil || got.String() != want[:10] || got.Days() != DayOf(unix) {
			t.Fatalf("ParseDate(%s) = %v, %v", want, got, err)
		}
	})
}

func TestParseTimes(t *testing.T) {
	for text, want := range map[string]string{
		"2026-03-01T08:30:00.999Z":  "2026-03-01T08:30:00Z",
		"2026-03-01T08:30:00-08:00": "2026-03-01T16:30:00Z",
		"2026-03-01T00:30:00+01:00": "2026-02-28T23:30:00Z",
		"1900-01-01T00:00:00Z":      "1900-01-01T00:00:00Z",
	} {
		if v, err := ParseDateTime(text); err != nil || v.String() != want {
			t.Errorf("ParseDateTime(%q) = %v, %v; want %s", text, v, err, want)
		}
	}
	for _, text := range []string{"", "2026-03-01", "2026-03-01T08:30:00", "2026-02-29T00:00:00Z", "2026-03-01T24:00:00Z", "2026-03-01T08:30:00.Z", "2026-03-01T08:30:00+1:00", "2026-03-01T08:30:00Z+01:00", "0000-01-01T00:00:00Z"} {
		if v, err := ParseDateTime(text); err == nil {
			t.Errorf("ParseDateTime(%q) = %v, want an error", text, v)
		}
	}
	for _, text := range []string{"", "2026-3-1", "2026-13-01", "2100-02-29", "2026-03-01x", "2026-03-01T12"} {
		if v, err := ParseDate(text); err == nil {
			t.Errorf("ParseDate(%q) = %v, want an error", text, v)
		}
	}
	if v, err := ParseDate("2026-07-30T12:00:00Z"); err != nil || v.String() != "2026-07-30" {
		t.Errorf("noon: %v, %v", v, err)
	}
}

func TestParsers(t *testing.T) {
	if v, err := ParseGuid("{0F8FAD5B-D9CB-469F-A165-70867728950E}"); err != nil || v != NewGuid(someGuid) || v.Guid() != someGuid {
		t.Errorf("ParseGuid: %v, %v", v, err)
	}
	if _, err := ParseGuid("0f8fad5bd9cb469fa16570867728950e"); err == nil {
		t.Error("a guid without hyphens was read")
	}
	v, err := ParseReference("account/" + someGuid)
	if table, id := v.Ref(); err != nil || table != "account" || id != someGuid || v.Guid() != someGuid {
		t.Errorf("ParseReference: %v, %v", v, err)
	}
	if _, err := ParseReference("account"); err == nil {
		t.Error("a table was read as a reference")
	}
	if v, err := ParseOptions(" 9, 1,1 "); err != nil || v.String() != "1,9" || !slices.Equal(v.OptionList(), []int64{1, 9}) {
		t.Errorf("ParseOptions: %v, %v", v, err)
	}
	if _, err := ParseInteger("9223372036854775808"); err == nil {
		t.Error("an integer of 65 bits was read")
	}
}

func TestCompare(t *testing.T) {
	half, _ := NewDecimal("0.5")
	for _, c := range []struct {
		a, b  Value
		order int
		ok    bool
	}{
		{NewInteger(1), half, 1, true}, {half, NewInteger(1), -1, true}, {NewText("a"), NewText("b"), -1, true},
		{NewDate(1), NewDate(1), 0, true}, {NewDate(1), NewDateTime(1), 0, false}, {Value{}, Value{}, 0, false},
		{NewBool(false), NewBool(true), -1, true},
	} {
		if order, ok := Compare(c.a, c.b); order != c.order || ok != c.ok {
			t.Errorf("Compare(%v, %v) = %d, %v", c.a, c.b, order, ok)
		}
	}
}

func BenchmarkAppendValues(b *testing.B) {
	vs := benchRow()
	buf := AppendValues(nil, vs)
	b.ReportAllocs()
	for b.Loop() {
		buf = AppendValues(buf[:0], vs)
	}
	b.ReportMetric(float64(len(vs)*b.N)/b.Elapsed().Seconds(), "values/s")
}

func BenchmarkDecodeValues(b *testing.B) {
	vs := benchRow()
	buf := AppendValues(nil, vs)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := DecodeValues(buf); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(vs)*b.N)/b.Elapsed().Seconds(), "values/s")
}

func benchRow() []Value {
	d, _ := NewDecimal("12345.67")
	row := []Value{NewText("US-001"), NewText("Contoso Retail Los Angeles"), NewInteger(42), d, NewBool(true), NewDate(20000), NewSymbol("No"), NewOption(806380000), {}, NewReference("account", someGuid)}
	return slices.Repeat(row, 6)
}
