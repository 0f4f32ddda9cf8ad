package lint

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"
)

// fixtures holds a file for each code: a configuration that is wrong, the
// findings that it must give, and one that is right. The tests run them, the
// pages of the rules show them.
//
//go:embed rules/*.txtar
var fixtures embed.FS

// The parts of a fixture.
const (
	partWrong     = "wrong.dw.hcl" // has the mistake
	partRight     = "right.dw.hcl" // says the same without it
	partWant      = "want"         // all findings of the wrong one, a line each
	partWantRight = "want-right"   // all findings of the right one, none where it is missing
	partSchema    = "schema.json"  // what the schema has beside the base of the tests
)

// Fixture is the example of a code.
type Fixture struct {
	Code  string
	Wrong string // configuration that has the mistake
	Right string // the same without it

	schema    string            // part of a snapshot file, merged over the base
	want      string            // findings of Wrong
	wantRight string            // findings of Right
	beside    map[string][]byte // files that lie beside either, by name
}

// FixtureOf gives the example of a code.
func FixtureOf(code string) (*Fixture, error) {
	text, err := fixtures.ReadFile("rules/" + code + ".txtar")
	if err != nil {
		return nil, fmt.Errorf("%s has no fixture: %w", code, err)
	}
	return parseFixture(code, text)
}

// parseFixture reads the text of a fixture.
func parseFixture(code string, text []byte) (*Fixture, error) {
	f := &Fixture{Code: code, beside: map[string][]byte{}}
	for _, part := range txtar.Parse(text).Files {
		switch part.Name {
		case partWrong:
			f.Wrong = string(part.Data)
		case partRight:
			f.Right = string(part.Data)
		case partSchema:
			f.schema = string(part.Data)
		case partWant:
			f.want = string(part.Data)
		case partWantRight:
			f.wantRight = string(part.Data)
		default:
			if !strings.HasSuffix(part.Name, ".dw.hcl") && !strings.HasSuffix(part.Name, ".dw.json") && !strings.HasSuffix(part.Name, ".csv") {
				return nil, fmt.Errorf("the fixture of %s has a part %q that means nothing", code, part.Name)
			}
			f.beside[part.Name] = part.Data
		}
	}
	return f, nil
}

// fixtureCodes gives the codes that have a fixture, sorted.
func fixtureCodes() []string {
	names, _ := fs.Glob(fixtures, "rules/*.txtar") // the pattern is well-formed
	var out []string
	for _, n := range names {
		out = append(out, strings.TrimSuffix(strings.TrimPrefix(n, "rules/"), ".txtar"))
	}
	slices.Sort(out)
	return out
}
