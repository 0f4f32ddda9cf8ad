package initial_test

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/engine/enginetest"
	"github.com/dualwrite/dw/runtime/engine/initial"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/store"
	"github.com/dualwrite/dw/runtime/store/memory"
)

// matching makes a world whose customers are matched by their name, then by
// their mail address, and, where a crosswalk is given, by it.
func matching(t testing.TB, crosswalk string) *enginetest.World {
	t.Helper()
	w := enginetest.New(t, "")
	defs := enginetest.Definitions(t, enginetest.Edit(t, "  mastering {\n    dataverse", "  initial_sync {\n    match = [[\"OrganizationName\"], [\"Email\"]]\n  }\n  mastering {\n    dataverse"))
	if crosswalk != "" {
		sum := sha256.Sum256([]byte(crosswalk))
		for _, d := range defs {
			if d.Map.Name == "customers" {
				d.Map.Initial.Crosswalk = &model.Crosswalk{File: "customers.csv", SHA256: hex.EncodeToString(sum[:])}
			}
		}
	}
	w.DeployDefinitions(defs, 1)
	w.Env.Batch = 2
	w.Env.Scratch = func(context.Context) (store.Store, func() error, error) {
		st := memory.New("scratch")
		return st, st.Close, nil
	}
	w.Env.Crosswalk = func(string) []byte { return []byte(crosswalk) }
	return w
}

func number(w *enginetest.World, id string) string {
	w.Helper()
	for _, r := range w.Dataverse.Rows("accounts") {
		if r.ID == id {
			return r.Values["accountnumber"].String()
		}
	}
	w.Fatalf("row %s is not there", id)
	return ""
}

func tally(w *enginetest.World, name string) (t store.Tally) {
	w.View(func(tx store.Tx) (err error) {
		t, err = tx.Tally(name)
		return err
	})
	return t
}

// TestMatch: a row that lacks the key is found by the first way that tells it,
// within its company, gets the key and is not created again.
func TestMatch(t *testing.T) {
	w := matching(t, "")
	w.Customer("USMF", "US-1", values{"OrganizationName": text("Adventure")})
	w.Customer("DEMF", "DE-1", values{"OrganizationName": text("Adventure")})
	w.Customer("USMF", "US-2", values{"OrganizationName": text("Contoso"), "Email": text("info@contoso.com")})
	w.Customer("USMF", "US-3", nil)
	byName := w.Account("USMF", "", values{"name": text("ADVENTURE ")})
	byMail := w.Account("USMF", "", values{"name": text("Contoso Inc."), "emailaddress1": text("Info@Contoso.com")})
	lost := w.Account("DEMF", "", values{"name": text("Nobody")})
	mustJoin(w, "customers")
	for id, want := range map[string]string{byName: "US-1", byMail: "US-2", lost: ""} {
		if got := number(w, id); got != want {
			t.Errorf("row %s has the number %q, want %q", id, got, want)
		}
	}
	if n := len(w.Dataverse.Rows("accounts")); n != 5 {
		t.Errorf("%d accounts, want 3 and those of DE-1 and US-3", n)
	}
	same(w, "customers", "failed DW640 row "+lost)
	if v := tally(w, "customers"); v.ByMatch != 2 || v.ByCrosswalk != 0 || v.Created[value.Dataverse] != 2 || v.Equal != 0 {
		t.Errorf("counted %+v", v)
	}
	for _, p := range w.Pairs("customers") {
		if p.Life != record.Linked {
			t.Errorf("%s is %q", p.Key, p.Life)
		}
	}
	// Joined again there is nothing to write, and the rows are found by their key.
	w.Dataverse.Requests()
	w.Update(func(tx store.Tx) error { return initial.Restart(tx, "customers") })
	mustJoin(w, "customers")
	for _, r := range w.Dataverse.Requests() {
		if strings.HasPrefix(r, "create") || strings.HasPrefix(r, "update") {
			t.Errorf("the second time: %s", r)
		}
	}
}

