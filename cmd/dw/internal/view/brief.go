package view

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/dualwrite/dw/lang/diag"
)

const (
	// maxShownWord is how long a word of a diagnostic may be, in bytes. Nobody
	// reads a longer name, and it would push the rest out of sight.
	maxShownWord = 240
	keptOfWord   = 60 // of a longer one
	// maxShownText is how long a text of a diagnostic may be, in bytes.
	maxShownText = 6000
)

// brief shortens a text of a diagnostic that holds what nobody wrote by hand: a
// name of a megabyte is as well known by its beginning and its length.
func brief(s string) string {
	if len(s) <= maxShownWord {
		return s
	}
	var b strings.Builder
	for len(s) > 0 && b.Len() <= maxShownText {
		n := strings.IndexAny(s, " \n\t")
		switch n {
		case -1:
			n = len(s)
		case 0:
			n = 1
		}
		b.WriteString(briefWord(s[:n]))
		s = s[n:]
	}
	if s != "" {
		fmt.Fprintf(&b, "… (%d characters more)", utf8.RuneCountInString(s))
	}
	return b.String()
}

func briefWord(w string) string {
	if len(w) <= maxShownWord {
		return w
	}
	kept := 0
	for n := 0; n < keptOfWord && kept < len(w); n++ {
		_, size := utf8.DecodeRuneInString(w[kept:])
		kept += size
	}
	return fmt.Sprintf("%s…(%d characters)", w[:kept], utf8.RuneCountInString(w))
}

// briefed shortens all texts of a diagnostic that are for people.
func briefed(d diag.Diagnostic) diag.Diagnostic {
	d.Summary, d.Detail, d.Hint, d.Address = brief(d.Summary), brief(d.Detail), brief(d.Hint), brief(d.Address)
	return d
}
