package dualwrite_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf16"

	"github.com/dualwrite/dw/lang/dualwrite"
)

const plainMap = `{"legs":[{"sourceSchema":"Customers V3","destinationSchema":"accounts","fieldMappings":[{"syncDirection":3,"sourceField":"CUSTOMERACCOUNT","destinationField":"accountnumber"}]}]}`

func utf16Of(s string) string {
	out := []byte{0xFF, 0xFE}
	for _, u := range utf16.Encode([]rune(s)) {
		out = binary.LittleEndian.AppendUint16(out, u)
	}
	return string(out)
}

func zipOf(t *testing.T, files map[string]string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range files {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const customizations = `<?xml version="1.0" encoding="utf-8"?>
<ImportExportXml><Entities /><msdyn_dualwriteentitymaps>
<msdyn_dualwriteentitymap msdyn_dualwriteentitymapid="1"><msdyn_name>msdyn_[accounts - Customers V3]</msdyn_name>
<msdyn_version>1.0.0.4</msdyn_version><msdyn_mapping>` + plainMap + `</msdyn_mapping><msdyn_properties>{"Description":"x &amp; y"</msdyn_properties></msdyn_dualwriteentitymap>
</msdyn_dualwriteentitymaps></ImportExportXml>`

// All forms in which a map comes give the same map.
func TestFormsOfAMap(t *testing.T) {
	quoted := strings.ReplaceAll(plainMap, `"`, `\"`)
	forms := map[string]string{
		"a mapping":         plainMap,
		"a mark":            "\xEF\xBB\xBF" + plainMap,
		"UTF-16":            utf16Of(plainMap),
		"rubbish behind":    plainMap + "\n} ]",
		"capitals":          strings.NewReplacer("legs", "Legs", "sourceSchema", "SourceSchema", "destinationSchema", "DestinationSchema", "fieldMappings", "FieldMappings", "syncDirection", "SyncDirection", "sourceField", "SourceField", "destinationField", "DestinationField").Replace(plainMap),
		"direction as text": strings.Replace(plainMap, ":3,", `:"3",`, 1),
		"a record":          `{"msdyn_name":"msdyn_[accounts - Customers V3]","msdyn_mapping":` + plainMap + `}`,
		"a record of text":  `{"msdyn_name":"msdyn_[accounts - Customers V3]","msdyn_mapping":"` + quoted + `","msdyn_properties":"{bad"}`,
		"short names":       `{"name":"msdyn_[accounts - Customers V3]","mapping":` + plainMap + `}`,
		"the Web API":       `{"@odata.context":"x","value":[{"msdyn_name":"n","msdyn_mapping":"` + quoted + `"}]}`,
		"a project":         `{"EntityMappingTasks":[` + plainMap + `]}`,
		"a list":            `[` + plainMap + `]`,
		"customizations":    customizations,
		"XML in UTF-16":     utf16Of(strings.Replace(customizations, "utf-8", "utf-16", 1)),
		"a solution":        zipOf(t, map[string]string{"solution.xml": "<x/>", "customizations.xml": customizations}),
		"a zip of files":    zipOf(t, map[string]string{"a/map.json": plainMap}),
	}
	for name, form := range forms {
		found, list := dualwrite.Read("file", []byte(form))
		if list.HasErrors() {
			t.Errorf("%s: %s", name, told(list))
		}
		if len(found.Records) != 1 {
			t.Errorf("%s: %d maps", name, len(found.Records))
			continue
		}
		m := found.Records[0].Mapping
		if m.Entity != "Customers V3" || m.Table != "accounts" || len(m.Fields) != 1 || m.Fields[0].FnO != "CUSTOMERACCOUNT" || m.Fields[0].Direction != "both" {
			t.Errorf("%s: %+v", name, m)
		}
		if !strings.HasPrefix(found.Records[0].Source, "file") {
			t.Errorf("%s: source %q", name, found.Records[0].Source)
		}
	}
}

func TestWhatIsNoMapIsAnError(t *testing.T) {
	for name, form := range map[string]string{
		"nothing": "", "JSON of others": `{"a":1}`, "a number": "7", "cut off": plainMap[:60], "XML of others": "<a><b/></a>",
		"broken XML": "<a><b></a>", "an empty zip": zipOf(t, nil), "a broken zip": "PK\x03\x04rubbish", "no legs": `{"msdyn_mapping":{}}`,
		"no sides": `{"legs":[{}]}`, "a zip in a zip": zipOf(t, map[string]string{"a.json": zipOf(t, map[string]string{"b.json": plainMap})}),
		"nested": strings.Repeat("[", 100_000), "nested XML": strings.Repeat("<a>", 20_000), "mapping no JSON": `{"msdyn_mapping":"{"}`,
	} {
		found, list := dualwrite.Read("file", []byte(form))
		if !list.HasErrors() || len(found.Records) > 0 {
			t.Errorf("%s: %d maps\n%s", name, len(found.Records), told(list))
		}
		for _, d := range list {
			if d.Subject.File == "" || d.Summary == "" {
				t.Errorf("%s: %+v", name, d)
			}
		}
	}
}

func TestFolder(t *testing.T) {
	found, list := dualwrite.ReadFolder("maps", fstest.MapFS{
		"a.json":                {Data: []byte(plainMap)},
		"deep/b.zip":            {Data: []byte(zipOf(t, map[string]string{"customizations.xml": customizations}))},
		"integration-keys.json": {Data: []byte(`{"integrationKeys":{"Accounts":["AccountNumber"],"none":[],"odd":3}}`)},
		"dw.schema.json":        {Data: []byte(`{"fno":[]}`)},
		"broken.json":           {Data: []byte(`{`)},
		"notes.txt":             {Data: []byte("no map")},
		".git/c.json":           {Data: []byte(plainMap)},
	})
	if len(found.Records) != 2 || found.Records[0].Source != "maps/a.json" || found.Records[1].Source != "maps/deep/b.zip!customizations.xml" {
		t.Errorf("%+v", found.Records)
	}
	if len(found.Keys) != 1 || len(found.Keys["accounts"]) != 1 || found.Keys["accounts"][0] != "accountnumber" {
		t.Errorf("%+v", found.Keys)
	}
	if got := told(list); got != "error DW180 maps/broken.json is no JSON\nnotice DW181 the properties of the map are damaged\nnotice DW180 maps/dw.schema.json holds no dual-write map\n" {
		t.Error(got)
	}
}
