package lang

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/expr"
	"github.com/dualwrite/dw/lang/source"
)

const languageDoc = "../docs/language.md"

// TestDocs holds the generated parts of the documentation to the tables that
// they come from. DW_UPDATE=1 writes them anew.
func TestDocs(t *testing.T) {
	text, err := os.ReadFile(languageDoc)
	if err != nil {
		t.Fatal(err)
	}
	got := string(text)
	for part, content := range map[string]string{"functions": functionsDoc(), "blocks": Reference(), "codes": codesDoc()} {
		got = replacePart(t, got, part, content)
	}
	if got == string(text) {
		return
	}
	if os.Getenv("DW_UPDATE") != "1" {
		t.Fatalf("%s is out of date: run DW_UPDATE=1 go test ./lang", languageDoc)
	}
	if err := os.WriteFile(languageDoc, []byte(got), 0o644); err != nil {
		t.Fatal(err)
	}
}

func replacePart(t *testing.T, text, part, content string) string {
	t.Helper()
	start := strings.Index(text, "<!-- "+part+":")
	if start < 0 {
		t.Fatalf("no part %s in %s", part, languageDoc)
	}
	start += strings.Index(text[start:], "-->\n") + len("-->\n")
	end := start + strings.Index(text[start:], "<!-- end -->")
	return text[:start] + "\n" + content + "\n" + text[end:]
}

func functionsDoc() string {
	var b strings.Builder
	b.WriteString("| function | what it gives | example |\n| --- | --- | --- |\n")
	for _, f := range expr.Functions() {
		params := strings.Join(f.Params, ", ")
		if f.Max < 0 {
			params += "..."
		}
		fmt.Fprintf(&b, "| `%s(%s)` | %s | `%s` |\n", f.Name, params, f.Doc, f.Example)
	}
	return b.String()
}

func codesDoc() string {
	var b strings.Builder
	b.WriteString("| code | mistake | why it matters |\n| --- | --- | --- |\n")
	for _, c := range diag.Codes() {
		if strings.HasPrefix(c.Code, "DW0") || strings.HasPrefix(c.Code, "DW1") {
			fmt.Fprintf(&b, "| %s | %s | %s |\n", c.Code, c.Title, c.Why)
		}
	}
	return b.String()
}

// TestGrammarIsComplete holds every entry of the table to what messages and
// documentation need.
func TestGrammarIsComplete(t *testing.T) {
	var check func(where string, b *source.BlockSpec)
	attrs := func(where string, list []source.AttrSpec) {
		for _, a := range list {
			if a.NotYet == "" && !strings.HasSuffix(a.Doc, ".") {
				t.Errorf("%s.%s: %q is no sentence", where, a.Name, a.Doc)
			}
			if a.Accept&(source.List|source.Object) != 0 && a.Elem == 0 && len(a.Keys) == 0 {
				t.Errorf("%s.%s takes a list or object of nothing", where, a.Name)
			}
			for _, k := range a.Keys {
				if !strings.HasSuffix(k.Doc, ".") {
					t.Errorf("%s.%s.%s: %q is no sentence", where, a.Name, k.Name, k.Doc)
				}
			}
		}
	}
	check = func(where string, b *source.BlockSpec) {
		where += "." + b.Type
		if b.NotYet == "" && !strings.HasSuffix(b.Doc, ".") {
			t.Errorf("%s: %q is no sentence", where, b.Doc)
		}
		attrs(where, b.Attrs)
		for _, c := range b.Blocks {
			check(where, c)
		}
	}
	for _, b := range grammar().Blocks {
		check("", b)
	}
}
