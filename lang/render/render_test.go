package render_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/dualwrite/dw/lang"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/render"
)

// TestLoadsAgain: what is written loads without a word to the same map, and is
// laid out as dw fmt does.
func TestLoadsAgain(t *testing.T) {
	for _, dir := range []string{"../../examples/contoso", "../testdata/good"} {
		cfg, ds := lang.Load(os.DirFS(dir), lang.Options{Environment: map[string]string{"client_secret": "x", "event_key": "x", "secret": "x"}})
		if ds.HasErrors() && len(cfg.Maps) == 0 {
			t.Fatal(ds)
		}
		var link strings.Builder
		for _, l := range cfg.Links {
			link.WriteString("link \"" + l.Name + "\" {\n  sandbox {}\n  companies = [")
			for i, c := range l.Companies {
				if i > 0 {
					link.WriteString(", ")
				}
				link.WriteString(`"` + c.Name + `"`)
			}
			link.WriteString("]\n}\n")
		}
		for _, m := range cfg.Maps {
			t.Run(m.Name, func(t *testing.T) {
				text := render.Map(m)
				if laid, ds := lang.Format(text, "map.dw.hcl"); len(ds) > 0 || string(laid) != string(text) {
					t.Errorf("dw fmt lays it out otherwise: %v\n%s", ds, laid)
				}
				files := fstest.MapFS{"link.dw.hcl": {Data: []byte(link.String())}, "map.dw.hcl": {Data: text}}
				if x := m.Initial.Crosswalk; x != nil {
					files[x.File] = &fstest.MapFile{Data: x.Content}
				}
				again, ds := lang.Load(files, lang.Options{})
				if ds.HasErrors() || len(again.Maps) != 1 {
					t.Fatalf("%v\n%s", ds, text)
				}
				if got, want := plain(t, again.Maps[0]), plain(t, m); got != want {
					t.Errorf("it loads to another map:\n got %s\nwant %s\n%s", got, want, text)
				}
			})
		}
	}
}

// plain gives what a map says: creation that is allowed is the default where it
// can be, and a map of a module or with a key is written under its own name.
func plain(t *testing.T, m *model.Map) string {
	c := *m
	c.Name = ""
	for _, on := range []**bool{&c.Creates.ToDataverse, &c.Creates.ToFnO} {
		if *on != nil && **on {
			*on = nil
		}
	}
	c.Fields = nil
	for _, f := range m.Fields {
		f := *f
		if f.Values != nil {
			e := *f.Values
			e.Name = ""
			f.Values = &e
		}
		c.Fields = append(c.Fields, &f)
	}
	b, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
