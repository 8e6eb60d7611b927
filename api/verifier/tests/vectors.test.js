// Every file of chain/vectors that a verifier has something to do with, from the words of the
// specification alone.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { bytes, vectors } from "./harness.js";
import { certificateFault, readCertificate, readHeader, readValidatorSet } from "../block.js";
import { concat, decode, Malformed, Reader, toHex, u16Bytes, u32Bytes, utf8 } from "../bytes.js";
import { moneyText } from "../calendar.js";
import { taggedHash } from "../digest.js";
import { isUnderRoot, readShownField } from "../document.js";
import { isPublicKey, signedBytes, verifyPlain } from "../ed25519.js";
import { isTaxId, keyId, readTaxId } from "../identity.js";
import { FIELD_TREE, HISTORY_TREE, rootOfList, rootOfPath, TRANSACTION_TREE } from "../merkle.js";
import { EMPTY_LEVELS, isSlot, leafDigest, readSlotProof, rootOfSlot, slotOf } from "../slot.js";
import { roundedQuotient } from "../tax/arithmetic.js";
import { ruleSet } from "../tax/rule_sets.js";
import { moduleText, markedRows } from "./make_class_table.js";
import { decodeTransaction, invoiceId, readOutcome, transactionLeaf } from "../transaction.js";
import { digestOfSecret } from "../view_secret.js";

const hex = (found) => (found === null ? null : toHex(found));

test("codec: layouts read as what they are, and refused bytes are refused", () => {
  const readers = {
    u8: (r) => String(r.u8()),
    u16: (r) => String(r.u16()),
    u32: (r) => String(r.u32()),
    u64: (r) => String(r.u64()),
    i64: (r) => String(r.i64()),
    "[u8; 3]": (r) => toHex(r.take(3)),
    bytes: (r) => toHex(r.bytes()),
    text: (r) => r.text(),
    "Vec<u8>": (r) => toHex(r.bytes()),
    "Vec<u16>": (r) => `[${r.list(2, (one) => one.u16()).join(", ")}]`,
    "Option<u32>": (r) => String(r.option((one) => one.u32()) ?? "none"),
    "Option<u8>": (r) => String(r.option((one) => one.u8()) ?? "none"),
    "(u8, u32)": (r) => [r.u8(), r.u32()].join(", "),
    "enum tag 0, no fields": (r) => ["Dot", "Box"][r.tag(2)],
    "enum of two": (r) => r.tag(2),
    "enum tag 1, u16, Option<[u8; 2]>": (r) =>
      `${["Dot", "Box"][r.tag(2)]} ${r.u16()}, some ${toHex(r.option((one) => one.take(2)))}`,
    Slot: (r) => {
      const slot = r.u64();
      if (!isSlot(slot)) throw new Malformed("not a slot");
      return `kind ${slot >> 36n}, index ${slot & ((1n << 36n) - 1n)}`;
    },
    Uscc: readTaxId,
    ValidatorSet: readValidatorSet,
  };
  const { layouts, refused } = vectors("codec.json");
  for (const { type, hex: given, value } of layouts) {
    assert.equal(decode(bytes(given), readers[type]), value, type);
  }
  for (const { type, hex: given, why } of refused) {
    assert.throws(() => decode(bytes(given), readers[type]), Malformed, why);
  }
});

test("a reader never reads beyond the end, nor believes a count", () => {
  for (const read of [(r) => r.u64(), (r) => r.bytes(), (r) => r.list(1, (one) => one.u8())]) {
    for (let length = 0; length < 8; length += 1) {
      assert.throws(() => read(new Reader(new Uint8Array(length).fill(255))), Malformed);
    }
    const bomb = new Uint8Array(16).fill(255);
    assert.throws(() => decode(bomb, read), Malformed);
  }
});

test("digests: every tag, length prefixes, key ids", () => {
  const { tags, keys, lp_of_ab_under_dev: prefixed } = vectors("digests.json");
  for (const { tag, of_nothing: nothing, of_78: x } of tags) {
    assert.equal(toHex(taggedHash(tag, utf8(""))), nothing, tag);
    assert.equal(toHex(taggedHash(tag, utf8("x"))), x, tag);
  }
  assert.equal(toHex(taggedHash("dev", u32Bytes(2), utf8("ab"))), prefixed);
  for (const { key_id: id, public_key: key } of keys) assert.equal(toHex(keyId(bytes(key))), id);
});

test("signatures: what is signed, and which keys are keys", () => {
  const { purposes, strict } = vectors("signatures.json");
  for (const one of purposes) {
    const made = signedBytes(one.tag, bytes(one.chain_id), bytes(one.body));
    assert.equal(toHex(made), one.signed_bytes);
  }
  for (const { public_key: key, key: word, name } of strict) {
    assert.equal(isPublicKey(bytes(key)), word === "accepted", name);
  }
});

