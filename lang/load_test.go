package lang

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/source"
)

// one makes a folder of one file.
func one(name, src string) fs.FS { return fstest.MapFS{name: {Data: []byte(src)}} }

// TestBadFiles holds Load to the notes in the files of testdata/bad: every
// mistake is reported in one run, on its line, with its code and summary, and
// nothing else is.
func TestBadFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.dw.hcl")
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	note := regexp.MustCompile(`# (ERROR|WARNING) (DW[0-9]{3}): ([^#]*[^# ])`)
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			src, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var want []string
			for i, line := range strings.Split(string(src), "\n") {
				for _, m := range note.FindAllStringSubmatch(line, -1) {
					want = append(want, fmt.Sprintf("%d %s %s: %s", i+1, strings.ToLower(m[1]), m[2], m[3]))
				}
			}
			_, list := Load(one("bad.dw.hcl", string(src)), Options{})
			var got []string
			for _, d := range list {
				got = append(got, fmt.Sprintf("%d %s %s: %s", d.Subject.Start.Line, d.Severity, d.Code, d.Summary))
				checkDiagnostic(t, d, src)
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
		})
	}
}

// checkDiagnostic holds a diagnostic to what all of them must have.
func checkDiagnostic(t *testing.T, d diag.Diagnostic, src []byte) {
	t.Helper()
	if _, ok := diag.Lookup(d.Code); !ok {
		t.Errorf("%s is not in the catalogue", d.Code)
	}
	if d.Detail == "" && d.Hint == "" {
		t.Errorf("%s %q says neither why nor how", d.Code, d.Summary)
	}
	if r := d.Subject; r.End.Byte > len(src) || r.Start.Byte > r.End.Byte {
		t.Errorf("%s %q: the range %v lies outside of the file", d.Code, d.Summary, r)
	}
	if strings.Contains(d.Summary+d.Detail+d.Hint, "hush") {
		t.Errorf("%s %q shows a secret", d.Code, d.Summary)
	}
}

func TestRangesAreTight(t *testing.T) {
	src, err := os.ReadFile("testdata/bad/maps.dw.hcl")
	if err != nil {
		t.Fatal(err)
	}
	_, list := Load(one("bad.dw.hcl", string(src)), Options{})
	want := map[string]string{
		`link.oen is not declared`:                                             `link.oen`,
		`the key field "CustomerAcount" is not mapped`:                         `"CustomerAcount"`,
		`"merg" is not possible for the attribute conflict`:                    `"merg"`,
		`the column "NAME" is written twice`:                                   `"NAME"`,
		`no function "lowr"`:                                                   `lowr`,
		`no name "valeu" in a value expression`:                                `valeu`,
		`the F&O field "customergroupid" is written twice`:                     `customergroupid`,
		`mastering names "emailadress1", which the map does not carry`:         `"emailadress1"`,
		`the company "DEMF" is not in link.two`:                                `"DEMF"`,
		`no attribute "filter" in a map block`:                                 `filter`,
		`the key "No" is given twice`:                                          `No`,
		`map "customers" is declared twice`:                                    `"customers"`,
		`"to_dataverze" is not possible for the direction of the fields block`: `"to_dataverze"`,
	}
	for summary, text := range want {
		i := slices.IndexFunc(list, func(d diag.Diagnostic) bool { return d.Summary == summary })
		if i < 0 {
			t.Errorf("not reported: %s", summary)
			continue
		}
		r := list[i].Subject
		if got := string(src[r.Start.Byte:r.End.Byte]); got != text {
			t.Errorf("%s: the range is %q, want %q", summary, got, text)
		}
	}
	hints := map[string]string{
		`link.oen is not declared`:                                        "link.one",
		`the key field "CustomerAcount" is not mapped`:                    "CustomerAccount",
		`"merg" is not possible for the attribute conflict`:               `"merge"`,
		`no function "lowr"`:                                              "lower",
		`no name "valeu" in a value expression`:                           "value",
		`mastering names "emailadress1", which the map does not carry`:    "emailaddress1",
		`enum.yess is not declared`:                                       "enum.yes",
		`no name "accounts" here`:                                         `"accounts"`,
		`no attribute "filter" in a map block`:                            "is a block",
		`together names "OrganizationName", which the map does not carry`: `"name"`,
	}
	for summary, hint := range hints {
		i := slices.IndexFunc(list, func(d diag.Diagnostic) bool { return d.Summary == summary })
		if i < 0 || !strings.Contains(list[i].Hint, hint) {
			t.Errorf("%s: no hint of %s", summary, hint)
		}
	}
}

