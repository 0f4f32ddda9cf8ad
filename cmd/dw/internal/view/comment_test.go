package view

import (
	"bytes"
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/planner/plan"
)

func planComment(t interface{ Fatal(...any) }, p *plan.Plan, findings diag.List, o CommentOptions) string {
	var b bytes.Buffer
	if err := PlanComment(&b, p, findings, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func someFindings() diag.List {
	return diag.List{
		{Code: "DW221", Severity: diag.Notice, Summary: "3 fields may hold texts that Dataverse has no room for", Subject: diag.Range{File: "customers.dw.hcl", Start: diag.Pos{Line: 33}}},
		{Code: "DW257", Severity: diag.Warning, Summary: `"name" is required in Dataverse, and nothing fills it`, Address: "map.customers"},
	}
}

func TestPlanComment(t *testing.T) {
	nothing := laterPlan()
	for i := range nothing.Actions {
		nothing.Actions[i].Kind = plan.None
	}
	for name, got := range map[string]string{
		"comment_first":   planComment(t, firstPlan(), someFindings(), CommentOptions{MaxBytes: 60000}),
		"comment_later":   planComment(t, laterPlan(), nil, CommentOptions{MaxBytes: 60000}),
		"comment_one":     planComment(t, laterPlan(), nil, CommentOptions{MaxBytes: 60000, Maps: []string{"vendors"}}),
		"comment_nothing": planComment(t, nothing, nil, CommentOptions{MaxBytes: 60000}),
		"comment_cut":     planComment(t, manyMaps(300), someFindings(), CommentOptions{MaxBytes: LeastComment}),
	} {
		checkGolden(t, name, []byte(got), 0)
	}
}

// manyMaps is a plan with many new maps.
func manyMaps(n int) *plan.Plan {
	p := firstPlan()
	for i := range n {
		a := p.Actions[1]
		a.Map = fmt.Sprintf("customers_%03d", i)
		p.Actions = append(p.Actions, a)
	}
	return p
}

// nasty is text that people from outside may have put anywhere.
func nasty() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		part := rapid.OneOf(
			rapid.SampledFrom([]string{
				"</details>", "<details>", "<summary>", "</code>", "<!-- dw plan: other -->", "-->", "```", "`", "``", "\n\n# Head\n", "\n- item\n", "| a | b |", "\n| --- |\n",
				"@everyone", "#123", "!7", "[a](javascript:alert(1))", "![x](http://x)", "<script>alert(1)</script>", "<img src=x onerror=1>", "&lt;", "\\", "\\|", "https://evil.example", "www.evil.example",
				"\x1b[31m", "\x00", "\u202e", "\u2028", "é", "日本語", "😀", "\xff\xfe", "e\u0301\u0301\u0301",
			}),
			rapid.String(),
		)
		return strings.Join(rapid.SliceOfN(part, 0, 6).Draw(t, "parts"), rapid.SampledFrom([]string{"", " ", "x"}).Draw(t, "glue"))
	})
}

// nastyPlan puts such text wherever a plan holds one.
func nastyPlan(t *rapid.T) (*plan.Plan, diag.List) {
	p, text := laterPlan(), func(name string) string { return nasty().Draw(t, name) }
	p.Link = text("link")
	p.Environments = plan.Environments{FnO: text("fno"), Dataverse: text("dataverse")}
	p.Policy.Outcome = rapid.SampledFrom(plan.Outcomes()).Draw(t, "outcome")
	for i := range p.Policy.Violations {
		v := &p.Policy.Violations[i]
		v.Rule, v.Detail, v.Maps, v.At.File = text("rule"), text("detail"), []string{text("map")}, text("file")
	}
	for i := range p.Destructive {
		p.Destructive[i].Map, p.Destructive[i].Detail = text("map"), text("detail")
	}
	more := rapid.IntRange(0, 40).Draw(t, "maps")
	for i := range more {
		p.Actions = append(p.Actions, p.Actions[i%len(p.Actions)])
	}
	name := text("map")
	for i := range p.Actions {
		a := &p.Actions[i]
		a.Map = name + fmt.Sprint(i)
		if len(a.Reasons) > 0 {
			a.Reasons = []plan.Reason{{Code: plan.FieldChanged, Detail: text("reason")}}
		}
		if i < 8 {
			a.Changes = []plan.Change{
				{Path: text("path"), Kind: plan.Update, Before: text("before"), After: text("after"), Note: text("note")},
				{Path: text("path"), Kind: plan.Create, After: strings.Repeat(text("after"), 50)},
			}
		}
	}
	var findings diag.List
	for range rapid.IntRange(0, 30).Draw(t, "findings") {
		findings = append(findings, diag.Diagnostic{
			Code: "DW257", Severity: diag.Warning, Summary: text("summary"), Address: text("address"),
		})
	}
	return p, findings
}

