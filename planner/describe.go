package planner

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/reach"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/planner/bind"
	"github.com/dualwrite/dw/planner/plan"
)

// line is one fact about a map: what a plan compares and shows.
type line struct {
	path   string    // "field accountnumber", "filter.fno"
	text   string    // the fact, complete: two maps with the same lines do the same
	reason string    // code for a change of it
	weight plan.Kind // what a change of it asks for
	note   string    // shown beside it, not compared

	direction model.Direction // of a field; not compared, since the text says it
}

// describe lists every fact of a definition, sorted by path.
func describe(d *plan.Definition) []line {
	out := append(authored(d), derived(d)...)
	sortLines(out)
	return out
}

func sortLines(lines []line) {
	slices.SortStableFunc(lines, func(a, b line) int { return cmp.Compare(a.path, b.path) })
}

// authored lists what the author says about a map, sorted by path. Facts
// without text are left out.
func authored(d *plan.Definition) []line {
	out := said(d)
	for i, f := range d.Map.Fields {
		out[i].note = fieldNote(d, f)
	}
	sortLines(out)
	return out
}

// said is authored without the notes, in no order but that the fields come
// first.
func said(d *plan.Definition) []line {
	out := make([]line, 0, len(d.Map.Fields)+32)
	out = append(out, fieldLines(d)...)
	add := func(path, text, reason string, weight plan.Kind) {
		if text != "" {
			out = append(out, line{path: path, text: text, reason: reason, weight: weight})
		}
	}
	m := d.Map
	add("fno", m.FnO.Name, plan.TableChanged, plan.Replace)
	add("dataverse", m.Dataverse.Name, plan.TableChanged, plan.Replace)
	add("key", keyText(d), plan.KeyChanged, plan.Replace)
	add("company", companyText(m.Company), plan.CompanyChanged, plan.Replace)
	add("companies", strings.Join(d.Companies, ", "), plan.CompaniesChanged, plan.Backfill)
	add("filter.fno", m.Filter.FnO.Name, plan.FilterChanged, plan.Backfill)
	add("filter.dataverse", m.Filter.Dataverse.Name, plan.FilterChanged, plan.Backfill)
	for _, s := range settings(m) {
		add(s[0], s[1], plan.SettingsChanged, plan.Update)
	}
	// Where creation is switched on, the records that were left out until now
	// have to be found.
	for _, c := range []struct {
		path string
		on   *bool
	}{{"creates.to_dataverse", m.Creates.ToDataverse}, {"creates.to_fno", m.Creates.ToFnO}} {
		weight := plan.Update
		if c.on != nil && *c.on {
			weight = plan.Backfill
		}
		add(c.path, boolText(c.on), plan.SettingsChanged, weight)
	}
	return out
}

// derived lists what follows from the other maps and from the schema.
func derived(d *plan.Definition) []line {
	out := []line{{path: "wave", text: strconv.Itoa(d.Wave), reason: plan.OrderChanged, weight: plan.Update}}
	if len(d.Deferred) > 0 {
		out = append(out, line{path: "deferred", text: strings.Join(d.Deferred, ", "), reason: plan.OrderChanged, weight: plan.Update})
	}
	for _, table := range sortedKeys(d.Delivers) {
		out = append(out, line{path: "delivers " + table, text: strings.Join(model.MapAddresses(d.Delivers[table]), ", "), reason: plan.OrderChanged, weight: plan.Update})
	}
	return append(out, schemaLines(d)...)
}

// settings gives what steers the sync without changing what values mean, as
// pairs of path and text.
func settings(m *model.Map) [][2]string {
	var together []string
	for _, group := range m.Together {
		together = append(together, "["+strings.Join(group, ", ")+"]")
	}
	slices.Sort(together)
	out := [][2]string{
		{"link", m.Link},
		{"version", m.Version},
		{"owner", m.Owner.Name},
		{"filter.on_leave", m.Filter.OnLeave},
		{"together", strings.Join(together, ", ")},
		{"deletes.to_dataverse", m.Deletes.ToDataverse},
		{"deletes.to_fno", m.Deletes.ToFnO},
		{"mastering.master", string(m.Mastering.Master)},
		{"mastering.fno", namesText(m.Mastering.FnO)},
		{"mastering.dataverse", namesText(m.Mastering.Dataverse)},
		{"mastering.violation", m.Mastering.Violation},
		{"conflict", m.Conflict},
		{"initial_sync.winner", string(m.Initial.Winner)},
		{"initial_sync.via", cmp.Or(m.Initial.Via, "auto")},
		{"initial_sync.read_via", cmp.Or(m.Initial.ReadVia, "auto")},
		{"initial_sync.allow_blank", strconv.FormatBool(m.Initial.AllowBlank)},
		{"status", m.Status},
	}
	if m.Initial.MaxErrors != nil {
		out = append(out, [2]string{"initial_sync.max_errors", strconv.Itoa(*m.Initial.MaxErrors)})
	}
	out = append(out, [2]string{"initial_sync.max_error_rate", m.Initial.MaxErrorRate}, [2]string{"initial_sync.match", matchText(m.Initial.Match)})
	if x := m.Initial.Crosswalk; x != nil {
		out = append(out, [2]string{"initial_sync.crosswalk", fmt.Sprintf("%s (content %s)", x.File, x.SHA256)})
	}
	for _, f := range m.Fields {
		if f.Missing != "" {
			out = append(out, [2]string{fieldPath(m, f) + " missing", f.Missing})
		}
	}
	return out
}

