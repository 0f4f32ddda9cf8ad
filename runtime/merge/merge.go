// Package merge is the pure heart of the engine: from a pair and what was seen
// of it on both sides it decides, field by field, what is written where, what
// counts as agreed and what must be listed.
//
// Each side is compared only with its own last agreed value (its base). Where
// one side moved, its value goes to the other; where both moved apart, the
// map's conflict policy decides, by default for the field's master. A base that
// is unknown (a first match, a new incarnation, a re-mapped field) decides for
// the master too, or for initial_sync.winner where the map names no master.
//
// The rules read mastering like this: a field that goes both ways and is not
// listed in mastering may be edited on both sides, and its master matters only
// when both moved. An edit is on the wrong side where mastering lists the field
// for the other side, or where the field does not flow from there at all; what
// becomes of it says mastering.violation. So a field that mastering lists is
// never overwritten from the other side, except when a record is created: then
// all fields come from the creating side.
//
// Under conflict = "last_writer_wins" a record that was edited on both sides
// goes to the side that was edited later, as the services tell the times: all
// its fields that both sides may edit are carried over, those that only the
// other side has changed too. The map's master decides where the times are
// equal or not known. Fields that only one side may edit are merged as ever,
// and so is everything where a side has not changed such a field.
//
// Deletes. A record that a read did not find is not a deleted one: only an
// observation that is Deleted says so, and its confirmation is the business of
// who makes it. A delete goes on as the map's deletes say. Where the other
// record was edited meanwhile, the map's master decides: its delete wins, else
// the edit does and the record is created again (conflict = "hold" leaves it to
// a person). Where deletes are ignored the pair sleeps (record.Ignored): the
// record that remains is listed, and is not created again on the other side
// until a record with its key comes back there or a person retries it. So
// nothing flips back and forth, and nothing is lost without an entry.
//
// Scope. A pair one of whose records leaves the scope sleeps too, as on_leave
// says, with its base: edits that both sides see meanwhile are merged against
// it once the record is back. A row whose key or company is emptied has not
// left; it is listed.
//
// Silence. What a service makes of a value that dw wrote counts as a round;
// after three of them without an edit of anybody else the record is listed with
// its trail and not written any more. As a last resort the history of a record
// stops a field that is about to get one value over the same other value for
// the third time in a row, whoever it is that keeps changing it.
//
// A retry is a person's word: what is held is decided as if the map did not
// hold, a record whose delete was ignored is created again, and what was
// stopped is written once more.
package merge

import (
	"cmp"
	"errors"
	"iter"
	"slices"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
)

// Input is everything that a decision depends on. Nothing of it is changed.
type Input struct {
	Map        *transform.Compiled
	MapVersion int          // deployed version; a pair of another one has no base, see Rebase
	Pair       *record.Pair // nil: none yet

	// What is there. Nil: a read did not find the record, or it was never there.
	// Deleted: it is certain that the record of its ID is gone. Values are full,
	// by the projections of Map.
	FnO, Dataverse *record.Observation

	Refs transform.Refs

	// NewID is the GUID that a row gets if one is created on Dataverse, and
	// Extra further columns that it gets (its owner).
	NewID string
	Extra []record.FieldWrite

	// Lost are the Dataverse references of the base whose rows are gone: where
	// such a lookup is empty now, the service has emptied it, nobody else.
	Lost map[value.Value]bool
	// Shared says which side's record other maps have pairs of: it is neither
	// deleted nor deactivated for this one.
	Shared map[value.Side]bool
	// History is the record's, oldest first; it matters where fields of a pair
	// are written.
	History []record.Change
	// Retry says that a person asks for the record again.
	Retry bool

	// Room is what the result is built in; nil: memory of its own.
	Room *Room
}

// Result is what is to be done. Where Ask is set, only Waits are.
type Result struct {
	// Pair is the pair's new state, to be stored with the intents: fields that
	// agree without a write are known in it, written ones keep their old base
	// until Settle. Nil: leave what is stored.
	Pair *record.Pair
	// Unlink: the pair has ended, neither side needs the other any more.
	Unlink bool
	// Intents are writes to store and send, at most one a side; the caller
	// sets Pair, the id of the stored pair.
	Intents []record.Intent
	// Listed says what does not agree and why. At is left to the caller. What
	// was listed before for the record and is not in here is over.
	Listed []record.Listed
	// Waits are the references that are not there, and those to ask for.
	Waits []Wait
	Ask   bool // some of Waits nobody has asked for yet: ask and call again
	Equal bool // both sides are there and need nothing
	// Failures are the fields that cannot be written, one by one; Listed has
	// those of a side as one entry.
	Failures []Failure

	c     *transform.Compiled
	edits []lostEdit
}

