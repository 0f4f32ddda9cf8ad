package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

// tester is everybody who works in both systems at once. It knows what it did to
// every record, so that it can say what must have become of it.
type tester struct {
	*liveWorld
	rows      *rowReader
	random    *rand.Rand
	maps      []*soakMap
	subjects  []*subject
	byKey     map[string]*subject // by map and key
	window    int                 // in which it edits; see edit
	offline   bool                // nothing is captured in this window
	last      time.Time           // of its last write
	names     int                 // of records that it made
	since     int64               // the state's sequence when it began
	uncreated map[string]bool     // map and side where a service takes no new records
	referred  map[string]bool     // records by map and key that others referred to at the beginning
}

// subject is a record of a map, on both sides.
type subject struct {
	m     *soakMap
	key   string // as rowReader has it
	parts []string
	// fno names the record as the request log does, dataverse all rows that it
	// ever had there, the current one last.
	fno       string
	entity    []any // values of the key of the F&O record
	dataverse []string

	outside int  // effective edits of others
	fresh   bool // nobody has touched it
	pinned  bool // others refer to it: it is not deleted
	edits   []edit
	did     map[string]bool // what was done to it, by word
	gone    map[value.Side]bool
	out     bool           // its Dataverse row is out of the scope
	content map[string]any // of the record that was deleted, for creating it again
}

// edit is what was set on one side in one window: between two windows dw was
// stopped or started.
type edit struct {
	side    value.Side
	window  int
	offline bool
	field   *soakField
	was     string // before
	text    string // afterwards, as rowReader shows it
}

// Words for what was done to records.
const (
	didEdit     = "edited"
	didBoth     = "edited on both sides before either was captured"
	didRace     = "edited on both sides while dw ran"
	didRecreate = "deleted and created again"
	didDelete   = "deleted"
	didRing     = "reference in a ring changed"
	didCreate   = "created"
	didTwice    = "created on both sides"
	didLeave    = "left a filter"
	didReturn   = "left a filter and came back"
	didNoise    = "written without a change"
)

func newTester(w *liveWorld, seed uint64) *tester {
	w.Helper()
	r := newRowReader(w.T, w.dir)
	t := &tester{liveWorld: w, rows: r, random: rand.New(rand.NewPCG(seed, 0)), maps: soakMaps(w.T, r), byKey: map[string]*subject{}, uncreated: map[string]bool{}, referred: map[string]bool{}}
	t.learn()
	t.refer()
	return t
}

// learn reads which records there are; those that it knows it knows afterwards
// by their newest rows.
func (t *tester) learn() {
	t.Helper()
	for _, m := range t.maps {
		for _, side := range bothSides {
			for _, l := range t.located(m, side) {
				s := t.subject(m, l.key, l.parts)
				s.is(side, l)
			}
		}
	}
}

// refer notes which records others refer to by a key of one column: they are not
// deleted, since one service refuses that and the other empties the
// references.
func (t *tester) refer() {
	t.Helper()
	for _, m := range t.maps {
		for key, row := range t.rows.side(m.Map, value.FnO) {
			for _, f := range m.Fields {
				if !f.IsLookup() || row[f.Name()] == "" {
					continue
				}
				for _, to := range t.maps {
					name := strings.ToLower(row[f.Name()]) + "/"
					if company, _, ok := strings.Cut(key, "/"); ok && to.tables[value.FnO].CompanySpecific {
						name = company + "/" + name
					}
					if leadsTo(m.tables[value.Dataverse].Field(f.Column.Name), to) && (to != m || name != key) {
						t.referred[to.Name+" "+name] = true
					}
				}
			}
		}
	}
}

func (t *tester) subject(m *soakMap, key string, parts []string) *subject {
	id := m.Name + " " + key
	s := t.byKey[id]
	if s == nil {
		s = newSubject(m, key, parts)
		t.add(s)
	}
	return s
}

func newSubject(m *soakMap, key string, parts []string) *subject {
	return &subject{m: m, key: key, parts: parts, fresh: true, did: map[string]bool{}, gone: map[value.Side]bool{}}
}

// add notes a record, unless it is known.
func (t *tester) add(s *subject) {
	if id := s.m.Name + " " + s.key; t.byKey[id] == nil {
		t.byKey[id] = s
		t.subjects = append(t.subjects, s)
	}
}

// is notes the row that a record has on a side.
func (s *subject) is(side value.Side, l located) {
	if side == value.Dataverse {
		s.dataverse = slices.DeleteFunc(s.dataverse, func(x string) bool { return x == l.id })
		s.dataverse = append(s.dataverse, l.id)
		return
	}
	s.fno, s.entity = l.id, nil
	for _, name := range s.m.tables[side].Key {
		s.entity = append(s.entity, l.raw[strings.ToLower(name)])
	}
}

