package fno_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dualwrite/dw/runtime/sandbox/catalog"
	"github.com/dualwrite/dw/runtime/sandbox/fno"
	"github.com/dualwrite/dw/runtime/sandbox/gate"
)

func enums() []catalog.Enum {
	return []catalog.Enum{
		{Name: "NoYes", Members: []catalog.Member{{Name: "No"}, {Name: "Yes", Value: 1}}},
		{Name: "CustVendorBlocked", Members: []catalog.Member{{Name: "No"}, {Name: "Invoice", Value: 1}, {Name: "All", Value: 2}}},
		{Name: "Timezone", Members: []catalog.Member{{Name: "GMT", Value: 1}}},
	}
}

func property(name, edm string, more ...func(*catalog.Property)) catalog.Property {
	p := catalog.Property{Name: name, Type: edm, AllowEdit: true, AllowEditOnCreate: true}
	for _, m := range more {
		m(&p)
	}
	return p
}

func length(n int) func(*catalog.Property) { return func(p *catalog.Property) { p.MaxLength = n } }
func mandatory(p *catalog.Property)        { p.Mandatory = true }
func keyPart(p *catalog.Property)          { p.AllowEdit = false }
func date(p *catalog.Property)             { p.Date = true }
func readOnly(p *catalog.Property)         { p.AllowEdit, p.AllowEditOnCreate = false, false }

func refers(set, property, label string) func(*catalog.Property) {
	return func(p *catalog.Property) {
		p.Related = &catalog.Relation{EntitySet: set, Property: property, Label: label}
	}
}

func entities() []catalog.Entity {
	return []catalog.Entity{
		{
			Name: "Currency", EntitySet: "Currencies", AOT: "CurrencyEntity", Label: "Currencies",
			Key: []string{"CurrencyCode"}, Sources: 2,
			Properties: []catalog.Property{
				property("CurrencyCode", "Edm.String", keyPart, length(3)),
				property("Name", "Edm.String", length(60)),
				property("Rounding", "Edm.Decimal"),
			},
		},
		{
			Name: "CustomerGroup", EntitySet: "CustomerGroups", AOT: "CustCustomerGroupEntity", Label: "Customer groups",
			Key: []string{"dataAreaId", "CustomerGroupId"}, CompanySpecific: true, Sources: 1,
			Properties: []catalog.Property{
				property("Description", "Edm.String", length(60)),
				property("CustomerGroupId", "Edm.String", keyPart, length(10)),
				property("dataAreaId", "Edm.String", keyPart),
				property("IsSalesTaxIncludedInPrice", "NoYes"),
			},
		},
		{
			Name: "CustomerV3", EntitySet: "CustomersV3", AOT: "CustCustomerV3Entity", Label: "Customers V3",
			Key: []string{"dataAreaId", "CustomerAccount"}, CompanySpecific: true, Sources: 11,
			Properties: []catalog.Property{
				property("dataAreaId", "Edm.String", keyPart),
				property("CustomerAccount", "Edm.String", keyPart, length(20)),
				property("OrganizationName", "Edm.String", length(100)),
				property("NameAlias", "Edm.String", length(20)),
				property("PartyNumber", "Edm.String", length(40)),
				property("LanguageId", "Edm.String", length(7)),
				property("CustomerGroupId", "Edm.String", mandatory, refers("CustomerGroups", "CustomerGroupId", "Customer groups")),
				property("SalesCurrencyCode", "Edm.String", mandatory, refers("Currencies", "CurrencyCode", "Currencies")),
				property("InvoiceAccount", "Edm.String", refers("CustomersV3", "CustomerAccount", "Customers")),
				property("CreditLimit", "Edm.Decimal"),
				property("PaymentDays", "Edm.Int32"),
				property("PrimaryContactFaxRecordId", "Edm.Int64"),
				property("OnHoldStatus", "CustVendorBlocked"),
				property("IsOneTimeCustomer", "NoYes"),
				property("TimeZone", "Timezone"),
				property("BirthDate", "Edm.DateTimeOffset", date),
				property("ValidFrom", "Edm.DateTimeOffset"),
				property("Reference", "Edm.Guid"),
				property("FullAddress", "Edm.String", readOnly),
			},
		},
	}
}

// server is a twin behind a gate on loopback.
type server struct {
	*httptest.Server
	twin *fno.Twin
	log  *gate.Log
	t    *testing.T
}

