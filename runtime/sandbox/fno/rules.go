package fno

import (
	"fmt"
	"strings"
)

// rules are what the real entities do to a row beyond storing it. Recorded
// answers of real environments show each of them.
type rules struct {
	sequences []sequence
}

// sequence numbers a field that a create leaves empty.
type sequence struct {
	entitySet  string // "" every set that has the field
	field      string
	perCompany bool
	format     string // of the company in capitals (where per company) and the number
}

// nameAliasLength is where a search name is cut.
const nameAliasLength = 20

func standardRules() rules {
	return rules{sequences: []sequence{
		{entitySet: "CustomersV3", field: "CustomerAccount", perCompany: true, format: "%s-%06d"},
		{entitySet: "VendorsV2", field: "VendorAccountNumber", perCompany: true, format: "%s-%06d"},
		{field: "PartyNumber", format: "%09d"},
	}}
}

// singleTask tells that the imports of an entity cannot be cut into tasks.
func (r rules) singleTask(s *set) bool { return s.EntitySet == "CustomersV3" }

// appliesTo gives the field that the sequence numbers in a set, nil where none.
func (q sequence) appliesTo(s *set) *field {
	if q.entitySet != "" && q.entitySet != s.EntitySet {
		return nil
	}
	f := s.byName[q.field]
	if f == nil || f.kind != kindString || q.perCompany && !s.CompanySpecific {
		return nil
	}
	return f
}

// onCreate is initValue and defaultRow of a create.
func (r rules) onCreate(tx *transaction, d *draft) error {
	for _, q := range r.sequences {
		f := q.appliesTo(d.set)
		if f == nil || d.value(f) != nil {
			continue
		}
		number, err := q.next(tx, d, f)
		if err != nil {
			return err
		}
		d.put(f, number)
	}
	if f := d.set.byName["NameAlias"]; f != nil && d.value(f) == nil {
		if name := d.name(); name != "" {
			d.put(f, name)
		}
	}
	r.onWrite(d)
	return nil
}

// onWrite rewrites what every write sets.
func (r rules) onWrite(d *draft) {
	if f := d.set.byName["NameAlias"]; f != nil && f.kind == kindString {
		if runes := []rune(d.text(f.Name)); len(runes) > nameAliasLength {
			d.put(f, strings.TrimRight(string(runes[:nameAliasLength]), " "))
		}
	}
	if f := d.set.byName["LanguageId"]; f != nil && f.kind == kindString {
		if language, region, ok := strings.Cut(d.text(f.Name), "-"); ok && len(language) == 2 && len(region) == 2 {
			d.put(f, strings.ToLower(language)+"-"+strings.ToUpper(region))
		}
	}
}

// name is what a party is called.
func (d *draft) name() string {
	for _, property := range []string{"OrganizationName", "VendorOrganizationName"} {
		if text := d.text(property); text != "" {
			return text
		}
	}
	if person := strings.TrimSpace(d.text("PersonFirstName") + " " + d.text("PersonLastName")); person != "" {
		return person
	}
	return d.text("Name")
}

// next draws the next number that no row has yet.
func (q sequence) next(tx *transaction, d *draft, f *field) (string, error) {
	company := ""
	where := f.column + " = ?"
	if q.perCompany {
		company = d.text(companyField)
		where = companyCondition + " AND " + where
	}
	name := q.entitySet + "." + q.field + "." + company
	for {
		var n int64
		err := tx.QueryRowContext(tx.ctx, `INSERT INTO "_number_sequences" (name, last) VALUES (?, 1)
			ON CONFLICT (name) DO UPDATE SET last = last + 1 RETURNING last`, name).Scan(&n)
		if err != nil {
			return "", fmt.Errorf("number sequence %s: %w", name, err)
		}
		number := q.number(company, n)
		args := []any{number}
		if q.perCompany {
			args = []any{company, number}
		}
		taken, err := tx.exists("SELECT 1 FROM "+d.set.table+" WHERE "+where, args...)
		if err != nil || !taken {
			return number, err
		}
	}
}

func (q sequence) number(company string, n int64) string {
	if q.perCompany {
		return fmt.Sprintf(q.format, strings.ToUpper(company), n)
	}
	return fmt.Sprintf(q.format, n)
}

// indexes make the search for free numbers quick.
func (r rules) indexes(sets []*set) []string {
	var statements []string
	for _, q := range r.sequences {
		for _, s := range sets {
			f := q.appliesTo(s)
			if f == nil || f.key {
				continue
			}
			columns := f.column
			if q.perCompany {
				columns = `"` + companyField + `", ` + columns
			}
			statements = append(statements, fmt.Sprintf(`CREATE INDEX IF NOT EXISTS "%s_%s_number" ON %s (%s)`, s.EntitySet, f.Name, s.table, columns))
		}
	}
	return statements
}
