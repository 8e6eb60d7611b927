// The JSON twins of a proof file (SPEC 7.5) and of a statement (7.11.5): each stands for exactly one
// binary file.

import { concat, fromHex, Malformed, u16Bytes, u32Bytes } from "./bytes.js";
import { parseJson } from "./json.js";
import { MAGIC, PROOF_BYTES_MAX, RECORDS } from "./proof_file.js";
import { RECORDS_OF } from "./statement.js";

const BRACE = 0x7b;

function small(value) {
  const text = value?.number ?? "";
  if (!/^(0|[1-9][0-9]{0,2})$/.test(text) || Number(text) > 255) throw new Malformed("a number");
  return Number(text);
}

// The value of a record; hex of lower case.
function record(text) {
  if (typeof text !== "string" || text.length > 2 * PROOF_BYTES_MAX || /[A-Z]/.test(text)) {
    throw new Malformed("not lower-case hex");
  }
  const value = fromHex(text);
  if (value === null) throw new Malformed("not hex");
  return value;
}

// The records that a text may have: a transaction stands in proofs alone.
function recordsOf(members, version) {
  const records = members.has("transaction") ? RECORDS : RECORDS_OF[version];
  if (records === undefined) throw new Malformed("a twin of no file");
  return records.map(([type, name, required]) => [type, name === "asOf" ? "header" : name, required]);
}

// The binary file that a twin stands for. Whether that is a proof, decodeProof says.
export function fileOfTwin(bytes) {
  const members = parseJson(bytes);
  if (!(members instanceof Map)) throw new Malformed("not an object");
  const version = small(members.get("version"));
  const wanted = recordsOf(members, version);
  const names = new Set(["version", "suite", ...wanted.map(([, name]) => name)]);
  for (const name of members.keys()) {
    if (!names.has(name)) throw new Malformed("unknown member");
  }
  const records = [];
  for (const [type, name, required] of wanted) {
    const text = members.get(name) ?? null;
    if (text === null && required) throw new Malformed("a record is missing");
    if (text === null) continue;
    const value = record(text);
    records.push(u16Bytes(type), u32Bytes(value.length), value);
  }
  const body = concat(...records);
  const frame = [version, small(members.get("suite"))];
  return concat(MAGIC, Uint8Array.from(frame), u32Bytes(body.length), body);
}

// The binary form of a proof in either form. Bytes that are neither stay as they are.
export function proofBytes(bytes) {
  const first = bytes.findIndex((byte) => ![0x20, 0x09, 0x0a, 0x0c, 0x0d].includes(byte));
  if (bytes[first] !== BRACE) return bytes;
  try {
    return fileOfTwin(bytes);
  } catch (error) {
    if (error instanceof Malformed) return bytes;
    throw error;
  }
}
