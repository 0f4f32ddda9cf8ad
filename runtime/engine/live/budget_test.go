package live_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/engine/enginetest"
	"github.com/dualwrite/dw/runtime/engine/live"
)

// allowed is how many requests a user may send in five minutes, as both systems
// document it.
const allowed = 6000

// manyMaps is a link of 28 maps.
func manyMaps() string {
	var b strings.Builder
	b.WriteString(enginetest.Config)
	for i := range 25 {
		fmt.Fprintf(&b, `
map "groups_%d" {
  fno       = "CustomerGroups"
  dataverse = "msdyn_customergroups"
  key       = ["CustomerGroupId"]
  fields "both" { CustomerGroupId = "msdyn_groupid" }
}
`, i)
	}
	return b.String()
}

// asked counts the requests of each side since the last call.
func (o *office) asked() (fno, dataverse int) {
	return len(o.FnO.Requests()), len(o.Dataverse.Requests())
}

// at does something after a time of the next run.
func (o *office) at(d time.Duration, do func()) {
	due := o.Env.Host.Clock.Now().Add(d)
	var step func()
	step = func() {
		if o.Env.Host.Clock.Now().Before(due) {
			o.steps = slices.Insert(o.steps, 0, step)
			return
		}
		do()
	}
	o.steps = append(o.steps, step)
}

// TestIdleRunIsModest: with default settings 28 maps over which nothing happens
// take a small part of what the services allow, however many records there are.
func TestIdleRunIsModest(t *testing.T) {
	o := newOffice(t, manyMaps(), 1)
	for i := range 300 {
		o.Customer("USMF", fmt.Sprintf("US-%d", i), enginetest.Values{"OrganizationName": text("A")})
	}
	o.joined()
	o.FnO.PageSize = 3 // a large set in small: a scan takes a hundred requests
	o.o = live.Options{Match: match, EntityKey: entityKey}
	o.run(2 * time.Minute) // the first looks
	o.asked()
	o.run(10 * time.Minute)
	fno, dataverse := o.asked()
	if most := 2 * allowed / 14; fno > most || dataverse > most {
		t.Errorf("in ten minutes F&O was asked %d times and Dataverse %d times, more than %d", fno, dataverse, most)
	}
	if fno < 20 || dataverse < 20 {
		t.Errorf("F&O was asked %d times and Dataverse %d times: nothing would be found", fno, dataverse)
	}
}

// TestScansComeToAllMaps: where there is more to scan than time for it, every map
// has its turn, also those of late waves.
func TestScansComeToAllMaps(t *testing.T) {
	o := newOffice(t, manyMaps(), 1)
	for i := range 20 {
		o.Customer("USMF", fmt.Sprintf("US-%d", i), nil)
	}
	o.joined()
	o.FnO.PageSize = 5
	o.o.Scan, o.o.ScanRest, o.o.Compare = time.Second, 500*time.Millisecond, -1
	o.run(time.Minute)
	o.FnO.Change("CustomersV3", idOf(t, o.FnO, "CustomersV3", "CustomerAccount", "US-19"), values{"OrganizationName": text("Late")})
	o.run(2 * time.Minute)
	o.same("US-19", o.account("US-19", "name"), text("Late"))
}

