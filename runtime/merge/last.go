package merge

import (
	"cmp"

	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
)

// lastWriter gives the side that was edited later where the map lets it win
// and both sides have changed fields that both may edit; else "". Fields that
// mean the same on both sides again do not count as changed.
func (m *merger) lastWriter() value.Side {
	if m.c.Map.Conflict != transform.LastWriterWins {
		return ""
	}
	var moved [2]bool
	done := make([]bool, len(m.c.Slots))
	for i := range m.c.Slots {
		slot := &m.c.Slots[i]
		if done[i] || slot.IsKey || slot.OnCreate || m.pair.Base[i].State == record.Owed || m.emptied(i) {
			continue
		}
		group := m.group(i)
		for _, g := range group {
			done[g] = true
		}
		if !contested(m.rights(group)) {
			continue
		}
		here, known := m.movement(group)
		if !known || !here[0] && !here[1] {
			continue
		}
		if equal, asked := m.same(group); equal || !asked {
			continue
		}
		moved[0], moved[1] = moved[0] || here[0], moved[1] || here[1]
	}
	if !moved[0] || !moved[1] {
		return ""
	}
	fno, dataverse := m.c.Modified(value.FnO, m.in.FnO.Values), m.c.Modified(value.Dataverse, m.in.Dataverse.Values)
	switch order, known := value.Compare(fno, dataverse); {
	case known && order > 0:
		return value.FnO
	case known && order < 0:
		return value.Dataverse
	default:
		return cmp.Or(m.c.Map.Mastering.Master, value.FnO)
	}
}

// contested tells whether a group of fields may be edited on both sides.
func contested(r rights) bool { return r.edits[0] && r.edits[1] }

// movement tells which sides of a group have moved since it was agreed; known
// is false where a field of it never was.
func (m *merger) movement(group []int) (moved [2]bool, known bool) {
	known = true
	for _, i := range group {
		b := m.pair.Base[i]
		if b.State != record.Known && b.State != record.OwedEdit {
			known = false
			continue
		}
		for _, s := range []value.Side{value.FnO, value.Dataverse} {
			moved[index(s)] = moved[index(s)] || !unmoved(m.c, i, s, m.current(i, s), b.On(s))
		}
	}
	return moved, known
}
