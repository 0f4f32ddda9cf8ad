package view

import (
	"html"
	"strings"
)

// markdown collects a text for places that render GitHub's Markdown, such as
// comments of pull requests. Names and values may hold anything: they go
// through code, prose or inHTML, each of which leaves nothing that a renderer
// takes for markup, a mention or a link.
type markdown struct{ b strings.Builder }

func (m *markdown) line(parts ...string) {
	for _, p := range parts {
		m.b.WriteString(p)
	}
	m.b.WriteByte('\n')
}

// longest is how much of one name or value a comment shows.
const longest = 300

// short cuts a text from outside to what is shown of it, as one line.
func short(s string) string { return cut(strings.TrimSpace(clean(s)), longest) }

// code puts a text into a code span. Nothing inside is markup: the fence is
// longer than any run of backticks in the text.
func code(s string) string {
	s = short(s)
	if s == "" {
		return "(nothing)"
	}
	run, longestRun := 0, 0
	for _, r := range s {
		if r == '`' {
			run++
			longestRun = max(longestRun, run)
		} else {
			run = 0
		}
	}
	fence := strings.Repeat("`", longestRun+1)
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		s = " " + s + " "
	}
	return fence + s + fence
}

// prose writes a sentence that may hold names from outside: signs of Markdown
// are escaped, and what hosts take for a mention or an issue is parted by a
// blank of no width.
func prose(s string) string {
	var b strings.Builder
	for _, r := range short(s) {
		switch {
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '&':
			b.WriteString("&amp;")
		case r == '@', r == '#':
			b.WriteByte('\\')
			b.WriteRune(r)
			b.WriteRune('\u200b')
		case strings.ContainsRune("\\`*_{}[]()+-!|~\"'=$", r):
			b.WriteByte('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	// Addresses become links without any markup.
	return strings.NewReplacer("://", ":\u200b//", "www.", "www\u200b.").Replace(b.String())
}

// inHTML puts a text into a line that starts with a tag, where Markdown is not
// looked at.
func inHTML(s string) string { return "<code>" + html.EscapeString(short(s)) + "</code>" }
