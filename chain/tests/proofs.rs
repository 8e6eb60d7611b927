//! Proofs: every graded verdict, and every attack on the file.

use piao_chain::proof::{
    CheckResult, Finding, Proof, ProofTwin, Reason, TrustRoot, TrustRootBody, TrustRootEnvelope,
    Verdict, VerifierCache, VerifyOptions, verify, verify_with,
};
use piao_chain::signature::KeyId;
use piao_chain::testing::{TestNet, sample_document};
use piao_chain::time::BlockTime;
use serde_json::Value;

struct Case {
    net: TestNet,
    root: TrustRoot,
}

impl Case {
    fn new(validators: usize) -> Self {
        let mut net = TestNet::with_merchant(validators);
        let batch = vec![net.invoice("a"), net.invoice("b"), net.invoice("c")];
        net.commit(batch);
        let root = net.trust_root();
        Self { net, root }
    }

    fn judge(&self, bytes: &[u8]) -> Verdict {
        self.judge_at(bytes, self.net.now().ms())
    }

    fn judge_at(&self, bytes: &[u8], now_ms: u64) -> Verdict {
        let options = VerifyOptions {
            now: BlockTime::from_ms(now_ms),
            max_age_ms: None,
        };
        verify(bytes, Some(&self.root), &options)
    }

    fn proof(&self) -> Proof {
        self.net.prove(3, 1).expect("block 3 holds three invoices")
    }
}

#[test]
fn a_proof_of_the_tip_and_one_of_an_older_block_are_in_force() {
    let mut case = Case::new(4);
    for _height in 0..2 {
        let verdict = case.judge(&case.proof().encode());
        assert_eq!(
            (verdict.verdict, verdict.reason),
            (Finding::InForce, Reason::Genuine)
        );
        assert_eq!(verdict.number.as_deref(), Some("26427000000000000002"));
        assert_eq!(verdict.totals.unwrap().gross, "106.00");
        assert_eq!(verdict.seller.unwrap().name, "武汉市江岸区示例餐饮店");
        assert_eq!(verdict.as_of.unwrap().height, case.net.tip().height);
        let last = verdict.checks.last().unwrap();
        assert_eq!(
            (last.name, last.result),
            ("later_changes", CheckResult::NotChecked)
        );
        case.net.commit(vec![]);
    }
    assert!(case.proof().latest.is_some());
}

#[test]
fn any_flipped_bit_is_never_in_force() {
    let mut case = Case::new(2);
    case.net.commit(vec![]);
    let bytes = case.proof().encode();
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1 << (at % 8);
        let verdict = case.judge(&changed);
        assert!(
            matches!(verdict.verdict, Finding::False | Finding::Undecided),
            "byte {at}: {:?}",
            verdict.verdict
        );
    }
}

#[test]
fn any_cut_and_any_addition_is_false() {
    let case = Case::new(1);
    let bytes = case.proof().encode();
    for length in 0..bytes.len() {
        assert_eq!(
            case.judge(&bytes[..length]).verdict,
            Finding::False,
            "cut at {length}"
        );
    }
    let mut long = bytes;
    long.push(0);
    assert_eq!(case.judge(&long).verdict, Finding::False);
}

#[test]
fn without_a_trust_root_or_with_that_of_another_network_nothing_is_decided() {
    let case = Case::new(1);
    let bytes = case.proof().encode();
    let options = VerifyOptions {
        now: case.net.now(),
        max_age_ms: None,
    };
    let none = verify(&bytes, None, &options);
    assert_eq!(
        (none.verdict, none.reason),
        (Finding::Undecided, Reason::NoTrustRoot)
    );
    let other = TestNet::new(2).trust_root();
    let other = verify(&bytes, Some(&other), &options);
    assert_eq!(
        (other.verdict, other.reason),
        (Finding::Undecided, Reason::OtherChain)
    );
}

