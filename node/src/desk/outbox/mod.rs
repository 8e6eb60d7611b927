//! The outbox: every accepted request is brought to an end, whatever comes between.
//!
//! Guards: a request is on disk before anybody is told of it; nothing new is signed for it while
//! what was signed earlier may still become final (SPEC 4.1); a request that can't go on holds up
//! no other; of one account the oldest goes out first.
//!
//! ```text
//!  accepted ─► signed ─► submitted ─► final
//!     │           ▲          │ window over, block time says so
//!     ▼           │          ▼
//!  waiting ───────┴── waiting (the next attempt)     failed, cancelled ─ retry ─► waiting
//! ```
//!
//! | file | its job |
//! |---|---|
//! | `stage` | where a request stands, what it waits for, how long it pauses |
//! | `jobs` | the requests that are not at their end, oldest first, within bounds |
//! | `causes` | what has ended, and whom that wakes |
//! | `drive` | the task that takes them on: at once when a cause ends, else after a pause |
//! | `forecast` | how long a balance lasts |
//! | `keep` | the records of what the chain does not tell |
//! | `reservations` | fees held back and given back |
//! | `verbs` | retry, reissue, cancel |
//! | `view` | a request as the contract shows it |

mod causes;
mod drive;
mod forecast;
mod jobs;
mod keep;
mod reservations;
mod stage;
#[cfg(test)]
mod tests;
mod verbs;
mod view;

pub(crate) use forecast::Forecast;
pub(super) use jobs::Jobs;
pub(super) use keep::{Synced, kept_entry, new_id};
pub(crate) use reservations::Move;
pub(super) use reservations::Reservations;
pub(super) use stage::{Stage, Try, passes, waits_for};
