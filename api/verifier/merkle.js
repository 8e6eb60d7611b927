// Trees over lists (SPEC 7.1). Directions come from index and size, never from the proof, and a
// path's length must be exact.

import { concat, utf8 } from "./bytes.js";
import { taggedHash } from "./digest.js";
import { sha256 } from "./sha2.js";

export const TRANSACTION_TREE = {
  node: (left, right) => taggedHash("tx-node", left, right),
  none: () => taggedHash("tx-empty", utf8("")),
};

export const FIELD_TREE = {
  node: (left, right) => taggedHash("field-node", left, right),
};

// RFC 6962, with SHA-256: the chain of blocks as a transparency log.
export const HISTORY_TREE = {
  leaf: (blockId) => sha256(concat(Uint8Array.of(0), blockId)),
  node: (left, right) => sha256(concat(Uint8Array.of(1), left, right)),
  none: () => sha256(new Uint8Array()),
};

// The root that a leaf and its path lead to; `null` where index, size and length do not agree.
export function rootOfPath(tree, leaf, index, size, path) {
  let at = BigInt(index);
  let last = BigInt(size) - 1n;
  if (at > last) return null;
  let digest = leaf;
  for (const sibling of path) {
    if (last === 0n) return null;
    if ((at & 1n) === 1n || at === last) {
      digest = tree.node(sibling, digest);
      while ((at & 1n) === 0n && at !== 0n) {
        at >>= 1n;
        last >>= 1n;
      }
    } else {
      digest = tree.node(digest, sibling);
    }
    at >>= 1n;
    last >>= 1n;
  }
  return last === 0n ? digest : null;
}

// The root over leaves in order.
export function rootOfList(tree, leaves) {
  if (leaves.length === 0) return tree.none();
  if (leaves.length === 1) return leaves[0];
  let left = 1;
  while (2 * left < leaves.length) left *= 2;
  return tree.node(rootOfList(tree, leaves.slice(0, left)), rootOfList(tree, leaves.slice(left)));
}
