//go:build !(linux && amd64)

package host

// LargePages does nothing here: see the one for Linux.
func LargePages(int64) {}
