package dataverse_test

import (
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/runtime/connect/auth"
	"github.com/dualwrite/dw/runtime/connect/dataverse"
	"github.com/dualwrite/dw/runtime/connect/limit"
	"github.com/dualwrite/dw/runtime/connect/odata"
	"github.com/dualwrite/dw/runtime/host"
)

// plant adds registrations to the environment as SQL: the twin runs neither
// plug-ins nor rules.
func (e *environment) plant(statements ...string) {
	e.t.Helper()
	for _, s := range statements {
		if _, err := e.twin.DB().ExecContext(e.t.Context(), s); err != nil {
			e.t.Fatalf("%v in %s", err, s)
		}
	}
}

// step registers a plug-in step of a table.
func (e *environment) step(name, table, message string, columns map[string]any) {
	e.t.Helper()
	set, args := []string{}, []any{}
	for k, v := range columns {
		set, args = append(set, k+" = ?"), append(args, v)
	}
	var filter, id string
	err := e.twin.DB().QueryRowContext(e.t.Context(), `SELECT f.sdkmessagefilterid, m.sdkmessageid FROM sdkmessagefilters AS f JOIN sdkmessages AS m ON m.sdkmessageid = f.sdkmessageid
		WHERE f.primaryobjecttypecode = ? AND m.name = ?`, table, message).Scan(&filter, &id)
	if err != nil {
		e.t.Fatal(err)
	}
	step := "57e90000-0000-4000-8000-" + strings.Repeat("0", 12-len(name)) + strings.Map(func(r rune) rune { return '0' + r%10 }, name)
	if _, err := e.twin.DB().ExecContext(e.t.Context(), `INSERT INTO sdkmessageprocessingsteps (sdkmessageprocessingstepid, name, mode, stage, rank, supporteddeployment, statecode, statuscode, sdkmessageid, sdkmessagefilterid, versionnumber)
		VALUES (?, ?, 0, 40, 1, 0, 0, 1, ?, ?, 1)`, step, name, id, filter); err != nil {
		e.t.Fatal(err)
	}
	if len(set) > 0 {
		if _, err := e.twin.DB().ExecContext(e.t.Context(), "UPDATE sdkmessageprocessingsteps SET "+strings.Join(set, ", ")+" WHERE sdkmessageprocessingstepid = ?", append(args, step)...); err != nil {
			e.t.Fatal(err)
		}
	}
}

func TestRegistered(t *testing.T) {
	e := newEnvironment(t)
	ask := func() []schema.Registered {
		t.Helper()
		got, err := e.connector.Registered(t.Context(), []string{"account", "contact"})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := ask(); len(got) > 0 {
		t.Fatalf("nothing is registered, but %+v", got)
	}
	if err := e.ensure("a key that is long", "account"); err != nil {
		t.Fatal(err)
	}
	if got := ask(); len(got) > 0 {
		t.Fatalf("dw's own webhook is found: %+v", got)
	}
	e.plant(
		`INSERT INTO duplicaterules (duplicateruleid, name, baseentityname, statecode, statuscode, versionnumber) VALUES ('d0000000-0000-4000-8000-000000000001', 'Same name', 'account', 1, 2, 1)`,
		`INSERT INTO duplicaterules (duplicateruleid, name, baseentityname, statecode, statuscode, versionnumber) VALUES ('d0000000-0000-4000-8000-000000000002', 'Not published', 'account', 0, 0, 1)`,
		`INSERT INTO duplicaterules (duplicateruleid, name, baseentityname, statecode, statuscode, versionnumber) VALUES ('d0000000-0000-4000-8000-000000000003', 'Others', 'lead', 1, 2, 1)`,
	)
	e.step("check", "contact", "Update", map[string]any{"filteringattributes": "Name, contactid", "stage": 20})
	e.step("tagged", "contact", "Create", map[string]any{"configuration": "<skip tag='dualwrite'/>"})
	e.step("later", "contact", "Create", map[string]any{"mode": 1})
	e.step("off", "contact", "Create", map[string]any{"statecode": 1, "statuscode": 2})
	e.step("main", "contact", "Create", map[string]any{"stage": 30})
	e.step("ms", "contact", "Create", map[string]any{"name": "Microsoft.Sales.Something"})
	want := []schema.Registered{
		{Table: "account", DuplicateRules: []string{"Same name"}},
		{Table: "contact", Steps: []schema.Step{{Name: "check", Message: "Update", Columns: []string{"contactid", "name"}}, {Name: "tagged", Message: "Create", Tag: true}}},
	}
	got := schema.Catalog{Registered: ask()}.Sorted().Registered
	if !reflect.DeepEqual(got, want) {
		t.Errorf("registered\n%+v, want\n%+v", got, want)
	}

	// What the user may not read is not known; that is no mistake.
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.URL.Path, "duplicaterules") {
			e.twin.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte(`{"error":{"code":"0x80040220","message":"missing prvReadDuplicateRule privilege"}}`))
	}))
	defer server.Close()
	h := host.Simulated(1)
	c, err := dataverse.New(dataverse.Options{URL: server.URL, HTTP: odata.NewHTTPClient(), Tokens: auth.None{}, Budget: limit.New(limit.Options{Clock: h.Clock}), Host: h})
	if err != nil {
		t.Fatal(err)
	}
	got, err = c.Registered(t.Context(), []string{"account", "contact"})
	if err != nil || len(got) != 1 || got[0].Table != "contact" {
		t.Errorf("without the privilege: %+v, %v", got, err)
	}
}
