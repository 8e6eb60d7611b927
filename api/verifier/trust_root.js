// Trust roots (SPEC 7.6): what a verifier must have from a source it trusts.

import { ascending, compareBytes, decode, equalBytes, fromHex, Malformed, toHex } from "./bytes.js";
import { readValidatorSet } from "./block.js";
import { taggedHash } from "./digest.js";
import { signedBytes } from "./ed25519.js";
import { keyId, readPublicKey } from "./identity.js";
import { parseJson } from "./json.js";

const TRUST_ROOT_BYTES_MAX = 32768;
// Longest file looked at: the body in hex, and signatures of every key it can hold.
export const TRUST_ROOT_FILE_BYTES_MAX = 1 << 20;
const CHECKPOINT_AGE_MS_MAX = 180n * 86_400_000n;
const SIGNERS_MAX = 16;
const BLOCK_BYTES_MIN = 32768;
const BLOCK_BYTES_CEILING = 1048576;
const NETWORKS = ["test", "production"];
const MEMBERS = ["type", "network", "chain_id", "fingerprint", "body", "signatures"];

function refuse(why) {
  throw new Malformed(why);
}

function readKeys(reader) {
  return reader.list(32, readPublicKey);
}

// Keys strictly ascending by id, and a threshold that they can meet.
function isAuthority(keys, threshold) {
  const inOrder = ascending(keys.map(keyId), compareBytes);
  return inOrder && threshold >= 1 && threshold <= keys.length;
}

function readGenesis(reader) {
  const place = reader.place;
  const [version, suite, network] = [reader.u8(), reader.u8(), reader.tag(2)];
  reader.u64(); // time_ms
  const [channel, threshold] = [reader.u8(), reader.u8()];
  const keys = readKeys(reader);
  readPublicKey(reader); // log_key
  const validators = readValidatorSet(reader);
  const blockBytes = reader.u32();
  reader.take(4 + 4 + 4 + 2 + 32); // fees, failures, rule set, nonce
  const chainId = taggedHash("chain-id", reader.since(place));
  const inRange = version === 1 && suite === 1 && channel <= 9
    && keys.length <= SIGNERS_MAX && isAuthority(keys, threshold)
    && blockBytes >= BLOCK_BYTES_MIN && blockBytes <= BLOCK_BYTES_CEILING;
  return { network: NETWORKS[network], chainId, validators, inRange };
}

function readBody(reader) {
  const [version, suite] = [reader.u8(), reader.u8()];
  const genesis = readGenesis(reader);
  const checkpointHeight = reader.u64();
  reader.take(32); // block id of the checkpoint
  const checkpointMs = reader.u64();
  const validators = readValidatorSet(reader);
  const keys = readKeys(reader);
  const threshold = reader.u8();
  readPublicKey(reader); // log_key
  const expiresMs = reader.u64();
  reader.option((inner) => inner.take(32)); // previous_fingerprint
  return {
    version, suite, genesis, checkpointHeight, checkpointMs, validators, keys, threshold, expiresMs,
  };
}

// The members of an object that must have exactly these.
function exactly(value, names) {
  const right = value instanceof Map && value.size === names.length
    && names.every((name) => value.has(name));
  return right ? names.map((name) => value.get(name)) : refuse("other members");
}

function text(value) {
  return typeof value === "string" ? value : refuse("not a text");
}

function hex(value) {
  return fromHex(text(value)) ?? refuse("not hex");
}

function readSignatures(list) {
  if (!Array.isArray(list)) refuse("not a list");
  return list.map((item) => {
    const [id, signature] = exactly(item, ["key_id", "signature"]);
    return { id: text(id), signature: text(signature) };
  });
}

async function checkSignatures(signatures, body, bytes, verifySignature) {
  const byText = (a, b) => (a.id < b.id ? -1 : Number(a.id > b.id));
  if (!ascending(signatures, byText) || signatures.length < body.threshold) refuse("not signed");
  const message = signedBytes("trust-root", body.genesis.chainId, bytes);
  for (const { id, signature } of signatures) {
    const key = body.keys.find((one) => toHex(keyId(one)) === id);
    const made = hex(signature);
    if (key === undefined || made.length !== 64) refuse("not signed by its authority");
    if (!(await verifySignature(key, message, made))) refuse("not signed by its authority");
  }
}

// Opens the file of a trust root; throws Malformed.
export async function openTrustRoot(file, verifySignature) {
  if (file.length > TRUST_ROOT_FILE_BYTES_MAX) refuse("too large a file");
  const [type, ...rest] = exactly(parseJson(file), MEMBERS);
  const [, , , bodyHex, list] = rest;
  rest.slice(0, 3).forEach(text);
  const signatures = readSignatures(list);
  if (text(type) !== "piao-trust-root") refuse("another type");
  const bytes = hex(bodyHex);
  if (bytes.length > TRUST_ROOT_BYTES_MAX) refuse("too long a body");
  const body = decode(bytes, readBody);
  if (!body.genesis.inRange || body.version !== 1 || body.suite !== 1) refuse("out of range");
  if (!isAuthority(body.keys, body.threshold)) refuse("no usable authority");
  await checkSignatures(signatures, body, bytes, verifySignature);
  return {
    network: body.genesis.network,
    chainId: body.genesis.chainId,
    fingerprint: toHex(taggedHash("fingerprint", bytes)),
    genesisValidators: body.genesis.validators,
    checkpointHeight: body.checkpointHeight,
    checkpointMs: body.checkpointMs,
    expiresMs: body.expiresMs,
    validators: body.validators,
    keys: body.keys,
  };
}

// Whether it may no longer be relied on.
export function isStale(root, nowMs) {
  return nowMs - root.checkpointMs > CHECKPOINT_AGE_MS_MAX || nowMs > root.expiresMs;
}

// The authority key with this id.
export function authorityKey(root, id) {
  return root.keys.find((key) => equalBytes(keyId(key), id));
}
