// The secret of a link to an invoice (SPEC 8.6): it stands behind the `#` and stays in the browser.

import { toHex } from "./bytes.js";
import { taggedHash } from "./digest.js";

const SECRET = /^[A-Za-z0-9_-]{22}$/;

// What a node is shown in place of a secret, in hex; `null` for a text that is no secret.
export function digestOfSecret(text) {
  if (!SECRET.test(text)) return null;
  const letters = atob(`${text.replaceAll("-", "+").replaceAll("_", "/")}==`);
  const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
  return toHex(taggedHash("view", bytes));
}
