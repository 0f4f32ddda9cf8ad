package store

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/plan"
	"github.com/dualwrite/dw/runtime/record"
)

// The rules of arguments that every store keeps, in one place so that all
// stores refuse the same things with the same words.

// CheckObservation tells which rule of AddObservations an observation breaks.
func CheckObservation(o *record.Observation) error {
	switch {
	case o.Map == "":
		return fmt.Errorf("%w: an observation without a map", ErrInvalid)
	case !knownSide(o.Side):
		return fmt.Errorf("%w: an observation of map %s with side %q", ErrInvalid, o.Map, o.Side)
	case o.Key == "":
		return fmt.Errorf("%w: an observation of map %s without a key", ErrInvalid, o.Map)
	case o.ID == "":
		return fmt.Errorf("%w: an observation of map %s without an id", ErrInvalid, o.Map)
	}
	return nil
}

// CheckHead tells which rule of PutHeads a head breaks.
func CheckHead(mapName string, h *Head) error {
	if mapName == "" || h.Key == "" || h.ID == "" {
		return fmt.Errorf("%w: a head needs a map, a key and an id, not %q, %q and %q", ErrInvalid, mapName, h.Key, h.ID)
	}
	return nil
}

// CheckPair tells which rule of PutPairs a pair breaks by itself.
func CheckPair(p *record.Pair) error {
	if p.Map == "" {
		return fmt.Errorf("%w: a pair without a map", ErrInvalid)
	}
	return nil
}

// CheckIntent tells which rule of PutIntents an intent breaks by itself.
func CheckIntent(in *record.Intent) error {
	switch {
	case in.Map == "":
		return fmt.Errorf("%w: an intent without a map", ErrInvalid)
	case !knownSide(in.Side):
		return fmt.Errorf("%w: an intent of map %s with side %q", ErrInvalid, in.Map, in.Side)
	}
	return nil
}

// CheckListed tells which rule of PutListed a listed record breaks.
func CheckListed(l *record.Listed) error {
	if l.Map == "" || l.Kind == "" {
		return fmt.Errorf("%w: a listed record needs a map and a kind", ErrInvalid)
	}
	return nil
}

// CheckChange tells which rule of AddChanges a line breaks.
func CheckChange(c *record.Change) error {
	if c.Map == "" || c.Key == "" || !knownSide(c.Side) {
		return fmt.Errorf("%w: a change needs a map, a key and a side", ErrInvalid)
	}
	return nil
}

// CheckCommand tells which rule of AddCommand a command breaks.
func CheckCommand(c *Command) error {
	if c.Name == "" {
		return fmt.Errorf("%w: a command without a name", ErrInvalid)
	}
	return nil
}

// CheckVersion tells whether a version of a map may follow. Current is 0 where
// the map is not deployed, newest is the last of its history.
func CheckVersion(m *plan.DeployedMap, name string, current, newest int) error {
	switch {
	case name == "":
		return fmt.Errorf("%w: a deployed map without a definition", ErrInvalid)
	case current != 0 && m.Version == current, m.Version == newest+1:
		return nil
	}
	return fmt.Errorf("%w: version %d of map %s does not follow version %d", ErrInvalid, m.Version, name, newest)
}

// NameOf gives the name of a deployed map, "" where it has no definition.
func NameOf(m *plan.DeployedMap) string {
	if m.Definition.Map == nil {
		return ""
	}
	return m.Definition.Map.Name
}

// TakenByLink is the error of deploying a map that another link deploys.
func TakenByLink(name, other string) error {
	return fmt.Errorf("%w: map %s is deployed for link %s", ErrInvalid, name, other)
}

// CheckRename tells whether a map may take another name. Deployed tells whether
// a map is deployed for the link, taken whether one of the new name is for any.
func CheckRename(from, to string, deployed, taken bool) error {
	switch {
	case from == "" || to == "" || from == to:
		return fmt.Errorf("%w: map %q cannot be renamed to %q", ErrInvalid, from, to)
	case !deployed:
		return fmt.Errorf("%w: map %s is not deployed and cannot be renamed", ErrInvalid, from)
	case taken:
		return fmt.Errorf("%w: map %s cannot be renamed to %s, which is deployed", ErrInvalid, from, to)
	}
	return nil
}

// CheckSide tells which rule of PutCursor its place breaks.
func CheckSide(mapName string, side value.Side) error {
	if mapName == "" || !knownSide(side) {
		return fmt.Errorf("%w: a cursor needs a map and a side, not %q and %q", ErrInvalid, mapName, side)
	}
	return nil
}

// EndTaken is the error of storing a pair whose id of a side another pair has.
func EndTaken(p *record.Pair, side value.Side) error {
	return fmt.Errorf("%w: another pair of map %s has the %s id %s", ErrInvalid, p.Map, side.Title(), p.End(side).ID)
}

// NotStored is the error of changing what is not there.
func NotStored(what string, id int64) error {
	return fmt.Errorf("%w: %s %d is not stored", ErrInvalid, what, id)
}

// InOrder gives texts sorted, each once.
func InOrder(texts []string) []string { return slices.Compact(slices.Sorted(slices.Values(texts))) }

// FirstListed sorts listed records by ID and cuts them at limit.
func FirstListed(l []record.Listed, limit int) []record.Listed {
	slices.SortFunc(l, func(a, b record.Listed) int { return cmp.Compare(a.ID, b.ID) })
	if limit > 0 && len(l) > limit {
		l = l[:limit]
	}
	return l
}

func knownSide(s value.Side) bool { return s == value.FnO || s == value.Dataverse }
