package dataverse

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/dualwrite/dw/runtime/sandbox/batch"
	"github.com/dualwrite/dw/runtime/sandbox/odata"
)

// maxURL limits an address; within a batch twice as much is taken.
const maxURL = 32768

// request is one request with what its address and its headers say.
type request struct {
	twin    *Twin
	w       http.ResponseWriter
	r       *http.Request
	base    string // https://host/api/data/v9.2/
	path    string // what follows base, escaped, without the query
	options map[string]string
	prefs   preferences
}

// root is the address without a path.
func (t *Twin) root(r *http.Request) string {
	if t.opts.BaseURL != "" {
		return t.opts.BaseURL
	}
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// batchKey marks the requests within a batch.
type batchKey struct{}

// ServeHTTP serves the Web API under /api/data/v9.0/ to v9.2/.
func (t *Twin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.EscapedPath()
	version, rest, ok := strings.Cut(strings.TrimPrefix(path, "/api/data/"), "/")
	if !strings.HasPrefix(path, "/api/data/") || version != "v9.0" && version != "v9.1" && version != "v9.2" {
		t.writeError(w, r, fail(http.StatusNotFound, "0x0", "No HTTP resource was found that matches the request URI '%.200s'.", path))
		return
	}
	if !ok {
		rest = ""
	}
	q := &request{twin: t, w: w, r: r, base: t.root(r) + "/api/data/" + version + "/", path: rest, prefs: readPreferences(r.Header)}
	if err := q.serve(); err != nil {
		t.writeError(w, r, err)
	}
}

func (q *request) serve() error {
	limit := maxURL
	if q.r.Context().Value(batchKey{}) != nil {
		limit *= 2
	}
	if len(q.r.URL.RequestURI()) > limit {
		return fail(http.StatusRequestURITooLong, "0x0", "The address of the request is longer than %d characters.", limit)
	}
	var err error
	if q.options, err = odata.ParseQuery(q.r.URL.RawQuery); err != nil {
		return err
	}
	segments := strings.Split(q.path, "/")
	name, key, keyed, err := odata.SplitSegment(segments[0])
	if err != nil {
		return err
	}
	switch name {
	case "$batch":
		return q.batch()
	case "":
		return q.only(http.MethodGet, q.serviceDocument)
	case "$metadata":
		return q.only(http.MethodGet, q.csdl)
	case "WhoAmI":
		return q.only(http.MethodGet, q.whoAmI)
	case "RetrieveTotalRecordCount":
		return q.only(http.MethodGet, func() error { return q.totalRecordCount(key) })
	case "RetrieveMetadataChanges":
		return q.only(http.MethodGet, func() error { return q.metadataChanges(key) })
	case "EntityDefinitions":
		return q.only(http.MethodGet, func() error { return q.entityDefinitions(key, keyed, segments[1:]) })
	case "RelationshipDefinitions":
		return q.only(http.MethodGet, func() error { return q.relationshipDefinitions(key, keyed, segments[1:]) })
	case "GlobalOptionSetDefinitions":
		return q.only(http.MethodGet, func() error { return q.globalOptionSets(keyed) })
	}
	t := q.twin.schema.bySet[name]
	if t == nil {
		return fail(http.StatusNotFound, codeOData, "Resource not found for the segment '%.100s'.", name)
	}
	if !keyed {
		return q.set(t, segments[1:])
	}
	a, err := parseAddress(t, key)
	if err != nil {
		return err
	}
	return q.rowAt(a, segments)
}

// only calls f for requests with a method.
func (q *request) only(method string, f func() error) error {
	if q.r.Method != method {
		return methodNotAllowed(q.r.Method)
	}
	return f()
}

// set serves an entity set.
func (q *request) set(t *table, rest []string) error {
	if len(rest) == 0 {
		switch q.r.Method {
		case http.MethodGet:
			return q.list(t)
		case http.MethodPost:
			return q.post(t)
		}
		return methodNotAllowed(q.r.Method)
	}
	if len(rest) > 1 {
		return noSegment(rest[1])
	}
	if rest[0] == "$count" {
		return q.only(http.MethodGet, func() error { return q.countOnly(t) })
	}
	if message, ok := strings.CutPrefix(rest[0], "Microsoft.Dynamics.CRM."); ok {
		switch message {
		case "CreateMultiple", "UpdateMultiple", "UpsertMultiple", "DeleteMultiple":
			return q.only(http.MethodPost, func() error { return q.bulk(t, message) })
		}
	}
	return noSegment(rest[0])
}

func noSegment(name string) error {
	return fail(http.StatusNotFound, codeOData, "Resource not found for the segment '%.100s'.", name)
}

// rowAt serves one row.
func (q *request) rowAt(a address, segments []string) error {
	switch len(segments) {
	case 1:
		switch q.r.Method {
		case http.MethodGet:
			return q.one(a)
		case http.MethodPatch:
			return q.patch(a, segments[0])
		case http.MethodDelete:
			return q.delete(a)
		}
		return methodNotAllowed(q.r.Method)
	case 2:
		if len(a.table.navigations(segments[1])) > 0 {
			return q.only(http.MethodGet, func() error { return q.navigate(a, segments[1], false) })
		}
		c := a.table.byProperty[segments[1]]
		if c == nil || !c.Read {
			return noSegment(segments[1])
		}
		switch q.r.Method {
		case http.MethodGet:
			return q.property(a, c)
		case http.MethodPut, http.MethodDelete:
			return q.setProperty(a, c)
		}
		return methodNotAllowed(q.r.Method)
	case 3:
		if navs := a.table.navigations(segments[1]); len(navs) > 0 && segments[2] == "$ref" {
			switch q.r.Method {
			case http.MethodGet:
				return q.navigate(a, segments[1], true)
			case http.MethodPut, http.MethodDelete:
				return q.setReference(a, segments[1])
			}
			return methodNotAllowed(q.r.Method)
		}
	}
	return noSegment(segments[1])
}

// batch serves $batch.
func (q *request) batch() error {
	ctx := context.WithValue(q.r.Context(), batchKey{}, true)
	batch.Serve(q.w, q.r.WithContext(ctx), batch.Config{
		Syntax:      batch.Syntax{Strict: true, MaxOperations: 1000},
		Handler:     q.twin,
		Begin:       func(ctx context.Context) (batch.Transaction, error) { return q.twin.begin(ctx) },
		Fail:        q.twin.failBatch,
		NewBoundary: q.twin.requestID,
		StopAtError: true,
	})
	return nil
}

// serviceDocument answers GET of the root.
func (q *request) serviceDocument() error {
	type set struct {
		Name string `json:"name"`
		Kind string `json:"kind"`
		URL  string `json:"url"`
	}
	sets := []set{}
	for _, t := range q.twin.schema.tables {
		sets = append(sets, set{t.EntitySet, "EntitySet", t.EntitySet})
	}
	writeJSON(q.w, http.StatusOK, map[string]any{"@odata.context": q.base + "$metadata", "value": sets})
	return nil
}

// whoAmI answers who the client is.
func (q *request) whoAmI() error {
	writeJSON(q.w, http.StatusOK, map[string]string{
		"@odata.context": q.base + "$metadata#Microsoft.Dynamics.CRM.WhoAmIResponse",
		"BusinessUnitId": q.twin.unit, "UserId": q.twin.user, "OrganizationId": q.twin.org,
	})
	return nil
}

// argument resolves a parameter of a function: its value, or the query
// parameter that its alias names.
func (q *request) argument(arguments, name string) (string, bool, error) {
	for _, part := range splitArguments(arguments) {
		key, value, ok := strings.Cut(part, "=")
		if !ok || strings.TrimSpace(key) != name {
			continue
		}
		value = strings.TrimSpace(value)
		if !strings.HasPrefix(value, "@") {
			return value, true, nil
		}
		text, ok := q.options[value]
		if !ok {
			return "", false, badRequest("The parameter alias '%.50s' is not assigned.", value)
		}
		return text, true, nil
	}
	return "", false, nil
}

// splitArguments cuts at commas outside quotes and brackets.
func splitArguments(s string) []string {
	var out []string
	depth, start, quoted := 0, 0, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\'':
			quoted = !quoted
		case quoted:
		case c == '[' || c == '{' || c == '(':
			depth++
		case c == ']' || c == '}' || c == ')':
			depth--
		case c == ',' && depth == 0:
			out = append(out, s[start:i])
			start = i + 1
		}
	}
	return append(out, s[start:])
}

