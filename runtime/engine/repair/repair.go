// Package repair turns what verify finds into what would mend it, and has it
// done: the records are read again and merged by the same rules as every edit. A
// plan is what the engine itself decides on a state that is only read.
package repair

import (
	"context"
	"slices"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/capture"
	"github.com/dualwrite/dw/runtime/engine/control"
	"github.com/dualwrite/dw/runtime/engine/drain"
	"github.com/dualwrite/dw/runtime/engine/handle"
	"github.com/dualwrite/dw/runtime/engine/refs"
	"github.com/dualwrite/dw/runtime/engine/verify"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/store"
)

// Options of a plan.
type Options struct {
	// Verify says what to compare; its State must not be nil. Found is the plan's.
	Verify verify.Options
	// Only are the kinds of differences to mend; empty means all.
	Only []string
	// Absent says what is to become of known pairs one of whose records is gone.
	Absent capture.Absent
	// Limit bounds the records that are named, a map; 0 names all.
	Limit int
	// Keys is an empty store that takes the keys of what is to be done, so that
	// memory does not grow with them.
	Keys store.Store
}

// Planned is a plan. Began are, by map, the state's sequences before what was
// planned was read in full; nothing of maps that were not.
type Planned struct {
	Report report.Repair
	Began  map[string]int64
}

// Plan compares both sides and says what mending the differences would do. It
// changes nothing.
func Plan(ctx context.Context, o Options) (Planned, error) {
	p := &planner{Options: o, began: map[string]int64{}, out: report.Repair{FormatVersion: report.FormatVersion, Link: o.Verify.Env.Link, Company: o.Verify.Company, Maps: []report.MapRepair{}}}
	o.Verify.Found = p.found
	v, err := verify.Run(ctx, o.Verify)
	if err == nil {
		err = p.flush(ctx)
	}
	for _, m := range v.Maps {
		p.out.Compared += m.Compared
		p.out.Explained += m.Explained
	}
	p.out.Seconds = v.Seconds
	return Planned{p.out, p.began}, err
}

// planner gathers findings and plans them some at a time.
type planner struct {
	Options
	batch []verify.Finding // of one map
	began map[string]int64
	// missing is what was not found of the map at hand.
	missing *capture.Missing
	out     report.Repair
}

func (p *planner) found(ctx context.Context, f verify.Finding) error {
	if !p.wanted(f) {
		return nil
	}
	if len(p.batch) > 0 && p.batch[0].Map.Name != f.Map.Name || len(p.batch) >= p.Verify.Env.BatchSize() {
		if err := p.flush(ctx); err != nil {
			return err
		}
	}
	p.batch = append(p.batch, f)
	return nil
}

// wanted tells whether a finding is of a kind that was asked for.
func (p *planner) wanted(f verify.Finding) bool {
	return len(p.Only) == 0 || slices.ContainsFunc(f.Differences, func(d report.Difference) bool {
		return d.Explained == "" && slices.Contains(p.Only, d.Kind)
	})
}

// flush plans the findings at hand.
func (p *planner) flush(ctx context.Context) error {
	if len(p.batch) == 0 {
		return nil
	}
	batch := p.batch
	p.batch = nil
	// The map as it is for all companies: merge knows nothing of a part of it.
	m := p.Verify.Env.Map(batch[0].Map.Name)
	r, err := p.mapOf(ctx, m)
	if err != nil {
		return err
	}
	r.Findings += int64(len(batch))
	if r.Note != "" {
		r.Left += int64(len(batch))
		return nil
	}
	one := &onePlan{planner: p, m: m, r: r, byKey: map[string]verify.Finding{}}
	var keys []string
	for _, f := range batch {
		if f.Differences[0].Kind == report.KindUnreadable {
			one.leave(f.Key, f.Differences[0].Record, report.RepairLeft{Kind: report.KindUnreadable, Code: diag.CodeNoKey, Reason: f.Differences[0].Field, Hint: "Give the row its key, or keep it out with a filter."})
			continue
		}
		one.byKey[f.Key] = f
		keys = append(keys, f.Key)
	}
	if batch[0].Seen {
		p.began[m.Name] = batch[0].Began
	}
	return one.plan(ctx, keys)
}

// mapOf gives the part of the report of a map.
func (p *planner) mapOf(ctx context.Context, m *engine.Map) (*report.MapRepair, error) {
	if n := len(p.out.Maps); n > 0 && p.out.Maps[n-1].Map == m.Name {
		return &p.out.Maps[n-1], nil
	}
	p.missing = &capture.Missing{}
	r := report.MapRepair{Map: m.Name, FieldsBy: map[string]int64{}, Actions: []report.RepairAction{}, Undecided: []report.RepairLeft{}}
	err := p.Verify.State.View(ctx, func(tx store.Tx) error {
		d, err := tx.DeployedMap(p.Verify.Env.Link, m.Name)
		if err != nil {
			return err
		}
		s, err := store.RunStateOf(tx, m.Name)
		r.Note = control.Rests(d, s)
		return err
	})
	p.out.Maps = append(p.out.Maps, r)
	return &p.out.Maps[len(p.out.Maps)-1], err
}

