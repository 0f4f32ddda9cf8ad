package outbox

import (
	"errors"
	"math/rand/v2"
)

// Faults disturb the messages of every endpoint, each with a probability of its
// own between 0 and 1. Which messages they hit depends on the seed and on the
// order in which an endpoint's messages came, on nothing else.
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
	if q.random == nil {
		q.random = rand.New(rand.NewPCG(f.Seed, 0x9e3779b97f4a7c15))
	}
	// Three numbers for each message, so that one fault does not move another.
	drop, repeat, reorder := q.random.Float64() < f.Drop, q.random.Float64() < f.Repeat, q.random.Float64() < f.Reorder
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
