package fno

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func TestFieldLabel(t *testing.T) {
	for name, want := range map[string]string{
		"CustomerGroupId": "Customer group", "CustomerAccount": "Customer account", "dataAreaId": "Data area",
		"Name": "Name", "ID": "Id", "SATPaymentType": "Sat payment type", "AddressZipCode": "Address zip code", "ABC": "Abc",
	} {
		if got := fieldLabel(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestCanonicalDecimal(t *testing.T) {
	for in, want := range map[string]string{
		"0": "0", "-0": "0", "0.10": "0.1", "12.50": "12.5", "100": "100", "1e3": "1000", "1.5E-2": "0.015", "-7.0": "-7",
		"0.00000000000000005": "0.0000000000000001", "0.000000000000000049": "0", "-0.00000000000000001": "0",
		"1234567890123456.1234567890123456": "1234567890123456.1234567890123456",
	} {
		got, ok := canonicalDecimal(in)
		if !ok || got != want {
			t.Errorf("%s: got %q, %v, want %q", in, got, ok, want)
		}
	}
	for _, in := range []string{"", ".", "1.", ".5", "+1", "0x10", "1/2", "1e40", "1e999", "12345678901234567890123456789012345", "NaN", "1e-9999", "1_0"} {
		if got, ok := canonicalDecimal(in); ok {
			t.Errorf("%s: got %q", in, got)
		}
	}
}

// TestDecimalRoundTrip: what is stored is the number that was sent, and the
// renderer takes it as it is.
func TestDecimalRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.StringMatching(`-?(0|[1-9][0-9]{0,15})(\.[0-9]{1,16})?`).Draw(t, "decimal")
		out, ok := canonicalDecimal(in)
		if !ok {
			t.Fatalf("%s is refused", in)
		}
		a, _ := new(big.Rat).SetString(in)
		b, ok := new(big.Rat).SetString(out)
		if !ok || a.Cmp(b) != 0 {
			t.Fatalf("%s became %s", in, out)
		}
		if !isPlainNumber([]byte(out)) {
			t.Fatalf("%s is not plain", out)
		}
	})
}