// id gives the row that a record has on a side; "" where there is none.
func (s *subject) id(side value.Side) string {
	if side == value.FnO {
		return s.fno
	}
	if len(s.dataverse) == 0 {
		return ""
	}
	return s.dataverse[len(s.dataverse)-1]
}

// record names it as dw's commands do.
func (s *subject) record() string { return strings.Join(s.parts, " / ") }

// located is a row and the record that it belongs to.
type located struct {
	key   string
	parts []string
	id    string // as the request log names it
	raw   map[string]any
}

// located finds the rows of a map on a side that are in its scope.
func (t *tester) located(m *soakMap, side value.Side) []located {
	t.Helper()
	var out []located
	table, rows := t.rows.in(m.Map, side)
	for _, raw := range rows {
		key, ok := t.rows.key(m.Map, side, table, raw)
		if !ok {
			continue
		}
		l := located{key: key, id: rowID(table, raw), raw: raw}
		if code, ok := t.rows.company(m.Map, side, table, raw); ok {
			l.parts = append(l.parts, code)
		}
		for _, k := range m.Key {
			at := slices.IndexFunc(m.Fields, func(f *model.Field) bool { return !f.IsConstant && f.FnO.Name == k.Name })
			l.parts = append(l.parts, t.rows.field(m.Map, m.Fields[at], side, table, raw))
		}
		out = append(out, l)
	}
	return out
}

// rowID names a row as the request log does: the key predicate in F&O, the id in
// Dataverse.
func rowID(t *schema.Table, raw map[string]any) string {
	if t.Side == value.Dataverse {
		return fmt.Sprint(raw[strings.ToLower(t.PrimaryID)])
	}
	var parts []string
	for _, name := range t.Key {
		text := fmt.Sprint(raw[strings.ToLower(name)])
		if name == companyField {
			text = strings.ToLower(text)
		}
		switch f := t.Field(name); f.Type {
		case schema.TypeText:
			text = "'" + strings.ReplaceAll(text, "'", "''") + "'"
		case schema.TypeEnum:
			text = "Microsoft.Dynamics.DataEntities." + f.Enum + "'" + text + "'"
		}
		parts = append(parts, name+"="+text)
	}
	return strings.Join(parts, ",")
}

// row reads a record's row as it is now; nil where it is not there.
func (t *tester) row(s *subject, side value.Side) map[string]any {
	t.Helper()
	table := s.m.tables[side]
	if s.id(side) == "" { // dw may have made the row since
		for _, l := range t.located(s.m, side) {
			if l.key == s.key {
				s.is(side, l)
			}
		}
	}
	names, args := []string{table.PrimaryID}, []any{s.id(side)}
	if side == value.FnO {
		names, args = table.Key, s.entity
	}
	if len(names) != len(args) {
		return nil
	}
	var where []string
	for _, name := range names {
		where = append(where, fmt.Sprintf("%q = ?", name))
	}
	found := t.rows.query(side, fmt.Sprintf("SELECT * FROM %q WHERE %s", table.Set, strings.Join(where, " AND ")), args...)
	if len(found) == 0 {
		return nil
	}
	return found[0]
}

// companyField is the field of F&O that says which company a record belongs to.
const companyField = "dataAreaId"

// joinedKey makes a key as rowReader has it of its parts.
func joinedKey(parts []string) string { return strings.ToLower(strings.Join(parts, "/")) + "/" }

// text gives a field of a row as rowReader shows it.
func (t *tester) text(s *subject, side value.Side, f *soakField, raw map[string]any) string {
	t.Helper()
	return t.rows.field(s.m.Map, f.Field, side, s.m.tables[side], raw)
}

// payload is what is to be set, with what it means.
type payload struct {
	body  map[string]any
	edits []edit
}

// set makes a payload of new values for fields of a record; nil where its row is
// not there.
func (t *tester) set(s *subject, side value.Side, fields ...*soakField) *payload {
	t.Helper()
	raw := t.row(s, side)
	if raw == nil {
		return nil
	}
	p := &payload{body: map[string]any{}}
	for _, f := range fields {
		e := edit{side: side, window: t.window, offline: t.offline, field: f, was: t.text(s, side, f, raw)}
		if f.target != "" {
			to := t.target(s, f, e.was)
			if to == nil {
				continue
			}
			name, in := t.reference(f, side, to)
			p.body[name], e.text = in, t.targetText(f, to)
		} else {
			v := f.another(t.random, e.was)
			p.body[f.columns[side].Name], e.text = v.on[side], v.text
		}
		p.edits = append(p.edits, e)
	}
	if len(p.edits) == 0 {
		return nil
	}
	return p
}

