package dataverse

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// preferences is what the Prefer headers of a request ask for.
type preferences struct {
	representation bool
	annotations    []string
	pageSize       int // 0: not asked for
	track          bool
	applied        []string
}

func readPreferences(h http.Header) preferences {
	var p preferences
	for _, line := range h.Values("Prefer") {
		for _, item := range splitPreferences(line) {
			name, value, _ := strings.Cut(item, "=")
			name, value = strings.TrimSpace(name), strings.Trim(strings.TrimSpace(value), `"`)
			switch strings.ToLower(name) {
			case "return":
				if value == "representation" {
					p.representation = true
					p.applied = append(p.applied, item)
				}
			case "odata.include-annotations":
				for a := range strings.SplitSeq(value, ",") {
					if a = strings.TrimSpace(a); a != "" {
						p.annotations = append(p.annotations, a)
					}
				}
				p.applied = append(p.applied, item)
			case "odata.maxpagesize", "maxpagesize":
				if n, err := strconv.Atoi(value); err == nil && n > 0 {
					p.pageSize = min(n, maxPage)
					p.applied = append(p.applied, item)
				}
			case "odata.track-changes", "track-changes":
				p.track = true
				p.applied = append(p.applied, item)
			}
		}
	}
	return p
}

// splitPreferences cuts at commas outside quotes.
func splitPreferences(s string) []string {
	var out []string
	quoted, start := false, 0
	for i := 0; i <= len(s); i++ {
		if i < len(s) && s[i] == '"' {
			quoted = !quoted
		}
		if i == len(s) || s[i] == ',' && !quoted {
			if item := strings.TrimSpace(s[start:i]); item != "" {
				out = append(out, item)
			}
			start = i + 1
		}
	}
	return out
}

// annotates tells whether an annotation is asked for.
func (p preferences) annotates(name string) bool {
	return slices.ContainsFunc(p.annotations, func(pattern string) bool {
		if prefix, ok := strings.CutSuffix(pattern, "*"); ok {
			return strings.HasPrefix(name, prefix)
		}
		return pattern == name
	})
}

func (p preferences) apply(h http.Header) {
	if len(p.applied) > 0 {
		h.Set("Preference-Applied", strings.Join(p.applied, ","))
	}
}

// condition is what If-Match and If-None-Match ask for.
type condition struct {
	mustExist    bool // If-Match: * or a version
	mustNotExist bool // If-None-Match: *
	version      int64
	versioned    bool // If-Match: W/"version"
}

func readCondition(h http.Header, t *table) (condition, error) {
	var c condition
	if v := strings.TrimSpace(h.Get("If-Match")); v != "" {
		c.mustExist = true
		if v != "*" {
			n, ok := parseETag(v)
			if !ok {
				return c, badRequest("The ETag '%.100s' of the If-Match header is not valid.", v)
			}
			if !t.OptimisticConcurrency {
				return c, fail(http.StatusBadRequest, codeNoConcurrency, "Optimistic concurrency isn't enabled for entity type %s. The IfVersionMatches value of ConcurrencyBehavior can only be used if optimistic concurrency is enabled.", t.LogicalName)
			}
			c.version, c.versioned = n, true
		}
	}
	if strings.TrimSpace(h.Get("If-None-Match")) == "*" {
		c.mustNotExist = true
	}
	return c, nil
}

// check compares the condition with the version of a row that exists.
func (c condition) check(version int64) error {
	switch {
	case c.mustNotExist:
		return duplicateID()
	case c.versioned && c.version != version:
		return fail(http.StatusPreconditionFailed, codeVersionMismatch, "The version of the existing record doesn't match the RowVersion property provided.")
	}
	return nil
}

func formatETag(version int64) string { return `W/"` + strconv.FormatInt(version, 10) + `"` }

func parseETag(s string) (int64, bool) {
	s = strings.TrimPrefix(strings.TrimSpace(s), "W/")
	if len(s) < 3 || s[0] != '"' || s[len(s)-1] != '"' {
		return 0, false
	}
	n, err := strconv.ParseInt(s[1:len(s)-1], 10, 64)
	return n, err == nil
}
