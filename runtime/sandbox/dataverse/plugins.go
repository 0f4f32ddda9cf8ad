package dataverse

import (
	"database/sql"
	"errors"
	"fmt"
)

// Plugin is server-side logic that runs in the transaction of a create. What
// it writes bumps row versions as any write does, but is not part of the
// request log, since it does not come over HTTP.
type Plugin interface {
	// Table is the logical name of the table whose creates run the plug-in.
	Table() string
	// BeforeCreate may set columns of the row: stored values by logical name.
	BeforeCreate(s *Service, row map[string]any) error
	// AfterCreate runs when the row exists.
	AfterCreate(s *Service, id string, row map[string]any) error
}

// StandardPlugins are those that dual-write's tables rely on: business unit and
// owner team of a company, unit group and base unit of a unit, and the default
// team of a business unit.
func StandardPlugins() []Plugin {
	return []Plugin{companyPlugin{}, businessUnitPlugin{}, unitPlugin{}}
}

// Service is what a plug-in can do with the environment.
type Service struct{ x *tx }

// Has tells whether a table has a column.
func (s *Service) Has(table, column string) bool {
	t := s.x.twin.schema.byName[table]
	return t != nil && t.has(column)
}

// Find finds the oldest row whose column has a value.
func (s *Service) Find(table, column string, value any) (id string, found bool, err error) {
	if !s.Has(table, column) {
		return "", false, nil
	}
	t := s.x.twin.schema.byName[table]
	err = s.x.queryRow("SELECT "+t.pk.sqlName()+" FROM "+t.sqlName()+" WHERE "+quoteName(column)+"=? ORDER BY versionnumber LIMIT 1", value).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	return id, err == nil, err
}

// Label is the label of a choice's value, or the text itself.
func (s *Service) Label(table, column string, value any) string {
	t := s.x.twin.schema.byName[table]
	if n, ok := value.(int64); ok && t != nil && t.has(column) {
		return t.byName[column].labels[n]
	}
	text, _ := value.(string)
	return text
}

// Create makes a row from what of the values the table has columns for, and
// runs the plug-ins of its table. Lookups hold the guid of their first target.
func (s *Service) Create(table string, values map[string]any) (string, error) {
	t := s.x.twin.schema.byName[table]
	if t == nil {
		return "", fmt.Errorf("a plug-in makes a row of %s, which the catalog does not have", table)
	}
	r := row{}
	for name, v := range values {
		if c := t.byName[name]; c != nil {
			if id, ok := v.(string); ok && c.class == classLookup {
				r.setLookup(c, firstTarget(c), id)
				continue
			}
			r[name] = v
		}
	}
	s.x.silent++
	defer func() { s.x.silent-- }()
	return s.x.createRow(t, r)
}

// Update sets what of the values the table has columns for.
func (s *Service) Update(table, id string, values map[string]any) error {
	t := s.x.twin.schema.byName[table]
	r := row{}
	for name, v := range values {
		if c := t.byName[name]; c != nil {
			if id, ok := v.(string); ok && c.class == classLookup {
				r.setLookup(c, firstTarget(c), id)
				continue
			}
			r[name] = v
		}
	}
	if len(r) == 0 {
		return nil
	}
	return s.x.updateRow(t, id, r)
}

func (x *tx) runBefore(t *table, r row) error {
	for _, p := range x.twin.opts.Plugins {
		if p.Table() == t.LogicalName {
			if err := p.BeforeCreate(&Service{x}, r); err != nil {
				return err
			}
		}
	}
	return nil
}

func (x *tx) runAfter(t *table, id string, r row) error {
	for _, p := range x.twin.opts.Plugins {
		if p.Table() == t.LogicalName {
			if err := p.AfterCreate(&Service{x}, id, r); err != nil {
				return err
			}
		}
	}
	return nil
}

// companyPlugin gives a new company a business unit with an owner team, both
// named after its code, and makes the team its default owning team (dual-write
// documentation, "Organization hierarchy in Dataverse").
type companyPlugin struct{}

func (companyPlugin) Table() string { return "cdm_company" }

func (companyPlugin) BeforeCreate(*Service, map[string]any) error { return nil }

func (companyPlugin) AfterCreate(s *Service, id string, row map[string]any) error {
	code, _ := row["cdm_companycode"].(string)
	if code == "" {
		return nil
	}
	unit, found, err := s.Find("businessunit", "name", code)
	if err != nil {
		return err
	}
	if !found {
		if unit, err = s.Create("businessunit", map[string]any{"name": code, "parentbusinessunitid": s.x.twin.unit}); err != nil {
			return err
		}
	}
	team, found, err := s.Find("team", "businessunitid", unit)
	if err != nil {
		return err
	}
	if !found {
		if team, err = newTeam(s, code, unit); err != nil {
			return err
		}
	}
	if !s.Has("cdm_company", "cdm_defaultowningteam") || row["cdm_defaultowningteam"] != nil {
		return nil
	}
	return s.Update("cdm_company", id, map[string]any{"cdm_defaultowningteam": team})
}

// businessUnitPlugin gives every business unit its default team.
type businessUnitPlugin struct{}

func (businessUnitPlugin) Table() string { return "businessunit" }

func (businessUnitPlugin) BeforeCreate(*Service, map[string]any) error { return nil }

func (businessUnitPlugin) AfterCreate(s *Service, id string, row map[string]any) error {
	name, _ := row["name"].(string)
	_, err := newTeam(s, name, id)
	return err
}

func newTeam(s *Service, name, unit string) (string, error) {
	return s.Create("team", map[string]any{"name": name, "businessunitid": unit, "teamtype": int64(0), "isdefault": int64(1),
		"administratorid": s.x.twin.user})
}

// unitPlugin puts a unit without a unit group into the group of its class. The
// group is made with its first unit, which becomes the base unit of those that
// follow (dual-write documentation, "Unit of measure").
type unitPlugin struct{}

func (unitPlugin) Table() string { return "uom" }

func (unitPlugin) BeforeCreate(s *Service, row map[string]any) error {
	class := s.Label("uom", "msdyn_externalunitclassname", row["msdyn_externalunitclassname"])
	if row["uomscheduleid"] != nil || class == "" {
		return nil
	}
	group, found, err := s.Find("uomschedule", "name", class)
	if err != nil {
		return err
	}
	if !found {
		if group, err = s.Create("uomschedule", map[string]any{"name": class, "baseuomname": row["name"]}); err != nil {
			return err
		}
	}
	row["uomscheduleid"] = group
	if row["quantity"] == nil && s.Has("uom", "quantity") {
		row["quantity"] = "1.0000000000"
	}
	base, found, err := s.Find("uom", "uomscheduleid", group)
	if err != nil {
		return err
	}
	switch {
	case found && row["baseuom"] == nil && s.Has("uom", "baseuom"):
		row["baseuom"] = base
	case !found && s.Has("uom", "isschedulebaseuom"):
		row["isschedulebaseuom"] = int64(1)
	}
	return nil
}

func (unitPlugin) AfterCreate(*Service, string, map[string]any) error { return nil }
