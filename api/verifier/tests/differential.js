// Judges what another verifier judged, and compares field for field.
//
// Usage: differential COUNT SEED | node tests/differential.js
// Reads the lines of chain/examples/differential; ends with 1 at the first disagreements.

import { createInterface } from "node:readline";
import { bytes, jsonBytes } from "./harness.js";
import { Malformed, toHex } from "../bytes.js";
import { chooseVerify, verifyPlain } from "../ed25519.js";
import { judgeRefusal } from "../refusal.js";
import { judgeStatement } from "../statement.js";
import { openTrustRoot } from "../trust_root.js";
import { proofBytes } from "../twin.js";
import { EXIT_CODES, judge } from "../verdict.js";

const DISAGREEMENTS_SHOWN = 5;
const REMEMBERED_MAX = 100_000;
// With `--plain` the curve is computed here, whatever WebCrypto can do.
const chosen = process.argv.includes("--plain") ? verifyPlain : await chooseVerify();

// Most cases share their certificate, so a signature is checked once. Bounded.
const remembered = new Map();
async function verifySignature(key, message, signature) {
  const name = `${toHex(key)}${toHex(signature)}${toHex(message)}`;
  if (!remembered.has(name)) {
    if (remembered.size >= REMEMBERED_MAX) remembered.clear();
    remembered.set(name, await chosen(key, message, signature));
  }
  return remembered.get(name);
}

async function opened(file) {
  try {
    return await openTrustRoot(file, verifySignature);
  } catch (error) {
    if (error instanceof Malformed) return null;
    throw error;
  }
}

// In the shape and with the member order of the other verifier's lines.
function shown(verdict) {
  const asOf = verdict.as_of && { ...verdict.as_of, height: String(verdict.as_of.height) };
  return {
    ...verdict,
    as_of: asOf,
    checks: verdict.checks.map(({ name, result }) => [name, result]),
    exit_code: EXIT_CODES[verdict.verdict],
  };
}

function statementShown(verdict) {
  const texts = (range) => range && { from: String(range.from), to: String(range.to) };
  return {
    ...shown(verdict),
    counters: texts(verdict.counters),
    blocks: texts(verdict.blocks),
    invoices: verdict.invoices.map((one) => ({ ...one, counter: String(one.counter) })),
  };
}

function refusalShown(verdict) {
  const { evidence, refused_at: at } = verdict;
  return {
    ...shown(verdict),
    evidence: evidence.map(String),
    refused_at: at && { ...at, height: String(at.height) },
  };
}

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.keys(value).sort().map((name) => [name, sorted(value[name])]));
}

const text = (value) => JSON.stringify(sorted(value));

async function judged(one, roots) {
  if (one.trust_root !== undefined) {
    return (await opened(bytes(one.trust_root)))?.fingerprint ?? null;
  }
  const root = one.root === null ? null : roots[one.root];
  const options = {
    nowMs: BigInt(one.now_ms),
    maxAgeMs: one.max_age_ms === null ? null : BigInt(one.max_age_ms),
    verifySignature,
  };
  const file = bytes(one.file);
  if (one.is_refusal) {
    return refusalShown((await judgeRefusal(file, root, options)).verdict);
  }
  if (one.is_statement) {
    return statementShown((await judgeStatement(proofBytes(file), root, options)).verdict);
  }
  return shown((await judge(proofBytes(file), root, options)).verdict);
}

const lines = createInterface({ input: process.stdin, crlfDelay: Infinity })[Symbol.asyncIterator]();
const head = JSON.parse((await lines.next()).value);
const roots = await Promise.all(head.trust_roots.map((root) => opened(jsonBytes(root))));
const reasons = new Map();
let [count, disagreements] = [0, 0];
for await (const line of lines) {
  const one = JSON.parse(line);
  const expected = one.trust_root === undefined ? one.verdict : one.opened;
  const found = await judged(one, roots);
  const reason = expected?.reason ?? (expected === null ? "root refused" : "root opened");
  reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  count += 1;
  if (text(found) === text(expected)) continue;
  disagreements += 1;
  if (disagreements <= DISAGREEMENTS_SHOWN) {
    console.error(`case ${one.id} (${one.kind}), seed ${head.seed}:`);
    console.error(`  expected ${text(expected)}\n  found    ${text(found)}`);
    console.error(`  file ${one.file ?? one.trust_root}`);
  }
}
const table = [...reasons].sort(([a], [b]) => (a < b ? -1 : 1));
for (const [reason, times] of table) console.log(`${String(times).padStart(8)}  ${reason}`);
console.log(`${count} cases of seed ${head.seed}, ${disagreements} disagreements`);
if (count !== head.count) console.error(`${head.count} cases were announced`);
process.exitCode = disagreements === 0 && count === head.count ? 0 : 1;
