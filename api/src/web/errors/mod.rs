//! Pages of the failure codes: a list to search, and one page for every code.
//!
//! Guards: who was refused finds the code, what it means and the way out, without a script and on
//! paper too.

mod example;
mod list;
mod show;
mod warning;
mod words;

pub(crate) use list::list;
pub(crate) use show::show;
