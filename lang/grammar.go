package lang

import (
	"slices"

	"github.com/dualwrite/dw/lang/source"
)

// grammar is the table of the language: all blocks and attributes with what
// they accept. Decoding, messages and the reference in the documentation come
// from it.
func grammar() *source.BlockSpec {
	module := moduleBlock()
	root := &source.BlockSpec{Blocks: []*source.BlockSpec{
		dwBlock(), variableBlock(), localsBlock(), linkBlock(), enumBlock(), mapBlock(), movedBlock(), policyBlock(), module,
	}}
	// What stands in the files of a module. All else belongs to the
	// configuration as a whole.
	module.Folder = &source.BlockSpec{Shared: []string{"link"}}
	for _, b := range root.Blocks {
		if !slices.Contains([]string{"variable", "locals", "enum", "map", "module"}, b.Type) {
			elsewhere := *b
			elsewhere.NotHere = "A module has variables, locals, enums, maps and modules. All else belongs to the configuration that uses it."
			b = &elsewhere
		}
		module.Folder.Blocks = append(module.Folder.Blocks, b)
	}
	return root
}

// repeated are the attributes of blocks that stand for any number of instances.
func repeated(what string) []source.AttrSpec {
	return []source.AttrSpec{
		{Name: "for_each", Accept: source.List | source.Object, Elem: source.Text,
			Doc: "Makes one " + what + " for each member of a list of texts, or for each key of an object. In the attributes each.key and each.value stand for the member, or the key and what it holds. The name has the key: customers[\"USMF\"]."},
		boolean("enabled", "Whether the "+what+" is there. One that is not is treated as if nobody had written it: what was deployed of it is planned to go.", "true"),
	}
}

func moduleBlock() *source.BlockSpec {
	return &source.BlockSpec{
		Type: "module", Referable: true, Repeat: true,
		Doc:    "Takes in the maps of another folder of the configuration, which has variables of its own. Its maps are called module.NAME.MAP.",
		Labels: []source.LabelSpec{{Name: "name", Doc: "The name.", Identifier: true}},
		Attrs: append([]source.AttrSpec{
			needed(text("source", "The folder, as a path that begins with \"./\" or \"../\", seen from the file; it must lie in the folder of the configuration.")),
			{Name: "link", Accept: source.Reference, RefTo: "link", Doc: "The link of the module's maps that name none. May be left out where there is one."},
		}, repeated("module")...),
		Free: &source.AttrSpec{Name: "VARIABLE", Accept: source.Any, Doc: "The value of the variable."}, FreeDoc: "a variable of the module and its value.",
	}
}

func text(name, doc string) source.AttrSpec {
	return source.AttrSpec{Name: name, Accept: source.Text, Doc: doc}
}

func needed(a source.AttrSpec) source.AttrSpec {
	a.Required = true
	return a
}

// inheritable is what a map needs, unless it extends one that has it.
func inheritable(a source.AttrSpec) source.AttrSpec {
	a.Required, a.Unless = true, "extends"
	return a
}

func oneOf(name, doc, byDefault string, allowed ...string) source.AttrSpec {
	return source.AttrSpec{Name: name, Accept: source.Text, Doc: doc, Default: byDefault, Allowed: allowed}
}

func texts(name, doc string) source.AttrSpec {
	return source.AttrSpec{Name: name, Accept: source.List, Elem: source.Text, Doc: doc}
}

func number(name, doc, byDefault string) source.AttrSpec {
	return source.AttrSpec{Name: name, Accept: source.Number, Doc: doc, Default: byDefault}
}

func boolean(name, doc, byDefault string) source.AttrSpec {
	return source.AttrSpec{Name: name, Accept: source.Bool, Doc: doc, Default: byDefault}
}

func match(doc string) source.AttrSpec {
	return source.AttrSpec{Name: "match", Accept: source.Object, Elem: source.Text, Doc: doc}
}

func notYet(name, instead string) source.AttrSpec {
	return source.AttrSpec{Name: name, Accept: source.Any, NotYet: instead}
}

