package view

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/report"
)

// Blame renders where the values of a record came from. History adds every
// line of its history.
func Blame(w io.Writer, r report.Blame, history bool, o Options) error {
	v := &writer{o: o}
	v.blame(r, history)
	_, err := io.WriteString(w, v.b.String())
	return err
}

func (v *writer) blame(r report.Blame, history bool) {
	head := v.o.paint(bold, clean(model.MapAddress(r.Map))+"  "+clean(r.Record))
	if r.MapVersion > 0 {
		head += fmt.Sprintf("  agreed under version @%d", r.MapVersion)
	}
	if r.Life != "" {
		head += "  " + v.o.paint(yellow, clean(r.Life))
	}
	v.linef("%s", head)
	v.linef("")
	switch {
	case len(r.Fields) > 1:
		v.blameGroups(r.Fields)
	case len(r.Fields) == 1:
		t := table{headed: true, columns: []column{
			{head: "field", least: 12}, {head: "value", least: 14}, {head: "from"}, {head: "when"}, {head: "why", least: 14},
		}}
		for _, f := range r.Fields {
			t.add(blameCells(f)...)
		}
		v.table(&t)
	default:
		v.linef("Nothing is agreed about this record.")
	}
	if len(r.Listed) > 0 {
		v.linef("")
		v.listed(r.Listed, false)
	}
	if history && len(r.History) > 0 {
		v.history(r.History)
	} else if history {
		v.linef("")
		v.linef("It has no history: dw has not written it.")
	} else if n := int64(len(r.History)); n > 0 {
		v.linef("")
		v.linef("%s of history: add -history.", plural(n, "line", "lines"))
	}
}

// blameGroups shows all fields of a record: those that have the same origin
// under one heading, the newest last, where the eye is.
func (v *writer) blameGroups(fields []report.BlameField) {
	type group struct {
		head   string
		s      style
		at     string
		fields []report.BlameField
	}
	var groups []group
	for _, f := range fields {
		g := group{s: bold}
		switch {
		case f.State == "owed":
			g.head, g.s = "Waits for the record that it refers to:", yellow
		case f.State == "unknown":
			g.head, g.s = "Not compared yet:", yellow
		case f.Change == nil:
			g.head = "Equal on both sides at the first match:"
		default:
			g.head, g.at = blameHead(*f.Change), f.Change.At
		}
		at := slices.IndexFunc(groups, func(o group) bool { return o.head == g.head })
		if at < 0 {
			at = len(groups)
			groups = append(groups, g)
		}
		groups[at].fields = append(groups[at].fields, f)
	}
	slices.SortStableFunc(groups, func(a, b group) int { return cmp.Compare(a.at, b.at) })
	for i, g := range groups {
		if i > 0 {
			v.linef("")
		}
		v.paragraph(0, 2, g.s, g.head)
		v.blameFields(g.fields)
	}
}

// blameFields shows fields with their values; those that hold nothing in one
// paragraph at the end.
func (v *writer) blameFields(fields []report.BlameField) {
	t := table{indent: 2, columns: []column{{least: 12}, {least: 14}}}
	var empty []string
	for _, f := range fields {
		name := cmp.Or(clean(f.FnO), clean(f.Dataverse))
		text := strings.ReplaceAll(blameText(f), "\n", " = ")
		replaced := f.Change != nil && !f.Change.Old.IsNull()
		if text == "" && !replaced {
			empty = append(empty, name)
			continue
		}
		if replaced {
			text = cmp.Or(text, "(nothing)") + "\nreplaced " + cut(clean(f.Change.Old.String()), 60)
		}
		t.add(cell{text: name}, cell{text: text})
	}
	v.table(&t)
	if len(empty) > 0 {
		v.paragraph(2, 2, dim, "(nothing): "+strings.Join(empty, ", "))
	}
}

// blameHead says where values came from, when and why.
func blameHead(c record.Change) string {
	text := "From the map"
	if c.From != "" {
		text = "From " + c.From.Title()
	}
	text += ", " + strings.ReplaceAll(when(c), "\n", " ") + ": " + rule(c)
	if c.Note != "" && c.Note != c.Rule {
		text += "; " + clean(c.Note)
	}
	return text
}

