package session

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/dualwrite/dw/planner/plan"
	"github.com/dualwrite/dw/runtime/store"
)

// approval is what the state remembers of a plan while it is carried out: where
// that is cut off, what is left of it needs no other approval.
type approval struct {
	Fingerprint string `json:"fingerprint"`
	Config      string `json:"config_hash"`
	Schema      string `json:"schema_hash"`
}

func approvalMeta(link string) string { return "applying/" + link }

// began stores what is about to be carried out. What is left of a plan that was
// cut off stays that plan.
func (s *Session) began(ctx context.Context, st store.Store, p *plan.Plan) error {
	cut, err := s.cutOff(ctx, st)
	if err != nil || cut.isRestOf(p) {
		return err
	}
	text, err := json.Marshal(approval{Fingerprint: p.Fingerprint, Config: p.ConfigHash, Schema: p.SchemaHash})
	if err != nil {
		return fmt.Errorf("remember the plan: %w", err)
	}
	return st.Update(ctx, func(tx store.Tx) error { return tx.SetMeta(approvalMeta(p.Link), string(text)) })
}

// ended forgets it.
func (s *Session) ended(ctx context.Context, st store.Store, link string) error {
	return st.Update(ctx, func(tx store.Tx) error { return tx.SetMeta(approvalMeta(link), "") })
}

// cutOff gives the plan whose apply did not end; the zero value where there is
// none.
func (s *Session) cutOff(ctx context.Context, st store.Store) (a approval, err error) {
	if st == nil {
		return a, nil
	}
	var text string
	err = st.View(ctx, func(tx store.Tx) (err error) {
		text, err = tx.Meta(approvalMeta(s.Link.Name))
		return err
	})
	if err != nil || text == "" {
		return a, err
	}
	if err := json.Unmarshal([]byte(text), &a); err != nil {
		return a, fmt.Errorf("read which plan was cut off: %w", err)
	}
	return a, nil
}

// isRestOf tells whether a plan leads to what the plan that was cut off leads
// to: the same maps over the same schema. What differs is only how far that has
// come.
func (a approval) isRestOf(p *plan.Plan) bool {
	return a.Fingerprint != "" && a.Config == p.ConfigHash && a.Schema == p.SchemaHash
}

// Approves tells whether an approval of the plan that the text names holds for a
// plan: it is that plan, or what is left of it after an apply that was cut off.
func (s *Session) Approves(ctx context.Context, text string, p *plan.Plan) (bool, error) {
	if plan.Matches(p.Fingerprint, text) {
		return true, nil
	}
	st, err := s.readState(ctx)
	if err != nil {
		return false, err
	}
	cut, err := s.cutOff(ctx, st)
	return err == nil && cut.isRestOf(p) && plan.Matches(cut.Fingerprint, text), err
}
