package fno

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect/odata"
)

// The answers of the metadata service, as far as they are used.
type (
	entityList struct {
		Value []entityName `json:"value"`
	}
	entityName struct {
		AOT        string `json:"Name"`
		Public     string `json:"PublicEntityName"`
		Collection string `json:"PublicCollectionName"`
		Label      string `json:"LabelText"`
		Served     *bool  `json:"DataServiceEnabled"`
		ReadOnly   bool   `json:"IsReadOnly"`
		Managed    *bool  `json:"DataManagementEnabled"`
	}
	entityDefinition struct {
		Name       string     `json:"Name"`
		Set        string     `json:"EntitySetName"`
		ReadOnly   bool       `json:"IsReadOnly"`
		Properties []property `json:"Properties"`
	}
	property struct {
		Name              string `json:"Name"`
		TypeName          string `json:"TypeName"`
		DataType          string `json:"DataType"`
		IsKey             bool   `json:"IsKey"`
		IsMandatory       bool   `json:"IsMandatory"`
		Enabled           *bool  `json:"ConfigurationEnabled"`
		AllowEdit         bool   `json:"AllowEdit"`
		AllowEditOnCreate bool   `json:"AllowEditOnCreate"`
	}
	enumDefinition struct {
		Name    string `json:"Name"`
		Members []struct {
			Name  string `json:"Name"`
			Value int64  `json:"Value"`
		} `json:"Members"`
	}
)

func (e *enumDefinition) enum() schema.Enum {
	out := schema.Enum{Name: e.Name}
	for _, m := range e.Members {
		out.Members = append(out.Members, schema.Member{Name: m.Name, Value: m.Value})
	}
	slices.SortStableFunc(out.Members, func(a, b schema.Member) int { return cmp.Compare(a.Value, b.Value) })
	return out
}

// Tables implements connect.Connector. Names are entity sets, in any case.
func (c *Connector) Tables(ctx context.Context, sets []string) ([]schema.Table, []schema.Enum, []schema.Unknown, error) {
	if len(sets) == 0 {
		return nil, nil, nil, nil
	}
	var all entityList
	err := c.readMeta(ctx, odata.Request{URL: "DataEntities?$select=Name,PublicEntityName,PublicCollectionName,LabelText,DataServiceEnabled,DataManagementEnabled,IsReadOnly"}, &all)
	if err != nil {
		return nil, nil, nil, c.meta.Explain(err, "list its entities")
	}
	found, unknown := resolve(sets, all.Value)
	lengths, err := c.lengths(ctx, found)
	if err != nil {
		return nil, nil, nil, c.data.Explain(err, "give the lengths of its fields")
	}
	tables := make([]schema.Table, len(found))
	tasks := make([]func(context.Context) error, len(found))
	for i, e := range found {
		tasks[i] = func(ctx context.Context) error {
			var d entityDefinition
			if err := c.readMeta(ctx, odata.Request{URL: "PublicEntities('" + odata.Escape(e.Public) + "')"}, &d); err != nil {
				return c.meta.Explain(err, "describe the entity "+e.Collection)
			}
			tables[i] = d.table(e, lengths[e.Public])
			return nil
		}
	}
	if err := c.host.Scheduler.Run(ctx, parallel, tasks...); err != nil {
		return nil, nil, nil, err
	}
	enums, err := c.enums(ctx, tables)
	if err != nil {
		return nil, nil, nil, err
	}
	slices.SortFunc(tables, func(a, b schema.Table) int { return cmp.Compare(a.Set, b.Set) })
	return tables, enums, unknown, nil
}

// resolve finds the named sets, each once, and the most similar one for names
// that are none.
func resolve(names []string, all []entityName) (found []entityName, unknown []schema.Unknown) {
	all = slices.DeleteFunc(slices.Clone(all), func(e entityName) bool {
		return e.Collection == "" || e.Public == "" || e.Served != nil && !*e.Served
	})
	find := func(name string) (entityName, bool) {
		for _, same := range []func(a, b string) bool{func(a, b string) bool { return a == b }, strings.EqualFold} {
			if i := slices.IndexFunc(all, func(e entityName) bool { return same(e.Collection, name) }); i >= 0 {
				return all[i], true
			}
		}
		return entityName{}, false
	}
	seen := map[string]bool{}
	missing := map[string]bool{}
	for _, name := range names {
		e, ok := find(name)
		switch {
		case !ok:
			missing[name] = true
		case !seen[e.Collection]:
			seen[e.Collection] = true
			found = append(found, e)
		}
	}
	var candidates []string
	for _, e := range all {
		candidates = append(candidates, e.Collection)
	}
	for _, name := range slices.Sorted(maps.Keys(missing)) {
		unknown = append(unknown, schema.Unknown{Side: value.FnO, Name: name, Similar: diag.Suggest(name, candidates)})
	}
	return found, unknown
}

