package session

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/plan"
	"github.com/dualwrite/dw/runtime/deploy"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/store"
	"github.com/dualwrite/dw/runtime/store/sqlite"
)

// Status reads what is deployed and how it is doing.
func (s *Session) Status(ctx context.Context) (report.Status, error) {
	out := report.Status{FormatVersion: report.FormatVersion, Maps: []report.MapStatus{}}
	if s.Link == nil {
		return out, &diag.Failure{List: s.loaded.Sorted()}
	}
	out.Link = s.Link.Name
	st, err := s.readState(ctx)
	if err != nil {
		return out, err
	}
	d, err := s.deployed(ctx, st)
	if err != nil {
		return out, err
	}
	out.Lineage, out.Serial = d.Lineage, d.Serial
	h, held, err := sqlite.Held(s.statePath())
	if held = held && err == nil; held {
		out.Engine = fmt.Sprintf("%s (process %d)", h.Command, h.PID)
	}
	if st == nil {
		s.undeployed(&out, d)
		return out, nil
	}
	err = st.View(ctx, func(tx store.Tx) error {
		l, err := tx.Lock()
		if err != nil {
			return err
		}
		if l.Held() {
			dead := !held && l.Machine == s.Host.Machine
			out.Lock = &report.Lock{
				Owner: l.Owner, Purpose: l.Purpose, Process: l.PID, Run: l.Run, Since: l.Since, Until: l.Until, Left: dead || l.Ended(s.Host.Clock.Now()),
			}
		}
		if out.Environments.FnO, err = tx.Meta(deploy.EnvironmentMeta(d.Link, value.FnO)); err != nil {
			return err
		}
		if out.Environments.Dataverse, err = tx.Meta(deploy.EnvironmentMeta(d.Link, value.Dataverse)); err != nil {
			return err
		}
		for _, m := range byWave(d.Maps) {
			line, err := mapStatus(tx, m)
			if err != nil {
				return err
			}
			out.Maps = append(out.Maps, line)
		}
		return nil
	})
	s.undeployed(&out, d)
	return out, err
}

// byWave puts maps into the order in which they are joined.
func byWave(maps []plan.DeployedMap) []plan.DeployedMap {
	return slices.SortedStableFunc(slices.Values(maps), func(a, b plan.DeployedMap) int {
		return cmp.Or(cmp.Compare(a.Definition.Wave, b.Definition.Wave), cmp.Compare(a.Definition.Map.Name, b.Definition.Map.Name))
	})
}

func mapStatus(tx store.Tx, m plan.DeployedMap) (report.MapStatus, error) {
	name := m.Definition.Map.Name
	l := report.MapStatus{
		Map: name, Version: m.Version, Label: m.Definition.Map.Version, Status: m.Status, Initial: m.Initial,
		Wave: m.Definition.Wave, Deployed: m.At, By: m.By,
	}
	var err error
	if l.Pairs, err = tx.CountPairs(name); err != nil {
		return l, err
	}
	if l.Open, err = tx.CountIntents(name); err != nil {
		return l, err
	}
	queued, err := tx.CountObservations(name)
	if err != nil {
		return l, err
	}
	run, err := store.RunStateOf(tx, name)
	if err != nil {
		return l, err
	}
	if run.Status != "" {
		l.Status = run.Status
	}
	l.Since, l.Reason = run.Since, run.Reason
	l.Queued = report.Sides{FnO: queued[value.FnO], Dataverse: queued[value.Dataverse]}
	if run.Batch != "" || run.Bulk {
		l.Batch = &report.Batch{Map: name, Since: run.Batch, By: run.By, Reason: run.BatchReason, Ending: run.Batch == "", Queued: l.Queued}
	}
	round, err := store.RoundOf(tx, name)
	if err != nil {
		return l, err
	}
	if round != (store.Round{}) {
		l.Contents = &report.Contents{Looked: round.Looked, Found: round.Found, Ended: round.Ended, Last: round.LastLooked, Differ: round.LastFound}
	}
	l.Listed, err = tx.CountListed(name)
	return l, err
}

// undeployed adds the maps of the files that are not deployed yet.
func (s *Session) undeployed(out *report.Status, d plan.Deployed) {
	for _, m := range s.Config.Maps {
		if m.Link != s.Link.Name || slices.ContainsFunc(d.Maps, func(x plan.DeployedMap) bool { return x.Definition.Map.Name == m.Name }) {
			continue
		}
		out.Maps = append(out.Maps, report.MapStatus{Map: m.Name, Label: m.Version, Status: "not deployed"})
	}
}

// ErrorsOptions select listed records.
type ErrorsOptions struct {
	Map   string
	Kind  record.Kind
	Limit int // 0: all
}

// CheckKind refuses a kind of listed records that there is not; "" means all.
func CheckKind(k record.Kind) error {
	kinds := []string{string(record.Failed), string(record.Parked), string(record.Held), string(record.OwedField), string(record.Tolerated)}
	if k == "" || slices.Contains(kinds, string(k)) {
		return nil
	}
	x := diag.Diagnostic{Code: diag.CodeUsage, Severity: diag.Error, Summary: fmt.Sprintf("there is no kind %q of listed records", k)}
	if near := diag.Suggest(string(k), kinds); near != "" {
		x.Hint = fmt.Sprintf("Did you mean %q?", near)
	}
	return diag.Fail(x)
}

// Errors lists records that failed, wait or are held.
func (s *Session) Errors(ctx context.Context, o ErrorsOptions) (report.ListedRecords, error) {
	r := report.ListedRecords{FormatVersion: report.FormatVersion, Records: []record.Listed{}}
	if s.Link == nil {
		return r, &diag.Failure{List: s.loaded.Sorted()}
	}
	if err := CheckKind(o.Kind); err != nil {
		return r, err
	}
	st, err := s.readState(ctx)
	if err != nil {
		return r, err
	}
	if err := s.knowsMap(ctx, st, o.Map); err != nil || st == nil {
		return r, err
	}
	const page = 500
	err = st.View(ctx, func(tx store.Tx) error {
		after := int64(0)
		for {
			got, err := tx.Listed(store.ListedQuery{Map: o.Map, Kind: o.Kind}, after, page)
			if err != nil || len(got) == 0 {
				return err
			}
			r.Records, after = append(r.Records, got...), got[len(got)-1].ID
			if o.Limit > 0 && len(r.Records) > o.Limit {
				r.Records, r.More = r.Records[:o.Limit], true
				return nil
			}
		}
	})
	return r, err
}

// knowsMap refuses the name of a map that is neither in the files nor deployed;
// "" is any map.
func (s *Session) knowsMap(ctx context.Context, st store.Store, name string) error {
	if name == "" {
		return nil
	}
	var known []string
	for _, m := range s.maps() {
		known = append(known, m.Name)
	}
	d, err := s.deployed(ctx, st)
	if err != nil {
		return err
	}
	for _, m := range d.Maps {
		known = append(known, m.Definition.Map.Name)
	}
	if slices.Contains(known, name) {
		return nil
	}
	return noSuchMap(name, known)
}

func noSuchMap(name string, known []string) error {
	x := diag.Diagnostic{Code: diag.CodeUsage, Severity: diag.Error, Summary: fmt.Sprintf("there is no map %q", name)}
	if near := diag.Suggest(name, known); near != "" {
		x.Hint = fmt.Sprintf("Did you mean %q?", near)
	}
	return diag.Fail(x)
}
