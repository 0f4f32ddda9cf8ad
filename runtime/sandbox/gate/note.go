package gate

import (
	"context"
	"sync"
)

// Operations of a Write.
const (
	OpCreate = "create"
	OpUpdate = "update"
	OpDelete = "delete"
)

// Write is one row that a request wrote.
type Write struct {
	Op    string `json:"op"`
	Table string `json:"table"` // entity set
	ID    string `json:"id"`    // guid, or the key predicate of an F&O row
}

// Part is one operation of a $batch.
type Part struct {
	Method string `json:"method"`
	URL    string `json:"url"`
	Status int    `json:"status"`
}

// Notes is what a handler reports about the request that it serves. A nil
// *Notes takes every report and keeps none.
type Notes struct {
	mu     sync.Mutex
	rows   int
	writes []Write
	parts  []Part
}

type notesKey struct{}

func withNotes(ctx context.Context, n *Notes) context.Context {
	return context.WithValue(ctx, notesKey{}, n)
}

// Note returns the notes of the request that ctx belongs to, nil outside a
// gate.
func Note(ctx context.Context) *Notes {
	n, _ := ctx.Value(notesKey{}).(*Notes)
	return n
}

// AddRows reports that n rows were read or written; the latency per row is
// computed from it.
func (n *Notes) AddRows(count int) {
	if n == nil {
		return
	}
	n.mu.Lock()
	n.rows += count
	n.mu.Unlock()
}

// AddWrites reports rows that are committed. Rows of a change set are reported
// when it commits, not before. It does not count rows: see AddRows.
func (n *Notes) AddWrites(writes ...Write) {
	if n == nil {
		return
	}
	n.mu.Lock()
	n.writes = append(n.writes, writes...)
	n.mu.Unlock()
}

// AddPart reports one operation of a $batch.
func (n *Notes) AddPart(p Part) {
	if n == nil {
		return
	}
	n.mu.Lock()
	n.parts = append(n.parts, p)
	n.mu.Unlock()
}

func (n *Notes) count() (rows, writes int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.rows, len(n.writes)
}

func (n *Notes) take() (int, []Write, []Part) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.rows, n.writes, n.parts
}
