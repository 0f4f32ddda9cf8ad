// $batch on the Dataverse twin: change sets, references between their parts,
// what a failure undoes and what it does not.
import { assert, matches, refused, step } from "./check.mjs";
import { company, connect } from "./dataverse.mjs";

const api = connect();
const usmf = await company(api, "USMF");
const named = async (name) => (await api.retrieveMultiple({ collection: "accounts", select: ["name", "accountnumber", "_primarycontactid_value"], filter: `name eq '${name}'` })).value;
const tooLong = "x".repeat(161);

// The client leaves the error of a part in its envelope.
const inner = (failed) => ({ status: failed.status, ...failed.error });

await step("a change set with references, then a read", async () => {
  api.startBatch();
  api.create({ collection: "accounts", contentId: "1", data: { name: "Batch one", accountnumber: "CL-C1", "msdyn_Company@odata.bind": `/cdm_companies(${usmf})` } });
  api.create({ collection: "contacts", contentId: "2", data: { lastname: "Batch", "parentcustomerid_account@odata.bind": "$1" } });
  api.update({ contentId: "$1", data: { description: "changed in the set", "primarycontactid@odata.bind": "$2" } });
  api.retrieveMultiple({ collection: "accounts", select: ["name"], filter: "name eq 'Batch one'" });
  const [account, contact, , read] = await api.executeBatch();
  assert.equal(read.value.length, 1);
  assert.equal(read.value[0].accountid, account);
  const row = await api.retrieve({ collection: "accounts", key: account, select: ["description", "_primarycontactid_value"] });
  assert.equal(row._primarycontactid_value, contact);
  assert.equal(row.description, "changed in the set");
});

await step("a change set with an upsert by key, an association and a delete", async () => {
  const gone = await api.create({ collection: "contacts", data: { lastname: "Gone in a batch" } });
  const [account] = await named("Batch one");
  api.startBatch();
  api.upsert({ collection: "accounts", key: `accountnumber='CL-C2',_msdyn_company_value=${usmf}`, data: { name: "Batch two" } });
  api.update({ collection: "accounts", key: account.accountid, data: { telephone1: "1" } });
  api.disassociateSingleValued({ collection: "accounts", primaryKey: account.accountid, navigationProperty: "primarycontactid" });
  api.deleteRecord({ collection: "contacts", key: gone });
  const answers = await api.executeBatch();
  assert.equal(answers.length, 4);
  assert.equal((await named("Batch two"))[0].accountnumber, "CL-C2");
  assert.equal((await named("Batch one"))[0]._primarycontactid_value, null);
  matches(await refused(api.retrieve({ collection: "contacts", key: gone })), { status: 404, code: "0x80040217" });
});

await step("representations in a change set", async () => {
  api.startBatch();
  api.create({ collection: "accounts", data: { name: "Batch shown" }, returnRepresentation: true, select: ["name"] });
  const [row] = await api.executeBatch();
  assert.equal(row.name, "Batch shown");
  assert.match(row["@odata.etag"], /^W\/"\d+"$/);
});

await step("a change set that fails is undone as a whole", async () => {
  api.startBatch();
  api.create({ collection: "accounts", data: { name: "Undone one" } });
  api.create({ collection: "accounts", data: { name: tooLong } });
  api.create({ collection: "accounts", data: { name: "Undone two" } });
  const errors = await refused(api.executeBatch());
  assert.equal(errors.length, 1, "one error stands for the whole set");
  matches(inner(errors[0]), { status: 400, code: "0x80044331" });
  assert.equal((await named("Undone one")).length, 0);
  assert.equal((await named("Undone two")).length, 0);
});

await step("a stale version fails a change set", async () => {
  const [account] = await named("Batch one");
  api.startBatch();
  api.create({ collection: "accounts", data: { name: "Undone three" } });
  api.update({ collection: "accounts", key: account.accountid, data: { telephone1: "2" }, ifmatch: 'W/"1"' });
  const errors = await refused(api.executeBatch());
  matches(inner(errors[0]), { status: 412, code: "0x80060882" });
  assert.equal((await named("Undone three")).length, 0);
});

await step("continue on error", async () => {
  api.startBatch();
  api.create({ collection: "accounts", data: { name: "Undone four" } });
  api.create({ collection: "accounts", data: { name: tooLong } });
  api.retrieveMultiple({ collection: "cdm_companies", select: ["cdm_companycode"] });
  api.create({ collection: "accounts", data: { name: "Kept one" } });
  const [error, companies, id] = await api.executeBatch({ continueOnError: true });
  matches(inner(error), { status: 400, code: "0x80044331" });
  assert.ok(companies.value.length > 0);
  assert.equal((await named("Kept one"))[0].accountid, id);
  assert.equal((await named("Undone four")).length, 0);
});

await step("without change sets each operation stands alone, up to the first failure", async () => {
  api.startBatch();
  api.create({ collection: "accounts", inChangeSet: false, data: { name: "Kept two" } });
  api.create({ collection: "accounts", inChangeSet: false, data: { name: tooLong } });
  api.create({ collection: "accounts", inChangeSet: false, data: { name: "Never reached" } });
  const answers = await refused(api.executeBatch());
  assert.equal(answers.length, 2);
  assert.match(answers[0], /^[0-9a-f-]{36}$/);
  matches(inner(answers[1]), { status: 400, code: "0x80044331" });
  assert.equal((await named("Kept two")).length, 1);
  assert.equal((await named("Never reached")).length, 0);
});

await step("a reference to nothing", async () => {
  api.startBatch();
  api.create({ collection: "contacts", data: { lastname: "Undone five", "parentcustomerid_account@odata.bind": "$7" } });
  const errors = await refused(api.executeBatch());
  matches(inner(errors[0]), { status: 400, message: /'\$7' does not exist in the batch context/ });
});

await step("a thousand operations and no more", async () => {
  const read = (n) => {
    api.startBatch();
    for (let i = 0; i < n; i++) {
      api.retrieveMultiple({ collection: "cdm_companies", select: ["cdm_companycode"], top: 1 });
    }
    return api.executeBatch();
  };
  assert.equal((await read(1000)).length, 1000);
  matches(await refused(read(1001)), { status: 400, message: /'1000'/ });
});
