package fno_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/dualwrite/dw/runtime/sandbox/catalog"
	"github.com/dualwrite/dw/runtime/sandbox/fno"
)

func TestReopen(t *testing.T) {
	o := fno.Options{
		Path: filepath.Join(t.TempDir(), "a b?#%.db"), Entities: entities(), Enums: enums(),
		Random: rand.NewChaCha8([32]byte{}), DefaultCompany: "usmf",
	}
	twin, err := fno.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := twin.Load(t.Context(), "Currencies", []map[string]any{{"CurrencyCode": "USD", "Name": "Dollar"}}); err != nil {
		t.Fatal(err)
	}
	if err := twin.Close(); err != nil {
		t.Fatal(err)
	}
	// A catalog that has grown adds columns and tables.
	o.Entities[0].Properties = append(o.Entities[0].Properties, property("Symbol", "Edm.String"))
	o.Entities = append(o.Entities, catalog.Entity{
		Name: "Unit", EntitySet: "Units", AOT: "UnitEntity", Label: "Units", Key: []string{"Id"},
		Properties: []catalog.Property{property("Id", "Edm.String")},
	})
	if twin, err = fno.Open(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	defer twin.Close()
	w := httptest.NewRecorder()
	twin.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/data/Currencies", nil))
	if !strings.Contains(w.Body.String(), `"CurrencyCode":"USD","Name":"Dollar","Rounding":0,"Symbol":""`) {
		t.Errorf("got %s", w.Body)
	}
	if err := twin.Load(t.Context(), "Units", []map[string]any{{"Id": "kg"}}); err != nil {
		t.Error(err)
	}
}

func TestBadCatalogs(t *testing.T) {
	text := property("A", "Edm.String")
	for want, e := range map[string]catalog.Entity{
		"is not an identifier":                      {EntitySet: `x"; DROP`, Key: []string{"A"}, Properties: []catalog.Property{text}},
		"there is no key":                           {EntitySet: "X", Properties: []catalog.Property{text}},
		"is not among the properties":               {EntitySet: "X", Key: []string{"B"}, Properties: []catalog.Property{text}},
		"stands twice":                              {EntitySet: "X", Key: []string{"A"}, Properties: []catalog.Property{text, text}},
		"neither an Edm type nor an enum":           {EntitySet: "X", Key: []string{"A"}, Properties: []catalog.Property{property("A", "Nothing")}},
		"needs dataAreaId in its key":               {EntitySet: "X", Key: []string{"A"}, CompanySpecific: true, Properties: []catalog.Property{text}},
		"refers to Y.B, which the catalog does not": {EntitySet: "X", Key: []string{"A"}, Properties: []catalog.Property{property("A", "Edm.String", refers("Y", "B", "Ys"))}},
	} {
		twin, err := fno.Open(t.Context(), fno.Options{
			Path: filepath.Join(t.TempDir(), "x.db"), Entities: []catalog.Entity{e}, Random: rand.NewChaCha8([32]byte{}),
		})
		if err == nil {
			_ = twin.Close()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", want, err)
		}
	}
}

// TestConcurrentWrites has writers and readers at once: every row arrives, no
// number is given out twice.
func TestConcurrentWrites(t *testing.T) {
	s := start(t)
	const writers, each = 6, 10
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for range each {
				a := s.send("POST", customers, `{"dataAreaId":"usmf","CustomerGroupId":"10","SalesCurrencyCode":"USD"}`)
				if a.status != 201 {
					t.Errorf("status %d: %s", a.status, a.body)
				}
				if a := s.get(customers + "?$top=5"); a.status != 200 {
					t.Errorf("status %d: %s", a.status, a.body)
				}
			}
		})
	}
	wg.Wait()
	if got := s.get(customers + "/$count").body; got != fmt.Sprint(writers*each) {
		t.Errorf("%s rows", got)
	}
}

// FuzzRequest demands that no request makes the twin fail by itself, and that
// every JSON answer is JSON.
func FuzzRequest(f *testing.F) {
	methods := []string{"GET", "POST", "PATCH", "PUT", "DELETE"}
	for _, seed := range []struct {
		method       int
		target, body string
	}{
		{0, "/data/CustomersV3?$filter=CreditLimit gt 1&$orderby=OnHoldStatus desc&$select=TimeZone,Reference&$top=1&$count=true", ""},
		{0, "/data/CustomerGroups(dataAreaId='usmf',CustomerGroupId='10')", ""},
		{1, "/data/CustomersV3", minimal},
		{1, "/data/CustomersV3", `{"CreditLimit":-0.00e-5,"PaymentDays":1,"ValidFrom":"2020-01-01T00:00:00Z","Reference":"00000000-0000-0000-0000-000000000001","TimeZone":"GMT"}`},
		{2, "/data/CustomerGroups(dataAreaId='usmf',CustomerGroupId='10')", `{"Description":"x","IsSalesTaxIncludedInPrice":"No"}`},
		{4, "/data/CustomerGroups(CustomerGroupId='20',dataAreaId='usmf')", ""},
		{1, "/data/$batch", "--b\r\n"},
		{0, "/metadata/DataEntities?$filter=contains(Name,'x') or IsReadOnly eq false", ""},
		{0, "/metadata/Labels(Id='@x',Language='en-us')", ""},
	} {
		f.Add(seed.method, seed.target, seed.body)
	}
	twin, err := fno.Open(f.Context(), fno.Options{
		Path: filepath.Join(f.TempDir(), "fno.db"), Entities: entities(), Enums: enums(),
		Random: rand.NewChaCha8([32]byte{}), DefaultCompany: "usmf",
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = twin.Close() })
	for set, rows := range map[string][]map[string]any{
		"Currencies":     {{"CurrencyCode": "USD"}},
		"CustomerGroups": {{"dataAreaId": "usmf", "CustomerGroupId": "10"}, {"dataAreaId": "usmf", "CustomerGroupId": "20"}},
	} {
		if err := twin.Load(f.Context(), set, rows); err != nil {
			f.Fatal(err)
		}
	}
	f.Fuzz(func(t *testing.T, method int, target, body string) {
		address, err := url.ParseRequestURI(target)
		if err != nil || !strings.HasPrefix(target, "/") {
			return
		}
		r := httptest.NewRequest(methods[((method%len(methods))+len(methods))%len(methods)], "/", strings.NewReader(body))
		r.URL = address
		r.Header.Set("Content-Type", "multipart/mixed; boundary=b")
		w := httptest.NewRecorder()
		twin.ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Errorf("%s %s %s: %d %s", r.Method, target, body, w.Code, w.Body)
		}
		if strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") && !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s %s: not JSON: %s", r.Method, target, w.Body)
		}
	})
}
