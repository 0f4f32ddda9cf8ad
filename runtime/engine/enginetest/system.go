package enginetest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
)

// Values are the columns of a row by name.
type Values map[string]value.Value

// Row is a record of a System.
type Row struct {
	ID      string
	Version int
	Values  Values
}

// System is one side in memory. It implements connect.Connector.
type System struct {
	PageSize int // rows of a page; 0: all

	// OnWrite may answer a write in the system's place; ok false leaves it to
	// the system. With a result of Done or Unresolved and carry true the write
	// is carried out first.
	OnWrite func(t *schema.Table, w connect.Write) (r connect.Result, carry, ok bool)
	// OnAnswer is called when a write was carried out and before its answer
	// arrives.
	OnAnswer func(t *schema.Table, w connect.Write)
	// Silent leaves out representations.
	Silent bool
	// Environment is what the system calls itself; "" is a name by its side.
	Environment string
	// Expired makes the service refuse tokens of changes.
	Expired bool
	// OnRead may refuse a read in the system's place; op is "Page", "Changes",
	// "Read" or "Find".
	OnRead func(op, set string) error
	// Narrow gives rows of which the key alone is read another version: that of
	// what was read, and not of the whole record.
	Narrow bool
	// Hidden tells which rows the user of dw may not see. Changes calls those of
	// them that have changed deleted.
	Hidden func(set string, v Values) bool
	// Now tells the time of an edit, which the row keeps; without it no row does.
	Now func() time.Time

	side value.Side

	mu       sync.Mutex
	rows     map[string][]*Row // by set
	journal  []change
	next     int
	requests []string
}

type change struct{ set, id string }

// NewSystem makes an empty system.
func NewSystem(s value.Side) *System { return &System{side: s, rows: map[string][]*Row{}} }

// Put adds a row and gives its id: a number like a RecId in F&O, a GUID in
// Dataverse.
func (s *System) Put(set string, v Values) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.put(set, s.newID(), v)
}

func (s *System) newID() string {
	s.next++
	if s.side == value.FnO {
		return strconv.Itoa(5637144576 + s.next)
	}
	return fmt.Sprintf("00000000-0000-4000-9000-%012d", s.next)
}

func (s *System) put(set, id string, v Values) string {
	r := &Row{ID: id, Version: 1, Values: maps.Clone(v)}
	s.stamp(r)
	s.rows[set] = append(s.rows[set], r)
	s.journal = append(s.journal, change{set: set, id: id})
	return id
}

// Change changes some columns of a row.
func (s *System) Change(set, id string, v Values) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.byID(set, id)
	maps.Copy(r.Values, v)
	s.touch(set, r)
}

// Slip changes some columns of a row so that neither its version nor the
// changes show it, as an edit past the application does.
func (s *System) Slip(set, id string, v Values) {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.Copy(s.byID(set, id).Values, v)
}

func (s *System) touch(set string, r *Row) {
	r.Version++
	s.stamp(r)
	s.journal = append(s.journal, change{set: set, id: r.ID})
}

// stamp notes the time of an edit, in whole seconds as both services do.
func (s *System) stamp(r *Row) {
	if s.Now != nil {
		r.Values[schema.ModifiedNames(s.side)[0]] = value.NewDateTime(s.Now().Unix())
	}
}

// Delete removes a row.
func (s *System) Delete(set, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(set, id)
}

// remove removes a row. Dataverse empties the lookups that referred to it.
func (s *System) remove(set, id string) {
	s.rows[set] = slices.DeleteFunc(s.rows[set], func(r *Row) bool { return r.ID == id })
	s.journal = append(s.journal, change{set: set, id: id})
	if s.side != value.Dataverse {
		return
	}
	for _, other := range slices.Sorted(maps.Keys(s.rows)) {
		for _, r := range s.rows[other] {
			emptied := false
			for name, v := range r.Values {
				if v.Kind() != value.Reference {
					continue
				}
				if _, to := v.Ref(); to == id {
					r.Values[name] = value.Value{}
					emptied = true
				}
			}
			if emptied {
				s.touch(other, r)
			}
		}
	}
}

