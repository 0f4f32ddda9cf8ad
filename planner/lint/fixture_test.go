package lint

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/dualwrite/dw/lang"
	"github.com/dualwrite/dw/lang/schema"
)

// TestFixtures: the wrong configuration of a fixture gives exactly the findings
// that it names, and the right one none. Since nothing else finds them, a rule
// that is taken away fails its fixture.
//
// DW_UPDATE=1 writes what was found into the fixtures; look at the difference.
func TestFixtures(t *testing.T) {
	for _, code := range fixtureCodes() {
		t.Run(code, func(t *testing.T) {
			f, err := FixtureOf(code)
			if err != nil {
				t.Fatal(err)
			}
			if f.Wrong == "" || f.Right == "" {
				t.Fatalf("it needs the parts %s and %s", partWrong, partRight)
			}
			wrong, right := f.run(t, partWrong, f.Wrong), f.run(t, partRight, f.Right)
			if os.Getenv("DW_UPDATE") == "1" && (wrong != f.want || right != f.wantRight) {
				updateFixture(t, code, wrong, right)
				return
			}
			if wrong != f.want {
				t.Errorf("the wrong one gives\n%swant\n%s", wrong, f.want)
			}
			if right != f.wantRight {
				t.Errorf("the right one gives\n%swant\n%s", right, f.wantRight)
			}
			if !hasCode(wrong, code) {
				t.Errorf("the wrong one does not give %s", code)
			}
			if hasCode(right, code) {
				t.Errorf("the right one gives %s", code)
			}
		})
	}
}

