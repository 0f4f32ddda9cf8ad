package merge

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
)

// payloadLength is how much of what would have been written a list shows, in
// characters.
const payloadLength = 400

// list adds a listed record with what all of them have.
func (m *merger) list(l record.Listed) {
	l.Map, l.Key, l.Company = m.c.Map.Name, m.seen.Key, m.seen.Company
	switch { // under which the pair is found, whatever the record's key is now
	case m.pair != nil:
		l.Key = m.pair.Key
	case m.in.Pair != nil:
		l.Key = m.in.Pair.Key
	}
	if len(m.seen.Values) < projection(m.c, m.seen.Side).Width() { // of a read of the state alone
		l.Record = transform.ReadableCanonical(l.Key)
	} else {
		l.Record = m.c.ReadableKey(m.seen.Side, m.seen.Values, m.seen.Company)
	}
	m.res.Listed = append(m.res.Listed, l)
}

// listAside lists what keeps the record from being written: all failures in
// one text, and what it waits for.
func (m *merger) listAside() {
	for _, to := range []value.Side{value.FnO, value.Dataverse} {
		var all []Failure
		for _, f := range m.failures {
			if f.Side == to {
				all = append(all, f)
			}
		}
		if len(all) == 0 {
			continue
		}
		l := record.Listed{Kind: record.Failed, Side: to, Code: all[0].Code, Payload: m.payload(to)}
		var reasons, hints []string
		for _, f := range all {
			reason := f.Detail
			if len(all) == 1 {
				l.Field = f.Field
			} else if f.Field != "" {
				reason = f.Field + ": " + f.Detail
			}
			reasons = append(reasons, strings.TrimSuffix(reason, "."))
			if f.Hint != "" && !slices.Contains(hints, f.Hint) {
				hints = append(hints, f.Hint)
			}
		}
		l.Reason, l.Hint = strings.Join(reasons, "; ")+".", strings.Join(hints, " ")
		m.list(l)
	}
	if len(m.parked) == 0 {
		return
	}
	var waits []string
	side := value.Dataverse
	for _, w := range m.parked {
		if text := waitText(w); !slices.Contains(waits, text) {
			waits = append(waits, text)
		}
		if w.Key == "" {
			side = value.FnO
		}
	}
	m.list(record.Listed{Kind: record.Parked, WaitMap: m.parked[0].Lookup.Map, Side: side, Field: m.parked[0].Slot, Code: diag.CodeReferenceMissing,
		Reason: fmt.Sprintf("It refers to a record that is not there: %s.", strings.Join(waits, ", ")),
		Hint:   hintReference(m.parked[0]), Waits: strings.Join(waits, ", "), Payload: m.payload(side)})
}

// listAccepted lists a field that is agreed to be different.
func (m *merger) listAccepted(i int) {
	slot, b := &m.c.Slots[i], m.pair.Base[i]
	m.list(record.Listed{Kind: record.Tolerated, Side: slot.Master.Other(), Field: slot.Name, Code: diag.CodeAccepted,
		Reason: fmt.Sprintf("F&O has %s and Dataverse has %s: a service keeps its own value, or the field was not sent when the record was created.", show(b.FnO), show(b.Dataverse)),
		Hint:   "Change it on the side that is wrong; the next edit is carried over."})
}

// payload shows what would have been written to a side.
func (m *merger) payload(to value.Side) string {
	var b strings.Builder
	for n, w := range m.writes[index(to)] {
		if n > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s=%s", w.Column, show(w.New))
	}
	text := []rune(b.String())
	if len(text) > payloadLength {
		return string(text[:payloadLength]) + "…"
	}
	return string(text)
}

// waitText names a record that is waited for: "accounts accountnumber=US-002".
func waitText(w Wait) string {
	if w.Key == "" {
		return w.Ref.String()
	}
	text := waitFor(w.Lookup, w.Key)
	for _, o := range w.Others {
		text += " or " + waitFor(o.Lookup, o.Key)
	}
	return text
}

func waitFor(l *transform.Lookup, key string) string {
	leaves := l.Leaves()
	texts := strings.Split(key, transform.RefKeySeparator)
	var terms []string
	for i, path := range leaves {
		if i < len(texts) {
			terms = append(terms, strings.Join(path, ".")+"="+texts[i])
		}
	}
	return l.Set + " " + strings.Join(terms, " ")
}

func hintReference(w Wait) string {
	if w.Lookup.Map != "" {
		return fmt.Sprintf("Map %s delivers such records: see why this one is not there.", w.Lookup.Map)
	}
	return fmt.Sprintf("No map of this configuration delivers %s: create the record by hand.", w.Lookup.Set)
}

// show quotes a value for people.
func show(v value.Value) string {
	if v.IsNull() {
		return "nothing"
	}
	if v.Kind() == value.Text {
		return fmt.Sprintf("%q", v.Text())
	}
	return v.String()
}
