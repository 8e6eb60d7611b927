//! Fills a folder with proofs, to measure `piao verify DIR` on.
//!
//! `cargo run --release --package piao-wallet --example folder_of_proofs -- FOLDER [COUNT]` makes
//! FOLDER/proofs and FOLDER/trust-root.json, and prints the command to time. A hundred invoices lie in
//! a block, each proof speaks for its own block, and one in a thousand is forged, so that every kind
//! of work is there: the measured command ends with exit code 5 and names as many as false.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a tool for measuring, which ends where it can not go on"
)]

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use piao_chain::proof::TrustRootBody;
use piao_chain::proof::history::History;
use piao_chain::testing::{TestNet, sample_invoice};
use piao_chain::time::{BlockTime, IssueDate};
use piao_chain::transaction::Payload;

/// Invoices in a block.
const PER_BLOCK: usize = 100;
/// One in so many is forged.
const FORGED_EACH: usize = 1_000;
/// Members of the validator set.
const VALIDATORS: usize = 7;

fn main() {
    let mut arguments = std::env::args_os().skip(1);
    let folder = PathBuf::from(arguments.next().unwrap_or_else(|| "verify-bench".into()));
    let count = arguments
        .next()
        .and_then(|text| text.to_str()?.parse().ok());
    let count: usize = count.unwrap_or(10_000);
    let proofs = folder.join("proofs");
    std::fs::create_dir_all(&proofs).unwrap();
    let mut net = network();
    let root = TrustRootBody::of_genesis(&net.genesis).sign(&[&net.authority]);
    let root = serde_json::to_vec_pretty(&root).unwrap();
    std::fs::write(folder.join("trust-root.json"), root).unwrap();
    let mut made = 0;
    while made < count {
        let batch = PER_BLOCK.min(count - made);
        let transactions = (0..batch).map(|n| invoice(&mut net, made + n)).collect();
        net.commit(transactions);
        for n in 0..batch {
            let mut file = net.prove(net.tip().height, n).unwrap().encode();
            if made % FORGED_EACH == 7 {
                let last = file.len() - 1;
                file[last] ^= 1;
            }
            std::fs::write(proofs.join(format!("{made:06}.proof")), file).unwrap();
            made += 1;
        }
    }
    let folder = folder.display();
    println!("time piao verify {folder}/proofs --trust {folder}/trust-root.json >/dev/null");
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    u64::try_from(since.as_millis()).unwrap()
}

/// A network whose clock is that of this machine, with a merchant who has credit.
fn network() -> TestNet {
    let mut net = TestNet::new(VALIDATORS);
    net.genesis.time_ms = now_ms() - 3_600_000;
    net.history = History::default();
    net.history.push(&net.genesis.header().id());
    net.set_clock_ms(now_ms() - 600_000);
    let register = net.register_merchant();
    net.commit(vec![register]);
    let credit = net.credit(1, 100_000_000, "first");
    net.commit(vec![credit]);
    net
}

fn invoice(net: &mut TestNet, n: usize) -> piao_chain::transaction::SignedTransaction {
    let mut invoice = sample_invoice(&format!("order {n}"));
    invoice.facts.issued_on = IssueDate::of(BlockTime::from_ms(now_ms() - 600_000));
    let key = net.merchant.clone();
    let payload = Payload::IssueInvoice(Box::new(invoice));
    let body = net.body(1, &key.public_key(), payload);
    TestNet::sign(body, &key)
}
