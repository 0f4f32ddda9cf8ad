package main

import (
	"bufio"
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	_ "modernc.org/sqlite"

	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/host"
)

// Variables of dw-cut: the n-th time that a marker is reached the process kills
// itself; with a file it only counts how often each marker was reached.
const (
	cutVariable   = "DW_TEST_CUT"       // "marker:n"
	countVariable = "DW_TEST_CUT_COUNT" // file
)

// mainCut is dw with markers that cut it off. No release has it.
func mainCut() {
	h := host.Real(".")
	c := &cutter{count: map[string]int{}, file: os.Getenv(countVariable)}
	c.marker, c.at = "", 0
	if marker, n, ok := strings.Cut(os.Getenv(cutVariable), ":"); ok {
		c.marker = marker
		c.at, _ = strconv.Atoi(n)
	}
	h.Markers = c
	code := run(h, os.Args)
	c.save()
	os.Exit(code)
}

type cutter struct {
	mu     sync.Mutex
	marker string
	at     int
	count  map[string]int
	waves  int // closed
	file   string
}

// The last waves of the example have customers and orders, more than a third of
// all records, and references that are filled in afterwards. Markers reached in
// them are counted apart, so that apply is cut off in the middle of them.
const (
	wavesBefore = 6
	lastWaves   = "/last"
)

// Reached implements host.Markers.
func (c *cutter) Reached(marker string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if marker == engine.MarkWaveClosed {
		c.waves++
	}
	if c.waves >= wavesBefore {
		marker += lastWaves
	}
	c.count[marker]++
	if marker == c.marker && c.count[marker] == c.at {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {} // until the signal is delivered
	}
}

