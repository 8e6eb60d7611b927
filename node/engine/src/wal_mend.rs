//! Brings to an end what the engine's write-ahead log was in the middle of when the process or the
//! machine went down. Run before the log is judged and before the engine opens it.
//!
//! Two states are no damage, but what such an end leaves behind:
//!
//! - *A reset that was cut off.* The engine begins a height by writing its number over the old one,
//!   and cuts the old entries off afterwards. Dying in between leaves the new height over entries of
//!   a height that is decided.
//! - *A tail of zeros.* After a power cut a file may have the length of what was appended and not
//!   its bytes. An entry is synced before anything it speaks of is sent, so what was not synced was
//!   never said. Zeros read as entries without content, on which the engine would hang for ever.
//!
//! Everything else that does not hold is damage, and is left for `inspect_wal` to tell.

use std::fs::OpenOptions;
use std::io::{self, Cursor};
use std::path::Path;

use arc_malachitebft_app_channel::app::consensus::Input;
use arc_malachitebft_app_channel::app::engine::wal::decode_entry;
use arc_malachitebft_app_channel::app::wal::log::Log;

use crate::codec::WireCodec;
use crate::context::Ctx;
use crate::error::WalError;
use crate::wal::{Memory, WAL_BYTES_MAX, is_harmless};

/// Bytes of the head: version and height.
const HEAD_BYTES: usize = 4 + 8;

/// Bytes before an entry's own: compression flag, length, checksum.
const ENTRY_HEAD_BYTES: usize = 1 + 8 + 4;

/// Where an entry's head has the length.
const ENTRY_LENGTH: std::ops::Range<usize> = 1..9;

/// So many zeros at the end are what was never written: one bad byte does not make them, nor does a
/// signature end in them by chance.
const ZEROS_MIN: usize = ENTRY_HEAD_BYTES;

/// What was brought to its end, in one line for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mended {
    /// The entries of the height before were cut off.
    Reset,
    /// Zeros that were never entries were cut off.
    Tail,
}

impl core::fmt::Display for Mended {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Reset => "it was being reset: the entries of the height before are cut off",
            Self::Tail => "its end was never written: zeros are cut off",
        })
    }
}

/// Mends the log of a stopped engine, durable when this returns; `None` when there was nothing to
/// mend. `decided` is the height of the last decided block: what was signed above it is never cut.
///
/// # Errors
/// [`WalError::Read`], [`WalError::TooLarge`]. A damaged log is no error here.
pub fn mend_wal(path: &Path, decided: u64) -> Result<Option<Mended>, WalError> {
    let Some((mended, length)) = read(path)?.and_then(|bytes| judge(&bytes, decided)) else {
        return Ok(None);
    };
    let cut = || -> io::Result<()> {
        let file = OpenOptions::new().write(true).open(path)?;
        file.set_len(u64::try_from(length).map_err(io::Error::other)?)?;
        file.sync_all()
    };
    cut().map_err(failed(path))?;
    Ok(Some(mended))
}

/// What [`mend_wal`] would mend; changes nothing.
///
/// # Errors
/// As [`mend_wal`].
pub fn wal_to_mend(path: &Path, decided: u64) -> Result<Option<Mended>, WalError> {
    let found = read(path)?.and_then(|bytes| judge(&bytes, decided));
    Ok(found.map(|(mended, _length)| mended))
}

/// The whole log; `None` when there is none.
fn read(path: &Path) -> Result<Option<Vec<u8>>, WalError> {
    match std::fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(path)(error)),
        Ok(metadata) if metadata.len() > WAL_BYTES_MAX => Err(WalError::TooLarge(metadata.len())),
        Ok(_) => std::fs::read(path).map(Some).map_err(failed(path)),
    }
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> WalError {
    let path = path.to_owned();
    move |source| WalError::Read { path, source }
}

/// What is to be mended, and the length the file has then.
fn judge(bytes: &[u8], decided: u64) -> Option<(Mended, usize)> {
    let mut log: Log<Memory> = Log::open_with("", bytes.to_vec()).ok()?;
    let height = log.sequence();
    let mut end = HEAD_BYTES;
    let mut heights = Vec::new();
    for entry in log.iter().ok()? {
        let Some(entry) = entry.ok().filter(|entry| !entry.is_empty()) else {
            break;
        };
        if !is_harmless(&entry) {
            return None;
        }
        end = end.saturating_add(ENTRY_HEAD_BYTES + entry.len());
        let input = decode_entry::<Ctx, _, _>(&WireCodec, Cursor::new(entry)).ok()?;
        heights.extend(height_of(&input));
    }
    let is_next = Some(height) == decided.checked_add(1);
    if is_next && !heights.is_empty() && heights.iter().all(|of| *of <= decided) {
        return Some((Mended::Reset, HEAD_BYTES));
    }
    is_unwritten(bytes.get(end..)?).then_some((Mended::Tail, end))
}

/// Whether what stands behind the last whole entry is zeros, after at most one entry that was
/// written in part.
fn is_unwritten(tail: &[u8]) -> bool {
    let written = tail.iter().rposition(|byte| *byte != 0);
    let written = written.map_or(0, |last| last.saturating_add(1));
    if tail.len().saturating_sub(written) < ZEROS_MIN {
        return false;
    }
    let length = tail
        .get(ENTRY_LENGTH)
        .and_then(|length| length.try_into().ok());
    let length = length.map_or(0, u64::from_be_bytes);
    let entry_bytes = usize::try_from(length)
        .unwrap_or(usize::MAX)
        .saturating_add(ENTRY_HEAD_BYTES);
    written <= entry_bytes
}

/// The height an entry speaks of, if it names one.
fn height_of(input: &Input<Ctx>) -> Option<u64> {
    let height = match input {
        Input::Vote(vote) => vote.message.height,
        Input::Proposal(proposal) => proposal.message.height,
        Input::ProposedValue(value, _origin) => value.height,
        _ => return None,
    };
    Some(height.0)
}
