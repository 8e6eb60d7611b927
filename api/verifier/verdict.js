// The verdict on a proof, in the order of SPEC 7.8: the first step that fails decides.
//
// Guards: what is not checked is said; an error that is not the proof's fault is thrown on and
// never becomes a verdict. Reads nothing but its arguments: no network, no clock.

import { ascending, compareBytes, concat, equalBytes, lossyText, toHex } from "./bytes.js";
import { issueDate, moneyText, rfc3339 } from "./calendar.js";
import { Deciding, parse, sameRoot, stopFalse, stopUndecided } from "./decided.js";
import { isUnderRoot } from "./document.js";
import { signedBytes } from "./ed25519.js";
import { keyId } from "./identity.js";
import { HISTORY_TREE, rootOfPath, TRANSACTION_TREE } from "./merkle.js";
import { decodeProof } from "./proof_file.js";
import { isSlot, rootOfSlot, slotOf } from "./slot.js";
import { breaches } from "./tax/arithmetic.js";
import { invoiceId, transactionLeaf } from "./transaction.js";
import { authorityKey } from "./trust_root.js";

const KEY_KIND = 2;
const ROLE_ISSUE = 0;
const [I64_MIN, I64_MAX] = [-(1n << 63n), (1n << 63n) - 1n];

// Exit code of `piao verify` for each verdict.
export const EXIT_CODES = { in_force: 0, false: 5, undecided: 6, not_in_force: 9, holds: 0 };

const ofInvoice = () => ({
  number: null,
  account: null,
  seller: null,
  totals: null,
  issued_at: null,
  status: null,
  original: null,
  red_letter: null,
  shown: [],
  withheld: 0,
});

// One judgement: what goes in, what is known so far, and the steps.
export class Judgement extends Deciding {
  constructor(root, options, report = ofInvoice()) {
    super(root, options, report);
  }

  chain() {
    const { header, transaction, links } = this.proof;
    const named = [header, transaction.body, ...(links ?? []).map((link) => link.header)];
    this.sameChain(named, "headers and transaction name different networks");
  }

  history() {
    const { header, latest } = this.proof;
    if (latest === null) {
      this.passed("history", "the certificate is over the invoice's own block");
      return;
    }
    const [height, size] = [header.height, latest.header.height];
    const leaf = HISTORY_TREE.leaf(header.id);
    const reached = rootOfPath(HISTORY_TREE, leaf, height, size, latest.historyPath);
    if (!sameRoot(reached, latest.header.histRoot)) {
      const detail = `block ${height} is not in the history of block ${size}`;
      throw stopFalse("HISTORY_INVALID", "history", detail);
    }
    this.passed("history", `block ${height} is in the history of block ${size}`);
  }

  inclusion() {
    const { transaction, outcome, inclusion, header } = this.proof;
    const leaf = transactionLeaf(transaction, outcome);
    const { index, path } = inclusion;
    const reached = rootOfPath(TRANSACTION_TREE, leaf, index, header.txCount, path);
    if (!sameRoot(reached, header.txRoot)) {
      const detail = "transaction, signature or outcome is not the block's";
      throw stopFalse("INCLUSION_INVALID", "inclusion", detail);
    }
    const place = `transaction ${index} of ${header.txCount} in block ${header.height}`;
    this.passed("inclusion", place);
  }

  transaction() {
    const { transaction, outcome, part } = this.proof;
    const { issues } = transaction.body;
    this.invoice = issues[part];
    if (this.invoice === undefined) throw stopFalse("NOT_AN_INVOICE", "transaction", "not an invoice");
    if (outcome.code !== 0 || outcome.effects.length !== issues.length) {
      throw stopFalse("NOT_AN_INVOICE", "transaction", "the transaction failed");
    }
    this.effect = outcome.effects[part];
  }

  // With a role, the key has that one.
  key(role = ROLE_ISSUE) {
    const { key, asOf, header, transaction } = this.proof;
    const slot = slotOf(KEY_KIND, key.index);
    const leaf = concat(key.identity, key.leafValue);
    if (!sameRoot(rootOfSlot(key.path, slot, leaf), asOf.stateRoot)) {
      throw stopFalse("KEY_INVALID", "key", "the key is not in the proven state");
    }
    const { account, signers } = transaction.body;
    const revoked = key.revokedHeight !== null && header.height >= key.revokedHeight;
    this.keyId = keyId(key.publicKey);
    const owns = key.account === account && (role === null || key.role === role)
      && key.fromHeight <= header.height && !revoked
      && signers.length === 1 && equalBytes(signers[0], this.keyId);
    if (!owns) throw stopFalse("KEY_INVALID", "key", "the key could not sign for this account");
  }

  async signature() {
    const { key, transaction, header } = this.proof;
    const { body, bodyBytes, signatures } = transaction;
    const message = signedBytes("tx", body.chainId, bodyBytes);
    const holds = signatures.length === 1
      && (await this.options.verifySignature(key.publicKey, message, signatures[0]));
    if (!holds) throw stopFalse("SIGNATURE_INVALID", "signature", "the signature does not verify");
    this.passed("signature", `key ${toHex(this.keyId)} of account ${body.account}`);
    this.disputed = key.disputedSince !== null && key.disputedSince <= header.height;
  }

