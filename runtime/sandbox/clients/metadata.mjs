// Definitions of the Dataverse twin's tables.
import { DOMParser } from "@xmldom/xmldom";
import { assert, matches, refused, step } from "./check.mjs";
import { company, connect } from "./dataverse.mjs";

const api = connect();
const account = "LogicalName='account'";
let metadataID;

await step("entity definitions", async () => {
  const all = await api.retrieveEntities({ select: ["LogicalName", "EntitySetName", "PrimaryIdAttribute"] });
  const tables = Object.fromEntries(all.value.map((e) => [e.LogicalName, e]));
  assert.equal(tables.account.EntitySetName, "accounts");
  assert.equal(tables.cdm_company.EntitySetName, "cdm_companies");
  assert.match(tables.account.MetadataId, /^[0-9a-f-]{36}$/);
  metadataID = tables.account.MetadataId;
});

await step("entity definitions by a filter", async () => {
  const logical = async (filter) => (await api.retrieveEntities({ select: ["LogicalName"], filter })).value.map((e) => e.LogicalName);
  assert.deepEqual(await logical("LogicalName eq 'account'"), ["account"]);
  const owned = await logical("OwnershipType eq Microsoft.Dynamics.CRM.OwnershipTypes'UserOwned' and ChangeTrackingEnabled eq true");
  assert.ok(owned.includes("account") && !owned.includes("cdm_company"));
});

await step("one definition with attributes, keys and references", async () => {
  const request = {
    select: ["LogicalName", "ChangeTrackingEnabled", "IsOptimisticConcurrencyEnabled", "PrimaryNameAttribute"],
    expand: [
      { property: "Attributes", select: ["LogicalName", "SchemaName", "AttributeTypeName", "RequiredLevel", "IsValidForCreate", "IsValidForUpdate"] },
      { property: "Keys", select: ["SchemaName", "KeyAttributes", "EntityKeyIndexStatus"] },
      { property: "ManyToOneRelationships", select: ["ReferencingAttribute", "ReferencedEntity", "ReferencingEntityNavigationPropertyName"] },
    ],
  };
  const byName = await api.retrieveEntity({ key: account, ...request });
  const byID = await api.retrieveEntity({ key: metadataID, ...request });
  assert.deepEqual(byID.Attributes, byName.Attributes);
  assert.equal(byName.ChangeTrackingEnabled, true);
  const attributes = Object.fromEntries(byName.Attributes.map((a) => [a.LogicalName, a]));
  assert.equal(attributes.creditlimit.AttributeTypeName.Value, "MoneyType");
  assert.equal(attributes.accountid.IsValidForUpdate, false);
  const key = byName.Keys.find((k) => k.KeyAttributes.includes("accountnumber"));
  assert.deepEqual([...key.KeyAttributes].sort(), ["accountnumber", "msdyn_company"]);
  assert.equal(key.EntityKeyIndexStatus, "Active");
  const reference = byName.ManyToOneRelationships.find((r) => r.ReferencingAttribute === "msdyn_company");
  assert.equal(reference.ReferencedEntity, "cdm_company");
  // The name that a bind needs is not that of the column.
  const usmf = await company(api, "USMF");
  await api.create({ collection: "accounts", data: { name: "Bound by metadata", [`${reference.ReferencingEntityNavigationPropertyName}@odata.bind`]: `/cdm_companies(${usmf})` } });
});

await step("attributes of one type", async () => {
  const cast = (type, more = {}) => api.retrieveAttributes({ entityKey: account, castType: `Microsoft.Dynamics.CRM.${type}AttributeMetadata`, ...more });
  const strings = await cast("String", { select: ["LogicalName", "MaxLength"] });
  assert.equal(strings.value.find((a) => a.LogicalName === "name").MaxLength, 160);
  const lookups = await cast("Lookup", { select: ["LogicalName", "Targets"] });
  assert.deepEqual(lookups.value.find((a) => a.LogicalName === "msdyn_company").Targets, ["cdm_company"]);
  const choices = await cast("Picklist", { select: ["LogicalName"], expand: [{ property: "OptionSet" }] });
  const code = choices.value.find((a) => a.LogicalName === "customertypecode");
  assert.equal(code.OptionSet.Options.find((o) => o.Value === 3).Label.UserLocalizedLabel.Label, "Customer");
  const states = await cast("Status", { select: ["LogicalName"], expand: [{ property: "OptionSet" }] });
  assert.equal(states.value[0].OptionSet.Options.find((o) => o.Value === 2).State, 1);
});

