package conformance

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
)

// remove gives the write that deletes a row.
func (b *bench) remove(row connect.Row) connect.Write {
	return connect.Write{Delete: true, Row: connect.RowID{ID: row.ID, Key: b.key(row)}, IfMatch: row.Version}
}

func deletes(t *testing.T, b *bench) {
	rows := b.fill(6)
	b.outcomes(b.write([]connect.Write{b.remove(rows[0])}), connect.Done)
	b.outcomes(b.write([]connect.Write{b.remove(rows[0])}), connect.Gone)
	// Several at once, one of them not there any more.
	b.outcomes(b.write([]connect.Write{b.remove(rows[0]), b.remove(rows[1]), b.remove(rows[2])}), connect.Gone, connect.Done, connect.Done)
	// A row that has moved since is not deleted.
	b.outcomes(b.write([]connect.Write{b.rename(rows[3], "edited")}), connect.Done)
	if b.Connector.Capabilities(b.table).Conditional != connect.No {
		b.outcomes(b.write([]connect.Write{b.remove(rows[3]), b.remove(rows[4])}), connect.Conflict, connect.Done)
		b.wroteOnce(2)
	}
	w := b.remove(rows[3])
	w.IfMatch = ""
	b.outcomes(b.write([]connect.Write{w}), connect.Done)
	for _, row := range b.read(connect.RowID{ID: rows[3].ID, Key: b.key(rows[3])}) {
		t.Fatalf("%+v is still there", row)
	}
	// Between creates and updates of one batch.
	batch := append(b.creates(70, 1), b.remove(rows[5]))
	b.outcomes(b.write(batch), connect.Done)
}

func lostDelete(t *testing.T, b *bench) {
	rows := b.fill(4)
	for i, d := range []Disturbance{LostAnswer, Cut, Down} {
		b.Disturb(d, http.MethodDelete, b.Set, 1)
		for _, r := range b.write([]connect.Write{b.remove(rows[i])}) {
			if r.Outcome != connect.Done && r.Outcome != connect.Gone {
				t.Fatalf("%s: %+v", d, r)
			}
		}
		if left := b.read(connect.RowID{ID: rows[i].ID, Key: b.key(rows[i])}); len(left) != 0 {
			t.Fatalf("%s: the row is still there", d)
		}
	}
	b.wroteOnce(1)
}

// keysOnly reads what a scan for changes needs: ids and versions, with no more
// columns than the key.
func keysOnly(t *testing.T, b *bench) {
	rows := b.fill(b.Pages + 3)
	narrow := &transform.Projection{Table: b.table}
	for _, name := range b.table.Key {
		narrow.Columns = append(narrow.Columns, b.table.Field(name))
	}
	versions := map[string]string{}
	q := connect.Query{Projection: narrow}
	for {
		page, err := b.Connector.Page(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range page.Rows {
			if len(row.Values) != len(narrow.Columns) {
				t.Fatalf("%d values for %d columns", len(row.Values), len(narrow.Columns))
			}
			versions[row.ID] = row.Version
		}
		if q.Resume = page.Next; q.Resume == "" {
			break
		}
	}
	for _, row := range rows {
		if versions[row.ID] != row.Version {
			t.Fatalf("row %s has version %q among the keys and %q in full", row.ID, versions[row.ID], row.Version)
		}
	}
	b.outcomes(b.write([]connect.Write{b.rename(rows[1], "moved")}), connect.Done)
	now := b.read(connect.RowID{ID: rows[1].ID, Key: b.key(rows[1])})
	if len(now) != 1 || now[0].Version == versions[rows[1].ID] {
		t.Fatalf("an edit does not move the version: %+v", now)
	}
}

// States checks that the state of a row is written like any column, with its
// status; the set of the bench has both.
func States(t *testing.T, open func(t *testing.T) Bench) {
	o := open(t)
	b := &bench{Bench: o, t: t}
	b.table = b.schema(b.Set)
	state, status := b.table.Field("statecode"), b.table.Field("statuscode")
	if state == nil || status == nil || state.Type != schema.TypeChoice {
		t.Fatalf("%s has no state: %v %v", b.Set, state, status)
	}
	b.projection = &transform.Projection{Table: b.table, Columns: []*schema.Field{b.table.Field(b.Name), state, status}}
	row := b.fill(1)[0]
	for _, want := range [][2]int64{{1, 2}, {0, 1}} {
		b.outcomes(b.write([]connect.Write{{Row: connect.RowID{ID: row.ID}, IfMatch: row.Version, Return: b.projection, Values: []connect.ColumnValue{
			{Field: state, Value: value.NewOption(want[0])}, {Field: status, Value: value.NewOption(want[1])},
		}}}), connect.Done)
		row = b.read(connect.RowID{ID: row.ID})[0]
		if got := fmt.Sprint(row.Values[1:]); got != fmt.Sprint([]value.Value{value.NewOption(want[0]), value.NewOption(want[1])}) {
			t.Fatalf("state and status %s, want %v", got, want)
		}
	}
	now := func(want ...int64) {
		t.Helper()
		row = b.read(connect.RowID{ID: row.ID})[0]
		if got := row.Values[1:]; got[0] != value.NewOption(want[0]) || got[1] != value.NewOption(want[1]) {
			t.Fatalf("state and status %v, want %v", got, want)
		}
	}
	// The state alone brings its own status.
	b.outcomes(b.write([]connect.Write{{Row: connect.RowID{ID: row.ID}, IfMatch: row.Version, Values: []connect.ColumnValue{{Field: state, Value: value.NewOption(1)}}}}), connect.Done)
	now(1, 2)
	// An inactive row takes edits and stays inactive.
	b.outcomes(b.write([]connect.Write{b.rename(row, "edited")}), connect.Done)
	now(1, 2)
	if b.name(row) != "edited" {
		t.Fatalf("the name of an inactive row is %q", b.name(row))
	}
	// A state goes with other columns, and is bound to the version like them.
	back := b.rename(row, "active again")
	back.Values = append(back.Values, connect.ColumnValue{Field: state, Value: value.NewOption(0)})
	b.outcomes(b.write([]connect.Write{back}), connect.Done)
	now(0, 1)
	b.outcomes(b.write([]connect.Write{back}), connect.Conflict)
	// A new row is active, whatever it says.
	born := b.Create(b.table, 40)
	born.Values = append(born.Values, connect.ColumnValue{Field: state, Value: value.NewOption(1)})
	b.outcomes(b.write([]connect.Write{born}), connect.Done)
	if got := b.read(born.Row)[0].Values[1]; got != value.NewOption(0) {
		t.Fatalf("a new row has the state %v", got)
	}
	// A status of another state is the row's own fault.
	b.outcomes(b.write([]connect.Write{{Row: connect.RowID{ID: row.ID}, Values: []connect.ColumnValue{
		{Field: state, Value: value.NewOption(1)}, {Field: status, Value: value.NewOption(1)},
	}}}), connect.Refused)
}
