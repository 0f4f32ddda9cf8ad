package estate

import (
	"fmt"
	"strings"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

// kind is what a mapped field carries.
type kind uint8

const (
	key kind = iota
	parent
	blocked // by a value map
	mail    // by an expression
	amount
	count
	flag
	moment
	words
)

// column is one mapped field; both names have its number, so that they are
// told apart.
type column struct {
	kind   kind
	number int
}

// fields gives the mapped fields of every map: one of each kind, the rest text.
func (o Options) fields() []column {
	out := make([]column, o.Fields)
	for i := range out {
		out[i] = column{kind(min(i, int(words))), i}
	}
	return out
}

// thing is one map with its entity and table.
type thing struct {
	number, parent int // parent -1: none
	fields         []column
}

func (t thing) name() string       { return fmt.Sprintf("thing_%05d", t.number) }
func (t thing) entityName() string { return fmt.Sprintf("EstateThing%05d", t.number) }
func (t thing) tableName() string  { return logical(t.number) }

func logical(number int) string { return fmt.Sprintf("est_thing%05d", number) }

// names gives the F&O field and the Dataverse column, a lookup with its path.
func (t thing) names(c column) (fno, dataverse string) {
	switch c.kind {
	case key:
		return "ThingNumber", "est_thingnumber"
	case parent:
		if t.parent < 0 {
			return "ParentName", "est_parentname"
		}
		return "ParentThingNumber", "est_parentthing.est_thingnumber"
	case blocked:
		return "BlockedState", "est_blockedstate"
	case mail:
		return "PrimaryContactEmail", "est_primarycontactemail"
	case amount:
		return "CreditLimitAmount", "est_creditlimitamount"
	case count:
		return "NumberOfEmployees", "est_numberofemployees"
	case flag:
		return "IsOneTimeThing", "est_isonetimething"
	case moment:
		return "LastInspectedDateTime", "est_lastinspecteddatetime"
	default:
		return fmt.Sprintf("DescriptionLine%03d", c.number), fmt.Sprintf("est_descriptionline%03d", c.number)
	}
}

// write adds the map in the language, laid out as dw fmt would.
func (t thing) write(b *strings.Builder) {
	if b.Len() > 0 {
		b.WriteByte('\n')
	}
	fmt.Fprintf(b, "map %q {\n  fno       = \"%ss\"\n  dataverse = \"%ss\"\n  key       = [\"ThingNumber\"]\n\n", t.name(), t.entityName(), t.tableName())
	b.WriteString("  fields \"both\" {\n")
	wide := 0
	plain := func(c column) bool { return c.kind != blocked && c.kind != mail }
	for _, c := range t.fields {
		if name, _ := t.names(c); plain(c) {
			wide = max(wide, len(name))
		}
	}
	for _, c := range t.fields {
		if fno, dataverse := t.names(c); plain(c) {
			fmt.Fprintf(b, "    %-*s = %q\n", wide, fno, dataverse)
		}
	}
	b.WriteString("  }\n")
	for _, c := range t.fields {
		fno, dataverse := t.names(c)
		switch c.kind {
		case blocked:
			fmt.Fprintf(b, "\n  field %q {\n    fno    = %q\n    values = enum.blocked\n  }\n", dataverse, fno)
		case mail:
			// Every other one goes both ways, so that lint has to try whether it
			// settles; one that changes values would be told of.
			way := "to_fno       = value"
			forth := `value == null ? null : value`
			if t.number%2 == 0 {
				way, forth = "direction    = \"to_dataverse\"", "lower(trimspace(value))"
			}
			fmt.Fprintf(b, "\n  field %q {\n    fno          = %q\n    to_dataverse = %s\n    %s\n  }\n", dataverse, fno, forth, way)
		}
	}
	b.WriteString("}\n")
}

// entity gives the F&O entity set with at least so many columns.
func (t thing) entity(columns int) schema.Table {
	out := newTable(value.FnO, t.entityName()+"s", t.entityName())
	out.CompanySpecific = true
	out.Key = []string{"dataAreaId", "ThingNumber"}
	company := text("dataAreaId", 4)
	company.Required, company.OnUpdate, company.IsKey = true, false, true
	out.Fields = append(out.Fields, company)
	for _, c := range t.fields {
		name, _ := t.names(c)
		out.Fields = append(out.Fields, c.field(name, value.FnO))
	}
	for i := 0; len(out.Fields) < columns; i++ {
		out.Fields = append(out.Fields, spare(fmt.Sprintf("UnmappedProperty%03d", i), i, value.FnO))
	}
	return out
}

// table gives the Dataverse table with at least so many columns.
func (t thing) table(columns int) schema.Table {
	out := newTable(value.Dataverse, t.tableName()+"s", t.tableName())
	out.PrimaryName = "est_thingnumber"
	out.Keys = []schema.Key{{Name: "est_thing_key", Columns: []string{"est_company", "est_thingnumber"}, Status: "Active"}}
	out.Fields = append(serverColumns(out), lookup("est_company", schema.CompanyTable, "cdm_companies"))
	for _, c := range t.fields {
		_, path := t.names(c)
		name, _, isLookup := strings.Cut(path, ".")
		if isLookup {
			out.Fields = append(out.Fields, lookup(name, logical(t.parent), logical(t.parent)+"s"))
			continue
		}
		out.Fields = append(out.Fields, c.field(name, value.Dataverse))
	}
	for i := 0; len(out.Fields) < columns; i++ {
		out.Fields = append(out.Fields, spare(fmt.Sprintf("est_unmappedcolumn%03d", i), i, value.Dataverse))
	}
	return out
}
