package capture_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/capture"
	"github.com/dualwrite/dw/runtime/engine/enginetest"
	"github.com/dualwrite/dw/runtime/engine/initial"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

// town is a world whose customers are joined, with a watcher of their map.
type town struct {
	*enginetest.World
	*capture.Watcher
	fno map[string]string // account -> RecId
	dv  map[string]string // account -> guid
}

func newTown(t *testing.T, usmf, demf int) *town {
	w := enginetest.New(t, enginetest.Config)
	tn := &town{World: w, fno: map[string]string{}, dv: map[string]string{}}
	for company, n := range map[string]int{"USMF": usmf, "DEMF": demf} {
		for i := range n {
			account := fmt.Sprintf("%s-%03d", company[:2], i)
			tn.fno[account] = w.Customer(company, account, nil)
		}
	}
	runner := initial.Runner{Env: w.Env}
	if err := runner.Join(t.Context(), w.Env.Maps, w.Env.Maps); err != nil {
		t.Fatal(err)
	}
	for _, r := range w.Dataverse.Rows("accounts") {
		tn.dv[r.Values["accountnumber"].String()] = r.ID
	}
	if n := w.Queued("customers"); n != 0 || len(tn.dv) != usmf+demf {
		t.Fatalf("%d queued, %d accounts", n, len(tn.dv))
	}
	tn.Watcher = capture.NewWatcher(reader(w, "customers"))
	tn.quiet()
	return tn
}

// scan makes a whole scan of F&O.
func (tn *town) scan() {
	tn.Helper()
	for {
		done, _, err := tn.Watcher.Scan(tn.Context(), value.FnO)
		if err != nil {
			tn.Fatal(err)
		}
		if done {
			return
		}
	}
}

func (tn *town) deltas() {
	tn.Helper()
	for range 10 {
		if _, err := tn.Deltas(tn.Context()); err != nil {
			tn.Fatal(err)
		}
		if !tn.Scanning(value.Dataverse) {
			return
		}
	}
	tn.Fatal("the read of the whole table does not end")
}

// seen gives what is queued, a line each, and empties the queue.
func (tn *town) seen() (lines []string) {
	tn.Helper()
	tn.Update(func(tx store.Tx) error {
		work, err := tx.Work("customers", "", 0)
		if err != nil {
			return err
		}
		var seqs []int64
		for _, w := range work {
			for _, o := range append(w.FnO, w.Dataverse...) {
				seqs = append(seqs, o.Seq)
				what := "seen"
				switch {
				case o.Deleted:
					what = "deleted"
				case !o.InScope:
					what = "outside"
				}
				if o.At == "" {
					tn.Errorf("%s was seen at no time", o.Key)
				}
				lines = append(lines, fmt.Sprintf("%s %s %s", what, o.Side, strings.ToUpper(strings.ReplaceAll(o.Key, "\x1f", " "))))
			}
		}
		return tx.DropObservations("customers", seqs)
	})
	return lines
}

func (tn *town) want(lines ...string) {
	tn.Helper()
	if got := tn.seen(); !slices.Equal(got, lines) {
		tn.Errorf("captured %q, want %q", got, lines)
	}
}

func (tn *town) listed(lines ...string) {
	tn.Helper()
	if got := tn.Listed("customers"); !slices.Equal(got, lines) {
		tn.Errorf("listed %q, want %q", got, lines)
	}
}

// quiet checks that what dw wrote itself is nothing new.
func (tn *town) quiet() {
	tn.Helper()
	tn.deltas()
	tn.scan()
	tn.want()
	tn.listed()
}

// company hides the records of a company in F&O.
func company(code string) func(string, values) bool {
	return func(set string, v values) bool { return set == "CustomersV3" && v["dataAreaId"] == text(code) }
}

