// The client of the F&O scripts.
import { OData } from "@odata/client";
import { tokenURL, twins } from "./check.mjs";

export const endpoint = `${twins.fno}/data/`;

/** The status and the body of the last answer, which the client hides. */
export const last = {};

async function fetchProxy(url, init) {
  const response = await fetch(url, init);
  const text = await response.text();
  last.status = response.status;
  last.headers = response.headers;
  last.content = text;
  if (response.headers.get("Content-Type")?.startsWith("application/json")) {
    last.content = JSON.parse(text);
  }
  return { content: last.content, response };
}

/** A client of the F&O twin that signs in by itself. */
export function connect({ headers = {}, tokenRetrieveType = "form" } = {}) {
  return OData.New4({
    serviceEndpoint: endpoint,
    commonHeaders: headers,
    credential: { tokenUrl: tokenURL, clientId: twins.client_id, clientSecret: twins.client_secret, tokenRetrieveType, scope: `${twins.fno}/.default` },
    fetchProxy,
  });
}

/** Query options that reach all companies. */
export const across = () => OData.newOptions().custom("cross-company", "true");

/** One request with everything that the answer says. */
export async function request(client, collection, options = across(), more = {}) {
  return client.newRequest({ collection, params: options, ...more });
}
