package conformance

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

// Alike runs the same random transactions on two kinds of store and compares
// every answer, numbers included.
func Alike(t *testing.T, open, model Open) {
	rapid.Check(t, func(r *rapid.T) {
		a, b := open(t), model(t)
		defer a.Close()
		defer b.Close()
		for range rapid.IntRange(1, 8).Draw(r, "transactions") {
			ops := rapid.SliceOfN(operations(), 1, 8).Draw(r, "operations")
			fails := rapid.IntRange(0, 4).Draw(r, "fails") == 0
			left, errLeft := transact(a, ops, fails)
			right, errRight := transact(b, ops, fails)
			if !equal(left, right) {
				r.Fatalf("answers differ:\n%v\n%v", left, right)
			}
			if !sameError(errLeft, errRight) {
				r.Fatalf("errors differ: %v and %v", errLeft, errRight)
			}
			left, right = everythingStored(r, a), everythingStored(r, b)
			if !equal(left, right) {
				r.Fatalf("stored things differ:\n%v\n%v", left, right)
			}
		}
	})
}

// operation does something and gives what it was answered. It must not keep or
// share what it hands to the store.
type operation func(store.Tx) (any, error)

// transact gives the answers of a transaction until its first error.
func transact(s store.Store, ops []operation, fails bool) (answers []any, err error) {
	err = s.Update(context.Background(), func(tx store.Tx) error {
		for _, op := range ops {
			answer, err := op(tx)
			if err != nil {
				return err
			}
			answers = append(answers, answer)
		}
		if fails {
			return errStop
		}
		return nil
	})
	return answers, err
}

// everythingStored reads all tables of the maps that operations use.
func everythingStored(r *rapid.T, s store.Store) (all []any) {
	err := s.View(context.Background(), func(tx store.Tx) error {
		for _, read := range reads(mapNames) {
			answer, err := read(tx)
			if err != nil {
				return err
			}
			all = append(all, answer)
		}
		return nil
	})
	if err != nil {
		r.Fatal(err)
	}
	return all
}

var mapNames = []string{"m", "n"}

func reads(of []string) []operation {
	ops := []operation{
		func(tx store.Tx) (any, error) { return tx.Seq() },
		func(tx store.Tx) (any, error) { return tx.Listed(store.ListedQuery{}, 0, 0) },
		func(tx store.Tx) (any, error) {
			d, err := tx.Deployed("contoso")
			d.Lineage = "" // each store's own
			return d, err
		},
	}
	for _, m := range of {
		ops = append(ops,
			func(tx store.Tx) (any, error) { return tx.Work(m, "", 0) },
			func(tx store.Tx) (any, error) { return tx.Pairs(m, 0, 0, false) },
			func(tx store.Tx) (any, error) { return tx.Intents(m, "", 0, 0) },
			func(tx store.Tx) (any, error) { return tx.Tally(m) },
			func(tx store.Tx) (any, error) { return tx.Unhandled(m, value.FnO, []string{"3", "1", "1x", "none"}) },
			func(tx store.Tx) (any, error) { return tx.CountObservations(m) },
			func(tx store.Tx) (any, error) { return tx.CountKeys(m, "k", "k2") },
			func(tx store.Tx) (any, error) { return tx.CountListed(m) },
			func(tx store.Tx) (any, error) { return tx.Heads(m, "", 0) },
			func(tx store.Tx) (any, error) { return tx.Cursor(m, value.FnO) },
			func(tx store.Tx) (any, error) { return tx.History("contoso", m) })
	}
	ops = append(ops, func(tx store.Tx) (any, error) { return tx.HistoryNames("contoso") })
	return ops
}