#[test]
fn age_grades_a_proof_and_a_stale_one_needs_consent() {
    let case = Case::new(1);
    let bytes = case.proof().encode();
    let now_ms = case.net.now().ms();
    let day_ms = 86_400_000;
    let grade = |age_ms: u64| {
        let verdict = case.judge_at(&bytes, now_ms + age_ms);
        (
            format!("{:?}", verdict.as_of.unwrap().freshness),
            verdict.verdict,
        )
    };
    assert_eq!(grade(0), ("Fresh".into(), Finding::InForce));
    assert_eq!(grade(day_ms / 2), ("Recent".into(), Finding::InForce));
    assert_eq!(grade(day_ms * 6), ("Aged".into(), Finding::InForce));
    assert_eq!(grade(day_ms * 8), ("Stale".into(), Finding::Undecided));
    let now = BlockTime::from_ms(now_ms + day_ms * 8);
    let consent = VerifyOptions {
        now,
        max_age_ms: Some(day_ms * 9),
    };
    assert_eq!(
        verify(&bytes, Some(&case.root), &consent).verdict,
        Finding::InForce
    );
    let stale_root = case.judge_at(&bytes, now_ms + day_ms * 181);
    assert_eq!(stale_root.reason, Reason::TrustRootStale);
    let early = case.judge_at(&bytes, now_ms - day_ms);
    assert_eq!(
        (early.verdict, early.reason),
        (Finding::Undecided, Reason::ClockBehind)
    );
}

#[test]
fn a_certificate_of_too_few_or_of_strangers_is_refused() {
    let case = Case::new(3);
    let mut few = case.proof();
    few.certificate.signatures.pop();
    let verdict = case.judge(&few.encode());
    assert_eq!(
        (verdict.verdict, verdict.reason),
        (Finding::False, Reason::CertificateInvalid)
    );

    let mut stranger = case.proof();
    stranger.certificate.signatures[2].0 = KeyId([0xff; 16]);
    assert_eq!(
        case.judge(&stranger.encode()).reason,
        Reason::CertificateInvalid
    );
}

#[test]
fn a_fork_signed_by_other_validators_is_not_believed() {
    // The same genesis id can't be had with other validators, so the forger keeps the genesis and
    // signs a header of its own making.
    let case = Case::new(1);
    let forger = TestNet::new(3);
    let mut proof = case.proof();
    proof.header.valset_hash = forger.genesis.validators.hash();
    proof.validators = forger.genesis.validators.clone();
    proof.certificate = forger.certify(&proof.header);
    let verdict = case.judge(&proof.encode());
    assert_eq!(
        (verdict.verdict, verdict.reason),
        (Finding::Undecided, Reason::UnknownValidatorSet)
    );
}

#[test]
fn parts_of_other_proofs_do_not_fit() {
    let mut case = Case::new(1);
    case.net.commit(vec![]);
    let other = case.net.prove(3, 2).unwrap();
    let mut path = case.proof();
    path.path.clone_from(&other.path);
    assert_eq!(case.judge(&path.encode()).reason, Reason::InclusionInvalid);
    let mut index = case.proof();
    index.index = 2;
    assert_eq!(case.judge(&index.encode()).reason, Reason::InclusionInvalid);
    let mut outcome = case.proof();
    outcome.outcome = other.outcome.clone();
    assert_eq!(
        case.judge(&outcome.encode()).reason,
        Reason::InclusionInvalid
    );
    let mut status = case.proof();
    status.status.path.siblings.pop();
    assert_eq!(case.judge(&status.encode()).reason, Reason::StatusInvalid);
    let mut key = case.proof();
    key.key.leaf.disputed_since = Some(1);
    assert_eq!(case.judge(&key.encode()).reason, Reason::KeyInvalid);
    let mut history = case.proof();
    history.latest.as_mut().unwrap().history_path.pop();
    assert_eq!(case.judge(&history.encode()).reason, Reason::HistoryInvalid);
}

