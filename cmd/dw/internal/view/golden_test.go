package view

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// checkGolden compares what was rendered with testdata/name.golden and holds
// every rendering to the rules of all of them: no trailing blanks, no line
// wider than the terminal, valid text. DW_UPDATE=1 writes the file anew.
func checkGolden(t *testing.T, name string, got []byte, width int) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if os.Getenv("DW_UPDATE") == "1" {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; DW_UPDATE=1 writes it anew\ngot:\n%s\nwant:\n%s", path, got, want)
	}
	if !utf8.Valid(got) {
		t.Errorf("%s is not valid UTF-8", path)
	}
	if width == 0 {
		return
	}
	for i, line := range strings.Split(string(got), "\n") {
		bare := strip(line)
		if strings.TrimRight(bare, " ") != bare {
			t.Errorf("%s line %d ends in blanks", path, i+1)
		}
		if textWidth(bare) > width {
			t.Errorf("%s line %d takes %d columns of %d", path, i+1, textWidth(bare), width)
		}
	}
}

// strip takes the colours out of a line.
func strip(s string) string {
	for {
		at := strings.Index(s, "\x1b[")
		if at < 0 {
			return s
		}
		end := strings.IndexByte(s[at:], 'm')
		if end < 0 {
			return s
		}
		s = s[:at] + s[at+end+1:]
	}
}

// both renders without and with colour at 80 columns; the two must say the
// same.
func both(t *testing.T, name string, render func(buf *bytes.Buffer, o Options) error) {
	t.Helper()
	var bare, coloured bytes.Buffer
	if err := render(&bare, Options{Width: 80}); err != nil {
		t.Fatal(err)
	}
	if err := render(&coloured, Options{Width: 80, Color: true}); err != nil {
		t.Fatal(err)
	}
	checkGolden(t, name, bare.Bytes(), 80)
	checkGolden(t, name+".color", coloured.Bytes(), 80)
	if strip(coloured.String()) != bare.String() {
		t.Errorf("%s: colours change the text", name)
	}
}
