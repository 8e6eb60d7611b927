// The page: files in, verdicts out. Nothing is stored and nothing leaves the browser, but for the
// one question that a click on "today" asks of the node that served the page.

import { Malformed, utf8 } from "../bytes.js";
import { chooseVerify } from "../ed25519.js";
import { PROOF_BYTES_MAX } from "../proof_file.js";
import { isRefusal, judgeRefusal } from "../refusal.js";
import { isStatement, judgeStatement } from "../statement.js";
import { openTrustRoot, TRUST_ROOT_FILE_BYTES_MAX } from "../trust_root.js";
import { proofBytes } from "../twin.js";
import { judge } from "../verdict.js";
import { isPdf, PDF_BYTES_MAX, proofsInside } from "./attached.js";
import { code, element, facts } from "./elements.js";
import { language, pick, say, sayAll, setLanguage } from "./language.js";
import { fetchProof, isSameInvoice } from "./today.js";
import { refusalView } from "./refusal_view.js";
import { batchView, statementView, verdictView } from "./verdict_view.js";
import { NETWORKS, REASONS } from "./words.js";

const DAY_MS = 86_400_000;
// The JSON twin spells every byte with two digits.
const FILE_BYTES_MAX = 2 * PROOF_BYTES_MAX + 4096;
// Files of one drop, so that a dropped disk does not hang the page.
const FILES_MAX = 2000;

const state = {
  root: null,
  rootSource: "root_none",
  given: [], // {name, bytes}
  results: [], // {name, verdict, proof}
  today: null, // {note, result}
  verifySignature: null,
};
const at = (id) => document.getElementById(id);
const fromNode = () => at("trust-root-data") !== null;

function maxAgeMs() {
  const days = Number(at("max-age").value);
  return days > 0 ? BigInt(Math.floor(days * DAY_MS)) : null;
}

async function judged(name, given) {
  const { root, verifySignature } = state;
  const options = { nowMs: BigInt(Date.now()), maxAgeMs: maxAgeMs(), verifySignature };
  const inside = isPdf(given) ? await proofsInside(given) : [given];
  const bytes = inside.length === 1 ? proofBytes(inside[0]) : new Uint8Array(0);
  if (isRefusal(bytes)) return { name, ...await judgeRefusal(bytes, root, options) };
  if (isStatement(bytes)) return { name, ...await judgeStatement(bytes, root, options) };
  const found = await judge(bytes, root, options);
  if (inside.length !== 1) {
    // Nothing was judged, so nothing is said to be false.
    const reason = inside.length === 0 ? "NO_PROOF_INSIDE" : "SEVERAL_PROOFS";
    Object.assign(found.verdict, { verdict: "undecided", reason });
    found.verdict.checks[0].detail = REASONS[reason][0];
  }
  return { name, ...found };
}

async function checkAll() {
  state.today = null;
  at("result").setAttribute("aria-busy", "true");
  const start = performance.now();
  const results = [];
  for (const { name, bytes } of state.given) results.push(await judged(name, bytes));
  state.results = results;
  document.documentElement.dataset.ms = (performance.now() - start).toFixed(2);
  show();
  at("result").setAttribute("aria-busy", "false");
  if (results.length > 0) at("result-title").focus();
}

function todayViews() {
  const [only] = state.results;
  const isInvoice = state.results.length === 1 && only.verdict.statement === undefined;
  const askable = fromNode() && isInvoice && only.verdict.number !== null;
  if (!askable) return [];
  const button = element("button", { type: "button", id: "today" }, say("today"));
  button.addEventListener("click", askToday);
  if (state.today === null) return [button];
  const { note, result } = state.today;
  const views = [element("h3", {}, say(note))];
  if (result !== null) views.push(verdictView(result.verdict, result.proof));
  return [button, ...views];
}

async function askToday() {
  const [given] = state.results;
  state.today = { note: "today_failed", result: null };
  try {
    const bytes = await fetchProof(given.verdict.number);
    if (bytes !== null) {
      const result = await judged(given.name, bytes);
      const same = isSameInvoice(given.proof, result.proof);
      state.today = same ? { note: "today_result", result } : { note: "today_other", result: null };
    }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // what fetch throws without a network
  }
  show();
  at("today").focus();
}

