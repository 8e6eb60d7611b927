//! Every bound of the HTTP door: name, value, unit, and why that value.

use std::time::Duration;

/// Bytes of a request body, at most: 200 lines with long texts fit several times.
pub const HTTP_BODY_BYTES_MAX: usize = 256 * 1024;
/// Pieces a body comes in, at most: a megabyte of one-byte chunks is work, not content.
pub const BODY_PIECES_MAX: usize = 16 * 1024;
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
/// one, so this is above what the processors could work on, and half a second's work of a small
/// machine: what waits longer is better told to come back. Below the connections, so that there
/// is always a connection left to say "busy" on.
pub const REQUESTS_IN_FLIGHT_MAX: usize = 512;
/// Of these, for one caller at most: nobody can take every place.
pub const REQUESTS_PER_CALLER_MAX: usize = 256;
/// Work that goes on after its caller hung up, at most.
pub const DETACHED_MAX: usize = 4096;
/// How long a caller over its bounds waits for the refusal: whoever calls again at once, whatever
/// `Retry-After` says, costs the others no more than two calls a second and connection.
pub const REFUSED_CALLER_PAUSE: Duration = Duration::from_millis(500);
/// Callers whose rate is remembered, at most; whoever has not called longest is forgotten first.
pub const CALLERS_MAX: usize = 8192;
/// A caller may spend this much of its rate at once.
pub const RATE_WINDOW: Duration = Duration::from_secs(2);
/// Calls a second and caller, raw transactions apart: far above a till, far below a flood.
pub const CALLS_PER_SECOND_MAX: u32 = 5_000;
/// Documents opened by link a second and caller: a buyer opens one, and each costs a read of the
/// disk. No part of the secrecy, which 128 bits are (SPEC 8.6).
pub const VIEWS_PER_SECOND_MAX: u32 = 20;
/// Raw transactions a second and caller: above what a node takes, for they come in bundles.
pub const TRANSACTIONS_PER_SECOND_MAX: u32 = 40_000;

/// Streams of events, at most: each holds a connection and a few frames.
pub const EVENT_STREAMS_MAX: usize = 64;
/// How long a stream of events lasts before its listener has to come again.
pub const STREAM_LIFETIME: Duration = Duration::from_secs(5 * 60);
/// How long a stream of events says nothing at most.
pub const STREAM_QUIET_MAX: Duration = Duration::from_secs(10);

/// Bytes of all bodies being read, at most.
pub const BODY_BYTES_IN_FLIGHT_MAX: usize = 64 * 1024 * 1024;
/// Bytes of all large replies being sent, at most.
pub const REPLY_BYTES_IN_FLIGHT_MAX: usize = 64 * 1024 * 1024;
/// Bytes of a reply handed to a connection at once; a longer reply is large.
pub const REPLY_PIECE_BYTES: usize = 16 * 1024;

/// Open connections, at most. When all are taken, the one that does nothing for longest is closed.
pub const CONNECTIONS_MAX: usize = 4096;
/// Connections of one address (for IPv6 its /64), at most. This machine's own are exempt: a proxy
/// in front of the node speaks for everybody.
pub const CONNECTIONS_PER_ADDRESS_MAX: usize = 256;
/// Header lines of a request, at most.
pub const HEADERS_MAX: usize = 64;
/// Bytes of a request's head, at most.
pub const HEAD_BYTES_MAX: usize = 16 * 1024;
/// Bytes of an address (path and query), at most.
pub const TARGET_BYTES_MAX: usize = 8 * 1024;
/// How long a connection may do nothing before a request. Longer than the client keeps an idle
/// connection, so that it never writes into one being closed.
pub const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// From the first byte of a head to its last.
pub const HEAD_READ_TIMEOUT: Duration = Duration::from_secs(10);
/// From the first byte of a body to its last.
pub const BODY_READ_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a peer may take nothing of a reply that waits for it.
pub const STALL_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a peer may take for a reply that does not go out at once.
pub const REPLY_TIMEOUT: Duration = Duration::from_secs(120);
/// What requests in flight may still take when the node stops; it must end within 10 s.
pub const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);
