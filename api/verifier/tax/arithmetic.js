// The rules that every validator applies to the facts of an invoice (SPEC 4.8.2) or of a red
// letter (SPEC 4.8.10).
//
// A verdict needs to know only whether a rule is broken; the codes are kept for the words.

import { rateOn, ruleSet } from "./rule_sets.js";

const LINES_MAX = 200;
const MILLION = 1_000_000n;
const AMOUNT_MAX = 999_999_999_999_999_999n;
const CODE_MIN = 10n ** 18n;
const CODE_MAX = 10n ** 19n - 1n;
const RED_REASONS = [1, 2, 3, 4];
// Between the tax of a part and that of its rate: of the share before it and after it.
const RED_ROUNDINGS = 2n;
const [DISCOUNT, DISCOUNTED] = [1, 2];
const [EXEMPT, UNTAXED] = [1, 2];
const INDIVIDUAL = 3;
const LETTING_RATE = 15_000;
// 2026-06-01.
const EDITION_OF_2026 = 20_605;
const INCOMPLETE_BELOW = [103040204n, 103040205n];
const RATE_BITS = new Map([[130_000, 1], [90_000, 2], [60_000, 4]]);
const RATE_CHANGING = [1, 8, 9, 10];
const PREFERENCE_MAX = 18;
const PREFERENCE_RATES = new Map([
  [1, [30_000, 40_000, 50_000]], [8, [30_000]], [9, [50_000]], [10, [15_000]],
]);
const PREFERENCE_MARKS = new Map([[3, EXEMPT], [4, UNTAXED]]);

const size = (value) => (value < 0n ? -value : value);
const sum = (lines, value) => lines.reduce((total, line) => total + value(line), 0n);

// Half away from zero (SPEC 1.4); the divisor is positive.
export function roundedQuotient(value, divisor) {
  const [quotient, rest] = [size(value) / divisor, size(value) % divisor];
  const rounded = rest >= divisor - rest ? quotient + 1n : quotient;
  return value < 0n ? -rounded : rounded;
}

const taxable = (line) => line.amount - line.deduction;
const exactTax = (line) => taxable(line) * BigInt(line.rate);

function judgeBuyerAndCount({ kind, buyer, lines }, breach) {
  if (buyer.taxId === undefined) {
    if (buyer.class < 1 || buyer.class > 4) breach(1008);
    if (buyer.class === INDIVIDUAL && kind === 1) breach(1009);
  }
  if (lines.length === 0) breach(1217);
  if (lines.length > LINES_MAX) breach(1218);
}

function judgeHead(facts, rules, breach) {
  const { kind, red, waiveReason, specialBusiness } = facts;
  if (facts.currency !== 156) breach(1113);
  if (![1, 2].includes(kind) || facts.issuingMode !== 1 || red !== null) breach(1315);
  if (waiveReason > 2) breach(1307);
  if (specialBusiness === 0) return;
  const [kinds, oneLine] = rules.businesses.get(specialBusiness) ?? [[], false];
  if (!kinds.includes(kind)) breach(1315);
  if (oneLine && facts.lines.length > 1) breach(1313);
}

function judgeSizes(values, breach) {
  if (values.some((value) => size(value) > AMOUNT_MAX)) breach(1213);
}

function judgeAmounts(facts, line, breach) {
  const { amount, deduction, tax, lineType } = line;
  if (amount === 0n) breach(1211);
  else if ((amount < 0n) !== (lineType === DISCOUNT)) breach(1212);
  else if (tax !== 0n && (tax < 0n) !== (amount < 0n)) breach(1212);
  judgeSizes([amount, deduction, tax], breach);
  if (deduction === 0n) return;
  const alone = facts.lines.length === 1 && lineType === 0 && line.rate !== LETTING_RATE;
  if (!alone || deduction < 0n || deduction > amount) breach(1219);
}

function judgeRate(facts, line, breach) {
  const { rate, zeroRateKind, preference } = line;
  const row = rateOn(rate, facts.issuedOn);
  if (row === null) breach(1301);
  else if (facts.kind === 1 && !row.onSpecialInvoices) breach(1304);
  if ((rate === 0) !== (zeroRateKind !== null) || (zeroRateKind ?? 0) > 3) breach(1305);
  const rates = PREFERENCE_RATES.get(preference) ?? [rate];
  const mark = PREFERENCE_MARKS.get(preference) ?? zeroRateKind;
  if (!rates.includes(rate) || mark !== zeroRateKind || preference > PREFERENCE_MAX) breach(1306);
}

function taxIsWithin(line, tolerance) {
  const off = size(roundedQuotient(exactTax(line), MILLION) - line.tax);
  return off <= (line.rate === 0 ? 0n : tolerance);
}