// TestMatchAmbiguous: where several come into question all of them fail, and
// nothing is created in the place of any.
func TestMatchAmbiguous(t *testing.T) {
	w := matching(t, "")
	w.Customer("USMF", "US-1", values{"OrganizationName": text("Twin")})
	w.Customer("USMF", "US-2", values{"OrganizationName": text("Twin"), "Email": text("two@x.com")})
	one := w.Account("USMF", "", values{"name": text("Twin"), "emailaddress1": text("two@x.com")})
	w.Customer("USMF", "US-3", values{"OrganizationName": text("Pair")})
	two := w.Account("USMF", "", values{"name": text("Pair")})
	three := w.Account("USMF", "", values{"name": text("Pair")})
	w.Customer("USMF", "US-4", values{"OrganizationName": text("Had")})
	w.Account("USMF", "US-4", values{"name": text("Hadd")})
	four := w.Account("USMF", "", values{"name": text("Had")})
	mustJoin(w, "customers")
	same(w, "customers", "failed DW661 USMF / US-1", "failed DW661 USMF / US-2", "failed DW661 USMF / US-3",
		"failed DW661 row "+one, "failed DW661 row "+two, "failed DW661 row "+three, "failed DW662 row "+four)
	if n := len(w.Dataverse.Rows("accounts")); n != 5 {
		t.Errorf("%d accounts, want the 5 that were there", n)
	}
	if n := w.Queued("customers"); n != 0 {
		t.Errorf("%d left", n)
	}
}

// TestCrosswalk: a line finds a row without key, and one with another key; what
// the key or match says goes before it.
func TestCrosswalk(t *testing.T) {
	id := func(n int) string { return fmt.Sprintf("00000000-0000-4000-9000-%012d", n) }
	lines := []string{"dataAreaId,CustomerAccount,accountid"}
	// The world has four rows before its accounts: two companies, two currencies.
	for i, account := range []string{"US-1", "US-2", "US-3", "US-4", "US-5"} {
		lines = append(lines, fmt.Sprintf("usmf,%s,%s", account, id(5+i)))
	}
	lines = append(lines, "USMF,US-9,"+id(99), "USMF,US-6,"+id(98))
	w := matching(t, strings.Join(lines, "\n")+"\n")
	for i, name := range []string{"One", "Two", "Three", "Four", "Five", "Six"} {
		w.Customer("USMF", fmt.Sprintf("US-%d", i+1), values{"OrganizationName": text(name)})
	}
	w.Customer("USMF", "US-7", values{"OrganizationName": text("Seven")})
	rows := []string{
		w.Account("USMF", "", values{"name": text("?")}),       // US-1 by the crosswalk
		w.Account("USMF", "OLD-2", values{"name": text("?2")}), // US-2 gets another key
		w.Account("USMF", "US-7", values{"name": text("?3")}),  // is US-7, not US-3
		w.Account("USMF", "", values{"name": text("Five")}),    // by its name US-5, by the crosswalk US-4
		w.Account("USMF", "", values{"name": text("?5")}),      // free, but US-5 goes down with the contradiction
	}
	if rows[0] != id(5) {
		t.Fatal("the ids are others: " + rows[0])
	}
	mustJoin(w, "customers")
	for i, want := range []string{"US-1", "US-2", "US-7", "", ""} {
		if got := number(w, rows[i]); got != want {
			t.Errorf("row %d has %q, want %q", i, got, want)
		}
	}
	listed := w.Listed("customers")
	for _, want := range []string{
		"failed DW663 USMF / US-3", "failed DW663 USMF / US-4", "failed DW663 row " + rows[3], "failed DW663 USMF / US-5", "failed DW663 row " + rows[4],
		"tolerated DW664 customers.csv, line 7", "tolerated DW664 customers.csv, line 8",
	} {
		if !slices.Contains(listed, want) {
			t.Errorf("%q is not listed in %q", want, listed)
		}
	}
	if v := tally(w, "customers"); v.ByCrosswalk < 2 {
		t.Errorf("counted %+v", v)
	}
}

// TestCrosswalkOfAnotherPlan: the content must be what was planned.
func TestCrosswalkOfAnotherPlan(t *testing.T) {
	w := matching(t, "dataAreaId,CustomerAccount,accountid\nUSMF,US-1,00000000-0000-4000-9000-000000000005\n")
	w.Env.Crosswalk = func(string) []byte { return []byte("dataAreaId,CustomerAccount,accountid\n") }
	w.Customer("USMF", "US-1", nil)
	err := join(w.Context(), w, "customers")
	if err == nil || !strings.Contains(err.Error(), "not what was planned") {
		t.Error(err)
	}
	if n := len(w.Dataverse.Rows("accounts")); n != 0 {
		t.Errorf("%d accounts", n)
	}
}

