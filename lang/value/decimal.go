package value

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// maxDigits bounds decimals, so that "1e999999999" cannot fill the memory. It
// holds every number that a 64-bit float can, written out.
const maxDigits = 800

// NewDecimal reads a decimal number as JSON and people write it ("12.50",
// "-0.5", "1e3") and gives its canonical form: no exponent, no trailing zeros,
// no "-0", at least one digit before the point.
func NewDecimal(text string) (Value, error) {
	if isCanonical(text) {
		return Value{kind: Decimal, s: text}, nil
	}
	mantissa, exponent := text, 0
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		e, err := strconv.Atoi(text[i+1:])
		if err != nil || e < -maxDigits || e > maxDigits {
			return Value{}, badDecimal(text)
		}
		mantissa, exponent = text[:i], e
	}
	negative := strings.HasPrefix(mantissa, "-")
	if negative || strings.HasPrefix(mantissa, "+") {
		mantissa = mantissa[1:]
	}
	whole, fraction, dotted := strings.Cut(mantissa, ".")
	if !allDigits(whole) || !allDigits(fraction) || whole == "" || dotted && fraction == "" || len(mantissa) > maxDigits {
		return Value{}, badDecimal(text)
	}
	return Value{kind: Decimal, s: place(negative, whole+fraction, len(fraction)-exponent)}, nil
}

// ParseDecimal is NewDecimal under the name of the other parsers.
func ParseDecimal(text string) (Value, error) { return NewDecimal(text) }

func badDecimal(text string) error {
	return fmt.Errorf("%q is not a decimal number", shorten(text))
}

// place writes digits with the point before the last scale of them, in the
// canonical form. A negative scale appends zeros.
func place(negative bool, digits string, scale int) string {
	if scale < 0 {
		digits += strings.Repeat("0", -scale)
		scale = 0
	}
	if len(digits) <= scale {
		digits = strings.Repeat("0", scale-len(digits)+1) + digits
	}
	whole := strings.TrimLeft(digits[:len(digits)-scale], "0")
	fraction := strings.TrimRight(digits[len(digits)-scale:], "0")
	if whole == "" {
		whole = "0"
	}
	if fraction != "" {
		whole += "." + fraction
	}
	if negative && whole != "0" {
		return "-" + whole
	}
	return whole
}

// isCanonical tells whether text is the canonical form of a decimal already:
// the usual case, which costs no allocation.
func isCanonical(text string) bool {
	if len(text) > maxDigits {
		return false
	}
	s := strings.TrimPrefix(text, "-")
	dot := strings.IndexByte(s, '.')
	whole := s
	if dot >= 0 {
		whole = s[:dot]
		fraction := s[dot+1:]
		if fraction == "" || !allDigits(fraction) || fraction[len(fraction)-1] == '0' {
			return false
		}
	}
	if whole == "" || !allDigits(whole) || whole[0] == '0' && len(whole) > 1 {
		return false
	}
	return text != "-0"
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// Compare orders two values: numbers by size whether Integer or Decimal, days
// and moments by time, texts and symbols by byte, false before true. ok is
// false where the kinds have no common order or either is null.
func Compare(a, b Value) (order int, ok bool) {
	switch {
	case a.kind == Integer && b.kind == Integer,
		a.kind == Option && b.kind == Option,
		a.kind == Bool && b.kind == Bool,
		a.kind == Date && b.kind == Date,
		a.kind == DateTime && b.kind == DateTime:
		return compareInt(a.n, b.n), true
	case isNumber(a) && isNumber(b):
		return CompareDecimal(a.DecimalText(), b.DecimalText()), true
	case (a.kind == Text || a.kind == Symbol) && a.kind == b.kind, a.kind == Guid && b.kind == Guid:
		return strings.Compare(a.s, b.s), true
	default:
		return 0, false
	}
}

func isNumber(v Value) bool { return v.kind == Integer || v.kind == Decimal }

func compareInt(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	default:
		return 0
	}
}

// CompareDecimal orders two canonical decimals by size.
func CompareDecimal(a, b string) int {
	negA, negB := strings.HasPrefix(a, "-"), strings.HasPrefix(b, "-")
	switch {
	case negA && !negB:
		return -1
	case !negA && negB:
		return 1
	case negA:
		return compareMagnitude(b[1:], a[1:])
	default:
		return compareMagnitude(a, b)
	}
}

