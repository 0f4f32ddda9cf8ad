package lang

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/dualwrite/dw/lang/diag"
)

func codesOf(list diag.List) []string {
	var out []string
	for _, d := range list {
		out = append(out, d.Code)
	}
	return out
}

const variableMap = `
variable "name" {
  type    = string
  default = "from-default"
}
variable "companies" {
  type    = list(string)
  default = ["USMF"]
}
link "one" {
  companies = var.companies
  sandbox {}
}
map "a" {
  fno       = var.name
  dataverse = "b"
  key       = { A = "a" }
}
`

func TestVariablesFromOutside(t *testing.T) {
	file := "name = \"from-file\"\n"
	for _, c := range []struct {
		name  string
		files map[string]string
		opts  Options
		want  string
		codes []string
	}{
		{"default", nil, Options{}, "from-default", nil},
		{"environment", nil, Options{Environment: map[string]string{"name": "from-env", "of_another_folder": "x"}}, "from-env", nil},
		{"file wins over environment", map[string]string{"x.dwvars.hcl": file}, Options{Environment: map[string]string{"name": "from-env"}}, "from-file", nil},
		{"flag wins over file", map[string]string{"x.dwvars.hcl": file}, Options{Variables: map[string]string{"name": "${from} flag"}}, "${from} flag", nil},
		{"undeclared flag", nil, Options{Variables: map[string]string{"nmae": "x"}}, "from-default", []string{diag.CodeVariableUndeclared}},
		{"undeclared in file", map[string]string{"x.dwvars.hcl": "nmae = 1\n"}, Options{}, "from-default", []string{diag.CodeVariableUndeclared}},
		{"twice in files", map[string]string{"x.dwvars.hcl": file, "y.dwvars.hcl": file}, Options{}, "from-file", []string{diag.CodeDuplicate}},
		{"reference in file", map[string]string{"x.dwvars.hcl": "name = var.companies\n"}, Options{}, "", []string{diag.CodeWrongType}},
	} {
		t.Run(c.name, func(t *testing.T) {
			fsys := fstest.MapFS{"a.dw.hcl": {Data: []byte(variableMap)}}
			for name, src := range c.files {
				fsys[name] = &fstest.MapFile{Data: []byte(src)}
			}
			cfg, list := Load(fsys, c.opts)
			if got := codesOf(list); !slices.Equal(got, c.codes) {
				t.Errorf("codes %v, want %v\n%v", got, c.codes, list)
			}
			if got := cfg.Maps[0].FnO.Name; got != c.want {
				t.Errorf("value %q, want %q", got, c.want)
			}
		})
	}
}

func TestListFromFlag(t *testing.T) {
	load := func(text string) (string, []string) {
		cfg, list := Load(one("a.dw.hcl", variableMap), Options{Variables: map[string]string{"companies": text}})
		var names []string
		for _, c := range cfg.Links[0].Companies {
			names = append(names, c.Name)
		}
		return strings.Join(names, " "), codesOf(list)
	}
	if got, codes := load(`["DEMF", "GBSI"]`); got != "DEMF GBSI" || codes != nil {
		t.Errorf("got %q %v", got, codes)
	}
	for _, bad := range []string{"DEMF", `["a"`, strings.Repeat("[", 100_000), `[file("x")]`, `{}`} {
		if _, codes := load(bad); !slices.Equal(codes, []string{diag.CodeWrongType}) {
			t.Errorf("%.20q gives %v", bad, codes)
		}
	}
}

