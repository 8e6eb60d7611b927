//! Block bodies on their way: cut into sealed parts, sent, and put together again within bounds.

mod assembler;
mod part;
mod publisher;
#[cfg(test)]
mod tests;

pub(crate) use assembler::{Assembled, Assembler, HEIGHTS_AHEAD_MAX, Origin};
#[cfg(test)]
pub(crate) use part::split;
pub(crate) use part::{PART_BYTES, Part, PartHeader, STREAM_ID_BYTES_MAX, Seal};
pub(crate) use publisher::{Publisher, Turn};
