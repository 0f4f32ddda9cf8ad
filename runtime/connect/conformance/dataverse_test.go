package conformance_test

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/connect/dataverse"
	dvtwin "github.com/dualwrite/dw/runtime/sandbox/dataverse"
	"github.com/dualwrite/dw/runtime/sandbox/gate"
)

func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func schemaOf(t *testing.T, c connect.Connector, sets ...string) map[string]*schema.Table {
	t.Helper()
	tables, _, unknown, err := c.Tables(t.Context(), sets)
	if err != nil || len(unknown) > 0 {
		t.Fatal(err, unknown)
	}
	out := map[string]*schema.Table{}
	for i := range tables {
		out[tables[i].Set] = &tables[i]
	}
	return out
}

func project(t *testing.T, table *schema.Table, names ...string) *transform.Projection {
	t.Helper()
	p := &transform.Projection{Table: table}
	for _, n := range names {
		f := table.Field(n)
		if f == nil {
			t.Fatalf("no field %s", n)
		}
		p.Columns = append(p.Columns, f)
	}
	return p
}

func values(table *schema.Table, pairs ...any) []connect.ColumnValue {
	var out []connect.ColumnValue
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, connect.ColumnValue{Field: table.Field(pairs[i].(string)), Value: pairs[i+1].(value.Value)})
	}
	return out
}

func decimal(t *testing.T, text string) value.Value { return must(value.NewDecimal(text))(t) }

func guid(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }

func outcome(t *testing.T, results []connect.Result, err error, want ...connect.Outcome) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range results {
		if r.Outcome != want[min(i, len(want)-1)] {
			t.Fatalf("write %d: %+v, want outcome %d", i, r, want[min(i, len(want)-1)])
		}
	}
}

func testDataverseSchema(t *testing.T, home *city) {
	w := newWorld(t, home)
	w.dataverse(nil)
	c := w.dataverseConnector(nil)
	account := schemaOf(t, c, "account", "accounts", "plains")["accounts"]
	if account.Name != "account" || account.SchemaName != "Account" || account.PrimaryID != "accountid" || account.PrimaryName != "name" ||
		account.Ownership != "UserOwned" || !account.ChangeTracking || !account.OptimisticConcurrency || account.Side != value.Dataverse {
		t.Fatalf("%+v", account)
	}
	if !reflect.DeepEqual(account.Messages, []string{"CreateMultiple", "UpdateMultiple"}) || schemaOf(t, c, "plain")["plains"].Messages != nil {
		t.Fatalf("messages %v", account.Messages)
	}
	if !reflect.DeepEqual(account.Keys, []schema.Key{{Name: "accountkey", Columns: []string{"accountnumber"}, Status: "Active"}}) {
		t.Fatalf("keys %+v", account.Keys)
	}
	two, three := 2, 3
	for _, want := range []*schema.Field{
		{Name: "name", Type: schema.TypeText, MaxLength: 160, OnCreate: true, OnUpdate: true, Readable: true},
		{Name: "creditlimit", Type: schema.TypeDecimal, Scale: &two, Min: "0", Max: "100000000000", Money: true, OnCreate: true, OnUpdate: true, Readable: true},
		{Name: "creditlimit_base", Type: schema.TypeDecimal, Scale: &two, Money: true, Source: schema.SourceCurrency, Readable: true},
		{Name: "deals", Type: schema.TypeInteger, Source: schema.SourceRollup, Readable: true},
		{Name: "rate", Type: schema.TypeDecimal, Scale: &three, OnCreate: true, OnUpdate: true, Readable: true},
		{Name: "founded", Type: schema.TypeTime, DateOnly: true, OnCreate: true, OnUpdate: true, Readable: true},
		{Name: "industrycode", Type: schema.TypeChoice, Options: []schema.Option{{Value: 1, Label: "Accounting"}, {Value: 9, Label: "Other"}}, OnCreate: true, OnUpdate: true, Readable: true},
		{Name: "msdyn_company", Type: schema.TypeLookup, Targets: []schema.Target{{Table: "cdm_company", Set: "cdm_companies", Navigation: "msdyn_Company_Nav"}}, OnCreate: true, OnUpdate: true, Readable: true},
		{Name: "customerid", Type: schema.TypeLookup, OnCreate: true, OnUpdate: true, Readable: true, Targets: []schema.Target{
			{Table: "account", Set: "accounts", Navigation: "customerid_account"}, {Table: "contact", Set: "contacts", Navigation: "customerid_contact"}}},
	} {
		if got := account.Field(want.Name); got == nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n got %+v\nwant %+v", want.Name, got, want)
		}
	}
	for _, name := range []string{"accountid", "ownerid", "statecode"} {
		if account.Field(name).Required {
			t.Errorf("%s is filled by the server", name)
		}
	}
}

