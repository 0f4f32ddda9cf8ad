package dataverse

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dualwrite/dw/runtime/sandbox/catalog"
)

// realTwin has the tables of the sandbox.
func realTwin(b testing.TB) *Twin {
	b.Helper()
	c, err := catalog.Load()
	if err != nil {
		b.Fatal(err)
	}
	twin, err := Open(context.Background(), Options{Path: filepath.Join(b.TempDir(), "dataverse.db"), Tables: c.Tables, Now: time.Now, NewID: newIDs()})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := twin.Close(); err != nil {
			b.Error(err)
		}
	})
	return twin
}

// wide names 60 text columns of account that can be written.
func wide(twin *Twin) []string {
	var names []string
	for _, c := range twin.schema.byName["account"].columns {
		if c.class == classText && c.Create && c.Update && len(names) < 60 && c.MaxLength >= 10 && c.LogicalName != "accountnumber" {
			names = append(names, c.LogicalName)
		}
	}
	return names
}

func serve(b testing.TB, twin *Twin, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	b.Helper()
	r := httptest.NewRequest(method, "/api/data/v9.2/"+path, strings.NewReader(body))
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	twin.ServeHTTP(w, r)
	if w.Code >= http.StatusBadRequest {
		b.Fatal(w.Code, w.Body.String())
	}
	return w
}

func bulkBody(names []string, from, n int) string {
	var s strings.Builder
	s.WriteString(`{"Targets":[`)
	for i := range n {
		if i > 0 {
			s.WriteByte(',')
		}
		fmt.Fprintf(&s, `{"@odata.type":"Microsoft.Dynamics.CRM.account","accountid":"10000000-0000-4000-8000-%012x"`, from+i)
		for _, name := range names {
			fmt.Fprintf(&s, `,"%s":"v%d"`, name, i)
		}
		s.WriteByte('}')
	}
	s.WriteString("]}")
	return s.String()
}

func BenchmarkCreateMultiple(b *testing.B) {
	twin := realTwin(b)
	names := wide(twin)
	n := 0
	for b.Loop() {
		serve(b, twin, "POST", "accounts/Microsoft.Dynamics.CRM.CreateMultiple", bulkBody(names, n*1000, 1000))
		n++
	}
	b.ReportMetric(float64(b.N*1000)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkTrackedPage(b *testing.B) {
	twin := realTwin(b)
	names := wide(twin)
	for i := range 10 {
		serve(b, twin, "POST", "accounts/Microsoft.Dynamics.CRM.CreateMultiple", bulkBody(names, i*1000, 1000))
	}
	for b.Loop() {
		serve(b, twin, "GET", "accounts?$select="+strings.Join(names, ","), "", "Prefer: odata.track-changes")
	}
	b.ReportMetric(float64(b.N*maxPage)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkConditionalPatch(b *testing.B) {
	twin := realTwin(b)
	serve(b, twin, "POST", "accounts/Microsoft.Dynamics.CRM.CreateMultiple", bulkBody(wide(twin), 0, 1000))
	for b.Loop() {
		serve(b, twin, "PATCH", "accounts(10000000-0000-4000-8000-000000000001)", `{"name":"x"}`, "If-Match: *", "Prefer: return=representation")
	}
}

// TestRealTables opens the twin with the tables of the sandbox and writes to
// those that the plug-ins know.
func TestRealTables(t *testing.T) {
	twin := realTwin(t)
	serve(t, twin, "POST", "cdm_companies", `{"cdm_companycode":"USMF","cdm_name":"Contoso"}`)
	if got := serve(t, twin, "GET", "cdm_companies?$select=_cdm_defaultowningteam_value", "", `Prefer: odata.include-annotations="*"`).Body.String(); !strings.Contains(got, `FormattedValue":"USMF"`) {
		t.Errorf("%s", got)
	}
	serve(t, twin, "POST", "uoms", `{"name":"kg","msdyn_symbol":"kg","msdyn_externalunitclassname":"Mass"}`)
	serve(t, twin, "POST", "uoms", `{"name":"g","msdyn_symbol":"g","msdyn_externalunitclassname":"Mass"}`)
	if got := serve(t, twin, "GET", "uoms?$select=name,_uomscheduleid_value,_baseuom_value&$orderby=name", "", `Prefer: odata.include-annotations="*"`).Body.String(); strings.Count(got, `FormattedValue":"Mass"`) != 2 || strings.Count(got, `"_baseuom_value":null`) != 1 {
		t.Errorf("%s", got)
	}
	got := serve(t, twin, "POST", "accounts", `{"name":"A","address1_latitude":47.123456,"creditlimit":1.5}`, "Prefer: return=representation").Body.String()
	for _, part := range []string{`"address1_latitude":47.12346`, `"creditlimit":1.5000`, `"donotemail":false`} {
		if !strings.Contains(got, part) {
			t.Errorf("%s lacks %s", got, part)
		}
	}
	serve(t, twin, "GET", "organizations", "")
	serve(t, twin, "GET", "EntityDefinitions?$expand=Attributes,Keys,ManyToOneRelationships", "")
}
