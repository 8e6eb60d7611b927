//! Thirty cases of the campaign with real processes: what `piaod` serves on damaged data is what it
//! served before, or it refuses; what `piaod doctor --json` says to do, done by commands, helps.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use piao_chain::proof::Finding;
use serde_json::Value;

use crate::damage_campaign::{Case, SEED, cases};
use crate::damage_oracle::{Reference, put_back};
use crate::process::{Node, judge, piaod, run};

const CASES: usize = 30;
const WORKERS: usize = 2;

/// Proofs verified of one node: the first, one in the middle and the last.
fn proven(reference: &Reference) -> [&str; 3] {
    let all = &reference.invoices;
    [0, all.len() / 2, all.len() - 1].map(|nth| all[nth].0.as_str())
}

/// How many invoices a node shows as they were; an error for one that it shows in another way. One
/// that it refuses to show does not count.
async fn shown(node: &Node, reference: &Reference) -> Result<usize, String> {
    let mut same = 0;
    for (number, document) in &reference.invoices {
        if let Ok(invoice) = node.client.invoice(number).await {
            let found = serde_json::to_value(invoice.document).unwrap();
            if found != *document {
                return Err(format!("{number} is {found}, was {document}"));
            }
            same += 1;
        }
    }
    Ok(same)
}

async fn prove(node: &Node, numbers: &[&str]) {
    let root = node.trust_root().await;
    for number in numbers {
        let verdict = judge(&node.proof(number).await, Some(&root));
        assert_eq!(verdict.verdict, Finding::InForce, "{:?}", verdict.reason);
    }
}

async fn one(case: &Case, nth: usize, reference: &Reference) -> Result<(), String> {
    let folder = reference.copy();
    let data = folder.path().join("data");
    case.apply(&data);
    let report = doctor(&data);
    match Node::try_with(&data, &[]) {
        Ok(mut node) => {
            let same = shown(&node, reference).await?;
            if same == reference.invoices.len() {
                prove(&node, &proven(reference)).await;
                return Ok(());
            }
            node.kill();
        }
        Err(said) if said.lines().count() == 1 => {}
        Err(said) => return Err(format!("not one line: {said}")),
    }
    let findings = report["findings"].as_array().unwrap();
    let damage = findings
        .iter()
        .find(|finding| finding["severity"] == "damage");
    let ways = damage.ok_or("refused, but the doctor found nothing")?["ways_out"]
        .as_array()
        .unwrap();
    let way = &ways[nth % ways.len()];
    let mut is_whole = true;
    match way["way_out"].as_str().unwrap() {
        "put_back" | "unlock" => {
            for file in ways[0]["files"].as_array().unwrap() {
                put_back(
                    &PathBuf::from(file.as_str().unwrap()),
                    &data,
                    &reference.data,
                );
            }
        }
        "reindex" => {
            let output = run(piaod("reindex", &data));
            assert!(output.status.success(), "{output:?}");
        }
        "accept_loss" => {
            Node::try_with(&data, &["--accept-loss"])?.kill();
            is_whole = way.get("from").is_none() && damage.is_some_and(|one| one["part"] != "desk");
        }
        "start" => {}
        other => return Err(format!("no test does {other}")),
    }
    let node = Node::try_with(&data, &[]).map_err(|said| format!("{way}: {said}"))?;
    if is_whole {
        let same = shown(&node, reference).await?;
        assert_eq!(same, reference.invoices.len(), "{way}");
        prove(&node, &proven(reference)).await;
    }
    Ok(())
}

fn doctor(data: &Path) -> Value {
    let mut command = piaod("doctor", data);
    command.args(["--deep", "--json"]);
    serde_json::from_slice(&run(command).stdout).unwrap()
}

#[tokio::test]
async fn thirty_damaged_nodes_serve_what_they_served_or_say_what_to_do_and_it_helps() {
    let reference = Reference::make().await;
    let all = cases(&reference.data, SEED + 1);
    let step = all.len() / CASES;
    let picked: Vec<&Case> = all.iter().step_by(step).take(CASES).collect();
    let next = AtomicUsize::new(0);
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let worker = || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            let mut wrong = Vec::new();
            loop {
                let nth = next.fetch_add(1, Ordering::Relaxed);
                let Some(case) = picked.get(nth) else {
                    return wrong;
                };
                if let Err(what) = runtime.block_on(one(case, nth, &reference)) {
                    wrong.push(format!("{case:?}: {what}"));
                }
            }
        };
        let workers: Vec<_> = (0..WORKERS).map(|_nth| scope.spawn(worker)).collect();
        let joined = workers.into_iter().map(|worker| worker.join().unwrap());
        joined.flatten().collect()
    });
    assert!(
        wrong.is_empty(),
        "{} of {CASES}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
