package fno_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dualwrite/dw/runtime/sandbox/blob"
	"github.com/dualwrite/dw/runtime/sandbox/catalog"
	"github.com/dualwrite/dw/runtime/sandbox/fno"
)

// discard takes an answer without keeping it.
type discard struct {
	header http.Header
	status int
	bytes  int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) WriteHeader(status int)      { d.status = status }
func (d *discard) Write(b []byte) (int, error) { d.bytes += len(b); return len(b), nil }

// wide is an entity of 305 properties with 20,000 rows, as large as the widest
// one that the standard maps use.
func wide(b *testing.B) (*fno.Twin, []string) {
	b.Helper()
	e := catalog.Entity{
		Name: "Wide", EntitySet: "Wides", AOT: "WideEntity", Label: "Wides", Sources: 11, CompanySpecific: true,
		Key: []string{"dataAreaId", "Account"},
		Properties: []catalog.Property{
			property("dataAreaId", "Edm.String", keyPart), property("Account", "Edm.String", keyPart),
		},
	}
	types := []string{"Edm.String", "Edm.String", "Edm.String", "NoYes", "Edm.Decimal", "Edm.DateTimeOffset"}
	var names []string
	for i := range 303 {
		names = append(names, fmt.Sprintf("Field%d", i))
		e.Properties = append(e.Properties, property(names[i], types[i%len(types)]))
	}
	store, err := blob.Open(blob.Options{Dir: b.TempDir(), BaseURL: "http://127.0.0.1", Now: time.Now, Random: rand.NewChaCha8([32]byte{})})
	if err != nil {
		b.Fatal(err)
	}
	twin, err := fno.Open(b.Context(), fno.Options{
		Path: filepath.Join(b.TempDir(), "fno.db"), Entities: []catalog.Entity{e}, Enums: enums(),
		Random: rand.NewChaCha8([32]byte{}), DefaultCompany: "usmf", Storage: store, Now: time.Now, Sleep: func(context.Context, time.Duration) {},
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = twin.Close() })
	values := []any{"Text of a field", "München", "A-1", "Yes", "12.50", "2024-01-02T03:04:05Z"}
	rows := make([]map[string]any, 20000)
	for i := range rows {
		rows[i] = map[string]any{"dataAreaId": "usmf", "Account": fmt.Sprintf("US-%06d", i)}
		for j, name := range names[:60] {
			rows[i][name] = values[j%len(values)]
		}
	}
	if err := twin.Load(b.Context(), "Wides", rows); err != nil {
		b.Fatal(err)
	}
	return twin, names
}

func serve(b *testing.B, twin *fno.Twin, method, target, body string, status int) int {
	b.Helper()
	var reader io.Reader = http.NoBody
	if body != "" {
		reader = strings.NewReader(body)
	}
	w := &discard{header: http.Header{}, status: 200}
	twin.ServeHTTP(w, httptest.NewRequest(method, target, reader))
	if w.status != status {
		b.Fatalf("%s %s: status %d", method, target, w.status)
	}
	return w.bytes
}

func BenchmarkTwin(b *testing.B) {
	twin, names := wide(b)
	order := "$orderby=dataAreaId,Account"
	b.Run("page of 60 columns", func(b *testing.B) {
		for b.Loop() {
			b.SetBytes(int64(serve(b, twin, "GET", "/data/Wides?"+order+"&$select="+strings.Join(names[:60], ","), "", 200)))
		}
	})
	b.Run("page of all columns", func(b *testing.B) {
		for b.Loop() {
			b.SetBytes(int64(serve(b, twin, "GET", "/data/Wides?"+order, "", 200)))
		}
	})
	b.Run("page of keys by key range", func(b *testing.B) {
		for b.Loop() {
			serve(b, twin, "GET", "/data/Wides?"+order+"&$select=Account&$top=100&$filter=dataAreaId%20eq%20'usmf'%20and%20Account%20gt%20'US-015000'", "", 200)
		}
	})
	b.Run("100 rows by key", func(b *testing.B) {
		var terms []string
		for i := range 100 {
			terms = append(terms, fmt.Sprintf("(dataAreaId%%20eq%%20'usmf'%%20and%%20Account%%20eq%%20'US-%06d')", i*150))
		}
		filter := strings.Join(terms, "%20or%20")
		for b.Loop() {
			serve(b, twin, "GET", "/data/Wides?$select="+strings.Join(names[:60], ",")+"&$filter="+filter, "", 200)
		}
	})
	b.Run("export of 20,000 rows", func(b *testing.B) {
		if err := twin.CreateProject(b.Context(), fno.Project{Name: "out", Export: true, Entities: []string{"Wides"}}); err != nil {
			b.Fatal(err)
		}
		const action = "/data/DataManagementDefinitionGroups/Microsoft.Dynamics.DataEntities."
		const address = 200 // bytes that an answer with an address has at least, and one without has not
		n := 0
		for b.Loop() {
			n++
			id := fmt.Sprintf(`"executionId":"out %d"`, n)
			serve(b, twin, "POST", action+"ExportToPackageAsync", `{"definitionGroupId":"out","packageName":"x","reExecute":false,"legalEntityId":"usmf",`+id+`}`, 200)
			for serve(b, twin, "POST", action+"GetExportedPackageUrl", "{"+id+"}", 200) < address {
				time.Sleep(time.Millisecond)
			}
		}
	})
	b.Run("create", func(b *testing.B) {
		n := 0
		for b.Loop() {
			n++
			serve(b, twin, "POST", "/data/Wides", fmt.Sprintf(`{"dataAreaId":"usmf","Account":"N%d","Field0":"x"}`, n), 201)
		}
	})
	b.Run("update", func(b *testing.B) {
		for b.Loop() {
			serve(b, twin, "PATCH", "/data/Wides(dataAreaId='usmf',Account='US-000007')", `{"Field0":"x"}`, 204)
		}
	})
}
