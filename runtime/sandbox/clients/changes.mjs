// Change tracking on the Dataverse twin.
import { assert, matches, refused, step } from "./check.mjs";
import { connect } from "./dataverse.mjs";

const api = connect();
const request = { collection: "contacts", select: ["lastname", "emailaddress1"], trackChanges: true, maxPageSize: 5 };
let link, kept, gone;

await step("a tracked read of all rows ends in a delta link", async () => {
  kept = await api.create({ collection: "contacts", data: { lastname: "Tracked" } });
  gone = await api.create({ collection: "contacts", data: { lastname: "Tracked, then deleted" } });
  let page = await api.retrieveMultiple(request);
  const ids = new Set();
  let pages = 1;
  for (;;) {
    page.value.forEach((row) => ids.add(row.contactid));
    if (!page.oDataNextLink) {
      break;
    }
    assert.equal(page.oDataDeltaLink, undefined, "only the last page has a delta link");
    page = await api.retrieveMultiple(request, page.oDataNextLink);
    pages++;
  }
  link = page.oDataDeltaLink;
  assert.ok(pages >= 3, `${pages} pages`);
  assert.ok(ids.has(kept) && ids.has(gone));
  assert.equal(ids.size, await api.count({ collection: "contacts" }));
  assert.equal((await api.retrieveAll(request)).value.length, ids.size);
});

await step("without changes a delta is empty", async () => {
  const delta = await api.retrieveMultiple(request, link);
  assert.deepEqual(delta.value, []);
  assert.ok(delta.oDataDeltaLink);
  link = delta.oDataDeltaLink;
});

await step("a delta has changed rows once, then deleted ids", async () => {
  await api.update({ collection: "contacts", key: kept, data: { emailaddress1: "one@example.com" } });
  const made = await api.create({ collection: "contacts", data: { lastname: "Tracked later" } });
  await api.deleteRecord({ collection: "contacts", key: gone });
  await api.update({ collection: "contacts", key: kept, data: { emailaddress1: "two@example.com" } });
  const brief = await api.create({ collection: "contacts", data: { lastname: "Tracked briefly" } });
  await api.deleteRecord({ collection: "contacts", key: brief });

  const delta = await api.retrieveMultiple(request, link);
  assert.deepEqual(delta.value.map((e) => e.contactid ?? e.id), [made, kept, gone, brief]);
  assert.equal(delta.value[1].emailaddress1, "two@example.com");
  for (const entry of delta.value.slice(2)) {
    assert.equal(entry.reason, "deleted");
    assert.match(entry.oDataContext, /\/\$metadata#contacts\/\$deletedEntity$/);
    assert.equal(entry.lastname, undefined);
  }
  assert.match(delta.oDataContext, /\/\$delta$/);
  // The same link gives the same again: a token does not move by being read.
  assert.equal((await api.retrieveMultiple(request, link)).value.length, 4);
  link = delta.oDataDeltaLink;
});

await step("a delta in pages", async () => {
  for (let i = 0; i < 5; i++) {
    await api.create({ collection: "contacts", data: { lastname: `Tracked page ${i}` } });
  }
  const small = { ...request, maxPageSize: 2 };
  const sizes = [];
  let page = await api.retrieveMultiple(small, link);
  for (;;) {
    sizes.push(page.value.length);
    if (!page.oDataNextLink) {
      break;
    }
    page = await api.retrieveMultiple(small, page.oDataNextLink);
  }
  assert.deepEqual(sizes, [2, 2, 1]);
  assert.ok(page.oDataDeltaLink);
});

await step("options that tracking does not take", async () => {
  for (const more of [{ filter: "lastname eq 'x'" }, { orderBy: ["lastname"] }, { top: 3 }]) {
    matches(await refused(api.retrieveMultiple({ ...request, ...more })), { status: 400, message: /isn't supported when Change Tracking is enabled/ });
  }
});

await step("tokens that are no good", async () => {
  const future = link.replace(/deltatoken=\d+/, "deltatoken=99999999999");
  matches(await refused(api.retrieveMultiple(request, future)), { code: "0x80044352" });
  matches(await refused(api.retrieveMultiple(request, link.replace(/deltatoken=.*/, "deltatoken=nonsense"))), { status: 400 });
});