var (
	tags = regexp.MustCompile(`<(/?)([a-z]+)>`)
)

// withoutCode takes the code spans out of a line, as a renderer does first:
// a run of backticks up to the next run of the same length.
func withoutCode(line string) string {
	var out strings.Builder
	for i := 0; i < len(line); {
		if line[i] == '\\' && i+1 < len(line) {
			out.WriteString(line[i : i+2])
			i += 2
			continue
		}
		if line[i] != '`' {
			out.WriteByte(line[i])
			i++
			continue
		}
		n := 0
		for i+n < len(line) && line[i+n] == '`' {
			n++
		}
		end := -1
		for j := i + n; j < len(line); {
			k := 0
			for j+k < len(line) && line[j+k] == '`' {
				k++
			}
			if k == n {
				end = j + k
				break
			}
			j += max(k, 1)
		}
		if end < 0 {
			out.WriteString(line[i : i+n])
			i += n
			continue
		}
		i = end
	}
	return out.String()
}

// TestPlanCommentLaws: however little room there is and whatever names and
// values hold, the comment has at most so many bytes, its marker first, the
// whole summary, tags that close, and no markup but its own.
func TestPlanCommentLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, findings := nastyPlan(t)
		most := rapid.OneOf(rapid.IntRange(LeastComment, LeastComment+200), rapid.IntRange(LeastComment, 100_000)).Draw(t, "most")
		got := planComment(t, p, findings, CommentOptions{MaxBytes: most})
		if len(got) > most {
			t.Fatalf("%d bytes of %d", len(got), most)
		}
		if !utf8.ValidString(got) {
			t.Fatal("no valid text")
		}
		lines := strings.Split(got, "\n")
		if lines[0] != Marker(p.Link) || strings.Count(got, "<!--") != 1+strings.Count(visibleCode(got), "<!--") {
			t.Fatalf("the marker is %q:\n%s", lines[0], got)
		}
		for _, want := range []string{"| policy | ", "| between | ", "| rows to read | ", "| time | ", "| destructive | ", "| fingerprint | `" + plan.Short(p.Fingerprint) + "` |"} {
			if !strings.Contains(got, "\n"+want) {
				t.Fatalf("no %q in\n%s", want, got)
			}
		}
		open := []string{}
		for n, line := range lines[1:] {
			if strings.HasPrefix(line, "| ") && strings.Count(withoutCodeInTable(line), "|") != 3 {
				t.Fatalf("a row of %d cells: %q", strings.Count(line, "|")-1, line)
			}
			bare := withoutCode(line)
			if strings.HasPrefix(line, "<details>") {
				bare = line // no Markdown in a line of HTML
			}
			for _, m := range tags.FindAllStringSubmatch(bare, -1) {
				if m[1] == "" {
					open = append(open, m[2])
					continue
				}
				if len(open) == 0 || open[len(open)-1] != m[2] {
					t.Fatalf("line %d closes %s: %q", n+2, m[2], line)
				}
				open = open[:len(open)-1]
			}
			rest := tags.ReplaceAllString(bare, "")
			if strings.ContainsAny(rest, "<>") || regexp.MustCompile(`@[A-Za-z]|[^\\&]#\d|https?://|www\.[a-z]`).MatchString(html.UnescapeString(rest)) && !strings.HasPrefix(line, "<details>") {
				t.Fatalf("line %d has markup of others: %q", n+2, line)
			}
		}
		if len(open) > 0 {
			t.Fatalf("not closed: %v\n%s", open, got)
		}
		if whole := planComment(t, p, findings, CommentOptions{MaxBytes: 100 << 20}); whole != got && !strings.Contains(got, "_Left out, to stay within ") {
			t.Fatalf("something is missing and nobody says so:\n%s", got)
		}
	})
}

