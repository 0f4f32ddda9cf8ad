package conformance_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/sandbox/gate"
)

func group(n int, company, id, description string) map[string]any {
	return map[string]any{"dataAreaId": company, "CustomerGroupId": id, "Description": description, "Days": n}
}

func testFnOSchema(t *testing.T, home *city) {
	w := newWorld(t, home)
	w.fno()
	c := w.fnoConnector()
	tables, enums, _, err := c.Tables(t.Context(), []string{"CustomerGroups", "Currencies", "customergroups"})
	if err != nil || len(tables) != 2 {
		t.Fatal(tables, err)
	}
	groups := &tables[1]
	if groups.Set != "CustomerGroups" || groups.Name != "CustomerGroup" || groups.Label != "Customer groups" || !groups.CompanySpecific ||
		groups.ReadOnly || !reflect.DeepEqual(groups.Key, []string{"dataAreaId", "CustomerGroupId"}) || tables[0].CompanySpecific {
		t.Fatalf("%+v", groups)
	}
	for _, want := range []*schema.Field{
		{Name: "CustomerGroupId", Type: schema.TypeText, MaxLength: 10, Required: true, OnCreate: true, Readable: true, IsKey: true},
		{Name: "Description", Type: schema.TypeText, MaxLength: 60, OnCreate: true, OnUpdate: true, Readable: true},
		{Name: "IsTaxed", Type: schema.TypeEnum, Enum: "NoYes", OnCreate: true, OnUpdate: true, Readable: true},
		{Name: "Since", Type: schema.TypeTime, DateOnly: true, OnCreate: true, OnUpdate: true, Readable: true},
		{Name: "Big", Type: schema.TypeInteger, OnCreate: true, OnUpdate: true, Readable: true},
		{Name: "Rate", Type: schema.TypeDecimal, OnCreate: true, OnUpdate: true, Readable: true},
	} {
		if got := groups.Field(want.Name); got == nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n got %+v\nwant %+v", want.Name, got, want)
		}
	}
	want := []schema.Enum{{Name: "NoYes", Members: []schema.Member{{Name: "No"}, {Name: "Yes", Value: 1}}}, {Name: "Zone", Members: []schema.Member{{Name: "GMT", Value: 1}}}}
	if !reflect.DeepEqual(enums, want) {
		t.Fatalf("%+v", enums)
	}
}

func testFnOValues(t *testing.T, home *city) {
	w := newWorld(t, home)
	w.fno()
	c := w.fnoConnector()
	groups := schemaOf(t, c, "CustomerGroups")["CustomerGroups"]
	ctx := t.Context()
	p := project(t, groups, "Description", "IsTaxed", "Rate", "Days", "Big", "Since", "Seen", "Ref")
	full := []value.Value{
		value.NewText("Zoë \"Q\" O'Hara / \\"), value.NewSymbol("Yes"), decimal(t, "12345678901.123456"), value.NewInteger(-7), value.NewInteger(9007199254740993),
		must(value.ParseDate("1999-12-31"))(t), must(value.ParseDateTime("2026-03-01T08:30:00Z"))(t), value.NewGuid(guid(5)),
	}
	create := connect.Write{Create: true, Return: p, Values: values(groups, "dataAreaId", value.NewText("USMF"), "CustomerGroupId", value.NewText(" #1+/*'"))}
	for i, v := range full {
		create.Values = append(create.Values, connect.ColumnValue{Field: p.Columns[i], Value: v})
	}
	results, err := c.Write(ctx, groups, []connect.Write{create}, nil)
	outcome(t, results, err, connect.Done)
	row := results[0].Row
	if row == nil || !reflect.DeepEqual(row.Values, full) {
		t.Fatalf("\n got %v\nwant %v", row, full)
	}
	// The row's id is the record id of the first data source in its ETag.
	encoded := strings.TrimSuffix(strings.TrimPrefix(row.Version, `W/"`), `"`)
	etag := string(must(base64.StdEncoding.DecodeString(encoded))(t))
	if !strings.HasPrefix(etag, "'1,"+row.ID+";") || row.ID < "5637144576" || strings.Count(etag, ";") != 2 {
		t.Fatalf("id %s, ETag %s", row.ID, etag)
	}
	key := []value.Value{value.NewText("usmf"), value.NewText(" #1+/*'")}
	if rows := must(c.Read(ctx, p, []connect.RowID{{Key: key}}))(t); len(rows) != 1 || !reflect.DeepEqual(rows[0], *row) {
		t.Fatalf("%+v", rows)
	}
	// Null is the empty value of the type; the record keeps its id.
	empty := connect.Write{Row: connect.RowID{Key: key}, IfMatch: row.Version}
	for _, f := range p.Columns {
		empty.Values = append(empty.Values, connect.ColumnValue{Field: f})
	}
	results, err = c.Write(ctx, groups, []connect.Write{empty}, nil)
	outcome(t, results, err, connect.Done)
	rows := must(c.Read(ctx, p, []connect.RowID{{Key: key}}))(t)
	want := []value.Value{
		value.NewText(""), value.NewSymbol("No"), decimal(t, "0"), value.NewInteger(0), value.NewInteger(0),
		must(value.ParseDate("1900-01-01"))(t), must(value.ParseDateTime("1900-01-01T00:00:00Z"))(t), value.NewGuid("00000000-0000-0000-0000-000000000000"),
	}
	if len(rows) != 1 || !reflect.DeepEqual(rows[0].Values, want) || rows[0].ID != row.ID || rows[0].Version == row.Version {
		t.Fatalf("\n got %v\nwant %v", rows, want)
	}
	// An enum without a member for nothing cannot be emptied.
	results, err = c.Write(ctx, groups, []connect.Write{{Row: connect.RowID{Key: key}, Values: values(groups, "Zone", value.Value{})}}, nil)
	outcome(t, results, err, connect.Refused)
}