// patch sends a payload; false where the service does not take it.
func (t *tester) patch(s *subject, side value.Side, p *payload) bool {
	t.Helper()
	if p == nil {
		return false
	}
	status, answer, _ := t.send(http.MethodPatch, t.rowURL(side, s.m.tables[side].Set, s.id(side)), p.body)
	switch {
	case status/100 == 2:
	case status == http.StatusBadRequest:
		for _, e := range p.edits {
			if len(p.edits) == 1 {
				e.field.refused[side] = true
				t.Logf("%s does not take %v for %s: %s", side.Title(), p.body, s.m.Name, short(answer))
			}
		}
		return false
	case status == http.StatusNotFound:
		return false // dw has just deleted it
	default:
		t.Fatalf("PATCH %s %s: %d %s", s.m.tables[side].Set, s.id(side), status, short(answer))
	}
	s.edits = append(s.edits, p.edits...)
	t.touched(s)
	return true
}

func short(b []byte) string {
	if len(b) > 300 {
		b = b[:300]
	}
	return string(b)
}

// touched counts an effective edit.
func (t *tester) touched(s *subject) {
	s.outside++
	s.fresh = false
	t.last = time.Now()
}

// fields draws fields of different units that may be edited on a side.
func (t *tester) fields(s *subject, side value.Side, n int) []*soakField {
	var out []*soakField
	for _, i := range t.random.Perm(len(s.m.plain)) {
		f := s.m.plain[i]
		if len(out) < n && !f.refused[side] && !slices.ContainsFunc(out, func(x *soakField) bool { return x.unit == f.unit }) {
			out = append(out, f)
		}
	}
	return out
}

// holding keeps the fields whose edits on a side hold.
func holding(fields []*soakField, side value.Side) []*soakField {
	return slices.DeleteFunc(slices.Clone(fields), func(f *soakField) bool { return !f.rights[side] })
}

// target draws a record that a reference may be set to: of the same company, on
// both sides, not the one that it is set to already.
func (t *tester) target(s *subject, f *soakField, was string) *subject {
	var found []*subject
	for _, o := range t.subjects {
		if o.m.Name == f.target && o.company() == s.company() && o.fno != "" && len(o.dataverse) > 0 && len(o.gone) == 0 && !o.out &&
			!o.did[didRecreate] && !o.did[didDelete] && !o.did[didLeave] && !o.did[didReturn] && !strings.EqualFold(o.parts[len(o.parts)-1], was) {
			found = append(found, o)
		}
	}
	if len(found) == 0 {
		return nil
	}
	to := found[t.random.IntN(len(found))]
	to.pinned = true
	return to
}

// company gives the first part of a key where the map has companies.
func (s *subject) company() string {
	if len(s.parts) > len(s.m.Key) {
		return s.parts[0]
	}
	return ""
}

// targetText gives what a reference to a record is shown as.
func (t *tester) targetText(f *soakField, to *subject) string {
	at := slices.IndexFunc(to.m.Fields, func(g *model.Field) bool { return strings.EqualFold(g.Column.Name, f.Path[0]) })
	for i, k := range to.m.Key {
		if strings.EqualFold(k.Name, to.m.Fields[at].FnO.Name) {
			return to.parts[len(to.parts)-len(to.m.Key)+i]
		}
	}
	t.Fatalf("%s refers to %s by something that is not its key", f.Name(), to.m.Name)
	return ""
}

// reference gives the member of a payload that sets a reference.
func (t *tester) reference(f *soakField, side value.Side, to *subject) (name string, in any) {
	if side == value.FnO {
		return f.columns[side].Name, t.targetText(f, to)
	}
	return bindTo(f.columns[side], to.m.tables[side].Set, to.id(side))
}

// bindTo gives the member of a payload that sets a lookup.
func bindTo(c *schema.Field, set, id string) (name string, in any) {
	at := slices.IndexFunc(c.Targets, func(x schema.Target) bool { return x.Set == set })
	return c.Targets[at].Navigation + "@odata.bind", fmt.Sprintf("/%s(%s)", set, id)
}

// content gives what a record has on a side as the body of a new one: mapped
// columns that reach the other side, the key, the company and what the map says of new records. Nil where
// the side cannot be asked for that.
func (t *tester) content(s *subject, side value.Side) map[string]any {
	t.Helper()
	raw := t.row(s, side)
	if raw == nil {
		return nil
	}
	table := s.m.tables[side]
	names := map[string]bool{}
	for _, f := range s.m.Fields {
		if len(f.Targets) > 0 {
			return nil
		}
		if !f.IsConstant && !f.Direction.Sends(other(side)) {
			continue
		}
		for _, n := range []string{f.FnO.Name, f.Column.Name} {
			names[strings.ToLower(n)] = true
		}
	}
	for _, n := range append(slices.Clone(table.Key), companyField, companyOf(table)) {
		names[strings.ToLower(n)] = true
	}
	body := map[string]any{}
	for i := range table.Fields {
		c := table.Fields[i]
		v := raw[strings.ToLower(c.Name)]
		if !names[strings.ToLower(c.Name)] || !c.OnCreate || v == nil {
			continue
		}
		switch c.Type {
		case schema.TypeText, schema.TypeEnum, schema.TypeInteger, schema.TypeChoice:
			body[c.Name] = v
		case schema.TypeDecimal:
			body[c.Name] = json.Number(fmt.Sprint(v))
		case schema.TypeBool:
			body[c.Name] = fmt.Sprint(v) != "0"
		case schema.TypeLookup:
			if len(c.Targets) != 1 {
				return nil
			}
			if fmt.Sprint(v) == s.id(side) {
				continue // a new row cannot refer to the old one
			}
			name, in := bindTo(c, c.Targets[0].Set, fmt.Sprint(v))
			body[name] = in
		}
	}
	return body
}

