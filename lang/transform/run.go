package transform

import (
	"strings"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

// Modified gives when a record was last edited, as its side says; null where
// that is not known or the map does not ask for it.
func (c *Compiled) Modified(side value.Side, vals []value.Value) value.Value {
	at := c.modified[0]
	if side == value.Dataverse {
		at = c.modified[1]
	}
	if at < 0 || at >= len(vals) || vals[at].Kind() != value.DateTime {
		return value.Value{}
	}
	return vals[at]
}

// Needs calls emit for every reference that translating r to the other side
// may ask: with a key towards Dataverse (ref is null), in every table that the
// column may refer to, with a reference towards F&O (key is ""). Company is the
// record's own, "" where the target is global.
func (c *Compiled) Needs(r *Record, to value.Side, emit func(l *Lookup, company, key string, ref value.Value)) {
	if r.Side == to {
		return
	}
	for _, i := range c.lookups {
		s := &c.Slots[i]
		if !s.Direction.Sends(to) {
			continue
		}
		v := c.value(s, r.Side, r.Values)
		if to == value.FnO {
			if h := s.reachOf(v); h != nil {
				emit(h.lookup, h.lookup.companyOf(r), "", v)
			}
			continue
		}
		text, err := s.key(r, v)
		if err != nil || text == "" {
			continue
		}
		for n := range s.reaches {
			h := &s.reaches[n]
			if key := h.key(text); key != "" {
				emit(h.lookup, h.lookup.companyOf(r), key, value.Value{})
			}
		}
	}
}

// Translate gives what the other side should hold for a slot of r: null where
// r holds nothing. Numbers come rounded to the decimals that the target keeps.
// Errors are *ValueError where no value can be given and *RefError where a
// reference is not known. A reference that is Missing is null where its lookup
// says so. A slot that does not flow towards the other side gives null.
func (c *Compiled) Translate(s *Slot, r *Record, refs Refs) (value.Value, error) {
	do := s.forward
	if r.Side == value.Dataverse {
		do = s.backward
	}
	if do == nil {
		return value.Value{}, nil
	}
	return do(r, c.value(s, r.Side, r.Values), refs)
}

// InScope tells whether a side admits a record: its company is one of the
// map's, and the side's filter holds.
func (c *Compiled) InScope(side value.Side, vals []value.Value, company string) bool {
	if c.Company >= 0 && !c.companyInScope(company) {
		return false
	}
	admits := c.filters.fno
	if side == value.Dataverse {
		admits = c.filters.dataverse
	}
	return admits == nil || admits(vals)
}

// companyInScope tells whether the map is for a company. A map without a list
// is for all of them, but never for rows that have none.
func (c *Compiled) companyInScope(company string) bool {
	if len(c.companies) == 0 {
		return company != ""
	}
	return c.companies[company] || c.companies[value.Fold(company)]
}

// ServiceFilter gives the filter of the F&O side as its OData service takes
// it; "" where the map has none. Companies are not part of it.
func (c *Compiled) ServiceFilter() string { return c.filters.service }

// WriteSlots gives the slots that a create or an update of a side may write,
// in their order. Updates leave out key slots and what is set on create only.
// The list is shared: do not change it.
func (c *Compiled) WriteSlots(to value.Side, create bool) []int {
	return c.writes[writesIndex(to, create)].slots
}

// WriteConstants gives the constants that a create or an update of a side
// writes. The list is shared: do not change it.
func (c *Compiled) WriteConstants(to value.Side, create bool) []Constant {
	return c.writes[writesIndex(to, create)].constants
}

// Overlaps tells whether several slots write one column of a side.
func (c *Compiled) Overlaps(to value.Side) bool { return c.overlaps[writesIndex(to, false)/2] }

// writes is what one kind of write to one side may carry.
type writes struct {
	slots     []int
	constants []Constant
}

func writesIndex(to value.Side, create bool) int {
	i := 0
	if to == value.Dataverse {
		i = 2
	}
	if create {
		i++
	}
	return i
}

// IsNothing tells whether a value of one side of a slot means that there is
// none: null, the empty text, the day 1900-01-01, the zero guid, 0 on F&O where
// the Dataverse column is optional, and the zero member of an F&O enum where
// the value map does not name it. A value that the value map names is always
// something. The fields of a lookup of several mean nothing together while they
// do not tell a row of any of its tables.
func (c *Compiled) IsNothing(s *Slot, side value.Side, v value.Value) bool {
	if s.tuple != nil && side == value.FnO {
		return v.IsNull() || !s.complete(v)
	}
	if side == value.Dataverse {
		return v.IsNull() || v.Kind() == value.Text && strings.Trim(v.Text(), " ") == ""
	}
	if isBlank(v, s.zero) {
		return !s.emptyNamed
	}
	return isZero(v) && s.zeroIsNothing
}

func isZero(v value.Value) bool {
	return v == value.NewInteger(0) || v.Kind() == value.Decimal && v.DecimalText() == "0"
}

// nothingAlike is IsNothing for comparisons: besides, No of an F&O field equals
// a Dataverse truth value that was never set, though it is a value to send.
func (c *Compiled) nothingAlike(s *Slot, v value.Value) bool {
	return c.IsNothing(s, value.FnO, v) || s.noIsNothing && isNo(v)
}

func isNo(v value.Value) bool {
	return v == value.NewBool(false) || v.Kind() == value.Symbol && strings.EqualFold(v.Text(), "No")
}

// Same tells whether the values of both sides mean the same now. The master's
// value is carried over and compared; failing that, in a field that goes both
// ways, the other side's value is carried back. A reference is compared by the
// row that F&O's key stands for, since the same key may exist in two companies,
// and by its key only where that row is not known. Where a reference may go to
// several tables, F&O's key is looked up in the one that it goes to. Keys
// compare without case, other texts with it; trailing blanks never count. An
// error says that no direction could tell.
func (c *Compiled) Same(s *Slot, fno, dataverse *Record, refs Refs) (bool, error) {
	a, b := c.value(s, value.FnO, fno.Values), c.value(s, value.Dataverse, dataverse.Values)
	if c.IsNothing(s, value.Dataverse, b) && c.nothingAlike(s, a) {
		return true, nil
	}
	if len(s.reaches) > 1 && s.refersTo(fno, a, b, refs) {
		return true, nil
	}
	from := s.Master
	switch s.Direction {
	case model.ToDataverse:
		from = value.FnO
	case model.ToFnO:
		from = value.Dataverse
	}
	if s.Lookup != nil && s.Direction == model.Both {
		from = value.FnO
	}
	same, err := c.agrees(s, from, fno, dataverse, refs, from == s.Master)
	if same || s.Direction != model.Both || s.Lookup != nil && err == nil {
		return same, err
	}
	same, errBack := c.agrees(s, from.Other(), fno, dataverse, refs, false)
	if errBack == nil {
		return same, nil
	}
	return false, err
}

// agrees carries the value of one side over and compares. Where the master has
// nothing, whatever F&O keeps for nothing agrees with it.
func (c *Compiled) agrees(s *Slot, from value.Side, fno, dataverse *Record, refs Refs, master bool) (bool, error) {
	if from == value.FnO {
		out, err := c.Translate(s, fno, refs)
		actual := c.value(s, value.Dataverse, dataverse.Values)
		if err != nil {
			return false, err
		}
		if out.IsNull() {
			return c.IsNothing(s, value.Dataverse, actual), nil
		}
		return s.equal(out, actual), nil
	}
	out, err := c.Translate(s, dataverse, refs)
	actual := c.value(s, value.FnO, fno.Values)
	if err != nil {
		return false, err
	}
	if out.IsNull() {
		return c.nothingAlike(s, actual) || master && (isZero(actual) || isNo(actual) || isBlank(actual, s.storedZero)), nil
	}
	return s.equal(out, actual), nil
}

// equal compares two values of one side.
func (s *Slot) equal(a, b value.Value) bool {
	if a == b {
		return true
	}
	ka, kb := a.Kind(), b.Kind()
	switch {
	case ka == value.Text && kb == value.Text:
		if s.IsKey || s.Lookup != nil {
			return value.EqualFold(a.Text(), b.Text())
		}
		return strings.TrimRight(a.Text(), " ") == strings.TrimRight(b.Text(), " ")
	case ka == value.Symbol && kb == value.Symbol:
		return strings.EqualFold(a.Text(), b.Text())
	case ka == value.Date && kb == value.DateTime:
		return a.Days() == value.DayOf(b.Unix())
	case ka == value.DateTime && kb == value.Date:
		return b.Days() == value.DayOf(a.Unix())
	case ka == value.Guid && kb == value.Guid, ka == value.Text, kb == value.Text:
		return false
	default:
		order, ok := value.Compare(a, b)
		return ok && order == 0
	}
}

// zeroNothing works out what F&O keeps for nothing in a slot.
func (b *builder) zeroNothing(s *Slot, fno, dv *schema.Field) {
	s.zeroIsNothing = !dv.Required && s.Field.Values == nil && (fno.Type == schema.TypeInteger || fno.Type == schema.TypeDecimal)
	s.noIsNothing = s.Field.Values == nil && (fno.Type == schema.TypeBool || isNoYes(fno)) && s.Field.ToDataverse == nil
	s.storedZero = b.zeroOfAny(fno)
	if s.Field.Values == nil && s.Field.ToDataverse == nil {
		s.zero = b.zeroOf(fno)
	}
}