test("consensus: sets, quorums and certificates", async () => {
  const { certificates, quorums } = vectors("consensus.json");
  for (const one of quorums) {
    const set = decode(bytes(one.set), readValidatorSet);
    assert.equal(toHex(set.hash), one.valset_hash);
    const least = BigInt(one.least_power_that_decides);
    assert.ok(3n * least > 2n * set.power && 3n * (least - 1n) <= 2n * set.power);
  }
  const set = decode(bytes(certificates.set), readValidatorSet);
  for (const { name, hex: given, verdict } of certificates.cases) {
    const certificate = decode(bytes(given), readCertificate);
    const chainId = bytes(certificates.chain_id);
    const fault = await certificateFault(certificate, chainId, set, verifyPlain);
    assert.equal(fault ?? "valid", verdict, name);
  }
});

test("genesis: chain id, header and block id", () => {
  const one = vectors("genesis.json");
  assert.equal(toHex(taggedHash("chain-id", bytes(one.genesis))), one.chain_id);
  assert.equal(toHex(taggedHash("params", bytes(one.params))), one.params_hash);
  const header = decode(bytes(one.header), readHeader);
  assert.equal(toHex(header.id), one.block_id);
  assert.equal(toHex(header.stateRoot), one.state_root);
  assert.equal(toHex(header.chainId), one.chain_id);
});

test("transactions: every payload decodes, with its id and digests", () => {
  const stories = vectors("red_letters.json").cases.map(({ transaction }) => transaction);
  for (const one of [...vectors("transactions.json").transactions, ...stories]) {
    const found = decodeTransaction(bytes(one.bytes));
    assert.equal(toHex(found.id), one.txid, one.payload);
    assert.equal(toHex(found.sigsDigest), one.sigs_digest);
    assert.equal(toHex(found.bodyBytes), one.body);
    const issues = { IssueInvoice: 1, IssueRedLetter: 1, ReissueInvoice: 2 };
    assert.equal(found.body.issues.length, issues[one.payload] ?? 0, one.payload);
    assert.throws(() => decodeTransaction(concat(bytes(one.bytes), Uint8Array.of(0))), Malformed);
  }
});

test("outcomes: leaves, paths, roots and invoice ids", () => {
  for (const { header, tx_root: root, transactions } of vectors("outcomes.json").blocks) {
    const { txCount, txRoot } = decode(bytes(header), readHeader);
    assert.equal(toHex(txRoot), root);
    const leaves = transactions.map(({ leaf }) => bytes(leaf));
    assert.equal(toHex(rootOfList(TRANSACTION_TREE, leaves)), root);
    transactions.forEach((one, at) => {
      const outcome = decode(bytes(one.outcome), readOutcome);
      assert.equal(outcome.code, one.code);
      const path = one.path.map(bytes);
      assert.equal(hex(rootOfPath(TRANSACTION_TREE, bytes(one.leaf), at, txCount, path)), root);
      const ids = outcome.effects.map((effect, sub) => toHex(invoiceId(bytes(one.txid), sub, effect)));
      assert.deepEqual(ids, one.invoice_ids);
      const parts = { id: bytes(one.txid), sigsDigest: new Uint8Array(32) };
      assert.notEqual(toHex(transactionLeaf(parts, outcome)), one.leaf);
    });
  }
});

test("slots: empty levels, leaves, and proofs of what is there and what is not", () => {
  const { empty_levels: levels, leaves, proofs, root } = vectors("slots.json");
  assert.deepEqual(EMPTY_LEVELS.map(toHex), levels);
  for (const { kind, index, slot, leaf, digest } of leaves) {
    assert.equal(slotOf(kind, index), BigInt(slot));
    assert.equal(toHex(leafDigest(BigInt(slot), bytes(leaf))), digest);
  }
  for (const { slot, leaf, proof } of proofs) {
    const decoded = decode(bytes(proof), readSlotProof);
    const given = leaf === null || leaf === undefined ? null : bytes(leaf);
    assert.equal(hex(rootOfSlot(decoded, BigInt(slot), given)), root);
    // Where both are empty, the neighbour is proven empty by the same path.
    if (given !== null) assert.notEqual(hex(rootOfSlot(decoded, BigInt(slot) ^ 1n, given)), root);
    const other = given === null ? new Uint8Array(4) : null;
    assert.notEqual(hex(rootOfSlot(decoded, BigInt(slot), other)), root);
  }
});

