//! A checkpoint: origin, size and root of the history, as a note the log key signs.

use core::fmt;

use base64ct::{Base64, Encoding as _};

use super::note::{Note, NoteError, NoteKey};
use crate::block::Header;
use crate::digest::{ChainId, Digest};
use crate::signature::{PublicKey, SecretKey};

/// Digits of a size.
const SIZE_DIGITS_MAX: usize = 20;

/// The name of a chain's log: `piao/` and the chain id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin(pub ChainId);

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "piao/{}", self.0)
    }
}

impl Origin {
    /// The log's key under this name.
    ///
    /// # Panics
    /// Never: the name has neither blanks nor `+`.
    #[must_use]
    pub fn key(self, log_key: PublicKey) -> NoteKey {
        NoteKey::log(&self.to_string(), log_key).expect("a chain id is hex")
    }
}

/// The first `size` blocks of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogCheckpoint {
    /// Which chain.
    pub origin: Origin,
    /// How many blocks, from height 0 on.
    pub size: u64,
    /// Root of the history over them.
    pub root: Digest,
}

impl LogCheckpoint {
    /// What a header says of the blocks before it. Only a decided header may be asked: its
    /// certificate is what makes this the one root of this size.
    #[must_use]
    pub const fn of_header(header: &Header) -> Self {
        Self {
            origin: Origin(header.chain_id),
            size: header.height,
            root: header.hist_root,
        }
    }

    /// As a note without signatures.
    ///
    /// # Panics
    /// Never: the text is three plain lines.
    #[must_use]
    pub fn note(&self) -> Note {
        let root = Base64::encode_string(&self.root);
        let text = format!("{}\n{}\n{root}\n", self.origin, self.size);
        Note::new(text).expect("three plain lines are a note")
    }

    /// As a note the log signs.
    #[must_use]
    pub fn sign(&self, log: &SecretKey) -> Note {
        let mut note = self.note();
        note.sign(&self.origin.key(log.public_key()), log);
        note
    }

    /// What a note says of a chain, if its log signed it. Extension lines are refused: this log
    /// writes none.
    ///
    /// # Errors
    /// [`NoteError`].
    pub fn open(note: &Note, origin: Origin, log_key: PublicKey) -> Result<Self, NoteError> {
        let mut lines = note.text().split_terminator('\n');
        let mut line = || lines.next().ok_or(NoteError::Malformed);
        let (name, size, root) = (line()?, line()?, line()?);
        if lines.next().is_some() || name != origin.to_string() {
            return Err(NoteError::Malformed);
        }
        let mut digest = [0; 32];
        let decoded = Base64::decode(root, &mut digest).map_err(|_base64| NoteError::Malformed)?;
        let canonical = size.len() <= SIZE_DIGITS_MAX
            && size.bytes().all(|digit| digit.is_ascii_digit())
            && (size == "0" || !size.starts_with('0'));
        if decoded.len() != digest.len() || !canonical {
            return Err(NoteError::Malformed);
        }
        let size = size.parse().map_err(|_number| NoteError::Malformed)?;
        note.verify(&origin.key(log_key))?;
        Ok(Self {
            origin,
            size,
            root: digest,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_reads_back_and_another_logs_does_not() {
        let log = SecretKey::from_seed(&[1; 32]);
        let origin = Origin(ChainId([0xab; 32]));
        let checkpoint = LogCheckpoint {
            origin,
            size: 42,
            root: [9; 32],
        };
        let note = Note::parse(&checkpoint.sign(&log).to_text()).unwrap();
        let open = |origin, key| LogCheckpoint::open(&note, origin, key);
        assert_eq!(open(origin, log.public_key()), Ok(checkpoint));
        let other = SecretKey::from_seed(&[2; 32]).public_key();
        assert_eq!(open(origin, other), Err(NoteError::NotSigned));
        let elsewhere = Origin(ChainId([0; 32]));
        assert_eq!(open(elsewhere, log.public_key()), Err(NoteError::Malformed));
    }

    #[test]
    fn only_one_text_stands_for_a_checkpoint() {
        let log = SecretKey::from_seed(&[1; 32]);
        let origin = Origin(ChainId([0xab; 32]));
        let key = origin.key(log.public_key());
        let root = Base64::encode_string(&[9; 32]);
        for text in [
            format!("{origin}\n042\n{root}\n"),
            format!("{origin}\n+42\n{root}\n"),
            format!("{origin}\n42\n{}\n", &root[1..]),
            format!("{origin}\n42\n{root}\nmore\n"),
            format!("{origin}\n42\n"),
            format!("{origin}\n99999999999999999999\n{root}\n"),
        ] {
            let mut note = Note::new(text.clone()).unwrap();
            note.sign(&key, &log);
            let opened = LogCheckpoint::open(&note, origin, log.public_key());
            assert_eq!(opened, Err(NoteError::Malformed), "{text}");
        }
    }
}
