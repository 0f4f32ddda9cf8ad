// Package lint finds the mistakes of a configuration that only the schema of
// both sides, or all maps together, can show.
package lint

import (
	"cmp"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/planner/bind"
)

// Option adds what the schema does not say.
type Option func(*options)

type options struct {
	companies []string
	link      string // "": all
	partial   bool   // not everything could be checked
	faulty    bool   // the configuration has mistakes of its own
	bound     *bind.Bound
	problems  diag.List // of binding
}

// WithCompanies names the companies that the environments have, so that a link
// with another one is found. Without it, those of the catalog are known.
func WithCompanies(codes []string) Option {
	return func(o *options) { o.companies = codes }
}

// ForLink checks the maps of one link only: the catalog is of its environments.
func ForLink(name string) Option {
	return func(o *options) { o.link = name }
}

// WithBound gives the maps of the one link that is checked as they were bound to
// the catalog already, with what binding has found.
func WithBound(b *bind.Bound, problems diag.List) Option {
	return func(o *options) { o.link, o.bound, o.problems = b.Link.Name, b, problems }
}

// Partial says that the configuration has mistakes of its own, so that not
// everything in it can be checked: a note that silences nothing may still be
// needed when they are mended.
func Partial() Option {
	return func(o *options) { o.partial, o.faulty = true, true }
}

// Result is what lint found.
type Result struct {
	Found    diag.List  // sorted
	Silenced []Silenced // by notes, in the order of Found
}

// Silenced is a finding that a note silences.
type Silenced struct {
	diag.Diagnostic
	Reason string     // as the note gives it
	Note   diag.Range // where the note stands
}

// Check holds every map of every link against the schema. The answer has the
// mistakes inside single maps too and is sorted; "dw:ignore" notes are applied
// and, where everything could be checked, judged.
func Check(cfg *model.Config, cat *schema.Catalog, opts ...Option) diag.List {
	return Examine(cfg, cat, opts...).Found
}

// Examine is Check that gives the silenced findings too.
func Examine(cfg *model.Config, cat *schema.Catalog, opts ...Option) Result {
	o := options{companies: cat.Companies}
	for _, set := range opts {
		set(&o)
	}
	var found diag.List
	rules := Rules()
	for _, link := range cfg.Links {
		if o.link != "" && o.link != link.Name {
			o.partial = true
			continue
		}
		bound, ds := o.bound, o.problems
		if bound == nil {
			bound, ds = bind.Link(cfg, link, cat)
		}
		found = append(found, ds...)
		p := &pass{link: link, catalog: cat, maps: cfg.Maps, bound: bound, options: o, compiled: make(map[*bind.Map]*transform.Compiled, len(bound.Maps)), scopes: scopes{}}
		for _, m := range bound.Maps {
			c, ds := m.Compile()
			found = append(found, ds...)
			p.compiled[m] = c
		}
		for _, r := range rules {
			if r.check != nil {
				p.rule = r
				r.check(p)
			}
		}
		found = append(found, p.found...)
	}
	r := applyNotes(cfg.IgnoreNotes, fold(explain(found, rules)).Sorted(), !o.partial && !found.HasErrors())
	r.Found = r.Found.Sorted().Traced()
	return r
}

// explain says of findings that do not say it themselves why they matter and
// how to mend them, as their rules do.
func explain(found diag.List, rules []Rule) diag.List {
	for i := range found {
		d := &found[i]
		at, ok := slices.BinarySearchFunc(rules, d.Code, func(r Rule, code string) int { return strings.Compare(r.Code, code) })
		if !ok {
			continue
		}
		d.Detail, d.Hint = cmp.Or(d.Detail, rules[at].Why), cmp.Or(d.Hint, rules[at].Mend)
	}
	return found
}

// pass is one look of the rules at one link.
type pass struct {
	link    *model.Link
	catalog *schema.Catalog
	maps    []*model.Map // of all links, those without tables too
	bound   *bind.Bound
	options options
	rule    Rule
	found   diag.List

	circles  *[]*round                         // found once
	compiled map[*bind.Map]*transform.Compiled // nil of maps that have mistakes
	scopes   scopes
}

// report adds a finding of the current rule. A place without a range is shown
// at the map.
func (p *pass) report(m *bind.Map, at diag.Range, summary, detail, hint string) {
	d := diag.Diagnostic{
		Code: p.rule.Code, Severity: p.rule.Severity, Summary: summary, Detail: detail, Hint: hint, Subject: at,
	}
	if m != nil {
		d.Address = m.Source.Address()
		if at.IsZero() {
			d.Subject = m.Source.Range
		}
	}
	p.found = append(p.found, d)
}

// fix gives the last finding what mends it, if anything does: nothing else can
// be meant.
func (p *pass) fix(f *diag.Fix) {
	if f != nil {
		f.Certain = true
		p.found[len(p.found)-1].Fix = f
	}
}
