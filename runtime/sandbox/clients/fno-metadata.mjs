// The service document and $metadata of the F&O twin, read as a generator of
// clients reads them.
import { OData } from "@odata/client";
import { DOMParser } from "@xmldom/xmldom";
import { assert, refused, step } from "./check.mjs";
import { across, connect, last, request } from "./fno.mjs";

const client = connect();
const xml = connect({ headers: { Accept: "application/xml" } });
const edm = "http://docs.oasis-open.org/odata/ns/edm";
const namespace = "Microsoft.Dynamics.DataEntities";
let sets;
let model;

await step("signing in with the secret in the body and in the header", async () => {
  await request(client, "Currencies", OData.newOptions().top(1));
  assert.equal(last.status, 200);
  await request(connect({ tokenRetrieveType: "header" }), "Currencies", OData.newOptions().top(1));
  assert.equal(last.status, 200);
});

await step("the service document", async () => {
  const document = await request(client, "", OData.newOptions());
  sets = document.value.filter((e) => e.kind === "EntitySet").map((e) => e.url);
  for (const set of ["CustomersV3", "CustomerGroups", "Currencies", "LegalEntities"]) {
    assert.ok(sets.includes(set), set);
  }
});

await step("$metadata", async () => {
  const text = await request(xml, "$metadata", OData.newOptions());
  assert.match(last.headers.get("Content-Type"), /^application\/xml/);
  const document = new DOMParser({ onError: (level, message) => assert.fail(`${level}: ${message}`) }).parseFromString(text, "application/xml");
  const all = (from, name) => Array.from(from.getElementsByTagNameNS(edm, name));
  const [schema] = all(document, "Schema");
  assert.equal(schema.getAttribute("Namespace"), namespace);
  const enums = new Map(all(schema, "EnumType").map((e) => [`${namespace}.${e.getAttribute("Name")}`, all(e, "Member").map((m) => [m.getAttribute("Name"), Number(m.getAttribute("Value"))])]));
  const types = new Map(all(schema, "EntityType").map((e) => [`${namespace}.${e.getAttribute("Name")}`, {
    keys: all(e, "PropertyRef").map((p) => p.getAttribute("Name")),
    properties: new Map(all(e, "Property").map((p) => [p.getAttribute("Name"), p.getAttribute("Type")])),
  }]));
  model = new Map(all(schema, "EntitySet").map((e) => [e.getAttribute("Name"), types.get(e.getAttribute("EntityType"))]));
  assert.deepEqual([...model.keys()].sort(), [...sets].sort(), "$metadata and the service document name the same sets");
  assert.deepEqual(enums.get(`${namespace}.NoYes`), [["No", 0], ["Yes", 1]]);
  for (const [name, type] of model) {
    assert.ok(type, `${name} has no type`);
    assert.ok(type.keys.length > 0, `${name} has no key`);
    for (const key of type.keys) {
      assert.ok(type.properties.has(key), `${name} has no property ${key}`);
    }
    for (const [property, kind] of type.properties) {
      assert.ok(kind.startsWith("Edm.") || enums.has(kind), `${name}.${property} is of the unknown type ${kind}`);
    }
  }
  assert.deepEqual(model.get("CustomerGroups").keys, ["dataAreaId", "CustomerGroupId"]);
  assert.equal(model.get("CustomersV3").properties.get("PartyType"), "Edm.String");
});

await step("rows are what $metadata says", async () => {
  const kinds = { "Edm.String": "string", "Edm.Int32": "number", "Edm.Int64": "number", "Edm.Decimal": "number", "Edm.DateTimeOffset": "string", "Edm.Guid": "string" };
  let seen = 0;
  for (const [set, type] of model) {
    const page = await request(client, set, across().top(3));
    assert.equal(last.status, 200, set);
    for (const row of page.value) {
      const names = Object.keys(row).filter((name) => !name.includes("@"));
      assert.deepEqual([...names].sort(), [...type.properties.keys()].sort(), set);
      assert.deepEqual(names.slice(0, type.keys.length), type.keys, `${set}: key fields come first`);
      for (const name of names) {
        const kind = kinds[type.properties.get(name)] ?? "string";
        assert.ok(typeof row[name] === kind || (row[name] === null && !kinds[type.properties.get(name)]), `${set}.${name} is ${JSON.stringify(row[name])}`);
      }
      assert.match(Buffer.from(row["@odata.etag"].slice(3, -1), "base64").toString(), /^'\d+,\d+(;\d+,\d+)*'$/);
      seen++;
    }
  }
  assert.ok(seen > 10);
});

await step("each row is found by the key that $metadata names", async () => {
  for (const [set, type] of model) {
    const [row] = (await request(client, set, across().top(1))).value;
    if (!row || type.keys.some((key) => typeof row[key] !== "string")) {
      continue;
    }
    const found = await client.getEntitySet(set).retrieve(Object.fromEntries(type.keys.map((key) => [key, row[key]])), across());
    assert.deepEqual(Object.fromEntries(type.keys.map((key) => [key, found[key]])), Object.fromEntries(type.keys.map((key) => [key, row[key]])), set);
  }
});

await step("a set that is not there, and one in another case", async () => {
  for (const set of ["Nonsense", "customergroups"]) {
    const body = await request(client, set);
    assert.equal(last.status, 404);
    assert.match(body.Message, /^No HTTP resource was found/);
    assert.equal(body.error, undefined);
  }
});

await step("a wrong secret", async () => {
  const wrong = OData.New4({ serviceEndpoint: "http://127.0.0.1:9/", credential: { ...client.credential, clientSecret: "wrong" } });
  const error = await refused(wrong.newRequest({ collection: "Currencies" }));
  assert.equal(error.message, "invalid_client");
});
