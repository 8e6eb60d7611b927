//! Throughput means nothing if a proof fails: a sample is fetched and verified offline.

use piao_api::backend::{ProofForm, Show};
use piao_api::client::Client;
use piao_chain::proof::{Finding, TrustRoot, TrustRootEnvelope, VerifyOptions, verify};
use piao_chain::time::BlockTime;

/// Fetches and verifies the proofs of these numbers; how many are in force.
pub(crate) async fn check(
    client: &Client,
    numbers: &[String],
    now: BlockTime,
) -> Result<usize, String> {
    let text = client
        .trust_root()
        .await
        .map_err(|error| error.to_string())?;
    let envelope: TrustRootEnvelope =
        serde_json::from_slice(&text).map_err(|error| error.to_string())?;
    let root = TrustRoot::open(&envelope).map_err(|error| error.to_string())?;
    let options = VerifyOptions {
        now,
        max_age_ms: None,
    };
    let mut good = 0;
    for number in numbers {
        let proof = client
            .proof(number, ProofForm::Binary, &Show::Nothing)
            .await
            .map_err(|error| error.to_string())?;
        let verdict = verify(&proof.bytes, Some(&root), &options);
        if verdict.verdict == Finding::InForce && verdict.number.as_ref() == Some(number) {
            good += 1;
        }
    }
    Ok(good)
}
