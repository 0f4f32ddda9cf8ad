package report

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// TestPreflightSchema holds docs/preflight.schema.json against the types.
// DW_UPDATE=1 writes it anew.
func TestPreflightSchema(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "preflight.schema.json")
	want, err := json.MarshalIndent(PreflightSchema(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	if os.Getenv("DW_UPDATE") == "1" {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not up to date: DW_UPDATE=1 go test ./runtime/report", path)
	}
}
