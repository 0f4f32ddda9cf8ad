package dualwrite_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/dualwrite"
)

// documented is a map as a collection of documented maps describes it.
type documented struct {
	File      string `json:"file"`
	Entity    string `json:"fo_entity"`
	Table     string `json:"dataverse_table"`
	FnO       string `json:"fo_filter"`
	Dataverse string `json:"dataverse_filter"`
	Fields    []struct {
		FnO       string          `json:"fo"`
		Direction string          `json:"direction"`
		Column    string          `json:"dataverse"`
		Values    json.RawMessage `json:"value_map"`
		Default   *string         `json:"default"`
		Related   string          `json:"lookup_table"`
		Raw       string          `json:"transform_raw"`
	} `json:"fields"`
}

// text gives the map as dual-write stores it.
func (m documented) text() string {
	directions := map[string]int{"to_dataverse": 1, "to_fno": 2, "both": 3}
	type object = map[string]any
	var fields []any
	for _, f := range m.Fields {
		x := object{"syncDirection": directions[f.Direction], "sourceField": f.FnO, "destinationField": f.Column}
		if f.Related != "" {
			x["destinationLookupFieldRelatedEntity"] = f.Related
		}
		switch {
		case len(f.Values) > 0:
			x["valueTransforms"] = []any{object{"transformType": "ValueMap", "valueMap": f.Values}}
		case f.Default != nil:
			x["valueTransforms"] = []any{object{"transformType": "Default", "defaultValue": *f.Default}}
		case f.Raw != "":
			x["valueTransforms"] = []any{object{"transformType": "Unclear", "text": f.Raw}}
		}
		fields = append(fields, x)
	}
	leg := object{"sourceSchema": m.Entity, "destinationSchema": m.Table, "sourceFilter": m.FnO, "reversedSourceFilter": m.Dataverse, "fieldMappings": fields}
	title := m.Table + " - " + m.Entity
	b, err := json.Marshal(object{"name": "msdyn_[" + title + "]", "displayname": title, "version": "1.0.0.0", "mapping": object{"legs": []any{leg}}})
	if err != nil {
		panic(err)
	}
	return string(b)
}

// TestShippedMaps tries Microsoft's maps, which are not part of this project:
// DW_DUALWRITE_MAPS names a folder with solution-json/*.json, records as
// dual-write stores them, and maps.json, a collection of documented maps.
func TestShippedMaps(t *testing.T) {
	dir := os.Getenv("DW_DUALWRITE_MAPS")
	if dir == "" {
		t.Skip("DW_DUALWRITE_MAPS names no folder")
	}
	found, list := dualwrite.ReadFolder("", os.DirFS(filepath.Join(dir, "solution-json")))
	for _, d := range list {
		if d.Severity == diag.Error {
			t.Errorf("%s %s %s", d.Code, d.Summary, d.Detail)
		}
	}
	if len(found.Records) < 13 {
		t.Errorf("%d maps found", len(found.Records))
	}
	fixedPoint(t, found.Records, dualwrite.Options{}, bothWays[:]...)
	b, err := os.ReadFile(filepath.Join(dir, "maps.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all []documented
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	var records []dualwrite.Record
	for _, m := range all {
		if m.Table == "" {
			continue // the documentation does not name it
		}
		found := read(t, m.File, m.text())
		fixedPoint(t, found.Records, dualwrite.Options{}, bothWays[:]...)
		records = append(records, found.Records...)
	}
	newest, _ := dualwrite.Newest(records)
	files := fixedPoint(t, newest, dualwrite.Options{}, bothWays[:]...)
	_, list = importAll(t, newest, dualwrite.Options{})
	for _, d := range list {
		t.Logf("%s %s %s: %s %s", d.Severity, d.Code, d.Address, d.Summary, d.Detail)
	}
	t.Logf("%d maps read, %d files", len(records), len(files))
	if out := os.Getenv("DW_DUALWRITE_OUT"); out != "" {
		for _, f := range files {
			if err := os.WriteFile(filepath.Join(out, f.Name), f.Text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}
