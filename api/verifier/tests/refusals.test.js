// Requests that were refused: every case of refusals.json, and what somebody would try.

import assert from "node:assert/strict";
import { test } from "node:test";
import { bytes, compared, jsonBytes, vectors } from "./harness.js";
import { toHex } from "../bytes.js";
import { chooseVerify, verifyPlain } from "../ed25519.js";
import { isRefusal, judgeRefusal } from "../refusal.js";
import { isStatement } from "../statement.js";
import { openTrustRoot } from "../trust_root.js";
import { EXIT_CODES, judge } from "../verdict.js";

const { cases, trust_root: trusted } = vectors("refusals.json");
const chosen = await chooseVerify();
const known = new Map();
async function remembering(...parts) {
  const name = parts.map(toHex).join(" ");
  if (!known.has(name)) known.set(name, await chosen(...parts));
  return known.get(name);
}
const NOW_MS = BigInt(cases[0].now_ms);
const root = await openTrustRoot(jsonBytes(trusted), remembering);
const judged = (file, nowMs = NOW_MS, given = root, verifySignature = remembering) =>
  judgeRefusal(file, given, { nowMs, maxAgeMs: null, verifySignature });
const whole = bytes(cases[0].file);

function shown(verdict) {
  const { refused_at: at, evidence } = verdict;
  return {
    ...compared(verdict, EXIT_CODES[verdict.verdict]),
    evidence: evidence.map(Number),
    refused_at: at && { ...at, height: Number(at.height) },
  };
}

for (const verifySignature of [chosen, verifyPlain]) {
  test(`${verifySignature.name}: every refusal of the vectors gets its whole verdict`, async () => {
    for (const { name, file, now_ms: now, verdict } of cases) {
      const found = (await judged(bytes(file), BigInt(now), root, verifySignature)).verdict;
      assert.deepEqual(shown(found), verdict, name);
    }
  });
}

test("any flipped bit and any cut shows nothing", async () => {
  for (let at = 0; at < whole.length; at += 1) {
    const file = Uint8Array.from(whole);
    file[at] ^= 1 << (at % 8);
    assert.notEqual((await judged(file)).verdict.reason, "REFUSED", `byte ${at}`);
    assert.equal((await judged(whole.subarray(0, at))).verdict.verdict, "false", `cut at ${at}`);
  }
});

test("a reader of other files decides nothing, nor does one without a trust root", async () => {
  const options = { nowMs: NOW_MS, maxAgeMs: null, verifySignature: remembering };
  assert.ok(isRefusal(whole) && !isStatement(whole));
  assert.equal((await judge(whole, root, options)).verdict.reason, "UNKNOWN_VERSION");
  assert.equal((await judged(whole, NOW_MS, null)).verdict.reason, "NO_TRUST_ROOT");
  assert.ok(!isRefusal(bytes(vectors("proofs.json").cases[0].file)));
  assert.ok(!isRefusal(bytes(vectors("statements.json").cases[0].file)));
  assert.ok(!isRefusal(new Uint8Array()));
});
