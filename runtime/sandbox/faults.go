package sandbox

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/dualwrite/dw/runtime/sandbox/gate"
)

// ParseFault reads a fault as configurations write it: its kind, then settings,
// as in "429 twin=dataverse method=POST path=accounts from=3 count=2
// retry_after=5" or "slow delay=2s".
func ParseFault(text string) (gate.Fault, error) {
	words := strings.Fields(text)
	if len(words) == 0 {
		return gate.Fault{}, fmt.Errorf("a fault begins with its kind, one of %s", gate.Kinds)
	}
	f := gate.Fault{Kind: gate.Kind(words[0])}
	for _, word := range words[1:] {
		name, value, found := strings.Cut(word, "=")
		if !found {
			return gate.Fault{}, fmt.Errorf("fault %q: %q is not name=value", text, word)
		}
		if err := setFault(&f, name, value); err != nil {
			return gate.Fault{}, fmt.Errorf("fault %q: %w", text, err)
		}
	}
	if err := f.Check(); err != nil {
		return gate.Fault{}, fmt.Errorf("fault %q: %w", text, err)
	}
	return f, nil
}

func setFault(f *gate.Fault, name, value string) error {
	var err error
	switch name {
	case "twin":
		if value != DataverseTwin && value != FnOTwin && value != EntraTwin && value != BlobTwin {
			return fmt.Errorf("there is no twin %q; there are %s, %s, %s and %s", value, DataverseTwin, FnOTwin, EntraTwin, BlobTwin)
		}
		f.Twin = value
	case "method":
		f.Method = strings.ToUpper(value)
	case "path":
		f.PathContains = value
	case "from":
		f.From, err = strconv.Atoi(value)
	case "count":
		f.Count, err = strconv.Atoi(value)
	case "retry_after":
		f.RetryAfter, err = strconv.Atoi(value)
	case "delay":
		f.Delay, err = time.ParseDuration(value)
	default:
		return fmt.Errorf("unknown setting %q; known are twin, method, path, from, count, retry_after and delay", name)
	}
	if err != nil {
		return fmt.Errorf("%s=%s: %w", name, value, err)
	}
	return nil
}