func testFnOPagesByKeyAndCompany(t *testing.T, home *city) {
	w := newWorld(t, home)
	twin := w.fno()
	c := w.fnoConnector()
	groups := schemaOf(t, c, "CustomerGroups")["CustomerGroups"]
	ctx := t.Context()
	var rows []map[string]any
	want := map[string]bool{}
	for i, company := range []string{"usmf", "demf", "gbsi"} {
		for n := range 10 * (i + 1) { // usmf ends exactly with a page
			id := fmt.Sprintf("%c*'%02d", 'a'+n%5, n)
			rows = append(rows, group(n, company, id, "d"))
			if company != "gbsi" {
				want[company+"/"+id] = true
			}
		}
	}
	if err := twin.Load(ctx, "CustomerGroups", rows); err != nil {
		t.Fatal(err)
	}
	p := project(t, groups, "Days", "CustomerGroupId", "dataAreaId")
	q := connect.Query{Projection: p, Companies: []string{"USMF", "DEMF"}}
	got := map[string]bool{}
	inserted := false
	for {
		page, err := w.fnoConnector().Page(ctx, q) // a new process may go on
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Rows {
			key := r.Values[2].Text() + "/" + r.Values[1].Text()
			if got[key] || len(r.Values) != 3 {
				t.Fatalf("%s twice or with %d values", key, len(r.Values))
			}
			got[key] = true
		}
		if page.Next == "" {
			break
		}
		q.Resume = page.Next
		if !inserted { // in front of what was read: a page by offset would repeat a row
			inserted = true
			if err := twin.Load(ctx, "CustomerGroups", []map[string]any{group(0, "usmf", "A", ""), group(0, "demf", "A", "")}); err != nil {
				t.Fatal(err)
			}
			want["demf/A"] = true
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%d rows, want %d", len(got), len(want))
	}
	for _, test := range []struct {
		companies []string
		filter    string
		want      int64
	}{{nil, "", 62}, {[]string{"GBSI"}, "", 30}, {[]string{"usmf", "DEMF"}, "Days lt 5", 12}} {
		n, exact, err := c.Count(ctx, connect.Query{Projection: p, Companies: test.companies, Filter: test.filter})
		if err != nil || !exact || n != test.want {
			t.Errorf("%v %q: %d %v %v, want %d", test.companies, test.filter, n, exact, err, test.want)
		}
	}
	for _, e := range w.log.Entries() {
		if strings.Contains(e.URL, "/data/CustomerGroups") && !strings.Contains(e.URL, "cross-company=true") {
			t.Fatalf("%s sees the default company only", e.URL)
		}
	}
	// A key with an asterisk is not taken for a pattern.
	read := must(c.Read(ctx, p, []connect.RowID{{Key: []value.Value{value.NewText("usmf"), value.NewText("a*'00")}}, {Key: []value.Value{value.NewText("usmf"), value.NewText("a*")}}}))(t)
	if len(read) != 1 {
		t.Fatalf("%+v", read)
	}
	found := must(c.Find(ctx, connect.FindQuery{Table: groups, Column: "CustomerGroupId", Values: []value.Value{value.NewText("a*'00"), value.NewText("a*")}, Columns: []string{"dataAreaId"}, Company: "DEMF"}))(t)
	if len(found) != 1 || found[0].Values[0].Text() != "demf" {
		t.Fatalf("%+v", found)
	}
}

func testFnORefusalsAreReadable(t *testing.T, home *city) {
	w := newWorld(t, home)
	w.fno()
	c := w.fnoConnector()
	groups := schemaOf(t, c, "CustomerGroups")["CustomerGroups"]
	results, err := c.Write(t.Context(), groups, []connect.Write{{Create: true, Values: values(groups, "dataAreaId", value.NewText("usmf"))}}, nil)
	outcome(t, results, err, connect.Refused)
	if m := results[0].Message; strings.Contains(m, "Infolog") || strings.Contains(m, "An error has occurred") || !strings.Contains(m, "must be filled in") {
		t.Fatalf("%q", m)
	}
}

func testFnOWritesAreNotRepeatedBlindly(t *testing.T, home *city) {
	w := newWorld(t, home)
	w.fno()
	c := w.fnoConnector()
	groups := schemaOf(t, c, "CustomerGroups")["CustomerGroups"]
	_, at := w.writing(0)
	for _, kind := range []gate.Kind{gate.LostAnswer, gate.Cut, gate.Down} {
		w.gate.Inject(gate.Fault{Method: http.MethodPost, Kind: kind})
		results, err := c.Write(t.Context(), groups, []connect.Write{{Create: true, Values: values(groups, "dataAreaId", value.NewText("usmf"), "CustomerGroupId", value.NewText(string(kind[:1])))}}, nil)
		outcome(t, results, err, connect.Unresolved)
	}
	if sent, _ := w.writing(at); len(sent) != 3 {
		t.Fatalf("%d requests", len(sent))
	}
	if !slices.Equal(groups.Key, []string{"dataAreaId", "CustomerGroupId"}) {
		t.Fatal(groups.Key)
	}
}
