package dataverse

import (
	"net/http"
	"slices"

	"github.com/dualwrite/dw/runtime/sandbox/odata"
)

// relationships are those of all tables. The twin has none of many to many.
func (q *request) relationships() []object {
	var out []object
	for _, t := range q.twin.schema.tables {
		out = append(out, relationshipsOf(t, q.twin.schema)...)
	}
	return out
}

// relationshipDefinitions answers RelationshipDefinitions, one of them by
// SchemaName or MetadataId, and their cast.
func (q *request) relationshipDefinitions(key string, keyed bool, rest []string) error {
	const kind = "OneToManyRelationshipMetadata"
	if len(rest) > 1 {
		return noSegment(rest[1])
	}
	m, err := readMetadataOptions(q.options)
	if err != nil {
		return err
	}
	values := q.relationships()
	if len(rest) == 1 {
		switch rest[0] {
		case "Microsoft.Dynamics.CRM." + kind:
		case "Microsoft.Dynamics.CRM.ManyToManyRelationshipMetadata":
			values = nil
		default:
			return noSegment(rest[0])
		}
	}
	if len(m.expand) > 0 {
		return badRequest("The twin does not expand relationship definitions.")
	}
	if keyed {
		parts, err := odata.ParseKey(key)
		if err != nil {
			return err
		}
		values = slices.DeleteFunc(values, func(o object) bool { return !isNamed(o, parts, "SchemaName") })
	}
	if values, err = q.matching(m.filter, kind, values); err != nil {
		return err
	}
	out := []object{}
	for _, v := range values {
		picked, err := m.pick(v, kind)
		if err != nil {
			return err
		}
		out = append(out, picked)
	}
	context := q.base + "$metadata#RelationshipDefinitions"
	if keyed {
		if len(out) == 0 {
			return fail(http.StatusNotFound, codeNotFound, "Could not find a relationship with the specified key: %.100s.", key)
		}
		out[0]["@odata.context"] = context + "/$entity"
		writeJSON(q.w, http.StatusOK, out[0])
		return nil
	}
	writeJSON(q.w, http.StatusOK, object{"@odata.context": context, "value": out})
	return nil
}

// globalOptionSets answers GlobalOptionSetDefinitions: none, since each choice
// of the twin belongs to its column.
func (q *request) globalOptionSets(keyed bool) error {
	if keyed {
		return fail(http.StatusNotFound, codeNotFound, "Could not find an option set with the specified key.")
	}
	writeJSON(q.w, http.StatusOK, object{"@odata.context": q.base + "$metadata#GlobalOptionSetDefinitions", "value": []object{}})
	return nil
}
