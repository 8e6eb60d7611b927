// The link of an invoice in a browser (SPEC 8.6): with its secret the page shows the document, without
// it or with another it does not, and neither the node's log nor any address holds the secret.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { digestOfSecret } from "../view_secret.js";

const BUYER = "武汉示例科技有限公司";

export async function links(tools, link, log) {
  const { openPage, value, until, clean, nodeUrl, shoot } = tools;
  const { pathname, hash } = new URL(link);
  const secret = hash.slice(1);
  assert.equal(secret.length, 22);
  const digest = digestOfSecret(secret);
  const allowed = [`${nodeUrl}/`, "data:"];
  const said = (page) => value(page, "document.querySelector('main').innerText");
  const refused = (page) => page.complaints.filter((text) => !text.includes("404"));

  const without = await openPage(`${nodeUrl}${pathname}?lang=en`);
  assert.ok(!(await said(without)).includes(BUYER), "the public page names the buyer");
  assert.equal(await value(without, "document.getElementById('view').childNodes.length"), 0);
  assert.ok(without.requests.every((url) => !url.includes("/view")), "it asks without a secret");
  clean(without, allowed);

  const owner = await openPage(`${nodeUrl}${pathname}?lang=en${hash}`);
  const opened = await said(owner);
  for (const words of [BUYER, "*生产生活服务*餐费", "106.00", "gives no right"]) {
    assert.ok(opened.includes(words), `${words} not in ${opened}`);
  }
  await shoot(owner, "link");
  clean(owner, allowed);
  const chinese = await openPage(`${nodeUrl}${pathname}?lang=zh${hash}`);
  assert.ok((await said(chinese)).includes("购买方"));
  clean(chinese, allowed);

  const last = secret.endsWith("A") ? "Q" : "A";
  for (const wrong of [secret.slice(0, -1) + last, secret.slice(1), `${secret}A`, "<img src=x onerror=alert(1)>"]) {
    const page = await openPage(`${nodeUrl}${pathname}?lang=en#${wrong}`);
    const text = await said(page);
    assert.ok(!text.includes(BUYER) && text.includes("does not open the document"), text);
    // A browser notes the 404 of its own question, and nothing else is amiss.
    assert.deepEqual(refused(page), []);
  }
  // A page that is open already opens the document once the secret is there.
  await value(without, `location.hash = ${JSON.stringify(hash)}; 1`);
  await until(without, `document.querySelector('main').innerText.includes(${JSON.stringify(BUYER)})`);

  for (const page of [owner, without]) {
    const sent = page.requests.map((url) => url.split("#")[0]);
    assert.ok(sent.every((url) => !url.includes(secret) && !url.includes(digest)), "in an address");
  }
  const written = readFileSync(log, "utf8");
  for (const private_ of [secret, digest, BUYER]) {
    assert.ok(!written.includes(private_), `${private_} stands in the node's log`);
  }
}
