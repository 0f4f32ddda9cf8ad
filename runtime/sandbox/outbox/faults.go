package outbox

import (
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
)

// Faults disturb the messages of every endpoint, each with a probability of its
// own between 0 and 1. Which messages they hit depends on the seed, on which
// endpoint it is in the order of their first messages, and on the order in which
// its messages came, on nothing else. The share of messages is met with any seed:
// of ten in a row with a probability of 0.1, one.
type Faults struct {
	Drop    float64 `json:"drop"`    // never sent
	Repeat  float64 `json:"repeat"`  // sent twice
	Reorder float64 `json:"reorder"` // sent after the next one; never, where none follows
	Seed    uint64  `json:"seed"`
}

// Check returns an error where a probability is none.
func (f Faults) Check() error {
	for _, p := range []float64{f.Drop, f.Repeat, f.Reorder} {
		if !(p >= 0 && p <= 1) { // not a number included
			return errors.New("drop, repeat and reorder must be probabilities between 0 and 1")
		}
	}
	return nil
}

// Counts is what became of messages.
type Counts struct {
	Sent      int `json:"sent"` // posts that the endpoint took, repetitions included
	Failed    int `json:"failed"`
	Dropped   int `json:"dropped"`
	Repeated  int `json:"repeated"`
	Reordered int `json:"reordered"`
}

// disturb gives what of a message is to be queued now, after the faults.
func (q *queue) disturb(f Faults, m Message, c *Counts) []Message {
	if f.Drop == 0 && f.Repeat == 0 && f.Reorder == 0 {
		return []Message{m}
	}
	if q.draws == nil {
		q.draws = &draws{
			drop:    newDraw(f.Drop, f.Seed, q.name, "drop"),
			repeat:  newDraw(f.Repeat, f.Seed, q.name, "repeat"),
			reorder: newDraw(f.Reorder, f.Seed, q.name, "reorder"),
		}
	}
	// Each draws for every message, so that one fault does not move another.
	drop, repeat, reorder := q.draws.drop.next(), q.draws.repeat.next(), q.draws.reorder.next()
	now := []Message{m}
	switch {
	case drop:
		c.Dropped++
		now = nil
	case repeat:
		c.Repeated++
		now = append(now, m)
	}
	if reorder && !drop && len(q.held) == 0 {
		c.Reordered++
		q.held = now
		return nil
	}
	if len(now) > 0 && len(q.held) > 0 {
		now = append(now, q.held...)
		q.held = nil
	}
	return now
}

// draws are those of the messages of one endpoint.
type draws struct{ drop, repeat, reorder *draw }

// draw picks one message out of each part of a row of messages; the parts are as
// long as the share asks for.
type draw struct {
	share  float64 // of messages
	random *rand.Rand
	parts  int // that were begun
	number int // of the next message
	pick   int // of this part
	end    int // of it: the first message of the next
}

// mostInPart bounds a part, for shares near nothing.
const mostInPart = 1 << 40

func newDraw(share float64, seed uint64, endpoint, fault string) *draw {
	h := fnv.New64a()
	fmt.Fprint(h, endpoint, " ", fault) // it never fails
	return &draw{share: share, random: rand.New(rand.NewPCG(seed, h.Sum64()))}
}

// next tells whether the next message is picked.
func (d *draw) next() bool {
	if d.share == 0 {
		return false
	}
	if d.number == d.end {
		d.parts++
		begin := d.end
		d.end = max(begin+1, int(min(math.Ceil(float64(d.parts)/d.share), float64(begin)+mostInPart)))
		d.pick = begin + d.random.IntN(d.end-begin)
	}
	d.number++
	return d.number-1 == d.pick
}
