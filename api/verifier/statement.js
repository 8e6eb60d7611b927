// Statements about a number or an account (SPEC 7.11): that a number is not issued, and that these
// are all invoices of a range.
//
// Guards: that something is not there follows from what every block commits to, the count of issued
// invoices and each seller's chain of invoice ids, and never from an empty slot.

import { concat, decode, equalBytes, Malformed, toHex } from "./bytes.js";
import { readCertificate, readHeader, readValidatorSet } from "./block.js";
import { Deciding, parse, sameRoot, stopFalse } from "./decided.js";
import { taggedHash } from "./digest.js";
import { readIdentity } from "./identity.js";
import { HISTORY_TREE, rootOfPath, TRANSACTION_TREE } from "./merkle.js";
import { all, checkLinks, MAGIC, readLinks, readRecords, Unknown } from "./proof_file.js";
import { readSlotProof, rootOfSlot, slotOf } from "./slot.js";
import { invoiceId, readBody, readNumber, readOutcome, transactionLeaf } from "./transaction.js";

const LISTED_MAX = 800;
const LISTED_BYTES = 56;
const [ACCOUNT_KIND, INVOICE_KIND, TOTALS_KIND] = [1, 3, 8];
const INDEX_END = 1n << 36n;
const U64_END = 1n << 64n;
const NONE = new Uint8Array(32);

// What a file says, by its version.
const WORDS = { 2: "absence", 3: "completeness" };

function readPlace(reader) {
  return {
    sigsDigest: reader.take(32),
    outcome: readOutcome(reader),
    index: reader.u32(),
    path: reader.digests(),
    block: reader.option((inner) => ({ header: readHeader(inner), path: inner.digests() })),
  };
}

function readTotals(reader) {
  const place = reader.place;
  reader.take(8 + 8); // minted, collected
  const count = reader.u64();
  reader.take(4 + 4); // accounts, keys
  return { count, leaf: reader.since(place), path: readSlotProof(reader) };
}

function readList(reader) {
  return {
    account: reader.u32(),
    from: reader.u64(),
    before: reader.take(32),
    listed: reader.list(LISTED_BYTES, (inner) => ({
      id: inner.take(32), part: inner.u32(), number: readNumber(inner),
    })),
  };
}

function readAccount(reader) {
  const place = reader.place;
  const taxId = readIdentity(reader);
  reader.tag(3); // status
  reader.tag(2); // taxpayer
  reader.take(1 + 8 + 8 + 4 + 8); // region, balance, quota and its use
  const counter = reader.u64();
  const lastId = reader.take(32);
  reader.take(4 + 4); // failures
  return { taxId, counter, lastId, leaf: reader.since(place), path: readSlotProof(reader) };
}

function readIssued(reader) {
  const bytes = reader.bytes();
  const { account } = decode(bytes, readBody);
  return { account, id: taggedHash("txid", bytes), part: reader.u32(), place: readPlace(reader) };
}

const CERTIFIED = [
  [5, "asOf", true, all(readHeader)],
  [8, "certificate", true, all(readCertificate)],
  [9, "validators", true, all(readValidatorSet)],
  [10, "links", false, (value) => checkLinks(decode(value, readLinks))],
];
// As RECORDS of a proof, by version.
export const RECORDS_OF = {
  2: [
    ...CERTIFIED,
    [17, "number", true, all(readNumber)],
    [18, "totals", true, all(readTotals)],
    [19, "instead", false, all((r) => ({ id: r.take(32), place: readPlace(r) }))],
  ],
  3: [
    ...CERTIFIED,
    [20, "list", true, all(readList)],
    [21, "account", false, all(readAccount)],
    [22, "issued", false, all(readIssued)],
    [23, "first", false, all(readPlace)],
  ],
};

// Counter of the last one listed, one below the first where none is.
const lastCounter = ({ from, listed }) => from + BigInt(listed.length) - 1n;