func testDataverseValues(t *testing.T, home *city) {
	w := newWorld(t, home)
	w.dataverse(nil)
	c := w.dataverseConnector(nil)
	tables := schemaOf(t, c, "accounts", "contacts", "cdm_companies")
	company, contact, account := tables["cdm_companies"], tables["contacts"], tables["accounts"]
	ctx := t.Context()
	results, err := c.Write(ctx, company, []connect.Write{{Create: true, Row: connect.RowID{ID: guid(1)}, Values: values(company, "cdm_companycode", value.NewText("USMF"))}}, nil)
	outcome(t, results, err, connect.Done)
	results, err = c.Write(ctx, contact, []connect.Write{{Create: true, Row: connect.RowID{ID: guid(2)}, Values: values(contact, "fullname", value.NewText("Ann"))}}, nil)
	outcome(t, results, err, connect.Done)

	names := []string{"name", "creditlimit", "industrycode", "hobbies", "onhold", "employees", "rate", "founded", "seen", "msdyn_company", "customerid", "accountid"}
	full := []value.Value{
		value.NewText("Zoë \"Q\" O'Hara\n\\ \u2028"), decimal(t, "12345678.9"), value.NewOption(9), value.NewOptions([]int64{9, 1}), value.NewBool(true),
		value.NewInteger(-5), decimal(t, "0.125"), must(value.ParseDate("1999-12-31"))(t), must(value.ParseDateTime("2026-03-01T08:30:00Z"))(t),
		value.NewReference("cdm_company", guid(1)), value.NewReference("contact", guid(2)),
	}
	p := project(t, account, names...)
	for n, bulk := range []int{1, 2} { // alone and by CreateMultiple
		var batch []connect.Write
		for k := range bulk {
			w := connect.Write{Create: true, Row: connect.RowID{ID: guid(10*n + k + 10)}, Return: p}
			for i, v := range full {
				w.Values = append(w.Values, connect.ColumnValue{Field: p.Columns[i], Value: v})
			}
			batch = append(batch, w)
		}
		results, err := c.Write(ctx, account, batch, nil)
		outcome(t, results, err, connect.Done)
		rows := must(c.Read(ctx, p, []connect.RowID{batch[0].Row}))(t)
		want := append(slices.Clone(full), value.NewGuid(batch[0].Row.ID))
		if len(rows) != 1 || !reflect.DeepEqual(rows[0].Values, want) {
			t.Fatalf("\n got %v\nwant %v", rows, want)
		}
		if row := results[0].Row; bulk == 1 && (row == nil || !reflect.DeepEqual(*row, rows[0])) {
			t.Fatalf("representation %+v, read %+v", row, rows[0])
		}
	}
	// A found row names the table of its polymorphic lookup; nothing clears.
	found := must(c.Find(ctx, connect.FindQuery{Table: account, Column: "msdyn_company", Values: []value.Value{value.NewReference("cdm_company", guid(1))}, Columns: []string{"customerid"}}))(t)
	if len(found) != 3 || found[0].Values[0] != full[10] {
		t.Fatalf("%+v", found)
	}
	clearing := connect.Write{Row: connect.RowID{ID: guid(10)}, IfMatch: found[0].Version, Return: p}
	for _, f := range p.Columns[:11] {
		clearing.Values = append(clearing.Values, connect.ColumnValue{Field: f})
	}
	clearing.Values[10].Value = value.NewReference("account", guid(10)) // itself, by another navigation property
	results, err = c.Write(ctx, account, []connect.Write{clearing}, nil)
	outcome(t, results, err, connect.Done)
	for i, v := range results[0].Row.Values[:11] {
		if i != 10 && !v.IsNull() || i == 10 && v != value.NewReference("account", guid(10)) {
			t.Errorf("%s is %v", names[i], v)
		}
	}
}

// requests gives the writing requests of the log since the last call.
func (w *world) writing(since int) (out []gate.Entry, next int) {
	all := w.log.Entries()
	for _, e := range all[since:] {
		if e.Method != http.MethodGet {
			out = append(out, e)
		}
	}
	return out, len(all)
}