await step("attributes by a filter", async () => {
  const found = await api.retrieveAttributes({ entityKey: account, select: ["LogicalName"], filter: "LogicalName eq 'name' or LogicalName eq 'fax'" });
  assert.deepEqual(found.value.map((a) => a.LogicalName).sort(), ["fax", "name"]);
  const pick = await api.retrieveAttributes({ entityKey: account, select: ["LogicalName"], filter: "AttributeType eq Microsoft.Dynamics.CRM.AttributeTypeCode'Picklist' and IsValidForUpdate eq true" });
  assert.ok(pick.value.some((a) => a.LogicalName === "customertypecode"));
  assert.ok(!pick.value.some((a) => a.LogicalName === "name"));
});

await step("one attribute, by name and by id", async () => {
  const byName = await api.retrieveAttribute({ entityKey: account, attributeKey: "LogicalName='customertypecode'", castType: "Microsoft.Dynamics.CRM.PicklistAttributeMetadata", select: ["LogicalName"], expand: [{ property: "OptionSet" }] });
  assert.ok(byName.OptionSet.Options.length > 3);
  const byID = await api.retrieveAttribute({ entityKey: metadataID, attributeKey: byName.MetadataId });
  assert.equal(byID.LogicalName, "customertypecode");
});

await step("relationships", async () => {
  const castType = "Microsoft.Dynamics.CRM.OneToManyRelationshipMetadata";
  const found = await api.retrieveRelationships({ castType, select: ["SchemaName", "ReferencingEntity", "ReferencingAttribute"], filter: "ReferencedEntity eq 'cdm_company' and ReferencingEntity eq 'account'" });
  assert.deepEqual(found.value.map((r) => r.ReferencingAttribute), ["msdyn_company"]);
  const one = await api.retrieveRelationship({ key: found.value[0].MetadataId, castType, select: ["ReferencedAttribute"] });
  assert.equal(one.ReferencedAttribute, "cdm_companyid");
});

await step("definitions that are not there", async () => {
  matches(await refused(api.retrieveEntity({ key: "LogicalName='nonsense'" })), { status: 404 });
  matches(await refused(api.retrieveAttribute({ entityKey: account, attributeKey: "LogicalName='nonsense'" })), { status: 404 });
});

await step("names of tables in place of sets", async () => {
  const named = connect({ useEntityNames: true });
  const row = await named.create({ collection: "account", data: { name: "By table name" }, returnRepresentation: true, select: ["name"] });
  assert.equal((await named.retrieve({ collection: "account", key: row.accountid, select: ["name"] })).name, "By table name");
});

await step("changes of metadata", async () => {
  const answer = await api.callFunction({
    name: "RetrieveMetadataChanges",
    parameters: {
      Query: {
        Properties: { AllProperties: false, PropertyNames: ["LogicalName", "Attributes", "Keys"] },
        Criteria: { FilterOperator: "And", Conditions: [{ ConditionOperator: "In", PropertyName: "LogicalName", Value: { Type: "System.String[]", Value: "['account','contact']" } }] },
        AttributeQuery: { Properties: { AllProperties: false, PropertyNames: ["LogicalName", "MaxLength"] } },
      },
    },
  });
  assert.deepEqual(answer.EntityMetadata.map((e) => e.LogicalName).sort(), ["account", "contact"]);
  assert.ok(answer.ServerVersionStamp);
});

await step("$metadata", async () => {
  const text = await api.retrieveCsdlMetadata();
  const document = new DOMParser().parseFromString(text, "application/xml");
  const edm = "http://docs.oasis-open.org/odata/ns/edm";
  const types = Array.from(document.getElementsByTagNameNS(edm, "EntityType"));
  const type = types.find((e) => e.getAttribute("Name") === "account");
  assert.equal(type.getElementsByTagNameNS(edm, "PropertyRef")[0].getAttribute("Name"), "accountid");
  const company = Array.from(type.getElementsByTagNameNS(edm, "NavigationProperty")).find((n) => n.getAttribute("Name") === "msdyn_Company");
  const constraint = company.getElementsByTagNameNS(edm, "ReferentialConstraint")[0];
  assert.equal(constraint.getAttribute("Property"), "_msdyn_company_value");
  assert.equal(constraint.getAttribute("ReferencedProperty"), "cdm_companyid");
  const names = new Set(types.map((e) => e.getAttribute("Name")));
  for (const navigation of Array.from(document.getElementsByTagNameNS(edm, "NavigationProperty"))) {
    assert.ok(names.has(navigation.getAttribute("Type").replace(/^mscrm\./, "")), navigation.getAttribute("Type"));
  }
});
