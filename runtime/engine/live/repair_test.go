package live_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/capture"
	"github.com/dualwrite/dw/runtime/engine/enginetest"
	"github.com/dualwrite/dw/runtime/engine/repair"
	"github.com/dualwrite/dw/runtime/engine/verify"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/store"
	"github.com/dualwrite/dw/runtime/store/memory"
)

// comparing gives the options of a comparison beside the run.
func (o *office) comparing() verify.Options {
	env := &engine.Env{Host: o.Env.Host, Store: memory.New("scratch"), FnO: o.FnO, Dataverse: o.Dataverse, Link: enginetest.Link, Maps: o.Env.Maps, Batch: 7}
	return verify.Options{Env: env, Maps: env.Maps, State: o.Store, Running: true}
}

// repairs plans a repair beside the run and leaves its commands for it; it gives
// the plan.
func (o *office) repairs() report.Repair {
	o.Helper()
	keys := memory.New("keys")
	p, err := repair.Plan(o.Context(), repair.Options{Verify: o.comparing(), Absent: capture.AbsentLeave, Keys: keys})
	if err != nil {
		o.Fatal(err)
	}
	err = repair.Carry(o.Context(), keys, o.Env.Maps, 5, capture.AbsentLeave, p.Began, func(ctx context.Context, c store.Command) error {
		return o.Store.Update(ctx, func(tx store.Tx) error { return tx.AddCommand(&c) })
	})
	if err != nil {
		o.Fatal(err)
	}
	return p.Report
}

// TestRepairWhileEditsGoOn: rows are damaged past versions and reports, people
// edit on both sides, and repairs run in between; in the end both sides agree, no
// edit is lost and a repair has nothing to do.
func TestRepairWhileEditsGoOn(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { repairWhileEditsGoOn(t, seed) })
	}
}

func repairWhileEditsGoOn(t *testing.T, seed uint64) {
	const customers = 24
	o := newOffice(t, enginetest.Config, seed)
	o.o.Compare = -1 // it would find the damages by itself
	for i := range customers {
		o.Customer("USMF", fmt.Sprint("US-", i), values{"Email": text("old@x")})
	}
	o.joined()
	rng := rand.New(rand.NewPCG(seed, 1))
	last := map[string]string{} // the name that a person gave last
	damaged := map[string]bool{}
	found := int64(0)
	act := func(n int) {
		number := fmt.Sprint("US-", rng.IntN(customers))
		name := fmt.Sprint("edit ", n)
		switch rng.IntN(8) {
		case 0, 1:
			o.FnO.Change("CustomersV3", idOf(o, o.FnO, "CustomersV3", "CustomerAccount", number), values{"OrganizationName": text(name)})
			last[number] = name
		case 2:
			o.Dataverse.Change("accounts", idOf(o, o.Dataverse, "accounts", "accountnumber", number), values{"emailaddress1": text(name)})
		case 3, 4:
			// Past the application: neither a version nor a report shows it. The same
			// value a third time would be stopped.
			o.FnO.Slip("CustomersV3", idOf(o, o.FnO, "CustomersV3", "CustomerAccount", number), values{"Email": text(fmt.Sprint("damaged ", n))})
			damaged[number] = true
		case 5:
			found += int64(len(o.repairs().Maps))
		case 6:
			o.Customer("USMF", name, nil)
		}
	}
	for n := range 60 {
		o.at(time.Duration(n)*700*time.Millisecond, func() { act(n) })
	}
	o.run(90 * time.Second)
	if len(o.steps) > 0 {
		t.Fatalf("%d steps are left", len(o.steps))
	}
	o.at(time.Second, func() { found += int64(len(o.repairs().Maps)) })
	o.run(time.Minute)
	v, err := verify.Run(t.Context(), o.comparing())
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range v.Maps {
		for _, d := range m.Details {
			t.Errorf("%+v", d)
		}
	}
	for number, name := range last {
		o.same(number+" in Dataverse", o.account(number, "name"), text(name))
	}
	for number := range damaged {
		if got := o.customer(number, "Email"); strings.HasPrefix(got.String(), "damaged") {
			t.Errorf("%s is still damaged", number)
		}
	}
	if len(damaged) == 0 || found == 0 {
		t.Errorf("%d damaged, %d repaired: the test tries nothing", len(damaged), found)
	}
	if again := o.repairs(); again.Changes() {
		t.Errorf("a second repair: %+v", again.Maps)
	}
	for _, c := range o.commands() {
		if c.State != store.CommandDone || !strings.HasPrefix(c.Answer, "Map customers: ") {
			t.Errorf("%s %s: %s", c.Name, c.State, c.Answer)
		}
	}
	o.listed("customers")
}

// commands gives all commands that are kept.
func (o *office) commands() (all []store.Command) {
	o.Helper()
	o.World.View(func(tx store.Tx) (err error) {
		all, err = tx.Commands(0, 0, false)
		return err
	})
	return all
}
