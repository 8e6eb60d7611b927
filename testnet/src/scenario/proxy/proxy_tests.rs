//! The proxy between two ends on this machine.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::{Instant, timeout};

use super::*;

/// What does not come by then does not come.
const COMES_WITHIN: Duration = Duration::from_secs(20);
/// What has not come by then is held back.
const HELD_BACK: Duration = Duration::from_millis(300);
const LANE: Lane = Lane {
    from: 0,
    to: 1,
    protocol: Protocol::Gossip,
};

/// A listener that gives every byte back, and a proxy before it.
async fn echo() -> Proxy {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _address)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut read, mut write) = stream.split();
                drop(tokio::io::copy(&mut read, &mut write).await);
            });
        }
    });
    Proxy::open(&BTreeMap::from([(LANE, target)]), 7)
        .await
        .unwrap()
}

async fn connect(proxy: &Proxy) -> TcpStream {
    let port = proxy.port(LANE).unwrap();
    TcpStream::connect(("127.0.0.1", port)).await.unwrap()
}

/// Sends a word and reads its echo; `None` when the connection is gone.
async fn said(stream: &mut TcpStream, word: &[u8]) -> Option<Vec<u8>> {
    stream.write_all(word).await.ok()?;
    let mut back = vec![0; word.len()];
    let read = timeout(COMES_WITHIN, stream.read_exact(&mut back)).await;
    read.expect("neither an echo nor an end").ok()?;
    Some(back)
}

fn cut() -> Weather {
    Weather {
        cut: true,
        ..Weather::default()
    }
}

#[tokio::test]
async fn what_is_sent_arrives_and_the_end_of_it_too() {
    let proxy = echo().await;
    let mut stream = connect(&proxy).await;
    let long = vec![7; 3_000_000];
    let (mut read, mut write) = stream.split();
    let mut back = Vec::new();
    let both = async {
        tokio::join!(
            async {
                write.write_all(&long).await.unwrap();
                write.shutdown().await.unwrap();
            },
            read.read_to_end(&mut back)
        )
    };
    timeout(COMES_WITHIN, both).await.unwrap().1.unwrap();
    assert!(back == long);
    let carried = proxy.carried();
    assert_eq!((carried.connections, carried.bytes), (1, 6_000_000));
}

#[tokio::test]
async fn a_cut_breaks_connections_and_refuses_new_ones_until_it_is_lifted() {
    let proxy = echo().await;
    let mut stream = connect(&proxy).await;
    assert_eq!(said(&mut stream, b"before").await.unwrap(), b"before");
    // Either direction will do.
    proxy.apply(1, vec![(1, 0)], cut());
    let mut rest = Vec::new();
    let end = timeout(COMES_WITHIN, stream.read_to_end(&mut rest)).await;
    assert!(end.unwrap().is_err(), "a reset, not an end");
    let mut refused = connect(&proxy).await;
    assert_eq!(said(&mut refused, b"during").await, None);
    proxy.lift(1);
    let mut again = connect(&proxy).await;
    assert_eq!(said(&mut again, b"after").await.unwrap(), b"after");
    assert!(proxy.carried().refused >= 1 && proxy.carried().broken >= 1);
}

#[tokio::test]
async fn a_stall_holds_one_way_back_and_loses_nothing() {
    let proxy = echo().await;
    let mut stream = connect(&proxy).await;
    assert_eq!(said(&mut stream, b"before").await.unwrap(), b"before");
    let stall = Weather {
        stall: true,
        ..Weather::default()
    };
    proxy.apply(1, vec![(1, 0)], stall);
    stream.write_all(b"during").await.unwrap();
    let mut back = [0; 6];
    let held = timeout(HELD_BACK, stream.read_exact(&mut back)).await;
    assert!(held.is_err(), "it came through");
    proxy.heal();
    let read = timeout(COMES_WITHIN, stream.read_exact(&mut back)).await;
    read.unwrap().unwrap();
    assert_eq!(back, *b"during");
}

#[tokio::test]
async fn the_other_way_goes_on_during_a_stall() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let targets = BTreeMap::from([(LANE, listener.local_addr().unwrap())]);
    let proxy = Proxy::open(&targets, 7).await.unwrap();
    let mut near = connect(&proxy).await;
    let (mut far, _address) = listener.accept().await.unwrap();
    let stall = Weather {
        stall: true,
        ..Weather::default()
    };
    proxy.apply(1, vec![(1, 0)], stall);
    near.write_all(b"there").await.unwrap();
    let mut word = [0; 5];
    timeout(COMES_WITHIN, far.read_exact(&mut word))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(word, *b"there");
}

#[tokio::test]
async fn a_delay_makes_everything_late_and_keeps_the_order() {
    let proxy = echo().await;
    let mut stream = connect(&proxy).await;
    let slow = Weather {
        delay_ms: [40, 80],
        ..Weather::default()
    };
    proxy.apply(1, vec![(0, 1), (1, 0)], slow);
    let began = Instant::now();
    for word in [b"one", b"two", b"six"] {
        assert_eq!(said(&mut stream, word).await.unwrap(), word);
    }
    assert!(began.elapsed() >= Duration::from_millis(3 * 2 * 40));
}

#[tokio::test]
async fn losses_are_late_or_break_the_connection() {
    let proxy = echo().await;
    let lossy = Weather {
        loss: 1.0,
        ..Weather::default()
    };
    proxy.apply(1, vec![(0, 1)], lossy);
    let mut late = 0;
    // One of sixteen breaks: this many do not all arrive.
    for _connection in 0..200 {
        let began = Instant::now();
        let mut stream = connect(&proxy).await;
        if said(&mut stream, b"x").await.is_none() {
            assert!(late > 0 || proxy.carried().broken > 0);
            return;
        }
        assert!(began.elapsed() >= Duration::from_millis(200));
        late += 1;
    }
    panic!("{late} in a row came through");
}

#[tokio::test]
async fn what_overlaps_ends_one_by_one() {
    let proxy = echo().await;
    proxy.apply(1, vec![(0, 1)], cut());
    proxy.apply(2, vec![(0, 1), (1, 0)], cut());
    proxy.lift(1);
    let mut refused = connect(&proxy).await;
    assert_eq!(said(&mut refused, b"x").await, None);
    proxy.lift(2);
    let mut stream = connect(&proxy).await;
    assert!(said(&mut stream, b"x").await.is_some());
}

#[tokio::test]
async fn a_target_that_is_away_is_an_end_for_the_caller() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let targets = BTreeMap::from([(LANE, listener.local_addr().unwrap())]);
    drop(listener);
    let proxy = Proxy::open(&targets, 7).await.unwrap();
    let mut stream = connect(&proxy).await;
    assert_eq!(said(&mut stream, b"x").await, None);
}
