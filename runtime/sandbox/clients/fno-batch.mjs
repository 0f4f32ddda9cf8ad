// $batch on the F&O twin, in the client's shape: a change set for each write.
import { assert, step } from "./check.mjs";
import { across, connect, last } from "./fno.mjs";

const client = connect();
const set = "CustomerGroups";
const key = (id) => ({ dataAreaId: "usmf", CustomerGroupId: id });
const change = (method, id, entity) => client.newBatchRequest({ collection: `${set}(dataAreaId='usmf',CustomerGroupId='${id}')?cross-company=true`, method, entity });
const create = (id, more = {}) => client.newBatchRequest({ collection: set, method: "POST", entity: { ...key(id), Description: `Batch ${id}`, ...more } });

await step("reads and writes", async () => {
  const answers = await client.execBatchRequests([
    create("CLB1"), create("CLB2"), change("PATCH", "CLB1", { Description: "Changed in the batch" }), change("DELETE", "CLB2"),
    client.newBatchRequest({ collection: set, method: "GET", id: key("CLB1"), params: across() }),
  ]);
  assert.equal(last.status, 200);
  assert.deepEqual(answers.map((a) => a.status), [201, 201, 204, 204, 200]);
  assert.equal((await answers[0].json()).CustomerGroupId, "CLB1");
  assert.equal((await answers[4].json()).Description, "Changed in the batch");
});

await step("a write that fails leaves the others alone", async () => {
  const answers = await client.execBatchRequests([
    create("CLB3"), create("CLB1"), create("CLB4"), change("PATCH", "CLB9", { Description: "never" }),
    client.newBatchRequest({ collection: set, method: "GET", params: across().filter("CustomerGroupId eq 'CLB*'").orderby("CustomerGroupId", "asc") }),
  ]);
  assert.equal(last.status, 200);
  assert.deepEqual(answers.map((a) => a.status), [201, 400, 201, 400, 200]);
  assert.match((await answers[1].json()).error.innererror.message, /The record already exists/);
  assert.equal((await answers[3].json()).error.innererror.message, "No resources were found when selecting for update.");
  assert.deepEqual((await answers[4].json()).value.map((r) => r.CustomerGroupId), ["CLB1", "CLB3", "CLB4"]);
});
