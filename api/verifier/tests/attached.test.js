// PDFs that carry a proof, as the page looks into them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateSync } from "node:zlib";
import { bytes, vectors } from "./harness.js";
import { concat, utf8 } from "../bytes.js";
import { isPdf, proofsInside } from "../page/attached.js";
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
  // A stream that does not inflate to its end holds none: what comes out of it differs by program.
  const whole = flate(one);
  for (let end = whole.length - 1; end > 0; end -= 23) {
    const given = concat(utf8("%PDF-1.7\nstream\n"), whole.subarray(0, end));
    assert.deepEqual(await proofsInside(given), [], `cut at ${end}`);
  }
  const sum = Uint8Array.from(whole);
  sum[sum.length - 1] ^= 1;
  assert.deepEqual(await proofsInside(pdf(sum)), []);
  const bomb = new Uint8Array(32 << 20);
  bomb.set(one);
  const [found] = await proofsInside(pdf(flate(bomb)));
  assert.equal(found.length, PROOF_BYTES_MAX + 1);
});
