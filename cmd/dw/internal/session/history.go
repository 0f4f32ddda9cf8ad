package session

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/render"
	"github.com/dualwrite/dw/planner"
	"github.com/dualwrite/dw/planner/plan"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/store"
)

// VersionRef names a version of a map; Number 0 is the one that is deployed.
type VersionRef struct {
	Map    string
	Number int
}

func (r VersionRef) String() string {
	if r.Number == 0 {
		return model.MapAddress(r.Map)
	}
	return fmt.Sprintf("%s@%d", model.MapAddress(r.Map), r.Number)
}

// ParseVersion reads "map.customers@3", "customers@3" or "map.customers".
func ParseVersion(text string) (VersionRef, error) {
	name, number, given := text, "", false
	if at := strings.LastIndexByte(text, '@'); at >= 0 && !strings.ContainsAny(text[at:], `]"`) {
		name, number, given = text[:at], text[at+1:], true
	}
	r := VersionRef{Map: model.MapName(name)}
	if !given {
		return r, nil
	}
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 {
		return r, diag.Fail(diag.Diagnostic{
			Code: diag.CodeUsage, Severity: diag.Error, Summary: fmt.Sprintf("%q names no version", text),
			Hint: "Write map.NAME@NUMBER, such as map.customers@3; `dw history` lists the numbers.",
		})
	}
	r.Number = n
	return r, nil
}

// History gives the versions of a map, or of all maps where name is "".
func (s *Session) History(ctx context.Context, name string) (report.History, error) {
	out := report.History{FormatVersion: report.FormatVersion, Versions: []report.MapVersion{}}
	if s.Link == nil {
		return out, &diag.Failure{List: s.loaded.Sorted()}
	}
	out.Link = s.Link.Name
	st, err := s.readState(ctx)
	if err != nil {
		return out, err
	}
	var names []string
	if st != nil {
		err = st.View(ctx, func(tx store.Tx) error {
			if names, err = tx.HistoryNames(s.Link.Name); err != nil {
				return err
			}
			for _, n := range names {
				if name != "" && n != name {
					continue
				}
				versions, err := s.versions(tx, n)
				if err != nil {
					return err
				}
				slices.Reverse(versions)
				out.Versions = append(out.Versions, versions...)
			}
			return nil
		})
	}
	if err == nil && name != "" && !slices.Contains(names, name) {
		err = noVersions(name, names)
	}
	return out, err
}

func noVersions(name string, known []string) error {
	d := diag.Diagnostic{
		Code: diag.CodeUsage, Severity: diag.Error, Summary: fmt.Sprintf("no version of %s was ever deployed", model.MapAddress(name)),
		Hint: "`dw history` lists the maps that were.",
	}
	if near := diag.Suggest(name, known); near != "" {
		d.Hint = fmt.Sprintf("Did you mean %s?", model.MapAddress(near))
	}
	return diag.Fail(d)
}

// versions gives the versions of a map, oldest first.
func (s *Session) versions(tx store.Tx, name string) ([]report.MapVersion, error) {
	history, err := tx.History(s.Link.Name, name)
	if err != nil {
		return nil, err
	}
	current, err := tx.DeployedMap(s.Link.Name, name)
	if err != nil {
		return nil, err
	}
	out := make([]report.MapVersion, len(history))
	for i := range history {
		out[i] = mapVersion(name, &history[i])
		out[i].Current = current != nil && current.Version == history[i].Version
	}
	return out, nil
}

func mapVersion(name string, m *plan.DeployedMap) report.MapVersion {
	v := report.MapVersion{
		Map: name, Version: m.Version, Label: m.Definition.Map.Version, At: m.At, By: m.By, Origin: m.Origin, Removed: m.Removed,
	}
	if then := m.Definition.Map.Name; then != name {
		v.Name = then
	}
	return v
}

// found is a version of a map as the state has it.
type found struct {
	deployed plan.DeployedMap
	version  report.MapVersion
	status   *report.MapStatus // of the current version
}