func boolText(b *bool) string {
	if b == nil {
		return ""
	}
	return strconv.FormatBool(*b)
}

// matchText shows the ways of a first match in their order.
func matchText(ways [][]model.Named) string {
	parts := make([]string, len(ways))
	for i, fields := range ways {
		names := make([]string, len(fields))
		for n, f := range fields {
			names[n] = f.Name
		}
		parts[i] = strings.Join(names, " + ")
	}
	return strings.Join(parts, ", then ")
}

// namesText joins names whose order means nothing.
func namesText(names []model.Named) string {
	var out []string
	for _, n := range names {
		out = append(out, n.Name)
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

func companyText(c *model.Company) string {
	switch {
	case c == nil:
		return ""
	case c.Global:
		return "none: the records are global"
	default:
		return c.Path
	}
}

// keyText names the key fields with their mappings, since another column or
// transform makes other keys.
func keyText(d *plan.Definition) string {
	var parts []string
	for _, k := range d.Map.Key {
		part := k.Name
		if f := bind.KeyField(d.Map, d.Dataverse, k.Name); f != nil {
			part = fieldText(f)
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}

// fieldLines gives one line a field. A field that is only written on create
// asks for no rows to be sent again: the existing ones keep what they have.
func fieldLines(d *plan.Definition) []line {
	out := make([]line, 0, len(d.Map.Fields))
	type name struct {
		text     string
		constant bool
	}
	names, twice := make([]string, len(d.Map.Fields)), map[name]int{}
	for i, f := range d.Map.Fields {
		names[i] = f.Name()
		twice[name{names[i], f.IsConstant}]++
	}
	for i, f := range d.Map.Fields {
		l := line{
			path: fieldWord(f) + names[i], text: fieldText(f),
			reason: plan.FieldChanged, weight: plan.Backfill, direction: f.Direction,
		}
		if twice[name{names[i], f.IsConstant}] > 1 {
			l.path += " " + string(f.Direction)
		}
		if f.Writes == "create" {
			l.weight = plan.Update
		}
		out = append(out, l)
	}
	return out
}

// fieldPath names a field. Where two one-way fields share a column, the
// direction tells them apart.
func fieldPath(m *model.Map, f *model.Field) string {
	path := fieldWord(f) + f.Name()
	for _, other := range m.Fields {
		if other != f && other.Name() == f.Name() && other.IsConstant == f.IsConstant {
			return path + " " + string(f.Direction)
		}
	}
	return path
}

func fieldWord(f *model.Field) string {
	if f.IsConstant {
		return "constant "
	}
	return "field "
}

// fieldNote says what is special about a field, for people.
func fieldNote(d *plan.Definition, f *model.Field) string {
	var notes []string
	if bind.IsKeyField(d.Map, d.Dataverse, f) {
		notes = append(notes, "key")
	}
	if slices.Contains(d.Deferred, f.Name()) {
		notes = append(notes, deferredNote(d, f))
	}
	if !f.IsConstant && d.Map.Mastering.Master != d.Map.Mastering.MasterOf(f) {
		notes = append(notes, "master "+d.Map.Mastering.MasterOf(f).Title())
	}
	return strings.Join(notes, ", ")
}

func deferredNote(d *plan.Definition, f *model.Field) string {
	find := func(name string) *schema.Table { return schema.FindTable(d.Targets, name) }
	for _, hop := range reach.Field(d.Dataverse, f, find) {
		if hop.Idle {
			continue
		}
		switch delivered := d.Delivers[hop.Table]; {
		case len(delivered) == 0:
		case slices.Contains(delivered, d.Map.Name):
			return "deferred: refers to its own map"
		default:
			return fmt.Sprintf("deferred: %s refers back", strings.Join(model.MapAddresses(delivered), ", "))
		}
	}
	return "deferred"
}

func sortedKeys(m plan.Delivers) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