// operations draws from small sets, so that operations meet each other.
func operations() *rapid.Generator[operation] {
	return rapid.Custom(func(r *rapid.T) operation {
		m := rapid.SampledFrom(mapNames).Draw(r, "map")
		side := rapid.SampledFrom([]value.Side{value.FnO, value.Dataverse}).Draw(r, "side")
		key := rapid.SampledFrom([]string{"a", "a\x1fb", "b", "B", "é"}).Draw(r, "key")
		id := rapid.SampledFrom([]string{"1", "2", "3"}).Draw(r, "id")
		limit := rapid.IntRange(0, 3).Draw(r, "limit")
		n := rapid.Int64Range(0, 40).Draw(r, "number")
		kind := rapid.SampledFrom([]record.Kind{record.Failed, record.Parked}).Draw(r, "kind")
		switch rapid.IntRange(0, 17).Draw(r, "operation") {
		case 0, 1:
			return func(tx store.Tx) (any, error) {
				obs := []record.Observation{observe(m, side, key, id), observe(m, side.Other(), key, id+"x")}
				return obs, tx.AddObservations(obs)
			}
		case 2, 3:
			owed := rapid.Bool().Draw(r, "owed")
			blank := rapid.SampledFrom([]value.Side{value.FnO, value.Dataverse, ""}).Draw(r, "blank")
			return func(tx store.Tx) (any, error) {
				p := pair(m, key, id, id)
				if blank != "" {
					p.End(blank).ID = ""
				}
				if owed {
					p.Base[1].State = record.Owed
				}
				return p, tx.PutPairs([]*record.Pair{p})
			}
		case 4:
			return func(tx store.Tx) (any, error) {
				p := pair(m, key, id, "")
				p.ID = n
				if n == 0 {
					p.ID = 1
				}
				return p, tx.PutPairs([]*record.Pair{p})
			}
		case 5:
			return func(tx store.Tx) (any, error) {
				in := &record.Intent{Pair: n, Map: m, Side: side, TargetID: id, State: record.Intended, Fields: []record.FieldWrite{{Column: key}}}
				return in, tx.PutIntents([]*record.Intent{in})
			}
		case 6:
			return func(tx store.Tx) (any, error) {
				l := []record.Listed{{Map: m, Key: key, Kind: kind, Side: side, Reason: id}}
				return l, tx.PutListed(l)
			}
		case 7:
			return func(tx store.Tx) (any, error) { return nil, tx.Unlist(m, []string{key}, kind) }
		case 8:
			return func(tx store.Tx) (any, error) {
				return nil, firstError(tx.DropObservations(m, []int64{n, n + 1}), tx.SetIntentState([]int64{n}, record.Answered))
			}
		case 9:
			return func(tx store.Tx) (any, error) {
				return nil, firstError(tx.DeletePairs([]int64{n}), tx.DeleteIntents([]int64{n + 1}))
			}
		case 10:
			return func(tx store.Tx) (any, error) {
				return nil, firstError(tx.AddTally(m, store.Tally{Equal: n, Read: map[value.Side]int64{side: 1}}),
					tx.PutCursor(m, side, store.Cursor{Token: key, Rows: n}))
			}
		case 11:
			return func(tx store.Tx) (any, error) {
				return nil, tx.PutDeployed("contoso", deployed(m, int(n%4)))
			}
		case 12:
			switch {
			case n > 20: // rarer, or nothing would ever be stored
				return func(tx store.Tx) (any, error) { return tx.Seq() }
			case n > 8:
				to := mapNames[(slices.Index(mapNames, m)+1)%len(mapNames)]
				return func(tx store.Tx) (any, error) { return tx.RenameMap("contoso", m, to) }
			}
			return func(tx store.Tx) (any, error) { return nil, tx.RemoveDeployed("contoso", m, removal()) }
		case 13:
			return func(tx store.Tx) (any, error) { return tx.Work(m, key, limit) }
		case 14:
			return func(tx store.Tx) (any, error) {
				byEnd, err1 := tx.PairsByEnd(m, side, []string{id, "2"})
				byKey, err2 := tx.PairsByKey(m, []string{key})
				byID, err3 := tx.PairsByID([]int64{n, n + 1, n + 2})
				return [][]*record.Pair{byEnd, byKey, byID}, firstError(err1, err2, err3)
			}
		case 15:
			return func(tx store.Tx) (any, error) {
				return nil, tx.PutHeads(m, []store.Head{{Key: key, ID: id, Version: fmt.Sprint(n), Values: texts(key)}, {Key: key, ID: id + "x"}})
			}
		case 16:
			return func(tx store.Tx) (any, error) {
				if n > 30 {
					return nil, tx.ClearHeads(m)
				}
				some, err1 := tx.HeadsByKey(m, []string{key, "b", key})
				walked, err2 := tx.Heads(m, key, limit)
				return [][]store.Head{some, walked}, firstError(err1, err2, tx.DropHeads(m, []string{"b"}))
			}
		default:
			return func(tx store.Tx) (any, error) {
				intents, err1 := tx.Intents(m, side, n, limit)
				byTarget, err2 := tx.IntentsByTarget(m, side, []string{id})
				owing, err3 := tx.Pairs(m, n, limit, true)
				listed, err4 := tx.Listed(store.ListedQuery{Map: m, Keys: []string{key}}, n, limit)
				return fmt.Sprint(len(intents), len(byTarget), len(owing), listed), firstError(err1, err2, err3, err4)
			}
		}
	})
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
