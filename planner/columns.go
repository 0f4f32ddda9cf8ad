package planner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/planner/plan"
)

// schemaLines gives one line for each used column, table and enum. The text
// before the bar is what decides the meaning of values; what follows bounds
// them or says what the server lets dw do.
func schemaLines(d *plan.Definition) []line {
	var out []line
	seen := map[string]bool{} // a lookup to the map's own table names it twice
	add := func(path, text string) {
		if seen[path] {
			return
		}
		seen[path] = true
		out = append(out, line{path: path, text: text, reason: plan.SchemaChanged, weight: plan.Backfill})
	}
	tables := []*schema.Table{d.FnO, d.Dataverse}
	for i := range d.Targets {
		tables = append(tables, &d.Targets[i])
	}
	for _, t := range tables {
		name := "schema " + string(t.Side) + "." + t.Set
		add(name, tableText(t))
		for i := range t.Fields {
			add(name+"."+t.Fields[i].Name, columnText(t.Fields[i]))
		}
	}
	for _, e := range d.Enums {
		members := make([]string, len(e.Members))
		for i, m := range e.Members {
			members[i] = fmt.Sprintf("%s = %d", m.Name, m.Value)
		}
		add("schema enum "+e.Name, barred("enum", members))
	}
	return out
}

const bar = " | "

func barred(head string, rest []string) string {
	if len(rest) == 0 {
		return head
	}
	return head + bar + strings.Join(rest, ", ")
}

// meaning is the part of a schema line that decides what values mean.
func meaning(text string) string {
	head, _, _ := strings.Cut(text, bar)
	return head
}

func tableText(t *schema.Table) string {
	var rest []string
	flag := func(set bool, name string) {
		if set {
			rest = append(rest, name)
		}
	}
	flag(t.CompanySpecific, "company-specific")
	flag(t.ReadOnly, "read-only")
	flag(t.ChangeTracking, "tracks changes")
	flag(t.OptimisticConcurrency, "optimistic concurrency")
	flag(t.Ownership != "", "ownership "+t.Ownership)
	messages := slices.Clone(t.Messages)
	slices.Sort(messages)
	rest = append(rest, messages...)
	var keys []string
	for _, k := range t.Keys {
		keys = append(keys, fmt.Sprintf("key %s (%s) %s", k.Name, strings.Join(k.Columns, ", "), k.Status))
	}
	slices.Sort(keys)
	rest = append(rest, keys...)
	head := fmt.Sprintf("%s, id %s, key %s", t.Name, t.PrimaryID, strings.Join(t.Key, ", "))
	if t.Side == fno {
		head = fmt.Sprintf("%s, key %s", t.Name, strings.Join(t.Key, ", "))
	}
	return barred(head, rest)
}

func columnText(f *schema.Field) string {
	head := string(f.Type)
	if f.Enum != "" {
		head += " " + f.Enum
	}
	if f.DateOnly {
		head += " day"
	}
	if f.Scale != nil {
		head += fmt.Sprintf(" scale %d", *f.Scale)
	}
	for _, t := range f.Targets {
		head += " " + t.Table
	}
	var rest []string
	flag := func(set bool, name string) {
		if set {
			rest = append(rest, name)
		}
	}
	flag(f.MaxLength > 0, fmt.Sprintf("at most %d characters", f.MaxLength))
	flag(f.Min != "", "from "+f.Min)
	flag(f.Max != "", "to "+f.Max)
	flag(f.Required, "required")
	flag(f.IsKey, "key")
	flag(!f.OnCreate, "not on create")
	flag(!f.OnUpdate, "not on update")
	flag(!f.Readable, "not readable")
	for _, o := range f.Options {
		rest = append(rest, fmt.Sprint(o.Value))
	}
	for _, t := range f.Targets {
		rest = append(rest, "by "+t.Navigation+" to "+t.Set)
		flag(t.Cascade, "deleted with "+t.Table)
	}
	return barred(head, rest)
}
