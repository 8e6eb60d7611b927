//! What a journal that is not whole costs, said in one line with both ways out.

use core::fmt;
use std::path::PathBuf;

/// Heights that are lost, possibly none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heights {
    /// The first.
    pub from: u64,
    /// The last; below `from` when no decided height is lost.
    pub to: u64,
}

impl Heights {
    /// Everything above a tip.
    pub(crate) const fn above(tip: u64, to: u64) -> Self {
        Self {
            from: tip.saturating_add(1),
            to,
        }
    }

    /// Whether no decided height is lost.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.to < self.from
    }
}

impl fmt::Display for Heights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            f.write_str("no decided height")
        } else if self.from == self.to {
            write!(f, "height {}", self.from)
        } else {
            write!(f, "heights {} to {}", self.from, self.to)
        }
    }
}

/// Something remembers heights that the journal does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TailLost {
    /// What remembers them.
    pub witness: &'static str,
    /// The height it is at.
    pub height: u64,
    /// Where the journal ends.
    pub tip: u64,
    /// What is lost.
    pub lost: Heights,
    /// The data directory.
    pub data: PathBuf,
}

impl fmt::Display for TailLost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let data = self.data.display();
        write!(
            f,
            "the block journal ends at height {}, but {} is at height {}: {} is lost and this node \
             must not vote; put back the newest copy of {data}/blocks, or give it up for good with \
             `piaod run --data {data} --accept-loss`",
            self.tip, self.witness, self.height, self.lost
        )
    }
}

/// The journal is damaged where it was acknowledged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlocksDamaged {
    /// The segment.
    pub file: PathBuf,
    /// Where the first bad record starts, when it is known.
    pub offset: Option<u64>,
    /// What is wrong.
    pub what: String,
    /// What can't be read any more.
    pub lost: Heights,
    /// The data directory.
    pub data: PathBuf,
}

impl fmt::Display for BlocksDamaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (file, data) = (self.file.display(), self.data.display());
        write!(f, "{file} is damaged")?;
        if let Some(offset) = self.offset {
            write!(f, " at byte {offset}")?;
        }
        write!(
            f,
            " ({}), {} can't be read; put back a copy of that file, or give up {} for good with \
             `piaod run --data {data} --accept-loss`",
            self.what, self.lost, self.lost
        )
    }
}
