package session

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/plan"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/store"
)

// Blame explains the values of a record: which side they came from, when, under
// which version of the map and by which rule. Key is as people read it:
// "USMF / US-001". Field, where given, is an F&O field or a Dataverse column.
func (s *Session) Blame(ctx context.Context, mapName, key, field string) (report.Blame, error) {
	out := report.Blame{FormatVersion: report.FormatVersion, Map: mapName, Fields: []report.BlameField{}, History: []record.Change{}, Listed: []record.Listed{}}
	m, st, err := s.deployedMap(ctx, mapName)
	if err != nil {
		return out, err
	}
	mapName, out.Map = m.Name, m.Name // as the state has it
	canonical, err := canonicalKey(m, key)
	if err != nil {
		return out, err
	}
	if field != "" && !slices.ContainsFunc(m.Compiled.Slots, func(s transform.Slot) bool { return fieldIs(m.Compiled, &s, field) }) {
		return out, unknownField(m, field)
	}
	out.Record = transform.ReadableCanonical(canonical)
	var pair *record.Pair
	err = st.View(ctx, func(tx store.Tx) error {
		pairs, err := tx.PairsByKey(mapName, []string{canonical})
		if err != nil {
			return err
		}
		if len(pairs) > 0 {
			pair = pairs[0]
		}
		if out.Listed, err = tx.Listed(store.ListedQuery{Map: mapName, Keys: []string{canonical}}, 0, 0); err != nil {
			return err
		}
		out.History, err = tx.Changes(mapName, canonical)
		return err
	})
	if err != nil {
		return out, err
	}
	if out.Listed == nil {
		out.Listed = []record.Listed{} // none is a list too, for whoever reads the JSON form
	}
	if out.History == nil {
		out.History = []record.Change{}
	}
	if pair == nil && len(out.History)+len(out.Listed) == 0 {
		return out, diag.Fail(diag.Diagnostic{
			Code: diag.CodeUsage, Severity: diag.Error, Summary: fmt.Sprintf("map %s knows no record %q", mapName, key),
			Detail: fmt.Sprintf("Its key is %s, letter case aside.", keyForm(m)),
			Hint:   "Records are known once an apply or a run has read them; `dw errors list` names those that were set aside.",
		})
	}
	if n := len(out.History); n > 0 {
		out.Record = out.History[n-1].Record
	}
	if name := recordName(m, pair); name != "" {
		out.Record = name
	}
	if pair != nil {
		out.Life, out.MapVersion = string(pair.Life), pair.MapVersion
		if pair.MapVersion == m.Version {
			out.Fields = blameFields(m.Compiled, pair, out.History, field)
		}
	}
	if field != "" {
		out.History = slices.DeleteFunc(out.History, func(c record.Change) bool { return c.Field != "" && !namedBy(m.Compiled, c, field) })
	}
	return out, nil
}

