package merge

import (
	"slices"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/value"
)

func TestReferences(t *testing.T) {
	t.Run("unasked", func(t *testing.T) {
		w := newWorld(customers(t, nil), newRefs())
		w.put(value.FnO, vals{"GroupId": text("10"), "InvoiceAccount": text("US-9")})
		w.refs.unasked = true
		r := w.round()
		if !r.Ask || len(r.Waits) != 2 || r.Waits[0].Key != "10" || r.Waits[0].Company != "USMF" || r.Waits[0].Missing || r.Pair != nil || len(r.Intents)+len(r.Listed) > 0 {
			t.Errorf("%+v", r)
		}
	})
	t.Run("park", func(t *testing.T) {
		w := newWorld(customers(t, nil), newRefs())
		w.put(value.FnO, vals{"GroupId": text("10")})
		r := w.round()
		wantListed(t, r, "parked DW601 msdyn_group.msdyn_groupid")
		if r.Pair != nil || len(r.Intents) > 0 || len(r.Waits) != 1 || !r.Waits[0].Missing || r.Listed[0].Waits != "msdyn_customergroups msdyn_groupid=10" {
			t.Errorf("%+v", r)
		}
		w.refs = newRefs("msdyn_customergroup/10")
		if r := w.round(); len(r.Intents) != 1 || len(r.Listed) > 0 {
			t.Errorf("it does not go on: %+v", r)
		}
	})
	t.Run("fail", func(t *testing.T) {
		w := newWorld(customers(t, func(m *model.Map) { m.Fields[7].Missing = "fail" }), newRefs())
		w.put(value.FnO, vals{"GroupId": text("10")})
		wantListed(t, w.round(), "failed DW601 msdyn_group.msdyn_groupid")
	})
	t.Run("null", func(t *testing.T) {
		w := newWorld(customers(t, func(m *model.Map) { m.Fields[7].Missing = "null" }), newRefs())
		w.put(value.FnO, vals{"GroupId": text("10")})
		if r := w.round(); len(r.Intents) != 1 || len(r.Listed) > 0 {
			t.Errorf("%+v", r)
		}
	})
	t.Run("defer", func(t *testing.T) {
		w := newWorld(customers(t, nil), newRefs())
		w.put(value.FnO, vals{"Name": text("Ann"), "InvoiceAccount": text("US-9")})
		r := w.round()
		wantListed(t, r, "owed DW602 msdyn_billingaccount.accountnumber")
		if len(r.Intents) != 1 || !w.pair.Owes() || strings.Contains(strings.Join(writesOf(r.Intents[0]), " "), "billing") {
			t.Fatalf("%+v", r)
		}
		r = w.round()
		wantListed(t, r, "owed DW602 msdyn_billingaccount.accountnumber")
		if len(r.Intents) > 0 || !w.pair.Owes() {
			t.Errorf("%+v", r)
		}
		w.refs.ids["account/us-9"] = value.NewReference("account", guid(77))
		r = w.round()
		wantWrites(t, r, value.Dataverse, "msdyn_billingaccount=account/"+guid(77))
		if slices.Collect(r.Reasons())[0].Rule != RuleOwed || w.pair.Owes() {
			t.Errorf("reasons %+v, pair %+v", slices.Collect(r.Reasons()), w.pair)
		}
		wantQuiet(t, w.round())
	})
	t.Run("owed and set by its master meanwhile", func(t *testing.T) {
		master := func(m *model.Map) { m.Mastering.Dataverse = named("msdyn_billingaccount") }
		w := newWorld(customers(t, master), newRefs("account/US-9", "account/US-8"))
		arrived := w.refs.ids["account/us-9"]
		delete(w.refs.ids, "account/us-9")
		w.put(value.FnO, vals{"Name": text("Ann"), "InvoiceAccount": text("US-9")})
		w.round()
		w.refs.ids["account/us-9"] = arrived
		w.put(value.Dataverse, vals{"msdyn_billingaccount": w.refs.ids["account/us-8"]})
		wantWrites(t, w.round(), value.FnO, `InvoiceAccount="US-8"`)
		wantQuiet(t, w.round())
	})
	t.Run("moved to one that is not there", func(t *testing.T) {
		w := newWorld(customers(t, nil), newRefs("account/US-8"))
		w.put(value.FnO, vals{"Name": text("Ann"), "InvoiceAccount": text("US-8")})
		w.round()
		w.put(value.FnO, vals{"InvoiceAccount": text("US-9"), "Phone": text("1")})
		r := w.round()
		wantWrites(t, r, value.Dataverse, `telephone1="1"`)
		wantListed(t, r, "owed DW602 msdyn_billingaccount.accountnumber")
		w.refs.ids["account/us-9"] = value.NewReference("account", guid(77))
		wantWrites(t, w.round(), value.Dataverse, "msdyn_billingaccount=account/"+guid(77))
		wantQuiet(t, w.round())
	})
	t.Run("owed and given up", func(t *testing.T) {
		w := newWorld(customers(t, nil), newRefs())
		w.put(value.FnO, vals{"Name": text("Ann"), "InvoiceAccount": text("US-9")})
		w.round()
		w.put(value.FnO, vals{"InvoiceAccount": text("")})
		wantQuiet(t, w.round())
	})
	t.Run("owed and filled by another", func(t *testing.T) {
		w := newWorld(customers(t, nil), newRefs())
		w.put(value.FnO, vals{"Name": text("Ann"), "InvoiceAccount": text("US-9")})
		w.round()
		w.refs.ids["account/us-9"] = value.NewReference("account", guid(77))
		w.put(value.Dataverse, vals{"msdyn_billingaccount": value.NewReference("account", guid(77))})
		wantQuiet(t, w.round())
	})
	t.Run("of which nothing is known any more", func(t *testing.T) {
		w := newWorld(customers(t, nil), newRefs("account/US-9"))
		w.put(value.FnO, vals{"Name": text("Ann"), "InvoiceAccount": text("US-9")})
		w.round()
		wantQuiet(t, w.round())
		arrived := w.refs.ids["account/us-9"]
		delete(w.refs.ids, "account/us-9") // the record it leads to was deleted, say, and is on its way again
		wantQuiet(t, w.round())
		w.refs.ids["account/us-9"] = arrived
		wantQuiet(t, w.round())
	})
}