// blameText gives the value of a field, both where the sides spell it
// otherwise.
func blameText(f report.BlameField) string {
	fno, dataverse := cut(clean(f.Values.FnO), 60), cut(clean(f.Values.Dataverse), 60)
	text := cmp.Or(fno, dataverse)
	if fno != dataverse && fno != "" && dataverse != "" && !f.Lookup {
		text = fno + "\n" + dataverse
	}
	return text
}

func blameCells(f report.BlameField) []cell {
	text := cell{text: blameText(f)}
	if text.text == "" {
		text = cell{"(nothing)", dim}
	}
	name := clean(f.FnO) + "\n" + clean(f.Dataverse)
	switch {
	case f.State == "owed":
		return []cell{{text: name}, text, {}, {}, {"waits for the record that it refers to", yellow}}
	case f.State == "unknown":
		return []cell{{text: name}, text, {}, {}, {"not compared yet", yellow}}
	case f.Change == nil:
		return []cell{{text: name}, text, {"both", dim}, {}, {"equal at the first match", dim}}
	}
	return []cell{{text: name}, text, {text: origin(*f.Change)}, {text: when(*f.Change)}, {text: reason(*f.Change)}}
}

// origin names the side that a value came from.
func origin(c record.Change) string {
	if c.From == "" {
		return "map"
	}
	return c.From.Title()
}

// when tells between which times an edit was made, and when it was carried over.
func when(c record.Change) string {
	at := clean(c.At)
	if t, err := time.Parse(time.RFC3339, c.At); err == nil {
		at = t.UTC().Format("2006-01-02\n15:04:05Z")
	}
	if c.After == "" {
		return at
	}
	return at + "\n(edited after\n" + clockOf(c.After) + ")"
}

func clockOf(at string) string {
	if t, err := time.Parse(time.RFC3339, at); err == nil {
		return t.UTC().Format("15:04:05Z")
	}
	return clean(at)
}

// rulesInWords says why a value was written.
func rulesInWords() map[string]string {
	return map[string]string{
		"create": "the record was created", "moved": "only this side had changed it", "master": "both had changed it; its master won",
		"last":   "both sides had changed the record; this one later",
		"winner": "first match; initial_sync.winner won", "revert": "an edit on the wrong side was undone",
		"owed": "the record that it refers to arrived", "constant": "the map says so",
	}
}

// rule says by which rule of which version of the map a value won.
func rule(c record.Change) string {
	rules := rulesInWords()
	text := cmp.Or(rules[c.Rule], clean(c.Rule))
	if c.Op == record.Create && c.Field == "" {
		text = rules["create"]
	}
	if c.MapVersion > 0 {
		text += fmt.Sprintf(" (@%d)", c.MapVersion)
	}
	return text
}

// reason says by which rule a value won and what it replaced.
func reason(c record.Change) string {
	text := rule(c)
	if !c.Old.IsNull() {
		text += "\nreplaced " + cut(clean(c.Old.String()), 60)
	}
	if c.Note != "" && c.Note != c.Rule {
		text += "\n" + clean(c.Note)
	}
	return text
}

// history renders the lines of a history, oldest first.
func (v *writer) history(changes []record.Change) {
	v.linef("")
	t := table{headed: true, columns: []column{
		{head: "when"}, {head: "written", least: 9}, {head: "what", least: 12}, {head: "value", least: 14}, {head: "why", least: 14},
	}}
	for _, c := range changes {
		what := string(c.Op)
		if c.Field != "" {
			what = clean(c.Field)
		}
		shown := cut(clean(c.New.String()), 60)
		if c.Field != "" && c.New.IsNull() {
			shown = "(nothing)"
		}
		t.add(cell{text: when(c)}, cell{text: written(c)}, cell{text: what}, cell{text: shown}, cell{text: reason(c)})
	}
	v.table(&t)
}

func written(c record.Change) string {
	if c.Side == value.FnO {
		return "in F&O"
	}
	return "in Dataverse"
}
