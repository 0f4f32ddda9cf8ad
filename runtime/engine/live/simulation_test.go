package live_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/engine/enginetest"
	"github.com/dualwrite/dw/runtime/engine/live"
	"github.com/dualwrite/dw/runtime/store"
)

// seeds is how many seeds to run: few in a hurry, DW_SEEDS for long runs.
func seeds(t *testing.T) int {
	t.Helper()
	if text := os.Getenv("DW_SEEDS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			t.Fatalf("DW_SEEDS=%q is no number of seeds", text)
		}
		return n
	}
	if testing.Short() {
		return 5
	}
	return 25
}

// TestSeeds lets people edit both sides at random while requests fail, notices
// are lost, repeated and late, and the process is cut off and begun again. When
// they fall silent, both sides are equal, nothing more is written, and no record
// was written more often than its edits explain.
func TestSeeds(t *testing.T) {
	for seed := range seeds(t) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			s := newSimulation(t, uint64(seed))
			s.play()
			s.settle()
		})
	}
}

// TestSameSeedSameRun: else a failure could not be looked into.
func TestSameSeedSameRun(t *testing.T) {
	trace := func() []string {
		s := newSimulation(t, 4711)
		s.play()
		s.settle()
		return s.trace
	}
	a, b := trace(), trace()
	if !slices.Equal(a, b) {
		for i := range min(len(a), len(b)) {
			if a[i] != b[i] {
				t.Fatalf("line %d: %q, then %q", i, a[i], b[i])
			}
		}
		t.Fatalf("%d lines, then %d", len(a), len(b))
	}
}

const simulated = 12 // records of each map

// simulation is an office whose people and services misbehave by a seed.
type simulation struct {
	*office
	rng     *rand.Rand
	trouble bool           // requests fail and people edit between them
	inside  bool           // a person is at work
	nested  bool           // while a request is on its way
	edits   map[string]int // by record
	writes  map[string]int // by record and side
	late    []connect.Notice
	runner  *live.Runner
	state   *mortal
	n       int
	trace   []string
}

// mortal is a store that fails now and then, and all the time once its process
// has been killed.
type mortal struct {
	store.Store
	fails func() bool
	dead  bool
}

func (m *mortal) Update(ctx context.Context, f func(store.Tx) error) error {
	switch {
	case m.dead:
		return store.ErrClosed
	case m.fails():
		return errors.New("the disk is full")
	}
	return m.Store.Update(ctx, f)
}

// Reached kills the process at a marker now and then.
func (s *simulation) Reached(marker string) {
	if s.trouble && !s.inside && s.rng.IntN(150) == 0 {
		s.note("killed at %s", marker)
		s.state.dead = true
	}
}

func newSimulation(t *testing.T, seed uint64) *simulation {
	s := founded(t, seed)
	s.joined()
	s.troubled()
	return s
}

// founded has the records of F&O and nothing of them in Dataverse.
func founded(t *testing.T, seed uint64) *simulation {
	conflict := "merge"
	if seed%3 == 2 {
		conflict = "last_writer_wins"
	}
	config := enginetest.Edit(t, `  constant "customertypecode"`, `  deletes = { to_dataverse = "propagate", to_fno = "propagate" }
  conflict = "`+conflict+`"
  constant "customertypecode"`)
	s := &simulation{office: newOffice(t, config, seed), rng: rand.New(rand.NewPCG(seed, 3)), edits: map[string]int{}, writes: map[string]int{}}
	s.FnO.Now, s.Dataverse.Now = s.Env.Host.Clock.Now, s.Env.Host.Clock.Now
	s.Env.Batch = 5
	s.FnO.PageSize, s.Dataverse.PageSize = 7, 7
	for i := range simulated {
		s.Group(value.FnO, "USMF", fmt.Sprint("G", i), "Group")
		s.Customer("USMF", fmt.Sprint("US-", i), values{"CustomerGroupId": text(fmt.Sprint("G", i%3)), "InvoiceAccount": text(fmt.Sprint("US-", (i+1)%simulated))})
	}
	return s
}

// troubled lets things go wrong from now on.
func (s *simulation) troubled() {
	s.state = &mortal{Store: s.Env.Store, fails: func() bool { return s.trouble && !s.inside && s.rng.IntN(400) == 0 }}
	s.Env.Store, s.Env.Host.Markers = s.state, s
	for _, sys := range []*enginetest.System{s.FnO, s.Dataverse} {
		sys.OnRead = func(op, set string) error {
			s.note("%s %s %s", sys.Side(), op, set)
			return s.between()
		}
		sys.OnWrite = func(t *schema.Table, w connect.Write) (connect.Result, bool, bool) { return s.onWrite(sys, t, w) }
	}
}

func (s *simulation) note(format string, args ...any) {
	s.trace = append(s.trace, fmt.Sprintf(format, args...))
}

func (s *simulation) chance(percent int) bool { return s.rng.IntN(100) < percent }

// between is what happens just before a request: an edit now and then, and now
// and then the request fails.
func (s *simulation) between() error {
	if !s.trouble || s.inside {
		return nil
	}
	if s.chance(3) {
		s.nested = true // a notice comes when the request is over
		s.edit()
		s.nested = false
	}
	if s.chance(3) {
		return down()
	}
	return nil
}

