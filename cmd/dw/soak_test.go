package main

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/sandbox/control"
	"github.com/dualwrite/dw/runtime/sandbox/outbox"
)

// soakSize is how much a soak does; the counts are of records.
type soakSize struct {
	records  int // of all maps, in the sandbox
	edited   int // distinct records that are edited at all
	both     int // on both sides before either edit is captured
	race     int // on both sides while dw runs
	recreate int // deleted and created again under the same key
	rings    int // references changed in a ring
	created  int
	leave    int // leave a filter and come back
	stay     int // of each kind: deleted for good on either side, out of scope for good
	noise    int // writes that change nothing
	quiet    time.Duration
	idle     time.Duration
	limit    time.Duration // until everything has to be quiet
}

// The sizes: what go test does, what go test -short does, and with DW_SOAK=full
// what the promise of live sync is measured by.
var soakSizes = map[string]soakSize{
	"full": {
		records: 3000, edited: 950, both: 170, race: 60, recreate: 60, rings: 70, created: 40, leave: 30, stay: 5, noise: 50,
		quiet: 10 * time.Second, idle: 30 * time.Second, limit: 3 * time.Minute,
	},
	"": {
		records: 500, edited: 95, both: 17, race: 6, recreate: 6, rings: 7, created: 6, leave: 4, stay: 1, noise: 6,
		quiet: 2500 * time.Millisecond, idle: 2 * time.Second, limit: 40 * time.Second,
	},
	"short": {
		records: 200, edited: 30, both: 6, race: 2, recreate: 4, rings: 3, created: 3, leave: 2, stay: 1, noise: 2,
		quiet: 2500 * time.Millisecond, idle: time.Second, limit: 40 * time.Second,
	},
}

// promised is what a full soak has to reach at least, by what was done.
var promised = map[string]int{didBoth: 150, didRecreate: 50, didRing: 50}

// soakScan is the time between two scans of F&O's keys, and between two questions
// for changes of Dataverse: events that were lost are found by the next one.
const soakScan = time.Second

// TestSoak lets people edit both systems at random while dw keeps them equal,
// with messages lost, repeated and reordered and dw stopped and killed in
// between, and holds the end to the promises: both sides equal, no edit lost,
// no write without a reason, silence. DW_SOAK=full is the measured size,
// DW_SOAK_SEED another course of events.
func TestSoak(t *testing.T) {
	name := os.Getenv("DW_SOAK")
	if name == "" && testing.Short() {
		name = "short"
	}
	size, ok := soakSizes[name]
	if !ok {
		t.Fatalf("DW_SOAK=%q: there is only \"full\"", name)
	}
	seed := uint64(1)
	if text := os.Getenv("DW_SOAK_SEED"); text != "" {
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		seed = n
	}
	t.Logf("DW_SOAK_SEED=%d", seed)

	w := copyLive(t, prepareLive(t, size.records))
	if _, err := w.control().DisturbEvents(t.Context(), control.Faults{Drop: 0.1, Repeat: 0.1, Reorder: 0.1, Seed: seed}); err != nil {
		t.Fatal(err)
	}
	s := newTester(w, seed)
	_, mark := w.logTail(0)
	s.since = w.remembered()
	began := time.Now()

	// Four windows: dw runs, is stopped, runs, is killed, and runs to the end.
	run := w.run(soakEnv...)
	s.begin(false)
	s.edit(size.edited * 3 / 10)
	s.shuffled(
		s.times(size.rings/2, s.ring), s.times(size.created/2, s.make), s.times(size.race/2, s.race), s.times(size.noise/2, s.noise),
		s.times(size.recreate/2, func() bool { return s.doom(didRecreate) }),
		s.times(size.leave/2, func() bool { return s.leave(didReturn) }),
	)
	run.interrupt()

	s.begin(true)
	s.shuffled(
		s.times(size.both, s.both), s.times(size.edited/10, func() bool { return s.edit(1) }), s.times(size.created/4, s.make), s.times(size.created/4, s.makeBoth),
		s.times(size.recreate-size.recreate/2, s.recreate), s.times(size.rings-size.rings/2, s.ring),
	)
	run = w.run(soakEnv...)

	s.begin(false)
	s.edit(size.edited / 10)
	s.awaitSeen()
	s.shuffled(
		s.each(didRecreate, s.comeBack), s.each(didReturn, s.enter),
		s.times(size.race-size.race/2, s.race), s.times(size.noise-size.noise/2, s.noise),
		s.times(size.stay, func() bool { return s.doom(didDelete) }), s.times(size.stay, func() bool { return s.leave(didLeave) }),
	)
	run.kill()

	s.begin(true)
	s.shuffled(s.times(size.leave-size.leave/2, s.leaveAndEnter), s.times(size.edited/20, func() bool { return s.edit(1) }))
	run = w.run(soakEnv...)

	s.begin(false)
	for left := size.edited - s.touchedRecords(); left > 0; left = size.edited - s.touchedRecords() {
		s.edit(left)
	}
	worked := time.Since(began)

	end := s.settle(mark, size)
	idle := time.Now()
	why := s.judge(end)
	time.Sleep(time.Until(idle.Add(size.idle)))
	all, _ := w.logTail(mark)
	if now, quiet := written(all, s.tables()), len(written(end.log, s.tables())); len(now) > quiet {
		t.Errorf("%d writes while nothing happened, such as %v", len(now)-quiet, now[quiet:])
	}
	run.interrupt()
	s.table(end, why, worked, size)
	if name != "full" {
		return
	}
	if n := s.touchedRecords(); n < 900 {
		t.Errorf("%d records were edited, less than 900", n)
	}
	for did, least := range promised {
		if n := s.count(did); n < least {
			t.Errorf("%d records were %s, less than %d", n, did, least)
		}
	}
}