// textList reads ['a','b'], with either kind of quotes.
func textList(s string) ([]string, error) {
	inner, ok := strings.CutPrefix(strings.TrimSpace(s), "[")
	inner, ok2 := strings.CutSuffix(inner, "]")
	if !ok || !ok2 {
		return nil, badRequest("A list such as ['account'] was expected in place of '%.100s'.", s)
	}
	var out []string
	for _, part := range splitArguments(inner) {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		if len(part) < 2 || part[0] != part[len(part)-1] || part[0] != '\'' && part[0] != '"' {
			return nil, badRequest("A quoted text was expected in place of '%.100s'.", part)
		}
		out = append(out, part[1:len(part)-1])
	}
	return out, nil
}

// totalRecordCount answers RetrieveTotalRecordCount(EntityNames=['account']).
func (q *request) totalRecordCount(arguments string) error {
	text, ok, err := q.argument(arguments, "EntityNames")
	if err != nil {
		return err
	}
	if !ok {
		return badRequest("The parameter EntityNames of RetrieveTotalRecordCount is missing.")
	}
	names, err := textList(text)
	if err != nil {
		return err
	}
	counts := []int64{}
	for _, name := range names {
		t := q.twin.schema.byName[name]
		if t == nil {
			return fail(http.StatusNotFound, codeNotFound, "The entity with a name = '%.100s' was not found in the MetadataCache.", name)
		}
		var n int64
		if err := q.scan(q.reader(), &n, "SELECT count(*) FROM "+t.sqlName()); err != nil {
			return err
		}
		counts = append(counts, n)
	}
	writeJSON(q.w, http.StatusOK, map[string]any{
		"@odata.context": q.base + "$metadata#Microsoft.Dynamics.CRM.RetrieveTotalRecordCountResponse",
		"EntityRecordCountCollection": map[string]any{
			"Count": len(names), "IsReadOnly": false, "Keys": names, "Values": counts},
	})
	return nil
}

