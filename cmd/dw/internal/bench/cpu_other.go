//go:build !linux

package bench

import "time"

// cpuOf is not known on this system while a process runs.
func cpuOf(int) (time.Duration, bool) { return 0, false }
