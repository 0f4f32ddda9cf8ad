package main

import (
	"database/sql"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/report"
)

// liveRecords is how many records the live tests have; enough that one company
// has more accounts than may vanish without a question.
const liveRecords = 400

// Live sync as operators see it, through the command line.
func TestLive(t *testing.T) {
	prepared := prepareLive(t, liveRecords)
	for _, c := range []struct {
		name  string
		slow  bool // left out with -short
		check func(*testing.T, *liveWorld)
	}{
		{"edits arrive", false, editsArrive},
		{"pause and the ways to resume", true, pauseAndResume},
		{"stop and resume", true, stopAndResume},
		{"failures", true, failures},
		{"a second run", true, secondRun},
		{"killed in the middle", true, killedLive},
		{"twins away", true, twinsAway},
		{"a company is gone", true, companyGone},
		{"many records are gone", false, manyGone},
		{"repair and batch windows", true, repairAndBatch},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.slow && testing.Short() {
				t.Skip("the slower half")
			}
			t.Parallel() // they wait more than they work
			c.check(t, copyLive(t, prepared))
		})
	}
}

// accounts names accounts of a company, as commands take them.
func (w *liveWorld) accounts(company string) []string {
	w.Helper()
	numbers := texts(w.T, openTwin(w.T, w.dir, "fno"),
		"SELECT CustomerAccount FROM CustomersV3 WHERE dataAreaId = ? AND PartyType = 'Organization' ORDER BY CustomerAccount", company)
	if len(numbers) < 4 {
		w.Fatalf("%s has %d accounts", company, len(numbers))
	}
	for i, n := range numbers {
		numbers[i] = strings.ToUpper(company) + " / " + n
	}
	return numbers
}

// writeTwin changes the database of a twin behind its back.
func (w *liveWorld) writeTwin(twin, statement string, args ...any) int64 {
	w.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(w.dir, ".dw", "sandbox", twin+".db")+"?_pragma=busy_timeout(10000)")
	if err != nil {
		w.Fatal(err)
	}
	defer db.Close()
	r, err := db.ExecContext(w.Context(), statement, args...)
	if err != nil {
		w.Fatal(err)
	}
	n, err := r.RowsAffected()
	if err != nil {
		w.Fatal(err)
	}
	return n
}

func editsArrive(_ *testing.T, w *liveWorld) {
	a := w.accounts("usmf")
	run := w.run(soakEnv...)
	w.edit("accounts", a[0], "telephone1=555-0100")
	w.equalizes("accounts", a[0], "telephone1", "555-0100")
	w.edit("accounts", a[0], "fno.OrganizationName=Named in F&O")
	w.equalizes("accounts", a[0], "name", "Named in F&O")
	w.dw("sandbox", "edit", "-create", "dataverse", "accounts", "USMF / LIVE-1", "name=Made in Dataverse",
		"msdyn_customergroupid="+w.group("usmf"), "transactioncurrencyid=USD")
	w.equalizes("accounts", "USMF / LIVE-1", "name", "Made in Dataverse")
	w.dw("sandbox", "edit", "-create", "fno", "accounts", "USMF / LIVE-2", "OrganizationName=Made in F&O", "CustomerGroupId="+w.group("usmf"), "SalesCurrencyCode=USD")
	w.equalizes("accounts", "USMF / LIVE-2", "name", "Made in F&O")
	w.dw("sandbox", "edit", "-delete", "fno", "accounts", "USMF / LIVE-2")
	w.until("the account is inactive", func() bool {
		return texts(w.T, openTwin(w.T, w.dir, "dataverse"), "SELECT statecode FROM accounts WHERE accountnumber = 'LIVE-2'")[0] == "1"
	})
	// Why it is so, beside the running engine.
	var b report.Blame
	w.decode(&b, "blame", "-json", "-history", "accounts", a[0], "telephone1")
	if len(b.History) == 0 || b.History[len(b.History)-1].From != value.Dataverse || b.Fields[0].Values.FnO != "555-0100" {
		w.Errorf("blame: %+v", b)
	}
	run.interrupt()
	w.dw("verify")
}

