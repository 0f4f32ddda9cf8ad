package dualwrite

import (
	"github.com/dualwrite/dw/lang/source"

	"fmt"
	"strings"

	"github.com/dualwrite/dw/lang/model"
)

// text writes the file of a map, unformatted.
func (d *draft) text() string {
	var b strings.Builder
	b.WriteString(d.heading() + "\n")
	for _, e := range d.enums {
		b.WriteString(e)
	}
	fmt.Fprintf(&b, "map %s {\n", source.Quote(d.name))
	if d.version != "" {
		fmt.Fprintf(&b, "version = %s\n", source.Quote(d.version))
	}
	for _, n := range d.keyNotes {
		b.WriteString(comment(n))
	}
	fmt.Fprintf(&b, "fno = %s\ndataverse = %s\nkey = %s\n", source.Quote(d.fno), source.Quote(d.table), list(d.key))
	if d.company != "" && d.company != "msdyn_company" {
		fmt.Fprintf(&b, "company = %s\n", source.Quote(d.company))
	}
	if d.stopped {
		b.WriteString("status = \"stopped\" # until its filter is written\n")
	}
	d.writeFilter(&b)
	for _, direction := range []model.Direction{model.Both, model.ToDataverse, model.ToFnO} {
		d.writeLines(&b, direction)
	}
	for _, f := range d.fields {
		f.write(&b)
	}
	for _, l := range d.lookups {
		l.write(&b)
	}
	for _, c := range d.constants {
		c.write(&b)
	}
	if len(d.notes) > 0 {
		b.WriteString("\n# Not taken over, or not as it was:\n")
		for _, n := range d.notes {
			b.WriteString(comment(n))
		}
	}
	b.WriteString("}\n")
	return b.String()
}

// heading says where the map comes from, and what its properties say of it.
func (d *draft) heading() string {
	p := d.record.Properties
	out := comment(d.record.title() + ", from dual-write.")
	if p.Description != "" {
		out += comment(clip(p.Description))
	}
	if len(p.Needs) > 0 {
		out += comment("Dual-write's map needs: " + clip(strings.Join(p.Needs, ", ")) + ".")
	}
	if len(p.Tags) > 0 {
		out += comment("Tags: " + clip(strings.Join(p.Tags, ", ")) + ".")
	}
	if p.SkipInitial {
		out += comment("Dual-write skipped the initial sync of this map.")
	}
	return out
}

func (d *draft) writeFilter(b *strings.Builder) {
	if d.filter[0] == "" && d.filter[1] == "" {
		for _, n := range d.filtNotes {
			b.WriteString("\n" + comment(n))
		}
		return
	}
	b.WriteString("\nfilter {\n")
	for _, n := range d.filtNotes {
		b.WriteString(comment(n))
	}
	for i, side := range []string{"fno", "dataverse"} {
		if d.filter[i] != "" {
			fmt.Fprintf(b, "%s = %s\n", side, source.Quote(d.filter[i]))
		}
	}
	b.WriteString("}\n")
}

func (d *draft) writeLines(b *strings.Builder, direction model.Direction) {
	lines := d.lines[direction]
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(b, "\nfields %s {\n", source.Quote(string(direction)))
	for _, l := range lines {
		columns := source.Quote(l.columns[0])
		if len(l.columns) > 1 {
			columns = list(l.columns)
		}
		fmt.Fprintf(b, "%s = %s\n", l.fno, columns)
	}
	b.WriteString("}\n")
}

func list(items []string) string {
	var parts []string
	for _, s := range items {
		parts = append(parts, source.Quote(s))
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

func (f *fieldBlock) write(b *strings.Builder) {
	fmt.Fprintf(b, "\nfield %s {\nfno = %s\n", source.Quote(f.column), source.Quote(f.fno))
	if f.direction != model.Both && f.toDataverse == "" && f.toFnO == "" {
		fmt.Fprintf(b, "direction = %s\n", source.Quote(string(f.direction)))
	}
	if f.toDataverse != "" {
		b.WriteString("to_dataverse = " + f.toDataverse + "\n")
	}
	if f.toFnO != "" {
		b.WriteString("to_fno = " + f.toFnO + "\n")
	}
	switch {
	case f.values == nil:
	case f.values.shared != "":
		b.WriteString("values = enum." + f.values.shared + "\n")
	default:
		b.WriteString(f.values.text())
	}
	b.WriteString("}\n")
}

func (l *lookupBlock) write(b *strings.Builder) {
	fmt.Fprintf(b, "\nlookup %s {\n", source.Quote(l.column))
	if l.direction != model.Both {
		fmt.Fprintf(b, "direction = %s\n", source.Quote(string(l.direction)))
	}
	if len(l.targets) == 0 {
		b.WriteString("match = " + matches(l.matches))
	}
	for _, t := range l.targets {
		fmt.Fprintf(b, "target %s {\nmatch = %s}\n", source.Quote(t.table), matches(t.matches))
	}
	b.WriteString("}\n")
}

func matches(all []match) string {
	var pairs []Pair
	for _, m := range all {
		pairs = append(pairs, Pair{FnO: m.fno, Dataverse: m.path})
	}
	if len(pairs) > 1 {
		var b strings.Builder
		b.WriteString("{\n")
		for _, p := range pairs {
			fmt.Fprintf(&b, "%s = %s\n", objectKey(p.FnO), source.Quote(p.Dataverse))
		}
		return b.String() + "}\n"
	}
	return object(pairs, func(p Pair) (string, string) { return objectKey(p.FnO), source.Quote(p.Dataverse) })
}

func (c constantBlock) write(b *strings.Builder) {
	fmt.Fprintf(b, "\nconstant %s {\n", source.Quote(c.name))
	if c.toFnO {
		b.WriteString("side = \"fno\"\n")
	}
	fmt.Fprintf(b, "value = %s\n}\n", literalHCL(c.text))
}
