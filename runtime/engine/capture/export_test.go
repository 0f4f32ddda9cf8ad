package capture

import "slices"

// CheckSet holds a set to what a list of numbers says.
func CheckSet(fail func(string, ...any), numbers []int64, probe int64) {
	s := Set{}
	for _, n := range numbers {
		s.Add(n)
	}
	for _, n := range numbers {
		if !s.Has(n) {
			fail("%d was added and is not there", n)
		}
	}
	if s.Has(probe) != slices.Contains(numbers, probe) {
		fail("%d is there: %v", probe, s.Has(probe))
	}
}
