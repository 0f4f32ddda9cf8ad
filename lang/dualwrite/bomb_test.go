package dualwrite

import (
	"archive/zip"
	"bytes"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/diag"
)

// bomb packs blanks into customizations.xml and states another size of it.
func bomb(t *testing.T, size int, stated uint64) []byte {
	t.Helper()
	var packed bytes.Buffer
	inner := zip.NewWriter(&packed)
	w, err := inner.Create("x")
	if err == nil {
		_, err = w.Write([]byte(strings.Repeat(" ", size)))
	}
	if err == nil {
		err = inner.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(packed.Bytes()), int64(packed.Len()))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := z.File[0].OpenRaw()
	if err != nil {
		t.Fatal(err)
	}
	header := z.File[0].FileHeader
	header.Name, header.UncompressedSize64 = "customizations.xml", stated
	var out bytes.Buffer
	outer := zip.NewWriter(&out)
	w, err = outer.CreateRaw(&header)
	if err == nil {
		var content bytes.Buffer
		_, _ = content.ReadFrom(raw) // from memory
		_, err = w.Write(content.Bytes())
	}
	if err == nil {
		err = outer.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestZipBomb(t *testing.T) {
	for name, stated := range map[string]uint64{"honest": 100_000, "lying": 10, "without end": 1 << 60} {
		r := newReader()
		r.fileBytes = 50_000
		r.file("bomb.zip", bomb(t, 100_000, stated))
		if len(r.list) != 1 || r.list[0].Code != diag.CodeTooLarge && r.list[0].Code != diag.CodeUnreadable {
			t.Errorf("%s: %+v", name, r.list)
		}
		if name != "lying" && r.list[0].Code != diag.CodeTooLarge {
			t.Errorf("%s: %+v", name, r.list)
		}
	}
	r := newReader()
	r.fileBytes = 50_000
	if r.file("bomb.zip", bomb(t, 40_000, 40_000)); len(r.list) != 1 || r.list[0].Code == diag.CodeTooLarge {
		t.Errorf("one below the limit: %+v", r.list)
	}
}
