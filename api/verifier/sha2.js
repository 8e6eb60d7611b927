// SHA-256 and SHA-512 (FIPS 180-4). The history tree uses the first, Ed25519 the second where the
// browser has no Ed25519 of its own. Own code, because WebCrypto answers only later and is missing
// on plain http.

// The first 64 bits after the point of the square or cube roots of the first primes, as BigInt: the
// constants of both functions, computed instead of listed.
function primes(count) {
  const found = [];
  for (let n = 2n; found.length < count; n += 1n) {
    if (found.every((prime) => n % prime !== 0n)) found.push(n);
  }
  return found;
}

// The whole part of the `power`-th root of `value`.
function root(value, power) {
  let low = 0n;
  let high = 1n << 76n;
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (middle ** power <= value) low = middle;
    else high = middle;
  }
  return low;
}

const MASK_64 = (1n << 64n) - 1n;
const fractions = (count, power) =>
  primes(count).map((prime) => root(prime << (64n * power), power) & MASK_64);
const SQUARE_ROOTS = fractions(8, 2n);
const CUBE_ROOTS = fractions(80, 3n);

// The message, a one bit, zeros, and the length in bits, in whole blocks.
function pad(bytes, blockBytes) {
  const lengthBytes = blockBytes / 8;
  const blocks = Math.ceil((bytes.length + 1 + lengthBytes) / blockBytes);
  const padded = new Uint8Array(blocks * blockBytes);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setBigUint64(padded.length - 8, BigInt(bytes.length) * 8n);
  return view;
}

const START_256 = SQUARE_ROOTS.map((value) => Number(value >> 32n) | 0);
const ROUNDS_256 = CUBE_ROOTS.slice(0, 64).map((value) => Number(value >> 32n) | 0);
const turn = (word, by) => (word >>> by) | (word << (32 - by));

export function sha256(bytes) {
  const input = pad(bytes, 64);
  const hash = Int32Array.from(START_256);
  const w = new Int32Array(64);
  for (let block = 0; block < input.byteLength; block += 64) {
    for (let t = 0; t < 16; t += 1) w[t] = input.getInt32(block + 4 * t);
    for (let t = 16; t < 64; t += 1) {
      const small0 = turn(w[t - 15], 7) ^ turn(w[t - 15], 18) ^ (w[t - 15] >>> 3);
      const small1 = turn(w[t - 2], 17) ^ turn(w[t - 2], 19) ^ (w[t - 2] >>> 10);
      w[t] = (w[t - 16] + small0 + w[t - 7] + small1) | 0;
    }
    let [a, b, c, d, e, f, g, h] = hash;
    for (let t = 0; t < 64; t += 1) {
      const big1 = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25);
      const first = (h + big1 + ((e & f) ^ (~e & g)) + ROUNDS_256[t] + w[t]) | 0;
      const big0 = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22);
      const second = (big0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((word, at) => {
      hash[at] += word;
    });
  }
  const out = new DataView(new ArrayBuffer(32));
  hash.forEach((word, at) => out.setInt32(4 * at, word));
  return new Uint8Array(out.buffer);
}

const turn64 = (word, by) => ((word >> by) | (word << (64n - by))) & MASK_64;

export function sha512(bytes) {
  const input = pad(bytes, 128);
  const hash = [...SQUARE_ROOTS];
  const w = new Array(80);
  for (let block = 0; block < input.byteLength; block += 128) {
    for (let t = 0; t < 16; t += 1) w[t] = input.getBigUint64(block + 8 * t);
    for (let t = 16; t < 80; t += 1) {
      const small0 = turn64(w[t - 15], 1n) ^ turn64(w[t - 15], 8n) ^ (w[t - 15] >> 7n);
      const small1 = turn64(w[t - 2], 19n) ^ turn64(w[t - 2], 61n) ^ (w[t - 2] >> 6n);
      w[t] = (w[t - 16] + small0 + w[t - 7] + small1) & MASK_64;
    }
    let [a, b, c, d, e, f, g, h] = hash;
    for (let t = 0; t < 80; t += 1) {
      const big1 = turn64(e, 14n) ^ turn64(e, 18n) ^ turn64(e, 41n);
      const chosen = (e & f) ^ ((e ^ MASK_64) & g);
      const first = h + big1 + chosen + CUBE_ROOTS[t] + w[t];
      const big0 = turn64(a, 28n) ^ turn64(a, 34n) ^ turn64(a, 39n);
      const second = big0 + ((a & b) ^ (a & c) ^ (b & c));
      [h, g, f, e, d, c, b, a] =
        [g, f, e, (d + first) & MASK_64, c, b, a, (first + second) & MASK_64];
    }
    [a, b, c, d, e, f, g, h].forEach((word, at) => {
      hash[at] = (hash[at] + word) & MASK_64;
    });
  }
  const out = new DataView(new ArrayBuffer(64));
  hash.forEach((word, at) => out.setBigUint64(8 * at, word));
  return new Uint8Array(out.buffer);
}
