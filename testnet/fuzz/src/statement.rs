//! Statements about numbers and accounts: one spelling, and none holds that says of the network what
//! is not so.

use std::sync::LazyLock;

use piao_chain::proof::statement::{
    AbsenceProof, CompletenessProof, StatementFinding, verify_statement,
};
use piao_chain::proof::{StatementTwin, TrustRoot, VerifyOptions};
use piao_chain::testing::TestNet;
use piao_chain::time::BlockTime;

use crate::{Seeds, Target};

pub(crate) const TARGET: Target = Target {
    name: "statement",
    run,
    seeds,
    bytes_max: 16 * 1024,
};

static NET: LazyLock<TestNet> = LazyLock::new(net);
static ROOT: LazyLock<TrustRoot> = LazyLock::new(|| NET.trust_root());
/// Numbers that were issued, by counter: all of account 1.
static ISSUED: LazyLock<Vec<String>> = LazyLock::new(|| {
    let outcomes = NET.blocks.iter().flat_map(|decided| &decided.outcomes);
    let effects = outcomes.flat_map(|outcome| &outcome.effects);
    effects.map(|effect| effect.number.to_string()).collect()
});

fn run(bytes: &[u8]) {
    if let Ok(proof) = AbsenceProof::decode(bytes) {
        assert_eq!(proof.encode(), bytes, "another spelling");
    }
    if let Ok(proof) = CompletenessProof::decode(bytes) {
        assert_eq!(proof.encode(), bytes, "another spelling");
    }
    if let Ok(twin) = StatementTwin::of_file(bytes) {
        assert_eq!(
            twin.to_file().as_deref(),
            Ok(bytes),
            "another file of one twin"
        );
    }
    if let Ok(twin) = serde_json::from_slice::<StatementTwin>(bytes)
        && let Ok(file) = twin.to_file()
        && let Ok(again) = StatementTwin::of_file(&file)
    {
        assert_eq!(again, twin, "another twin of one file");
    }
    let options = VerifyOptions {
        now: BlockTime::from_ms(NET.tip().time_ms.saturating_add(1_000)),
        max_age_ms: None,
    };
    let blind = verify_statement(bytes, None, &options);
    assert_ne!(
        blind.verdict,
        StatementFinding::Holds,
        "believed without a trust root"
    );
    let verdict = verify_statement(bytes, Some(&ROOT), &options);
    if verdict.verdict != StatementFinding::Holds {
        return;
    }
    if let Some(number) = &verdict.number {
        assert!(!ISSUED.contains(number), "{number} is issued");
    }
    let places = verdict.invoices.iter().map(|row| {
        let at = usize::try_from(row.counter).ok()?.checked_sub(1)?;
        ISSUED.get(at).filter(|number| **number == row.number)
    });
    assert!(
        places.into_iter().all(|place| place.is_some()),
        "another list"
    );
}

fn net() -> TestNet {
    let mut net = TestNet::with_merchant(4);
    for order in ["a", "b", "c", "d"] {
        let invoice = net.invoice(order);
        net.commit(vec![invoice]);
    }
    net.commit(vec![]);
    net
}

fn seeds() -> Seeds {
    let absence = |text: &str| {
        let number = text.parse().expect("20 digits");
        NET.absence(number).map(|proof| proof.encode())
    };
    let list = |from, to| NET.completeness(1, from, to).map(|proof| proof.encode());
    let all = [
        ("next", absence("26427000000000000005")),
        ("taken", absence("26437000000000000002")),
        ("all", list(1, None)),
        ("middle", list(2, Some(3))),
    ];
    let made = all.into_iter();
    made.filter_map(|(name, file)| file.map(|file| (name, file)))
        .collect()
}
