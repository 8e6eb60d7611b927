// A verdict for people: a sentence with its date, what was checked and what was not, what is shown.

import { code, element, facts, foreign, table } from "./elements.js";
import { language, pick, say } from "./language.js";
import {
  FIELDS, FRESHNESS, NETWORKS, REASONS, RESULTS, STATUSES, STEPS, UNCHECKED,
} from "./words.js";

// What a verdict comes to, without its date.
export function sentence({ verdict, reason }) {
  if (verdict === "in_force" && reason === "GENUINE") return say("genuine_in_force");
  return say(reason === "REFUSED" ? "refused" : verdict) + pick(REASONS[reason]);
}

// The date of a verdict; a verdict without one says nothing about any time.
export function dated({ as_of: asOf }) {
  if (asOf === null) return "";
  const age = pick(FRESHNESS[asOf.freshness]);
  return pick([
    `, as of block ${asOf.height} at ${asOf.time} (${age})`,
    `，截至区块 #${asOf.height}，${asOf.time}（${age}）`,
  ]);
}

export function conclusion(verdict) {
  return element("p", { class: `conclusion ${verdict.verdict}` }, sentence(verdict) + dated(verdict));
}

function invoiceFacts(verdict) {
  const { seller, account, totals, original, red_letter: red } = verdict;
  const rows = [];
  if (verdict.number !== null) rows.push([say("number"), code(verdict.number)]);
  if (seller !== null) {
    const taxId = seller.tax_id === null ? null : element("span", {}, " ", code(seller.tax_id));
    rows.push([say("seller"), element("span", {}, foreign(seller.name), taxId)]);
  }
  if (account !== null) rows.push([say("account"), String(account)]);
  if (verdict.issued_at !== null) rows.push([say("issued_at"), verdict.issued_at]);
  for (const name of totals === null ? [] : ["amount", "tax", "gross"]) {
    rows.push([say(name), `¥${totals[name]}`]);
  }
  if (verdict.status !== null) rows.push([say("status"), pick(STATUSES[verdict.status])]);
  if (original !== null) rows.push([say("original"), code(original)]);
  if (red !== null) rows.push([say("red_letter"), element("span", {}, code(red.number), ` ${red.time}`)]);
  const network = verdict.network === null ? say("none") : pick(NETWORKS[verdict.network]);
  rows.push([say("network"), network]);
  rows.push([say("fingerprint"), code(verdict.trust_root ?? say("none"))]);
  return facts(rows);
}

// What a step found, in Chinese; the verdict says it in English.
function found(name, verdict, proof) {
  const { header, asOf, latest, certificate, validators, links, inclusion, key } = proof;
  switch (name) {
    case "parse": return "版本 1，套件 1";
    case "trust": return `指纹 ${verdict.trust_root}`;
    case "certificate": {
      const [signed, all] = [certificate.signatures.length, validators.members.length];
      return `区块 #${asOf.height}，${all} 个验证者中 ${signed} 个签名`;
    }
    case "links": return `变更 ${links.length} 次`;
    case "history":
      return latest === null ? "证书即签在发票所在区块上"
        : `区块 #${header.height} 在区块 #${asOf.height} 的历史中`;
    case "inclusion":
      return `区块 #${header.height}，共 ${header.txCount} 笔交易的第 ${inclusion.index + 1} 笔`;
    case "signature": return `账户 ${key.account}`;
    case "status": return `${pick(STATUSES[verdict.status])}，截至区块 #${asOf.height}`;
    case "freshness": return verdict.as_of.time;
    case "fields": return `出示 ${verdict.shown.length} 项，未出示 ${verdict.withheld} 项`;
    case "seller": return verdict.seller === null ? "" : "名称由主管方签名确认";
    default: return "";
  }
}

function detailOf({ name, result, detail }, verdict, proof) {
  if (language() === "en") return detail;
  if (verdict.statement !== undefined && result !== "failed") return "";
  return result === "failed" || proof === null
    ? pick(REASONS[verdict.reason]) : found(name, verdict, proof);
}

