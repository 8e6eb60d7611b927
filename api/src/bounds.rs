//! The bounds of one server: how much it takes on at once, for how long, and how often from one
//! caller. The values a node uses are the defaults; tests use small ones.

use std::time::Duration;

use crate::limits::{
    BODY_BYTES_IN_FLIGHT_MAX, BODY_READ_TIMEOUT, CALLS_PER_SECOND_MAX, CONNECTIONS_MAX,
    CONNECTIONS_PER_ADDRESS_MAX, HEAD_READ_TIMEOUT, IDLE_TIMEOUT, REFUSED_CALLER_PAUSE,
    REPLY_BYTES_IN_FLIGHT_MAX, REPLY_TIMEOUT, REQUEST_TIMEOUT, REQUESTS_IN_FLIGHT_MAX,
    REQUESTS_PER_CALLER_MAX, STALL_TIMEOUT, TRANSACTIONS_PER_SECOND_MAX,
};

/// How much a server takes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Open connections, at least 1.
    pub connections: usize,
    /// Connections of one address, at least 1; loopback is exempt.
    pub connections_per_address: usize,
    /// Requests being served, at least 1; health, metrics and the `OpenAPI` document are exempt.
    pub requests_in_flight: usize,
    /// Requests being served for one caller, at least 1.
    pub requests_per_caller: usize,
    /// Calls a second and caller, raw transactions apart; 0 sets no limit.
    pub calls_per_second: u32,
    /// Raw transactions a second and caller; 0 sets no limit.
    pub transactions_per_second: u32,
    /// How long a caller over its bounds waits for the refusal.
    pub refused_caller_pause: Duration,
    /// Bytes of all bodies being read.
    pub body_bytes_in_flight: usize,
    /// Bytes of all large replies being sent.
    pub reply_bytes_in_flight: usize,
    /// From opening a connection, or from the reply before, to the first byte of a request.
    pub idle_timeout: Duration,
    /// From the first byte of a head to its last.
    pub head_timeout: Duration,
    /// For reading a body.
    pub body_timeout: Duration,
    /// The whole of a request but for sending its reply.
    pub request_timeout: Duration,
    /// A peer that takes nothing of its reply for so long is given up.
    pub stall_timeout: Duration,
    /// A peer that has not taken its whole reply by then is given up.
    pub reply_timeout: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connections: CONNECTIONS_MAX,
            connections_per_address: CONNECTIONS_PER_ADDRESS_MAX,
            requests_in_flight: REQUESTS_IN_FLIGHT_MAX,
            requests_per_caller: REQUESTS_PER_CALLER_MAX,
            calls_per_second: CALLS_PER_SECOND_MAX,
            transactions_per_second: TRANSACTIONS_PER_SECOND_MAX,
            refused_caller_pause: REFUSED_CALLER_PAUSE,
            body_bytes_in_flight: BODY_BYTES_IN_FLIGHT_MAX,
            reply_bytes_in_flight: REPLY_BYTES_IN_FLIGHT_MAX,
            idle_timeout: IDLE_TIMEOUT,
            head_timeout: HEAD_READ_TIMEOUT,
            body_timeout: BODY_READ_TIMEOUT,
            request_timeout: REQUEST_TIMEOUT,
            stall_timeout: STALL_TIMEOUT,
            reply_timeout: REPLY_TIMEOUT,
        }
    }
}