func dwBlock() *source.BlockSpec {
	return &source.BlockSpec{
		Type: "dw", Once: true, Doc: "Settings of the folder.",
		Attrs: []source.AttrSpec{
			text("required_version", "The versions of dw that may run the configuration, such as \">= 0.1, < 2\"."),
		},
		Blocks: []*source.BlockSpec{{
			Type: "state", Once: true, Doc: "Where the state lives. Without the block: sqlite in .dw/state.db.",
			Labels: []source.LabelSpec{{Name: "kind", Doc: "The kind of store."}},
			Kinds: []source.Kind{
				{Label: "sqlite", Doc: "One file on this machine."},
				{Label: "postgres", NotYet: "Use state \"sqlite\"."},
			},
			Attrs: []source.AttrSpec{
				{Name: "path", Accept: source.Text, Doc: "The file, relative to the folder.", Default: ".dw/state.db"},
			},
		}},
	}
}

func variableBlock() *source.BlockSpec {
	return &source.BlockSpec{
		Type: "variable", Doc: "A value that comes from outside: -var NAME=VALUE, a file NAME.dwvars.hcl, the environment variable DW_VAR_NAME, or the default; the first of these that has one wins. Used as var.NAME.",
		Labels: []source.LabelSpec{{Name: "name", Doc: "The name.", Identifier: true}},
		Attrs: []source.AttrSpec{
			{Name: "type", Accept: source.Type, Doc: "string, number, bool, list(string) and so on.", Default: "any"},
			{Name: "default", Accept: source.Any, Doc: "The value where none is given. Without it a value must be given."},
			boolean("sensitive", "Whether the value is secret. It is then never shown, and can stand only where dw keeps secrets.", "false"),
			text("description", "What the value is for."),
		},
	}
}

func localsBlock() *source.BlockSpec {
	return &source.BlockSpec{
		Type: "locals", Doc: "Named values, used as local.NAME. They may use variables and each other.",
		Free: &source.AttrSpec{Name: "NAME", Accept: source.Any, Doc: "The value."}, FreeDoc: "the name of a local and its value.",
	}
}

