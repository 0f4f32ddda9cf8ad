// Package estate writes configurations of any size, with the schema that they
// are checked against, for benchmarks and for tests of how work grows.
package estate

import (
	"fmt"
	"strings"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

// Shape says which maps refer to which.
type Shape string

// The shapes.
const (
	Flat  Shape = "flat"  // to no other map but that of companies
	Tree  Shape = "tree"  // each map to a parent, four children a parent
	Chain Shape = "chain" // each map to the one before it
)

// Shapes gives all of them.
func Shapes() []Shape { return []Shape{Flat, Tree, Chain} }

// Bounds of what can be asked for.
const (
	MinFields = 4
	MaxMaps   = 99_999
	MaxFields = 999
	children  = 4
)

// Options say what to write.
type Options struct {
	Maps    int // beside the map of companies, to which all others refer
	Fields  int // of each map, its key included
	Shape   Shape
	PerFile int // maps of a file; 0: ten
	Columns int // of each entity and table in the schema, at least; 0: forty
}

// Estate is a configuration and its schema. It is valid and gives lint nothing
// to say.
type Estate struct {
	Files  map[string]string // by name
	Schema schema.Catalog
}

// Link is the name of the estate's link.
const Link = "estate"

// New writes an estate. The same options give the same text.
func New(o Options) Estate {
	o.PerFile, o.Columns = or(o.PerFile, 10), or(o.Columns, 40)
	o.Fields = max(o.Fields, MinFields)
	e := Estate{Files: map[string]string{"estate.dw.hcl": head}}
	e.Schema = schema.Catalog{Enums: enums(), Companies: []string{"DEMF", "USMF"}}
	e.Schema.FnO = append(e.Schema.FnO, legalEntities())
	e.Schema.Dataverse = append(e.Schema.Dataverse, companies())
	var b strings.Builder
	for i := range o.Maps {
		t := thing{number: i, parent: o.parent(i), fields: o.fields()}
		t.write(&b)
		e.Schema.FnO = append(e.Schema.FnO, t.entity(o.Columns))
		e.Schema.Dataverse = append(e.Schema.Dataverse, t.table(o.Columns))
		if (i+1)%o.PerFile == 0 || i+1 == o.Maps {
			e.Files[fmt.Sprintf("maps_%05d.dw.hcl", i/o.PerFile)] = b.String()
			b.Reset()
		}
	}
	e.Schema = e.Schema.Sorted()
	return e
}

func or(n, otherwise int) int {
	if n <= 0 {
		return otherwise
	}
	return n
}

// parent gives the map that a map refers to; -1 is none.
func (o Options) parent(i int) int {
	switch {
	case i == 0:
		return -1
	case o.Shape == Tree:
		return (i - 1) / children
	case o.Shape == Chain:
		return i - 1
	default:
		return -1
	}
}

const head = `# An estate that dw has written to measure itself.

link "estate" {
  sandbox {}
  companies = ["USMF", "DEMF"]
}

enum "blocked" {
  values    = { No = 806380000, Invoice = 806380001, All = 806380002 }
  otherwise = "fail"
}

map "companies" {
  fno       = "LegalEntities"
  dataverse = "cdm_companies"
  key       = ["LegalEntityId"]

  fields "to_dataverse" {
    LegalEntityId = "cdm_companycode"
    Name          = "cdm_name"
  }
}
`

// legalEntities and companies are the tables of the map in the head.
func legalEntities() schema.Table {
	t := newTable(value.FnO, "LegalEntities", "LegalEntity")
	t.Key = []string{"LegalEntityId"}
	id := text("LegalEntityId", 4)
	id.Required, id.OnUpdate, id.IsKey = true, false, true
	t.Fields = []*schema.Field{id, text("Name", 160)}
	return t
}

func companies() schema.Table {
	t := newTable(value.Dataverse, "cdm_companies", "cdm_company")
	t.Keys = []schema.Key{{Name: "cdm_companycode_key", Columns: []string{"cdm_companycode"}, Status: "Active"}}
	t.PrimaryName = "cdm_name"
	t.Fields = append(serverColumns(t), text("cdm_companycode", 4), text("cdm_name", 160))
	return t
}
