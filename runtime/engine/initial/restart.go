package initial

import (
	"context"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/engine/write"
	"github.com/dualwrite/dw/runtime/store"
)

// pageOfRestart is how many listed records or keys Restart clears at once.
const pageOfRestart = 500

// gateText stands under gateMeta after the gate of a map has stopped its join.
const gateText = "stopped"

// gateMeta names the store's entry that says that a map's join ended at its
// limit of errors: what failed is to be read again by the next one.
func gateMeta(mapName string) string { return "gate/" + mapName }

// Rename carries over what is kept of the joins of a map that has another name.
func Rename(tx store.Tx, from, to string) error {
	for _, name := range []func(string) string{gateMeta, matchMeta, checkMeta, write.JobMeta} {
		text, err := tx.Meta(name(from))
		if err != nil {
			return err
		}
		if err := tx.SetMeta(name(to), text); err != nil {
			return err
		}
		if err := tx.SetMeta(name(from), ""); err != nil {
			return err
		}
	}
	return nil
}

// Restart makes the next join of a map read both sides from the start. Pairs
// and their agreed values stay. What was read and not handled goes, since it
// may have other columns than the map has now, and so does what was listed:
// every record is judged anew.
func Restart(tx store.Tx, mapName string) error {
	for _, s := range []value.Side{value.FnO, value.Dataverse} {
		if err := tx.PutCursor(mapName, s, store.Cursor{}); err != nil {
			return err
		}
	}
	if err := tx.ClearHeads(mapName); err != nil {
		return err
	}
	if err := forget(tx, mapName); err != nil {
		return err
	}
	if err := unlist(tx, mapName); err != nil {
		return err
	}
	for _, name := range []func(string) string{gateMeta, matchMeta, checkMeta} {
		if err := tx.SetMeta(name(mapName), ""); err != nil {
			return err
		}
	}
	return tx.ResetTally(mapName)
}

func forget(tx store.Tx, mapName string) error {
	for {
		work, err := tx.Work(mapName, "", pageOfRestart)
		if err != nil || len(work) == 0 {
			return err
		}
		var seqs []int64
		for _, w := range work {
			for _, o := range append(w.FnO, w.Dataverse...) {
				seqs = append(seqs, o.Seq)
			}
		}
		if err := tx.DropObservations(mapName, seqs); err != nil {
			return err
		}
	}
}

func unlist(tx store.Tx, mapName string) error {
	for {
		listed, err := tx.Listed(store.ListedQuery{Map: mapName}, 0, pageOfRestart)
		if err != nil || len(listed) == 0 {
			return err
		}
		var keys []string
		for _, l := range listed {
			keys = append(keys, l.Key)
		}
		if err := tx.Unlist(mapName, keys); err != nil {
			return err
		}
	}
}

// restartAfterGate restarts a join that an earlier run ended at its limit of
// errors: the records may have been mended since.
func (j *run) restartAfterGate(ctx context.Context) error {
	return j.Env.Store.Update(ctx, func(tx store.Tx) error {
		text, err := tx.Meta(gateMeta(j.Map.Name))
		if err != nil || text != gateText {
			return err
		}
		return Restart(tx, j.Map.Name)
	})
}
