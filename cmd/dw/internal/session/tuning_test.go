package session

import (
	"bytes"
	"strings"
	"testing"

	"github.com/dualwrite/dw/runtime/host"
)

func TestSizes(t *testing.T) {
	for text, want := range map[string]int{"": 0, "1": 1, "5000": 5000, "0": 0, "5001": 0, "-3": 0, "many": 0, "10 ": 0} {
		var talk bytes.Buffer
		h := *host.Simulated(1)
		h.Err = &talk
		h.Getenv = func(name string) string { return map[string]string{batchSizeVariable: text}[name] }
		s := &Session{Host: &h}
		if got := s.batchSize(); got != want {
			t.Errorf("%q gives %d, want %d", text, got, want)
		}
		if ignored := want == 0 && text != ""; ignored != strings.Contains(talk.String(), batchSizeVariable) {
			t.Errorf("%q: said %q", text, talk.String())
		}
		if s.batchSize(); strings.Count(talk.String(), batchSizeVariable) > 1 {
			t.Errorf("%q: said more than once: %s", text, talk.String())
		}
		if got := s.pageSize(); got != 0 {
			t.Errorf("the page size is %d though nobody set it", got)
		}
	}
}

func TestWhoApplies(t *testing.T) {
	h := *host.Simulated(1)
	env := map[string]string{}
	h.Getenv = func(name string) string { return env[name] }
	s := &Session{Host: &h}
	if got := s.user(); got != "unknown" {
		t.Errorf("%q", got)
	}
	for _, name := range []string{"USER", "GITHUB_ACTOR", "DW_USER"} { // the later wins
		env[name] = name
		if got := s.user(); got != name {
			t.Errorf("%q, want that of %s", got, name)
		}
	}
}
