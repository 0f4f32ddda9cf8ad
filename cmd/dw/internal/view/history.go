package view

import (
	"fmt"
	"io"
	"strings"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/planner/plan"
	"github.com/dualwrite/dw/runtime/report"
)

// History renders the versions of maps.
func History(w io.Writer, h report.History, o Options) error {
	v := &writer{o: o}
	if len(h.Versions) == 0 {
		v.linef("Nothing was ever deployed for link %s.", clean(h.Link))
	}
	last := ""
	for _, x := range h.Versions {
		if x.Map != last {
			if last != "" {
				v.linef("")
			}
			v.linef("%s", v.o.paint(bold, clean(model.MapAddress(x.Map))))
		}
		last = x.Map
		v.version(x, 2)
	}
	_, err := io.WriteString(w, v.b.String())
	return err
}

// version shows how one version came about.
func (v *writer) version(x report.MapVersion, indent int) {
	head := fmt.Sprintf("@%d  %s  by %s  %s", x.Version, x.At, x.By, cameBy(x))
	s := style("")
	if x.Current {
		head, s = head+"  current", green
	}
	v.paragraph(indent, 4, s, clean(head))
	for _, r := range x.Reasons {
		if r.Code != plan.NewMap && r.Code != plan.RolledBack {
			v.paragraph(indent+4, 2, "", clean(r.Detail))
		}
	}
	if x.Run != "" {
		v.paragraph(indent+4, 2, dim, clean(x.Run))
	}
	if r := x.Removed; r != nil && !x.Current {
		text := fmt.Sprintf("ended %s by %s", r.At, r.By)
		if r.Run != "" {
			text += ", " + r.Run
		}
		v.paragraph(indent+4, 2, yellow, clean(text))
	}
}

// cameBy says in words what a version was.
func cameBy(x report.MapVersion) string {
	text := map[plan.Kind]string{
		plan.Create: "created", plan.Update: "updated", plan.Backfill: "updated, rows read again", plan.Replace: "replaced, records paired anew",
	}[x.Kind]
	switch {
	case x.RolledBack > 0:
		text = fmt.Sprintf("rolled back to @%d", x.RolledBack)
	case x.MovedFrom != "":
		text = "moved from " + model.MapAddress(x.MovedFrom)
	case text == "":
		text = "deployed"
	}
	if x.Label != "" {
		text += fmt.Sprintf(" (version %s)", x.Label)
	}
	return text
}

// Shown renders a version of a map in full.
func Shown(w io.Writer, r report.Shown, o Options) error {
	v := &writer{o: o}
	x := r.Version
	v.linef("%s", v.o.paint(bold, clean(model.MapAddress(x.Map))))
	v.version(x, 2)
	if s := r.Status; s != nil {
		v.paragraph(2, 4, "", clean(fmt.Sprintf("status %s, initial sync %s, %s, %s queued, %s set aside", words(s.Status), s.Initial,
			plural(s.Pairs, "pair", "pairs"), count(s.Queued.FnO+s.Queued.Dataverse), count(asideOf(s)))))
		if s.Reason != "" {
			v.paragraph(2, 4, yellow, clean(s.Reason))
		}
	}
	v.paragraph(2, 4, "", clean(fmt.Sprintf("wave %d", r.Definition.Wave)))
	if d := r.Definition.Deferred; len(d) > 0 {
		v.paragraph(2, 4, "", clean("filled in afterwards: "+strings.Join(d, ", ")))
	}
	v.linef("")
	for line := range strings.Lines(r.Text) {
		v.linef("%s", clean(strings.TrimRight(line, "\n")))
	}
	_, err := io.WriteString(w, v.b.String())
	return err
}

func asideOf(s *report.MapStatus) (n int64) {
	for _, listed := range s.Listed {
		n += listed
	}
	return n
}

// Difference renders what differs between two versions of a map.
func Difference(w io.Writer, d report.Diff, o Options) error {
	v := &planView{writer: writer{o: o}}
	v.linef("%s", v.o.paint(bold, clean(d.From+" → "+d.To)))
	if d.Equal {
		v.linef("  No difference.")
	}
	for _, r := range d.Reasons {
		v.paragraph(4, 2, "", clean(r.Detail))
	}
	v.changes(d.Changes)
	if d.Kind.SendsRows() {
		v.paragraph(2, 2, yellow, "To get from the one to the other, all rows of the map are read and compared.")
	}
	if text := Diff(d.From, []byte(d.FromText), []byte(d.ToText)); text != "" {
		v.linef("")
		text = strings.Replace(text, "+++ "+clean(d.From), "+++ "+clean(d.To), 1)
		for _, line := range v.o.markedDiff(text) {
			v.linef("%s", line)
		}
	}
	_, err := io.WriteString(w, v.b.String())
	return err
}
