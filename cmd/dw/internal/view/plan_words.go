package view

import (
	"fmt"
	"strings"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/planner/plan"
)

// planCounts is the summary of a plan: what happens to how many maps.
func planCounts(p *plan.Plan) string {
	words := []struct {
		kind plan.Kind
		text string
	}{
		{plan.Create, "to create"}, {plan.Update, "to update"}, {plan.Backfill, "to update and send again"},
		{plan.Replace, "to replace"}, {plan.Resume, "to resume"}, {plan.Destroy, "to remove"}, {plan.None, "unchanged"},
	}
	var parts []string
	for _, word := range words {
		if n := p.Count(word.kind); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, word.text))
		}
	}
	return strings.Join(parts, ", ")
}

// kindMeanings explains the signs that a plan uses beyond the obvious ones.
func kindMeanings() []struct {
	kind plan.Kind
	text string
} {
	return []struct {
		kind plan.Kind
		text string
	}{
		{plan.Backfill, "update, then read and compare all rows again"},
		{plan.Replace, "end the deployed map and begin anew; rows stay on both sides"},
		{plan.Resume, "finish the initial sync that was cut off"},
		{plan.Destroy, "end the map; rows stay on both sides"},
	}
}

// outcomeText says what the policy makes of a plan.
func outcomeText(v plan.Verdict) (string, style) {
	n := int64(len(v.Violations))
	switch v.Outcome {
	case plan.Denied:
		return "denied: " + plural(n, "rule is", "rules are") + " violated", red
	case plan.NeedsApproval:
		return "needs approval by " + plural(n, "rule", "rules"), yellow
	}
	if !v.Stated {
		return "none: nothing is asked but a yes", ""
	}
	return "allowed", green
}

// betweenText names the two environments by their hosts.
func betweenText(e plan.Environments) string {
	if e.Twins {
		return e.String()
	}
	host := func(address string) string { return clean(strings.TrimPrefix(address, "https://")) }
	return host(e.FnO) + " and " + host(e.Dataverse)
}

// bound shows the most that a number of rows can be.
func bound(b plan.Bound) string {
	switch {
	case b.Unknown():
		return "an unknown number"
	case b.Most == 0:
		return "none"
	case b.Exact:
		return "up to " + count(b.Most)
	default:
		return "up to about " + count(b.Most)
	}
}

// dangerText says what is lost, and of how many records.
func dangerText(d plan.Danger) string {
	switch {
	case d.Code != plan.ScopeDeletes && d.Code != plan.ScopeSleeps:
		return d.Detail
	case d.Rows.Unknown():
		return d.Detail + "; how many is not known"
	default:
		return d.Detail + ": " + bound(d.Rows) + " of them"
	}
}

// countedText says what the data of a map come to.
func countedText(n plan.Counted) string {
	var parts []string
	for _, x := range []struct {
		verb           string
		dataverse, fno int64
	}{{"creates", n.CreatesDataverse, n.CreatesFnO}, {"updates", n.UpdatesDataverse, n.UpdatesFnO}} {
		switch {
		case x.dataverse > 0 && x.fno > 0:
			parts = append(parts, fmt.Sprintf("%s %s in Dataverse, %s in F&O", x.verb, count(x.dataverse), count(x.fno)))
		case x.dataverse > 0:
			parts = append(parts, fmt.Sprintf("%s %s in Dataverse", x.verb, count(x.dataverse)))
		case x.fno > 0:
			parts = append(parts, fmt.Sprintf("%s %s in F&O", x.verb, count(x.fno)))
		}
	}
	if len(parts) == 0 {
		parts = append(parts, "creates and updates nothing")
	}
	parts = append(parts, count(n.Equal)+" equal")
	if n.Failing > 0 {
		parts = append(parts, count(n.Failing)+" would not get over")
	}
	return "counted: " + strings.Join(parts, "; ")
}

// sendText says how many rows may go where; the noun stands where a heading does
// not say it.
func sendText(toDataverse, toFnO plan.Bound, noun string) string {
	if toDataverse.Unknown() && toFnO.Unknown() {
		if noun != "" {
			noun = " of " + noun
		}
		return "an unknown number" + noun
	}
	if toDataverse.Most == 0 && toFnO.Most == 0 {
		if noun == "" {
			return "none"
		}
		return "no " + noun
	}
	var parts []string
	for _, x := range []struct {
		bound plan.Bound
		side  string
	}{{toDataverse, "Dataverse"}, {toFnO, "F&O"}} {
		if x.bound.Most != 0 {
			text := bound(x.bound)
			switch {
			case noun == "" || len(parts) > 0:
			case x.bound.Unknown():
				text += " of " + noun
			default:
				text += " " + noun
			}
			parts = append(parts, text+" to "+x.side)
		}
	}
	return strings.Join(parts, ", ")
}