func TestScanSeesWhatMoved(t *testing.T) {
	tn := newTown(t, 12, 3)
	tn.FnO.PageSize = 4
	tn.FnO.Change("CustomersV3", tn.fno["US-003"], values{"OrganizationName": text("New")})
	tn.Customer("DEMF", "DE-NEW", nil)
	tn.FnO.Change("CustomersV3", tn.fno["US-009"], values{"PartyType": value.NewSymbol("Person")})
	tn.FnO.Delete("CustomersV3", tn.fno["US-011"])
	tn.FnO.Requests()
	tn.scan()
	tn.want("seen fno DEMF DE-NEW", "seen fno USMF US-003", "outside fno USMF US-009", "deleted fno USMF US-011")
	pages := 0
	for _, r := range tn.FnO.Requests() {
		if strings.HasPrefix(r, "Page") {
			pages++
		}
	}
	if pages < 4 {
		t.Errorf("%d pages of 15 records", pages)
	}
	// What belongs to no pair is seen once in each version.
	tn.scan()
	if got := tn.seen(); slices.Contains(got, "seen fno DEMF DE-NEW") {
		t.Errorf("seen again: %q", got)
	}
	tn.Forget()
	tn.scan()
	if got := tn.seen(); !slices.Contains(got, "seen fno DEMF DE-NEW") {
		t.Errorf("not seen again: %q", got)
	}
}

// TestScanWhereVersionsDependOnWhatIsRead: then keys alone would show every
// record as moved with each scan; whole records are read instead.
func TestScanWhereVersionsDependOnWhatIsRead(t *testing.T) {
	tn := newTown(t, 30, 5)
	tn.FnO.Narrow, tn.FnO.PageSize = true, 10
	tn.scan()
	tn.want()
	tn.FnO.Requests()
	tn.FnO.Change("CustomersV3", tn.fno["US-007"], enginetest.Values{"OrganizationName": enginetest.Text("New")})
	tn.FnO.Delete("CustomersV3", tn.fno["US-008"])
	tn.scan()
	tn.want("seen fno USMF US-007", "deleted fno USMF US-008")
	for _, l := range tn.FnO.Requests() {
		if strings.HasPrefix(l, "Read CustomersV3") && !strings.HasSuffix(l, " 1") && !strings.HasSuffix(l, " 5") {
			t.Errorf("records are read one by one that have not moved: %s", l)
		}
	}
}

func TestRecreatedRecordIsNotTheOldOne(t *testing.T) {
	tn := newTown(t, 5, 1)
	tn.FnO.Delete("CustomersV3", tn.fno["US-002"])
	tn.Customer("USMF", "US-002", values{"OrganizationName": text("Another")})
	tn.scan()
	tn.want("seen fno USMF US-002", "deleted fno USMF US-002")
}

// TestRoleThatLosesACompany is the first of the absence fuses: nothing is
// deleted, and the finding goes when the records can be read again.
func TestRoleThatLosesACompany(t *testing.T) {
	tn := newTown(t, 10, 5)
	tn.FnO.Hidden = company("demf")
	tn.FnO.Delete("CustomersV3", tn.fno["US-001"])
	tn.scan()
	tn.want("deleted fno USMF US-001")
	tn.listed("held DW671 DEMF / all records")
	tn.FnO.Hidden = nil
	tn.scan()
	tn.listed()
	tn.FnO.Put("CustomersV3", values{"dataAreaId": text("usmf"), "CustomerAccount": text("US-001"), "PartyType": value.NewSymbol("Organization")})
	tn.scan()
	tn.seen()
}

func TestEmptyPageDeletesNothing(t *testing.T) {
	tn := newTown(t, 10, 2)
	tn.FnO.Hidden = func(set string, _ values) bool { return set == "CustomersV3" }
	tn.scan()
	tn.want()
	tn.listed("held DW671 DEMF / all records", "held DW671 USMF / all records")
}