func linkBlock() *source.BlockSpec {
	url := func(side, doc, example string) *source.BlockSpec {
		return &source.BlockSpec{
			Type: side, Once: true, Doc: doc,
			Attrs: []source.AttrSpec{needed(text("url", "The address of the environment, such as \""+example+"\"."))},
		}
	}
	secret := source.AttrSpec{Name: "client_secret", Accept: source.Text, Sensitive: true, Doc: "The secret, for auth \"client_secret\". Give it by a sensitive variable."}
	return &source.BlockSpec{
		Type: "link", Referable: true, Doc: "A pair of environments and the companies in scope: either fno, dataverse and auth, or sandbox.",
		Labels: []source.LabelSpec{{Name: "name", Doc: "The name, used as link.NAME.", Identifier: true}},
		Attrs: []source.AttrSpec{
			needed(texts("companies", "The companies (legal entities) whose records are kept equal, such as [\"USMF\", \"DEMF\"].")),
			boolean("dual_write", "Whether Microsoft's dual-write runs between the same environments too. Lint then tells what it would refuse.", "false"),
		},
		Blocks: []*source.BlockSpec{
			url("fno", "The F&O environment.", "https://contoso.operations.dynamics.com"),
			url("dataverse", "The Dataverse environment.", "https://contoso.crm.dynamics.com"),
			{
				Type: "auth", Once: true, Doc: "How dw signs in to both environments.",
				Labels: []source.LabelSpec{{Name: "kind", Doc: "The kind of credential."}},
				Kinds: []source.Kind{
					{Label: "client_secret", Doc: "An application with a secret."},
					{Label: "certificate", Doc: "An application with a certificate."},
					{Label: "managed_identity", NotYet: "Use auth \"client_secret\" or auth \"certificate\"."},
					{Label: "workload_identity", NotYet: "Use auth \"client_secret\" or auth \"certificate\"."},
					{Label: "device_code", NotYet: "Use auth \"client_secret\" or auth \"certificate\"."},
				},
				Attrs: []source.AttrSpec{
					needed(text("tenant_id", "The Microsoft Entra tenant.")),
					needed(text("client_id", "The application (client) id.")),
					secret,
					text("certificate_path", "A PEM file with certificate and private key, relative to the folder, for auth \"certificate\"."),
					{Name: "authority", Accept: source.Text, Doc: "The sign-in service, for national clouds.", Default: "https://login.microsoftonline.com"},
				},
			},
			{
				Type: "sandbox", Once: true, Doc: "Local twins of both systems in place of real environments.",
				Attrs: []source.AttrSpec{
					number("seed", "The number from which the data are generated: same seed, same data.", "1"),
					number("records", "How many records are generated, of all maps together.", "20000"),
					number("customers", "How many of the records are customers, in place of their share: records then counts all others. For a go-live of many customers with few of the rest.", "a little less than half of records"),
					{Name: "latency", Accept: source.Text, Doc: "The time that the twins take for a request, such as \"60ms\".", Default: "0s"},
					{Name: "latency_per_row", Accept: source.Text, Doc: "The time that the twins take for a row on top, such as \"1.5ms\".", Default: "0s"},
					{Name: "latency_per_write", Accept: source.Text, Doc: "The time that the twins take on top for each row that a request writes, such as \"6ms\".", Default: "0s"},
					{Name: "job_start", Accept: source.Text, Doc: "The time after which the batch server of F&O's twin picks up an execution of data management, such as \"10s\".", Default: "30s"},
					oneOf("limits", "Whether the twins throttle as the services' documentation says.", "off", "off", "published"),
					{Name: "limits_window", Accept: source.Text, Doc: "The window in which the published limits count, such as \"15s\": what is allowed in it shrinks with it, so that a rehearsal need not last hours.", Default: "5m"},
					texts("faults", "Faults that the twins play, each a kind and settings, such as \"429 twin=dataverse path=accounts from=3 count=2\"."),
					oneOf("auth", "How dw signs in to the twins.", "client_secret", "client_secret", "certificate"),
					texts("companies", "Companies that the twins hold beside the link's, to see that dw leaves them alone."),
					texts("modified_times", "F&O entity sets that show when a record was last edited, in the field ModifiedDateTime, as if they had been extended for it: conflict = \"last_writer_wins\" compares such times."),
					number("dirt", "How many cases of each kind of dirty data (over-long texts, references to nothing, duplicates by case and so on) are planted among the generated data, as a rehearsal of a go-live.", "0"),
				},
			},
			{
				Type: "receive", Once: true, Doc: "Where `dw run` takes the events of F&O and the webhooks of Dataverse, so that a change is seen at once. Without the block changes are found by asking.",
				Attrs: []source.AttrSpec{
					needed(text("listen", "The address and port on this machine, such as \"127.0.0.1:7071\"; \":7071\" listens on all of its addresses, port 0 takes a free one.")),
					text("url", "The address under which the services reach it, where that is another one, such as \"https://sync.contoso.com/events\"."),
					needed(source.AttrSpec{Name: "key", Accept: source.Text, Sensitive: true, Doc: "What a sender must show; others are turned away. Give it by a sensitive variable."}),
				},
			},
		},
	}
}

func enumBlock() *source.BlockSpec {
	return &source.BlockSpec{
		Type: "enum", Referable: true, Doc: "A value map between the members of an F&O enum and Dataverse values, used as enum.NAME.",
		Labels: []source.LabelSpec{{Name: "name", Doc: "The name.", Identifier: true}},
		Attrs: []source.AttrSpec{
			needed(source.AttrSpec{Name: "values", Accept: source.Object, Elem: source.Scalar, Doc: "F&O symbol = Dataverse value. Symbols that are no identifiers stand in quotes."}),
			otherwiseAttr(), reverseAttr(),
		},
	}
}

