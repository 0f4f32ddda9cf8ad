package initial

import (
	"context"
	"encoding/json"
	"fmt"
	"math/big"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/engine/handle"
	"github.com/dualwrite/dw/runtime/engine/refs"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/store"
)

// sampleSize is how many pairs of a map the gate reads again.
const sampleSize = 50

// checkMeta names the store's entry that holds what the gate of a map saw.
func checkMeta(mapName string) string { return "check/" + mapName }

// Checked gives what the gate of a map saw; nil where it has none.
func Checked(tx store.Tx, mapName string) (*report.Gate, error) {
	text, err := tx.Meta(checkMeta(mapName))
	if err != nil || text == "" {
		return nil, err
	}
	g := &report.Gate{}
	if err := json.Unmarshal([]byte(text), g); err != nil {
		return nil, fmt.Errorf("what the gate of map %s saw: %w", mapName, err)
	}
	return g, nil
}

// gate holds the map against its limits of errors and looks at both sides: how
// many rows there are, and whether pairs that were agreed are equal when they
// are read afresh. What does not pass ends the apply before later waves begin.
func (j *run) gate(ctx context.Context) error {
	var listed map[record.Kind]int64
	var t store.Tally
	err := j.Env.Store.View(ctx, func(tx store.Tx) (err error) {
		if listed, err = tx.CountListed(j.Map.Name); err != nil {
			return err
		}
		t, err = tx.Tally(j.Map.Name)
		return err
	})
	if err != nil {
		return err
	}
	failed := listed[record.Failed]
	stop := j.tooMany(failed, records(t))
	if stop == nil {
		seen, differing, err := j.look(ctx, t)
		if err != nil {
			return err
		}
		text, err := json.Marshal(seen)
		if err != nil {
			return err
		}
		if err := j.meta(ctx, checkMeta(j.Map.Name), string(text)); err != nil {
			return err
		}
		if len(differing) > 0 {
			stop = j.differs(seen, differing)
		}
	}
	if stop == nil {
		j.Env.Report(report.Progress{Map: j.Map.Name, Phase: "done", Failed: failed})
		return nil
	}
	if err := j.meta(ctx, gateMeta(j.Map.Name), gateText); err != nil {
		return err
	}
	j.Env.Report(report.Progress{Map: j.Map.Name, Phase: "stopped", Failed: failed})
	return diag.Fail(*stop)
}

func (j *run) meta(ctx context.Context, name, text string) error {
	return j.Env.Store.Update(ctx, func(tx store.Tx) error { return tx.SetMeta(name, text) })
}

// records gives how many records a map has: those of the side that has more.
func records(t store.Tally) int64 {
	return max(t.InScope[value.FnO]+t.Created[value.FnO], t.InScope[value.Dataverse]+t.Created[value.Dataverse])
}

// tooMany says why so many failures stop the map; nil where they do not.
func (j *run) tooMany(failed, of int64) *diag.Diagnostic {
	i := j.Map.Def.Map.Initial
	d := diag.Diagnostic{
		Code: diag.CodeTooManyErrors, Severity: diag.Error, Address: j.Map.Def.Map.Address(),
		Detail: "The records that did not fail are in place. Maps of later waves were not begun.",
	}
	hint := "See `dw errors list -map %s`, mend the records, then apply again; or raise %s."
	switch {
	case i.MaxErrors != nil && failed > int64(*i.MaxErrors):
		d.Summary = fmt.Sprintf("%d records failed, more than max_errors = %d allows", failed, *i.MaxErrors)
		d.Hint = fmt.Sprintf(hint, model.MapArgument(j.Map.Name), "max_errors")
	case i.MaxErrorRate != "" && exceeds(failed, of, i.MaxErrorRate):
		d.Summary = fmt.Sprintf("%d of %d records failed, a larger share than max_error_rate = %s allows", failed, max(of, failed), i.MaxErrorRate)
		d.Hint = fmt.Sprintf(hint, model.MapArgument(j.Map.Name), "max_error_rate")
	default:
		return nil
	}
	return &d
}

// exceeds tells whether a share is larger than a limit written as a decimal.
func exceeds(failed, of int64, limit string) bool {
	most, ok := new(big.Rat).SetString(limit)
	return ok && failed > 0 && big.NewRat(failed, max(of, failed)).Cmp(most) > 0
}

