//! The closed lists a failure code is sorted by.
//!
//! Guards: every reader (HTTP status, command line exit, retry queue) decides from these words,
//! never from the text of a code.

use core::fmt;

/// When, if ever, the same request makes sense again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// After the named field was corrected.
    Fix,
    /// At once, with the same idempotency key.
    Now,
    /// By itself, after a growing pause.
    Backoff,
    /// After somebody else did something (a registration, a confirmation, an approval).
    Event,
    /// After the balance was topped up.
    Topup,
    /// When the window of a limit starts anew.
    Window,
    /// After the announced maintenance.
    Maint,
    /// After an upgrade of the caller.
    Upgrade,
    /// Never: the answer will stay the same.
    Never,
}

impl Retry {
    /// The word used in JSON and in the catalogue, for instance `BACKOFF`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fix => "FIX",
            Self::Now => "NOW",
            Self::Backoff => "BACKOFF",
            Self::Event => "EVENT",
            Self::Topup => "TOPUP",
            Self::Window => "WINDOW",
            Self::Maint => "MAINT",
            Self::Upgrade => "UPGRADE",
            Self::Never => "NEVER",
        }
    }

    /// What the caller should do next, as a word a program can switch on.
    #[must_use]
    pub const fn next_action(self) -> &'static str {
        match self {
            Self::Fix => "correct_field",
            Self::Now => "retry_now",
            Self::Backoff => "retry_later",
            Self::Event => "wait_for_event",
            Self::Topup => "top_up",
            Self::Window => "wait_for_window",
            Self::Maint => "wait_for_maintenance",
            Self::Upgrade => "upgrade",
            Self::Never => "give_up",
        }
    }
}

/// Whose matter the failure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The request holds something that is wrong.
    WrongData,
    /// A connection, a peer or a disk.
    Network,
    /// Money that is not there.
    Balance,
    /// A limit, a right or a state that does not allow it.
    Limit,
    /// Announced or emergency maintenance.
    Maintenance,
    /// Caller and network speak different versions.
    Version,
    /// None of these.
    Other,
}

impl Cause {
    /// The word used in JSON and in the catalogue, for instance `wrong-data`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WrongData => "wrong-data",
            Self::Network => "network",
            Self::Balance => "balance",
            Self::Limit => "limit",
            Self::Maintenance => "maintenance",
            Self::Version => "version",
            Self::Other => "other",
        }
    }
}

/// Who can judge the rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// Only the merchant's node, which alone holds the private fields.
    Desk,
    /// Every validator, from what the chain holds.
    Consensus,
    /// The desk for the document, every validator for its public part.
    Both,
    /// Decides whether a transaction may stand in a block at all.
    Admission,
}

impl Door {
    /// The word used in JSON and in the catalogue.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Desk => "desk",
            Self::Consensus => "consensus",
            Self::Both => "both",
            Self::Admission => "admission",
        }
    }
}

/// How central the rule is to the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// Every installation needs it.
    Core,
    /// Completes the picture.
    Extended,
}

impl Tier {
    /// The word used in JSON and in the catalogue.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Core => "core",
            Self::Extended => "extended",
        }
    }
}

/// Whether this version can answer with the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Support {
    /// This version raises it.
    Implemented,
    /// Declared, and raised by a later version.
    Planned,
    /// Declared, and cannot occur in this version of the protocol.
    Reserved,
}

impl Support {
    /// The word used in JSON and in the catalogue.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Implemented => "implemented",
            Self::Planned => "planned",
            Self::Reserved => "reserved",
        }
    }
}

impl fmt::Display for Retry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Support {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
