// BLAKE3, after its published specification: the plain, keyed and key-derivation modes with 32
// bytes of output. The protocol uses key derivation alone (SPEC 3.1).

import { utf8 } from "./bytes.js";

const IV = Uint32Array.of(
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
);
const MESSAGE_ORDER = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8];
const CHUNK_BYTES = 1024;
const BLOCK_BYTES = 64;
const [CHUNK_START, CHUNK_END, PARENT, ROOT] = [1, 2, 4, 8];
const [KEYED_HASH, DERIVE_KEY_CONTEXT, DERIVE_KEY_MATERIAL] = [16, 32, 64];

// Which word of the block each of the seven rounds uses where.
const SCHEDULES = (() => {
  const schedules = [MESSAGE_ORDER.map((_, at) => at)];
  while (schedules.length < 7) {
    const last = schedules[schedules.length - 1];
    schedules.push(MESSAGE_ORDER.map((at) => last[at]));
  }
  return schedules;
})();

const state = new Uint32Array(16);

function mix(a, b, c, d, x, y) {
  state[a] = state[a] + state[b] + x;
  let turned = state[d] ^ state[a];
  state[d] = (turned >>> 16) | (turned << 16);
  state[c] = state[c] + state[d];
  turned = state[b] ^ state[c];
  state[b] = (turned >>> 12) | (turned << 20);
  state[a] = state[a] + state[b] + y;
  turned = state[d] ^ state[a];
  state[d] = (turned >>> 8) | (turned << 24);
  state[c] = state[c] + state[d];
  turned = state[b] ^ state[c];
  state[b] = (turned >>> 7) | (turned << 25);
}

// The next chaining value. `counter` is the chunk's number, below 2^32 for any input here.
function compress(chaining, words, counter, length, flags) {
  state.set(chaining);
  state.set(IV.subarray(0, 4), 8);
  state[12] = counter;
  state[13] = 0;
  state[14] = length;
  state[15] = flags;
  for (const m of SCHEDULES) {
    mix(0, 4, 8, 12, words[m[0]], words[m[1]]);
    mix(1, 5, 9, 13, words[m[2]], words[m[3]]);
    mix(2, 6, 10, 14, words[m[4]], words[m[5]]);
    mix(3, 7, 11, 15, words[m[6]], words[m[7]]);
    mix(0, 5, 10, 15, words[m[8]], words[m[9]]);
    mix(1, 6, 11, 12, words[m[10]], words[m[11]]);
    mix(2, 7, 8, 13, words[m[12]], words[m[13]]);
    mix(3, 4, 9, 14, words[m[14]], words[m[15]]);
  }
  const next = new Uint32Array(8);
  for (let at = 0; at < 8; at += 1) next[at] = state[at] ^ state[at + 8];
  return next;
}

function wordsOf(bytes) {
  const words = new Uint32Array(16);
  for (let at = 0; at < bytes.length; at += 1) words[at >> 2] |= bytes[at] << (8 * (at & 3));
  return words;
}

// The last compression of a chunk or parent, not done yet: whether it is the root's, only the
// caller knows.
function chunkOutput(bytes, counter, key, flags) {
  let chaining = key;
  let at = 0;
  let start = CHUNK_START;
  while (bytes.length - at > BLOCK_BYTES) {
    const words = wordsOf(bytes.subarray(at, at + BLOCK_BYTES));
    chaining = compress(chaining, words, counter, BLOCK_BYTES, flags | start);
    start = 0;
    at += BLOCK_BYTES;
  }
  const rest = bytes.subarray(at);
  const last = flags | start | CHUNK_END;
  const before = chaining;
  return (more) => compress(before, wordsOf(rest), counter, rest.length, last | more);
}

function parentOutput(left, right, key, flags) {
  const words = new Uint32Array(16);
  words.set(left);
  words.set(right, 8);
  return (more) => compress(key, words, 0, BLOCK_BYTES, flags | PARENT | more);
}

// The output of the subtree over all of these bytes; `counter` is the number of its first chunk.
function subtree(bytes, counter, key, flags) {
  if (bytes.length <= CHUNK_BYTES) return chunkOutput(bytes, counter, key, flags);
  // The left side is the largest full tree that leaves at least a byte for the right.
  let left = CHUNK_BYTES;
  while (2 * left < bytes.length) left *= 2;
  const chunks = left / CHUNK_BYTES;
  return parentOutput(
    subtree(bytes.subarray(0, left), counter, key, flags)(0),
    subtree(bytes.subarray(left), counter + chunks, key, flags)(0),
    key,
    flags,
  );
}

function digest(bytes, key, flags) {
  const words = subtree(bytes, 0, key, flags)(ROOT);
  const out = new Uint8Array(32);
  for (let at = 0; at < 32; at += 1) out[at] = words[at >> 2] >>> (8 * (at & 3));
  return out;
}

export function blake3(bytes) {
  return digest(bytes, IV, 0);
}

export function blake3Keyed(key, bytes) {
  return digest(bytes, wordsOf(key).subarray(0, 8), KEYED_HASH);
}

// A function from key material to its digest under a context.
export function blake3DeriveKey(context) {
  const key = wordsOf(digest(utf8(context), IV, DERIVE_KEY_CONTEXT)).slice(0, 8);
  return (material) => digest(material, key, DERIVE_KEY_MATERIAL);
}
