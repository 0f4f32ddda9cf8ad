package sqlite

import (
	"encoding/json"
	"fmt"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/plan"
	"github.com/dualwrite/dw/runtime/store"
)

func (t *tx) Meta(name string) (string, error) {
	if err := t.usable(false); err != nil {
		return "", err
	}
	var text string
	_, err := t.one("SELECT text FROM meta WHERE name = ?", []any{name}, []any{&text})
	return text, err
}

func (t *tx) SetMeta(name, text string) error {
	if err := t.usable(true); err != nil {
		return err
	}
	return t.exec("INSERT INTO meta (name, text) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET text = excluded.text", name, text)
}

// deployedColumns are all of a version of a map, headColumns all but its
// definition: an index holds them, so that a plan that knows the definitions
// does not read the tables.
const (
	headColumns     = "version, status, initial, at, by, origin, removed"
	deployedColumns = headColumns + ", definition"
)

// scanHead reads the columns of a version of a map, more after those of the head.
func scanHead(scan func(...any) error, m *plan.DeployedMap, more ...any) error {
	var origin, removed []byte
	if err := scan(append([]any{&m.Version, &m.Status, &m.Initial, &m.At, &m.By, &origin, &removed}, more...)...); err != nil {
		return err
	}
	if len(origin) > 0 {
		if err := json.Unmarshal(origin, &m.Origin); err != nil {
			return fmt.Errorf("the origin of a deployed map: %w", err)
		}
	}
	if len(removed) > 0 {
		m.Removed = &plan.Removal{}
		if err := json.Unmarshal(removed, m.Removed); err != nil {
			return fmt.Errorf("the removal of a map: %w", err)
		}
	}
	return nil
}

func (t *tx) deployedMaps(where string, args ...any) ([]plan.DeployedMap, error) {
	var maps []plan.DeployedMap
	err := t.each(func(scan func(...any) error) error {
		var m plan.DeployedMap
		var definition []byte
		if err := scanHead(scan, &m, &definition); err != nil {
			return err
		}
		if err := json.Unmarshal(definition, &m.Definition); err != nil {
			return fmt.Errorf("a deployed map: %w", err)
		}
		maps = append(maps, m)
		return nil
	}, "SELECT "+deployedColumns+" FROM deployed WHERE "+where, args...)
	return maps, err
}

// knownMaps gives the current maps of a link, and reads the definitions of those
// only that are not known by their digests.
func (t *tx) knownMaps(link string, known map[string]*plan.Definition) ([]plan.DeployedMap, error) {
	var maps []plan.DeployedMap
	type lacking struct {
		at   int
		name string
	}
	var lacks []lacking
	err := t.each(func(scan func(...any) error) error {
		var m plan.DeployedMap
		var name, digest string
		if err := scanHead(scan, &m, &name, &digest); err != nil {
			return err
		}
		if d := known[digest]; d != nil {
			m.Definition = *d
		} else {
			lacks = append(lacks, lacking{len(maps), name})
		}
		maps = append(maps, m)
		return nil
	}, "SELECT "+headColumns+", map, digest FROM deployed WHERE link = ? AND current = 1 ORDER BY map", link)
	if err != nil {
		return nil, err
	}
	for _, l := range lacks {
		var definition []byte
		if _, err := t.one("SELECT definition FROM deployed WHERE link = ? AND map = ? AND current = 1", []any{link, l.name}, []any{&definition}); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(definition, &maps[l.at].Definition); err != nil {
			return nil, fmt.Errorf("store: a deployed map: %w", err)
		}
	}
	return maps, nil
}

func (t *tx) DeployedMap(link, mapName string) (*plan.DeployedMap, error) {
	if err := t.usable(false); err != nil {
		return nil, err
	}
	maps, err := t.deployedMaps("link = ? AND map = ? AND current = 1", link, mapName)
	if err != nil || len(maps) == 0 {
		return nil, err
	}
	return &maps[0], nil
}

func (t *tx) Deployed(link string) (plan.Deployed, error) { return t.DeployedKnowing(link, nil) }

func (t *tx) DeployedKnowing(link string, known map[string]*plan.Definition) (plan.Deployed, error) {
	d := plan.Deployed{Link: link}
	if err := t.usable(false); err != nil {
		return d, err
	}
	if _, err := t.one("SELECT lineage FROM store", nil, []any{&d.Lineage}); err != nil {
		return d, err
	}
	if _, err := t.one("SELECT serial FROM links WHERE name = ?", []any{link}, []any{&d.Serial}); err != nil {
		return d, err
	}
	var err error
	if len(known) == 0 {
		d.Maps, err = t.deployedMaps("link = ? AND current = 1 ORDER BY map", link)
	} else {
		d.Maps, err = t.knownMaps(link, known)
	}
	return d, err
}

