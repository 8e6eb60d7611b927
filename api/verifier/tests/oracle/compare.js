// Our BLAKE3, SHA-512 and Ed25519 against an independent implementation, on seeded inputs.
//
// Usage: node compare.js FOLDER [COUNT]; FOLDER holds the packages of package.json.

import { pathToFileURL } from "node:url";
import { resolve } from "node:path";
import "../harness.js";
import { blake3, blake3DeriveKey, blake3Keyed } from "../../blake3.js";
import { concat, toHex, u32Bytes, utf8 } from "../../bytes.js";
import { chooseVerify, verifyPlain } from "../../ed25519.js";
import { sha512 } from "../../sha2.js";

const [, , folder, count = "2000"] = process.argv;
const module = (name) => import(pathToFileURL(resolve(folder, "node_modules", name)).href);
const noble = {
  ...(await module("@noble/hashes/esm/blake3.js")),
  ...(await module("@noble/hashes/esm/sha2.js")),
  ...(await module("@noble/curves/esm/ed25519.js")),
};
const verifies = [await chooseVerify(), verifyPlain];

// Bytes that follow from a number.
function seeded(number, length) {
  const blocks = [];
  for (let at = 0; at * 64 < length; at += 1) blocks.push(noble.sha512(concat(u32Bytes(number), u32Bytes(at))));
  return concat(...blocks).subarray(0, length);
}

let wrong = 0;
function same(what, ours, theirs) {
  if (ours === theirs) return;
  wrong += 1;
  console.error(`${what}: ${ours}, theirs is ${theirs}`);
}

for (let number = 0; number < Number(count); number += 1) {
  // Around the ends of blocks and chunks, and up to several chunks.
  const length = number % 3 === 0 ? number : (number * 37) % 9000;
  const input = seeded(number, length);
  const key = seeded(number + 1, 32);
  const context = `context ${number % 50}`;
  same(`blake3 ${length}`, toHex(blake3(input)), toHex(noble.blake3(input)));
  same(`keyed ${length}`, toHex(blake3Keyed(key, input)), toHex(noble.blake3(input, { key })));
  const derived = noble.blake3(input, { context: utf8(context) });
  same(`derived ${length}`, toHex(blake3DeriveKey(context)(input)), toHex(derived));
  if (number % 10 !== 0) continue;
  same(`sha512 ${length}`, toHex(sha512(input)), toHex(noble.sha512(input)));
  const publicKey = noble.ed25519.getPublicKey(key);
  const good = noble.ed25519.sign(input, key);
  const bad = Uint8Array.from(good);
  bad[number % 64] ^= 1;
  for (const verify of verifies) {
    same(`signature ${number}`, await verify(publicKey, input, good), true);
    same(`bad signature ${number}`, await verify(publicKey, input, bad), false);
  }
}
console.log(`${count} inputs against another implementation, ${wrong} differences`);
process.exitCode = wrong === 0 ? 0 : 1;
