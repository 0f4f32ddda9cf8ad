package estate

import (
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

// enums are the F&O types of the estate.
func enums() []schema.Enum {
	return []schema.Enum{
		{Name: "NoYes", Members: []schema.Member{{Name: "No"}, {Name: "Yes", Value: 1}}},
		{Name: "EstateBlocked", Members: []schema.Member{{Name: "No"}, {Name: "Invoice", Value: 1}, {Name: "All", Value: 2}}},
		{Name: "EstateUnmapped", Members: []schema.Member{{Name: "None"}, {Name: "First", Value: 1}, {Name: "Second", Value: 2}, {Name: "Third", Value: 3}}},
	}
}

func newTable(side value.Side, set, name string) schema.Table {
	t := schema.Table{Side: side, Set: set, Name: name, Label: name}
	if side == value.Dataverse {
		t.SchemaName, t.PrimaryID, t.Ownership = name, name+"id", "OrganizationOwned"
		t.ChangeTracking, t.OptimisticConcurrency = true, true
		t.Messages = []string{"CreateMultiple", "UpdateMultiple"}
	} else {
		t.AOT = name + "Entity"
	}
	return t
}

// serverColumns are those that Dataverse gives every table.
func serverColumns(t schema.Table) []*schema.Field {
	id := plain(t.PrimaryID, schema.TypeGuid)
	id.OnUpdate = false
	out := []*schema.Field{id}
	for _, name := range []string{"createdby", "modifiedby"} {
		f := lookup(name, "systemuser", "systemusers")
		f.OnCreate, f.OnUpdate = false, false
		out = append(out, f)
	}
	for _, name := range []string{"createdon", "modifiedon"} {
		f := plain(name, schema.TypeTime)
		f.OnCreate, f.OnUpdate = false, false
		out = append(out, f)
	}
	version := plain("versionnumber", schema.TypeInteger)
	version.OnCreate, version.OnUpdate = false, false
	state, status := plain("statecode", schema.TypeChoice), plain("statuscode", schema.TypeChoice)
	state.OnCreate = false
	state.Options = []schema.Option{{Value: 0, Label: "Active"}, {Value: 1, Label: "Inactive"}}
	status.Options = []schema.Option{{Value: 1, Label: "Active"}, {Value: 2, Label: "Inactive"}}
	return append(out, version, state, status)
}

// plain is a column that may be read and written.
func plain(name string, t schema.Type) *schema.Field {
	return &schema.Field{Name: name, Type: t, OnCreate: true, OnUpdate: true, Readable: true}
}

func text(name string, length int) *schema.Field {
	f := plain(name, schema.TypeText)
	f.MaxLength = length
	return f
}

func lookup(name, table, set string) *schema.Field {
	f := plain(name, schema.TypeLookup)
	f.Targets = []schema.Target{{Table: table, Set: set, Navigation: name}}
	return f
}

// field gives the column of a mapped field; what both sides hold is equal in
// kind, length and range.
func (c column) field(name string, side value.Side) *schema.Field {
	onFnO := side == value.FnO
	switch c.kind {
	case key:
		f := text(name, 20)
		if onFnO {
			f.Required, f.OnUpdate, f.IsKey = true, false, true
		}
		return f
	case parent:
		return text(name, 20)
	case blocked:
		if onFnO {
			return enum(name, "EstateBlocked")
		}
		f := plain(name, schema.TypeChoice)
		f.Options = []schema.Option{{Value: 806380000, Label: "No"}, {Value: 806380001, Label: "Invoice"}, {Value: 806380002, Label: "All"}}
		return f
	case amount:
		f := plain(name, schema.TypeDecimal)
		scale := 4
		f.Scale, f.Min, f.Max = &scale, "-1000000000", "1000000000"
		return f
	case count:
		f := plain(name, schema.TypeInteger)
		f.Min, f.Max = "-2147483648", "2147483647"
		return f
	case flag:
		if onFnO {
			return enum(name, "NoYes")
		}
		return plain(name, schema.TypeBool)
	case moment:
		return plain(name, schema.TypeTime)
	default:
		return text(name, 100)
	}
}

func enum(name, of string) *schema.Field {
	f := plain(name, schema.TypeEnum)
	f.Enum = of
	return f
}

// spare gives a column that no map uses.
func spare(name string, i int, side value.Side) *schema.Field {
	switch i % 5 {
	case 0:
		return plain(name, schema.TypeTime)
	case 1:
		if side == value.FnO {
			return enum(name, "EstateUnmapped")
		}
		f := plain(name, schema.TypeChoice)
		f.Options = []schema.Option{{Value: 1, Label: "First"}, {Value: 2, Label: "Second"}, {Value: 3, Label: "Third"}}
		return f
	case 2:
		return column{kind: amount}.field(name, side)
	default:
		return text(name, 60)
	}
}