#[test]
fn a_proof_of_another_transaction_is_no_invoice() {
    let case = Case::new(1);
    let mut proof = case.net.prove(3, 1).unwrap();
    let credit = &case.net.blocks[1];
    proof.transaction = credit.block.transactions[0].clone();
    proof.outcome = credit.outcomes[0].clone();
    proof.index = 0;
    proof.path = vec![];
    proof.header = credit.block.header.clone();
    proof.latest = Some(piao_chain::proof::Latest {
        header: case.net.tip(),
        history_path: case.net.history.path(2, 3).unwrap(),
    });
    let verdict = case.judge(&proof.encode());
    assert_eq!(
        (verdict.verdict, verdict.reason),
        (Finding::False, Reason::NotAnInvoice)
    );
}

#[test]
fn shown_fields_are_listed_and_a_foreign_one_is_refused() {
    let case = Case::new(1);
    let document = sample_document("b");
    let mut proof = case.proof();
    proof.disclosed = vec![document.disclose(2, 0).unwrap()];
    let verdict = case.judge(&proof.encode());
    assert_eq!((verdict.verdict, verdict.withheld), (Finding::InForce, 2));
    assert_eq!(verdict.shown[0].value, "示例公司");
    proof.disclosed = vec![sample_document("a").disclose(2, 0).unwrap()];
    assert_eq!(
        case.judge(&proof.encode()).reason,
        Reason::DisclosureInvalid
    );
}

#[test]
fn the_card_of_another_key_or_signer_is_refused() {
    let case = Case::new(1);
    let mut renamed = case.proof();
    renamed.card.as_mut().unwrap().card.name = "another".into();
    assert_eq!(case.judge(&renamed.encode()).reason, Reason::CardInvalid);
    let mut without = case.proof();
    without.card = None;
    let verdict = case.judge(&without.encode());
    assert_eq!((verdict.verdict, verdict.seller), (Finding::InForce, None));
}

#[test]
fn the_json_twin_gives_back_the_same_file() {
    let mut case = Case::new(2);
    case.net.commit(vec![]);
    let proof = case.proof();
    let twin = ProofTwin::of(&proof);
    let json = serde_json::to_string(&twin).unwrap();
    let again: ProofTwin = serde_json::from_str(&json).unwrap();
    assert_eq!(again.to_file().unwrap(), proof.encode());
    assert_eq!(Proof::decode(&proof.encode()).unwrap(), proof);
    let shouting = ProofTwin {
        header: twin.header.to_uppercase(),
        ..twin
    };
    assert!(shouting.to_file().is_err());
}

#[test]
fn a_cache_never_changes_a_verdict_whatever_it_has_seen() {
    let case = Case::new(4);
    let genuine = case.proof();
    let options = VerifyOptions {
        now: case.net.now(),
        max_age_ms: None,
    };
    let mut forged = vec![genuine.clone(); 6];
    forged[0].certificate.signatures[0].1.0[3] ^= 1;
    forged[1].certificate.round += 1;
    forged[2].certificate.signatures.truncate(2);
    forged[3].card.as_mut().unwrap().card.name = "another".into();
    forged[4].card.as_mut().unwrap().signature.0[3] ^= 1;
    forged[5].validators = TestNet::with_merchant(5).genesis.validators;
    let mut files = vec![genuine.encode(), case.net.prove(3, 2).unwrap().encode()];
    files.extend(forged.iter().map(Proof::encode));
    // Every eleventh byte of the genuine file changed, too.
    for at in (0..files[0].len()).step_by(11) {
        let mut changed = files[0].clone();
        changed[at] ^= 1 << (at % 8);
        files.push(changed);
    }
    let mut cache = VerifierCache::default();
    for round in ["cold", "warm"] {
        for (at, file) in files.iter().enumerate() {
            let (cached, _) = verify_with(file, Some(&case.root), &options, &mut cache);
            assert_eq!(
                cached,
                verify(file, Some(&case.root), &options),
                "{round} {at}"
            );
        }
    }
    // Another trust root asks anew: it names other keys.
    let stranger = TestNet::with_merchant(5).trust_root();
    let (cached, _) = verify_with(&files[0], Some(&stranger), &options, &mut cache);
    assert_eq!(cached, verify(&files[0], Some(&stranger), &options));
    assert_ne!(cached.verdict, Finding::InForce);
}

