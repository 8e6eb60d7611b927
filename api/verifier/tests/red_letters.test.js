// Red letters, and invoices that were taken back or replaced: every proof of red_letters.json.

import assert from "node:assert/strict";
import { test } from "node:test";
import { bytes, compared, jsonBytes, vectors } from "./harness.js";
import { concat, Malformed, toHex, u16Bytes, u32Bytes } from "../bytes.js";
import { chooseVerify } from "../ed25519.js";
import { decodeProof, RECORDS } from "../proof_file.js";
import { openTrustRoot } from "../trust_root.js";
import { fileOfTwin } from "../twin.js";
import { EXIT_CODES, judge } from "../verdict.js";

const verifySignature = await chooseVerify();
const all = vectors("red_letters.json");
const root = await openTrustRoot(jsonBytes(all.trust_root), verifySignature);
const options = { nowMs: BigInt(all.now_ms), maxAgeMs: null, verifySignature };
const judged = async (file) => (await judge(file, root, options)).verdict;
const reissued = all.proofs.find(({ part }) => part === 1);

// The records of a file by type, and the file of records.
function recordsOf(file) {
  const records = new Map();
  for (let at = 14; at < file.length;) {
    const view = new DataView(file.buffer, file.byteOffset + at);
    const end = at + 6 + view.getUint32(2);
    records.set(view.getUint16(0), file.subarray(at + 6, end));
    at = end;
  }
  return records;
}

function fileOf(file, records) {
  const known = [...records].sort(([a], [b]) => a - b);
  const parts = known.flatMap(([type, value]) => [u16Bytes(type), u32Bytes(value.length), value]);
  const body = concat(...parts);
  return concat(file.subarray(0, 10), u32Bytes(body.length), body);
}

test("red letters: every proof of the vectors gets its whole verdict", async () => {
  const reasons = new Set();
  for (const { number, file, verdict } of all.proofs) {
    const found = await judged(bytes(file));
    assert.deepEqual(compared(found, EXIT_CODES[found.verdict]), verdict, number);
    reasons.add(found.reason);
  }
  assert.ok(reasons.has("PARTLY_REVERSED") && reasons.has("REISSUED") && reasons.has("GENUINE"));
  assert.ok(all.proofs.some(({ verdict }) => verdict.original !== null));
});

test("red letters: a part that is not there, or is nought, proves nothing", async () => {
  const file = bytes(reissued.file);
  const records = recordsOf(file);
  assert.equal(decodeProof(file).part, 1);
  records.set(2, u32Bytes(2));
  assert.equal((await judged(fileOf(file, records))).reason, "NOT_AN_INVOICE");
  records.set(2, u32Bytes(0));
  assert.throws(() => decodeProof(fileOf(file, records)), Malformed);
  // Without the part it speaks of the red letter, whose slot is the one beside it and as empty.
  records.delete(2);
  const red = await judged(fileOf(file, records));
  assert.notEqual(red.number, reissued.number);
  assert.notEqual(red.original, null);
});

test("red letters: the twin names the part", () => {
  const file = bytes(reissued.file);
  const records = recordsOf(file);
  const twin = { version: 1, suite: 1 };
  for (const [type, name] of RECORDS) if (records.has(type)) twin[name] = toHex(records.get(type));
  assert.equal(twin.part, "00000001");
  assert.equal(toHex(fileOfTwin(jsonBytes(twin))), reissued.file);
});
