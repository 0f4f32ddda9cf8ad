package sandbox

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/dualwrite/dw/runtime/sandbox/fno"
	"github.com/dualwrite/dw/runtime/sandbox/gate"
	"github.com/dualwrite/dw/runtime/sandbox/generate"
)

// TestLinesGoWithTheirOrder: both systems delete the lines of an order that is
// deleted, and tell of every one of them.
func TestLinesGoWithTheirOrder(t *testing.T) {
	o := options(t.TempDir())
	o.NoAuth, o.Records = true, generate.FullRecords(len(o.Companies))
	s, h := start(t, o), listenForHooks(t)
	if err := s.FnO().ActivateEvents(t.Context(), fno.EventActivation{Endpoint: h.URL, Key: "the key"}); err != nil {
		t.Fatal(err)
	}
	for twin, c := range map[string]struct{ header, lines, pick, address string }{
		FnOTwin: {
			"CDSSalesOrderHeaders", "CDSSalesOrderLines",
			`SELECT SalesOrderNumber FROM CDSSalesOrderHeaders WHERE dataAreaId = 'usmf' ORDER BY 1 LIMIT 1`,
			s.Addresses().FnO + "/data/CDSSalesOrderHeaders(dataAreaId='usmf',SalesOrderNumber='%s')?cross-company=true",
		},
		DataverseTwin: {
			"salesorders", "salesorderdetails",
			`SELECT salesorderid FROM salesorderdetails ORDER BY 1 LIMIT 1`,
			s.Addresses().Dataverse + "/api/data/v9.2/salesorders(%s)",
		},
	} {
		db, column := s.FnO().DB(), "SalesOrderNumber"
		if twin == DataverseTwin {
			db, column = s.Dataverse().DB(), "salesorderid"
		}
		var key string
		if err := db.QueryRowContext(t.Context(), c.pick).Scan(&key); err != nil {
			t.Fatal(err)
		}
		query := fmt.Sprintf("SELECT count(*) FROM %s WHERE %s = ?", c.lines, column)
		lines, all := count(t, db, query, key), count(t, db, "SELECT count(*) FROM "+c.lines)
		if lines == 0 {
			t.Fatalf("%s: the order %s has no lines", twin, key)
		}
		if status, answer := send(t, http.MethodDelete, fmt.Sprintf(c.address, key), ""); status != http.StatusNoContent {
			t.Fatalf("%s: %d %s", twin, status, answer)
		}
		if left := count(t, db, query, key); left != 0 || count(t, db, "SELECT count(*) FROM "+c.lines) != all-lines {
			t.Errorf("%s: %d lines of the order are left", twin, left)
		}
		entries := s.Log().Entries()
		deleted := map[string]int{}
		for _, w := range entries[len(entries)-1].Writes {
			if w.Op == gate.OpDelete {
				deleted[w.Table]++
			}
		}
		if deleted[c.header] != 1 || deleted[c.lines] != lines {
			t.Errorf("%s: the request log has the deletes %v of an order with %d lines", twin, deleted, lines)
		}
		if twin != FnOTwin {
			continue
		}
		if err := s.FnO().Events().Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		events := 0
		for _, body := range h.got() {
			if strings.Contains(body, key) && strings.Contains(body, "Delet") {
				events++
			}
		}
		if events != lines+1 {
			t.Errorf("%d data events of an order with %d lines: %v", events, lines, h.got())
		}
	}
}
