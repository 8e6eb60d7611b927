// Today's status, asked of the node that served this page and of nobody else.

import { equalBytes } from "../bytes.js";
import { PROOF_BYTES_MAX } from "../proof_file.js";

// The node's proof of an invoice, `null` where it gives none.
export async function fetchProof(number) {
  const reply = await fetch(`/v1/invoices/${encodeURIComponent(number)}/proof`, {
    headers: { Accept: "application/vnd.piao.proof" },
    credentials: "omit",
    redirect: "error",
    cache: "no-store",
  });
  const length = Number(reply.headers.get("Content-Length") ?? 0);
  if (!reply.ok || length > PROOF_BYTES_MAX) return null;
  return new Uint8Array(await reply.arrayBuffer());
}

// Whether two judgements are about the same invoice: a transaction may issue two.
export function isSameInvoice(a, b) {
  return a !== null && b !== null && a.part === b.part
    && equalBytes(a.transaction.id, b.transaction.id);
}
