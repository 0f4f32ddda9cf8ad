//go:build linux && amd64

package host

import (
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"unsafe"
)

const (
	largePage   = 2 << 20
	madvLarge   = 14      // MADV_HUGEPAGE of madvise(2)
	leastLarge  = 8 << 20 // below it a command is over before it gains anything
	mostLarge   = 1 << 30
	collectAt   = 150 // per cent of what is in use
	unlimitedAS = ^uint64(0)
	largeSize   = "/sys/kernel/mm/transparent_hugepage/hpage_pmd_size"
)

// LargePages prepares for a command that is going to need about so many bytes
// of memory and then ends. The system hands memory out page by page, which in a
// virtual machine takes longer than filling the page; asked for pages of 2 MB it
// does so five hundred times less often. Go's heap does not ask by itself, since
// a program that runs for days would keep more than it uses. So a piece of the
// heap is reserved, marked, and given back to the heap, which fills it first.
// What is never touched takes no memory. It does nothing where the system has no
// such pages or bounds the addresses of the process.
func LargePages(bytes int64) {
	size := min(bytes, mostLarge)
	if size < leastLarge {
		return
	}
	if text, err := os.ReadFile(largeSize); err != nil || strings.TrimSpace(string(text)) != "2097152" {
		return
	}
	var bound syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_AS, &bound); err != nil || bound.Cur != unlimitedAS {
		return
	}
	markLarge(size)
	runtime.GC() // gives the piece back to the heap
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt) // fresh memory costs less than looking for what is free
	}
}

//go:noinline
func markLarge(size int64) {
	piece := make([]byte, size)
	skip := -uintptr(unsafe.Pointer(unsafe.SliceData(piece))) % largePage
	if whole := (uintptr(size) - skip) / largePage * largePage; skip < uintptr(size) && whole > 0 {
		_ = syscall.Madvise(piece[skip:skip+whole], madvLarge) // a wish: without it all is as before
	}
}
