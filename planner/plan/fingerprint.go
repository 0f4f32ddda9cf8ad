package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
)

// Seal puts the two hashes into a plan that is complete otherwise. Known are
// digests of definitions that somebody has made already.
func Seal(p *Plan, known map[*Definition]string) (err error) {
	if p.Fingerprint, err = Fingerprint(p); err != nil {
		return err
	}
	p.ContentHash, err = contentHash(p, known)
	return err
}

// step is what an action does, without what it costs and how it is explained.
type step struct {
	Map        string
	MovedFrom  string
	Kind       Kind
	Changes    [][4]string
	Definition *Definition
}

// Fingerprint hashes what a plan does and where: the environments, the state,
// and for each map that is touched the action, what changes, and what will run.
// Counts of rows, times, the policy's verdict, the serial of the state and maps
// that stay as they are do not count: two plans with one fingerprint do the
// same, and an approval of one is an approval of the other.
func Fingerprint(p *Plan) (string, error) {
	var steps []step
	for _, a := range p.Actions {
		if a.Kind == None {
			continue
		}
		s := step{Map: a.Map, MovedFrom: a.MovedFrom, Kind: a.Kind, Definition: a.Definition}
		for _, c := range a.Changes {
			s.Changes = append(s.Changes, [4]string{c.Path, string(c.Kind), c.Before, c.After})
		}
		steps = append(steps, s)
	}
	lineage := p.Lineage
	if p.Serial == 0 { // nothing was ever deployed: as if there were no state
		lineage = ""
	}
	return Hash(struct {
		Link, Lineage string
		Environments  Environments
		Steps         []step
	}{p.Link, lineage, p.Environments, steps})
}

// contentHash stands for every word of a plan: a saved plan that was edited is
// found out by it. Definitions stand in it by their digests.
func contentHash(p *Plan, known map[*Definition]string) (string, error) {
	q := *p
	q.ContentHash, q.Actions = "", nil
	sum, digests := sha256.New(), NewDigester()
	w := json.NewEncoder(sum)
	if err := w.Encode(q); err != nil {
		return "", fmt.Errorf("hash: %w", err)
	}
	for _, a := range p.Actions {
		digest := ""
		if d := a.Definition; d != nil {
			if digest = known[d]; digest == "" {
				digest = digests.Definition(d)
			}
		}
		a.Definition = nil
		if err := w.Encode(struct {
			Action
			Digest string
		}{a, digest}); err != nil {
			return "", fmt.Errorf("hash: %w", err)
		}
	}
	return hashPrefix + hex.EncodeToString(sum.Sum(nil)), nil
}

const hashPrefix = "sha256:"

// Hash gives a short text that stands for the JSON form of v.
func Hash(v any) (string, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("hash: %w", err)
	}
	sum := sha256.Sum256(data)
	return hashPrefix + hex.EncodeToString(sum[:]), nil
}

// LeastPrefix is how many hexadecimal digits of a fingerprint name it.
const LeastPrefix = 12

// Matches tells whether text names a fingerprint: the whole of it, or at least
// LeastPrefix of its digits from the first on, with or without "sha256:".
func Matches(fingerprint, text string) bool {
	digits, ok := Digits(text)
	return ok && strings.HasPrefix(strings.TrimPrefix(fingerprint, hashPrefix), digits)
}

// Digits gives the digits of a fingerprint as somebody wrote it; not ok where
// it cannot be one or is too short to be told from others.
func Digits(text string) (digits string, ok bool) {
	digits = strings.ToLower(strings.TrimPrefix(strings.TrimSpace(text), hashPrefix))
	if len(digits) < LeastPrefix || len(digits) > 2*sha256.Size || strings.Trim(digits, "0123456789abcdef") != "" {
		return "", false
	}
	return digits, true
}

// Short gives the part of a fingerprint that people read and type.
func Short(fingerprint string) string {
	digits := strings.TrimPrefix(fingerprint, hashPrefix)
	return digits[:min(16, len(digits))]
}
