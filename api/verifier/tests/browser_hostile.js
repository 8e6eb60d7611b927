// Texts that want to be more than texts, in a browser: a genuine proof whose shown fields and seller
// are hostile (chain/vectors/hostile.json) is judged, and what it shows stays inert text in its place.

import assert from "node:assert/strict";
import { bytes, vectors } from "./harness.js";

const CONTROLS = /[\p{Cc}\p{Cf}\p{DI}\u2028\u2029]/u;
// A row of the table of fields, at most, in pixels: 20 rem and its paddings.
const ROW_HEIGHT_MAX = 400;

// On a page that checks proofs; `tools` are those of browser.js.
async function inert(tools, page, hostile) {
  const { value, reasons } = tools;
  assert.deepEqual(await reasons(page), ["GENUINE"]);
  const texts = await value(page, "[...document.querySelectorAll('#result .foreign')].map((e) => e.textContent)");
  assert.equal(texts.length, hostile.shown.length + 1, "every field and the seller");
  for (const shown of texts) assert.ok(!CONTROLS.test(shown.replaceAll("\n", "")), JSON.stringify(shown));
  const all = texts.join(" ");
  for (const words of ["<img src=x onerror=", "⟨U+202E⟩evil⟨U+202C⟩", "⟨U+001B⟩[2J", "a⟨U+200B⟩b", "<b onmouseover=", "{{policy}}${1}"]) {
    assert.ok(all.includes(words), `${words} is not there to be read`);
  }
  assert.ok(texts.some((text) => text === "x".repeat(10_000)), "the long text is whole");
  const made = "#result :is(img, script, b, style, iframe, object, svg, form, link)";
  assert.equal(await value(page, `document.querySelectorAll('${made}').length`), 0);
  assert.notEqual(await value(page, "document.title"), "owned");
  const attributes = "[...document.querySelectorAll('#result *')].flatMap((e) => [...e.attributes]).map((a) => a.name)";
  const names = new Set(await value(page, attributes));
  for (const name of names) assert.ok(!name.startsWith("on"), name);
  // It takes no more room than its place, and covers nothing.
  const wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
  assert.ok(await value(page, wide) <= 0, "wider than the window");
  const heights = "[...document.querySelectorAll('#result tr, #result dd')].map((e) => e.getBoundingClientRect().height)";
  for (const height of await value(page, heights)) assert.ok(height <= ROW_HEIGHT_MAX, `${height} px`);
  const covered = `(() => {
    const line = document.querySelector('#result .conclusion');
    line.scrollIntoView({ block: 'center' });
    const { left, top, width, height } = line.getBoundingClientRect();
    return line.contains(document.elementFromPoint(left + width / 2, top + height / 2));
  })()`;
  assert.equal(await value(page, covered), true, "the verdict is covered");
}

export async function hostileProofs(tools) {
  const { openPage, value, give, clean, file, fileUrl, nodeUrl, shoot } = tools;
  const hostile = vectors("hostile.json");
  const root = file("hostile-root.json", JSON.stringify(hostile.trust_root));
  const proof = file("hostile.proof", bytes(hostile.file));
  for (const [url, offline, allowed] of [
    [`${fileUrl}?lang=en`, true, [fileUrl, "data:"]],
    [`${nodeUrl}/verify?lang=zh`, false, [`${nodeUrl}/`, "data:"]],
  ]) {
    const page = await openPage(url, { offline });
    await value(page, `Date.now = () => ${hostile.now_ms};`);
    await give(page, "root-file", root);
    await give(page, "proof-files", proof);
    await inert(tools, page, hostile);
    await shoot(page, offline ? "hostile-file" : "hostile-node");
    clean(page, allowed);
  }
}
