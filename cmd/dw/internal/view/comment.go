package view

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/planner/plan"
	"github.com/dualwrite/dw/runtime/report"
)

// LeastComment is the least that CommentOptions.MaxBytes may be: the marker and
// the summary always fit into it.
const LeastComment = 3000

// CommentOptions say how to write a comment.
type CommentOptions struct {
	MaxBytes int      // the comment is not longer; at least LeastComment
	Maps     []string // details of these maps only; none: all
	// Preflight of the data that the plan sends; nil: there was none.
	Preflight *report.Preflight
}

// PlanComment renders a plan for a pull request: a line by which a pipeline
// finds its comment again, a summary that is never cut, then what the policy
// says, what is destructive, the findings, and the details folded, as many of
// them as MaxBytes leaves room for.
func PlanComment(w io.Writer, p *plan.Plan, findings diag.List, o CommentOptions) error {
	c := comment{plan: p, findings: findings, maps: o.Maps, preflight: o.Preflight}
	_, err := io.WriteString(w, c.render(max(o.MaxBytes, LeastComment)))
	return err
}

// Marker is the first line of the comment on a link's plan.
func Marker(link string) string {
	name := strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return '_'
	}, link)
	return fmt.Sprintf("<!-- dw plan: %s -->", shorten(name, 100))
}

// shorten cuts a name to so many bytes, between characters.
func shorten(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && s[most]&0xC0 == 0x80 {
		most--
	}
	return s[:most]
}

type comment struct {
	plan     *plan.Plan
	findings diag.List
	maps     []string

	preflight *report.Preflight
}

// section is a part of a comment that may be left out: as a whole, or the lines
// at its end.
type section struct {
	one   string   // line, for what is left out: "finding"
	many  string   // "findings"
	head  string   // before the lines
	lines []string // each whole
	tail  string   // after them: closes what head opens
}

// reserve is what the sentence about what was left out may take.
const reserve = 400

// render lays sections down one after the other while there is room.
func (c *comment) render(most int) string {
	out := c.head()
	left := map[string]int{}
	var order []section
	lose := func(s section, n int) {
		if left[s.one] == 0 {
			order = append(order, s)
		}
		left[s.one] += n
	}
	sections := c.sections()
	whole := 0
	for _, s := range sections {
		whole += len(s.head) + len(s.tail)
		for _, l := range s.lines {
			whole += len(l)
		}
	}
	room := most - len(out) - len(c.foot())
	if whole > room {
		room -= reserve
	}
	for _, s := range sections {
		need := len(s.head) + len(s.tail)
		n := 0
		for n < len(s.lines) && need+len(s.lines[n]) <= room {
			need += len(s.lines[n])
			n++
		}
		if n == 0 {
			lose(s, len(s.lines))
			continue
		}
		out += s.head + strings.Join(s.lines[:n], "") + s.tail
		room -= need
		if n < len(s.lines) {
			lose(s, len(s.lines)-n)
		}
	}
	if len(order) > 0 {
		var parts []string
		for _, s := range order {
			parts = append(parts, plural(int64(left[s.one]), s.one, s.many))
		}
		out += fmt.Sprintf("\n_Left out, to stay within %s bytes: %s. `dw plan -full` shows everything._\n", count(int64(most)), strings.Join(parts, ", "))
	}
	return out + c.foot()
}

// head is the marker and the summary. It stays far below LeastComment whatever
// the plan holds.
func (c *comment) head() string {
	p := c.plan
	m := &markdown{}
	m.line(Marker(p.Link))
	m.line("### Plan for link ", code(shorten(p.Link, 100)))
	m.line()
	if !p.Changes() {
		m.line(fmt.Sprintf("**Nothing to do**: it runs as the configuration says (%s).", plural(int64(len(p.Actions)), "map", "maps")))
		return m.b.String()
	}
	m.line("**", planCounts(p), "**")
	m.line()
	m.line("| | |")
	m.line("| --- | --- |")
	row := func(name, text string) { m.line("| ", name, " | ", text, " |") }
	text, _ := outcomeText(p.Policy)
	sign := map[plan.Outcome]string{plan.Denied: "⛔ ", plan.NeedsApproval: "⚠️ ", plan.Allowed: ""}[p.Policy.Outcome]
	row("policy", sign+text)
	if p.Environments.Twins {
		row("between", "the local twins")
	} else {
		row("between", code(host(p.Environments.FnO))+" and "+code(host(p.Environments.Dataverse)))
	}
	fno, dataverse, toDataverse, toFnO := sums(p)
	if slices.ContainsFunc(p.Actions, func(a plan.Action) bool { return a.Cost != nil }) {
		row("rows to read", fmt.Sprintf("%s in F&amp;O, %s in Dataverse", rows(fno.Most, fno.Exact), rows(dataverse.Most, dataverse.Exact)))
		row("rows to send", strings.ReplaceAll(sendText(toDataverse, toFnO, ""), "&", "&amp;"))
		time := spanText(p.Total.Seconds)
		if p.Total.Seconds.Most >= 0 {
			time += ", " + ratesText(p)
		}
		row("time", time)
	} else {
		row("rows to read", "none")
	}
	if n := len(p.Pauses); n > 0 {
		row("rests", plural(int64(n), "map", "maps")+" while the rows are read")
	}
	if n := len(p.Destructive); n > 0 {
		row("destructive", "⚠️ "+plural(int64(n), "thing", "things"))
	} else {
		row("destructive", "nothing")
	}
	if n := c.findings.Count(diag.Warning); n > 0 {
		row("findings", plural(int64(n), "warning", "warnings"))
	}
	row("fingerprint", code(plan.Short(p.Fingerprint)))
	return m.b.String()
}

