package sandbox_test

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/runtime/sandbox/catalog"
	"github.com/dualwrite/dw/runtime/sandbox/generate"
)

// nowhere takes rows and forgets them.
type nowhere struct{}

func (nowhere) Load(context.Context, string, []map[string]any) error { return nil }

const exampleFolder = "../../examples/contoso"

// names finds the parts of the catalog.
type names struct {
	catalog.Catalog
}

func (n names) table(match func(catalog.Table) bool) *catalog.Table {
	if i := slices.IndexFunc(n.Tables, match); i >= 0 {
		return &n.Tables[i]
	}
	return nil
}

func (n names) property(set, field string) *catalog.Property {
	for _, e := range n.Entities {
		if e.EntitySet == set {
			if i := slices.IndexFunc(e.Properties, func(p catalog.Property) bool { return p.Name == field }); i >= 0 {
				return &e.Properties[i]
			}
		}
	}
	return nil
}

// column follows a path of lookups and returns its last column.
func (n names) column(t *catalog.Table, path []string) *catalog.Column {
	i := slices.IndexFunc(t.Columns, func(c catalog.Column) bool { return c.LogicalName == path[0] })
	if i < 0 {
		return nil
	}
	c := &t.Columns[i]
	if len(path) == 1 {
		return c
	}
	if len(c.Targets) != 1 {
		return nil
	}
	next := n.table(func(t catalog.Table) bool { return t.LogicalName == c.Targets[0].Table })
	if next == nil {
		return nil
	}
	return n.column(next, path[1:])
}

func (n names) member(enum, symbol string) bool {
	return slices.ContainsFunc(n.Enums, func(e catalog.Enum) bool {
		return e.Name == enum && slices.ContainsFunc(e.Members, func(m catalog.Member) bool { return m.Name == symbol })
	})
}

// TestExampleFitsTheTwins holds the example to the catalog: every name in it
// exists, value maps name members and options that exist, and data are
// generated for its maps.
func TestExampleFitsTheTwins(t *testing.T) {
	cfg, list := lang.Load(os.DirFS(exampleFolder), lang.Options{})
	for _, d := range list {
		t.Errorf("%s: %s: %s", d.Subject, d.Code, d.Summary)
	}
	for name, text := range cfg.Sources {
		if formatted, _ := lang.Format(text, name); string(formatted) != string(text) {
			t.Errorf("%s is not formatted", name)
		}
	}
	facts, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	n := names{facts}
	var companies []string
	for _, c := range cfg.Links[0].Companies {
		companies = append(companies, c.Name)
	}
	if cfg.Links[0].Sandbox == nil || cfg.Links[0].Sandbox.Records != generate.DefaultRecords {
		t.Errorf("the link's sandbox is %+v", cfg.Links[0].Sandbox)
	}
	report, err := generate.Fill(t.Context(), generate.Options{Seed: 1, Records: 400, Companies: companies}, nowhere{}, nowhere{})
	if err != nil {
		t.Fatal(err)
	}
	// Data are made for every map of the example.
	for _, m := range cfg.Maps {
		made := report.Of(m.Name)
		if m.FnO.Name != made.EntitySet || m.Dataverse.Name != made.Table {
			t.Errorf("map %s binds %s and %s, data are made for %s and %s", m.Name, m.FnO.Name, m.Dataverse.Name, made.EntitySet, made.Table)
		}
		table := n.table(func(t catalog.Table) bool { return t.EntitySet == m.Dataverse.Name })
		if table == nil {
			t.Fatalf("map %s: no table %s", m.Name, m.Dataverse.Name)
		}
		for _, f := range m.Fields {
			checkField(t, n, m, table, f)
		}
	}
}

func checkField(t *testing.T, n names, m *model.Map, table *catalog.Table, f *model.Field) {
	t.Helper()
	at := m.Name + "." + f.Name()
	var property *catalog.Property
	var column *catalog.Column
	if f.FnO.Name != "" {
		if property = n.property(m.FnO.Name, f.FnO.Name); property == nil {
			t.Errorf("%s: %s has no field %s", at, m.FnO.Name, f.FnO.Name)
			return
		}
	}
	if f.Column.Name != "" {
		if column = n.column(table, append([]string{f.Column.Name}, f.Path...)); column == nil {
			t.Errorf("%s: no column %s", at, strings.Join(append([]string{f.Column.Name}, f.Path...), "."))
			return
		}
	}
	if f.Values == nil {
		isEnum := property != nil && !strings.HasPrefix(property.Type, "Edm.") && property.Type != "NoYes"
		if isEnum && column != nil && column.Type == "PicklistType" {
			t.Errorf("%s: an enum and a choice without a value map", at)
		}
		return
	}
	for _, v := range f.Values.Values {
		if symbol := v.FnO.Text(); !strings.HasPrefix(property.Type, "Edm.") && !n.member(property.Type, symbol) {
			t.Errorf("%s: %s has no member %s", at, property.Type, symbol)
		}
		if len(column.Options) > 0 && !slices.ContainsFunc(column.Options, func(o catalog.Option) bool { return v.Dataverse.Int() == int64(o.Value) }) {
			t.Errorf("%s: no option %v", at, v.Dataverse)
		}
	}
	if f.Direction != model.ToDataverse && len(f.Values.Values) < len(column.Options) {
		t.Errorf("%s: %d values for %d options", at, len(f.Values.Values), len(column.Options))
	}
}
