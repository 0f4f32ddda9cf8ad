package capture_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/engine/enginetest"
	"github.com/dualwrite/dw/runtime/store"
)

// seen gives what is queued of a map on a side: "key company scope".
func seen(w *enginetest.World, name string, s value.Side) (out []string) {
	w.Helper()
	w.View(func(tx store.Tx) error {
		work, err := tx.Work(name, "", 0)
		for _, x := range work {
			obs := x.FnO
			if s == value.Dataverse {
				obs = x.Dataverse
			}
			for _, o := range obs {
				out = append(out, fmt.Sprintf("%q %s %v", o.Key, o.Company, o.InScope))
			}
		}
		return err
	})
	slices.Sort(out)
	return out
}

// TestKeysBehindReferences: lines have company and key from their orders, in
// both systems the same.
func TestKeysBehindReferences(t *testing.T) {
	w := enginetest.New(t, enginetest.Orders)
	order := func(company, number string) value.Value {
		return w.PutRef("salesorders", "salesorder", company, values{"msdyn_salesordernumber": text(number)})
	}
	line := func(order value.Value, n int64) string {
		return w.PutRef("salesorderdetails", "salesorderdetail", "", values{"salesorderid": order, "sequencenumber": value.NewInteger(n)}).Guid()
	}
	us, de := order("USMF", "O1"), order("DEMF", "O1")
	line(us, 1)
	line(us, 2)
	line(de, 1)
	other := w.PutRef("cdm_companies", "cdm_company", "", values{"cdm_companycode": text("FRSI")})
	fr := w.PutRef("salesorders", "salesorder", "", values{"msdyn_salesordernumber": text("O1"), "msdyn_company": other})
	line(fr, 1)                       // another company's
	line(order("", "O9"), 1)          // nobody's
	line(order("USMF", ""), 1)        // its order has no number
	noOrder := line(value.Value{}, 1) // without order
	gone := line(value.NewReference("salesorder", "00000000-0000-4000-9000-00000000dead"), 1)
	for _, company := range []string{"USMF", "DEMF", "FRSI"} {
		w.PutFnO("SalesOrderLines", company, values{"OrderNumber": text("o1 "), "LineNumber": value.NewInteger(1)})
	}
	r := reader(w, "lines")
	w.Dataverse.PageSize = 3
	if err := r.Scan(t.Context(), value.Dataverse); err != nil {
		t.Fatal(err)
	}
	if err := r.Scan(t.Context(), value.FnO); err != nil {
		t.Fatal(err)
	}
	if got, want := seen(w, "lines", value.Dataverse), []string{`"demf\x1fo1\x1f1" DEMF true`, `"usmf\x1fo1\x1f1" USMF true`, `"usmf\x1fo1\x1f2" USMF true`}; !slices.Equal(got, want) {
		t.Errorf("Dataverse %q, want %q", got, want)
	}
	if got, want := seen(w, "lines", value.FnO), []string{`"demf\x1fo1\x1f1" DEMF true`, `"usmf\x1fo1\x1f1" USMF true`}; !slices.Equal(got, want) {
		t.Errorf("F&O %q, want %q", got, want)
	}
	w.View(func(tx store.Tx) error {
		l, err := tx.Listed(store.ListedQuery{Map: "lines"}, 0, 0)
		var reasons []string
		for _, x := range l {
			if strings.Contains(x.Record, noOrder) {
				t.Errorf("a line without order has no company and is nobody's: %+v", x)
			}
			if strings.Contains(x.Record, gone) && !strings.Contains(x.Reason, "salesorder/00000000-0000-4000-9000-00000000dead") {
				t.Errorf("the reason does not name the order: %s", x.Reason)
			}
			reasons = append(reasons, x.Record+" "+x.Company)
			if x.Side != value.FnO {
				t.Errorf("a record of F&O is listed: %+v", x)
			}
			if !strings.Contains(x.Reason, "salesorderid") || !strings.Contains(x.Reason, "msdyn_salesordernumber of salesorders") {
				t.Errorf("reason %q", x.Reason)
			}
		}
		if len(l) != 2 {
			t.Errorf("listed %q", reasons)
		}
		return err
	})
}

// TestOnePageAsksForEachParentOnce: however many lines refer to it.
func TestOnePageAsksForEachParentOnce(t *testing.T) {
	w := enginetest.New(t, enginetest.Orders)
	us := w.PutRef("salesorders", "salesorder", "USMF", values{"msdyn_salesordernumber": text("O1")})
	for n := range 20 {
		w.PutRef("salesorderdetails", "salesorderdetail", "", values{"salesorderid": us, "sequencenumber": value.NewInteger(int64(n + 1))})
	}
	w.Dataverse.Requests()
	if err := reader(w, "lines").Scan(t.Context(), value.Dataverse); err != nil {
		t.Fatal(err)
	}
	if got := w.Dataverse.Requests(); len(got) > 4 {
		t.Errorf("requests %q", got)
	}
}

func TestWidenLeavesItsRows(t *testing.T) {
	w := enginetest.New(t, enginetest.Orders)
	us := w.PutRef("salesorders", "salesorder", "USMF", values{"msdyn_salesordernumber": text("O1")})
	c := w.Map("lines").Compiled
	rows := []connect.Row{{ID: "1", Values: make([]value.Value, len(c.Dataverse.Columns))}, {ID: "2", Deleted: true}}
	rows[0].Values[c.Dataverse.Index("salesorderid")] = us
	full, err := reader(w, "lines").Widen(t.Context(), value.Dataverse, rows)
	if err != nil || len(full) != 2 || len(full[0].Values) != c.Dataverse.Width() || !full[1].Deleted || full[1].Values != nil {
		t.Fatalf("%+v, %v", full, err)
	}
	if got := full[0].Values[c.Slots[c.Company].Dataverse]; got != text("USMF") {
		t.Errorf("company %q", got)
	}
	if len(rows[0].Values) != len(c.Dataverse.Columns) {
		t.Error("the rows that were given are changed")
	}
	groups := reader(enginetest.New(t, enginetest.Config), "groups")
	if same, err := groups.Widen(t.Context(), value.Dataverse, rows); err != nil || &same[0] != &rows[0] {
		t.Errorf("rows without virtual columns are copied, %v", err)
	}
}
