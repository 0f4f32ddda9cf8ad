//go:build unix

package preflight_test

import (
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/dualwrite/dw/lang"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner"
	"github.com/dualwrite/dw/planner/plan"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/handle"
	"github.com/dualwrite/dw/runtime/engine/refs"
	"github.com/dualwrite/dw/runtime/merge"
	"github.com/dualwrite/dw/runtime/record"
)

// knownRefs answers every reference: a warm cache.
type knownRefs struct{}

func (knownRefs) ID(l *transform.Lookup, _, _ string) (value.Value, transform.RefState) {
	return value.NewReference(l.Table, "00000000-0000-4000-8000-000000000001"), transform.RefKnown
}

func (knownRefs) Key(*transform.Lookup, value.Value) (string, transform.RefState) {
	return "10", transform.RefKnown
}

// customersMap compiles the example's map of accounts, of about 60 fields.
func customersMap(b *testing.B) *engine.Map {
	b.Helper()
	cfg, l := lang.Load(os.DirFS("../../../examples/contoso"), lang.Options{})
	if l.HasErrors() {
		b.Fatal(l)
	}
	text, err := os.ReadFile("../../../examples/contoso/dw.schema.json")
	if err != nil {
		b.Fatal(err)
	}
	cat, err := schema.Decode(text)
	if err != nil {
		b.Fatal(err)
	}
	p, l := planner.Build(planner.Input{Config: cfg, Link: cfg.Links[0].Name, Catalog: &cat, Deployed: plan.Deployed{Link: cfg.Links[0].Name}})
	if l.HasErrors() {
		b.Fatal(l)
	}
	for _, a := range p.Actions {
		if a.Map == "accounts" {
			m, err := engine.CompileOne(plan.DeployedMap{Definition: *a.Definition, Version: 1})
			if err != nil {
				b.Fatal(err)
			}
			return m
		}
	}
	b.Fatal("the example has no map of accounts")
	return nil
}

// customer gives a decoded F&O record with a value in every field.
func customer(m *engine.Map, n int) *record.Observation {
	c := m.Compiled
	vals := make([]value.Value, c.FnO.Width())
	for i, f := range c.FnO.Columns {
		switch f.Type {
		case schema.TypeInteger:
			vals[i] = value.NewInteger(int64(n % 1000))
		case schema.TypeDecimal:
			vals[i], _ = value.NewDecimal("50.25")
		case schema.TypeBool:
			vals[i] = value.NewBool(n%2 == 0)
		case schema.TypeEnum:
			vals[i] = value.NewSymbol("No")
		default:
			vals[i] = value.NewText("10")
		}
	}
	set := func(name, v string) { vals[c.FnO.Index(name)] = value.NewText(v) }
	set("CustomerAccount", fmt.Sprintf("US-%06d", n))
	set("OrganizationName", "Contoso Retail of the North")
	vals[c.FnO.Index("PartyType")] = value.NewSymbol("Organization")
	key, _ := c.KeyOf(value.FnO, vals, "USMF")
	return &record.Observation{Map: m.Name, Side: value.FnO, Key: key, Company: "USMF", ID: fmt.Sprint(n), Values: vals, InScope: true}
}

// BenchmarkEvaluate evaluates decoded customers that the other side does not
// have, references known: what a preflight does with most rows. rows/cpu-s are
// rows a second of one core.
func BenchmarkEvaluate(b *testing.B) {
	m := customersMap(b)
	const many = 500 // a batch
	obs := make([]*record.Observation, many)
	for i := range obs {
		obs[i] = customer(m, i)
	}
	b.ReportAllocs()
	n := 0
	var room merge.Room
	var needs []refs.Need
	began := cpu()
	for b.Loop() {
		o := obs[n%many]
		if n%many == 0 {
			room.Reset() // a batch is done with
		}
		n++
		needs = handle.AppendNeeds(needs[:0], m.Compiled, o)
		r := merge.Merge(merge.Input{Map: m.Compiled, MapVersion: 1, FnO: o, Refs: knownRefs{}, NewID: "00000000-0000-4000-8000-000000000002", Room: &room})
		if len(r.Intents) != 1 || len(needs) == 0 {
			b.Fatalf("%+v", r.Listed)
		}
	}
	// The machine may be shared: what counts is the time that this process had.
	if spent := cpu() - began; spent > 0 {
		b.ReportMetric(float64(n)/spent.Seconds(), "rows/cpu-s")
	}
	b.ReportMetric(float64(len(m.Compiled.Slots)), "fields")
}

// cpu gives the processor time of the process.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