func (s *simulation) onWrite(sys *enginetest.System, t *schema.Table, w connect.Write) (connect.Result, bool, bool) {
	_ = s.between()
	if s.trouble {
		switch s.rng.IntN(40) {
		case 0:
			return connect.Result{Outcome: connect.Unresolved, Message: "no answer"}, false, true
		case 1:
			s.wrote(sys, t, w)
			return connect.Result{Outcome: connect.Unresolved, Message: "no answer"}, true, true
		}
	}
	s.wrote(sys, t, w)
	return connect.Result{}, false, false
}

// wrote counts a write that reaches a row, if the row takes it.
func (s *simulation) wrote(sys *enginetest.System, t *schema.Table, w connect.Write) {
	name := s.nameOf(sys, t, w)
	s.note("%s writes %s", sys.Side(), name)
	rows := sys.Rows(t.Set)
	at := slices.IndexFunc(rows, func(r enginetest.Row) bool {
		if sys.Side() == value.Dataverse {
			return r.ID == w.Row.ID
		}
		return strings.EqualFold(keyText(sys.Side(), t.Set, r.Values), name)
	})
	switch {
	case w.Create && at >= 0, !w.Create && at < 0:
		return
	case sys.Side() == value.Dataverse && s.dangles(w):
		return
	case !w.Create && w.IfMatch != "" && w.IfMatch != strconv.Itoa(rows[at].Version):
		return
	}
	s.writes[t.Set+" "+name]++
}

// dangles tells whether a write refers to a row that is not there, and will be
// refused for it.
func (s *simulation) dangles(w connect.Write) bool {
	for _, c := range w.Values {
		if c.Value.Kind() != value.Reference {
			continue
		}
		_, id := c.Value.Ref()
		found := id == w.Row.ID
		for _, set := range []string{"accounts", "msdyn_customergroups", "cdm_companies", "transactioncurrencies"} {
			found = found || slices.ContainsFunc(s.Dataverse.Rows(set), func(r enginetest.Row) bool { return r.ID == id })
		}
		if !found {
			return true
		}
	}
	return false
}

// keyColumn is the column by which the records of the sets are known.
func keyColumn(side value.Side, set string) string {
	switch set {
	case "CustomerGroups":
		return "CustomerGroupId"
	case "CustomersV3":
		return "CustomerAccount"
	case "msdyn_customergroups":
		return "msdyn_groupid"
	}
	return "accountnumber"
}

func keyText(side value.Side, set string, v values) string { return v[keyColumn(side, set)].String() }

// nameOf gives the key of the record that a write is about.
func (s *simulation) nameOf(sys *enginetest.System, t *schema.Table, w connect.Write) string {
	column := keyColumn(sys.Side(), t.Set)
	for _, c := range w.Values {
		if c.Field.Name == column {
			return c.Value.String()
		}
	}
	if sys.Side() == value.FnO && len(w.Row.Key) > 0 {
		return w.Row.Key[len(w.Row.Key)-1].String()
	}
	for _, r := range sys.Rows(t.Set) {
		if r.ID == w.Row.ID {
			return keyText(sys.Side(), t.Set, r.Values)
		}
	}
	return "gone " + w.Row.ID
}

// place is where a record of a kind lives on a side.
type place struct {
	sys      *enginetest.System
	set, key string
	text     string // a column that people edit
}

func (s *simulation) places(kind int) [2]place {
	if kind == 0 {
		return [2]place{{s.FnO, "CustomerGroups", "CustomerGroupId", "Description"}, {s.Dataverse, "msdyn_customergroups", "msdyn_groupid", "msdyn_description"}}
	}
	return [2]place{{s.FnO, "CustomersV3", "CustomerAccount", "OrganizationName"}, {s.Dataverse, "accounts", "accountnumber", "name"}}
}

// edit is what a person does to one record.
func (s *simulation) edit() {
	s.inside = true
	defer func() { s.inside = false }()
	kind, side := s.rng.IntN(2), s.rng.IntN(2)
	p := s.places(kind)[side]
	name := fmt.Sprint([]string{"G", "US-"}[kind], s.rng.IntN(simulated))
	var row *enginetest.Row
	for _, r := range p.sys.Rows(p.set) {
		if strings.EqualFold(r.Values[p.key].String(), name) {
			row = &r
		}
	}
	s.n++
	op := "update"
	switch {
	case row == nil:
		if s.thereIsAny(kind, name) {
			return // it is on its way to this side
		}
		op = "create"
		s.create(kind, side, name)
	case kind == 1 && s.chance(12): // groups are referred to: they stay
		op = "delete"
		s.emptied(p, row.ID)
		p.sys.Delete(p.set, row.ID)
	case kind == 1 && s.chance(20):
		s.refer(side, p, row)
	case kind == 1 && s.chance(5):
		s.move(side, p, row)
	case kind == 1 && side == 1 && s.chance(20):
		p.sys.Change(p.set, row.ID, values{"emailaddress1": text(fmt.Sprint("mail-", s.n))})
	default:
		p.sys.Change(p.set, row.ID, values{p.text: text(fmt.Sprint("edit ", s.n))})
	}
	s.edits[[]string{"groups", "customers"}[kind]+" "+strings.ToLower(name)]++
	s.note("edit %s %s %s", p.sys.Side(), op, name)
	if side == 0 && row != nil {
		s.hint(op, p, name, row.ID)
	}
}

