package capture

// chunk is a run of numbers of a set, one bit each.
type chunk [1024]uint64

const chunkBits = 16 // of a number, within a chunk

// set holds the numbers of pairs that a scan has seen. Numbers of a store lie
// close together, so that a million of them take well below a megabyte.
type set map[int64]*chunk

func (s set) add(n int64) {
	c := s[n>>chunkBits]
	if c == nil {
		c = new(chunk)
		s[n>>chunkBits] = c
	}
	at := n & (1<<chunkBits - 1)
	c[at/64] |= 1 << (at % 64)
}

func (s set) has(n int64) bool {
	c := s[n>>chunkBits]
	at := n & (1<<chunkBits - 1)
	return c != nil && c[at/64]&(1<<(at%64)) != 0
}
