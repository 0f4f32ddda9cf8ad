package dataverse

import (
	"bytes"
	"net/http"

	"github.com/go-json-experiment/json/jsontext"
)

// post answers POST set: 204 with the address of the new row, or 201 with the
// row where it is asked for.
func (q *request) post(t *table) error {
	body, err := readBody(q.r)
	if err != nil {
		return err
	}
	p, err := parsePayload(t, body)
	if err != nil {
		return err
	}
	answer := func(x *tx) error {
		id, err := x.create(t, p)
		if err != nil {
			return err
		}
		return q.within(x).written(http.StatusCreated, t, id, rowURL(q.base, t, id))
	}
	return q.write(answer)
}

// patch answers PATCH set(key), by the conditions an update or an upsert.
func (q *request) patch(a address, segment string) error {
	cond, err := readCondition(q.r.Header, a.table)
	if err != nil {
		return err
	}
	body, err := readBody(q.r)
	if err != nil {
		return err
	}
	p, err := parsePayload(a.table, body)
	if err != nil {
		return err
	}
	return q.write(func(x *tx) error {
		id, created, err := x.upsert(a, p, cond)
		if err != nil {
			return err
		}
		status := http.StatusOK
		if created {
			status = http.StatusCreated
		}
		// By an alternate key the address is repeated as it came, without guid.
		location := rowURL(q.base, a.table, id)
		if a.key != nil {
			location = q.base + unescapedKey(segment)
		}
		return q.within(x).written(status, a.table, id, location)
	})
}

// delete answers DELETE set(key).
func (q *request) delete(a address) error {
	cond, err := readCondition(q.r.Header, a.table)
	if err != nil {
		return err
	}
	cond.mustNotExist = false
	return q.write(func(x *tx) error {
		if err := x.delete(a, cond); err != nil {
			return err
		}
		return q.noContent(x)
	})
}

// setProperty answers PUT and DELETE of set(key)/property.
func (q *request) setProperty(a address, c *column) error {
	if c.class == classLookup {
		return noSegment(c.property)
	}
	var value any
	if q.r.Method == http.MethodPut {
		body, err := readBody(q.r)
		if err != nil {
			return err
		}
		found := false
		err = eachMember(body, func(name string, v jsontext.Value) error {
			if name != "value" {
				return nil
			}
			found = true
			value, err = parseValue(a.table, c, v)
			return err
		})
		if err != nil {
			return asPayloadError(a.table, err)
		}
		if !found {
			return badPayload(a.table, "The member 'value' is missing.")
		}
	}
	return q.updateOnly(a, &payload{values: row{c.LogicalName: value}})
}

// setReference answers PUT and DELETE of set(key)/navigation/$ref.
func (q *request) setReference(a address, navigation string) error {
	b := bind{navigation: navigation}
	if q.r.Method == http.MethodPut {
		body, err := readBody(q.r)
		if err != nil {
			return err
		}
		p := &payload{values: row{}}
		if err := eachMember(body, func(name string, v jsontext.Value) error { return p.member(a.table, name, v) }); err != nil {
			return asPayloadError(a.table, err)
		}
		if p.odataID == "" {
			return badPayload(a.table, "The annotation '@odata.id' is missing.")
		}
		b.target = p.odataID
	}
	return q.updateOnly(a, &payload{values: row{}, binds: []bind{b}})
}

// updateOnly updates a row that has to exist.
func (q *request) updateOnly(a address, p *payload) error {
	cond, err := readCondition(q.r.Header, a.table)
	if err != nil {
		return err
	}
	cond.mustExist, cond.mustNotExist = true, false
	return q.write(func(x *tx) error {
		if _, _, err := x.upsert(a, p, cond); err != nil {
			return err
		}
		return q.noContent(x)
	})
}

// answerLater is what a write answers once it is committed.
type answerLater struct {
	header http.Header
	status int
	body   []byte
}

func (a *answerLater) Header() http.Header { return a.header }

func (a *answerLater) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func (a *answerLater) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	a.body = append(a.body, p...)
	return len(p), nil
}

// write runs f in a transaction; what it answers is sent after the commit, so
// that no client hears of a write that is not durable.
func (q *request) write(f func(*tx) error) error {
	later := &answerLater{header: http.Header{}}
	w := q.w
	q.w = later
	err := q.twin.inTx(q.r.Context(), func(x *tx) error {
		x.request = q.facts()
		return f(x)
	})
	q.w = w
	if err != nil {
		return err
	}
	for name, values := range later.header {
		w.Header()[name] = values
	}
	w.WriteHeader(later.status)
	_, _ = w.Write(later.body)
	return nil
}

// within gives the request the transaction to read from.
func (q *request) within(x *tx) *request {
	inner := *q
	inner.r = q.r.WithContext(x.ctx)
	return &inner
}

// noContent answers 204.
func (q *request) noContent(*tx) error {
	q.w.Header().Set("OData-Version", "4.0")
	q.w.WriteHeader(http.StatusNoContent)
	return nil
}

// written answers a create or an update.
func (q *request) written(status int, t *table, id, location string) error {
	if !q.prefs.representation {
		h := q.w.Header()
		h.Set("OData-EntityId", location)
		h.Set("Location", location)
		h.Set("OData-Version", "4.0")
		q.w.WriteHeader(http.StatusNoContent)
		return nil
	}
	// $expand is ignored here, as the service does.
	sel := newQuery(q.twin.schema, t, q.prefs)
	text, ok := q.options["$select"]
	if err := sel.selectAll(text, ok); err != nil {
		return err
	}
	body, version, err := q.row(sel, address{table: t, id: id})
	if err != nil {
		return err
	}
	q.w.Header().Set("ETag", formatETag(version))
	q.prefs.apply(q.w.Header())
	q.sendRow(status, t, sel, body)
	return nil
}