func verb(w connect.Write) string {
	if w.Delete {
		return "delete"
	}
	return "update"
}

func (s *System) byID(set, id string) *Row {
	i := slices.IndexFunc(s.rows[set], func(r *Row) bool { return r.ID == id })
	if i < 0 {
		return nil
	}
	return s.rows[set][i]
}

// Rows gives copies of the rows of a set.
func (s *System) Rows(set string) []Row {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Row
	for _, r := range s.rows[set] {
		out = append(out, Row{ID: r.ID, Version: r.Version, Values: maps.Clone(r.Values)})
	}
	return out
}

// Get gives one column of the only row whose column `by` has a text.
func (s *System) Get(set, by, text, column string) value.Value {
	for _, r := range s.Rows(set) {
		if r.Values[by] == value.NewText(text) {
			return r.Values[column]
		}
	}
	return value.Value{}
}

// Requests gives what was asked since the last call, a line each: "Page set",
// "Find set column=text text", "Read set n", "create set", "update set",
// "delete set".
func (s *System) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.requests
	s.requests = nil
	return out
}

// refused gives what OnRead says.
func (s *System) refused(op, set string) error {
	if s.OnRead == nil {
		return nil
	}
	return s.OnRead(op, set)
}

// visible gives the rows of a set that the user of dw may see.
func (s *System) visible(set string) []*Row {
	if s.Hidden == nil {
		return s.rows[set]
	}
	return slices.DeleteFunc(slices.Clone(s.rows[set]), func(r *Row) bool { return s.Hidden(set, r.Values) })
}

func (s *System) note(format string, args ...any) {
	s.requests = append(s.requests, fmt.Sprintf(format, args...))
}

// Side implements connect.Connector.
func (s *System) Side() value.Side { return s.side }

// Identity implements connect.Connector.
func (s *System) Identity(context.Context) (connect.Identity, error) {
	return connect.Identity{Environment: cmp.Or(s.Environment, "memory-"+string(s.side)), User: "dw"}, nil
}

// Tables implements connect.Connector; the schema of tests is made by hand.
func (s *System) Tables(context.Context, []string) ([]schema.Table, []schema.Enum, []schema.Unknown, error) {
	return nil, nil, nil, errors.New("a system in memory has no metadata")
}

// Count implements connect.Connector.
func (s *System) Count(_ context.Context, q connect.Query) (int64, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return int64(len(s.rows[q.Projection.Table.Set])), true, nil
}