// soakEnv makes dw look often: the soak is not to wait for lost events.
var soakEnv = []string{"DW_SCAN=" + soakScan.String(), "DW_POLL=" + soakScan.String()}

// begin opens a window.
func (t *tester) begin(offline bool) {
	t.window++
	t.offline = offline
}

// act is something to do; false: there was no record for it.
type act struct {
	do func() bool
	n  int
}

func (t *tester) times(n int, do func() bool) act { return act{do, n} }

// each does something with every record to which something was done before.
func (t *tester) each(did string, do func(*subject)) act {
	var found []*subject
	for _, s := range t.subjects {
		if s.did[did] {
			found = append(found, s)
		}
	}
	at := 0
	return act{func() bool { do(found[at]); at++; return true }, len(found)}
}

// shuffled does things in an order of chance.
func (t *tester) shuffled(acts ...act) {
	t.Helper()
	var order []int
	for i, a := range acts {
		order = append(order, slices.Repeat([]int{i}, a.n)...)
	}
	t.random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	for _, i := range order {
		t.pace()
		for try := 0; !acts[i].do(); try++ {
			if try == 20 {
				t.Fatalf("no record is left for action %d", i)
			}
		}
	}
}

// pace gives dw time to come in between while it runs.
func (t *tester) pace() {
	if !t.offline {
		time.Sleep(time.Duration(t.random.Int64N(int64(10 * time.Millisecond))))
	}
}

func (t *tester) side() value.Side { return bothSides[t.random.IntN(2)] }

// edit edits so many records on one side each, most of them for the first time.
func (t *tester) edit(n int) bool {
	t.Helper()
	for done := 0; done < n; {
		s := t.pick(func(s *subject) bool { return len(s.m.plain) > 0 })
		if s == nil || t.random.IntN(10) == 0 {
			s = t.any()
		}
		side := t.side()
		if t.patch(s, side, t.set(s, side, t.fields(s, side, 1+t.random.IntN(3))...)) {
			s.did[didEdit] = true
			done++
			t.pace()
		}
	}
	return true
}

// both edits a record on both sides: the same field, different ones, or some of
// each.
func (t *tester) both() bool {
	t.Helper()
	s := t.pick(func(s *subject) bool {
		return len(holding(s.m.plain, value.FnO)) > 2 && len(holding(s.m.plain, value.Dataverse)) > 2
	})
	if s == nil {
		return false
	}
	s.fresh = false
	return t.onBoth(s, didBoth)
}

