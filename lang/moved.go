package lang

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/source"
)

// movedBlock is the table of the block moved.
func movedBlock() *source.BlockSpec {
	address := func(name, doc string) source.AttrSpec {
		return needed(source.AttrSpec{Name: name, Accept: source.Text, Address: true, Doc: doc})
	}
	return &source.BlockSpec{
		Type: "moved",
		Doc: "Says that a map, or a field of one, has another name now and is the same as before: its records and what was agreed of them are kept, and nothing is read or sent again. " +
			"A field has another name where its Dataverse column or its F&O field was renamed in the environment and still holds what it held. " +
			"The block may stay: where nothing is deployed under the old name it says nothing.",
		Attrs: []source.AttrSpec{
			address("from", "The old name: map.NAME, or map.NAME.FIELD by its Dataverse column or F&O field."),
			address("to", "The new name, of the same form."),
		},
	}
}

// moves reads all moved blocks and holds them to the maps.
func (l *loader) moves(blocks []*source.Block) {
	for _, b := range blocks {
		if b.Spec.Type != "moved" {
			continue
		}
		from, to := l.place(b, "from"), l.place(b, "to")
		if from.Map == "" || to.Map == "" {
			continue
		}
		m := &model.Moved{From: from, To: to, Range: b.Header}
		if l.sensible(m, b) {
			l.cfg.Moved = append(l.cfg.Moved, m)
		}
	}
	l.cfg.Moved = l.single(l.cfg.Moved)
	l.cfg.Moved = slices.DeleteFunc(l.cfg.Moved, func(m *model.Moved) bool { return l.inRing(m) })
	for _, m := range l.cfg.Moved {
		l.fits(m)
	}
}

// place reads one address; its map is "" where a mistake was reported.
func (l *loader) place(b *source.Block, name string) model.Place {
	a := b.Attr(name)
	if a == nil || a.Value.Kind != source.Text {
		return model.Place{}
	}
	p, ok := model.ParsePlace(a.Value.Scalar.String())
	if !ok {
		l.report(diag.Diagnostic{
			Code: diag.CodeMovedAddress, Summary: fmt.Sprintf("%q names neither a map nor a field of one", a.Value.Scalar.String()),
			Detail: "Maps and their fields have other names now and then; nothing else has something to keep.",
			Hint:   "Write map.NAME, or map.NAME.FIELD.", Subject: a.Value.Range,
		})
	}
	p.Range = a.Value.Range
	return p
}

// sensible tells whether both ends are of one kind.
func (l *loader) sensible(m *model.Moved, b *source.Block) bool {
	d := diag.Diagnostic{Code: diag.CodeMovedAddress, Subject: b.Header, Context: b.Body}
	switch {
	case (m.From.Field == "") != (m.To.Field == ""):
		d.Summary = fmt.Sprintf("%s cannot become %s", m.From, m.To)
		d.Detail = "A map can become a map and a field a field."
		d.Hint = "Write both with a field or both without one."
	case m.From.Field != "" && m.From.Map != m.To.Map:
		d.Summary = fmt.Sprintf("%s cannot become %s: a field stays in its map", m.From, m.To)
		d.Detail = "What was agreed of a field belongs to the records of its map."
		d.Hint = fmt.Sprintf("Name the map as it is called now in both: %s.", model.Place{Map: m.To.Map, Field: m.From.Field})
	case m.From.Same(m.To):
		d.Summary = fmt.Sprintf("%s is moved to itself", m.From)
		d.Detail = "The two names are the same."
		d.Hint = "Remove the block."
	default:
		return true
	}
	l.report(d)
	return false
}

// single leaves out the moves of which an end was given before.
func (l *loader) single(all []*model.Moved) (kept []*model.Moved) {
	for _, m := range all {
		var first *model.Moved
		var what string
		for _, k := range kept {
			if k.From.Same(m.From) {
				first, what = k, m.From.String()+" is moved twice"
			} else if k.To.Same(m.To) {
				first, what = k, "two are moved to "+m.To.String()
			}
		}
		if first == nil {
			kept = append(kept, m)
			continue
		}
		l.report(diag.Diagnostic{
			Code: diag.CodeMovedTwice, Summary: what, Detail: fmt.Sprintf("The first block stands at %s. Only one of the two can hold.", first.Range),
			Hint: "Remove one of them.", Subject: m.Range,
		})
	}
	return kept
}

// next gives the move that goes on where m ends; nil where none does.
func (l *loader) next(m *model.Moved) *model.Moved {
	for _, n := range l.cfg.Moved {
		if n.From.Same(m.To) {
			return n
		}
	}
	return nil
}

// inRing tells whether moves lead from the end of m back to its beginning, which
// is reported at the one of them that stands first.
func (l *loader) inRing(m *model.Moved) bool {
	trail := []string{m.From.String(), m.To.String()}
	first := m
	n := l.next(m)
	for ; n != nil && n != m && len(trail) <= len(l.cfg.Moved)+1; n = l.next(n) {
		trail = append(trail, n.To.String())
		if n.Range.File < first.Range.File || n.Range.File == first.Range.File && n.Range.Start.Byte < first.Range.Start.Byte {
			first = n
		}
	}
	if n != m {
		return false
	}
	if first == m {
		l.report(diag.Diagnostic{
			Code: diag.CodeMovedRing, Summary: "moved blocks lead round in a ring", Detail: strings.Join(trail, " becomes ") + ".",
			Hint: "Remove the blocks that are not meant. Two maps change names in two steps, each applied for itself.", Subject: m.Range,
		})
	}
	return true
}

// fits holds a move to what the maps say: the old name must be gone, the new
// one there, unless another block goes on from it.
func (l *loader) fits(m *model.Moved) {
	if l.incomplete {
		return
	}
	if l.there(m.From) {
		l.report(diag.Diagnostic{
			Code: diag.CodeMovedFromThere, Summary: fmt.Sprintf("%s is still there", m.From),
			Detail: fmt.Sprintf("The block says that it is called %s now. Which of the two goes on with the records could only be guessed.", m.To),
			Hint:   "Remove or rename what has the old name, or remove the block.", Subject: m.From.Range,
		})
	}
	if l.there(m.To) || l.next(m) != nil {
		return
	}
	d := diag.Diagnostic{
		Code: diag.CodeMovedToMissing, Summary: fmt.Sprintf("there is no %s", m.To),
		Detail: fmt.Sprintf("The block says that %s is called so now.", m.From), Subject: m.To.Range,
	}
	if near := l.speller.Suggest(m.To.String(), l.placesLike(m.To)); near != "" {
		d.Hint = fmt.Sprintf("Did you mean %s?", near)
	} else {
		d.Hint = "Declare it, or remove the block: what is removed needs none."
	}
	l.report(d)
}

// there tells whether the configuration has a map or field.
func (l *loader) there(p model.Place) bool {
	for _, m := range l.cfg.Maps {
		if m.Name == p.Map {
			return p.Field == "" || m.Field(p.Field) != nil
		}
	}
	return false
}

// placesLike gives the addresses that p could have been meant to be.
func (l *loader) placesLike(p model.Place) (out []string) {
	for _, m := range l.cfg.Maps {
		switch {
		case p.Field == "":
			out = append(out, model.Place{Map: m.Name}.String())
		case m.Name == p.Map:
			for _, f := range m.Fields {
				out = append(out, model.Place{Map: m.Name, Field: f.Name()}.String())
			}
		}
	}
	return out
}