function showRoot() {
  const { root, rootSource } = state;
  const views = [element("p", {}, say(rootSource))];
  if (root !== null) {
    const date = (ms) => new Date(Number(ms)).toISOString().slice(0, 10);
    views.push(facts([
      [say("network"), pick(NETWORKS[root.network])],
      [say("fingerprint"), code(root.fingerprint)],
      [say("as_of"), pick([
        `checkpoint of ${date(root.checkpointMs)}, to be used until ${date(root.expiresMs)}`,
        `检查点 ${date(root.checkpointMs)}，可用至 ${date(root.expiresMs)}`,
      ])],
    ]));
  }
  at("root-state").replaceChildren(...views);
  at("banner").textContent = root?.network === "test" ? say("test_banner") : "";
  at("banner").hidden = root?.network !== "test";
}

function show() {
  sayAll(document);
  showRoot();
  const { results } = state;
  const views = results.length === 0 ? [element("p", {}, say("result_none"))]
    : results.length > 1 ? [batchView(results)]
      : results[0].verdict.asked !== undefined ? [refusalView(results[0].verdict)]
      : results[0].verdict.statement !== undefined ? [statementView(results[0].verdict)]
        : [verdictView(results[0].verdict, results[0].proof), ...todayViews()];
  at("result").replaceChildren(...views);
  for (const button of document.querySelectorAll("[data-lang]")) {
    button.setAttribute("aria-pressed", String(button.dataset.lang === language()));
  }
}

async function openRoot(bytes, source) {
  try {
    state.root = await openTrustRoot(bytes, state.verifySignature);
    state.rootSource = source;
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    if (source === "root_of_file") state.root = null;
    state.rootSource = "root_bad";
  }
  await checkAll();
}

async function bytesOf(file) {
  // One that is too large is cut just beyond the limit, where it is called malformed.
  const most = Math.max(FILE_BYTES_MAX, TRUST_ROOT_FILE_BYTES_MAX) + 1;
  const bytes = new Uint8Array(await file.slice(0, most).arrayBuffer());
  if (bytes.length < most || !isPdf(bytes)) return bytes;
  return new Uint8Array(await file.slice(0, PDF_BYTES_MAX).arrayBuffer());
}

function looksLikeTrustRoot(bytes) {
  return new TextDecoder().decode(bytes.subarray(0, 200)).includes('"piao-trust-root"');
}

// Files from a drop or a chooser: trust roots are told from proofs by what they say they are.
async function take(files) {
  const proofs = [];
  for (const file of [...files].slice(0, FILES_MAX)) {
    const bytes = await bytesOf(file);
    if (looksLikeTrustRoot(bytes)) await openRoot(bytes, "root_of_file");
    else proofs.push({ name: file.name, bytes });
  }
  if (proofs.length === 0) return;
  state.given = proofs;
  await checkAll();
}

function listen() {
  at("root-file").addEventListener("change", async ({ target }) => {
    const [file] = target.files;
    if (file !== undefined) await openRoot(await bytesOf(file), "root_of_file");
  });
  at("proof-files").addEventListener("change", ({ target }) => take(target.files));
  at("check-text").addEventListener("click", () => {
    state.given = [{ name: "JSON", bytes: utf8(at("proof-text").value) }];
    return checkAll();
  });
  at("max-age").addEventListener("change", checkAll);
  at("print").addEventListener("click", () => print());
  for (const button of document.querySelectorAll("[data-lang]")) {
    button.addEventListener("click", () => {
      setLanguage(button.dataset.lang);
      show();
    });
  }
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    return take(event.dataTransfer.files);
  });
}

async function start() {
  state.verifySignature = await chooseVerify();
  document.documentElement.dataset.curve = state.verifySignature.name;
  listen();
  if (fromNode()) await openRoot(utf8(at("trust-root-data").textContent), "root_of_node");
  show();
  document.documentElement.dataset.ready = "true";
}

start();
