// Package refs resolves references: what a key of another table stands for,
// and the other way round. It asks the pair table first, then the target
// itself in batches, and answers transforms from what it has learned.
package refs

import (
	"context"

	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/engine"
)

// cacheLimit bounds the answers that are kept between batches. Past it the
// cache starts afresh, so memory does not grow with the number of rows.
const cacheLimit = 100_000

// Need is one question: the row of a key (Ref is null) or the key of a row.
type Need struct {
	Lookup  *transform.Lookup
	Company string
	Key     string
	Ref     value.Value
}

// Options of a Resolve.
type Options struct {
	// Pairs tells whether the pair table may answer. Verify does without.
	Pairs bool
	// First says that the deferred lookups of this pass wait: only the pair
	// table is asked for them, since their targets are being written.
	First bool
	// Deferred names the lookups that First is about.
	Deferred func(*transform.Lookup) bool
	// Any says that a row has its key even while F&O has no such record yet.
	// Without it, and with Pairs, such a row is missing: F&O would refuse its
	// key. Keys that only name a row of Dataverse are asked for with it.
	Any bool
}

// strict tells whether the key of a row counts only if F&O has its record.
func (o Options) strict() bool { return o.Pairs && !o.Any }

// waits tells whether only the pair table is asked for a lookup.
func (o Options) waits(l *transform.Lookup) bool {
	return o.Pairs && o.First && o.Deferred != nil && o.Deferred(l)
}

// Resolver keeps what was found. It is used by one map's run at a time.
type Resolver struct {
	env   *engine.Env
	known map[question]answer
}

type answer struct {
	ref   value.Value
	key   string
	state transform.RefState
}

// New makes a resolver for the maps of env.
func New(env *engine.Env) *Resolver {
	return &Resolver{env: env, known: map[question]answer{}}
}

// Forget drops what was found. A run that goes on for long calls it from time
// to time, since rows may get another key or go.
func (r *Resolver) Forget() { r.known = map[question]answer{} }

// Answers are what one Resolve found; they implement transform.Refs.
type Answers struct {
	known  map[question]answer // shared, positive
	local  map[question]answer // of this batch, negative
	strict bool
}

// ID implements transform.Refs.
func (a Answers) ID(l *transform.Lookup, company, key string) (value.Value, transform.RefState) {
	n := a.get(idName(l, company, key))
	return n.ref, n.state
}

// Key implements transform.Refs.
func (a Answers) Key(l *transform.Lookup, ref value.Value) (string, transform.RefState) {
	n := a.get(keyName(l, ref, a.strict))
	return n.key, n.state
}

func (a Answers) get(q question) answer {
	if n, ok := a.known[q]; ok {
		return n
	}
	return a.local[q]
}

// question is what an answer answers.
type question struct {
	ask     asked
	lookup  string // its title: lookups of one title find the same rows
	company string // folded
	what    string // key, folded, or id
}

// asked is a kind of question.
type asked uint8

const (
	askID        asked = iota // the row of a key
	askKey                    // the key of a row
	askSharedKey              // the key of a row that F&O has too
)

func idName(l *transform.Lookup, company, key string) question {
	if !l.InCompany() {
		company = ""
	}
	return question{askID, l.Title(), fold(company), fold(key)}
}

func keyName(l *transform.Lookup, ref value.Value, strict bool) question {
	ask := askKey
	if strict {
		ask = askSharedKey
	}
	_, id := ref.Ref()
	return question{ask: ask, lookup: l.Title(), what: id}
}

func fold(s string) string { return transform.FoldKey(s) }

// Resolve answers needs. Negative answers are not remembered beyond it, since
// a target may appear at any time.
func (r *Resolver) Resolve(ctx context.Context, needs []Need, o Options) (Answers, error) {
	if len(r.known) > cacheLimit {
		r.Forget()
	}
	a := Answers{known: r.known, local: map[question]answer{}, strict: o.strict()}
	if err := r.resolve(ctx, needs, o, a); err != nil {
		return Answers{}, err
	}
	return a, nil
}

// group is needs that are answered together.
type group struct {
	ask    asked
	lookup string // its title
	waits  bool
}