// onePlan plans some findings of one map.
type onePlan struct {
	*planner
	m     *engine.Map
	r     *report.MapRepair
	byKey map[string]verify.Finding
	do    []record.Listed // what is to be done, as Keys takes it
}

func (o *onePlan) plan(ctx context.Context, keys []string) error {
	d := newDry(o.Verify.State)
	env := *o.Verify.Env
	env.Store = d
	dr := drain.New(&env, o.m)
	dr.Writer.Live, dr.Reader.Missing = true, o.missing
	left, err := dr.Reader.Afresh(ctx, keys, o.Absent, o.began[o.m.Name])
	if err != nil {
		return err
	}
	for id := range d.ended { // to be created again
		d.forgotten[id] = true
	}
	d.ended = map[int64]bool{}
	decided := map[string]bool{}
	for _, l := range left {
		decided[l.Key] = true
		o.leave(l.Key, l.Record, report.RepairLeft{Reason: l.Reason, Hint: l.Hint})
	}
	work, err := d.work(ctx, o.m.Name)
	if err != nil {
		return err
	}
	if _, err := dr.Handler(false).Work(ctx, work); err != nil {
		return err
	}
	o.intents(d.intents, decided)
	o.ended(work, d.ended, decided)
	o.listed(d.listed, decided)
	if err := o.agreeing(ctx, work, dr, decided); err != nil {
		return err
	}
	for _, key := range keys {
		if !decided[key] {
			o.r.Settled++
		}
	}
	return o.Keys.Update(ctx, func(tx store.Tx) error { return tx.PutListed(o.do) })
}

// todo notes that something is to be done about a key.
func (o *onePlan) todo(key string, a report.RepairAction) {
	o.r.Records++
	o.do = append(o.do, record.Listed{Kind: record.Failed, Map: o.m.Name, Key: key, Side: value.FnO})
	if a.Record = o.name(key); o.Limit > 0 && len(o.r.Actions) >= o.Limit {
		o.r.MoreActions = true
		return
	}
	o.r.Actions = append(o.r.Actions, a)
}

// name gives a record as verify has named it.
func (o *onePlan) name(key string) string {
	if f, ok := o.byKey[key]; ok {
		return f.Differences[0].Record
	}
	return transform.ReadableCanonical(key)
}

// leave notes that a person has to decide.
func (o *onePlan) leave(key, name string, l report.RepairLeft) {
	o.r.Left++
	l.Record = name
	if f, ok := o.byKey[key]; ok {
		l.Record, l.Kind = f.Differences[0].Record, f.Differences[0].Kind
	}
	if o.Limit > 0 && len(o.r.Undecided) >= o.Limit {
		o.r.MoreLeft = true
		return
	}
	o.r.Undecided = append(o.r.Undecided, l)
}

// intents takes in what would be written. A record that is written on both
// sides is done once.
func (o *onePlan) intents(intents []*record.Intent, decided map[string]bool) {
	for _, in := range intents {
		a := report.RepairAction{Side: in.Side, Op: in.Op}
		switch in.Op {
		case record.Create:
			o.r.Created.Add(in.Side, 1)
			a.Rule = rule(in, 0)
		case record.Delete:
			o.r.Deleted.Add(in.Side, 1)
			a.Rule = rule(in, 0)
		case record.Update:
			o.r.Updated.Add(in.Side, 1)
			a.Fields = o.fields(in)
		default:
			o.r.State++
			a.Rule = rule(in, 0)
		}
		if decided[in.Key] {
			o.r.Records--
			o.do = slices.DeleteFunc(o.do, func(l record.Listed) bool { return l.Key == in.Key })
		}
		decided[in.Key] = true
		o.todo(in.Key, a)
	}
}

func rule(in *record.Intent, i int) string {
	if i < len(in.Rules) {
		return in.Rules[i]
	}
	return ""
}

