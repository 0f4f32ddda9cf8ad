package capture

import (
	"context"
	"fmt"
	"slices"

	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

// Absent says what is to become of a pair one of whose records is not there.
type Absent string

// What may become of it. Nothing is deleted unless somebody asks for it.
const (
	AbsentLeave  Absent = "leave"  // nothing: a person decides
	AbsentDelete Absent = "delete" // it counts as deleted: the map's rule for deletes decides about the other record
	AbsentCreate Absent = "create" // it is forgotten, and the record that remains is created again on the other side
)

// Absents lists them.
func Absents() []Absent { return []Absent{AbsentLeave, AbsentDelete, AbsentCreate} }

// Missing gathers by company what several calls of Afresh did not find: how many
// records may go at once is told of all of them together.
type Missing struct {
	of map[value.Side]map[string]*group
}

// take adds pairs of one company and gives all that is missing of it.
func (m *Missing) take(side value.Side, pairs []*record.Pair) *group {
	if m == nil {
		return groupOf(pairs)
	}
	if m.of == nil {
		m.of = map[value.Side]map[string]*group{}
	}
	m.of[side] = together(m.of[side], pairs)
	return m.of[side][pairs[0].Company]
}

// Left is a record that Afresh leaves alone.
type Left struct {
	Key     string
	Record  string
	Company string
	Side    value.Side // where it is missing; "" both
	Reason  string
	Hint    string
}

// Afresh reads the records of canonical keys again on both sides and captures
// them, as Again does, for somebody who has read everything: of a pair whose
// record is found neither by a complete read of its side nor by its key it can be
// told that it is gone. Began is the store's sequence before that complete read
// began, 0 where there was none: then nothing counts as gone. What counts as gone
// for want of a right to see it would spread, so that many records at once, and
// those of a company of which nothing can be read, are left.
//
// Pairs both of whose records are gone end. What becomes of those of which one
// is there says absent. It gives the records that are left alone: nothing is
// captured of them.
func (r *Reader) Afresh(ctx context.Context, keys []string, absent Absent, began int64) ([]Left, error) {
	asOf, err := r.asOf(ctx)
	if err != nil {
		return nil, err
	}
	all, missing, err := r.fetch(ctx, keys)
	if err != nil {
		return nil, err
	}
	var left []Left
	leave := map[int64]bool{}
	var forget []int64
	gone := map[value.Side][]*record.Pair{}
	for _, side := range []value.Side{value.FnO, value.Dataverse} {
		doubts, err := r.doubts(ctx, side, missing[side], began)
		if err != nil {
			return nil, err
		}
		for _, p := range missing[side] {
			both := has(missing[side.Other()], p)
			l := Left{Key: p.Key, Record: transform.ReadableCanonical(p.Key), Company: p.Company, Side: side}
			switch {
			case leave[p.ID]:
				continue
			case doubts[p.ID] != nil:
				l.Reason, l.Hint = doubts[p.ID].Reason, doubts[p.ID].Hint
			case both || absent == AbsentDelete:
				gone[side] = append(gone[side], p)
				continue
			case absent == AbsentCreate:
				forget = append(forget, p.ID)
				continue
			default:
				l.Reason = fmt.Sprintf("It was agreed on both sides and is gone in %s.", side.Title())
				l.Hint = "With -deletes the map's rule for deletes decides about the record that remains; with -recreate it is created again."
			}
			leave[p.ID] = true
			left = append(left, l)
		}
	}
	if len(leave) > 0 {
		kept := map[string]bool{}
		for _, l := range left {
			kept[l.Key] = true
		}
		all.observations = slices.DeleteFunc(all.observations, func(o record.Observation) bool { return kept[o.Key] })
	}
	for _, side := range []value.Side{value.FnO, value.Dataverse} {
		certain := slices.DeleteFunc(gone[side], func(p *record.Pair) bool { return leave[p.ID] })
		all.observations = append(all.observations, r.deleted(side, certain, asOf)...)
	}
	left = append(left, r.unfound(keys, all, left)...)
	if len(forget) == 0 {
		return left, r.store(ctx, all, nil)
	}
	return left, r.store(ctx, all, func(tx store.Tx) error { return tx.DeletePairs(forget) })
}

func has(pairs []*record.Pair, p *record.Pair) bool {
	return slices.ContainsFunc(pairs, func(o *record.Pair) bool { return o.ID == p.ID })
}

// unfound names keys of which nothing was found, for want of a way to look for
// them.
func (r *Reader) unfound(keys []string, all captured, left []Left) (more []Left) {
	if r.Finds(value.FnO) && r.Finds(value.Dataverse) {
		return nil
	}
	known := map[string]bool{}
	for _, o := range all.observations {
		known[o.Key] = true
	}
	for _, l := range left {
		known[l.Key] = true
	}
	for _, key := range keys {
		if !known[key] {
			more = append(more, Left{
				Key: key, Record: transform.ReadableCanonical(key), Reason: "It belongs to no pair, and no column of its key can be looked for.",
				Hint: "A running `dw run` finds it with its next scan; or `dw apply -again` reads the map anew.",
			})
		}
	}
	return more
}

// doubts says of which pairs that a side does not show it is not certain that
// their record is gone.
func (r *Reader) doubts(ctx context.Context, side value.Side, pairs []*record.Pair, began int64) (map[int64]*Left, error) {
	doubts := map[int64]*Left{}
	for _, missing := range byCompany(pairs) {
		g := r.Missing.take(side, missing)
		few, err := r.few(ctx, g)
		if err != nil {
			return nil, err
		}
		readable, err := r.companyReadable(ctx, side, g)
		if err != nil {
			return nil, err
		}
		for _, p := range missing {
			switch {
			case p.Life != record.Linked:
				doubts[p.ID] = &Left{Reason: "Only one of its records is kept: the other was deleted before or has left the scope.", Hint: "`dw errors list` says why."}
			case p.ID > began || p.Written > began:
				doubts[p.ID] = &Left{
					Reason: fmt.Sprintf("It is not found in %s, but has not been missed by a complete read.", side.Title()),
					Hint:   "Compare everything: without -since.",
				}
			case !readable:
				doubts[p.ID] = &Left{
					Reason: fmt.Sprintf("It is not found in %s, and no other known record of its company can be read there: the user of dw may have lost the right to see them.", side.Title()),
					Hint:   "See that the user of dw can read the company's records.",
				}
			case !few:
				doubts[p.ID] = &Left{
					Reason: fmt.Sprintf("It is not found in %s, nor are many others: so many are not taken for deleted at once.", side.Title()),
					Hint:   "See why they are gone. `dw run` lists a finding, which `dw errors approve` lets pass.",
				}
			}
		}
	}
	return doubts, nil
}
