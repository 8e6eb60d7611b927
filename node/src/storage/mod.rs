//! The state on disk: sled, behind the journal, and the memory in front of it.
//!
//! Guards: sled is never the truth. Every value in it carries a checksum, its sums are added up at
//! start, those of full runs from summaries that are verified afterwards; its slot root must be the
//! one in a header of the journal; what does not hold is refused or made again. It is written behind the journal and is never on the way to final.
//!
//! The only folder that names sled. Source: `node/decisions/0002-storage.md`.

mod check;
mod error;
mod files;
mod follow;
mod inspect;
mod issued;
mod keys;
mod layers;
mod marker;
mod prune;
mod rebuild;
mod runs;
mod store;
mod summary;
mod tables;
mod value;
mod verify;
mod view;

/// What a log filter must begin with so that the store's library only speaks when something is
/// wrong.
pub const LOG_FILTER_QUIET: &str = "sled=warn";

pub use check::Opening;
pub use error::StoreError;
pub use follow::{BLOCKS_BEHIND_MAX, RECORDS_PER_TRANSACTION_MAX, StateCache};
pub use inspect::{StateFound, copy, examine_copy, reason_to_rebuild};
pub use rebuild::{RecoverError, Restored, recover, restore};
pub use store::{CACHE_BYTES_DEFAULT, Store, StoreOptions, Tip};
pub use tables::Table;
pub use verify::VerifiedRuns;
