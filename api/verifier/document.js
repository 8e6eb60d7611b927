// Fields of a document that are shown (SPEC 8.3).

import { equalBytes, u16Bytes, u32Bytes } from "./bytes.js";
import { taggedHash } from "./digest.js";
import { FIELD_TREE, rootOfPath } from "./merkle.js";

// Bytes of a shown field with an empty value and path.
export const SHOWN_FIELD_BYTES_MIN = 38;

export function readShownField(reader) {
  return {
    id: reader.u16(),
    line: reader.u16(),
    value: reader.bytes(),
    salt: reader.take(16),
    index: reader.u16(),
    path: reader.digests(),
  };
}

// Whether a field is one of the `count` fields under a root.
export function isUnderRoot(shown, root, count) {
  if (shown.index >= count) return false;
  const { salt, id, line, value } = shown;
  const leaf = taggedHash(
    "field-leaf", salt, u16Bytes(id), u16Bytes(line), u32Bytes(value.length), value,
  );
  const size = Math.ceil(count / 8) * 8;
  const reached = rootOfPath(FIELD_TREE, leaf, shown.index, size, shown.path);
  return reached !== null && equalBytes(reached, root);
}
