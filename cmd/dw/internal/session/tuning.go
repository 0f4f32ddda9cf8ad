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
	compareVariable   = "DW_COMPARE"
	bulkVariable      = "DW_BULK"
)

// off switches something off that is asked for from time to time.
const off = "off"

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

// compareEvery is in what time dw run compares the contents of all records; 0 is
// the default, negative never.
func (s *Session) compareEvery() time.Duration {
	text := s.Host.Getenv(compareVariable)
	if text == off {
		return -1
	}
	d, err := time.ParseDuration(text)
	if text == "" || err == nil && d >= leastCompare && d <= mostCompare {
		return d
	}
	s.ignore(compareVariable, text, "off or a time such as 30m or 24h, from 1s to 744h")
	return 0
}

// The limits of the time in which all contents are compared.
const (
	leastCompare = time.Second
	mostCompare  = 31 * 24 * time.Hour
)

// bulkFrom is how many records of a map must wait for dw run to take the bulk
// path; 0 is the default, negative never.
func (s *Session) bulkFrom() int {
	text := s.Host.Getenv(bulkVariable)
	if text == off {
		return -1
	}
	n, err := strconv.Atoi(text)
	if text == "" || err == nil && n >= 1 && n <= 1_000_000_000 {
		return n
	}
	s.ignore(bulkVariable, text, "off or a number of records, at least 1")
	return 0
}

// ignore says once, however often it is asked for, that a variable makes no
// sense.
func (s *Session) ignore(name, text, wanted string) {
	if s.ignored[name] {
		return
	}
	s.say(fmt.Sprintf("Ignored: %s=%q is not %s.", name, text, wanted))
	if s.ignored == nil {
		s.ignored = map[string]bool{}
	}
	s.ignored[name] = true
}