func TestScanThatFailsHalfWayDeletesNothing(t *testing.T) {
	tn := newTown(t, 12, 2)
	tn.FnO.PageSize = 5
	tn.FnO.Delete("CustomersV3", tn.fno["US-001"])
	pages := 0
	tn.FnO.OnRead = func(op, _ string) error {
		if op == "Page" {
			if pages++; pages == 2 {
				return errors.New("the line broke")
			}
		}
		return nil
	}
	if _, _, err := tn.Watcher.Scan(t.Context(), value.FnO); err != nil {
		t.Fatal(err)
	}
	if _, _, err := tn.Watcher.Scan(t.Context(), value.FnO); err == nil || !strings.Contains(err.Error(), "the line broke") {
		t.Fatalf("error %v", err)
	}
	tn.want()
	tn.listed("held DW672 all records")
	if tn.Scanning(value.FnO) {
		t.Error("the scan goes on though it failed")
	}
	tn.scan()
	tn.want("deleted fno USMF US-001")
	tn.listed()
}

// TestManyAbsentRecordsAreHeld until a person approves, and only as many as the
// person was told of.
func TestManyAbsentRecordsAreHeld(t *testing.T) {
	tn := newTown(t, 60, 2)
	gone := 0
	remove := func(n int) {
		for ; n > 0; n-- {
			tn.FnO.Delete("CustomersV3", tn.fno[fmt.Sprintf("US-%03d", gone)])
			gone++
		}
	}
	remove(21)
	tn.scan()
	tn.want()
	tn.listed("held DW670 USMF / all records")
	tn.scan() // still
	tn.want()
	approve := func() {
		t.Helper()
		tn.Update(func(tx store.Tx) error {
			listed, err := tx.Listed(store.ListedQuery{Map: "customers", Kind: record.Held}, 0, 0)
			if err != nil || len(listed) != 1 || !capture.IsFinding(listed[0]) {
				t.Fatalf("%+v, %v", listed, err)
			}
			if !strings.Contains(listed[0].Reason, fmt.Sprintf("%d of 60", gone)) {
				t.Errorf("reason %q names no %d", listed[0].Reason, gone)
			}
			ok, err := capture.Approve(tx, listed[0])
			if !ok {
				t.Error("it cannot be approved")
			}
			return err
		})
	}
	approve()
	remove(25) // more than anybody has approved
	tn.scan()
	tn.want()
	tn.listed("held DW670 USMF / all records")
	approve()
	tn.scan()
	if got := tn.seen(); len(got) != 46 || !strings.HasPrefix(got[0], "deleted fno USMF US-000") {
		t.Errorf("%d captured: %q", len(got), got)
	}
	tn.listed()
}

func TestFewAbsentRecordsAreDeleted(t *testing.T) {
	tn := newTown(t, 40, 2)
	for i := range 20 {
		tn.FnO.Delete("CustomersV3", tn.fno[fmt.Sprintf("US-%03d", i)])
	}
	tn.scan()
	if got := tn.seen(); len(got) != 20 {
		t.Errorf("captured %q", got)
	}
	tn.listed()
}

// TestPairsOfTheScanItselfAreNotMissed: what was agreed after a scan began says
// nothing about it.
func TestPairsOfTheScanItselfAreNotMissed(t *testing.T) {
	tn := newTown(t, 10, 1)
	tn.FnO.PageSize = 5
	if _, _, err := tn.Watcher.Scan(t.Context(), value.FnO); err != nil {
		t.Fatal(err)
	}
	tn.Update(func(tx store.Tx) error {
		return tx.PutPairs([]*record.Pair{{Map: "customers", Key: "USMF\x1fUS-NEW", Company: "USMF", FnO: record.End{ID: "1", Version: "1", Key: []value.Value{text("usmf"), text("US-NEW")}}}})
	})
	tn.scan()
	tn.want()
}

