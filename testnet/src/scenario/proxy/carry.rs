//! One connection through the proxy: two ways, each with its own weather and a bounded store of
//! bytes under way.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};

use super::Weather;
use crate::crash::Dice;

/// Bytes read at once.
const CHUNK_BYTES: usize = 16 * 1024;
/// Chunks under way in one direction, at most; the sender waits then.
const CHUNKS_MAX: usize = 64;
/// A lost chunk arrives so many ms later, as TCP sends it again: from this, up to twice.
const RESEND_MS: u64 = 200;
/// Of so many lost chunks one breaks the connection.
const BREAKS_ONE_IN: u64 = 16;

/// One direction of a connection.
pub(super) struct Way {
    pub(super) weather: watch::Receiver<Weather>,
    pub(super) dice: Dice,
}

/// Why a direction ended before its end.
struct Broken;

/// Carries bytes both ways until both ends are done, one breaks off, or the link is cut. `false`
/// when it was broken on purpose.
pub(super) async fn carry(
    (mut near, mut far): (TcpStream, TcpStream),
    (there, back): (Way, Way),
    bytes: &AtomicU64,
) -> bool {
    // What is held back is held back here.
    for stream in [&near, &far] {
        drop(stream.set_nodelay(true));
    }
    let (mut cut_there, mut cut_back) = (there.weather.clone(), back.weather.clone());
    let done = {
        let (near_read, near_write) = near.split();
        let (far_read, far_write) = far.split();
        tokio::select! {
            done = async {
                tokio::try_join!(
                    pump(near_read, far_write, there, bytes),
                    pump(far_read, near_write, back, bytes),
                )
            } => done.map(drop),
            _cut = cut_there.wait_for(|weather| weather.cut) => Err(Some(Broken)),
            _cut = cut_back.wait_for(|weather| weather.cut) => Err(Some(Broken)),
        }
    };
    if done.is_err() {
        for stream in [&near, &far] {
            drop(stream.set_zero_linger());
        }
    }
    !matches!(done, Err(Some(Broken)))
}

/// One direction, to the end of what is sent. An error of the stream is none of ours.
async fn pump(
    read: ReadHalf<'_>,
    write: WriteHalf<'_>,
    way: Way,
    bytes: &AtomicU64,
) -> Result<(), Option<Broken>> {
    let (held, under_way) = mpsc::channel(CHUNKS_MAX);
    let weather = way.weather.clone();
    tokio::try_join!(
        take(read, held, way),
        deliver(write, under_way, weather, bytes)
    )
    .map(drop)
}

async fn take(
    mut read: ReadHalf<'_>,
    held: mpsc::Sender<(Instant, Bytes)>,
    mut way: Way,
) -> Result<(), Option<Broken>> {
    let mut buffer = BytesMut::new();
    loop {
        buffer.reserve(CHUNK_BYTES);
        if read.read_buf(&mut buffer).await.map_err(|_lost| None)? == 0 {
            return Ok(());
        }
        let weather = *way.weather.borrow();
        let late = late(weather, &mut way.dice)?;
        let chunk = (Instant::now() + late, buffer.split().freeze());
        held.send(chunk).await.map_err(|_closed| None)?;
    }
}

/// How much later a chunk arrives.
fn late(weather: Weather, dice: &mut Dice) -> Result<Duration, Option<Broken>> {
    let [from, to] = weather.delay_ms;
    let mut ms = from;
    if to > 0 {
        ms += dice.below(to.saturating_sub(from).saturating_add(1));
    }
    if weather.loss > 0.0 && chance(dice) < weather.loss {
        if dice.below(BREAKS_ONE_IN) == 0 {
            return Err(Some(Broken));
        }
        ms += RESEND_MS + dice.below(RESEND_MS);
    }
    Ok(Duration::from_millis(ms))
}

/// A number from 0 up to 1.
fn chance(dice: &mut Dice) -> f64 {
    f64::from(u32::try_from(dice.below(1_000_000)).unwrap_or(0)) / 1_000_000.0
}

async fn deliver(
    mut write: WriteHalf<'_>,
    mut under_way: mpsc::Receiver<(Instant, Bytes)>,
    mut weather: watch::Receiver<Weather>,
    bytes: &AtomicU64,
) -> Result<(), Option<Broken>> {
    while let Some((when, chunk)) = under_way.recv().await {
        if when > Instant::now() {
            sleep_until(when).await;
        }
        let clear = weather.wait_for(|weather| !weather.stall).await;
        drop(clear.map_err(|_closed| None)?);
        write.write_all(&chunk).await.map_err(|_lost| None)?;
        let length = u64::try_from(chunk.len()).unwrap_or(0);
        bytes.fetch_add(length, Ordering::Relaxed);
    }
    // The other end may have gone already.
    drop(write.shutdown().await);
    Ok(())
}
