package schema

import "github.com/dualwrite/dw/lang/value"

// ModifiedNames gives the names under which the tables of a side show when a
// record was last edited, most trusted first. Dataverse gives every table that
// people edit the column modifiedon. F&O keeps the time with its tables, and an
// entity shows it where its maker has added the field: under the name that the
// designer proposes, with a number where that was taken, or under one that
// Microsoft's own entities use.
func ModifiedNames(side value.Side) []string {
	if side == value.Dataverse {
		return []string{"modifiedon"}
	}
	return []string{"ModifiedDateTime", "ModifiedDateTime1", "SystemModifiedDateTime", "System_ModifiedDateTime", "LastModifiedDateTime"}
}

// Modified gives the column that says when a record was last edited; nil where
// the table has none that can be read.
func (t *Table) Modified() *Field {
	for _, name := range ModifiedNames(t.Side) {
		if f := t.Field(name); f != nil && f.Type == TypeTime && !f.DateOnly && f.Readable {
			return f
		}
	}
	return nil
}
