// Ed25519-strict (SPEC 3.2).
//
// The strict rules are checked here, before anybody's library is asked: what is left is the plain
// equation, and on that all libraries agree. Where the browser has no Ed25519, or one that fails a
// test of itself, the equation is computed here too.

import { concat, equalBytes, fromHex, toHex, utf8 } from "./bytes.js";
import {
  decodePoint, encodeBaseProduct, fromLittleEndian, GROUP_ORDER, isSmallOrder, negate, P,
} from "./field.js";
import { sha512 } from "./sha2.js";

// Keys that were found good, so that the members of a set are decoded once. Bounded.
const goodKeys = new Set();
const GOOD_KEYS_MAX = 4096;

// Whether 32 bytes are a public key: a canonical encoding of a point that is not of small order.
export function isPublicKey(bytes) {
  const name = toHex(bytes);
  if (goodKeys.has(name)) return true;
  if (isSmallOrder(bytes) || decodePoint(bytes) === null) return false;
  if (goodKeys.size >= GOOD_KEYS_MAX) goodKeys.clear();
  goodKeys.add(name);
  return true;
}

// What a signature must be whatever it signs: S below the group order, R canonical as far as its y
// goes and not of small order.
function isStrict(signature) {
  const R = signature.subarray(0, 32);
  if (fromLittleEndian(signature.subarray(32)) >= GROUP_ORDER || isSmallOrder(R)) return false;
  return (fromLittleEndian(R) & ((1n << 255n) - 1n)) < P;
}

// S·B = R + k·A without a cofactor, as a comparison of encodings.
function equationHolds(key, message, signature) {
  const R = signature.subarray(0, 32);
  const k = fromLittleEndian(sha512(concat(R, key, message))) % GROUP_ORDER;
  const S = fromLittleEndian(signature.subarray(32));
  return equalBytes(encodeBaseProduct(S, k, negate(decodePoint(key))), R);
}

// Checks signatures with nothing but this file.
export async function verifyPlain(key, message, signature) {
  return isPublicKey(key) && isStrict(signature) && equationHolds(key, message, signature);
}

async function askWebCrypto(key, message, signature) {
  const { subtle } = globalThis.crypto;
  const imported = await subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
  return subtle.verify({ name: "Ed25519" }, imported, signature, message);
}

async function verifyWebCrypto(key, message, signature) {
  return isPublicKey(key) && isStrict(signature) && askWebCrypto(key, message, signature);
}

// Cases of vectors/signatures.json that a library with another equation gets wrong: one good, one
// with another message, one that holds with a cofactor only, and two under keys of mixed order.
const SELF_TEST = [
  [
    "0f7608783489684c04726001595638e5258c2ed0bdb3d18d9e3453ea8bb458ad",
    "7069616f",
    "b31b20f50426242514d81b383548bd90de72fd0b8cf2382a88f9f52ce5076b23" +
      "d858a4e4ea1a0b7dd0735391489540935b1eef499eb28b9b2b861cc041e56401",
    1,
  ],
  [
    "0f7608783489684c04726001595638e5258c2ed0bdb3d18d9e3453ea8bb458ad",
    "70696170",
    "b31b20f50426242514d81b383548bd90de72fd0b8cf2382a88f9f52ce5076b23" +
      "d858a4e4ea1a0b7dd0735391489540935b1eef499eb28b9b2b861cc041e56401",
    0,
  ],
  [
    "0f7608783489684c04726001595638e5258c2ed0bdb3d18d9e3453ea8bb458ad",
    "7069616f",
    "186ed2bdbd1a36f6437c5168b0221914018ea4f32a1c3fcd1c1794d64fbd596e" +
      "ca4afd994c34125f8137560972faf0a31a274d4078b4aa1e80b3feea5d96750c",
    0,
  ],
  [
    "c0d4dc9b5b7c8da82c0a4d8a325007b4d87f872d4b4263a972df755afd877c7b",
    "00000000",
    "1076e78b1fca64e7a66bd8ad80af796ddc09caf556bcd33dc68b8aaef06c93a3" +
      "27f99cd470c2195a980bcc71468c0b811da2754fd4cc5f93a9644efab1896d0a",
    0,
  ],
  [
    "c0d4dc9b5b7c8da82c0a4d8a325007b4d87f872d4b4263a972df755afd877c7b",
    "0000001a",
    "1076e78b1fca64e7a66bd8ad80af796ddc09caf556bcd33dc68b8aaef06c93a3" +
      "b62c53939669fe9ad21db8db4cb604aec9c408b4b92b6096f84e5f36b76ba30b",
    1,
  ],
];

// The function (key, message, signature) → Promise of whether it holds: WebCrypto where it passes
// the test, else the computation above.
export async function chooseVerify() {
  try {
    for (const [key, message, signature, holds] of SELF_TEST) {
      const found = await verifyWebCrypto(fromHex(key), fromHex(message), fromHex(signature));
      if (found !== (holds === 1)) return verifyPlain;
    }
    return verifyWebCrypto;
  } catch {
    return verifyPlain;
  }
}

// What is signed for a purpose on a network.
export function signedBytes(tag, chainId, body) {
  return concat(Uint8Array.of(tag.length), utf8(tag), chainId, body);
}
