package dualwrite_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/dualwrite"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

// golden compares with a file beside the fixtures; DW_UPDATE=1 writes it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("DW_UPDATE") != "" {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (DW_UPDATE=1 writes it):\n%s", path, got)
	}
}

func told(list diag.List) string {
	var b strings.Builder
	for _, d := range list {
		fmt.Fprintf(&b, "%s %s %s\n", d.Severity, d.Code, d.Summary)
	}
	return b.String()
}

// One made map has everything that a map can have: the file that it becomes,
// what is told, and what it is exported to.
func TestMadeMap(t *testing.T) {
	b, err := os.ReadFile("testdata/machines.json")
	if err != nil {
		t.Fatal(err)
	}
	found, readList := dualwrite.Read("machines.json", b)
	files, list := importAll(t, found.Records, dualwrite.Options{})
	if len(files) != 1 || files[0].Name != "asset_maintenance_assets_machines.dw.hcl" {
		t.Fatalf("files: %+v", files)
	}
	golden(t, "machines.dw.hcl", string(files[0].Text))
	golden(t, "machines.told.txt", told(append(readList, list...)))
	out, list := exportAll(t, load(t, files), dualwrite.Options{})
	golden(t, "machines.exported.txt", string(out.Records[0].JSON())+told(list))
	golden(t, "machines.keys.json", string(out.Keys.JSON()))
	fixedPoint(t, found.Records, dualwrite.Options{}, bothWays[:]...)
}

// mapOf gives a map of that entity and table with the lines given, each
// "direction FNO column".
func mapOf(entity, table string, lines ...string) string {
	var fields []string
	for _, l := range lines {
		p := strings.Fields(l)
		fields = append(fields, fmt.Sprintf(`{"syncDirection":%s,"sourceField":%q,"destinationField":%q}`, p[0], p[1], p[2]))
	}
	return fmt.Sprintf(`{"legs":[{"sourceSchema":%q,"destinationSchema":%q,"fieldMappings":[%s]}]}`, entity, table, strings.Join(fields, ","))
}

func text(t *testing.T, document string, o dualwrite.Options) (string, diag.List) {
	t.Helper()
	files, list := importAll(t, read(t, "map.json", document).Records, o)
	load(t, files)
	var b strings.Builder
	for _, f := range files {
		b.Write(f.Text)
	}
	return b.String(), list
}

func contains(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("lacks %q:\n%s", p, text)
		}
	}
}

func TestNamesAndKeysOfStandardMaps(t *testing.T) {
	got, list := text(t, mapOf("Customers V3", "accounts", "3 CUSTOMERACCOUNT accountnumber", "3 ORGANIZATIONNAME name"), dualwrite.Options{})
	contains(t, got, `fno       = "CustomersV3"`, `key       = ["CustomerAccount"]`, "OrganizationName")
	if len(list) > 0 {
		t.Error(told(list))
	}
	got, _ = text(t, mapOf("CDS sales order lines", "salesorderdetails", "3 SALESORDERNUMBER salesorderid.msdyn_salesordernumber", "3 LINECREATIONSEQUENCENUMBER sequencenumber"), dualwrite.Options{})
	contains(t, got, `company   = "salesorderid.msdyn_company"`, `key       = ["LineCreationSequenceNumber", "SalesOrderNumber"]`)
}

func TestUnknownEntityIsGuessedAndMarked(t *testing.T) {
	got, list := text(t, mapOf("Own machine parts", "own_parts", "3 PARTID own_number", "3 PARTNAME own_name"), dualwrite.Options{})
	contains(t, got, `"OwnMachineParts"`, `# fno is a guess: the entity is labelled "Own machine parts".`, "# The key is a guess", `key       = ["PARTID"]`)
	contains(t, told(list), "warning DW182", "warning DW185")
}

func TestLabelsKeysAndMetadataGoFirst(t *testing.T) {
	document := mapOf("Own machine parts", "own_parts", "3 PARTID own_number", "3 PARTNAME own_name", "3 ISOPEN own_isopen")
	got, list := text(t, document, dualwrite.Options{
		Labels: dualwrite.Labels{"own machine parts": "MachineParts"}, Keys: dualwrite.Keys{"own_parts": {"own_name", "own_company.cdm_companycode"}},
	})
	contains(t, got, `"MachineParts"`, `["PARTNAME"]`, `"own_company"`)
	if len(list) > 0 {
		t.Error(told(list))
	}
	catalog := &schema.Catalog{FnO: []schema.Table{{
		Side: value.FnO, Set: "MachinePartSet", Label: "Own machine parts", Key: []string{"dataAreaId", "PartId"},
		Fields: []*schema.Field{{Name: "IsOpen", Type: schema.TypeEnum, Enum: "NoYes"}, {Name: "PartId", Type: schema.TypeText}, {Name: "PartName", Type: schema.TypeText}},
	}}}
	got, list = text(t, document, dualwrite.Options{Catalog: catalog})
	contains(t, got, `"MachinePartSet"`, `["PartId"]`, `PartName = "own_name"`)
	if told(list) != "notice DW185 the key is that of the F&O entity: PartId\n" {
		t.Error(told(list))
	}
}

func TestFilterThatCannotBeTranslatedStopsTheMap(t *testing.T) {
	document := strings.Replace(mapOf("Customers V3", "accounts", "3 CUSTOMERACCOUNT accountnumber"),
		`"fieldMappings"`, `"sourceFilter":"(CustTable.AccountNum == \"1\")","fieldMappings"`, 1)
	got, list := text(t, document, dualwrite.Options{})
	contains(t, got, `status    = "stopped"`, `# Not translated, the filter for F&O: (CustTable.AccountNum == "1")`)
	contains(t, told(list), "warning DW184")
}

