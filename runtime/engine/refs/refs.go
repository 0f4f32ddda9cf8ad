// Package refs resolves references: what a key of another table stands for,
// and the other way round. It asks the pair table first, then the target
// itself in batches, and answers transforms from what it has learned.
package refs

import (
	"context"
	"fmt"
	"strings"

	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
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
}

// Resolver keeps what was found. It is used by one map's run at a time.
type Resolver struct {
	env   *engine.Env
	known map[string]answer
}

type answer struct {
	ref   value.Value
	key   string
	state transform.RefState
}

// New makes a resolver for the maps of env.
func New(env *engine.Env) *Resolver {
	return &Resolver{env: env, known: map[string]answer{}}
}

// Answers are what one Resolve found; they implement transform.Refs.
type Answers struct {
	known map[string]answer // shared, positive
	local map[string]answer // of this batch, negative too
}

// ID implements transform.Refs.
func (a Answers) ID(l *transform.Lookup, company, key string) (value.Value, transform.RefState) {
	n := a.get(idName(l, company, key))
	return n.ref, n.state
}

// Key implements transform.Refs.
func (a Answers) Key(l *transform.Lookup, ref value.Value) (string, transform.RefState) {
	n := a.get(keyName(l, ref))
	return n.key, n.state
}

func (a Answers) get(name string) answer {
	if n, ok := a.local[name]; ok {
		return n
	}
	return a.known[name]
}

func idName(l *transform.Lookup, company, key string) string {
	if l.CompanyColumn == "" {
		company = ""
	}
	return strings.Join([]string{"i", l.Table, l.KeyColumn, fold(company), fold(key)}, "\x1f")
}

func keyName(l *transform.Lookup, ref value.Value) string {
	_, id := ref.Ref()
	return strings.Join([]string{"k", l.Table, l.KeyColumn, id}, "\x1f")
}

func fold(s string) string { return transform.FoldKey(s) }

// Resolve answers needs. Negative answers are not remembered beyond it, since
// a target may appear at any time.
func (r *Resolver) Resolve(ctx context.Context, needs []Need, o Options) (Answers, error) {
	if len(r.known) > cacheLimit {
		r.known = map[string]answer{}
	}
	a := Answers{known: r.known, local: map[string]answer{}}
	groups := map[string][]Need{}
	var order []string
	for _, n := range needs {
		name := n.name()
		if _, ok := r.known[name]; ok {
			continue
		}
		if _, ok := a.local[name]; ok {
			continue
		}
		a.local[name] = answer{state: transform.RefMissing}
		group := name[:1] + "\x1f" + n.Lookup.Table + "\x1f" + n.Lookup.KeyColumn
		if _, ok := groups[group]; !ok {
			order = append(order, group)
		}
		groups[group] = append(groups[group], n)
	}
	for _, g := range order {
		if err := r.resolveGroup(ctx, groups[g], o, a); err != nil {
			return Answers{}, err
		}
	}
	return a, nil
}

func (n Need) name() string {
	if n.Ref.IsNull() {
		return idName(n.Lookup, n.Company, n.Key)
	}
	return keyName(n.Lookup, n.Ref)
}

// learn keeps a positive answer for this batch and the following ones.
func (r *Resolver) learn(a Answers, name string, found answer) {
	found.state = transform.RefKnown
	r.known[name] = found
	delete(a.local, name)
}

// resolveGroup answers needs of one direction, target and key column.
func (r *Resolver) resolveGroup(ctx context.Context, needs []Need, o Options, a Answers) error {
	l := needs[0].Lookup
	byKey := needs[0].Ref.IsNull()
	rest := needs
	if o.Pairs {
		var err error
		if rest, err = r.fromPairs(ctx, needs, byKey, a); err != nil {
			return err
		}
	}
	if len(rest) == 0 || o.Pairs && o.First && o.Deferred != nil && o.Deferred(l) {
		return nil
	}
	if !byKey && o.Pairs && r.writesTarget(l) {
		// The row exists in Dataverse, but its F&O record does not yet: F&O
		// would refuse the key.
		return nil
	}
	return r.fromTarget(ctx, l, rest, byKey, a)
}

// writesTarget tells whether a map of this link creates the F&O records that
// the lookup's rows stand for.
func (r *Resolver) writesTarget(l *transform.Lookup) bool {
	m := r.env.Map(l.Map)
	return m != nil && m.Compiled.CreatesOn[value.FnO]
}