// emptied counts the delete of an account as an edit of those that refer to it:
// Dataverse empties their lookups.
func (s *simulation) emptied(p place, id string) {
	for _, r := range p.sys.Rows(p.set) {
		if r.Values["msdyn_billingaccount"] == value.NewReference("account", id) {
			s.edits["customers "+strings.ToLower(r.Values[p.key].String())]++
		}
	}
}

func (s *simulation) thereIsAny(kind int, name string) bool {
	for _, p := range s.places(kind) {
		for _, r := range p.sys.Rows(p.set) {
			if strings.EqualFold(r.Values[p.key].String(), name) {
				return true
			}
		}
	}
	return false
}

func (s *simulation) create(kind, side int, name string) {
	title := text(fmt.Sprint("made ", s.n))
	switch {
	case kind == 0 && side == 0:
		s.Group(value.FnO, "USMF", name, title.String())
	case kind == 0:
		s.Group(value.Dataverse, "USMF", name, title.String())
	case side == 0:
		s.Customer("USMF", name, values{"OrganizationName": title, "CustomerGroupId": text("G1")})
	default:
		s.Account("USMF", name, values{"name": title})
	}
}

// refer points a record at another group, perhaps one that comes later, and at
// another customer, so that rings come and go.
func (s *simulation) refer(side int, p place, row *enginetest.Row) {
	group, other := fmt.Sprint("G", s.rng.IntN(simulated)), fmt.Sprint("US-", s.rng.IntN(simulated))
	if side == 0 {
		p.sys.Change(p.set, row.ID, values{"CustomerGroupId": text(group), "InvoiceAccount": text(other)})
		return
	}
	for _, r := range s.Dataverse.Rows("msdyn_customergroups") {
		if r.Values["msdyn_groupid"] == text(group) {
			p.sys.Change(p.set, row.ID, values{"msdyn_customergroupid": value.NewReference("msdyn_customergroup", r.ID)})
			return
		}
	}
	p.sys.Change(p.set, row.ID, values{p.text: text(fmt.Sprint("edit ", s.n))})
}

// move takes a customer out of the filter of a side, or back into it.
func (s *simulation) move(side int, p place, row *enginetest.Row) {
	column, in, out := "PartyType", value.NewSymbol("Organization"), value.NewSymbol("Person")
	if side == 1 {
		column, in, out = "customertypecode", value.NewOption(3), value.NewOption(8)
	}
	to := out
	if row.Values[column] != in {
		to = in
	}
	p.sys.Change(p.set, row.ID, values{column: to})
}

// enter brings all customers back into the filters.
func (s *simulation) enter() {
	for side, p := range s.places(1) {
		for _, r := range p.sys.Rows(p.set) {
			in := side == 0 && r.Values["PartyType"] == value.NewSymbol("Organization") || side == 1 && r.Values["customertypecode"] == value.NewOption(3)
			if !in {
				s.move(side, p, &r)
				s.edits["customers "+strings.ToLower(r.Values[p.key].String())]++
			}
		}
	}
}

// hint sends a notice of an edit in F&O, or loses, repeats or delays it.
func (s *simulation) hint(op string, p place, name, id string) {
	n := notice(op, p.set, "usmf", p.key, name, id)
	switch what := s.rng.IntN(6); {
	case what == 0: // lost
		return
	case what == 1 || s.nested: // late, perhaps after others
		s.late = append(s.late, n)
		return
	case what == 2: // repeated
		s.late = append(s.late, n)
	}
	s.deliver(n)
}

func (s *simulation) deliver(n connect.Notice) {
	if s.runner == nil {
		return
	}
	// A sender tries again now and then, and gives up.
	for range 2 {
		if s.runner.Notices(s.Context(), []connect.Notice{n}) == nil {
			return
		}
	}
}

// play lets people work while things go wrong, in several processes.
func (s *simulation) play() {
	s.trouble = true
	for range 3 + s.rng.IntN(3) {
		s.runner = live.New(s.Env, s.o)
		steps := 40 + s.rng.IntN(120)
		for range steps {
			s.steps = append(s.steps, func() {
				if s.chance(50) {
					s.edit()
				}
				if len(s.late) > 0 && s.chance(20) {
					i := s.rng.IntN(len(s.late))
					n := s.late[i]
					s.late = slices.Delete(s.late, i, i+1)
					s.deliver(n)
				}
			})
		}
		if err := s.runs(s.runner, time.Duration(s.rng.IntN(3000))*time.Millisecond); err != nil && !s.state.dead && !strings.Contains(err.Error(), "the disk is full") {
			s.Fatal(err)
		}
		s.runner, s.steps, s.state.dead = nil, nil, false
		s.edit() // while nobody looks
	}
	s.trouble = false
}
