// PDFs that carry a proof, as the page looks into them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateSync } from "node:zlib";
import { bytes, vectors } from "./harness.js";
import { concat, utf8 } from "../bytes.js";
import { isPdf, proofsInside } from "../page/attached.js";
import { inflate } from "../page/inflate.js";
import { PROOF_BYTES_MAX } from "../proof_file.js";

const [one, other] = vectors("proofs.json").cases.map(({ file }) => bytes(file));
const pdf = (...streams) => concat(
  utf8("%PDF-1.7\n"),
  ...streams.flatMap((data) => [utf8("1 0 obj\n<<>>\nstream\r\n"), data, utf8("\r\nendstream\nendobj\n")]),
  utf8("trailer\n%%EOF\n"),
);
const flate = (data) => new Uint8Array(deflateSync(data));

test("a proof is found as it is and compressed, once", async () => {
  const text = flate(utf8("BT (invoice) Tj ET"));
  for (const given of [pdf(text, one), pdf(text, flate(one)), pdf(one, text, flate(one))]) {
    assert.ok(isPdf(given));
    assert.deepEqual(await proofsInside(given), [one]);
  }
});

test("of two proofs none is picked, and of none nothing is made up", async () => {
  assert.equal((await proofsInside(pdf(one, flate(other)))).length, 2);
  for (const given of [pdf(), pdf(utf8("text"), flate(utf8("text"))), utf8("%PDF-1.4 stream\n")]) {
    assert.deepEqual(await proofsInside(given), []);
  }
  assert.ok(!isPdf(concat(one, utf8("%PDF-"))) && !isPdf(utf8("no PDF")));
});

test("a damaged proof is handed over as it is, and a bomb is cut at the limit", async () => {
  const cut = one.slice(0, 12);
  assert.deepEqual(await proofsInside(concat(utf8("%PDF-1.7\n"), cut)), [cut]);
  // Cut or damaged anywhere behind its first bytes, a stream is a damaged proof, not none.
  for (const level of [0, 1, 9]) {
    const whole = new Uint8Array(deflateSync(one, { level }));
    for (let end = whole.length - 1; end > whole.length / 2; end -= 7) {
      const [part, ...more] = await proofsInside(concat(utf8("%PDF-1.7\nstream\n"), whole.subarray(0, end)));
      assert.equal(more.length, 0);
      assert.deepEqual(part, one.slice(0, part.length), `${level}, cut at ${end}`);
      assert.ok(part.length >= 8 && (part.length < one.length || end > whole.length - 6));
    }
    // The checksum behind it is not asked: the proof has signatures of its own.
    const sum = Uint8Array.from(whole);
    sum[sum.length - 1] ^= 1;
    assert.deepEqual(await proofsInside(pdf(sum)), [one]);
  }
  const bomb = new Uint8Array(32 << 20);
  bomb.set(one);
  const [found] = await proofsInside(pdf(flate(bomb)));
  assert.equal(found.length, PROOF_BYTES_MAX + 1);
});

test("what another implementation deflates is inflated, and nothing is read beyond its end", () => {
  let seed = 7;
  const random = (below) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 8) % below;
  };
  for (let times = 0; times < 300; times += 1) {
    const [length, letters] = [random(20_000), 1 + random(256)];
    const data = Uint8Array.from({ length }, () => random(letters));
    const strategy = [0, 1, 2, 3, 4][random(5)]; // default, filtered, Huffman, run length, fixed
    const packed = new Uint8Array(deflateSync(data, { level: random(10), strategy }));
    assert.deepEqual(inflate(packed, length + 10), data);
    assert.deepEqual(inflate(packed, length >> 1), data.slice(0, length >> 1));
    const damaged = Uint8Array.from(packed);
    damaged[random(damaged.length)] ^= 1 << random(8);
    assert.ok(inflate(damaged, 40_000).length <= 40_000);
  }
});
