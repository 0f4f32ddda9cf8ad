package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	_ "modernc.org/sqlite"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/runtime/host"
	"github.com/dualwrite/dw/runtime/report"
)

// goodLink is the link of testdata/bad without its mistakes: the twins are made
// from it, so that they do not have the company that the bad one names.
const goodLink = `link "contoso" {
  sandbox {
    seed    = 7
    records = 80
  }
  companies = ["USMF", "DEMF", "GBSI"]
}
`

// All mistakes of a folder are reported in one run, and finding them changes
// nothing.
func TestAllMistakesInOneRun(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "contoso.dw.hcl"), goodLink)
	serveTwins(t, dir)
	if err := os.CopyFS(filepath.Join(dir, "bad"), os.DirFS("testdata/bad")); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "bad", "*.dw.hcl"))
	if err != nil || len(files) < 3 {
		t.Fatalf("%d bad files, %v", len(files), err)
	}
	for _, f := range files {
		if err := os.Rename(f, filepath.Join(dir, filepath.Base(f))); err != nil {
			t.Fatal(err)
		}
	}
	before := readVersions(t, dir)
	requests := len(mustReadLog(t, dir))

	var got []string
	for _, d := range planDiagnostics(t, dir) {
		got = append(got, fmt.Sprintf("%s %s %s:%d:%d", d.Severity, d.Code, d.Subject.File, d.Subject.Start.Line, d.Subject.Start.Column))
	}
	compareText(t, "testdata/bad/expected.txt", strings.Join(got, "\n")+"\n")

	if after := readVersions(t, dir); !maps.Equal(before, after) {
		t.Error("row versions of the twins have changed")
	}
	n := tally(mustReadLog(t, dir)[requests:])
	if n.reads == 0 || n.all() > 0 || len(n.bare) > 0 {
		t.Errorf("%d reads, these writes: %v, without a token: %v", n.reads, n.writes, n.bare)
	}
}

// Every line of the bad folder that ends in a comment is a mistake and is
// reported there; the others are not.
func TestExpectedMistakesAreTheCommentedLines(t *testing.T) {
	text, err := os.ReadFile("testdata/bad/expected.txt")
	if err != nil {
		t.Fatal(err)
	}
	reported := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		place := strings.Split(strings.Fields(line)[2], ":")
		if strings.HasPrefix(line, "warning ") {
			continue // they come with what is right otherwise
		}
		reported[place[0]+":"+place[1]] = true
	}
	files, err := filepath.Glob("testdata/bad/*.dw.hcl")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(b), "\n") {
			at := fmt.Sprintf("%s:%d", filepath.Base(f), i+1)
			marked := strings.Contains(strings.TrimLeft(line, "# "), " # ")
			if marked != reported[at] {
				t.Errorf("%s: marked as a mistake %t, reported %t: %s", at, marked, reported[at], line)
			}
		}
	}
}

// planDiagnostics runs plan -json on a folder with mistakes.
func planDiagnostics(t *testing.T, dir string, env ...string) diag.List {
	t.Helper()
	out, talk, code := runDW(t, env, "-chdir", dir, "plan", "-json")
	if code != exitError || talk != "" {
		t.Fatalf("exit code %d\n%s%s", code, out, talk)
	}
	return decodeDiagnostics(t, out)
}

func decodeDiagnostics(t *testing.T, text string) diag.List {
	t.Helper()
	var r report.Diagnostics
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if r.Valid || r.Errors != r.Diagnostics.Count(diag.Error) || r.Errors == 0 {
		t.Fatalf("valid %t, %d errors of %d diagnostics", r.Valid, r.Errors, len(r.Diagnostics))
	}
	return r.Diagnostics
}

// runDW runs dw in this process, with variables added to the environment: a
// process of its own takes longer to start than most commands to run, and the
// scripts have hundreds of those.
func runDW(t *testing.T, env []string, args ...string) (out, talk string, code int) {
	t.Helper()
	var o, e syncedBuffer
	h := *host.Real(".")
	h.Out, h.Err, h.In = &o, &e, strings.NewReader("")
	h.Terminal = func(io.Writer) (int, bool) { return 0, false }
	h.LargePages = func(int64) {} // it changes how the whole process uses memory
	h.Environ = func() []string { return append(os.Environ(), env...) }
	h.Getenv = func(name string) string {
		for _, entry := range slices.Backward(env) {
			if value, ok := strings.CutPrefix(entry, name+"="); ok {
				return value
			}
		}
		return os.Getenv(name)
	}
	code = run(&h, append([]string{"dw"}, args...))
	return o.String(), e.String(), code
}

// versionsOf says where each twin keeps the version of a row, and its id.
var versionsOf = map[string]string{"dataverse": "versionnumber", "fno": "rec_version"}

// readVersions reads the versions of all rows of a folder's twins from their
// databases: "twin/table/id" to version.
func readVersions(t *testing.T, dir string) map[string]int64 {
	t.Helper()
	out := map[string]int64{}
	for twin, column := range versionsOf {
		db := openTwin(t, dir, twin)
		for _, table := range texts(t, db, "SELECT m.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name = ?", column) {
			key := texts(t, db, "SELECT name FROM pragma_table_info(?) WHERE pk = 1", table)
			rows, err := db.Query(fmt.Sprintf("SELECT %q, %q FROM %q", key[0], column, table))
			if err != nil {
				t.Fatal(err)
			}
			for rows.Next() {
				var id string
				var version int64
				if err := rows.Scan(&id, &version); err != nil {
					t.Fatal(err)
				}
				out[twin+"/"+table+"/"+id] = version
			}
			if err := rows.Err(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(out) < 80 {
		t.Fatalf("only %d rows in the twins", len(out))
	}
	return out
}

// openTwin opens the database of a twin for reading; the twin may be running.
func openTwin(t *testing.T, dir, twin string) *sql.DB {
	t.Helper()
	path := filepath.Join(dir, ".dw", "sandbox", twin+".db")
	if _, err := os.Stat(path); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=query_only(1)&_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func texts(t *testing.T, db *sql.DB, query string, args ...any) []string {
	t.Helper()
	rows, err := db.Query(query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return out
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// compareText holds a text to a file; DW_UPDATE=1 writes the file.
func compareText(t *testing.T, path, got string) {
	t.Helper()
	if updating() {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is out of date (DW_UPDATE=1 writes it); got:\n%s", path, got)
	}
}
