package dataverse

import (
	"database/sql"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/dualwrite/dw/runtime/sandbox/catalog"
	"github.com/dualwrite/dw/runtime/sandbox/odata"
)

// address is one row as a URL or a bind names it: by primary id, or by an
// alternate key.
type address struct {
	table  *table
	id     string // "" where the address is by alternate key
	key    *catalog.Key
	values row // of the key's columns
}

// parseAddress reads a key predicate, without its parentheses.
func parseAddress(t *table, text string) (address, error) {
	parts, err := odata.ParseKey(text)
	if err != nil {
		return address{}, err
	}
	if len(parts) == 1 && (parts[0].Name == "" || parts[0].Name == t.primaryKeyName()) {
		id, ok := parseGUID(parts[0].Value.Text)
		if !ok {
			return address{}, badRequest("Cannot convert the literal '%.100s' to the expected type 'Edm.Guid'.", parts[0].Value.Text)
		}
		return address{table: t, id: id}, nil
	}
	byColumn := map[string]odata.Literal{}
	for _, p := range parts {
		c := t.byProperty[p.Name]
		if c == nil {
			return address{}, t.invalidKey()
		}
		byColumn[c.LogicalName] = p.Value
	}
	for i := range t.Keys {
		k := &t.Keys[i]
		if k.Status != "Active" || len(k.Columns) != len(byColumn) {
			continue
		}
		values := row{}
		for _, name := range k.Columns {
			lit, ok := byColumn[name]
			if !ok {
				break
			}
			v, err := keyValue(t, t.byName[name], lit)
			if err != nil {
				return address{}, err
			}
			values[name] = v
		}
		if len(values) == len(k.Columns) {
			return address{table: t, key: k, values: values}, nil
		}
	}
	return address{}, t.invalidKey()
}

// primaryKeyName is the name that stands for the primary id in a key
// predicate. Users and teams inherit theirs from principal.
func (t *table) primaryKeyName() string {
	if t.LogicalName == "systemuser" || t.LogicalName == "team" {
		return "ownerid"
	}
	return t.PrimaryID
}

func (t *table) invalidKey() error {
	return fail(http.StatusBadRequest, codeKeyNotDefined,
		"The key in the request URI is not valid for resource 'Microsoft.Dynamics.CRM.%s'. Ensure that the names and number of key properties match the declared or alternate key properties for the resource 'Microsoft.Dynamics.CRM.%s'.", t.LogicalName, t.LogicalName)
}

// keyValue is the stored form of a literal of a key.
func keyValue(t *table, c *column, lit odata.Literal) (any, error) {
	wrong := badRequest("Cannot convert the literal '%.100s' to the expected type '%s'.", lit.Text, edmType(c))
	switch c.class {
	case classText:
		if lit.Kind != odata.String {
			return nil, wrong
		}
		if strings.ContainsAny(lit.Text, `/<>*%&:\?+`) {
			return nil, fail(http.StatusBadRequest, codeOData, "A potentially dangerous Request.Path value was detected from the client: the value of the key column %s of %s has one of / < > * %% & : \\ ? +", c.LogicalName, t.LogicalName)
		}
		return lit.Text, nil
	case classGUID, classLookup:
		if id, ok := parseGUID(lit.Text); ok {
			return id, nil
		}
	case classDateTime:
		if lit.Kind == odata.DateTimeLiteral {
			return formatTime(lit.Time), nil
		}
	case classDate:
		if lit.Kind == odata.DateLiteral {
			return lit.Time.Format(time.DateOnly), nil
		}
	case classDecimal:
		if s, ok := roundDecimal(lit.Text, storedScale(c.Column), storedScale(c.Column)); ok && lit.Kind == odata.Numeral {
			return s, nil
		}
	default:
		if lit.Kind == odata.Numeral {
			return lit.Text, nil // SQLite's affinity makes it a number
		}
	}
	return nil, wrong
}

// missing is the error for a row that is not there.
func (a address) missing() error {
	if a.key != nil {
		return missingKey(a.table)
	}
	return missingRow(a.table, a.id)
}

// where is the condition that finds the row.
func (a address) where() (string, []any) {
	if a.key == nil {
		return a.table.pk.sqlName() + "=?", []any{a.id}
	}
	var terms []string
	var args []any
	for _, name := range a.key.Columns {
		terms = append(terms, quoteName(name)+"=?")
		args = append(args, a.values[name])
	}
	return strings.Join(terms, " AND "), args
}

// locate finds the id and the version of a row.
func (x *tx) locate(a address) (id string, version int64, found bool, err error) {
	where, args := a.where()
	var v sql.NullInt64
	err = x.queryRow("SELECT "+a.table.pk.sqlName()+", versionnumber FROM "+a.table.sqlName()+" WHERE "+where, args...).Scan(&id, &v)
	if errors.Is(err, sql.ErrNoRows) {
		return "", 0, false, nil
	}
	return id, v.Int64, err == nil, err
}

// reference is the target of a bind.
type reference struct {
	table *table
	id    string
}

// resolve finds the row that the value of a bind names: "/accounts(guid)",
// "accounts(key='v')" or the full URL of either.
func (x *tx) resolve(from *table, text string) (reference, error) {
	if ref, ok := x.targets[text]; ok {
		return ref, nil
	}
	set, key, ok := splitRowURL(text)
	if !ok {
		return reference{}, badPayload(from, "The URI '%.200s' is not valid since it does not name one row.", text)
	}
	target := x.twin.schema.bySet[set]
	if target == nil {
		return reference{}, badPayload(from, "Resource not found for the segment '%.100s'.", set)
	}
	a, err := parseAddress(target, key)
	if err != nil {
		return reference{}, err
	}
	id, _, found, err := x.locate(a)
	if err != nil {
		return reference{}, err
	}
	if !found {
		return reference{}, a.missing()
	}
	ref := reference{target, id}
	if len(x.targets) < 100_000 {
		x.targets[text] = ref
	}
	return ref, nil
}

// splitRowURL reads "/accounts(guid)", "accounts(key='v')" or the full URL of
// either.
func splitRowURL(text string) (set, key string, ok bool) {
	const api = "/api/data/v9."
	if i := strings.Index(text, api); i >= 0 {
		_, text, _ = strings.Cut(text[i+len(api):], "/")
	}
	set, key, keyed, err := odata.SplitSegment(strings.TrimPrefix(text, "/"))
	return set, key, err == nil && keyed
}

// rowURL is the address of a row.
func rowURL(base string, t *table, id string) string {
	return base + t.EntitySet + "(" + id + ")"
}

// unescapedKey is how the service repeats a key URL.
func unescapedKey(segment string) string {
	if s, err := url.PathUnescape(segment); err == nil {
		return s
	}
	return segment
}
