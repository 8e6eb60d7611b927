//! What makes a node a member of one network: genesis, its own keys, the other members, and the
//! ceremony in which strangers' machines come to agree on them.
//!
//! Guards: once genesis is there nothing secret is made again; a node whose keys, genesis or list
//! of members do not fit each other is refused in one line before it listens anywhere.
//!
//! ```text
//!  each operator      piaod init ──► member.json
//!  one of them        piaod network create member.json… ──► genesis, members.json, trust-root.json
//!  the authority      piaod network sign ──► trust-root.json, signed
//!  each operator      piaod join ──► piaod run
//! ```

pub mod ceremony;
mod error;
mod files;
mod member;
mod role;
mod voting_keys;

pub(crate) use ceremony::read_genesis;
pub use error::NetworkError;
pub use files::{FIRST_START_FILE, GENESIS_FILE, MEMBERS_FILE, NetworkFiles, TRUST_ROOT_FILE};
pub(crate) use files::{exists, read_required, write};
pub(crate) use member::network_keypair;
pub use member::{Member, MemberList, network_peer_id};
pub(crate) use member::{public_key, signature};
pub(crate) use role::RECORD_FILE;
pub use role::{NodeRecord, Role};
pub use voting_keys::VotingKeys;
