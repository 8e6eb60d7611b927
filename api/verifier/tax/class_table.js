// The classification codes of rule set 2 (SPEC 4.8.8), unfolded from their short form.
//
// A code has ten levels: its first digit and nine pairs. A row is the number of levels it shares
// with the row before, the value of the next level as a letter, and its mark; the levels after are
// 0. The mark `+` only moves to a level on the way to a row. What stood before is not written out
// again: `~`, how far back it begins in two digits, and how much longer than the shortest it is.

import { CLASS_ROWS } from "./class_rows.js";

// Signs that mean nothing in a text, wherever it stands.
export const DIGITS = [...Array(83).keys()].map((at) => String.fromCharCode(40 + at))
  .filter((sign) => !"/\\".includes(sign)).join("");
export const REPEAT = "~";
// A shorter repeat is as long as a reference.
export const REPEATED_MIN = 5;

// Writes references out.
export function unfold(text) {
  let whole = "";
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === REPEAT) {
      const [far, near, more] = [1, 2, 3].map((next) => DIGITS.indexOf(text[at + next]));
      let from = whole.length - far * DIGITS.length - near;
      for (const end = from + REPEATED_MIN + more; from < end; from += 1) whole += whole[from];
      at += 3;
    } else {
      whole += text[at];
    }
  }
  return whole;
}

// The letter of a level's value: ASCII from `0` on. Values end at 60, but for 99, "others".
export function letterOf(value) {
  return value === 99 ? "!" : String.fromCharCode(0x30 + value).replace("\\", "#");
}

const VALUES = new Map([...Array(61).keys(), 99].map((value) => [letterOf(value), value]));

export function levelsOf(code) {
  return [code.slice(0, 1), ...code.slice(1).match(/../g)].map(Number);
}

function codeOf(levels) {
  const pairs = levels.slice(1).map((level) => String(level).padStart(2, "0"));
  return BigInt(levels[0] + pairs.join(""));
}

// Code → mark: `s` a summary, `o` outside the tax, `r` retired, `R` a retired summary, `-` nothing
// certain, or the bits of its certain rates: 1 for 13 %, 2 for 9 %, 4 for 6 %.
export const CLASS_TABLE = (() => {
  const marks = new Map();
  const levels = new Array(10).fill(0);
  const rows = unfold(CLASS_ROWS);
  for (let at = 0; at < rows.length; at += 3) {
    const shared = Number(rows[at]);
    levels.fill(0, shared);
    levels[shared] = VALUES.get(rows[at + 1]);
    if (rows[at + 2] !== "+") marks.set(codeOf(levels), rows[at + 2]);
  }
  return marks;
})();