func pauseAndResume(_ *testing.T, w *liveWorld) {
	a := w.accounts("usmf")
	w.run(soakEnv...)
	for i, way := range []string{"catch-up", "keep", "discard"} {
		key, name := a[i], "While paused "+way
		_, before := w.look("accounts", key, "name")
		if out := w.dw("pause", "accounts"); !strings.Contains(out, "paused") {
			w.Errorf("pause says %q", out)
		}
		w.edit("accounts", key, "fno.OrganizationName="+name)
		w.until("the edit is queued", func() bool { s := w.status("accounts"); return s.Status == "paused" && s.Queued.FnO > 0 })
		if _, now := w.look("accounts", key, "name"); now != before {
			w.Errorf("%s: a paused map wrote %q", way, now)
		}
		w.dw("resume", "-queue", way, "accounts")
		w.until("the map runs and nothing is queued", func() bool {
			s := w.status("accounts")
			return s.Status == "running" && s.Queued == report.Sides{} && s.Open == 0
		})
		switch way {
		case "catch-up":
			w.equalizes("accounts", key, "name", name)
			continue
		case "keep":
			l := w.listed(record.Failed, "accounts")
			if len(l) != 1 || !strings.EqualFold(l[0].Record, key) {
				w.Fatalf("kept as failures: %+v", l)
			}
			if _, now := w.look("accounts", key, "name"); now != before {
				w.Errorf("what was kept back was written: %q", now)
			}
			w.dw("errors", "retry", strconv.FormatInt(l[0].ID, 10))
			w.equalizes("accounts", key, "name", name)
		case "discard":
			l := w.listed(record.Tolerated, "accounts")
			if len(l) != 1 || !strings.EqualFold(l[0].Record, key) {
				w.Fatalf("tolerated: %+v", l)
			}
			if _, now := w.look("accounts", key, "name"); now != before {
				w.Errorf("what was discarded was written: %q", now)
			}
			w.edit("accounts", key, "fno.OrganizationName=Edited again")
			w.equalizes("accounts", key, "name", "Edited again")
		}
		if l := w.listed("", "accounts"); len(l) > 0 {
			w.Errorf("%s: still listed: %+v", way, l)
		}
	}
	w.dw("verify")
	w.fails("is no way to resume", "resume", "-queue", "catchup", "accounts")
	w.fails(`Did you mean "accounts"?`, "pause", "acounts")
	w.fails("needs a map", "stop")
}

func stopAndResume(_ *testing.T, w *liveWorld) {
	a := w.accounts("usmf")
	run := w.run(soakEnv...)
	w.dw("stop", "contacts", "accounts")
	w.edit("accounts", a[0], "fno.OrganizationName=While stopped")
	w.edit("accounts", a[1], "telephone1=555-0111")
	w.edit("customer_groups", "USMF / "+w.group("usmf"), "fno.Description=Goes on")
	w.equalizes("customer_groups", "USMF / "+w.group("usmf"), "msdyn_description", "Goes on")
	if s := w.status("accounts"); s.Status != "stopped" || s.Queued != (report.Sides{}) {
		w.Errorf("a stopped map: %+v", s)
	}
	if _, now := w.look("accounts", a[0], "name"); now == "While stopped" {
		w.Error("a stopped map wrote")
	}
	// A stop outlives the run.
	run.interrupt()
	w.run(soakEnv...)
	if s := w.status("accounts"); s.Status != "stopped" {
		w.Errorf("after another start it is %s", s.Status)
	}
	w.dw("resume", "accounts", "contacts")
	w.equalizes("accounts", a[0], "name", "While stopped")
	w.equalizes("accounts", a[1], "telephone1", "555-0111")
	w.until("the map runs", func() bool { return w.status("accounts").Status == "running" })
	w.dw("verify")
}

// group names a customer group of a company.
func (w *liveWorld) group(company string) string {
	w.Helper()
	return texts(w.T, openTwin(w.T, w.dir, "fno"), "SELECT CustomerGroupId FROM CustomerGroups WHERE dataAreaId = ? ORDER BY 1", company)[0]
}