// lostEdit is a write that replaces an edit.
type lostEdit struct {
	side  value.Side
	field int // of the intent's Fields
}

// Failure is a field that cannot be written.
type Failure struct {
	Side   value.Side // that cannot be written
	Field  string     // name of the slot or column; "" is the record
	Code   string
	Detail string
	Hint   string
}

// Wait is a reference that could not be resolved.
type Wait struct {
	Slot    string
	Lookup  *transform.Lookup
	Company string
	Key     string             // towards Dataverse
	Ref     value.Value        // towards F&O
	Missing bool               // it was looked for and is not there
	Others  []transform.RefTry // further tables in which it was looked for
}

// Rule is why a field is written.
type Rule string

// The rules.
const (
	RuleCreate   Rule = "create"   // the record is new on the written side
	RuleMoved    Rule = "moved"    // only the other side moved
	RuleMaster   Rule = "master"   // the field's master won
	RuleWinner   Rule = "winner"   // initial_sync.winner won: nobody is named as master
	RuleLast     Rule = "last"     // the side that was edited later won, with all its fields
	RuleRevert   Rule = "revert"   // an edit on the wrong side is undone
	RuleOwed     Rule = "owed"     // the target of a reference has arrived
	RuleConstant Rule = "constant" // the map says what it is
	RuleDeleted  Rule = "deleted"  // the record is gone on the other side
	RuleLeft     Rule = "left"     // the record left the scope on the other side
	RuleBack     Rule = "back"     // the record is back on the other side
	RuleMatched  Rule = "matched"  // the row was found by match or crosswalk and gets the key
)

// Reason says why a field is written.
type Reason struct {
	Field    string     // name of the slot, or the column of a constant
	Side     value.Side // that is written
	Rule     Rule
	Old, New value.Value // of the written side
	Conflict bool        // Old was an edit that lost
}

// Reasons say for every written field who won and why, intent by intent.
func (r *Result) Reasons() iter.Seq[Reason] {
	return func(yield func(Reason) bool) {
		for i := range r.Intents {
			in := &r.Intents[i]
			for n := range in.Fields {
				w := &in.Fields[n]
				why := Reason{Field: w.Column, Side: in.Side, Rule: Rule(in.Rules[n]), Old: w.Old, New: w.New,
					Conflict: slices.Contains(r.edits, lostEdit{in.Side, n})}
				if w.Slot >= 0 {
					why.Field = r.c.Slots[w.Slot].Name
				}
				if !yield(why) {
					return
				}
			}
		}
	}
}

// Merge decides about one record. It is a function of its input alone.
func Merge(in Input) Result {
	m := &merger{in: in, c: in.Map, res: Result{c: in.Map}}
	fno, dataverse := present(in.FnO), present(in.Dataverse)
	switch {
	case fno && dataverse:
		m.seen = in.FnO
		m.both()
	case fno:
		m.seen = in.FnO
		m.single(value.FnO)
	case dataverse:
		m.seen = in.Dataverse
		m.single(value.Dataverse)
	default:
		m.res.Unlink = in.Pair != nil
	}
	return m.finish()
}

// life gives what became of the stored pair.
func (m *merger) life() record.Life {
	if m.in.Pair == nil {
		return record.Linked
	}
	return m.in.Pair.Life
}

// voided makes a pair's base that of one whose record is gone for certain.
func voided(p *record.Pair) {
	for i := range p.Base {
		p.Base[i] = record.FieldBase{State: record.Void}
	}
}

// asleep gives the stored pair, to be kept as it is apart from its life and
// the versions of what was seen.
func (m *merger) asleep(life record.Life) *record.Pair {
	p := *m.in.Pair
	p.Base = m.sameBases(p.Base)
	p.Life = life
	for _, s := range []value.Side{value.FnO, value.Dataverse} {
		o, end := m.observation(s), p.End(s)
		if present(o) && end.ID == o.ID {
			end.Version = o.Version
		}
	}
	return &p
}

func present(o *record.Observation) bool { return o != nil && !o.Deleted }

// merger carries one decision.
type merger struct {
	in   Input
	c    *transform.Compiled
	seen *record.Observation // one that is there, for naming the record
	res  Result

	pair     *record.Pair         // the new state, once there is one
	last     value.Side           // the side that was edited later, where that decides; else ""
	matched  bool                 // the row has not got the key of its record yet
	reborn   bool                 // a record of the pair is another one than was agreed with
	recs     [2]*transform.Record // see rec
	writes   [2][]record.FieldWrite
	rules    [2][]string // of writes
	failures []Failure
	parked   []Wait
	undo     []undo
}

