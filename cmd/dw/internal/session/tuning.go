package session

import (
	"fmt"
	"strconv"
	"time"
)

// Sizes of the engine's steps, for unusual machines and services. The defaults
// are right nearly everywhere; docs/environment.md lists the variables.
const (
	pageSizeVariable  = "DW_PAGE_SIZE"
	batchSizeVariable = "DW_BATCH_SIZE"
	pollVariable      = "DW_POLL"
	scanVariable      = "DW_SCAN"
)

// The limits of an interval: below, a service would be asked for nothing else.
const (
	leastInterval = 50 * time.Millisecond
	mostInterval  = 24 * time.Hour
)

// pageSize is how many rows a read asks for at once; 0 is the default.
func (s *Session) pageSize() int { return s.size(pageSizeVariable) }

// batchSize is how many records are merged and stored as one step; 0 is the
// default.
func (s *Session) batchSize() int { return s.size(batchSizeVariable) }

func (s *Session) size(name string) int {
	text := s.Host.Getenv(name)
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err == nil && n >= 1 && n <= 5000 {
		return n
	}
	s.ignore(name, text, "a number from 1 to 5000")
	return 0
}

// interval is how often dw run looks for something; 0 is the default.
func (s *Session) interval(name string) time.Duration {
	text := s.Host.Getenv(name)
	if text == "" {
		return 0
	}
	d, err := time.ParseDuration(text)
	if err == nil && d >= leastInterval && d <= mostInterval {
		return d
	}
	s.ignore(name, text, "a time such as 500ms or 30s, from 50ms to 24h")
	return 0
}

// ignore says once, however often it is asked for, that a variable makes no
// sense.
func (s *Session) ignore(name, text, wanted string) {
	if s.ignored[name] {
		return
	}
	fmt.Fprintf(s.Host.Err, "Ignored: %s=%q is not %s.\n", name, text, wanted)
	if s.ignored == nil {
		s.ignored = map[string]bool{}
	}
	s.ignored[name] = true
}
