//! The merchants a node issues for on a network of strangers' machines: the node makes a merchant's
//! key and keeps it, the authority vouches for the name and opens the account.
//!
//! ```text
//!  merchant's node    piaod merchant init ──► DATA/merchants/TAX-ID.json, an application
//!  the authority      piaod authority register ──► the same file, vouched for
//!  merchant's node    piaod merchant adopt ──► piaod run
//! ```
//!
//! Later keys come the same way: `merchant admin-key` and `authority add-key` for the key that answers
//! red letters, `merchant rotate-key` and `authority vouch` for another key to issue with.

mod admin;
mod error;
mod file;
mod folder;

pub use admin::{AdminCard, admin_card};
pub use error::MerchantError;
pub use file::{Application, MerchantFile, Vouched};
pub(crate) use folder::key_names;
pub use folder::{Applicant, Vouchsafed, adopt, apply, load, next_key, vouch};
