//! Accepting connections, each within bounds, until told to stop.
//!
//! Guards: a slow or greedy peer costs a bounded head, a bounded time and one of a bounded number
//! of connections; running out of descriptors neither spins nor ends the server; stopping refuses
//! new connections and lets running requests end.

mod seats;
mod transport;

use core::convert::Infallible;
use core::future::Future;
use core::net::SocketAddr;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::http::{Request, Response};
use bytes::Bytes;
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use piao_chain::failure::FailureCode;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tower::ServiceExt;

use crate::backend::Backend;
pub use crate::bounds::Bounds;
use crate::limits::{DRAIN_TIMEOUT, HEAD_BYTES_MAX, HEADERS_MAX};
use crate::router::router;
use seats::{Seated, Seats, Told};
use transport::Transport;

pub(crate) use seats::Seat;

/// Pause after a failed `accept`, so that running out of descriptors does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The address a request came from; an extension of every request.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// Serves `backend` on `listener` until `shutdown` resolves, then drains for at most 5 s.
///
/// # Errors
/// Never at present: a failing `accept` is logged and tried again.
pub async fn serve(
    listener: TcpListener,
    backend: Arc<dyn Backend>,
    shutdown: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    serve_within(Bounds::default(), listener, backend, shutdown).await
}

/// As [`serve`], within other bounds.
///
/// # Errors
/// As [`serve`].
pub async fn serve_within(
    bounds: Bounds,
    listener: TcpListener,
    backend: Arc<dyn Backend>,
    shutdown: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    let router = router(backend, bounds);
    let seats = Arc::new(Seats::new(bounds));
    let (stop, stopped) = watch::channel(false);
    let sweeper = tokio::spawn(sweep(Arc::clone(&seats)));
    let mut failing = false;
    let mut shutdown = core::pin::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut shutdown => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                if core::mem::take(&mut failing) {
                    tracing::info!("connections are accepted again");
                }
                let Some(seated) = seats.take(peer.ip()).await else {
                    turn_away(&stream);
                    continue;
                };
                let connection = serve_one(stream, Peer(peer), router.clone(), seated);
                tokio::spawn(connection_until(connection, stopped.clone()));
            }
            Err(error) => {
                if !core::mem::replace(&mut failing, true) {
                    tracing::warn!(%error, "cannot accept a connection; trying again");
                }
                // Most likely there is no descriptor left: the idlest connection gives one back.
                seats.free_some(1, None);
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    // Nobody listens when there is no connection.
    stop.send(true).ok();
    let drained = tokio::time::timeout(DRAIN_TIMEOUT, seats.all_free()).await;
    sweeper.abort();
    if drained.is_err() {
        tracing::warn!("stopped with requests still running");
    }
    Ok(())
}

/// Ends what takes too long, now and then, for as long as the server runs.
async fn sweep(seats: Arc<Seats>) {
    let mut ticks = tokio::time::interval(seats.sweep_every());
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        seats.sweep();
    }
}

/// Says "busy" to a connection there is no seat for, as far as it goes without waiting.
fn turn_away(stream: &TcpStream) {
    let reply = transport::reply(FailureCode::ServerBusy);
    if let Err(error) = stream.try_write(&reply) {
        tracing::debug!(%error, "turned away without a word");
    }
}

/// A connection and its seat.
struct Serving<C> {
    connection: C,
    seated: Seated,
}

/// One connection with its bounds.
fn serve_one(
    stream: TcpStream,
    peer: Peer,
    router: Router,
    seated: Seated,
) -> Serving<impl Future<Output = hyper::Result<()>> + Ending> {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "cannot switch off delayed sending");
    }
    let seat = Arc::clone(&seated.seat);
    let transport = Transport::new(stream, Arc::clone(&seat));
    let service = service_fn(move |request: Request<Incoming>| {
        seat.is_called();
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(peer);
        request.extensions_mut().insert(Arc::clone(&seat));
        let replied = router.clone().oneshot(request);
        let seat = Arc::clone(&seat);
        async move {
            let reply = replied.await?;
            Ok::<Response<Watched>, Infallible>(reply.map(|body| Watched { body, seat }))
        }
    });
    let connection = http1::Builder::new()
        // Times are kept by the seats, for all connections together.
        .header_read_timeout(None)
        .max_headers(HEADERS_MAX)
        .max_buf_size(HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(transport), service);
    Serving { connection, seated }
}

/// A connection that can be asked to end after the reply it is at.
trait Ending {
    fn end_soon(self: Pin<&mut Self>);
}

impl<S> Ending for http1::Connection<TokioIo<Transport>, S>
where
    S: hyper::service::HttpService<Incoming, ResBody = Watched>,
    S::Error: Into<Box<dyn core::error::Error + Send + Sync>>,
{
    fn end_soon(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

/// Runs a connection until it ends, is told to go, or the server stops.
async fn connection_until<C>(serving: Serving<C>, mut stopped: watch::Receiver<bool>)
where
    C: Future<Output = hyper::Result<()>> + Ending,
{
    let Serving { connection, seated } = serving;
    let mut connection = core::pin::pin!(connection);
    let mut stopping = false;
    loop {
        tokio::select! {
            ended = connection.as_mut() => {
                // A broken connection is its peer's matter.
                if let Err(error) = ended {
                    tracing::debug!(%error, "connection ended");
                }
                return;
            }
            told = seated.seat.told() => match told {
                Told::Leave => return,
                // Reading says so to the peer, and ends the connection.
                Told::TooLate => {}
            },
            _ = stopped.wait_for(|stop| *stop), if !stopping => {
                stopping = true;
                connection.as_mut().end_soon();
            }
        }
    }
}

/// The body of a reply, which tells the seat when it has been handed over.
struct Watched {
    body: Body,
    seat: Arc<Seat>,
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.seat.has_replied();
    }
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
