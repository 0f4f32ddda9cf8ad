package capture

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

// Absence is a suspicion. A pair whose row a complete scan did not see counts as
// deleted only if it was agreed before the scan began, a read by its key finds
// nothing either, another known row of its company can still be read, and not
// too many of the company's pairs are missing at once. Else a finding is listed
// and nothing is deleted until a person approves it.

// fewAbsent and absentShare bound the deletes that one scan may bring for a
// company without being approved: max(fewAbsent, pairs/absentShare).
const (
	fewAbsent   = 20
	absentShare = 100
)

// witnesses is how many known rows of a company are asked for to see whether
// the company can still be read.
const witnesses = 5

// absence is what is known of the pairs of one company after a scan.
type absence struct {
	company string
	pairs   int64
	missing []int64 // pairs
	seen    []int64 // some of the pairs that were seen
}

func (a *absence) limit() int { return FewAbsent(a.pairs) }

// FewAbsent gives how many of so many pairs may be missing at once without a
// person being asked.
func FewAbsent(pairs int64) int { return int(max(fewAbsent, pairs/absentShare)) }

// absences judges what a complete scan of a side did not see.
func (w *Watcher) absences(ctx context.Context, side value.Side, s *scan) (captured, error) {
	var out captured
	companies, err := w.missing(ctx, side, s)
	if err != nil {
		return out, err
	}
	for _, a := range companies {
		c, err := w.judgeAbsence(ctx, side, a)
		if err != nil {
			return out, err
		}
		out.add(c)
	}
	out.over = append(out.over, scanKey(side))
	return out, nil
}

// parts gives the companies whose absences are judged each by itself; "" where
// the map has none.
func (w *Watcher) parts() []string {
	if w.Map.Compiled.Company < 0 {
		return []string{""}
	}
	return w.Map.Def.Companies
}

// missing walks all pairs and gathers those that a scan ought to have seen.
func (w *Watcher) missing(ctx context.Context, side value.Side, s *scan) ([]*absence, error) {
	byCompany := map[string]*absence{}
	var order []*absence
	for _, company := range w.parts() {
		a := &absence{company: company}
		byCompany[company], order = a, append(order, a)
	}
	after := int64(0)
	for {
		var pairs []*record.Pair
		err := w.Env.Store.View(ctx, func(tx store.Tx) (err error) {
			pairs, err = tx.Pairs(w.Map.Name, after, w.Env.BatchSize(), false)
			return err
		})
		if err != nil || len(pairs) == 0 {
			return order, err
		}
		after = pairs[len(pairs)-1].ID
		for _, p := range pairs {
			a := byCompany[p.Company]
			end := p.End(side)
			if a == nil || p.Life != record.Linked || end.ID == "" || end.Version == "" {
				continue
			}
			a.pairs++
			switch {
			case s.seen.Has(p.ID):
				if len(a.seen) < witnesses {
					a.seen = append(a.seen, p.ID)
				}
			case p.ID <= s.began && p.Written <= s.began:
				a.missing = append(a.missing, p.ID)
			}
		}
	}
}

// judgeAbsence decides about the missing pairs of one company.
func (w *Watcher) judgeAbsence(ctx context.Context, side value.Side, a *absence) (out captured, err error) {
	key := absenceKey(side, a.company)
	if len(a.missing) == 0 {
		return captured{over: []string{key}}, w.forgetApproval(ctx, side, a.company)
	}
	approved, err := w.approval(ctx, side, a.company)
	if err != nil {
		return out, err
	}
	limit := a.limit()
	if approved > 0 {
		limit += approved
	}
	asOf, err := w.asOf(ctx)
	if err != nil {
		return out, err
	}
	var absent []*record.Pair
	looked := 0
	for ids := a.missing; len(ids) > 0 && len(absent) <= limit; {
		n := min(lookAtOnce, len(ids))
		pairs, err := w.pairsByID(ctx, ids[:n])
		if err != nil {
			return out, err
		}
		found, gone, err := w.look(ctx, side, pairs)
		if err != nil {
			return out, err
		}
		// What has left the filter of the service is seen all the same. It may be
		// all of the map: it is stored at once.
		if err := w.store(ctx, found, nil); err != nil {
			return out, err
		}
		out.stored += len(found.observations)
		for _, p := range gone {
			p.Base = nil // nobody asks for it any more
		}
		absent = append(absent, gone...)
		ids, looked = ids[n:], looked+n
	}
	if len(absent) == 0 {
		out.over = append(out.over, key)
		return out, w.forgetApproval(ctx, side, a.company)
	}
	readable := out.stored > 0 || approved > 0
	if !readable {
		if readable, err = w.witnessed(ctx, side, a.seen); err != nil {
			return out, err
		}
	}
	switch {
	case !readable:
		return w.holdBack(ctx, side, a, out, diag.CodeNothingSeen, len(absent), looked)
	case len(absent) > limit:
		return w.holdBack(ctx, side, a, out, diag.CodeManyAbsent, len(absent), looked)
	}
	out.observations = append(out.observations, w.deleted(side, absent, asOf)...)
	out.over = append(out.over, key)
	return out, w.forgetApproval(ctx, side, a.company)
}

func (r *Reader) pairsByID(ctx context.Context, ids []int64) (pairs []*record.Pair, err error) {
	err = r.Env.Store.View(ctx, func(tx store.Tx) error {
		pairs, err = tx.PairsByID(ids)
		return err
	})
	return pairs, err
}

