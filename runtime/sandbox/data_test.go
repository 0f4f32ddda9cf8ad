package sandbox

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dualwrite/dw/runtime/sandbox/generate"
)

// TestDataOfAllMaps counts the rows of both files by SQL, table by table:
// several maps share one.
func TestDataOfAllMaps(t *testing.T) {
	for _, dirt := range []int{0, 7} {
		o := options(t.TempDir())
		o.Records, o.Dirt = generate.FullRecords(3), dirt
		s := start(t, o)
		inFnO, inDataverse := map[string]int{}, map[string]int{}
		for _, m := range s.Report().Maps {
			inFnO[m.EntitySet] += m.OnlyFnO + m.Differ + m.Equal + m.UntouchedFnO + m.AsideFnO
			inDataverse[m.Table] += m.OnlyDataverse + m.Differ + m.Equal + m.UntouchedDataverse + m.AsideDataverse
		}
		for set, want := range inFnO {
			if n := count(t, s.FnO().DB(), `SELECT count(*) FROM "`+set+`"`); n != want || n == 0 {
				t.Errorf("%s: %d rows in F&O, reported %d", set, n, want)
			}
		}
		for table, want := range inDataverse {
			if n := count(t, s.Dataverse().DB(), `SELECT count(*) FROM "`+table+`"`); n != want || n == 0 {
				t.Errorf("%s: %d rows in Dataverse, reported %d", table, n, want)
			}
		}
	}
}

// TestPlantedDirtIsFound: every planted record is the row that its id names,
// the list for people and the manifest say the same, and other dirt is other
// data.
func TestPlantedDirtIsFound(t *testing.T) {
	o := options(t.TempDir())
	o.Records, o.Dirt = generate.FullRecords(3), 6
	s := start(t, o)
	tables := map[string]generate.MapReport{}
	for _, m := range s.Report().Maps {
		tables[m.Map] = m
	}
	for _, p := range s.Report().Planted {
		m := tables[p.Map]
		db, query := s.FnO().DB(), fmt.Sprintf(`SELECT count(*) FROM %q WHERE rec_id = ?`, m.EntitySet)
		if p.Side == "dataverse" {
			db, query = s.Dataverse().DB(), fmt.Sprintf(`SELECT count(*) FROM %q WHERE %q = ?`, m.Table, idColumn(m.Table))
		}
		if n := count(t, db, query, p.ID); n != 1 {
			t.Errorf("%+v: %d rows", p, n)
		}
	}
	f, err := os.Open(filepath.Join(o.Dir, dirtFile))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) != len(s.Report().Planted)+1 {
		t.Errorf("%d lines for %d planted records (%v)", len(rows), len(s.Report().Planted), err)
	}
	stop(t, s)
	again := start(t, o)
	if len(again.Report().Planted) != len(rows)-1 {
		t.Errorf("the manifest has %d planted records", len(again.Report().Planted))
	}
	stop(t, again)
	other := o
	other.Dirt = 0
	if _, err := Start(t.Context(), other); !errors.Is(err, ErrOtherData) {
		t.Errorf("without dirt: %v", err)
	}
	clean := options(t.TempDir())
	start(t, clean)
	if _, err := os.Stat(filepath.Join(clean.Dir, dirtFile)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("clean data list dirt: %v", err)
	}
}

// TestDataOfAnotherVersion: a folder that another version of dw filled is
// refused, with what to do about it.
func TestDataOfAnotherVersion(t *testing.T) {
	o := options(t.TempDir())
	stop(t, start(t, o))
	path := filepath.Join(o.Dir, manifestFile)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var made map[string]any
	if err := json.Unmarshal(text, &made); err != nil {
		t.Fatal(err)
	}
	for _, change := range []func(){
		func() { made["data"] = 1 },
		func() { delete(made, "data"); made["all_maps"] = true },
	} {
		change()
		if text, err = json.Marshal(made); err == nil {
			err = os.WriteFile(path, text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		_, err := Start(t.Context(), o)
		if !errors.Is(err, ErrOtherData) || !strings.Contains(err.Error(), "another version of dw") || !strings.Contains(err.Error(), "remove the folder "+o.Dir) {
			t.Errorf("data %v: %v", made["data"], err)
		}
	}
}

// idColumn is the primary key column of a table that has dirt.
func idColumn(table string) string {
	switch table {
	case "accounts":
		return "accountid"
	case "contacts":
		return "contactid"
	case "salesorders":
		return "salesorderid"
	case "salesorderdetails":
		return "salesorderdetailid"
	case "msdyn_vendors":
		return "msdyn_vendorid"
	case "msdyn_vendorgroups":
		return "msdyn_vendorgroupid"
	case "msdyn_paymentterms":
		return "msdyn_paymenttermid"
	}
	return table + "?"
}
