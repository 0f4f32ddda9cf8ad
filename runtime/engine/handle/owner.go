package handle

import (
	"context"
	"fmt"
	"strings"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/record"
)

// Columns and tables of owners, as dual-write's core solution and Dataverse
// name them.
const (
	ownerColumn       = "ownerid"
	teamTable         = "team"
	companyTable      = "cdm_company"
	companyKey        = "cdm_companycode"
	companyTeamColumn = "cdm_defaultowningteam"
)

// owners gives, by company, the column that makes a new Dataverse row belong to
// whom the map says; nothing where the map leaves that to the service. A
// company without owning team leaves its rows to the application user.
func (h *Handler) owners(ctx context.Context, items []*item) (map[string][]record.FieldWrite, error) {
	owner := h.Map.Def.Map.Owner.Name
	if owner == "" {
		return nil, nil
	}
	if h.owner == nil {
		h.owner = map[string][]record.FieldWrite{}
	}
	var ask []value.Value
	asked := map[string]bool{}
	for _, it := range items {
		if !present(it.in.FnO) || present(it.in.Dataverse) {
			continue
		}
		company := it.in.FnO.Company
		if _, known := h.owner[company]; !known && !asked[company] {
			asked[company] = true
			ask = append(ask, value.NewText(company))
		}
	}
	if len(ask) == 0 {
		return h.owner, nil
	}
	teams, err := h.teams(ctx, owner, ask)
	if err != nil {
		return nil, err
	}
	for company := range asked {
		h.owner[company] = nil
		if id := teams[strings.ToLower(company)]; id != "" {
			h.owner[company] = []record.FieldWrite{{Column: ownerColumn, Slot: -1, New: value.NewReference(teamTable, id)}}
		}
	}
	return h.owner, nil
}

// teams finds the owning teams by company code in lower case.
func (h *Handler) teams(ctx context.Context, owner string, companies []value.Value) (map[string]string, error) {
	teams := map[string]string{}
	if name, ok := strings.CutPrefix(owner, "team:"); ok {
		t := h.Env.Target(teamTable, "name")
		if t == nil {
			return nil, fmt.Errorf("map %s: the schema of teams is not part of the deployment", h.Map.Name)
		}
		rows, err := h.Env.Dataverse.Find(ctx, connect.FindQuery{Table: t, Column: "name", Values: []value.Value{value.NewText(name)}, Columns: []string{"name"}})
		if err != nil {
			return nil, fmt.Errorf("find team %q: %w", name, err)
		}
		if len(rows) != 1 {
			return nil, fmt.Errorf("map %s: %d teams are called %q; the owner must be one", h.Map.Name, len(rows), name)
		}
		for _, c := range companies {
			teams[strings.ToLower(c.String())] = rows[0].ID
		}
		return teams, nil
	}
	t := h.Env.Target(companyTable, companyKey, companyTeamColumn)
	if t == nil {
		return nil, fmt.Errorf("map %s: the schema of companies is not part of the deployment", h.Map.Name)
	}
	rows, err := h.Env.Dataverse.Find(ctx, connect.FindQuery{Table: t, Column: companyKey, Values: companies, Columns: []string{companyKey, companyTeamColumn}})
	if err != nil {
		return nil, fmt.Errorf("find the owning teams of companies: %w", err)
	}
	for _, r := range rows {
		if team := r.Values[1]; !team.IsNull() {
			_, id := team.Ref()
			teams[strings.ToLower(r.Values[0].String())] = id
		}
	}
	return teams, nil
}