// TestSecretsAreNotShown looks for secrets in everything that can be rendered.
func TestSecretsAreNotShown(t *testing.T) {
	files := map[string]string{
		"a.dw.hcl": `
variable "client_secret" {
  sensitive = true
  default   = "hushdefault"
}
link "x" {
  companies = ["USMF", "USMF"]
  fno {
    url = "https://a.example"
  }
  dataverse {
    url = "https://b.example"
  }
  auth "client_secret" {
    tenant_id     = "t"
    client_id     = "c"
    client_secret = "hush literal"
  }
}
map "m" {
  fno       = "${var.client_secret}"
  dataverse = [var.client_secret]
  key       = { (var.client_secret) = "x" }
}
`,
		"b.dw.json":     `{"variable": {"other": {"sensitive": true, "default": "hushjson", "type": "number"}}}`,
		"broken.dw.hcl": "link \"y\" {\n auth \"client_secret\" {\n  client_secret = \"hush\n }\n}\nlink \"v\" {\n receive {\n  key = \"hush\"\n }\n}\n",
		"c.dwvars.hcl":  "client_secret = \"hushfile\"\nclient_secert = \"hushtypo\"\n",
		"d.dw.json":     `{"link": {"z": {"companies": ["A"], "auth": {"client_secret": {"tenant_id": "t", "client_id": "c", "client_secret": "hushjson2"}}}}}`,
	}
	fsys := fstest.MapFS{}
	for name, src := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(src)}
	}
	files["e.dw.hcl"] = "variable \"v\" {\n  default = \"v\"\n}\nlink \"w\" {\n  auth \"client_secret\" {\n    client_secret = \"hush-${var.v}\"\n  }\n}\n"
	fsys["e.dw.hcl"] = &fstest.MapFile{Data: []byte(files["e.dw.hcl"])}
	cfg, list := Load(fsys, Options{Variables: map[string]string{"other": "hushflag"}})
	if !list.HasErrors() {
		t.Fatal("no errors")
	}
	for name, src := range cfg.Sources {
		if bytes.Contains(src, []byte("hush")) {
			t.Errorf("the text of %s shows a secret:\n%s", name, src)
		}
		if original := files[name]; len(original) != len(src) {
			t.Errorf("the text of %s has another length: places move", name)
		}
	}
	if text := fmt.Sprintf("%+v %#v", list, cfg.Links); strings.Contains(text, "hush") {
		t.Errorf("a secret is shown: %s", text)
	}
	if _, ok := cfg.Sources["c.dwvars.hcl"]; ok {
		t.Error("files of variables are kept for showing")
	}
}

// TestBrokenFileHidesNothingElse: one file does not parse; mistakes of the
// others are reported, but not what may stand in the broken one.
func TestBrokenFileHidesNothingElse(t *testing.T) {
	fsys := fstest.MapFS{
		"a.dw.hcl": {Data: []byte("link \"contoso\" {\n  companies = [\"USMF\"\n")},
		"b.dw.hcl": {Data: []byte("map \"m\" {\n  link = link.contoso\n  fno = \"A\"\n  dataverse = var.x\n  conflict = \"merg\"\n  key = { A = \"a\" }\n}\nmap \"n\" {\n  fno = local.y\n  dataverse = \"b\"\n  key = { A = \"a\" }\n}\n")},
	}
	_, list := Load(fsys, Options{Variables: map[string]string{"x": "1"}})
	got := codesOf(list)
	if !slices.Equal(got, []string{diag.CodeSyntax, diag.CodeNotAllowed}) {
		t.Errorf("got %v", list)
	}
}

// TestOneMistakeIsToldOnce: what follows from a mistake is no mistake.
func TestOneMistakeIsToldOnce(t *testing.T) {
	const link = "link \"contoso\" {\n  sandbox {}\n  companies = [\"USMF\"]\n}\n"
	rest := strings.Repeat("enum \"e\" {\n  values = { A = \"b\", C = \"d\" }\n}\n", 20)
	for name, c := range map[string]struct{ text, code, hint string }{
		"text without an end": {link + "map \"m\" {\n  fno = \"A\n  dataverse = \"as\"\n  key = [\"A\"]\n}\n" + rest, diag.CodeSyntax, "quote"},
		"direction": {link + "map \"m\" {\n  fno = \"A\"\n  dataverse = \"as\"\n  key = [\"A\"]\n  fields \"bth\" {\n    A = \"a\"\n  }\n" +
			"  mastering {\n    dataverse = [\"a\"]\n  }\n}\n", diag.CodeNotAllowed, `"both"`},
	} {
		_, list := Load(one("a.dw.hcl", c.text), Options{})
		if len(list) != 1 || list[0].Code != c.code || !strings.Contains(list[0].Hint, c.hint) {
			t.Errorf("%s: got %v", name, list)
		}
	}
}

