package capture

import "slices"

// CheckSet holds a set to what a list of numbers says.
func CheckSet(fail func(string, ...any), numbers []int64, probe int64) {
	s := set{}
	for _, n := range numbers {
		s.add(n)
	}
	for _, n := range numbers {
		if !s.has(n) {
			fail("%d was added and is not there", n)
		}
	}
	if s.has(probe) != slices.Contains(numbers, probe) {
		fail("%d is there: %v", probe, s.has(probe))
	}
}
