package view

import (
	"fmt"
	"io"
	"strings"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/report"
)

// Status renders what is deployed for a link and how it stands.
func Status(w io.Writer, r report.Status, o Options) error {
	v := &writer{o: o}
	v.status(r)
	_, err := io.WriteString(w, v.b.String())
	return err
}

func (v *writer) status(r report.Status) {
	v.linef("%s  state serial %d", v.o.paint(bold, "link."+clean(r.Link)), r.Serial)
	for _, e := range [][2]string{{"F&O", r.Environments.FnO}, {"Dataverse", r.Environments.Dataverse}} {
		if e[1] != "" {
			v.paragraph(2, 11, "", fmt.Sprintf("%-10s %s", e[0], clean(e[1])))
		}
	}
	if r.Engine != "" {
		v.paragraph(2, 11, "", fmt.Sprintf("%-10s %s", "engine", clean(r.Engine)))
	} else if len(r.Maps) > 0 && r.Serial > 0 {
		v.paragraph(2, 11, yellow, fmt.Sprintf("%-10s %s", "engine", "none: nothing is captured until `dw run` runs"))
	}
	v.lock(r.Lock)
	v.linef("")
	if len(r.Maps) == 0 {
		v.linef("No map is configured or deployed.")
		return
	}
	t := table{headed: true, columns: []column{
		{head: "map", least: 10}, {head: "status"}, {head: "wave", right: true},
		{head: "pairs", right: true}, {head: "open", right: true}, {head: "queued", right: true}, {head: "aside", right: true},
	}}
	listed := map[record.Kind]int64{}
	for _, m := range r.Maps {
		var aside int64
		for kind, n := range m.Listed {
			listed[kind] += n
			aside += n
		}
		t.add(statusCells(m, aside)...)
	}
	v.table(&t)
	v.troubled(r)
	v.contents(r)
	v.aside(listed)
}

// contents says how far the rolling comparison of contents has come: in one
// sentence for all maps.
func (v *writer) contents(r report.Status) {
	oldest, maps, rest := "", int64(0), int64(0)
	var found int64
	for _, m := range r.Maps {
		c := m.Contents
		switch {
		case m.Version == 0:
			continue
		case c == nil:
			rest++
			continue
		case c.Ended == "":
			rest++
		default:
			if maps++; oldest == "" || c.Ended < oldest {
				oldest = c.Ended
			}
		}
		found += c.Found + c.Differ
	}
	if maps == 0 && found == 0 {
		return
	}
	text := "Contents compared: "
	if maps > 0 {
		text += fmt.Sprintf("%s in full, the longest ago at %s", plural(maps, "map", "maps"), clean(oldest))
		if rest > 0 {
			text += "; "
		}
	}
	if rest > 0 {
		text += fmt.Sprintf("%s not in full yet", plural(rest, "map", "maps"))
	}
	text += ". " + plural(found, "row was", "rows were") + " not as agreed and read again."
	v.linef("")
	v.paragraph(0, 2, "", text)
}

// lock says who may change the state.
func (v *writer) lock(l *report.Lock) {
	if l == nil {
		return
	}
	text := fmt.Sprintf("%-10s held by %s for `dw %s` since %s, lease until %s", "lock", l.Owner, l.Purpose, l.Since, l.Until)
	s := style("")
	if l.Left {
		s = yellow
		text = fmt.Sprintf("%-10s left by %s, for `dw %s` since %s: the next command that writes takes it over", "lock", l.Owner, l.Purpose, l.Since)
	}
	v.paragraph(2, 11, s, clean(text))
	if l.Run != "" {
		v.paragraph(13, 13, "", clean(l.Run))
	}
}

// troubled says why maps are as they are; maps of which the same is to be said
// stand together, as when a service is gone.
func (v *writer) troubled(r report.Status) {
	var said []string
	names := map[string][]string{}
	for _, m := range r.Maps {
		if m.Reason == "" {
			continue
		}
		text := words(m.Status) + ", " + m.Reason
		if names[text] == nil {
			said = append(said, text)
		}
		names[text] = append(names[text], model.MapAddress(m.Map))
	}
	if len(said) > 0 {
		v.linef("")
	}
	for _, text := range said {
		const most = 3
		maps := names[text]
		who := strings.Join(maps[:min(len(maps), most)], ", ")
		if more := len(maps) - most; more > 0 {
			who += fmt.Sprintf(" and %d more", more)
		}
		v.paragraph(0, 2, yellow, clean(who+": "+text))
	}
	if len(said) > 0 && r.Engine == "" {
		v.linef("So it was when `dw run` ended.")
	}
}

func statusCells(m report.MapStatus, aside int64) []cell {
	if m.Version == 0 {
		return []cell{{text: clean(m.Map)}, {"not deployed", yellow}, {}, {}, {}, {}, {}}
	}
	name := fmt.Sprintf("%s@%d", m.Map, m.Version) // as plans name what is deployed
	if m.Label != "" {
		name += " (" + m.Label + ")"
	}
	state := map[string]style{"running": green, "paused": yellow, "stopped": yellow, "initializing": yellow, "catching_up": yellow}[m.Status]
	status := words(m.Status)
	if m.Initial == "pending" && m.Status != statusInitializing {
		status, state = status+", not joined", yellow
	}
	alarm := style("")
	if aside > 0 {
		alarm = yellow
	}
	return []cell{
		{text: clean(name)}, {clean(status), state}, {text: count(int64(m.Wave))},
		{text: count(m.Pairs)}, {text: count(m.Open)}, {text: count(m.Queued.FnO + m.Queued.Dataverse)}, {count(aside), alarm},
	}
}

// words shows the name of a state as people write it.
func words(state string) string { return strings.ReplaceAll(state, "_", " ") }

// aside says what the records are that were set aside.
func (v *writer) aside(listed map[record.Kind]int64) {
	kinds := []struct {
		kind record.Kind
		s    style
	}{
		{record.Failed, red}, {record.Parked, yellow}, {record.Held, yellow}, {record.OwedField, yellow}, {record.Tolerated, ""},
	}
	var text string
	var worst style
	for _, k := range kinds {
		if n := listed[k.kind]; n > 0 {
			if text != "" {
				text += ", "
			} else {
				worst = k.s
			}
			text += count(n) + " " + string(k.kind)
		}
	}
	if text != "" {
		v.linef("")
		v.paragraph(0, 0, worst, "Set aside: "+text+". See them with: dw errors list")
	}
}
