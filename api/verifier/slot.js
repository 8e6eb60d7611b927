// Slots and what stands in one, proven against a state root (SPEC 6.1, 6.3, 7.3).

import { equalBytes, u64Bytes } from "./bytes.js";
import { taggedHash } from "./digest.js";

const DEPTH = 40;
const INDEX_BITS = 36n;
const KINDS = 8n;

const node = (left, right) => taggedHash("state-node", left, right);

// Digests of empty subtrees, by level.
export const EMPTY_LEVELS = (() => {
  const levels = [new Uint8Array(32)];
  while (levels.length <= DEPTH) {
    const below = levels[levels.length - 1];
    levels.push(node(below, below));
  }
  return levels;
})();

// Whether a number of 64 bits is a slot: of a kind from 1 to 8.
export function isSlot(value) {
  const kind = value >> INDEX_BITS;
  return kind >= 1n && kind <= KINDS;
}

export function slotOf(kind, index) {
  return (BigInt(kind) << INDEX_BITS) | BigInt(index);
}

export function leafDigest(slot, leaf) {
  return taggedHash("state-leaf", u64Bytes(slot), leaf);
}

export function readSlotProof(reader) {
  return { empty: reader.u64(), siblings: reader.digests() };
}

// The state root that a leaf's bytes, or `null` for a slot that is empty, lead to; `null` where the
// proof is not in its one shape.
export function rootOfSlot(proof, slot, leaf) {
  if (proof.empty >> BigInt(DEPTH) !== 0n) return null;
  let digest = leaf === null ? EMPTY_LEVELS[0] : leafDigest(slot, leaf);
  let used = 0;
  for (let level = 0; level < DEPTH; level += 1) {
    const bit = 1n << BigInt(level);
    const empty = EMPTY_LEVELS[level];
    let sibling = empty;
    if ((proof.empty & bit) === 0n) {
      sibling = proof.siblings[used];
      used += 1;
      if (sibling === undefined || equalBytes(sibling, empty)) return null;
    }
    digest = (slot & bit) === 0n ? node(digest, sibling) : node(sibling, digest);
  }
  return used === proof.siblings.length ? digest : null;
}
