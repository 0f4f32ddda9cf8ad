package preflight

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/engine/handle"
	"github.com/dualwrite/dw/runtime/merge"
	"github.com/dualwrite/dw/runtime/record"
)

// rows counts a record that is seen for the first time.
func (c *check) rows(v *handle.Verdict) {
	c.out.Records++
	for i := range v.Claims {
		if v.Claims[i].InScope {
			c.out.Rows.Add(v.Claims[i].Side, 1)
		}
	}
	if len(v.Claims) > 0 {
		return
	}
	for _, o := range []*record.Observation{v.FnO, v.Dataverse} { // found by match, not by key
		if o != nil && o.InScope {
			c.out.Rows.Add(o.Side, 1)
		}
	}
}

// account takes in what would become of a record that waits for no other one. It
// tells whether the record would not get over.
func (c *check) account(v *handle.Verdict) (failed bool, err error) {
	r := &v.Result
	if r.Equal {
		c.out.Equal++
	}
	var all []trouble
	for _, f := range r.Failures {
		all = append(all, c.failure(v, f))
	}
	for i := range r.Listed {
		if x, ok := c.listed(v, &r.Listed[i]); ok {
			all = append(all, x)
		}
	}
	for i := range r.Intents {
		in := &r.Intents[i]
		if in.Op == record.Create {
			c.out.Creates.Add(in.Side, 1)
			all = append(all, c.numbered(v, in.Side)...)
		} else {
			c.out.Updates.Add(in.Side, 1)
		}
		all = append(all, c.rounded(v, in)...)
	}
	for why := range r.Reasons() {
		if why.Rule == merge.RuleMaster || why.Rule == merge.RuleWinner {
			c.wins(why.Field, why.Side.Other())
		}
	}
	if v.FnO != nil && v.Dataverse != nil && !r.Equal && c.clash(v) {
		all = append(all, c.clashing(v))
	}
	for _, x := range all {
		severity, err := c.add(x)
		if err != nil {
			return false, err
		}
		failed = failed || severity == diag.Error
	}
	if failed {
		c.out.Failing++
	}
	return failed, nil
}

// seen gives the row of a record on a side; nil where there is none.
func seen(v *handle.Verdict, s value.Side) *record.Observation {
	if s == value.FnO {
		return v.FnO
	}
	return v.Dataverse
}

// readable gives the key of a record as people read it, F&O's spelling first.
func (c *check) readable(v *handle.Verdict) string {
	for _, o := range []*record.Observation{v.FnO, v.Dataverse} {
		if o != nil {
			return c.m.Compiled.ReadableKey(o.Side, o.Values, o.Company)
		}
	}
	return transform.ReadableCanonical(v.Key)
}

// slot finds a field of the map by the name that reasons give it.
func (c *check) slot(name string) *transform.Slot {
	for i := range c.m.Compiled.Slots {
		if s := &c.m.Compiled.Slots[i]; s.Name == name {
			return s
		}
	}
	return nil
}

// at gives the row of a record on a side, with the value of a field there.
func (c *check) at(v *handle.Verdict, from value.Side, field string) row {
	o := seen(v, from)
	if o == nil {
		return row{column: field}
	}
	r := row{id: o.ID, column: field}
	s := c.slot(field)
	if s == nil {
		return r
	}
	k := c.m.Compiled
	r.column = k.Column(s, from).Name
	at := s.Dataverse
	if from == value.FnO {
		at = s.FnO
	}
	r.value = k.Show(s, from, o.Values[at], nil)
	return r
}

// failure is a field that cannot be carried over. What is to be mended is the
// value that it comes from.
func (c *check) failure(v *handle.Verdict, f merge.Failure) trouble {
	from := f.Side.Other()
	if f.Code == diag.CodeOtherScope || f.Code == diag.CodeKeyMoved {
		from = f.Side
	}
	if seen(v, from) == nil {
		from = from.Other()
	}
	return trouble{code: f.Code, side: from, field: f.Field, reason: sentence(f.Detail), mend: f.Hint, record: c.readable(v), rows: []row{c.at(v, from, f.Field)}}
}

func sentence(s string) string {
	if s == "" || strings.HasSuffix(s, ".") {
		return s
	}
	return s + "."
}

