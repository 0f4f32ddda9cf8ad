package initial_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"github.com/dualwrite/dw/runtime/host"
	"github.com/dualwrite/dw/runtime/sandbox"
	"github.com/dualwrite/dw/runtime/sandbox/gate"
	"github.com/dualwrite/dw/runtime/store/memory"
)

// trouble is one way in which services and networks fail.
type trouble struct {
	name string
	// faults that the twins play; nil for none.
	fault func(rng *rand.Rand) gate.Fault
	// prepare changes the twins' options.
	prepare func(w *sandbox.Options)
	// arm has things happen between requests.
	arm func(w *world, rng *rand.Rand)
	// often tells that TestSeeds comes into much the same: it is left to DW_LONG.
	often bool
	// seen tells whether a run came into it.
	seen func(e gate.Entry) bool
}

// some makes faults of a kind, each hitting a few requests in a row.
func some(kind gate.Kind, most int, methods ...string) func(*rand.Rand) gate.Fault {
	return func(rng *rand.Rand) gate.Fault {
		return gate.Fault{
			Kind: kind, Count: 1 + rng.IntN(most), RetryAfter: 1 + rng.IntN(4),
			Twin: []string{sandbox.DataverseTwin, sandbox.FnOTwin}[rng.IntN(2)], Method: methods[rng.IntN(len(methods))],
		}
	}
}

func status(n int) func(gate.Entry) bool { return func(e gate.Entry) bool { return e.Status == n } }

func cut(when string) func(gate.Entry) bool { return func(e gate.Entry) bool { return e.Cut == when } }

// tick is what the twins' clock moves on for each request, and lifetime is how
// long their tokens live: some 50 requests.
const (
	tick     = time.Second
	lifetime = 50 * tick
)

func troubles() []trouble {
	clock := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	return []trouble{
		{name: "no answer after the commit", often: true, fault: some(gate.LostAnswer, 2, "POST", "PATCH"), seen: cut("after")},
		{name: "cut in the middle of an answer", fault: some(gate.HalfAnswer, 3, "POST", "GET"), seen: cut("after")},
		{name: "cut in the middle of a request", often: true, fault: some(gate.HalfSent, 3, "POST", "PATCH"), seen: cut("before")},
		{name: "storm of 429", fault: some(gate.Busy, 40, "", "POST"), seen: status(429)},
		{name: "500", fault: some(gate.Failed, 2, "POST", "PATCH", "GET"), seen: status(500)},
		{name: "maintenance page", often: true, fault: some(gate.Down, 10, "", "POST", "GET"), seen: status(503)},
		{
			name: "tokens expire",
			prepare: func(o *sandbox.Options) {
				o.NoAuth, o.TokenLifetime = false, lifetime
				o.Now = func() time.Time { return clock }
			},
			arm: func(w *world, _ *rand.Rand) {
				w.cut.each = func() { clock = clock.Add(tick) }
			},
			seen: status(401),
		},
		{
			name: "twins restart",
			arm: func(w *world, rng *rand.Rand) {
				for range 4 {
					w.cut.at[1+rng.IntN(400)] = w.restart
				}
			},
		},
	}
}