func compareMagnitude(a, b string) int {
	wholeA, fractionA, _ := strings.Cut(a, ".")
	wholeB, fractionB, _ := strings.Cut(b, ".")
	if len(wholeA) != len(wholeB) {
		return compareInt(int64(len(wholeA)), int64(len(wholeB)))
	}
	if c := strings.Compare(wholeA, wholeB); c != 0 {
		return c
	}
	return strings.Compare(fractionA, fractionB)
}

// Round cuts a Decimal to the given number of decimals, half away from zero
// ("2.5" to "3", "-2.5" to "-3"), as both systems round money. Values of other
// kinds come back unchanged.
func (v Value) Round(scale int) Value {
	if v.kind != Decimal {
		return v
	}
	dot := strings.IndexByte(v.s, '.')
	if dot < 0 || len(v.s)-dot-1 <= max(scale, 0) {
		return v
	}
	scale = max(scale, 0)
	negative := v.s[0] == '-'
	start := 0
	if negative {
		start = 1
	}
	up := v.s[dot+1+scale] >= '5'
	kept := []byte("0" + v.s[start:dot] + v.s[dot+1:dot+1+scale])
	for i := len(kept) - 1; up; i-- {
		if kept[i] == '9' {
			kept[i] = '0'
			continue
		}
		kept[i]++
		up = false
	}
	return Value{kind: Decimal, s: place(negative, string(kept), scale)}
}

// Scale gives the number of decimals of a Decimal, 0 for other kinds.
func (v Value) Scale() int {
	if v.kind != Decimal {
		return 0
	}
	if dot := strings.IndexByte(v.s, '.'); dot >= 0 {
		return len(v.s) - dot - 1
	}
	return 0
}

// quotientScale is the number of decimals that a division keeps.
const quotientScale = 12

// Arithmetic applies + - * / to two numbers, exactly but for quotients, which
// keep 12 decimals. Two integers give an Integer unless the result has
// decimals or does not fit 64 bits. The error says what cannot be done.
func Arithmetic(op string, a, b Value) (Value, error) {
	if !isNumber(a) || !isNumber(b) {
		return Value{}, fmt.Errorf("%s needs two numbers, not %s and %s", op, a.kind, b.kind)
	}
	x, xScale := unscaled(a)
	y, yScale := unscaled(b)
	var r big.Int
	scale := max(xScale, yScale)
	switch op {
	case "+":
		r.Add(shift(x, scale-xScale), shift(y, scale-yScale))
	case "-":
		r.Sub(shift(x, scale-xScale), shift(y, scale-yScale))
	case "*":
		r.Mul(x, y)
		scale = xScale + yScale
	case "/":
		if y.Sign() == 0 {
			return Value{}, fmt.Errorf("division by zero")
		}
		// One digit more than is kept, so that Round decides the last one.
		scale = quotientScale + 1
		r.Quo(shift(x, scale+yScale), shift(y, xScale))
	default:
		return Value{}, fmt.Errorf("unknown operator %q", op)
	}
	digits := new(big.Int).Abs(&r).String()
	if len(digits) > maxDigits {
		return Value{}, fmt.Errorf("the result of %s has more than %d digits", op, maxDigits)
	}
	v := Value{kind: Decimal, s: place(r.Sign() < 0, digits, scale)}
	if op == "/" {
		v = v.Round(quotientScale)
	}
	if a.kind == Integer && b.kind == Integer {
		if n, err := strconv.ParseInt(v.s, 10, 64); err == nil {
			return NewInteger(n), nil
		}
	}
	return v, nil
}

// unscaled gives a number without its point, and how many digits followed it.
func unscaled(v Value) (*big.Int, int) {
	if v.kind == Integer {
		return big.NewInt(v.n), 0
	}
	n, _ := new(big.Int).SetString(strings.Replace(v.s, ".", "", 1), 10)
	return n, v.Scale()
}

func shift(n *big.Int, places int) *big.Int {
	return new(big.Int).Mul(n, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(places)), nil))
}
