package generate

import (
	"fmt"
	"strings"
	"unicode"
)

// address fills the address fields with a prefix and returns the place.
func (w *world) address(r record, prefix string, f flavour) place {
	p := one(w.random, f.places)
	r[prefix+"Street"] = strings.Replace(one(w.random, f.streets), "%d", fmt.Sprint(w.between(1, 199)), 1)
	r[prefix+"City"], r[prefix+"ZipCode"] = p.city, w.pattern(p.zip)
	r[prefix+"County"], r[prefix+"State"] = p.county, p.state
	r[prefix+"CountryRegionISOCode"], r[prefix+"CountryRegionId"] = f.iso, f.region
	if w.chance(80) {
		r[prefix+"Latitude"] = coordinate(p.latitude + float64(w.between(-900, 900))/10000)
		r[prefix+"Longitude"] = coordinate(p.longitude + float64(w.between(-900, 900))/10000)
	}
	return p
}

// pattern replaces every '#' by a digit.
func (w *world) pattern(s string) string {
	var b strings.Builder
	for _, c := range s {
		if c == '#' {
			c = rune('0' + w.between(1, 9))
		}
		b.WriteRune(c)
	}
	return b.String()
}

func (w *world) phone(c *customer) string {
	return c.company.flavour.dial + w.digits(3) + " " + w.digits(7)
}

// nextParty gives the next number of F&O's global address book.
func (w *world) nextParty() string {
	w.party++
	return fmt.Sprintf("%09d", w.party)
}

// plain keeps what may stand in a domain name.
func plain(s string) string {
	var b strings.Builder
	for _, c := range strings.ToLower(s) {
		if c < unicode.MaxASCII && (unicode.IsLetter(c) || unicode.IsDigit(c)) {
			b.WriteRune(c)
		}
	}
	if b.Len() == 0 {
		return "contoso"
	}
	return b.String()
}

// cut shortens a text to n characters, without a blank at its end.
func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		s = string(r[:n])
	}
	return strings.TrimRight(s, " ")
}