// fields shows the columns of an update. References are shown by their keys, as
// far as verify or the other side tells them.
func (o *onePlan) fields(in *record.Intent) []report.RepairField {
	k := o.m.Compiled
	shown := map[string]report.Difference{}
	for _, d := range o.byKey[in.Key].Differences {
		shown[d.Field] = d
	}
	fields := make([]report.RepairField, len(in.Fields))
	for i, f := range in.Fields {
		x := report.RepairField{Field: f.Column, Old: f.Old.String(), New: f.New.String(), Rule: rule(in, i)}
		o.r.FieldsBy[x.Rule]++
		if f.Slot >= 0 && f.Slot < len(k.Slots) {
			s := &k.Slots[f.Slot]
			x.Field = s.Name
			x.Old, x.New = k.Show(s, in.Side, f.Old, nil), k.Show(s, in.Side, f.New, nil)
			if f.New.Kind() == value.Reference {
				x.New = k.Show(s, in.Side.Other(), f.From, nil)
			}
			if d, ok := shown[s.Name]; ok {
				x.Old = d.Dataverse
				if in.Side == value.FnO {
					x.Old = d.FnO
				}
			}
		}
		fields[i] = x
	}
	return fields
}

// ended takes in pairs that would end without a write.
func (o *onePlan) ended(work []store.Work, ended map[int64]bool, decided map[string]bool) {
	for _, w := range work {
		for _, p := range w.Pairs {
			if ended[p.ID] && !decided[p.Key] {
				decided[p.Key] = true
				o.r.Forgotten++
				o.todo(p.Key, report.RepairAction{What: report.RepairForget})
			}
		}
	}
}

// listed takes in what would be listed. What waits for another record goes on by
// itself once that is there; everything else is a person's to decide, and is not
// touched.
func (o *onePlan) listed(listed []record.Listed, decided map[string]bool) {
	for _, l := range listed {
		if _, ok := o.byKey[l.Key]; !ok || decided[l.Key] {
			continue
		}
		decided[l.Key] = true
		if l.Kind == record.Parked && l.Code != diag.CodeNotSeen || l.Kind == record.OwedField {
			o.r.Waiting++
			o.todo(l.Key, report.RepairAction{What: report.RepairWait})
			continue
		}
		o.leave(l.Key, l.Record, report.RepairLeft{Code: l.Code, Reason: l.Reason, Hint: l.Hint})
	}
}

// agreeing takes in what would neither be written nor listed: records that dw
// does not know as a pair yet, and those that the rules let differ. What is left
// has become equal meanwhile.
func (o *onePlan) agreeing(ctx context.Context, work []store.Work, dr *drain.Drain, decided map[string]bool) error {
	var needs []refs.Need
	for _, w := range work {
		for _, obs := range [][]record.Observation{w.FnO, w.Dataverse} {
			for i := range obs {
				needs = handle.AppendNeeds(needs, o.m.Compiled, &obs[i])
			}
		}
	}
	answers, err := dr.Refs.Resolve(ctx, needs, refs.Options{})
	if err != nil {
		return err
	}
	for _, w := range work {
		if _, ok := o.byKey[w.Key]; !ok || decided[w.Key] {
			continue
		}
		switch {
		case o.differs(w, answers):
			decided[w.Key] = true
			o.leave(w.Key, "", report.RepairLeft{Reason: "By the map's rules both sides stay as they are.", Hint: "Edit the record on the side that is wrong, or change the map."})
		case len(w.Pairs) == 0:
			decided[w.Key] = true
			o.r.Linked++
			o.todo(w.Key, report.RepairAction{What: report.RepairLink})
		}
	}
	return nil
}

// differs tells whether a record is not the same on both sides.
func (o *onePlan) differs(w store.Work, answers transform.Refs) bool {
	if len(w.FnO) != 1 || len(w.Dataverse) != 1 {
		return true
	}
	k := o.m.Compiled
	f := transform.Record{Side: value.FnO, Values: w.FnO[0].Values, Company: w.FnO[0].Company}
	v := transform.Record{Side: value.Dataverse, Values: w.Dataverse[0].Values, Company: w.Dataverse[0].Company}
	for i := range k.Slots {
		if s := &k.Slots[i]; !s.OnCreate {
			if same, err := k.Same(s, &f, &v, answers); !same || err != nil {
				return true
			}
		}
	}
	return false
}

// Carry has what was planned done, some records at a time, map by map in the
// order of their waves. Do hands one command to the engine.
func Carry(ctx context.Context, keys store.Store, maps []*engine.Map, batch int, absent capture.Absent, began map[string]int64, do func(context.Context, store.Command) error) error {
	for _, m := range maps {
		after := int64(0)
		for {
			var listed []record.Listed
			err := keys.View(ctx, func(tx store.Tx) (err error) {
				listed, err = tx.Listed(store.ListedQuery{Map: m.Name}, after, batch)
				return err
			})
			if err != nil {
				return err
			}
			if len(listed) == 0 {
				break
			}
			after = listed[len(listed)-1].ID
			names := make([]string, len(listed))
			for i, l := range listed {
				names[i] = l.Key
			}
			if err := do(ctx, control.RepairCommand(m.Name, absent, began[m.Name], names)); err != nil {
				return err
			}
		}
	}
	return nil
}
