package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/sandbox"
)

// verifyWorld is the example, applied, with twins that the test can damage.
type verifyWorld struct {
	*testing.T
	dir  string
	twin *sandbox.Sandbox
	rows *rowReader
}

const (
	verifySeed    = 20250401
	verifyRecords = 300 // of all maps
)

func newVerifyWorld(t *testing.T) *verifyWorld {
	t.Helper()
	w := &verifyWorld{T: t, dir: t.TempDir()}
	if err := copyContoso(w.dir, verifyRecords); err != nil {
		t.Fatal(err)
	}
	var err error
	w.twin, err = sandbox.Start(t.Context(), sandbox.Options{
		Dir: filepath.Join(w.dir, ".dw", "sandbox"), Seed: verifySeed, Records: verifyRecords, Companies: []string{"USMF", "DEMF", "GBSI"},
		NoAuth: true, Now: time.Now, Sleep: func(context.Context, time.Duration) {}, Rand: rand.Reader,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := w.twin.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	if err := sandbox.Write(filepath.Join(w.dir, ".dw", "sandbox.json"), w.twin.Addresses()); err != nil {
		t.Fatal(err)
	}
	if code, out := w.dw("schema", "pull"); code != exitDone {
		t.Fatalf("schema pull: exit %d\n%s", code, out)
	}
	if code, out := w.dw("apply", "-auto-approve"); code != exitDone {
		t.Fatalf("apply: exit %d\n%s", code, out)
	}
	w.rows = newRowReader(t, w.dir)
	return w
}

// dw runs a command and gives its exit code and what it wrote
// to standard output; talk is shown where the command fails.
func (w *verifyWorld) dw(args ...string) (int, string) {
	w.Helper()
	out, talk, code := runDW(w.T, nil, append([]string{"-chdir", w.dir}, args...)...)
	if code == exitError {
		w.Logf("dw %s: %s", strings.Join(args, " "), talk)
	}
	return code, out
}

// verify gives the report of verify, which must end with the exit code that it
// asks for.
func (w *verifyWorld) verify(args ...string) report.Verify {
	w.Helper()
	code, out := w.dw(append([]string{"verify", "-json"}, args...)...)
	var v report.Verify
	if err := json.Unmarshal([]byte(out), &v); err != nil {
		w.Fatalf("exit %d, %v in %s", code, err, out)
	}
	want := exitDone
	for _, m := range v.Maps {
		if m.Findings > 0 {
			want = exitChanges
		}
	}
	if code != want {
		w.Errorf("exit %d, want %d", code, want)
	}
	return v
}

func (w *verifyWorld) db(s value.Side) *sql.DB {
	if s == value.FnO {
		return w.twin.FnO().DB()
	}
	return w.twin.Dataverse().DB()
}

// counts holds a report against the rows that the databases have.
func (w *verifyWorld) counts(v report.Verify) {
	w.Helper()
	if len(v.Maps) != len(w.rows.maps) {
		w.Errorf("%d maps were compared, want %d", len(v.Maps), len(w.rows.maps))
	}
	for _, m := range v.Maps {
		at := w.rows.maps[slices.IndexFunc(w.rows.maps, func(x *model.Map) bool { return x.Name == m.Map })]
		fno, dataverse := w.rows.keys(at, value.FnO), w.rows.keys(at, value.Dataverse)
		all := append(slices.Clone(fno), dataverse...)
		slices.Sort(all)
		all = slices.Compact(all)
		if m.Compared != int64(len(all)) || m.Rows != (report.Sides{FnO: int64(len(fno)), Dataverse: int64(len(dataverse))}) {
			w.Errorf("%s: compared %d of %+v, the databases have %d keys, %d in F&O and %d in Dataverse",
				m.Map, m.Compared, m.Rows, len(all), len(fno), len(dataverse))
		}
	}
}

// finding is a difference that verify has to name.
type finding struct {
	mapName, record, kind string
	side                  value.Side
	field, fno, dataverse string
}

// finds checks that verify, with and without state, names exactly these
// findings, in JSON and as text, and counts right.
func (w *verifyWorld) finds(want ...finding) {
	w.Helper()
	for _, args := range [][]string{nil, {"-no-state"}} {
		v := w.verify(args...)
		w.counts(v)
		var got []finding
		different := int64(0)
		for _, m := range v.Maps {
			different += m.Findings
			if m.Compared != m.Equal+m.Findings || m.Explained != 0 {
				w.Errorf("%s: compared %d, equal %d, findings %d, explained %d", m.Map, m.Compared, m.Equal, m.Findings, m.Explained)
			}
			for _, d := range m.Details {
				got = append(got, finding{d.Map, strings.ToLower(d.Record), d.Kind, d.Side, d.Field, d.FnO, d.Dataverse})
			}
		}
		if different != int64(len(want)) {
			w.Errorf("verify %v: %d findings, want %d", args, different, len(want))
		}
		for _, f := range want {
			if !slices.Contains(got, f) {
				w.Errorf("verify %v does not name %+v; it names %+v", args, f, got)
			}
		}
		if len(got) != len(want) {
			w.Errorf("verify %v names %+v", args, got)
		}
		if len(args) > 0 {
			continue // the text is made from the same report
		}
		code, text := w.dw("verify")
		if wantCode := map[bool]int{true: exitChanges, false: exitDone}[len(want) > 0]; code != wantCode {
			w.Errorf("verify: exit %d, want %d", code, wantCode)
		}
		for _, f := range want {
			at := strings.Index(strings.ToLower(text), f.record)
			if at < 0 {
				w.Errorf("the text does not name %s:\n%s", f.record, text)
				continue
			}
			shown := []string{f.field, f.fno, f.dataverse}
			if f.kind == "missing" {
				shown = []string{"is missing in " + f.side.Title()}
			}
			for _, s := range shown {
				// A long value is broken over lines.
				if !strings.Contains(strings.Join(strings.Fields(text[at:]), " "), strings.Join(strings.Fields(s), " ")) {
					w.Errorf("the text does not say %q of %s:\n%s", s, f.record, text)
				}
			}
		}
	}
}

// row reads the only row of a query by column.
func (w *verifyWorld) row(s value.Side, query string, args ...any) map[string]any {
	w.Helper()
	rows, err := w.db(s).QueryContext(w.Context(), query, args...)
	if err != nil {
		w.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		w.Fatal(err)
	}
	var found map[string]any
	for rows.Next() {
		if found != nil {
			w.Fatalf("%s has several rows", query)
		}
		vals := make([]any, len(columns))
		for i := range vals {
			vals[i] = new(any)
		}
		if err := rows.Scan(vals...); err != nil {
			w.Fatal(err)
		}
		found = map[string]any{}
		for i, c := range columns {
			found[c] = *vals[i].(*any)
		}
	}
	if found == nil || rows.Err() != nil {
		w.Fatalf("%s has no row (%v)", query, rows.Err())
	}
	return found
}

func (w *verifyWorld) exec(s value.Side, query string, args ...any) {
	w.Helper()
	r, err := w.db(s).ExecContext(w.Context(), query, args...)
	if err != nil {
		w.Fatalf("%s: %v", query, err)
	}
	if n, err := r.RowsAffected(); err != nil || n != 1 {
		w.Fatalf("%s changed %d rows (%v)", query, n, err)
	}
}

// insert puts a row into a table as it is.
func (w *verifyWorld) insert(s value.Side, table string, row map[string]any) {
	w.Helper()
	var names, marks []string
	var vals []any
	for name, v := range row {
		names, marks, vals = append(names, `"`+name+`"`), append(marks, "?"), append(vals, v)
	}
	w.exec(s, fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", table, strings.Join(names, ", "), strings.Join(marks, ", ")), vals...)
}

// send makes a request of the documented protocol.
func (w *verifyWorld) send(s value.Side, method, path string, body map[string]any) {
	w.Helper()
	base := w.twin.Addresses().FnO + "/data/"
	if s == value.Dataverse {
		base = w.twin.Addresses().Dataverse + "/api/data/v9.2/"
	}
	sendTo(w.T, base, method, path, body)
}

// sendTo makes a request to twins that ask for no sign-in; it has to succeed. A
// body of nil is none.
func sendTo(t *testing.T, base, method, path string, body map[string]any) {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	if body == nil {
		text = nil
	}
	r, err := http.NewRequestWithContext(t.Context(), method, base+path, bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("OData-Version", "4.0")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode >= 300 {
		t.Fatalf("%s %s: status %d, %v\n%s", method, path, resp.StatusCode, err, answer)
	}
}

// damage is one way to break something and to mend it again.
type damage struct {
	name      string
	harm, fix func(w *verifyWorld)
	finding   finding
}

// damages gives a damaged field, a deleted and an extra row on each side, made
// over HTTP or straight in the databases.
func damages(w *verifyWorld, overHTTP bool) []damage {
	w.Helper()
	account := w.row(value.Dataverse, `SELECT a.accountid, a.accountnumber, a.name, c.cdm_companycode FROM accounts a
		JOIN cdm_companies c ON c.cdm_companyid = a.msdyn_company WHERE c.cdm_companycode = 'USMF' AND a.customertypecode = 3
		ORDER BY a.accountnumber LIMIT 1`)
	number, name := account["accountnumber"].(string), account["name"].(string)
	const pick = `SELECT p.* FROM contacts p JOIN cdm_companies c ON c.cdm_companyid = p.msdyn_company
		WHERE c.cdm_companycode = 'USMF' AND p.msdyn_sellable = 1 AND p.msdyn_contactpersonid IS NOT NULL
		AND p.contactid NOT IN (SELECT customerid FROM salesorders) AND p.contactid NOT IN (SELECT primarycontactid FROM accounts WHERE primarycontactid IS NOT NULL)
		ORDER BY p.msdyn_contactpersonid LIMIT 1`
	contact := w.row(value.Dataverse, pick)
	gone := w.row(value.FnO, `SELECT * FROM CDSSalesOrderLines WHERE dataAreaId = 'demf' ORDER BY SalesOrderNumber, LineCreationSequenceNumber LIMIT 1`)
	group := w.row(value.Dataverse, `SELECT g.* FROM msdyn_customergroups g JOIN cdm_companies c ON c.cdm_companyid = g.msdyn_company
		WHERE c.cdm_companycode = 'DEMF' ORDER BY g.msdyn_groupid LIMIT 1`)
	const pickLine = `SELECT l.salesorderdetailid, l.msdyn_salesproductcategory, l.baseamount, o.msdyn_salesordernumber, l.sequencenumber, c.cdm_companycode,
		g.msdyn_name || ' / ' || h.msdyn_name AS category FROM salesorderdetails l JOIN salesorders o ON o.salesorderid = l.salesorderid
		JOIN cdm_companies c ON c.cdm_companyid = o.msdyn_company JOIN msdyn_productcategories g ON g.msdyn_productcategoryid = l.msdyn_salesproductcategory
		JOIN msdyn_productcategoryhierarchies h ON h.msdyn_productcategoryhierarchyid = g.msdyn_hierarchy
		ORDER BY 1 LIMIT 1 OFFSET ?`
	line, second := w.row(value.Dataverse, pickLine, 0), w.row(value.Dataverse, pickLine, 1)
	amount := strings.TrimRight(strings.TrimRight(second["baseamount"].(string), "0"), ".")
	category := w.row(value.Dataverse, `SELECT g.msdyn_productcategoryid, g.msdyn_name || ' / ' || h.msdyn_name AS category FROM msdyn_productcategories g
		JOIN msdyn_productcategoryhierarchies h ON h.msdyn_productcategoryhierarchyid = g.msdyn_hierarchy
		WHERE g.msdyn_productcategoryid <> ? ORDER BY 1 LIMIT 1`, line["msdyn_salesproductcategory"])
	ofLine := func(line map[string]any) string {
		return strings.ToLower(fmt.Sprintf("%s / %s / %v", line["cdm_companycode"], line["msdyn_salesordernumber"], line["sequencenumber"]))
	}
	key := func(v any) string { return "usmf / " + strings.ToLower(v.(string)) }
	fnoAccount := fmt.Sprintf("CustomersV3(dataAreaId='usmf',CustomerAccount='%s')?cross-company=true", url.PathEscape(number))
	fnoLine := fmt.Sprintf("CDSSalesOrderLines(dataAreaId='demf',SalesOrderNumber='%s',LineCreationSequenceNumber=%v)?cross-company=true",
		gone["SalesOrderNumber"], gone["LineCreationSequenceNumber"])
	const extraID = "0badc0de-0000-4000-8000-000000000001"
	const fnoExtra = "CustomerGroups(dataAreaId='demf',CustomerGroupId='XTRA-F')?cross-company=true"

	via := func(s value.Side, method, path string, body map[string]any, direct func(w *verifyWorld)) func(*verifyWorld) {
		if overHTTP {
			return func(w *verifyWorld) { w.send(s, method, path, body) }
		}
		return direct
	}
	query := func(s value.Side, text string, args ...any) func(*verifyWorld) {
		return func(w *verifyWorld) { w.exec(s, text, args...) }
	}
	extraDataverse := func(w *verifyWorld) {
		row := map[string]any{}
		for c, v := range group {
			row[c] = v
		}
		row["msdyn_customergroupid"], row["msdyn_groupid"] = extraID, "XTRA-D"
		w.insert(value.Dataverse, "msdyn_customergroups", row)
	}
	extraFnO := func(w *verifyWorld) {
		row := w.row(value.FnO, `SELECT * FROM CustomerGroups WHERE dataAreaId = 'demf' ORDER BY CustomerGroupId LIMIT 1`)
		delete(row, "rec_id")
		row["CustomerGroupId"] = "XTRA-F"
		w.insert(value.FnO, "CustomerGroups", row)
	}
	return []damage{
		{"field in Dataverse",
			via(value.Dataverse, "PATCH", "accounts("+account["accountid"].(string)+")", map[string]any{"name": "Damaged in Dataverse"},
				query(value.Dataverse, `UPDATE accounts SET name = 'Damaged in Dataverse' WHERE accountid = ?`, account["accountid"])),
			via(value.Dataverse, "PATCH", "accounts("+account["accountid"].(string)+")", map[string]any{"name": name},
				query(value.Dataverse, `UPDATE accounts SET name = ? WHERE accountid = ?`, name, account["accountid"])),
			finding{"accounts", key(number), "field", "", "name", name, "Damaged in Dataverse"}},
		{"field in F&O",
			via(value.FnO, "PATCH", fnoAccount, map[string]any{"OrganizationName": "Damaged in F&O"},
				query(value.FnO, `UPDATE CustomersV3 SET OrganizationName = 'Damaged in F&O' WHERE dataAreaId = 'usmf' AND CustomerAccount = ?`, number)),
			via(value.FnO, "PATCH", fnoAccount, map[string]any{"OrganizationName": name},
				query(value.FnO, `UPDATE CustomersV3 SET OrganizationName = ? WHERE dataAreaId = 'usmf' AND CustomerAccount = ?`, name, number)),
			finding{"accounts", key(number), "field", "", "name", "Damaged in F&O", name}},
		{"reference of several values",
			via(value.Dataverse, "PATCH", "salesorderdetails("+line["salesorderdetailid"].(string)+")",
				map[string]any{"msdyn_SalesProductCategory@odata.bind": "/msdyn_productcategories(" + category["msdyn_productcategoryid"].(string) + ")"},
				query(value.Dataverse, `UPDATE salesorderdetails SET msdyn_salesproductcategory = ? WHERE salesorderdetailid = ?`,
					category["msdyn_productcategoryid"], line["salesorderdetailid"])),
			query(value.Dataverse, `UPDATE salesorderdetails SET msdyn_salesproductcategory = ? WHERE salesorderdetailid = ?`,
				line["msdyn_salesproductcategory"], line["salesorderdetailid"]),
			finding{"sales_order_lines", ofLine(line), "field", "", "msdyn_salesproductcategory", line["category"].(string), category["category"].(string)}},
		{"second column of a field",
			query(value.Dataverse, `UPDATE salesorderdetails SET baseamount = '7.77' WHERE salesorderdetailid = ?`, second["salesorderdetailid"]),
			query(value.Dataverse, `UPDATE salesorderdetails SET baseamount = ? WHERE salesorderdetailid = ?`, second["baseamount"], second["salesorderdetailid"]),
			finding{"sales_order_lines", ofLine(second), "field", "", "baseamount", amount, "7.77"}},
		{"row deleted in Dataverse",
			via(value.Dataverse, "DELETE", "contacts("+contact["contactid"].(string)+")", nil,
				query(value.Dataverse, `DELETE FROM contacts WHERE contactid = ?`, contact["contactid"])),
			func(w *verifyWorld) { w.insert(value.Dataverse, "contacts", contact) },
			finding{"contacts", key(contact["msdyn_contactpersonid"]), "missing", value.Dataverse, "", "", ""}},
		{"row deleted in F&O",
			via(value.FnO, "DELETE", fnoLine, nil, query(value.FnO, `DELETE FROM CDSSalesOrderLines WHERE rec_id = ?`, gone["rec_id"])),
			func(w *verifyWorld) { w.insert(value.FnO, "CDSSalesOrderLines", gone) },
			finding{"sales_order_lines", strings.ToLower(fmt.Sprintf("demf / %s / %v", gone["SalesOrderNumber"], gone["LineCreationSequenceNumber"])),
				"missing", value.FnO, "", "", ""}},
		{"row added in Dataverse",
			via(value.Dataverse, "POST", "msdyn_customergroups", map[string]any{"msdyn_customergroupid": extraID, "msdyn_groupid": "XTRA-D",
				"msdyn_Company@odata.bind": "/cdm_companies(" + group["msdyn_company"].(string) + ")"}, extraDataverse),
			via(value.Dataverse, "DELETE", "msdyn_customergroups("+extraID+")", nil,
				query(value.Dataverse, `DELETE FROM msdyn_customergroups WHERE msdyn_customergroupid = ?`, extraID)),
			finding{"customer_groups", "demf / xtra-d", "missing", value.FnO, "", "", ""}},
		{"row added in F&O",
			via(value.FnO, "POST", "CustomerGroups?cross-company=true", map[string]any{"dataAreaId": "demf", "CustomerGroupId": "XTRA-F", "Description": "Extra"}, extraFnO),
			via(value.FnO, "DELETE", fnoExtra, nil, query(value.FnO, `DELETE FROM CustomerGroups WHERE dataAreaId = 'demf' AND CustomerGroupId = 'XTRA-F'`)),
			finding{"customer_groups", "demf / xtra-f", "missing", value.Dataverse, "", "", ""}},
	}
}

// TestVerifyNamesEveryDamage holds verify to the databases of the twins:
// equal after apply, every damage named by key and field, equal again when all
// is mended.
func TestVerifyNamesEveryDamage(t *testing.T) {
	notShort(t)
	t.Parallel()
	w := newVerifyWorld(t)
	with, without := w.verify(), w.verify("-no-state")
	w.counts(with)
	for _, a := range with.Maps {
		at := slices.IndexFunc(without.Maps, func(m report.MapVerify) bool { return m.Map == a.Map })
		if at < 0 {
			t.Fatalf("%s is not compared without state", a.Map)
		}
		if b := without.Maps[at]; a.Compared != b.Compared || a.Equal != b.Equal || a.Compared == 0 || a.Equal != a.Compared {
			t.Errorf("with state %+v, without %+v", a, b)
		}
	}
	for _, overHTTP := range []bool{true, false} {
		way := map[bool]string{true: "over HTTP", false: "in the database"}[overHTTP]
		all := damages(w, overHTTP)
		// The first damages a field that the second damages on the other side.
		groups := [][]damage{all[1:]}
		if overHTTP {
			groups = append(groups, all[:1])
		}
		for _, some := range groups {
			var want []finding
			var names []string
			for _, d := range some {
				want, names = append(want, d.finding), append(names, d.name)
			}
			ok := t.Run(way+"/"+strings.Join(names, ", "), func(t *testing.T) {
				w := &verifyWorld{T: t, dir: w.dir, twin: w.twin, rows: w.rows}
				for _, d := range some {
					d.harm(w)
				}
				w.finds(want...)
				for _, d := range some {
					d.fix(w)
				}
				for _, m := range w.verify("-no-state").Maps {
					if m.Findings > 0 {
						w.Errorf("%s: mended, and still %+v", m.Map, m.Details)
					}
				}
			})
			if !ok {
				return // what is broken now would show up in all that follow
			}
		}
	}
}