// recordName gives the key of a pair as its records spell it; "" where that is
// not known.
func recordName(m *engine.Map, p *record.Pair) string {
	if p == nil || p.MapVersion != m.Version || len(p.Base) != len(m.Compiled.Slots) {
		return ""
	}
	var parts []string
	for _, k := range m.Compiled.Key {
		part := p.Company
		if k != m.Compiled.Company {
			part = p.Base[k].FnO.String()
		}
		if part == "" {
			return ""
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, " / ")
}

func namedBy(c *transform.Compiled, ch record.Change, field string) bool {
	return slices.ContainsFunc(c.Slots, func(s transform.Slot) bool { return s.Name == ch.Field && fieldIs(c, &s, field) })
}

func blameFields(c *transform.Compiled, p *record.Pair, history []record.Change, only string) []report.BlameField {
	fields := []report.BlameField{}
	for i := range c.Slots {
		s := &c.Slots[i]
		if only != "" && !fieldIs(c, s, only) || i >= len(p.Base) {
			continue
		}
		b := p.Base[i]
		f := report.BlameField{
			Field: s.Name, FnO: c.Column(s, value.FnO).Name, Dataverse: c.Column(s, value.Dataverse).Name,
			Values: report.BlameValues{FnO: b.FnO.String(), Dataverse: b.Dataverse.String()},
			Lookup: s.Lookup != nil,
			State:  map[record.FieldState]string{record.Unknown: "unknown", record.Known: "agreed", record.Owed: "owed", record.OwedEdit: "owed", record.Void: "unknown"}[b.State],
		}
		for _, h := range history {
			if h.Field == s.Name || h.Field == "" && h.Op == record.Create {
				f.Change = &h
			}
		}
		fields = append(fields, f)
	}
	return fields
}

// fieldIs tells whether a person means a slot by a name in any case.
func fieldIs(c *transform.Compiled, s *transform.Slot, name string) bool {
	return strings.EqualFold(name, s.Name) || strings.EqualFold(name, c.Column(s, value.FnO).Name) || strings.EqualFold(name, c.Column(s, value.Dataverse).Name)
}

func unknownField(m *engine.Map, name string) error {
	var names []string
	for i := range m.Compiled.Slots {
		s := &m.Compiled.Slots[i]
		names = append(names, m.Compiled.Column(s, value.FnO).Name, m.Compiled.Column(s, value.Dataverse).Name)
	}
	d := diag.Diagnostic{Code: diag.CodeUsage, Severity: diag.Error, Summary: fmt.Sprintf("map %s has no field %q", m.Name, name)}
	if near := diag.Suggest(name, names); near != "" {
		d.Hint = fmt.Sprintf("Did you mean %q?", near)
	}
	return diag.Fail(d)
}

// deployedMap opens the state for reading and gives a map that runs.
func (s *Session) deployedMap(ctx context.Context, name string) (*engine.Map, store.Store, error) {
	if s.Link == nil {
		return nil, nil, &diag.Failure{List: s.loaded.Sorted()}
	}
	name = model.MapName(name)
	st, err := s.readState(ctx)
	if err != nil {
		return nil, nil, err
	}
	d, err := s.deployed(ctx, st)
	if err != nil {
		return nil, nil, err
	}
	at := slices.IndexFunc(d.Maps, func(m plan.DeployedMap) bool { return m.Definition.Map.Name == name })
	if at < 0 {
		return nil, nil, s.notDeployed(d, name)
	}
	m, err := engine.CompileOne(d.Maps[at])
	return m, st, err
}

// notDeployed is the error of a map that does not run.
func (s *Session) notDeployed(d plan.Deployed, name string) error {
	x := diag.Diagnostic{Code: diag.CodeUsage, Severity: diag.Error, Summary: fmt.Sprintf("map %q is not deployed", name)}
	var names []string
	for _, m := range d.Maps {
		names = append(names, m.Definition.Map.Name)
	}
	instance := slices.IndexFunc(names, func(n string) bool { return strings.HasPrefix(n, name+"[") })
	switch near := diag.Suggest(name, names); {
	case instance >= 0:
		x.Hint = fmt.Sprintf("It has for_each: name one of its maps, such as %s.", model.MapArgument(names[instance]))
	case near != "":
		x.Hint = fmt.Sprintf("Did you mean %q?", near)
	case len(names) == 0:
		x.Hint = "Nothing is deployed yet: run `dw apply` first."
	default:
		x.Hint = "`dw status` lists the maps."
	}
	return diag.Fail(x)
}

// canonicalKey reads a key as people write it, its parts set apart by slashes.
func canonicalKey(m *engine.Map, key string) (string, error) {
	parts := keyParts(m, key)
	if len(parts) != len(m.Compiled.Key) || slices.Contains(parts, "") {
		return "", diag.Fail(diag.Diagnostic{
			Code: diag.CodeUsage, Severity: diag.Error, Summary: fmt.Sprintf("%q is no key of map %s", key, m.Name),
			Hint: fmt.Sprintf("Write it as %s.", keyForm(m)),
		})
	}
	return transform.JoinKey(parts...), nil
}

// keyParts takes a key apart. A part may hold a slash where the parts are set
// apart by blanks too.
func keyParts(m *engine.Map, key string) []string {
	parts := strings.Split(key, " / ")
	if len(parts) != len(m.Compiled.Key) {
		parts = strings.SplitN(key, "/", len(m.Compiled.Key))
	}
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}

// keyForm shows how a key of a map is written.
func keyForm(m *engine.Map) string {
	var names []string
	for _, k := range m.Compiled.Key {
		names = append(names, m.Compiled.Column(&m.Compiled.Slots[k], value.FnO).Name)
	}
	return `"` + strings.Join(names, " / ") + `"`
}
