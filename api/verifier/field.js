// Points of the curve of Ed25519 (RFC 8032, 5.1), with BigInt.
//
// Not in constant time: only public data is handled here.

export const P = (1n << 255n) - 19n;
export const GROUP_ORDER = (1n << 252n) + 27742317777372353535851937790883648493n;

const mod = (value) => {
  const rest = value % P;
  return rest < 0n ? rest + P : rest;
};

function power(base, exponent) {
  let result = 1n;
  let square = mod(base);
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % P;
    square = (square * square) % P;
  }
  return result;
}

const inverse = (value) => power(value, P - 2n);
const D = mod(-121665n * inverse(121666n));
const TWICE_D = mod(2n * D);
const ROOT_OF_MINUS_ONE = power(2n, (P - 1n) / 4n);

export function fromLittleEndian(bytes) {
  let value = 0n;
  for (let at = bytes.length - 1; at >= 0; at -= 1) value = (value << 8n) | BigInt(bytes[at]);
  return value;
}

function toLittleEndian(value) {
  const bytes = new Uint8Array(32);
  let rest = value;
  for (let at = 0; at < 32; at += 1) {
    bytes[at] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}

// A point in extended coordinates: x = X/Z, y = Y/Z, x·y = T/Z.
const NEUTRAL = { X: 0n, Y: 1n, Z: 1n, T: 0n };

function add(a, b) {
  const A = ((a.Y - a.X) * (b.Y - b.X)) % P;
  const B = ((a.Y + a.X) * (b.Y + b.X)) % P;
  const C = (((a.T * b.T) % P) * TWICE_D) % P;
  const E = 2n * a.Z * b.Z;
  return joined(B - A, E - C, E + C, B + A);
}

function double(a) {
  const A = a.X * a.X;
  const B = a.Y * a.Y;
  const H = A + B;
  const E = H - (a.X + a.Y) ** 2n;
  const G = A - B;
  const F = 2n * a.Z * a.Z + G;
  return joined(E % P, F % P, G % P, H % P);
}

const joined = (E, F, G, H) => ({
  X: (E * F) % P,
  Y: (G * H) % P,
  Z: (F * G) % P,
  T: (E * H) % P,
});

export const negate = (a) => ({ X: -a.X, Y: a.Y, Z: a.Z, T: -a.T });

// 0 to 15 times a point.
function multiples(a) {
  const table = [NEUTRAL];
  while (table.length < 16) table.push(add(table[table.length - 1], a));
  return table;
}

// a times A plus b times B, four bits of both at a time.
function twoProducts(a, tableA, b, tableB) {
  let sum = NEUTRAL;
  for (let bit = 252n; bit >= 0n; bit -= 4n) {
    for (let n = 0; n < 4; n += 1) sum = double(sum);
    sum = add(sum, tableA[Number((a >> bit) & 15n)]);
    sum = add(sum, tableB[Number((b >> bit) & 15n)]);
  }
  return sum;
}

// The canonical encoding.
export function encodePoint(point) {
  const back = inverse(mod(point.Z));
  const bytes = toLittleEndian(mod(point.Y * back));
  if (mod(point.X * back) & 1n) bytes[31] |= 0x80;
  return bytes;
}

// The point that 32 bytes canonically encode; `null` where they encode none.
export function decodePoint(bytes) {
  const sign = BigInt(bytes[31] >> 7);
  const y = fromLittleEndian(bytes) & ((1n << 255n) - 1n);
  if (y >= P) return null;
  const u = mod(y * y - 1n);
  const v = mod(D * y * y + 1n);
  let x = mod(u * v ** 3n * power(u * mod(v ** 7n), (P - 5n) / 8n));
  const square = mod(v * x * x);
  if (square === mod(-u)) x = mod(x * ROOT_OF_MINUS_ONE);
  else if (square !== u) return null;
  if (x === 0n && sign === 1n) return null;
  if ((x & 1n) !== sign) x = P - x;
  return { X: x, Y: y, Z: 1n, T: mod(x * y) };
}

const BASE_Y = mod(4n * inverse(5n));
const baseTable = multiples(decodePoint(toLittleEndian(BASE_Y)));

// The encoding of s·B + k·A.
export function encodeBaseProduct(s, k, A) {
  return encodePoint(twoProducts(s, baseTable, k, multiples(A)));
}

// The y of the eight points of small order: 1, −1, 0, and the two of order 8, which are found by
// taking away from some point what lies in the group of prime order.
const SMALL_ORDER_Y = (() => {
  for (let y = 2n; ; y += 1n) {
    const point = decodePoint(toLittleEndian(y));
    if (point === null) continue;
    const table = multiples(point);
    const torsion = twoProducts(GROUP_ORDER, table, 0n, table);
    const four = double(double(torsion));
    if (mod(four.X) === 0n && mod(four.Y - four.Z) === 0n) continue;
    const last = mod(torsion.Y * inverse(mod(torsion.Z)));
    return [1n, P - 1n, 0n, last, P - last];
  }
})();

// Whether bytes, sign aside, have the y of a point of small order.
export function isSmallOrder(bytes) {
  const y = fromLittleEndian(bytes) & ((1n << 255n) - 1n);
  return SMALL_ORDER_Y.includes(y);
}