// undo is a base as it was before it was changed along with a write.
type undo struct {
	slot int
	base record.FieldBase
}

func index(s value.Side) int {
	if s == value.FnO {
		return 0
	}
	return 1
}

func (m *merger) observation(s value.Side) *record.Observation {
	if s == value.FnO {
		return m.in.FnO
	}
	return m.in.Dataverse
}

// projection gives the columns of a side.
func projection(c *transform.Compiled, s value.Side) *transform.Projection {
	if s == value.FnO {
		return &c.FnO
	}
	return &c.Dataverse
}

// place gives the index of a slot's value on a side.
func place(slot *transform.Slot, s value.Side) int {
	if s == value.FnO {
		return slot.FnO
	}
	return slot.Dataverse
}

func column(c *transform.Compiled, slot *transform.Slot, s value.Side) *schema.Field {
	return c.Column(slot, s)
}

// current gives a slot's value as seen on a side.
func (m *merger) current(i int, s value.Side) value.Value {
	return m.observation(s).Values[place(&m.c.Slots[i], s)]
}

// rec gives a side as transforms take it, made once a merge.
func (m *merger) rec(s value.Side) *transform.Record {
	r := &m.recs[index(s)]
	if *r == nil {
		o := m.observation(s)
		*r = &transform.Record{Side: s, Values: o.Values, Company: o.Company}
	}
	return *r
}

// unmoved tells whether two values of one side of a slot mean the same.
func unmoved(c *transform.Compiled, i int, s value.Side, a, b value.Value) bool {
	slot := &c.Slots[i]
	return a == b || c.IsNothing(slot, s, a) && c.IsNothing(slot, s, b)
}

// known makes a slot's base the values as seen.
func (m *merger) known(i int) { m.pair.Base[i] = m.asSeen(i, record.Known) }

// asSeen gives a base of the values as seen on both sides.
func (m *merger) asSeen(i int, state record.FieldState) record.FieldBase {
	return record.FieldBase{State: state, FnO: m.current(i, value.FnO), Dataverse: m.current(i, value.Dataverse)}
}

// rebase changes a slot's base along with the writes.
func (m *merger) rebase(i int, b record.FieldBase) {
	m.undo = append(m.undo, undo{i, m.pair.Base[i]})
	m.pair.Base[i] = b
}

// fail notes that a field cannot be written to a side.
func (m *merger) fail(to value.Side, field, code, detail, hint string) {
	m.failures = append(m.failures, Failure{to, field, code, detail, hint})
}

// wait notes an unresolved reference.
func (m *merger) wait(e *transform.RefError) Wait {
	w := Wait{Slot: e.Slot, Lookup: e.Lookup, Company: e.Company, Key: e.Key, Ref: e.Ref, Missing: e.Missing, Others: e.Others}
	m.res.Waits = append(m.res.Waits, w)
	m.res.Ask = m.res.Ask || !e.Missing
	return w
}

// translated is what became of a value that was to be carried over.
type translated uint8

const (
	asValue translated = iota // there is one
	asOwed                    // its reference comes later
	asNone                    // noted as failure, parked or to be asked
)

// translate carries a slot's value towards a side.
func (m *merger) translate(i int, to value.Side) (value.Value, translated) {
	slot := &m.c.Slots[i]
	v, err := m.c.Translate(slot, m.rec(to.Other()), m.in.Refs)
	if err == nil {
		return v, asValue
	}
	var missing *transform.RefError
	if !errors.As(err, &missing) {
		m.failValue(to, slot, err)
		return value.Value{}, asNone
	}
	w := m.wait(missing)
	if !w.Missing {
		return value.Value{}, asNone
	}
	switch slot.Lookup.Missing {
	case "fail", "null": // null comes here where the column must have a value
		m.fail(to, slot.Name, diag.CodeReferenceMissing, err.Error(), hintReference(w))
	case "defer":
		if !slot.IsKey {
			return value.Value{}, asOwed
		}
		m.parked = append(m.parked, w)
	default:
		m.parked = append(m.parked, w)
	}
	return value.Value{}, asNone
}

