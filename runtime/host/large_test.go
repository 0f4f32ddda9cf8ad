package host_test

import (
	"bytes"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/dualwrite/dw/runtime/host"
)

// TestLargePages: what the heap hands out afterwards lies in memory that is
// marked, and what was reserved is not in use.
func TestLargePages(t *testing.T) {
	host.LargePages(64 << 20)
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	if m.HeapInuse > 32<<20 {
		t.Errorf("%d MB of the heap are in use", m.HeapInuse>>20)
	}
	maps, err := os.ReadFile("/proc/self/smaps")
	size, _ := os.ReadFile("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size")
	if runtime.GOARCH != "amd64" || err != nil || strings.TrimSpace(string(size)) != "2097152" {
		t.Skip("the system has no large pages")
	}
	marked := 0
	for line := range bytes.Lines(maps) {
		if bytes.HasPrefix(line, []byte("VmFlags:")) && bytes.Contains(line, []byte(" hg")) {
			marked++
		}
	}
	if marked == 0 {
		t.Error("no memory is marked")
	}
	// The heap still works, and zeroes what it hands out.
	for range 40 {
		b := make([]byte, 1<<20)
		if bytes.IndexByte(b, 1) >= 0 {
			t.Fatal("memory that is not empty")
		}
		for i := range b {
			b[i] = 1
		}
	}
}