// TestLookupRanges holds mistakes of lookups, value maps and receivers to their
// places and hints.
func TestLookupRanges(t *testing.T) {
	src, err := os.ReadFile("testdata/bad/lookups.dw.hcl")
	if err != nil {
		t.Fatal(err)
	}
	_, list := Load(one("bad.dw.hcl", string(src)), Options{})
	for summary, want := range map[string][2]string{
		`"fali" is not possible for otherwise`:                                       {`"fali"`, `Did you mean "fail"?`},
		`"PASS" is not possible for otherwise`:                                       {`"PASS"`, `Did you mean "pass"?`},
		`the key "01" is given twice`:                                                {`"01"`, ``},
		`the key field "Either" is mapped as part of a lookup only`:                  {`"Either"`, `Either = "column"`},
		`the F&O field "Back" is written twice`:                                      {`"four"`, `fields "to_dataverse"`},
		`the target "Parties" is given twice`:                                        {`"Parties"`, `one match`},
		`the column "Number" is matched twice`:                                       {`"Number"`, ``},
		`match and target exclude each other`:                                        {`match`, `target block`},
		`lookup "contactid" needs the attribute "match"`:                             {`lookup "contactid"`, `match = {`},
		`the block receive needs the attribute "url"`:                                {`":7071"`, `reverse proxy`},
		`reverse belongs to enum.words`:                                              {`reverse`, `in the enum`},
		`an owner by a lookup is not in this version of dw`:                          {`"ownerid.fullname"`, `company_team`},
		`"deactivate" is not possible for the entry to_fno of the attribute deletes`: {`"deactivate"`, ``},
	} {
		i := slices.IndexFunc(list, func(d diag.Diagnostic) bool { return d.Summary == summary })
		if i < 0 {
			t.Errorf("not reported: %s", summary)
			continue
		}
		r := list[i].Subject
		if got := string(src[r.Start.Byte:r.End.Byte]); got != want[0] {
			t.Errorf("%s: the range is %q, want %q", summary, got, want[0])
		}
		if !strings.Contains(list[i].Hint, want[1]) {
			t.Errorf("%s: the hint %q does not say %q", summary, list[i].Hint, want[1])
		}
	}
}

// TestFormatKeepsMeaning: a laid out configuration says the same.
func TestFormatKeepsMeaning(t *testing.T) {
	src, err := os.ReadFile("testdata/good/full.dw.hcl")
	if err != nil {
		t.Fatal(err)
	}
	squeezed := strings.NewReplacer("  ", " ", "\t", " ").Replace(string(src))
	text, list := Format([]byte(squeezed), "full.dw.hcl")
	if len(list) > 0 {
		t.Fatal(list)
	}
	again, _ := Format(text, "full.dw.hcl")
	if string(again) != string(text) {
		t.Error("what was laid out is laid out otherwise")
	}
	opts := Options{Variables: map[string]string{"client_secret": "hush"}, Version: "0.5.0"}
	files := fstest.MapFS{"full.dw.hcl": {Data: text}}
	for _, name := range []string{"shared/shared.dw.hcl", "shared/inner/inner.dw.hcl", "customers.csv"} { // what it names
		b, err := os.ReadFile(filepath.Join("testdata/good", name))
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: b}
	}
	cfg, list := Load(files, opts)
	if len(list) > 0 {
		t.Fatal(list)
	}
	if got, want := string(modelJSON(t, cfg)), string(modelJSON(t, loadGood(t))); got != want {
		t.Error("the model is another one")
	}
}

func loadGood(t *testing.T) *model.Config {
	t.Helper()
	cfg, list := Load(os.DirFS("testdata/good"), Options{Variables: map[string]string{"client_secret": "hush"}, Version: "0.5.0"})
	for _, d := range list {
		t.Errorf("%s %s %s: %s", d.Subject, d.Code, d.Summary, d.Detail)
	}
	if t.Failed() {
		t.FailNow()
	}
	return cfg
}