// fromPairs answers from confirmed pairs of the map that delivers the target
// and gives back what it could not answer.
func (r *Resolver) fromPairs(ctx context.Context, needs []Need, byKey bool, a Answers) ([]Need, error) {
	l := needs[0].Lookup
	m := r.env.Map(l.Map)
	if m == nil {
		return needs, nil
	}
	slot := keySlot(m.Compiled, l)
	if slot < 0 {
		return needs, nil
	}
	var pairs []*record.Pair
	err := r.env.Store.View(ctx, func(tx store.Tx) error {
		asked := make([]string, len(needs))
		for i, n := range needs {
			asked[i] = pairKey(m.Compiled, n)
			if !byKey {
				_, asked[i] = n.Ref.Ref()
			}
		}
		var err error
		if byKey {
			pairs, err = tx.PairsByKey(m.Name, asked)
		} else {
			pairs, err = tx.PairsByEnd(m.Name, value.Dataverse, asked)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look up references to %s in the pair table: %w", l.Set, err)
	}
	found := make(map[string]*record.Pair, len(pairs))
	for _, p := range pairs {
		if byKey {
			found[p.Key] = p
		} else {
			found[p.Dataverse.ID] = p
		}
	}
	var rest []Need
	for _, n := range needs {
		if byKey {
			p := found[pairKey(m.Compiled, n)]
			if p == nil || p.Dataverse.Version == "" {
				rest = append(rest, n)
				continue
			}
			r.learn(a, n.name(), answer{ref: value.NewReference(l.Table, p.Dataverse.ID)})
			continue
		}
		_, id := n.Ref.Ref()
		p := found[id]
		if p == nil || p.FnO.Version == "" || slot >= len(p.Base) || p.Base[slot].State != record.Known {
			rest = append(rest, n)
			continue
		}
		r.learn(a, n.name(), answer{key: p.Base[slot].Dataverse.String()})
	}
	return rest, nil
}

// keySlot gives the slot of the target map that holds the lookup's key, where
// that slot, with the company, is the map's whole integration key; else -1.
func keySlot(c *transform.Compiled, l *transform.Lookup) int {
	slot := -1
	for _, k := range c.Key {
		if k == c.Company {
			continue
		}
		if slot >= 0 || !strings.EqualFold(c.Slots[k].Field.Column.Name, l.KeyColumn) {
			return -1
		}
		slot = k
	}
	return slot
}

func pairKey(c *transform.Compiled, n Need) string {
	if c.Company >= 0 {
		return transform.JoinKey(n.Company, n.Key)
	}
	return transform.JoinKey(n.Key)
}

// fromTarget asks the target table itself.
func (r *Resolver) fromTarget(ctx context.Context, l *transform.Lookup, needs []Need, byKey bool, a Answers) error {
	columns := []string{l.KeyColumn}
	if l.CompanyColumn != "" {
		columns = append(columns, l.CompanyColumn)
	}
	t := r.env.Target(l.Table, columns...)
	if t == nil {
		return fmt.Errorf("the schema of %s, which a lookup refers to, is not part of the deployment", l.Set)
	}
	q := connect.FindQuery{Table: t, Columns: columns}
	for _, n := range needs {
		if byKey {
			q.Values = append(q.Values, value.NewText(n.Key))
		} else {
			_, id := n.Ref.Ref()
			q.Values = append(q.Values, value.NewText(id))
		}
	}
	if byKey {
		q.Column = l.KeyColumn
	}
	rows, err := r.env.Dataverse.Find(ctx, q)
	if err != nil {
		return fmt.Errorf("look up references to %s: %w", l.Set, err)
	}
	companies, err := r.companies(ctx, l, rows)
	if err != nil {
		return err
	}
	ids := map[string]string{}
	ambiguous := map[string]bool{}
	keys := map[string]string{}
	for i, row := range rows {
		key := row.Values[0].String()
		name := fold(companies[i]) + "\x1f" + fold(key)
		if other, ok := ids[name]; ok && other != row.ID {
			ambiguous[name] = true
		}
		ids[name] = row.ID
		keys[row.ID] = key
	}
	for _, n := range needs {
		if !byKey {
			_, id := n.Ref.Ref()
			if key, ok := keys[id]; ok && key != "" {
				r.learn(a, n.name(), answer{key: key})
			}
			continue
		}
		company := n.Company
		if l.CompanyColumn == "" {
			company = ""
		}
		name := fold(company) + "\x1f" + fold(n.Key)
		if id, ok := ids[name]; ok && !ambiguous[name] {
			r.learn(a, n.name(), answer{ref: value.NewReference(l.Table, id)})
		}
	}
	return nil
}

// companies gives the company code of each row found; "" for global targets
// and rows without company.
func (r *Resolver) companies(ctx context.Context, l *transform.Lookup, rows []connect.Row) ([]string, error) {
	codes := make([]string, len(rows))
	if l.CompanyColumn == "" {
		return codes, nil
	}
	refs := make([]value.Value, len(rows))
	for i, row := range rows {
		refs[i] = row.Values[1]
	}
	found, err := r.Companies(ctx, refs)
	if err != nil {
		return nil, err
	}
	for i, ref := range refs {
		codes[i] = found[ref]
	}
	return codes, nil
}

// companyLookup finds how any map of the link writes its company.
func (r *Resolver) companyLookup() *transform.Lookup {
	for _, m := range r.env.Maps {
		if c := m.Compiled; c.Company >= 0 {
			return c.Slots[c.Company].Lookup
		}
	}
	return nil
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