func (m *merger) failValue(to value.Side, slot *transform.Slot, err error) {
	var bad *transform.ValueError
	if errors.As(err, &bad) {
		m.fail(to, cmp.Or(bad.Slot, slot.Name), bad.Code, bad.Detail, bad.Hint)
		return
	}
	m.fail(to, slot.Name, diag.CodeWrongKind, err.Error(), "")
}

// write adds a column to a side's intent.
func (m *merger) write(to value.Side, w record.FieldWrite, rule Rule, conflict bool) {
	into := m.next(to, w.Column, w.Slot, rule)
	if into == nil {
		return
	}
	*into = w
	if conflict {
		m.res.edits = append(m.res.edits, lostEdit{to, len(m.writes[index(to)]) - 1})
	}
}

// next adds a column without its values to a side's intent; nil where the
// intent has it: a column that two fields write is written by the first.
func (m *merger) next(to value.Side, column string, slot int, rule Rule) *record.FieldWrite {
	list := &m.writes[index(to)]
	if slot < 0 || m.c.Overlaps(to) {
		if slices.ContainsFunc(*list, func(o record.FieldWrite) bool { return o.Column == column }) {
			return nil
		}
	}
	*list = append(*list, record.FieldWrite{})
	m.rules[index(to)] = append(m.rules[index(to)], string(rule))
	w := &(*list)[len(*list)-1]
	w.Column, w.Slot = column, slot
	return w
}

// finish turns what was noted into the result.
func (m *merger) finish() Result {
	r := &m.res
	if r.Ask {
		return Result{Waits: r.Waits, Ask: true}
	}
	m.stop()
	m.listAside()
	r.Failures = m.failures
	if len(m.failures)+len(m.parked) > 0 {
		r.Intents = nil
		// What goes with the writes does not come about without them.
		for _, u := range slices.Backward(m.undo) {
			m.pair.Base[u.slot] = u.base
		}
		if !present(m.in.FnO) || !present(m.in.Dataverse) {
			m.pair = nil // a create that did not come about leaves all as it was, and owes nothing
			r.Listed = slices.DeleteFunc(r.Listed, func(l record.Listed) bool { return l.Kind == record.OwedField })
		}
	}
	r.Pair = m.pair
	r.Equal = present(m.in.FnO) && present(m.in.Dataverse) && m.pair != nil && m.pair.Life == record.Linked && len(r.Intents)+len(r.Listed) == 0
	if r.Equal {
		m.pair.SeenAt = earlier(m.in.FnO.At, m.in.Dataverse.At, m.pair.SeenAt)
	}
	return *r
}

// earlier gives the earlier of two times, or a third where one is not known.
func earlier(a, b, otherwise string) string {
	if a == "" || b == "" {
		return otherwise
	}
	return min(a, b)
}

// newPair gives the state to build on, linked and with what is there now: the
// stored pair's, or a new one.
func (m *merger) newPair() *record.Pair {
	p, fresh := m.linked()
	switch {
	case fresh:
		p.Base = m.bases()
	case m.reborn:
		// The old record is gone, or it would have the key: the outcome must not
		// depend on whether its delete was seen before.
		p.Base = m.bases()
		voided(p)
	default:
		p.Base = m.sameBases(p.Base)
	}
	return p
}

// linked is newPair without a base. Fresh says that the stored pair, if there
// is one, has none that means anything.
func (m *merger) linked() (p *record.Pair, fresh bool) {
	p = &record.Pair{Map: m.c.Map.Name, Key: m.seen.Key, Company: m.seen.Company}
	if old := m.in.Pair; old != nil {
		*p = *old
		p.Key, p.Company = m.seen.Key, m.seen.Company
	}
	p.Life = record.Linked
	fresh = m.in.Pair == nil || p.MapVersion != m.in.MapVersion || len(p.Base) != len(m.c.Slots)
	for _, s := range []value.Side{value.FnO, value.Dataverse} {
		o, end := m.observation(s), p.End(s)
		if !present(o) {
			continue
		}
		// Another id under the same key is another record: nothing was agreed
		// with it, and what is owed to it is owed anew. The base of a record whose
		// delete was seen is void already, and its end empty.
		m.reborn = m.reborn || end.ID != "" && end.ID != o.ID
		*end = record.End{ID: o.ID, Version: o.Version, Key: m.entityKey(s, o.Values)}
	}
	p.MapVersion = m.in.MapVersion
	return p, fresh
}

// entityKey gives the values of F&O's entity key; none on Dataverse, whose rows
// have an id.
func (m *merger) entityKey(s value.Side, vals []value.Value) []value.Value {
	if s != value.FnO {
		return nil
	}
	return m.c.EntityKey(vals)
}