func TestNoFiles(t *testing.T) {
	cfg, list := Load(fstest.MapFS{"readme.md": {}, "sub/a.dw.hcl": {Data: []byte("nonsense")}}, Options{})
	if cfg == nil || !slices.Equal(codesOf(list), []string{diag.CodeNoFiles}) {
		t.Errorf("got %v", list)
	}
}

func TestRequiredVersion(t *testing.T) {
	for _, c := range []struct {
		constraint, running string
		code                string
	}{
		{">= 0.1", "0.1.0", ""}, {">= 0.1", "0.0.9", diag.CodeVersionUnmet}, {"~> 1.2", "1.9", ""}, {"~> 1.2", "2.0", diag.CodeVersionUnmet},
		{"~> 1.2.3", "1.2.9", ""}, {"~> 1.2.3", "1.3.0", diag.CodeVersionUnmet}, {"~> 1.2.3", "1.2.2", diag.CodeVersionUnmet},
		{"1.2", "1.2.0", ""}, {"= 1.2", "1.2.1", diag.CodeVersionUnmet}, {"!= 1.2", "1.2.0", diag.CodeVersionUnmet},
		{">= 1, < 2", "1.99.3", ""}, {">= 1, < 2", "2.0.0-rc1", diag.CodeVersionUnmet}, {"> 1", "1.0", diag.CodeVersionUnmet}, {"<= 1", "v1.0.0", ""},
		{">= 99", "dev", ""}, {">= 99", "", ""}, {"", "1.0", diag.CodeBadVersion}, {">= x", "1.0", diag.CodeBadVersion}, {"=> 1", "1.0", diag.CodeBadVersion}, {"1.2.3.4.5", "1", diag.CodeBadVersion},
	} {
		_, list := Load(one("a.dw.hcl", fmt.Sprintf("dw {\n  required_version = %q\n}\n", c.constraint)), Options{Version: c.running})
		if got := strings.Join(codesOf(list), " "); got != c.code {
			t.Errorf("%q with dw %q: %q, want %q", c.constraint, c.running, got, c.code)
		}
	}
}

// BenchmarkLoad loads 1,000 maps of 10 fields.
func BenchmarkLoad(b *testing.B) {
	var src strings.Builder
	src.WriteString("link \"one\" {\n  companies = [\"USMF\"]\n  sandbox {}\n}\nenum \"e\" {\n  values = { No = 0, Yes = 1 }\n}\n")
	for i := range 1000 {
		fmt.Fprintf(&src, "map \"m%d\" {\n  fno       = \"Set%d\"\n  dataverse = \"table%d\"\n  key       = [\"F0\"]\n  fields \"both\" {\n", i, i, i)
		for f := range 8 {
			fmt.Fprintf(&src, "    F%d = \"column%d\"\n", f, f)
		}
		src.WriteString("  }\n  field \"c8\" {\n    fno    = \"F8\"\n    values = enum.e\n  }\n  field \"c9\" {\n    fno          = \"F9\"\n    to_dataverse = lower(trimspace(value))\n    to_fno       = value\n  }\n}\n")
	}
	fsys := one("a.dw.hcl", src.String())
	b.SetBytes(int64(src.Len()))
	for b.Loop() {
		cfg, list := Load(fsys, Options{})
		if len(list) > 0 || len(cfg.Maps) != 1000 || len(cfg.Maps[7].Fields) != 10 {
			b.Fatal("not loaded", list)
		}
	}
}
