package lint

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/dualwrite/dw/lang"
	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/library"
)

// said gives what findings say, without where they stand and what follows from
// that.
func said(list diag.List) (out []string) {
	for _, d := range list {
		out = append(out, fmt.Sprintf("%s %s %s: %s", d.Severity, d.Code, d.Address, d.Summary))
	}
	slices.Sort(out)
	return out
}

// TestExtendedLibrary: a map that extends a standard map has the findings of
// the standard map, each once, and all of them at the reference.
func TestExtendedLibrary(t *testing.T) {
	cat := librarySchema(t)
	together := fstest.MapFS{"link.dw.hcl": {Data: []byte(exampleLink)}}
	copied := map[string][]byte{}
	for _, e := range library.List() {
		if strings.HasSuffix(e.Name, "_2020") {
			continue
		}
		copied[e.File] = standardMap(t, e)
		together[e.File] = &fstest.MapFile{Data: fmt.Appendf(nil, "map %q {\n  extends = library.%s\n}\n", e.Name, e.Name)}
	}
	cfg, ds := withLink(copied)
	if len(ds) > 0 {
		t.Fatal(ds)
	}
	want := said(Check(cfg, cat))
	extending, ds := lang.Load(together, lang.Options{})
	if len(ds) > 0 {
		t.Fatal(ds)
	}
	found := Check(extending, cat)
	if got := said(found); !slices.Equal(got, want) {
		t.Errorf("%d findings\n%s\nwant %d\n%s", len(got), strings.Join(got, "\n"), len(want), strings.Join(want, "\n"))
	}
	for _, d := range found {
		if !strings.HasSuffix(d.Subject.File, ".dw.hcl") || d.Subject.Start.Line > 2 {
			t.Errorf("%s %s stands at %s:%d", d.Code, d.Summary, d.Subject.File, d.Subject.Start.Line)
		}
		if d.Subject.Start.Line == 2 && (d.Subject.Origin.IsZero() || !strings.Contains(d.Detail, "It is inherited") || d.Fix != nil) {
			t.Errorf("%s %s does not say where it comes from: %+v", d.Code, d.Summary, d)
		}
	}
}

// TestNotesAboveExtends: one note above the map silences what is inherited, and
// notes of two maps that extend the same one do not meet.
func TestNotesAboveExtends(t *testing.T) {
	cat := librarySchema(t)
	src := exampleLink + `# dw:ignore DW262 entered by hand
map "noted" {
  extends   = library.payment_terms_paymentterms
  companies = ["USMF"]
}
map "other" {
  extends   = library.payment_terms_paymentterms
  companies = ["DEMF"]
}
`
	cfg, ds := lang.Load(fstest.MapFS{"main.dw.hcl": {Data: []byte(src)}}, lang.Options{})
	if len(ds) > 0 {
		t.Fatal(ds)
	}
	counts := map[string]int{}
	for _, d := range Check(cfg, cat) {
		counts[d.Code+" "+d.Address]++
	}
	if counts["DW262 map.noted"] != 0 || counts["DW262 map.other"] != 2 || counts[diag.CodeUnusedNote+" "] != 0 {
		t.Errorf("%v", counts)
	}
}