func failures(_ *testing.T, w *liveWorld) {
	a := w.accounts("usmf")
	w.run(soakEnv...)
	fail := func(keys ...string) []record.Listed {
		for _, key := range keys {
			// Dataverse counts employees from nothing upwards.
			w.edit("accounts", key, "fno.OrganizationNumberOfEmployees=-5", "fno.SalesMemo=Kept back with it")
		}
		w.until("the records are listed", func() bool { return len(w.listed(record.Failed, "accounts")) == len(keys) })
		l := w.listed(record.Failed, "accounts")
		slices.SortFunc(l, func(a, b record.Listed) int {
			return strings.Compare(strings.ToLower(a.Record), strings.ToLower(b.Record))
		})
		return l
	}
	l := fail(a[0], a[1])
	id := strconv.FormatInt(l[0].ID, 10)
	var shown record.Listed
	w.decode(&shown, "errors", "show", "-json", id)
	if shown.Code != l[0].Code || shown.Reason == "" || shown.Hint == "" || shown.Field != "numberofemployees" {
		w.Errorf("errors show: %+v", shown)
	}
	if out := w.dw("errors", "show", id); !strings.Contains(out, "numberofemployees") {
		w.Errorf("errors show:\n%s", out)
	}
	// A bad record does not hold up a good one, not even in its own map.
	w.edit("accounts", a[2], "fno.SalesMemo=Goes through")
	w.equalizes("accounts", a[2], "description", "Goes through")

	// A retry without anything mended changes nothing.
	w.dw("errors", "retry", id)
	if now := w.listed(record.Failed, "accounts"); len(now) != 2 {
		w.Errorf("after a retry: %+v", now)
	}
	// One is mended: it goes through by itself, with what was kept back. The
	// other is dropped: it stays as it is until the next edit.
	w.edit("accounts", a[0], "fno.OrganizationNumberOfEmployees=5")
	w.equalizes("accounts", a[0], "numberofemployees", "5")
	w.equalizes("accounts", a[0], "description", "Kept back with it")
	w.dw("errors", "drop", strconv.FormatInt(l[1].ID, 10))
	if now := w.listed("", "accounts"); len(now) != 1 || now[0].Kind != record.Tolerated || !strings.EqualFold(now[0].Record, a[1]) {
		w.Errorf("after the drop: %+v", now)
	}
	w.dw("verify")
	w.edit("accounts", a[1], "fno.OrganizationNumberOfEmployees=6", "fno.SalesMemo=Mended")
	w.equalizes("accounts", a[1], "numberofemployees", "6")
	w.equalizes("accounts", a[1], "description", "Mended")
	w.until("nothing is listed", func() bool { return len(w.listed("", "accounts")) == 0 })

	w.fails("there is no entry", "errors", "retry", id)
	w.fails("needs to know which records", "errors", "retry")
	w.fails("needs the number of a listed record", "errors", "show", "first")
	w.fails("nothing is listed under", "errors", "show", "999999")
}

func secondRun(_ *testing.T, w *liveWorld) {
	a := w.accounts("usmf")
	first := w.run(soakEnv...)
	w.edit("accounts", a[0], "telephone1=555-0120")
	w.equalizes("accounts", a[0], "telephone1", "555-0120")

	// Two at once cannot be; the first one is named.
	other := w.start("dw")
	other.ends(exitError)
	if out := other.out.String(); !strings.Contains(out, diag.CodeStateLocked) || !strings.Contains(out, strconv.Itoa(first.cmd.Process.Pid)) {
		w.Errorf("a second run beside the first says\n%s", out)
	}

	first.interrupt()
	w.edit("accounts", a[0], "telephone1=555-0121")
	w.edit("accounts", a[1], "fno.OrganizationName=Between two runs")
	w.run(soakEnv...)
	w.equalizes("accounts", a[0], "telephone1", "555-0121")
	w.equalizes("accounts", a[1], "name", "Between two runs")

	// Nothing to run before anything is deployed.
	empty := &liveWorld{T: w.T, dir: w.TempDir()}
	if err := copyContoso(empty.dir, liveRecords); err != nil {
		w.Fatal(err)
	}
	undeployed := empty.start("dw")
	undeployed.ends(exitError)
	if out := undeployed.out.String(); !strings.Contains(out, "dw apply") {
		w.Errorf("a run before any apply says\n%s", out)
	}
}

