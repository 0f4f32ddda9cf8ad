package merge

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
)

// Limits of what is written without an edit of anybody else.
const (
	maxRounds   = 3  // writes in a row whose read-back was not what dw sent
	maxFlips    = 3  // times that a field gets one value over the same other one
	flipHorizon = 10 // lines of the history in which flips count
	trailLines  = 6  // lines of the history that an entry shows

	// flipWithin is the time in which flips count: machines that fight over a
	// value do it within minutes, people who change their minds take longer.
	flipWithin = time.Hour
)

// Notes say why dw writes beyond what an edit asks for.
const (
	NoteOwed     = "owed reference"
	NoteRewrite  = "service rewrote the value"
	NoteRevert   = "revert"
	NoteState    = "state"
	NoteLeft     = "left the scope"
	NoteReadBack = "create read back"
)

// edits tells whether somebody has edited a side: its record has moved since
// it was agreed, and not just as a read for the sake of a write has shown.
func (m *merger) edits(s value.Side) bool {
	o := m.observation(s)
	known := o.Version != "" && o.Version == m.in.Pair.End(s).Version
	return !o.Own && !known && m.edited(s)
}

// rounds begins to count anew once somebody else has edited the record.
func (m *merger) rounds() {
	if m.in.Pair == nil || m.in.Retry || m.reborn || m.edits(value.FnO) || m.edits(value.Dataverse) {
		m.pair.Rounds = 0
	}
}

// note names the reason of an update that no edit asks for; "" where one does.
func (m *merger) note(to value.Side) string {
	var notes []string
	for _, rule := range m.rules[index(to)] {
		note := ""
		switch Rule(rule) {
		case RuleConstant:
			continue
		case RuleOwed:
			note = NoteOwed
		case RuleRevert:
			note = NoteRevert
		case RuleMoved:
			note = m.noteMoved(to.Other())
		}
		if note == "" {
			return ""
		}
		if !slices.Contains(notes, note) {
			notes = append(notes, note)
		}
	}
	return strings.Join(notes, ", ")
}

func (m *merger) noteMoved(from value.Side) string {
	switch {
	case m.pair.Rounds == 0 || m.edits(from):
		return ""
	case len(m.in.History) > 0 && m.in.History[len(m.in.History)-1].Op == record.Create:
		return NoteReadBack
	default:
		return NoteRewrite
	}
}

// stop fails a record that never settles: it has had its rounds, or its
// history shows a value that is fought over.
func (m *merger) stop() {
	if m.in.Retry || m.in.Pair == nil {
		return
	}
	for _, in := range m.res.Intents {
		if in.Op != record.Update {
			continue
		}
		why := ""
		switch f := m.flips(in); {
		case f != "":
			why = fmt.Sprintf("%s keeps being set to the same other value in %s", f, in.Side.Title())
		case m.pair.Rounds >= maxRounds:
			why = fmt.Sprintf("What was written did not stay %d times in a row, without an edit in between", maxRounds)
		default:
			continue
		}
		if trail := m.trail(); trail != "" {
			why += ": " + trail
		}
		m.fail(in.Side, "", diag.CodeStopped, why,
			"Look for a plug-in, a flow or another integration that changes the value, or for a transformation that does not settle; then retry the record.")
	}
}

// flips names a field of an update that is about to get the same value over
// the same other value for the last time that counts. References that are
// filled in are no fight: their target came.
func (m *merger) flips(in record.Intent) string {
	h := m.fought()
	for i, w := range in.Fields {
		if ruleAt(&in, i) == string(RuleOwed) {
			continue
		}
		n := 0
		for _, c := range slices.Backward(h) {
			if c.Side != in.Side || !strings.EqualFold(c.Column, w.Column) {
				continue
			}
			if c.Old != w.Old || c.New != w.New || c.Rule == string(RuleOwed) {
				break
			}
			n++
		}
		if n >= maxFlips-1 {
			return w.Column
		}
	}
	return ""
}

// fought gives the end of the history that can show a fight over a value: lines
// about the records that there are now, and not from long ago.
func (m *merger) fought() []record.Change {
	if m.reborn {
		return nil
	}
	h := m.in.History[max(0, len(m.in.History)-flipHorizon):]
	last := max(m.in.FnO.At, m.in.Dataverse.At)
	for n, c := range slices.Backward(h) {
		if c.Column == "" && (c.Op == record.Create || c.Op == record.Delete) || longBefore(c.At, last) {
			return h[n+1:]
		}
	}
	return h
}

// longBefore tells whether a time is more than flipWithin before another one;
// it is not where either is not known.
func longBefore(earlier, later string) bool {
	a, errA := time.Parse(time.RFC3339, earlier)
	b, errB := time.Parse(time.RFC3339, later)
	return errA == nil && errB == nil && b.Sub(a) > flipWithin
}

// trail shows the end of a record's history in one line.
func (m *merger) trail() string {
	var lines []string
	for _, c := range m.in.History[max(0, len(m.in.History)-trailLines):] {
		line := fmt.Sprintf("%s %s %s", c.At, c.Op, c.Side.Title())
		if c.Column != "" {
			line = fmt.Sprintf("%s %s in %s from %s to %s", c.At, c.Column, c.Side.Title(), show(c.Old), show(c.New))
		}
		if c.Note != "" {
			line += " (" + c.Note + ")"
		}
		lines = append(lines, strings.TrimSpace(line))
	}
	return strings.Join(lines, "; ")
}