// create makes a record on a side; false where the service does not take it.
func (t *tester) create(s *subject, side value.Side, body map[string]any) bool {
	t.Helper()
	status, answer, header := t.send(http.MethodPost, t.rowURL(side, s.m.tables[side].Set, ""), body)
	if status == http.StatusBadRequest || status == http.StatusPreconditionFailed {
		t.Logf("%s takes no new record of %s: %s", side.Title(), s.m.Name, short(answer))
		t.uncreated[s.m.Name+" "+string(side)] = true
		return false
	}
	if status/100 != 2 {
		t.Fatalf("POST %s: %d %s\n%v", s.m.tables[side].Set, status, short(answer), body)
	}
	if side == value.Dataverse {
		at := header.Get("OData-EntityId")
		s.is(side, located{id: strings.TrimSuffix(at[strings.LastIndex(at, "(")+1:], ")")})
	} else if t.row(s, side) == nil {
		t.Fatalf("F&O has no %s after it was created", s.record())
	}
	delete(s.gone, side)
	t.add(s)
	t.touched(s)
	return true
}

// remove deletes a record on a side; false where the service refuses, as it does
// while others refer to it.
func (t *tester) remove(s *subject, side value.Side) bool {
	t.Helper()
	if t.row(s, side) == nil {
		return false
	}
	status, answer, _ := t.send(http.MethodDelete, t.rowURL(side, s.m.tables[side].Set, s.id(side)), nil)
	switch {
	case status/100 == 2:
		s.gone[side] = true
		t.touched(s)
		return true
	case status == http.StatusBadRequest || status == http.StatusNotFound:
		return false
	}
	t.Fatalf("DELETE %s %s: %d %s", s.m.tables[side].Set, s.id(side), status, short(answer))
	return false
}

// pick draws a record that nobody has touched and that may be used for
// something; nil where there is none.
func (t *tester) pick(may func(*subject) bool) *subject {
	var found []*subject
	for _, s := range t.subjects {
		if s.fresh && s.fno != "" && len(s.dataverse) > 0 && may(s) {
			found = append(found, s)
		}
	}
	if len(found) == 0 {
		return nil
	}
	return found[t.random.IntN(len(found))]
}

// any draws a record that may have been edited before.
func (t *tester) any() *subject {
	for {
		s := t.subjects[t.random.IntN(len(t.subjects))]
		if len(s.gone) == 0 && !s.out && s.fno != "" && len(s.dataverse) > 0 && len(s.m.plain) > 0 && !s.did[didLeave] && !s.did[didReturn] && !s.did[didRecreate] {
			return s
		}
	}
}

// count gives how many records something was done to.
func (t *tester) count(did ...string) int {
	n := 0
	for _, s := range t.subjects {
		if slices.ContainsFunc(did, func(d string) bool { return s.did[d] }) {
			n++
		}
	}
	return n
}

// tables names the sets of all maps as written wants them.
func (t *tester) tables() map[string]bool {
	out := map[string]bool{}
	for _, m := range t.maps {
		for side, table := range m.tables {
			out[string(side)+"/"+table.Set] = true
		}
	}
	return out
}

// copyOf gives the content of a record with another key.
func (t *tester) copyOf(s *subject, side value.Side) (*subject, map[string]any) {
	t.Helper()
	body := t.content(s, side)
	if body == nil || len(s.m.Key) != 1 {
		return nil, nil
	}
	t.names++
	key := fmt.Sprintf("N%05d", t.names)
	parts := append(slices.Clone(s.parts[:len(s.parts)-1]), key)
	made := newSubject(s.m, joinedKey(parts), parts)
	for _, f := range s.m.Fields {
		name := f.FnO.Name
		if side == value.Dataverse {
			name = f.Column.Name
		}
		switch {
		case f.IsConstant:
		case strings.EqualFold(f.FnO.Name, s.m.Key[0].Name):
			body[name] = key
		case slices.Contains(numbered, f.FnO.Name):
			delete(body, name)
		}
	}
	return made, body
}
