// Package conformance checks that a connector keeps the promises of
// connect.Connector, against any service that speaks its protocol and can be
// disturbed at will.
package conformance

import (
	"fmt"
	"slices"
	"testing"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
)

// Disturbance is what goes wrong with requests.
type Disturbance string

// The disturbances. Busy: refused with status 429 and Retry-After. Down:
// refused by a gateway. Denied: the token is refused. LostAnswer: carried out,
// then the connection breaks. Cut: the connection breaks before.
const (
	Busy       Disturbance = "429"
	Down       Disturbance = "503"
	Denied     Disturbance = "401"
	LostAnswer Disturbance = "lost_answer"
	Cut        Disturbance = "cut"
)

// Request is one request that the service saw.
type Request struct {
	Method, URL string
	Status      int // 0: cut off
	Token       bool
	Writes      int // rows written
}

// Bench is a connector in front of a service with an empty set to write to.
type Bench struct {
	Connector connect.Connector
	Set       string // with a text column Name that may be written, and no rows
	Name      string // of that column
	Pages     int    // rows of a page that the connector was told to read
	// Create gives a write that creates row n.
	Create func(t *schema.Table, n int) connect.Write
	// Disturb makes the next count requests go wrong whose method is the given
	// one and whose address contains path.
	Disturb func(d Disturbance, method, path string, count int)
	// Requests gives what the service saw so far.
	Requests func() []Request
}

// Run checks the promises that both sides make.
func Run(t *testing.T, open func(t *testing.T) Bench) {
	for _, c := range []struct {
		name string
		run  func(t *testing.T, b *bench)
	}{
		{"identity", identity},
		{"unknown sets", unknownSets},
		{"pages", pages},
		{"page again after a cut", pagesDisturbed},
		{"read and find", readAndFind},
		{"create twice", createTwice},
		{"update", update},
		{"update of a row that is gone", updateGone},
		{"delete", deletes},
		{"lost answer of a delete", lostDelete},
		{"keys without other columns", keysOnly},
		{"one bad row among good ones", oneBadRow},
		{"busy service", busy},
		{"token refused once", denied},
		{"lost answer of a create", lostCreate},
		{"lost answer of an update", lostUpdate},
		{"cut before anything happened", cutCreate},
		{"every request carries a token", tokens},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := &bench{Bench: open(t), t: t}
			b.table = b.schema(b.Set)
			b.projection = &transform.Projection{Table: b.table}
			for i := range b.table.Fields {
				if f := b.table.Fields[i]; f.Name == b.Name || slices.Contains(b.table.Key, f.Name) {
					b.projection.Columns = append(b.projection.Columns, f)
				}
			}
			c.run(t, b)
		})
	}
}

type bench struct {
	Bench
	t          *testing.T
	table      *schema.Table
	projection *transform.Projection
}

func (b *bench) schema(set string) *schema.Table {
	b.t.Helper()
	tables, _, unknown, err := b.Connector.Tables(b.t.Context(), []string{set})
	if err != nil || len(unknown) != 0 || len(tables) != 1 {
		b.t.Fatalf("schema of %s: %v tables, unknown %v, %v", set, len(tables), unknown, err)
	}
	return &tables[0]
}

func (b *bench) creates(from, n int) []connect.Write {
	out := make([]connect.Write, n)
	for i := range out {
		out[i] = b.Create(b.table, from+i)
	}
	return out
}

// write sends a batch and checks that every result was passed on exactly once.
func (b *bench) write(batch []connect.Write) []connect.Result {
	b.t.Helper()
	results, err := b.tryWrite(batch)
	if err != nil {
		b.t.Fatal(err)
	}
	return results
}

func (b *bench) tryWrite(batch []connect.Write) ([]connect.Result, error) {
	b.t.Helper()
	passed := make([]connect.Result, len(batch))
	times := make([]int, len(batch))
	results, err := b.Connector.Write(b.t.Context(), b.table, batch, func(indexes []int, results []connect.Result) {
		for i, at := range indexes {
			passed[at] = results[i]
			times[at]++
		}
	})
	if len(results) != len(batch) {
		b.t.Fatalf("%d results of %d writes", len(results), len(batch))
	}
	for i, r := range results {
		if want := 1; r.Outcome == connect.NotSent && times[i] != 0 || r.Outcome != connect.NotSent && times[i] != want {
			b.t.Fatalf("write %d: outcome %d was passed on %d times", i, r.Outcome, times[i])
		}
		if passed[i].Outcome != r.Outcome {
			b.t.Fatalf("write %d: passed on as %d, returned as %d", i, passed[i].Outcome, r.Outcome)
		}
	}
	return results, err
}

func (b *bench) all() []connect.Row {
	b.t.Helper()
	var rows []connect.Row
	q := connect.Query{Projection: b.projection}
	for {
		page, err := b.Connector.Page(b.t.Context(), q)
		if err != nil {
			b.t.Fatal(err)
		}
		rows = append(rows, page.Rows...)
		if page.Next == "" {
			return rows
		}
		q.Resume = page.Next
	}
}

func (b *bench) fill(n int) []connect.Row {
	b.t.Helper()
	for i, r := range b.write(b.creates(0, n)) {
		if r.Outcome != connect.Done {
			b.t.Fatalf("create %d: %d %s %s", i, r.Outcome, r.Code, r.Message)
		}
	}
	rows := b.all()
	if len(rows) != n {
		b.t.Fatalf("%d rows after %d creates", len(rows), n)
	}
	return rows
}

// rename gives an update of a row's name.
func (b *bench) rename(row connect.Row, name string) connect.Write {
	return connect.Write{
		Row: connect.RowID{ID: row.ID, Key: b.key(row)}, IfMatch: row.Version,
		Values: []connect.ColumnValue{{Field: b.table.Field(b.Name), Value: value.NewText(name)}},
	}
}

func (b *bench) key(row connect.Row) []value.Value {
	var key []value.Value
	for _, name := range b.table.Key {
		key = append(key, row.Values[b.projection.Index(name)])
	}
	return key
}

func (b *bench) id(w connect.Write) connect.RowID {
	if b.table.PrimaryID != "" {
		return w.Row
	}
	var id connect.RowID
	for _, name := range b.table.Key {
		for _, v := range w.Values {
			if v.Field.Name == name {
				id.Key = append(id.Key, v.Value)
			}
		}
	}
	return id
}

func (b *bench) read(ids ...connect.RowID) []connect.Row {
	b.t.Helper()
	rows, err := b.Connector.Read(b.t.Context(), b.projection, ids)
	if err != nil {
		b.t.Fatal(err)
	}
	return rows
}

func (b *bench) name(row connect.Row) string { return row.Values[b.projection.Index(b.Name)].Text() }

func (b *bench) outcomes(results []connect.Result, want ...connect.Outcome) {
	b.t.Helper()
	for i, r := range results {
		if r.Outcome != want[min(i, len(want)-1)] {
			b.t.Fatalf("write %d: outcome %d (%s %s), want %d", i, r.Outcome, r.Code, r.Message, want[min(i, len(want)-1)])
		}
	}
}

func text(n int) string { return fmt.Sprintf("Row %d", n) }
