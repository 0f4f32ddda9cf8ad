package session

import (
	"strings"
	"testing"
)

// FuzzParseVersion: what people write names a map and perhaps a version, or it
// is refused; what is read is written so that it is read again.
func FuzzParseVersion(f *testing.F) {
	for _, s := range []string{"map.customers@3", "customers", `customers["a@b"]@2`, `customers["a@b"]`, "@", "@1", "a@0", "a@-1", "a@99999999999999999999", "a@ 1", "module.x.y@3", "a@1@2", "\x1b[2J@1", "a@+5"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ParseVersion(text)
		if err != nil {
			return
		}
		if r.Number < 0 || r.Number == 0 && strings.HasSuffix(text, "@0") {
			t.Fatalf("%q is version %d", text, r.Number)
		}
		if again, err := ParseVersion(r.String()); err != nil || again != r {
			t.Fatalf("%q is %+v, written as %q, read as %+v, %v", text, r, r.String(), again, err)
		}
	})
}
