package dataverse

import (
	"database/sql"
	"net/http"

	"github.com/dualwrite/dw/runtime/sandbox/gate"
)

// create inserts the row of a payload. An id given by the client wins over the
// payload's.
func (x *tx) create(t *table, p *payload) (string, error) {
	if err := x.bindAll(t, p); err != nil {
		return "", err
	}
	r := make(row, len(p.values)+32) // with what the service sets
	for name, v := range p.values {
		if c := t.byName[name]; c == nil || c.Create && c.Type != "StateType" {
			r[name] = v // columns that are not valid for create are ignored without a word
		}
	}
	if p.id != "" {
		r[t.PrimaryID] = p.id
	}
	id, err := x.createRow(t, r)
	if err != nil {
		return "", err
	}
	x.note(gate.OpCreate, t, id)
	return id, nil
}

// createRow inserts a row with its defaults and runs the plug-ins.
func (x *tx) createRow(t *table, r row) (string, error) {
	if r[t.PrimaryID] == nil {
		r[t.PrimaryID] = x.twin.opts.NewID()
	}
	if err := x.runBefore(t, r); err != nil {
		return "", err
	}
	x.fillDefaults(t, r)
	if err := checkStatus(t, r, r); err != nil {
		return "", err
	}
	for _, c := range t.columns {
		if c.Required == "SystemRequired" && c.Create && r[c.LogicalName] == nil {
			return "", cannotBeNull(t, c)
		}
	}
	if err := x.insert(t, r); err != nil {
		return "", err
	}
	id := r[t.PrimaryID].(string)
	if err := x.raise(messageCreate, t, id, r); err != nil {
		return "", err
	}
	return id, x.runAfter(t, id, r)
}

func cannotBeNull(t *table, c *column) error {
	return fail(http.StatusBadRequest, codeInvalidArgument, "Attribute '%s' cannot be NULL on record of type '%s'.", c.LogicalName, t.LogicalName)
}

// fillDefaults sets what the service sets on every new row.
func (x *tx) fillDefaults(t *table, r row) {
	set := func(name string, v any) {
		if c := t.byName[name]; c != nil && r[name] == nil {
			if c.class == classLookup {
				r.setLookup(c, "systemuser", v.(string))
				return
			}
			r[name] = v
		}
	}
	if r[t.PrimaryID] == nil {
		r[t.PrimaryID] = x.twin.opts.NewID()
	}
	if moved, ok := r["overriddencreatedon"].(string); ok && t.has("createdon") {
		r["createdon"] = moved
	}
	set("createdon", x.now)
	set("modifiedon", x.now)
	set("createdby", x.twin.user)
	set("modifiedby", x.twin.user)
	if t.owner != nil {
		set(t.owner.LogicalName, x.twin.user)
		x.fillOwner(t, r)
	}
	for _, c := range t.columns {
		if r[c.LogicalName] != nil {
			continue
		}
		switch c.Type {
		case "StateType":
			r[c.LogicalName] = int64(0)
		case "BooleanType":
			r[c.LogicalName] = int64(0)
		}
	}
	fillStatus(t, r)
}

// fillOwner sets the columns that follow from the owner.
func (x *tx) fillOwner(t *table, r row) {
	id, _ := r[t.owner.LogicalName].(string)
	if id == "" {
		return
	}
	kind := r[t.owner.typeName]
	set := func(name, target, id string) {
		if c := t.byName[name]; c != nil {
			r.setLookup(c, target, id)
		}
	}
	unit := x.twin.unit
	if kind == "team" {
		set("owningteam", "team", id)
		set("owninguser", "", "")
		if teams := x.twin.schema.byName["team"]; teams.has("businessunitid") {
			var u sql.NullString
			// An owner that is being made has no unit yet; the root is right then.
			if err := x.queryRow("SELECT businessunitid FROM "+teams.sqlName()+" WHERE teamid=?", id).Scan(&u); err == nil && u.String != "" {
				unit = u.String
			}
		}
	} else {
		set("owninguser", "systemuser", id)
		set("owningteam", "", "")
	}
	set("owningbusinessunit", "businessunit", unit)
}

// stateColumns are the state and the status of a table, nil where it has none.
func (t *table) stateColumns() (state, status *column) {
	for _, c := range t.columns {
		switch c.Type {
		case "StateType":
			state = c
		case "StatusType":
			status = c
		}
	}
	return state, status
}

// fillStatus gives a row with a state and no status the first status of that
// state.
func fillStatus(t *table, r row) {
	state, status := t.stateColumns()
	if state == nil || status == nil || r[status.LogicalName] != nil || r[state.LogicalName] == nil {
		return
	}
	for _, o := range status.Options {
		if int64(o.State) == r[state.LogicalName] {
			r[status.LogicalName] = int64(o.Value)
			return
		}
	}
}

// checkStatus refuses a status of another state. now is the row as it is, new
// what is written to it.
func checkStatus(t *table, now, new row) error {
	state, status := t.stateColumns()
	if state == nil || status == nil || new[status.LogicalName] == nil || len(status.Options) == 0 {
		return nil
	}
	s := new[state.LogicalName]
	if s == nil {
		s = now[state.LogicalName]
	}
	for _, o := range status.Options {
		if int64(o.Value) == new[status.LogicalName] && int64(o.State) == s {
			return nil
		}
	}
	name := ""
	if n, ok := s.(int64); ok {
		name = state.labels[n]
	}
	return fail(http.StatusBadRequest, codeBadStatus, "%v is not a valid status code for state code %sState.%s on %s with Id %v.",
		new[status.LogicalName], t.LogicalName, name, t.LogicalName, now[t.PrimaryID])
}

