// Inflating (RFC 1950, RFC 1951) as far as it goes: what stands before the place where a stream is
// damaged or cut off is given out, which the browser's own decompression does not promise.
//
// Guards: nothing is read beyond the end, and no more is made than asked for.

const LENGTH_BASES = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];
const LENGTH_BITS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const DISTANCE_BASES = [1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577];
const DISTANCE_BITS = [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const CODE_BITS_MAX = 15;

// Thrown where a stream ends, is damaged, or has given enough.
class End extends Error {}

// A code by the lengths of its words: how many there are of each length, and what they stand for.
function codeOf(lengths, isComplete) {
  const counts = new Uint16Array(CODE_BITS_MAX + 1);
  for (const length of lengths) counts[length] += 1;
  let left = 1;
  for (let length = 1; length <= CODE_BITS_MAX; length += 1) left = left * 2 - counts[length];
  const used = lengths.length - counts[0];
  // One word alone, of one bit, leaves the other unused (RFC 1951, 3.2.7).
  const isOne = !isComplete && used === 1 && counts[1] === 1;
  if (left < 0 || (left > 0 && used > 0 && !isOne)) throw new End();
  counts[0] = 0;
  const symbols = [];
  for (let length = 1; length <= CODE_BITS_MAX; length += 1) {
    lengths.forEach((one, symbol) => { if (one === length) symbols.push(symbol); });
  }
  return { counts, symbols };
}

const FIXED = {
  letters: codeOf(Array.from({ length: 288 }, (_, at) => (at < 144 ? 8 : at < 256 ? 9 : at < 280 ? 7 : 8)), true),
  distances: { counts: Uint16Array.from([0, 0, 0, 0, 0, 30, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), symbols: Array.from({ length: 30 }, (_, at) => at) },
};

class Inflating {
  constructor(bytes, most) {
    this.bytes = bytes;
    this.at = 2;
    this.held = 0;
    this.count = 0;
    this.made = new Uint8Array(most);
    this.length = 0;
  }

  bits(count) {
    while (this.count < count) {
      if (this.at >= this.bytes.length) throw new End();
      this.held |= this.bytes[this.at] << this.count;
      this.at += 1;
      this.count += 8;
    }
    const value = this.held & ((1 << count) - 1);
    this.held >>>= count;
    this.count -= count;
    return value;
  }

  symbol({ counts, symbols }) {
    let [code, first, index] = [0, 0, 0];
    for (let length = 1; length <= CODE_BITS_MAX; length += 1) {
      code |= this.bits(1);
      const count = counts[length];
      if (code - first < count) return symbols[index + code - first];
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    throw new End();
  }

  push(byte) {
    if (this.length >= this.made.length) throw new End();
    this.made[this.length] = byte;
    this.length += 1;
  }

  stored() {
    [this.held, this.count] = [0, 0];
    const [length, check] = [this.bits(16), this.bits(16)];
    if (length !== (~check & 0xffff)) throw new End();
    for (let left = length; left > 0; left -= 1) this.push(this.bits(8));
  }

  codes() {
    const [letters, distances, words] = [this.bits(5) + 257, this.bits(5) + 1, this.bits(4) + 4];
    if (letters > 286 || distances > 30) throw new End();
    const short = new Array(19).fill(0);
    for (let at = 0; at < words; at += 1) short[ORDER[at]] = this.bits(3);
    const code = codeOf(short, true);
    const lengths = [];
    while (lengths.length < letters + distances) {
      const symbol = this.symbol(code);
      if (symbol < 16) {
        lengths.push(symbol);
        continue;
      }
      if (symbol === 16 && lengths.length === 0) throw new End();
      const value = symbol === 16 ? lengths[lengths.length - 1] : 0;
      const times = symbol === 16 ? 3 + this.bits(2) : symbol === 17 ? 3 + this.bits(3) : 11 + this.bits(7);
      for (let left = times; left > 0; left -= 1) lengths.push(value);
    }
    if (lengths.length > letters + distances || lengths[256] === 0) throw new End();
    return {
      letters: codeOf(lengths.slice(0, letters), false), distances: codeOf(lengths.slice(letters), false),
    };
  }

  compressed({ letters, distances }) {
    for (;;) {
      const symbol = this.symbol(letters);
      if (symbol === 256) return;
      if (symbol < 256) {
        this.push(symbol);
        continue;
      }
      const length = LENGTH_BASES[symbol - 257] + this.bits(LENGTH_BITS[symbol - 257] ?? 0);
      const far = this.symbol(distances);
      const distance = DISTANCE_BASES[far] + this.bits(DISTANCE_BITS[far] ?? 0);
      if (!(length <= 258) || !(distance <= this.length)) throw new End();
      for (let left = length; left > 0; left -= 1) this.push(this.made[this.length - distance]);
    }
  }

  run() {
    for (let isLast = 0; isLast === 0;) {
      isLast = this.bits(1);
      const kind = this.bits(2);
      if (kind === 0) this.stored();
      else if (kind === 1) this.compressed(FIXED);
      else if (kind === 2) this.compressed(this.codes());
      else throw new End();
    }
  }
}

// What a zlib stream holds, at most so many bytes, as far as it goes; its checksum is not asked.
export function inflate(bytes, most) {
  const [method, flags] = bytes;
  const isZlib = bytes.length >= 2 && (method & 15) === 8 && method >> 4 <= 7;
  if (!isZlib || (method * 256 + flags) % 31 !== 0 || (flags & 32) !== 0) return new Uint8Array(0);
  const stream = new Inflating(bytes, most);
  try {
    stream.run();
  } catch (error) {
    if (!(error instanceof End)) throw error;
  }
  return stream.made.slice(0, stream.length);
}
