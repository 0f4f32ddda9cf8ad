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
	theCopy := o
	theCopy.Dir = t.TempDir()
	if err := os.CopyFS(theCopy.Dir, os.DirFS(o.Dir)); err != nil {
		t.Fatal(err)
	}
	if other, _, err := readKept(theCopy); err != nil || other.ControlKey == first.ControlKey || other.ClientSecret == first.ClientSecret {
		t.Errorf("a copy of the folder has the same identity, error %v", err)
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

// TestCopiesHavePortsOfTheirOwn: twins of a copied folder do not take the place
// of those that it was copied from.
func TestCopiesHavePortsOfTheirOwn(t *testing.T) {
	path := filepath.Join(t.TempDir(), listenFile)
	if err := os.WriteFile(path, []byte(`{"folder":"/a","fno":"4711"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if ports := readLastPorts(path, "/a"); ports["fno"] != "4711" {
		t.Errorf("ports of the folder itself: %v", ports)
	}
	if ports := readLastPorts(path, "/b"); len(ports) > 0 {
		t.Errorf("ports of a copy: %v", ports)
	}
}