// rows shows a number of rows and how sure it is.
func rows(n int64, exact bool) string {
	switch {
	case n < 0:
		return "unknown"
	case exact:
		return count(n)
	default:
		return "about " + count(n)
	}
}

// sums adds up over a plan what it reads and where it may send how much.
func sums(p *plan.Plan) (fno, dataverse, toDataverse, toFnO plan.Bound) {
	fno, dataverse, toDataverse, toFnO = plan.Bound{Exact: true}, plan.Bound{Exact: true}, plan.Bound{Exact: true}, plan.Bound{Exact: true}
	for _, a := range p.Actions {
		if a.Cost == nil {
			continue
		}
		fno = fno.Add(plan.Bound{Most: a.Rows.FnO, Exact: a.Rows.FnOExact})
		dataverse = dataverse.Add(plan.Bound{Most: a.Rows.Dataverse, Exact: a.Rows.DataverseExact})
		toDataverse = toDataverse.Add(a.Cost.ToDataverse)
		toFnO = toFnO.Add(a.Cost.ToFnO)
	}
	return fno, dataverse, toDataverse, toFnO
}

// spanText shows an estimate of time, coarse as it is.
func spanText(s plan.Span) string {
	if s.Most < 0 {
		return "not known, since not everything is counted"
	}
	least, most := roughly(s.Least), roughly(s.Most)
	if least == most {
		return most
	}
	a, unit, _ := strings.Cut(least, " ")
	if b, same, _ := strings.Cut(most, " "); s.Least >= 60 && strings.TrimSuffix(unit, "s") == strings.TrimSuffix(same, "s") {
		return a + " to " + b + " " + same
	}
	return least + " to " + most
}

// roughly shows one time: under a minute, minutes, hours, days.
func roughly(seconds int64) string {
	const minute, hour, day = 60, 3600, 86400
	up := func(unit int64) int64 { return (seconds + unit - 1) / unit }
	switch {
	case seconds < minute:
		return "under a minute"
	case seconds <= 120*minute:
		return plural(up(minute), "minute", "minutes")
	case seconds <= 72*hour:
		return plural(up(hour), "hour", "hours")
	default:
		return plural(up(day), "day", "days")
	}
}

// ratesText says where the estimate of time comes from.
func ratesText(p *plan.Plan) string {
	measured, assumed := 0, 0
	for _, a := range p.Actions {
		switch {
		case a.Cost == nil:
		case a.Cost.Rate.Measured != "":
			measured++
		default:
			assumed++
		}
	}
	switch {
	case assumed == 0:
		return "at rates measured here before"
	case measured > 0:
		return fmt.Sprintf("at rates measured here before for %s, assumed for %s", plural(int64(measured), "map", "maps"), plural(int64(assumed), "map", "maps"))
	case p.Environments.Twins:
		return "as the local twins have been seen to be"
	default:
		return "at assumed rates"
	}
}

// fieldCounts says what a new map consists of.
func fieldCounts(d *plan.Definition) string {
	var lookups, values, computed, constants int64
	for _, f := range d.Map.Fields {
		switch {
		case f.IsConstant:
			constants++
			continue
		case f.IsLookup():
			lookups++
		}
		if f.Values != nil {
			values++
		}
		if f.ToDataverse != nil || f.ToFnO != nil {
			computed++
		}
	}
	var parts []string
	add := func(n int64, one, many string) {
		if n > 0 {
			parts = append(parts, plural(n, one, many))
		}
	}
	add(lookups, "lookup", "lookups")
	add(values, "value map", "value maps")
	add(computed, "computed", "computed")
	text := plural(int64(len(d.Map.Fields))-constants, "field", "fields")
	if len(parts) > 0 {
		text += " (" + strings.Join(parts, ", ") + ")"
	}
	if constants > 0 {
		text += ", " + plural(constants, "constant", "constants")
	}
	return text
}

// deferredFields names the references of a map that are filled in later, with
// what the planner says of each.
func deferredFields(a plan.Action) string {
	var parts []string
	for _, name := range a.Definition.Deferred {
		text := name
		for _, f := range a.Definition.Map.Fields {
			if f.Name() != name {
				continue
			}
			if _, why, found := strings.Cut(noteOf(a.Changes, f), "deferred: "); found {
				text += " (" + why + ")"
			}
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
}

// effectWord is how a violation reads at the head of a line.
func effectWord(e model.Effect) (string, style) {
	if e == model.Deny {
		return "deny", red
	}
	return "approve", yellow
}

// mapList names maps, at most some of them; none is "".
func mapList(maps []string, most int) string {
	if len(maps) == 0 {
		return ""
	}
	text := strings.Join(model.MapAddresses(maps[:min(most, len(maps))]), ", ")
	if n := len(maps) - most; n > 0 {
		text += fmt.Sprintf(" and %s more", count(int64(n)))
	}
	return text
}
