package view

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/dualwrite/dw/planner/plan"
)

// The formats of Graph.
const (
	Mermaid = "mermaid"
	DOT     = "dot"
)

// Graph renders how maps depend on each other: maps as nodes, grouped by waves,
// references as edges to the map that delivers the record, dashed where they
// are filled in afterwards.
func Graph(w io.Writer, g plan.Graph, format string) error {
	r := graphView{plan: g, ids: map[string]string{}}
	for i, m := range g.Maps {
		r.ids[m.Map] = fmt.Sprintf("m%d", i+1)
	}
	if format == DOT {
		r.dot()
	} else {
		r.mermaid()
	}
	_, err := io.WriteString(w, r.b.String())
	return err
}

type graphView struct {
	plan plan.Graph
	ids  map[string]string
	b    strings.Builder
}

func (r *graphView) linef(format string, args ...any) { fmt.Fprintf(&r.b, format+"\n", args...) }

// waves calls back for each wave with its maps.
func (r *graphView) waves(each func(wave int, maps []plan.GraphMap)) {
	for i := 0; i < len(r.plan.Maps); {
		j := i
		for j < len(r.plan.Maps) && r.plan.Maps[j].Wave == r.plan.Maps[i].Wave {
			j++
		}
		each(r.plan.Maps[i].Wave, r.plan.Maps[i:j])
		i = j
	}
}

func (r *graphView) mermaid() {
	r.linef("flowchart RL")
	r.waves(func(wave int, maps []plan.GraphMap) {
		r.linef(`  subgraph wave%d["Wave %d"]`, wave, wave)
		for _, m := range maps {
			r.linef(`    %s["%s<br/>%s → %s"]`, r.ids[m.Map], mermaidText(m.Map), mermaidText(m.FnO), mermaidText(m.Dataverse))
		}
		r.linef("  end")
	})
	for _, e := range r.plan.Edges {
		arrow := "-->"
		if e.Deferred {
			arrow = "-.->"
		}
		r.linef(`  %s %s|"%s"| %s`, r.ids[e.From], arrow, mermaidText(edgeLabel(e)), r.ids[e.To])
	}
}

func (r *graphView) dot() {
	r.linef(`digraph "%s" {`, dotText(r.plan.Link))
	r.linef("  rankdir=RL;")
	r.linef("  node [shape=box];")
	r.waves(func(wave int, maps []plan.GraphMap) {
		r.linef("  subgraph cluster_wave%d {", wave)
		r.linef(`    label="Wave %d";`, wave)
		for _, m := range maps {
			r.linef(`    %s [label="%s\n%s → %s"];`, r.ids[m.Map], dotText(m.Map), dotText(m.FnO), dotText(m.Dataverse))
		}
		r.linef("  }")
	})
	for _, e := range r.plan.Edges {
		style := ""
		if e.Deferred {
			style = ", style=dashed"
		}
		r.linef(`  %s -> %s [label="%s"%s];`, r.ids[e.From], r.ids[e.To], dotText(edgeLabel(e)), style)
	}
	r.linef("}")
}

// edgeLabel names the columns that hold the references of an edge, at most a few
// of them.
func edgeLabel(e plan.GraphEdge) string {
	const most = 3
	var columns []string
	for _, f := range e.Fields {
		if column, _, _ := strings.Cut(f, "."); !slices.Contains(columns, column) {
			columns = append(columns, column)
		}
	}
	text := strings.Join(columns[:min(most, len(columns))], ", ")
	if n := len(columns) - most; n > 0 {
		text += fmt.Sprintf(" and %d more", n)
	}
	return text
}

// mermaidText makes a text fit to stand between quotes in Mermaid, which knows
// entities written with a number sign and takes HTML and Markdown for markup.
func mermaidText(s string) string {
	var b strings.Builder
	for _, r := range clean(s) {
		switch r {
		case '"', '#', '<', '>', '&', '`', '\\', '|', '[', ']', '{', '}', ';', '*':
			fmt.Fprintf(&b, "#%d;", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// dotText makes a text fit to stand between quotes in DOT, where a backslash
// begins an escape.
func dotText(s string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(clean(s))
}