#[test]
fn a_twin_or_trust_root_given_as_lists_is_none() {
    let case = Case::new(2);
    let twin = serde_json::to_string(&ProofTwin::of(&case.proof())).unwrap();
    let Value::Object(members) = serde_json::from_str(&twin).unwrap() else {
        panic!("a twin is an object")
    };
    // Members of the text, in its order: `serde_json` sorts those of a `Value`.
    let mut placed: Vec<_> = members.iter().collect();
    placed.sort_by_key(|(name, _value)| twin.find(&format!("\"{name}\":")));
    let mut values: Vec<Value> = placed.into_iter().map(|(_, value)| value.clone()).collect();
    // The records that are left out stand in a list as null.
    for absent in [3, 7, 10] {
        values.insert(absent, Value::Null);
    }
    values.push(Value::Null);
    let list = serde_json::to_string(&values).unwrap();
    assert!(serde_json::from_str::<ProofTwin>(&twin).is_ok());
    assert!(serde_json::from_str::<ProofTwin>(&list).is_err(), "{list}");

    let envelope = TrustRootBody::of_genesis(&case.net.genesis).sign(&[&case.net.authority]);
    let json = serde_json::to_value(&envelope).unwrap();
    let read = |json: &Value| serde_json::from_value::<TrustRootEnvelope>(json.clone());
    assert_eq!(read(&json).unwrap(), envelope);
    let members = [
        "type",
        "network",
        "chain_id",
        "fingerprint",
        "body",
        "signatures",
    ];
    let outer: Value = members.iter().map(|name| json[name].clone()).collect();
    assert!(read(&outer).is_err(), "the envelope");
    let mut inner = json.clone();
    let signed = json["signatures"][0].clone();
    inner["signatures"][0] = ["key_id", "signature"]
        .iter()
        .map(|name| signed[name].clone())
        .collect();
    assert!(read(&inner).is_err(), "a signature of it");
}

#[test]
fn unknown_versions_suites_and_records_are_undecided() {
    let case = Case::new(1);
    let bytes = case.proof().encode();
    let with = |at: usize, value: u8| {
        let mut changed = bytes.clone();
        changed[at] = value;
        case.judge(&changed).reason
    };
    assert_eq!(with(8, 2), Reason::UnknownVersion);
    assert_eq!(with(9, 2), Reason::UnknownSuite);
    let mut record = bytes.clone();
    record.extend_from_slice(&[0, 99, 0, 0, 0, 0]);
    let length = u32::try_from(record.len() - 14).unwrap();
    record[10..14].copy_from_slice(&length.to_be_bytes());
    assert_eq!(case.judge(&record).reason, Reason::UnknownRecord);
}

#[test]
fn a_trust_root_needs_its_authoritys_signature_and_its_fingerprint_follows_the_body() {
    let net = TestNet::new(1);
    let body = TrustRootBody::of_genesis(&net.genesis);
    let envelope = body.sign(&[&net.authority]);
    let root = TrustRoot::open(&envelope).unwrap();
    assert_eq!(root.fingerprint(), envelope.fingerprint);
    let mut unsigned = envelope.clone();
    unsigned.signatures.clear();
    assert!(TrustRoot::open(&unsigned).is_err());
    let stranger = body.sign(&[&piao_chain::testing::key("stranger")]);
    assert!(TrustRoot::open(&stranger).is_err());
    let mut changed = envelope;
    let flipped = if changed.body.ends_with('0') {
        "1"
    } else {
        "0"
    };
    changed
        .body
        .replace_range(changed.body.len() - 1.., flipped);
    assert!(TrustRoot::open(&changed).is_err());
}

#[test]
fn sizes_stay_within_their_bounds() {
    let mut case = Case::new(7);
    let fresh = case.proof();
    let without = |proof: &Proof| {
        let transaction = proof.transaction.encoded_len();
        proof.encode().len() - transaction - piao_chain::codec::encode(&proof.card).len()
    };
    case.net.commit(vec![]);
    assert!(without(&fresh) < 3_700, "{}", without(&fresh));
    assert!(without(&case.proof()) < 3_700, "{}", without(&case.proof()));
}
