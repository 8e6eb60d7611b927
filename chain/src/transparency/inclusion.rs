//! That a block is in a checkpoint, as one text that other tools read: C2SP `tlog-proof`.

use base64ct::{Base64, Encoding as _};

use super::checkpoint::{LogCheckpoint, Origin};
use super::note::{NOTE_BYTES_MAX, Note, NoteError};
use crate::digest::{BlockId, Digest};
use crate::proof::merkle::{HistoryTree, root_of_path};
use crate::signature::PublicKey;

/// First line of the text.
const HEAD: &str = "c2sp.org/tlog-proof@v1";
/// Digests of a path, at most.
const PATH_MAX: usize = 64;

/// A block's path to a signed checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockInclusion {
    /// Height of the block, its index in the log.
    pub height: u64,
    /// The path.
    pub path: Vec<Digest>,
    /// The checkpoint, signed.
    pub note: Note,
}

/// Why a block is not shown to be in a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InclusionError {
    /// Not a text of this form.
    #[error("not a proof of inclusion")]
    Malformed,
    /// The checkpoint.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The path does not lead to the checkpoint's root.
    #[error("the path does not lead to the checkpoint")]
    NotIncluded,
}

impl BlockInclusion {
    /// As text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!("{HEAD}\nindex {}\n", self.height);
        for digest in &self.path {
            text.push_str(&Base64::encode_string(digest));
            text.push('\n');
        }
        text.push('\n');
        text.push_str(&self.note.to_text());
        text
    }

    /// Reads one.
    ///
    /// # Errors
    /// [`InclusionError`].
    pub fn parse(text: &str) -> Result<Self, InclusionError> {
        use InclusionError::Malformed;
        if text.len() > 2 * NOTE_BYTES_MAX {
            return Err(Malformed);
        }
        let (head, note) = text.split_once("\n\n").ok_or(Malformed)?;
        let mut lines = head.split('\n');
        if lines.next() != Some(HEAD) {
            return Err(Malformed);
        }
        let height = lines.next().and_then(|line| line.strip_prefix("index "));
        let height = height.and_then(|height| height.parse().ok());
        let mut path = Vec::new();
        for line in lines {
            let mut digest = [0; 32];
            let decoded = Base64::decode(line, &mut digest).map_err(|_base64| Malformed)?;
            if decoded.len() != 32 || path.len() >= PATH_MAX {
                return Err(Malformed);
            }
            path.push(digest);
        }
        let read = Self {
            height: height.ok_or(Malformed)?,
            path,
            note: Note::parse(note)?,
        };
        if read.to_text() == text {
            Ok(read)
        } else {
            Err(Malformed)
        }
    }

    /// The checkpoint, if its log signed it and the block is in it.
    ///
    /// # Errors
    /// [`InclusionError`].
    pub fn verify(
        &self,
        block_id: &BlockId,
        origin: Origin,
        log_key: PublicKey,
    ) -> Result<LogCheckpoint, InclusionError> {
        let checkpoint = LogCheckpoint::open(&self.note, origin, log_key)?;
        let leaf = HistoryTree::leaf(&block_id.0);
        let root = root_of_path::<HistoryTree>(&leaf, self.height, checkpoint.size, &self.path);
        if root == Some(checkpoint.root) {
            Ok(checkpoint)
        } else {
            Err(InclusionError::NotIncluded)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::ChainId;
    use crate::proof::history::History;
    use crate::signature::SecretKey;

    #[test]
    fn a_block_is_shown_to_be_in_the_log_and_another_is_not() {
        let mut history = History::default();
        for n in 0..11 {
            history.push(&BlockId([n; 32]));
        }
        let log = SecretKey::from_seed(&[1; 32]);
        let origin = Origin(ChainId([3; 32]));
        let checkpoint = LogCheckpoint {
            origin,
            size: 11,
            root: history.root(),
        };
        let shown = BlockInclusion {
            height: 6,
            path: history.path(6, 11).unwrap(),
            note: checkpoint.sign(&log),
        };
        let read = BlockInclusion::parse(&shown.to_text()).unwrap();
        assert_eq!(read, shown);
        let verify = |id: u8| read.verify(&BlockId([id; 32]), origin, log.public_key());
        assert_eq!(verify(6), Ok(checkpoint));
        assert_eq!(verify(5), Err(InclusionError::NotIncluded));
        let text = shown.to_text();
        for bad in [
            text.replace("index 6", "index 06"),
            text.replace("@v1", "@v2"),
            text.replacen("\n\n", "\n", 1),
            String::new(),
        ] {
            assert!(BlockInclusion::parse(&bad).is_err(), "{bad}");
        }
    }
}