// TestMatchRefused: a row whose key the service refuses stays matched and is
// tried again, not created.
func TestMatchRefused(t *testing.T) {
	w := matching(t, "")
	w.Customer("USMF", "US-1", nil)
	row := w.Account("USMF", "", values{"name": text("Name US-1")})
	w.Dataverse.OnWrite = func(*schema.Table, connect.Write) (connect.Result, bool, bool) {
		return connect.Result{Outcome: connect.Refused, Message: "A plug-in refuses it."}, false, true
	}
	mustJoin(w, "customers")
	same(w, "customers", "failed DW644 usmf / us-1")
	w.Dataverse.OnWrite = nil
	w.Update(func(tx store.Tx) error { return initial.Restart(tx, "customers") })
	mustJoin(w, "customers")
	same(w, "customers")
	if got := number(w, row); got != "US-1" || len(w.Dataverse.Rows("accounts")) != 1 {
		t.Errorf("the row has %q; %d rows", got, len(w.Dataverse.Rows("accounts")))
	}
}

// customer is what the law of matching is stated over.
type customer struct{ company, key, name, mail string }

// TestMatchLaw: against random data a join does what the rule says, whatever the
// order of rows and the size of batches, and cut off at any page it does the
// same.
func TestMatchLaw(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		w := matching(t, "")
		w.Env.Batch = rapid.IntRange(1, 5).Draw(r, "batch")
		word := func(label string) string { return rapid.SampledFrom([]string{"", "a", "A ", "b", "c"}).Draw(r, label) }
		company := func() string { return rapid.SampledFrom([]string{"USMF", "DEMF"}).Draw(r, "company") }
		var records, rows []customer
		keys := rapid.IntRange(0, 6).Draw(r, "records")
		for i := range keys {
			c := customer{company(), fmt.Sprintf("C%d", i), word("name"), word("mail")}
			records = append(records, c)
			w.Customer(c.company, c.key, values{"OrganizationName": text(c.name), "Email": text(c.mail)})
		}
		ids := map[string]int{}
		used := map[string]bool{}
		for i := range rapid.IntRange(0, 6).Draw(r, "rows") {
			c := customer{company(), "", word("name"), word("mail")}
			if n := rapid.IntRange(0, 9).Draw(r, "key"); n < 3 {
				c.key = fmt.Sprintf("C%d", n)
				if used[c.company+c.key] {
					c.key = ""
				}
				used[c.company+c.key] = true
			}
			rows = append(rows, c)
			v := values{"name": text(c.name), "emailaddress1": text(c.mail)}
			if c.name == "" {
				v["name"] = value.Value{}
			}
			if c.mail == "" {
				v["emailaddress1"] = value.Value{}
			}
			if c.key == "" {
				v["accountnumber"] = value.Value{}
			}
			ids[w.Account(c.company, c.key, v)] = i
		}
		want := law(records, rows)
		cutAt := rapid.IntRange(0, 4).Draw(r, "cut")
		if cutAt > 0 {
			pages := 0
			w.Env.Stopping = func() bool { pages++; return pages > 3*cutAt }
			_ = join(context.Background(), w, "customers") // stopped, or done
			w.Env.Stopping = nil
		}
		if err := join(context.Background(), w, "customers"); err != nil {
			r.Fatal(err)
		}
		for _, row := range w.Dataverse.Rows("accounts") {
			i, old := ids[row.ID]
			if !old {
				continue
			}
			got := row.Values["accountnumber"].String()
			if got != want[i] {
				r.Fatalf("row %d %+v has the key %q, want %q; records %+v, rows %+v", i, rows[i], got, want[i], records, rows)
			}
		}
		// Nothing is there twice.
		seen := map[string]bool{}
		for _, row := range w.Dataverse.Rows("accounts") {
			k := row.Values["accountnumber"].String()
			if k == "" {
				continue
			}
			k += row.Values["msdyn_company"].String()
			if seen[k] {
				r.Fatalf("%s is there twice", k)
			}
			seen[k] = true
		}
	})
}

