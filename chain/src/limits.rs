//! Every bound of the protocol: name, value, unit, and why that value (SPEC 1.5).

/// Lines of one invoice. The national platform's limit for a digital invoice is far above what a
/// till prints; 200 keeps the largest transaction within [`TX_BYTES_MAX`].
pub const LINES_MAX: usize = 200;

/// Bytes of one signed transaction: 200 lines of 50 bytes, 16 signatures, and room for growth.
pub const TX_BYTES_MAX: usize = 32 * 1024;

/// Bytes of a block body. Gossip floods every part, so larger blocks cost latency, not only bytes.
pub const BLOCK_BYTES_MAX: usize = 256 * 1024;

/// The most that the chain parameter for block bytes may be set to.
pub const BLOCK_BYTES_CEILING: usize = 1024 * 1024;

/// Signers of one transaction; also the most authority keys a network may have.
pub const SIGNERS_MAX: usize = 16;

/// Validators of one set: a commit certificate of this size still fits a proof file.
pub const VALIDATORS_MAX: usize = 128;

/// Bytes of a proof file.
pub const PROOF_BYTES_MAX: usize = 64 * 1024;

/// Bytes of a trust-root file's body.
pub const TRUST_ROOT_BYTES_MAX: usize = 32 * 1024;

/// Payment slots one invoice may name.
pub const PAYMENTS_MAX: usize = 16;

/// Numbers of evidence in an outcome.
pub const EVIDENCE_MAX: usize = 4;

/// Effects of one transaction: red letter and replacement are two, more is not possible.
pub const EFFECTS_MAX: usize = 4;

/// Fields of one document: 200 lines of 12 fields and the head.
pub const FIELDS_MAX: usize = 4096;

/// Bytes of one document field.
pub const FIELD_BYTES_MAX: usize = 4096;

/// A transaction is admissible from this long before its `valid_until`, in milliseconds: 24 hours.
pub const VALIDITY_WINDOW_MS: u64 = 24 * 60 * 60 * 1000;

/// Failed transactions that one account may have recorded per day before its next is inadmissible.
pub const FAILURES_PER_ACCOUNT_PER_DAY: u32 = 100;

/// A single top-up, in fen: 100 million CNY. Keeps the sum of all fees far from overflow.
pub const TOP_UP_FEN_MAX: i64 = 10_000_000_000;

/// How long a proposed red letter waits for the other party's answer, in milliseconds of block time:
/// 72 hours, as the national platform gives.
pub const CONFIRMATION_MS_MAX: u64 = 72 * 60 * 60 * 1000;

/// How many blocks back a merchant may dispute the signatures of a key it revokes: a day of one
/// block a second. Further back is the authority's word.
pub const DISPUTE_BLOCKS_MAX: u64 = 86_400;

/// Blocks between an activation of a rule set and the height it names, at most: four months of one
/// block a second. A longer way is a slip, and would stand in the way of the next activation.
pub const RULE_SET_AHEAD_MAX: u64 = 10_000_000;

/// Rule sets in the schedule: the one in force and those that wait.
pub const RULE_SETS_SCHEDULED_MAX: usize = 16;

/// Announcements of maintenance that are kept, open or over.
pub const ANNOUNCEMENTS_MAX: usize = 16;

/// How long announced maintenance may last, in milliseconds: seven days. Longer is no maintenance.
pub const ANNOUNCED_MS_MAX: u64 = 7 * 24 * 60 * 60 * 1000;

/// How far ahead announced maintenance may begin, in milliseconds of block time: 90 days.
pub const ANNOUNCED_AHEAD_MS_MAX: u64 = 90 * 24 * 60 * 60 * 1000;

/// Heights between the block of a change of validators and the first height of the new set, at
/// least. Consensus needs two; two more let a node that is one block behind learn of it in time.
pub const VALIDATORS_NOTICE_MIN: u64 = 4;

/// The same, at most: a change that waits stands in the way of the next.
pub const VALIDATORS_NOTICE_MAX: u64 = 10_000;

/// Heights that misbehaviour may lie back when it is reported: ten minutes of the fastest network.
pub const MISBEHAVIOUR_AGE_MAX: u64 = 50_000;

/// Validator sets, counted from the newest, whose misbehaviour may be reported.
pub const SETS_JUDGED_MAX: usize = 16;

/// Changes of the validator set in one proof: with seven validators as many as fit the file.
pub const LINKS_MAX: usize = 48;

/// Invoices listed in one completeness proof: they fill most of a file (SPEC 7.11).
pub const LISTED_MAX: usize = 800;

/// Lowest block time step, in milliseconds, used when the clock has not moved (SPEC 4.3).
pub const BLOCK_TIME_STEP_MS: u64 = 1;

/// A first proposal whose time is further than this from the voter's clock gets a nil vote.
pub const BLOCK_TIME_SKEW_MS: u64 = 2_000;

/// Idle networks make a header at least this often, so that a status proof has an age.
pub const HEARTBEAT_MS_MAX: u64 = 60_000;