// killedLive kills the run at places where something has just moved, in the
// middle of writing; the next one loses nothing and doubles nothing.
func killedLive(t *testing.T, w *liveWorld) {
	a := w.accounts("usmf")[:10]
	for i := range a {
		a[i] = strings.TrimPrefix(a[i], "USMF / ")
	}
	_, mark := w.logTail(0)
	markers := []string{engine.MarkIntentsStored, engine.MarkRequestSent, engine.MarkBaseStored}
	for round, marker := range markers {
		name, phone := fmt.Sprintf("Round %d", round), fmt.Sprintf("555-%d", round)
		made := fmt.Sprintf("KILL-%d", round)
		for i, number := range a {
			if i%2 == 0 {
				w.patch(value.FnO, "CustomersV3", customer(number), map[string]any{"OrganizationName": name})
			} else {
				w.patch(value.Dataverse, "accounts", w.accountID(number), map[string]any{"telephone1": phone})
			}
		}
		w.dw("sandbox", "edit", "-create", "dataverse", "accounts", "USMF / "+made, "name="+name, "msdyn_customergroupid="+w.group("usmf"), "transactioncurrencyid=USD")
		cut := w.start("dw-cut", cutVariable+"="+marker+":2", "DW_BATCH_SIZE=3", "DW_SCAN=1s")
		select {
		case <-cut.done:
		case <-time.After(patience):
			t.Fatalf("%s: never reached twice\n%s", marker, cut.talk())
		}
		if !cut.killed() {
			t.Fatalf("%s: it was not killed\n%s", marker, cut.talk())
		}
		run := w.run(soakEnv...)
		fno, dataverse := openTwin(t, w.dir, "fno"), openTwin(t, w.dir, "dataverse")
		w.until("everything is on both sides after "+marker, func() bool {
			for i, number := range append(slices.Clone(a), made) {
				in, out := "OrganizationName", "name"
				want := name
				if i < len(a) && i%2 == 1 {
					in, out, want = "PrimaryContactPhone", "telephone1", phone
				}
				f := texts(t, fno, "SELECT "+in+" FROM CustomersV3 WHERE dataAreaId = 'usmf' AND CustomerAccount = ?", number)
				d := texts(t, dataverse, "SELECT "+out+" FROM accounts WHERE accountid = ?", w.accountID(number))
				if len(f) != 1 || len(d) != 1 || f[0] != want || d[0] != want {
					return false
				}
			}
			return true
		})
		w.until("nothing is open", func() bool { s := w.status("accounts"); return s.Queued == (report.Sides{}) && s.Open == 0 })
		run.interrupt()
	}
	w.dw("verify")
	if l := w.listed("", ""); len(l) > 0 {
		t.Errorf("listed: %+v", l)
	}
	// At most one write of a record a round is repeated: the one in flight.
	entries, _ := w.logTail(mark)
	writes := map[string]int{}
	for _, x := range written(entries, map[string]bool{"fno/CustomersV3": true, "dataverse/accounts": true}) {
		row := string(x.side) + " " + x.id
		if writes[row]++; x.op == "create" && writes[row] > 1 {
			t.Errorf("%s was created again", row)
		}
		if writes[row] > 2*len(markers) {
			t.Errorf("%s was written %d times", row, writes[row])
		}
	}
}

// customer names a customer of the company usmf in an address.
func customer(number string) string {
	return "dataAreaId='usmf',CustomerAccount='" + number + "'"
}

// accountID gives the id of an account of the company usmf; "" where there is
// none.
func (w *liveWorld) accountID(number string) string {
	w.Helper()
	ids := texts(w.T, openTwin(w.T, w.dir, "dataverse"),
		"SELECT accountid FROM accounts JOIN cdm_companies ON cdm_companyid = msdyn_company WHERE cdm_companycode = 'USMF' AND accountnumber = ?", number)
	if len(ids) != 1 {
		return ""
	}
	return ids[0]
}

// patch changes a row as somebody else than dw.
func (w *liveWorld) patch(side value.Side, set, id string, body map[string]any) {
	w.Helper()
	if status, answer, _ := w.send(http.MethodPatch, w.rowURL(side, set, id), body); status/100 != 2 {
		w.Fatalf("PATCH %s(%s): %d %s", set, id, status, answer)
	}
}

