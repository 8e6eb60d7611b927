//! A proof as downloaded.

use bytes::Bytes;

/// A proof file as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofReply {
    /// The file.
    pub bytes: Bytes,
    /// Its `ETag`, if the node gave one.
    pub etag: Option<String>,
}
