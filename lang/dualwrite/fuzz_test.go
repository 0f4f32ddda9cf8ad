package dualwrite_test

import (
	"os"
	"testing"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/dualwrite"
)

// taken imports what a hostile file holds: the files load, what they hold can
// be exported, and importing that again gives the same maps.
func taken(t *testing.T, content []byte) {
	if len(content) > 1<<16 {
		return // the fuzzer looks for forms, not for size
	}
	found, _ := dualwrite.Read("file", content)
	if len(found.Records) > 20 {
		return
	}
	newest, _ := dualwrite.Newest(found.Records)
	o := dualwrite.Options{Keys: found.Keys}
	files, list := importAll(t, newest, o)
	for _, d := range list {
		if d.Code == diag.CodeDamagedMap && d.Severity == diag.Error {
			t.Errorf("%s: %s", d.Summary, d.Detail)
		}
	}
	cfg := load(t, files)
	if t.Failed() {
		for _, f := range files {
			t.Logf("%s:\n%s", f.Name, f.Text)
		}
		return
	}
	out, _ := exportAll(t, cfg, o)
	for _, r := range out.Records {
		again := read(t, "map.json", string(r.JSON()))
		if len(again.Records) != 1 || string(again.Records[0].MappingJSON()) != string(r.MappingJSON()) {
			t.Errorf("%s is read as another map", r.JSON())
		}
	}
	if _, err := (dualwrite.Solution{UniqueName: "made", Version: "1.0.0.0", Prefix: "dw"}).Zip(out.Records); err != nil {
		t.Error(err)
	}
}

func FuzzJSON(f *testing.F) {
	b, err := os.ReadFile("testdata/machines.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(plainMap))
	f.Add([]byte(`{"legs":[{"sourceSchema":"CDS Parties","destinationSchema":"p","sourceFilter":"A == 1","fieldMappings":[{"syncDirection":"2","sourceField":"A","destinationField":"b.c","valueTransforms":[{"transformType":"ValueMap","valueMap":{"yes":"True","no":"1.5"," ":"-0"}}]}]}]}`))
	f.Fuzz(taken)
}

func FuzzXML(f *testing.F) {
	f.Add([]byte(customizations))
	f.Add([]byte(utf16Of(customizations)))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 0 && b[0] == '<' {
			taken(t, b)
		}
	})
}

func FuzzZip(f *testing.F) {
	out, _, err := dualwrite.Export(nil, "dw", dualwrite.Options{})
	if err != nil {
		f.Fatal(err)
	}
	zip, err := dualwrite.Solution{UniqueName: "made", Version: "1.0.0.0", Prefix: "dw"}.Zip(out.Records)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(zip)
	f.Fuzz(func(t *testing.T, b []byte) { taken(t, append([]byte("PK\x03\x04"), b[min(4, len(b)):]...)) })
}
