package dualwrite_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"hash/crc32"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/dualwrite"
)

// packed makes a zip; change may spoil the headers of its files.
func packed(t *testing.T, names []string, content string, change func(*zip.FileHeader)) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, name := range names {
		h := &zip.FileHeader{Name: name, Method: zip.Store, CRC32: crc32.ChecksumIEEE([]byte(content)), CompressedSize64: uint64(len(content)), UncompressedSize64: uint64(len(content))}
		if change != nil {
			change(h)
		}
		w, err := z.CreateRaw(h)
		if err == nil {
			_, err = w.Write([]byte(content))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestHostileZip: a zip is read into memory as far as it holds maps, whatever
// it calls its files, and what cannot be read is told.
func TestHostileZip(t *testing.T) {
	many := make([]string, 10_001)
	for i := range many {
		many[i] = fmt.Sprintf("m%d.json", i)
	}
	inner := packed(t, []string{"customizations.xml"}, customizations, nil)
	for name, c := range map[string]struct {
		content []byte
		maps    int
		codes   []string // all that are told
		says    string
	}{
		"plain":         {packed(t, []string{"customizations.xml"}, customizations, nil), 1, nil, ""},
		"up and away":   {packed(t, []string{"../../../../etc/customizations.xml"}, customizations, nil), 1, nil, ""},
		"absolute":      {packed(t, []string{"/etc/customizations.xml"}, customizations, nil), 1, nil, ""},
		"of Windows":    {packed(t, []string{`C:\x\..\map.json`}, plainMap, nil), 1, nil, ""},
		"escapes":       {packed(t, []string{"\x1b[2J/customizations.xml"}, customizations, nil), 1, nil, ""},
		"twice":         {packed(t, []string{"customizations.xml", "customizations.xml"}, customizations, nil), 2, nil, ""},
		"checksum":      {packed(t, []string{"customizations.xml"}, customizations, func(h *zip.FileHeader) { h.CRC32++ }), 0, []string{diag.CodeUnreadable, diag.CodeNoDualWriteMap}, "checksum"},
		"encrypted":     {packed(t, []string{"customizations.xml"}, customizations, func(h *zip.FileHeader) { h.Flags |= 1 }), 0, []string{diag.CodeUnreadable, diag.CodeNoDualWriteMap}, "password"},
		"other packing": {packed(t, []string{"customizations.xml"}, customizations, func(h *zip.FileHeader) { h.Method = 99 }), 0, []string{diag.CodeUnreadable, diag.CodeNoDualWriteMap}, "unsupported"},
		"lying short":   {packed(t, []string{"customizations.xml"}, customizations, func(h *zip.FileHeader) { h.UncompressedSize64 = 10 }), 0, []string{diag.CodeUnreadable, diag.CodeNoDualWriteMap}, ""},
		"many":          {packed(t, many, "{}", nil), 0, []string{diag.CodeTooLarge, diag.CodeNoDualWriteMap}, "more than 10000 files"},
		"zip in a zip":  {packed(t, []string{"customizations.xml"}, string(inner), nil), 0, []string{diag.CodeUnreadable}, "a zip inside"},
		"folder":        {packed(t, []string{"customizations.xml/"}, "", nil), 0, []string{diag.CodeNoDualWriteMap}, ""},
		"empty":         {packed(t, nil, "", nil), 0, []string{diag.CodeNoDualWriteMap}, ""},
		"cut off":       {inner[:len(inner)-30], 0, []string{diag.CodeUnreadable, diag.CodeNoDualWriteMap}, ""},
		"beginning":     {[]byte("PK\x03\x04"), 0, []string{diag.CodeUnreadable, diag.CodeNoDualWriteMap}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			found, list := dualwrite.Read("a.zip", c.content)
			list = slices.DeleteFunc(list, func(d diag.Diagnostic) bool { return d.Severity == diag.Notice }) // about the map
			if len(found.Records) != c.maps {
				t.Errorf("%d maps, not %d: %v", len(found.Records), c.maps, list)
			}
			said := ""
			for _, d := range list {
				said += d.Summary + " " + d.Detail + "\n"
				if !slices.Contains(c.codes, d.Code) {
					t.Errorf("%+v", d)
				}
			}
			if (len(list) == 0) != (len(c.codes) == 0) || !strings.Contains(said, c.says) {
				t.Errorf("it is told: %q", said)
			}
		})
	}
}

// TestHostileNames: whatever a map is called, its file lies in the folder that
// was asked for.
func TestHostileNames(t *testing.T) {
	for _, name := range []string{"../../../etc/passwd", "/etc/passwd", `..\..\x`, "a\x00b", "\x1b[2J", "CON", ".", "..", "", " ", strings.Repeat("x", 10_000), "\u202egnp.exe", "a/b", "-rf"} {
		found, _ := dualwrite.Read(name, []byte(plainMap))
		if len(found.Records) == 0 {
			t.Fatalf("%q: no map", name)
		}
		for i := range found.Records {
			found.Records[i].Name, found.Records[i].DisplayName = name, name
		}
		files, _, err := dualwrite.Import(found.Records, dualwrite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if f.Name != path.Base(f.Name) || strings.ContainsAny(f.Name, "\\\x00\x1b/") || strings.HasPrefix(f.Name, ".") || strings.HasPrefix(f.Name, "-") || len(f.Name) > 120 {
				t.Errorf("%.40q becomes the file %.300q", name, f.Name)
			}
		}
	}
}
