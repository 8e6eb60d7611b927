// The proof file (SPEC 7.4), read strictly and in file order, so that every reader names the same
// reason.

import { Reader, Malformed, decode, equalBytes } from "./bytes.js";
import { readCertificate, readHeader, readValidatorSet } from "./block.js";
import { readShownField, SHOWN_FIELD_BYTES_MIN } from "./document.js";
import { readIdentity, readPublicKey } from "./identity.js";
import { LINK_BYTES_MIN, LINKS_MAX, readLink } from "./links.js";
import { readSlotProof } from "./slot.js";
import { decodeTransaction, readNumber, readOutcome } from "./transaction.js";

export const PROOF_BYTES_MAX = 65536;
export const MAGIC = Uint8Array.of(0x89, 0x50, 0x49, 0x41, 0x4f, 0x0d, 0x0a, 0x1a);
const VERSION = 1;
const SUITE = 1;

// A proof that this program is too old for: its reason is not that the proof is false.
export class Unknown extends Error {
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

function readKey(reader) {
  const place = reader.place;
  const publicKey = readPublicKey(reader);
  const identity = reader.since(place);
  const index = reader.u32();
  const value = reader.place;
  const account = reader.u32();
  const role = reader.tag(2);
  const fromHeight = reader.u64();
  const revokedHeight = reader.option((inner) => inner.u64());
  const disputedSince = reader.option((inner) => inner.u64());
  const leafValue = reader.since(value);
  return {
    publicKey, identity, index, account, role, fromHeight, revokedHeight, disputedSince, leafValue,
    path: readSlotProof(reader),
  };
}

function readInvoiceStatus(reader) {
  const place = reader.place;
  const status = {
    reversedFen: reader.list(8, (inner) => inner.i64()),
    reissuedBy: reader.option((inner) => inner.u64()),
  };
  reader.take(1 + 1 + 4); // booked_use, claim, booked_period
  const lastRed = reader.option((inner) => {
    inner.u64(); // slot
    return { number: readNumber(inner), timeMs: inner.u64() };
  });
  return { ...status, lastRed, leafValue: reader.since(place) };
}

function readCard(reader) {
  const place = reader.place;
  const taxId = readIdentity(reader);
  const name = reader.text();
  const key = reader.take(16);
  reader.take(16); // salt
  const bytes = reader.since(place);
  return { taxId, name, key, bytes, signer: reader.take(16), signature: reader.take(64) };
}

function readFields(reader) {
  return reader.list(SHOWN_FIELD_BYTES_MIN, readShownField);
}

// Which of the transaction's effects; the first is not named.
function readPart(reader) {
  const part = reader.u32();
  if (part === 0) throw new Malformed("the first part is named");
  return part;
}

export function readLinks(reader) {
  return reader.list(LINK_BYTES_MIN, readLink);
}

export const all = (read) => (value) => decode(value, read);

// The records in file order: type, name here and in the JSON twin, whether it must be there, how
// its value decodes.
export const RECORDS = [
  [1, "transaction", true, decodeTransaction],
  [2, "part", false, all(readPart)],
  [3, "outcome", true, all(readOutcome)],
  [4, "inclusion", true, all((r) => ({ index: r.u32(), path: r.digests() }))],
  [5, "header", true, all(readHeader)],
  [6, "latest", false, all((r) => ({ header: readHeader(r), historyPath: r.digests() }))],
  [8, "certificate", true, all(readCertificate)],
  [9, "validators", true, all(readValidatorSet)],
  [10, "links", false, all(readLinks)],
  [11, "key", true, all(readKey)],
  [12, "status", true, all((r) => ({ leaf: r.option(readInvoiceStatus), path: readSlotProof(r) }))],
  [13, "card", false, all(readCard)],
  [14, "disclosed", false, all(readFields)],
];

// Checks what stands before the records and returns a reader of them.
function open(bytes, version) {
  if (bytes.length > PROOF_BYTES_MAX) throw new Malformed("too large a file");
  const reader = new Reader(bytes);
  if (!equalBytes(reader.take(MAGIC.length), MAGIC)) throw new Malformed("not a proof file");
  if (reader.u8() !== version) throw new Unknown("UNKNOWN_VERSION");
  if (reader.u8() !== SUITE) throw new Unknown("UNKNOWN_SUITE");
  if (reader.u32() !== reader.left) throw new Malformed("the file is cut, or has a tail");
  return reader;
}

// The next record, `null` at the end. Types ascend.
function readAhead(reader, lowest) {
  if (reader.left === 0) return null;
  const type = reader.u16();
  const value = reader.take(reader.u32());
  if (type < lowest) throw new Malformed("records out of order");
  return { type, value };
}

export function checkLinks(links) {
  if (links !== null && (links.length === 0 || links.length > LINKS_MAX)) {
    throw new Malformed("no links, or too many");
  }
  return links;
}

// The records of a file of a version, by name; absent ones are null.
export function readRecords(bytes, version, records) {
  const reader = open(bytes, version);
  const found = {};
  let ahead = readAhead(reader, 0);
  for (const [type, name, required, decodeValue] of records) {
    found[name] = null;
    if (ahead !== null && ahead.type < type) throw new Unknown("UNKNOWN_RECORD");
    if (ahead !== null && ahead.type === type) {
      const { value } = ahead;
      ahead = readAhead(reader, type + 1);
      found[name] = decodeValue(value);
    } else if (required) {
      throw new Malformed(`no record ${name}`);
    }
  }
  return { found, isEnd: ahead === null };
}

// A proof from the bytes of its file; throws Malformed or Unknown.
export function decodeProof(bytes) {
  const { found: proof, isEnd } = readRecords(bytes, VERSION, RECORDS);
  checkLinks(proof.links);
  if (proof.disclosed !== null && proof.disclosed.length === 0) {
    throw new Malformed("an empty list of fields");
  }
  if (!isEnd) throw new Unknown("UNKNOWN_RECORD");
  return {
    ...proof,
    part: proof.part ?? 0,
    disclosed: proof.disclosed ?? [],
    asOf: (proof.latest ?? proof).header,
  };
}
