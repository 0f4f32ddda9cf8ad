package sqlite

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

// A batch of the engine, of records with 60 values each.
const (
	batch  = 500
	fields = 60
)

// scattered gives a key whose order is not the order of making, as GUIDs have.
func scattered(i int) string {
	h := uint64(i)*0x9e3779b97f4a7c15 + 0x1234
	return fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", h>>32, h>>16&0xffff, h>>4&0xfff, h>>20&0xfff, h*0x2545f4914f6cdd1d>>16)
}

func someValues(i int) []value.Value {
	vs := make([]value.Value, fields)
	for f := range vs {
		switch f % 4 {
		case 0:
			vs[f] = value.NewText(fmt.Sprintf("some text %d", i+f))
		case 1:
			vs[f] = value.NewInteger(int64(i * f))
		case 2:
			vs[f] = value.NewOption(806380000 + int64(f))
		}
	}
	return vs
}

func someObservations(from, n int) []record.Observation {
	obs := make([]record.Observation, n)
	for i := range obs {
		id := scattered(from + i)
		obs[i] = record.Observation{Map: "customers_v3_accounts", Side: value.Dataverse, Key: "usmf\x1f" + id[:8], Company: "usmf",
			ID: id, Version: "W/\"1234567\"", Values: someValues(from + i), InScope: true}
	}
	return obs
}

func benchStore(b *testing.B) *once {
	return mustOpen(b, engine(filepath.Join(b.TempDir(), "state.db")))
}

func mustUpdate(b *testing.B, s store.Store, f func(store.Tx) error) {
	if err := s.Update(context.Background(), f); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkAppend stores pages of observations with their cursor, a durable
// commit a page.
func BenchmarkAppend(b *testing.B) {
	s := benchStore(b)
	pages := make([][]record.Observation, b.N)
	for i := range pages {
		pages[i] = someObservations(i*batch, batch)
	}
	b.ResetTimer()
	for i, page := range pages {
		mustUpdate(b, s, func(tx store.Tx) error {
			if err := tx.AddObservations(page); err != nil {
				return err
			}
			return tx.PutCursor("customers_v3_accounts", value.Dataverse, store.Cursor{Phase: "scan", Rows: int64(i)})
		})
	}
	b.ReportMetric(float64(b.N*batch)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkDrain reads work, stores a pair with a base of 60 fields for each
// key and drops the observations, a durable commit a batch.
func BenchmarkDrain(b *testing.B) {
	s := benchStore(b)
	for i := range b.N {
		mustUpdate(b, s, func(tx store.Tx) error { return tx.AddObservations(someObservations(i*batch, batch)) })
	}
	b.ResetTimer()
	for range b.N {
		mustUpdate(b, s, func(tx store.Tx) error {
			work, err := tx.Work("customers_v3_accounts", "", batch)
			if err != nil {
				return err
			}
			var pairs []*record.Pair
			var seqs []int64
			for _, w := range work {
				o := w.Dataverse[0]
				base := make([]record.FieldBase, fields)
				for f, v := range o.Values {
					base[f] = record.FieldBase{State: record.Known, FnO: v, Dataverse: v}
				}
				pairs = append(pairs, &record.Pair{Map: o.Map, Key: w.Key, Company: o.Company,
					FnO: record.End{ID: o.ID}, Dataverse: record.End{ID: o.ID, Version: o.Version}, Base: base})
				for _, o := range w.Dataverse {
					seqs = append(seqs, o.Seq)
				}
			}
			if err := tx.PutPairs(pairs); err != nil {
				return err
			}
			return tx.DropObservations("customers_v3_accounts", seqs)
		})
	}
	b.ReportMetric(float64(b.N*batch)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkLookup finds pairs by id, as capture and resolving references do.
func BenchmarkLookup(b *testing.B) {
	s := benchStore(b)
	const stored = 20_000
	for from := 0; from < stored; from += batch {
		mustUpdate(b, s, func(tx store.Tx) error {
			var pairs []*record.Pair
			for i := range batch {
				id := scattered(from + i)
				pairs = append(pairs, &record.Pair{Map: "m", Key: id, Dataverse: record.End{ID: id}, Base: make([]record.FieldBase, fields)})
			}
			return tx.PutPairs(pairs)
		})
	}
	ids := make([]string, batch)
	b.ResetTimer()
	for i := range b.N {
		for j := range ids {
			ids[j] = scattered((i*7919 + j*31) % stored)
		}
		err := s.View(context.Background(), func(tx store.Tx) error {
			pairs, err := tx.PairsByEnd("m", value.Dataverse, ids)
			if err == nil && len(pairs) != batch {
				err = fmt.Errorf("found %d of %d", len(pairs), batch)
			}
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*batch)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkCreates takes creates from their intents to the pairs that they
// leave, as the initial sync does: stored before they are sent, answered,
// found again by the rows that came of them, confirmed.
func BenchmarkCreates(b *testing.B) {
	const mapName = "customers_v3_accounts"
	s := benchStore(b)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		var pairs []*record.Pair
		var intents []*record.Intent
		for n := range batch {
			id := scattered(i*batch + n)
			key := "usmf\x1f" + id[:8]
			vs := someValues(i*batch + n)
			in := &record.Intent{Map: mapName, Key: key, Company: "usmf", Side: value.Dataverse, Op: record.Create, TargetID: id, State: record.Intended, Bulk: true}
			for f, v := range vs {
				in.Fields = append(in.Fields, record.FieldWrite{Column: columnNames[f], Slot: f, New: v, From: v})
			}
			intents = append(intents, in)
			pairs = append(pairs, &record.Pair{Map: mapName, Key: key, Company: "usmf", FnO: record.End{ID: "5637" + id[:8]}, Base: make([]record.FieldBase, fields)})
		}
		mustUpdate(b, s, func(tx store.Tx) error {
			if err := tx.PutPairs(pairs); err != nil {
				return err
			}
			for n, in := range intents {
				in.Pair = pairs[n].ID
			}
			return tx.PutIntents(intents)
		})
		ids, targets, pairIDs := make([]int64, batch), make([]string, batch), make([]int64, batch)
		for n, in := range intents {
			ids[n], targets[n], pairIDs[n] = in.ID, in.TargetID, in.Pair
		}
		mustUpdate(b, s, func(tx store.Tx) error { return tx.SetIntentState(ids, record.Answered) })
		var found []*record.Pair
		err := s.Look(context.Background(), func(tx store.Tx) error {
			open, err := tx.IntentsByTarget(mapName, value.Dataverse, targets)
			if err == nil && len(open) != batch {
				err = fmt.Errorf("found %d of %d", len(open), batch)
			}
			if err == nil {
				found, err = tx.PairsByID(pairIDs)
			}
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
		for n, p := range found {
			p.Dataverse.ID = intents[n].TargetID
			for f, w := range intents[n].Fields {
				p.Base[f] = record.FieldBase{State: record.Known, FnO: w.From, Dataverse: w.New}
			}
		}
		mustUpdate(b, s, func(tx store.Tx) error {
			if err := tx.PutPairs(found); err != nil {
				return err
			}
			return tx.DeleteIntents(ids)
		})
	}
	b.ReportMetric(float64(b.N*batch)/b.Elapsed().Seconds(), "rows/s")
}

var columnNames = func() (names [fields]string) {
	for f := range names {
		names[f] = fmt.Sprintf("msdyn_column%d", f)
	}
	return names
}()
