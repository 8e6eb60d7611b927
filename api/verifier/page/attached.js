// The proof that a PDF carries: its bytes as they are, or in a stream compressed with Flate. It is
// found by its magic, not through the tables of the PDF; of two proofs none is picked.

import { concat, equalBytes } from "../bytes.js";
import { MAGIC, PROOF_BYTES_MAX } from "../proof_file.js";

// Longest PDF looked at, and the streams that are looked into.
export const PDF_BYTES_MAX = 64 << 20;
const STREAMS_MAX = 20_000;
const FRAME_BYTES = 14;
const word = (text) => new TextEncoder().encode(text);
const [PDF, STREAM, END] = [word("%PDF-"), word("stream"), word("endstream")];

function startsWith(bytes, start, at = 0) {
  return equalBytes(bytes.subarray(at, at + start.length), start);
}

// Where the next such bytes begin, or -1.
function find(bytes, wanted, from) {
  let at = bytes.indexOf(wanted[0], from);
  while (at >= 0 && !startsWith(bytes, wanted, at)) at = bytes.indexOf(wanted[0], at + 1);
  return at;
}

export function isPdf(bytes) {
  return !startsWith(bytes, MAGIC) && find(bytes.subarray(0, 1029), PDF, 0) >= 0;
}

// As long as it says it is; a cut one as far as it goes, one too long just beyond the limit.
function framed(bytes) {
  const length = bytes.length < FRAME_BYTES ? 0 : new DataView(bytes.buffer, bytes.byteOffset).getUint32(10);
  return bytes.slice(0, Math.min(length + FRAME_BYTES, PROOF_BYTES_MAX + 1));
}

async function inflated(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const reader = stream.getReader();
  let all = new Uint8Array(0);
  try {
    while (all.length <= PROOF_BYTES_MAX) {
      const { value, done } = await reader.read();
      if (done) break;
      all = concat(all, value);
      if (all.length >= MAGIC.length && !startsWith(all, MAGIC)) break;
    }
  } catch {
    // Not deflated, damaged or cut off: how much of it came out is up to the browser, so none counts.
    all = new Uint8Array(0);
  }
  reader.cancel().catch(() => {});
  return all.subarray(0, PROOF_BYTES_MAX + 1);
}

// The proofs in a PDF that differ: none, one, or two where there are more.
export async function proofsInside(pdf) {
  const found = [];
  const add = (proof) => {
    if (startsWith(proof, MAGIC) && !found.some((one) => equalBytes(one, proof))) found.push(proof);
  };
  for (let at = find(pdf, MAGIC, 0); at >= 0 && found.length < 2; at = find(pdf, MAGIC, at + 1)) {
    add(framed(pdf.subarray(at)));
  }
  let at = find(pdf, STREAM, 0);
  for (let seen = 0; at >= 0 && seen < STREAMS_MAX && found.length < 2; at = find(pdf, STREAM, at + 1)) {
    const start = at + STREAM.length + (pdf[at + STREAM.length] === 13 ? 2 : 1);
    // A zlib stream of deflate says so in its first byte.
    if ((pdf[start] & 15) !== 8 || startsWith(pdf, END, at - 3)) continue;
    seen += 1;
    const end = find(pdf, END, start);
    const line = pdf[end - 1] === 10 ? (pdf[end - 2] === 13 ? 2 : 1) : 0;
    add(await inflated(pdf.subarray(start, end < 0 ? pdf.length : end - line)));
  }
  return found;
}
