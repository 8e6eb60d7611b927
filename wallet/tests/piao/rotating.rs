//! Keys that are changed and revoked on a chain in memory, whatever is cut off in between.

use std::sync::{Arc, Mutex, MutexGuard};

use piao_chain::failure::FailureCode;
use piao_chain::outcome::Outcome;
use piao_chain::signature::{KeyId, PublicKey, Signature};
use piao_chain::state::{KeyLeaf, KeyRole, Leaf, Slot, StateView as _};
use piao_chain::testing::TestNet;
use piao_chain::transaction::{AddKey, Payload, SignedTransaction};
use serde_json::{Value, json};

use crate::chain::Chain;
use crate::process::Home;
use crate::stub::{Reply, Request, Stub, refusal};

/// When a node hangs up on a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cut {
    Never,
    BeforeItArrives,
    BeforeTheReply,
}

/// A node over a chain in memory that knows keys and takes transactions.
struct World {
    chain: Chain,
    cut: Cut,
    taken: usize,
}

type Shared = Arc<Mutex<World>>;

fn lock(world: &Shared) -> MutexGuard<'_, World> {
    world.lock().unwrap()
}

fn world() -> Shared {
    Arc::new(Mutex::new(World {
        chain: Chain::fresh(),
        cut: Cut::Never,
        taken: 0,
    }))
}

fn node(world: &Shared) -> Stub {
    let world = Arc::clone(world);
    Stub::start(move |request| lock(&world).answer(request))
}

impl World {
    fn key(&self, id: &str) -> Option<(PublicKey, KeyLeaf)> {
        let mut bytes = [0; 16];
        hex::decode_to_slice(id, &mut bytes).unwrap();
        let state = &self.chain.net.state;
        let index = state.key_index(&KeyId(bytes)).unwrap()?;
        match state.leaf(Slot::key(index)).unwrap()? {
            Leaf::Key(key, leaf) => Some((key, leaf)),
            _ => None,
        }
    }

    fn answer(&mut self, request: &Request) -> Reply {
        if let Some(id) = request.line.strip_prefix("GET /v1/keys/") {
            let Some((key, leaf)) = self.key(id) else {
                return refusal(FailureCode::ResourceNotFound);
            };
            return crate::stub::json(
                200,
                &json!({
                    "id": id,
                    "public_key": hex::encode(key.as_bytes()),
                    "account": leaf.account,
                    "role": leaf.role.as_str(),
                    "from_height": leaf.from_height,
                    "revoked_height": leaf.revoked_height,
                    "disputed_since": leaf.disputed_since,
                    "height": self.chain.net.tip().height,
                }),
            );
        }
        if request.line.starts_with("POST /v1/transactions") {
            return self.take(&request.body);
        }
        assert_eq!(request.line, "GET /v1/chain");
        let tip = self.chain.net.tip();
        crate::stub::json(
            200,
            &json!({
                "chain_id": tip.chain_id.to_string(), "network": "test", "height": tip.height,
                "block_id": "", "time": "", "peers": 0, "syncing": false,
                "network_height": tip.height, "validators": 4,
            }),
        )
    }

    fn take(&mut self, bytes: &[u8]) -> Reply {
        if self.cut == Cut::BeforeItArrives {
            return None;
        }
        let transaction = SignedTransaction::decode(bytes).unwrap();
        let outcomes = self.chain.net.commit(vec![transaction.clone()]);
        if self.cut == Cut::BeforeTheReply {
            return None;
        }
        let Some(outcome) = outcomes.first() else {
            // What a node says of a key that is revoked.
            return refusal(FailureCode::KeyRevoked);
        };
        self.taken += 1;
        crate::stub::json(201, &self.outcome(&transaction, outcome))
    }

    fn outcome(&self, transaction: &SignedTransaction, outcome: &Outcome) -> Value {
        json!({
            "txid": transaction.id().to_string(), "state": "final", "action": null,
            "account": transaction.body().account, "height": self.chain.net.tip().height,
            "index": 0, "time": null, "code": outcome.failure().map(FailureCode::code),
            "name": null, "fee_charged": "0.00",
        })
    }
}

/// Makes a key with the program and has the authority bind it to account 1.
fn bound_key(home: &Home, world: &Shared, name: &str, role: KeyRole) -> String {
    home.write("pass", "correct horse");
    let pass = ["--passphrase-file", "pass"];
    let new = ["key", "new", "--name", name];
    home.run(&[&new[..], &pass].concat()).expect(0);
    let chain_id = lock(world).chain.net.genesis.chain_id();
    let network = chain_id.to_string();
    let show = ["--json", "key", "show", name, "--possession", &network];
    let shown = home.run(&[&show[..], &pass].concat()).expect(0).json();
    let mut key = [0; 32];
    hex::decode_to_slice(shown["public_key"].as_str().unwrap(), &mut key).unwrap();
    let mut pop = [0; 64];
    hex::decode_to_slice(shown["possession"].as_str().unwrap(), &mut pop).unwrap();
    let net = &mut lock(world).chain.net;
    let authority = net.authority.clone();
    let payload = Payload::AddKey(AddKey {
        account: 1,
        key: PublicKey::from_bytes(&key).unwrap(),
        role,
        pop: Signature(pop),
    });
    let body = net.body(0, &authority.public_key(), payload);
    let outcomes = net.commit(vec![TestNet::sign(body, &authority)]);
    assert!(outcomes[0].is_applied());
    shown["id"].as_str().unwrap().to_owned()
}

