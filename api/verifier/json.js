// JSON, strictly (RFC 8259): a member that stands twice is refused, which the browser's own parser
// lets pass, so that no two readers see two different proofs in one text.

import { Malformed, strictText } from "./bytes.js";

// Objects and lists within one another; a trust root has three.
const DEPTH_MAX = 8;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const ESCAPES = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
const WORDS = [["true", true], ["false", false], ["null", null]];

class Parser {
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  fail() {
    throw new Malformed(`not JSON at ${this.at}`);
  }

  blank() {
    while (" \t\n\r".includes(this.text[this.at] ?? "x")) this.at += 1;
  }

  // Whether the next character is this one, which is then passed.
  passes(character) {
    this.blank();
    if (this.text[this.at] !== character) return false;
    this.at += 1;
    return true;
  }

  need(character) {
    if (!this.passes(character)) this.fail();
  }

  match(pattern) {
    pattern.lastIndex = this.at;
    const [found] = pattern.exec(this.text) ?? this.fail();
    this.at += found.length;
    return found;
  }

  value(depth) {
    if (depth > DEPTH_MAX) this.fail();
    this.blank();
    const first = this.text[this.at];
    if (first === "{") return this.object(depth);
    if (first === "[") return this.list(depth);
    if (first === '"') return this.string();
    for (const [word, value] of WORDS) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return value;
      }
    }
    return { number: this.match(NUMBER) };
  }

  object(depth) {
    const members = new Map();
    this.need("{");
    if (this.passes("}")) return members;
    do {
      this.blank();
      const name = this.string();
      if (members.has(name)) this.fail();
      this.need(":");
      members.set(name, this.value(depth + 1));
    } while (this.passes(","));
    this.need("}");
    return members;
  }

  list(depth) {
    const items = [];
    this.need("[");
    if (this.passes("]")) return items;
    do items.push(this.value(depth + 1)); while (this.passes(","));
    this.need("]");
    return items;
  }

  string() {
    this.need('"');
    let value = "";
    for (;;) {
      value += this.match(PLAIN);
      const end = this.text[this.at];
      this.at += 1;
      if (end === '"') break;
      if (end !== "\\") this.fail();
      value += this.escape();
    }
    // Half of a pair of surrogates is no character.
    if (/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(value)) {
      this.fail();
    }
    return value;
  }

  escape() {
    const letter = this.text[this.at];
    this.at += 1;
    if (letter !== "u") return ESCAPES[letter] ?? this.fail();
    const digits = this.text.slice(this.at, this.at + 4);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) this.fail();
    this.at += 4;
    return String.fromCharCode(Number.parseInt(digits, 16));
  }
}

// The value of a whole text: objects are Maps, numbers {number: text}. Throws Malformed.
export function parseJson(bytes) {
  const parser = new Parser(strictText(bytes));
  const value = parser.value(0);
  parser.blank();
  if (parser.at !== parser.text.length) parser.fail();
  return value;
}