function checkList({ list, account, issued }) {
  if ((account === null) === (issued === null)) throw new Malformed("no end of the list, or two");
  if (list.from === 0n || lastCounter(list) >= U64_END || list.listed.length > LISTED_MAX) {
    throw new Malformed("no such counters, or too many");
  }
}

function decodeStatement(bytes) {
  const version = isStatement(bytes) ? bytes[MAGIC.length] : 2;
  const { found, isEnd } = readRecords(bytes, version, RECORDS_OF[version]);
  if (version === 3) checkList(found);
  if (!isEnd) throw new Unknown("UNKNOWN_RECORD");
  return found;
}

// The slot of a number, `null` for one that no invoice has.
function slotOfNumber(number) {
  const sequence = BigInt(String.fromCharCode(...number.subarray(5)));
  return sequence < INDEX_END ? slotOf(INVOICE_KIND, sequence) : null;
}

// Why a transaction does not stand in its place; `null` if it does.
function placeFault({ sigsDigest, outcome, index, path, block }, id, asOf) {
  const header = block?.header ?? asOf;
  if (block !== null) {
    const leaf = HISTORY_TREE.leaf(header.id);
    const reached = rootOfPath(HISTORY_TREE, leaf, header.height, asOf.height, block.path);
    if (!sameRoot(reached, asOf.histRoot)) return "HISTORY_INVALID";
  }
  const leaf = transactionLeaf({ id, sigsDigest }, outcome);
  const reached = rootOfPath(TRANSACTION_TREE, leaf, index, header.txCount, path);
  return sameRoot(reached, header.txRoot) ? null : "INCLUSION_INVALID";
}

class StatementJudgement extends Deciding {
  constructor(root, options, statement) {
    super(root, options, {
      statement,
      number: null,
      account: null,
      tax_id: null,
      counters: null,
      blocks: null,
      invoices: [],
    });
  }

  chain() {
    const { links, instead, issued, first } = this.proof;
    const places = [instead?.place, issued?.place, first];
    const placed = places.map((place) => place?.block ?? null).filter((block) => block !== null);
    const named = [...(links ?? []), ...placed].map(({ header }) => header);
    this.sameChain(named, "headers name different networks");
  }

  // The step of a transaction that must stand in its place.
  placed(step, place, id) {
    const fault = placeFault(place, id, this.proof.asOf);
    if (fault !== null) throw stopFalse(fault, step, "the transaction is not where it should be");
    return (place.block?.header ?? this.proof.asOf).height;
  }

  inState(slot, { leaf, path }) {
    return sameRoot(rootOfSlot(path, slot, leaf), this.proof.asOf.stateRoot);
  }

  // Whether it holds for ever.
  absence() {
    const { number, totals, instead, asOf } = this.proof;
    const invalid = (step, detail) => stopFalse("ABSENCE_INVALID", step, detail);
    if (!this.inState(slotOf(TOTALS_KIND, 0), totals)) {
      throw invalid("count", "the count of invoices is not in the proven state");
    }
    const text = String.fromCharCode(...number);
    const sequence = BigInt(text.slice(5));
    this.passed("count", `${totals.count} invoices issued as of block ${asOf.height}`);
    const isCounted = sequence >= 1n && sequence <= totals.count;
    if (isCounted !== (instead !== null)) {
      throw invalid("instead", "it does not show what stands in the number's place");
    }
    if (isCounted) {
      const { id, place } = instead;
      const height = this.placed("instead", place, id);
      const effect = place.outcome.effects.find(({ slot }) => slot === slotOfNumber(number));
      if (effect === undefined || place.outcome.code !== 0) {
        throw invalid("instead", "the transaction issued nothing in the number's place");
      }
      if (equalBytes(effect.number, number)) {
        throw stopFalse("NUMBER_ISSUED", "instead", "this very number");
      }
      this.passed("instead", `${String.fromCharCode(...effect.number)} in block ${height}`);
    }
    this.report.number = text;
    return sequence <= totals.count;
  }

