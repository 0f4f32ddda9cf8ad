package sandbox

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dualwrite/dw/runtime/sandbox/generate"
	"github.com/dualwrite/dw/runtime/sandbox/spoil"
)

// TestSpoilAndMend damages data in every way, twice, and takes it back kind by
// kind: at the end they are what they were, but for vendors that had to be added
// since others refer to all that there were. Of some kinds there are too few
// records: as many as were asked for are damaged all the same.
func TestSpoilAndMend(t *testing.T) {
	const damaged = 60
	o := options(t.TempDir())
	o.Records, o.Customers = generate.FullRecords(3), 600
	s := start(t, o)
	// Every vendor pays through the next one.
	_, err := s.Dataverse().DB().Exec("UPDATE msdyn_vendors SET msdyn_invoicevendoraccountnumber = coalesce(" +
		"(SELECT min(v.msdyn_vendorid) FROM msdyn_vendors v WHERE v.msdyn_vendorid > msdyn_vendors.msdyn_vendorid), (SELECT min(msdyn_vendorid) FROM msdyn_vendors))")
	if err != nil {
		t.Fatal(err)
	}
	clean := content(t, s)
	for round := range 2 {
		rows, err := Spoil(t.Context(), o.Dir, SpoilOptions{Rows: damaged, First: 200})
		if err != nil {
			t.Fatal(err)
		}
		kinds := map[spoil.Kind]int{}
		edits := 0
		for _, r := range rows {
			if kinds[r.Kind]++; r.Undo != nil {
				edits++
			}
		}
		if edits != damaged {
			t.Errorf("%d records are damaged, asked for were %d: %v", edits, damaged, kinds)
		}
		if _, err := Spoil(t.Context(), o.Dir, SpoilOptions{Rows: 40}); err == nil || !strings.Contains(err.Error(), "mend them first") {
			t.Errorf("damaged twice: %v", err)
		}
		for _, k := range spoil.Kinds() {
			if kinds[k] == 0 {
				t.Errorf("nothing is damaged as %s: %v", k, kinds)
			}
			m, err := Mend(t.Context(), o.Dir, MendOptions{Kind: string(k)})
			if err != nil {
				t.Fatal(err)
			}
			if m.Mended == 0 {
				t.Errorf("%s: mended %+v", k, m)
			}
		}
		got := slices.DeleteFunc(content(t, s), func(line string) bool {
			_, found := slices.BinarySearch(clean, line)
			return found
		})
		if len(got) != kinds[spoil.DateRange] || slices.ContainsFunc(got, func(line string) bool { return !strings.HasPrefix(line, "msdyn_vendors") }) {
			t.Errorf("round %d: %d rows are others than before, %d vendors were damaged:\n%s", round, len(got), kinds[spoil.DateRange], strings.Join(got, "\n"))
		}
	}
}

// TestMendLeavesWhatSomebodyMended: a value that is not the planted one any more
// stays.
func TestMendLeavesWhatSomebodyMended(t *testing.T) {
	o := options(t.TempDir())
	o.Records, o.Customers = generate.FullRecords(3), 600
	s := start(t, o)
	rows, err := Spoil(t.Context(), o.Dir, SpoilOptions{Rows: 40})
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(rows, func(r spoil.Row) bool { return r.Kind == spoil.TooLong })
	if _, err := s.FnO().DB().Exec("UPDATE CustomersV3 SET PrimaryContactURL = 'https://by.hand' WHERE rec_id = ?", rows[at].ID); err != nil {
		t.Fatal(err)
	}
	if m, err := Mend(t.Context(), o.Dir, MendOptions{}); err != nil || m.Left != 0 {
		t.Fatalf("%+v %v", m, err)
	}
	if n := count(t, s.FnO().DB(), "SELECT count(*) FROM CustomersV3 WHERE PrimaryContactURL = 'https://by.hand'"); n != 1 {
		t.Errorf("what was mended by hand stands in %d records", n)
	}
}

// content gives every row of both twins as a line, sorted.
func content(t *testing.T, s *Sandbox) (lines []string) {
	t.Helper()
	for _, db := range []*sql.DB{s.FnO().DB(), s.Dataverse().DB()} {
		for _, table := range []string{"CustomersV3", "CDSContactPersonsV2", "CDSSalesOrderHeaders", "accounts", "msdyn_vendors"} {
			rows, err := db.Query(fmt.Sprintf("SELECT * FROM %q", table))
			if err != nil {
				if strings.Contains(err.Error(), "no such table") {
					continue // the other twin's
				}
				t.Fatal(err)
			}
			names, err := rows.Columns()
			if err != nil {
				t.Fatal(err)
			}
			cells, into := make([]any, len(names)), make([]any, len(names))
			for i := range cells {
				into[i] = &cells[i]
			}
			for rows.Next() {
				if err := rows.Scan(into...); err != nil {
					t.Fatal(err)
				}
				lines = append(lines, table+fmt.Sprint(cells...))
			}
			if err := rows.Err(); err != nil {
				t.Fatal(err)
			}
		}
	}
	slices.Sort(lines)
	return lines
}
