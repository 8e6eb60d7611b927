//! Every bound of the HTTP door: name, value, unit, and why that value.

use std::time::Duration;

/// Bytes of a request body, at most: 200 lines with long texts fit several times.
pub const HTTP_BODY_BYTES_MAX: usize = 256 * 1024;
/// Bytes of a refused body that are read and thrown away, at most, so that its sender sees the
/// refusal instead of a broken connection.
pub const DISCARD_BYTES_MAX: usize = 1024 * 1024;
/// How long that may take: a sender that waits for the reply before sending on gets it then.
pub const DISCARD_TIMEOUT: Duration = Duration::from_secs(1);
/// Transactions in one batch, at most: as many small ones as fit into a body.
pub const TRANSACTIONS_PER_BATCH_MAX: usize = 256;
/// Levels of nesting in a JSON body, at most; a draft has four.
pub const JSON_DEPTH_MAX: usize = 32;
/// Faults one reply lists, at most: a hostile body must not make a reply a hundred times its size.
pub const FAULTS_MAX: usize = 256;
/// Characters of a JSON pointer or a found value that a reply repeats, at most.
pub const ECHO_CHARS_MAX: usize = 256;
/// Characters of the free text filter `q`, at most.
pub const SEARCH_CHARS_MAX: usize = 64;
/// Characters of a reference a caller chooses (top-up, order), at most.
pub const REFERENCE_CHARS_MAX: usize = 64;
/// Bytes of an API key as sent, at most.
pub const API_KEY_BYTES_MAX: usize = 256;
/// Names in `show=`, at most: one per kind of field.
pub const SHOW_FIELDS_MAX: usize = 64;

/// Seconds `wait=final` waits when the caller does not say.
pub const WAIT_SECONDS_DEFAULT: u64 = 5;
/// Seconds `wait=final` waits at most.
pub const WAIT_SECONDS_MAX: u64 = 30;
/// The whole of a request, body included; longer than any wait it may ask for.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(45);
/// What a refused caller waits when all places are taken.
pub const BUSY_RETRY_AFTER: Duration = Duration::from_secs(1);

/// Requests being served at once, at most; health and metrics are exempt. A waiting issue holds
/// one, so this is far above what the processors could work on.
pub const REQUESTS_IN_FLIGHT_MAX: usize = 2048;
/// Open connections, at most; more wait in the listener's own queue.
pub const CONNECTIONS_MAX: usize = 2048;
/// Header lines of a request, at most.
pub const HEADERS_MAX: usize = 64;
/// Bytes of a request's head, at most.
pub const HEAD_BYTES_MAX: usize = 32 * 1024;
/// From opening a connection, or from the reply before, to the end of the next head. Longer than
/// the client keeps an idle connection, so that it never writes into one being closed.
pub const HEAD_READ_TIMEOUT: Duration = Duration::from_secs(30);
/// What requests in flight may still take when the node stops; it must end within 10 s.
pub const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);
