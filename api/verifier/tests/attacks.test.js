// What somebody would try. Attacks on block building (the same transaction twice, another body
// under one replay guard, expired or back-dated blocks) and on claims meet no proof: they are
// tried where they belong, in chain/tests.

import assert from "node:assert/strict";
import { test } from "node:test";
import { bytes, jsonBytes, vectors } from "./harness.js";
import { concat, equalBytes, toHex, u64Bytes, utf8 } from "../bytes.js";
import { taggedHash } from "../digest.js";
import { chooseVerify, signedBytes } from "../ed25519.js";
import { HISTORY_TREE, rootOfList, rootOfPath } from "../merkle.js";
import { decodeProof } from "../proof_file.js";
import { openTrustRoot } from "../trust_root.js";
import { fileOfTwin } from "../twin.js";
import { judge } from "../verdict.js";

const chosen = await chooseVerify();
const known = new Map();
async function verifySignature(...parts) {
  const name = parts.map(toHex).join(" ");
  if (!known.has(name)) known.set(name, await chosen(...parts));
  return known.get(name);
}

const proofs = vectors("proofs.json");
const damaged = vectors("damaged.json");
const whole = bytes(proofs.cases[0].file);
const NOW_MS = BigInt(proofs.cases[0].now_ms);
const root = await openTrustRoot(jsonBytes(proofs.trust_root), verifySignature);
const judged = async (file, trusted = root) =>
  (await judge(file, trusted, { nowMs: NOW_MS, maxAgeMs: null, verifySignature })).verdict;

// The reason that a damaged file of the vectors is given.
async function reasonOf(name) {
  const one = damaged.cases.find((each) => each.name === name);
  const { at, insert, remove } = one;
  const file = concat(whole.subarray(0, at), bytes(insert), whole.subarray(at + remove));
  return (await judged(file)).reason;
}

async function expectReason(reason, ...names) {
  for (const name of names) assert.equal(await reasonOf(name), reason, name);
}

const leaves = [1, 2, 3, 4].map((n) => HISTORY_TREE.leaf(new Uint8Array(32).fill(n)));

test("duplicate-leaf trees: a doubled last leaf gives another root, and has no place", () => {
  const [a, b, c] = leaves;
  const three = rootOfList(HISTORY_TREE, [a, b, c]);
  assert.ok(!equalBytes(three, rootOfList(HISTORY_TREE, [a, b, c, c])));
  const path = [c, HISTORY_TREE.node(a, b)];
  assert.equal(rootOfPath(HISTORY_TREE, c, 3, 3, path), null);
  assert.ok(equalBytes(rootOfPath(HISTORY_TREE, c, 2, 3, path.slice(1)), three));
});

test("inner node as leaf: the path to it is too short", () => {
  const inner = HISTORY_TREE.node(leaves[0], leaves[1]);
  const other = HISTORY_TREE.node(leaves[2], leaves[3]);
  assert.equal(rootOfPath(HISTORY_TREE, inner, 0, 4, [other]), null);
  assert.ok(!equalBytes(HISTORY_TREE.leaf(concat(leaves[0], leaves[1])), inner));
});

test("path too long or too short", async () => {
  await expectReason("HISTORY_INVALID", "a history path too short", "a history path too long");
  await expectReason("STATUS_INVALID", "a sibling of the status too few");
});

test("any flipped bit, any unhashed field: no byte of a proof is free", async () => {
  for (let at = 0; at < whole.length; at += 1) {
    for (const flip of [1 << (at % 8), 0xff]) {
      const file = Uint8Array.from(whole);
      file[at] ^= flip;
      const { verdict } = await judged(file);
      assert.ok(["false", "undecided"].includes(verdict), `byte ${at}: ${verdict}`);
    }
  }
});

test("any cut, and any addition", async () => {
  for (let length = 0; length < whole.length; length += 1) {
    assert.equal((await judged(whole.subarray(0, length))).reason, "MALFORMED_PROOF");
  }
  assert.equal((await judged(concat(whole, Uint8Array.of(0)))).reason, "MALFORMED_PROOF");
});