// find reads a version of a map.
func (s *Session) find(ctx context.Context, r VersionRef) (out found, err error) {
	if s.Link == nil {
		return out, &diag.Failure{List: s.loaded.Sorted()}
	}
	st, err := s.readState(ctx)
	if err != nil {
		return out, err
	}
	if st == nil {
		return out, noVersions(r.Map, nil)
	}
	err = st.View(ctx, func(tx store.Tx) error {
		history, err := tx.History(s.Link.Name, r.Map)
		if err != nil {
			return err
		}
		if len(history) == 0 {
			names, err := tx.HistoryNames(s.Link.Name)
			if err != nil {
				return err
			}
			return noVersions(r.Map, names)
		}
		current, err := tx.DeployedMap(s.Link.Name, r.Map)
		if err != nil {
			return err
		}
		if r.Number == 0 && current == nil {
			return diag.Fail(diag.Diagnostic{
				Code: diag.CodeUsage, Severity: diag.Error, Summary: model.MapAddress(r.Map) + " is not deployed any more",
				Hint: fmt.Sprintf("Name one of its versions: %s@%d was the last.", model.MapAddress(r.Map), history[len(history)-1].Version),
			})
		}
		at := slices.IndexFunc(history, func(m plan.DeployedMap) bool {
			return m.Version == r.Number || r.Number == 0 && m.Version == current.Version
		})
		if at < 0 {
			return diag.Fail(diag.Diagnostic{
				Code: diag.CodeUsage, Severity: diag.Error, Summary: fmt.Sprintf("there is no %s", r),
				Detail: fmt.Sprintf("Its versions are %d to %d.", history[0].Version, history[len(history)-1].Version),
				Hint:   fmt.Sprintf("`dw history %s` shows them.", model.MapArgument(r.Map)),
			})
		}
		out.deployed = history[at]
		out.version = mapVersion(r.Map, &history[at])
		if current != nil && current.Version == history[at].Version {
			out.version.Current = true
			status, err := mapStatus(tx, *current)
			if err != nil {
				return err
			}
			out.status = &status
		}
		return nil
	})
	return out, err
}

// Show gives a version of a map in full.
func (s *Session) Show(ctx context.Context, r VersionRef) (report.Shown, error) {
	f, err := s.find(ctx, r)
	if err != nil {
		return report.Shown{}, err
	}
	return report.Shown{
		FormatVersion: report.FormatVersion, Version: f.version, Status: f.status,
		Definition: &f.deployed.Definition, Text: string(render.Map(f.deployed.Definition.Map)),
	}, nil
}

// Diff compares two versions of a map: to nil is the one that is deployed, or,
// where that is from, what the files say.
func (s *Session) Diff(ctx context.Context, from VersionRef, to *VersionRef, text bool) (report.Diff, diag.List, error) {
	old, err := s.find(ctx, from)
	if err != nil {
		return report.Diff{}, nil, err
	}
	from.Number = old.version.Version
	d := report.Diff{FormatVersion: report.FormatVersion, From: from.String(), Reasons: []plan.Reason{}, Changes: []plan.Change{}}
	var now *plan.Definition
	if to == nil && old.version.Current {
		def, l, err := s.wanted(ctx, from.Map)
		if err != nil || l.HasErrors() {
			return d, l, err
		}
		now, d.To = def, model.MapAddress(from.Map)+" in the files"
	} else {
		if to == nil {
			to = &VersionRef{Map: from.Map}
		}
		f, err := s.find(ctx, *to)
		if err != nil {
			return d, nil, err
		}
		now, d.To = &f.deployed.Definition, VersionRef{Map: to.Map, Number: f.version.Version}.String()
	}
	a := planner.Difference(&old.deployed.Definition, now)
	d.Kind, d.Reasons, d.Changes = a.Kind, append(d.Reasons, a.Reasons...), append(d.Changes, a.Changes...)
	d.Equal = a.Kind == plan.None
	if text {
		d.FromText, d.ToText = string(render.Map(old.deployed.Definition.Map)), string(render.Map(now.Map))
	}
	return d, nil, nil
}

// wanted gives a map as the files say, from the schema snapshot where there is
// one and over the connections else.
func (s *Session) wanted(ctx context.Context, name string) (*plan.Definition, diag.List, error) {
	cat, err := s.snapshot(s.Link)
	if err != nil {
		return nil, nil, err
	}
	p, l, err := s.Plan(ctx, PlanOptions{Offline: cat != nil})
	if err != nil || l.HasErrors() {
		return nil, l, err
	}
	for _, a := range p.Actions {
		if a.Map == name && a.Definition != nil {
			return a.Definition, nil, nil
		}
	}
	return nil, nil, diag.Fail(diag.Diagnostic{
		Code: diag.CodeUsage, Severity: diag.Error, Summary: fmt.Sprintf("the files have no %s", model.MapAddress(name)),
		Hint: "Name two versions to compare: dw diff map.NAME@1 map.NAME@2.",
	})
}