// witnessed tells whether a row of some known pairs can be read now.
func (r *Reader) witnessed(ctx context.Context, side value.Side, ids []int64) (bool, error) {
	pairs, err := r.pairsByID(ctx, ids)
	if err != nil || len(pairs) == 0 {
		return false, err
	}
	rows, err := r.readPairs(ctx, side, pairs)
	return len(rows) > 0, err
}

// holdBack lists what keeps deletes of a company from being carried over.
func (w *Watcher) holdBack(ctx context.Context, side value.Side, a *absence, out captured, code string, absent, looked int) (captured, error) {
	l := record.Listed{
		Kind: record.Held, Map: w.Map.Name, Key: absenceKey(side, a.company), Record: "all records", Company: a.company,
		Side: side.Other(), Code: code, At: w.at(),
	}
	if a.company != "" {
		l.Record = a.company + " / all records"
	}
	l.Reason = fmt.Sprintf("The last scan of %s did not find %d of %d known records; %d of them were looked for by key, and %d are not there.",
		side.Title(), len(a.missing), a.pairs, looked, absent)
	l.Hint = "Look whether they were meant to be deleted. If so, approve it with `dw errors retry`; if not, see that the user of dw can read them again, and this entry goes away by itself."
	if code == diag.CodeNothingSeen {
		l.Reason = fmt.Sprintf("The last scan of %s did not find %d of %d known records, and no other known record can be read: the user of dw may have lost the right to see them.",
			side.Title(), len(a.missing), a.pairs)
	}
	out.listed = append(out.listed, l)
	// What was approved before was another number of records.
	return out, w.note(ctx, side, a.company, approvalNote{Found: len(a.missing)})
}

// scanFailed lists a scan that ended half-way.
func (w *Watcher) scanFailed(ctx context.Context, side value.Side, rows int64, cause error) error {
	return w.store(ctx, captured{listed: []record.Listed{{
		Kind: record.Held, Map: w.Map.Name, Key: scanKey(side), Record: "all records", Side: side, Code: diag.CodeScanBroken, At: w.at(),
		Reason: fmt.Sprintf("The scan of %s ended after %d records: %s. It begins again; deletes are not recognised until one is complete.", side.Title(), rows, oneLine(cause)),
		Hint:   "It goes on by itself. If it keeps failing, see `dw status`.",
	}}}, nil)
}

func oneLine(err error) string {
	return strings.ReplaceAll(strings.TrimSuffix(err.Error(), "."), "\n", " ")
}

// Findings about a whole company or scan stand under keys that no record has.
func absenceKey(side value.Side, company string) string {
	return "\x00absent\x00" + string(side) + "\x00" + company
}

func scanKey(side value.Side) string { return "\x00scan\x00" + string(side) }

// approvalNote is what the store keeps of a finding beside its entry in the
// list.
type approvalNote struct {
	Found    int `json:"found"`
	Approved int `json:"approved,omitempty"`
}

func approvalMeta(mapName, key string) string {
	return "absence/" + mapName + strings.ReplaceAll(key, "\x00", "/")
}

func (w *Watcher) note(ctx context.Context, side value.Side, company string, n approvalNote) error {
	text, err := json.Marshal(n)
	if err != nil {
		return err
	}
	return w.Env.Store.Update(ctx, func(tx store.Tx) error {
		return tx.SetMeta(approvalMeta(w.Map.Name, absenceKey(side, company)), string(text))
	})
}

// approval gives how many missing records of a company a person has approved.
func (w *Watcher) approval(ctx context.Context, side value.Side, company string) (int, error) {
	var n approvalNote
	err := w.Env.Store.View(ctx, func(tx store.Tx) (err error) {
		n, err = noteOf(tx, w.Map.Name, absenceKey(side, company))
		return err
	})
	return n.Approved, err
}

func (w *Watcher) forgetApproval(ctx context.Context, side value.Side, company string) error {
	n, err := w.approval(ctx, side, company)
	if err != nil || n == 0 {
		return err
	}
	return w.Env.Store.Update(ctx, func(tx store.Tx) error {
		return tx.SetMeta(approvalMeta(w.Map.Name, absenceKey(side, company)), "")
	})
}

func noteOf(tx store.Tx, mapName, key string) (n approvalNote, err error) {
	text, err := tx.Meta(approvalMeta(mapName, key))
	if err == nil && text != "" {
		err = json.Unmarshal([]byte(text), &n)
	}
	return n, err
}

// IsFinding tells whether a listed entry is about a whole company or scan and
// not about a record.
func IsFinding(l record.Listed) bool {
	return strings.HasPrefix(l.Key, "\x00absent\x00") || strings.HasPrefix(l.Key, "\x00scan\x00")
}

// Approve lets the next scan take the records that a finding is about for
// deleted, if they are still not there. It is false for other entries.
func Approve(tx store.Tx, l record.Listed) (bool, error) {
	if !strings.HasPrefix(l.Key, "\x00absent\x00") {
		return false, nil
	}
	n, err := noteOf(tx, l.Map, l.Key)
	if err != nil {
		return false, err
	}
	n.Approved = n.Found
	text, err := json.Marshal(n)
	if err != nil {
		return false, err
	}
	if l.Key == absenceKey(value.Dataverse, l.Company) {
		// Where changes are asked for nothing is scanned without a reason.
		if err := tx.PutCursor(l.Map, value.Dataverse, store.Cursor{Phase: "done"}); err != nil {
			return false, err
		}
	}
	return true, tx.SetMeta(approvalMeta(l.Map, l.Key), string(text))
}