  arithmetic() {
    const { facts, original } = this.invoice;
    const broken = breaches(facts, original !== undefined);
    if (broken === null) {
      const detail = `rule set ${facts.ruleSet} is not known`;
      throw stopUndecided("UNKNOWN_RULE_SET", "arithmetic", detail);
    }
    if (broken.length > 0) {
      const codes = broken.map((code) => `E${code}`).join(", ");
      throw stopFalse("ARITHMETIC_INVALID", "arithmetic", codes);
    }
    this.passed("arithmetic", `rule set ${facts.ruleSet}`);
    const { totals } = facts;
    Object.assign(this.report, {
      number: String.fromCharCode(...this.effect.number),
      original: original === undefined ? null : String.fromCharCode(...original),
      account: this.proof.transaction.body.account,
      totals: {
        amount: moneyText(totals.amount),
        tax: moneyText(totals.tax),
        gross: moneyText(totals.gross),
      },
      issued_at: issueDate(facts.issuedOn),
    });
  }

  status() {
    const { status, asOf, transaction, part } = this.proof;
    const { slot } = this.effect;
    if (!isSlot(slot)) throw stopFalse("STATUS_INVALID", "status", "no such slot");
    const identity = invoiceId(transaction.id, part, this.effect);
    const leaf = status.leaf === null ? null : concat(identity, status.leaf.leafValue);
    if (!sameRoot(rootOfSlot(status.path, slot, leaf), asOf.stateRoot)) {
      throw stopFalse("STATUS_INVALID", "status", "the status is not in the proven state");
    }
    this.grade = this.gradeOf(status.leaf);
    const word = this.grade === "GENUINE" ? "issued" : this.grade.toLowerCase();
    this.report.status = word;
    // The leaf of a red letter leads to the one before it, which is not against it.
    const lastRed = this.invoice.original === undefined ? status.leaf?.lastRed ?? null : null;
    if (lastRed !== null) {
      const number = String.fromCharCode(...lastRed.number);
      this.report.red_letter = { number, time: rfc3339(lastRed.timeMs) };
    }
    this.passed("status", `${word} as of block ${asOf.height}`);
  }

  gradeOf(leaf) {
    if (leaf === null) return "GENUINE";
    if (leaf.reissuedBy !== null) return "REISSUED";
    const stopped = (sum) => (sum > I64_MAX ? I64_MAX : sum < I64_MIN ? I64_MIN : sum);
    const reversed = leaf.reversedFen.reduce((sum, line) => stopped(sum + line), 0n);
    if (reversed === 0n) return "GENUINE";
    return reversed >= this.invoice.facts.totals.amount ? "REVERSED" : "PARTLY_REVERSED";
  }

  fields() {
    const { disclosed } = this.proof;
    const { docRoot, fieldCount } = this.invoice;
    const byPlace = (a, b) => a.id - b.id || a.line - b.line;
    const inOrder = ascending(disclosed, (a, b) => a.index - b.index)
      && ascending(disclosed, byPlace);
    if (!inOrder || !disclosed.every((shown) => isUnderRoot(shown, docRoot, fieldCount))) {
      const detail = "a shown field is not under the document's root";
      throw stopFalse("DISCLOSURE_INVALID", "fields", detail);
    }
    this.report.shown = disclosed.map(({ id, line, value }) => ({
      id, line, value: lossyText(value),
    }));
    this.report.withheld = Math.max(0, fieldCount - disclosed.length);
    const detail = `${disclosed.length} shown, ${this.report.withheld} withheld`;
    this.note("fields", disclosed.length === 0 ? "not_checked" : "passed", detail);
  }

  async seller() {
    const { card } = this.proof;
    if (card === null) {
      this.note("seller", "not_checked", "the proof carries no seller card");
      return;
    }
    const authority = authorityKey(this.root, card.signer);
    const message = signedBytes("card", this.root.chainId, card.bytes);
    const vouched = authority !== undefined
      && (await this.options.verifySignature(authority, message, card.signature));
    if (!vouched || compareBytes(card.key, this.keyId) !== 0) {
      const detail = "the card is not the authority's word for this key";
      throw stopFalse("CARD_INVALID", "seller", detail);
    }
    this.report.seller = { tax_id: card.taxId, name: card.name };
    this.passed("seller", "name vouched for by the authority");
  }

  conclusion() {
    if (this.disputed) return ["not_in_force", "KEY_DISPUTED"];
    if (["REISSUED", "REVERSED"].includes(this.grade)) return ["not_in_force", this.grade];
    if (this.stale) return ["undecided", "STALE"];
    return ["in_force", this.grade];
  }

  async run(bytes) {
    this.proof = parse(bytes, decodeProof);
    this.passed("parse", `${bytes.length} bytes, version 1, suite 1`);
    this.chain();
    this.trust();
    await this.certificate();
    await this.links();
    this.history();
    this.inclusion();
    this.transaction();
    this.key();
    await this.signature();
    this.arithmetic();
    this.status();
    this.freshness();
    this.fields();
    await this.seller();
    this.note("later_changes", "not_checked", "whatever happened after this height");
    return this.conclusion();
  }
}

// Judges the bytes of a proof file.
//
// `root` is an opened trust root or null. `options`: `nowMs`, the verifier's clock as BigInt;
// `maxAgeMs`, up to which a stale proof is accepted, or null; `verifySignature`, of ed25519.js.
// Returns the verdict in the shape of SPEC 7.8 (heights are BigInt) and the decoded proof, or null.
export function judge(bytes, root, options) {
  return new Judgement(root, options).judged(bytes);
}

// The verdict as JSON text: heights are numbers of any size.
export function verdictJson(verdict) {
  if (verdict.as_of === null) return JSON.stringify(verdict);
  const { height } = verdict.as_of;
  const mark = { ...verdict, as_of: { ...verdict.as_of, height: 0 } };
  return JSON.stringify(mark).replace('"as_of":{"height":0', `"as_of":{"height":${height}`);
}
