// Whole proof files: every grade of proofs.json, every damage of damaged.json, the twin.

import assert from "node:assert/strict";
import { test } from "node:test";
import { bytes, compared, jsonBytes, vectors } from "./harness.js";
import { concat, Malformed, toHex, utf8 } from "../bytes.js";
import { chooseVerify, verifyPlain } from "../ed25519.js";
import { openTrustRoot } from "../trust_root.js";
import { fileOfTwin, proofBytes } from "../twin.js";
import { EXIT_CODES, judge, verdictJson } from "../verdict.js";

const proofs = vectors("proofs.json");
const damaged = vectors("damaged.json");

for (const verifySignature of [await chooseVerify(), verifyPlain]) {
  const root = await openTrustRoot(jsonBytes(proofs.trust_root), verifySignature);
  const ownRoot = await openTrustRoot(
    jsonBytes(proofs.trust_root_of_the_signed_block_itself), verifySignature,
  );
  const judgeAt = (file, trusted, nowMs, maxAgeMs = null) =>
    judge(file, trusted, { nowMs: BigInt(nowMs), maxAgeMs, verifySignature });

  test(`${verifySignature.name}: every proof of the vectors gets its whole verdict`, async () => {
    for (const { name, file, now_ms: now, verdict } of proofs.cases) {
      const trusted = verdict.trust_root === root.fingerprint ? root : ownRoot;
      const found = (await judgeAt(bytes(file), trusted, now)).verdict;
      assert.deepEqual(compared(found, EXIT_CODES[found.verdict]), verdict, name);
      assert.equal(JSON.parse(verdictJson(found)).as_of.height, verdict.as_of.height, name);
    }
  });

  test(`${verifySignature.name}: every damaged file fails at its step`, async () => {
    const whole = bytes(proofs.cases[0].file);
    for (const one of damaged.cases) {
      const { at, insert, remove } = one;
      const file = concat(whole.subarray(0, at), bytes(insert), whole.subarray(at + remove));
      const found = (await judgeAt(file, one.trust_root ? root : null, one.now_ms)).verdict;
      const last = found.checks[found.checks.length - 1];
      assert.deepEqual(
        [found.verdict, found.reason, last.name, last.result],
        [one.verdict, one.reason, one.failed_check, "failed"],
        one.name,
      );
    }
  });

  test(`${verifySignature.name}: a stale proof counts up to the age that is allowed`, async () => {
    const { file, now_ms: now } = proofs.cases.find(({ name }) => name === "stale");
    const week = 7n * 86_400_000n;
    const older = await judgeAt(bytes(file), root, now, week);
    assert.equal(older.verdict.reason, "STALE");
    const allowed = await judgeAt(bytes(file), root, now, 2n * week);
    assert.equal(allowed.verdict.verdict, "in_force");
  });
}

const twin = proofs.twin_of_the_first;

test("the twin stands for exactly its binary file", () => {
  assert.equal(toHex(fileOfTwin(jsonBytes(twin))), proofs.cases[0].file);
  const spaced = utf8(`\n ${JSON.stringify(twin, null, 2)} \n`);
  assert.equal(toHex(proofBytes(spaced)), proofs.cases[0].file);
});

test("a twin that two readers could read differently stands for nothing", () => {
  const text = JSON.stringify(twin);
  const refused = [
    text.replace('"version":1', '"version":1,"version":1'),
    text.replace('"version":1', '"version":"1"'),
    text.replace('"version":1', '"version":1.0'),
    text.replace('"version":1', '"version":01'),
    text.replace('"version":1', '"version":256'),
    text.replace('"version":1', '"version":1,"more":1'),
    text.replace(twin.header, twin.header.toUpperCase()),
    text.replace(twin.header, twin.header.slice(1)),
    text.replace(`"status":"${twin.status}"`, '"status":null'),
    text.slice(0, -1),
    `${text}x`,
    `[${text}]`,
    JSON.stringify(Object.values(twin)),
    "{}",
    "{",
    "",
    '{"a":'.repeat(100),
  ];
  for (const one of refused) {
    assert.throws(() => fileOfTwin(utf8(one)), Malformed, one.slice(0, 40));
    assert.deepEqual(proofBytes(utf8(one)), utf8(one));
  }
});

test("a trust root of lists in place of objects is none", async () => {
  const envelope = proofs.trust_root;
  const refused = [
    Object.values(envelope),
    { ...envelope, signatures: envelope.signatures.map(Object.values) },
  ];
  await openTrustRoot(jsonBytes(envelope), verifyPlain);
  for (const one of refused) {
    await assert.rejects(openTrustRoot(jsonBytes(one), verifyPlain), Malformed);
  }
});

test("a twin without its optional records, or with null for them, is the shorter file", () => {
  const { card, disclosed, ...bare } = twin;
  const file = fileOfTwin(jsonBytes(bare));
  assert.ok(file.length < proofs.cases[0].file.length / 2);
  assert.deepEqual(fileOfTwin(jsonBytes({ ...bare, card: null, disclosed: null })), file);
  assert.ok(card && disclosed);
});
