package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/dualwrite"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
)

// mapsTable is the table in which dual-write keeps its maps, a row for each
// version that was saved.
const mapsTable = "msdyn_dualwriteentitymaps"

// mapsColumns are what is read of it.
func mapsColumns() []string {
	return []string{"msdyn_name", "msdyn_displayname", "msdyn_version", "msdyn_mapping", "msdyn_properties"}
}

// ImportLive is ImportMaps of what the link's Dataverse holds. F&O is not
// asked. What the rows say is data: only the files are made of it.
func (s *Session) ImportLive(ctx context.Context, o ImportOptions) (Exchanged, error) {
	out := Exchanged{Sources: s.Sources()}
	if s.Link == nil {
		out.List = s.loaded
		return out, nil
	}
	opts, err := exchangeOptions(o.Dir, o.Labels, o.Schema)
	if err != nil {
		return out, err
	}
	sys, err := s.reach(ctx)
	if err != nil {
		return out, err
	}
	if _, err := sys.dataverse.Identity(ctx); err != nil {
		return out, err
	}
	host := hostOf(sys.at.dataverse)
	found, list, err := liveMaps(ctx, sys.dataverse, host)
	if err != nil {
		return out, err
	}
	out.List = append(out.List, list...)
	newest, list := dualwrite.Newest(found)
	out.List = append(out.List, list...)
	if opts.Catalog, err = withTables(ctx, sys.dataverse, opts.Catalog, newest); err != nil {
		return out, err
	}
	return out, out.write(newest, opts, o)
}

// liveMaps reads all versions of all maps.
func liveMaps(ctx context.Context, c connect.Connector, host string) ([]dualwrite.Record, diag.List, error) {
	tables, _, unknown, err := c.Tables(ctx, []string{mapsTable})
	if err != nil {
		return nil, nil, err
	}
	if len(unknown) > 0 || len(tables) == 0 {
		return nil, nil, notReadable(host, "there is no table "+mapsTable,
			"Dual-write keeps its maps in it. Its core solution (msdyn_DualWriteCore) is not installed in that environment, or this is another environment than the one that dual-write is linked to.",
			"Check the link's dataverse url, or import from a solution zip: dw import -out DIR solution.zip.")
	}
	t := tables[0]
	t.ChangeTracking = false // it is read once
	p := &transform.Projection{Table: &t}
	for _, name := range mapsColumns() {
		if f := t.Field(name); f != nil {
			p.Columns = append(p.Columns, f)
		}
	}
	if p.Index("msdyn_mapping") < 0 {
		return nil, nil, notReadable(host, mapsTable+" has no column msdyn_mapping",
			"The application user may not read the column, or the table is not dual-write's.", "Give its user a security role that may read the table.")
	}
	var records []dualwrite.Record
	var list diag.List
	rows, total := 0, 0
	for q := (connect.Query{Projection: p}); ; {
		page, err := c.Page(ctx, q)
		if err != nil {
			return nil, nil, explainMaps(err, host)
		}
		for _, row := range page.Rows {
			text, err := json.Marshal(rowOf(p, row))
			if err != nil {
				return nil, nil, fmt.Errorf("write a row of %s as JSON: %w", mapsTable, err)
			}
			if total += len(text); total > dualwrite.MaxTotalBytes {
				return nil, nil, diag.Fail(diag.Diagnostic{
					Code: diag.CodeTooLarge, Severity: diag.Error, Address: host, Summary: mapsTable + " is too large",
					Detail: fmt.Sprintf("Its maps have more than %d MB.", dualwrite.MaxTotalBytes>>20), Hint: "Export a solution with a part of the maps, and import that.",
				})
			}
			found, told := dualwrite.Read(mapsTable+"("+row.ID+")", text)
			records, list = append(records, found.Records...), append(list, told...)
		}
		if rows += len(page.Rows); page.Next == "" {
			break
		}
		q.Resume = page.Next
	}
	if rows == 0 {
		list = append(list, diag.Diagnostic{
			Code: diag.CodeNoDualWriteMap, Severity: diag.Error, Address: host, Summary: mapsTable + " has no row: there is no map to import",
			Detail: "Dual-write keeps its maps there. It has none in this environment, or the application user sees none of them.",
			Hint:   "Apply a solution with maps in dual-write, or check the link's dataverse url and the security role of the application user.",
		})
	}
	return records, list, nil
}

// rowOf gives a row as the Web API writes it. The mapping is always there: by
// it a row is known.
func rowOf(p *transform.Projection, row connect.Row) map[string]string {
	out := map[string]string{"msdyn_mapping": ""}
	for i, f := range p.Columns {
		if i < len(row.Values) && row.Values[i].Kind() == value.Text {
			out[f.Name] = row.Values[i].Text()
		}
	}
	return out
}

// withTables adds to a catalog the Dataverse tables that maps name, which it
// does not have.
func withTables(ctx context.Context, c connect.Connector, cat *schema.Catalog, maps []dualwrite.Record) (*schema.Catalog, error) {
	out := &schema.Catalog{}
	if cat != nil {
		*out = *cat
	}
	var sets []string
	for _, m := range maps {
		set := strings.ToLower(m.Mapping.Table)
		if !slices.Contains(sets, set) && out.Table(value.Dataverse, set) == nil {
			sets = append(sets, set)
		}
	}
	// A table that does not exist is no mistake of the import: the check of the
	// maps tells it.
	tables, _, _, err := c.Tables(ctx, sets)
	if err != nil {
		return nil, err
	}
	out.Dataverse = append(slices.Clone(out.Dataverse), tables...)
	sorted := out.Sorted()
	return &sorted, nil
}

// explainMaps says of a refusal what it means for the table of maps.
func explainMaps(err error, host string) error {
	var failure *diag.Failure
	if !errors.As(err, &failure) || !slices.ContainsFunc(failure.List, func(d diag.Diagnostic) bool { return d.Code == diag.CodePrivilegeMissing }) {
		return err
	}
	return notReadable(host, "the application user may not read "+mapsTable, failure.List[0].Detail,
		"Give its user a security role that may read the table Dual Write Entity Map.")
}

func notReadable(host, summary, detail, hint string) error {
	return diag.Fail(diag.Diagnostic{
		Code: diag.CodeMapsNotReadable, Severity: diag.Error, Address: host, Summary: summary, Detail: detail, Hint: hint,
	})
}

// hostOf shows an address without what may stand beside its host.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}
