//! Transactions: one spelling, one name; executing one never panics, never loses a fen, and no
//! signature passes that its key did not make.

use std::sync::LazyLock;

use piao_chain::execute::{VerifyEach, verify_block};
use piao_chain::limits::TX_BYTES_MAX;
use piao_chain::signature::SecretKey;
use piao_chain::state::KeyRole;
use piao_chain::testing::{TestNet, key};
use piao_chain::transaction::{AddKey, Payload, SetFeeSchedule, SignedTransaction};

use crate::net::{TIP, Trusting, assert_conserved, build, next_proposer, on_basis};
use crate::{Seeds, Target};

pub(crate) const TARGET: Target = Target {
    name: "transaction",
    run,
    seeds,
    bytes_max: 4096,
};

/// The only transactions whose signatures hold.
static GENUINE: LazyLock<Vec<Vec<u8>>> =
    LazyLock::new(|| seeds().into_iter().map(|(_name, bytes)| bytes).collect());

fn run(bytes: &[u8]) {
    let Ok(transaction) = SignedTransaction::decode(bytes) else {
        return;
    };
    assert!(bytes.len() <= TX_BYTES_MAX);
    assert_eq!(transaction.encode(), bytes, "another spelling");
    assert_eq!(transaction.encoded_len(), bytes.len());
    let parts = SignedTransaction::from_parts(
        transaction.body_bytes().to_vec(),
        transaction.signatures().to_vec(),
    );
    assert_eq!(parts.as_ref(), Ok(&transaction));
    executes(&transaction);
}

/// What a proposer packs, every voter accepts; the same transaction never twice.
fn executes(transaction: &SignedTransaction) {
    let net = &*TIP;
    on_basis(net, |basis| {
        let twice = vec![transaction.clone(), transaction.clone()];
        let built = build(basis, next_proposer(net), twice, &Trusting);
        let packed = built.block.transactions.len();
        assert!(packed <= 1, "packed twice");
        let verified = verify_block(basis, &built.block, &Trusting);
        assert_eq!(verified.as_ref(), Ok(&built.executed));
        if packed == 0 {
            return;
        }
        assert_eq!(transaction.check(&basis.parent.header.chain_id), Ok(()));
        let mut state = net.state.clone();
        state.apply(built.executed.delta);
        assert_conserved(&state);
        let strict = build(
            basis,
            next_proposer(net),
            vec![transaction.clone()],
            &VerifyEach,
        );
        if !strict.block.transactions.is_empty() {
            assert!(
                GENUINE.contains(&transaction.encode()),
                "a forged signature"
            );
        }
    });
}

fn seeds() -> Seeds {
    let mut net = TestNet::with_merchant(4);
    let first = vec![
        net.invoice("a"),
        net.invoice("b"),
        net.anchored_invoice("b"),
    ];
    net.commit(first);
    let (authority, merchant) = (net.authority.clone(), net.merchant.clone());
    let fees = Payload::SetFeeSchedule(SetFeeSchedule {
        issue_fen: 20,
        failure_fen: 2,
        from_height: 100,
    });
    let next = key("merchant 1, second key");
    let add_key = Payload::AddKey(AddKey {
        account: 1,
        key: next.public_key(),
        role: KeyRole::Issue,
        pop: next.prove_possession(&net.genesis.chain_id()),
    });
    vec![
        ("invoice", net.invoice("c").encode()),
        ("anchored-refusal", net.anchored_invoice("a").encode()),
        ("credit", net.credit(1, 700, "second").encode()),
        ("register-again", net.register_merchant().encode()),
        ("fees", signed(&mut net, 0, &authority, fees)),
        ("add-key", signed(&mut net, 1, &merchant, add_key)),
    ]
}

fn signed(net: &mut TestNet, account: u32, key: &SecretKey, payload: Payload) -> Vec<u8> {
    let body = net.body(account, &key.public_key(), payload);
    TestNet::sign(body, key).encode()
}
