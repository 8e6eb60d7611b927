// Keys, tax ids and identities, as they are encoded (SPEC 3.3, 4.2.0, 4.8.7).

import { Malformed } from "./bytes.js";
import { taggedHash } from "./digest.js";
import { isPublicKey } from "./ed25519.js";

export function keyId(publicKey) {
  return taggedHash("key-id", publicKey).subarray(0, 16);
}

export function readPublicKey(reader) {
  const bytes = reader.take(32);
  if (!isPublicKey(bytes)) throw new Malformed("not a public key");
  return bytes;
}

const TAX_ID_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY";
const DIGIT_VALUES = 10;

// A unified social credit code, 18 characters with a check character at the end.
export function isTaxId(text) {
  const values = [...text].map((character) => TAX_ID_CHARACTERS.indexOf(character));
  if (values.length !== 18 || values.includes(-1)) return false;
  if (values.slice(2, 8).some((value) => value >= DIGIT_VALUES)) return false;
  let weight = 1;
  let sum = 0;
  for (const value of values.slice(0, 17)) {
    sum = (sum + value * weight) % 31;
    weight = (weight * 3) % 31;
  }
  return values[17] === (31 - sum) % 31;
}

export function readTaxId(reader) {
  const text = String.fromCharCode(...reader.take(18));
  if (!isTaxId(text)) throw new Malformed("not a tax id");
  return text;
}

// The tax id, or `null` for an identity that is a commitment.
export function readIdentity(reader) {
  if (reader.tag(2) === 0) return readTaxId(reader);
  reader.take(32);
  return null;
}