// withoutCodeInTable is a row as its cells are parted: before code spans are
// looked at, so that a bar inside one parts the cell too.
func withoutCodeInTable(line string) string { return strings.ReplaceAll(line, `\|`, "") }

// visibleCode is all that stands in code spans.
func visibleCode(text string) string {
	var b strings.Builder
	for _, line := range strings.Split(text, "\n") {
		if rest := withoutCode(line); rest != line {
			b.WriteString(strings.Repeat("<!--", strings.Count(line, "<!--")-strings.Count(rest, "<!--")))
		}
	}
	return b.String()
}

func TestCode(t *testing.T) {
	for in, want := range map[string]string{
		"plain": "`plain`", "": "(nothing)", "a`b": "``a`b``", "`": "`` ` ``", "``x``": "``` ``x`` ```", "two\nlines": "`two lines`",
	} {
		if got := code(in); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

func TestGraph(t *testing.T) {
	g := plan.Graph{
		Link: `contoso "x" \`,
		Maps: []plan.GraphMap{
			{Map: "companies", FnO: "LegalEntities", Dataverse: "cdm_companies", Wave: 1},
			{Map: `odd"]; click m1 "javascript:alert(1)" <b>`, FnO: "A\nB", Dataverse: "`c` #35; \\", Wave: 1},
			{Map: "customers", FnO: "CustomersV3", Dataverse: "accounts", Wave: 2},
		},
		Edges: []plan.GraphEdge{
			{From: "customers", To: "companies", Fields: []string{"msdyn_company"}},
			{From: "customers", To: "customers", Fields: []string{"msdyn_billingaccount.accountnumber"}, Deferred: true},
			{From: "customers", To: `odd"]; click m1 "javascript:alert(1)" <b>`, Fields: []string{"a", "b", "c|d", "e", "f"}},
		},
	}
	for _, format := range []string{Mermaid, DOT} {
		var b bytes.Buffer
		if err := Graph(&b, g, format); err != nil {
			t.Fatal(err)
		}
		checkGolden(t, "graph_"+format, b.Bytes(), 0)
	}
}

// TestGraphText: nothing ends the quotes that a name stands in.
func TestGraphText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := nasty().Draw(t, "name")
		if got := mermaidText(s); strings.ContainsAny(got, "\"\n\r<>[]{}|`\\") {
			t.Fatalf("Mermaid: %q", got)
		}
		got := dotText(s)
		if strings.ContainsAny(got, "\n\r") || strings.Contains(strings.NewReplacer(`\\`, "", `\"`, "").Replace(got), `"`) || strings.HasSuffix(strings.ReplaceAll(got, `\\`, ""), `\`) {
			t.Fatalf("DOT: %q", got)
		}
	})
}

// TestPlanTextLaws: whatever names and values hold, no line is wider than the
// terminal and nothing moves its cursor.
func TestPlanTextLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, _ := nastyPlan(t)
		p.Policy.Violations[0].Effect = model.Approve
		width := rapid.IntRange(50, 140).Draw(t, "width")
		var b bytes.Buffer
		if err := Plan(&b, p, Options{Width: width, Full: rapid.Bool().Draw(t, "full")}); err != nil {
			t.Fatal(err)
		}
		for n, line := range strings.Split(b.String(), "\n") {
			if strings.ContainsAny(line, "\x1b\x00\r\t") || !utf8.ValidString(line) {
				t.Fatalf("line %d is not clean: %q", n+1, line)
			}
			if textWidth(line) > width {
				t.Fatalf("line %d takes %d columns of %d: %q", n+1, textWidth(line), width, line)
			}
		}
	})
}