// update writes the payload's columns to a row that exists.
func (x *tx) update(t *table, id string, p *payload) error {
	if err := x.bindAll(t, p); err != nil {
		return err
	}
	r := row{}
	for name, v := range p.values {
		c := t.byName[name]
		if c != nil && (!c.Update || c == t.pk) {
			continue // ignored without a word
		}
		if c != nil && c.Required == "SystemRequired" && v == nil {
			return cannotBeNull(t, c)
		}
		r[name] = v
	}
	if len(r) == 0 {
		return nil
	}
	if err := x.updateRow(t, id, r); err != nil {
		return err
	}
	x.note(gate.OpUpdate, t, id)
	return nil
}

// updateRow writes columns with what the service sets beside them.
func (x *tx) updateRow(t *table, id string, r row) error {
	state, status := t.stateColumns()
	if state != nil && status != nil && (r[state.LogicalName] != nil || r[status.LogicalName] != nil) {
		now := row{t.PrimaryID: id}
		var s sql.NullInt64
		if err := x.queryRow("SELECT "+state.sqlName()+" FROM "+t.sqlName()+" WHERE "+t.pk.sqlName()+"=?", id).Scan(&s); err != nil {
			return err
		}
		now[state.LogicalName] = s.Int64
		fillStatus(t, r)
		if err := checkStatus(t, now, r); err != nil {
			return err
		}
	}
	if t.owner != nil && r[t.owner.LogicalName] != nil {
		x.fillOwner(t, r)
	}
	if t.has("modifiedon") {
		r["modifiedon"] = x.now
	}
	if c := t.byName["modifiedby"]; c != nil && c.class == classLookup {
		r.setLookup(c, "systemuser", x.twin.user)
	}
	if err := x.change(t, id, r); err != nil {
		return err
	}
	return x.raise(messageUpdate, t, id, r)
}

// upsert writes a payload to an address: an update where the row exists, else
// a create. Columns of the alternate key do not change by it.
func (x *tx) upsert(a address, p *payload, cond condition) (id string, created bool, err error) {
	id, version, found, err := x.locate(a)
	if err != nil {
		return "", false, err
	}
	if found {
		if err := cond.check(version); err != nil {
			return "", false, err
		}
		if a.key != nil {
			p.dropColumns(a.table, a.key.Columns)
		}
		return id, false, x.update(a.table, id, p)
	}
	if cond.mustExist {
		return "", false, a.missing()
	}
	if a.key == nil {
		p.id = a.id
	} else {
		if err := x.addKey(a, p); err != nil {
			return "", false, err
		}
	}
	id, err = x.create(a.table, p)
	return id, true, err
}

// dropColumns takes columns out of a payload.
func (p *payload) dropColumns(t *table, names []string) {
	for _, name := range names {
		delete(p.values, name)
		kept := p.binds[:0]
		for _, b := range p.binds {
			if t.navigations(b.navigation)[0].column.LogicalName != name {
				kept = append(kept, b)
			}
		}
		p.binds = kept
	}
}

// addKey puts the key values of an address into the payload of a new row; what
// the payload has itself wins.
func (x *tx) addKey(a address, p *payload) error {
	bound := map[string]bool{}
	for _, b := range p.binds {
		bound[a.table.navigations(b.navigation)[0].column.LogicalName] = true
	}
	for name, v := range a.values {
		if _, ok := p.values[name]; ok || bound[name] {
			continue
		}
		c := a.table.byName[name]
		if c.class != classLookup {
			p.values[name] = v
			continue
		}
		ref, err := x.findTarget(a.table, c, v.(string))
		if err != nil {
			return err
		}
		p.values.setLookup(c, ref.table.LogicalName, ref.id)
	}
	return nil
}

// findTarget finds which table a guid in a lookup column belongs to.
func (x *tx) findTarget(t *table, c *column, id string) (reference, error) {
	for _, n := range t.navs {
		if n.column != c {
			continue
		}
		_, _, found, err := x.locate(address{table: n.target, id: id})
		if err != nil {
			return reference{}, err
		}
		if found {
			return reference{n.target, id}, nil
		}
	}
	return reference{}, fail(http.StatusNotFound, codeNotFound, "%s With Id = %s Does Not Exist", firstTarget(c), id)
}

func firstTarget(c *column) string {
	if len(c.Targets) == 0 {
		return "row"
	}
	return c.Targets[0].Table
}

// delete removes a row.
func (x *tx) delete(a address, cond condition) error {
	id, version, found, err := x.locate(a)
	if err != nil {
		return err
	}
	if !found {
		return a.missing()
	}
	if err := cond.check(version); err != nil {
		return err
	}
	if err := x.removeSteps(a.table, id); err != nil {
		return err
	}
	return x.deleteRow(a.table, id)
}

// deleteRow deletes a row that exists after the rows that go with it, each with
// its own event and tombstone.
func (x *tx) deleteRow(t *table, id string) error {
	for _, c := range t.referrers {
		if !c.Cascade {
			continue
		}
		children, err := x.pointingAt(t, c, id)
		if err != nil {
			return err
		}
		for _, child := range children {
			if err := x.deleteRow(t.referrerOf[c], child); err != nil {
				return err
			}
		}
	}
	if err := x.remove(t, id); err != nil {
		return err
	}
	if err := x.raise(messageDelete, t, id, nil); err != nil {
		return err
	}
	x.note(gate.OpDelete, t, id)
	return nil
}
