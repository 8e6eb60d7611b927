//! What the program writes: data on stdout, talk on stderr.

mod line;
mod plain;
mod terminal;

pub use line::{Line, Tone};
pub use plain::plain;
pub use terminal::{Colour, Output};
