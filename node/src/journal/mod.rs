//! The block journal: append-only segments that are the truth of the node.
//!
//! Guards: a block is told to anybody only after its record is synced; what was synced is found
//! again after any crash, or the journal refuses to open and says which byte of which file is
//! damaged. Everything in [`crate::storage`] can be made again from here.
//!
//! Never: deletes a decided block, shortens itself silently, or serves a record whose check does
//! not hold. Source: `node/decisions/0002-storage.md`.

mod acknowledged;
mod aside;
mod error;
mod index;
mod inspect;
mod reader;
mod record;
mod recover;
mod scan;
mod segment;
mod summary;
mod undecided;
mod verify;
mod writer;

pub use error::JournalError;
pub use inspect::{Damage, Depth, Held, Inspection, MarkState, Seen, hold, inspect};
pub use reader::{JournalReader, StoredBlock};
pub use record::Proposal;
pub use undecided::{PROPOSALS_PER_HEIGHT_MAX, ROUNDS_PER_HEIGHT_MAX};
pub use verify::Verified;
pub use writer::{BlockJournal, HEIGHTS_AHEAD_MAX, JournalOptions, OnDamage, Recovered};
