package control

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/planner/plan"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/capture"
	"github.com/dualwrite/dw/runtime/engine/drain"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

// The arguments of Repair begin with these.
const (
	repairAbsent = "absent=" // capture.Absent
	repairBegan  = "began="  // the state's sequence before both sides were read in full; 0: they were not
	repairKey    = "key="    // canonical key of a record
)

// RepairCommand asks for records of a map to be read again and merged.
func RepairCommand(mapName string, absent capture.Absent, began int64, keys []string) store.Command {
	args := []string{repairAbsent + string(absent), repairBegan + strconv.FormatInt(began, 10)}
	for _, key := range keys {
		args = append(args, repairKey+key)
	}
	return store.Command{Name: Repair, Map: mapName, Args: args}
}

// Rests says why a map writes nothing now; "" where it runs.
func Rests(d *plan.DeployedMap, s store.RunState) string {
	switch {
	case d == nil:
		return "The map is not deployed."
	case d.Initial == "pending":
		return "The map has not been joined yet: its initial sync comes first."
	}
	switch status := effective(*d, s); {
	case s.Batch != "":
		return fmt.Sprintf("The map is in a batch window: `dw batch end %s` moves what changed in it.", model.MapArgument(d.Definition.Map.Name))
	case status == store.StatusPaused:
		return "The map is paused: resume it first, then what waits is carried over."
	case status == store.StatusStopped:
		return "The map is stopped: when it is resumed it reads both sides anew."
	}
	return ""
}

// repair reads records again on both sides and has them merged like any others.
// Unless it was asked for, no delete is carried over, also none that waits.
func (e *executor) repair(ctx context.Context) (string, error) {
	m := e.env.Map(e.cmd.Map)
	if m == nil {
		_, err := e.maps()
		return "", err
	}
	absent, began, keys, err := e.repairArgs()
	if err != nil {
		return "", err
	}
	why := ""
	err = e.env.Store.View(ctx, func(tx store.Tx) error {
		d, err := tx.DeployedMap(e.env.Link, m.Name)
		if err != nil {
			return err
		}
		s, err := store.RunStateOf(tx, m.Name)
		why = Rests(d, s)
		return err
	})
	if err != nil {
		return "", err
	}
	if why != "" {
		return "", bad(fmt.Sprintf("map %s cannot be repaired now", m.Name), why)
	}
	d := drain.New(e.env, m)
	d.Writer.Live, d.Reader.Missing = true, &capture.Missing{}
	if err := d.Writer.Confirm(ctx); err != nil {
		return "", err
	}
	left := map[string]bool{}
	wanted := map[string]bool{}
	for part := range slices.Chunk(keys, e.env.BatchSize()) {
		some, err := d.Reader.Afresh(ctx, part, absent, began)
		if err != nil {
			return "", err
		}
		for _, l := range some {
			left[l.Key] = true
		}
	}
	for _, key := range keys {
		wanted[key] = !left[key]
	}
	mine := func(w store.Work) bool {
		return wanted[w.Key] && (absent == capture.AbsentDelete || !oneGone(w))
	}
	// Confirming may show more of these records.
	written := int64(0)
	for range 2 {
		p, err := d.Named(ctx, d.Handler(false), keys, mine)
		if err != nil {
			return "", err
		}
		written += p.Written.FnO + p.Written.Dataverse
		if err := e.oweAgain(ctx, d, keys); err != nil {
			return "", err
		}
	}
	return e.repaired(ctx, m, keys, len(left), written)
}

// oneGone tells whether a delete of one side waits to be carried over to the
// other.
func oneGone(w store.Work) bool {
	gone := func(obs []record.Observation) bool {
		return slices.ContainsFunc(obs, func(o record.Observation) bool { return o.Deleted })
	}
	return gone(w.FnO) != gone(w.Dataverse)
}

func (e *executor) repairArgs() (absent capture.Absent, began int64, keys []string, err error) {
	absent = capture.AbsentLeave
	for _, a := range e.cmd.Args {
		switch text, is := strings.CutPrefix(a, repairKey); {
		case is:
			keys = append(keys, text)
		case strings.HasPrefix(a, repairAbsent):
			absent = capture.Absent(strings.TrimPrefix(a, repairAbsent))
			if !slices.Contains(capture.Absents(), absent) {
				return "", 0, nil, bad(fmt.Sprintf("nothing is known of %q", a), "")
			}
		case strings.HasPrefix(a, repairBegan):
			if began, err = strconv.ParseInt(strings.TrimPrefix(a, repairBegan), 10, 64); err != nil {
				return "", 0, nil, bad(fmt.Sprintf("%q has no number", a), "")
			}
		default:
			return "", 0, nil, bad(fmt.Sprintf("a repair does not know %q", a), "")
		}
	}
	return absent, began, keys, nil
}

// repaired says what a repair came to.
func (e *executor) repaired(ctx context.Context, m *engine.Map, keys []string, left int, written int64) (string, error) {
	var listed []record.Listed
	err := e.env.Store.View(ctx, func(tx store.Tx) (err error) {
		if len(keys) > 0 {
			listed, err = tx.Listed(store.ListedQuery{Map: m.Name, Keys: keys}, 0, 0)
		}
		return err
	})
	if err != nil {
		return "", err
	}
	aside, waits := map[string]bool{}, map[string]bool{}
	for _, l := range listed {
		switch l.Kind {
		case record.Failed, record.Held:
			aside[l.Key] = true
		case record.Parked:
			waits[l.Key] = true
		}
	}
	text := fmt.Sprintf("Map %s: %s read again, %d written.", m.Name, count(len(keys), "record"), written)
	if len(waits) > 0 {
		text += fmt.Sprintf(" %d wait for others.", len(waits))
	}
	if len(aside) > 0 {
		text += fmt.Sprintf(" %d could not be repaired: `dw errors list -map %s`.", len(aside), m.Name)
	}
	if left > 0 {
		text += fmt.Sprintf(" %d left alone.", left)
	}
	return text, nil
}