func (t *tester) onBoth(s *subject, did string) bool {
	t.Helper()
	fno := t.fields(s, value.FnO, 1+t.random.IntN(2))
	dataverse := fno
	switch t.random.IntN(4) {
	case 0, 1:
		dataverse = t.fields(s, value.Dataverse, 1+t.random.IntN(2))
	case 2: // a field that Dataverse is the master of, where there is one
		for _, f := range s.m.plain {
			if f.master == value.Dataverse {
				fno, dataverse = []*soakField{f}, []*soakField{f}
			}
		}
	}
	first, second := t.set(s, value.FnO, fno...), t.set(s, value.Dataverse, dataverse...)
	if first == nil || second == nil {
		return false
	}
	if t.patch(s, value.FnO, first) && t.patch(s, value.Dataverse, second) {
		s.did[did] = true
		return true
	}
	return false
}

// race edits a record on both sides while dw runs.
func (t *tester) race() bool {
	t.Helper()
	s := t.any()
	return t.onBoth(s, didRace)
}

// ring changes a reference that is part of a ring.
func (t *tester) ring() bool {
	t.Helper()
	s := t.pick(func(s *subject) bool { return len(s.m.rings) > 0 })
	if s == nil {
		return false
	}
	f := s.m.rings[t.random.IntN(len(s.m.rings))]
	side := t.side()
	s.fresh = false
	if f.refused[side] || !t.patch(s, side, t.set(s, side, f)) {
		return false
	}
	s.did[didRing] = true
	return true
}

// make creates a record on one side and, where the map has rings, lets another
// record of that side refer to it at once.
func (t *tester) make() bool {
	t.Helper()
	side := t.side()
	s := t.pick(func(s *subject) bool { return t.creatable(s, side) })
	if s == nil {
		return false
	}
	made, body := t.copyOf(s, side)
	if made == nil || !t.create(made, side, body) {
		return false
	}
	made.did[didCreate] = true
	for _, f := range s.m.rings {
		if f.target != s.m.Name || f.refused[side] || !f.rights[side] {
			continue
		}
		name, in := t.reference(f, side, made)
		p := &payload{body: map[string]any{name: in}, edits: []edit{{side: side, window: t.window, offline: t.offline, field: f, text: t.targetText(f, made)}}}
		if t.patch(s, side, p) {
			made.pinned = true
			s.did[didRing] = true
		}
		break
	}
	return true
}

// creatable tells whether new records of a map may be made on a side and are
// carried over.
func (t *tester) creatable(s *subject, side value.Side) bool {
	if t.uncreated[s.m.Name+" "+string(side)] || len(s.m.Key) != 1 || len(s.m.plain) == 0 {
		return false
	}
	may := s.m.Creates.ToDataverse
	if side == value.Dataverse {
		may = s.m.Creates.ToFnO
	}
	if may != nil && !*may {
		return false
	}
	for _, f := range s.m.Fields {
		if len(f.Targets) > 0 || f.FnO.Name == s.m.Key[0].Name && !f.IsConstant && !f.Direction.Sends(other(side)) {
			return false
		}
	}
	c := s.m.tables[value.FnO].Field(s.m.Key[0].Name)
	return c != nil && (c.MaxLength == 0 || c.MaxLength >= 6)
}

// makeBoth creates a record with the same key on both sides.
func (t *tester) makeBoth() bool {
	t.Helper()
	s := t.pick(func(s *subject) bool { return t.creatable(s, value.FnO) && t.creatable(s, value.Dataverse) })
	if s == nil {
		return false
	}
	made, fno := t.copyOf(s, value.FnO)
	if made == nil || !t.create(made, value.FnO, fno) {
		return false
	}
	dataverse := t.content(s, value.Dataverse)
	for _, f := range s.m.Fields {
		if f.IsConstant {
			continue
		}
		switch {
		case strings.EqualFold(f.FnO.Name, s.m.Key[0].Name):
			dataverse[f.Column.Name] = made.parts[len(made.parts)-1]
		case slices.Contains(numbered, f.FnO.Name):
			delete(dataverse, f.Column.Name)
		}
	}
	if !t.create(made, value.Dataverse, dataverse) {
		return false
	}
	made.did[didCreate], made.did[didTwice] = true, true
	return true
}

