package memory

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/plan"
	"github.com/dualwrite/dw/runtime/store"
)

func (t *tx) Meta(name string) (string, error) {
	if err := t.usable(false); err != nil {
		return "", err
	}
	return t.st.meta[name], nil
}

func (t *tx) SetMeta(name, text string) error {
	if err := t.usable(true); err != nil {
		return err
	}
	meta := maps.Clone(t.st.meta)
	if meta == nil {
		meta = map[string]string{}
	}
	meta[name] = text
	t.st.meta = meta
	return nil
}

func (d *deployed) decode() (plan.DeployedMap, error) {
	m := plan.DeployedMap{Version: d.version, Status: d.status, Initial: d.initial, At: d.at, By: d.by}
	if err := json.Unmarshal(d.definition, &m.Definition); err != nil {
		return m, fmt.Errorf("store: a deployed map: %w", err)
	}
	if err := json.Unmarshal(d.origin, &m.Origin); err != nil {
		return m, fmt.Errorf("store: the origin of a deployed map: %w", err)
	}
	if d.removed != nil {
		end := *d.removed
		m.Removed = &end
	}
	return m, nil
}

func (t *tx) Deployed(link string) (plan.Deployed, error) { return t.DeployedKnowing(link, nil) }

func (t *tx) DeployedKnowing(link string, known map[string]*plan.Definition) (plan.Deployed, error) {
	d := plan.Deployed{Link: link, Lineage: t.st.lineage, Serial: t.st.serials[link]}
	if err := t.usable(false); err != nil {
		return plan.Deployed{Link: link}, err
	}
	all, digests := slices.Clone(t.st.deployed), plan.NewDigester()
	slices.SortStableFunc(all, func(a, b deployed) int { return cmp.Compare(a.name, b.name) })
	for _, one := range all {
		if one.link != link || !one.current {
			continue
		}
		m, err := one.decode()
		if err != nil {
			return d, err
		}
		if same := known[digests.Definition(&m.Definition)]; same != nil {
			m.Definition = *same
		}
		d.Maps = append(d.Maps, m)
	}
	return d, nil
}

func (t *tx) DeployedMap(link, mapName string) (*plan.DeployedMap, error) {
	if err := t.usable(false); err != nil {
		return nil, err
	}
	for _, one := range t.st.deployed {
		if one.link == link && one.name == mapName && one.current {
			m, err := one.decode()
			return &m, err
		}
	}
	return nil, nil
}

func (t *tx) History(link, mapName string) ([]plan.DeployedMap, error) {
	if err := t.usable(false); err != nil {
		return nil, err
	}
	var history []plan.DeployedMap
	for _, one := range t.st.deployed { // a map's versions rise
		if one.link != link || one.name != mapName {
			continue
		}
		m, err := one.decode()
		if err != nil {
			return nil, err
		}
		history = append(history, m)
	}
	return history, nil
}

func (t *tx) PutDeployed(link string, m plan.DeployedMap) error {
	if err := t.usable(true); err != nil {
		return err
	}
	name := store.NameOf(&m)
	all := slices.Clone(t.st.deployed)
	current, newest, at := 0, 0, -1
	for i, d := range all {
		switch {
		case d.name != name:
			continue
		case d.current && d.link != link:
			return store.TakenByLink(name, d.link)
		case d.link != link:
			continue
		}
		newest = max(newest, d.version)
		if d.current {
			current, at = d.version, i
		}
	}
	if err := store.CheckVersion(&m, name, current, newest); err != nil {
		return err
	}
	if at >= 0 && m.Version == current {
		all[at].status, all[at].initial = m.Status, m.Initial
	} else {
		definition, err := json.Marshal(m.Definition)
		if err != nil {
			return fmt.Errorf("store: map %s: %w", name, err)
		}
		origin, err := json.Marshal(m.Origin)
		if err != nil {
			return fmt.Errorf("store: map %s: %w", name, err)
		}
		if at >= 0 {
			all[at].current = false
		}
		all = append(all, deployed{link: link, name: name, version: m.Version, current: true,
			definition: definition, status: m.Status, initial: m.Initial, at: m.At, by: m.By, origin: origin})
	}
	t.st.deployed = all
	t.raise(link)
	return nil
}

func (t *tx) RemoveDeployed(link, mapName string, end plan.Removal) error {
	if err := t.usable(true); err != nil {
		return err
	}
	all := slices.Clone(t.st.deployed)
	at := slices.IndexFunc(all, func(d deployed) bool { return d.link == link && d.name == mapName && d.current })
	if at < 0 {
		return nil
	}
	all[at].current, all[at].removed = false, &end
	t.st.deployed = all
	t.forget(mapName)
	t.raise(link)
	return nil
}

