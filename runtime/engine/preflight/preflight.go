// Package preflight works out what an initial sync of the data as they are now
// would come to: it reads both sides once, lets the engine judge every record,
// writes nothing and reports what would not get over, by cause. What earlier
// waves would create counts as there.
package preflight

import (
	"context"
	"slices"

	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/report"
)

// parallelMaps is how many maps of a wave are read and judged at once.
const parallelMaps = 3

// DefaultSamples is how many records of a finding are named.
const DefaultSamples = 5

// Options of a preflight.
type Options struct {
	// Env has connectors of preflight's own and, as its Store, an empty scratch
	// store that holds what is read: memory does not grow with the rows. Its maps
	// lie in the order of waves.
	Env *engine.Env
	// Maps to report. Those that they refer to are judged too, so that it is
	// known what they would bring about.
	Maps    []*engine.Map
	Samples int // records named of each finding; 0: DefaultSamples
	// Row is called with every row that has to be mended, by several tasks at
	// once; nil: nobody asks.
	Row func(report.PreflightRow) error
}

// Run judges the data of the maps of o.
func Run(ctx context.Context, o Options) (report.Preflight, error) {
	began := o.Env.Host.Clock.Now()
	if o.Samples == 0 {
		o.Samples = DefaultSamples
	}
	out := report.Preflight{FormatVersion: report.FormatVersion, Link: o.Env.Link, Maps: []report.MapPreflight{}}
	maps := withTargets(o.Env, o.Maps)
	referred := targets(o.Env.Maps)
	checks := make([]*check, len(maps))
	for i, m := range maps {
		checks[i] = newCheck(&o, m, referred[m.Name])
	}
	for rest := checks; len(rest) > 0; {
		n := 1
		for n < len(rest) && rest[n].m.Def.Wave == rest[0].m.Def.Wave {
			n++
		}
		tasks := make([]func(context.Context) error, n)
		for i, c := range rest[:n] {
			tasks[i] = c.run
		}
		if err := o.Env.Host.Scheduler.Run(ctx, parallelMaps, tasks...); err != nil {
			return out, err
		}
		rest = rest[n:]
	}
	if err := sweep(ctx, checks); err != nil {
		return out, err
	}
	for _, c := range checks {
		if !slices.Contains(o.Maps, c.m) {
			continue
		}
		m := c.report()
		out.Records += m.Records
		out.Failing += m.Failing
		out.Maps = append(out.Maps, m)
	}
	out.Clean = out.Failing == 0
	out.Seconds = o.Env.Host.Clock.Now().Sub(began).Seconds()
	return out, nil
}

// sweep judges again what had to wait, until no more of it gets on: a reference
// may lead to a map of a later wave. What still waits then waits for ever.
func sweep(ctx context.Context, checks []*check) error {
	for {
		on := false
		for _, c := range checks {
			got, err := c.again(ctx, false)
			if err != nil {
				return err
			}
			on = on || got > 0
		}
		if !on {
			break
		}
	}
	for _, c := range checks {
		if err := c.markWaiting(ctx); err != nil {
			return err
		}
	}
	for _, c := range checks {
		if _, err := c.again(ctx, true); err != nil {
			return err
		}
	}
	return nil
}

// withTargets gives maps and those that they refer to, at however many removes,
// in the order of env.
func withTargets(env *engine.Env, maps []*engine.Map) (out []*engine.Map) {
	wanted := map[string]bool{}
	var take func(m *engine.Map)
	take = func(m *engine.Map) {
		if m == nil || wanted[m.Name] {
			return
		}
		wanted[m.Name] = true
		for name := range targets([]*engine.Map{m}) {
			take(env.Map(name))
		}
	}
	for _, m := range maps {
		take(m)
	}
	for _, m := range env.Maps {
		if wanted[m.Name] {
			out = append(out, m)
		}
	}
	return out
}

// targets names the maps to whose records the records of maps may refer.
func targets(maps []*engine.Map) map[string]bool {
	names := map[string]bool{}
	var note func(l *transform.Lookup)
	note = func(l *transform.Lookup) {
		if l == nil {
			return
		}
		for _, name := range l.Maps {
			names[name] = true
		}
		for _, p := range l.Parts {
			note(p.Via)
		}
	}
	for _, m := range maps {
		note(m.Compiled.CompanyLookup())
		for i := range m.Compiled.Slots {
			for _, l := range m.Compiled.Slots[i].Lookups {
				note(l)
			}
		}
	}
	return names
}
