//! The door every call goes through before it is understood: the shape of its head, its caller's
//! rate, and a place among the calls being served.
//!
//! Guards: what can't be served now is refused at once with 429 or 503 and a wait, never queued.

use core::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::header::HOST;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Version};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::access;
use crate::backend::Refusal;
use crate::bounds::Bounds;
use crate::large_reply;
use crate::limits::{BUSY_RETRY_AFTER, DETACHED_MAX, EVENT_STREAMS_MAX, TARGET_BYTES_MAX};
use crate::problem::{self, ApiError};
use crate::rate_limit::{CallerId, Callers, InFlight, Kind, Quota, TooMany};
use crate::request_id::RequestId;
use crate::router::Node;
use crate::server::Peer;

/// What is left of a caller's rate.
pub(crate) const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
/// The rate itself.
pub(crate) const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Address of raw transactions, which have a rate of their own.
const TRANSACTIONS: &str = "/v1/transactions";

/// The shared counts of a server.
#[derive(Debug)]
pub(crate) struct Door {
    pub(crate) bounds: Bounds,
    places: Arc<Semaphore>,
    callers: Arc<Callers>,
    bodies: Arc<Semaphore>,
    replies: Arc<Semaphore>,
    detached: Arc<Semaphore>,
    streams: Arc<Semaphore>,
}

impl Door {
    /// A door with everything free.
    pub(crate) fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            places: Arc::new(Semaphore::new(bounds.requests_in_flight)),
            callers: Arc::new(Callers::new(
                bounds.calls_per_second,
                bounds.transactions_per_second,
                bounds.requests_per_caller,
            )),
            bodies: large_reply::budget(bounds.body_bytes_in_flight),
            replies: large_reply::budget(bounds.reply_bytes_in_flight),
            detached: Arc::new(Semaphore::new(DETACHED_MAX)),
            streams: Arc::new(Semaphore::new(EVENT_STREAMS_MAX)),
        }
    }

    /// Room for bytes of a body, until the result is dropped.
    pub(crate) fn body_room(&self, bytes: usize) -> Result<OwnedSemaphorePermit, ApiError> {
        let room = Arc::clone(&self.bodies).try_acquire_many_owned(large_reply::permits(bytes));
        room.map_err(|_full| busy())
    }

    /// Charges a caller for more transactions than the one its call stands for.
    pub(crate) fn charge_more(&self, caller: &CallerId, count: usize) -> Result<(), ApiError> {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let charged = self.callers.charge(caller, Kind::Transaction, count);
        charged.map(drop).map_err(|refused| too_many(&refused))
    }

    /// Charges a caller for opening a document by its link.
    pub(crate) fn charge_view(&self, caller: &CallerId) -> Result<(), ApiError> {
        let charged = self.callers.charge(caller, Kind::View, 1);
        charged.map(drop).map_err(|refused| too_many(&refused))
    }

    /// Room for work that outlives its call.
    pub(crate) fn detached_room(&self) -> Result<OwnedSemaphorePermit, ApiError> {
        let room = Arc::clone(&self.detached).try_acquire_owned();
        room.map_err(|_full| busy())
    }

    /// A place among the streams of events, until the result is dropped.
    pub(crate) fn stream_place(&self) -> Result<OwnedSemaphorePermit, ApiError> {
        let place = Arc::clone(&self.streams).try_acquire_owned();
        place.map_err(|_full| busy())
    }
}

fn busy() -> ApiError {
    Refusal::of(FailureCode::ServerBusy)
        .retry_after(BUSY_RETRY_AFTER)
        .into()
}

fn too_many(refused: &TooMany) -> ApiError {
    // Rounded up later; a wait of nothing would invite the next refusal.
    let wait = refused.wait.max(Duration::from_millis(1));
    Refusal::of(FailureCode::RateLimited)
        .retry_after(wait)
        .into()
}

/// A place among the calls being served. It is given back while a body is read, so that slow
/// senders keep nobody out, and when it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    door: Arc<Door>,
    caller: CallerId,
    held: Mutex<Option<(OwnedSemaphorePermit, InFlight)>>,
}

impl Place {
    fn new(door: &Arc<Door>, caller: CallerId) -> Self {
        Self {
            door: Arc::clone(door),
            caller,
            held: Mutex::new(None),
        }
    }

