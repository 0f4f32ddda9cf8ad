package session

import (
	"fmt"
	"strconv"
)

// Sizes of the engine's steps, for unusual machines and services. The defaults
// are right nearly everywhere; docs/environment.md lists the variables.
const (
	pageSizeVariable  = "DW_PAGE_SIZE"
	batchSizeVariable = "DW_BATCH_SIZE"
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
	if !s.ignored[name] { // said once, however often it is asked for
		fmt.Fprintf(s.Host.Err, "Ignored: %s=%q is not a number from 1 to 5000.\n", name, text)
		if s.ignored == nil {
			s.ignored = map[string]bool{}
		}
		s.ignored[name] = true
	}
	return 0
}
