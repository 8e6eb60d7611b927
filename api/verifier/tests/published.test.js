// Published suites: what the world knows about BLAKE3, Ed25519 and trees over lists.

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { test } from "node:test";
import { bytes, vectors } from "./harness.js";
import { blake3, blake3DeriveKey, blake3Keyed } from "../blake3.js";
import { concat, fromHex, toHex, utf8 } from "../bytes.js";
import { chooseVerify, verifyPlain } from "../ed25519.js";
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

// Inputs, roots by size and paths of the vectors of RFC 6962 as its first log published them.
const INPUTS = [
  "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
  "606162636465666768696a6b6c6d6e6f",
];
const ROOTS = [
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];
const PATHS = [
  [0, 1, []],
  [0, 8, [
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
  ]],
  [5, 8, [
    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  ]],
  [2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]],
  [1, 5, [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
  ]],
];

test("RFC 6962: roots by size, and inclusion paths", () => {
  const leaves = INPUTS.map((input) => sha256(concat(Uint8Array.of(0), fromHex(input))));
  assert.equal(toHex(rootOfList(HISTORY_TREE, [])), toHex(sha256(new Uint8Array())));
  ROOTS.forEach((root, at) => {
    assert.equal(toHex(rootOfList(HISTORY_TREE, leaves.slice(0, at + 1))), root);
  });
  for (const [index, size, path] of PATHS) {
    const siblings = path.map(fromHex);
    const reached = (at, count, way) => {
      const root = rootOfPath(HISTORY_TREE, leaves[index], at, count, way);
      return root === null ? null : toHex(root);
    };
    assert.equal(reached(index, size, siblings), ROOTS[size - 1]);
    assert.notEqual(reached(index, size, [...siblings, leaves[0]]), ROOTS[size - 1]);
    if (size > 1) assert.notEqual(reached(index, size, siblings.slice(1)), ROOTS[size - 1]);
    if (size > 1) assert.notEqual(reached((index + 1) % size, size, siblings), ROOTS[size - 1]);
    assert.equal(reached(size, size, siblings), null);
  }
});
