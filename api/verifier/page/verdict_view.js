// A verdict for people: a sentence with its date, what was checked and what was not, what is shown.

import { code, element, facts, foreign, table } from "./elements.js";
import { pick, say } from "./language.js";
import {
  FIELDS, FRESHNESS, NETWORKS, REASONS, RESULTS, STATUSES, STEPS, UNCHECKED,
} from "./words.js";

// What a verdict comes to, without its date.
export function sentence({ verdict, reason }) {
  if (verdict === "in_force" && reason === "GENUINE") return say("genuine_in_force");
  return say(verdict) + pick(REASONS[reason]);
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
  const { seller, account, totals } = verdict;
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
  const network = verdict.network === null ? say("none") : pick(NETWORKS[verdict.network]);
  rows.push([say("network"), network]);
  rows.push([say("fingerprint"), code(verdict.trust_root ?? say("none"))]);
  return facts(rows);
}

function checklist({ checks }) {
  const items = checks.map(({ name, result, detail }) => {
    const [symbol, ...words] = RESULTS[result];
    return element(
      "li", { class: result },
      element("span", { "aria-hidden": "true", class: "symbol" }, symbol),
      element("strong", {}, pick(STEPS[name])),
      ` ${pick(words)}`,
      element("small", { lang: "en" }, ` ${detail}`),
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
  return [table([say("shown"), ""], rows), rest];
}

// The whole of a verdict. Fields are spoken of only where the verdict came so far.
export function verdictView(verdict) {
  const reached = verdict.checks.some(({ name, result }) => name === "fields" && result !== "failed");
  return element(
    "article", { class: "verdict", "data-verdict": verdict.verdict, "data-reason": verdict.reason },
    conclusion(verdict),
    invoiceFacts(verdict),
    element("h3", {}, say("checks")),
    checklist(verdict),
    element("h3", {}, say("unchecked")),
    unchecked(verdict),
    ...(reached ? [element("h3", {}, say("shown")), ...shownFields(verdict)] : []),
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
