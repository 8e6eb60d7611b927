// Transactions, their payloads and outcomes, as they are encoded (SPEC 4.1, 4.2, 4.8.1, 5.3, 5.4).

import { concat, decode, Malformed, u32Bytes, u64Bytes } from "./bytes.js";
import { readValidatorSet } from "./block.js";
import { taggedHash } from "./digest.js";
import { readIdentity, readPublicKey, readTaxId } from "./identity.js";
import { isSlot } from "./slot.js";

const TX_BYTES_MAX = 32768;

function readBuyer(reader) {
  if (reader.tag(2) === 0) return { taxId: readTaxId(reader) };
  reader.take(32);
  return { class: reader.u8() };
}

function readLine(reader) {
  return {
    classCode: reader.u64(),
    lineType: reader.u8(),
    amount: reader.i64(),
    deduction: reader.i64(),
    rate: reader.u32(),
    zeroRateKind: reader.option((inner) => inner.u8()),
    preference: reader.u8(),
    tax: reader.i64(),
  };
}

// Bytes of a line without its zero-rate kind.
const LINE_BYTES_MIN = 39;

function readFacts(reader) {
  return {
    kind: reader.u8(),
    issuingMode: reader.u8(),
    ruleSet: reader.u16(),
    issuedOn: reader.u32(),
    currency: reader.u16(),
    buyer: readBuyer(reader),
    specialBusiness: reader.u8(),
    lines: reader.list(LINE_BYTES_MIN, readLine),
    waiveReason: reader.u8(),
    red: reader.option((inner) => ({
      originalSlot: inner.u64(),
      reason: inner.u8(),
      confirmation: inner.option((slot) => slot.u64()),
    })),
    totals: { amount: reader.i64(), tax: reader.i64(), gross: reader.i64() },
  };
}

function readPaymentSlot(reader) {
  const slot = reader.u64();
  if (!isSlot(slot)) throw new Malformed("not a slot");
  return slot;
}

function readInvoice(reader) {
  return {
    facts: readFacts(reader),
    docRoot: reader.take(32),
    fieldCount: reader.u16(),
    orderKey: reader.take(32),
    holder: reader.option((inner) => inner.take(32)),
    payments: reader.list(8, readPaymentSlot),
  };
}

export function readNumber(reader) {
  const bytes = reader.take(20);
  if (bytes.some((byte) => byte < 0x30 || byte > 0x39)) throw new Malformed("not a number");
  return bytes;
}

function readRedLetter(reader) {
  const original = readNumber(reader);
  const facts = readFacts(reader);
  reader.list(2, (inner) => inner.u16()); // original_lines
  return { original, facts, docRoot: reader.take(32), fieldCount: reader.u16() };
}

// Proofs that keys are held: key ids and signatures.
function readPossessions(reader) {
  reader.list(80, (inner) => inner.take(16 + 64));
}

// Two things that a validator signed: votes, each for a block or for none, or proposals.
function readEvidence(reader) {
  const proposals = reader.tag(3) === 2;
  for (let one = 0; one < 2; one += 1) {
    if (proposals) reader.take(32 + 8);
    else reader.option((inner) => inner.take(32));
    reader.take(64);
  }
}

// The payloads by tag: what each reads, and the invoices that it issues when applied, if any. A
// proof is about invoices, but which payload a transaction has is told only once it decodes, so all
// of them do.
const PAYLOADS = [
  (reader) => {
    readIdentity(reader);
    reader.tag(2);
    reader.u8();
    reader.i64();
    readPublicKey(reader);
    reader.take(64 + 64);
  },
  (reader) => {
    reader.u32();
    readPublicKey(reader);
    reader.tag(2);
    reader.take(64);
  },
  (reader) => reader.take(4 + 8 + 32) && undefined,
  (reader) => reader.take(4 + 4 + 8) && undefined,
  (reader) => [readInvoice(reader)],
  (reader) => reader.take(2 + 8) && undefined,
  (reader) => {
    reader.u32();
    reader.option((limits) => {
      limits.take(8 + 4);
      return limits.tag(2);
    });
  },
  (reader) => {
    readValidatorSet(reader);
    readPossessions(reader);
    reader.u64();
  },
  (reader) => {
    reader.u8();
    reader.list(32, readPublicKey);
    readPossessions(reader);
  },
  (reader) => {
    readPublicKey(reader);
    reader.take(8 + 4);
    readEvidence(reader);
  },
  (reader) => [readRedLetter(reader)],
  (reader) => {
    reader.take(8 + 1);
    reader.list(10, (part) => part.take(2 + 8));
  },
  (reader) => {
    reader.u64();
    reader.tag(3);
  },
  (reader) => [readRedLetter(reader), readInvoice(reader)],
  (reader) => reader.take(8 + 1 + 4) && undefined,
  (reader) => {
    readPublicKey(reader);
    reader.take(64);
  },
  (reader) => {
    reader.take(16);
    reader.option((inner) => inner.u64());
  },
];

// Their names, in the same order.
const PAYLOAD_NAMES = [
  "RegisterMerchant", "AddKey", "CreditFees", "SetFeeSchedule", "IssueInvoice", "ActivateRuleSet",
  "SetLimits", "SetValidators", "SetAuthority", "ReportMisbehaviour", "IssueRedLetter",
  "ProposeRedLetter", "AnswerRedLetter", "ReissueInvoice", "BookInvoice", "RotateKey", "RevokeKey",
];

export function readBody(reader) {
  const body = {
    version: reader.u8(),
    suite: reader.u8(),
    chainId: reader.take(32),
    account: reader.u32(),
    signers: reader.list(16, (inner) => inner.take(16)),
  };
  reader.take(16); // idem
  reader.u64(); // valid_until_ms
  reader.u32(); // fee_max_fen
  reader.u8(); // flags
  const payload = reader.tag(PAYLOADS.length);
  body.asked = PAYLOAD_NAMES[payload];
  body.issues = PAYLOADS[payload](reader) ?? [];
  return body;
}

// A signed transaction from its wire bytes.
export function decodeTransaction(bytes) {
  if (bytes.length > TX_BYTES_MAX) throw new Malformed("too large a transaction");
  return decode(bytes, (reader) => {
    const bodyBytes = reader.bytes();
    const place = reader.place;
    const signatures = reader.list(64, (inner) => inner.take(64));
    const id = taggedHash("txid", bodyBytes);
    const sigsDigest = taggedHash("sigs", reader.since(place));
    return { body: decode(bodyBytes, readBody), bodyBytes, signatures, id, sigsDigest };
  });
}

function readEffect(reader) {
  return {
    slot: reader.u64(),
    number: readNumber(reader),
    counter: reader.u64(),
    previousId: reader.take(32),
  };
}

// Bytes of an effect.
const EFFECT_BYTES = 68;

export function readOutcome(reader) {
  const place = reader.place;
  const outcome = {
    code: reader.u16(),
    evidence: reader.list(8, (inner) => inner.i64()),
    effects: reader.list(EFFECT_BYTES, readEffect),
    feeChargedFen: reader.u32(),
  };
  return { ...outcome, bytes: reader.since(place) };
}

// The leaf of a transaction and what came of it (SPEC 4.3).
export function transactionLeaf(transaction, outcome) {
  return taggedHash("tx-leaf", transaction.id, transaction.sigsDigest, outcome.bytes);
}

// SPEC 5.4.
export function invoiceId(transactionId, subIndex, effect) {
  return taggedHash("invoice-id", concat(
    transactionId,
    u32Bytes(subIndex),
    u64Bytes(effect.slot),
    effect.number,
    u64Bytes(effect.counter),
    effect.previousId,
  ));
}
