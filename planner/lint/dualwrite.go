package lint

import (
	"fmt"
	"slices"
	"strings"
)

// DualWriteCheck is a check that Microsoft's dual-write makes.
type DualWriteCheck struct {
	Code string   // "DIPV1012", "map health 900"
	What string   // what it finds, in our words
	By   []string // codes of dw that are no rules of lint
	Note string   // why there is no counterpart, or where it differs
}

// DualWriteChecks gives what dual-write checks when a map is started, and in
// its two health checks (Microsoft Learn: dual-write error codes, map health
// check, configuration health check).
func DualWriteChecks() []DualWriteCheck {
	const (
		services  = "It is about the gateway and the projects of dual-write's own service. dw speaks to both systems itself and has neither."
		undefined = "It stands for an unexpected error. An unexpected error of dw is DW900, with what is known of it."
		unused    = "Microsoft documents no check of this number."
		state     = "dw keeps its state in a file or a database of its own; a state that belongs to other environments is refused."
	)
	return []DualWriteCheck{
		{Code: "DIPV1000", What: "connections of the gateway are invalid", By: []string{"DW401", "DW402", "DW407", "DW411"}, Note: "dw signs in to both systems itself and says which of them refused."},
		{Code: "DIPV1001", What: "unknown exception", By: []string{"DW900"}, Note: undefined},
		{Code: "DIPV1002", What: "global entity against a company-specific table"},
		{Code: "DIPV1003", What: "no integration key", By: []string{"DW012"}},
		{Code: "DIPV1004", What: "key field of a two-way map that goes one way"},
		{Code: "DIPV1005", What: "connection set is damaged", Note: services},
		{Code: "DIPV1006", What: "unknown exception", By: []string{"DW900"}, Note: undefined},
		{Code: "DIPV1007", What: "environment is not in the connection set", Note: services},
		{Code: "DIPV1008", What: "company was renamed or deleted"},
		{Code: "DIPV1009", What: "not documented", Note: unused},
		{Code: "DIPV1010", What: "mandatory field of the receiving side not mapped"},
		{Code: "DIPV1011", What: "field that cannot be written"},
		{Code: "DIPV1012", What: "Dataverse filter that cannot be read or names an unknown column"},
		{Code: "DIPV1013", What: "not documented", Note: unused},
		{Code: "DIPV1014", What: "key field not mapped", By: []string{"DW112"}},
		{Code: "DIPV1015", What: "lookup in the key without the key column of its target"},
		{Code: "DIPV1016", What: "organisation mapping is damaged", Note: services},
		{Code: "DIPV1017", What: "organisation mapping is damaged", Note: services},
		{Code: "DIPV1018", What: "no schema of the source is known"},
		{Code: "DIPV1019", What: "table without row versions (virtual and elastic tables)"},
		{Code: "DIPV1020", What: "no schema of the destination is known"},
		{Code: "DIPV1021", What: "source field left empty", By: []string{"DW012", "DW016"}, Note: "The language takes no field without a source; a value of its own is a `constant`."},
		{Code: "DIPV1022", What: "source field that the schema does not have"},
		{Code: "DIPV1023", What: "field that is a source twice", By: []string{"DW111"}},
		{Code: "DIPV1024", What: "destination field left empty", By: []string{"DW012", "DW016"}, Note: "The language takes no field without a destination."},
		{Code: "DIPV1025", What: "destination field that the schema does not have"},
		{Code: "DIPV1026", What: "field that is a destination twice", By: []string{"DW110"}},
		{Code: "DIPV1027", What: "lookup in the key without the key column of its target"},
		{Code: "DIPV1028", What: "lookup in the key without the key column of its target"},
		{Code: "DIPV1029", What: "the same pair mapped twice", By: []string{"DW110", "DW111"}},
		{Code: "DIPV1030", What: "types that cannot be converted"},
		{Code: "DIPV1031", What: "mandatory field of the destination without a default"},

		{Code: "map health 100", What: "platform too old for events", Note: "dw reads changes by the documented services and needs no platform hook of its own."},
		{Code: "map health 400", What: "no registration for events", Note: "Events only make dw faster; `dw status` says how a map hears of changes."},
		{Code: "map health 500", What: "no configuration of the project", Note: services},
		{Code: "map health 900", What: "F&O filter that is invalid"},
		{Code: "map health 1000", What: "query behind the entity, whose joins and filters cut records off", Note: "dw reads the entity as the service gives it, and `dw verify` compares what it gives."},
		{Code: "map health 1300", What: "virtual field whose changes are not seen", Note: "F&O's metadata does not say which fields are virtual. `dw verify` reads all content and names what has moved unseen."},
		{Code: "map health 1500", What: "data source that is not tracked", Note: "dw tracks entities by their content, not by their tables."},
		{Code: "map health 1600", What: "data source with a range", Note: "The same: what the entity does not give is not in scope."},
		{Code: "map health 1700", What: "one table tracked by several entities", Note: "dw sets up no tracking in F&O."},
		{Code: "map health 1800", What: "hint about tracking", Note: "dw sets up no tracking in F&O."},
		{Code: "map health 1900", What: "hint about tracking", Note: "dw sets up no tracking in F&O."},
		{Code: "map health 5000", What: "synchronous plug-ins on the Dataverse table"},

		{Code: "DWDVEV1001", What: "connection of Dataverse is gone", By: []string{"DW401", "DW407", "DW410"}},
		{Code: "DWFOEV1001", What: "connection of F&O is gone", By: []string{"DW401", "DW407", "DW410"}},
		{Code: "DWDVEV1002", What: "solutions of dual-write missing or old", Note: "dw needs no solution of dual-write. Tables that a solution brings are checked by name."},
		{Code: "DWDVEV1003", What: "company of the link that Dataverse does not know"},
		{Code: "DWFOEV1003", What: "company of the link that F&O does not know"},
		{Code: "DWDVEV1004", What: "rows that an unlinked environment left behind", By: []string{"DW323"}, Note: state},
		{Code: "DWFOEV1004", What: "rows that an unlinked environment left behind", By: []string{"DW323"}, Note: state},
		{Code: "DWFOEV1005", What: "internal state of the link", Note: services},
		{Code: "DWFOEV1006", What: "default team was renamed", Note: "dw finds the team of a company through the company's own row, not by its name."},
		{Code: "DWDVEV1007", What: "company without a default team", Note: "It matters only to maps with `owner = \"company_team\"`; a record whose company has no team is listed with that reason."},
	}
}