const enumPrefix = "Microsoft.Dynamics.DataEntities."

// table turns the service's words into ours.
func (d *entityDefinition) table(e entityName, lengths map[string]int) schema.Table {
	t := schema.Table{Side: value.FnO, Set: e.Collection, Name: e.Public, AOT: e.AOT, Label: e.Label, ReadOnly: d.ReadOnly || e.ReadOnly,
		NoPackages: e.Managed != nil && !*e.Managed}
	for i := range d.Properties {
		p := &d.Properties[i]
		if p.IsKey {
			t.Key = append(t.Key, p.Name)
			t.CompanySpecific = t.CompanySpecific || p.Name == companyField
		}
		f := p.field()
		f.MaxLength = lengths[p.Name]
		if t.ReadOnly {
			f.OnCreate, f.OnUpdate = false, false
		}
		t.Fields = append(t.Fields, f)
	}
	// The company leads every index of a company-specific table.
	slices.SortStableFunc(t.Key, func(a, b string) int {
		return cmp.Compare(companyRank(a), companyRank(b))
	})
	slices.SortFunc(t.Fields, func(a, b *schema.Field) int { return cmp.Compare(a.Name, b.Name) })
	return t
}

func companyRank(name string) int {
	if name == companyField {
		return 0
	}
	return 1
}

func (p *property) field() *schema.Field {
	f := &schema.Field{
		Name: p.Name, Type: schema.TypeOther, IsKey: p.IsKey, Readable: true,
		OnCreate: p.AllowEditOnCreate, OnUpdate: p.AllowEdit && !p.IsKey, Required: p.IsMandatory && p.AllowEditOnCreate,
	}
	switch p.TypeName {
	case "Edm.String":
		f.Type = schema.TypeText
	case "Edm.Int16", "Edm.Int32", "Edm.Int64":
		f.Type = schema.TypeInteger
	case "Edm.Decimal", "Edm.Double":
		f.Type = schema.TypeDecimal
	case "Edm.Boolean":
		f.Type = schema.TypeBool
	case "Edm.Guid":
		f.Type = schema.TypeGuid
	case "Edm.DateTimeOffset", "Edm.Date":
		f.Type, f.DateOnly = schema.TypeTime, p.DataType == "Date" || p.TypeName == "Edm.Date"
	default:
		if name, ok := strings.CutPrefix(p.TypeName, enumPrefix); ok && (p.DataType == "Enum" || p.DataType == "") {
			f.Type, f.Enum = schema.TypeEnum, name
		}
	}
	// A licence key that is off leaves the field in the metadata but neither
	// read nor written.
	if f.Type == schema.TypeOther || p.Enabled != nil && !*p.Enabled {
		f.Readable, f.OnCreate, f.OnUpdate, f.Required = false, false, false, false
	}
	return f
}

// enums reads the enum types that the fields of some entities have.
func (c *Connector) enums(ctx context.Context, tables []schema.Table) ([]schema.Enum, error) {
	names := map[string]bool{}
	for i := range tables {
		for j := range tables[i].Fields {
			if f := tables[i].Fields[j]; f.Type == schema.TypeEnum {
				names[f.Enum] = true
			}
		}
	}
	sorted := slices.Sorted(maps.Keys(names))
	out := make([]schema.Enum, len(sorted))
	tasks := make([]func(context.Context) error, len(sorted))
	for i, name := range sorted {
		tasks[i] = func(ctx context.Context) error {
			e, err := c.enum(ctx, name)
			if err != nil {
				return c.meta.Explain(err, "describe the enum "+name)
			}
			c.remember(name, e)
			out[i] = e
			return nil
		}
	}
	if err := c.host.Scheduler.Run(ctx, parallel, tasks...); err != nil {
		return nil, err
	}
	return out, nil
}

// lengths reads the lengths of text fields, which only the large metadata
// document of the data service tells, and only in some versions. Where it is
// refused they stay unknown.
func (c *Connector) lengths(ctx context.Context, entities []entityName) (map[string]map[string]int, error) {
	wanted := map[string]bool{}
	for _, e := range entities {
		wanted[e.Public] = true
	}
	if len(wanted) == 0 {
		return nil, nil
	}
	var out map[string]map[string]int
	r := odata.Request{Method: http.MethodGet, URL: "$metadata", Header: http.Header{"Accept": {"application/xml"}}}
	err := c.data.Do(ctx, r, func(response *odata.Response) (err error) {
		out, err = decodeLengths(response.Body, wanted)
		return err
	})
	var service *odata.ServiceError
	if errors.As(err, &service) && service.Status != http.StatusUnauthorized && service.Status != http.StatusForbidden {
		return nil, nil
	}
	return out, err
}
