package sandbox

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestIdentityStays: a program that runs beside the twins can sign in again
// when they come back; another folder is another identity, and so is one whose
// certificate is about to end.
func TestIdentityStays(t *testing.T) {
	o := options(t.TempDir())
	first, server, err := readKept(o)
	if err != nil {
		t.Fatal(err)
	}
	again, sameServer, err := readKept(o)
	if err != nil {
		t.Fatal(err)
	}
	if again.Tenant != first.Tenant || again.ClientSecret != first.ClientSecret || again.ControlKey != first.ControlKey ||
		string(server.Certificate[0]) != string(sameServer.Certificate[0]) {
		t.Error("the second start has another identity")
	}
	info, err := os.Stat(filepath.Join(o.Dir, identityFile))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("file mode %v, error %v", info.Mode(), err)
	}
	now := o.Now
	o.Now = func() time.Time { return now().AddDate(1, 0, 0) }
	if late, _, err := readKept(o); err != nil || late.ClientSecret == first.ClientSecret {
		t.Errorf("a certificate at its end is kept, error %v", err)
	}
	o.Now = now
	if err := os.WriteFile(filepath.Join(o.Dir, identityFile), []byte("{damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	if mended, _, err := readKept(o); err != nil || mended.ClientSecret == first.ClientSecret {
		t.Errorf("a damaged file: error %v", err)
	}
}
