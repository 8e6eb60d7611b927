// The page of an invoice, `/i/{number}`: opens the document for whoever has the link with its secret
// (SPEC 8.6).
//
// Guards: the secret stays behind the `#` and in this page; the node is shown a digest of it. Every
// text of the document becomes a text node. Without a secret, or without this script, the page keeps
// to what is public.

import { digestOfSecret } from "../view_secret.js";
import { element, facts, foreign, table } from "./elements.js";

const isChinese = document.documentElement.lang.startsWith("zh");
const say = (en, zh) => (isChinese ? zh : en);

const WRONG = say(
  "This link does not open the document: it is wrong or cut off, or the document is no longer kept here.",
  "此链接不能打开发票内容：链接有误或不完整，或本节点已不再保存该内容。",
);
const LATER = say(
  "The node did not answer; reload the page to try again.", "节点没有应答，请刷新页面重试。",
);
const OPENED = say(
  "Opened with the secret of this link. Whoever has the link sees this; it gives no right to the invoice.",
  "凭此链接中的密钥打开。持有链接者均可看到以下内容；链接不代表对发票的任何权利。",
);

function party(title, one) {
  const rows = [
    [title, one.name], [say("Tax id", "税号"), one.tax_id], [say("Id", "证件号码"), one.id_number],
    [say("Address", "地址"), one.address], [say("Bank", "开户行"), one.bank],
    [say("Bank account", "银行账号"), one.bank_account],
  ];
  return rows.filter(([, text]) => text);
}

function opened(invoice) {
  const { seller, buyer, lines, totals } = invoice;
  const rows = [
    ...party(say("Seller", "销售方"), seller), ...party(say("Buyer", "购买方"), buyer),
    [say("Issued", "开票时间"), invoice.issued_at], [say("Remark", "备注"), invoice.remark],
    [say("Issuer", "开票人"), invoice.issuer], [say("Payee", "收款人"), invoice.payee],
    [say("Reviewer", "复核人"), invoice.reviewer],
    [say("Gross (CNY)", "价税合计 (元)"), totals.gross],
  ].filter(([, text]) => text);
  const heads = [
    say("Item", "项目"), say("Specification", "规格型号"), say("Unit", "单位"), say("Quantity", "数量"),
    say("Price", "单价"), say("Amount", "金额"), say("Rate", "税率"), say("Tax", "税额"),
  ];
  const body = lines.map((line) => [
    line.name, line.spec, line.unit, line.quantity, line.unit_price, line.amount, line.rate, line.tax,
  ].map((text) => foreign(text ?? "")));
  return [
    element("h2", {}, say("What the invoice says", "发票内容")),
    element("p", {}, OPENED),
    facts(rows.map(([name, text]) => [name, foreign(String(text))])),
    table(heads, body),
  ];
}

async function ask(number, digest) {
  const reply = await fetch(`/v1/invoices/${number}/view`, {
    headers: { "Piao-View": digest }, cache: "no-store", credentials: "omit",
  });
  if (reply.status === 404) return [element("p", { class: "notice" }, WRONG)];
  if (!reply.ok) return [element("p", { class: "notice" }, LATER)];
  return opened(await reply.json());
}

async function show() {
  const place = document.getElementById("view");
  const secret = location.hash.slice(1);
  if (place === null || secret === "") return;
  const digest = digestOfSecret(secret);
  let parts = [element("p", { class: "notice" }, WRONG)];
  try {
    if (digest !== null) parts = await ask(place.dataset.number, digest);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // what fetch throws without a network
    parts = [element("p", { class: "notice" }, LATER)];
  }
  place.replaceChildren(...parts);
}

async function start() {
  await show();
  document.documentElement.dataset.ready = "true";
}

addEventListener("hashchange", show);
start();
