package fno_test

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/dualwrite/dw/runtime/sandbox/gate"
)

func TestServiceDocument(t *testing.T) {
	s := start(t)
	for _, path := range []string{"/data", "/data/"} {
		rows := s.must(200, "GET", path, "").rows(t)
		if len(rows) != 3 || rows[2]["name"] != "CustomersV3" || rows[2]["kind"] != "EntitySet" || rows[2]["url"] != "CustomersV3" {
			t.Errorf("%s: %v", path, rows)
		}
	}
}

func TestEDMX(t *testing.T) {
	s := start(t)
	a := s.must(200, "GET", "/data/$metadata", "")
	var document struct {
		Schema struct {
			Namespace string `xml:"Namespace,attr"`
			Entities  []struct {
				Name string `xml:"Name,attr"`
				Key  []struct {
					Name string `xml:"Name,attr"`
				} `xml:"Key>PropertyRef"`
				Properties []struct {
					Name      string `xml:"Name,attr"`
					Type      string `xml:"Type,attr"`
					MaxLength int    `xml:"MaxLength,attr"`
					Nullable  string `xml:"Nullable,attr"`
				} `xml:"Property"`
			} `xml:"EntityType"`
			Enums []struct {
				Name    string `xml:"Name,attr"`
				Members []struct {
					Name  string `xml:"Name,attr"`
					Value string `xml:"Value,attr"`
				} `xml:"Member"`
			} `xml:"EnumType"`
			Sets []struct {
				Name string `xml:"Name,attr"`
				Type string `xml:"EntityType,attr"`
			} `xml:"EntityContainer>EntitySet"`
		} `xml:"DataServices>Schema"`
	}
	if err := xml.Unmarshal([]byte(a.body), &document); err != nil {
		t.Fatal(err)
	}
	schema := document.Schema
	if schema.Namespace != "Microsoft.Dynamics.DataEntities" || len(schema.Entities) != 3 || len(schema.Enums) != 3 || len(schema.Sets) != 3 {
		t.Fatalf("got %+v", schema)
	}
	customer := schema.Entities[2]
	if customer.Name != "CustomerV3" || fmt.Sprint(customer.Key) != "[{dataAreaId} {CustomerAccount}]" {
		t.Errorf("got %s %v", customer.Name, customer.Key)
	}
	if p := customer.Properties[1]; p.Name != "CustomerAccount" || p.Type != "Edm.String" || p.MaxLength != 20 || p.Nullable != "false" {
		t.Errorf("got %+v", p)
	}
	if m := schema.Enums[0].Members; m[1].Name != "Yes" || m[1].Value != "1" {
		t.Errorf("got %+v", m)
	}
	if c := schema.Sets[2]; c.Name != "CustomersV3" || c.Type != "Microsoft.Dynamics.DataEntities.CustomerV3" {
		t.Errorf("got %+v", c)
	}
}