test("the slot tree is that of a naive recomputation", () => {
  const node = (l, r) => taggedHash("state-node", l, r);
  const slots = new Map([1n, 2n, 5n, 700n].map((n) => [slotOf(3, n), u16Bytes(n)]));
  let level = new Map([...slots].map(([slot, leaf]) => [slot, leafDigest(slot, leaf)]));
  const rows = [];
  for (let depth = 0; depth < 40; depth += 1) {
    rows.push(level);
    const parents = new Set([...level.keys()].map((at) => at >> 1n));
    const at = (place) => level.get(place) ?? EMPTY_LEVELS[depth];
    level = new Map([...parents].map((p) => [p, node(at(2n * p), at(2n * p + 1n))]));
  }
  const root = toHex(level.get(0n));
  for (const slot of [...slots.keys(), slotOf(3, 3n), slotOf(1, 9n)]) {
    const proof = { empty: 0n, siblings: [] };
    rows.forEach((row, depth) => {
      const sibling = row.get((slot >> BigInt(depth)) ^ 1n);
      if (sibling === undefined) proof.empty |= 1n << BigInt(depth);
      else proof.siblings.push(sibling);
    });
    assert.equal(hex(rootOfSlot(proof, slot, slots.get(slot) ?? null)), root);
  }
});

test("history: roots by size, and paths", () => {
  const { block_ids: ids, roots_by_size: roots, paths } = vectors("history.json");
  const leaves = ids.map((id) => HISTORY_TREE.leaf(bytes(id)));
  roots.forEach((root, size) => {
    assert.equal(toHex(rootOfList(HISTORY_TREE, leaves.slice(0, size))), root);
  });
  for (const { height, size, path } of paths) {
    const reached = rootOfPath(HISTORY_TREE, leaves[height], height, size, path.map(bytes));
    assert.equal(hex(reached), roots[size]);
  }
});

test("documents: leaves with decoys, roots, shown fields and sealed buyers", () => {
  const { documents, sealed_buyers: buyers, links } = vectors("documents.json");
  for (const { field_count: count, fields, leaves_with_decoys: leaves, root } of documents) {
    assert.equal(toHex(rootOfList(FIELD_TREE, leaves.map(bytes))), root);
    for (const { disclosed } of fields) {
      const shown = decode(bytes(disclosed), readShownField);
      assert.ok(isUnderRoot(shown, bytes(root), count));
      assert.ok(!isUnderRoot({ ...shown, line: shown.line + 1 }, bytes(root), count));
      assert.ok(!isUnderRoot(shown, bytes(root), shown.index));
    }
  }
  for (const { seed, id_type: type, id, commitment } of buyers) {
    const salt = taggedHash("buyer-salt", bytes(seed)).subarray(0, 16);
    const text = utf8(id);
    const made = taggedHash("buyer", salt, Uint8Array.of(type), u32Bytes(text.length), text);
    assert.equal(toHex(made), commitment);
  }
  for (const { seed, number, secret, digest } of links) {
    const made = taggedHash("view-secret", bytes(seed), utf8(number)).subarray(0, 16);
    assert.equal(Buffer.from(made).toString("base64url"), secret);
    assert.equal(digestOfSecret(secret), digest);
    for (const wrong of ["", secret.slice(1), `${secret}A`, `${secret.slice(1)}=`, `${secret.slice(1)}/`]) {
      assert.equal(digestOfSecret(wrong), null, wrong);
    }
  }
});

function csv(file) {
  const text = readFileSync(new URL(`../../../chain/vectors/${file}`, import.meta.url), "utf8");
  const [head, ...lines] = text.trimEnd().split("\n");
  const names = head.split(",");
  return lines.map((line) => {
    const cells = line.split(",");
    return Object.fromEntries(names.map((name, at) => [name, cells[at]]));
  });
}

test("tax ids: what is valid is, and nothing else", () => {
  const rows = csv("uscc.csv");
  assert.ok(rows.length > 10);
  for (const row of rows) assert.equal(isTaxId(row.code ?? row.uscc ?? row.input), row.expect === "valid");
});

test("half a unit goes away from zero", () => {
  const cases = [[5n, 10n, 1n], [-5n, 10n, -1n], [4999n, 10000n, 0n], [975n, 1000n, 1n], [-975n, 1000n, -1n], [0n, 7n, 0n]];
  for (const [n, d, rounded] of cases) assert.equal(roundedQuotient(n, d), rounded);
  assert.deepEqual([0n, 5n, -5n, 10_600n].map(moneyText), ["0.00", "0.05", "-0.05", "106.00"]);
});

test("the table of codes is the one of chain/data, row by row", () => {
  const compiled = readFileSync(new URL("../tax/class_rows.js", import.meta.url), "utf8");
  assert.equal(compiled, moduleText(), "run node tests/make_class_table.js > tax/class_rows.js");
  const rows = markedRows();
  const { classes } = ruleSet(2);
  assert.equal(classes.size, rows.length);
  for (const [code, mark] of rows) assert.equal(classes.get(BigInt(code)), mark, code);
});
