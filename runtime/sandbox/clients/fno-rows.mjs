// Rows of the F&O twin: companies, query options, create, update, delete.
import { OData, RawString } from "@odata/client";
import { assert, refused, step } from "./check.mjs";
import { across, connect, last, request } from "./fno.mjs";

const client = connect();
const groups = client.getEntitySet("CustomerGroups");
const set = "CustomerGroups";
const made = Array.from({ length: 12 }, (_, i) => `CL${String(i).padStart(2, "0")}`);
const key = (id, company = "usmf") => ({ dataAreaId: company, CustomerGroupId: id });
const ours = (company = "usmf") => client.newFilter().field("dataAreaId").eq(company).field("CustomerGroupId").eq("CL*");
const noYes = (symbol) => RawString.from(`Microsoft.Dynamics.DataEntities.NoYes'${symbol}'`);

/** Why the last request was refused. */
const reason = () => last.content.error.innererror.message;

/** What "delete" and "update" of an entity set do, with the flag for other companies. */
const write = (method, at, entity, c = client) => c.newRequest({ collection: set, method, id: at, entity, params: across() });

await step("create", async () => {
  for (const [i, id] of made.entries()) {
    const row = await groups.create({ ...key(id, "USMF"), Description: `Group ${i}`, IsSalesTaxIncludedInPrice: i % 3 ? "No" : "Yes" });
    assert.equal(last.status, 201);
    assert.equal(row.dataAreaId, "usmf", "companies come back in lower case");
    assert.equal(row.CustomerGroupId, id);
    assert.match(last.headers.get("Location"), /\/data\/CustomerGroups\(/);
  }
  await groups.create({ ...key("CL00", "demf"), Description: "The same in another company" });
});

await step("create of what there is", async () => {
  await refused(groups.create(key("CL00")));
  assert.equal(last.status, 400);
  assert.match(reason(), /Cannot create a record in .*CL00, \.\nThe record already exists\./s);
});

await step("create without a company takes the user's own", async () => {
  const row = await groups.create({ CustomerGroupId: "CLDAT", Description: "Own company" });
  assert.equal(row.dataAreaId, "dat");
  assert.deepEqual((await groups.query(client.newFilter().field("CustomerGroupId").eq("CL*"))).map((r) => r.CustomerGroupId), ["CLDAT"]);
  assert.deepEqual(await groups.query(ours()), [], "other companies need cross-company");
});

await step("cross-company", async () => {
  assert.equal((await groups.query(across().filter(ours()))).length, made.length);
  const row = await groups.retrieve(key("CL00", "demf"), across());
  assert.equal(row.Description, "The same in another company");
  await groups.retrieve(key("CL00"));
  assert.equal(last.status, 404);
});

await step("$top, $skip, $orderby, $select and $count", async () => {
  const page = await request(client, set, across().filter(ours()).orderby("CustomerGroupId", "desc").skip(2).top(3).select(["CustomerGroupId", "dataAreaId"]).count(true));
  assert.equal(page["@odata.count"], made.length);
  assert.deepEqual(page.value.map((r) => r.CustomerGroupId), ["CL09", "CL08", "CL07"]);
  assert.deepEqual(Object.keys(page.value[0]), ["@odata.etag", "CustomerGroupId", "dataAreaId"]);
  assert.match(page["@odata.context"], /#CustomerGroups\(CustomerGroupId,dataAreaId\)$/);
  assert.equal(page["@odata.nextLink"], undefined);
  const ordered = await groups.query(across().filter(ours()).orderbyMulti([{ field: "IsSalesTaxIncludedInPrice", order: "desc" }, { field: "CustomerGroupId", order: "asc" }]));
  assert.deepEqual(ordered.slice(0, 5).map((r) => r.CustomerGroupId), ["CL00", "CL03", "CL06", "CL09", "CL01"]);
  assert.equal(await request(client, `${set}/$count`, across().filter(ours())), String(made.length));
});

await step("filters", async () => {
  const ids = async (filter) => (await groups.query(across().filter(filter).orderby("CustomerGroupId", "asc"))).map((r) => r.CustomerGroupId);
  assert.deepEqual(await ids(ours().field("IsSalesTaxIncludedInPrice").eq(noYes("Yes"))), ["CL00", "CL03", "CL06", "CL09"]);
  assert.equal((await ids(ours().field("IsSalesTaxIncludedInPrice").ne(noYes("Yes")))).length, 8);
  assert.deepEqual(await ids(client.newFilter().field("dataAreaId").eq("USMF").field("CustomerGroupId").in(["cl01", "CL05"])), ["CL01", "CL05"]);
  assert.deepEqual(await ids(client.newFilter().field("CustomerGroupId").gt("CL09").field("CustomerGroupId").lt("CL99")), ["CL10", "CL11"]);
  assert.deepEqual(await ids("dataAreaId eq 'usmf' and Description eq '*oup 1'"), ["CL01"]);
  assert.deepEqual(await groups.find({ CustomerGroupId: "CLDAT" }).then((rows) => rows.map((r) => r.Description)), ["Own company"]);
  await refused(groups.query(across().filter("IsSalesTaxIncludedInPrice eq 'Yes'")));
  assert.equal(last.status, 400);
  assert.match(reason(), /A binary operator with incompatible types/);
  await refused(groups.query(across().filter("contains(Description,'oup')")));
  assert.equal(last.status, 400);
});

await step("PATCH by the whole key", async () => {
  await write("PATCH", key("CL01"), { Description: "Changed", IsSalesTaxIncludedInPrice: "Yes" });
  assert.equal(last.status, 204);
  const row = await groups.retrieve(key("CL01"), across());
  assert.equal(row.Description, "Changed");
  assert.equal(row.IsSalesTaxIncludedInPrice, "Yes");
  await write("PATCH", key("CL00", "demf"), { Description: "Changed there" });
  assert.equal((await groups.retrieve(key("CL00"), across())).Description, "Group 0");
});

await step("PATCH and DELETE without the flag for other companies, and of nothing", async () => {
  await refused(groups.update(key("CL02"), { Description: "never" }));
  assert.equal(last.status, 400);
  assert.equal(reason(), "No resources were found when selecting for update.");
  await refused(groups.delete(key("CL02")));
  assert.equal(last.status, 400);
  await write("PATCH", key("CL99"), { Description: "never" });
  assert.equal(last.status, 400, "a PATCH creates nothing");
});

await step("keys that are not whole", async () => {
  for (const at of ["CL02", { CustomerGroupId: "CL02" }, { ...key("CL02"), Description: "x" }]) {
    await request(client, set, across(), { id: at });
    assert.equal(last.status, 404);
    assert.match(last.content.Message, /No route data was found for this request/);
  }
  await write("PATCH", undefined, { Description: "everything" });
  assert.equal(last.status, 400);
});

await step("a stale version", async () => {
  const before = await groups.retrieve(key("CL03"), across());
  const conditional = connect({ headers: { "If-Match": before["@odata.etag"] } });
  await write("PATCH", key("CL03"), { Description: "First" }, conditional);
  assert.equal(last.status, 204);
  await write("PATCH", key("CL03"), { Description: "Second" }, conditional);
  assert.equal(last.status, 412);
  await write("DELETE", key("CL03"), undefined, conditional);
  assert.equal(last.status, 412);
  const after = await groups.retrieve(key("CL03"), across());
  assert.equal(after.Description, "First");
  const pair = (tag) => Buffer.from(tag.slice(3, -1), "base64").toString().slice(1).split(",");
  assert.equal(pair(before["@odata.etag"])[0], "1", "a new row has version 1");
  assert.notEqual(pair(after["@odata.etag"])[0], "1");
  assert.equal(pair(after["@odata.etag"])[1], pair(before["@odata.etag"])[1], "the RecId stays");
});

await step("DELETE", async () => {
  await write("DELETE", key("CL04"));
  assert.equal(last.status, 204);
  await groups.retrieve(key("CL04"), across());
  assert.equal(last.status, 404);
});

await step("bodies that are wrong", async () => {
  await refused(groups.create({ ...key("CLX"), Nonsense: 1 }));
  assert.equal(last.status, 400);
  assert.match(reason(), /'Nonsense'/);
  await refused(groups.create({ ...key("CLX"), IsSalesTaxIncludedInPrice: "Perhaps" }));
  assert.equal(last.status, 400);
  await refused(groups.create({ ...key("CLX"), PaymentTermId: "NoSuchTerm" }));
  assert.equal(last.status, 400);
  assert.match(reason(), /The value 'NoSuchTerm' in field '.*' is not found in the related table '.*'\.; Warning: validateField failed/);
});

await step("keys with blanks, quotes and slashes", async () => {
  for (const id of [" a", "b/c", "d+e", "f#g", "O'Hara", "100%"]) {
    await groups.create({ ...key(id), Description: id });
    assert.equal(last.status, 201);
    const encoded = { dataAreaId: "usmf", CustomerGroupId: RawString.from(`'${encodeURIComponent(id.replaceAll("'", "''"))}'`) };
    const row = await groups.retrieve(encoded, across());
    assert.equal(row.CustomerGroupId, id);
    await write("DELETE", encoded);
    assert.equal(last.status, 204);
  }
});

await step("a customer gets its number, and what the server rewrites comes back", async () => {
  const [group] = await groups.query(across().filter("dataAreaId eq 'usmf'").top(1));
  const row = await client.getEntitySet("CustomersV3").create({
    dataAreaId: "usmf", OrganizationName: "Client of a client", CustomerGroupId: group.CustomerGroupId, SalesCurrencyCode: "USD", LanguageId: "en-us", PartyType: "Organization",
  });
  assert.equal(last.status, 201);
  assert.ok(row.CustomerAccount);
  assert.equal(row.LanguageId, "en-US");
});