// host is an address as a cell of a table shows it: a bar would part the cell.
func host(address string) string {
	return shorten(strings.ReplaceAll(strings.TrimPrefix(address, "https://"), "|", "¦"), 150)
}

// foot says how to go on.
func (c *comment) foot() string {
	p := c.plan
	switch {
	case !p.Changes():
		return ""
	case p.Policy.Outcome == plan.Denied:
		return "\nThe policy denies this plan: `dw apply` does not carry it out.\n"
	case p.Policy.Outcome == plan.NeedsApproval:
		return fmt.Sprintf("\nThe policy asks for approval. Whoever approves this plan: `dw apply -approved=%s`\n", clean(plan.Short(p.Fingerprint)))
	}
	return fmt.Sprintf("\n`dw apply -approved=%s` carries out exactly this plan.\n", clean(plan.Short(p.Fingerprint)))
}

// sections are all parts but the summary, the most important first.
func (c *comment) sections() []section {
	var out []section
	add := func(s section) {
		if len(s.lines) > 0 {
			out = append(out, s)
		}
	}
	if !c.plan.Changes() {
		add(c.found())
		return out
	}
	add(c.violations())
	add(c.destructive())
	add(c.judged())
	add(c.found())
	add(c.overview())
	for _, a := range c.plan.Actions {
		if a.Kind == plan.None || len(c.maps) > 0 && !slices.Contains(c.maps, a.Map) {
			continue
		}
		add(c.details(a))
	}
	return out
}

func item(parts ...string) string { return "- " + strings.Join(parts, "") + "\n" }

// judged says what a preflight found: the verdict, then a line for each finding.
func (c *comment) judged() section {
	s := section{one: "line of the preflight", many: "lines of the preflight", head: "\n**Preflight of the existing data**\n\n"}
	r := c.preflight
	if r == nil {
		return s
	}
	if r.Clean {
		s.lines = append(s.lines, item("✅ All of ", plural(r.Records, "record", "records"), " would get over."))
	} else {
		s.lines = append(s.lines, item("⛔ ", count(r.Failing), " of ", plural(r.Records, "record", "records"), " would not get over as they are."))
	}
	for _, m := range r.Maps {
		for _, f := range m.Findings {
			if f.Severity <= diag.Warning {
				s.lines = append(s.lines, item(code(m.Map), ": ", prose(findingLine(f))))
			}
		}
	}
	return s
}

func (c *comment) violations() section {
	s := section{one: "violated rule", many: "violated rules", head: "\n**Policy**\n\n"}
	for _, x := range c.plan.Policy.Violations {
		word, _ := effectWord(x.Effect)
		text := "**" + word + "** " + code(x.Rule) + ": " + prose(x.Detail)
		if len(x.Maps) > 0 {
			text += ": " + c.names(x.Maps)
		}
		if !x.At.IsZero() {
			text += " (" + code(fmt.Sprintf("%s:%d", x.At.File, x.At.Start.Line)) + ")"
		}
		s.lines = append(s.lines, item(text))
	}
	return s
}

// names lists some maps.
func (c *comment) names(maps []string) string {
	const most = 8
	var parts []string
	for _, m := range maps[:min(most, len(maps))] {
		parts = append(parts, code(model.MapAddress(m)))
	}
	text := strings.Join(parts, ", ")
	if n := len(maps) - most; n > 0 {
		text += fmt.Sprintf(" and %s more", count(int64(n)))
	}
	return text
}

func (c *comment) destructive() section {
	s := section{one: "destructive thing", many: "destructive things", head: "\n**Destructive**\n\n"}
	for _, d := range c.plan.Destructive {
		s.lines = append(s.lines, item(code(model.MapAddress(d.Map)), ": ", prose(dangerText(d))))
	}
	return s
}