// TestTroubles has the initial sync go through each kind of trouble and holds
// it to the end state of an undisturbed one: no row twice, none lost, and the
// same values on both sides. With DW_LONG these are all kinds, with as many
// seeds as there are.
func TestTroubles(t *testing.T) {
	if testing.Short() {
		t.Skip("one task runs at a time here: nothing for the race detector")
	}
	c := newCity(t)
	calm := c.newWorld(t, host.Simulated(1), 1)
	calm.mustApply()
	calm.settled()
	want := calm.content()
	n, long := 1, os.Getenv("DW_LONG") != ""
	if long {
		n = seeds(t)
	}
	for _, x := range troubles() {
		if x.often && !long {
			continue
		}
		for seed := range n {
			t.Run(fmt.Sprintf("%s %d", x.name, seed), func(t *testing.T) {
				rng := rand.New(rand.NewPCG(uint64(seed), 7))
				o := c.options(t.TempDir(), uint64(seed))
				if x.prepare != nil {
					x.prepare(&o)
				}
				w := c.world(t, host.Simulated(uint64(seed)), o, memory.New("lineage"))
				w.cut.at = map[int]func(){}
				if x.arm != nil {
					x.arm(w, rng)
				}
				for attempt := 1; ; attempt++ {
					if x.fault != nil && attempt <= attempts {
						w.trouble(x, rng)
					}
					_, err := w.apply(t.Context())
					t.Logf("apply: %v", err)
					if err == nil {
						break
					}
					if attempt > attempts {
						t.Fatal(err)
					}
					w.sandbox.ClearFaults()
				}
				w.sandbox.ClearFaults()
				if x.seen != nil && !slices.ContainsFunc(w.entries(), x.seen) || x.seen == nil && len(w.past) == 0 {
					t.Error("there was no trouble")
				}
				w.settled()
				w.createdOnce()
				if got := w.content(); !slices.Equal(got, want) {
					for i := range want {
						if i >= len(got) || got[i] != want[i] {
							t.Fatalf("the first of %d and %d lines that differ:\n%s\nwant\n%s", len(got), len(want), strings.Join(got[i:min(i+1, len(got))], ""), want[i])
						}
					}
					t.Fatalf("%d lines, want %d", len(got), len(want))
				}
			})
		}
	}
}

// trouble arms faults of a kind, spread over the requests of an apply.
func (w *world) trouble(x trouble, rng *rand.Rand) {
	for i := range 6 {
		f := x.fault(rng)
		f.From = 1 + i*12 + rng.IntN(10)
		if i == 0 { // every run comes to these
			f.Twin, f.Method, f.From = sandbox.DataverseTwin, "POST", 1+rng.IntN(3)
		}
		w.sandbox.Inject(f)
		w.Logf("fault: %+v", f)
	}
}

// content gives what both systems hold of customers and vendors, in terms that
// do not depend on ids.
func (w *world) content() (out []string) {
	w.Helper()
	for _, q := range []struct{ file, text string }{
		{"fno.db", `SELECT lower(dataAreaId), CustomerAccount, PartyType, OrganizationName, PersonLastName, PrimaryContactEmail, PrimaryContactPhone,
			CreditLimit, InvoiceAccount, CustomerGroupId, SalesCurrencyCode, DeliveryAddressCity FROM CustomersV3 ORDER BY 1, 2`},
		{"fno.db", `SELECT lower(dataAreaId), VendorAccountNumber, VendorOrganizationName, PrimaryContactPersonId FROM VendorsV2 ORDER BY 1, 2`},
		{"dataverse.db", `SELECT c.cdm_companycode, a.accountnumber, a.name, a.emailaddress1, a.telephone1, a.creditlimit, a.address1_city,
			a.msdyn_onholdstatus, b.accountnumber, g.msdyn_groupid FROM accounts a LEFT JOIN cdm_companies c ON c.cdm_companyid = a.msdyn_company
			LEFT JOIN accounts b ON b.accountid = a.msdyn_billingaccount
			LEFT JOIN msdyn_customergroups g ON g.msdyn_customergroupid = a.msdyn_customergroupid ORDER BY 1, 2, 3`},
		{"dataverse.db", `SELECT c.cdm_companycode, o.msdyn_salesordernumber, a.accountnumber, p.msdyn_contactpersonid, o.emailaddress FROM salesorders o
			LEFT JOIN cdm_companies c ON c.cdm_companyid = o.msdyn_company LEFT JOIN accounts a ON a.accountid = o.customerid
			LEFT JOIN contacts p ON p.contactid = o.customerid ORDER BY 1, 2`},
	} {
		out = append(out, w.lines(q.file, q.text)...)
	}
	return out
}

func (w *world) lines(file, query string) (out []string) {
	w.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(w.options.Dir, file)+"?mode=ro")
	if err != nil {
		w.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(query)
	if err != nil {
		w.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		w.Fatal(err)
	}
	for rows.Next() {
		values := make([]any, len(columns))
		for i := range values {
			values[i] = new(sql.NullString)
		}
		if err := rows.Scan(values...); err != nil {
			w.Fatal(err)
		}
		line := file
		for _, v := range values {
			line += "|" + v.(*sql.NullString).String
		}
		out = append(out, line)
	}
	if err := rows.Err(); err != nil {
		w.Fatal(err)
	}
	return out
}
