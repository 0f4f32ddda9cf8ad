package generate

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"

	"github.com/google/uuid"
)

// random draws everything from one generator with a published algorithm, so
// that a seed means the same rows on every machine and with every Go version.
type random struct{ *rand.Rand }

func newRandom(seed uint64) random {
	return random{rand.New(rand.NewPCG(seed, 0x636f6e746f736f))}
}

// guid makes a version 4 GUID.
func (r random) guid() string {
	var id uuid.UUID
	binary.BigEndian.PutUint64(id[:8], r.Uint64())
	binary.BigEndian.PutUint64(id[8:], r.Uint64())
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return id.String()
}

// chance is true in percent of 100 cases.
func (r random) chance(percent int) bool { return r.IntN(100) < percent }

// one chooses an element.
func one[T any](r random, list []T) T { return list[r.IntN(len(list))] }

// digits makes n decimal digits, the first of them not 0.
func (r random) digits(n int) string {
	s := fmt.Sprint(1 + r.IntN(9))
	for len(s) < n {
		s += fmt.Sprint(r.IntN(10))
	}
	return s
}

// between gives a number from least to most, both included.
func (r random) between(least, most int) int { return least + r.IntN(most-least+1) }