func (c *cutter) save() {
	if c.file == "" {
		return
	}
	b, err := json.Marshal(c.count)
	if err == nil {
		err = os.WriteFile(c.file, b, 0o600)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
}

// Sizes of the test: batches small enough that every wave has several.
const (
	cutRecords = 300 // of all maps
	cutBatch   = 15
	cutPage    = 30
)

// twins is a copy of the example whose twins run in a process of their own.
type twins struct {
	t   *testing.T
	dir string
	cmd *exec.Cmd
}

func copyExample(t *testing.T, dir string, records int) {
	t.Helper()
	files, err := filepath.Glob("../../examples/contoso/*.hcl")
	if err != nil || len(files) == 0 {
		t.Fatalf("no example: %v", err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		b = bytes.Replace(b, []byte("records = 20000"), []byte(fmt.Sprintf("records = %d", records)), 1)
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(f)), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// serveCopy copies a prepared folder and serves its twins.
func serveCopy(t *testing.T, from string) *twins {
	t.Helper()
	w := &twins{t: t, dir: t.TempDir()}
	if err := os.CopyFS(w.dir, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	w.cmd = exec.Command("dw", "-chdir", w.dir, "sandbox", "serve")
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var talk bytes.Buffer
	w.cmd.Stderr = &talk
	if err := w.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.stop)
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatalf("the twins did not start: %v\n%s", err, talk.String())
	}
	return w
}

func (w *twins) stop() {
	if w.cmd.ProcessState == nil {
		_ = w.cmd.Process.Signal(os.Interrupt)
		_ = w.cmd.Wait()
	}
}

// small are the sizes of batches and pages.
var small = []string{"DW_BATCH_SIZE=" + strconv.Itoa(cutBatch), "DW_PAGE_SIZE=" + strconv.Itoa(cutPage)}

// process runs a program in the folder and gives what it printed and how it
// ended.
func (w *twins) process(program string, env []string, args ...string) (string, error) {
	cmd := exec.Command(program, append([]string{"-chdir", w.dir}, args...)...)
	cmd.Env = append(os.Environ(), small...)
	cmd.Env = append(cmd.Env, env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// must runs a command in the folder, which has to succeed.
func (w *twins) must(args ...string) string {
	w.t.Helper()
	out, talk, code := runDW(w.t, small, append([]string{"-chdir", w.dir}, args...)...)
	if code != exitDone {
		w.t.Fatalf("dw %s: exit code %d\n%s%s", strings.Join(args, " "), code, out, talk)
	}
	return out
}

// logEntry is a line of the twins' request log.
type logEntry struct {
	N      int    `json:"n"`
	Twin   string `json:"twin"`
	Method string `json:"method"`
	URL    string `json:"url"`
	Status int    `json:"status"`
	Token  bool   `json:"token"`
	Writes []struct {
		Op    string `json:"op"`
		Table string `json:"table"`
		ID    string `json:"id"`
	} `json:"writes"`
}

func (w *twins) log() []logEntry {
	w.t.Helper()
	b, err := os.ReadFile(filepath.Join(w.dir, ".dw", "sandbox", "requests.jsonl"))
	if err != nil {
		w.t.Fatal(err)
	}
	var out []logEntry
	for line := range strings.Lines(string(b)) {
		var e logEntry
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			w.t.Fatalf("%v in %q", err, line)
		}
		out = append(out, e)
	}
	return out
}

// writes counts committed creates and updates a row.
func (w *twins) writes() (creates, updates map[string]int) {
	creates, updates = map[string]int{}, map[string]int{}
	for _, e := range w.log() {
		for _, x := range e.Writes {
			row := e.Twin + " " + x.Table + " " + x.ID
			if x.Op == "create" {
				creates[row]++
			} else {
				updates[row]++
			}
		}
	}
	return creates, updates
}

// state is the end state of both systems in terms that do not depend on ids
// chosen at random or numbers drawn in order.
func (w *twins) state() []string {
	w.t.Helper()
	var out []string
	query := func(file, name, q string) {
		db, err := sql.Open("sqlite", "file:"+filepath.Join(w.dir, ".dw", "sandbox", file)+"?mode=ro")
		if err != nil {
			w.t.Fatal(err)
		}
		defer db.Close()
		rows, err := db.Query(q)
		if err != nil {
			w.t.Fatalf("%s: %v", q, err)
		}
		defer rows.Close()
		columns, err := rows.Columns()
		if err != nil {
			w.t.Fatal(err)
		}
		for rows.Next() {
			vals := make([]any, len(columns))
			for i := range vals {
				vals[i] = new(sql.NullString)
			}
			if err := rows.Scan(vals...); err != nil {
				w.t.Fatal(err)
			}
			line := name
			for _, v := range vals {
				line += "|" + v.(*sql.NullString).String
			}
			out = append(out, line)
		}
		if err := rows.Err(); err != nil {
			w.t.Fatal(err)
		}
	}
	query("dataverse.db", "account", `SELECT c.cdm_companycode, a.accountnumber, a.name, a.emailaddress1, a.telephone1, a.creditlimit,
		a.address1_city, a.msdyn_onholdstatus, b.accountnumber, g.msdyn_groupid, t.isocurrencycode, a.customertypecode
		FROM accounts a LEFT JOIN cdm_companies c ON c.cdm_companyid = a.msdyn_company
		LEFT JOIN accounts b ON b.accountid = a.msdyn_billingaccount
		LEFT JOIN msdyn_customergroups g ON g.msdyn_customergroupid = a.msdyn_customergroupid
		LEFT JOIN transactioncurrencies t ON t.transactioncurrencyid = a.transactioncurrencyid ORDER BY 1, 2, 3`)
	query("dataverse.db", "contact", `SELECT c.cdm_companycode, a.msdyn_contactpersonid, a.firstname, a.lastname, a.emailaddress1
		FROM contacts a LEFT JOIN cdm_companies c ON c.cdm_companyid = a.msdyn_company ORDER BY 1, 2, 3, 4`)
	query("fno.db", "customer", `SELECT dataAreaId, CustomerAccount, PartyType, OrganizationName, PersonLastName, PrimaryContactEmail,
		PrimaryContactPhone, CreditLimit, InvoiceAccount, CustomerGroupId, SalesCurrencyCode FROM CustomersV3 ORDER BY lower(dataAreaId), CustomerAccount`)
	query("fno.db", "group", `SELECT dataAreaId, CustomerGroupId, Description FROM CustomerGroups ORDER BY lower(dataAreaId), CustomerGroupId`)
	query("dataverse.db", "group", `SELECT c.cdm_companycode, a.msdyn_groupid, a.msdyn_description
		FROM msdyn_customergroups a LEFT JOIN cdm_companies c ON c.cdm_companyid = a.msdyn_company ORDER BY 1, 2, 3`)
	query("fno.db", "warehouse", `SELECT dataAreaId, WarehouseId, MainRefillingWarehouseId, QuarantineWarehouseId, TransitWarehouseId, WarehouseName
		FROM Warehouses ORDER BY lower(dataAreaId), WarehouseId`)
	query("dataverse.db", "warehouse", `SELECT c.cdm_companycode, a.msdyn_warehouseidentifier, a.msdyn_description, r.msdyn_warehouseidentifier,
		q.msdyn_warehouseidentifier, t.msdyn_warehouseidentifier FROM msdyn_warehouses a LEFT JOIN cdm_companies c ON c.cdm_companyid = a.msdyn_company
		LEFT JOIN msdyn_warehouses r ON r.msdyn_warehouseid = a.msdyn_mainrefillingwarehouse
		LEFT JOIN msdyn_warehouses q ON q.msdyn_warehouseid = a.msdyn_quarantinewarehouse
		LEFT JOIN msdyn_warehouses t ON t.msdyn_warehouseid = a.msdyn_transitwarehouse ORDER BY 1, 2, 3`)
	query("dataverse.db", "category", `SELECT h.msdyn_name, a.msdyn_name, p.msdyn_name, a.msdyn_description FROM msdyn_productcategories a
		LEFT JOIN msdyn_productcategoryhierarchies h ON h.msdyn_productcategoryhierarchyid = a.msdyn_hierarchy
		LEFT JOIN msdyn_productcategories p ON p.msdyn_productcategoryid = a.msdyn_parentproductcategory ORDER BY 1, 2`)
	query("dataverse.db", "vendor", `SELECT c.cdm_companycode, a.msdyn_vendoraccountnumber, a.msdyn_name, p.msdyn_contactpersonid, i.msdyn_vendoraccountnumber
		FROM msdyn_vendors a LEFT JOIN cdm_companies c ON c.cdm_companyid = a.msdyn_company
		LEFT JOIN contacts p ON p.contactid = a.msdyn_vendorprimarycontactperson
		LEFT JOIN msdyn_vendors i ON i.msdyn_vendorid = a.msdyn_invoicevendoraccountnumber ORDER BY 1, 2`)
	query("fno.db", "vendor", `SELECT dataAreaId, VendorAccountNumber, VendorOrganizationName, PrimaryContactPersonId FROM VendorsV2 ORDER BY lower(dataAreaId), VendorAccountNumber`)
	query("dataverse.db", "order", `SELECT c.cdm_companycode, o.msdyn_salesordernumber, a.accountnumber, p.msdyn_contactpersonid, o.emailaddress, o.totalamount
		FROM salesorders o LEFT JOIN cdm_companies c ON c.cdm_companyid = o.msdyn_company
		LEFT JOIN accounts a ON a.accountid = o.customerid LEFT JOIN contacts p ON p.contactid = o.customerid ORDER BY 1, 2`)
	query("dataverse.db", "line", `SELECT c.cdm_companycode, o.msdyn_salesordernumber, l.sequencenumber, p.msdyn_productnumber, g.msdyn_name, l.quantity, l.extendedamount, l.baseamount
		FROM salesorderdetails l JOIN salesorders o ON o.salesorderid = l.salesorderid LEFT JOIN cdm_companies c ON c.cdm_companyid = o.msdyn_company
		LEFT JOIN products p ON p.productid = l.productid LEFT JOIN msdyn_productcategories g ON g.msdyn_productcategoryid = l.msdyn_salesproductcategory ORDER BY 1, 2, 3`)
	query("fno.db", "order", `SELECT dataAreaId, SalesOrderNumber, OrderingCustomerAccountNumber, Email, RequestedShippingDate FROM CDSSalesOrderHeaders ORDER BY lower(dataAreaId), SalesOrderNumber`)
	query("dataverse.db", "company", `SELECT cdm_companycode, cdm_name FROM cdm_companies ORDER BY 1`)
	return out
}

// counted runs apply to its end and counts how often it reaches each marker.
func (w *twins) counted() (reached map[string]int) {
	w.t.Helper()
	counts := filepath.Join(w.t.TempDir(), "counts.json")
	if out, err := w.process("dw-cut", []string{countVariable + "=" + counts}, "apply", "-auto-approve"); err != nil {
		w.t.Fatalf("apply: %v\n%s", err, out)
	}
	b, err := os.ReadFile(counts)
	if err == nil {
		err = json.Unmarshal(b, &reached)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return reached
}

// killed runs apply, which is killed when it reaches a marker the n-th time.
func (w *twins) killed(t *testing.T, marker string, n int) {
	t.Helper()
	out, err := w.process("dw-cut", []string{fmt.Sprintf("%s=%s:%d", cutVariable, marker, n)}, "apply", "-auto-approve")
	var ended *exec.ExitError
	if !errors.As(err, &ended) || ended.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("apply was not killed: %v\n%s", err, out)
	}
}

// TestKilledAtEachMarker kills apply at every place where durable state or a
// remote system has just moved, and holds the second apply to what a clean run
// does: no row twice, none under a new id, nothing repeated beyond the batches
// in flight.
func TestKilledAtEachMarker(t *testing.T) {
	t.Parallel()
	prepared := t.TempDir()
	copyExample(t, prepared, cutRecords)
	mustDW(t, prepared, "plan") // makes the data
	if err := os.Remove(filepath.Join(prepared, ".dw", "sandbox", "requests.jsonl")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}

	clean := serveCopy(t, prepared)
	reached := clean.counted()
	clean.must("verify", "-no-state")
	wanted := clean.state()
	cleanCreates, cleanUpdates := clean.writes()
	clean.stop()

	markers := engine.Markers()
	if os.Getenv("DW_LONG") == "" { // a few that lie apart; .ci/run has all of them
		markers = []string{engine.MarkIntentsStored, engine.MarkRequestSent, engine.MarkBaseStored, engine.MarkDeferredStored}
		if testing.Short() {
			markers = markers[1:3]
		}
	}
	for _, marker := range markers {
		t.Run(marker, func(t *testing.T) {
			t.Parallel()
			at := marker
			if reached[marker+lastWaves] > 0 {
				at = marker + lastWaves
			}
			if reached[at] == 0 {
				t.Fatalf("a clean run never reaches %s", marker)
			}
			w := serveCopy(t, prepared)
			w.killed(t, at, max(reached[at]*2/3, 1))
			before, _ := w.writes()
			if strings.HasSuffix(at, lastWaves) && len(before) < cutBatch {
				t.Errorf("only %d rows were created before the cut; it came too early to say anything", len(before))
			}
			w.must("apply", "-auto-approve")
			w.must("verify", "-no-state")
			if list := w.must("errors", "list"); !strings.Contains(list, "No record is set aside") {
				t.Errorf("records are set aside that a clean run deals with:\n%s", list)
			}
			again := w.must("plan", "-detailed-exitcode")
			if !strings.Contains(again, "othing to do") {
				t.Errorf("the plan after the second apply has something left:\n%s", again)
			}
			sameState(t, w.state(), wanted)

			creates, updates := w.writes()
			for row, n := range creates {
				if n > 1 {
					t.Errorf("%s was created %d times", row, n)
				}
			}
			if len(creates) != len(cleanCreates) {
				t.Errorf("%d rows were created, a clean run creates %d", len(creates), len(cleanCreates))
			}
			repeated := 0
			for _, n := range updates {
				repeated += n
			}
			for _, n := range cleanUpdates {
				repeated -= n
			}
			if inFlight := 3 * 2 * cutBatch; repeated > inFlight {
				t.Errorf("%d updates more than a clean run; the batches in flight hold %d", repeated, inFlight)
			}
		})
	}
}

func sameState(t *testing.T, got, want []string) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("the end state has %d rows, a clean run's %d", len(got), len(want))
	}
	shown := 0
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] && shown < 5 {
			shown++
			t.Errorf("end state differs from a clean run's:\n got %s\nwant %s", got[i], want[i])
		}
	}
}