func start(t *testing.T, change ...func(*fno.Options)) *server {
	t.Helper()
	o := fno.Options{
		Path: filepath.Join(t.TempDir(), "fno.db"), Entities: entities(), Enums: enums(),
		Random: rand.NewChaCha8([32]byte{1}), DefaultCompany: "usmf",
	}
	for _, c := range change {
		c(&o)
	}
	twin, err := fno.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	s := &server{twin: twin, t: t, log: &gate.Log{}}
	g := gate.New(gate.Options{Now: time.Now, Log: s.log})
	s.Server = httptest.NewServer(g.Wrap("fno", twin))
	t.Cleanup(func() {
		s.Close()
		if err := twin.Close(); err != nil {
			t.Error(err)
		}
	})
	ctx := context.Background()
	for set, rows := range map[string][]map[string]any{
		"Currencies": {{"CurrencyCode": "USD", "Name": "US Dollar", "Rounding": "0.01"}, {"CurrencyCode": "EUR"}},
		"CustomerGroups": {
			{"dataAreaId": "USMF", "CustomerGroupId": "10", "Description": "Wholesale", "IsSalesTaxIncludedInPrice": "Yes"},
			{"dataAreaId": "usmf", "CustomerGroupId": "20", "Description": "Retail"},
			{"dataAreaId": "demf", "CustomerGroupId": "30"},
		},
	} {
		if err := twin.Load(ctx, set, rows); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) object(t *testing.T) map[string]any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(a.body))
	d.UseNumber()
	var out map[string]any
	if err := d.Decode(&out); err != nil {
		t.Fatalf("%v: %s", err, a.body)
	}
	return out
}

func (a answer) rows(t *testing.T) []map[string]any {
	t.Helper()
	var out []map[string]any
	values, ok := a.object(t)["value"].([]any)
	if !ok {
		t.Fatalf("no value: %s", a.body)
	}
	for _, v := range values {
		out = append(out, v.(map[string]any))
	}
	return out
}

func (s *server) send(method, path, body string, headers ...string) answer {
	s.t.Helper()
	address := path
	if !strings.HasPrefix(path, "http") {
		address = s.URL + path
	}
	r, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := s.Client().Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer{status: resp.StatusCode, header: resp.Header, body: string(b)}
}

func (s *server) get(path string) answer { s.t.Helper(); return s.send(http.MethodGet, path, "") }

// must sends and demands a status.
func (s *server) must(status int, method, path, body string, headers ...string) answer {
	s.t.Helper()
	a := s.send(method, path, body, headers...)
	if a.status != status {
		s.t.Fatalf("%s %s: status %d, want %d: %s", method, path, a.status, status, a.body)
	}
	return a
}

// innerMessage is the message that a client has to dig out of the envelope.
func (a answer) innerMessage(t *testing.T) string {
	t.Helper()
	var envelope struct {
		Error struct {
			Message string
			Inner   struct{ Message, Type string } `json:"innererror"`
		}
	}
	if err := json.Unmarshal([]byte(a.body), &envelope); err != nil {
		t.Fatalf("%v: %s", err, a.body)
	}
	if envelope.Error.Message != "An error has occurred." || envelope.Error.Inner.Type == "" {
		t.Errorf("envelope: %s", a.body)
	}
	return envelope.Error.Inner.Message
}

// recVersion and RecId of an ETag's pairs.
func pairs(t *testing.T, etag string) [][2]int64 {
	t.Helper()
	encoded, ok := strings.CutPrefix(etag, `W/"`)
	text, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(encoded, `"`))
	if !ok || err != nil || len(text) < 2 || text[0] != '\'' || text[len(text)-1] != '\'' {
		t.Fatalf("etag %q: %v", etag, err)
	}
	var out [][2]int64
	for pair := range strings.SplitSeq(string(text[1:len(text)-1]), ";") {
		var p [2]int64
		if _, err := fmt.Sscanf(pair, "%d,%d", &p[0], &p[1]); err != nil {
			t.Fatalf("etag %q: %v", text, err)
		}
		out = append(out, p)
	}
	return out
}

const (
	groups    = "/data/CustomerGroups"
	customers = "/data/CustomersV3"
	minimal   = `{"dataAreaId":"usmf","CustomerAccount":"US-001","OrganizationName":"Contoso","CustomerGroupId":"10","SalesCurrencyCode":"USD"}`
	us001     = customers + "(dataAreaId='usmf',CustomerAccount='US-001')"
)

func compact(t *testing.T, s string) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Compact(&b, []byte(s)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