// DualWritePage renders the table of dual-write's checks and what takes their
// place.
func DualWritePage() string {
	var b strings.Builder
	b.WriteString("# Checks of dual-write and where they are\n\n" + writtenByTests + `Microsoft's dual-write checks a map when it is started, and offers a health check for maps and one for the link. Most of
these find something that stands in the configuration, so dw finds it before anything is deployed. The others belong to
the machinery of dual-write, which dw does not have.
`)
	for _, part := range []struct{ title, prefix string }{
		{"When a map is started", "DIPV"}, {"Map health check", "map health "}, {"Configuration health check", "DW"},
	} {
		fmt.Fprintf(&b, "\n## %s\n\n| dual-write | what it finds | in dw |\n| --- | --- | --- |\n", part.title)
		for _, c := range DualWriteChecks() {
			if strings.HasPrefix(c.Code, part.prefix) {
				fmt.Fprintf(&b, "| %s | %s | %s |\n", strings.TrimPrefix(c.Code, "map health "), c.What, counterpart(c))
			}
		}
	}
	return b.String()
}

// counterpart names what finds the same in dw, or says why nothing does.
func counterpart(c DualWriteCheck) string {
	var codes []string
	for _, r := range Rules() {
		if slices.Contains(r.Replaces, c.Code) {
			codes = append(codes, fmt.Sprintf("[%s](lint/%s.md)", r.Code, r.Code))
		}
	}
	for _, code := range c.By {
		codes = append(codes, fmt.Sprintf("[%s](codes.md)", code))
	}
	out := strings.Join(codes, ", ")
	switch {
	case out == "":
		return "none. " + c.Note
	case c.Note != "":
		return out + ". " + c.Note
	}
	return out
}
