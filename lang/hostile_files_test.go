//go:build unix

package lang

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/dualwrite/dw/lang/diag"
)

// TestSpecialFiles: what is named like a file of the configuration but is none
// is told, and never waited for.
func TestSpecialFiles(t *testing.T) {
	for name, c := range map[string]struct {
		make   func(path string) error
		detail string // "" where the folder loads
	}{
		"pipe":             {func(p string) error { return syscall.Mkfifo(p, 0o600) }, "pipe"},
		"link to a pipe":   {func(p string) error { return os.Symlink("p", p) }, "pipe"},
		"link to a device": {func(p string) error { return os.Symlink("/dev/zero", p) }, "device"},
		"dangling link":    {func(p string) error { return os.Symlink("nothing", p) }, "no such file"},
		"ring of links":    {func(p string) error { return os.Symlink(filepath.Base(p), p) }, "symbolic links"},
		"link to a folder": {func(p string) error { return os.Symlink(".", p) }, "folder"},
		"folder":           {func(p string) error { return os.Mkdir(p, 0o700) }, ""},
		"empty":            {func(p string) error { return os.WriteFile(p, nil, 0o600) }, ""},
		"link to a file":   {func(p string) error { return os.Symlink("a.dw.hcl", p) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "a.dw.hcl"), []byte("# nothing\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := syscall.Mkfifo(filepath.Join(dir, "p"), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := c.make(filepath.Join(dir, "x.dw.hcl")); err != nil {
				t.Fatal(err)
			}
			_, list := Load(os.DirFS(dir), Options{})
			switch {
			case c.detail == "" && len(list) > 0:
				t.Error(list)
			case c.detail != "" && (len(list) != 1 || list[0].Code != diag.CodeUnreadable || !strings.Contains(list[0].Detail, c.detail)):
				t.Error(list)
			}
		})
	}
}