// Page implements connect.Connector. Of filters it knows the time of the last
// edit and the value of a column.
func (s *System) Page(ctx context.Context, q connect.Query) (connect.Page, error) {
	set := q.Projection.Table.Set
	if err := s.refused("Page", set); err != nil {
		return connect.Page{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if q.Equal != nil {
		s.note("Page %s %s", set, q.Equal.Column.Name)
	} else {
		s.note("Page %s", set)
	}
	if err := ctx.Err(); err != nil {
		return connect.Page{}, err
	}
	at := 0
	token := strconv.Itoa(len(s.journal))
	if q.Resume != "" {
		if _, err := fmt.Sscanf(q.Resume, "%d/%s", &at, &token); err != nil {
			return connect.Page{}, fmt.Errorf("no place to go on from: %q", q.Resume)
		}
	}
	rows := s.visible(set)
	if q.Since != nil {
		rows = slices.DeleteFunc(slices.Clone(rows), func(r *Row) bool { return r.Values[q.Since.Column.Name].Unix() < q.Since.Time.Unix() })
	}
	if e := q.Equal; e != nil {
		rows = slices.DeleteFunc(slices.Clone(rows), func(r *Row) bool { return r.Values[e.Column.Name] != e.Value })
	}
	end := len(rows)
	if s.PageSize > 0 {
		end = min(at+s.PageSize, end)
	}
	var p connect.Page
	for _, r := range rows[min(at, end):end] {
		p.Rows = append(p.Rows, s.render(r, q.Projection))
	}
	if end < len(rows) {
		p.Next = fmt.Sprintf("%d/%s", end, token)
	} else if s.side == value.Dataverse && q.Since == nil && q.Equal == nil {
		p.Token = token
	}
	return p, nil
}

// Changes implements connect.Connector.
func (s *System) Changes(_ context.Context, q connect.Query) (connect.Page, error) {
	set := q.Projection.Table.Set
	if err := s.refused("Changes", set); err != nil {
		return connect.Page{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.note("Changes %s", set)
	if s.Expired {
		return connect.Page{}, fmt.Errorf("changes of %s: %w", set, connect.ErrTokenExpired)
	}
	var from, at, until int
	if _, err := fmt.Sscanf(q.Resume, "%d/%d/%d", &from, &at, &until); err != nil {
		if from, err = strconv.Atoi(q.Resume); err != nil {
			return connect.Page{}, fmt.Errorf("no token: %q", q.Resume)
		}
		until = len(s.journal)
	}
	ids := s.changed(set, from, until)
	end := len(ids)
	if s.PageSize > 0 {
		end = min(at+s.PageSize, end)
	}
	var p connect.Page
	for _, id := range ids[at:end] {
		if r := s.byID(set, id); r != nil && (s.Hidden == nil || !s.Hidden(set, r.Values)) {
			p.Rows = append(p.Rows, s.render(r, q.Projection))
		} else {
			p.Rows = append(p.Rows, connect.Row{ID: id, Deleted: true})
		}
	}
	if end < len(ids) {
		p.Next = fmt.Sprintf("%d/%d/%d", from, end, until)
	} else {
		p.Token = strconv.Itoa(until)
	}
	return p, nil
}

// changed gives the ids of a set that a part of the journal names, each once.
func (s *System) changed(set string, from, until int) (ids []string) {
	for _, c := range s.journal[from:until] {
		if c.set == set && !slices.Contains(ids, c.id) {
			ids = append(ids, c.id)
		}
	}
	return ids
}

// Read implements connect.Connector.
func (s *System) Read(_ context.Context, p *transform.Projection, ids []connect.RowID) ([]connect.Row, error) {
	if err := s.refused("Read", p.Table.Set); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.note("Read %s %d", p.Table.Set, len(ids))
	var out []connect.Row
	for _, id := range ids {
		if r := s.find(p.Table, id); r != nil && (s.Hidden == nil || !s.Hidden(p.Table.Set, r.Values)) {
			out = append(out, s.render(r, p))
		}
	}
	return out, nil
}

// find finds a row by id, in F&O by its key.
func (s *System) find(t *schema.Table, id connect.RowID) *Row {
	if s.side == value.Dataverse {
		return s.byID(t.Set, id.ID)
	}
	for _, r := range s.rows[t.Set] {
		same := len(id.Key) == len(t.Key)
		for i := range id.Key {
			same = same && value.EqualFold(r.Values[t.Key[i]].String(), id.Key[i].String())
		}
		if same {
			return r
		}
	}
	return nil
}

// Find implements connect.Connector.
func (s *System) Find(_ context.Context, q connect.FindQuery) ([]connect.Row, error) {
	if err := s.refused("Find", q.Table.Set); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var texts []string
	for _, v := range q.Values {
		texts = append(texts, v.String())
	}
	s.note("Find %s %s=%s", q.Table.Set, q.Column, strings.Join(texts, " "))
	var out []connect.Row
	for _, r := range s.visible(q.Table.Set) {
		has := r.ID
		if q.Column != "" {
			if has = r.Values[q.Column].String(); r.Values[q.Column].Kind() == value.Reference {
				has = r.Values[q.Column].Guid()
			}
		}
		if !slices.ContainsFunc(texts, func(x string) bool { return value.EqualFold(x, has) }) {
			continue
		}
		row := connect.Row{ID: r.ID, Version: strconv.Itoa(r.Version)}
		for _, c := range q.Columns {
			row.Values = append(row.Values, r.Values[c])
		}
		out = append(out, row)
	}
	return out, nil
}

// Write implements connect.Connector, one row after the other.
func (s *System) Write(ctx context.Context, t *schema.Table, batch []connect.Write, answered func([]int, []connect.Result)) ([]connect.Result, error) {
	results := make([]connect.Result, len(batch))
	for i, w := range batch {
		if err := ctx.Err(); err != nil {
			return results, err
		}
		results[i] = s.write(t, w)
		if s.OnAnswer != nil {
			s.OnAnswer(t, w)
		}
		answered([]int{i}, results[i:i+1])
	}
	return results, nil
}

func (s *System) write(t *schema.Table, w connect.Write) connect.Result {
	if s.OnWrite != nil {
		if r, carry, ok := s.OnWrite(t, w); ok {
			if carry {
				s.carry(t, w)
			}
			return r
		}
	}
	return s.carry(t, w)
}

// dangling names a row that a write refers to and that is not there; Dataverse
// refuses such writes.
func (s *System) dangling(w connect.Write) string {
	for _, c := range w.Values {
		if s.side != value.Dataverse || c.Value.Kind() != value.Reference {
			continue
		}
		table, id := c.Value.Ref()
		there := id == w.Row.ID // a row may refer to itself
		for _, rows := range s.rows {
			there = there || slices.ContainsFunc(rows, func(r *Row) bool { return r.ID == id })
		}
		if !there {
			return table + " With Id = " + id
		}
	}
	return ""
}

// carry carries a write out.
func (s *System) carry(t *schema.Table, w connect.Write) connect.Result {
	s.mu.Lock()
	defer s.mu.Unlock()
	row := s.find(t, w.Row)
	if missing := s.dangling(w); missing != "" {
		return connect.Result{Outcome: connect.Refused, Code: "0x80040217", Message: missing + " does not exist", Missing: true}
	}
	switch {
	case w.Create && row != nil:
		s.note("create %s", t.Set)
		return connect.Result{Outcome: connect.Duplicate, Message: "it is there already"}
	case w.Create:
		s.note("create %s", t.Set)
		id := w.Row.ID
		if s.side == value.FnO {
			id = s.newID()
		}
		s.put(t.Set, id, Values{})
		row = s.byID(t.Set, id)
	case row == nil:
		s.note("%s %s", verb(w), t.Set)
		return connect.Result{Outcome: connect.Gone}
	case w.IfMatch != "" && w.IfMatch != strconv.Itoa(row.Version):
		s.note("%s %s", verb(w), t.Set)
		return connect.Result{Outcome: connect.Conflict}
	case w.Delete:
		s.note("delete %s", t.Set)
		s.remove(t.Set, row.ID)
		return connect.Result{Outcome: connect.Done}
	default:
		s.note("update %s", t.Set)
		s.touch(t.Set, row)
	}
	for _, c := range w.Values {
		row.Values[c.Field.Name] = c.Value
	}
	r := connect.Result{Outcome: connect.Done}
	if w.Return != nil && !s.Silent {
		found := s.render(row, w.Return)
		r.Row = &found
	}
	return r
}

// Capabilities implements connect.Connector.
func (s *System) Capabilities(*schema.Table) connect.Capabilities {
	return connect.Capabilities{Conditional: connect.Yes, Changes: s.side == value.Dataverse, Parallel: 1}
}

// render gives a row as the service would: F&O has no null in texts.
func (s *System) render(r *Row, p *transform.Projection) connect.Row {
	out := connect.Row{ID: r.ID, Version: strconv.Itoa(r.Version), Values: make([]value.Value, len(p.Columns))}
	if s.Narrow && len(p.Columns) == len(p.Table.Key) {
		out.Version = "narrow"
	}
	for i, f := range p.Columns {
		v := r.Values[f.Name]
		if v.IsNull() && s.side == value.FnO && f.Type == schema.TypeText {
			v = value.NewText("")
		}
		out.Values[i] = v
	}
	return out
}
