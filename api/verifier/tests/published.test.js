// Published suites: what the world knows about BLAKE3, Ed25519 and trees over lists.

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { test } from "node:test";
import { bytes, vectors } from "./harness.js";
import { blake3, blake3DeriveKey, blake3Keyed } from "../blake3.js";
import { concat, toHex, utf8 } from "../bytes.js";
import { chooseVerify, verifyPlain } from "../ed25519.js";
import { isConsistent } from "../consistency.js";
import { HISTORY_TREE, rootOfList, rootOfPath } from "../merkle.js";
import { sha256, sha512 } from "../sha2.js";

test("BLAKE3: the published vectors in all three modes", () => {
  const { key, context, cases } = vectors("published/blake3.json");
  const derive = blake3DeriveKey(context);
  assert.equal(cases.length, 35);
  for (const row of cases) {
    const [length, ...expected] = row.split(" ");
    const input = Uint8Array.from({ length: Number(length) }, (_, at) => at % 251);
    const found = [blake3(input), blake3Keyed(utf8(key), input), derive(input)];
    assert.deepEqual(found.map(toHex), expected, length);
  }
});

test("SHA-2: as the platform's, at every length up to two blocks and around", () => {
  for (let length = 0; length < 270; length += 1) {
    const input = randomBytes(length);
    for (const [name, hash] of [["sha256", sha256], ["sha512", sha512]]) {
      assert.equal(toHex(hash(input)), createHash(name).update(input).digest("hex"), `${name} ${length}`);
    }
  }
});

const published = vectors("published/ed25519.json");
const SUITES = [["cctv", 914, 43], ["wycheproof", 151, 88], ["taming", 12, 1]];
const chosen = await chooseVerify();

test("the platform's Ed25519 passes the test of itself", { skip: chosen === verifyPlain }, () => {
  assert.equal(chosen.name, "verifyWebCrypto");
});

for (const verify of new Set([chosen, verifyPlain])) {
  for (const [name, count, holding] of SUITES) {
    test(`${verify.name}: ${count} cases of ${name}`, async () => {
      const { keys, r, cases } = published[name];
      assert.equal(cases.length, count);
      let held = 0;
      for (const row of cases) {
        const [key, first, second, message, expected] = row.split(" ");
        const plain = (hex) => bytes(hex === "-" ? "" : hex);
        const signature = concat(bytes(r[first]), plain(second));
        // The protocol's signatures have 64 bytes; others do not decode.
        const holds = signature.length === 64
          && (await verify(bytes(keys[key]), plain(message), signature));
        assert.equal(Number(holds), Number(expected), row);
        held += Number(holds);
      }
      assert.equal(held, holding);
    });
  }

  test(`${verify.name}: every strict case of the vectors, and what each purpose signs`, async () => {
    const { strict, purposes } = vectors("signatures.json");
    for (const { name, public_key: key, message, signature, valid } of strict) {
      assert.equal(await verify(bytes(key), bytes(message), bytes(signature)), valid, name);
    }
    for (const { tag, public_key: key, signed_bytes: signed, signature } of purposes) {
      assert.equal(await verify(bytes(key), bytes(signed), bytes(signature)), true, tag);
    }
  });
}

const log = vectors("published/rfc6962.json");

test("RFC 6962: roots by size, and inclusion paths", () => {
  const leaves = log.inputs.map((input) => sha256(concat(Uint8Array.of(0), bytes(input))));
  assert.equal(toHex(rootOfList(HISTORY_TREE, [])), log.empty_root);
  log.roots.forEach((root, at) => {
    assert.equal(toHex(rootOfList(HISTORY_TREE, leaves.slice(0, at + 1))), root);
  });
  for (const { index, size, path } of log.inclusion) {
    const siblings = path.map(bytes);
    const reached = (at, count, way) => {
      const root = rootOfPath(HISTORY_TREE, leaves[index], at, count, way);
      return root === null ? null : toHex(root);
    };
    const root = log.roots[size - 1];
    assert.equal(reached(index, size, siblings), root);
    assert.notEqual(reached(index, size, [...siblings, leaves[0]]), root);
    if (size > 1) assert.notEqual(reached(index, size, siblings.slice(1)), root);
    if (size > 1) assert.notEqual(reached((index + 1) % size, size, siblings), root);
    assert.equal(reached(size, size, siblings), null);
  }
  assert.equal(log.inclusion.length, 5);
});

test("RFC 6962: consistency paths", () => {
  const roots = log.roots.map(bytes);
  for (const { from, to, path } of log.consistency) {
    const [old, now, siblings] = [roots[from - 1], roots[to - 1], path.map(bytes)];
    const holds = (way, a = from, aRoot = old, b = to, bRoot = now) =>
      isConsistent(BigInt(a), aRoot, BigInt(b), bRoot, way);
    assert.ok(holds(siblings), `${from} to ${to}`);
    assert.ok(!holds([...siblings, roots[0]]));
    assert.ok(!holds(siblings, 0));
    assert.ok(!holds(siblings, to + 1));
    assert.ok(!holds(siblings, from, roots[2]));
    assert.ok(!holds(siblings, from, old, to, roots[2]));
    siblings.forEach((_, at) => {
      const changed = siblings.map((one, place) => (place === at ? roots[2] : one));
      assert.ok(!holds(changed), `${from} to ${to} at ${at}`);
      assert.ok(!holds(siblings.filter((__, place) => place !== at)));
    });
  }
  assert.equal(log.consistency.length, 4);
});

test("consistency: every pair of sizes of the log's own tree, computed from the definition", () => {
  const leaves = log.inputs.map((input) => sha256(concat(Uint8Array.of(0), bytes(input))));
  // RFC 9162, 2.1.4.1.
  const subproof = (m, list, known) => {
    if (m === list.length) return known ? [] : [rootOfList(HISTORY_TREE, list)];
    let k = 1;
    while (2 * k < list.length) k *= 2;
    return m <= k
      ? [...subproof(m, list.slice(0, k), known), rootOfList(HISTORY_TREE, list.slice(k))]
      : [...subproof(m - k, list.slice(k), false), rootOfList(HISTORY_TREE, list.slice(0, k))];
  };
  for (let to = 1; to <= leaves.length; to += 1) {
    for (let from = 1; from <= to; from += 1) {
      const path = subproof(from, leaves.slice(0, to), true);
      const [old, now] = [from, to].map((size) => bytes(log.roots[size - 1]));
      assert.ok(isConsistent(BigInt(from), old, BigInt(to), now, path), `${from} to ${to}`);
    }
  }
});