fn keys(home: &Home) -> Vec<Value> {
    let list = home.run(&["--json", "key", "list"]).expect(0).json();
    list["data"].as_array().unwrap().clone()
}

const ROTATE: [&str; 6] = [
    "--json",
    "key",
    "rotate",
    "till",
    "--passphrase-file",
    "pass",
];

#[test]
fn a_key_is_changed_once_and_the_old_one_is_shown_as_retired() {
    let world = world();
    let node = node(&world);
    let home = Home::with_node(&node.url);
    let old = bound_key(&home, &world, "till", KeyRole::Issue);
    let rotated = home.run(&ROTATE).expect(0).json();
    assert_eq!(
        (&rotated["account"], &rotated["role"]),
        (&1.into(), &"issue".into())
    );
    let new = rotated["new"]["id"].as_str().unwrap();
    assert_ne!(new, old);
    let height = lock(&world).chain.net.tip().height + 1;
    assert_eq!(rotated["from_height"], height);
    assert_eq!(
        lock(&world).key(&old).unwrap().1.revoked_height,
        Some(height)
    );
    assert_eq!(lock(&world).key(new).unwrap().1.revoked_height, None);
    let list = keys(&home);
    assert_eq!(list.len(), 2);
    for key in &list {
        let retired = &key["retired"]["replaced_by"];
        let wanted = if key["id"] == old.as_str() {
            json!(new)
        } else {
            Value::Null
        };
        assert_eq!(*retired, wanted, "{key}");
    }
    let plain = home.run(&["key", "list"]).expect(0);
    assert!(
        plain.stdout.contains("retired since block"),
        "{}",
        plain.stdout
    );
    let zh = home.run(&["--lang", "zh", "key", "show", "till"]).expect(0);
    assert!(zh.stdout.contains("已停用"), "{}", zh.stdout);

    // Saying it again changes nothing; the new key is followed by a third.
    let again = home.run(&ROTATE).expect(0).json();
    assert_eq!(
        (&again["new"], &again["txid"]),
        (&rotated["new"], &Value::Null)
    );
    assert_eq!(lock(&world).taken, 1);
    let third = [
        "--json",
        "key",
        "rotate",
        "till-2",
        "--to",
        "safe",
        "--passphrase-file",
        "pass",
    ];
    let third = home.run(&third).expect(0).json();
    let file = third["new"]["file"].as_str().unwrap();
    assert!(file.ends_with("safe.key"), "{file}");
    assert_eq!(keys(&home).len(), 3);
}

#[test]
fn a_change_that_is_cut_off_anywhere_goes_on_with_the_same_new_key() {
    for cut in [Cut::BeforeItArrives, Cut::BeforeTheReply] {
        let world = world();
        let node = node(&world);
        let home = Home::with_node(&node.url);
        let old = bound_key(&home, &world, "till", KeyRole::Issue);
        lock(&world).cut = cut;
        let first = home.run(&ROTATE);
        let made = keys(&home);
        assert_eq!(made.len(), 2, "{cut:?}: {first:?}");
        if cut == Cut::BeforeItArrives {
            assert_eq!(first.code, 8, "{first:?}");
            assert!(made.iter().all(|key| key["retired"].is_null()), "{made:?}");
            let other = [&ROTATE[..], &["--to", "another"]].concat();
            home.run(&other).expect(2);
        } else {
            // It became final, and the program found that out.
            assert_eq!(first.code, 0, "{first:?}");
        }
        lock(&world).cut = Cut::Never;
        let done = home.run(&ROTATE).expect(0).json();
        assert_eq!(keys(&home).len(), 2, "never two new keys");
        let new = made.iter().find(|key| key["id"] != old.as_str()).unwrap();
        assert_eq!(done["new"]["id"], new["id"]);
        assert!(lock(&world).key(new["id"].as_str().unwrap()).is_some());
    }
}