func twinsAway(_ *testing.T, w *liveWorld) {
	a := w.accounts("usmf")
	run := w.run(soakEnv...)
	if _, code, err := w.twins.stop(); err != nil || code != exitDone && code != exitInterrupted {
		w.Fatalf("the twins: exit code %d, %v", code, err)
	}
	w.until("dw run says that a service does not answer", func() bool { return strings.Contains(run.out.String(), "does not answer") })
	select {
	case <-run.done:
		w.Fatalf("dw run ended\n%s", run.talk())
	default:
	}
	w.serve()
	w.edit("accounts", a[0], "telephone1=555-0130")
	w.edit("accounts", a[1], "fno.OrganizationName=After the break")
	w.equalizes("accounts", a[0], "telephone1", "555-0130")
	w.equalizes("accounts", a[1], "name", "After the break")
	w.until("nothing holds the map up", func() bool { return w.status("accounts").Reason == "" })
	run.interrupt()
	w.dw("verify")
}

// companyGone: a role that loses a company shows none of its records. That is no
// delete of any of them.
func companyGone(_ *testing.T, w *liveWorld) {
	before := openTwin(w.T, w.dir, "dataverse")
	active := func() string {
		return texts(w.T, before, "SELECT count(*) FROM accounts WHERE statecode = 0")[0]
	}
	there := active()
	run := w.run(soakEnv...)
	// What the role cannot see stands in another table meanwhile.
	w.writeTwin("fno", "CREATE TABLE hidden AS SELECT * FROM CustomersV3 WHERE dataAreaId = 'usmf'")
	if n := w.writeTwin("fno", "DELETE FROM CustomersV3 WHERE dataAreaId = 'usmf'"); n < 10 {
		w.Fatalf("%d records were hidden", n)
	}
	w.until("a finding is listed, or the map rests", func() bool {
		return len(w.listed(record.Held, "accounts")) > 0 || w.status("accounts").Reason != ""
	})
	if now := active(); now != there {
		w.Errorf("%s active accounts, before it were %s", now, there)
	}
	w.writeTwin("fno", "INSERT INTO CustomersV3 SELECT * FROM hidden")
	run.interrupt()
	w.run(soakEnv...)
	w.until("the finding is gone", func() bool { return len(w.listed(record.Held, "")) == 0 && w.status("accounts").Reason == "" })
	if now := active(); now != there {
		w.Errorf("%s active accounts in the end, before it were %s", now, there)
	}
	w.dw("verify")
}

// manyGone: more records than usual are gone; nothing is deleted until somebody
// has approved it.
func manyGone(_ *testing.T, w *liveWorld) {
	a := w.accounts("usmf")
	const gone = 21 // the most that may go unasked is twenty
	if len(a) < gone+2 {
		w.Fatalf("usmf has %d accounts", len(a))
	}
	last, _ := strings.CutPrefix(a[gone-1], "USMF / ")
	run := w.run(soakEnv...)
	if n := w.writeTwin("fno", "DELETE FROM CustomersV3 WHERE dataAreaId = 'usmf' AND PartyType = 'Organization' AND CustomerAccount <= ?", last); n != gone {
		w.Fatalf("%d records were deleted", n)
	}
	w.until("the finding is listed", func() bool { return len(w.listed(record.Held, "accounts")) == 1 })
	finding := w.listed(record.Held, "accounts")[0]
	if !strings.Contains(finding.Reason, strconv.Itoa(gone)) || !strings.Contains(finding.Hint, "approve") || finding.Company != "USMF" && finding.Company != "usmf" {
		w.Errorf("finding: %+v", finding)
	}
	inactive := func() int {
		n, err := strconv.Atoi(texts(w.T, openTwin(w.T, w.dir, "dataverse"), "SELECT count(*) FROM accounts WHERE statecode = 1")[0])
		if err != nil {
			w.Fatal(err)
		}
		return n
	}
	if n := inactive(); n > 0 {
		w.Errorf("%d accounts were deactivated unasked", n)
	}
	// Edits go on meanwhile.
	w.edit("accounts", a[gone], "telephone1=555-0140")
	w.equalizes("accounts", a[gone], "telephone1", "555-0140")
	w.dw("errors", "approve", strconv.FormatInt(finding.ID, 10))
	w.until("the accounts are inactive", func() bool { return inactive() == gone })
	w.until("the finding is gone", func() bool { return len(w.listed(record.Held, "accounts")) == 0 })
	w.dw("verify")
	run.interrupt()
}