    /// Takes it, or takes it again.
    pub(crate) fn take(&self) -> Result<(), ApiError> {
        let in_flight = self.door.callers.enter(&self.caller);
        let in_flight = in_flight.map_err(|refused| too_many(&refused))?;
        let place = Arc::clone(&self.door.places).try_acquire_owned();
        let place = place.map_err(|_full| busy())?;
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Some((place, in_flight));
        Ok(())
    }

    /// Gives it back for a while.
    pub(crate) fn leave(&self) {
        let held = self
            .held
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        drop(held);
    }
}

/// Refuses heads that no honest client sends.
pub(crate) async fn check_head(request: Request, next: Next) -> Response {
    let target = request
        .uri()
        .path_and_query()
        .map_or(0, |target| target.as_str().len());
    if target > TARGET_BYTES_MAX {
        let fault = Fault::new(FailureCode::TargetTooLong);
        let fault = fault.expected(format!("at most {TARGET_BYTES_MAX} bytes"));
        return ApiError::from(fault).into_response();
    }
    let hosts = request.headers().get_all(HOST).iter().count();
    let allowed = if request.version() == Version::HTTP_11 {
        1..=1
    } else {
        0..=1
    };
    if !allowed.contains(&hosts) {
        let fault = Fault::new(FailureCode::RequestMalformed).expected("one Host header");
        return ApiError::from(fault).into_response();
    }
    next.run(request).await
}

/// Charges the call to its caller's rate.
pub(crate) async fn limit_rate(
    State(node): State<Node>,
    mut request: Request,
    next: Next,
) -> Response {
    let raw = request.method() == Method::POST && request.uri().path() == TRANSACTIONS;
    let kind = if raw { Kind::Transaction } else { Kind::Call };
    let peer = request.extensions().get::<Peer>().copied();
    let caller = caller_of(&node, request.headers(), peer).await;
    match node.door.callers.charge(&caller, kind, 1) {
        Ok(quota) => {
            request.extensions_mut().insert(caller);
            let mut reply = next.run(request).await;
            say_quota(&mut reply, quota);
            reply
        }
        Err(refused) => {
            // What waits is only the refusal: a thousand of these must not hold what they sent.
            drop((request, next));
            tokio::time::sleep(node.door.bounds.refused_caller_pause).await;
            let mut reply = too_many(&refused).into_response();
            say_quota(&mut reply, refused.quota);
            reply
        }
    }
}

/// Refuses at once when too many requests are being served.
pub(crate) async fn take_place(
    State(node): State<Node>,
    mut request: Request,
    next: Next,
) -> Response {
    let caller = request.extensions().get::<CallerId>().cloned();
    let caller = caller.unwrap_or_else(unknown);
    let place = Arc::new(Place::new(&node.door, caller));
    if let Err(refused) = place.take() {
        if refused.code() == FailureCode::RateLimited {
            drop((request, next));
            tokio::time::sleep(node.door.bounds.refused_caller_pause).await;
        }
        return refused.into_response();
    }
    request.extensions_mut().insert(Arc::clone(&place));
    let reply = next.run(request).await;
    drop(place);
    reply
}

/// Counts large replies until they are sent; without room for one there is only a short one.
pub(crate) async fn limit_replies(
    State(node): State<Node>,
    request: Request,
    next: Next,
) -> Response {
    let id = request.extensions().get::<RequestId>().cloned();
    let reply = next.run(request).await;
    large_reply::count(reply, &node.door.replies)
        .unwrap_or_else(|| problem::plain(FailureCode::ServerBusy, id.as_ref()))
}

/// A key that is good names its holder; everybody else is an address. A key that is not good must
/// not get a rate of its own: there is no end of those.
async fn caller_of(node: &Node, headers: &HeaderMap, peer: Option<Peer>) -> CallerId {
    if let Some(key) = access::api_key(headers)
        && let Some(caller) = node.backend.authenticate(key).await
    {
        return CallerId::Key(caller.name);
    }
    peer.map_or_else(unknown, |peer| CallerId::of_address(peer.0.ip()))
}

/// Whoever comes without an address, which only a test does.
fn unknown() -> CallerId {
    CallerId::of_address(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
}

fn say_quota(reply: &mut Response, quota: Option<Quota>) {
    let Some(quota) = quota else { return };
    for (name, text) in [
        (RATE_LIMIT, quota.left()),
        (RATE_LIMIT_POLICY, quota.policy()),
    ] {
        if let Ok(value) = HeaderValue::from_str(&text) {
            reply.headers_mut().insert(name, value);
        }
    }
}
