package fno

import (
	"github.com/dualwrite/dw/runtime/sandbox/gate"
)

// deleteRow deletes a row after those that go with it, each with its event,
// unless others refer to one of them.
func (t *Twin) deleteRow(tx *transaction, d *draft) error {
	if err := t.validateDelete(tx, d); err != nil {
		return err
	}
	for _, s := range t.ordered {
		for _, f := range s.fields {
			where, args := dependents(s, f, d)
			if where == "" || !f.Related.Cascade {
				continue
			}
			children, err := t.drafts(tx, s, where, args)
			if err != nil {
				return err
			}
			for _, child := range children {
				if err := t.deleteRow(tx, child); err != nil {
					return err
				}
			}
		}
	}
	if _, err := tx.ExecContext(tx.ctx, "DELETE FROM "+d.set.table+" WHERE rec_id = ?", d.recID); err != nil {
		return err
	}
	tx.wrote(gate.OpDelete, d)
	return nil
}

// drafts reads stored rows.
func (t *Twin) drafts(tx *transaction, s *set, where string, args []any) (out []*draft, err error) {
	rows, err := tx.QueryContext(tx.ctx, selectRows(s, &query{fields: s.fields, where: where}), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		d, _, err := scanDraft(s, rows)
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, rows.Err()
}

// validateDelete refuses to delete a row that others refer to, unless they go
// with it.
func (t *Twin) validateDelete(tx *transaction, d *draft) error {
	var log infolog
	for _, s := range t.ordered {
		for _, f := range s.fields {
			where, args := dependents(s, f, d)
			if where == "" || f.Related.Cascade {
				continue
			}
			found, err := tx.exists("SELECT 1 FROM "+s.table+" WHERE "+where, args...)
			if err != nil {
				return err
			}
			if found {
				log.add("Error", "%s cannot be deleted while dependent %s exist. Delete dependent %s and try again.", d.set.Label, s.Label, s.Label)
				return log.failure(d.set)
			}
		}
	}
	return nil
}

// dependents is the condition for the rows of s whose field f refers to a row;
// "" where none can.
func dependents(s *set, f *field, d *draft) (where string, args []any) {
	if f.Related == nil || f.Related.EntitySet != d.set.EntitySet {
		return "", nil
	}
	value := d.value(d.set.byName[f.Related.Property])
	if value == nil || value == "" {
		return "", nil
	}
	where, args = f.column+" = ?", []any{value}
	if s == d.set {
		where, args = where+" AND rec_id <> ?", append(args, d.recID)
	}
	if s.CompanySpecific && d.set.CompanySpecific && f.Related.Property != companyField {
		where, args = where+" AND "+companyCondition, append(args, d.text(companyField))
	}
	return where, args
}