#[test]
fn a_crash_between_the_name_and_the_key_leaves_no_second_key() {
    let world = world();
    let node = node(&world);
    let home = Home::with_node(&node.url);
    bound_key(&home, &world, "till", KeyRole::Issue);
    // As a crash leaves it that came before the key was made.
    let rotation = home.path(".local/share/piao/keys/till.rotation");
    std::fs::write(&rotation, r#"{"to":"till-9.key"}"#).unwrap();
    let done = home.run(&ROTATE).expect(0).json();
    assert!(
        done["new"]["file"]
            .as_str()
            .unwrap()
            .ends_with("till-9.key")
    );
    assert!(!rotation.exists());
    // And one that came after the chain knew it, before that was noted.
    let retired = home.path(".local/share/piao/keys/till.retired");
    std::fs::remove_file(&retired).unwrap();
    std::fs::write(&rotation, r#"{"to":"till-9.key"}"#).unwrap();
    let again = home.run(&ROTATE).expect(0).json();
    assert_eq!(again["new"]["id"], done["new"]["id"]);
    assert!(retired.exists() && !rotation.exists());
    assert_eq!((lock(&world).taken, keys(&home).len()), (1, 2));
}

#[test]
fn a_key_that_nobody_bound_is_not_changed_and_nothing_is_made() {
    let world = world();
    let node = node(&world);
    let home = Home::with_node(&node.url);
    home.write("pass", "correct horse");
    let new = ["key", "new", "--name", "till", "--passphrase-file", "pass"];
    home.run(&new).expect(0);
    let run = home.run(&ROTATE).expect(3);
    assert_eq!(run.json()["code"], "E2003");
    assert_eq!(keys(&home).len(), 1);
    let away = Home::new();
    away.write("pass", "correct horse");
    away.run(&new).expect(0);
    away.run(&ROTATE).expect(8);
    assert_eq!(keys(&away).len(), 1);
}

#[test]
fn a_stolen_key_is_disputed_and_the_proof_of_its_invoice_is_genuine_but_not_in_force() {
    let world = world();
    let node = node(&world);
    let home = Home::with_node(&node.url);
    bound_key(&home, &world, "boss", KeyRole::Admin);
    let stolen = lock(&world)
        .chain
        .net
        .merchant
        .public_key()
        .id()
        .to_string();
    home.write("root.json", lock(&world).chain.trust_root());
    home.write("a.proof", lock(&world).chain.proof().encode());
    let verify = ["verify", "a.proof", "--trust", "root.json"];
    home.run(&verify).expect(0);

    let revoke = ["key", "revoke", &stolen, "--passphrase-file", "pass"];
    let dispute = [&revoke[..], &["--compromised-since-height", "3"]].concat();
    // It is another key that disputes, somebody must say so, and here nobody can be asked.
    home.run(&dispute).expect(2);
    let by = [&dispute[..], &["--by", "boss"]].concat();
    let nobody = home.run(&by).expect(2);
    for words in ["can't be undone", "from block 3 on", "exit 9", "--yes"] {
        assert!(nobody.stderr.contains(words), "{words}: {}", nobody.stderr);
    }
    assert_eq!(lock(&world).taken, 0);
    let zh = [&["--lang", "zh"], &by[..]].concat();
    let zh = home.run(&zh).expect(2);
    assert!(zh.stderr.contains("不可撤销"), "{}", zh.stderr);

    let json = home
        .run(&[&["--json"], &by[..], &["--yes"]].concat())
        .expect(0)
        .json();
    assert_eq!(
        (&json["disputed_since"], &json["role"]),
        (&3.into(), &"issue".into())
    );
    // The same again is no other one.
    home.run(&[&by[..], &["--yes"]].concat()).expect(0);
    assert_eq!(lock(&world).taken, 1);

    home.write("a.proof", lock(&world).chain.proof().encode());
    let run = home.run(&verify).expect(9);
    assert!(run.stdout.contains("disputed"), "{}", run.stdout);
    assert!(
        run.stdout.contains("disputed since block 3"),
        "{}",
        run.stdout
    );
    let json = home
        .run(&[&["--json"], &verify[..]].concat())
        .expect(9)
        .json();
    assert_eq!(json["reason"], "KEY_DISPUTED");
}

#[test]
fn a_key_ends_itself_but_does_not_dispute_what_it_signed() {
    let world = world();
    let node = node(&world);
    let home = Home::with_node(&node.url);
    let id = bound_key(&home, &world, "till", KeyRole::Issue);
    let own = [
        "key",
        "revoke",
        "till",
        "--yes",
        "--passphrase-file",
        "pass",
    ];
    let dispute = [
        &own[..],
        &["--by", "till", "--compromised-since-height", "1"],
    ]
    .concat();
    home.run(&dispute).expect(2);
    home.run(&own).expect(0);
    assert!(lock(&world).key(&id).unwrap().1.revoked_height.is_some());
    let list = keys(&home);
    assert!(list[0]["retired"]["height"].is_u64(), "{list:?}");
    let run = home.run(&ROTATE).expect(3);
    assert_eq!(run.json()["code"], "E2004");
    let unknown = ["key", "revoke", &"ab".repeat(16), "--by", "till", "--yes"];
    home.run(&unknown).expect(3);
    home.run(&["key", "revoke", "nobody", "--yes"]).expect(4);
}
