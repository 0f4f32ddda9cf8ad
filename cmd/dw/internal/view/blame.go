package view

import (
	"cmp"
	"fmt"
	"io"
	"time"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/report"
)

// Blame renders where the values of a record came from. History adds every
// line of its history.
func Blame(w io.Writer, r report.Blame, history bool, o Options) error {
	if o.JSON {
		return JSON(w, r)
	}
	v := &writer{o: o}
	v.blame(r, history)
	_, err := io.WriteString(w, v.b.String())
	return err
}

func (v *writer) blame(r report.Blame, history bool) {
	head := v.o.paint(bold, "map."+clean(r.Map)+"  "+clean(r.Record))
	if r.MapVersion > 0 {
		head += fmt.Sprintf("  agreed under version @%d", r.MapVersion)
	}
	if r.Life != "" {
		head += "  " + v.o.paint(yellow, clean(r.Life))
	}
	v.linef("%s", head)
	v.linef("")
	if len(r.Fields) > 0 {
		t := table{headed: true, columns: []column{
			{head: "field", least: 12}, {head: "value", least: 14}, {head: "from"}, {head: "when"}, {head: "why", least: 14},
		}}
		for _, f := range r.Fields {
			t.add(blameCells(f)...)
		}
		v.table(&t)
	} else {
		v.linef("Nothing is agreed about this record.")
	}
	if len(r.Listed) > 0 {
		v.linef("")
		v.listed(r.Listed, false)
	}
	if history {
		v.history(r.History)
	} else if n := int64(len(r.History)); n > 0 {
		v.linef("")
		v.linef("%s of history: add -history.", plural(n, "line", "lines"))
	}
}

func blameCells(f report.BlameField) []cell {
	fno, dataverse := cut(clean(f.Values.FnO), 60), cut(clean(f.Values.Dataverse), 60)
	text := cell{text: cmp.Or(fno, dataverse)}
	if fno != dataverse && fno != "" && dataverse != "" && !f.Lookup {
		text.text = fno + "\n" + dataverse
	}
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

// reason says by which rule a value won and what it replaced.
func reason(c record.Change) string {
	rules := map[string]string{
		"create": "the record was created", "moved": "only this side had changed it", "master": "both had changed it; its master won",
		"winner": "first match; initial_sync.winner won", "revert": "an edit on the wrong side was undone",
		"owed": "the record that it refers to arrived", "constant": "the map says so",
	}
	text := cmp.Or(rules[c.Rule], clean(c.Rule))
	if c.Op == record.Create && c.Field == "" {
		text = rules["create"]
	}
	if c.MapVersion > 0 {
		text += fmt.Sprintf(" (@%d)", c.MapVersion)
	}
	if !c.Old.IsNull() {
		text += "\nreplaced " + cut(clean(c.Old.String()), 60)
	}
	if c.Note != "" {
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