  // Counter and id that the list must end with.
  end() {
    const { list, account, issued, asOf } = this.proof;
    const invalid = (detail) => stopFalse("ACCOUNT_INVALID", "account", detail);
    if (account !== null) {
      if (!this.inState(slotOf(ACCOUNT_KIND, list.account), account)) {
        throw invalid("the account is not in the proven state");
      }
      const { counter, lastId: id } = account;
      this.passed(
        "account", `account ${list.account} issued ${counter} invoices as of block ${asOf.height}`,
      );
      return { counter, id, lastBlock: asOf.height };
    }
    const { id, part, place } = issued;
    const height = this.placed("account", place, id);
    const effect = place.outcome.effects[part];
    if (effect === undefined || issued.account !== list.account || place.outcome.code !== 0) {
      throw invalid("the last invoice is not this account's");
    }
    this.passed("account", `the last one listed is in block ${height}`);
    return { counter: effect.counter, id: invoiceId(id, part, effect), lastBlock: height - 1n };
  }

  completeness() {
    const { list, account, first } = this.proof;
    const { from, before, listed } = list;
    const invalid = (step, detail) => stopFalse("LIST_INVALID", step, detail);
    const { counter: lastOne, id: lastId, lastBlock } = this.end();
    if ((from === 1n) !== equalBytes(before, NONE)) {
      throw invalid("list", "it does not begin where it says");
    }
    let previousId = before;
    const invoices = listed.map(({ id, part, number }, at) => {
      const slot = slotOfNumber(number);
      if (slot === null) throw invalid("list", "a number that no invoice has");
      const counter = from + BigInt(at);
      previousId = invoiceId(id, part, { slot, number, counter, previousId });
      return { counter, number: String.fromCharCode(...number), txid: toHex(id) };
    });
    if (lastCounter(list) !== lastOne || !equalBytes(previousId, lastId)) {
      throw invalid("list", "an invoice is missing, changed, or not the account's");
    }
    this.passed("list", `${listed.length} invoices, none between them missing`);
    let firstBlock = from === 1n ? 0n : null;
    if (first !== null) {
      if (from === 1n || listed.length === 0) throw invalid("first", "nothing begins there");
      firstBlock = this.placed("first", first, listed[0].id) + 1n;
      this.passed("first", `the first one listed is in block ${firstBlock - 1n}`);
    }
    const isBounded = firstBlock !== null && firstBlock < U64_END && firstBlock <= lastBlock;
    Object.assign(this.report, {
      account: list.account,
      tax_id: account?.taxId ?? null,
      counters: { from, to: lastOne },
      blocks: isBounded ? { from: firstBlock, to: lastBlock } : null,
      invoices,
    });
  }

  async run(bytes) {
    this.proof = parse(bytes, decodeStatement);
    this.passed("parse", `${bytes.length} bytes, suite 1`);
    this.chain();
    this.trust();
    await this.certificate();
    await this.links();
    const isAbsence = this.proof.list === undefined;
    const isForEver = isAbsence ? this.absence() : true;
    if (!isAbsence) this.completeness();
    this.freshness();
    if (!isAbsence) {
      const detail = "amounts, status and texts of the invoices: each one's own proof says";
      this.note("invoices", "not_checked", detail);
    }
    this.note("later_changes", "not_checked", "whatever happened after this height");
    if (this.stale && !isForEver) return ["undecided", "STALE"];
    return ["holds", isAbsence ? "NOT_ISSUED" : "COMPLETE"];
  }
}

// Whether bytes are those of a statement, going by their head alone.
export function isStatement(bytes) {
  return wordOf(bytes) !== null;
}

function wordOf(bytes) {
  const head = bytes.subarray(0, MAGIC.length);
  return equalBytes(head, MAGIC) ? WORDS[bytes[MAGIC.length]] ?? null : null;
}

// Judges the bytes of a statement; arguments as for `judge`. Returns the verdict in the shape of
// SPEC 7.11.4 (heights and counters are BigInt) and the decoded file, or null.
export function judgeStatement(bytes, root, options) {
  return new StatementJudgement(root, options, wordOf(bytes)).judged(bytes);
}