test("another chain's proof", async () => {
  await expectReason("OTHER_CHAIN", "all of another network", "header of another network");
  const other = proofs.trust_root_of_the_signed_block_itself;
  const foreign = await openTrustRoot(jsonBytes(other), verifySignature);
  assert.equal((await judged(whole, foreign)).reason, "OTHER_CHAIN");
});

test("test-network replay: a signature names its network", async () => {
  const { transaction, key } = decodeProof(whole);
  const [signature] = transaction.signatures;
  const signed = (chain) => signedBytes("tx", chain, transaction.bodyBytes);
  assert.ok(await verifySignature(key.publicKey, signed(transaction.body.chainId), signature));
  assert.ok(!(await verifySignature(key.publicKey, signed(new Uint8Array(32)), signature)));
});

test("vote bytes as a transaction: a signature names its purpose", async () => {
  const { signed, public_key: key, chain_id: chain } = vectors("consensus.json").votes;
  for (const { tag, body, signature } of signed) {
    const holds = (purpose) =>
      verifySignature(bytes(key), signedBytes(purpose, bytes(chain), bytes(body)), bytes(signature));
    assert.ok(await holds(tag));
    for (const other of ["tx", "trust-root", "card", "key-pop"]) assert.ok(!(await holds(other)));
  }
});

test("certificate: two thirds or less, a signer twice, a stranger, a surplus bad signature", async () => {
  await expectReason(
    "CERTIFICATE_INVALID", "exactly half of the power", "a signer twice", "a stranger signed",
    "a surplus bad signature", "certificate of another round", "certificate over another block",
  );
});

test("old validator set fork", async () => {
  await expectReason("UNKNOWN_VALIDATOR_SET", "a fork signed by other validators");
  await expectReason("CERTIFICATE_INVALID", "validators the header does not name");
});

test("a known body with another signature in a block", async () => {
  await expectReason("INCLUSION_INVALID", "a forged signature");
  await expectReason("SIGNATURE_INVALID", "a forged signature in a signed block");
});

test("a failed transaction shown as an invoice", async () => {
  await expectReason("NOT_AN_INVOICE", "a refusal that is kept");
});

test("another slot's empty proof", async () => {
  await expectReason("STATUS_INVALID", "the empty slot of an account", "a status that is not in the state");
});

test("dictionary attack on a sealed buyer: without the salt a guess can't be tested", () => {
  const sealed = (salt) => taggedHash("buyer", salt, Uint8Array.of(1), utf8("any id"));
  assert.notDeepEqual(sealed(new Uint8Array(16)), sealed(new Uint8Array(16).fill(1)));
});

test("JSON and binary disagree: a twin that names a record twice is no proof", async () => {
  const twin = JSON.stringify(proofs.twin_of_the_first);
  assert.equal((await judged(fileOfTwin(utf8(twin)))).reason, "GENUINE");
  const forged = twin.replace('"header":', `"header":"${proofs.twin_of_the_first.header}","header":`);
  assert.throws(() => fileOfTwin(utf8(forged)));
});

test("decoder bombs: a count of 2^64 − 1 anywhere costs nothing and is malformed", async () => {
  for (let at = 14; at + 8 <= whole.length; at += 1) {
    const file = concat(whole.subarray(0, at), u64Bytes(2n ** 64n - 1n), whole.subarray(at + 8));
    assert.notEqual((await judged(file)).verdict, "in_force");
  }
  assert.equal((await judged(new Uint8Array(65537))).reason, "MALFORMED_PROOF");
});

test("non-canonical signature, key or encoding", async () => {
  for (const { name, public_key: key, message, signature, valid } of vectors("signatures.json").strict) {
    assert.equal(await verifySignature(bytes(key), bytes(message), bytes(signature)), valid, name);
  }
  await expectReason("MALFORMED_PROOF", "an option with tag 2", "a byte after the header");
  await expectReason("STATUS_INVALID", "an empty sibling written out", "bit 40 of the bitmap");
});

test("what is hidden in shown fields: another value, another document, a field twice", async () => {
  await expectReason(
    "DISCLOSURE_INVALID", "a field of another document", "a changed value", "a field twice",
    "a field in the place of a decoy",
  );
  await expectReason("CARD_INVALID", "another name on the card", "a card signed by a stranger");
});
