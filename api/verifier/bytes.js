// Bytes, hex, and the strict reader of the encoding (SPEC 2).
//
// Guards: nothing is read beyond the end, no length is believed before it is compared with the
// bytes that are left, and a value has one encoding. Integers of 64 bits are BigInt.

// Thrown for bytes that are not what they should be. Any other error is a bug of this program.
export class Malformed extends Error {}

const STRICT_TEXT = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const LENIENT_TEXT = new TextDecoder("utf-8", { ignoreBOM: true });
const TEXT_ENCODER = new TextEncoder();

export function utf8(text) {
  return TEXT_ENCODER.encode(text);
}

// The text of bytes that must be UTF-8.
export function strictText(bytes) {
  try {
    return STRICT_TEXT.decode(bytes);
  } catch {
    throw new Malformed("text is not UTF-8");
  }
}

// The text of any bytes, with U+FFFD for what is none (SPEC 7.8).
export function lossyText(bytes) {
  return LENIENT_TEXT.decode(bytes);
}

const HEX_DIGITS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

export function toHex(bytes) {
  let text = "";
  for (const byte of bytes) text += HEX_DIGITS[byte];
  return text;
}

// The bytes of an even number of hex digits; `null` for any other text.
export function fromHex(text) {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return null;
  const bytes = new Uint8Array(text.length / 2);
  for (let at = 0; at < bytes.length; at += 1) {
    bytes[at] = Number.parseInt(text.slice(2 * at, 2 * at + 2), 16);
  }
  return bytes;
}

export function concat(...parts) {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

// Less than 0, 0, or more than 0, as strings of bytes sort.
export function compareBytes(a, b) {
  const shorter = Math.min(a.length, b.length);
  for (let at = 0; at < shorter; at += 1) {
    if (a[at] !== b[at]) return a[at] - b[at];
  }
  return a.length - b.length;
}

export function equalBytes(a, b) {
  return compareBytes(a, b) === 0;
}

// Whether each item is less than the next.
export function ascending(items, compare) {
  return items.every((item, at) => at === 0 || compare(items[at - 1], item) < 0);
}

function unsigned(value, width) {
  const bytes = new Uint8Array(width);
  let rest = BigInt(value);
  for (let at = width - 1; at >= 0; at -= 1) {
    bytes[at] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}

export const u16Bytes = (value) => unsigned(value, 2);
export const u32Bytes = (value) => unsigned(value, 4);
export const u64Bytes = (value) => unsigned(value, 8);

// Reads values one after the other.
export class Reader {
  #bytes;
  #at = 0;

  constructor(bytes) {
    this.#bytes = bytes;
  }

  get left() {
    return this.#bytes.length - this.#at;
  }

  // Where reading stands, for `since`.
  get place() {
    return this.#at;
  }

  // The bytes read since a place.
  since(place) {
    return this.#bytes.subarray(place, this.#at);
  }

  take(count) {
    if (count > this.left) throw new Malformed("bytes end early");
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  u8() {
    return this.take(1)[0];
  }

  u16() {
    const [a, b] = this.take(2);
    return a * 0x100 + b;
  }

  u32() {
    return this.u16() * 0x10000 + this.u16();
  }

  u64() {
    return (BigInt(this.u32()) << 32n) | BigInt(this.u32());
  }

  i64() {
    return BigInt.asIntN(64, this.u64());
  }

  // A count of items, each of at least so many bytes.
  #count(itemBytes) {
    const count = this.u64();
    if (count * BigInt(itemBytes) > BigInt(this.left)) throw new Malformed("too long a list");
    return Number(count);
  }

  bytes() {
    return this.take(this.#count(1));
  }

  text() {
    return strictText(this.bytes());
  }

  // A list of items that have at least `itemBytes` bytes each.
  list(itemBytes, item) {
    const items = [];
    for (let rest = this.#count(itemBytes); rest > 0; rest -= 1) items.push(item(this));
    return items;
  }

  option(value) {
    const tag = this.u8();
    if (tag > 1) throw new Malformed("an option is neither there nor not");
    return tag === 1 ? value(this) : null;
  }

  // The tag of an enum of so many variants.
  tag(variants) {
    const tag = this.u32();
    if (tag >= variants) throw new Malformed("unknown variant");
    return tag;
  }

  digests() {
    return this.list(32, (reader) => reader.take(32));
  }
}

// The value that all of the bytes encode.
export function decode(bytes, read) {
  const reader = new Reader(bytes);
  const value = read(reader);
  if (reader.left !== 0) throw new Malformed("bytes are left over");
  return value;
}