// law gives the key that each row has in the end, by the rule as people read it.
func law(records, rows []customer) []string {
	out := make([]string, len(rows))
	paired := map[int]bool{} // records that are dealt with
	for i, row := range rows {
		out[i] = row.key
		for n, rec := range records {
			if row.key != "" && rec.key == row.key && rec.company == row.company {
				paired[n] = true
			}
		}
	}
	done := map[int]bool{} // rows that are dealt with
	for _, way := range []func(customer) string{func(c customer) string { return c.name }, func(c customer) string { return c.mail }} {
		same := func(a, b customer) bool {
			return way(a) != "" && value.EqualFold(way(a), way(b)) && cmp.Compare(a.company, b.company) == 0
		}
		type found struct{ row, rec int }
		var matched []found
		var failedRows, failedRecords []int
		for i, row := range rows {
			if row.key != "" || done[i] {
				continue
			}
			var recs, others []int
			for n := range records {
				if same(records[n], row) {
					recs = append(recs, n)
				}
			}
			for n := range rows {
				if same(rows[n], row) {
					others = append(others, n)
				}
			}
			switch {
			case len(recs) == 0:
			case len(recs) == 1 && len(others) == 1 && !paired[recs[0]]:
				matched = append(matched, found{i, recs[0]})
			default:
				failedRows = append(failedRows, i)
				failedRecords = append(failedRecords, recs...)
			}
		}
		for _, f := range matched {
			out[f.row], done[f.row], paired[f.rec] = records[f.rec].key, true, true
		}
		for _, i := range failedRows {
			done[i] = true
		}
		for _, n := range failedRecords {
			paired[n] = true
		}
	}
	return out
}

// TestErrorRate: a share of failures above the limit stops the map, one at it
// does not.
func TestErrorRate(t *testing.T) {
	for limit, stops := range map[string]bool{"0.2": true, "0.25": false, "0": true, "1": false} {
		w := enginetest.New(t, enginetest.Edit(t, "  mastering {\n    dataverse", "  initial_sync {\n    max_error_rate = "+limit+"\n  }\n  mastering {\n    dataverse"))
		for i := range 3 {
			w.Customer("USMF", fmt.Sprintf("US-%d", i), nil)
		}
		w.Customer("USMF", "US-9", values{"OrganizationName": text(strings.Repeat("x", 200))})
		err := join(w.Context(), w, "customers")
		if stopped := err != nil && strings.Contains(err.Error(), "max_error_rate = "+limit); stopped != stops || !stops && err != nil {
			t.Errorf("%s: %v", limit, err)
		}
	}
}

// TestGateSample: a record that is not as it was agreed, though its version is,
// stops the map; one that somebody has edited does not.
func TestGateSample(t *testing.T) {
	for name, edit := range map[string]func(*enginetest.System, string){
		"past the application": func(s *enginetest.System, id string) {
			s.Slip("CustomersV3", id, values{"OrganizationName": text("other")})
		},
		"by a user": func(s *enginetest.System, id string) {
			s.Change("CustomersV3", id, values{"OrganizationName": text("other")})
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := enginetest.New(t, enginetest.Config)
			id := w.Customer("USMF", "US-1", nil)
			w.Customer("USMF", "US-2", nil)
			w.Account("USMF", "US-1", nil)
			edited := false
			w.FnO.OnRead = func(op, set string) error {
				if op == "Read" && set == "CustomersV3" && !edited {
					edited = true
					edit(w.FnO, id)
				}
				return nil
			}
			err := join(w.Context(), w, "customers")
			var seen *report.Gate
			w.View(func(tx store.Tx) (err error) {
				seen, err = initial.Checked(tx, "customers")
				return err
			})
			if seen == nil || seen.Sampled != 2 || seen.Known != (report.Sides{FnO: 2, Dataverse: 2}) || seen.Rows.FnO != 2 {
				t.Fatalf("the gate saw %+v; %v", seen, err)
			}
			if name == "by a user" {
				if err != nil || seen.Moved != 1 || seen.Differing != 0 {
					t.Errorf("%+v: %v", seen, err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), "USMF / US-1") || seen.Differing != 1 {
				t.Errorf("%+v: %v", seen, err)
			}
			// The next join reads the map again and mends it.
			w.FnO.OnRead = nil
			mustJoin(w, "customers")
			if v := w.Dataverse.Get("accounts", "accountnumber", "US-1", "name"); v != text("other") {
				t.Errorf("Dataverse has %v", v)
			}
		})
	}
}
