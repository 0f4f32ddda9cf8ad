package lang

import (
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/diag"
)

// notedMistakes gives the mistakes that the files of a folder announce in
// comments, as "file:line severity code: summary".
func notedMistakes(t *testing.T, fsys fs.FS) (want []string) {
	t.Helper()
	note := regexp.MustCompile(`# (ERROR|WARNING) (DW[0-9]{3}): ([^#]*[^# ])`)
	err := fs.WalkDir(fsys, ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		src, err := fs.ReadFile(fsys, path)
		for i, line := range strings.Split(string(src), "\n") {
			for _, m := range note.FindAllStringSubmatch(line, -1) {
				want = append(want, fmt.Sprintf("%s:%d %s %s: %s", path, i+1, strings.ToLower(m[1]), m[2], m[3]))
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return want
}

// mistakes gives diagnostics in the same form.
func mistakes(list diag.List) (got []string) {
	for _, d := range list {
		got = append(got, fmt.Sprintf("%s:%d %s %s: %s", d.Subject.File, d.Subject.Start.Line, d.Severity, d.Code, d.Summary))
	}
	return got
}

// TestBadModules holds Load to the notes in the files of a configuration whose
// modules have mistakes.
func TestBadModules(t *testing.T) {
	for _, dir := range []string{"bad", "broken"} {
		t.Run(dir, func(t *testing.T) { badModules(t, os.DirFS("testdata/modules/"+dir)) })
	}
}

func badModules(t *testing.T, fsys fs.FS) {
	t.Helper()
	want := notedMistakes(t, fsys)
	cfg, list := Load(fsys, Options{})
	got := mistakes(list)
	for _, d := range list {
		checkDiagnostic(t, d, cfg.Sources[d.Subject.File])
	}
	for _, w := range want {
		if !slices.Contains(got, w) {
			t.Errorf("not reported: %s", w)
		}
	}
	for _, g := range got {
		if !slices.Contains(want, g) {
			t.Errorf("reported without a note: %s", g)
		}
	}
	if len(want) != len(got) && !t.Failed() {
		t.Errorf("%d reported, %d wanted: a repetition", len(got), len(want))
	}
}
