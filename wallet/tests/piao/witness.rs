//! A witness cosigns one history, and keeps the evidence of a second.

use std::fs;
use std::sync::{Arc, Mutex};

use piao_api::wire::Consistency;
use piao_chain::failure::FailureCode;
use piao_chain::signature::PublicKey;
use piao_chain::testing::{TestNet, key};
use piao_chain::transparency::{
    BlockInclusion, LogCheckpoint, Note, NoteKey, Origin, consistency_path,
};

use crate::chain::{Chain, HOUR_MS};
use crate::process::{Home, Run};
use crate::stub::{Reply, Request, Stub, json, refusal};

/// A node that shows whatever log stands in the slot.
fn node(log: &Arc<Mutex<TestNet>>) -> Stub {
    let log = Arc::clone(log);
    Stub::start(move |request| answer(&log.lock().unwrap(), request))
}

fn answer(net: &TestNet, request: &Request) -> Reply {
    let checkpoint = LogCheckpoint::of_header(&net.tip());
    let note = checkpoint.sign(&key("log"));
    let text = |text: String| Some((200, "text/plain", text.into_bytes()));
    if request.line == "GET /v1/checkpoint" {
        return text(note.to_text());
    }
    if request.line == "GET /v1/blocks/0/tlog-proof" {
        let path = net.history.path(0, checkpoint.size)?;
        return text(
            BlockInclusion {
                height: 0,
                path,
                note,
            }
            .to_text(),
        );
    }
    let sizes = request
        .line
        .strip_prefix("GET /v1/checkpoint/consistency?from=");
    let sizes = sizes.and_then(|sizes| sizes.split_once("&to="));
    let Some((from, to)) = sizes else {
        return refusal(FailureCode::RouteNotFound);
    };
    let (from, to) = (from.parse().unwrap(), to.parse().unwrap());
    match consistency_path(&net.history, from, to) {
        None => refusal(FailureCode::ResourceNotFound),
        Some(path) => json(
            200,
            &Consistency {
                from,
                to,
                path: path.iter().map(hex::encode).collect(),
            },
        ),
    }
}

/// A home with a key and the trust root.
fn home_of(chain: &Chain, stub: &Stub) -> Home {
    let home = Home::with_node(&stub.url);
    home.write("root.json", chain.trust_root());
    home.write("pass", "correct horse\n");
    home.run(&["key", "new", "--passphrase-file", "pass"])
        .expect(0);
    home
}

/// The key of the home, as a witness's.
fn own_key(home: &Home) -> NoteKey {
    let shown = home.run(&["--json", "key", "show"]).expect(0).json();
    let mut bytes = [0; 32];
    hex::decode_to_slice(shown["public_key"].as_str().unwrap(), &mut bytes).unwrap();
    NoteKey::witness("witness.example/1", PublicKey::from_bytes(&bytes).unwrap()).unwrap()
}

fn witness(home: &Home, more: &[&str]) -> Run {
    let mut args = vec![
        "witness",
        "--name",
        "witness.example/1",
        "--trust",
        "root.json",
    ];
    args.extend(["--passphrase-file", "pass"]);
    args.extend(more);
    home.run(&args)
}

/// A chain that shares the other's genesis and differs from height 1 on.
fn fork_of(chain: &Chain, blocks: usize) -> TestNet {
    let mut fork = TestNet::new(4);
    fork.genesis = chain.net.genesis.clone();
    fork.history = piao_chain::proof::history::History::default();
    fork.history.push(&fork.genesis.header().id());
    fork.set_clock_ms(fork.genesis.time_ms + 60_000);
    for _ in 0..blocks {
        fork.commit(vec![]);
    }
    fork
}

