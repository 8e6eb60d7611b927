// Proofs across changes of the validator set: every case of links.json.

import assert from "node:assert/strict";
import { test } from "node:test";
import { bytes, compared, jsonBytes, vectors } from "./harness.js";
import { toHex } from "../bytes.js";
import { chooseVerify } from "../ed25519.js";
import { openTrustRoot } from "../trust_root.js";
import { fileOfTwin } from "../twin.js";
import { EXIT_CODES, judge } from "../verdict.js";

const verifySignature = await chooseVerify();
const all = vectors("links.json");
const roots = new Map();
for (const envelope of [all.trust_root, ...all.later_trust_roots]) {
  roots.set(envelope.fingerprint, await openTrustRoot(jsonBytes(envelope), verifySignature));
}

for (const group of ["good", "damaged", "by_later_roots"]) {
  test(`links: ${group}`, async () => {
    for (const { name, file, trust_root: named, verdict } of all[group]) {
      const root = roots.get(named ?? all.trust_root.fingerprint);
      const options = { nowMs: BigInt(all.now_ms), maxAgeMs: null, verifySignature };
      const found = (await judge(bytes(file), root, options)).verdict;
      assert.deepEqual(compared(found, EXIT_CODES[found.verdict]), verdict, name);
    }
  });
}

test("links: the twin holds them as well", () => {
  const last = all.good[all.good.length - 1];
  assert.equal(toHex(fileOfTwin(jsonBytes(all.twin_of_the_last))), last.file);
});
