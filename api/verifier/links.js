// Links between validator sets (SPEC 7.9): how a verifier gets from the set it knows to the set that
// signed. Nothing is skipped, and nothing stands beside.

import { certificateFault, readCertificate, readHeader, readValidatorSet } from "./block.js";
import { equalBytes } from "./bytes.js";

export const LINKS_MAX = 48;
// Bytes of a link with one member and no signature.
export const LINK_BYTES_MIN = 426;

export function readLink(reader) {
  return {
    header: readHeader(reader),
    certificate: readCertificate(reader),
    next: readValidatorSet(reader),
  };
}

// Rule 1: whether the links are a path up to the header that the proof speaks for.
function isPath(links, asOf) {
  const good = links.every(({ header, certificate, next }, at) => {
    const before = links[at - 1]?.header;
    return (before === undefined || header.height > before.height)
      && header.height < asOf.height
      && equalBytes(certificate.blockId, header.id) && certificate.height === header.height
      && !equalBytes(header.nextValsetHash, header.valsetHash)
      && equalBytes(header.nextValsetHash, next.hash)
      && (before === undefined || equalBytes(header.valsetHash, before.nextValsetHash));
  });
  return good && equalBytes(links[links.length - 1].header.nextValsetHash, asOf.valsetHash);
}

// Rule 2: the set before the first link, `null` where the trust root names none.
function anchor(links, root) {
  const past = links.filter(({ header }) => header.height <= root.checkpointHeight);
  const met = past.length === 0
    || equalBytes(past[past.length - 1].next.bytes, root.validators.bytes);
  const first = past.length === 0 ? root.validators : root.genesisValidators;
  return met && equalBytes(links[0].header.valsetHash, first.hash) ? first : null;
}

// What is wrong with the links of a proof: `invalid`, `unknown`; `null` if nothing is.
export async function linksFault(links, asOf, root, verifySignature) {
  if (!isPath(links, asOf)) return "invalid";
  let outgoing = anchor(links, root);
  if (outgoing === null) return "unknown";
  for (const { certificate, next } of links) {
    const fault = await certificateFault(certificate, root.chainId, outgoing, verifySignature);
    if (fault !== null) return "invalid";
    outgoing = next;
  }
  return null;
}