// found folds what lint has to say; the worst first.
func (c *comment) found() section {
	list := slices.Clone(c.findings)
	slices.SortStableFunc(list, func(a, b diag.Diagnostic) int { return int(a.Severity) - int(b.Severity) })
	var counts []string
	for _, sev := range []diag.Severity{diag.Error, diag.Warning, diag.Notice} {
		if n := list.Count(sev); n > 0 {
			counts = append(counts, countOf(n, sev.String()))
		}
	}
	s := section{one: "finding", many: "findings", head: "\n<details><summary>Findings: " + strings.Join(counts, ", ") + "</summary>\n\n", tail: "\n</details>\n"}
	for _, d := range list {
		where := ""
		switch {
		case !d.Subject.IsZero():
			where = " " + code(fmt.Sprintf("%s:%d", d.Subject.File, d.Subject.Start.Line))
		case d.Address != "":
			where = " " + code(d.Address)
		}
		s.lines = append(s.lines, item("**", d.Severity.String(), "** ", code(d.Code), where, ": ", prose(d.Summary)))
	}
	return s
}

// overview is one line a map.
func (c *comment) overview() section {
	s := section{one: "map of the overview", many: "maps of the overview", head: "\n<details><summary>Maps, wave by wave</summary>\n\n", tail: "\n</details>\n"}
	for _, a := range c.plan.Actions {
		if a.Kind == plan.None {
			continue
		}
		text := kindWord(a.Kind) + " " + code(mapAddress(a))
		if a.Kind == plan.Destroy {
			s.lines = append(s.lines, item(text))
			continue
		}
		text = fmt.Sprintf("wave %d: %s", a.Wave, text)
		if a.Cost != nil {
			text += ", " + strings.ReplaceAll(sendText(a.Cost.ToDataverse, a.Cost.ToFnO, "rows"), "&", "&amp;")
		}
		s.lines = append(s.lines, item(text))
	}
	return s
}

func mapAddress(a plan.Action) string {
	if a.Previous > 0 {
		return fmt.Sprintf("%s@%d", model.MapAddress(a.Map), a.Previous)
	}
	return model.MapAddress(a.Map)
}

// kindWord says what happens to a map.
func kindWord(k plan.Kind) string {
	return map[plan.Kind]string{
		plan.Create: "create", plan.Update: "update", plan.Backfill: "update and send again", plan.Replace: "replace",
		plan.Resume: "resume", plan.Destroy: "remove",
	}[k]
}

// changesText says how much is folded of a map that changes.
func changesText(a plan.Action) string {
	if a.Kind == plan.Create || a.Kind == plan.Destroy || len(a.Changes) == 0 {
		return ""
	}
	return ": " + plural(int64(len(a.Changes)), "change", "changes")
}

// telling tells whether a line of a new map says more than a default would.
func telling(path string) bool {
	word, _, _ := strings.Cut(path, " ")
	return slices.Contains([]string{"field", "constant", "key", "filter.fno", "filter.dataverse", "companies", "owner", "mastering.fno", "mastering.dataverse", "together"}, word)
}

// details folds what happens to one map, field by field.
func (c *comment) details(a plan.Action) section {
	s := section{
		one: "line of the details", many: "lines of the details", tail: "\n</details>\n",
		head: "\n<details><summary>" + kindWord(a.Kind) + " " + inHTML(mapAddress(a)) + changesText(a) + "</summary>\n\n",
	}
	if a.Kind == plan.Create {
		s.lines = append(s.lines, item(code(a.Definition.Map.FnO.Name), " → ", code(a.Definition.Map.Dataverse.Name), ": ", fieldCounts(a.Definition)))
		if text := deferredFields(a); text != "" {
			s.lines = append(s.lines, item("deferred: ", prose(text)))
		}
	} else {
		for _, r := range a.Reasons {
			s.lines = append(s.lines, item(prose(r.Detail)))
		}
	}
	if a.Join != nil && a.Join.Counted != nil {
		s.lines = append(s.lines, item(prose(countedText(*a.Join.Counted))))
	}
	if a.Cost != nil && a.Cost.Seconds.Most >= 0 {
		s.lines = append(s.lines, item("time: ", spanText(a.Cost.Seconds)))
	}
	for _, text := range []string{readingText(a), routeText(a)} {
		if text != "" {
			s.lines = append(s.lines, item(prose(text)))
		}
	}
	for _, x := range a.Changes {
		if a.Kind == plan.Create && !telling(x.Path) {
			continue
		}
		sign, _ := symbol(x.Kind)
		text := code(sign+" "+x.Path) + " "
		switch x.Kind {
		case plan.Create:
			text += code(x.After)
		case plan.Destroy:
			text += code(x.Before)
		default:
			before, after := elide(x.Before, x.After)
			text += code(before) + " → " + code(after)
		}
		if x.Note != "" {
			text += " (" + prose(x.Note) + ")"
		}
		s.lines = append(s.lines, item(text))
	}
	return s
}
