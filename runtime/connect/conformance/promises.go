package conformance

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
)

func identity(t *testing.T, b *bench) {
	first, err := b.Connector.Identity(t.Context())
	if err != nil || first.Environment == "" {
		t.Fatalf("%+v %v", first, err)
	}
	second, err := b.Connector.Identity(t.Context())
	if err != nil || second != first {
		t.Fatalf("identity is not stable: %+v, then %+v, %v", first, second, err)
	}
}

func unknownSets(t *testing.T, b *bench) {
	misspelt := b.Set[:len(b.Set)-1] + "x"
	tables, _, unknown, err := b.Connector.Tables(t.Context(), []string{misspelt, strings.ToUpper(b.Set)})
	if err != nil || len(tables) != 1 || tables[0].Set != b.Set {
		t.Fatalf("%v %v", tables, err)
	}
	if len(unknown) != 1 || unknown[0].Name != misspelt || unknown[0].Similar != b.Set || unknown[0].Side != b.Connector.Side() {
		t.Fatalf("%+v", unknown)
	}
}

func pages(t *testing.T, b *bench) {
	rows := b.fill(2*b.Pages + 1)
	seen := map[string]bool{}
	for _, row := range rows {
		if seen[row.ID] || row.Version == "" || row.Deleted {
			t.Fatalf("row %+v came twice or without a version", row)
		}
		seen[row.ID] = true
	}
	reads := 0
	for _, r := range b.Requests() {
		if r.Method == http.MethodGet && strings.Contains(r.URL, "/"+b.Set+"?") {
			reads++
		}
	}
	if reads < 3 {
		t.Fatalf("%d rows came in %d requests", len(rows), reads)
	}
	if n, _, err := b.Connector.Count(t.Context(), connect.Query{Projection: b.projection}); err != nil || n != int64(len(rows)) {
		t.Fatalf("counts %d of %d, %v", n, len(rows), err)
	}
}

func pagesDisturbed(t *testing.T, b *bench) {
	b.fill(b.Pages + 1)
	for _, d := range []Disturbance{LostAnswer, Cut, Down, Busy} {
		b.Disturb(d, http.MethodGet, b.Set, 2)
		if rows := b.all(); len(rows) != b.Pages+1 {
			t.Fatalf("%s: %d rows", d, len(rows))
		}
	}
}

func readAndFind(t *testing.T, b *bench) {
	rows := b.fill(5)
	ids := []connect.RowID{{ID: rows[3].ID, Key: b.key(rows[3])}, {ID: rows[1].ID, Key: b.key(rows[1])}, {ID: rows[3].ID, Key: b.key(rows[3])}, b.id(b.Create(b.table, 99))}
	got := map[string]connect.Row{}
	for _, row := range b.read(ids...) {
		got[row.ID] = row
	}
	if len(got) != 2 || got[rows[3].ID].Version != rows[3].Version || b.name(got[rows[1].ID]) != b.name(rows[1]) {
		t.Fatalf("%+v", got)
	}
	found, err := b.Connector.Find(t.Context(), connect.FindQuery{
		Table: b.table, Column: b.Name, Columns: []string{b.Name},
		Values: []value.Value{value.NewText(b.name(rows[2])), value.NewText("it's \"not\" there"), {}, value.NewText("")},
	})
	if err != nil || len(found) != 1 || found[0].ID != rows[2].ID || found[0].Values[0].Text() != b.name(rows[2]) {
		t.Fatalf("%+v %v", found, err)
	}
}

func createTwice(t *testing.T, b *bench) {
	b.fill(2)
	before := len(b.all())
	b.outcomes(b.write(b.creates(1, 2)), connect.Duplicate, connect.Done)
	if after := len(b.all()); after != before+1 {
		t.Fatalf("%d rows, then %d", before, after)
	}
	one := b.Create(b.table, 7)
	one.Return = b.projection
	r := b.write([]connect.Write{one})[0]
	if r.Outcome != connect.Done || r.Row == nil || r.Row.Version == "" || r.Row.ID == "" {
		t.Fatalf("%+v", r)
	}
	if again := b.read(b.id(one)); len(again) != 1 || again[0].ID != r.Row.ID || again[0].Version != r.Row.Version || b.name(again[0]) != b.name(*r.Row) {
		t.Fatalf("the representation %+v differs from the row read afterwards: %+v", r.Row, again)
	}
}

func update(t *testing.T, b *bench) {
	rows := b.fill(3)
	b.outcomes(b.write([]connect.Write{b.rename(rows[0], "a"), b.rename(rows[1], "ä 'quoted' \"text\" / % & +")}), connect.Done)
	now := b.read(connect.RowID{ID: rows[1].ID, Key: b.key(rows[1])})
	if len(now) != 1 || b.name(now[0]) != "ä 'quoted' \"text\" / % & +" || now[0].Version == rows[1].Version {
		t.Fatalf("%+v", now)
	}
	// The version is that before the first update: somebody else was faster.
	r := b.write([]connect.Write{b.rename(rows[1], "c")})
	if conditional := b.Connector.Capabilities(b.table).Conditional; conditional != connect.No {
		b.outcomes(r, connect.Conflict)
		if now := b.read(connect.RowID{ID: rows[1].ID, Key: b.key(rows[1])}); b.name(now[0]) == "c" {
			t.Fatal("a conflict was written all the same")
		}
	}
	// Two updates of one row in one batch are done one after the other.
	first, second := b.rename(rows[2], "first"), b.rename(rows[2], "second")
	first.IfMatch, second.IfMatch = "", ""
	first.Bulk, second.Bulk = true, true
	b.outcomes(b.write([]connect.Write{first, second}), connect.Done)
	if now := b.read(connect.RowID{ID: rows[2].ID, Key: b.key(rows[2])}); b.name(now[0]) != "second" {
		t.Fatalf("after two updates: %q", b.name(now[0]))
	}
}

