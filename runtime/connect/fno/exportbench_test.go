package fno

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkExportedFile reads records of which most columns are not wanted.
func BenchmarkExportedFile(b *testing.B) {
	const rows, unwanted = 1000, 150
	var text strings.Builder
	text.WriteString(kindColumns)
	for i := range unwanted {
		fmt.Fprintf(&text, ",COLUMN%d", i)
	}
	text.WriteString("\r\n")
	for i := range rows {
		fmt.Fprintf(&text, "12.50,2026-03-01 00:00:00,true,US-%06d,Person,2026-03-01 08:30:00,%d,%s%s\r\n", i, i, emptyGuid, strings.Repeat(`,"some text, more"`, unwanted))
	}
	content := zipOf(b, manifestFile, plainManifest(), "Kinds.csv", text.String())
	b.ReportAllocs()
	for b.Loop() {
		f, err := openKinds(b, content)
		if err != nil {
			b.Fatal(err)
		}
		if got, err := f.Next(rows); err != nil || len(got) != rows {
			b.Fatal(len(got), err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*rows), "ns/record")
}
