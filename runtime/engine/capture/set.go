package capture

// chunk is a run of numbers of a Set, one bit each.
type chunk [1024]uint64

const chunkBits = 16 // of a number, within a chunk

// Set holds the numbers of pairs that a scan has seen. Numbers of a store lie
// close together, so that a million of them take well below a megabyte.
type Set map[int64]*chunk

// Add puts a number into the set.
func (s Set) Add(n int64) {
	c := s[n>>chunkBits]
	if c == nil {
		c = new(chunk)
		s[n>>chunkBits] = c
	}
	at := n & (1<<chunkBits - 1)
	c[at/64] |= 1 << (at % 64)
}

// Has tells whether a number is in the set.
func (s Set) Has(n int64) bool {
	c := s[n>>chunkBits]
	at := n & (1<<chunkBits - 1)
	return c != nil && c[at/64]&(1<<(at%64)) != 0
}
