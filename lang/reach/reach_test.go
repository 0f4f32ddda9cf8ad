package reach

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
)

func table(name string, fields ...*schema.Field) schema.Table {
	return schema.Table{Name: name, Set: name + "s", Fields: fields}
}

func text(name string) *schema.Field { return &schema.Field{Name: name, Type: schema.TypeText} }

func lookup(name string, targets ...string) *schema.Field {
	f := &schema.Field{Name: name, Type: schema.TypeLookup}
	for _, t := range targets {
		f.Targets = append(f.Targets, schema.Target{Table: t, Set: t + "s"})
	}
	return f
}

var tables = []schema.Table{
	table("order", lookup("customerid", "account", "contact"), lookup("category", "category"), lookup("msdyn_company", "cdm_company")),
	table("line", lookup("orderid", "order"), lookup("category", "category")),
	table("account", text("number"), lookup("parent", "account")),
	table("contact", text("personid"), lookup("parent", "account", "contact")),
	table("category", text("name"), lookup("hierarchy", "hierarchy")),
	table("hierarchy", text("name")),
}

func find(name string) *schema.Table { return schema.FindTable(tables, name) }

// show renders hops: a capital F for the first, brackets for idle ones.
func show(hops []Hop) string {
	var out []string
	for _, h := range hops {
		s := h.Table + "." + h.Column
		if h.First {
			s = "F " + s
		}
		if h.Idle {
			s = "(" + s + ")"
		}
		out = append(out, s)
	}
	return strings.Join(out, ", ")
}

func TestField(t *testing.T) {
	plain := func(column string, path ...string) *model.Field {
		return &model.Field{Column: model.Named{Name: column}, Path: path}
	}
	by := func(table string, paths ...string) model.Target {
		out := model.Target{Table: model.Named{Name: table}}
		for _, p := range paths {
			out.Match = append(out.Match, model.Match{FnO: model.Named{Name: "X"}, Path: strings.Split(p, ".")})
		}
		return out
	}
	targets := func(column string, t ...model.Target) *model.Field {
		return &model.Field{Column: model.Named{Name: column}, Targets: t}
	}
	for _, tt := range []struct {
		table string
		field *model.Field
		want  string
	}{
		{"order", plain("customerid"), ""},
		{"order", plain("nothing", "x"), ""},
		{"order", plain("CustomerID", "Number"), "F account.Number, (F contact.Number)"},
		{"order", plain("customerid", "zip"), "F account.zip, F contact.zip"},
		{"order", plain("customerid", "parent", "number"), "F account.parent, F contact.parent, account.number, (contact.number)"},
		{"line", plain("orderid", "customerid", "personid"), "F order.customerid, (account.personid), contact.personid"},
		{"line", targets("category", by("", "name", "hierarchy.name")), "F category.name, F category.hierarchy, hierarchy.name"},
		{"order", targets("customerid", by("Accounts", "number"), by("contact", "personid")), "F account.number, F contact.personid"},
		{"order", targets("customerid", by("lead", "number")), "F account.number, (F contact.number)"},
		{"account", plain("parent", "number"), "F account.number"},
	} {
		if got := show(Field(find(tt.table), tt.field, find)); got != tt.want {
			t.Errorf("%s %s: %s, want %s", tt.table, tt.field.Name(), got, tt.want)
		}
	}
	// A table that is not known yet stands idle beside one that has the column.
	known := func(name string) *schema.Table {
		if name == "contact" {
			return nil
		}
		return find(name)
	}
	if got := show(Field(find("order"), plain("customerid", "number"), known)); got != "F account.number, (F contact.number)" {
		t.Error(got)
	}
}

func TestMap(t *testing.T) {
	m := &model.Map{
		Owner: model.Named{Name: "team:Sales"}, Company: &model.Company{Path: "orderid.msdyn_company"},
		Fields: []*model.Field{{Column: model.Named{Name: "category"}, Path: []string{"name"}}},
	}
	want := "F team.name, F category.name, F order.msdyn_company, cdm_company.cdm_companycode"
	if got := show(Map(m, find("line"), find)); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	m.Company, m.Owner.Name = &model.Company{Global: true}, "company_team"
	if got := show(Map(m, find("line"), find)); got != "F cdm_company.cdm_defaultowningteam, F category.name" {
		t.Error(got)
	}
	if hops := Company(find("line"), "nothing.x", find); len(hops) > 0 {
		t.Error(hops)
	}
	if !slices.Equal(Owner(&model.Map{}), nil) {
		t.Error("an owner out of nothing")
	}
	if got := fmt.Sprint(len(Company(find("order"), "msdyn_company", find))); got != "1" {
		t.Error(got)
	}
}
