//! The desk journal: requests, private documents and top-ups, synced before anybody is answered.
//!
//! Guards: what was acknowledged is there after a crash or a power cut; damage is refused by file
//! and offset and never silently cut away; private bytes lie sealed under a key of their own, and
//! rewriting that small key is how a document is forgotten.
//!
//! ```text
//!  append ─► seal (caller) ─► queue ─► writer: document keys, sync ─► records, sync ─► mark ─► answer
//! ```
//!
//! | file | its job |
//! |---|---|
//! | `record`, `stored` | what is kept, and the light headers a start replays; its bytes |
//! | `documents` | sealing private bytes, and the keys they are sealed with |
//! | `document_keys` | the rewritable file of sealed keys, and the mark of what was acknowledged |
//! | `frame`, `segment`, `journal` | the append-only, chained record file |
//! | `recover` | opening: every record checked, a torn tail cut |
//! | `writer`, `disk` | the thread that commits in groups |
//! | `inspect` | looking without changing a byte |
//! | `give_up`, `salvage` | keeping aside what an operator gave up, and what of it still holds |
//! | `front` | the handle the desk holds |

mod disk;
mod document_keys;
mod documents;
mod error;
mod frame;
mod front;
mod give_up;
mod inspect;
mod journal;
mod record;
mod recover;
mod salvage;
mod segment;
mod stored;
#[cfg(test)]
mod tests;
mod writer;

pub use error::DeskStoreError;
pub use front::DeskStore;
pub use inspect::{DeskInspection, inspect};
pub use record::{
    Accepted, DeskHeader, DeskHeaderBody, DeskRecord, Downloaded, Kept, Notice, NoticeKind,
    Private, Proposed, RequestId, Resolution, Resolved, Seq, Step, StepKind, TopUp,
};
pub use writer::{QUEUE_BYTES_MAX, QUEUE_RECORDS_MAX};