func TestFilterTakesMembersOfEnums(t *testing.T) {
	document := strings.Replace(mapOf("CDS Contacts V2", "contacts", "3 CONTACTPERSONID msdyn_contactpersonid", "3 ASSOCIATEDCONTACTTYPE made_type"),
		`"fieldMappings"`, `"sourceFilter":"(ASSOCIATEDCONTACTTYPE = 1)","fieldMappings"`, 1)
	got, _ := text(t, document, dualwrite.Options{})
	contains(t, got, `fno = "AssociatedContactType eq 'Vendor'"`)
}

func TestEqualValueMapsAreShared(t *testing.T) {
	valued := func(entity, table, key string) string {
		return fmt.Sprintf(`{"legs":[{"sourceSchema":%q,"destinationSchema":%q,"fieldMappings":[
			{"syncDirection":3,"sourceField":%q,"destinationField":"made_key"},
			{"syncDirection":1,"sourceField":"KIND","destinationField":"made_kind","valueTransforms":[{"transformType":"ValueMap","valueMap":{"a":"1","b":"2","c":"3"}}]}]}]}`, entity, table, key)
	}
	files, _ := importAll(t, read(t, "maps.json", "["+valued("Made one", "made_ones", "ID")+","+valued("Made two", "made_twos", "ID")+"]").Records, dualwrite.Options{})
	cfg := load(t, files)
	if len(files) != 3 || len(cfg.Enums) != 1 || len(cfg.Enums[0].Values) != 3 {
		t.Errorf("%d files, enums %+v", len(files), cfg.Enums)
	}
	for _, m := range cfg.Maps {
		if m.Fields[1].Values != cfg.Enums[0] {
			t.Errorf("%s does not use the enum", m.Name)
		}
	}
}

func TestNewestVersion(t *testing.T) {
	record := func(version string) dualwrite.Record {
		return dualwrite.Record{Name: "msdyn_[a - B]", DisplayName: "a - B", Version: version}
	}
	got, list := dualwrite.Newest([]dualwrite.Record{record("1.0.0.9"), record("1.0.0.10"), record("1.0.0.2"), {Name: "other"}})
	if len(got) != 2 || got[0].Version != "1.0.0.10" || got[1].Name != "other" {
		t.Errorf("%+v", got)
	}
	if told(list) != "notice DW188 version 1.0.0.9 of the map is left out\nnotice DW188 version 1.0.0.2 of the map is left out\n" {
		t.Error(told(list))
	}
}

func TestNothingOfHostileNamesIsRun(t *testing.T) {
	for _, document := range []string{
		mapOf("Customers V3", `accounts"_{}`, "3 A b"),
		mapOf("Customers V3", "accounts"),
		mapOf("©®", "accounts", "3 A b"),
		strings.ReplaceAll(mapOf("Customers V3", "accounts", "3 A${x} b", "3 C d.(e)", "3 E f..g", "3 CUSTOMERACCOUNT accountnumber"), "x", `\u001b[31m\nline`),
	} {
		files, list := importAll(t, read(t, "map.json", document).Records, dualwrite.Options{})
		load(t, files)
		if len(list) == 0 {
			t.Errorf("nothing is told of %s", document)
		}
		for _, f := range files {
			if strings.ContainsAny(string(f.Text), "\x1b") {
				t.Errorf("control characters in %q", f.Text)
			}
		}
	}
}

// A value map without measure takes no more than its size.
func TestHugeValueMap(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"legs":[{"sourceSchema":"Made things","destinationSchema":"made_things","fieldMappings":[{"syncDirection":3,"sourceField":"A","destinationField":"b","valueTransforms":[{"transformType":"ValueMap","valueMap":{"x":"1"`)
	for i := range 5_000 {
		fmt.Fprintf(&b, `,"v%d":"%d"`, i, i+2)
	}
	b.WriteString("}}]}]}]}")
	files, _ := importAll(t, read(t, "map.json", b.String()).Records, dualwrite.Options{})
	cfg := load(t, files)
	if n := len(cfg.Maps[0].Fields[0].Values.Values); n != 5_001 {
		t.Errorf("%d values", n)
	}
}

func TestTooManyMaps(t *testing.T) {
	one := mapOf("Made things", "made_things", "3 A b")
	found, list := dualwrite.Read("maps.json", []byte("["+strings.Repeat(one+",", 5_001)+one+"]"))
	if len(found.Records) != 5_000 || told(list) != "error DW002 the file holds more than 5000 maps\n" {
		t.Errorf("%d maps\n%s", len(found.Records), told(list))
	}
}

// Maps of several publishers have names of their own and the same tables.
func TestMapsOfTheSameRecordsAreTold(t *testing.T) {
	same := mapOf("Customers V3", "accounts", "3 CUSTOMERACCOUNT accountnumber")
	for _, test := range []struct {
		second string
		want   bool
	}{
		{same, true},
		{strings.Replace(same, `"fieldMappings"`, `"reversedSourceFilter":"statecode eq 0","fieldMappings"`, 1), false},
		{mapOf("Customers V3", "contacts", "3 CUSTOMERACCOUNT accountnumber"), false},
	} {
		records := append(read(t, "a.json", same).Records, read(t, "b.json", test.second).Records...)
		records[0].Name, records[0].Version, records[1].Name = "msdyn_[a]", "1.0.0.5", "con_[a]"
		newest, _ := dualwrite.Newest(records)
		files, list := importAll(t, newest, dualwrite.Options{})
		if len(files) != 2 {
			t.Errorf("%d files", len(files))
		}
		if got := strings.Contains(told(list), "warning DW194"); got != test.want {
			t.Errorf("told %v, want %v:\n%s", got, test.want, told(list))
		}
	}
}