function judgeTax({ tolerances }, line, breach) {
  const discount = line.lineType === DISCOUNT;
  const tolerance = discount ? tolerances.discount : tolerances.line;
  if (!taxIsWithin(line, tolerance)) breach(discount ? 1206 : 1205);
}

// SPEC 4.8.8.
function judgeCode(facts, rules, line, breach) {
  const { classCode, rate, zeroRateKind } = line;
  if (classCode < CODE_MIN || classCode > CODE_MAX) breach(1308);
  else if (rules.classes !== null) {
    const mark = rules.classes.get(classCode);
    const retired = mark === "r" || mark === "R";
    const listed = mark !== undefined && !(retired && facts.issuedOn >= EDITION_OF_2026);
    const incomplete = mark === undefined && INCOMPLETE_BELOW.includes(classCode / 10n ** 10n);
    if (!listed) {
      if (!incomplete) breach(1309);
    } else if (mark === "s" || mark === "R") {
      breach(1310);
    } else if (mark === "o") {
      if (rate !== 0 || (zeroRateKind ?? UNTAXED) !== UNTAXED) breach(1303);
    } else if (/[1-7]/.test(mark) && RATE_BITS.has(rate)) {
      const own = (Number(mark) & RATE_BITS.get(rate)) !== 0;
      if (!own && !RATE_CHANGING.includes(line.preference)) breach(1303);
    }
  }
}

function judgeDiscounts(lines, breach) {
  lines.forEach((line, at) => {
    const [before, after] = [lines[at - 1], lines[at + 1]];
    if (line.lineType > 2) breach(1215);
    if (line.lineType === DISCOUNTED && [undefined, 0, 2].includes(after?.lineType)) breach(1215);
    if (line.lineType !== DISCOUNT) return;
    const same = before?.lineType === DISCOUNTED
      && ["classCode", "rate", "zeroRateKind", "preference"].every(
        (name) => before[name] === line[name],
      );
    if (!same) breach(1215);
    else if (-line.amount > before.amount) breach(1216);
  });
}

function judgeSums(lines, totals, breach) {
  if (totals.amount !== sum(lines, (line) => line.amount)) breach(1208);
  if (totals.tax !== sum(lines, (line) => line.tax)) breach(1209);
  if (totals.gross !== totals.amount + totals.tax) breach(1210);
  judgeSizes(Object.values(totals), breach);
}

function judgeTotals(rules, lines, totals, breach) {
  const drift = size(sum(lines, exactTax) - totals.tax * MILLION);
  if (drift > rules.tolerances.drift * MILLION) breach(1207);
  judgeSums(lines, totals, breach);
  if (totals.gross <= 0n) breach(1212);
}

function judgeBlue(facts, rules, lines, breach) {
  judgeHead(facts, rules, breach);
  for (const line of lines) {
    judgeAmounts(facts, line, breach);
    judgeRate(facts, line, breach);
    judgeTax(rules, line, breach);
    judgeCode(facts, rules, line, breach);
  }
  judgeDiscounts(lines, breach);
  judgeTotals(rules, lines, facts.totals, breach);
}

// SPEC 4.8.10.
function judgeRed(facts, { tolerances }, lines, breach) {
  const { kind, issuingMode, currency, red, totals } = facts;
  if (![1, 2].includes(kind) || issuingMode !== 1 || red === null) {
    breach(1315);
  } else {
    if (currency !== 156) breach(1113);
    if (!RED_REASONS.includes(red.reason)) breach(1705);
  }
  const tolerance = tolerances.line + tolerances.discount + RED_ROUNDINGS;
  for (const line of lines) {
    const { amount, deduction, tax, lineType } = line;
    if (amount === 0n) breach(1211);
    if (amount > 0n) breach(1212);
    judgeSizes([amount, deduction, tax], breach);
    if (lineType !== 0) breach(1712);
    const alone = facts.lines.length === 1;
    if (deduction !== 0n && (!alone || deduction > 0n || deduction < amount)) breach(1219);
    if (!taxIsWithin(line, tolerance)) breach(1205);
  }
  judgeSums(lines, totals, breach);
}

// The rules that the facts of an invoice, or of a red letter, break, ascending; `null` where their
// rule set is not known.
export function breaches(facts, isRed) {
  const rules = ruleSet(facts.ruleSet);
  if (rules === undefined) return null;
  const found = new Set();
  const breach = (code) => found.add(code);
  judgeBuyerAndCount(facts, breach);
  const judge = isRed ? judgeRed : judgeBlue;
  judge(facts, rules, facts.lines.slice(0, LINES_MAX), breach);
  return [...found].sort((a, b) => a - b);
}
