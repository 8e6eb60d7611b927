//! The typed client: one method per call, wire types out.
//!
//! Guards: a refusal comes back as the problem it is; "could not reach the node" and "the node said
//! no" never look alike, because only the former is always safe to retry.

mod anchored;
mod calls;
mod corrections;
mod error;
mod events;
mod keys;
mod proof;
mod query;
mod requests;
mod statements;
mod transport;
mod verdicts;
mod views;

pub use corrections::RedPart;
pub use error::ClientError;
pub use events::EventStream;
pub use proof::ProofReply;
pub use query::{InvoiceQuery, IssueOptions, Issued};
pub use requests::RequestQuery;
pub use transport::Client;
