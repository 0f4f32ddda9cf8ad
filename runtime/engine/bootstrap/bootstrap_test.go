package bootstrap_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/bootstrap"
	"github.com/dualwrite/dw/runtime/engine/enginetest"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/store"
	"github.com/dualwrite/dw/runtime/store/memory"
)

type values = enginetest.Values

var text = enginetest.Text

// matching is the customers' map with two ways to find rows that lack the key.
func matching(t *testing.T) string {
	return enginetest.Edit(t, "  mastering {\n    dataverse", "  owner = \"company_team\"\n  initial_sync {\n    match = [[\"OrganizationName\"], [\"Email\"]]\n  }\n  mastering {\n    dataverse")
}

// plan is what was planned for some maps of a world.
type plan struct {
	w       *enginetest.World
	planned store.Store
	maps    []*engine.Map
	report  report.Bootstrap
}

func planned(t *testing.T, w *enginetest.World, company string, maps ...string) *plan {
	t.Helper()
	p, err := tryPlan(w, company, maps...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func tryPlan(w *enginetest.World, company string, maps ...string) (*plan, error) {
	w.Env.Batch = 2
	p := &plan{w: w, planned: memory.New("planned")}
	for _, name := range maps {
		m := w.Map(name)
		env := *w.Env
		env.Store = memory.New("read")
		r, err := bootstrap.Plan(context.Background(), bootstrap.Options{
			Env: &env, Map: m, Scratch: memory.New("scratch"), Planned: p.planned, Company: company,
		})
		if err != nil {
			return nil, err
		}
		p.maps, p.report.Maps = append(p.maps, m), append(p.report.Maps, r)
	}
	return p, nil
}

func (p *plan) carry() error {
	for i, m := range p.maps {
		if err := bootstrap.Carry(context.Background(), p.w.Env, m, p.planned, 0, &p.report.Maps[i]); err != nil {
			return err
		}
	}
	return nil
}

// carried carries a plan out and gives its counts.
func carried(t *testing.T, p *plan) string {
	t.Helper()
	if err := p.carry(); err != nil {
		t.Fatal(err)
	}
	return counts(p.report.Maps[0])
}

func counts(m report.BootstrapMap) string {
	return fmt.Sprintf("%d written, %d refused, %d moved", m.Written, m.Refused, m.Again)
}

// row gives the company, the key, the owner and the version of an account.
func row(w *enginetest.World, id string) string {
	w.Helper()
	for _, r := range w.Dataverse.Rows("accounts") {
		if r.ID == id {
			company := "no company"
			for _, c := range w.Dataverse.Rows("cdm_companies") {
				if r.Values["msdyn_company"] == value.NewReference("cdm_company", c.ID) {
					company = c.Values["cdm_companycode"].String()
				}
			}
			owner := "no owner"
			if _, ok := r.Values["ownerid"]; ok {
				owner = "an owner"
			}
			return fmt.Sprintf("%s, %s, %s, version %d", company, r.Values["accountnumber"], owner, r.Version)
		}
	}
	return "gone"
}

func expect(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %s; want %s", what, got, want)
	}
}

// TestBootstrap: rows get the company of their records, and the key where they
// lack it; nothing else of them is touched, and the second time there is nothing
// to do.
func TestBootstrap(t *testing.T) {
	w := enginetest.New(t, matching(t))
	w.Customer("USMF", "US-1", nil)
	w.Customer("DEMF", "DE-2", values{"OrganizationName": text("Adventure")})
	w.Customer("USMF", "US-3", values{"Email": text("info@contoso.com")})
	w.Customer("USMF", "X-4", nil)
	w.Customer("DEMF", "X-4", values{"OrganizationName": text("Other")})
	w.Customer("USMF", "US-5", nil)
	w.Account("USMF", "US-5", nil)
	byKey := w.Account("", "us-1 ", values{"name": text("Anything")})
	byName := w.Account("", "", values{"name": text("ADVENTURE ")})
	byMail := w.Account("", "", values{"name": text("Contoso Inc."), "emailaddress1": text("Info@Contoso.com")})
	unclear := w.Account("", "X-4", values{"name": text("Somebody")})
	taken := w.Account("", "US-5", values{"name": text("A copy")})
	unknown := w.Account("", "", values{"name": text("Nobody")})
	outside := w.Account("", "US-1", values{"customertypecode": value.NewOption(8)})

	p := planned(t, w, "", "customers")
	m := p.report.Maps[0]
	expect(t, "plan", fmt.Sprintf("%d rows: %d by key, %d by match, %d keys; %d unclear, %d unknown, %d blocked",
		m.Rows, m.ByKey, m.ByMatch, m.Keys, m.Ambiguous, m.NoRecord, m.Blocked), "6 rows: 1 by key, 2 by match, 2 keys; 2 unclear, 1 unknown, 0 blocked")
	expect(t, "a row that is only planned", row(w, byKey), "no company, us-1 , no owner, version 1")

	expect(t, "carried out", carried(t, p), "3 written, 0 refused, 0 moved")
	expect(t, "by key", row(w, byKey), "USMF, us-1 , no owner, version 2")
	expect(t, "by name", row(w, byName), "DEMF, DE-2, no owner, version 2")
	expect(t, "by mail", row(w, byMail), "USMF, US-3, no owner, version 2")
	for what, id := range map[string]string{"unclear": unclear, "taken": taken, "unknown": unknown, "outside": outside} {
		if got := row(w, id); !strings.HasPrefix(got, "no company, ") || !strings.HasSuffix(got, "version 1") {
			t.Errorf("%s was written: %s", what, got)
		}
	}
	again := planned(t, w, "", "customers")
	if n := again.report.Writes(); n != 0 {
		t.Errorf("the second time %d rows would be written: %+v", n, again.report.Maps[0].Samples)
	}
	expect(t, "carried out again", carried(t, again), "0 written, 0 refused, 0 moved")
}

// TestEditedMeanwhile: a row that somebody edits between the plan and the write
// is left as that person made it, whether it still lacks its company or not.
func TestEditedMeanwhile(t *testing.T) {
	w := enginetest.New(t, matching(t))
	for _, n := range []string{"US-1", "US-2", "US-3", "US-4"} {
		w.Customer("USMF", n, nil)
	}
	renamed := w.Account("", "US-1", nil)
	given := w.Account("", "US-2", nil)
	gone := w.Account("", "US-3", nil)
	same := w.Account("", "US-4", nil)
	p := planned(t, w, "", "customers")
	w.Dataverse.Change("accounts", renamed, values{"accountnumber": text("US-9")})
	w.Dataverse.Change("accounts", given, values{"msdyn_company": w.Company("DEMF")})
	w.Dataverse.Delete("accounts", gone)
	w.Dataverse.Change("accounts", same, values{"msdyn_company": w.Company("USMF")})

	expect(t, "carried out", carried(t, p), "1 written, 0 refused, 3 moved") // what is as it was to be counts as written
	if p.report.AllWritten() {
		t.Error("rows that moved count as written")
	}
	expect(t, "renamed", row(w, renamed), "no company, US-9, no owner, version 2")
	expect(t, "given to another company", row(w, given), "DEMF, US-2, no owner, version 2")
	expect(t, "given the same company", row(w, same), "USMF, US-4, no owner, version 2")
	expect(t, "deleted", row(w, gone), "gone")
}

// TestLostAnswer: a write that was carried out and not answered, or answered to
// be repeated, is seen to have happened, and is not done twice.
func TestLostAnswer(t *testing.T) {
	for _, outcome := range []connect.Outcome{connect.Unresolved, connect.Conflict} {
		w := enginetest.New(t, matching(t))
		w.Customer("USMF", "US-1", values{"OrganizationName": text("Adventure")})
		w.Customer("USMF", "US-2", nil)
		lost := w.Account("", "", values{"name": text("Adventure")})
		never := w.Account("", "US-2", nil)
		p := planned(t, w, "", "customers")
		w.Dataverse.OnWrite = func(_ *schema.Table, write connect.Write) (connect.Result, bool, bool) {
			return connect.Result{Outcome: outcome}, write.Row.ID == lost, true
		}
		expect(t, "carried out", carried(t, p), "1 written, 0 refused, 1 moved")
		expect(t, "lost answer", row(w, lost), "USMF, US-1, no owner, version 2")
		expect(t, "lost request", row(w, never), "no company, US-2, no owner, version 1")
		w.Dataverse.OnWrite = nil
		expect(t, "the next time", carried(t, planned(t, w, "", "customers")), "1 written, 0 refused, 0 moved")
		expect(t, "lost answer", row(w, lost), "USMF, US-1, no owner, version 2")
		expect(t, "lost request", row(w, never), "USMF, US-2, no owner, version 2")
	}
}

// TestInterrupted: after an end in the middle, by Ctrl-C or with the process,
// the next run writes the rest and nothing twice.
func TestInterrupted(t *testing.T) {
	for n := range 6 {
		w := enginetest.New(t, matching(t))
		var rows []string
		for i := range 5 {
			w.Customer("USMF", fmt.Sprintf("US-%d", i), nil)
			rows = append(rows, w.Account("", fmt.Sprintf("US-%d", i), nil))
		}
		p := planned(t, w, "", "customers")
		writes := 0
		w.Env.Stopping = func() bool { return writes >= n }
		w.Dataverse.OnAnswer = func(*schema.Table, connect.Write) { writes++ }
		err := p.carry()
		if n < 5 && !errors.Is(err, engine.ErrStopped) {
			t.Fatalf("stopped after %d writes: %v", n, err)
		}
		if most := n + w.Env.Batch; writes > most {
			t.Errorf("%d writes after a stop at %d", writes, n)
		}
		w.Env.Stopping, w.Dataverse.OnAnswer = nil, nil
		expect(t, "the rest", carried(t, planned(t, w, "", "customers")), fmt.Sprintf("%d written, 0 refused, 0 moved", 5-writes))
		for i, id := range rows {
			expect(t, "row", row(w, id), fmt.Sprintf("USMF, US-%d, no owner, version 2", i))
		}
	}
}

// TestUnknownCompany: rows of a company that is not in Dataverse yet are left
// alone, with what to do about it.
func TestUnknownCompany(t *testing.T) {
	w := enginetest.New(t, matching(t))
	for _, r := range w.Dataverse.Rows("cdm_companies") {
		if r.Values["cdm_companycode"] == text("DEMF") {
			w.Dataverse.Delete("cdm_companies", r.ID)
		}
	}
	w.Customer("USMF", "US-1", nil)
	w.Customer("DEMF", "DE-2", nil)
	here := w.Account("", "US-1", nil)
	id := w.Account("", "DE-2", nil)
	p := planned(t, w, "", "customers")
	m := p.report.Maps[0]
	if m.Blocked != 1 || len(m.Problems) != 1 || m.Problems[0].Row != id || !strings.Contains(m.Problems[0].Reason, "company DEMF is not in Dataverse") {
		t.Errorf("plan: %d blocked, %+v", m.Blocked, m.Problems)
	}
	expect(t, "carried out", carried(t, p), "1 written, 0 refused, 0 moved")
	expect(t, "its company is there", row(w, here), "USMF, US-1, no owner, version 2")
	expect(t, "its company is not there", row(w, id), "no company, DE-2, no owner, version 1")

	// -company of one that is not there is a mistake before anything is written.
	w.Account("", "", values{"name": text("Nobody")})
	var failure *diag.Failure
	if _, err := tryPlan(w, "DEMF", "customers"); !errors.As(err, &failure) || !strings.Contains(failure.List[0].Summary, "company DEMF is not in Dataverse") {
		t.Errorf("-company of a company that is not in Dataverse: %v", err)
	}
}

// TestCompanyOption: rows for which no record is found get the company that was
// asked for, records of other companies do not count, and an unclear row stays.
func TestCompanyOption(t *testing.T) {
	w := enginetest.New(t, matching(t))
	w.Customer("USMF", "X-1", nil)
	w.Customer("DEMF", "X-1", nil)
	w.Customer("DEMF", "DE-2", nil)
	both := w.Account("", "X-1", nil)
	other := w.Account("", "DE-2", nil)
	p := planned(t, w, "USMF", "customers")
	m := p.report.Maps[0]
	expect(t, "plan", fmt.Sprintf("%d by key, %d by -company", m.ByKey, m.ByCompany), "1 by key, 1 by -company")
	expect(t, "carried out", carried(t, p), "2 written, 0 refused, 0 moved")
	expect(t, "in both companies", row(w, both), "USMF, X-1, no owner, version 2")
	expect(t, "in the other company", row(w, other), "USMF, DE-2, no owner, version 2")
}

// TestRefused: what Dataverse refuses is named with its reason and stops none of
// the others.
func TestRefused(t *testing.T) {
	w := enginetest.New(t, matching(t))
	var ids []string
	for i := range 3 {
		w.Customer("USMF", fmt.Sprintf("US-%d", i), nil)
		ids = append(ids, w.Account("", fmt.Sprintf("US-%d", i), nil))
	}
	w.Dataverse.OnWrite = func(_ *schema.Table, write connect.Write) (connect.Result, bool, bool) {
		return connect.Result{Outcome: connect.Refused, Message: "a plug-in says no"}, false, write.Row.ID == ids[1]
	}
	p := planned(t, w, "", "customers")
	expect(t, "carried out", carried(t, p), "2 written, 1 refused, 0 moved")
	if r := p.report.Maps[0].Refusals; len(r) != 1 || r[0].Row != ids[1] || !strings.Contains(r[0].Reason, "a plug-in says no") {
		t.Errorf("refusals: %+v", r)
	}
	if p.report.AllWritten() {
		t.Error("a refused row counts as written")
	}
}

// TestSharedTable: a row that two maps would claim is the first one's alone, so
// that the second does not find it moved by dw itself.
func TestSharedTable(t *testing.T) {
	config := strings.NewReplacer("    dataverse = \"msdyn_sellable eq true\"\n", "", "  filter {\n    dataverse = \"msdyn_sellable eq false\"\n  }\n", "").Replace(enginetest.Orders)
	w := enginetest.New(t, config)
	w.Customer("USMF", "P-1", values{"PartyType": value.NewSymbol("Person")})
	w.PutFnO("ContactPersons", "USMF", values{"ContactPersonId": text("P-1"), "Name": text("Ann")})
	id := w.Dataverse.Put("contacts", values{"msdyn_contactpersonid": text("P-1"), "fullname": text("Ann")})

	names := []string{"contact_persons", "person_customers"} // in their order
	p := planned(t, w, "", names...)
	for i, want := range []int64{1, 0} {
		if got := p.report.Maps[i].Writes(); got != want {
			t.Errorf("map %s would write %d rows, want %d", names[i], got, want)
		}
	}
	if err := p.carry(); err != nil || !p.report.AllWritten() {
		t.Errorf("carried out: %v, %+v", err, p.report.Maps)
	}
	for _, r := range w.Dataverse.Rows("contacts") {
		if r.ID == id && (r.Version != 2 || r.Values["msdyn_company"] != w.Company("USMF")) {
			t.Errorf("the row: %+v", r)
		}
	}
}
