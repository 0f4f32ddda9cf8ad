package transform

import (
	"fmt"
	"strings"
)

// Leaves gives the columns of a lookup's key in their order, each as the path
// that leads to it: {"msdyn_name"}, {"msdyn_hierarchy", "msdyn_name"}.
func (l *Lookup) Leaves() [][]string {
	var out [][]string
	for _, p := range l.Parts {
		if p.Via == nil {
			out = append(out, []string{p.Column})
			continue
		}
		for _, path := range p.Via.Leaves() {
			out = append(out, append([]string{p.Column}, path...))
		}
	}
	return out
}

// Size is the number of texts in the lookup's key.
func (l *Lookup) Size() int {
	n := 0
	for _, p := range l.Parts {
		if p.Via == nil {
			n++
		} else {
			n += p.Via.Size()
		}
	}
	return n
}

// Split gives the texts of a key part by part: of a part with Via its key. It
// is not ok where the key has not as many texts as the lookup has leaves.
func (l *Lookup) Split(key string) (parts []string, ok bool) {
	if len(l.Parts) == 1 {
		return []string{key}, strings.Count(key, keySeparator)+1 == l.Size()
	}
	texts := strings.Split(key, keySeparator)
	if len(texts) != l.Size() {
		return nil, false
	}
	for _, p := range l.Parts {
		n := 1
		if p.Via != nil {
			n = p.Via.Size()
		}
		parts = append(parts, strings.Join(texts[:n], keySeparator))
		texts = texts[n:]
	}
	return parts, true
}

// Join is the reverse of Split.
func (l *Lookup) Join(parts []string) string {
	if len(parts) == 1 {
		return strings.TrimRight(parts[0], " ")
	}
	trimmed := make([]string, len(parts))
	for i, p := range parts {
		trimmed[i] = strings.TrimRight(p, " ")
	}
	return strings.Join(trimmed, keySeparator)
}

// Asks says in words what is looked for: `accounts has accountnumber = "US-1"`.
func (l *Lookup) Asks(key string) string {
	texts := strings.Split(key, keySeparator)
	var terms []string
	for i, path := range l.paths() {
		if i < len(texts) {
			terms = append(terms, fmt.Sprintf("%s = %q", path, texts[i]))
		}
	}
	return l.Set + " has " + strings.Join(terms, ", ")
}

// paths gives Leaves as they are written.
func (l *Lookup) paths() []string {
	var out []string
	for _, path := range l.Leaves() {
		out = append(out, strings.Join(path, "."))
	}
	return out
}

func (l *Lookup) makeTitle() string {
	if len(l.Parts) == 1 && l.Parts[0].Via == nil {
		return l.Parts[0].Column + " of " + l.Set
	}
	return strings.Join(l.paths(), " + ") + " of " + l.Set
}

// InCompany tells whether the company of a record counts when its reference is
// looked for.
func (l *Lookup) InCompany() bool {
	if l.CompanyColumn != "" {
		return true
	}
	for _, p := range l.Parts {
		if p.Via != nil && p.Via.InCompany() {
			return true
		}
	}
	return false
}

// companyOf gives the company in which the target of a record's reference is
// looked for.
func (l *Lookup) companyOf(r *Record) string {
	if !l.InCompany() {
		return ""
	}
	return r.Company
}
