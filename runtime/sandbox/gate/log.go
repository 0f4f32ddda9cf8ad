package gate

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"
)

// Entry is one request in the log. Headers and bodies are not kept, so that no
// secret gets there.
type Entry struct {
	Number       int       `json:"n"` // from 1
	Time         time.Time `json:"time"`
	Twin         string    `json:"twin"`
	Method       string    `json:"method"`
	URL          string    `json:"url"`
	Status       int       `json:"status"` // 0: the connection was cut
	Token        bool      `json:"token"`  // a bearer token was sent
	Rows         int       `json:"rows"`   // read or written
	Milliseconds float64   `json:"ms"`
	Cut          string    `json:"cut,omitempty"` // "before" or "after" the request was carried out
	Writes       []Write   `json:"writes,omitempty"`
	Batch        []Part    `json:"batch,omitempty"`
}

// Log keeps the requests of one or several gates. It is safe for concurrent
// use.
type Log struct {
	mu      sync.Mutex
	count   int
	entries []Entry // empty where there is a file: twins may be served for days
	file    *os.File
	err     error
}

// NewLog makes a log that appends JSON lines to the file at path; "" keeps the
// entries in memory.
func NewLog(path string) (*Log, error) {
	l := &Log{}
	if path == "" {
		return l, nil
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the request log: %w", err)
	}
	l.file = f
	return l, nil
}

// Entries returns a copy of the entries of a log in memory so far, in the order
// in which the requests ended. A log in a file has none.
func (l *Log) Entries() []Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.entries)
}

// Close closes the file and returns the first error of writing to it.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file != nil {
		if err := l.file.Close(); l.err == nil {
			l.err = err
		}
		l.file = nil
	}
	return l.err
}

func (l *Log) add(e Entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count++
	e.Number = l.count
	if l.file == nil {
		l.entries = append(l.entries, e)
		return
	}
	line, err := json.Marshal(e)
	if err == nil {
		_, err = l.file.Write(append(line, '\n'))
	}
	if err != nil && l.err == nil {
		l.err = fmt.Errorf("writing the request log: %w", err)
	}
}
