// What the tests share: vectors, and a crypto object for Node.js 18, where it is not global.

import { readFileSync } from "node:fs";
import { webcrypto } from "node:crypto";
import { fromHex, utf8 } from "../bytes.js";

if (globalThis.crypto === undefined) globalThis.crypto = webcrypto;

const VECTORS = new URL("../../../chain/vectors/", import.meta.url);

export function vectors(file) {
  return JSON.parse(readFileSync(new URL(file, VECTORS), "utf8"));
}

export const bytes = (hex) => {
  const found = fromHex(hex);
  if (found === null) throw new Error(`not hex: ${hex}`);
  return found;
};

export const jsonBytes = (value) => utf8(JSON.stringify(value));

// A verdict without its sentences: those are for people and not compared. As the vectors have it.
export function compared(verdict, exitCode) {
  const height = verdict.as_of === null ? null : Number(verdict.as_of.height);
  return {
    ...verdict,
    as_of: verdict.as_of === null ? null : { ...verdict.as_of, height },
    checks: verdict.checks.map(({ name, result }) => [name, result]),
    exit_code: exitCode,
  };
}

// The same of a statement.
export function statementCompared(verdict, exitCode) {
  const numbers = (range) => range && { from: Number(range.from), to: Number(range.to) };
  return {
    ...compared(verdict, exitCode),
    counters: numbers(verdict.counters),
    blocks: numbers(verdict.blocks),
    invoices: verdict.invoices.map((one) => ({ ...one, counter: Number(one.counter) })),
  };
}
