// Package pull reads the part of both environments' schema that a
// configuration needs.
package pull

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/reach"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/runtime/connect"
)

// companyTable holds the legal entities in Dataverse; every company-specific
// row refers to it.
const companyTable = "cdm_company"

// The standard data entity of F&O's legal entities, and its field of codes.
const (
	legalEntities   = "LegalEntities"
	legalEntityCode = "LegalEntityId"
)

// Catalog reads the entities and tables that the maps name, the tables that
// their mapped lookups point at, hop by hop, the table of teams where one owns
// new rows, and the table of companies where a
// mapped table refers to it, and the codes of F&O's companies. Names that an
// environment does not have are listed as unknown; they are no error.
func Catalog(ctx context.Context, fno, dataverse connect.Connector, maps []*model.Map) (*schema.Catalog, error) {
	var entities, sets []string
	for _, m := range maps {
		entities = append(entities, m.FnO.Name)
		sets = append(sets, m.Dataverse.Name)
	}
	out := &schema.Catalog{}
	var err error
	if out.FnO, out.Enums, out.Unknown, err = fno.Tables(ctx, distinct(entities)); err != nil {
		return nil, fmt.Errorf("read the schema of F&O: %w", err)
	}
	if out.Companies, err = companies(ctx, fno, out.FnO); err != nil {
		return nil, fmt.Errorf("read the companies of F&O: %w", err)
	}
	asked := map[string]bool{} // lower case, since names may be written in any
	for missing := distinct(sets); len(missing) > 0; missing = wanted(maps, out.Dataverse, asked) {
		for _, name := range missing {
			asked[strings.ToLower(name)] = true
		}
		tables, _, unknown, err := dataverse.Tables(ctx, missing)
		if err != nil {
			return nil, fmt.Errorf("read the schema of Dataverse: %w", err)
		}
		for _, t := range tables {
			asked[t.Name] = true
			if schema.FindTable(out.Dataverse, t.Name) == nil {
				out.Dataverse = append(out.Dataverse, t)
			}
		}
		out.Unknown = append(out.Unknown, unknown...)
	}
	sorted := out.Sorted()
	return &sorted, nil
}

// registry is a connector that can say what is registered on tables.
type registry interface {
	Registered(ctx context.Context, tables []string) ([]schema.Registered, error)
}

// Registered adds to a catalog what is registered on the tables that the maps
// name beside dw, where the connector can tell.
func Registered(ctx context.Context, dataverse connect.Connector, maps []*model.Map, cat *schema.Catalog) error {
	r, ok := dataverse.(registry)
	if !ok {
		return nil
	}
	var names []string
	for _, m := range maps {
		if t := schema.FindTable(cat.Dataverse, m.Dataverse.Name); t != nil {
			names = append(names, t.Name)
		}
	}
	found, err := r.Registered(ctx, distinct(names))
	if err != nil {
		return fmt.Errorf("read what is registered on the tables of Dataverse: %w", err)
	}
	cat.Registered = found
	*cat = cat.Sorted()
	return nil
}

// companies reads the codes of the legal entities that the user may see; none
// where the environment does not offer the entity.
func companies(ctx context.Context, fno connect.Connector, known []schema.Table) ([]string, error) {
	t := schema.FindTable(known, legalEntities)
	if t == nil {
		tables, _, _, err := fno.Tables(ctx, []string{legalEntities})
		if err != nil {
			return nil, err
		}
		if t = schema.FindTable(tables, legalEntities); t == nil {
			return nil, nil
		}
	}
	code := t.Field(legalEntityCode)
	if code == nil {
		return nil, nil
	}
	q := connect.Query{Projection: &transform.Projection{Table: t, Columns: []*schema.Field{code}}}
	var out []string
	for {
		page, err := fno.Page(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, r := range page.Rows {
			out = append(out, r.Values[0].Text())
		}
		if q.Resume = page.Next; q.Resume == "" {
			return distinct(out), nil
		}
	}
}

// wanted gives the logical names of tables that lookups lead to and that have
// not been asked for.
func wanted(maps []*model.Map, known []schema.Table, asked map[string]bool) []string {
	var out []string
	find := func(name string) *schema.Table { return schema.FindTable(known, name) }
	for _, m := range maps {
		t := find(m.Dataverse.Name)
		if t == nil {
			continue
		}
		for _, hop := range reach.Map(m, t, find) {
			if !asked[hop.Table] {
				out = append(out, hop.Table)
			}
		}
	}
	// A company-specific target is found by its own company.
	for i := range known {
		for j := range known[i].Fields {
			if known[i].Fields[j].Target(companyTable) != nil && !asked[companyTable] {
				out = append(out, companyTable)
			}
		}
	}
	return distinct(out)
}

// distinct sorts names and leaves out repetitions and blanks.
func distinct(names []string) []string {
	out := slices.DeleteFunc(slices.Clone(names), func(s string) bool { return s == "" })
	slices.Sort(out)
	return slices.Compact(out)
}
