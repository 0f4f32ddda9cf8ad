package main

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/engine"
)

// Customers of three companies that only Dataverse has, each company a package.
// Their group is a text there, which F&O alone can judge.
const (
	packagesLink = `link "test" {
  sandbox {
    seed              = 1
    records           = 200
    job_start         = "500ms"
    latency_per_write = "5ms"
  }
  companies = ["USMF", "DEMF", "GBSI"]
}
`
	packagesMaps = `map "companies" {
  fno       = "LegalEntities"
  dataverse = "cdm_companies"
  key       = ["LegalEntityId"]

  filter {
    fno       = "LegalEntityId eq 'USMF' or LegalEntityId eq 'DEMF' or LegalEntityId eq 'GBSI'"
    dataverse = "cdm_companycode eq 'USMF' or cdm_companycode eq 'DEMF' or cdm_companycode eq 'GBSI'"
  }

  fields "to_dataverse" {
    LegalEntityId = "cdm_companycode"
    Name          = "cdm_name"
  }
}

map "customers" {
  fno       = "CustomersV3"
  dataverse = "accounts"
  key       = { CustomerAccount = "accountnumber" }

  filter {
    fno       = "PartyType eq 'Organization'"
    dataverse = "customertypecode eq 3"
  }

  fields "both" {
    OrganizationName  = "name"
    SalesMemo         = "description"
    SalesCurrencyCode = "transactioncurrencyid.isocurrencycode"
    CustomerGroupId   = "tickersymbol"
  }

  constant "customertypecode" {
    value = 3
  }
  constant "PartyType" {
    side  = "fno"
    value = "Organization"
  }
  constant "LanguageId" {
    side  = "fno"
    value = "en-us"
  }

  initial_sync {
    winner = "dataverse"
    via    = "package"
  }
}
`
)

// packagesFolder makes a folder of such customers, some of which F&O refuses.
func packagesFolder(t *testing.T) (dir string, refused int) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range map[string]string{"link.dw.hcl": packagesLink, "maps.dw.hcl": packagesMaps} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	mustDW(t, dir, "sandbox", "project", "dw-import")
	mustDW(t, dir, "apply", "-auto-approve")
	for _, name := range []string{"state.db", "state.db-wal", "state.db-shm", "sandbox/requests.jsonl"} {
		if err := os.RemoveAll(filepath.Join(dir, ".dw", name)); err != nil {
			t.Fatal(err)
		}
	}
	run := func(file, statement string) int {
		db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, ".dw", "sandbox", file))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		done, err := db.Exec(statement)
		if err != nil {
			t.Fatal(err)
		}
		n, err := done.RowsAffected()
		if err != nil {
			t.Fatal(err)
		}
		return int(n)
	}
	run("fno.db", "DELETE FROM CustomersV3")
	run("dataverse.db", "UPDATE accounts SET tickersymbol = '10'")
	const chosen = `accountid IN (SELECT accountid FROM (SELECT a.accountid, row_number() OVER (PARTITION BY a.msdyn_company ORDER BY a.accountnumber) AS n
		FROM accounts a JOIN cdm_companies c ON c.cdm_companyid = a.msdyn_company WHERE c.cdm_companycode IN ('USMF', 'DEMF', 'GBSI') AND a.customertypecode = 3) WHERE n IN (3, 11))`
	return dir, run("dataverse.db", "UPDATE accounts SET tickersymbol = 'none' WHERE "+chosen)
}

// sentByPackages is what F&O knows of the packages of a folder.
type sentByPackages struct{ jobs, rows, created, updated, records int }

func (w *twins) packages() (s sentByPackages) {
	w.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(w.dir, ".dw", "sandbox", "fno.db")+"?mode=ro")
	if err != nil {
		w.t.Fatal(err)
	}
	defer db.Close()
	err = db.QueryRow(`SELECT count(*), coalesce(sum(StagingRecordsToBeProcessedCount), 0), coalesce(sum(TargetRecordsCreatedCount), 0),
		coalesce(sum(TargetRecordsUpdatedCount), 0), (SELECT count(*) FROM CustomersV3) FROM "DataManagementExecutionJobDetails"`).
		Scan(&s.jobs, &s.rows, &s.created, &s.updated, &s.records)
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// setAside gives what `dw errors list` says but for the numbers.
func (w *twins) setAside() string {
	var out []string
	for line := range strings.Lines(w.must("errors", "list")) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[1] == "failed" {
			out = append(out, strings.ToLower(strings.Join(fields[2:], " ")))
		}
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

// TestKilledInAPackage kills apply on the way of a package, at a moment of
// chance of each kind; F&O goes on with the job. The second apply neither sends
// a row again that F&O has taken nor leaves one out.
func TestKilledInAPackage(t *testing.T) {
	t.Parallel()
	prepared, refused := packagesFolder(t)
	clean := serveCopy(t, prepared)
	reached := clean.counted()
	wanted, list, wantedState := clean.packages(), clean.setAside(), clean.state()
	clean.stop()
	if wanted.jobs != 3 || wanted.updated != 0 || wanted.created != wanted.records || wanted.rows != wanted.created+refused || refused != 6 ||
		strings.Count(list, "map.customers") != refused {
		t.Fatalf("a clean run: %+v, %d are to be refused, set aside:\n%s", wanted, refused, list)
	}

	long := os.Getenv("DW_LONG") != ""
	markers := []string{connect.MarkJobStarted, connect.MarkJobPolled, connect.MarkErrorKeysRead}
	switch {
	case long:
		markers = append(engine.PackageMarkers(), engine.MarkAnswersStored)
	case testing.Short():
		markers = markers[1:2]
	}
	chance := rand.New(rand.NewPCG(1, 0))
	for _, marker := range markers {
		// How often a job is asked about depends on the time that it takes.
		most := min(reached[marker], wanted.jobs)
		if most == 0 {
			t.Fatalf("a clean run never reaches %s", marker)
		}
		places := []int{1 + chance.IntN(most)}
		if long {
			// Where it is killed while a job is about to begin nobody knows whether the
			// request has left: the second apply looks for the job for two minutes.
			for places = nil; len(places) < most; {
				places = append(places, len(places)+1)
			}
		}
		for _, n := range places {
			t.Run(fmt.Sprintf("%s/%d", marker, n), func(t *testing.T) {
				t.Parallel()
				w := serveCopy(t, prepared)
				w.killed(t, marker, n)
				w.must("apply", "-auto-approve")
				got := w.packages()
				if got.created != wanted.created || got.updated != 0 || got.records != wanted.records {
					t.Errorf("packages came to %+v, those of a clean run to %+v", got, wanted)
				}
				// What F&O refused may go once more: in the job in flight, and in the one
				// before, about which it is asked beside it.
				if got.rows > wanted.rows+refused || got.jobs > wanted.jobs+2 {
					t.Errorf("packages came to %+v, those of a clean run to %+v: rows were sent again", got, wanted)
				}
				if again := w.setAside(); again != list {
					t.Errorf("set aside:\n%s\nwant\n%s", again, list)
				}
				sameState(t, w.state(), wantedState)
				if out := w.must("plan", "-detailed-exitcode"); !strings.Contains(out, "othing to do") {
					t.Errorf("something is left:\n%s", out)
				}
			})
		}
	}
}
