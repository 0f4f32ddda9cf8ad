package session

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/dualwrite"
	"github.com/dualwrite/dw/runtime/connect/auth"
	"github.com/dualwrite/dw/runtime/connect/dataverse"
	"github.com/dualwrite/dw/runtime/connect/limit"
	"github.com/dualwrite/dw/runtime/connect/odata"
	"github.com/dualwrite/dw/runtime/host"
	"github.com/dualwrite/dw/runtime/sandbox/catalog"
	twin "github.com/dualwrite/dw/runtime/sandbox/dataverse"
)

// tableOfMaps is a Dataverse twin, over whose answers a test may put its own.
type tableOfMaps struct {
	t         *testing.T
	url       string
	connector *dataverse.Connector
	answer    func(http.ResponseWriter, *http.Request) bool // true where it answered
}

// newDataverse serves a twin with one table of an estate, made_machines, that
// has the alternate keys.
func newDataverse(t *testing.T, keys ...catalog.Key) *tableOfMaps {
	t.Helper()
	text := func(name string) catalog.Column {
		return catalog.Column{LogicalName: name, SchemaName: name, Type: "StringType", MaxLength: 100, Required: "None", Create: true, Update: true, Read: true}
	}
	id := func(name string) catalog.Column {
		return catalog.Column{LogicalName: name, SchemaName: name, Type: "UniqueidentifierType", Required: "SystemRequired", Create: true, Read: true}
	}
	company := catalog.Column{LogicalName: "made_company", SchemaName: "made_company", Type: "LookupType", Required: "None", Create: true, Update: true, Read: true,
		Targets: []catalog.Target{{Table: "cdm_company", NavigationProperty: "made_company"}}}
	tables := []catalog.Table{
		{LogicalName: "cdm_company", SchemaName: "cdm_company", EntitySet: "cdm_companies", PrimaryID: "cdm_companyid", PrimaryName: "cdm_name", Ownership: "OrganizationOwned",
			Columns: []catalog.Column{id("cdm_companyid"), text("cdm_name"), text("cdm_companycode")}},
		{LogicalName: "made_machine", SchemaName: "made_machine", EntitySet: "made_machines", PrimaryID: "made_machineid", PrimaryName: "made_title", Ownership: "OrganizationOwned",
			Columns: []catalog.Column{id("made_machineid"), text("made_title"), text("made_serial"), text("made_owner"), company}, Keys: keys},
	}
	now := func() time.Time { return time.Unix(1772353800, 0) }
	dv, err := twin.Open(t.Context(), twin.Options{Path: filepath.Join(t.TempDir(), "dv.db"), Tables: tables, Now: now, NewID: uuid.NewString})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = dv.Close() })
	e := &tableOfMaps{t: t}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if e.answer == nil || !e.answer(w, r) {
			dv.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(server.Close)
	e.url = server.URL
	h := host.Simulated(1)
	e.connector, err = dataverse.New(dataverse.Options{
		URL: server.URL, HTTP: odata.NewHTTPClient(), Tokens: auth.None{}, Budget: limit.New(limit.Options{Clock: h.Clock}), Host: h, PageSize: 2,
	})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// plant puts a version of a map into the table as any client would.
func (e *tableOfMaps) plant(name, version, mapping string) {
	e.t.Helper()
	body, err := json.Marshal(map[string]string{"msdyn_name": name, "msdyn_displayname": name, "msdyn_version": version, "msdyn_mapping": mapping})
	if err != nil {
		e.t.Fatal(err)
	}
	response, err := http.Post(e.url+"/api/data/v9.2/msdyn_dualwriteentitymaps", "application/json", bytes.NewReader(body))
	if err != nil {
		e.t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode/100 != 2 {
		e.t.Fatalf("%s: %s", name, response.Status)
	}
}

func (e *tableOfMaps) maps() ([]dualwrite.Record, diag.List, error) {
	return liveMaps(e.t.Context(), e.connector, "there")
}

// machines is the mapping of made_machines.
func machines(more string) string {
	return `{"legs":[{"sourceSchema":"Made machines","destinationSchema":"made_machines","fieldMappings":[
		{"syncDirection":3,"sourceField":"TITLE","destinationField":"made_title"},
		{"syncDirection":3,"sourceField":"SERIAL","destinationField":"made_serial"}` + more + `]}]}`
}

func TestLiveMapsComeInPages(t *testing.T) {
	e := newDataverse(t)
	for i := range 7 {
		e.plant(fmt.Sprintf("map %d", i%3), fmt.Sprintf("1.0.0.%d", i+5), machines(""))
	}
	pages := 0
	e.answer = func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.Contains(r.URL.Path, mapsTable) {
			pages++
		}
		return false
	}
	all, list, err := e.maps()
	if err != nil || len(list) > 0 {
		t.Fatal(list, err)
	}
	if len(all) != 7 || pages != 4 {
		t.Errorf("%d maps in %d pages", len(all), pages)
	}
	newest, _ := dualwrite.Newest(all)
	got := map[string]string{}
	for _, r := range newest {
		got[r.Name] = r.Version
	}
	want := map[string]string{"map 0": "1.0.0.11", "map 1": "1.0.0.9", "map 2": "1.0.0.10"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("newest %v, want %v", got, want)
	}
}

// A mapping may be as long as its column; one that is no map is told and takes
// nothing from the others.
func TestLiveMapsLongAndDamaged(t *testing.T) {
	e := newDataverse(t)
	var more strings.Builder
	fields := 0
	for more.Len() < 1_000_000 {
		fmt.Fprintf(&more, `,{"syncDirection":3,"sourceField":"F%d","destinationField":"made_column_with_a_long_name_%d"}`, fields, fields)
		fields++
	}
	e.plant("long", "1.0.0.0", machines(more.String()))
	e.plant("damaged", "1.0.0.0", `{"legs":[`)
	e.plant("blank", "1.0.0.0", "")
	all, list, err := e.maps()
	if err != nil {
		t.Fatal(err)
	}
	// The reader takes 10,000 fields of a map and says so.
	if len(all) != 1 || len(all[0].Mapping.Fields) != min(fields+2, 10_000) {
		t.Errorf("%d maps, of which the first has %d fields of %d", len(all), len(all[0].Mapping.Fields), fields)
	}
	if list.Count(diag.Error) < 2 {
		t.Errorf("told: %+v", list)
	}
	for _, d := range list {
		if !strings.HasPrefix(d.Subject.File, mapsTable+"(") {
			t.Errorf("%s does not say where: %+v", d.Summary, d.Subject)
		}
	}
}

func TestLiveMapsThatCannotBeRead(t *testing.T) {
	refuse := func(status int, body string) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool {
			if !strings.Contains(r.URL.Path, mapsTable) {
				return false
			}
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_, _ = fmt.Fprint(w, body)
			return true
		}
	}
	for name, test := range map[string]struct {
		answer func(http.ResponseWriter, *http.Request) bool
		code   string
		want   string
	}{
		"no privilege": {refuse(http.StatusForbidden, `{"error":{"code":"0x80040220","message":"missing prvReadmsdyn_dualwriteentitymap privilege"}}`),
			diag.CodeMapsNotReadable, "the application user may not read"},
		"refused": {refuse(http.StatusBadRequest, `{"error":{"code":"0x80060888","message":"no"}}`), diag.CodeRequestRefused, "refused to read"},
		"no table": {func(w http.ResponseWriter, r *http.Request) bool {
			if !strings.HasSuffix(r.URL.Path, "/EntityDefinitions") {
				return false
			}
			w.Header().Set("Content-Type", "application/json")
			_, _ = fmt.Fprint(w, `{"value":[{"LogicalName":"account","EntitySetName":"accounts"}]}`)
			return true
		}, diag.CodeMapsNotReadable, "there is no table"},
	} {
		e := newDataverse(t)
		e.plant("map", "1.0.0.0", machines(""))
		e.answer = test.answer
		_, _, err := e.maps()
		var failure *diag.Failure
		if !errors.As(err, &failure) || failure.List[0].Code != test.code || !strings.Contains(failure.List[0].Summary, test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	e := newDataverse(t)
	if all, list, err := e.maps(); err != nil || len(all) > 0 || len(list) != 1 || list[0].Code != diag.CodeNoDualWriteMap {
		t.Errorf("an empty table: %v, %+v, %v", all, list, err)
	}
}

// Where nobody knows the integration key, the one alternate key that the map
// carries is it.
func TestLiveKeysAreTheTables(t *testing.T) {
	serial := catalog.Key{LogicalName: "made_serialkey", Status: "Active", Columns: []string{"made_serial", "made_company"}}
	title := catalog.Key{LogicalName: "made_titlekey", Status: "Active", Columns: []string{"made_title"}}
	owner := catalog.Key{LogicalName: "made_ownerkey", Status: "Active", Columns: []string{"made_title", "made_owner"}}
	for name, test := range map[string]struct {
		keys []catalog.Key
		want []string
	}{
		"one":            {[]catalog.Key{serial}, []string{`key       = ["SERIAL"]`, `company   = "made_company"`}},
		"one that fits":  {[]catalog.Key{owner, serial}, []string{`key       = ["SERIAL"]`}},
		"two":            {[]catalog.Key{serial, title}, []string{"# The key is a guess"}},
		"none that fits": {[]catalog.Key{owner}, []string{"# The key is a guess"}},
		"none":           {nil, []string{"# The key is a guess"}},
	} {
		e := newDataverse(t, test.keys...)
		e.plant("map", "1.0.0.0", machines(""))
		all, _, err := e.maps()
		if err != nil {
			t.Fatal(err)
		}
		cat, err := withTables(t.Context(), e.connector, nil, all)
		if err != nil {
			t.Fatal(err)
		}
		files, _, err := dualwrite.Import(all, dualwrite.Options{Catalog: cat})
		if err != nil || len(files) != 1 {
			t.Fatal(files, err)
		}
		for _, want := range test.want {
			if !strings.Contains(string(files[0].Text), want) {
				t.Errorf("%s: no %s in\n%s", name, want, files[0].Text)
			}
		}
	}
}