// TestTwentyMistakes: many mistakes in one folder are all found, each once and
// by its own rule.
func TestTwentyMistakes(t *testing.T) {
	const path = "testdata/twenty.txtar"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := parseFixture("twenty mistakes", text)
	if err != nil {
		t.Fatal(err)
	}
	found := f.run(t, partWrong, f.Wrong)
	if os.Getenv("DW_UPDATE") == "1" {
		if err := os.WriteFile(path, []byte(withPart(string(text), partWant, found)), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if found != f.want {
		t.Errorf("it gives\n%swant\n%s", found, f.want)
	}
	if n := strings.Count(found, "\n"); n < 20 {
		t.Errorf("only %d findings", n)
	}
}

// TestEveryRuleHasAFixture, and every fixture a rule.
func TestEveryRuleHasAFixture(t *testing.T) {
	have := fixtureCodes()
	var codes []string
	for _, r := range Rules() {
		codes = append(codes, r.Code)
		if !slices.Contains(have, r.Code) {
			t.Errorf("%s (%s) has no planner/lint/rules/%s.txtar", r.Code, r.Title, r.Code)
		}
	}
	for _, code := range have {
		if !slices.Contains(codes, code) {
			t.Errorf("planner/lint/rules/%s.txtar is the fixture of no rule", code)
		}
	}
}

func hasCode(findings, code string) bool {
	return strings.Contains("\n"+findings, " "+code+" ")
}

// run checks a configuration and gives its findings, a line each:
// severity, code, what stands at the place, summary.
func (f *Fixture) run(t *testing.T, name, text string) string {
	t.Helper()
	files := fstest.MapFS{name: {Data: []byte(text)}}
	link := strings.Contains("\n"+text, "\nlink ")
	for file, b := range f.beside {
		files[file] = &fstest.MapFile{Data: b}
		link = link || strings.Contains("\n"+string(b), "\nlink ")
	}
	if !link {
		files["link.dw.hcl"] = &fstest.MapFile{Data: []byte(exampleLink)}
	}
	laid, ds := lang.Format([]byte(text), name)
	if len(ds) == 0 && string(laid) != text {
		t.Errorf("dw fmt lays %s out as\n%s", name, laid)
	}
	cfg, ds := lang.Load(files, lang.Options{Environment: map[string]string{"client_secret": "x", "event_key": "x"}})
	if cfg != nil {
		var opts []Option
		if ds.HasErrors() {
			opts = append(opts, Partial())
		}
		ds = append(ds, Check(cfg, f.catalog(t), opts...)...)
	}
	var b strings.Builder
	for _, d := range ds.Sorted() {
		src := ""
		if file, ok := files[d.Subject.File]; ok {
			src = string(file.Data[d.Subject.Start.Byte:d.Subject.End.Byte])
		}
		src, _, _ = strings.Cut(src, "\n")
		fmt.Fprintf(&b, "%s %s \"%s\" %s\n", d.Severity, d.Code, unquoted(src), d.Summary)
		if d.Detail == "" || d.Hint == "" {
			t.Errorf("%s does not say why it matters or what to do: %+v", d.Code, d)
		}
	}
	return b.String()
}

// unquoted takes the quotes off a text that stands in them.
func unquoted(src string) string {
	if inner, ok := strings.CutPrefix(src, `"`); ok && strings.HasSuffix(inner, `"`) {
		return strings.TrimSuffix(inner, `"`)
	}
	return src
}

// catalog gives the schema of a fixture: that of the documentation, with the
// tables that rules need beside it, with its own part over them.
func (f *Fixture) catalog(t *testing.T) *schema.Catalog {
	t.Helper()
	base, err := os.ReadFile("testdata/docs.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	more, err := os.ReadFile("testdata/rules.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	merged := mergeSchema(t, parseSchema(t, string(base)), parseSchema(t, string(more)))
	if f.schema != "" {
		merged = mergeSchema(t, merged, parseSchema(t, f.schema))
	}
	text, err := json.Marshal(merged)
	if err != nil {
		t.Fatal(err)
	}
	cat, err := schema.Decode(text)
	if err != nil {
		t.Fatalf("%v in\n%s", err, f.schema)
	}
	cat = cat.Sorted()
	return &cat
}

func parseSchema(t *testing.T, text string) map[string]any {
	t.Helper()
	var out map[string]any
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return out
}

// mergeSchema lays a partial snapshot over one: tables by set, fields and enums
// by name; any other value replaces the whole value. A table or a field with
// "remove": true goes away.
func mergeSchema(t *testing.T, base, over map[string]any) map[string]any {
	t.Helper()
	for name, v := range over {
		switch name {
		case "fno", "dataverse":
			base[name] = mergeList(t, base[name], v, "set", func(table, part map[string]any) {
				for member, v := range part {
					if member == "fields" {
						v = mergeList(t, table[member], v, "name", nil)
					}
					table[member] = v
				}
				if table["side"] == nil {
					table["side"] = name
				}
			})
		case "enums":
			base[name] = mergeList(t, base[name], v, "name", nil)
		default:
			base[name] = v
		}
	}
	return base
}

// mergeList lays items over those of the same id. Without a way to merge them,
// an item replaces the other.
func mergeList(t *testing.T, base, over any, id string, merge func(item, part map[string]any)) []any {
	t.Helper()
	list, _ := base.([]any)
	parts, ok := over.([]any)
	if !ok {
		t.Fatalf("%v is no list", over)
	}
	for _, p := range parts {
		part, ok := p.(map[string]any)
		if !ok || part[id] == nil {
			t.Fatalf("%v has no %s", p, id)
		}
		at := slices.IndexFunc(list, func(x any) bool { return x.(map[string]any)[id] == part[id] })
		if remove, _ := part["remove"].(bool); remove {
			if at < 0 {
				t.Fatalf("there is no %v to remove", part[id])
			}
			list = slices.Delete(list, at, at+1)
			continue
		}
		switch {
		case at >= 0 && merge == nil:
			list[at] = part
		case merge == nil:
			list = append(list, part)
		default:
			if at < 0 {
				list, at = append(list, map[string]any{id: part[id]}), len(list)
			}
			merge(list[at].(map[string]any), part)
		}
	}
	return list
}

// updateFixture writes what was found into a fixture.
func updateFixture(t *testing.T, code, wrong, right string) {
	t.Helper()
	path := "rules/" + code + ".txtar"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	out := withPart(withPart(string(text), partWant, wrong), partWantRight, right)
	if err := os.WriteFile(path, []byte(out), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Logf("written: %s", path)
}

// withPart replaces a part of a txtar file, at its end where it is new. An
// empty one goes away.
func withPart(text, name, data string) string {
	marker := "-- " + name + " --\n"
	if at := strings.Index(text, marker); at >= 0 {
		rest := text[at+len(marker):]
		end := strings.Index("\n"+rest, "\n-- ")
		if end < 0 {
			end = len(rest)
		}
		text = text[:at] + rest[end:]
	}
	if data == "" {
		return text
	}
	return text + marker + data
}
