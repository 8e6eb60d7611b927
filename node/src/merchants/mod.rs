//! The merchants a node issues for on a network of strangers' machines: the node makes a merchant's
//! key and keeps it, the authority vouches for the name and opens the account.
//!
//! ```text
//!  merchant's node    piaod merchant init ──► DATA/merchants/TAX-ID.json, an application
//!  the authority      piaod authority register ──► the same file, vouched for
//!  merchant's node    piaod merchant adopt ──► piaod run
//! ```

mod error;
mod file;
mod folder;

pub use error::MerchantError;
pub use file::{Application, MerchantFile, Vouched};
pub use folder::{Applicant, Vouchsafed, adopt, apply, load, vouch};
