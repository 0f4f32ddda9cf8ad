// Pages of the F&O twin. The test has loaded 21,000 payment terms CL-P00000 to
// CL-P20999 into one company beforehand.
import { assert, step } from "./check.mjs";
import { across, connect, endpoint, last, request } from "./fno.mjs";

const client = connect();
const set = "PaymentTerms";
const loaded = 21_000;
const options = () => across().filter("Name eq 'CL-P*'").select(["dataAreaId", "Name"]);

/** Follows next links and gives the sizes of the pages and the names. */
async function pages(first) {
  const sizes = [];
  const names = [];
  let page = await request(client, set, first);
  for (;;) {
    assert.equal(last.status, 200);
    sizes.push(page.value.length);
    names.push(...page.value.map((row) => row.Name));
    const next = page["@odata.nextLink"];
    if (!next) {
      return { sizes, names };
    }
    assert.ok(next.startsWith(endpoint), next);
    page = await client.newRequest({ collection: next.slice(endpoint.length) });
  }
}

await step("pages of 10,000", async () => {
  const { sizes, names } = await pages(options().orderby("Name", "asc"));
  assert.deepEqual(sizes, [10_000, 10_000, 1_000]);
  assert.equal(new Set(names).size, loaded);
  assert.equal(names[0], "CL-P00000");
  assert.deepEqual(names, [...names].sort());
});

await step("a $top beyond a page is served in pages", async () => {
  const { sizes, names } = await pages(options().orderby("Name", "desc").top(15_000));
  assert.deepEqual(sizes, [10_000, 5_000]);
  assert.equal(names[0], "CL-P20999");
  assert.equal(names.at(-1), "CL-P06000");
});

await step("a $skip moves all pages", async () => {
  const { sizes, names } = await pages(options().orderby("Name", "asc").skip(500));
  assert.deepEqual(sizes, [10_000, 10_000, 500]);
  assert.equal(names[0], "CL-P00500");
});

await step("the next link goes by offset and keeps the other options", async () => {
  const page = await request(client, set, options().count(true));
  assert.equal(page["@odata.count"], loaded);
  const next = new URL(page["@odata.nextLink"]);
  assert.equal(next.searchParams.get("$skip"), "10000");
  assert.equal(next.searchParams.get("cross-company"), "true");
  assert.equal(next.searchParams.get("$filter"), "Name eq 'CL-P*'");
});

await step("count by the client", async () => {
  const entitySet = client.getEntitySet(set);
  assert.equal(await entitySet.count(client.newFilter().field("Name").eq("CL-P*")), 0, "without cross-company");
  assert.equal(last.status, 200);
});
