package source

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// significant gives the tokens of a file without line ends, which Format may
// drop, and with the comments' white space at the end cut.
func significant(t *testing.T, src []byte) string {
	t.Helper()
	tokens, _ := hclsyntax.LexConfig(src, "", hcl.InitialPos)
	var b strings.Builder
	for _, tok := range tokens {
		if tok.Type == hclsyntax.TokenNewline || tok.Type == hclsyntax.TokenEOF {
			continue
		}
		b.WriteRune(rune(tok.Type))
		if tok.Type == hclsyntax.TokenComment {
			b.WriteString(strings.TrimRight(string(tok.Bytes), "\r\n"))
		} else {
			b.Write(tok.Bytes)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestFormat(t *testing.T) {
	const src = "\n\n\nmap \"a\"   {\n\n\n\n  fno=\"A\"\n  dataverse   = \"b\" # c\n\n\n\n  # d\n\n\n\n  text = <<EOT\n\n\n\n  kept\nEOT\n}\n\n\n"
	const want = "map \"a\" {\n\n  fno       = \"A\"\n  dataverse = \"b\" # c\n\n  # d\n\n  text = <<EOT\n\n\n\n  kept\nEOT\n}\n"
	got, list := Format([]byte(src), "a.dw.hcl")
	if len(list) > 0 || string(got) != want {
		t.Errorf("got:\n%q\nwant:\n%q\n%v", got, want, list)
	}
	if got, list := Format([]byte("{ \"a\":1 }"), "a.dw.json"); len(list) > 0 || string(got) != "{ \"a\":1 }" {
		t.Errorf("JSON is changed: %q %v", got, list)
	}
	if got, list := Format([]byte("map {"), "a.dw.hcl"); got != nil || !list.HasErrors() || list[0].Code != "DW001" {
		t.Errorf("a syntax error gives %q %v", got, list)
	}
	if got, list := Format(nil, "a.dw.hcl"); len(got) != 0 || len(list) > 0 {
		t.Errorf("an empty file gives %q %v", got, list)
	}
}

// FuzzFormat holds Format to any file: no panic, the same tokens, the same
// text when it is formatted again.
func FuzzFormat(f *testing.F) {
	paths, err := filepath.Glob("../testdata/*/*.dw.hcl")
	if err != nil || len(paths) == 0 {
		f.Fatal("no seeds", err)
	}
	for _, p := range paths {
		text, err := os.ReadFile(p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte("a = 1\r\n\r\n\r\n\r\nb   = <<EOT\n\n\n\n  x\nEOT\n\n\n# c\n\n\n\n}"))
	f.Add([]byte("\n\n/* a\n\n\n */ a = [1,\n\n\n2]\n\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		once, list := Format(src, "a.dw.hcl")
		if list.HasErrors() {
			return
		}
		twice, list := Format(once, "a.dw.hcl")
		if list.HasErrors() {
			t.Fatalf("what Format wrote cannot be read: %v\n%q", list, once)
		}
		if !bytes.Equal(once, twice) {
			t.Fatalf("not the same a second time:\n%q\n%q\n%q", src, once, twice)
		}
		if a, b := significant(t, src), significant(t, once); a != b {
			t.Fatalf("tokens changed:\n%q\n%q", a, b)
		}
	})
}