func TestDeltas(t *testing.T) {
	tn := newTown(t, 8, 2)
	tn.Dataverse.Change("accounts", tn.dv["US-001"], values{"name": text("New")})
	tn.Dataverse.Change("accounts", tn.dv["US-002"], values{"customertypecode": value.NewOption(8)})
	tn.Dataverse.Change("accounts", tn.dv["US-003"], values{"msdyn_company": value.Value{}})
	tn.Dataverse.Change("accounts", tn.dv["US-004"], values{"accountnumber": value.Value{}})
	tn.Dataverse.Delete("accounts", tn.dv["DE-000"])
	tn.Dataverse.Delete("accounts", tn.Account("USMF", "US-NEVER", nil))
	tn.Account("", "NOBODY", nil)
	tn.Account("DEMF", "DE-NEW", nil)
	tn.deltas()
	tn.want("deleted dataverse DEMF DE-000", "seen dataverse DEMF DE-NEW", "seen dataverse USMF US-001", "outside dataverse USMF US-002",
		"outside dataverse USMF US-003", "outside dataverse USMF US-004")
	tn.deltas()
	tn.want()
}

// TestDeltaPagesAreStoredOneByOne: what a stop left behind is read by the next.
func TestDeltaPagesAreStoredOneByOne(t *testing.T) {
	tn := newTown(t, 9, 0)
	for _, id := range tn.dv {
		tn.Dataverse.Change("accounts", id, values{"name": text("New")})
	}
	tn.Dataverse.PageSize = 4
	before := cursor(tn.World, "customers", value.Dataverse)
	asked := 0
	tn.Env.Stopping = func() bool { asked++; return asked > 0 }
	if n, err := tn.Deltas(t.Context()); !errors.Is(err, engine.ErrStopped) || n != 4 {
		t.Fatalf("%d captured, error %v", n, err)
	}
	if c := cursor(tn.World, "customers", value.Dataverse); c.Token != before.Token || c.Next == "" {
		t.Errorf("cursor %+v, before %+v", c, before)
	}
	tn.Env.Stopping = nil
	tn.Watcher = capture.NewWatcher(reader(tn.World, "customers")) // another process
	tn.deltas()
	if got := tn.seen(); len(got) != 9 {
		t.Errorf("captured %q", got)
	}
}

