// Looks at the page as people do: headless Chromium, driven through its own debugging pipe.
//
// Usage: node tests/browser.js VERIFY_HTML NODE_URL NUMBER SHOTS LINK LOG
// LINK is the owner's link of that invoice, LOG what the node has logged.
// From a file without a network, then from a node; with WebCrypto, then with it taken away. Checks
// verdicts, hostile texts, that nothing is refused by the policy, and that nobody else is asked.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { deflateSync } from "node:zlib";
import { hostileProofs } from "./browser_hostile.js";
import { links } from "./browser_links.js";
import { bytes, vectors } from "./harness.js";
import { concat } from "../bytes.js";

const [, , verifyHtml, nodeUrl, number, shots, link, log] = process.argv;
const DEADLINE_MS = 60_000;
const folder = mkdtempSync(join(tmpdir(), "piao-browser-"));

// Chromium, and its answers by the number of the question.
const chromium = spawn("chromium", [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
  "--remote-debugging-pipe", `--user-data-dir=${join(folder, "profile")}`, "about:blank",
], { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
const waiting = new Map();
const listeners = [];
let [asked, buffered] = [0, ""];
chromium.stdio[4].setEncoding("utf8").on("data", (data) => {
  const parts = (buffered + data).split("\0");
  buffered = parts.pop();
  for (const message of parts.map((part) => JSON.parse(part))) {
    const answer = waiting.get(message.id);
    waiting.delete(message.id);
    if (answer === undefined) listeners.forEach((listener) => listener(message));
    else if (message.error) answer.reject(new Error(message.error.message));
    else answer.resolve(message.result);
  }
});

function ask(method, params = {}, sessionId = undefined) {
  asked += 1;
  chromium.stdio[3].write(`${JSON.stringify({ id: asked, method, params, sessionId })}\0`);
  return new Promise((resolve, reject) => waiting.set(asked, { resolve, reject }));
}

// A page at an address, with what went wrong and whom it asked.
async function openPage(url, { offline = false, plain = false } = {}) {
  const { targetId } = await ask("Target.createTarget", { url: "about:blank" });
  const { sessionId } = await ask("Target.attachToTarget", { targetId, flatten: true });
  const page = { url, complaints: [], requests: [] };
  page.ask = (method, params) => ask(method, params, sessionId);
  listeners.push(({ sessionId: from, method, params }) => {
    if (from !== sessionId) return;
    if (method === "Runtime.exceptionThrown") page.complaints.push(JSON.stringify(params));
    if (method === "Log.entryAdded") page.complaints.push(params.entry.text);
    if (method === "Network.requestWillBeSent") page.requests.push(params.request.url);
  });
  for (const domain of ["Page", "Runtime", "Log", "Network", "DOM"]) await page.ask(`${domain}.enable`);
  const conditions = { offline, latency: 0, downloadThroughput: -1, uploadThroughput: -1 };
  if (offline) await page.ask("Network.emulateNetworkConditions", conditions);
  const source = plain ? "Object.defineProperty(Crypto.prototype, 'subtle', { value: undefined });" : "";
  await page.ask("Page.addScriptToEvaluateOnNewDocument", { source });
  await page.ask("Page.navigate", { url });
  await until(page, "document.documentElement?.dataset.ready === 'true'");
  return page;
}

async function value(page, expression) {
  const { result, exceptionDetails } = await page.ask("Runtime.evaluate", {
    expression, returnByValue: true, awaitPromise: true,
  });
  assert.equal(exceptionDetails, undefined, JSON.stringify(exceptionDetails));
  return result.value;
}

async function until(page, expression) {
  const end = Date.now() + DEADLINE_MS;
  while (!(await value(page, expression))) {
    if (Date.now() > end) throw new Error(`${page.url}: not ${expression}: ${page.complaints}`);
    await new Promise((resolve) => { setTimeout(resolve, 20); });
  }
}

async function give(page, id, ...files) {
  const { root } = await page.ask("DOM.getDocument");
  const { nodeId } = await page.ask("DOM.querySelector", { nodeId: root.nodeId, selector: `#${id}` });
  // The same file again is no change to a browser, unless nothing was chosen in between.
  await value(page, `document.getElementById('result').replaceChildren(); document.getElementById('${id}').value = ''`);
  await page.ask("DOM.setFileInputFiles", { nodeId, files });
  const done = "document.getElementById('result').getAttribute('aria-busy') === 'false'";
  await until(page, `${done} && document.getElementById('result').childNodes.length > 0`);
}

const text = (page) => value(page, "document.getElementById('result').innerText");
const reasons = (page) =>
  value(page, "[...document.querySelectorAll('#result [data-reason]')].map((e) => e.dataset.reason)");

async function shoot(page, name) {
  const { data } = await page.ask("Page.captureScreenshot", { captureBeyondViewport: true });
  writeFileSync(join(shots, `${name}.png`), Buffer.from(data, "base64"));
}

function clean(page, allowed) {
  assert.deepEqual(page.complaints, [], page.url);
  const foreign = page.requests.filter((url) => !allowed.some((start) => url.startsWith(start)));
  assert.deepEqual(foreign, [], `${page.url} asked elsewhere`);
}

// What is given to the pages: the vectors, and the node's own proof.
const { cases, trust_root: root } = vectors("proofs.json");
const file = (name, content) => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const byName = (name) => bytes(cases.find((one) => one.name === name).file);
const given = {
  root: file("root.json", JSON.stringify(root)),
  proof: file("invoice <img src=x onerror=alert(1)>.proof", byName("of an older block")),
  reversed: file("reversed.proof", byName("reversed")),
  pdf: file("invoice.pdf", concat(
    Buffer.from("%PDF-1.7\nstream\n"), deflateSync(byName("reversed")), Buffer.from("\nendstream\n"),
  )),
  bare: file("bare.pdf", "%PDF-1.7\nstream\nnothing\nendstream\n"),
  cut: file("cut.proof", byName("reissued").subarray(0, 99)),
};
const fileUrl = pathToFileURL(verifyHtml).href;
const tools = { openPage, value, until, give, reasons, clean, shoot, file, fileUrl, nodeUrl };
const clock = `Date.now = () => ${cases[0].now_ms};`;

async function fromAFile(plain) {
  const page = await openPage(`${fileUrl}?lang=en`, { offline: true, plain });
  const curve = await value(page, "document.documentElement.dataset.curve");
  if (plain) assert.equal(curve, "verifyPlain");
  await value(page, clock);
  await give(page, "proof-files", given.proof);
  assert.deepEqual(await reasons(page), ["NO_TRUST_ROOT"]);
  await give(page, "root-file", given.root);
  assert.deepEqual(await reasons(page), ["GENUINE"]);
  const said = await text(page);
  for (const words of [
    "Genuine and in force", "as of block 5 at 2026-11-21T10:00:05+08:00", "26427000000000000002",
    "武汉市江岸区示例餐饮店", root.fingerprint, "What was not checked", "Fields withheld: 2",
  ]) assert.ok(said.includes(words), `${words} not in ${said}`);
  assert.equal(await value(page, "document.getElementById('banner').hidden"), false);
  for (let times = 0; times < 20; times += 1) await give(page, "proof-files", given.proof);
  console.log(`browser: ${curve}, warm: ${await value(page, "document.documentElement.dataset.ms")} ms`);
  await shoot(page, plain ? "file-plain" : "file");
  await value(page, "document.querySelector('[data-lang=zh]').click(); 1");
  const chinese = await text(page);
  for (const words of ["真实且有效", "4 个验证者中 4 个签名", "名称由主管方签名确认"]) {
    assert.ok(chinese.includes(words), `${words} not in ${chinese}`);
  }
  await shoot(page, plain ? "zh-plain" : "zh");
  await give(page, "proof-files", given.reversed);
  assert.deepEqual(await reasons(page), ["REVERSED"]);
  await give(page, "proof-files", given.proof, given.reversed, given.cut);
  assert.deepEqual(await reasons(page), ["GENUINE", "REVERSED", "MALFORMED_PROOF"]);
  assert.equal(await value(page, "document.querySelectorAll('#result img, #result script').length"), 0);
  await shoot(page, plain ? "batch-plain" : "batch");
  await give(page, "proof-files", given.pdf);
  assert.deepEqual(await reasons(page), ["REVERSED"]);
  await give(page, "proof-files", given.bare);
  assert.deepEqual(await reasons(page), ["NO_PROOF_INSIDE"]);
  clean(page, [fileUrl, "data:"]);
}

// Texts that want to be more than texts are shown as texts.
async function hostileTexts() {
  const page = await openPage(`${fileUrl}?lang=zh`, { offline: true });
  const hostile = ["<script>alert(1)</script>", "\u202eevil\u202c", "x".repeat(10_000), "<img src=x onerror=alert(1)>"];
  await value(page, clock);
  await give(page, "root-file", given.root);
  // No proof of the vectors holds such texts, so the card is changed: its name is shown by no
  // verdict, and the name of the file by every batch.
  const paths = hostile.map((name, at) => {
    const safe = name.slice(0, 60).replaceAll("/", "⁄");
    return file(`${at}${safe}`, concat(byName("recent"), new Uint8Array(at)));
  });
  await give(page, "proof-files", ...paths);
  const html = await value(page, "document.getElementById('result').innerHTML");
  assert.ok(html.includes("⟨U+202E⟩evil⟨U+202C⟩") && !html.includes("\u202e"), "direction override");
  assert.equal(await value(page, "document.querySelectorAll('#result script, #result img').length"), 0);
  clean(page, [fileUrl, "data:"]);
}

// What is not there: a number that is not issued, a whole list, and one with a hole.
async function statements() {
  const story = vectors("statements.json");
  const stated = (name) =>
    file(`${name}.proof`, bytes(story.cases.find((one) => one.name === name).file));
  const page = await openPage(`${fileUrl}?lang=en`, { offline: true });
  await value(page, `Date.now = () => ${story.cases[0].now_ms};`);
  await give(page, "root-file", file("story.json", JSON.stringify(story.trust_root)));
  const all = ["the next number", "all of an account", "one missing"].map(stated);
  await give(page, "proof-files", all[0]);
  assert.deepEqual(await reasons(page), ["NOT_ISSUED"]);
  const absent = await text(page);
  for (const words of ["Shown: no invoice of this number is issued", "26427000000000000007", "This proves no invoice"]) {
    assert.ok(absent.includes(words), `${words} not in ${absent}`);
  }
  await give(page, "proof-files", all[1]);
  assert.deepEqual(await reasons(page), ["COMPLETE"]);
  assert.equal(await value(page, "document.querySelectorAll('#result tbody tr').length"), 5);
  await shoot(page, "list");
  await value(page, "document.querySelector('[data-lang=zh]').click(); 1");
  const chinese = await text(page);
  for (const words of ["已证明：该范围内的发票全部列出", "各张发票", "1–5"]) {
    assert.ok(chinese.includes(words), `${words} not in ${chinese}`);
  }
  await give(page, "proof-files", ...all);
  assert.deepEqual(await reasons(page), ["NOT_ISSUED", "COMPLETE", "LIST_INVALID"]);
  const twins = Object.values(story.twins);
  const texts = twins.map((twin, at) => file(`twin-${at}.json`, JSON.stringify(twin)));
  await give(page, "proof-files", ...texts);
  assert.deepEqual((await reasons(page)).sort(), ["COMPLETE", "NOT_ISSUED"]);
  clean(page, [fileUrl, "data:"]);
}

// A proof of the node, under the node's own trust root, and today's status on a click.
async function fromTheNode() {
  const reply = await fetch(`${nodeUrl}/v1/invoices/${number}/proof`);
  const own = file("own.proof", new Uint8Array(await reply.arrayBuffer()));
  const page = await openPage(`${nodeUrl}/verify?lang=en`);
  const state = await value(page, "document.getElementById('root-state').innerText");
  assert.ok(state.includes("came from the node that served this page"), state);
  await give(page, "proof-files", own);
  assert.deepEqual(await reasons(page), ["GENUINE"]);
  await value(page, "document.getElementById('today').click(); 1");
  await until(page, "document.querySelectorAll('#result article').length === 2");
  assert.deepEqual(await reasons(page), ["GENUINE", "GENUINE"]);
  assert.equal(await value(page, "document.activeElement.id"), "today");
  await shoot(page, "node");
  await give(page, "proof-files", given.proof);
  assert.deepEqual(await reasons(page), ["OTHER_CHAIN"]);
  clean(page, [`${nodeUrl}/`, "data:"]);
  const asked = page.requests.filter((url) => url.startsWith(nodeUrl)).map((url) => new URL(url).pathname);
  assert.deepEqual(asked, ["/verify", `/v1/invoices/${number}/proof`]);
}

// The file's bytes are those that the node serves.
async function sameBytes() {
  const served = Buffer.from(await (await fetch(`${nodeUrl}/verify.html`)).arrayBuffer());
  assert.ok(served.equals(readFileSync(verifyHtml)));
}

let failed = false;
const late = setTimeout(() => {
  console.error("browser: not done in time");
  chromium.kill();
  process.exit(1);
}, 5 * DEADLINE_MS);
try {
  await sameBytes();
  await fromAFile(false);
  await fromAFile(true);
  await hostileTexts();
  await hostileProofs(tools);
  await statements();
  await links(tools, link, log);
  await fromTheNode();
  console.log("browser: the page says what it must, from a file and from a node");
} catch (error) {
  console.error(error);
  failed = true;
}
clearTimeout(late);
const gone = new Promise((resolve) => { chromium.once("exit", resolve); });
await ask("Browser.close").catch(() => chromium.kill());
await gone;
rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
process.exitCode = failed ? 1 : 0;
