// Statements about numbers and accounts: every case of statements.json, and what somebody would try.

import assert from "node:assert/strict";
import { test } from "node:test";
import { bytes, jsonBytes, statementCompared, vectors } from "./harness.js";
import { concat, Malformed, toHex, u64Bytes } from "../bytes.js";
import { chooseVerify, verifyPlain } from "../ed25519.js";
import { isStatement, judgeStatement } from "../statement.js";
import { openTrustRoot } from "../trust_root.js";
import { fileOfTwin, proofBytes } from "../twin.js";
import { EXIT_CODES, judge } from "../verdict.js";

const { cases, trust_root: trusted, twins } = vectors("statements.json");
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
  judgeStatement(file, given, { nowMs, maxAgeMs: null, verifySignature });
const fileOf = (name) => bytes(cases.find((one) => one.name === name).file);

for (const verifySignature of [chosen, verifyPlain]) {
  test(`${verifySignature.name}: every statement of the vectors gets its whole verdict`, async () => {
    for (const { name, file, now_ms: now, verdict } of cases) {
      const found = (await judged(bytes(file), BigInt(now), root, verifySignature)).verdict;
      assert.deepEqual(statementCompared(found, EXIT_CODES[found.verdict]), verdict, name);
    }
  });
}

test("any flipped bit never holds, but for another number that is not issued either", async () => {
  const issued = cases.flatMap(({ verdict }) => verdict.invoices.map(({ number }) => number));
  for (const name of ["the next number", "a place that another number took", "a range in the middle"]) {
    const whole = fileOf(name);
    const { number } = (await judged(whole)).verdict;
    for (let at = 0; at < whole.length; at += 1) {
      const file = Uint8Array.from(whole);
      file[at] ^= 1 << (at % 8);
      const { verdict } = await judged(file);
      if (verdict.verdict !== "holds") continue;
      assert.equal(verdict.account, null, `byte ${at}`);
      assert.notEqual(verdict.number, number, `byte ${at}`);
      assert.ok(!issued.includes(verdict.number), `byte ${at}`);
    }
  }
});

test("any cut, and a count of 2^64 − 1 anywhere", async () => {
  for (const name of ["a place that another number took", "a range in the middle"]) {
    const whole = fileOf(name);
    for (let length = 0; length < whole.length; length += 1) {
      assert.equal((await judged(whole.subarray(0, length))).verdict.verdict, "false");
    }
    for (let at = 14; at + 8 <= whole.length; at += 1) {
      const file = concat(whole.subarray(0, at), u64Bytes(2n ** 64n - 1n), whole.subarray(at + 8));
      const { verdict } = await judged(file);
      assert.ok(verdict.verdict !== "holds", `byte ${at}`);
    }
  }
});

test("a reader of invoice proofs alone decides nothing, nor does one without a trust root", async () => {
  const options = { nowMs: NOW_MS, maxAgeMs: null, verifySignature: remembering };
  for (const name of ["the next number", "all of an account"]) {
    const file = fileOf(name);
    assert.ok(isStatement(file));
    assert.equal((await judge(file, root, options)).verdict.reason, "UNKNOWN_VERSION");
    assert.equal((await judged(file, NOW_MS, null)).verdict.reason, "NO_TRUST_ROOT");
    const other = await openTrustRoot(jsonBytes(vectors("proofs.json").trust_root), remembering);
    assert.equal((await judged(file, NOW_MS, other)).verdict.reason, "OTHER_CHAIN");
  }
  assert.ok(!isStatement(bytes(vectors("proofs.json").cases[0].file)));
  assert.ok(!isStatement(new Uint8Array()));
});

test("the twin of a statement stands for its one file, and is read strictly", async () => {
  for (const [name, twin] of Object.entries(twins)) {
    assert.equal(toHex(fileOfTwin(jsonBytes(twin))), toHex(fileOf(name)), name);
    assert.equal((await judged(proofBytes(jsonBytes(twin)))).verdict.verdict, "holds");
  }
  const absence = twins["the next number"];
  const list = twins["a range in the middle"];
  const { totals, ...without } = absence;
  for (const [why, twin] of [
    ["another version", { ...absence, version: 1 }],
    ["the version of a list", { ...absence, version: 3 }],
    ["a record of the other kind", { ...absence, list: list.list }],
    ["a record of a proof", { ...absence, outcome: "00" }],
    ["no count", without],
    ["upper case", { ...absence, totals: totals.toUpperCase() }],
    ["half a byte", { ...absence, totals: `${totals}0` }],
  ]) {
    assert.throws(() => fileOfTwin(jsonBytes(twin)), Malformed, why);
    const { verdict } = await judged(proofBytes(jsonBytes(twin)));
    assert.equal(verdict.reason, "MALFORMED_PROOF", why);
  }
});