// TestReportsSpareQuestions: while a side reports its changes it is asked rarely,
// though not never; a change that it did not report is found, and from then on
// it is asked as often as before until it reports again.
func TestReportsSpareQuestions(t *testing.T) {
	o := newOffice(t, enginetest.Config, 1)
	o.Customer("USMF", "US-1", enginetest.Values{"OrganizationName": text("A"), "Email": text("a@x")})
	o.joined()
	o.o = live.Options{Match: match, EntityKey: entityKey, Compare: -1}
	r := live.New(o.Env, o.o)
	minutes := func(n time.Duration) (fno, dataverse int) {
		t.Helper()
		if err := o.runs(r, n*time.Minute); err != nil {
			t.Fatal(err)
		}
		return o.asked()
	}
	report := func() {
		t.Helper()
		notice := []connect.Notice{
			{Side: value.Dataverse, Table: "accounts", Op: "update", ID: idOf(t, o.Dataverse, "accounts", "accountnumber", "US-1")},
			{Side: value.FnO, Table: "CustomersV3", Op: "update", Values: map[string]string{"dataAreaId": "usmf", "CustomerAccount": "US-1"}},
		}
		if err := r.Notices(t.Context(), notice); err != nil {
			t.Fatal(err)
		}
	}
	minutes(5)
	fno, dataverse := minutes(20)
	report()
	minutes(5)
	toldFnO, toldDataverse := minutes(20)
	if toldFnO*3 > fno || toldDataverse*5 > dataverse {
		t.Errorf("F&O was asked %d times before it reported and %d after, Dataverse %d and %d", fno, toldFnO, dataverse, toldDataverse)
	}
	if toldFnO < 9 || toldDataverse < 45 {
		t.Errorf("F&O was asked %d times, Dataverse %d times: what goes unreported would not be found", toldFnO, toldDataverse)
	}
	// Changes that nobody reports.
	o.Dataverse.Change("accounts", idOf(t, o.Dataverse, "accounts", "accountnumber", "US-1"), values{"emailaddress1": text("b@x")})
	o.FnO.Change("CustomersV3", idOf(t, o.FnO, "CustomersV3", "CustomerAccount", "US-1"), values{"OrganizationName": text("B")})
	minutes(6)
	o.same("the name in Dataverse", o.account("US-1", "name"), text("B"))
	o.same("the e-mail in F&O", o.customer("US-1", "Email"), text("b@x"))
	_, again := minutes(20)
	if again < toldDataverse+300 {
		t.Errorf("after a change that was not reported Dataverse was asked %d times, %d while it was trusted", again, toldDataverse)
	}
	report()
	minutes(5)
	if _, told := minutes(20); told > toldDataverse+20 {
		t.Errorf("Dataverse reports again and was asked %d times, %d before", told, toldDataverse)
	}
}

// TestReportsThatCouldNotBeRead: what the sender gives up is found soon, though
// the side is known to report by itself.
func TestReportsThatCouldNotBeRead(t *testing.T) {
	o := newOffice(t, enginetest.Config, 1)
	o.Customer("USMF", "US-1", enginetest.Values{"OrganizationName": text("A")})
	o.joined()
	o.o = live.Options{Match: match, EntityKey: entityKey, Compare: -1}
	r := live.New(o.Env, o.o)
	notice := []connect.Notice{{Side: value.FnO, Table: "CustomersV3", Op: "update", Values: map[string]string{"dataAreaId": "usmf", "CustomerAccount": "US-1"}}}
	o.at(time.Second, func() {
		if err := r.Notices(t.Context(), notice); err != nil {
			t.Error(err)
		}
	})
	o.at(90*time.Second, func() { // the first scan is over, the next one far off
		o.FnO.Change("CustomersV3", idOf(t, o.FnO, "CustomersV3", "CustomerAccount", "US-1"), values{"OrganizationName": text("B")})
		o.FnO.OnRead = func(string, string) error { return down() }
		if err := r.Notices(t.Context(), notice); err == nil {
			t.Error("a report that could not be read was taken")
		}
		o.FnO.OnRead = nil
	})
	if err := o.runs(r, 200*time.Second); err != nil {
		t.Fatal(err)
	}
	o.same("the name in Dataverse", o.account("US-1", "name"), text("B"))
}

// TestOwnWritesWakeNobody: a report of a write of dw is no reason to ask, a
// report of anybody else's is.
func TestOwnWritesWakeNobody(t *testing.T) {
	for tag, wakes := range map[string]bool{"DualWrite": false, "": true, "other": true} {
		o := newOffice(t, enginetest.Config, 1)
		o.Customer("USMF", "US-1", enginetest.Values{"OrganizationName": text("A")})
		o.joined()
		o.o = live.Options{Match: match, EntityKey: entityKey, PollLeast: time.Hour, Scan: time.Hour, Compare: -1, Tag: "DualWrite"}
		r := live.New(o.Env, o.o)
		if err := o.runs(r, time.Minute); err != nil {
			t.Fatal(err)
		}
		for range 30 { // the first looks come before the report
			o.steps = append(o.steps, func() {})
		}
		o.steps = append(o.steps, func() {
			n := connect.Notice{Side: value.Dataverse, Table: "accounts", Op: "update", ID: idOf(t, o.Dataverse, "accounts", "accountnumber", "US-1"), Tag: tag}
			if err := r.Notices(t.Context(), []connect.Notice{n}); err != nil {
				t.Error(err)
			}
		})
		o.asked()
		if err := o.runs(r, time.Minute); err != nil {
			t.Fatal(err)
		}
		changes := 0
		for _, l := range o.Dataverse.Requests() {
			if l == "Changes accounts" {
				changes++
			}
		}
		// The run asks once when it begins.
		if want := map[bool]int{false: 1, true: 2}[wakes]; changes != want {
			t.Errorf("a report with the tag %q: asked %d times, want %d", tag, changes, want)
		}
	}
}
