// The client of the Dataverse scripts.
import { DynamicsWebApi } from "dynamics-web-api";
import { token, twins } from "./check.mjs";

const held = token(twins.dataverse);

/** A client of the Dataverse twin; propagateErrors hands out every status. */
export function connect(settings = {}) {
  return new DynamicsWebApi({ serverUrl: twins.dataverse, onTokenRefresh: () => held, propagateErrors: true, ...settings });
}

export const noSuchID = "00000000-0000-4000-8000-00000000dead";

/** The row of a company that the twins' data have. */
export async function company(api, code) {
  const found = await api.retrieveMultiple({ collection: "cdm_companies", select: ["cdm_companycode"], filter: `cdm_companycode eq '${code}'` });
  if (found.value.length !== 1) {
    throw new Error(`${found.value.length} companies ${code}`);
  }
  return found.value[0].cdm_companyid;
}
