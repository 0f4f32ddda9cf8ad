package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dualwrite/dw/runtime/host"
)

// keyboard is a standard input that somebody types at.
type keyboard struct{ io.Reader }

func (keyboard) Write(p []byte) (int, error) { return len(p), nil }

const approveConfig = `
policy { changes = "approve" }
link "contoso" {
  sandbox { records = 80 }
  companies = ["USMF"]
}
map "currencies" {
  fno       = "Currencies"
  dataverse = "transactioncurrencies"
  key       = { CurrencyCode = "isocurrencycode" }
  fields "both" { Name = "currencyname" }
  filter { fno = "CurrencyCode ne '999'" }
  constant "exchangerate" { value = 1.0 }
}
`

// A plan that a policy wants approved is carried out after a person's yes on a
// terminal, and after nothing else that can be typed or piped in.
func TestApprovalByAPerson(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "main.dw.hcl"), []byte(approveConfig), 0o600); err != nil {
		t.Fatal(err)
	}
	apply := func(in io.Reader, terminal bool, flags ...string) (out, talk string, code int) {
		h := host.Real(dir)
		var o, e bytes.Buffer
		h.Out, h.Err, h.In = &o, &e, in
		h.Terminal = func(w io.Writer) (int, bool) { _, typed := w.(keyboard); return 80, typed && terminal }
		code = run(h, append([]string{"dw", "-chdir", dir, "apply"}, flags...))
		return o.String(), e.String(), code
	}
	for name, c := range map[string]struct {
		in       io.Reader
		terminal bool
		flags    []string
		want     string
	}{
		"piped in":     {strings.NewReader("yes\n"), true, nil, "DW306"},
		"no terminal":  {keyboard{strings.NewReader("yes\n")}, false, nil, "DW306"},
		"no":           {keyboard{strings.NewReader("no\n")}, true, nil, "DW903"},
		"nothing":      {keyboard{strings.NewReader("")}, true, nil, "DW903"},
		"auto-approve": {keyboard{strings.NewReader("yes\n")}, true, []string{"-auto-approve"}, "DW306"},
	} {
		_, talk, code := apply(c.in, c.terminal, c.flags...)
		if code != exitUnapproved || !strings.Contains(talk, c.want) {
			t.Errorf("%s: exit code %d\n%s", name, code, talk)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, ".dw", "state.db")); err == nil {
		t.Error("something was deployed")
	}
	if out, talk, code := apply(keyboard{strings.NewReader("yes\n")}, true); code != exitDone || !strings.Contains(out, "Applied: ") {
		t.Errorf("a person's yes: exit code %d\n%s%s", code, out, talk)
	}
}
