// What every file of SPEC 7 shares: a block, who signed it, and how a verifier gets to know them.
//
// Guards: the steps that show a block to be decided are the same for a proof of an invoice and for a
// statement about a number or an account.

import { certificateFault } from "./block.js";
import { equalBytes, Malformed } from "./bytes.js";
import { rfc3339 } from "./calendar.js";
import { linksFault } from "./links.js";
import { Unknown } from "./proof_file.js";
import { isStale } from "./trust_root.js";

const MINUTE_MS = 60_000n;
const DAY_MS = 86_400_000n;
const CLOCK_BEHIND_MS_MAX = 10n * MINUTE_MS;

// The step that ended a verdict.
export class Stop extends Error {
  constructor(verdict, reason, step, detail) {
    super(reason);
    Object.assign(this, { verdict, reason, step, detail });
  }
}

export const stopFalse = (reason, step, detail) => new Stop("false", reason, step, detail);
export const stopUndecided = (reason, step, detail) => new Stop("undecided", reason, step, detail);

export const sameRoot = (reached, root) => reached !== null && equalBytes(reached, root);

// What bytes decode to; a verdict where they do not.
export function parse(bytes, decodeFile) {
  try {
    return decodeFile(bytes);
  } catch (error) {
    if (error instanceof Unknown) {
      throw stopUndecided(error.reason, "parse", "of a newer version than this program");
    }
    if (error instanceof Malformed) {
      throw stopFalse("MALFORMED_PROOF", "parse", error.message);
    }
    throw error;
  }
}

// A judgement of a file that has `asOf`, `certificate`, `validators` and `links`.
export class Deciding {
  constructor(root, options, report) {
    this.root = root;
    this.options = options;
    this.report = {
      verdict: "undecided",
      reason: "MALFORMED_PROOF",
      network: root?.network ?? null,
      trust_root: root?.fingerprint ?? null,
      as_of: null,
      checks: [],
      ...report,
    };
  }

  note(name, result, detail) {
    this.report.checks.push({ name, result, detail });
  }

  passed(name, detail) {
    this.note(name, "passed", detail);
  }

  trust() {
    const { root, proof, options } = this;
    if (root === null) throw stopUndecided("NO_TRUST_ROOT", "trust", "no trust root given");
    if (!equalBytes(proof.asOf.chainId, root.chainId)) {
      throw stopUndecided("OTHER_CHAIN", "trust", "the proof is of another network");
    }
    if (isStale(root, options.nowMs)) {
      throw stopUndecided("TRUST_ROOT_STALE", "trust", "checkpoint too old, or expired");
    }
    this.passed("trust", `trust root ${root.fingerprint}`);
  }

  async certificate() {
    const { certificate, validators, asOf, links } = this.proof;
    const invalid = (detail) => stopFalse("CERTIFICATE_INVALID", "certificate", detail);
    if (!equalBytes(certificate.blockId, asOf.id) || certificate.height !== asOf.height) {
      throw invalid("certificate is over another block");
    }
    if (!equalBytes(validators.hash, asOf.valsetHash)) {
      throw invalid("validators are not those the header names");
    }
    const { verifySignature } = this.options;
    const fault = await certificateFault(certificate, asOf.chainId, validators, verifySignature);
    if (fault !== null) throw invalid(`certificate does not hold: ${fault}`);
    if (links === null && !equalBytes(validators.bytes, this.root.validators.bytes)) {
      const detail = "signed by validators the trust root does not name";
      throw stopUndecided("UNKNOWN_VALIDATOR_SET", "certificate", detail);
    }
    const [signed, members] = [certificate.signatures.length, validators.members.length];
    this.passed("certificate", `block ${asOf.height} signed by ${signed} of ${members} validators`);
  }

  async links() {
    const { links, asOf } = this.proof;
    if (links === null) return;
    const fault = await linksFault(links, asOf, this.root, this.options.verifySignature);
    if (fault === "invalid") {
      throw stopFalse("LINKS_INVALID", "links", "the links do not lead to the set that signed");
    }
    if (fault === "unknown") {
      const detail = "the links do not start at a set the trust root names";
      throw stopUndecided("UNKNOWN_VALIDATOR_SET", "links", detail);
    }
    const heights = links.map(({ header }) => header.height).join(", ");
    this.passed("links", `${links.length} changes of validators, after blocks ${heights}`);
  }

  sameChain(headers, detail) {
    if (!headers.every(({ chainId }) => equalBytes(chainId, this.proof.asOf.chainId))) {
      throw stopFalse("OTHER_CHAIN", "chain", detail);
    }
  }

  freshness() {
    const { asOf } = this.proof;
    const { nowMs, maxAgeMs = null } = this.options;
    if (asOf.timeMs > nowMs + CLOCK_BEHIND_MS_MAX) {
      const detail = "the block's time is ahead of this machine's clock";
      throw stopUndecided("CLOCK_BEHIND", "freshness", detail);
    }
    const ageMs = nowMs > asOf.timeMs ? nowMs - asOf.timeMs : 0n;
    const grades = [[10n * MINUTE_MS, "FRESH"], [DAY_MS, "RECENT"], [7n * DAY_MS, "AGED"]];
    const freshness = grades.find(([limit]) => ageMs <= limit)?.[1] ?? "STALE";
    const time = rfc3339(asOf.timeMs);
    this.passed("freshness", `state of ${time}`);
    this.report.as_of = { height: asOf.height, time, freshness };
    this.stale = freshness === "STALE" && !(maxAgeMs !== null && ageMs <= maxAgeMs);
  }

  // Runs the steps; an error that is not the file's fault is thrown on.
  async judged(bytes) {
    const { report } = this;
    try {
      [report.verdict, report.reason] = await this.run(bytes);
    } catch (error) {
      if (!(error instanceof Stop)) throw error;
      this.note(error.step, "failed", error.detail);
      [report.verdict, report.reason] = [error.verdict, error.reason];
    }
    return { verdict: report, proof: this.proof ?? null };
  }
}
