package pull_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/connect/pull"
)

// side answers Tables from a list; every other method is out of bounds.
type side struct {
	connect.Connector
	side   value.Side
	tables []schema.Table
	enums  []schema.Enum
	asked  [][]string
	err    error
}

func (s *side) Tables(_ context.Context, sets []string) ([]schema.Table, []schema.Enum, []schema.Unknown, error) {
	s.asked = append(s.asked, sets)
	var tables []schema.Table
	var unknown []schema.Unknown
	for _, name := range sets {
		i := slices.IndexFunc(s.tables, func(t schema.Table) bool { return strings.EqualFold(t.Set, name) || strings.EqualFold(t.Name, name) })
		if i < 0 {
			unknown = append(unknown, schema.Unknown{Side: s.side, Name: name})
		} else {
			tables = append(tables, s.tables[i])
		}
	}
	return tables, s.enums, unknown, s.err
}

func lookup(name string, targets ...string) *schema.Field {
	f := &schema.Field{Name: name, Type: schema.TypeLookup}
	for _, t := range targets {
		f.Targets = append(f.Targets, schema.Target{Table: t, Set: t + "s"})
	}
	return f
}

func table(name string, fields ...*schema.Field) schema.Table {
	return schema.Table{Side: value.Dataverse, Set: name + "s", Name: name, Fields: fields}
}

func TestCatalog(t *testing.T) {
	fno := &side{side: value.FnO, enums: []schema.Enum{{Name: "NoYes"}}, tables: []schema.Table{{Side: value.FnO, Set: "CustomersV3", Name: "CustomerV3"}}}
	dv := &side{side: value.Dataverse, tables: []schema.Table{
		table("account", lookup("groupid", "group"), lookup("ownerid", "systemuser", "team"), lookup("parentid", "account"), lookup("gone", "nowhere")),
		table("group", lookup("company", "cdm_company"), lookup("termid", "term")),
		table("term"), table("cdm_company"), table("systemuser"), table("team"),
	}}
	field := func(column string, path ...string) *model.Field {
		return &model.Field{Column: model.Named{Name: column}, Path: path}
	}
	maps := []*model.Map{
		{Name: "a", FnO: model.Named{Name: "CustomersV3"}, Dataverse: model.Named{Name: "Accounts"}, Fields: []*model.Field{
			field("name"), field("groupid", "termid", "code"), field("PARENTID", "number"), field("gone", "x"), field("missing", "y"),
		}},
		{Name: "b", FnO: model.Named{Name: "CustomerV3"}, Dataverse: model.Named{Name: "account"}},
		{Name: "c", FnO: model.Named{Name: "Nothing"}, Dataverse: model.Named{Name: "nothing"}},
	}
	got, err := pull.Catalog(t.Context(), fno, dv, maps)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, t := range got.Dataverse {
		names = append(names, t.Name)
	}
	if want := []string{"account", "cdm_company", "group", "term"}; !reflect.DeepEqual(names, want) {
		t.Errorf("tables %v, want %v", names, want)
	}
	want := []schema.Unknown{{Side: value.Dataverse, Name: "nothing"}, {Side: value.Dataverse, Name: "nowhere"}, {Side: value.FnO, Name: "Nothing"}}
	if !reflect.DeepEqual(got.Unknown, want) {
		t.Errorf("unknown %v, want %v", got.Unknown, want)
	}
	if len(got.Enums) != 1 || len(got.FnO) == 0 {
		t.Errorf("%+v", got)
	}
	for _, asked := range dv.asked[1:] {
		if slices.Contains(asked, "account") || slices.Contains(asked, "team") {
			t.Errorf("asked again or too much: %v", dv.asked)
		}
	}
}

func TestCatalogPassesErrorsOn(t *testing.T) {
	broken := errors.New("broken")
	maps := []*model.Map{{FnO: model.Named{Name: "A"}, Dataverse: model.Named{Name: "b"}}}
	if _, err := pull.Catalog(t.Context(), &side{err: broken}, &side{}, maps); !errors.Is(err, broken) {
		t.Error(err)
	}
	if _, err := pull.Catalog(t.Context(), &side{}, &side{err: broken}, maps); !errors.Is(err, broken) {
		t.Error(err)
	}
}