func testDataverseRoutes(t *testing.T, home *city) {
	w := newWorld(t, home)
	w.dataverse(nil)
	c := w.dataverseConnector(nil)
	tables := schemaOf(t, c, "accounts", "plains")
	account, plain := tables["accounts"], tables["plains"]
	create := func(table *schema.Table, from, n int) []connect.Write {
		var out []connect.Write
		for i := range n {
			out = append(out, connect.Write{Create: true, Bulk: true, Row: connect.RowID{ID: guid(from + i)}, Values: values(table, "name", value.NewText(fmt.Sprint(from+i)))})
		}
		return out
	}
	_, at := w.writing(0)
	route := func(want string, requests int) {
		t.Helper()
		var got []gate.Entry
		got, at = w.writing(at)
		if len(got) != requests {
			t.Fatalf("%d requests, want %d: %v", len(got), requests, got)
		}
		for _, e := range got {
			if !strings.Contains(e.URL, want) {
				t.Fatalf("%s %s, want %s", e.Method, e.URL, want)
			}
		}
	}
	results, err := c.Write(t.Context(), account, create(account, 0, 250), nil)
	outcome(t, results, err, connect.Done)
	route("accounts/Microsoft.Dynamics.CRM.CreateMultiple", 3)
	results, err = c.Write(t.Context(), plain, create(plain, 0, 60), nil)
	outcome(t, results, err, connect.Done)
	route("$batch", 2)
	results, err = c.Write(t.Context(), plain, create(plain, 100, 1), nil)
	outcome(t, results, err, connect.Done)
	route("/plains", 1)

	updates := func(bulk bool) []connect.Write {
		batch := create(account, 0, 3)
		for i := range batch {
			batch[i].Create, batch[i].Bulk = false, bulk
		}
		return batch
	}
	results, err = c.Write(t.Context(), account, updates(true), nil)
	outcome(t, results, err, connect.Done)
	route("accounts/Microsoft.Dynamics.CRM.UpdateMultiple", 1)
	results, err = c.Write(t.Context(), account, updates(false), nil)
	outcome(t, results, err, connect.Done)
	route("$batch", 1)

	// A missing row fails the whole bulk call; the others are written all the
	// same, and the missing one is not created.
	batch := updates(true)
	batch[1].Row.ID = guid(999)
	results, err = c.Write(t.Context(), account, batch, nil)
	outcome(t, results, err, connect.Done, connect.Gone, connect.Done)
	// A missing target of a lookup is not a missing row.
	batch = updates(false)
	batch[1].Values = values(account, "customerid", value.NewReference("contact", guid(998)))
	results, err = c.Write(t.Context(), account, batch, nil)
	outcome(t, results, err, connect.Done, connect.Refused, connect.Done)
	// Status 412 with its meanings: alternate key, version, id.
	dup := create(account, 2000, 2)
	dup[0].Values = values(account, "accountnumber", value.NewText("same"))
	dup[1].Values = values(account, "accountnumber", value.NewText("same"))
	dup = append(dup, create(account, 0, 1)...)
	results, err = c.Write(t.Context(), account, dup, nil)
	outcome(t, results, err, connect.Done, connect.Duplicate, connect.Duplicate)
	stale := updates(false)[:2]
	stale[0].IfMatch = `W/"1"`
	results, err = c.Write(t.Context(), account, stale, nil)
	outcome(t, results, err, connect.Conflict, connect.Done)
}

func testDataverseLosesNothingOfABatch(t *testing.T, home *city) {
	w := newWorld(t, home)
	w.dataverse(nil)
	c := w.dataverseConnector(nil)
	tables := schemaOf(t, c, "accounts", "plains")
	for _, set := range []string{"accounts", "plains"} {
		table := tables[set]
		var batch []connect.Write
		for i := range 8 {
			batch = append(batch, connect.Write{Create: true, Row: connect.RowID{ID: guid(i)}, Values: values(table, "name", value.NewText("x"))})
		}
		w.gate.Inject(gate.Fault{Method: http.MethodPost, Kind: gate.LostAnswer})
		results, err := c.Write(t.Context(), table, batch, nil)
		outcome(t, results, err, connect.Unresolved)
		ids := []connect.RowID{}
		for _, b := range batch {
			ids = append(ids, b.Row)
		}
		if rows := must(c.Read(t.Context(), project(t, table, "name"), ids))(t); len(rows) != len(batch) {
			t.Fatalf("%s: %d rows", set, len(rows))
		}
	}
	// An update by id alone may not be repeated: it could undo somebody's edit.
	account := tables["accounts"]
	_, at := w.writing(0)
	w.gate.Inject(gate.Fault{Method: http.MethodPost, Kind: gate.LostAnswer})
	update := []connect.Write{{Row: connect.RowID{ID: guid(1)}, Values: values(account, "name", value.NewText("y"))}, {Row: connect.RowID{ID: guid(2)}, Values: values(account, "name", value.NewText("y"))}}
	results, err := c.Write(t.Context(), account, update, nil)
	outcome(t, results, err, connect.Unresolved)
	if sent, _ := w.writing(at); len(sent) != 1 {
		t.Fatalf("sent %d times", len(sent))
	}
}

