package dataverse

import (
	"encoding/json"
	"hash/fnv"

	"github.com/dualwrite/dw/runtime/sandbox/catalog"
)

// fingerprint changes with any definition.
func fingerprint(defs []catalog.Table) int64 {
	h := fnv.New64a()
	// Tables hold strings, numbers and slices only, which always encode.
	_ = json.NewEncoder(h).Encode(defs)
	return int64(h.Sum64() % 900_000_000)
}

// withSystemTables adds the tables that every environment has and that the
// twin itself needs, where the catalog does not define them: in the small form
// that its own answers need.
func withSystemTables(defs []catalog.Table) []catalog.Table {
	out := append([]catalog.Table{}, defs...)
	known := map[string]bool{}
	for _, d := range defs {
		known[d.LogicalName] = true
	}
	for _, d := range systemTables() {
		if !known[d.LogicalName] {
			out = append(out, d)
		}
	}
	return out
}

func systemTables() []catalog.Table {
	id := func(name string) catalog.Column {
		return catalog.Column{LogicalName: name, SchemaName: name, Type: "UniqueidentifierType", Required: "SystemRequired", Create: true, Read: true}
	}
	text := func(name string, length int) catalog.Column {
		return catalog.Column{LogicalName: name, SchemaName: name, Type: "StringType", MaxLength: length, Required: "None", Create: true, Update: true, Read: true}
	}
	whole := func(name string) catalog.Column {
		return catalog.Column{LogicalName: name, SchemaName: name, Type: "IntegerType", Required: "None", Update: true, Read: true}
	}
	flag := func(name string) catalog.Column {
		return catalog.Column{LogicalName: name, SchemaName: name, Type: "BooleanType", Required: "None", Create: true, Read: true}
	}
	lookup := func(name, target, nav string) catalog.Column {
		return catalog.Column{LogicalName: name, SchemaName: name, Type: "LookupType", Required: "None", Create: true, Update: true, Read: true,
			Targets: []catalog.Target{{Table: target, NavigationProperty: nav}}}
	}
	return append(webhookTables(), []catalog.Table{
		{LogicalName: "organization", SchemaName: "Organization", EntitySet: "organizations", PrimaryID: "organizationid", PrimaryName: "name", Ownership: "None",
			Columns: []catalog.Column{id("organizationid"), text("name", 160), whole("expirechangetrackingindays"), whole("expiresubscriptionsindays")}},
		{LogicalName: "businessunit", SchemaName: "BusinessUnit", EntitySet: "businessunits", PrimaryID: "businessunitid", PrimaryName: "name", Ownership: "BusinessOwned",
			ChangeTracking: true, OptimisticConcurrency: true,
			Columns: []catalog.Column{id("businessunitid"), text("name", 160), lookup("parentbusinessunitid", "businessunit", "parentbusinessunitid")}},
		{LogicalName: "systemuser", SchemaName: "SystemUser", EntitySet: "systemusers", PrimaryID: "systemuserid", PrimaryName: "fullname", Ownership: "BusinessOwned",
			ChangeTracking: true, OptimisticConcurrency: true,
			Columns: []catalog.Column{id("systemuserid"), text("fullname", 200), lookup("businessunitid", "businessunit", "businessunitid")}},
		{LogicalName: "team", SchemaName: "Team", EntitySet: "teams", PrimaryID: "teamid", PrimaryName: "name", Ownership: "BusinessOwned",
			ChangeTracking: true, OptimisticConcurrency: true,
			Columns: []catalog.Column{id("teamid"), text("name", 160), flag("isdefault"), lookup("businessunitid", "businessunit", "businessunitid")}},
		{LogicalName: "sdkmessage", SchemaName: "SdkMessage", EntitySet: "sdkmessages", PrimaryID: "sdkmessageid", PrimaryName: "name", Ownership: "None",
			Columns: []catalog.Column{id("sdkmessageid"), text("name", 256)}},
		{LogicalName: "sdkmessagefilter", SchemaName: "SdkMessageFilter", EntitySet: "sdkmessagefilters", PrimaryID: "sdkmessagefilterid", PrimaryName: "name", Ownership: "None",
			Columns: []catalog.Column{id("sdkmessagefilterid"), text("primaryobjecttypecode", 128), flag("iscustomprocessingstepallowed"),
				lookup("sdkmessageid", "sdkmessage", "sdkmessageid")}},
	}...)
}