func (t *tx) RenameMap(link, from, to string) (shift int, err error) {
	if err := t.usable(true); err != nil {
		return 0, err
	}
	isDeployed, taken := false, false
	for _, d := range t.st.deployed {
		isDeployed = isDeployed || d.current && d.link == link && d.name == from
		taken = taken || d.current && d.name == to
		if d.link == link && d.name == to {
			shift = max(shift, d.version)
		}
	}
	if err := store.CheckRename(from, to, isDeployed, taken); err != nil {
		return 0, err
	}
	var others, own []deployed
	for _, d := range t.st.deployed {
		if d.link == link && d.name == from {
			d.name, d.version = to, d.version+shift
			own = append(own, d)
		} else {
			others = append(others, d)
		}
	}
	t.st.deployed = append(others, own...) // a map's versions rise
	t.moveRecords(from, to, shift)
	commands := slices.Clone(t.st.commands)
	for i := range commands {
		if commands[i].Map == from {
			commands[i].Map = to
		}
	}
	t.st.commands = commands
	t.raise(link)
	return shift, nil
}

// moveRecords gives what is stored of the records of a map to another name.
func (t *tx) moveRecords(from, to string, shift int) {
	observations, pairs, intents, listed, changes := t.observations(from), t.pairs(from), t.intents(from), t.listed(from), t.changes(from)
	for seq, o := range observations {
		o.Map = to
		observations[seq] = o
	}
	for id, p := range pairs {
		p := *p
		p.Map, p.MapVersion = to, p.MapVersion+shift
		pairs[id] = &p
	}
	for id, in := range intents {
		in := *in
		in.Map, in.MapVersion = to, in.MapVersion+shift
		intents[id] = &in
	}
	for id, l := range listed {
		l.Map = to
		listed[id] = l
	}
	for key, lines := range changes {
		lines = slices.Clone(lines)
		for i := range lines {
			lines[i].Map, lines[i].MapVersion = to, lines[i].MapVersion+shift
		}
		changes[key] = lines
	}
	moved, _ := t.ownMap(from)
	target, _ := t.ownMap(to)
	*target = *moved
	t.own[to] = t.own[from]
	t.forget(from)
	for _, name := range t.mapNames() {
		waiting := false
		for _, l := range t.of(name).listed {
			waiting = waiting || l.WaitMap == from
		}
		if !waiting {
			continue
		}
		list := t.listed(name)
		for id, l := range list {
			if l.WaitMap == from {
				l.WaitMap = to
				list[id] = l
			}
		}
	}
}

func (t *tx) HistoryNames(link string) ([]string, error) {
	if err := t.usable(false); err != nil {
		return nil, err
	}
	var names []string
	for _, d := range t.st.deployed {
		if d.link == link && !slices.Contains(names, d.name) {
			names = append(names, d.name)
		}
	}
	slices.Sort(names)
	return names, nil
}

func (t *tx) Lock() (store.Lock, error) {
	if err := t.usable(false); err != nil {
		return store.Lock{}, err
	}
	return t.st.lock, nil
}

func (t *tx) PutLock(l store.Lock) error {
	if err := t.usable(true); err != nil {
		return err
	}
	t.st.lock = l
	return nil
}

func (t *tx) raise(link string) {
	serials := maps.Clone(t.st.serials)
	if serials == nil {
		serials = map[string]int64{}
	}
	serials[link]++
	t.st.serials = serials
}

func (t *tx) Seq() (int64, error) {
	if err := t.usable(false); err != nil {
		return 0, err
	}
	if t.writes {
		return t.draw(), nil
	}
	return t.st.seq, nil
}

func (t *tx) Cursor(mapName string, side value.Side) (store.Cursor, error) {
	if err := t.usable(false); err != nil {
		return store.Cursor{}, err
	}
	return t.of(mapName).cursors[side], nil
}

func (t *tx) PutCursor(mapName string, side value.Side, c store.Cursor) error {
	if err := t.usable(true); err != nil {
		return err
	}
	if err := store.CheckSide(mapName, side); err != nil {
		return err
	}
	m, o := t.ownMap(mapName)
	table(&m.cursors, &o.cursors)[side] = c
	return nil
}

func (t *tx) Tally(mapName string) (store.Tally, error) {
	if err := t.usable(false); err != nil {
		return store.Tally{}, err
	}
	var own store.Tally
	own.Add(t.of(mapName).tally)
	return own, nil
}

func (t *tx) AddTally(mapName string, more store.Tally) error {
	if err := t.usable(true); err != nil {
		return err
	}
	m, _ := t.ownMap(mapName)
	m.tally.Add(more)
	return nil
}

func (t *tx) ResetTally(mapName string) error {
	if err := t.usable(true); err != nil {
		return err
	}
	m, _ := t.ownMap(mapName)
	m.tally = store.Tally{}
	return nil
}
