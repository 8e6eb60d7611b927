// Rates, tolerances and special businesses of the rule sets (SPEC 4.8.4, 4.8.8, 4.8.9).

import { CLASS_TABLE } from "./class_table.js";

const day = (text) => Date.parse(`${text}T00:00:00Z`) / 86_400_000;
const ALWAYS = 0;
const OPEN = Infinity;

// Rate in parts per million, first and last date, on special invoices.
const RATES = [
  [130_000, day("2019-04-01"), OPEN, true],
  [90_000, day("2019-04-01"), OPEN, true],
  [60_000, day("2019-04-01"), OPEN, true],
  [0, day("2019-04-01"), OPEN, false],
  [30_000, ALWAYS, OPEN, true],
  [10_000, day("2023-01-01"), day("2027-12-31"), true],
  [50_000, ALWAYS, day("2025-12-31"), true],
  [15_000, ALWAYS, OPEN, true],
];

const TOLERANCES = { line: 6n, discount: 1n, drift: 127n };

// Number → kinds of invoice, whether one line only.
const BUSINESSES = new Map([
  [1, [[1, 2], false]],
  [3, [[1, 2], true]],
  [4, [[1, 2], false]],
  [5, [[1, 2], true]],
  [6, [[1, 2], true]],
  [9, [[1, 2], false]],
  [16, [[2], false]],
]);

const RULE_SETS = new Map([
  [1, { tolerances: TOLERANCES, businesses: new Map(), classes: null }],
  [2, { tolerances: TOLERANCES, businesses: BUSINESSES, classes: CLASS_TABLE }],
]);

// The rule set with a number, `undefined` where it is not known.
export function ruleSet(id) {
  return RULE_SETS.get(id);
}

// Whether a rate is in force on a date, and may then stand on a special invoice; `null` if not.
export function rateOn(rate, date) {
  const row = RATES.find(([value, from, to]) => value === rate && from <= date && date <= to);
  return row === undefined ? null : { onSpecialInvoices: row[3] };
}