// asPayloadError makes JSON errors those of a payload.
func asPayloadError(t *table, err error) error {
	if _, ok := err.(*apiError); ok {
		return err
	}
	return badPayload(t, "%v", err)
}

// bulk answers CreateMultiple, UpdateMultiple, UpsertMultiple and
// DeleteMultiple: all rows or none.
func (q *request) bulk(t *table, message string) error {
	if message == "DeleteMultiple" {
		return fail(http.StatusBadRequest, codeNoSuchMessage, "DeleteMultiple has not yet been implemented.")
	}
	if !t.offers(message) {
		return fail(http.StatusBadRequest, codeNoSuchMessage, "The '%s' method does not support entities of type '%s'. MessageProcessorCache returned MessageProcessor.Empty.", message, t.LogicalName)
	}
	body, err := readBody(q.r)
	if err != nil {
		return err
	}
	targets, err := parseTargets(t, body)
	if err != nil {
		return err
	}
	return q.write(func(x *tx) error {
		switch message {
		case "CreateMultiple":
			return q.createMultiple(x, t, targets)
		case "UpdateMultiple":
			err = x.updateMultiple(t, targets)
		default:
			err = x.upsertMultiple(t, targets)
		}
		if err != nil {
			return err
		}
		return q.noContent(x)
	})
}

// parseTargets reads {"Targets":[…]}.
func parseTargets(t *table, body []byte) ([]*payload, error) {
	var targets []*payload
	found := false
	// Names that stand twice in a row are found when the row is read.
	dec := jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(true))
	err := members(dec, func(name string, v jsontext.Value) error {
		if name != "Targets" {
			return badPayload(t, "The parameter '%.100s' in the request payload is not a valid parameter for the operation.", name)
		}
		if found {
			return badPayload(t, "The parameter 'Targets' is in the request payload more than once.")
		}
		found = true
		return eachElement(v, func(e jsontext.Value) error {
			p, err := parsePayload(t, e)
			if err != nil {
				return err
			}
			if p.odataType == "" {
				return badPayload(t, "A type named '' could not be resolved by the model. Each of the Targets needs '@odata.type'.")
			}
			if p.odataType != "Microsoft.Dynamics.CRM."+t.LogicalName {
				return badPayload(t, "The type '%.100s' is not 'Microsoft.Dynamics.CRM.%s'.", p.odataType, t.LogicalName)
			}
			targets = append(targets, p)
			return nil
		})
	})
	if err != nil {
		return nil, asPayloadError(t, err)
	}
	if !found || len(targets) == 0 {
		return nil, badPayload(t, "The required parameter 'Targets' is missing or empty.")
	}
	return targets, nil
}

func (q *request) createMultiple(x *tx, t *table, targets []*payload) error {
	ids := make([]string, len(targets))
	for i, p := range targets {
		id, err := x.create(t, p)
		if isDuplicate(err) {
			return fail(http.StatusPreconditionFailed, codeDuplicateID, "Cannot insert duplicate key.")
		}
		if err != nil {
			return err
		}
		ids[i] = id
	}
	writeJSON(q.w, http.StatusOK, map[string]any{
		"@odata.context": q.base + "$metadata#Microsoft.Dynamics.CRM.CreateMultipleResponse", "Ids": ids})
	return nil
}

func isDuplicate(err error) bool {
	e, ok := err.(*apiError)
	return ok && e.code == codeDuplicateID
}

// target is the row that an element of Targets names.
func (p *payload) target(t *table) (address, error) {
	if p.odataID == "" {
		if p.id == "" {
			return address{}, badPayload(t, "Each of the Targets needs the column '%s' or '@odata.id'.", t.PrimaryID)
		}
		return address{table: t, id: p.id}, nil
	}
	set, key, ok := splitRowURL(p.odataID)
	if !ok || set != t.EntitySet {
		return address{}, badPayload(t, "The '@odata.id' '%.200s' does not name a row of %s.", p.odataID, t.EntitySet)
	}
	return parseAddress(t, key)
}

func (x *tx) updateMultiple(t *table, targets []*payload) error {
	done := map[string]bool{}
	for _, p := range targets {
		a, err := p.target(t)
		if err != nil {
			return err
		}
		id, _, found, err := x.locate(a)
		if err != nil {
			return err
		}
		if !found {
			if a.key != nil {
				return a.missing()
			}
			return fail(http.StatusNotFound, codeNotFound, "%s With Ids = %s Do Not Exist", t.SchemaName, a.id)
		}
		if done[id] {
			continue // the first of several for one row wins, without a word
		}
		done[id] = true
		if a.key != nil {
			p.dropColumns(t, a.key.Columns)
		}
		if err := x.update(t, id, p); err != nil {
			return err
		}
	}
	return nil
}

func (x *tx) upsertMultiple(t *table, targets []*payload) error {
	done := map[string]bool{}
	for _, p := range targets {
		a, err := p.target(t)
		if err != nil {
			return err
		}
		_, _, found, err := x.locate(a)
		if err != nil {
			return err
		}
		if !found && a.key != nil && p.names(t, a.key.Columns) {
			return fail(http.StatusBadRequest, codeUnexpected, "An unexpected error occurred.")
		}
		id, _, err := x.upsert(a, p, condition{})
		if err != nil {
			return err
		}
		if done[id] {
			return duplicateID()
		}
		done[id] = true
	}
	return nil
}

// names tells whether a payload sets one of the columns.
func (p *payload) names(t *table, columns []string) bool {
	for _, name := range columns {
		if _, ok := p.values[name]; ok {
			return true
		}
		for _, b := range p.binds {
			if t.navigations(b.navigation)[0].column.LogicalName == name {
				return true
			}
		}
	}
	return false
}
