// Reads of many rows from the Dataverse twin. The test has loaded 11,000
// payment terms CL-P00000 to CL-P10999 beforehand.
import { assert, matches, refused, step } from "./check.mjs";
import { connect } from "./dataverse.mjs";

const api = connect();
const loaded = 11_000;
const terms = { collection: "msdyn_paymentterms", select: ["msdyn_name"], filter: "startswith(msdyn_name,'CL-P')" };

/** Follows next links by hand and gives the sizes of the pages and the names. */
async function pages(request) {
  const sizes = [];
  const names = [];
  let page = await api.retrieveMultiple(request);
  for (;;) {
    sizes.push(page.value.length);
    names.push(...page.value.map((row) => row.msdyn_name));
    if (!page.oDataNextLink) {
      return { sizes, names };
    }
    page = await api.retrieveMultiple(request, page.oDataNextLink);
  }
}

const few = { ...terms, filter: "startswith(msdyn_name,'CL-P0000')" };

await step("pages of a size that is asked for", async () => {
  const { sizes, names } = await pages({ ...few, maxPageSize: 3 });
  assert.deepEqual(sizes, [3, 3, 3, 1]);
  assert.equal(new Set(names).size, 10);
});

await step("pages in an order that is asked for", async () => {
  const { sizes, names } = await pages({ ...few, maxPageSize: 4, orderBy: ["msdyn_name desc"] });
  assert.deepEqual(sizes, [4, 4, 2]);
  assert.deepEqual(names, [...names].sort().reverse());
});

await step("pages of 5,000 where none is asked for, and none larger", async () => {
  for (const maxPageSize of [undefined, 6000]) {
    const { sizes, names } = await pages({ ...terms, maxPageSize });
    assert.deepEqual(sizes, [5000, 5000, 1000]);
    assert.equal(new Set(names).size, loaded);
  }
});

await step("retrieveAll", async () => {
  const all = await api.retrieveAll(terms);
  assert.equal(all.value.length, loaded);
  assert.equal(await api.countAll(few), 10);
});

await step("$top has no next link; a page size makes it ignored", async () => {
  const top = await api.retrieveMultiple({ ...terms, top: 5 });
  assert.equal(top.value.length, 5);
  assert.equal(top.oDataNextLink, undefined);
  const page = await api.retrieveMultiple({ ...terms, top: 5, maxPageSize: 7 });
  assert.equal(page.value.length, 7);
  assert.ok(page.oDataNextLink);
});

await step("counts end at 5,000", async () => {
  assert.equal((await api.retrieveMultiple({ ...terms, count: true, top: 1 })).oDataCount, 5000);
  assert.equal((await api.retrieveMultiple({ ...few, count: true, top: 1 })).oDataCount, 10);
  assert.equal(await api.count({ collection: "msdyn_paymentterms" }), 5000);
  assert.equal(await api.count({ collection: "msdyn_paymentterms", filter: few.filter }), 10);
  const total = await api.callFunction({ name: "RetrieveTotalRecordCount", parameters: { EntityNames: ["msdyn_paymentterm"] } });
  assert.ok(total.EntityRecordCountCollection.Values[0] >= loaded);
});

await step("filters", async () => {
  const names = async (filter) => (await api.retrieveMultiple({ ...terms, filter, orderBy: ["msdyn_name"] })).value.map((row) => row.msdyn_name);
  assert.deepEqual(await names("msdyn_name eq 'cl-p00007'"), ["CL-P00007"]);
  assert.deepEqual(await names("Microsoft.Dynamics.CRM.In(PropertyName='msdyn_name',PropertyValues=['CL-P00001','CL-P00003'])"), ["CL-P00001", "CL-P00003"]);
  assert.deepEqual(await names("endswith(msdyn_name,'P10998') or (msdyn_name gt 'CL-P10997' and msdyn_name lt 'CL-P10999')"), ["CL-P10998"]);
  assert.deepEqual(await names("msdyn_Company/cdm_companycode eq 'USMF' and msdyn_name eq 'CL-P00002'"), []);
});

await step("an address too long for the client goes through a batch", async () => {
  const values = Array.from({ length: 300 }, (_, i) => `CL-P${String(i).padStart(5, "0")}`);
  const found = await api.retrieveMultiple({ ...terms, filter: values.map((v) => `msdyn_name eq '${v}'`).join(" or ") });
  assert.equal(found.value.length, 300);
});

await step("what the service does not take", async () => {
  matches(await refused(api.retrieveMultiple({ ...few, queryParams: ["$skip=5"] })), { status: 400, code: "0x80060888", message: /Skip Clause/ });
  matches(await refused(api.retrieveMultiple({ ...terms, filter: "msdyn_paymenttermid eq guid'5b1a0c3e-0000-4000-8000-000000000001'" })), { status: 400, code: "0x80060888" });
  matches(await refused(api.retrieveMultiple({ ...terms, select: ["msdyn_Name"] })), { status: 400, code: "0x80060888", message: /'msdyn_Name'/ });
  const page = await api.retrieveMultiple({ ...few, maxPageSize: 3 });
  matches(await refused(api.retrieveMultiple({ ...few, maxPageSize: 3 }, page.oDataNextLink.replace("skiptoken=", "skiptoken=x"))), { status: 400 });
});
