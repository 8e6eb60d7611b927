//! The proxy between nodes: a port for every pair of nodes and protocol, and what is wrong with the
//! link each way.
//!
//! A connection carries both directions, whoever made it: what holds for a link holds for the
//! bytes that go its way on every connection between the two nodes.

mod carry;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde::Serialize;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;

use self::carry::{Way, carry};
use crate::crash::{Dice, lock};

/// Connections through one port at once, at most.
const CONNECTIONS_MAX: usize = 64;
/// Waiting before accepting again after a failure, such as too few descriptors.
const ACCEPT_AGAIN_AFTER: Duration = Duration::from_millis(50);

/// Bytes that go from one node to another.
pub(crate) type Link = (usize, usize);

/// Who connects, to whom, and for which protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Lane {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) protocol: Protocol,
}

/// What nodes speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Protocol {
    /// Votes and blocks.
    Consensus,
    /// Transactions.
    Gossip,
}

/// How a link is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Weather {
    /// Connections break, and none is made.
    pub(crate) cut: bool,
    /// Nothing arrives; connections stay.
    pub(crate) stall: bool,
    /// Everything arrives so many ms later, from and to.
    pub(crate) delay_ms: [u64; 2],
    /// Share of what is sent that is lost on the way, and sent again by TCP much later, or breaks the
    /// connection.
    pub(crate) loss: f64,
}

impl Weather {
    /// The worse of two in everything.
    fn and(self, other: Self) -> Self {
        let [from, to] = self.delay_ms;
        Self {
            cut: self.cut || other.cut,
            stall: self.stall || other.stall,
            delay_ms: [from.max(other.delay_ms[0]), to.max(other.delay_ms[1])],
            loss: self.loss.max(other.loss),
        }
    }
}

/// What the proxy did, over all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Carried {
    /// Connections made.
    pub(crate) connections: u64,
    /// Connections refused because of a cut.
    pub(crate) refused: u64,
    /// Connections broken on purpose.
    pub(crate) broken: u64,
    /// Bytes carried.
    pub(crate) bytes: u64,
}

/// The counters behind [`Carried`].
#[derive(Debug, Default)]
struct Counters {
    connections: AtomicU64,
    refused: AtomicU64,
    broken: AtomicU64,
    bytes: AtomicU64,
}

/// A running proxy. Dropping it ends it and every connection.
#[derive(Debug)]
pub(crate) struct Proxy {
    ports: BTreeMap<Lane, u16>,
    net: Arc<Net>,
    tasks: Vec<JoinHandle<()>>,
}

#[derive(Debug)]
struct Net {
    links: BTreeMap<Link, watch::Sender<Weather>>,
    /// What is wrong now, by the id of what caused it.
    causes: Mutex<BTreeMap<usize, (Vec<Link>, Weather)>>,
    counters: Counters,
    /// Numbers connections, so that each has dice of its own.
    next: AtomicU64,
    seed: u64,
}

impl Proxy {
    /// Opens a port for every lane, each leading to its target.
    pub(crate) async fn open(
        targets: &BTreeMap<Lane, SocketAddr>,
        seed: u64,
    ) -> std::io::Result<Self> {
        let mut links = BTreeMap::new();
        for lane in targets.keys() {
            for link in [(lane.from, lane.to), (lane.to, lane.from)] {
                links
                    .entry(link)
                    .or_insert_with(|| watch::Sender::new(Weather::default()));
            }
        }
        let net = Arc::new(Net {
            links,
            causes: Mutex::default(),
            counters: Counters::default(),
            next: AtomicU64::new(0),
            seed,
        });
        let mut proxy = Self {
            ports: BTreeMap::new(),
            net,
            tasks: Vec::new(),
        };
        for (lane, target) in targets {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            proxy.ports.insert(*lane, listener.local_addr()?.port());
            let serve = serve(Arc::clone(&proxy.net), *lane, listener, *target);
            proxy.tasks.push(tokio::spawn(serve));
        }
        Ok(proxy)
    }

    /// The port of a lane.
    pub(crate) fn port(&self, lane: Lane) -> Option<u16> {
        self.ports.get(&lane).copied()
    }

    /// Something is wrong with links, until it is lifted under the same id.
    pub(crate) fn apply(&self, id: usize, links: Vec<Link>, weather: Weather) {
        lock(&self.net.causes).insert(id, (links, weather));
        self.net.renew();
    }

    /// What was wrong under an id is over.
    pub(crate) fn lift(&self, id: usize) {
        lock(&self.net.causes).remove(&id);
        self.net.renew();
    }

    /// Everything is well.
    pub(crate) fn heal(&self) {
        lock(&self.net.causes).clear();
        self.net.renew();
    }

    /// What was done so far.
    pub(crate) fn carried(&self) -> Carried {
        let counters = &self.net.counters;
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Carried {
            connections: read(&counters.connections),
            refused: read(&counters.refused),
            broken: read(&counters.broken),
            bytes: read(&counters.bytes),
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
        // Connections end when the weather has nobody left to tell it.
        for link in self.net.links.values() {
            link.send_modify(|weather| weather.cut = true);
        }
    }
}

impl Net {
    /// Tells every link how it is now.
    fn renew(&self) {
        let causes = lock(&self.causes).clone();
        for (link, sender) in &self.links {
            let now = causes
                .values()
                .filter(|(links, _weather)| links.contains(link))
                .fold(Weather::default(), |all, (_links, one)| all.and(*one));
            sender.send_if_modified(|weather| {
                let is_new = *weather != now;
                *weather = now;
                is_new
            });
        }
    }

    fn way(&self, link: Link, connection: u64) -> Option<Way> {
        let purpose = connection
            .wrapping_mul(2)
            .wrapping_add(u64::from(link.0 < link.1));
        Some(Way {
            weather: self.links.get(&link)?.subscribe(),
            dice: Dice::new(self.seed, purpose),
        })
    }
}

async fn serve(net: Arc<Net>, lane: Lane, listener: TcpListener, target: SocketAddr) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let Ok((near, _address)) = listener.accept().await else {
            tokio::time::sleep(ACCEPT_AGAIN_AFTER).await;
            continue;
        };
        let connection = net.next.fetch_add(1, Ordering::Relaxed);
        let ways = (
            net.way((lane.from, lane.to), connection),
            net.way((lane.to, lane.from), connection),
        );
        let (Some(there), Some(back)) = ways else {
            return;
        };
        let is_cut = there.weather.borrow().cut || back.weather.borrow().cut;
        let place = Arc::clone(&places).try_acquire_owned();
        let (false, Ok(place)) = (is_cut, place) else {
            net.counters.refused.fetch_add(1, Ordering::Relaxed);
            refuse(near);
            continue;
        };
        let net = Arc::clone(&net);
        tokio::spawn(async move {
            // Nobody is at home while the node is down.
            let Ok(far) = TcpStream::connect(target).await else {
                refuse(near);
                return;
            };
            net.counters.connections.fetch_add(1, Ordering::Relaxed);
            let bytes = &net.counters.bytes;
            if !carry((near, far), (there, back), bytes).await {
                net.counters.broken.fetch_add(1, Ordering::Relaxed);
            }
            drop(place);
        });
    }
}

/// Ends a connection with a reset.
fn refuse(stream: TcpStream) {
    // Without it the connection ends in order, which is as good.
    drop(stream.set_zero_linger());
    drop(stream);
}

#[cfg(test)]
#[path = "proxy_tests.rs"]
mod tests;
