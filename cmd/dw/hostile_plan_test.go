package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/dualwrite/dw/planner/plan"
	"github.com/dualwrite/dw/runtime/host"
)

const hostilePlanConfig = `
link "contoso" {
  sandbox { records = 40 }
  companies = ["USMF"]
}
map "currencies" {
  fno       = "Currencies"
  dataverse = "transactioncurrencies"
  key       = { CurrencyCode = "isocurrencycode" }
  filter { fno = "CurrencyCode ne '999'" }
  field "currencyname" {
    fno          = "Name"
    to_dataverse = upper(trimspace(value))
    to_fno       = value
  }
  constant "currencysymbol" { value = "x" }
}
`

// hostileValues take the place of what a saved plan holds.
func hostileValues() map[string]any {
	var deep any = "x"
	for range 3000 {
		deep = []any{deep}
	}
	return map[string]any{
		"null": nil, "negative": -1, "huge": 1 << 62, "fraction": 1e300, "text": "\x1b[2J\x1b]0;pwned\x07\u202e\u009b", "empty": "", "list": []any{}, "object": map[string]any{},
		"nulls": []any{nil}, "true": true, "deep": deep, "long": strings.Repeat("x", 100_000),
	}
}

// places gives the ways to everything in a JSON value, the first item of lists
// standing for all of them.
func places(v any, at []string) (out [][]string) {
	if len(at) > 0 {
		out = append(out, slices.Clone(at))
	}
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			out = append(out, places(v[name], append(at, name))...)
		}
	case []any:
		if len(v) > 0 {
			out = append(out, places(v[0], append(at, "0"))...)
		}
	}
	return out
}

// replaced gives a copy of a JSON value with another at a place.
func replaced(v any, at []string, by any) any {
	if len(at) == 0 {
		return by
	}
	switch v := v.(type) {
	case map[string]any:
		v = maps.Clone(v)
		v[at[0]] = replaced(v[at[0]], at[1:], by)
		return v
	case []any:
		v = slices.Clone(v)
		v[0] = replaced(v[0], at[1:], by)
		return v
	}
	return v
}

// TestHostilePlans: a saved plan in which anything stands in the place of
// anything, with hashes that fit, is refused, shown or carried out; it never
// crashes dw, and no control character of it reaches a terminal.
// DW_HOSTILE=full makes all of them, which takes minutes.
func TestHostilePlans(t *testing.T) {
	notShort(t)
	dir := t.TempDir()
	write(t, filepath.Join(dir, "main.dw.hcl"), hostilePlanConfig)
	call := func(dir string, args ...string) (text string, code int) {
		defer func() {
			if r := recover(); r != nil {
				text, code = fmt.Sprintf("panic: %v\n%s", r, debug.Stack()), 99
			}
		}()
		h := host.Real(dir)
		var b bytes.Buffer
		h.Out, h.Err = &b, &b
		code = run(h, append([]string{"dw", "-chdir", dir}, args...))
		return b.String(), code
	}
	if out, code := call(dir, "plan", "-out", "good.json"); code != 0 {
		t.Fatal(out)
	}
	text, err := os.ReadFile(filepath.Join(dir, "good.json"))
	if err != nil {
		t.Fatal(err)
	}
	var good any
	if err := json.Unmarshal(text, &good); err != nil {
		t.Fatal(err)
	}
	values := hostileValues()
	every, stride, n := 11, 6, 0
	if os.Getenv("DW_HOSTILE") == "full" {
		every, stride = 1, 1
	}
	var readable []string
	names := map[string]string{} // of a file: what is wrong in it
	for _, at := range places(good, nil) {
		for _, name := range slices.Sorted(maps.Keys(values)) {
			if n++; n%every != 0 && name != "nulls" {
				continue
			}
			raw, err := json.Marshal(replaced(good, at, values[name]))
			if err != nil {
				t.Fatal(err)
			}
			what := strings.Join(at, ".") + " is " + name
			var p plan.Plan
			if json.Unmarshal(raw, &p) == nil { // whoever changes a plan can seal it too
				if err := plan.Seal(&p, nil); err == nil {
					raw, err = plan.Encode(&p)
					if err != nil {
						t.Fatal(err)
					}
				}
			}
			file := fmt.Sprintf("p%d.json", len(names))
			names[file] = what
			write(t, filepath.Join(dir, file), string(raw))
			out, code := call(dir, "show", file)
			tame(t, what, out)
			if code == 0 {
				readable = append(readable, file)
			} else if !strings.Contains(out, "DW3") {
				t.Errorf("%s: %.2500s", what, out)
			}
		}
	}
	carried := 0
	for i := 0; i < len(readable); i += stride {
		out, code := call(dir, "apply", "-auto-approve", readable[i])
		tame(t, names[readable[i]], out)
		if code == 0 {
			carried++
			if err := os.Remove(filepath.Join(dir, ".dw", "state.db")); err != nil {
				t.Fatal(err)
			}
		} else if code != 1 || strings.Contains(out, "goroutine ") {
			t.Errorf("%s: %.2500s", names[readable[i]], out)
		}
	}
	t.Logf("%d plans, %d readable, %d carried out", len(names), len(readable), carried)
}

// tame holds an output to what may reach a terminal.
func tame(t *testing.T, what, out string) {
	t.Helper()
	for _, r := range out {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) {
			t.Errorf("%s: %U in %.400q", what, r, out)
		}
	}
	if len(out) > 400_000 {
		t.Fatalf("%s: %d bytes", what, len(out))
	}
}
