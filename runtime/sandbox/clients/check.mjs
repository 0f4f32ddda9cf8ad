// What the scripts share: where the twins are, signing in, and steps that are
// told one a line. The argument of a script is the file with the addresses of
// running twins, as `dw sandbox serve` keeps it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

export { assert };

if (!process.argv[2]) {
  throw new Error("usage: node SCRIPT ADDRESSES.json; the certificate of the sign-in service has to be in NODE_EXTRA_CA_CERTS");
}

/** The addresses of the twins and the credentials of their application. */
export const twins = JSON.parse(readFileSync(process.argv[2], "utf8"));

export const tokenURL = `${twins.entra}/${twins.tenant}/oauth2/v2.0/token`;

/** Signs in with the secret, for one of the twins. */
export async function token(resource) {
  const response = await fetch(tokenURL, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: twins.client_id,
      client_secret: twins.client_secret,
      scope: `${resource}/.default`,
    }),
  });
  const answer = await response.json();
  if (!answer.access_token) {
    throw new Error(`signing in: ${answer.error_description}`);
  }
  return answer.access_token;
}

/** Runs one step and tells it; the first that fails ends the script. */
export async function step(name, run) {
  try {
    await run();
  } catch (error) {
    console.error(`FAILED ${name}: ${describe(error)}`);
    process.exit(1);
  }
  console.log(`ok ${name}`);
}

function describe(error) {
  // A failed batch of DynamicsWebApi is a list of errors and answers.
  if (Array.isArray(error)) {
    return error.map(describe).join("; ");
  }
  const facts = ["status", "code"].filter((k) => error?.[k] !== undefined).map((k) => `${k} ${error[k]}`);
  return [error?.stack ?? JSON.stringify(error), ...facts].join(", ");
}

/** Waits for a refusal and returns its error. */
export async function refused(call) {
  let answer;
  try {
    answer = await call;
  } catch (error) {
    return error;
  }
  throw new Error(`this should have been refused, and answered ${JSON.stringify(answer)}`);
}

/** Compares members of an error with what the documentation says. */
export function matches(error, expected) {
  for (const [member, want] of Object.entries(expected)) {
    if (want instanceof RegExp) {
      assert.match(String(error[member]), want);
    } else {
      assert.equal(error[member], want, `${member} of "${error.message}"`);
    }
  }
}