// TestExpiredToken: edits and deletes that only the old token would have told
// are found by a read of the whole table, and the token stays until its end.
func TestExpiredToken(t *testing.T) {
	tn := newTown(t, 9, 1)
	tn.Dataverse.Change("accounts", tn.dv["US-001"], values{"name": text("New")})
	tn.Dataverse.Delete("accounts", tn.dv["US-002"])
	tn.Account("USMF", "US-NEW", nil)
	tn.Dataverse.Expired = true
	tn.Dataverse.PageSize = 4
	old := cursor(tn.World, "customers", value.Dataverse)
	if _, err := tn.Deltas(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c := cursor(tn.World, "customers", value.Dataverse); c != old || !tn.Scanning(value.Dataverse) {
		t.Errorf("cursor %+v, before %+v", c, old)
	}
	tn.deltas()
	tn.want("seen dataverse USMF US-001", "deleted dataverse USMF US-002", "seen dataverse USMF US-NEW")
	tn.Dataverse.Expired = false
	if c := cursor(tn.World, "customers", value.Dataverse); c.Token == old.Token || c.Token == "" {
		t.Errorf("the token is still %q", c.Token)
	}
	tn.Dataverse.Change("accounts", tn.dv["US-003"], values{"name": text("New")})
	tn.deltas()
	if got := tn.seen(); !slices.Contains(got, "seen dataverse USMF US-003") {
		t.Errorf("captured %q", got)
	}
}

func TestExpiredTokenOfALostRoleDeletesNothing(t *testing.T) {
	tn := newTown(t, 9, 1)
	tn.Dataverse.Expired = true
	tn.Dataverse.Hidden = func(set string, _ values) bool { return set == "accounts" }
	tn.deltas()
	tn.want()
	tn.listed("held DW671 DEMF / all records", "held DW671 USMF / all records")
}

// TestDeletesOfALostRoleAreNotBelieved: a service may call deleted what the user
// of dw may not see any more. Many such reports at once count only while another
// record of the company can be read.
func TestDeletesOfALostRoleAreNotBelieved(t *testing.T) {
	tn := newTown(t, 30, 2)
	usmf := tn.Company("USMF")
	change := func() {
		for i := range 21 {
			tn.Dataverse.Change("accounts", tn.dv[fmt.Sprintf("US-%03d", i)], values{"name": text("New")})
		}
	}
	change()
	tn.Dataverse.Hidden = func(set string, v values) bool { return set == "accounts" && v["msdyn_company"] == usmf }
	tn.Dataverse.Delete("accounts", tn.dv["DE-000"])
	for range 3 {
		tn.deltas()
	}
	tn.want("deleted dataverse DEMF DE-000")
	tn.listed("held DW671 USMF / all records")
	// The finding stays as long as nothing can be read, and ends by itself.
	for range 2 {
		if err := tn.Reconsider(t.Context()); err != nil {
			t.Fatal(err)
		}
		tn.deltas()
	}
	tn.want()
	tn.listed("held DW671 USMF / all records")
	tn.Dataverse.Hidden = nil
	if err := tn.Reconsider(t.Context()); err != nil {
		t.Fatal(err)
	}
	tn.deltas()
	if got := tn.seen(); len(got) != 22 || got[0] != "deleted dataverse DEMF DE-000" || got[1] != "seen dataverse USMF US-000" {
		t.Errorf("captured %q", got)
	}
	tn.listed()
}

// TestManyReportedDeletesAreCarriedOver where the company can be seen.
func TestManyReportedDeletesAreCarriedOver(t *testing.T) {
	tn := newTown(t, 30, 2)
	for i := range 25 {
		tn.Dataverse.Delete("accounts", tn.dv[fmt.Sprintf("US-%03d", i)])
	}
	tn.Dataverse.PageSize = 6
	tn.deltas()
	if got := tn.seen(); len(got) != 25 {
		t.Errorf("captured %q", got)
	}
	tn.listed()
}

// TestApprovedDeletesOfDataverse: where changes are asked for, an approval
// begins the scan that judges it.
func TestApprovedDeletesOfDataverse(t *testing.T) {
	tn := newTown(t, 30, 2)
	for i := range 30 {
		tn.Dataverse.Delete("accounts", tn.dv[fmt.Sprintf("US-%03d", i)])
	}
	tn.deltas()
	tn.deltas()
	tn.want()
	tn.listed("held DW671 USMF / all records")
	tn.Update(func(tx store.Tx) error {
		listed, err := tx.Listed(store.ListedQuery{Map: "customers", Kind: record.Held}, 0, 0)
		if err != nil {
			return err
		}
		_, err = capture.Approve(tx, listed[0])
		return err
	})
	tn.deltas()
	if got := tn.seen(); len(got) != 30 || got[0] != "deleted dataverse USMF US-000" {
		t.Errorf("captured %q", got)
	}
	tn.listed()
}

// TestManyDeletesReportedByALostRole: the same for what comes by itself, which a
// scan judges.
func TestManyDeletesReportedByALostRole(t *testing.T) {
	tn := newTown(t, 30, 2)
	var reports []capture.Report
	for i := range 25 {
		account := fmt.Sprintf("US-%03d", i)
		reports = append(reports, capture.Report{ID: tn.fno[account], Key: []value.Value{text("usmf"), text(account)}, Deleted: true})
	}
	tn.FnO.Hidden = company("usmf")
	_, all, err := tn.Reported(t.Context(), value.FnO, reports)
	if err != nil || all {
		t.Errorf("all told: %v, error %v", all, err)
	}
	tn.want()
	tn.FnO.Hidden = nil
	for _, r := range reports {
		tn.FnO.Delete("CustomersV3", r.ID)
	}
	if _, all, err = tn.Reported(t.Context(), value.FnO, reports); err != nil || !all {
		t.Errorf("all told: %v, error %v", all, err)
	}
	if got := tn.seen(); len(got) != 25 {
		t.Errorf("captured %q", got)
	}
}

// TestGone: what one read did not find is certain in Dataverse only, while the
// company can be seen and not too many are missing.
func TestGone(t *testing.T) {
	tn := newTown(t, 30, 2)
	gone := func(side value.Side, company string, n int) int {
		t.Helper()
		var pairs []*record.Pair
		for _, p := range tn.Pairs("customers") {
			if p.Company == company && len(pairs) < n {
				pairs = append(pairs, p)
			}
		}
		certain, err := tn.Gone(t.Context(), side, pairs)
		if err != nil {
			t.Fatal(err)
		}
		return len(certain)
	}
	usmf := tn.Company("USMF")
	for _, c := range []struct {
		side    value.Side
		company string
		n, want int
	}{{value.Dataverse, "USMF", 3, 3}, {value.Dataverse, "USMF", 21, 0}, {value.Dataverse, "DEMF", 2, 0}, {value.FnO, "USMF", 3, 0}} {
		if got := gone(c.side, c.company, c.n); got != c.want {
			t.Errorf("%d of %d records of %s in %s are certain to be gone, want %d", got, c.n, c.company, c.side, c.want)
		}
	}
	tn.Dataverse.Hidden = func(set string, v values) bool { return set == "accounts" && v["msdyn_company"] == usmf }
	if got := gone(value.Dataverse, "USMF", 3); got != 0 {
		t.Errorf("%d are certain to be gone while nothing can be seen", got)
	}
}

func TestReported(t *testing.T) {
	tn := newTown(t, 9, 1)
	key := func(account string) []value.Value { return []value.Value{text("usmf"), text(account)} }
	report := func(all bool, reports ...capture.Report) {
		t.Helper()
		_, ok, err := tn.Reported(t.Context(), value.FnO, reports)
		if err != nil || ok != all {
			t.Fatalf("all told: %v, error %v", ok, err)
		}
	}
	// Repeated reports, one of dw's own write, one of nobody's.
	tn.FnO.Change("CustomersV3", tn.fno["US-001"], values{"OrganizationName": text("New")})
	report(true, capture.Report{ID: tn.fno["US-001"], Key: key("US-001")}, capture.Report{ID: tn.fno["US-001"], Key: key("US-001")},
		capture.Report{ID: tn.fno["US-002"], Key: key("US-002")}, capture.Report{ID: "7", Key: key("US-NEVER")})
	tn.want("seen fno USMF US-001")
	// Deleted, with and without an id.
	tn.FnO.Delete("CustomersV3", tn.fno["US-003"])
	tn.FnO.Delete("CustomersV3", tn.fno["US-004"])
	report(true, capture.Report{ID: tn.fno["US-003"], Key: key("US-003"), Deleted: true}, capture.Report{Key: key("US-004"), Deleted: true})
	tn.want("deleted fno USMF US-003", "deleted fno USMF US-004")
	// Deleted and created again under the same key: both are told.
	tn.FnO.Delete("CustomersV3", tn.fno["US-005"])
	tn.Customer("USMF", "US-005", nil)
	report(true, capture.Report{ID: tn.fno["US-005"], Key: key("US-005"), Deleted: true})
	tn.want("seen fno USMF US-005", "deleted fno USMF US-005")
	// A delete that the side does not confirm is none.
	report(true, capture.Report{ID: tn.fno["US-006"], Key: key("US-006"), Deleted: true})
	tn.want()
	// An edit of what is not there, and a report without a key of an unknown
	// record, are for a scan to find out about.
	tn.FnO.Delete("CustomersV3", tn.fno["US-007"])
	report(false, capture.Report{ID: tn.fno["US-007"], Key: key("US-007")})
	report(false, capture.Report{ID: "12345"})
	tn.want()
	// Without a key in the report, that of the pair does.
	tn.FnO.Change("CustomersV3", tn.fno["US-008"], values{"OrganizationName": text("New")})
	report(true, capture.Report{ID: tn.fno["US-008"]})
	tn.want("seen fno USMF US-008")
	tn.FnO.OnRead = func(string, string) error { return errors.New("down") }
	if _, _, err := tn.Reported(t.Context(), value.FnO, []capture.Report{{ID: tn.fno["US-008"]}}); err == nil {
		t.Error("a report that could not be looked at passed for one that was")
	}
}

func TestCompareFindsWhatVersionsDoNotShow(t *testing.T) {
	tn := newTown(t, 9, 1)
	tn.FnO.Slip("CustomersV3", tn.fno["US-004"], values{"OrganizationName": text("New")})
	tn.Dataverse.Slip("accounts", tn.dv["US-006"], values{"name": text("Calculated")})
	tn.Dataverse.Slip("accounts", tn.dv["US-007"], values{"name": {}}) // a right that was lost
	tn.scan()
	tn.want()
	looked := 0
	for range 4 {
		tn.Watcher = capture.NewWatcher(tn.Reader) // another process goes on
		n, _, err := tn.Compare(t.Context(), 4)
		if err != nil {
			t.Fatal(err)
		}
		looked += n
	}
	if looked != 14 { // 4, 4, 2 and 4 from the start again
		t.Errorf("looked at %d", looked)
	}
	tn.want("seen fno USMF US-004", "seen dataverse USMF US-006")
	tn.View(func(tx store.Tx) error {
		r, err := store.RoundOf(tx, "customers")
		if r.Ended == "" || r.LastLooked != 10 || r.LastFound != 2 || r.Looked != 4 {
			t.Errorf("%+v", r)
		}
		return err
	})
}

func TestCheckNamesColumnsThatCannotBeRead(t *testing.T) {
	tn := newTown(t, 5, 1)
	check := func() []string {
		t.Helper()
		troubles, err := tn.Check(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return troubles
	}
	if got := check(); len(got) != 0 {
		t.Fatalf("troubles %q", got)
	}
	for account, id := range tn.dv {
		if account != "US-001" {
			tn.Dataverse.Slip("accounts", id, values{"name": value.Value{}})
		}
	}
	if got := check(); len(got) != 1 || !strings.Contains(got[0], "name of Dataverse") {
		t.Errorf("troubles %q", got)
	}
	// Values that somebody has emptied are edits.
	for _, id := range tn.dv {
		tn.Dataverse.Change("accounts", id, values{"name": value.Value{}})
	}
	if got := check(); len(got) != 0 {
		t.Errorf("troubles %q", got)
	}
}

func TestAgainFindsRecordsByTheirKeys(t *testing.T) {
	tn := newTown(t, 5, 1)
	tn.FnO.Delete("CustomersV3", tn.fno["US-001"]) // or its key was changed: only a scan can tell
	tn.Dataverse.Delete("accounts", tn.dv["US-003"])
	tn.Customer("USMF", "US-NEW", nil)
	tn.Account("DEMF", "DE-NEW", nil)
	tn.seen()
	found, err := tn.Again(t.Context(), []string{"usmf\x1fus-001", "usmf\x1fus-002", "usmf\x1fus-003", "usmf\x1fus-new", "demf\x1fde-new", "usmf\x1fnever"})
	if err != nil || len(found) != 5 {
		t.Fatalf("found %v, %v", found, err)
	}
	tn.want("seen dataverse DEMF DE-NEW", "seen dataverse USMF US-001", "seen fno USMF US-002", "seen dataverse USMF US-002",
		"seen fno USMF US-003", "deleted dataverse USMF US-003", "seen fno USMF US-NEW")
}

func TestSet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		numbers := rapid.SliceOf(rapid.Int64Range(0, 1<<20)).Draw(t, "numbers")
		probe := rapid.Int64Range(0, 1<<20).Draw(t, "probe")
		capture.CheckSet(t.Fatalf, numbers, probe)
	})
}