// resolve answers the needs of one level. Rows on the way to a target are
// needs of a level of their own, asked while the target's group is.
func (r *Resolver) resolve(ctx context.Context, needs []Need, o Options, a Answers) error {
	groups := map[group][]Need{}
	var order, deferred []group // deferred ones last: they take what the others have found
	type mention struct {
		group
		question
	}
	seen := map[mention]bool{}
	for _, n := range needs {
		name := n.name(o)
		if r.answered(name, a) {
			continue
		}
		g := group{name.ask, n.Lookup.Title(), o.waits(n.Lookup)}
		if seen[mention{g, name}] {
			continue
		}
		seen[mention{g, name}] = true
		if _, ok := groups[g]; !ok && g.waits {
			deferred = append(deferred, g)
		} else if !ok {
			order = append(order, g)
		}
		groups[g] = append(groups[g], n)
	}
	for _, g := range append(order, deferred...) {
		var open []Need
		for _, n := range groups[g] {
			if !r.answered(n.name(o), a) { // by a group before it, on its way
				open = append(open, n)
			}
		}
		if len(open) == 0 {
			continue
		}
		if err := r.resolveGroup(ctx, open, o, a); err != nil {
			return err
		}
		for _, n := range open {
			if name := n.name(o); !r.answered(name, a) {
				a.local[name] = answer{state: transform.RefMissing}
			}
		}
	}
	return nil
}

func (r *Resolver) answered(name question, a Answers) bool {
	if _, ok := r.known[name]; ok {
		return true
	}
	_, ok := a.local[name]
	return ok
}

func (n Need) name(o Options) question {
	if n.Ref.IsNull() {
		return idName(n.Lookup, n.Company, n.Key)
	}
	return keyName(n.Lookup, n.Ref, o.strict())
}

func (n Need) id() string {
	_, id := n.Ref.Ref()
	return id
}

// learn keeps a positive answer for this batch and the following ones.
func (r *Resolver) learn(n Need, o Options, found answer) {
	found.state = transform.RefKnown
	r.known[n.name(o)] = found
}

// resolveGroup answers needs of one kind and lookup.
func (r *Resolver) resolveGroup(ctx context.Context, needs []Need, o Options, a Answers) error {
	l := needs[0].Lookup
	byKey := needs[0].Ref.IsNull()
	rest := needs
	if o.Pairs {
		var err error
		if rest, err = r.fromPairs(ctx, needs, o); err != nil {
			return err
		}
	}
	switch {
	case len(rest) == 0 || o.waits(l):
		return nil
	case byKey:
		return r.rowsOf(ctx, l, rest, o, a)
	default:
		return r.keysOf(ctx, l, rest, o, a)
	}
}

// companyLookup finds how any map of the link writes its company.
func (r *Resolver) companyLookup() *transform.Lookup {
	for _, m := range r.env.Maps {
		if l := m.Compiled.CompanyLookup(); l != nil {
			return l
		}
	}
	return nil
}

// CompanyRow gives the row of a company in Dataverse; not ok where there is none
// or are several, or where a code alone does not find it.
func (r *Resolver) CompanyRow(ctx context.Context, code string) (ref value.Value, ok bool, err error) {
	l := r.companyLookup()
	if l == nil || len(l.Parts) != 1 || l.Parts[0].Via != nil {
		return ref, false, nil
	}
	rows, err := r.find(ctx, l, connect.FindQuery{Column: l.KeyColumn, Values: []value.Value{value.NewText(code)}, Columns: columns(l)})
	if err != nil || len(rows) != 1 {
		return ref, false, err
	}
	return value.NewReference(l.Table, rows[0].ID), true, nil
}

// Companies gives the codes of company references; null and unknown ones are
// left out.
func (r *Resolver) Companies(ctx context.Context, refs []value.Value) (map[value.Value]string, error) {
	l := r.companyLookup()
	if l == nil {
		return nil, nil
	}
	var needs []Need
	seen := map[value.Value]bool{}
	for _, ref := range refs {
		if !ref.IsNull() && !seen[ref] {
			seen[ref] = true
			needs = append(needs, Need{Lookup: l, Ref: ref})
		}
	}
	a, err := r.Resolve(ctx, needs, Options{})
	if err != nil {
		return nil, err
	}
	codes := make(map[value.Value]string, len(needs))
	for _, n := range needs {
		if code, state := a.Key(l, n.Ref); state == transform.RefKnown {
			codes[n.Ref] = code
		}
	}
	return codes, nil
}