// listed is an entry that the engine would make, unless its reasons stand in the
// record's failures or it waits for another record.
func (c *check) listed(v *handle.Verdict, l *record.Listed) (trouble, bool) {
	switch l.Kind {
	case record.Parked, record.OwedField:
		return trouble{}, false
	case record.Failed:
		if slices.ContainsFunc(v.Result.Failures, func(f merge.Failure) bool { return f.Side == l.Side }) {
			return trouble{}, false
		}
	}
	x := trouble{code: l.Code, side: l.Side, field: l.Field, reason: l.Reason, mend: l.Hint, record: l.Record}
	switch l.Code {
	case diag.CodeBlankOverValue, diag.CodeNotCreated:
		x.side = l.Side.Other() // the empty side; the side that has the record
	}
	var holders []record.Observation // of the key, which is what is wrong
	switch l.Code {
	case diag.CodeDuplicateKey:
		holders = v.Claims
	case diag.CodeKeyOutside:
		holders = v.Outside
	}
	for _, o := range holders {
		if o.Side == l.Side {
			x.rows = append(x.rows, row{id: o.ID, value: c.m.Compiled.ReadableKey(o.Side, o.Values, o.Company)})
		}
	}
	if holders != nil {
		return x, true
	}
	x.rows = []row{c.at(v, x.side, l.Field)}
	return x, true
}

// rounded finds numbers that the written side would hold with fewer decimals.
func (c *check) rounded(v *handle.Verdict, in *record.Intent) (all []trouble) {
	for _, w := range in.Fields {
		if w.Slot < 0 || w.New.Kind() != value.Decimal || w.From.Kind() != value.Decimal || w.New == w.From {
			continue
		}
		s := &c.m.Compiled.Slots[w.Slot]
		if f := s.Field; f == nil || f.ToDataverse != nil || f.ToFnO != nil || f.Values != nil {
			continue // the map makes another number of it on purpose
		}
		if order, ok := value.Compare(w.New, w.From); !ok || order == 0 {
			continue
		}
		from := in.Side.Other()
		all = append(all, trouble{code: diag.CodePrecisionLost, side: from, field: s.Name, record: c.readable(v), rows: []row{c.at(v, from, s.Name)},
			reason: fmt.Sprintf("%s would be %s in %s.", w.From, w.New, in.Side.Title()),
			mend:   "Round the number, or give the column more decimals."})
	}
	return all
}

// numbered finds new records whose key the side that gets them numbers itself.
func (c *check) numbered(v *handle.Verdict, to value.Side) (all []trouble) {
	for _, k := range c.m.Compiled.Key {
		s := &c.m.Compiled.Slots[k]
		column := c.m.Compiled.Column(s, to)
		if k == c.m.Compiled.Company || column.Source != schema.SourceNumber {
			continue
		}
		from := to.Other()
		all = append(all, trouble{code: diag.CodeServerNumbers, side: from, field: s.Name, record: c.readable(v), rows: []row{c.at(v, from, s.Name)},
			reason: fmt.Sprintf("%s numbers %s itself, and its sequence does not know this number.", to.Title(), column.Name),
			mend:   "Set the sequence to begin after the highest number of the other side, or let each side have numbers of its own."})
	}
	return all
}

// Of the texts that both sides have, at least leastAlike are compared, and in
// most of them (three in four) two records of one key differ that are not one.
const leastAlike = 4

// clash tells whether a record's two rows look like different things under one
// number.
func (c *check) clash(v *handle.Verdict) bool {
	n, differ := 0, 0
	for i := range c.m.Compiled.Slots {
		s := &c.m.Compiled.Slots[i]
		if s.IsKey || s.Lookup != nil || s.Field == nil || s.Field.Values != nil {
			continue
		}
		a, b := v.FnO.Values[s.FnO], v.Dataverse.Values[s.Dataverse]
		if a.Kind() != value.Text || b.Kind() != value.Text {
			continue
		}
		x, y := strings.TrimSpace(a.Text()), strings.TrimSpace(b.Text())
		if x == "" || y == "" {
			continue
		}
		n++
		if !strings.EqualFold(x, y) {
			differ++
		}
	}
	return n >= leastAlike && differ*4 >= n*3
}

func (c *check) clashing(v *handle.Verdict) trouble {
	return trouble{code: diag.CodeNumberClash, side: value.Dataverse, record: c.readable(v),
		reason: "Most texts of the two rows differ: they look like different things that have the same number.",
		mend:   "Where they are, give one of them another number; where they are the same, nothing is to be done.",
		rows:   []row{{id: v.Dataverse.ID}}}
}
