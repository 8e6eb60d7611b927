// That a request was refused (SPEC 7.12): a transaction that stands in a block as failed.

import { toHex } from "./bytes.js";
import { rfc3339 } from "./calendar.js";
import { parse, stopFalse } from "./decided.js";
import { all, checkLinks, MAGIC, readRecords, RECORDS, Unknown } from "./proof_file.js";
import { Judgement } from "./verdict.js";

const REFUSAL_VERSION = 4;
const KINDS = [1, 3, 4, 5, 6, 8, 9, 10, 11];
const RECORDS_OF_REFUSAL = RECORDS.filter(([kind]) => KINDS.includes(kind));

function decodeRefusal(bytes) {
  const { found, isEnd } = readRecords(bytes, REFUSAL_VERSION, RECORDS_OF_REFUSAL);
  checkLinks(found.links);
  if (!isEnd) throw new Unknown("UNKNOWN_RECORD");
  return { ...found, asOf: found.latest?.header ?? found.header };
}

// The steps of a proof as far as they speak of a transaction, not of an invoice.
class RefusalJudgement extends Judgement {
  constructor(root, options, statement) {
    super(root, options, {
      statement,
      txid: null,
      account: null,
      asked: null,
      code: null,
      evidence: [],
      refused_at: null,
    });
  }

  refused() {
    const { outcome, header } = this.proof;
    if (outcome.code === 0 || outcome.effects.length > 0) {
      throw stopFalse("NOT_REFUSED", "refused", "the transaction did not fail");
    }
    this.code = `E${String(outcome.code).padStart(4, "0")}`;
    this.passed("refused", `${this.code} in block ${header.height}`);
  }

  describe() {
    const { transaction, outcome, header } = this.proof;
    Object.assign(this.report, {
      txid: toHex(transaction.id),
      account: transaction.body.account,
      asked: transaction.body.asked,
      code: this.code,
      evidence: outcome.evidence,
      refused_at: { height: header.height, time: rfc3339(header.timeMs) },
    });
  }

  async run(bytes) {
    this.proof = parse(bytes, decodeRefusal);
    this.passed("parse", `${bytes.length} bytes, suite 1`);
    this.chain();
    this.trust();
    await this.certificate();
    await this.links();
    this.history();
    this.inclusion();
    this.refused();
    this.key(null);
    await this.signature();
    this.describe();
    this.freshness();
    return ["not_in_force", "REFUSED"];
  }
}

// Whether bytes are those of a refusal, going by their head alone.
export function isRefusal(bytes) {
  return MAGIC.every((byte, at) => bytes[at] === byte) && bytes[MAGIC.length] === REFUSAL_VERSION;
}

// Judges the bytes of a refusal; arguments as for `judge`. Returns the verdict in the shape of
// SPEC 7.12.2 (heights and evidence are BigInt) and the decoded file, or null.
export function judgeRefusal(bytes, root, options) {
  return new RefusalJudgement(root, options, isRefusal(bytes) ? "refusal" : null).judged(bytes);
}