func (t *tx) History(link, mapName string) ([]plan.DeployedMap, error) {
	if err := t.usable(false); err != nil {
		return nil, err
	}
	return t.deployedMaps("link = ? AND map = ? ORDER BY version", link, mapName)
}

func (t *tx) PutDeployed(link string, m plan.DeployedMap) error {
	if err := t.usable(true); err != nil {
		return err
	}
	name := store.NameOf(&m)
	var other string
	var current, newest int
	if _, err := t.one("SELECT link, version FROM deployed WHERE map = ? AND current = 1", []any{name}, []any{&other, &current}); err != nil {
		return err
	}
	if other != "" && other != link {
		return store.TakenByLink(name, other)
	}
	if _, err := t.one("SELECT coalesce(max(version), 0) FROM deployed WHERE link = ? AND map = ?", []any{link, name}, []any{&newest}); err != nil {
		return err
	}
	if err := store.CheckVersion(&m, name, current, newest); err != nil {
		return err
	}
	if current != 0 && m.Version == current {
		if err := t.exec("UPDATE deployed SET status = ?, initial = ? WHERE link = ? AND map = ? AND version = ?",
			m.Status, m.Initial, link, name, m.Version); err != nil {
			return err
		}
		return t.raise(link)
	}
	definition, err := json.Marshal(m.Definition)
	if err != nil {
		return fmt.Errorf("store: map %s: %w", name, err)
	}
	if err := t.exec("UPDATE deployed SET current = 0 WHERE link = ? AND map = ?", link, name); err != nil {
		return err
	}
	origin, err := json.Marshal(m.Origin)
	if err != nil {
		return fmt.Errorf("store: map %s: %w", name, err)
	}
	if err := t.exec("INSERT INTO deployed (link, map, current, "+deployedColumns+", digest) VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, '', ?, ?)",
		link, name, m.Version, m.Status, m.Initial, m.At, m.By, origin, definition, plan.NewDigester().Definition(&m.Definition)); err != nil {
		return err
	}
	return t.raise(link)
}

// recordTables hold what is stored of the records of a map.
func recordTables() []string {
	return []string{"observations", "pairs", "intents", "listed", "cursors", "tallies", "changes", "heads"}
}

func (t *tx) RemoveDeployed(link, mapName string, end plan.Removal) error {
	if err := t.usable(true); err != nil {
		return err
	}
	removed, err := json.Marshal(end)
	if err != nil {
		return fmt.Errorf("store: map %s: %w", mapName, err)
	}
	n, err := t.change("UPDATE deployed SET current = 0, removed = ? WHERE link = ? AND map = ? AND current = 1", removed, link, mapName)
	if err != nil || n == 0 {
		return err
	}
	for _, table := range recordTables() {
		if err := t.exec("DELETE FROM "+table+" WHERE map = ?", mapName); err != nil {
			return err
		}
	}
	return t.raise(link)
}

func (t *tx) RenameMap(link, from, to string) (shift int, err error) {
	if err := t.usable(true); err != nil {
		return 0, err
	}
	var version int
	var other string
	deployed, err := t.one("SELECT version FROM deployed WHERE link = ? AND map = ? AND current = 1", []any{link, from}, []any{&version})
	if err != nil {
		return 0, err
	}
	taken, err := t.one("SELECT link FROM deployed WHERE map = ? AND current = 1", []any{to}, []any{&other})
	if err != nil {
		return 0, err
	}
	if err := store.CheckRename(from, to, deployed, taken); err != nil {
		return 0, err
	}
	if _, err := t.one("SELECT coalesce(max(version), 0) FROM deployed WHERE link = ? AND map = ?", []any{link, to}, []any{&shift}); err != nil {
		return 0, err
	}
	for _, table := range recordTables() {
		if err := t.exec("DELETE FROM "+table+" WHERE map = ?", to); err != nil { // nothing of it is deployed
			return 0, err
		}
		set := "UPDATE " + table + " SET map = ?"
		args := []any{to, from}
		switch table {
		case "pairs", "intents", "changes":
			set += ", map_version = map_version + ?"
			args = []any{to, shift, from}
		}
		if err := t.exec(set+" WHERE map = ?", args...); err != nil {
			return 0, err
		}
	}
	for _, statement := range []string{
		"UPDATE listed SET wait_map = ? WHERE wait_map = ?",
		"UPDATE commands SET map = ? WHERE map = ?",
	} {
		if err := t.exec(statement, to, from); err != nil {
			return 0, err
		}
	}
	if err := t.exec("UPDATE deployed SET map = ?, version = version + ? WHERE link = ? AND map = ?", to, shift, link, from); err != nil {
		return 0, err
	}
	return shift, t.raise(link)
}

