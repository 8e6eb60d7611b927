// That one history continues another (RFC 9162, 2.1.4.2): for whoever keeps checkpoints of the log
// (SPEC 7.10). The page has none to keep and does without.

import { equalBytes } from "./bytes.js";
import { HISTORY_TREE } from "./merkle.js";

// Digests of a path, at most: two for each bit of a size.
const PATH_MAX = 128;

// Whether a path shows that the tree of `from` leaves is a beginning of the one of `to`. Sizes are
// BigInt; a tree of none is a beginning of every tree only by its size, so 0 is refused.
export function isConsistent(from, fromRoot, to, toRoot, path) {
  if (from < 1n || from > to || path.length > PATH_MAX) return false;
  if (from === to) return path.length === 0 && equalBytes(fromRoot, toRoot);
  let at = from - 1n;
  let last = to - 1n;
  while ((at & 1n) === 1n) {
    at >>= 1n;
    last >>= 1n;
  }
  // A full old tree is itself the first node.
  const [first, ...rest] = (from & (from - 1n)) === 0n ? [fromRoot, ...path] : path;
  if (first === undefined) return false;
  let [old, now] = [first, first];
  for (const sibling of rest) {
    if (last === 0n) return false;
    if ((at & 1n) === 1n || at === last) {
      old = HISTORY_TREE.node(sibling, old);
      now = HISTORY_TREE.node(sibling, now);
      while ((at & 1n) === 0n && at !== 0n) {
        at >>= 1n;
        last >>= 1n;
      }
    } else {
      now = HISTORY_TREE.node(now, sibling);
    }
    at >>= 1n;
    last >>= 1n;
  }
  return last === 0n && equalBytes(old, fromRoot) && equalBytes(now, toRoot);
}
