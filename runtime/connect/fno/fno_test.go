package fno

import (
	"encoding/base64"
	"strconv"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/runtime/connect/odata"
)

func TestRecID(t *testing.T) {
	etag := func(s string) string { return `W/"` + base64.StdEncoding.EncodeToString([]byte(s)) + `"` }
	for text, want := range map[string]string{
		`W/"JzEsNTYzNzE0NDU3Nic="`:        "5637144576",
		etag("'1,5637144577;0,0;7,563'"):  "5637144577",
		etag("'-1234567890,68719476736'"): "68719476736",
		`"` + etag("'1,2'")[3:]:           "2",
	} {
		if got, err := RecID(text); err != nil || got != want {
			t.Errorf("%s: %q %v, want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"", "W/", `W/"`, `W/""`, `W/"123"`, etag("'1'"), etag("'1,'"), etag("'1,x'"), etag(""), "*"} {
		if got, err := RecID(text); err == nil {
			t.Errorf("%s: %q", text, got)
		}
	}
}

func FuzzRecID(f *testing.F) {
	f.Add(`W/"JzEsNTYzNzE0NDU3Nic="`)
	f.Fuzz(func(t *testing.T, etag string) {
		id, err := RecID(etag)
		if err == nil {
			if _, err := strconv.ParseInt(id, 10, 64); err != nil {
				t.Fatalf("%q", id)
			}
		}
	})
}

func TestInfolog(t *testing.T) {
	for text, want := range map[string]string{
		"Write failed for table row of type 'CustCustomerV3Entity'. Infolog: Warning: The value 'Local' in field 'Customer group' is not found in the related table 'Customer groups'.; Warning: validateField failed on field 'X'.": "The value 'Local' in field 'Customer group' is not found in the related table 'Customer groups'; validateField failed on field 'X'",
		"Write failed. Infolog: Info: Cannot create a record in Customer groups (CustGroup). Customer group: Batch2, . The record already exists..":                                                                                  "Cannot create a record in Customer groups (CustGroup). Customer group: Batch2, . The record already exists",
		"No resources were found when selecting for update.": "No resources were found when selecting for update.",
		"X. Infolog: ": "X. Infolog: ",
		"":             "",
	} {
		if got := infolog(text); got != want {
			t.Errorf("\n got %q\nwant %q", got, want)
		}
	}
}

func TestIsAbsent(t *testing.T) {
	for _, c := range []struct {
		status  int
		message string
		want    bool
	}{
		{404, "", true},
		{404, "Resource not found.", true},
		{400, "No resources were found when selecting for update.", true},
		{404, "No HTTP resource was found that matches the request URI 'https://x/data/Customers(Id='1')'.", false},
		{404, "No route data was found for this request.", false},
		{400, "Something else.", false},
	} {
		if got := isAbsent(&odata.ServiceError{Status: c.status, Message: c.message}); got != c.want {
			t.Errorf("%d %q: %v", c.status, c.message, got)
		}
	}
}

func TestAfterAndEqual(t *testing.T) {
	text := func(name string) *schema.Field { return &schema.Field{Name: name, Type: schema.TypeText} }
	fields := []*schema.Field{text("A"), text("B")}
	if got := after(fields, []string{"'x'", "'y*'"}); got != "(A gt 'x') or (A eq 'x' and B gt 'y*')" {
		t.Error(got)
	}
	if got := after(fields, []string{"'x*'", "'y'"}); got != "(A gt 'x*') or (A ge 'x*' and A le 'x*' and B gt 'y')" {
		t.Error(got)
	}
	if after(fields, nil) != "" {
		t.Error("a first page has no lower end")
	}
	if keyset([]*schema.Field{text("A"), {Type: schema.TypeEnum}}) || keyset(nil) || !keyset(fields) {
		t.Error("enums cannot be compared by size")
	}
}

// TestEmptyPageWithALinkIsNotTheLast: what a page lacks must not pass for
// records that are gone.
func TestEmptyPageWithALinkIsNotTheLast(t *testing.T) {
	table := groupsTable()
	s, err := shapeOf(table, table.Fields)
	if err != nil {
		t.Fatal(err)
	}
	next, more, err := s.next(position{Company: 1}, odata.Page{Next: "https://x/data/CustomerGroups?$skip=10"}, 1, 10)
	if err != nil || !more || next.Company != 1 || next.Link == "" {
		t.Errorf("after an empty page: %+v, %v, %v", next, more, err)
	}
	if _, more, _ := s.next(position{}, odata.Page{}, 1, 10); more {
		t.Error("something follows the last page")
	}
}

func TestDecodeLengths(t *testing.T) {
	const doc = `<?xml version="1.0"?><edmx:Edmx xmlns:edmx="x"><Schema><EntityType Name="Other"><Property Name="A" MaxLength="9"/></EntityType>
<EntityType Name="CustomerV3"><Property Name="A" Type="Edm.String" MaxLength="20"/><Property Name="B" MaxLength="max"/><Property Name="C"/></EntityType><EntityType Name="Late"></Schema></edmx:Edmx>`
	got, err := decodeLengths(strings.NewReader(doc), map[string]bool{"CustomerV3": true})
	if err != nil || len(got) != 1 || len(got["CustomerV3"]) != 1 || got["CustomerV3"]["A"] != 20 {
		t.Fatalf("%v %v", got, err)
	}
	if _, err := decodeLengths(strings.NewReader("<a b=>"), map[string]bool{"X": true}); err == nil {
		t.Fatal("malformed XML is accepted")
	}
}

func FuzzDecodeLengths(f *testing.F) {
	f.Add([]byte(`<E><EntityType Name="X"><Property Name="A" MaxLength="20"/></EntityType></E>`))
	f.Fuzz(func(t *testing.T, b []byte) {
		lengths, err := decodeLengths(strings.NewReader(string(b)), map[string]bool{"X": true})
		for _, n := range lengths["X"] {
			if err == nil && n <= 0 {
				t.Fatal(n)
			}
		}
	})
}
