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
		dualWriteMaps(id("msdyn_dualwriteentitymapid"), text),
	}...)
}

// dualWriteMaps is the table in which Microsoft's dual-write keeps its maps, a
// row for each version, with the columns that its public solutions carry. The
// twin keeps what is put there; nothing reads it but clients.
func dualWriteMaps(id catalog.Column, text func(string, int) catalog.Column) catalog.Table {
	long := func(name string) catalog.Column {
		c := text(name, 1<<20)
		c.Type = "MemoType"
		return c
	}
	choice := func(name, kind string, options ...catalog.Option) catalog.Column {
		return catalog.Column{LogicalName: name, SchemaName: name, Type: kind, Required: "None", Create: true, Update: true, Read: true, Options: options}
	}
	return catalog.Table{
		LogicalName: "msdyn_dualwriteentitymap", SchemaName: "msdyn_dualwriteentitymap", EntitySet: "msdyn_dualwriteentitymaps",
		PrimaryID: id.LogicalName, PrimaryName: "msdyn_name", Ownership: "OrganizationOwned",
		Columns: []catalog.Column{
			id, text("msdyn_name", 200), text("msdyn_displayname", 200), text("msdyn_version", 100), long("msdyn_mapping"), long("msdyn_properties"),
			choice("statecode", "StateType", catalog.Option{Value: 0, Label: "Active"}, catalog.Option{Value: 1, Label: "Inactive"}),
			choice("statuscode", "StatusType", catalog.Option{Value: 1, Label: "Active", State: 0}, catalog.Option{Value: 2, Label: "Inactive", State: 1}),
		},
	}
}
