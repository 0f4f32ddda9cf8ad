package dualwrite

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dualwrite/dw/lang/source"
	"github.com/dualwrite/dw/lang/value"
)

// objectKey writes a key of an object: bare where it is a name that HCL does
// not read as something else.
func objectKey(s string) string {
	switch s {
	case "for", "null", "true", "false":
		return source.Quote(s)
	}
	if isName(s) {
		return s
	}
	return source.Quote(s)
}

// isName tells a name that may stand bare.
func isName(s string) bool {
	return s != "" && !digits(s[:1]) && strings.IndexFunc(s, func(r rune) bool { return !isWordRune(r) }) < 0
}

var plainNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,20})?$`)

// literalHCL writes a Dataverse value or a constant as what it most likely is:
// a number, a truth value, else a text.
func literalHCL(s string) string {
	switch {
	case strings.EqualFold(s, "true"), strings.EqualFold(s, "false"):
		return strings.ToLower(s)
	case s != "-0" && plainNumber.MatchString(s):
		return s
	default:
		return source.Quote(s)
	}
}

var wholeNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,17})$`)

// choiceHCL writes the Dataverse side of a value map: whole numbers, truth
// values and texts, of which alone they consist.
func choiceHCL(s string) string {
	if s != "-0" && wholeNumber.MatchString(s) || strings.EqualFold(s, "true") || strings.EqualFold(s, "false") {
		return strings.ToLower(s)
	}
	return source.Quote(s)
}

// dualWriteText writes a value of the configuration as dual-write does.
func dualWriteText(v value.Value) string {
	if v.Kind() == value.Bool {
		if v.Bool() {
			return "True"
		}
		return "False"
	}
	return v.String()
}

// comment writes a text as comment lines: on one line each, without what a
// terminal or an editor would act on.
func comment(text string) string {
	var b strings.Builder
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		clean := strings.Map(func(r rune) rune {
			if unicode.IsControl(r) || r == utf8.RuneError || unicode.Is(unicode.Cf, r) || r == 0x2028 || r == 0x2029 {
				return ' '
			}
			return r
		}, line)
		for _, part := range wrap(clean, 96) {
			b.WriteString("# " + part + "\n")
		}
	}
	return b.String()
}

// wrap breaks a line at blanks; a word that is longer stays whole.
func wrap(line string, width int) []string {
	var out []string
	now := ""
	for _, w := range strings.Fields(line) {
		switch {
		case now == "":
			now = w
		case len(now)+1+len(w) > width:
			out = append(out, now)
			now = w
		default:
			now += " " + w
		}
	}
	if now != "" {
		out = append(out, now)
	}
	return out
}

// snake makes a name of the configuration of a label: "Customers V3" becomes
// customers_v3, CustVendorBlocked cust_vendor_blocked.
func snake(s string) string {
	var b strings.Builder
	last := rune('_')
	for i, r := range s {
		upper := r >= 'A' && r <= 'Z'
		switch {
		case !isWordRune(r) || r == '_':
			if last != '_' {
				b.WriteByte('_')
			}
			last = '_'
			continue
		case upper && (last >= 'a' && last <= 'z' || last != '_' && startsLower(s[i+1:])):
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
		last = r
	}
	return strings.Trim(b.String(), "_")
}

func startsLower(s string) bool {
	// A plural of capitals, as in "IDs", is one word.
	return len(s) > 1 && s[0] >= 'a' && s[0] <= 'z' && s[1] >= 'a' && s[1] <= 'z'
}

// camel lowers the capitals at the start of a symbol, but for the one that
// begins its next word: ATPPlusIssueMargin becomes atpPlusIssueMargin. So the
// keys of value maps are written in all shipped maps.
func camel(s string) string {
	upper := func(c byte) bool { return c >= 'A' && c <= 'Z' }
	b := []byte(s)
	for i := range b {
		if !upper(b[i]) || i > 0 && i+1 < len(b) && !upper(b[i+1]) {
			break
		}
		b[i] += 'a' - 'A'
	}
	return string(b)
}