func TestMetadataService(t *testing.T) {
	s := start(t)
	names := func(query string) string {
		t.Helper()
		var out []string
		for _, row := range s.must(200, "GET", strings.ReplaceAll(query, " ", "%20"), "").rows(t) {
			out = append(out, row["Name"].(string))
		}
		return strings.Join(out, " ")
	}
	for query, want := range map[string]string{
		"/metadata/DataEntities": "CurrencyEntity CustCustomerGroupEntity CustCustomerV3Entity",
		"/metadata/DataEntities?$filter=PublicCollectionName eq 'CustomersV3'&$select=Name":                     "CustCustomerV3Entity",
		"/metadata/DataEntities?$filter=contains(tolower(Name),'group') or PublicEntityName eq 'Currency'":      "CurrencyEntity CustCustomerGroupEntity",
		"/metadata/DataEntities?$filter=EntityCategory eq Microsoft.Dynamics.Metadata.EntityCategory'Document'": "",
		"/metadata/DataEntities?$filter=DataServiceEnabled eq true and not startswith(Name,'Cust')":             "CurrencyEntity",
		"/metadata/PublicEntities?$filter=EntitySetName eq 'CustomersV3'":                                       "CustomerV3",
		"/metadata/PublicEntities?$select=Name&$skip=1&$top=1":                                                  "CustomerGroup",
		"/metadata/PublicEnumerations?$filter=endswith(Name,'Yes')":                                             "NoYes",
	} {
		if got := names(query); got != want {
			t.Errorf("%s: got %s, want %s", query, got, want)
		}
	}
	if got := s.must(200, "GET", "/metadata/PublicEntities?$count=true&$top=1", "").object(t)["@odata.count"]; fmt.Sprint(got) != "3" {
		t.Errorf("count %v", got)
	}

	entity := s.must(200, "GET", "/metadata/PublicEntities('CustomerV3')", "").object(t)
	if entity["EntitySetName"] != "CustomersV3" || entity["ConfigurationEnabled"] != true {
		t.Errorf("got %v", entity)
	}
	properties := map[string]map[string]any{}
	for _, p := range entity["Properties"].([]any) {
		property := p.(map[string]any)
		properties[property["Name"].(string)] = property
	}
	for name, want := range map[string]string{
		"dataAreaId":      "Edm.String String true true false",
		"CustomerAccount": "Edm.String String true false false",
		"CustomerGroupId": "Edm.String String false true true",
		"CreditLimit":     "Edm.Decimal Real false false true",
		"PaymentDays":     "Edm.Int32 Int32 false false true",
		"BirthDate":       "Edm.DateTimeOffset Date false false true",
		"ValidFrom":       "Edm.DateTimeOffset UtcDateTime false false true",
		"OnHoldStatus":    "Microsoft.Dynamics.DataEntities.CustVendorBlocked Enum false false true",
		"FullAddress":     "Edm.String String false false false",
	} {
		p := properties[name]
		if got := fmt.Sprint(p["TypeName"], " ", p["DataType"], " ", p["IsKey"], " ", p["IsMandatory"], " ", p["AllowEdit"]); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	navigation := entity["NavigationProperties"].([]any)[0].(map[string]any)
	constraint := navigation["Constraints"].([]any)[0].(map[string]any)
	if navigation["RelatedEntity"] != "CustomerGroup" || constraint["Property"] != "CustomerGroupId" || constraint["ReferencedProperty"] != "CustomerGroupId" {
		t.Errorf("got %v", navigation)
	}

	enum := s.must(200, "GET", "/metadata/PublicEnumerations('NoYes')", "").object(t)
	yes := enum["Members"].([]any)[1].(map[string]any)
	if yes["Name"] != "Yes" || fmt.Sprint(yes["Value"]) != "1" {
		t.Errorf("got %v", enum)
	}
	label := fmt.Sprintf("/metadata/Labels(Id='%s',Language='en-us')", properties["CustomerGroupId"]["LabelId"])
	if got := s.must(200, "GET", label, "").object(t)["Value"]; got != "Customer group" {
		t.Errorf("label %v", got)
	}

	for _, path := range []string{
		"/metadata/Other", "/metadata/PublicEntities('customerv3')", "/metadata/PublicEntities(1)", "/metadata/Labels(Id='@no',Language='en-us')",
	} {
		s.must(404, "GET", path, "")
	}
	s.must(405, "POST", "/metadata/DataEntities", "{}")
	s.must(400, "GET", "/metadata/DataEntities?$filter=Other%20eq%201", "")
}

func TestRefuse(t *testing.T) {
	s := start(t)
	for reason, want := range map[gate.Reason]string{
		gate.Throttled:        "high resource utilization",
		gate.TooManyRequests:  "Number of requests exceeded the limit of 6000",
		gate.TooMuchExecution: "Combined execution time of incoming requests exceeded the limit of 1200 seconds",
		gate.TooConcurrent:    "Number of concurrent requests exceeded the limit of 52.",
	} {
		w := httptest.NewRecorder()
		s.twin.Refuse(w, httptest.NewRequest(http.MethodGet, "/data", nil), gate.Refusal{Reason: reason, RetryAfter: 7})
		if w.Code != 429 || w.Header().Get("Retry-After") != "7" || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%v: %d %v %s", reason, w.Code, w.Header(), w.Body)
		}
	}
	w := httptest.NewRecorder()
	s.twin.Refuse(w, httptest.NewRequest(http.MethodGet, "/data", nil), gate.Refusal{Reason: gate.Unauthorized})
	if w.Code != 401 || !strings.HasPrefix(w.Header().Get("WWW-Authenticate"), "Bearer authorization_uri=") || w.Body.Len() > 0 {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
}
