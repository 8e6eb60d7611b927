//! Why the store refuses.

use std::io;
use std::path::{Path, PathBuf};

use super::tables::Table;

/// Why the store could not be opened, read or written. Each text is one line for the operator.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Something is not what was written. Nothing of it is used; the journal has it all.
    #[error(
        "the store's table of {table} is damaged ({what}): \
         stop the node and run `piaod reindex`, which makes the store again from the journal"
    )]
    Corrupt {
        /// Where.
        table: Table,
        /// What is wrong.
        what: &'static str,
    },
    /// The store engine refused.
    #[error("the store cannot {action}: {reason}")]
    Engine {
        /// What was tried.
        action: &'static str,
        /// What the engine said.
        reason: String,
    },
    /// The system refused.
    #[error("the store cannot {action} {}: {source}", file.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A delta of a height at or below the store's.
    #[error("changes of height {height} do not follow the store's tip {tip}")]
    NotNext {
        /// Height of the changes.
        height: u64,
        /// Height stored.
        tip: u64,
    },
    /// The store stopped following earlier; the text says why.
    #[error("the store stopped following the journal: {reason}")]
    Stopped {
        /// Why.
        reason: String,
    },
}

impl StoreError {
    /// For `map_err` on a call to the engine.
    pub(super) fn engine(action: &'static str) -> impl FnOnce(sled::Error) -> Self {
        move |source| Self::Engine {
            action,
            reason: source.to_string(),
        }
    }

    /// For `map_err` on a call to the system.
    pub(super) fn io(action: &'static str, file: &Path) -> impl FnOnce(io::Error) -> Self {
        let file = file.to_path_buf();
        move |source| Self::Io {
            action,
            file,
            source,
        }
    }
}
