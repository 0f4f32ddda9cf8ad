package fno

import (
	"fmt"
	"strings"
	"unicode/utf16"
)

// validate runs validateField for each given field and collects all messages;
// only without any does it run validateWrite.
func (t *Twin) validate(tx *transaction, d *draft) error {
	var log infolog
	for _, f := range d.given {
		message, err := t.validateField(tx, d, f)
		if err != nil {
			return err
		}
		if message != "" {
			log.add("Warning", "%s", message)
			log.add("Warning", "validateField failed on field '%s.%s'.", d.set.AOT, f.Name)
		}
	}
	if len(log.segments) == 0 {
		d.validateWrite(&log)
	}
	return log.failure(d.set)
}

// validateField gives the message about a field, "" where it is valid.
func (t *Twin) validateField(tx *transaction, d *draft, f *field) (string, error) {
	value := d.value(f)
	switch {
	case d.old == nil && !f.AllowEditOnCreate && !f.key && value != nil:
		return fmt.Sprintf("Field '%s' does not allow editing.", f.label), nil
	case d.old != nil && !f.AllowEdit && d.changed[f.position]:
		return fmt.Sprintf("Field '%s' does not allow editing.", f.label), nil
	}
	text, _ := value.(string)
	if f.kind == kindString && f.MaxLength > 0 && len(utf16.Encode([]rune(text))) > f.MaxLength {
		return fmt.Sprintf("The value '%s' in field '%s' is longer than %d characters.", text, f.label, f.MaxLength), nil
	}
	if f.Related == nil || value == nil {
		return "", nil
	}
	found, err := t.relatedExists(tx, d, f)
	if err != nil || found {
		return "", err
	}
	return fmt.Sprintf("The value '%v' in field '%s' is not found in the related table '%s'.", value, f.label, f.Related.Label), nil
}

// same says that two values are equal as the database compares them.
func (f *field) same(a, b any) bool {
	if a == nil {
		a = f.emptySQL()
	}
	if b == nil {
		b = f.emptySQL()
	}
	return strings.EqualFold(fmt.Sprint(a), fmt.Sprint(b))
}

// relatedExists looks for the row that a foreign key names, in the same company
// where both entities have one. A row may name itself while it is created.
func (t *Twin) relatedExists(tx *transaction, d *draft, f *field) (bool, error) {
	target := t.sets[f.Related.EntitySet]
	referenced := target.byName[f.Related.Property]
	if target == d.set {
		own, isText := d.value(referenced).(string)
		text, _ := d.value(f).(string)
		if isText && strings.EqualFold(own, text) {
			return true, nil
		}
	}
	query, args := "SELECT 1 FROM "+target.table+" WHERE "+referenced.column+" = ?", []any{d.value(f)}
	if d.set.CompanySpecific && target.CompanySpecific && referenced.Name != companyField {
		query += " AND " + companyCondition
		args = append(args, d.text(companyField))
	}
	return tx.exists(query, args...)
}

// validateWrite checks the row as a whole.
func (d *draft) validateWrite(log *infolog) {
	for _, f := range d.set.fields {
		value := d.value(f)
		if (f.Mandatory || f.key) && f.canBeBlank() && (value == nil || value == "") {
			log.add("Warning", "Field '%s' must be filled in.", f.label)
		}
	}
	if len(log.segments) > 0 {
		log.add("Warning", "validateWrite failed on data source '%s (%s)'.", d.set.AOT, d.set.AOT)
	}
}

// canBeBlank says that the empty value means "not filled in": the 0 of a number
// and the first member of an enum are values like others.
func (f *field) canBeBlank() bool {
	return f.kind == kindString || f.kind == kindDate || f.kind == kindDateTime
}