#[test]
fn a_witness_cosigns_a_log_that_goes_on_and_only_that() {
    let mut chain = Chain::fresh();
    chain.go_on(0);
    let fork = fork_of(&chain, 9);
    let foreign = Chain::aged(HOUR_MS);
    let log = Arc::new(Mutex::new(chain.net));
    let stub = node(&log);
    let chain = Chain { net: fork };
    let home = home_of(&chain, &stub);

    let first = witness(&home, &["--json"]).expect(0).json();
    let own = own_key(&home);
    let note = Note::parse(first["note"].as_str().unwrap()).unwrap();
    assert_eq!(note.verify(&own), Ok(first["time"].as_u64().unwrap()));
    assert_eq!(first["verifier"], own.verifier());
    let origin = Origin(chain.net.genesis.chain_id());
    let seen = LogCheckpoint::open(&note, origin, key("log").public_key()).unwrap();
    assert_eq!(first["size"], seen.size);
    // The same again is cosigned again, with a later time.
    witness(&home, &[]).expect(0);

    // It goes on.
    for _ in 0..5 {
        log.lock().unwrap().commit(vec![]);
    }
    let saved = witness(&home, &["-o", "note.txt"]).expect(0);
    assert!(saved.stderr.contains("cosigned the log of"), "{saved:?}");
    let note = Note::parse(&fs::read_to_string(home.path("note.txt")).unwrap()).unwrap();
    assert!(note.verify(&own).is_ok());
    let state = home.path(&format!(".local/state/piao/witness-{}.json", origin.0));
    let before = fs::read_to_string(&state).unwrap();

    // Another history of the same log: not cosigned, and kept as evidence.
    let honest = std::mem::replace(&mut *log.lock().unwrap(), fork_of(&chain, 40));
    let run = witness(&home, &["--json"]).expect(5);
    assert_eq!(run.json()["code"], "LOG_INCONSISTENT");
    let evidence = state.with_extension("conflict.json");
    let evidence: serde_json::Value = serde_json::from_slice(&fs::read(evidence).unwrap()).unwrap();
    for side in ["before", "now"] {
        let note = Note::parse(evidence[side].as_str().unwrap()).unwrap();
        assert!(LogCheckpoint::open(&note, origin, key("log").public_key()).is_ok());
    }
    assert_ne!(evidence["before"], evidence["now"]);
    // A node that lags, and the log of another network.
    *log.lock().unwrap() = fork_of(&chain, 2);
    assert_eq!(
        witness(&home, &["--json"]).expect(6).json()["code"],
        "LOG_BEHIND"
    );
    *log.lock().unwrap() = foreign.net;
    assert_eq!(
        witness(&home, &["--json"]).expect(5).json()["code"],
        "CHECKPOINT_FALSE"
    );
    assert_eq!(
        fs::read_to_string(&state).unwrap(),
        before,
        "nothing of that was kept"
    );

    *log.lock().unwrap() = honest;
    witness(&home, &[]).expect(0);
}

#[test]
fn a_damaged_memory_is_no_fresh_start_and_two_witnesses_never_share_one() {
    let chain = Chain::fresh();
    let log = Arc::new(Mutex::new(fork_of(&chain, 3)));
    let stub = node(&log);
    let home = home_of(&chain, &stub);
    witness(&home, &[]).expect(0);
    let origin = chain.net.genesis.chain_id();
    let state = home.path(&format!(".local/state/piao/witness-{origin}.json"));
    let whole = fs::read(&state).unwrap();
    fs::write(&state, "{}").unwrap();
    assert_eq!(
        witness(&home, &["--json"]).expect(1).json()["code"],
        "WITNESS_STATE_UNUSABLE"
    );
    fs::write(&state, whole).unwrap();
    let held = fs::File::open(state.with_extension("lock")).unwrap();
    held.lock().unwrap();
    let run = witness(&home, &[]).expect(1);
    assert!(
        run.stderr.contains("another witness works on"),
        "{}",
        run.stderr
    );
}

#[test]
fn the_first_checkpoint_must_hold_the_block_of_the_trust_root() {
    let chain = Chain::fresh();
    let root = chain.trust_root_as(|body| body.checkpoint.block_id.0[0] ^= 1);
    let plain = chain.trust_root();
    let log = Arc::new(Mutex::new(fork_of(&chain, 3)));
    let stub = node(&log);
    let home = home_of(&chain, &stub);
    home.write("root.json", root);
    let run = witness(&home, &["--json"]).expect(5);
    assert_eq!(run.json()["code"], "CHECKPOINT_FALSE");
    home.write("root.json", plain);
    witness(&home, &[]).expect(0);
    home.run(&["witness", "--name", "a+b"]).expect(2);
}
