//! The chain as a transparency log that others' tools understand (SPEC 7.10): checkpoints as signed
//! notes, consistency of two checkpoints, inclusion of a block, a witness's cosignature.
//!
//! Guards: a checkpoint is only made of a certified header, so there are never two roots of one
//! size; the log key signs nothing else. Formats: C2SP `signed-note`, `tlog-checkpoint`,
//! `tlog-cosignature`, `tlog-proof`.

mod checkpoint;
mod consistency;
mod inclusion;
mod note;

pub use checkpoint::{LogCheckpoint, Origin};
pub use consistency::{consistency_path, is_consistent};
pub use inclusion::{BlockInclusion, InclusionError};
pub use note::{NOTE_BYTES_MAX, Note, NoteError, NoteKey, NoteSignature};
