//! What the program writes: data on stdout, talk on stderr.

mod line;
mod plain;
mod terminal;

pub(crate) use line::{Line, Tone};
pub(crate) use plain::plain;
pub(crate) use terminal::{Colour, Output};
