package main

import (
	"strings"
	"testing"

	"github.com/dualwrite/dw/runtime/report"
)

// repairAndBatch: beside a running engine rows are changed past the application,
// so that neither an event nor a version shows it. Repair mends them through the
// engine, a batch window holds a map and moves what changed, and the rolling
// comparison finds by itself what nobody repairs.
func repairAndBatch(t *testing.T, w *liveWorld) {
	a := w.accounts("usmf")
	run := w.run(append([]string{"DW_COMPARE=off"}, soakEnv...)...)
	number := strings.TrimPrefix(a[0], "USMF / ")
	damage := func(name string) {
		t.Helper()
		if n := w.writeTwin("fno", "UPDATE CustomersV3 SET OrganizationName = ? WHERE dataAreaId = 'usmf' AND CustomerAccount = ?", name, number); n != 1 {
			t.Fatalf("%d rows were changed", n)
		}
	}
	w.until("the map runs", func() bool { return w.status("accounts").Status == "running" })
	damage("By SQL")
	_, talk, code := runDW(t, nil, "-chdir", w.dir, "verify", "-map", "accounts")
	if code != exitChanges {
		t.Fatalf("verify ends with %d\n%s", code, talk)
	}
	var done report.Repair
	w.decode(&done, "repair", "-map", "accounts", "-auto-approve", "-json")
	if len(done.Done) != 1 || !done.Done[0].Done || done.Maps[0].Updated.Dataverse != 1 {
		t.Errorf("%+v", done)
	}
	w.equalizes("accounts", a[0], "name", "By SQL")
	w.decode(&done, "repair", "-map", "accounts", "-auto-approve", "-json")
	if done.Changes() || done.Compared == 0 {
		t.Errorf("a second repair: %+v", done)
	}

	// In a window nothing is carried over; its end does.
	w.dw("batch", "begin", "accounts", "-reason", "nightly")
	w.edit("accounts", a[1], "fno.OrganizationName=By the job")
	w.edit("accounts", a[2], "telephone1=555-0199")
	w.edit("customer_groups", "USMF / 10", "Description=Not in the window")
	w.equalizes("customer_groups", "USMF / 10", "msdyn_description", "Not in the window")
	if s := w.status("accounts"); s.Batch == nil || s.Batch.Reason != "nightly" || s.Queued != (report.Sides{}) {
		t.Errorf("in the window: %+v", s)
	}
	w.fails("refused: DW678", "batch", "begin", "accounts")
	w.dw("batch", "end", "accounts")
	w.equalizes("accounts", a[1], "name", "By the job")
	w.equalizes("accounts", a[2], "telephone1", "555-0199")
	w.until("the map is live", func() bool { s := w.status("accounts"); return s.Status == "running" && s.Batch == nil })
	run.interrupt()

	// The rolling comparison.
	w.run(append([]string{"DW_COMPARE=6s"}, soakEnv...)...)
	w.until("the map runs again", func() bool { return w.status("accounts").Status == "running" })
	damage("By SQL again")
	w.equalizes("accounts", a[0], "name", "By SQL again")
	w.until("a round is told", func() bool { c := w.status("accounts").Contents; return c != nil && c.Found+c.Differ > 0 })
}