// noise writes to a record what it has already.
func (t *tester) noise() bool {
	t.Helper()
	s := t.pick(func(s *subject) bool { return len(s.m.plain) > 0 })
	if s == nil {
		return false
	}
	side := t.side()
	f := t.fields(s, side, 1)
	raw := t.row(s, side)
	if len(f) == 0 || raw == nil || len(f[0].values) > 0 || f[0].columns[side].Type != schema.TypeText {
		return false
	}
	status, _, _ := t.send(http.MethodPatch, t.rowURL(side, s.m.tables[side].Set, s.id(side)), map[string]any{f[0].columns[side].Name: raw[strings.ToLower(f[0].columns[side].Name)]})
	if status/100 != 2 {
		return false
	}
	s.fresh = false
	s.did[didNoise] = true
	t.last = time.Now()
	return true
}

// removable tells whether a record may be deleted.
func (t *tester) removable(s *subject) bool {
	t.Helper()
	if s.pinned || !t.creatable(s, value.FnO) || !t.creatable(s, value.Dataverse) {
		return false
	}
	return !t.referred[s.m.Name+" "+s.key]
}

// doom deletes a record on one side, to be created again later or not.
func (t *tester) doom(did string) bool {
	t.Helper()
	s := t.pick(t.removable)
	if s == nil {
		return false
	}
	s.fresh = false
	side := t.side()
	if side == value.FnO && t.content(s, side) == nil || !t.remember(s, side) || !t.remove(s, side) {
		return false
	}
	s.did[did] = true
	return true
}

// remember keeps what a record has, for creating it again.
func (t *tester) remember(s *subject, side value.Side) bool {
	t.Helper()
	s.content = t.content(s, side)
	if s.content == nil {
		return false
	}
	f := t.fields(s, side, 1)
	if len(f) == 0 {
		return false
	}
	raw := t.row(s, side)
	s.content[f[0].columns[side].Name] = f[0].another(t.random, t.text(s, side, f[0], raw)).on[side]
	return true
}

// recreate deletes a record and creates it again at once.
func (t *tester) recreate() bool {
	t.Helper()
	s := t.pick(t.removable)
	if s == nil {
		return false
	}
	s.fresh = false
	side := t.side()
	if !t.remember(s, side) || !t.remove(s, side) {
		return false
	}
	if !t.create(s, side, s.content) {
		t.Fatalf("%s does not take %s again", side.Title(), s.record())
	}
	s.did[didRecreate] = true
	return true
}

// comeBack creates a record again that was deleted.
func (t *tester) comeBack(s *subject) {
	t.Helper()
	for _, side := range bothSides {
		if s.gone[side] && !t.create(s, side, s.content) {
			t.Fatalf("%s does not take %s again", side.Title(), s.record())
		}
	}
}

// leaving are the columns that take a row out of its map's scope: set to out it
// leaves, set to in it is back.
var leaving = map[string]struct {
	column  string
	out, in any
}{
	"accounts": {"customertypecode", 8, 3},
	"contacts": {"msdyn_sellable", false, true},
}

// leave takes a record out of its filter, to come back later or not.
func (t *tester) leave(did string) bool {
	t.Helper()
	s := t.pick(func(s *subject) bool { _, ok := leaving[s.m.Name]; return ok && !s.pinned })
	if s == nil {
		return false
	}
	s.fresh = false
	if !t.scope(s, leaving[s.m.Name].out) {
		return false
	}
	s.did[did] = true
	s.out = true
	return true
}

func (t *tester) scope(s *subject, to any) bool {
	t.Helper()
	status, answer, _ := t.send(http.MethodPatch, t.rowURL(value.Dataverse, s.m.tables[value.Dataverse].Set, s.id(value.Dataverse)), map[string]any{leaving[s.m.Name].column: to})
	if status/100 != 2 {
		t.Logf("%s does not leave its filter: %s", s.record(), short(answer))
		return false
	}
	t.touched(s)
	return true
}