func otherwiseAttr() source.AttrSpec {
	return source.AttrSpec{
		Name: "otherwise", Accept: source.Scalar | source.Null | source.Object, Default: "fail",
		Keys: []source.AttrSpec{
			{Name: "to_dataverse", Accept: source.Scalar | source.Null, Doc: "For F&O values that the map does not name."},
			{Name: "to_fno", Accept: source.Scalar | source.Null, Doc: "For Dataverse values that the map does not name."},
		},
		Doc: "What becomes of a value that the map does not name: \"fail\" (the record is listed), \"pass\" (as it is), null, or a value to use. A number or true or false can only be meant for Dataverse, and a text beside Dataverse values that are none only for F&O; the other direction then still fails. An object says it for each direction.",
	}
}

func reverseAttr() source.AttrSpec {
	return source.AttrSpec{
		Name: "reverse", Accept: source.Object, Elem: source.Text,
		Doc: "Dataverse value = F&O value, where several F&O values share a Dataverse value: the one that it becomes on the way back, such as { 192350000 = \"SalesLeadTime\" }.",
	}
}

func mapBlock() *source.BlockSpec {
	kept := "Leave it out in this version."
	direction := func(doc string) source.AttrSpec {
		return oneOf("direction", doc, "", "both", "to_dataverse", "to_fno")
	}
	writes := func(byDefault string) source.AttrSpec {
		return oneOf("writes", "\"always\": kept equal. \"create\": set when the record is created, never again.", byDefault, "always", "create")
	}
	missing := oneOf("missing", "What becomes of a record whose reference is not there yet on the other side. \"park\": it waits as a whole and goes on by itself when the other record arrives. \"defer\": it is written without the reference, which is filled in when the other record arrives. \"null\": the reference stays empty. \"fail\": the record is listed as failed.",
		"park, defer in rings", "park", "fail", "null", "defer")
	return &source.BlockSpec{
		Type: "map", Referable: true, Repeat: true, Doc: "Binds an F&O entity set to a Dataverse table.",
		Labels: []source.LabelSpec{{Name: "name", Doc: "The name, by which plan, status and errors call the map.", Identifier: true}},
		Attrs: append([]source.AttrSpec{
			{Name: "link", Accept: source.Reference, RefTo: "link", Doc: "The link, such as link.contoso. May be left out where there is one."},
			text("version", "A name for this version of the map, such as \"1.2.0\"; `dw status` shows it beside the number that dw counts."),
			{Name: "extends", Accept: source.Reference, RefTo: "library", Doc: "A standard map, such as library.customers_v3_accounts: all that it says holds here too, but for what the map writes itself, field by field and attribute by attribute. `dw library list` has the names."},
			texts("omit", "Fields of the standard map that are left out, by their Dataverse columns; constants for F&O by their F&O fields."),
			inheritable(text("fno", "The F&O entity set, such as \"CustomersV3\".")),
			inheritable(text("dataverse", "The Dataverse table by its entity set or logical name, such as \"accounts\".")),
			inheritable(source.AttrSpec{Name: "key", Accept: source.List | source.Object, Elem: source.Text,
				Doc: "The F&O fields that find the same record on the other side, such as [\"CustomerAccount\"]; they must be mapped. { CustomerAccount = \"accountnumber\" } is short for the key and its mapping, which then flows as the map's other fields do. The company joins by itself."}),
			{Name: "company", Accept: source.Text | source.Null, Doc: "The Dataverse lookup that holds the company where the schema leaves a choice, or a path to it over other lookups, such as \"salesorderid.msdyn_company\"; null: the records belong to no company.", Default: "as the schema says"},
			text("owner", "Who owns rows that dw creates in Dataverse: \"company_team\", the owning team of the record's company (cdm_defaultowningteam), or \"team:NAME\", a team by its name. Without it, the application user."),
			texts("companies", "A subset of the link's companies."),
			{Name: "together", Accept: source.List, Elem: source.Text, Depth: 2, Doc: "Groups of fields, named by their Dataverse columns, that are merged as one value, such as [[\"address1_line1\", \"address1_city\"]]: where both sides edit an address, one of the two addresses wins as a whole."},
			{Name: "creates", Accept: source.Object, Default: "as the field directions allow", Doc: "On which sides dw may create records. Records that are on one side only and may not be created on the other are listed.", Keys: []source.AttrSpec{
				boolean("to_dataverse", "Whether records are created in Dataverse.", ""),
				boolean("to_fno", "Whether records are created in F&O.", ""),
			}},
			{Name: "deletes", Accept: source.Object, Default: "deactivate towards Dataverse where the table has a state, else ignore", Doc: "What a delete on one side does on the other: \"propagate\" deletes there too, \"deactivate\" deactivates the Dataverse row until a record with its key comes back, \"ignore\" leaves the other record alone and lists it.", Keys: []source.AttrSpec{
				oneOf("to_dataverse", "What a delete in F&O does in Dataverse.", "", "deactivate", "ignore", "propagate"),
				oneOf("to_fno", "What a delete in Dataverse does in F&O.", "", "ignore", "propagate"),
			}},
			oneOf("conflict", "What becomes of a record that both sides have changed since they last agreed. \"merge\": fields that one side has changed are carried over, of a field that both have changed its master wins. \"hold\": the same, but a field that both have changed is set aside for a person to decide. \"last_writer_wins\": the side that was edited later wins with all its fields that may be edited on both sides, and the other's edits are lost.", "merge", "merge", "hold", "last_writer_wins"),
			oneOf("status", "The status that the map shall have: \"paused\" captures changes and carries them over later, \"stopped\" captures nothing. An operator's `dw pause`, `resume` or `stop` goes before it.", "running", "running", "paused", "stopped"),
			notYet("plugins", kept),
			notYet("key_change", kept),
			notYet("key_from", kept),
		}, repeated("map")...),
		Blocks: []*source.BlockSpec{
			{
				Type: "filter", Once: true, Doc: "Narrows the records in scope. Both filters are OData; dw evaluates them itself as well.",
				Attrs: []source.AttrSpec{
					text("fno", "For F&O records, such as \"PartyType eq 'Organization'\"."),
					text("dataverse", "For Dataverse rows, such as \"customertypecode eq 3\"."),
					oneOf("on_leave", "What becomes of a record that an edit of one side takes out of the scope. \"unlink\": both records stay, and nothing is carried over until it is back. \"deactivate\": the Dataverse row of an F&O record is deactivated until it is back. \"delete\": the record of the other side is deleted. \"revert\": the edit is taken back.",
						"unlink", "unlink", "deactivate", "delete", "revert"),
				},
			},
			{
				Type: "fields", Doc: "Plain mappings, a line each: F&O field = \"column\", \"lookup.key_column\" (over several tables: \"lookup.lookup.key_column\"), or a list of these. Of a list the first column flows as the block says, the others are filled in Dataverse only.",
				Labels: []source.LabelSpec{{Name: "direction", Doc: "The direction.", Allowed: []string{"both", "to_dataverse", "to_fno"}}},
				Free:   &source.AttrSpec{Name: "FIELD", Accept: source.Text | source.List, Elem: source.Text, Doc: "The Dataverse column or columns."}, FreeDoc: "an F&O field and its Dataverse column.",
			},
			{
				Type: "field", Doc: "A mapping with a value map, expressions or rules of its own.",
				Labels: []source.LabelSpec{{Name: "column", Doc: "The Dataverse column, or \"lookup.key_column\"."}},
				Attrs: []source.AttrSpec{
					needed(text("fno", "The F&O field.")),
					{Name: "values", Accept: source.Reference | source.Object, RefTo: "enum", Elem: source.Scalar, Doc: "A value map: enum.NAME or written in place."},
					otherwiseAttr(), reverseAttr(),
					{Name: "to_dataverse", Accept: source.Expression, Doc: "The value for Dataverse, such as lower(trimspace(value))."},
					{Name: "to_fno", Accept: source.Expression, Doc: "The value for F&O."},
					direction("Without it: the directions that have an expression; both where none has."),
					writes("always"), missing,
				},
			},
			{
				Type: "lookup", Doc: "A Dataverse reference that is found by one or several F&O fields. It says either match, or one or more target blocks.",
				Labels: []source.LabelSpec{{Name: "column", Doc: "The Dataverse lookup column."}},
				Attrs: []source.AttrSpec{
					match("Where the column refers to one table: F&O field = column of the referenced row, such as { CategoryName = \"msdyn_name\", HierarchyName = \"msdyn_hierarchy.msdyn_name\" }. All of them together find the row."),
					direction("Without it: both."), writes("always"), missing,
				},
				Blocks: []*source.BlockSpec{{
					Type: "target", Doc: "A table that the column may refer to. Towards Dataverse the targets are tried in the order in which they stand, and the first that has such a row is taken; towards F&O the table of the row decides.",
					Labels: []source.LabelSpec{{Name: "table", Doc: "The table, by its entity set or logical name."}},
					Attrs:  []source.AttrSpec{needed(match("F&O field = column of the referenced row, as match of a lookup."))},
				}},
			},
			{
				Type: "constant", Doc: "A value that every record of one side gets, by default when dw creates it and never again.",
				Labels: []source.LabelSpec{{Name: "name", Doc: "The Dataverse column, or the F&O field where side = \"fno\"."}},
				Attrs: []source.AttrSpec{
					needed(source.AttrSpec{Name: "value", Accept: source.Scalar, Doc: "The value."}),
					oneOf("side", "The side that gets it.", "dataverse", "dataverse", "fno"),
					writes("create"),
				},
			},
			{
				Type: "mastering", Once: true, Doc: "Whose value wins, field by field. A field is named by its Dataverse column.",
				Attrs: []source.AttrSpec{
					oneOf("master", "The master of all fields that are not listed: its value wins where both sides have changed one. Such a field may be edited on both sides if it goes both ways.", "fno", "fno", "dataverse"),
					texts("fno", "Fields that may be edited in F&O only."),
					texts("dataverse", "Fields that may be edited in Dataverse only."),
					oneOf("violation", "What becomes of an edit on the wrong side, of a field that is listed for the other side or flows from there only: \"revert\" takes it back, \"ignore\" tolerates and lists it, \"report\" holds it for a person.", "revert", "revert", "ignore", "report"),
				},
			},
			{
				Type: "initial_sync", Once: true, Doc: "How existing data of both sides are joined.",
				Attrs: []source.AttrSpec{
					oneOf("winner", "Whose value wins where both sides differ and no master rule says so.", "the master", "fno", "dataverse"),
					boolean("allow_blank", "Whether a side that has nothing may clear a value of the other. Without it such fields are listed as held.", "false"),
					number("max_errors", "How many records may fail. With more the initial sync stops for a person to look.", "no limit"),
					{Name: "max_error_rate", Accept: source.Number, Doc: "The share of a map's records that may fail, from 0 to 1: 0.01 is one in a hundred. With more the initial sync stops for a person to look.", Default: "no limit"},
					{Name: "match", Accept: source.List, Elem: source.Text, Depth: 2, Doc: "How to find the record of a row in Dataverse that lacks the key: lists of F&O fields that are mapped, tried in their order, such as [[\"TaxExemptNumber\"], [\"PrimaryContactEmail\"]]. Values are compared as Dataverse has them, within the company; a way of which a record has not all values is passed over. Where several records or rows come into question, all of them fail with the reason. What is matched gets its key."},
					text("crosswalk", "A CSV file, seen from the file of the map, that says which records belong together: columns with the F&O fields of the key (and dataAreaId, where there are several companies) and one with the id of the Dataverse row, named as in the table, or the Dataverse columns of the key. It is asked for what neither the key nor `match` finds."),
					oneOf("via", "How rows are written to F&O: over OData one request a record, or as packages of its data management, many records of one company as one job. \"auto\" takes packages where there are so many rows that a job takes less time.", "auto", "auto", "odata", "package"),
					oneOf("read_via", "How existing records of F&O are read: over OData page by page, or as exports of its data management, all records of one company as one file. Keys and versions of records come over OData either way. \"auto\" takes an export where reading is slow and so many records are left that it takes less time.", "auto", "auto", "odata", "package"),
				},
			},
		},
	}
}
