//! A development network: genesis, keys and sample merchants made on first start.
//!
//! The same code path as a real network: registrations and top-ups are ordinary transactions of
//! the first blocks. With a seed, keys and ids follow from it; times do not.

mod bootstrap;
mod people;
mod setup;

pub use bootstrap::{BootstrapError, bootstrap};
pub(crate) use bootstrap::{admin_key, authority_transaction, card_of};
pub use people::{Person, people};
pub use setup::prepare;