// TestGood compares the whole model of a configuration that uses everything.
func TestGood(t *testing.T) {
	got := modelJSON(t, loadGood(t))
	const path = "testdata/good/full.model.json"
	if os.Getenv("DW_UPDATE") == "1" {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s differs; DW_UPDATE=1 writes it anew\ngot:\n%s", path, got)
	}
}

// modelJSON renders a configuration without its places and texts.
func modelJSON(t *testing.T, cfg *model.Config) []byte {
	t.Helper()
	plain := *cfg
	plain.Sources, plain.IgnoreNotes = nil, nil
	text, err := json.MarshalIndent(plain, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	var any map[string]any
	if err := json.Unmarshal(text, &any); err != nil {
		t.Fatal(err)
	}
	dropRanges(any)
	text, err = json.MarshalIndent(any, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return append(text, '\n')
}

func dropRanges(v any) {
	switch v := v.(type) {
	case map[string]any:
		delete(v, "Range")
		delete(v, "range")
		for _, x := range v {
			dropRanges(x)
		}
	case []any:
		for _, x := range v {
			dropRanges(x)
		}
	}
}

// TestJSONTwin loads the same configuration in the JSON form of HCL.
func TestJSONTwin(t *testing.T) {
	cfg, list := Load(os.DirFS("testdata/json"), Options{Variables: map[string]string{"client_secret": "hush"}, Version: "0.5.0"})
	for _, d := range list {
		t.Errorf("%s %s %s: %s", d.Subject, d.Code, d.Summary, d.Detail)
	}
	got, want := string(modelJSON(t, cfg)), string(modelJSON(t, loadGood(t)))
	if got != want {
		g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
		for i := range min(len(g), len(w)) {
			if g[i] != w[i] {
				t.Fatalf("line %d of the model differs: JSON gives %q, native %q", i+1, g[i], w[i])
			}
		}
		t.Fatal("one model is longer")
	}
}

func TestModelRanges(t *testing.T) {
	cfg := loadGood(t)
	src := cfg.Sources["full.dw.hcl"]
	text := func(r diag.Range) string { return string(src[r.Start.Byte:r.End.Byte]) }
	m := cfg.Maps[0]
	f := m.Fields[2]
	onHold := cfg.Enums[slices.IndexFunc(cfg.Enums, func(e *model.Enum) bool { return e.Name == "on_hold" })]
	for got, want := range map[string]string{
		text(m.FnO.Range):                    `"CustomersV3"`,
		text(m.Key[0].Range):                 `"CustomerAccount"`,
		text(m.Range):                        `map "customers"`,
		text(f.Column.Range):                 `"msdyn_customergroupid.msdyn_groupid"`,
		text(f.FnO.Range):                    `CustomerGroupId`,
		text(m.Filter.FnO.Range):             `"PartyType eq 'Organization'"`,
		text(m.Fields[9].Column.Range):       `"address1_city"`,
		text(m.Fields[13].ToDataverse.Range): `lower(trimspace(value))`,
		text(onHold.Values[2].Range):         `""`,
	} {
		if got != want {
			t.Errorf("a range covers %q, want %q", got, want)
		}
	}
	if body := text(m.BodyRange); !strings.HasPrefix(body, `map "customers" {`) || !strings.HasSuffix(body, "}") {
		t.Errorf("the body is %.40q ...", body)
	}
}

func TestIgnoreNotes(t *testing.T) {
	cfg := loadGood(t)
	src := cfg.Sources["full.dw.hcl"]
	var got []string
	for _, n := range cfg.IgnoreNotes {
		got = append(got, n.Code+"|"+n.Reason+"|"+string(src[n.Target.Start.Byte:n.Target.End.Byte]))
	}
	want := []string{
		`DW203|the length is checked in F&O|InvoiceAddressLatitude = "address2_latitude"`,
		`DW204|known|values = { A = 1, B = 2 }`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("notes:\n%q\nwant:\n%q", got, want)
	}
}

func parseTree(t *testing.T, src string) (*source.Tree, diag.List) {
	t.Helper()
	return source.Load(one("main.dw.hcl", src), grammar(), source.Inputs{Known: map[string]source.Known{"library": libraryNames()}})
}
