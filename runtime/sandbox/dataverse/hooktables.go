package dataverse

import "github.com/dualwrite/dw/runtime/sandbox/catalog"

// webhookTables are the tables by which webhooks and plug-ins are registered
// (Dataverse developer documentation, "Register a webhook" and the reference of
// tables), with the columns that a registration uses, and the duplicate
// detection rules. The twin runs neither plug-ins nor rules of duplicates: it
// keeps their registrations, for those who look.
func webhookTables() []catalog.Table {
	column := func(name, kind string, required bool) catalog.Column {
		c := catalog.Column{LogicalName: name, SchemaName: name, Type: kind, Required: "None", Create: true, Update: true, Read: true}
		if required {
			c.Required = "SystemRequired"
		}
		return c
	}
	text := func(name string, length int, required bool) catalog.Column {
		c := column(name, "StringType", required)
		c.MaxLength = length
		return c
	}
	choice := func(name, kind string, required bool, options ...catalog.Option) catalog.Column {
		c := column(name, kind, required)
		c.Options = options
		return c
	}
	lookup := func(name string, required bool, targets ...catalog.Target) catalog.Column {
		c := column(name, "LookupType", required)
		c.Targets = targets
		return c
	}
	whole := column("rank", "IntegerType", true)
	whole.Min, whole.Max = "-2147483648", "2147483647"
	secret := text("authvalue", 2048, false)
	secret.Read = false // write-only
	common := func(id string, columns ...catalog.Column) []catalog.Column {
		key := catalog.Column{LogicalName: id, SchemaName: id, Type: "UniqueidentifierType", Required: "SystemRequired", Create: true, Read: true}
		out := append([]catalog.Column{key}, columns...)
		for _, name := range []string{"createdon", "modifiedon"} {
			out = append(out, catalog.Column{LogicalName: name, SchemaName: name, Type: "DateTimeType", Required: "None", Read: true})
		}
		return append(out, catalog.Column{LogicalName: "versionnumber", SchemaName: "versionnumber", Type: "BigIntType", Required: "None", Read: true})
	}
	return []catalog.Table{
		{LogicalName: "serviceendpoint", SchemaName: "ServiceEndpoint", EntitySet: "serviceendpoints", PrimaryID: "serviceendpointid", PrimaryName: "name",
			Ownership: "OrganizationOwned",
			Columns: common("serviceendpointid", text("name", 256, true), text("url", 2000, false), text("description", 256, false), secret,
				choice("contract", "PicklistType", true, catalog.Option{Value: 1, Label: "OneWay"}, catalog.Option{Value: 2, Label: "Queue"},
					catalog.Option{Value: 3, Label: "Rest"}, catalog.Option{Value: 4, Label: "TwoWay"}, catalog.Option{Value: 5, Label: "Topic"},
					catalog.Option{Value: 6, Label: "Queue (Persistent)"}, catalog.Option{Value: 7, Label: "Event Hub"}, catalog.Option{Value: contractWebhook, Label: "Webhook"},
					catalog.Option{Value: 9, Label: "Event Grid"}, catalog.Option{Value: 10, Label: "Managed Data Lake"}),
				choice("authtype", "PicklistType", true, catalog.Option{Value: 2, Label: "SASKey"}, catalog.Option{Value: 3, Label: "SASToken"},
					catalog.Option{Value: authKey, Label: "WebhookKey"}, catalog.Option{Value: authHeader, Label: "HttpHeader"},
					catalog.Option{Value: authQuery, Label: "HttpQueryString"}, catalog.Option{Value: 7, Label: "ConnectionString"}, catalog.Option{Value: 8, Label: "AccessKey"}),
				choice("messageformat", "PicklistType", false, catalog.Option{Value: 1, Label: "Binary XML"}, catalog.Option{Value: 2, Label: "Json"}, catalog.Option{Value: 3, Label: "Text XML"}),
				choice("userclaim", "PicklistType", false, catalog.Option{Value: 1, Label: "None"}, catalog.Option{Value: 2, Label: "UserId"}),
			)},
		{LogicalName: "sdkmessageprocessingstep", SchemaName: "SdkMessageProcessingStep", EntitySet: "sdkmessageprocessingsteps",
			PrimaryID: "sdkmessageprocessingstepid", PrimaryName: "name", Ownership: "OrganizationOwned",
			Columns: common("sdkmessageprocessingstepid", text("name", 256, true), text("description", 256, false), text("configuration", 1073741823, false), text("filteringattributes", 100000, false), whole,
				column("asyncautodelete", "BooleanType", false),
				choice("mode", "PicklistType", true, catalog.Option{Value: 0, Label: "Synchronous"}, catalog.Option{Value: modeAsync, Label: "Asynchronous"}),
				choice("stage", "PicklistType", true, catalog.Option{Value: 10, Label: "Pre-validation"}, catalog.Option{Value: 20, Label: "Pre-operation"},
					catalog.Option{Value: stagePost, Label: "Post-operation"}),
				choice("supporteddeployment", "PicklistType", true, catalog.Option{Value: 0, Label: "Server Only"}, catalog.Option{Value: 1, Label: "Client Only"},
					catalog.Option{Value: 2, Label: "Both"}),
				choice("invocationsource", "PicklistType", false, catalog.Option{Value: 0, Label: "Parent"}, catalog.Option{Value: 1, Label: "Child"}),
				choice("statecode", "StateType", false, catalog.Option{Value: 0, Label: "Enabled"}, catalog.Option{Value: 1, Label: "Disabled"}),
				choice("statuscode", "StatusType", false, catalog.Option{Value: 1, Label: "Enabled", State: 0}, catalog.Option{Value: 2, Label: "Disabled", State: 1}),
				lookup("eventhandler", true, catalog.Target{Table: "serviceendpoint", NavigationProperty: "eventhandler_serviceendpoint"},
					catalog.Target{Table: "plugintype", NavigationProperty: "eventhandler_plugintype"}),
				lookup("sdkmessageid", true, catalog.Target{Table: "sdkmessage", NavigationProperty: "sdkmessageid"}),
				lookup("sdkmessagefilterid", false, catalog.Target{Table: "sdkmessagefilter", NavigationProperty: "sdkmessagefilterid"}),
			)},
		{LogicalName: "plugintype", SchemaName: "PluginType", EntitySet: "plugintypes", PrimaryID: "plugintypeid", PrimaryName: "name", Ownership: "OrganizationOwned",
			Columns: common("plugintypeid", text("name", 256, false), text("typename", 256, true), text("assemblyname", 256, false))},
		{LogicalName: "duplicaterule", SchemaName: "DuplicateRule", EntitySet: "duplicaterules", PrimaryID: "duplicateruleid", PrimaryName: "name", Ownership: "OrganizationOwned",
			Columns: common("duplicateruleid", text("name", 160, true), text("description", 2000, false), text("baseentityname", 100, true), text("matchingentityname", 100, false),
				choice("statecode", "StateType", false, catalog.Option{Value: 0, Label: "Inactive"}, catalog.Option{Value: 1, Label: "Active"}),
				choice("statuscode", "StatusType", false, catalog.Option{Value: 0, Label: "Unpublished", State: 0}, catalog.Option{Value: 1, Label: "Publishing", State: 0},
					catalog.Option{Value: rulePublished, Label: "Published", State: 1}),
			)},
	}
}

// Numbers of the choices that the twin carries out.
const (
	contractWebhook = 8

	authKey    = 4 // the query parameter "code"
	authHeader = 5 // headers of authvalue's settings
	authQuery  = 6 // query parameters of authvalue's settings

	modeAsync     = 1
	rulePublished = 2
	stagePost     = 40
)