func testDataverseChanges(t *testing.T, home *city) {
	w := newWorld(t, home)
	w.dataverse(func(o *dvtwin.Options) { o.DeltaDays = 7 })
	c := w.dataverseConnector(nil)
	account := schemaOf(t, c, "accounts")["accounts"]
	ctx := t.Context()
	var batch []connect.Write
	for i := range 23 {
		batch = append(batch, connect.Write{Create: true, Row: connect.RowID{ID: guid(i)}, Values: values(account, "name", value.NewText("old"))})
	}
	results, err := c.Write(ctx, account, batch, nil)
	outcome(t, results, err, connect.Done)
	p := project(t, account, "name", "customerid")
	scan := func(read func(q connect.Query) (connect.Page, error), resume string) (rows []connect.Row, token string, pages int) {
		t.Helper()
		for q := (connect.Query{Projection: p, Resume: resume}); ; pages++ {
			page, err := read(q)
			if err != nil {
				t.Fatal(err)
			}
			rows = append(rows, page.Rows...)
			if (page.Next == "") != (page.Token != "") {
				t.Fatalf("next %q, token %q", page.Next, page.Token)
			}
			if page.Next == "" {
				return rows, page.Token, pages + 1
			}
			q.Resume = page.Next
		}
	}
	page := func(q connect.Query) (connect.Page, error) { return c.Page(ctx, q) }
	changes := func(q connect.Query) (connect.Page, error) { return c.Changes(ctx, q) }
	rows, token, pages := scan(page, "")
	if len(rows) != 23 || pages != 3 {
		t.Fatalf("%d rows on %d pages", len(rows), pages)
	}
	if rows, token, _ = scan(changes, token); len(rows) != 0 {
		t.Fatalf("changes out of nothing: %v", rows)
	}
	for i := range 12 {
		batch[i].Create, batch[i].Values = false, values(account, "name", value.NewText("new"), "customerid", value.NewReference("account", guid(20)))
	}
	results, err = c.Write(ctx, account, batch[:12], nil)
	outcome(t, results, err, connect.Done)
	request := must(http.NewRequestWithContext(ctx, http.MethodDelete, w.data.URL+"/api/data/v9.2/accounts("+guid(22)+")", nil))(t)
	request.Header.Set("Authorization", "Bearer "+must(w.tokens().Token(ctx, ""))(t))
	response := must(http.DefaultClient.Do(request))(t)
	response.Body.Close()
	if response.StatusCode != http.StatusNoContent {
		t.Fatal(response.Status)
	}
	rows, next, pages := scan(changes, token)
	if len(rows) != 13 || pages != 2 {
		t.Fatalf("%d changes on %d pages", len(rows), pages)
	}
	for i, row := range rows {
		switch {
		case i == 12:
			if !row.Deleted || row.ID != guid(22) {
				t.Fatalf("%+v", row)
			}
		case row.Deleted || row.Values[0].Text() != "new" || row.Values[1] != value.NewReference("account", guid(20)):
			t.Fatalf("%+v", row)
		}
	}
	if rows, _, _ = scan(changes, next); len(rows) != 0 {
		t.Fatal("changes come twice")
	}
	if err := w.host.Clock.Sleep(ctx, 8*24*time.Hour); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Changes(ctx, connect.Query{Projection: p, Resume: token}); !errors.Is(err, connect.ErrTokenExpired) {
		t.Fatal(err)
	}
}

func testDataverseGoneStatusMeansExpired(t *testing.T, home *city) {
	w := newWorld(t, home)
	w.dataverse(func(o *dvtwin.Options) { o.ExpiredStatus = http.StatusGone })
	c := w.dataverseConnector(func(o *dataverse.Options) { o.PageSize = 0 })
	account := schemaOf(t, c, "accounts")["accounts"]
	q := connect.Query{Projection: project(t, account, "name")}
	page := must(c.Page(t.Context(), q))(t)
	if err := w.host.Clock.Sleep(t.Context(), 8*24*time.Hour); err != nil {
		t.Fatal(err)
	}
	q.Resume = page.Token
	if _, err := c.Changes(t.Context(), q); !errors.Is(err, connect.ErrTokenExpired) {
		t.Fatal(err)
	}
}