// look counts both sides and compares a sample of pairs. Differing are records
// that nobody has edited since they were agreed and that are not equal.
func (j *run) look(ctx context.Context, t store.Tally) (seen report.Gate, differing []string, err error) {
	for _, side := range []value.Side{value.FnO, value.Dataverse} {
		if err := j.Env.Stopped(ctx); err != nil {
			return seen, nil, err
		}
		rows, exact, err := j.Env.Connector(side).Count(ctx, j.Reader.Query(side))
		if err != nil {
			return seen, nil, fmt.Errorf("count %s of map %s: %w", side.Title(), j.Map.Name, err)
		}
		if !exact {
			rows = -1
		}
		seen.Rows.Add(side, rows)
		seen.Known.Add(side, t.Read[side]+t.Created[side])
	}
	pairs, err := j.sample(ctx)
	if err != nil || len(pairs) == 0 {
		return seen, nil, err
	}
	fno, err := j.read(ctx, value.FnO, pairs)
	if err != nil {
		return seen, nil, err
	}
	dataverse, err := j.read(ctx, value.Dataverse, pairs)
	if err != nil {
		return seen, nil, err
	}
	var needs []refs.Need
	for _, side := range []map[string]*record.Observation{fno, dataverse} {
		for _, o := range side {
			needs = handle.AppendNeeds(needs, j.Map.Compiled, o)
		}
	}
	answers, err := j.Refs.Resolve(ctx, needs, refs.Options{Pairs: true})
	if err != nil {
		return seen, nil, err
	}
	for _, p := range pairs {
		f, d := fno[p.FnO.ID], dataverse[p.Dataverse.ID]
		seen.Sampled++
		switch {
		case f == nil || d == nil || f.Version != p.FnO.Version || d.Version != p.Dataverse.Version:
			seen.Moved++
		case !j.equal(f, d, answers):
			seen.Differing++
			differing = append(differing, j.Map.Compiled.ReadableKey(value.FnO, f.Values, f.Company))
		}
	}
	return seen, differing, nil
}

// sample gives pairs that lie apart from each other and of which nothing is
// listed or on its way.
func (j *run) sample(ctx context.Context) (pairs []*record.Pair, err error) {
	err = j.Env.Store.View(ctx, func(tx store.Tx) error {
		last, err := tx.Seq() // the ids of pairs are numbers of the same sequence
		if err != nil {
			return err
		}
		known := map[int64]bool{}
		for n := range int64(sampleSize) {
			found, err := tx.Pairs(j.Map.Name, last*n/sampleSize, 1, false)
			if err != nil {
				return err
			}
			for _, p := range found {
				if known[p.ID] || p.Life != record.Linked || p.FnO.Version == "" || p.Dataverse.Version == "" {
					continue
				}
				known[p.ID] = true
				l, err := tx.Listed(store.ListedQuery{Map: j.Map.Name, Keys: []string{p.Key}}, 0, 1)
				if err != nil {
					return err
				}
				if len(l) == 0 {
					pairs = append(pairs, p)
				}
			}
		}
		return nil
	})
	return pairs, err
}

// read gives how the records of pairs look on a side now, by their ids.
func (j *run) read(ctx context.Context, side value.Side, pairs []*record.Pair) (map[string]*record.Observation, error) {
	obs, err := j.Reader.Read(ctx, side, pairs)
	if err != nil {
		return nil, err
	}
	out := make(map[string]*record.Observation, len(obs))
	for i := range obs {
		out[obs[i].ID] = &obs[i]
	}
	return out, nil
}

// equal tells whether all fields of two records mean the same.
func (j *run) equal(f, d *record.Observation, answers transform.Refs) bool {
	c := j.Map.Compiled
	fno := transform.Record{Side: value.FnO, Values: f.Values, Company: f.Company}
	dataverse := transform.Record{Side: value.Dataverse, Values: d.Values, Company: d.Company}
	for i := range c.Slots {
		if s := &c.Slots[i]; !s.OnCreate {
			if same, err := c.Same(s, &fno, &dataverse, answers); !same || err != nil {
				return false
			}
		}
	}
	return true
}

// differs is what stops a map whose sample is not equal.
func (j *run) differs(seen report.Gate, differing []string) *diag.Diagnostic {
	const shown = 3
	names := ""
	for i, n := range differing {
		if i == shown {
			names += " and others"
			break
		}
		if i > 0 {
			names += ", "
		}
		names += n
	}
	return &diag.Diagnostic{
		Code: diag.CodeGateDiffers, Severity: diag.Error, Address: j.Map.Def.Map.Address(),
		Summary: fmt.Sprintf("%d of %d records that were read again are not equal: %s", seen.Differing, seen.Sampled, names),
		Detail:  "Both sides were agreed and nobody has edited them since by their versions, so that something changes values without showing it. Maps of later waves were not begun.",
		Hint:    fmt.Sprintf("Look at them with `dw verify -map %s` and `dw blame`; `dw apply` reads the map again and goes on.", model.MapArgument(j.Map.Name)),
	}
}