// enter brings a record back into its filter, which has been edited in F&O
// meanwhile.
func (t *tester) enter(s *subject) {
	t.Helper()
	fields := holding(t.fields(s, value.FnO, 2), value.FnO)
	if len(fields) > 0 {
		t.patch(s, value.FnO, t.set(s, value.FnO, fields...))
	}
	if !t.scope(s, leaving[s.m.Name].in) {
		t.Fatalf("%s does not come back", s.record())
	}
	s.out = false
}

// leaveAndEnter is both before dw has seen either.
func (t *tester) leaveAndEnter() bool {
	t.Helper()
	if !t.leave(didReturn) {
		return false
	}
	for _, s := range t.subjects {
		if s.did[didReturn] && s.out {
			t.enter(s)
		}
	}
	return true
}

// awaitSeen waits until dw has seen that records were deleted and left: an
// entry in its list says so, or a row that is inactive now.
func (t *tester) awaitSeen() {
	t.Helper()
	t.until("dw knows what was deleted and what has left", func() bool {
		listed := map[string]bool{}
		for _, l := range t.listed(record.Tolerated, "") {
			listed[l.Map+" "+strings.ToLower(l.Record)] = true
		}
		for _, s := range t.subjects {
			if (len(s.gone) > 0 || s.out) && !listed[s.m.Name+" "+strings.ToLower(s.record())] {
				return false
			}
		}
		return true
	})
}

// touchedRecords counts the records that were edited in any way.
func (t *tester) touchedRecords() int {
	n := 0
	for _, s := range t.subjects {
		if s.outside > 0 {
			n++
		}
	}
	return n
}

// delivered tells what became of the messages to dw of both twins.
func (t *tester) delivered() outbox.Counts {
	t.Helper()
	s, err := t.control().Events(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	sum := s.FnO.Counts
	sum.Sent += s.Dataverse.Counts.Sent
	sum.Dropped += s.Dataverse.Counts.Dropped
	sum.Repeated += s.Dataverse.Counts.Repeated
	sum.Reordered += s.Dataverse.Counts.Reordered
	return sum
}

// table prints what was done and what it took.
func (t *tester) table(end settled, why reasons, worked time.Duration, size soakSize) {
	var b strings.Builder
	line := func(what string, n any) { fmt.Fprintf(&b, "%-52s %10v\n", what, n) }
	edits, wrong := 0, 0
	decided := map[value.Side]int{}
	for _, s := range t.subjects {
		edits += s.outside
		for _, e := range s.edits {
			if !e.field.rights[e.side] {
				wrong++
			}
		}
		if s.did[didBoth] {
			for f := range s.wants() {
				decided[f.master]++
			}
		}
	}
	line("distinct records edited", t.touchedRecords())
	line("effective edits", edits)
	for _, did := range []string{didBoth, didRace, didRecreate, didDelete, didRing, didCreate, didTwice, didReturn, didLeave, didNoise} {
		line("records "+did, t.count(did))
	}
	sent := t.delivered()
	if sent.Dropped == 0 || sent.Repeated == 0 || sent.Reordered == 0 {
		t.Errorf("messages were not disturbed: %+v", sent)
	}
	line("fields edited on a side that is not their master", wrong)
	for _, side := range bothSides {
		line("fields of both-sided edits mastered by "+side.Title(), decided[side])
	}
	for _, side := range bothSides {
		line("writes of dw to "+side.Title(), why.writes[side])
		for _, note := range slices.Sorted(maps.Keys(why.extra[side])) {
			line("  of them: "+note, why.extra[side][note])
		}
	}
	line("events and posts sent to dw", sent.Sent)
	line("  lost on purpose", sent.Dropped)
	line("  repeated on purpose", sent.Repeated)
	line("  reordered on purpose", sent.Reordered)
	line("time of the edits", worked.Round(10*time.Millisecond))
	line("time to quiet after the last edit", end.quiet.Round(10*time.Millisecond))
	line("idle time without a write", size.idle)
	t.Log("\n" + b.String())
}