// csdl answers $metadata: types, properties, keys and navigation properties.
func (q *request) csdl() error {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="utf-8"?><edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>` +
		`<Schema Namespace="Microsoft.Dynamics.CRM" Alias="mscrm" xmlns="http://docs.oasis-open.org/odata/ns/edm"><EntityType Name="crmbaseentity" Abstract="true" />`)
	for _, t := range q.twin.schema.tables {
		fmt.Fprintf(&b, `<EntityType Name="%s" BaseType="mscrm.crmbaseentity"><Key><PropertyRef Name="%s" /></Key>`, escapeXML(t.LogicalName), escapeXML(t.PrimaryID))
		for _, c := range t.columns {
			if !c.Read || t.isTypeColumn(c) {
				continue
			}
			scale := ""
			if c.class == classDecimal {
				scale = ` Scale="Variable"`
			}
			fmt.Fprintf(&b, `<Property Name="%s" Type="%s"%s />`, escapeXML(c.property), edmType(c), scale)
		}
		seen := map[string]bool{}
		for _, n := range t.navs {
			if seen[n.name] {
				continue
			}
			seen[n.name] = true
			kind := n.target.LogicalName
			if len(t.navigations(n.name)) > 1 {
				kind = "crmbaseentity"
			}
			fmt.Fprintf(&b, `<NavigationProperty Name="%s" Type="mscrm.%s" Nullable="true"><ReferentialConstraint Property="%s" ReferencedProperty="%s" /></NavigationProperty>`,
				escapeXML(n.name), escapeXML(kind), escapeXML(n.column.property), escapeXML(n.target.PrimaryID))
		}
		b.WriteString(`</EntityType>`)
	}
	b.WriteString(`<EntityContainer Name="System">`)
	for _, t := range q.twin.schema.tables {
		fmt.Fprintf(&b, `<EntitySet Name="%s" EntityType="Microsoft.Dynamics.CRM.%s" />`, escapeXML(t.EntitySet), escapeXML(t.LogicalName))
	}
	b.WriteString(`</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>`)
	h := q.w.Header()
	h.Set("Content-Type", "application/xml")
	h.Set("OData-Version", "4.0")
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	_, _ = q.w.Write([]byte(b.String()))
	return nil
}

var xmlEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")

func escapeXML(s string) string { return xmlEscaper.Replace(s) }
