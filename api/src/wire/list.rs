//! One page of a list.
//!
//! Guards: lists are cut by an opaque cursor, never by an offset, so that a page neither repeats
//! nor skips a row when others are added meanwhile.

use serde::{Deserialize, Serialize};

/// Rows a list gives when the caller does not say.
pub const LIMIT_DEFAULT: u32 = 50;
/// Rows a list gives at most.
pub const LIMIT_MAX: u32 = 200;
/// Length of a cursor, in bytes, at most.
pub const CURSOR_BYTES_MAX: usize = 512;

/// One page of a list, newest first unless the call says otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Page<T> {
    /// The rows, at most [`LIMIT_MAX`].
    pub data: Vec<T>,
    /// Whether there are rows after these.
    pub has_more: bool,
    /// What to give as `cursor` to read on; null at the end.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// A page that ends its list.
    #[must_use]
    pub const fn last(data: Vec<T>) -> Self {
        Self {
            data,
            has_more: false,
            next_cursor: None,
        }
    }
}
