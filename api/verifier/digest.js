// Digests with their purpose in them (SPEC 3.1).

import { blake3DeriveKey } from "./blake3.js";
import { concat } from "./bytes.js";

const functions = new Map();

// `H(tag, parts joined)`.
export function taggedHash(tag, ...parts) {
  if (!functions.has(tag)) functions.set(tag, blake3DeriveKey(`piao/1 ${tag}`));
  return functions.get(tag)(parts.length === 1 ? parts[0] : concat(...parts));
}
