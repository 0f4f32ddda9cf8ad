package plan

import (
	"reflect"
	"strings"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/value"
)

// Schema gives the JSON Schema (draft 2020-12) of the plan's JSON form, made
// from the types so that it cannot say anything else than they do.
func Schema() map[string]any {
	return SchemaOf(reflect.TypeFor[Plan](), "plan.schema.json", "A plan of dw, format version "+FormatVersion, closedSets())
}

// SchemaOf gives the JSON Schema of a struct by its json tags. File is its name
// under docs; closed names the texts that take one of a few values, by type and
// JSON name ("Action.kind").
func SchemaOf(t reflect.Type, file, title string, closed map[string][]string) map[string]any {
	g := schemaMaker{defs: map[string]any{}, closed: closed}
	root := g.object(t)
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["$id"] = "https://github.com/dualwrite/dw/docs/" + file
	root["title"] = title
	root["$defs"] = g.defs
	return root
}

// closedSets names the texts that take one of a few values, by type and JSON
// name.
func closedSets() map[string][]string {
	var kinds []string
	for _, k := range Kinds() {
		kinds = append(kinds, string(k))
	}
	var outcomes []string
	for _, o := range Outcomes() {
		outcomes = append(outcomes, string(o))
	}
	return map[string][]string{
		"Danger.code":      DangerCodes(),
		"Reading.via":      {ViaOData, ViaPackage},
		"Reading.why":      ReadingReasons(),
		"Route.via":        {ViaOData, ViaPackage},
		"Route.why":        RouteReasons(),
		"Verdict.outcome":  outcomes,
		"Violation.effect": {string(model.Approve), string(model.Deny)},
		"Action.kind":      kinds,
		"Change.kind":      {string(Create), string(Update), string(Destroy)},
		"Reason.code":      ReasonCodes(),
	}
}

// schemaMaker turns Go types into JSON Schema.
type schemaMaker struct {
	defs   map[string]any
	closed map[string][]string
}

func (g *schemaMaker) of(t reflect.Type) map[string]any {
	switch {
	case t == reflect.TypeFor[value.Value]():
		// A value says its type by its form: null, true, "text", or a short
		// array with a tag.
		return map[string]any{"description": "a value of a record or literal, in the stored form of dw"}
	case t == reflect.TypeFor[Delivers]():
		return map[string]any{"type": "object", "additionalProperties": map[string]any{"type": []string{"string", "array"}, "items": map[string]any{"type": "string"}}}
	case t.Kind() == reflect.Pointer:
		return g.of(t.Elem())
	case t.Kind() == reflect.Slice:
		return map[string]any{"type": "array", "items": g.of(t.Elem())}
	case t.Kind() == reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": g.of(t.Elem())}
	case t.Kind() == reflect.Struct:
		// Names of packages keep schema.Field and model.Field apart.
		name := t.String()
		if _, known := g.defs[name]; !known {
			g.defs[name] = map[string]any{} // stands in for itself while it is made
			g.defs[name] = g.object(t)
		}
		return map[string]any{"$ref": "#/$defs/" + name}
	case t.Kind() == reflect.String:
		return map[string]any{"type": "string"}
	case t.Kind() == reflect.Float64:
		return map[string]any{"type": "number"}
	case t.Kind() == reflect.Bool:
		return map[string]any{"type": "boolean"}
	default:
		return map[string]any{"type": "integer"}
	}
}

// object describes a struct by the names and options of its json tags.
func (g *schemaMaker) object(t reflect.Type) map[string]any {
	properties := map[string]any{}
	var required []string
	for i := range t.NumField() {
		name, options, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if name == "-" || name == "" {
			continue
		}
		s := g.of(t.Field(i).Type)
		if set := g.closed[t.Name()+"."+name]; set != nil {
			s = map[string]any{"type": "string", "enum": set}
		}
		properties[name] = s
		if !strings.Contains(options, "omit") {
			required = append(required, name)
			if t.Field(i).Type.Kind() == reflect.Slice {
				s["type"] = []string{"array", "null"} // an empty list may be written either way
			}
		}
	}
	out := map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		out["required"] = required
	}
	return out
}
