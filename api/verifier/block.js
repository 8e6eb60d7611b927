// Headers, validator sets and commit certificates (SPEC 4.3 to 4.6).

import { ascending, compareBytes, concat, Malformed, toHex, u32Bytes, u64Bytes } from "./bytes.js";
import { taggedHash } from "./digest.js";
import { signedBytes } from "./ed25519.js";
import { keyId, readPublicKey } from "./identity.js";

const VALIDATORS_MAX = 128;
const TOTAL_POWER_MAX = ((1n << 64n) - 1n) / 3n;

export function readHeader(reader) {
  const place = reader.place;
  reader.take(2); // version and suite, which are those of the chain
  const chainId = reader.take(32);
  const height = reader.u64();
  const timeMs = reader.u64();
  reader.take(32); // parent_id
  const histRoot = reader.take(32);
  const txCount = reader.u32();
  const txRoot = reader.take(32);
  const stateRoot = reader.take(32);
  reader.take(32); // extra_root
  const valsetHash = reader.take(32);
  const nextValsetHash = reader.take(32);
  reader.take(32 + 16); // params_hash, proposer
  const bytes = reader.since(place);
  const id = taggedHash("block-id", bytes);
  return {
    bytes, id, chainId, height, timeMs, histRoot, txCount, txRoot, stateRoot, valsetHash,
    nextValsetHash,
  };
}

export function readValidatorSet(reader) {
  const place = reader.place;
  const members = reader.list(40, (inner) => {
    const publicKey = readPublicKey(inner);
    return { publicKey, id: toHex(keyId(publicKey)), power: inner.u64() };
  });
  const keysAscend = ascending(members, (a, b) => compareBytes(a.publicKey, b.publicKey));
  const power = members.reduce((sum, member) => sum + member.power, 0n);
  const counted = members.length >= 1 && members.length <= VALIDATORS_MAX;
  const powered = members.every((member) => member.power > 0n) && power <= TOTAL_POWER_MAX;
  if (!keysAscend || !counted || !powered) throw new Malformed("not a validator set");
  const bytes = reader.since(place);
  return { members, power, bytes, hash: taggedHash("valset", bytes) };
}

export function readCertificate(reader) {
  return {
    height: reader.u64(),
    round: reader.u32(),
    blockId: reader.take(32),
    signatures: reader.list(80, (inner) => ({
      signer: inner.take(16),
      signature: inner.take(64),
    })),
  };
}

// The bytes of a precommit (SPEC 4.5).
function precommitBody(certificate) {
  const { height, round, blockId } = certificate;
  return concat(u64Bytes(height), u32Bytes(round), Uint8Array.of(1), blockId);
}

// What is wrong with a certificate: `order`, `stranger`, `signature`, `no_quorum`; `null` if
// nothing is.
export async function certificateFault(certificate, chainId, set, verifySignature) {
  const { signatures } = certificate;
  const inOrder = ascending(signatures, (a, b) => compareBytes(a.signer, b.signer));
  if (!inOrder || signatures.length > VALIDATORS_MAX) return "order";
  const message = signedBytes("precommit", chainId, precommitBody(certificate));
  let signed = 0n;
  for (const { signer, signature } of signatures) {
    const name = toHex(signer);
    const member = set.members.find((one) => one.id === name);
    if (member === undefined) return "stranger";
    if (!(await verifySignature(member.publicKey, message, signature))) return "signature";
    signed += member.power;
  }
  return 3n * signed > 2n * set.power ? null : "no_quorum";
}