func updateGone(t *testing.T, b *bench) {
	b.fill(1)
	w := b.Create(b.table, 50)
	row := connect.Write{Row: b.id(w), Values: b.rename(connect.Row{Values: make([]value.Value, len(b.projection.Columns))}, "x").Values}
	b.outcomes(b.write([]connect.Write{row}), connect.Gone)
	if rows := b.all(); len(rows) != 1 {
		t.Fatalf("an update created a row: %d", len(rows))
	}
}

func oneBadRow(t *testing.T, b *bench) {
	batch := b.creates(0, 5)
	for i, v := range batch[2].Values {
		if v.Field.Name == b.Name {
			batch[2].Values[i].Value = value.NewText(strings.Repeat("x", v.Field.MaxLength+1))
		}
	}
	results := b.write(batch)
	b.outcomes(results, connect.Done, connect.Done, connect.Refused, connect.Done, connect.Done)
	if results[2].Message == "" {
		t.Fatal("a refusal without a reason")
	}
	if rows := b.all(); len(rows) != 4 {
		t.Fatalf("%d rows", len(rows))
	}
}

func busy(t *testing.T, b *bench) {
	b.Disturb(Busy, http.MethodPost, b.Set, 3)
	b.outcomes(b.write(b.creates(0, 3)), connect.Done)
	if rows := b.all(); len(rows) != 3 {
		t.Fatalf("%d rows", len(rows))
	}
	b.Disturb(Busy, http.MethodGet, b.Set, 1000)
	_, err := b.Connector.Page(t.Context(), connect.Query{Projection: b.projection})
	b.failure(err, diag.CodeServiceOverloaded)
}

// failure checks that an error is a diagnostic with a code.
func (b *bench) failure(err error, code string) {
	b.t.Helper()
	var f *diag.Failure
	if !errors.As(err, &f) || len(f.List) != 1 || f.List[0].Code != code || f.List[0].Summary == "" {
		b.t.Fatalf("want a diagnostic %s, got %v", code, err)
	}
}

func denied(t *testing.T, b *bench) {
	b.Disturb(Denied, http.MethodPost, b.Set, 1)
	b.outcomes(b.write(b.creates(0, 2)), connect.Done)
	b.Disturb(Denied, http.MethodGet, b.Set, 1000)
	_, err := b.Connector.Page(t.Context(), connect.Query{Projection: b.projection})
	b.failure(err, diag.CodeTokenRefused)
}

// wroteOnce checks that the service wrote as many rows as it has now.
func (b *bench) wroteOnce(want int) {
	b.t.Helper()
	if rows := b.all(); len(rows) != want {
		b.t.Fatalf("%d rows, want %d", len(rows), want)
	}
}

func lostCreate(t *testing.T, b *bench) {
	for _, n := range []int{1, 4} {
		b.Disturb(LostAnswer, http.MethodPost, b.Set, 1)
		before := len(b.all())
		batch := b.creates(10*n, n)
		for i, r := range b.write(batch) {
			if r.Outcome == connect.Unresolved {
				if len(b.read(b.id(batch[i]))) != 1 {
					t.Fatalf("write %d was carried out and cannot be read back", i)
				}
			} else if r.Outcome != connect.Done {
				t.Fatalf("write %d: %+v", i, r)
			}
		}
		b.wroteOnce(before + n)
	}
}

func lostUpdate(t *testing.T, b *bench) {
	rows := b.fill(1)
	for i, version := range []string{rows[0].Version, ""} {
		w := b.rename(rows[0], text(100+i))
		w.IfMatch = version
		b.Disturb(LostAnswer, http.MethodPatch, b.Set, 1)
		b.outcomes(b.write([]connect.Write{w}), connect.Unresolved)
		if now := b.read(connect.RowID{ID: rows[0].ID, Key: b.key(rows[0])}); b.name(now[0]) != text(100+i) {
			t.Fatalf("%q", b.name(now[0]))
		}
	}
}

func cutCreate(t *testing.T, b *bench) {
	b.Disturb(Cut, http.MethodPost, b.Set, 1)
	w := b.creates(0, 1)
	r := b.write(w)[0]
	rows := b.read(b.id(w[0]))
	if r.Outcome == connect.Done && len(rows) != 1 || r.Outcome == connect.Unresolved && len(rows) != 0 || r.Outcome != connect.Done && r.Outcome != connect.Unresolved {
		t.Fatalf("%+v, %d rows", r, len(rows))
	}
}

func tokens(t *testing.T, b *bench) {
	b.fill(3)
	for _, r := range b.Requests() {
		if !r.Token {
			t.Fatalf("without a token: %s %s", r.Method, r.URL)
		}
	}
}
