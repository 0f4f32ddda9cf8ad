package lint

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/dualwrite/dw/lang"
	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/planner/internal/fixture"
)

// Around an example: a link where it has none, and a map where it shows a part
// of one.
const (
	exampleLink = "link \"contoso\" {\n  companies = [\"USMF\", \"DEMF\"]\n  sandbox {}\n}\n\n"
	exampleMap  = "map \"example\" {\n  fno       = \"CustomersV3\"\n  dataverse = \"accounts\"\n  key       = { CustomerAccount = \"accountnumber\" }\n\n%s}\n"
)

// fileLine begins another file of an example.
var fileLine = regexp.MustCompile(`(?m)^# (\S+/\S+\.dw\.hcl)$`)

// TestExamplesOfTheLanguage runs every example of the language's page: it is
// laid out as dw fmt does, loads without a word, and is right by the schema of
// the tables that it names, which are cut out of the standard ones.
func TestExamplesOfTheLanguage(t *testing.T) {
	page, err := os.ReadFile("../../docs/language.md")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("testdata/docs.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	cat, err := schema.Decode(text)
	if err != nil {
		t.Fatal(err)
	}
	examples := regexp.MustCompile("(?s)```hcl\n(.*?)```").FindAllSubmatchIndex(page, -1)
	if len(examples) < 12 {
		t.Fatalf("only %d examples", len(examples))
	}
	for _, at := range examples {
		line := 1 + bytes.Count(page[:at[2]], []byte("\n"))
		t.Run(fmt.Sprintf("line %d", line), func(t *testing.T) {
			example(t, string(page[at[2]:at[3]]), &cat)
		})
	}
}

func example(t *testing.T, src string, cat *schema.Catalog) {
	t.Helper()
	laid, ds := lang.Format([]byte(src), "main.dw.hcl")
	if len(ds) > 0 {
		t.Fatalf("it cannot be read: %s", fixture.Lines(ds))
	}
	if string(laid) != src {
		t.Errorf("dw fmt lays it out as\n%s", laid)
	}
	if regexp.MustCompile(`^(fields|field|lookup|constant|filter) `).MatchString(src) {
		src = fmt.Sprintf(exampleMap, src)
	}
	if !strings.Contains(src, "\nlink ") && !strings.HasPrefix(src, "link ") {
		src = exampleLink + src
	}
	files := fstest.MapFS{}
	name, from := "main.dw.hcl", 0
	for _, at := range fileLine.FindAllStringSubmatchIndex(src, -1) {
		files[name] = &fstest.MapFile{Data: []byte(src[from:at[0]])}
		name, from = src[at[2]:at[3]], at[1]
	}
	files[name] = &fstest.MapFile{Data: []byte(src[from:])}
	secrets := map[string]string{"client_secret": "x", "event_key": "x"}
	cfg, ds := lang.Load(files, lang.Options{Environment: secrets})
	if len(ds) > 0 {
		t.Fatalf("it has mistakes:\n%s\n%s", fixture.Lines(ds), src)
	}
	// An example shows what it is about: other maps and columns that a table
	// requires stand elsewhere.
	ds = slices.DeleteFunc(Check(cfg, cat), func(d diag.Diagnostic) bool {
		return d.Severity == diag.Notice || d.Code == diag.CodeNotDelivered || d.Code == diag.CodeRequiredColumn || d.Code == diag.CodeRequiredField
	})
	if len(ds) > 0 {
		t.Errorf("it is wrong by the schema:\n%s\n%s", fixture.Lines(ds), src)
	}
}