export function checklist(verdict, proof) {
  const items = verdict.checks.map((check) => {
    const { name, result } = check;
    const [symbol, ...words] = RESULTS[result];
    return element(
      "li", { class: result },
      element("span", { "aria-hidden": "true", class: "symbol" }, symbol),
      element("strong", {}, pick(STEPS[name])),
      ` ${pick(words)}`,
      element("small", {}, ` ${detailOf(check, verdict, proof)}`),
    );
  });
  return element("ul", { class: "checks" }, ...items);
}

function unchecked({ checks }) {
  const names = checks.filter(({ result }) => result === "not_checked").map(({ name }) => name);
  if (checks[checks.length - 1].result === "failed") names.push("rest");
  const items = names.map((name) => element("li", {}, pick(UNCHECKED[name])));
  return element("ul", { class: "unchecked" }, ...items);
}

function fieldName({ id, line }) {
  const name = FIELDS[id] === undefined ? String(id) : pick(FIELDS[id]);
  return line === 0 ? name : `${name} (${line})`;
}

function shownFields({ shown, withheld }) {
  const rows = shown.map((field) => [fieldName(field), foreign(field.value)]);
  const rest = element("p", { class: "withheld" }, `${say("withheld")}: ${withheld}`);
  if (rows.length === 0) return [rest];
  return [table([say("field"), say("value")], rows), rest];
}

// The whole of a verdict. Fields are spoken of only where the verdict came so far.
export function verdictView(verdict, proof) {
  const reached = verdict.checks.some(({ name, result }) => name === "fields" && result !== "failed");
  return element(
    "article", { class: "verdict", "data-verdict": verdict.verdict, "data-reason": verdict.reason },
    conclusion(verdict),
    invoiceFacts(verdict),
    element("h3", {}, say("checks")),
    checklist(verdict, proof),
    element("h3", {}, say("unchecked")),
    unchecked(verdict),
    ...(reached ? [element("h3", {}, say("shown")), ...shownFields(verdict)] : []),
  );
}

// The whole of a verdict on a statement: its facts, then every invoice that it lists.
export function statementView(verdict) {
  const { number, account, tax_id: taxId, counters, blocks, invoices } = verdict;
  const range = ({ from, to }) => `${from}–${to}`;
  const network = verdict.network === null ? say("none") : pick(NETWORKS[verdict.network]);
  const rows = [
    [say("number"), number], [say("account"), account], [say("seller"), taxId],
    [say("counters"), counters && range(counters)], [say("blocks"), blocks && range(blocks)],
    [say("network"), network], [say("fingerprint"), verdict.trust_root ?? say("none")],
  ].filter(([, value]) => value !== null).map(([name, value]) => [name, code(String(value))]);
  const listed = invoices.map((one) => [String(one.counter), code(one.number)]);
  return element(
    "article", { class: "verdict", "data-verdict": verdict.verdict, "data-reason": verdict.reason },
    conclusion(verdict),
    element("p", {}, element("strong", {}, say("no_invoice"))),
    facts(rows),
    listed.length === 0 ? null : table([say("counter"), say("number")], listed),
    element("h3", {}, say("checks")),
    checklist(verdict, null),
    element("h3", {}, say("unchecked")),
    unchecked(verdict),
  );
}

// One line for each of many verdicts.
export function batchView(results) {
  const rows = results.map(({ name, verdict }) => {
    const asOf = verdict.as_of === null ? "" : `#${verdict.as_of.height} ${verdict.as_of.time}`;
    return [
      foreign(name), code(verdict.number ?? "–"), `¥${verdict.totals?.gross ?? "–"}`,
      element("span", { class: verdict.verdict, "data-reason": verdict.reason }, sentence(verdict)),
      asOf,
    ];
  });
  return table([say("file"), say("number"), say("gross"), say("verdict"), say("as_of")], rows);
}
