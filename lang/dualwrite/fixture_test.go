package dualwrite_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
	"testing/fstest"

	"github.com/dualwrite/dw/lang"
	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/dualwrite"
	"github.com/dualwrite/dw/lang/model"
)

// tb is what tests and property tests have in common.
type tb interface {
	Helper()
	Errorf(format string, args ...any)
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

const linkFile = `link "made" {
  sandbox {}
  companies = ["USMF"]
}
`

// load reads imported files as a folder of the configuration would, and fails
// on anything that the language objects to.
func load(t tb, files []dualwrite.File) *model.Config {
	t.Helper()
	folder := fstest.MapFS{"link.dw.hcl": {Data: []byte(linkFile)}}
	for _, f := range files {
		if folder[f.Name] != nil {
			t.Fatalf("two files are called %s", f.Name)
		}
		folder[f.Name] = &fstest.MapFile{Data: f.Text}
		formatted, list := lang.Format(f.Text, f.Name)
		if len(list) > 0 || string(formatted) != string(f.Text) {
			t.Errorf("%s is not formatted: %v", f.Name, list)
		}
	}
	cfg, list := lang.Load(fs.FS(folder), lang.Options{})
	for _, d := range list {
		line := ""
		if src := cfg.Sources[d.Subject.File]; src != nil {
			line = strings.Split(string(src), "\n")[d.Subject.Start.Line-1]
		}
		t.Errorf("%s: %s: %s\n%s", d.Subject, d.Code, d.Summary, line)
	}
	return cfg
}

func importAll(t tb, records []dualwrite.Record, o dualwrite.Options) ([]dualwrite.File, diag.List) {
	t.Helper()
	files, list, err := dualwrite.Import(records, o)
	if err != nil {
		t.Fatal(err)
	}
	return files, list
}

func exportAll(t tb, cfg *model.Config, o dualwrite.Options) (dualwrite.Exported, diag.List) {
	t.Helper()
	out, list, err := dualwrite.Export(cfg.Maps, "dw", o)
	if err != nil {
		t.Fatal(err)
	}
	return out, list
}

// read takes the maps out of one text and fails on mistakes.
func read(t tb, name, text string) dualwrite.Found {
	t.Helper()
	found, list := dualwrite.Read(name, []byte(text))
	for _, d := range list {
		if d.Severity == diag.Error {
			t.Fatalf("%s: %s %s %s", name, d.Code, d.Summary, d.Detail)
		}
	}
	return found
}

// maps gives the maps of a configuration as texts that can be compared: ranges
// are no part of them.
func maps(t tb, cfg *model.Config) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, m := range cfg.Maps {
		b, err := json.MarshalIndent(m, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		out[m.Name] = string(b)
	}
	return out
}

// bothWays are those in which an export goes on its way.
var bothWays = [...]string{"json", "solution"}

// fixedPoint imports, exports and imports again, by JSON, by a solution or by
// both: the maps that come back are the same, and so is what they are exported
// to.
func fixedPoint(t tb, records []dualwrite.Record, o dualwrite.Options, ways ...string) []dualwrite.File {
	t.Helper()
	files, _ := importAll(t, records, o)
	cfg := load(t, files)
	out, list := exportAll(t, cfg, o)
	for _, d := range list {
		if d.Severity == diag.Error {
			t.Errorf("export: %s %s %s", d.Code, d.Summary, d.Detail)
		}
	}
	if len(out.Records) != len(cfg.Maps) {
		t.Errorf("%d of %d maps exported", len(out.Records), len(cfg.Maps))
	}
	if len(out.Records) == 0 {
		return files
	}
	again := dualwrite.Options{Labels: o.Labels, Catalog: o.Catalog, Keys: read(t, "keys.json", string(out.Keys.JSON())).Keys}
	for _, way := range ways {
		var records []dualwrite.Record
		if way == "json" {
			for _, r := range out.Records {
				records = append(records, read(t, "map.json", string(r.JSON())).Records...)
			}
		} else {
			zip, err := dualwrite.Solution{UniqueName: "made", Version: "1.0.0.0", Prefix: "dw"}.Zip(out.Records)
			if err != nil {
				t.Fatal(err)
			}
			records = read(t, "solution.zip", string(zip)).Records
		}
		files2, _ := importAll(t, records, again)
		cfg2 := load(t, files2)
		want, got := maps(t, cfg), maps(t, cfg2)
		for name := range want {
			if want[name] != got[name] {
				t.Errorf("%s: map %s changed: %s", way, name, difference(want[name], got[name]))
			}
		}
		if len(got) != len(want) {
			t.Errorf("%s: %d maps became %d", way, len(want), len(got))
		}
		out2, _ := exportAll(t, cfg2, again)
		for i := range out2.Records {
			if a, b := string(out.Records[i].JSON()), string(out2.Records[i].JSON()); a != b {
				t.Errorf("%s: the export of %s changed: %s", way, out.Records[i].Name, difference(a, b))
			}
		}
		if a, b := string(out.Keys.JSON()), string(out2.Keys.JSON()); a != b {
			t.Errorf("%s: keys changed: %s", way, difference(a, b))
		}
	}
	return files
}

// difference shows where two texts part.
func difference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range x {
		if i >= len(y) || x[i] != y[i] {
			from, to := max(i-6, 0), i+12
			return fmt.Sprintf("at line %d:\n%s\nbecame\n%s", i+1,
				strings.Join(x[from:min(to, len(x))], "\n"), strings.Join(y[min(from, len(y)):min(to, len(y))], "\n"))
		}
	}
	return "it is longer:\n" + strings.Join(y[len(x):], "\n")
}