func (t *tx) HistoryNames(link string) (names []string, err error) {
	if err := t.usable(false); err != nil {
		return nil, err
	}
	err = t.each(func(scan func(...any) error) error {
		var name string
		if err := scan(&name); err != nil {
			return err
		}
		names = append(names, name)
		return nil
	}, "SELECT DISTINCT map FROM deployed WHERE link = ? ORDER BY map", link)
	return names, err
}

func (t *tx) Lock() (store.Lock, error) {
	var l store.Lock
	if err := t.usable(false); err != nil {
		return l, err
	}
	_, err := t.one("SELECT epoch, owner, machine, pid, purpose, run, since, until FROM lock", nil,
		[]any{&l.Epoch, &l.Owner, &l.Machine, &l.PID, &l.Purpose, &l.Run, &l.Since, &l.Until})
	return l, err
}

func (t *tx) PutLock(l store.Lock) error {
	if err := t.usable(true); err != nil {
		return err
	}
	return t.exec(`INSERT OR REPLACE INTO lock (one, epoch, owner, machine, pid, purpose, run, since, until) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?)`,
		l.Epoch, l.Owner, l.Machine, l.PID, l.Purpose, l.Run, l.Since, l.Until)
}

// raise moves the serial of a link.
func (t *tx) raise(link string) error {
	return t.exec("INSERT INTO links (name, serial) VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET serial = serial + 1", link)
}

func (t *tx) Seq() (int64, error) {
	if err := t.usable(false); err != nil {
		return 0, err
	}
	if t.writes {
		return t.draw(), nil
	}
	return t.seq, nil
}

func (t *tx) Cursor(mapName string, side value.Side) (store.Cursor, error) {
	var c store.Cursor
	if err := t.usable(false); err != nil {
		return c, err
	}
	_, err := t.one("SELECT phase, next, token, rows FROM cursors WHERE map = ? AND side = ?",
		[]any{mapName, sideNumber(side)}, []any{&c.Phase, &c.Next, &c.Token, &c.Rows})
	return c, err
}

func (t *tx) PutCursor(mapName string, side value.Side, c store.Cursor) error {
	if err := t.usable(true); err != nil {
		return err
	}
	if err := store.CheckSide(mapName, side); err != nil {
		return err
	}
	return t.exec(`INSERT INTO cursors (map, side, phase, next, token, rows) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (map, side) DO UPDATE SET phase = excluded.phase, next = excluded.next, token = excluded.token, rows = excluded.rows`,
		mapName, sideNumber(side), c.Phase, c.Next, c.Token, c.Rows)
}

func (t *tx) Tally(mapName string) (store.Tally, error) {
	var tally store.Tally
	if err := t.usable(false); err != nil {
		return tally, err
	}
	var text []byte
	found, err := t.one("SELECT tally FROM tallies WHERE map = ?", []any{mapName}, []any{&text})
	if err != nil || !found {
		return tally, err
	}
	if err := json.Unmarshal(text, &tally); err != nil {
		return tally, fmt.Errorf("store: the tally of map %s: %w", mapName, err)
	}
	return tally, nil
}

func (t *tx) AddTally(mapName string, more store.Tally) error {
	if err := t.usable(true); err != nil {
		return err
	}
	sum, err := t.Tally(mapName)
	if err != nil {
		return err
	}
	sum.Add(more)
	text, err := json.Marshal(sum)
	if err != nil {
		return fmt.Errorf("store: the tally of map %s: %w", mapName, err)
	}
	return t.exec("INSERT INTO tallies (map, tally) VALUES (?, ?) ON CONFLICT (map) DO UPDATE SET tally = excluded.tally", mapName, text)
}

func (t *tx) ResetTally(mapName string) error {
	if err := t.usable(true); err != nil {
		return err
	}
	return t.exec("DELETE FROM tallies WHERE map = ?", mapName)
}
