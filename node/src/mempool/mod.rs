//! The waiting room of transactions: bounded, and honest about what it has promised.
//!
//! `pool` is a plain data structure; `admission` is the door, which runs every check a block would
//! run and collects all faults; `checked` remembers which signatures were found good.

mod admission;
mod checked;
mod pool;
mod reasons;

pub use admission::{Admission, Admitted};
pub use checked::CheckedSignatures;
pub use pool::{Pool, PoolError, PoolLimits, Reserved};
pub use reasons::{execute_faults, invoice_faults, skipped_fault};
